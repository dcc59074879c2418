"""What every agent does the same way: a batch of messages, one transaction, each answered by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import bindparam, delete, insert, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.types import Text

from agents import metrics
from agents.contract import (
    Answer,
    Asked,
    Delivered,
    Receipt,
    asked_list,
    delivered_list,
    encode,
    failed,
    refused,
    unavailable,
)
from agents.handlers import Handler, handlers_of
from db import logs
from db.base import utc_now
from db.errors import KeyReused, Refusal, Unavailable
from db.runtime import Delivery, IdempotentAnswer, Inbox
from db.session import Database, Transaction, Who, is_weather

log = structlog.get_logger()

_KNOWN = text("""
    SELECT principal, key, digest, answer FROM idempotent_answers
    WHERE (principal, key) IN (SELECT * FROM unnest(:principals, :keys))
""").bindparams(bindparam("principals", type_=ARRAY(Text)), bindparam("keys", type_=ARRAY(Text)))

TRIES = 3  # of a batch that PostgreSQL turned away (deadlock, serialization, a lost connection)


class Agent:
    """Holds no truth: kill it and PostgreSQL still knows. Works on one batch at a time."""

    name: ClassVar[str]
    handlers: ClassVar[dict[str, Handler]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.handlers = handlers_of(cls)

    def __init__(
        self,
        database_url: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        log_style: str | None = None,
        log_folder: Path | None = None,
    ) -> None:
        """`log_style` sets up the logs of a process that is this agent's alone, `log_folder` is where they go."""
        if log_style is not None:
            logs.set_up(log_style, process=self.name, folder=log_folder)
        self.db = Database(database_url, pool_size=2, application_name=f"backoffice-{self.name}")
        self.clock = clock
        self._last_used = time.monotonic()
        self.set_up()

    def set_up(self) -> None:
        """What a subclass needs beyond its database; must be able to run again at any moment."""

    # Ray calls these three; everything crosses as bytes, because pickling costs more than the work.

    def ask(self, batch: bytes) -> bytes:
        """Work a batch of `Asked`; answers in the same order. Never raises: a failure is an answer."""
        return encode(self.work(asked_list.decode(batch)))

    def deliver(self, batch: bytes) -> bytes:
        """Handle a batch of `Delivered`; a receipt for each, in the same order."""
        return encode(self.take(delivered_list.decode(batch)))

    def idle_for(self) -> float:
        """Seconds since the last message. A call like any other: how long it waits shows the load."""
        return time.monotonic() - self._last_used

    # Commands

    def work(self, asks: Sequence[Asked]) -> list[Answer]:
        """Answer every command, in order. One transaction for all, or one for each if that fails."""
        self._last_used = time.monotonic()
        with metrics.batch(self.name, "ask", len(asks)):
            try:
                return self._in_one_transaction(asks)
            except Exception as error:
                if len(asks) == 1:
                    return [self._alone(asks[0], error)]
                return [self.work([ask])[0] for ask in asks]

    def _alone(self, ask: Asked, error: Exception) -> Answer:
        for _ in range(TRIES - 1):
            if not isinstance(error, Unavailable) and not _race(error):
                break
            try:
                return self._in_one_transaction([ask])[0]
            except Exception as again:
                error = again
        if isinstance(error, Refusal):  # raised out of a batch command instead of returned; nothing was kept
            return refused(error)
        if isinstance(error, Unavailable):
            metrics.weather(self.name)
            log.warning(
                "unavailable",
                agent=self.name,
                kind=ask.kind,
                request_id=ask.request_id,
                error=repr(error.__cause__),
            )
            return unavailable(error)
        metrics.bug(self.name)
        log.error("failed", agent=self.name, kind=ask.kind, request_id=ask.request_id, exc_info=error)
        return failed(ask.request_id)

    def _in_one_transaction(self, asks: Sequence[Asked]) -> list[Answer]:
        answers: list[Answer | None] = [None] * len(asks)
        with self.db.transaction(Who(f"agent:{self.name}"), now=self.clock()) as tx:
            fresh, repeats = self._sort_out(tx, asks, answers)
            for style_run in _runs(fresh, asks):
                self._run(tx, style_run, asks, answers)
            self._remember(tx, fresh, asks, answers)
        for i, first in repeats.items():
            answers[i] = _again(asks[i], asks[first].digest(), _not_none(answers[first]))
        return [_not_none(a) for a in answers]

    def _sort_out(
        self, tx: Transaction, asks: Sequence[Asked], answers: list[Answer | None]
    ) -> tuple[list[int], dict[int, int]]:
        """Fill in answers given before; return what is new, and which asks repeat another of this batch."""
        keyed = [(a.principal, a.key) for a in asks if a.key is not None]
        known: dict[tuple[str, str | None], tuple[bytes, bytes]] = {}
        if keyed:
            rows = tx.execute(_KNOWN, {"principals": [p for p, _ in keyed], "keys": [k for _, k in keyed]})
            known = {(r.principal, r.key): (r.digest, r.answer) for r in rows}
        fresh: list[int] = []
        repeats: dict[int, int] = {}
        first_of: dict[tuple[str, str | None], int] = {}
        for i, ask in enumerate(asks):
            ident = (ask.principal, ask.key)
            if ask.key is not None and ident in known:
                digest, stored = known[ident]
                answers[i] = _again(ask, digest, msgspec.msgpack.decode(stored, type=Answer))
            elif ask.key is not None and ident in first_of:
                repeats[i] = first_of[ident]
            else:
                first_of[ident] = i
                fresh.append(i)
        return fresh, repeats

    def _run(self, tx: Transaction, run: list[int], asks: Sequence[Asked], answers: list[Answer | None]) -> None:
        ask = asks[run[0]]
        handler = self.handlers.get(ask.kind)
        if handler is None or handler.style not in ("command", "batch"):
            raise LookupError(f"{self.name} knows no command {ask.kind}")
        method = getattr(self, handler.method)
        commands = [msgspec.msgpack.decode(asks[i].body, type=handler.message) for i in run]
        if handler.style == "batch":
            tx.who = Who(ask.actor, ask.request_id, ask.why)
            outcomes = method(tx, commands, [Who(asks[i].actor, asks[i].request_id, asks[i].why) for i in run])
            for i, outcome in zip(run, outcomes, strict=True):
                answers[i] = _answer(outcome)
            return
        for i, told in zip(run, commands, strict=True):
            tx.who = Who(asks[i].actor, asks[i].request_id, asks[i].why)
            try:
                with tx.attempt():
                    answers[i] = _answer(method(tx, told))
            except Refusal as refusal:
                tx.expire_all()
                answers[i] = _answer(refusal)

    def _remember(self, tx: Transaction, fresh: list[int], asks: Sequence[Asked], answers: list[Answer | None]) -> None:
        rows = [
            {
                "principal": asks[i].principal,
                "key": asks[i].key,
                "digest": asks[i].digest(),
                "answer": encode(answers[i]),
                "at": tx.now,
            }
            for i in fresh
            if asks[i].key is not None
        ]
        if rows:
            tx.execute(insert(IdempotentAnswer), rows)

    # Events and tasks

    def take(self, messages: Sequence[Delivered]) -> list[Receipt]:
        """Handle deliveries in order; the row of each that succeeds is gone with its commit."""
        self._last_used = time.monotonic()
        with metrics.batch(self.name, "deliver", len(messages)):
            receipts: dict[int, Receipt] = {}
            inside = [m for m in messages if not self._is_outside(m)]
            if len(inside) == len(messages):
                try:
                    return self._take_in_one_transaction(messages)
                except Exception as error:
                    if len(messages) == 1:
                        return [self._receipt(messages[0], error)]
            stuck: set[str] = set()
            for m in messages:
                if m.subject in stuck:
                    receipts[m.id] = Receipt(m.id, postponed=True)
                    continue
                receipts[m.id] = self._take_alone(m)
                if receipts[m.id].error is not None and not receipts[m.id].final:
                    stuck.add(m.subject)
            return [receipts[m.id] for m in messages]

    def _is_outside(self, message: Delivered) -> bool:
        handler = self.handlers.get(message.kind)
        return handler is not None and handler.style == "outside"

    def _take_alone(self, message: Delivered) -> Receipt:
        try:
            if not self._is_outside(message):
                return self._take_in_one_transaction([message])[0]
            handler = self.handlers[message.kind]
            if not self._handled_before(message):
                told = msgspec.msgpack.decode(message.payload, type=handler.message, strict=False)
                getattr(self, handler.method)(told, Who(f"agent:{self.name}", message.request_id))
            with self.db.transaction(Who(f"agent:{self.name}", message.request_id), now=self.clock()) as tx:
                self._check_in(tx, [message])
                tx.execute(delete(Delivery).where(Delivery.id == message.id))
            return Receipt(message.id)
        except Exception as error:
            return self._receipt(message, error)

    def _handled_before(self, message: Delivered) -> bool:
        with self.db.reading() as session:
            return session.get(Inbox, (self.name, UUID(message.message_id))) is not None

    def _receipt(self, message: Delivered, error: Exception) -> Receipt:
        facts = {
            "agent": self.name,
            "kind": message.kind,
            "subject": message.subject,
            "request_id": message.request_id,
        }
        if isinstance(error, Refusal):
            log.info("delivery refused", **facts, refusal=str(error))
            return Receipt(message.id, f"{error.code}: {error}", final=True)
        if isinstance(error, Unavailable):
            metrics.weather(self.name)
            log.warning("delivery postponed", **facts, error=str(error))
            return Receipt(message.id, str(error))
        metrics.bug(self.name)
        log.error("delivery failed", **facts, exc_info=error)
        return Receipt(message.id, f"{type(error).__name__}: {error}")

    def _take_in_one_transaction(self, messages: Sequence[Delivered]) -> list[Receipt]:
        receipts: dict[int, Receipt] = {}
        failed_subjects: set[str] = set()
        with self.db.transaction(Who(f"agent:{self.name}"), now=self.clock()) as tx:
            first_time = self._check_in(tx, messages)
            undone: list[UUID] = []
            for m in messages:
                if m.subject in failed_subjects:
                    receipts[m.id] = Receipt(m.id, postponed=True)
                elif m.message_id in first_time:
                    first_time.discard(m.message_id)
                    receipts[m.id] = self._take_one(tx, m)
                else:
                    receipts[m.id] = Receipt(m.id)
                receipt = receipts[m.id]
                if receipt.error is not None or receipt.postponed:
                    undone.append(UUID(m.message_id))
                    if not receipt.final:
                        failed_subjects.add(m.subject)
            if undone:
                tx.execute(delete(Inbox).where(Inbox.agent == self.name, Inbox.message_id.in_(undone)))
            done = [r.id for r in receipts.values() if r.error is None and not r.postponed]
            tx.execute(delete(Delivery).where(Delivery.id.in_(done)))
        return [receipts[m.id] for m in messages]

    def _take_one(self, tx: Transaction, message: Delivered) -> Receipt:
        handler = self.handlers.get(message.kind)
        if handler is None or handler.style != "on":
            raise LookupError(f"{self.name} does not handle {message.kind}")
        tx.who = Who(f"agent:{self.name}", message.request_id)
        try:
            with tx.attempt():
                getattr(self, handler.method)(
                    tx, msgspec.msgpack.decode(message.payload, type=handler.message, strict=False)
                )
            return Receipt(message.id)
        except Exception as error:
            if isinstance(error, Unavailable) or is_weather(error):
                raise
            tx.expire_all()
            return self._receipt(message, error)

    def _check_in(self, tx: Transaction, messages: Sequence[Delivered]) -> set[str]:
        rows = [{"agent": self.name, "message_id": UUID(m.message_id), "at": tx.now} for m in messages]
        written = tx.execute(pg_insert(Inbox).values(rows).on_conflict_do_nothing().returning(Inbox.message_id))
        return {str(r.message_id) for r in written}


def _race(error: Exception) -> bool:
    """Somebody wrote the same key, of an answer or of a row, between our look and our write; looking again finds it."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == "23505"


def _runs(indexes: list[int], asks: Sequence[Asked]) -> list[list[int]]:
    """Neighbours of the same kind together, in order."""
    runs: list[list[int]] = []
    for i in indexes:
        if runs and asks[runs[-1][0]].kind == asks[i].kind:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _answer(outcome: Any) -> Answer:
    if isinstance(outcome, Refusal):
        return refused(outcome)
    return Answer(200, encode(outcome))


def _again(ask: Asked, digest: bytes, first: Answer) -> Answer:
    if digest != ask.digest():
        return refused(KeyReused(ask.key or ""))
    return Answer(first.status, first.body, replayed=True)


def _not_none(answer: Answer | None) -> Answer:
    if answer is None:
        raise RuntimeError("a command was left without an answer")
    return answer
