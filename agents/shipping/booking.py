"""The steps of a pickup: tell the carrier, look up what became of it, tell it not to come. Each call is made outside,
between a short transaction that says what is about to be done and one that says what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from agents.shipping import pickups
from agents.shipping.asking import Carriers
from agents.shipping.calendars import window_on
from agents.shipping.leaving import minute_of
from agents.shipping.messages.pickups import BookPickup
from agents.shipping.providers import (
    NEVER_SOLD,
    CarrierTrouble,
    Pickup,
    PickupAnswer,
    PickupAsk,
    Voiding,
    VoidStatus,
)
from agents.shipping.providers.choose import Account
from agents.shipping.purchases import NOT_REACHED
from agents.shipping.quotes import opened
from agents.shipping.shipments import sender_of
from db.base import uuid7
from db.carriers import CarrierAccount
from db.errors import Refusal, Unavailable
from db.nodes import Node
from db.pickups import CarrierCalendar, PickupStatus
from db.session import Transaction

TRIES = 5  # to reach a carrier that nobody has told yet
FIRST_LOOK = timedelta(seconds=15)  # after no answer; doubled each time
LONGEST_PAUSE = timedelta(minutes=15)


class Book(NamedTuple):
    """Tell the carrier under this key, or tell what became of that."""

    pickup_id: UUID
    account: Account
    key: str
    told: PickupAsk | None  # None: look it up by `ref`
    ref: str

    def ask(self, carriers: Carriers) -> Pickup:
        look_up = self.told is None
        try:
            provider = carriers.open(self.account)
            return (
                provider.look_up_pickup(self.key, self.ref)
                if self.told is None
                else provider.pickup(self.key, self.told)
            )
        except CarrierTrouble as trouble:
            sure = trouble.surely_not_begun and not look_up
            status = PickupAnswer.refused if sure else PickupAnswer.unknown
            return Pickup(status=status, code=NOT_REACHED, message=str(trouble))
        except (Refusal, Unavailable) as error:  # its credentials cannot be opened: nothing was sent
            status = PickupAnswer.unknown if look_up else PickupAnswer.refused
            return Pickup(status=status, code=NOT_REACHED, message=str(error))

    def book(self, tx: Transaction, answer: Pickup) -> None:
        pickup = pickups.locked(tx, self.pickup_id)
        if pickup.key != self.key or pickup.status not in (PickupStatus.booking, PickupStatus.unknown):
            return
        pickup.provider_ref = answer.ref or pickup.provider_ref
        why = answer.message or answer.code
        if answer.status is PickupAnswer.booked and answer.confirmation:
            pickup.confirmation, pickup.amount, pickup.currency = (
                answer.confirmation,
                answer.amount,
                answer.currency or None,
            )
            pickups.settle(tx, pickup, PickupStatus.booked, why=f"confirmed as {answer.confirmation}")
        elif (
            answer.status is PickupAnswer.refused
            and answer.code in (NOT_REACHED, NEVER_SOLD)
            and pickup.attempts < TRIES
        ):
            self._again(tx, why)
        elif answer.status is PickupAnswer.refused:
            pickups.settle(tx, pickup, PickupStatus.refused, why=why)
        else:
            pickups.move(tx, pickup, PickupStatus.unknown, why=why)
            pickup.why = why
            pickup.due_at = tx.now + pause_after(pickup.attempts)

    def _again(self, tx: Transaction, why: str) -> None:
        """Nobody comes, and nobody was told: told once more in a while, as long as the window is not over."""
        pickup = pickups.locked(tx, self.pickup_id)
        due = tx.now + pause_after(pickup.attempts)
        if due >= pickup.latest:
            pickups.settle(tx, pickup, PickupStatus.refused, why=why)
            return
        pickups.move(tx, pickup, PickupStatus.asked, why=why)
        pickup.key, pickup.provider_ref = str(uuid7()), None
        pickup.why, pickup.due_at = why, due
        tx.flush()


class CallOff(NamedTuple):
    """Tell the carrier not to come."""

    pickup_id: UUID
    account: Account
    key: str
    ref: str

    def ask(self, carriers: Carriers) -> Voiding:
        try:
            return carriers.open(self.account).cancel_pickup(self.key, self.ref)
        except (CarrierTrouble, Refusal, Unavailable) as trouble:
            return Voiding(status=VoidStatus.unknown, message=str(trouble))

    def book(self, tx: Transaction, told: Voiding) -> None:
        pickup = pickups.locked(tx, self.pickup_id)
        if pickup.status != PickupStatus.cancelling:
            return
        why = told.message or told.code or "the carrier does not come"
        if told.status is VoidStatus.granted:
            pickups.settle(tx, pickup, PickupStatus.cancelled, why=pickup.why or why)
        elif told.status is VoidStatus.refused:
            pickups.settle(tx, pickup, PickupStatus.booked, why=f"not cancelled: {why}")
        else:
            pickup.due_at = tx.now + pause_after(pickup.attempts)
            tx.flush()


def next_step(tx: Transaction, pickup_id: UUID) -> Book | CallOff | None:
    """What to ask of the world now; None when there is nothing, or somebody else is about it."""
    pickup = pickups.locked(tx, pickup_id)
    status = PickupStatus(pickup.status)
    first = status is PickupStatus.asked and not pickup.attempts
    if pickup.account is None or (pickup.due_at > tx.now and not first):
        return None
    if status not in (PickupStatus.asked, PickupStatus.booking, PickupStatus.unknown, PickupStatus.cancelling):
        return None
    account = opened(tx, tx.get_one(CarrierAccount, pickup.account))
    pickup.attempts, pickup.due_at = pickup.attempts + 1, tx.now + pickups.STALE
    if status is PickupStatus.cancelling:
        return CallOff(pickup.id, account, pickup.key, pickup.provider_ref or "")
    if status is not PickupStatus.asked:
        pickups.move(tx, pickup, PickupStatus.unknown, why="whoever told the carrier did not come back")
        return Book(pickup.id, account, pickup.key, None, pickup.provider_ref or "")
    labels = pickups.waiting(tx, pickup.node, pickup.carrier, pickup.account)
    refs = [label.provider_ref for label in labels if label.provider_ref]
    if not refs:
        pickups.settle(tx, pickup, PickupStatus.cancelled, why="nothing waits to be fetched any more")
        return None
    pickups.move(tx, pickup, PickupStatus.booking, why=f"{account.name} is told of {len(refs)} parcels")
    pickup.parcels = len(refs)
    node = tx.get_one(Node, pickup.node)
    told = PickupAsk(
        labels=refs,
        address=sender_of(node, node.code),
        earliest=max(pickup.earliest, tx.now),
        latest=pickup.latest,
        note=pickup.note or "",
    )
    return Book(pickup.id, account, pickup.key, told, "")


def pause_after(attempts: int) -> timedelta:
    doubled: int = 2 ** min(max(attempts - 1, 0), 10)
    return min(FIRST_LOOK * doubled, LONGEST_PAUSE)


def book_daily(tx: Transaction) -> list[UUID]:
    """Pickups of calendars whose cut-off has passed today and for whose carrier something waits; each day once."""
    found = []
    for row in tx.scalars(select(CarrierCalendar).where(CarrierCalendar.active, CarrierCalendar.daily)).all():
        node = tx.get_one(Node, row.node)
        here = tx.now.astimezone(ZoneInfo(node.time_zone))
        window = window_on(row, here.date())
        if window is None or here.weekday() not in node.open_weekdays or here.date().isoformat() in node.closed_dates:
            continue
        minute = here.hour * 60 + here.minute
        if not minute_of(window.cut_off) <= minute < minute_of(window.end):
            continue
        if not pickups.waiting(tx, row.node, row.carrier, row.account):
            continue
        if pickups.any_on(tx, row.node, row.carrier, here.date()):
            continue
        ask = BookPickup(node=row.node, carrier=row.carrier, on=here.date())
        span = pickups.window_of(node, here.date(), window.start, window.end)
        found.append(pickups.open_pickup(tx, ask, row.account, span, daily=True).id)
    return found
