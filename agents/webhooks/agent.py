"""Tells the world outside what happens here. The only writer of webhooks, their posts and their attempts.

An event that a webhook asks for becomes a post in the transaction that hears of it; the postman carries
posts out afterwards, outside any transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from agents.agent import Agent
from agents.contract import Answer, Asked, Delivered, Receipt
from agents.customers.messages import CustomerErased
from agents.handlers import command, on
from agents.sets import TO_THE_END, Span
from agents.webhooks.catalogue import BY_KIND, BY_NAME, PATTERNS, PING, matching
from agents.webhooks.disabling import listen, stop
from agents.webhooks.messages import (
    ChangeWebhook,
    CreateWebhook,
    DeleteWebhook,
    DisableWebhook,
    EnableWebhook,
    PingWebhook,
    PostView,
    Redelivered,
    RedeliverFailed,
    RedeliverPost,
    RotateWebhookSecret,
    SendDuePosts,
    WebhookDeleted,
    WebhookView,
)
from agents.webhooks.postman import Postman
from agents.webhooks.refusals import BadAddress, MayNotHear, UnknownEvents, WebhookIsDisabled
from agents.webhooks.rules import wrong_with
from db.base import uuid7
from db.errors import NotFound
from db.people import scopes_of
from db.runtime import Delivery
from db.session import Transaction, Who, check_version
from db.settings import Settings, settings
from db.webhooks import WEBHOOK_MOVES, PostState, Webhook, WebhookPost, WebhookState, webhook_next

SECRET_START = "whsec_"  # noqa: S105 - how secrets begin
MOST_AGAIN = 1000

_FORGET_ANSWERS = text("""
    UPDATE webhook_attempts SET answer = NULL FROM webhook_posts p
    WHERE p.id = post_id AND p.subject = ANY(:subjects) AND answer IS NOT NULL
