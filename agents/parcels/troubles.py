"""A parcel gets into trouble, into worse trouble, and out of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from agents.parcels.messages import (
    ExceptionState,
    OpenException,
    ParcelExceptionOpened,
    ParcelExceptionResolved,
    ProposeAgain,
    ReleaseException,
    ReopenException,
    TakeException,
)
from agents.parcels.refusals import ParcelNotOut, UnknownKind
from agents.parcels.telling import move, propose_anew, remark, state_of, subject_of
from agents.parcels.worth import contents_of
from agents.shipping.messages.tracking import ParcelTracked
from agents.stock.rules import check_words
from db.base import uuid7
from db.errors import NotFound
from db.fulfilment import Parcel, ParcelStatus
from db.orders import Order
from db.parcel_exceptions import (
    ExceptionKind,
    ExceptionStatus,
    ParcelException,
    exception_of,
    lock_exception,
    new_exception_number,
)
from db.session import Transaction, check_version
from db.shipping import Label, LabelState
from db.tracking import Incident, TrackingStatus

_K, _S, _T = ExceptionKind, ExceptionStatus, TrackingStatus
_SEVERITY = {kind: rank for rank, kind in enumerate(ExceptionKind)}
# How soon somebody has to have looked; what spoils while it waits is first.
_DUE = {
    _K.late: timedelta(hours=48),
    _K.held: timedelta(hours=24),
    _K.silent: timedelta(hours=24),
    _K.failed: timedelta(hours=8),
    _K.damaged: timedelta(hours=8),
    _K.returned: timedelta(hours=24),
    _K.lost: timedelta(hours=8),
    _K.other: timedelta(hours=24),
}
_KIND_OF = {
    _T.on_hold: _K.held,
    _T.delivery_failed: _K.failed,
    _T.delivery_delayed: _K.late,
    _T.return_to_sender: _K.returned,
    _T.cancelled: _K.held,
}


def kind_of(status: str, incident: str | None) -> ExceptionKind | None:
    """What kind of trouble a parcel's standing is, if any."""
    if incident == Incident.damaged:
        return _K.damaged
    if incident == Incident.lost and status != _T.delivered:
        return _K.lost
    return _KIND_OF.get(TrackingStatus(status))


def hear_tracked(tx: Transaction, event: ParcelTracked) -> None:
    kind = kind_of(event.status, event.incident)
    if kind is not None:
        words = event.status.replace("_", " ")
        because = f" ({event.incident.replace('_', ' ')})" if event.incident else ""
        with suppress(ParcelNotOut):  # scanned before anybody said that it left: the clock finds it later
            found = get_into(tx, event.parcel_id, kind, f"the carrier says: {words}{because}", at=event.at)
            if found is not None:
                found.cause = event.cause
    if event.status == _T.delivered:
        _arrived(tx, event)


def get_into(
    tx: Transaction, parcel_id: UUID, kind: ExceptionKind, why: str, *, at: datetime, said: bool = False
) -> ParcelException | None:
    """A parcel is in trouble; what was resolved is opened again for news alone. None: it is known already.

    A worse kind takes the place of a milder one, never the other way round, unless a person has `said` so.
    """
    parcel = tx.get(Parcel, parcel_id, with_for_update={"key_share": True})
    if parcel is None:
        raise NotFound("parcel", str(parcel_id))
    found = exception_of(tx, parcel.id)
    if found is None:
        return _open(tx, parcel, kind, why)
    worse = _SEVERITY[kind] > _SEVERITY[ExceptionKind(found.kind)]
    if found.resolved_at is not None:
        if not (worse or said or (at > found.resolved_at and kind is not _K.late)):
            return None
        to, found.reopened, found.due_at = _S.open, found.reopened + 1, tx.now + _DUE[kind]
    elif worse or said:
        to, found.due_at = ExceptionStatus(found.status), max(tx.now, min(found.due_at, tx.now + _DUE[kind]))
    else:
        return None
    found.kind, found.why = kind, why
    move(tx, found, to, why=why)
    propose_anew(tx, found)
    return found


def open_by_hand(tx: Transaction, ask: OpenException) -> ExceptionState:
    """Raises NotFound, ParcelNotOut, UnknownKind."""
    check_words("why", ask.why)
    if ask.kind not in set(ExceptionKind):
        raise UnknownKind(ask.kind, [k.value for k in ExceptionKind])
    found = get_into(tx, ask.parcel_id, ExceptionKind(ask.kind), ask.why, at=tx.now, said=True)
    if found is None:
        raise NotFound("parcel", str(ask.parcel_id))
    return state_of(tx, found)


