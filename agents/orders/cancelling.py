"""Cancels what nobody has picked: gives the stock back, says what it was worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from agents.orders.messages import CancelOrder, LineQuantity, LinesCancelled, OrderState
from agents.orders.progress import lift_payment_hold, move, reckon, settle
from agents.orders.refusals import BadQuantity, NotCancellable, NothingToCancel, UnknownLine
from agents.orders.rules import CANCELLABLE, check_text, open_units, to_release, units_by_state, worth
from agents.orders.stockroom import fill
from agents.orders.views import state_of
from db.allocations import Part, lock_allocations, release
from db.orders import OrderLine, OrderSheet, OrderStatus, order_sheet
from db.returns import credited_by_line
from db.session import Transaction, check_version
from db.stock import Allocation


def cancel(tx: Transaction, ask: CancelOrder) -> OrderState:
    """Cancel all that is open, or the units named; whole or not at all.

    Raises:
        NotCancellable: units are picked or shipped; it names the lines and what state they are in.
        NothingToCancel: the order is over, or everything was cancelled before.
    """
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    check_version(order, ask.version, kind="order", id=str(order.id))
    _check_open(sheet, ask)
    allocations = lock_all(tx, sheet)
    take = _wanted(sheet, ask, allocations)
    released, amount = cancel_units(tx, sheet, take, allocations, why=ask.reason)
    if all(n.cancelled == n.quantity for n in sheet.lines):
        amount += order.total_now  # nothing leaves, so nothing is asked for the shipping
        order.cancelled_total = order.total
    _announce(tx, sheet, take, released, amount=amount, reason=ask.reason)
    sheet = order_sheet(tx, order.id)
    if order.status == OrderStatus.draft:
        if all(n.cancelled == n.quantity for n in sheet.lines):
            move(tx, order, OrderStatus.cancelled, why=ask.reason)
    else:
        reckon(order)
        lift_payment_hold(tx, sheet)
        settle(tx, sheet, why=ask.reason)
    fill(tx, {(a.sku, a.node) for a in released})
    return state_of(order_sheet(tx, order.id))


def check_cancel(sheet: OrderSheet, ask: CancelOrder) -> None:
    """Raises what `cancel` would, going by allocations that are not locked."""
    _check_open(sheet, ask)
    _wanted(sheet, ask, sheet.allocations)


def _check_open(sheet: OrderSheet, ask: CancelOrder) -> None:
    check_text("reason", ask.reason, needed=True)
    if not sheet.order.live or sheet.order.status not in CANCELLABLE:
        raise NothingToCancel(str(sheet.order.id), sheet.order.status)


def lock_all(tx: Transaction, sheet: OrderSheet) -> list[Allocation]:
    """Every allocation of a locked order, locked with the levels under them.

    Looked up again under the locks: stock that came in a moment ago may have split a row.
    """
    lock_allocations(tx, [a.id for a in sheet.allocations])
    again = select(Allocation).where(Allocation.order_id == sheet.order.id).order_by(Allocation.id).with_for_update()
    return list(tx.scalars(again, execution_options={"populate_existing": True}))


def _wanted(sheet: OrderSheet, ask: CancelOrder, allocations: Sequence[Allocation]) -> dict[int, int]:
    """Units to cancel by line number."""
    open_now = {n.line_no: open_units(n, allocations) for n in sheet.lines}
    if ask.lines is None:
        take = {n.line_no: n.quantity - n.cancelled - n.shipped for n in sheet.lines}
        take = {line_no: quantity for line_no, quantity in take.items() if quantity}
    else:
        take = defaultdict(int)
        for named in ask.lines:
            if named.line_no not in open_now:
                raise UnknownLine(named.line_no, sorted(open_now))
            if named.quantity <= 0:
                raise BadQuantity(f"line {named.line_no}", named.quantity, open_now[named.line_no])
            take[named.line_no] += named.quantity
    refused = [n for n in sheet.lines if take.get(n.line_no, 0) > open_now[n.line_no]]
    if refused:
        raise NotCancellable(str(sheet.order.id), [_refused(n, take, open_now, allocations) for n in refused])
    if not take:
        raise NothingToCancel(str(sheet.order.id), sheet.order.status)
    return dict(take)


def _refused(
    line: OrderLine, take: Mapping[int, int], open_now: Mapping[int, int], allocations: Sequence[Allocation]
) -> dict[str, object]:
    return {
        "line_no": line.line_no,
        "sku": line.sku,
        "wanted": take[line.line_no],
        "open": open_now[line.line_no],
        "states": units_by_state(line, allocations),
    }


def cancel_units(
    tx: Transaction, sheet: OrderSheet, take: Mapping[int, int], allocations: Sequence[Allocation], *, why: str
) -> tuple[list[Allocation], int]:
    """Book it on lines, order and stock; returns the released allocations and what the units were worth."""
    amount = 0
    parts: list[Part] = []
    back = paid_back(tx, sheet)
    for line in sheet.lines:
        quantity = take.get(line.line_no, 0)
        if not quantity:
            continue
        part_worth = worth(line, quantity, credited=back.get(line.line_no, 0))
        if sheet.order.status != OrderStatus.draft:
            parts += [Part(*p) for p in to_release(line, quantity, allocations)]
        line.cancelled += quantity
        line.cancelled_amount += part_worth
        amount += part_worth
    sheet.order.cancelled_total += amount
    sheet.order.updated_at = tx.now
    tx.flush()
    return (release(tx, parts, why=why) if parts else []), amount


def paid_back(tx: Transaction, sheet: OrderSheet) -> dict[int, int]:
    """By line, what was paid for units that came back. Nothing comes back of an order of which nothing has left."""
    return credited_by_line(tx, sheet.order.id) if any(n.shipped for n in sheet.lines) else {}


def _announce(
    tx: Transaction,
    sheet: OrderSheet,
    take: Mapping[int, int],
    released: Sequence[Allocation],
    *,
    amount: int,
    reason: str,
) -> None:
    order = sheet.order
    lines = [LineQuantity(line_no=line_no, quantity=quantity) for line_no, quantity in sorted(take.items())]
    tx.note(
        f"order:{order.id}",
        from_status=order.status,
        to_status=order.status,
        why=f"cancelled: {reason}",
        detail={"lines": [[n.line_no, n.quantity] for n in lines], "amount": amount},
    )
    cancelled = LinesCancelled(
        order_id=order.id,
        number=order.number,
        lines=lines,
        currency=order.currency,
        amount=amount,
        total_now=order.total_now,
        released=[a.id for a in released],
        reason=reason,
    )
    tx.announce(f"order:{order.id}", cancelled)
