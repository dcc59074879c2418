"""What every agent does the same way: a batch of messages, each answered by itself, whatever becomes of the others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import structlog

from agents import metrics
from agents.contract import (
    Answer,
    Asked,
    Delivered,
    Receipt,
    Turn,
    asked_list,
    delivered_list,
    encode,
    failed,
    refused,
    unavailable,
)
from agents.handlers import Handler, handlers_of
from agents.sets import LONG, ONE_SET, SHORT, TO_THE_END, Span, in_sets
from db import collector, logs, schema
from db.base import utc_now
from db.errors import KeyReused, Refusal, Unavailable
from db.masking import in_short
from db.runtime import Inbox
from db.session import Database, Transaction, Who
from db.wire import BY_KEY, Statement, to_json

log = structlog.get_logger()

ALL_TABLES = schema.__all__
"""Every table is loaded, whatever this agent itself imports: keys name tables of other agents."""

_KNOWN = """
    SELECT principal, key, digest, answer FROM idempotent_answers
    WHERE (principal, key) IN (SELECT r.principal, r.key FROM
      json_to_recordset(%(asked)s::json) AS r(principal text, key text))
"""
_REMEMBER = """
    INSERT INTO idempotent_answers (principal, key, digest, answer, at)
    SELECT principal, key, decode(digest, 'base64'), decode(answer, 'base64'), %(at)s
    FROM json_to_recordset(%(rows)s::json) AS r(principal text, key text, digest text, answer text)
"""
_CHECK_IN = """
    INSERT INTO inbox (agent, message_id, at)
    SELECT %(agent)s, m, %(at)s FROM unnest(%(messages)s::uuid[]) AS m
    ON CONFLICT DO NOTHING RETURNING message_id
