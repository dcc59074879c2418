"""Pickups: the wish that a carrier fetches at a node, a row before the carrier is told; opened, found, moved, ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from agents.shipping.calendars import account_at, clock, window_on
from agents.shipping.messages.pickups import (
    BookPickup,
    CancelPickup,
    CarryOutPickup,
    GiveUpPickup,
    PickupBooked,
    PickupCancelled,
    PickupNotBooked,
    PickupState,
)
from agents.shipping.refusals import BadPickup, NobodyFetches, PickupThen
from db.base import uuid7
from db.errors import IllegalMove, NotFound
from db.fulfilment import Parcel, ParcelStatus
from db.nodes import Node
from db.pickups import OPEN_PICKUPS, PICKUP_MOVES, CarrierCalendar, Pickup, PickupStatus, pickup_numbers
from db.session import Transaction
from db.shipping import Label, LabelState

STALE = timedelta(seconds=60)  # longer than any call lasts: whoever made it is gone
FARTHEST = 60  # days ahead
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")


class Window(NamedTuple):
    on: date
    earliest: datetime
    latest: datetime


def book(tx: Transaction, ask: BookPickup) -> PickupState:
    """The day's pickup of a carrier at a node, or a new one. Raises NotFound, BadPickup, NobodyFetches, PickupThen."""
    node = tx.get(Node, ask.node)
    if node is None:
        raise NotFound("node", ask.node)
    calendar = tx.get(CarrierCalendar, (ask.node, ask.carrier))
    if calendar is not None and not calendar.active:
        calendar = None
    code = ask.account or (calendar.account if calendar and not ask.confirmation else None)
    account_at(tx, code, ask.node)
    if code is None and not ask.confirmation:
        raise BadPickup("Nobody tells the carrier: name an account, or call it and put in the number of the pickup.")
    if code is not None and ask.confirmation:
        raise BadPickup("A pickup is booked through an account or by a person who has its number, not by both.")
    window = _window(tx, ask, node, calendar)
    live = _open_on(tx, ask.node, ask.carrier, ask.on)
    if live is not None:
        if (live.account, live.earliest, live.latest) == (code, window.earliest, window.latest):
            return view(live)
        raise PickupThen(live.number, ask.carrier, ask.on, live.status)
    if code is not None and not waiting(tx, ask.node, ask.carrier, code):
        raise BadPickup(
            f"Nothing with a label of {code} waits at {ask.node}: carriers want to be told of what they fetch."
        )
    return view(open_pickup(tx, ask, code, window))


def open_pickup(
    tx: Transaction, ask: BookPickup, account: str | None, window: Window, *, daily: bool = False
) -> Pickup:
    """The caller has seen that none is open for the day."""
    labels = waiting(tx, ask.node, ask.carrier, account)
    pickup = Pickup(
        id=uuid7(),
        number=f"PU{tx.execute(pickup_numbers.next_value().select()).scalar_one():06d}",
        node=ask.node,
        carrier=ask.carrier,
        account=account,
        on=window.on,
        earliest=window.earliest,
        latest=window.latest,
        status=PickupStatus.asked,
        daily=daily,
        parcels=len(labels),
        key=str(uuid7()),
        note=ask.note,
        asked_by=tx.who.actor,
        asked_at=tx.now,
        due_at=tx.now + STALE,
    )
    tx.add(pickup)
    tx.flush()
    tx.note(f"pickup:{pickup.id}", to_status=PickupStatus.asked)
    if account is None:
        pickup.confirmation = ask.confirmation
        settle(tx, pickup, PickupStatus.booked, why=f"told by {tx.who.actor}: {ask.confirmation}")
    else:
        tx.send("shipping", f"pickup:{pickup.id}", CarryOutPickup(pickup_id=pickup.id))
    return pickup


def cancel(tx: Transaction, ask: CancelPickup) -> PickupState:
    """Tell the carrier not to come. A pickup that it was not told of is over at once."""
    pickup = locked(tx, ask.pickup_id)
    status = PickupStatus(pickup.status)
    if status is PickupStatus.booked and pickup.account is not None:
        move(tx, pickup, PickupStatus.cancelling, why=ask.reason)
        pickup.why, pickup.due_at, pickup.attempts = ask.reason, tx.now, 0
        tx.send("shipping", f"pickup:{pickup.id}", CarryOutPickup(pickup_id=pickup.id))
    elif PickupStatus.cancelled in PICKUP_MOVES[status] and status is not PickupStatus.cancelling:
        settle(tx, pickup, PickupStatus.cancelled, why=ask.reason)
    else:
        raise IllegalMove("pickup", pickup.number, status, PickupStatus.cancelled, next_of(pickup))
    tx.flush()
    return view(pickup)


def give_up(tx: Transaction, ask: GiveUpPickup) -> PickupState:
    pickup = locked(tx, ask.pickup_id)
    if pickup.status != PickupStatus.unknown:
        raise IllegalMove("pickup", pickup.number, pickup.status, PickupStatus.given_up, next_of(pickup))
    settle(tx, pickup, PickupStatus.given_up, why=ask.reason)
    return view(pickup)


