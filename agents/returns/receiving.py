"""Units that came back are looked at: what can be sold goes on sale once, the rest is set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from agents.returns.disposing import booked_as, dispose, tell
from agents.returns.messages import GradedAsk, ReceiveReturn, ReturnReceived, ReturnState
from agents.returns.paying import owe, pay_for
from agents.returns.refunding import finish
from agents.returns.refusals import BadReturnField, MoreThanComes
from agents.returns.replacing import hear_received
from agents.returns.rules import is_paid
from agents.returns.signalling import check_serials, look_at_arrival, raise_signals
from agents.returns.telling import move, state_of
from agents.stock.booking import book
from agents.stock.goods import Goods, check_lots, lock_targets, need_bin_of, need_node, need_skus
from agents.stock.rules import check_quantity, check_words
from db.base import uuid7
from db.errors import IllegalMove
from db.ledger import Movement, lock_levels
from db.return_dispositions import ReturnDisposition
from db.returns import (
    RECEIVABLE,
    RETURN_MOVES,
    Grade,
    Return,
    ReturnLine,
    ReturnParcelState,
    ReturnStatus,
    ReturnUnits,
    Sold,
    lock_return,
    order_of_return,
    sold,
)
from db.session import Transaction, check_version
from db.stock import MovementKind


class Came(NamedTuple):
    """Units that are here, as they were said, as they are kept, and what becomes of them."""

    graded: GradedAsk
    units: ReturnUnits
    becomes: ReturnDisposition
    strange: bool  # another unit than was sent: a person decides whether it is paid for


def receive_return(tx: Transaction, ask: ReceiveReturn) -> ReturnState:
    """In as many parts as it takes. What the rules pay for is owed from now on.

    Raises IllegalMove, MoreThanComes, BadReturnField, and what a booking of stock raises.
    """
    check_units(ask.units)
    of = sold(tx, order_of_return(tx, ask.return_id), lock=True)
    item = lock_return(tx, ask.return_id)
    check_version(item, ask.version, kind="return", id=item.number)
    if item.status not in RECEIVABLE:
        may = sorted(s.value for s in RETURN_MOVES[ReturnStatus(item.status)])
        raise IllegalMove("return", item.number, item.status, ReturnStatus.received, may)
    return take_in(tx, of, item, ask)


def take_in(tx: Transaction, of: Sold, item: Return, ask: ReceiveReturn) -> ReturnState:
    """Count, book and pay for units. The order and the return are locked, and the return may be received."""
    rows = {row.line_no: row for rows in of.back.values() for row in rows if row.return_id == item.id}
    need_node(tx, ask.node)
    seen = [_as_is(tx, of, item, said) for said in ask.units]
    ask = msgspec.structs.replace(ask, units=[graded for graded, _ in seen])
    came: list[Came] = []
    for graded, strange in seen:
        units = _count(tx, item, rows, graded, ask.node)
        if graded.grade != Grade.missing:
            came.append(Came(graded, units, dispose(tx, of, units, graded), strange))
    if came:
        item.parcel = ReturnParcelState.arrived
    tx.flush()
    _book_in(tx, of, item, ask.node, came)
    for one in came:
        tx.add(one.becomes)
        tell(tx, one.becomes)
    for one in came:
        row, graded = rows[one.units.line_no], one.graded
        if not one.strange and is_paid(graded.grade, row.reason, refund_unsellable=row.refund_unsellable):
            pay_for(of, row, min(graded.quantity, row.quantity - row.credited))
    tx.flush()
    look_at_arrival(tx, of, item, list(rows.values()), ask)
    owe(tx, of, item, rows.values())
    complete = not any(row.open for row in rows.values())
    _move(tx, item, ask, complete=complete)
    _announce(tx, item, ask, complete=complete)
    if complete:
        finish(tx, of.order.number, item, list(rows.values()))
        hear_received(tx, item, of.order)
    return state_of(tx, item)


def check_units(units: Sequence[GradedAsk]) -> None:
    if not units:
        raise BadReturnField("units", "say what came, or what did not")
    for graded in units:
        check_quantity(f"line {graded.line_no}", graded.quantity)
        if graded.grade not in list(Grade):
            raise BadReturnField("grade", f"{graded.grade!r} is not one of {', '.join(Grade)}")
        check_words("note", graded.note, needed=False)
        if graded.grade == Grade.missing and graded.disposition is not None:
            raise BadReturnField("disposition", "nothing becomes of what is missing")


def _as_is(tx: Transaction, of: Sold, item: Return, said: GradedAsk) -> tuple[GradedAsk, bool]:
    """A unit that was never sent with the order is something else, whatever it looks like: it is not restocked."""
    strangers = check_serials(tx, of, said) if said.grade != Grade.missing else []
    if not strangers:
        return said, False
    raise_signals(tx, of, item, strangers)
    note = "; ".join([*([said.note] if said.note else []), *(sign.why for sign in strangers)])
    return msgspec.structs.replace(said, grade=Grade.not_as_described, note=note, disposition=None), True


def _count(tx: Transaction, item: Return, rows: dict[int, ReturnLine], graded: GradedAsk, node: str) -> ReturnUnits:
    row = rows.get(graded.line_no)
    if row is None:
        raise BadReturnField("line_no", f"{item.number} has no line {graded.line_no}")
    if graded.quantity > row.open:
        raise MoreThanComes(item.number, row.line_no, graded.quantity, row.open)
    setattr(row, graded.grade, getattr(row, graded.grade) + graded.quantity)
    units = ReturnUnits(
        id=uuid7(),
        return_id=item.id,
        line_no=row.line_no,
        node=node if graded.grade != Grade.missing else None,
        grade=graded.grade,
        quantity=graded.quantity,
        note=graded.note,
        by=tx.who.actor,
        at=tx.now,
    )
    tx.add(units)
    return units


def _book_in(tx: Transaction, of: Sold, item: Return, node: str, came: Sequence[Came]) -> None:
    movements = [m for one in came for m in _movements(tx, of, item, node, one)]
    if not movements:
        return
    variants = need_skus(tx, (m.sku for m in movements))
    lock_levels(tx, {(m.sku, m.node) for m in movements})
    check_lots(tx, variants, [(m.sku, m.lot, m.on_hand) for m in movements], arriving=True)
    adding: Counter[Goods] = Counter()
    for m in movements:
        adding[(m.bin or "", m.sku)] += m.on_hand
    lock_targets(tx, node, adding)
    book(tx, movements, why=f"return {item.number}")


def _movements(tx: Transaction, of: Sold, item: Return, node: str, one: Came) -> Sequence[Movement]:
    """One for each SKU that a unit of the line is made of; where they are put is kept with what becomes of them."""
    graded = one.graded
    status, type = booked_as(graded.grade, one.becomes.choice)
    one.units.booked_as = status
    bin = graded.bin or need_bin_of(tx, node, type)
    parts = of.lines[graded.line_no].parts
    if strangers := set(graded.lots) - {sku for sku, _ in parts}:
        raise BadReturnField("lots", f"{', '.join(sorted(strangers))} is not in line {graded.line_no}")
    made = [
        Movement(
            sku, node, MovementKind.returned, f"return:{item.id}", on_hand=per * graded.quantity, bin=bin,
            lot=graded.lots.get(sku, ""), status=status, why=graded.note or f"{item.number}, graded {graded.grade}",
        )
        for sku, per in parts
    ]  # fmt: skip
    one.becomes.goods = [
        {"sku": m.sku, "units": m.on_hand, "bin": m.bin, "lot": m.lot, "status": m.status} for m in made
    ]
    return made


def _move(tx: Transaction, item: Return, ask: ReceiveReturn, *, complete: bool) -> None:
    said = ", ".join(f"{g.quantity} of line {g.line_no} {g.grade.replace('_', ' ')}" for g in ask.units)
    to = ReturnStatus.received if complete else ReturnStatus.partly_received
    if item.status == to:
        tx.note(f"return:{item.id}", from_status=to, to_status=to, why=said)
    else:
        move(tx, item, to, why=said)
    item.updated_at = tx.now


def _announce(tx: Transaction, item: Return, ask: ReceiveReturn, *, complete: bool) -> None:
    units: Counter[str] = Counter()
    for graded in ask.units:
        units[graded.grade] += graded.quantity
    tx.announce(
        f"return:{item.id}",
        ReturnReceived(
            return_id=item.id,
            order_id=item.order_id,
            number=item.number,
            node=ask.node,
            sellable=units[Grade.sellable],
            unsellable=units[Grade.damaged] + units[Grade.not_as_described],
            missing=units[Grade.missing],
            complete=complete,
        ),
    )
