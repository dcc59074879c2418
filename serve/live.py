"""Server-sent events: what was announced in the outbox, live, to whoever may read it."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import or_, select

from coordinator.listen import Listener
from db.errors import Unavailable
from db.runtime import Outbox
from db.session import Database

BEAT_SECONDS = 15.0  # a comment that keeps proxies from closing a quiet stream
LOOK_BACK = 300  # ids: one that was drawn early may be committed after its successors
CATCH_UP = 1000  # events a returning client is sent at most; older ones it must read from the lists


@dataclass(frozen=True)
class LiveEvent:
    id: int
    kind: str
    subject: str
    payload: dict[str, Any]
    at: str

    def lines(self) -> bytes:
        data = {"kind": self.kind, "subject": self.subject, "at": self.at, "payload": self.payload}
        return f"id: {self.id}\nevent: {self.kind}\ndata: {msgspec.json.encode(data).decode()}\n\n".encode()


@dataclass(frozen=True)
class Hearer:
    """What one caller may hear: events of some `kinds`, those of `personal` kinds that name `principal`, and of each
    what `told` leaves of its payload."""

    kinds: frozenset[str]
    personal: frozenset[str] = frozenset()
    principal: str = ""
    told: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _, payload: payload


class LiveEvents:
    """One listener a process, any number of streams. A stream that is late catches up from the table by id."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.open: Counter[str] = Counter()  # streams by caller
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bells: set[asyncio.Event] = set()
        self._listener: Listener | None = None
        self._starting = threading.Lock()

    def start(self) -> None:
        """Begin to listen; on the event loop that serves the streams."""
        with self._starting:
            if self._listener is None:
                self._loop = asyncio.get_running_loop()
                self._listener = Listener(self._db.url, self._ring)
                self._listener.start()

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.stop()

    @contextmanager
    def counted(self, principal: str) -> Iterator[None]:
        """One more stream of this caller is open."""
        self.open[principal] += 1
        try:
            yield
        finally:
            self.open[principal] -= 1
            if not self.open[principal]:
                del self.open[principal]

    def _ring(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring_all)

    def _ring_all(self) -> None:
        for bell in self._bells:
            bell.set()

    async def stream(
        self,
        hearer: Callable[[], Awaitable[Hearer | None]],
        *,
        after: int | None = None,
        subjects: Iterable[str] = (),
    ) -> AsyncIterator[bytes]:
        """Events that `hearer` may hear as they are committed, from `after` on (an event id), or from now.

        Who hears is asked before anything is sent, and the same object means nothing new; the stream ends when it is
        nobody any more. `subjects` limits it to some (`order:ID`); none means all.
        """
        self.start()
        bell = asyncio.Event()
        self._bells.add(bell)
        wanted = frozenset(subjects)
        try:
            start = position = after if after is not None else await asyncio.to_thread(self._newest)
            seen: set[int] = set()
            yield b"retry: 2000\n\n"
            while True:
                bell.clear()
                try:
                    allowed = await hearer()
                    if allowed is None:
                        return
                    events = await asyncio.to_thread(
                        self._since, max(start, position - LOOK_BACK), seen, allowed, wanted
                    )
                    if await hearer() is not allowed:
                        continue  # what was read is younger than the answer to who may hear it
                except Unavailable:
                    events = []
                for e in events:
                    position = max(position, e.id)
                    seen.add(e.id)
                    yield e.lines()
                if len(events) == CATCH_UP:
                    continue
                seen = {i for i in seen if i > position - LOOK_BACK}
                try:
                    await asyncio.wait_for(bell.wait(), BEAT_SECONDS)
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self._bells.discard(bell)

    def _newest(self) -> int:
        with self._db.reading() as session:
            return session.scalar(select(Outbox.id).order_by(Outbox.id.desc()).limit(1)) or 0

    def _since(self, floor: int, seen: set[int], allowed: Hearer, subjects: frozenset[str]) -> list[LiveEvent]:
        mine = Outbox.kind.in_(allowed.personal) & (Outbox.payload["principal"].astext == allowed.principal)
        query = select(Outbox).where(Outbox.id > floor, Outbox.to_agent.is_(None))
        query = query.where(or_(Outbox.kind.in_(allowed.kinds), mine))
        query = query.order_by(Outbox.id)
        if subjects:
            query = query.where(Outbox.subject.in_(subjects))
        with self._db.reading() as session:
            return [
                LiveEvent(r.id, r.kind, r.subject, allowed.told(r.kind, r.payload), r.at.isoformat())
                for r in session.scalars(query.limit(CATCH_UP + LOOK_BACK))
                if r.id not in seen
            ][:CATCH_UP]