"""
_TAKEN = "DELETE FROM deliveries WHERE id = ANY(%(ids)s)"

PRESSED = 0.25  # of an agent's time for commands: what follows from them has to wait
TRIES = 3  # of a batch that PostgreSQL turned away (deadlock, serialization, a lost connection)


class Agent:
    """Holds no truth: kill it and PostgreSQL still knows.

    May work on several batches at a time (`AgentSpec.at_once`), as several replicas do: what it keeps of itself between
    them are guesses of how busy it is.
    """

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
        niceness: int = 0,
    ) -> None:
        """`log_style`, `log_folder` and `niceness` are for a process that is this agent's alone."""
        if log_style is not None:
            logs.set_up(log_style, process=self.name, folder=log_folder)
            collector.calm_down()
        if niceness:
            os.nice(niceness)
        self.db = Database(database_url, pool_size=2, application_name=f"backoffice-{self.name}")
        self.clock = clock
        self._last_used = self._turn_ended = time.monotonic()
        self._at_commands = 0.0  # seconds since then
        self.set_up()
        if log_style is not None:
            log.info("at work", agent=self.name)

    def set_up(self) -> None:
        """What a subclass needs beyond its database; must be able to run again at any moment."""

    # Ray calls these three; everything crosses as bytes, because pickling costs more than the work.

    def ask(self, batch: bytes) -> bytes:
        """Work a batch of `Asked`; answers in the same order. Never raises: a failure is an answer."""
        return encode(self.work(asked_list.decode(batch)))

    def deliver(self, batch: bytes) -> bytes:
        """Handle a batch of `Delivered`; answers with a `Turn`. Pressed by commands it hears one set and no more."""
        pressed = self._at_commands > PRESSED * (time.monotonic() - self._turn_ended)
        span = ONE_SET if pressed else SHORT if self._at_commands else LONG
        receipts = self.take(delivered_list.decode(batch), span=span)
        self._turn_ended, self._at_commands = time.monotonic(), 0.0
        return encode(Turn(receipts, pressed))

    def idle_for(self) -> float:
        """Seconds since the last message. A call like any other: how long it waits shows the load."""
        return time.monotonic() - self._last_used

    # Commands

    def work(self, asks: Sequence[Asked]) -> list[Answer]:
        """Answer every command, in order.

        Neighbours that are worked as a set share a transaction; every other command has one of its own. Two that
        shared one would lock the rows of the second after those of the first, against everybody else's order.
        """
        self._last_used = time.monotonic()
        with metrics.batch(self.name, "ask", len(asks)):
            answers = [answer for together in self._sets(asks) for answer in self._work_together(together)]
        self._at_commands += time.monotonic() - self._last_used
        return answers

    def _sets(self, asks: Sequence[Asked]) -> list[list[Asked]]:
        sets: list[list[Asked]] = []
        for ask in asks:
            handler = self.handlers.get(ask.kind)
            if sets and sets[-1][0].kind == ask.kind and handler is not None and handler.style == "batch":
                sets[-1].append(ask)
            else:
                sets.append([ask])
        return sets

    def _work_together(self, asks: Sequence[Asked]) -> list[Answer]:
        """One transaction for all; if that fails twice, one for each, so that the culprit alone has the error."""
        for last in (False, True):
            try:
                return self._in_one_transaction(asks)
            except Exception as error:
                if len(asks) == 1:
                    return [self._alone(asks[0], error)]
                if last or not (isinstance(error, Unavailable) or _race(error)):
                    break
        return [answer for ask in asks for answer in self._work_together([ask])]

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
                error=error.__cause__,
            )
            return unavailable(error)
        metrics.bug(self.name)
        log.error("failed", agent=self.name, kind=ask.kind, request_id=ask.request_id, of=ask.body, exc_info=error)
        return failed(ask.request_id)

    def _in_one_transaction(self, asks: Sequence[Asked]) -> list[Answer]:
        answers: list[Answer | None] = [None] * len(asks)
        with self.db.transaction(Who(f"agent:{self.name}"), now=self.clock()) as tx:
            if self.handlers[asks[0].kind].style == "batch":
                tx.put_off(*BY_KEY)
            fresh, repeats = self._sort_out(tx, asks, answers)
            if fresh:
                self._run(tx, fresh, asks, answers)
                self._remember(tx, fresh, asks, answers)
        for i, first in repeats.items():
            answers[i] = _again(asks[i], asks[first].digest(), _not_none(answers[first]))
        return [_not_none(a) for a in answers]

    def _sort_out(
        self, tx: Transaction, asks: Sequence[Asked], answers: list[Answer | None]
    ) -> tuple[list[int], dict[int, int]]:
        """Fill in answers given before; return what is new, and which asks repeat another of this batch."""
        keyed = [{"principal": a.principal, "key": a.key} for a in asks if a.key is not None]
        known: dict[tuple[str, str | None], tuple[bytes, bytes]] = {}
        if keyed:
            (rows,) = tx.ask_together(Statement(_KNOWN, {"asked": to_json(keyed).decode()}))
            known = {(principal, key): (digest, answer) for principal, key, digest, answer in rows}
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
        (i,), (told,) = run, commands
        tx.who = Who(ask.actor, ask.request_id, ask.why)
        try:
            with tx.attempt():
                answers[i] = _answer(method(tx, told))
        except Refusal as refusal:
            answers[i] = _answer(refusal)

    def _remember(self, tx: Transaction, fresh: list[int], asks: Sequence[Asked], answers: list[Answer | None]) -> None:
        rows = [
            {
                "principal": asks[i].principal,
                "key": asks[i].key,
                "digest": asks[i].digest(),
                "answer": encode(answers[i]),
            }
            for i in fresh
            if asks[i].key is not None
        ]
        if rows:
            tx.put_off(_REMEMBER, {"rows": to_json(rows).decode(), "at": tx.now})

    # Events and tasks

    def take(self, messages: Sequence[Delivered], *, span: Span = TO_THE_END) -> list[Receipt]:
        """Handle deliveries, those of one subject in order; the row of one that succeeds goes with its commit.

        When one fails, the later ones of its subject wait for it and the other subjects go on. After its span
        the rest is given back untried, so that a command, for which somebody waits, is next.
        """
        self._last_used = time.monotonic()
        ends = self._last_used + span.seconds
        receipts: dict[int, Receipt] = {}
        stuck: set[str] = set()
        with metrics.batch(self.name, "deliver", len(messages)):
            for together in in_sets(messages, self.handlers, at_most=span.at_most):
                if receipts and time.monotonic() > ends:
                    break
                ready = [m for m in together if m.subject not in stuck]
                receipts |= {r.id: r for r in self._take_together(ready)}
                held_up = {r.id for r in receipts.values() if r.error is not None and not r.final}
                stuck |= {m.subject for m in ready if m.id in held_up}
        return [receipts.get(m.id) or Receipt(m.id, postponed=True) for m in messages]

    def _take_together(self, messages: Sequence[Delivered]) -> list[Receipt]:
        """One transaction for all; if that fails, one for each, so that the culprit alone has the error."""
        if not messages:
            return []
        try:
            first = messages[0]
            handler = self.handlers.get(first.kind)
            me = Who(f"agent:{self.name}", first.request_id)
            if handler is not None and handler.style == "outside" and not self._handled_before(first):
                getattr(self, handler.method)(_told(first, handler), me)
            with self.db.transaction(me, now=self.clock()) as tx:
                mine = {"agent": self.name, "messages": [m.message_id for m in messages], "at": tx.now}
                (rows,) = tx.ask_together(Statement(_CHECK_IN, mine))
                unheard = {str(message_id) for (message_id,) in rows}
                if fresh := [m for m in messages if m.message_id in unheard]:
                    self._hear(tx, fresh)
                tx.put_off(_TAKEN, {"ids": [m.id for m in messages]})
            return [Receipt(m.id) for m in messages]
        except Exception as error:
            if len(messages) == 1:
                return [self._receipt(messages[0], error)]
            log.info("heard one by one", agent=self.name, messages=len(messages), error=error)
        return self._one_by_one(messages)

    def _one_by_one(self, messages: Sequence[Delivered]) -> list[Receipt]:
        """What comes after one of its subject that will be tried again waits for it."""
        receipts: list[Receipt] = []
        stuck: set[str] = set()
        for message in messages:
            if message.subject in stuck:
                receipts.append(Receipt(message.id, postponed=True))
                continue
            (receipt,) = self._take_together([message])
            receipts.append(receipt)
            if receipt.error is not None and not receipt.final:
                stuck.add(message.subject)
        return receipts

    def _hear(self, tx: Transaction, messages: Sequence[Delivered]) -> None:
        """Handle messages that are here for the first time, in their transaction."""
        handler = self.handlers.get(messages[0].kind)
        if handler is None or handler.style not in ("on", "set", "outside"):
            raise LookupError(f"{self.name} does not handle {messages[0].kind}")
        method = getattr(self, handler.method)
        if handler.style == "on":
            method(tx, _told(messages[0], handler))
        elif handler.style == "set":
            told = [_told(m, self.handlers[m.kind]) for m in messages]
            method(tx, told, [Who(tx.who.actor, m.request_id) for m in messages])

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
            log.info("delivery refused", **facts, refusal=error.code)
            return Receipt(message.id, f"{error.code}: {error}", final=True)
        if isinstance(error, Unavailable):
            metrics.weather(self.name)
            log.warning("delivery postponed", **facts, of=message.payload, error=error)
            return Receipt(message.id, str(error))
        metrics.bug(self.name)
        log.error("delivery failed", **facts, of=message.payload, exc_info=error)
        return Receipt(message.id, in_short(error))


def _told(message: Delivered, handler: Handler) -> Any:
    return msgspec.msgpack.decode(message.payload, type=handler.message, strict=False)


def _race(error: Exception) -> bool:
    """Somebody wrote the same key, of an answer or of a row, between our look and our write; looking again finds it."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) == "23505"


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
