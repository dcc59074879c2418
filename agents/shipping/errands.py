"""Errands to carriers, on threads of their own: one that takes its time keeps the agent from nothing.

What an errand is about stands in the database before it begins. Should it be lost with its process, the row is due
after a minute and somebody else takes it up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import structlog

from agents.shipping.asking import Carriers
from db.errors import Refusal, Unavailable
from db.session import Database, Transaction, Who

log = structlog.get_logger()

AT_ONCE = 16
MOST_STEPS = 24  # of one errand: each is another rate, another try


class Step(Protocol):
    """Something to ask of the world with no transaction open, and what is written down of the answer."""

    def ask(self, carriers: Carriers) -> Any: ...

    def book(self, tx: Transaction, told: Any) -> None: ...


NextStep = Callable[[Transaction], Step | None]


class Errands:
    """Until it is started, each is done at once in the caller's turn: tests and tools see what came of it."""

    def __init__(self, db: Database, clock: Callable[[], datetime], carriers: Carriers) -> None:
        self._db, self._clock, self.carriers = db, clock, carriers
        self._pool: ThreadPoolExecutor | None = None
        self._counting = threading.Lock()
        self._under_way: set[UUID] = set()

    def start(self) -> None:
        # A pool of its own: errands must not keep the agent from its connections.
        self._db = Database(self._db.url, pool_size=AT_ONCE // 2, application_name="backoffice-shipping-errands")
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="errand")

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    def run(self, ident: UUID, next_step: NextStep, who: Who) -> None:
        """Carry an errand out, unless it is under way here already."""
        with self._counting:
            if ident in self._under_way:
                return
            self._under_way.add(ident)
        if self._pool is None:
            self._carry(ident, next_step, who)
        else:
            self._pool.submit(self._carry_quietly, ident, next_step, who)

    def _carry(self, ident: UUID, next_step: NextStep, who: Who) -> None:
        try:
            for _ in range(MOST_STEPS):
                with self._db.transaction(who, now=self._clock()) as tx:
                    step = next_step(tx)
                if step is None:
                    return
                told = step.ask(self.carriers)
                with self._db.transaction(who, now=self._clock()) as tx:
                    step.book(tx, told)
        finally:
            with self._counting:
                self._under_way.discard(ident)

    def _carry_quietly(self, ident: UUID, next_step: NextStep, who: Who) -> None:
        """The row is still due, so whatever went wrong is tried again."""
        try:
            self._carry(ident, next_step, who)
        except (Unavailable, Refusal) as trouble:
            log.warning("an errand to a carrier waits", of=str(ident), trouble=trouble)
        except Exception:
            log.exception("an errand to a carrier failed", of=str(ident))
