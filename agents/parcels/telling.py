"""How a parcel's exception is told, how it moves, and how its proposal is worked out."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from sqlalchemy import func, select

from agents.parcels.messages import ExceptionState, Option
from agents.parcels.proposing import Case, Learned, propose
from agents.parcels.worth import contents_of, short_of
from db.carrier_claims import CarrierClaim, ClaimStatus
from db.money import format_money
from db.orders import Order
from db.parcel_exceptions import (
    EXCEPTION_MOVES,
    ExceptionKind,
    ExceptionStatus,
    ParcelException,
    actions_of,
)
from db.payments import OPEN, EntryKind, entries_of, payments_of
from db.session import Transaction
from db.shipping import CarrierChoice, Label
from db.tracking import Track, terms_of
from db.zones import day_in

SETTLED_AFTER = timedelta(days=30)  # a parcel that has not arrived by then did not


def subject_of(found: ParcelException) -> str:
    return f"parcel_exception:{found.id}"


def move(tx: Transaction, found: ParcelException, to: ExceptionStatus, *, why: str) -> None:
    """The order's timeline shows it too. Raises IllegalMove."""
    if found.status != to:
        tx.move(found, to, moves=EXCEPTION_MOVES, subject=subject_of(found), why=why)
    else:
        tx.note(subject_of(found), from_status=found.status, to_status=found.status, why=why)
    if to is ExceptionStatus.resolved:
        found.resolution, found.resolved_by, found.resolved_at = why, tx.who.actor, tx.now
    else:
        found.resolution = found.resolved_by = found.resolved_at = None
    found.updated_at = tx.now
    remark(tx, found, f"parcel {found.tracking_number} {found.kind}, {to}: {why}")


def remark(tx: Transaction, found: ParcelException, why: str) -> None:
    detail = {"exception_id": str(found.id), "number": found.number}
    tx.note(f"order:{found.order_id}", to_status="parcel", why=why, detail=detail)


def propose_anew(tx: Transaction, found: ParcelException) -> None:
    """Work the proposal out by what is known now, and keep it with the exception."""
    tx.flush()
    options = propose(_case(tx, found))
    found.proposal = [msgspec.to_builtins(o) for o in options]
    found.proposed = next((o.action for o in options if o.refused is None), None)


def helped(found: ParcelException) -> str | None:
    """How the customer was made whole, if at all."""
    if found.replacement_number is not None:
        return f"sent again as {found.replacement_number}"
    if found.refund_asked > 0:
        return f"{format_money(found.refund_asked, found.currency)} refunded"
    return None


def claim_of(tx: Transaction, found: ParcelException) -> CarrierClaim | None:
    """The live one of its parcel."""
    wanted = select(CarrierClaim).where(
        CarrierClaim.parcel_id == found.parcel_id, CarrierClaim.status != ClaimStatus.written_off
    )
    return tx.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()


def state_of(tx: Transaction, found: ParcelException) -> ExceptionState:
    tx.flush()
    claim = claim_of(tx, found)
    return ExceptionState(
        id=found.id,
        number=found.number,
        parcel_id=found.parcel_id,
        order_id=found.order_id,
        kind=found.kind,
        status=found.status,
        assigned_to=found.assigned_to,
        due_at=found.due_at,
        proposed=found.proposed,
        proposal=msgspec.convert(found.proposal, list[Option]),
        action=found.action,
        action_error=found.action_error,
        replacement_id=found.replacement_id,
        refund_asked=found.refund_asked,
        refunded=found.refunded,
        currency=found.currency,
        claim_id=claim.id if claim else None,
        version=found.version,
        next=[str(step) for step in actions_of(found)],
    )


def _case(tx: Transaction, found: ParcelException) -> Case:
    kind = ExceptionKind(found.kind)
    order = tx.get_one(Order, found.order_id)
    track = tx.get(Track, found.tracking_number)
    label = tx.scalars(select(Label).where(Label.tracking_number == found.tracking_number)).one()
    terms = terms_of(tx, found.carrier)
    limit = terms.claim_limit if terms and terms.currency == found.currency else None
    days = terms.claim_days if terms else 30
    contents = contents_of(tx, found.parcel_id, order)
    handed = track.handed_over_at if track and track.handed_over_at else found.opened_at
    late = track is not None and track.promised_on is not None and day_in(tx.now, track.time_zone) > track.promised_on
    return Case(
        kind=kind,
        currency=found.currency,
        value=found.goods_value,
        cost=found.goods_cost,
        postage=label.amount if label.currency == found.currency else 0,
        late_cost=0 if late else _late_cost(tx, label, found.currency),
        refundable=refundable(tx, found),
        claim_limit=limit,
        effort=terms.effort if terms and terms.currency == found.currency else 0,
        short=short_of(tx, contents.units),
        helped=helped(found),
        claimed=claim_of(tx, found) is not None,
        claimable=tx.now <= handed + timedelta(days=days),
        arrived=_arrived(tx, found),
        paid=_paid(tx, found),
    )


def refundable(tx: Transaction, found: ParcelException) -> int:
    """What is left of what was captured of the order, without what is being given back."""
    captured = sum(p.captured - p.refunded for p in payments_of(tx, found.order_id))
    under_way = sum(e.amount for e in entries_of(tx, found.order_id) if e.kind == EntryKind.refund and e.state in OPEN)
    return max(0, captured - under_way)


def _late_cost(tx: Transaction, label: Label, currency: str) -> int:
    choice = tx.get(CarrierChoice, label.choice_id) if label.choice_id else None
    if choice is None or choice.policy.get("currency", currency) != currency:
        return 0
    return int(choice.policy.get("late_cost") or 0)


def _arrived(tx: Transaction, found: ParcelException) -> Learned:
    """Of the carrier's parcels that were in the same trouble and are settled, how many came all the same."""
    came = func.count().filter(Track.delivered_at.is_not(None))
    settled = func.count().filter(
        Track.delivered_at.is_not(None) | (ParcelException.opened_at < tx.now - SETTLED_AFTER)
    )
    good, of = tx.execute(
        select(came, settled)
        .select_from(ParcelException)
        .join(Track, Track.tracking_number == ParcelException.tracking_number)
        .where(ParcelException.carrier == found.carrier, ParcelException.kind == found.kind)
        .where(ParcelException.id != found.id)
    ).one()
    return Learned(good, of)


def _paid(tx: Transaction, found: ParcelException) -> Learned:
    """Of the carrier's claims for the same that are decided, how many were paid."""
    paid = func.count().filter(CarrierClaim.status.in_((ClaimStatus.accepted, ClaimStatus.paid)))
    decided = func.count().filter(CarrierClaim.status.not_in((ClaimStatus.draft, ClaimStatus.filed)))
    good, of = tx.execute(
        select(paid, decided).where(CarrierClaim.carrier == found.carrier, CarrierClaim.kind == found.kind)
    ).one()
    return Learned(good, of)