def take(tx: Transaction, ask: TakeException) -> ExceptionState:
    found = locked(tx, ask)
    found.assigned_to = ask.person or tx.who.actor
    to = _S.taken if found.status in (_S.open, _S.taken) else ExceptionStatus(found.status)
    move(tx, found, to, why=f"{found.assigned_to} looks after it")
    return state_of(tx, found)


def release(tx: Transaction, ask: ReleaseException) -> ExceptionState:
    found = locked(tx, ask)
    found.assigned_to = None
    to = _S.open if found.status in (_S.open, _S.taken) else ExceptionStatus(found.status)
    move(tx, found, to, why="nobody looks after it")
    return state_of(tx, found)


def reopen(tx: Transaction, ask: ReopenException) -> ExceptionState:
    """Raises IllegalMove when it is not resolved."""
    check_words("reason", ask.reason)
    found = locked(tx, ask)
    if found.status != _S.resolved:
        tx.move(found, _S.open, moves={s: frozenset() for s in ExceptionStatus}, subject=subject_of(found))
    move(tx, found, _S.open, why=ask.reason)
    found.reopened += 1
    found.due_at = tx.now + _DUE[ExceptionKind(found.kind)]
    propose_anew(tx, found)
    return state_of(tx, found)


def again(tx: Transaction, ask: ProposeAgain) -> ExceptionState:
    found = lock_exception(tx, ask.exception_id)
    propose_anew(tx, found)
    return state_of(tx, found)


def resolve(tx: Transaction, found: ParcelException, why: str) -> None:
    move(tx, found, _S.resolved, why=why)
    resolved = ParcelExceptionResolved(
        exception_id=found.id, number=found.number, order_id=found.order_id, action=found.action, resolution=why
    )
    tx.announce(f"order:{found.order_id}", resolved)


def locked(tx: Transaction, ask: TakeException | ReleaseException | ReopenException) -> ParcelException:
    found = lock_exception(tx, ask.exception_id)
    check_version(found, ask.version, kind="parcel exception", id=found.number)
    return found


def _arrived(tx: Transaction, event: ParcelTracked) -> None:
    """It is over by itself; where the customer was helped already, somebody should know."""
    found = exception_of(tx, event.parcel_id)
    if found is None or found.kind == _K.damaged:
        return
    if found.replacement_id is not None or found.refund_asked:
        how = f"sent again as {found.replacement_number}" if found.replacement_id else "paid back"
        why = f"it has arrived after all, and its goods were {how}: ask the customer to send them back or to keep them"
        if found.status == _S.resolved:
            found.reopened, found.due_at = found.reopened + 1, tx.now + _DUE[_K.other]
            move(tx, found, _S.open, why=why)
            propose_anew(tx, found)
        else:
            move(tx, found, ExceptionStatus(found.status), why=why)
    elif found.status in (_S.open, _S.taken, _S.waiting):
        resolve(tx, found, "it has arrived")


def _open(tx: Transaction, parcel: Parcel, kind: ExceptionKind, why: str) -> ParcelException:
    if parcel.status not in (ParcelStatus.shipped, ParcelStatus.delivered):
        raise ParcelNotOut(str(parcel.id), parcel.status)
    label = _label_of(tx, parcel)
    order = tx.get_one(Order, parcel.order_id)
    contents = contents_of(tx, parcel.id, order)
    found = ParcelException(
        id=uuid7(),
        number=new_exception_number(tx),
        parcel_id=parcel.id,
        order_id=order.id,
        order_number=order.number,
        tracking_number=label.tracking_number,
        carrier=label.carrier,
        kind=kind,
        status=_S.open,
        why=why,
        due_at=tx.now + _DUE[kind],
        currency=order.currency,
        goods_value=contents.value,
        goods_cost=contents.cost,
        proposal=[],
        refund_asked=0,
        refunded=0,
        reopened=0,
        version=1,
        opened_at=tx.now,
        updated_at=tx.now,
    )
    tx.add(found)
    tx.note(subject_of(found), to_status=_S.open, why=why)
    remark(tx, found, f"parcel {found.tracking_number} {kind}: {why}")
    propose_anew(tx, found)
    tx.announce(
        f"order:{order.id}",
        ParcelExceptionOpened(
            exception_id=found.id,
            number=found.number,
            parcel_id=parcel.id,
            order_id=order.id,
            order_number=order.number,
            carrier=found.carrier,
            tracking_number=found.tracking_number,
            kind=kind,
            why=why,
        ),
    )
    return found


def _label_of(tx: Transaction, parcel: Parcel) -> Label:
    label = tx.scalars(select(Label).where(Label.parcel_id == parcel.id, Label.state == LabelState.live)).one_or_none()
    if label is None:
        raise NotFound("label of parcel", str(parcel.id))
    return label
