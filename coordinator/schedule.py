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
from agents.fulfilment.messages import OpenReleased
from agents.fulfilment.messages.waves import ReleaseDue, RunWaveTemplates
from agents.inbound.messages.putaways import TidyPutaways
from agents.inbound.messages.receipts import SetExpiredAside
from agents.inventory.messages import ExpireHolds
from agents.notices.messages import LookForTrouble
from agents.notifications.messages import SendQueuedMail
from agents.orders.messages import CloseDelivered, LetHeldUnitsGo
from agents.parcels.messages import LookAfterParcels
from agents.payments.messages import ReconcilePayments, RenewHolds
from agents.payments.messages.stored_value import ExpireStoredValues
from agents.planning.messages import PlanByTheClock
from agents.promising.messages import RepromiseAll
from agents.purchasing.messages.replenishment import PlanReplenishment
from agents.returns.messages.exchanges import TakeSecurities
from agents.shipping.messages import LearnCarriers
from agents.shipping.messages.carriers import ReconcileLabels
from agents.shipping.messages.pickups import LookAfterPickups
from agents.shipping.messages.tracking import AskForNews
from agents.webhooks.messages import SendDuePosts
from db.exchanges import any_over_time
from db.lots import anything_expired
from db.orders import any_held_too_long
from db.payments import any_security
from db.pickups import pickups_to_look_after
from db.promising import anybody_waits
from db.putaway import anything_to_put_away
from db.return_parcels import any_label_waits, any_news_due
from db.routing_plans import plan_due
from db.runtime import Schedule
from db.session import Transaction
from db.shipping import anything_labelled
from db.suppliers import anything_bought
from db.tracking import anything_on_its_way
from db.waves import any_wave_due, anything_to_release, anything_waits_for_its_day
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
    Recurring("renew holds", "payments", RenewHolds(), 3600, needed=any_security),
    Recurring("take securities", "returns", TakeSecurities(), 3600, needed=any_over_time),
    Recurring("expire gift cards", "payments", ExpireStoredValues(), 3600),
    Recurring("send queued mail", "notifications", SendQueuedMail(), 600),
    Recurring("send webhooks", "webhooks", SendDuePosts(), 15, needed=posts_due),
    Recurring("look for trouble", "notices", LookForTrouble(), 60),
    Recurring("plan replenishment", "purchasing", PlanReplenishment(), 21600, needed=anything_bought),
    Recurring("work out promised days", "promising", RepromiseAll(), 3600, needed=anybody_waits),
    Recurring("open released pre-orders", "fulfilment", OpenReleased(), 1800, needed=anything_waits_for_its_day),
    Recurring("release what is due", "fulfilment", ReleaseDue(), 60, needed=anything_to_release),
    Recurring("make waves", "fulfilment", RunWaveTemplates(), 60, needed=any_wave_due),
    Recurring("tidy putaways", "inbound", TidyPutaways(), 600, needed=anything_to_put_away),
    Recurring("set expired lots aside", "inbound", SetExpiredAside(), 600, needed=anything_expired),
    Recurring("reconcile labels", "shipping", ReconcileLabels(), 15, needed=any_label_waits),
    Recurring("ask for news of parcels", "shipping", AskForNews(), 60, needed=any_news_due),
    Recurring("look after pickups", "shipping", LookAfterPickups(), 60, needed=pickups_to_look_after),
    Recurring("learn carriers", "shipping", LearnCarriers(), 86400, needed=anything_labelled),
    Recurring("plan open orders", "planning", PlanByTheClock(), 60, needed=plan_due),
    Recurring("let held units go", "orders", LetHeldUnitsGo(), 300, needed=any_held_too_long),
    Recurring("look after parcels", "parcels", LookAfterParcels(), 900, needed=anything_on_its_way),
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
