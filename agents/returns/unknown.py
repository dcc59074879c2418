"""Parcels without a request: kept apart, and matched with an order once, which books them in as a return."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from agents.returns.deciding import approve
from agents.returns.matching import Placed, Room, place
from agents.returns.messages import (
    CloseUnknownParcel,
    GradedAsk,
    KeepUnknownParcel,
    MatchUnknownParcel,
    ReceiveReturn,
    RequestReturn,
    ReturnLineAsk,
    UnknownParcelKept,
    UnknownParcelMatched,
    UnknownParcelState,
    UnknownUnits,
)
from agents.returns.receiving import take_in
from agents.returns.refusals import BadReturnField, FitsNoLine
from agents.returns.requesting import begin
from agents.returns.rules import check_reason
from agents.returns.telling import remark
from agents.stock.goods import need_node
from agents.stock.rules import check_quantity, check_words
from db.base import uuid7
from db.catalog import variants_by_sku
from db.errors import IllegalMove, NotFound
from db.returns import RECEIVABLE, Grade, Sold, lock_return, sold
from db.session import Transaction, check_version
from db.unknown_parcels import (
    UNKNOWN_PARCEL_MOVES,
    UnknownItem,
    UnknownParcel,
    UnknownParcelStatus,
    items_in,
    lock_unknown_parcel,
    new_unknown_number,
    unknown_next,
)

CAME = (Grade.sellable, Grade.damaged, Grade.not_as_described)


def keep(tx: Transaction, ask: KeepUnknownParcel) -> UnknownParcelState:
    """Raises BadReturnField, and NotFound for a node or a SKU."""
    check_words("note", ask.note, needed=False)
    check_words("scanned", ask.scanned, needed=False)
    need_node(tx, ask.node)
    for units in ask.units:
        check_quantity(units.sku, units.quantity)
        check_words("note", units.note, needed=False)
        if units.grade not in CAME:
            raise BadReturnField("grade", f"{units.grade!r} is not one of {', '.join(CAME)}")
    known = variants_by_sku(tx, (units.sku for units in ask.units))  # a kit comes back as what it was sold as
    if strangers := sorted({units.sku for units in ask.units} - known.keys()):
        raise NotFound("SKU", strangers[0])
    parcel = UnknownParcel(
        id=uuid7(),
        number=new_unknown_number(tx),
        node=ask.node,
        status=UnknownParcelStatus.waiting,
        scanned=ask.scanned,
        note=ask.note,
        found_by=tx.who.actor,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.add(parcel)
    tx.flush()
    tx.add_all(_item(parcel, no, units) for no, units in enumerate(ask.units, start=1))
    tx.note(f"unknown_parcel:{parcel.id}", to_status=UnknownParcelStatus.waiting, why=f"found at {ask.node}")
    tx.announce(
        f"unknown_parcel:{parcel.id}",
        UnknownParcelKept(
            parcel_id=parcel.id, number=parcel.number, node=parcel.node, units=sum(u.quantity for u in ask.units)
        ),
    )
    return _state(tx, parcel)


def match(tx: Transaction, ask: MatchUnknownParcel) -> UnknownParcelState:
    """Its units come in on the order's open returns as far as they fit, the rest on a new one that is approved.

    Raises:
        IllegalMove: it is matched or closed already, so nothing is booked twice.
        FitsNoLine: the order has not so much left to come back.
        BadReturnField: the parcel is empty.
    """
    check_reason(0, ask.reason)
    of = sold(tx, ask.order_id, lock=True)
    parcel = lock_unknown_parcel(tx, ask.parcel_id)
    check_version(parcel, ask.version, kind="parcel", id=parcel.number)
    if parcel.status != UnknownParcelStatus.waiting:
        raise IllegalMove("parcel", parcel.number, parcel.status, UnknownParcelStatus.matched, [])
    items = items_in(tx, [parcel.id])
    if not items:
        raise BadReturnField("units", f"{parcel.number} has nothing in it that could come back")
    placed, over = place(items, _rooms(of))
    if over:
        raise FitsNoLine(of.order.number, [{"sku": item.sku, "quantity": units} for item, units in over])
    new = _new_return(tx, of, parcel, [each for each in placed if each.room.return_id is None], ask.reason)
    coming: dict[UUID, list[GradedAsk]] = {}
    for each in placed:
        coming.setdefault(each.room.return_id or new, []).append(_graded(each))
    for return_id, graded in coming.items():
        item = lock_return(tx, return_id)
        take_in(tx, sold(tx, of.order.id), item, ReceiveReturn(return_id=return_id, node=parcel.node, units=graded))
        remark(tx, item, f"return {item.number}: {parcel.number} belongs to it")
    parcel.return_id = next(iter(coming))
    _move(tx, parcel, UnknownParcelStatus.matched, why=f"belongs to order {of.order.number}")
    tx.announce(
        f"unknown_parcel:{parcel.id}",
        UnknownParcelMatched(
            parcel_id=parcel.id, number=parcel.number, return_id=parcel.return_id, order_id=of.order.id
        ),
    )
    return _state(tx, parcel)


def close(tx: Transaction, ask: CloseUnknownParcel) -> UnknownParcelState:
    check_words("reason", ask.reason)
    parcel = lock_unknown_parcel(tx, ask.parcel_id)
    check_version(parcel, ask.version, kind="parcel", id=parcel.number)
    _move(tx, parcel, UnknownParcelStatus.closed, why=ask.reason)
    return _state(tx, parcel)


def _rooms(of: Sold) -> list[Room]:
    status = {r.id: r.status for r in of.returns}
    asked = [
        Room(row.return_id, row.line_no, row.sku, row.open)
        for rows in of.back.values()
        for row in rows
        if status[row.return_id] in RECEIVABLE and row.open
    ]
    return asked + [Room(None, n.line_no, n.sku, of.returnable(n.line_no)) for n in of.lines.values()]


def _new_return(tx: Transaction, of: Sold, parcel: UnknownParcel, placed: list[Placed], reason: str) -> UUID:
    """A return of what nobody had asked to give back, approved because it is here; its id, or no matter which."""
    units: Counter[int] = Counter()
    for each in placed:
        units[each.room.line_no] += each.quantity
    if not units:
        return parcel.id
    asked = [ReturnLineAsk(line_no=n, quantity=quantity, reason=reason) for n, quantity in sorted(units.items())]
    item, _, _ = begin(
        tx,
        of,
        RequestReturn(order_id=of.order.id, lines=asked, exception=f"it came as {parcel.number}"),
        to_come=True,
    )
    approve(tx, sold(tx, of.order.id), item, by=tx.who.actor, why=f"the goods are here: {parcel.number}")
    return item.id


def _graded(each: Placed) -> GradedAsk:
    return GradedAsk(
        line_no=each.room.line_no,
        quantity=each.quantity,
        grade=each.unit.grade,
        lots={each.unit.sku: each.unit.lot} if each.unit.lot else {},
        note=each.unit.note,
    )


def _item(parcel: UnknownParcel, no: int, units: UnknownUnits) -> UnknownItem:
    return UnknownItem(
        parcel_id=parcel.id,
        no=no,
        sku=units.sku,
        quantity=units.quantity,
        grade=units.grade,
        lot=units.lot,
        note=units.note,
    )


def _move(tx: Transaction, parcel: UnknownParcel, to: UnknownParcelStatus, *, why: str) -> None:
    tx.move(parcel, to, moves=UNKNOWN_PARCEL_MOVES, subject=f"unknown_parcel:{parcel.id}", why=why)
    parcel.updated_at = tx.now


def _state(tx: Transaction, parcel: UnknownParcel) -> UnknownParcelState:
    tx.flush()
    return UnknownParcelState(
        id=parcel.id,
        number=parcel.number,
        node=parcel.node,
        status=parcel.status,
        return_id=parcel.return_id,
        version=parcel.version,
        next=unknown_next(parcel.status),
    )
