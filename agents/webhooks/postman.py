"""Carries posts out: claims what is due, sends it with no transaction open, and writes down what came of it.

Sending runs on threads of its own, so an address that takes its time holds up nobody but itself. A post is
taken for a while; whoever dies in the middle leaves it to be sent again, which is why it may arrive twice.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from agents.webhooks.catalogue import BY_NAME, PING
from agents.webhooks.connection import post
from agents.webhooks.disabling import disable
from agents.webhooks.rules import (
    DISABLE_AFTER,
    PAUSE_AFTER,
    Answered,
    pause,
    retry_in,
    signature,
)
from db.errors import Unavailable
from db.people import scopes_of
from db.session import Database, Who
from db.settings import Settings
from db.webhooks import PostState, Webhook, WebhookAttempt, WebhookPost, WebhookState

log = structlog.get_logger()
ME = Who("agent:webhooks")

AT_ONCE = 64  # requests under way in one process
AT_ONCE_EACH = 4  # of one webhook; one while it fails
TAKEN_FOR = timedelta(seconds=60)  # longer than any request can last
LOOK_EVERY = 1.0  # seconds, for what waits for its time; fresh posts ring


@dataclass(frozen=True)
class Letter:
    """All that one request needs."""

    post_id: UUID
    webhook_id: UUID
    url: str
    secrets: tuple[str, ...]
    event: str
    event_id: UUID
    attempt: int
    body: bytes

    def headers(self, now: datetime, release: str) -> dict[str, str]:
        timestamp = int(now.timestamp())
        return {
            "Content-Type": "application/json",
            "User-Agent": f"Backoffice-Webhooks/{release}",
            "Backoffice-Event": self.event,
            "Backoffice-Event-Id": str(self.event_id),
            "Backoffice-Delivery-Id": str(self.post_id),
            "Backoffice-Attempt": str(self.attempt),
            "Backoffice-Timestamp": str(timestamp),
            "Backoffice-Signature": signature(self.secrets, timestamp, self.body),
        }


def body_of(row: WebhookPost, scopes: frozenset[str]) -> bytes:
    """The JSON that is sent: the same at every attempt, unless the owner may read less than before."""
    known = BY_NAME.get(row.event)
    data = known.told(row.data, scopes)[0] if known is not None else row.data
    at = row.happened_at.isoformat().replace("+00:00", "Z")
    return msgspec.json.encode({"id": row.event_id, "type": row.event, "at": at, "subject": row.subject, "data": data})


class Postman:
    def __init__(self, url: str, clock: Callable[[], datetime], settings: Settings) -> None:
        # Of its own: a hundred settled posts must not keep the agent from its work.
        self._db = Database(url, pool_size=4, application_name="backoffice-webhooks")
        self._clock, self._settings = clock, settings
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
        self._bell = threading.Event()
        self._counting = threading.Lock()
        self._under_way: Counter[UUID] = Counter()
        self._over = False

    @property
    def busy(self) -> bool:
        return self._under_way.total() > 0

    def start(self) -> None:
        threading.Thread(target=self._live, name="postman", daemon=True).start()

    def ring(self) -> None:
        """There may be something to send."""
        self._bell.set()

    def close(self) -> None:
        self._over = True
        self._bell.set()
        self._pool.shutdown(wait=True)
        self._db.close()

    def send_due(self) -> int:
        """Send everything that is due now and wait for it; returns how many requests that were."""
        sent = 0
        while under_way := self._send_some():
            wait(under_way)
            sent += len(under_way)
        return sent

    def _live(self) -> None:
        while not self._over:
            self._bell.wait(LOOK_EVERY)
            self._bell.clear()
            try:
                self._send_some()
            except Unavailable as trouble:
                log.warning("webhooks wait", trouble=trouble)
            except Exception:
                log.exception("the postman stumbled")

    def _send_some(self) -> list[Future[None]]:
        with self._db.reading() as session:
            hooks = _with_something_due(session, self._clock())
        started = []
        for webhook_id in hooks:
            room = min(AT_ONCE - self._under_way.total(), AT_ONCE_EACH - self._under_way[webhook_id])
            for letter in self._take(webhook_id, room) if room > 0 else []:
                with self._counting:
                    self._under_way[webhook_id] += 1
                started.append(self._pool.submit(self._carry, letter))
        return started

    def _take(self, webhook_id: UUID, room: int) -> list[Letter]:
        with self._db.transaction(ME, now=self._clock()) as tx:
            hook = tx.get(Webhook, webhook_id)
            if hook is None:
                return []
            scopes = scopes_of(tx, hook.owner, now=tx.now)
            most = AT_ONCE_EACH if hook.failures < PAUSE_AFTER else 1
            rows = _free(tx, hook, tx.now, min(room, most - _taken(tx, webhook_id, tx.now)))
            letters = []
            for row in rows:
                known = BY_NAME.get(row.event)
                if known is not None and known.scope not in scopes:
                    row.state, row.ended_at = PostState.failed, tx.now
                    row.error = f"The owner of the webhook no longer holds {known.scope}."
                    continue
                row.taken_until = tx.now + TAKEN_FOR
                letters.append(_letter(hook, row, scopes, tx.now))
            return letters

    def _carry(self, letter: Letter) -> None:
        try:
            headers = letter.headers(self._clock(), self._settings.release)
            answered = post(letter.url, headers, letter.body, networks=self._settings.webhook_networks)
            self._settle(letter, answered)
        except Unavailable as trouble:  # the post is free again when its time is over
            log.warning("a webhook was sent and could not be written down", trouble=trouble)
        except Exception:
            log.exception("a webhook could not be sent", post=str(letter.post_id))
        finally:
            with self._counting:
                self._under_way[letter.webhook_id] -= 1
            self._bell.set()

    def _settle(self, letter: Letter, answered: Answered) -> None:
        with self._db.transaction(ME, now=self._clock()) as tx:
            hook = tx.get(Webhook, letter.webhook_id, with_for_update={"key_share": True})
            row = tx.get(WebhookPost, letter.post_id, with_for_update=True)
            if hook is None or row is None:
                return
            row.attempts += 1
            row.taken_until, row.code, row.error = None, answered.status, answered.why
            tx.execute(
                insert(WebhookAttempt).values(
                    post_id=row.id, number=row.attempts, at=tx.now, took_ms=answered.took_ms,
                    code=answered.status, error=answered.why, answer=answered.body,
                )
            )  # fmt: skip
            if row.state != PostState.waiting:
                return  # it was sent twice, and the other one was settled first
            ping = row.event == PING
            again = None if ping or answered.gone else retry_in(row.attempts, answered, random())  # noqa: S311
            if answered.delivered or again is None:
                row.state, row.ended_at = (PostState.delivered if answered.delivered else PostState.failed), tx.now
            else:
                row.due_at = tx.now + again
            if answered.delivered:
                _count(tx, hook, failures=0, wait_until=None, answered_at=tx.now)
            elif not ping:
                rest = pause(hook.failures + 1, random())  # noqa: S311
                _count(tx, hook, failures=hook.failures + 1, wait_until=tx.now + rest if rest else None)
                if hook.status == WebhookState.active:
                    if answered.gone:
                        disable(tx, hook, "The address answered 410: it does not want to be told any more.")
                    elif hook.failures >= DISABLE_AFTER:
                        disable(tx, hook, f"{hook.failures} attempts in a row failed. The last: {answered.why}")


def _with_something_due(session: Session, now: datetime) -> list[UUID]:
    query = (
        select(WebhookPost.webhook_id)
        .join(Webhook, Webhook.id == WebhookPost.webhook_id)
        .where(WebhookPost.state == PostState.waiting, WebhookPost.due_at <= now, _is_free(now))
        .where(or_(_open(now), WebhookPost.event == PING))
        .group_by(WebhookPost.webhook_id)
        .order_by(func.min(WebhookPost.due_at))
    )
    return list(session.scalars(query))


def _free(session: Session, hook: Webhook, now: datetime, limit: int) -> list[WebhookPost]:
    """The oldest that are due, one of each subject: the next of a subject waits until the one before has ended."""
    if limit <= 0:
        return []
    earlier = aliased(WebhookPost)
    query = (
        select(WebhookPost)
        .where(WebhookPost.webhook_id == hook.id, WebhookPost.state == PostState.waiting)
        .where(WebhookPost.due_at <= now, _is_free(now))
        .where(
            ~select(earlier.id)
            .where(earlier.webhook_id == hook.id, earlier.state == PostState.waiting)
            .where(earlier.subject == WebhookPost.subject, earlier.serial < WebhookPost.serial)
            .exists()
        )
        .order_by(WebhookPost.serial)
        .limit(limit)
        .with_for_update(skip_locked=True, of=WebhookPost)
    )
    if hook.status != WebhookState.active or (hook.wait_until is not None and hook.wait_until > now):
        query = query.where(WebhookPost.event == PING)
    return list(session.scalars(query))


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(WebhookPost.taken_until.is_(None), WebhookPost.taken_until < now)


def _open(now: datetime) -> ColumnElement[bool]:
    resting = or_(Webhook.wait_until.is_(None), Webhook.wait_until <= now)
    return (Webhook.status == WebhookState.active) & resting


def _taken(session: Session, webhook_id: UUID, now: datetime) -> int:
    taken = select(func.count()).where(
        WebhookPost.webhook_id == webhook_id, WebhookPost.state == PostState.waiting, WebhookPost.taken_until >= now
    )
    return session.scalar(taken) or 0


def _letter(hook: Webhook, row: WebhookPost, scopes: frozenset[str], now: datetime) -> Letter:
    old = hook.old_secret if hook.old_secret_until is not None and hook.old_secret_until > now else None
    return Letter(
        row.id,
        hook.id,
        hook.url,
        (hook.secret, *([old] if old else [])),
        row.event,
        row.event_id,
        row.attempts + 1,
        body_of(row, scopes),
    )


def _count(session: Session, hook: Webhook, **values: object) -> None:
    """By statement and not through the model: counting is no change that somebody made."""
    session.execute(
        update(Webhook).where(Webhook.id == hook.id).values(**values).execution_options(synchronize_session=False)
    )
    session.refresh(hook)