def settle(tx: Transaction, pickup: Pickup, to: PickupStatus, *, why: str) -> None:
    """The end of a wish, or of its cancelling, which everybody is told."""
    was = pickup.status
    move(tx, pickup, to, why=why)
    pickup.why, pickup.settled_at = why, tx.now
    about: dict[str, Any] = {
        "pickup_id": pickup.id,
        "number": pickup.number,
        "node": pickup.node,
        "carrier": pickup.carrier,
        "on": pickup.on,
    }
    subject = f"pickup:{pickup.id}"
    if to is PickupStatus.booked and was != PickupStatus.cancelling:
        tx.announce(subject, PickupBooked(**about, confirmation=pickup.confirmation or ""))
    elif to is PickupStatus.refused:
        tx.announce(subject, PickupNotBooked(**about, why=why[:500]))
    elif to is PickupStatus.cancelled:
        tx.announce(subject, PickupCancelled(**about, why=why[:500]))
    tx.flush()


def move(tx: Transaction, pickup: Pickup, to: PickupStatus, *, why: str) -> None:
    if pickup.status != to:
        tx.move(pickup, to, moves=PICKUP_MOVES, subject=f"pickup:{pickup.id}", why=why)


def locked(tx: Transaction, pickup_id: UUID) -> Pickup:
    pickup = tx.get(Pickup, pickup_id, with_for_update=True, populate_existing=True)
    if pickup is None:
        raise NotFound("pickup", str(pickup_id))
    return pickup


def waiting(tx: Transaction, node: str, carrier: str, account: str | None) -> list[Label]:
    """Live labels of a carrier on parcels that are still in the house, the oldest first."""
    rows = tx.scalars(
        select(Label)
        .join(Parcel, Parcel.id == Label.parcel_id)
        .where(Label.state == LabelState.live, Label.carrier == carrier, Label.account.is_not_distinct_from(account))
        .where(Parcel.node == node, Parcel.status.in_((ParcelStatus.packed, ParcelStatus.labelled)))
        .order_by(Label.created_at, Label.id)
    )
    return list(rows)


def window_of(node: Node, on: date, start: str, end: str) -> Window:
    zone = ZoneInfo(node.time_zone)
    return Window(on, datetime.combine(on, clock(start), zone), datetime.combine(on, clock(end), zone))


def view(pickup: Pickup) -> PickupState:
    return PickupState(
        id=pickup.id,
        number=pickup.number,
        node=pickup.node,
        carrier=pickup.carrier,
        on=pickup.on,
        status=pickup.status,
        confirmation=pickup.confirmation,
        why=pickup.why,
        next=next_of(pickup),
    )


def next_of(pickup: Pickup) -> list[str]:
    """What a person may do with it."""
    if pickup.status in (PickupStatus.asked, PickupStatus.booked):
        return ["cancel"]
    return ["give_up"] if pickup.status == PickupStatus.unknown else []


def _window(tx: Transaction, ask: BookPickup, node: Node, calendar: CarrierCalendar | None) -> Window:
    today = tx.now.astimezone(ZoneInfo(node.time_zone)).date()
    if not today <= ask.on <= today + timedelta(days=FARTHEST):
        raise BadPickup(f"A pickup is for today ({today}) or one of the next {FARTHEST} days, not for {ask.on}.")
    usual = window_on(calendar, ask.on) if calendar else None
    if calendar is not None and usual is None:
        raise NobodyFetches(ask.carrier, ask.node, ask.on, "its calendar says so")
    if ask.on.isoformat() in node.closed_dates or ask.on.weekday() not in node.open_weekdays:
        raise NobodyFetches(ask.carrier, ask.node, ask.on, "the node is closed")
    start, end = ask.start or (usual.start if usual else None), ask.end or (usual.end if usual else None)
    if start is None or end is None:
        raise BadPickup(f"Say from when to when {ask.carrier} may come: it has no calendar at {ask.node}.")
    if clock(start) >= clock(end):
        raise BadPickup(f"Fetching would end ({end}) before it begins ({start}).")
    window = window_of(node, ask.on, start, end)
    if window.latest <= tx.now:
        raise BadPickup(f"It is past {end} at {ask.node} already. Book the next day.")
    return window


def _open_on(tx: Transaction, node: str, carrier: str, on: date) -> Pickup | None:
    tx.execute(_ONE_AT_A_TIME, {"what": f"pickup/{node}/{carrier}/{on}"})
    wanted = select(Pickup).where(Pickup.node == node, Pickup.carrier == carrier, Pickup.on == on)
    return tx.scalars(
        wanted.where(Pickup.status.in_(OPEN_PICKUPS)), execution_options={"populate_existing": True}
    ).first()


def any_on(tx: Transaction, node: str, carrier: str, on: date) -> bool:
    """Whether a pickup was ever wished for that day, whatever came of it. Others wait until this is through."""
    tx.execute(_ONE_AT_A_TIME, {"what": f"pickup/{node}/{carrier}/{on}"})
    wanted = (
        select(func.count()).select_from(Pickup).where(Pickup.node == node, Pickup.carrier == carrier, Pickup.on == on)
    )
    return bool(tx.scalar(wanted))
