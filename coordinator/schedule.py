"""What happens by the clock: a due schedule becomes one task in the outbox, whichever coordinator is in office."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from agents.contract import Task
from agents.inbound.messages import TidyPutaways
from agents.inventory.messages import ExpireHolds
from agents.notices.messages import LookForTrouble
from agents.notifications.messages import SendQueuedMail
from agents.orders.messages import CloseDelivered
from agents.payments.messages import ReconcilePayments
from agents.purchasing.messages import PlanReplenishment
from agents.shipping.messages import LearnCarriers
from agents.webhooks.messages import SendDuePosts
from db.putaway import anything_to_put_away
from db.runtime import Schedule
from db.session import Transaction
from db.shipping import anything_labelled
from db.suppliers import anything_bought
from db.webhooks import posts_due


@dataclass(frozen=True)
class Recurring:
    name: str
    agent: str
    task: Task
    every_seconds: int
    needed: Callable[[Session, datetime], bool] | None = None  # else an agent that sleeps is left asleep


RECURRING = (
    Recurring("expire checkout holds", "inventory", ExpireHolds(), 10),
    Recurring("reconcile payments", "payments", ReconcilePayments(), 30),
    Recurring("send queued mail", "notifications", SendQueuedMail(), 600),
    Recurring("send webhooks", "webhooks", SendDuePosts(), 15, needed=posts_due),
    Recurring("look for trouble", "notices", LookForTrouble(), 60),
    Recurring("plan replenishment", "purchasing", PlanReplenishment(), 21600, needed=anything_bought),
    Recurring("tidy putaways", "inbound", TidyPutaways(), 600, needed=anything_to_put_away),
    Recurring("learn carriers", "shipping", LearnCarriers(), 86400, needed=anything_labelled),
    Recurring("close delivered orders", "orders", CloseDelivered(), 3600),
)
NEEDED = {r.name: r.needed for r in RECURRING if r.needed is not None}
KINDS: dict[str, type[Task]] = {type(r.task).__name__: type(r.task) for r in RECURRING}


def write_schedules(tx: Transaction, recurring: tuple[Recurring, ...] = RECURRING) -> None:
    """Bring the table to what this release schedules; times already set are kept, other schedules go."""
    tx.execute(delete(Schedule).where(Schedule.name.not_in([r.name for r in recurring])))
    for r in recurring:
        row: dict[str, Any] = {
            "agent": r.agent,
            "kind": type(r.task).__name__,
            "payload": msgspec.to_builtins(r.task),
            "every_seconds": r.every_seconds,
        }
        first = tx.now + timedelta(seconds=r.every_seconds)
        tx.execute(
            pg_insert(Schedule)
            .values(name=r.name, next_at=first, **row)
            .on_conflict_do_update(index_elements=[Schedule.name], set_=row)
        )


def run_due(tx: Transaction) -> int:
    """Send the tasks that are due, unless not needed, and set their next time; returns how many were due.

    A missed time is made up once.
    """
    rows = tx.scalars(select(Schedule).where(Schedule.next_at <= tx.now).with_for_update(skip_locked=True)).all()
    for row in rows:
        needed = NEEDED.get(row.name)
        if needed is None or needed(tx, tx.now):
            task = msgspec.convert(row.payload, type=KINDS[row.kind])
            tx.send(row.agent, f"schedule:{row.name}", task)
        row.last_at = tx.now
        row.next_at = tx.now + timedelta(seconds=row.every_seconds)
    return len(rows)