""")


class WebhooksAgent(Agent):
    name = "webhooks"

    def __init__(self, database_url: str, *, log_style: str | None = None, **process: Any) -> None:
        super().__init__(database_url, log_style=log_style, **process)
        if log_style is not None:  # in a process of its own; elsewhere somebody asks for `send_due`
            self.postman.start()

    def set_up(self) -> None:
        self.use(settings())
        self._refresh_kinds()

    def use(self, settings: Settings) -> None:
        """Where webhooks may go."""
        self._settings = settings
        self.postman = Postman(self.db.url, self.clock, settings)

    def work(self, asks: Sequence[Asked]) -> list[Answer]:
        answers = super().work(asks)
        self.postman.ring()
        return answers

    def take(self, messages: Sequence[Delivered], *, span: Span = TO_THE_END) -> list[Receipt]:
        receipts = super().take(messages, span=span)
        self.postman.ring()
        return receipts

    def idle_for(self) -> float:
        return 0.0 if self.postman.busy else super().idle_for()

    # What is heard

    def _hear(self, tx: Transaction, messages: Sequence[Delivered]) -> None:
        """Published events of any kind, beside what is handled as everywhere."""
        for message in messages:
            if message.kind in BY_KIND:
                self._write_posts(tx, message)
        if messages[0].kind in self.handlers:
            super()._hear(tx, messages)

    def _write_posts(self, tx: Transaction, message: Delivered) -> None:
        event = BY_KIND[message.kind]
        hooks = tx.scalars(
            select(Webhook).where(Webhook.status == WebhookState.active, Webhook.kinds.contains([message.kind]))
        ).all()
        payload = msgspec.msgpack.decode(message.payload)
        happened = tx.scalar(select(Delivery.created_at).where(Delivery.id == message.id)) or tx.now
        for hook in hooks:
            scopes = scopes_of(tx, hook.owner, now=tx.now)
            if event.scope not in scopes:
                continue
            data, needs = event.told(payload, scopes)
            row = _post(
                hook,
                tx.now,
                event_id=UUID(message.message_id),
                event=event.name,
                subject=message.subject,
                data=data,
                needs=needs,
            )
            tx.execute(pg_insert(WebhookPost).values({**row, "happened_at": happened}).on_conflict_do_nothing())

    @on
    def forget(self, tx: Transaction, event: CustomerErased) -> None:
        """What was told about the orders of a person who is erased keeps its ids and loses the rest of them."""
        subjects = [f"order:{id}" for id in event.orders]
        for row in tx.scalars(select(WebhookPost).where(WebhookPost.subject.in_(subjects))):
            known = BY_NAME.get(row.event)
            row.data = {k: v for k, v in row.data.items() if known is not None and k not in known.personal}
        tx.execute(_FORGET_ANSWERS, {"subjects": subjects})

    @on
    def due(self, tx: Transaction, task: SendDuePosts) -> None:
        """To be awake is enough: the postman looks by itself."""

    # Commands

    @command
    def create(self, tx: Transaction, ask: CreateWebhook) -> WebhookView:
        hook = Webhook(
            id=uuid7(),
            name=ask.name,
            url=self._address(ask.url),
            events=sorted(set(ask.events)),
            kinds=_kinds(tx, ask.events, tx.who.actor),
            owner=tx.who.actor,
            status=WebhookState.active,
            secret=_new_secret(),
            created_at=tx.now,
            created_by=tx.who.actor,
        )
        tx.add(hook)
        tx.note(f"webhook:{hook.id}", to_status=WebhookState.active)
        listen(tx)
        return _view(hook)

    @command
    def change(self, tx: Transaction, ask: ChangeWebhook) -> WebhookView:
        hook = _locked(tx, ask.webhook_id)
        check_version(hook, ask.version, kind="webhook", id=str(hook.id))
        if ask.name is not None:
            hook.name = ask.name
        if (ask.url is not None and ask.url != hook.url) or ask.events is not None:
            # Otherwise somebody could have sent to themselves what only the owner may read.
            hook.url = self._address(ask.url or hook.url)
            hook.events = sorted(set(ask.events or hook.events))
            hook.kinds = _kinds(tx, hook.events, tx.who.actor)
            hook.owner = tx.who.actor
        listen(tx)
        return _view(hook)

    @command
    def disable(self, tx: Transaction, ask: DisableWebhook) -> WebhookView:
        hook = _locked(tx, ask.webhook_id)
        if hook.status == WebhookState.active:
            stop(tx, hook, ask.reason)
        return _view(hook)

    @command
    def enable(self, tx: Transaction, ask: EnableWebhook) -> WebhookView:
        hook = _locked(tx, ask.webhook_id)
        if hook.status == WebhookState.active:
            return _view(hook)
        tx.move(hook, WebhookState.active, moves=WEBHOOK_MOVES, subject=f"webhook:{hook.id}")
        hook.why = hook.disabled_at = hook.wait_until = None
        hook.failures = 0
        now = update(WebhookPost).where(WebhookPost.webhook_id == hook.id, WebhookPost.state == PostState.waiting)
        tx.execute(now.values(due_at=tx.now))
        listen(tx)
        return _view(hook)

    @command
    def rotate(self, tx: Transaction, ask: RotateWebhookSecret) -> WebhookView:
        hook = _locked(tx, ask.webhook_id)
        hook.old_secret, hook.secret = hook.secret, _new_secret()
        hook.old_secret_until = tx.now + timedelta(hours=ask.overlap_hours)
        tx.flush()
        return _view(hook)

    @command
    def remove(self, tx: Transaction, ask: DeleteWebhook) -> WebhookDeleted:
        hook = _locked(tx, ask.webhook_id)
        tx.delete(hook)
        listen(tx)
        return WebhookDeleted(id=ask.webhook_id)

    @command
    def ping(self, tx: Transaction, ask: PingWebhook) -> PostView:
        hook = _locked(tx, ask.webhook_id)
        data = {"webhook_id": str(hook.id), "name": hook.name, "events": hook.events}
        subject = f"webhook:{hook.id}:ping"
        return _write(tx, _post(hook, tx.now, event_id=uuid7(), event=PING, subject=subject, data=data, needs=[]))

    @command
    def redeliver(self, tx: Transaction, ask: RedeliverPost) -> PostView:
        row = tx.get(WebhookPost, ask.post_id)
        if row is None:
            raise NotFound("webhook post", str(ask.post_id))
        return self._again(tx, row)

    @command
    def redeliver_failed(self, tx: Transaction, ask: RedeliverFailed) -> Redelivered:
        """What was sent again before, and what succeeded then, stays as it is."""
        later = select(WebhookPost.again_of).where(WebhookPost.again_of.is_not(None))
        failed = (
            select(WebhookPost)
            .where(WebhookPost.webhook_id == ask.webhook_id, WebhookPost.state == PostState.failed)
            .where(WebhookPost.created_at >= ask.since, WebhookPost.event != PING, WebhookPost.id.not_in(later))
            .order_by(WebhookPost.serial)
            .limit(MOST_AGAIN)
        )
        rows = tx.scalars(failed).all()
        _open(_locked(tx, ask.webhook_id))
        for row in rows:
            self._again(tx, row)
        return Redelivered(webhook_id=ask.webhook_id, count=len(rows))

    # Shared by the above

    def _again(self, tx: Transaction, row: WebhookPost) -> PostView:
        hook = _locked(tx, row.webhook_id)
        _open(hook)
        known = BY_NAME.get(row.event)
        data, needs = row.data, row.needs
        if known is not None:
            data, needs = known.told(row.data, scopes_of(tx, hook.owner, now=tx.now))
        again = _post(hook, tx.now, event_id=row.event_id, event=row.event, subject=row.subject, data=data, needs=needs)
        return _write(tx, {**again, "happened_at": row.happened_at, "again_of": row.id})

    def _address(self, url: str) -> str:
        if (why := wrong_with(url, self._settings.webhook_networks)) is not None:
            raise BadAddress(url[:200], why)
        return url

    def _refresh_kinds(self) -> None:
        """A new release may publish more under `order.*` than the one that wrote the row."""
        with self.db.transaction(Who(f"agent:{self.name}"), now=self.clock()) as tx:
            for hook in tx.scalars(select(Webhook)):
                kinds = sorted(e.kind for e in matching(hook.events))
                if kinds != hook.kinds:
                    tx.execute(update(Webhook).where(Webhook.id == hook.id).values(kinds=kinds))
            listen(tx)


def _kinds(tx: Transaction, patterns: Sequence[str], owner: str) -> list[str]:
    """The kinds that are meant. An event that is named must be one that the owner may read; of a group they hear
    what they may."""
    known = {*BY_NAME, *PATTERNS}
    if unknown := sorted(set(patterns) - known):
        raise UnknownEvents([name[:80] for name in unknown], sorted(known))
    scopes = scopes_of(tx, owner, now=tx.now)
    for pattern in patterns:
        closed = [e for e in matching([pattern]) if e.scope not in scopes]
        if len(closed) == len(matching([pattern])):
            raise MayNotHear([pattern], sorted({e.scope for e in closed}))
    return sorted(e.kind for e in matching(patterns))


def _post(
    hook: Webhook, now: datetime, *, event_id: UUID, event: str, subject: str, data: dict[str, Any], needs: list[str]
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "webhook_id": hook.id,
        "event_id": event_id,
        "event": event,
        "subject": subject,
        "happened_at": now,
        "data": data,
        "needs": needs,
        "state": PostState.waiting,
        "attempts": 0,
        "due_at": now,
        "created_at": now,
    }


def _write(tx: Transaction, row: dict[str, Any]) -> PostView:
    tx.execute(pg_insert(WebhookPost).values(row))
    return PostView(id=row["id"], webhook_id=row["webhook_id"], event=row["event"], state=row["state"])


def _locked(tx: Transaction, webhook_id: UUID) -> Webhook:
    hook = tx.get(Webhook, webhook_id, with_for_update={"key_share": True})
    if hook is None:
        raise NotFound("webhook", str(webhook_id))
    return hook


def _open(hook: Webhook) -> None:
    if hook.status != WebhookState.active:
        raise WebhookIsDisabled(str(hook.id))


def _new_secret() -> str:
    return SECRET_START + secrets.token_urlsafe(32)


def _view(hook: Webhook) -> WebhookView:
    return WebhookView(
        id=hook.id,
        name=hook.name,
        url=hook.url,
        events=hook.events,
        owner=hook.owner,
        status=hook.status,
        why=hook.why,
        version=hook.version,
        next=webhook_next(hook.status),
    )
