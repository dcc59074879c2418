"""Goods of a purchase order come in, as often as it takes, and are taken back while they are still there.

The order is locked first, then its advance notice, the receipt, unit costs, levels, lots and bins. Units are counted on
the order, booked in the ledger and written on the receipt in one transaction; whoever waits for them is served in it
too, and places are looked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from agents.inbound.announced import count_in, count_out, notice_to_receive
from agents.inbound.inspecting import cancel_inspections, open_inspections, plans_of
from agents.inbound.messages.receipts import (
    GoodsAsk,
    GoodsReceived,
    GoodsTakenBack,
    ReceiptState,
    ReceiveGoods,
    TakeGoodsBack,
    WrongGoodsReceived,
)
from agents.inbound.putaway import arrived, told_of, withdraw_gone
from agents.inbound.refusals import ExpiryNeedsLot, OnThisOrder
from agents.inventory.messages import StockState
from agents.stock.booking import book
from agents.stock.goods import Goods, check_lots, keep_expiry, lock_targets, need_bin_of, need_skus
from agents.stock.rules import BadField, GoneSince, check_quantity, check_words
from db.advance_notices import AdvanceNotice, lock_notice
from db.base import uuid7
from db.errors import NotFound
from db.inbound import (
    RECEIPT_MOVES,
    REJECTED,
    Condition,
    Receipt,
    ReceiptLine,
    ReceiptStatus,
    lock_receipt,
    new_receipt_number,
    receipt_by_scan,
    receipt_lines,
)
from db.inspection import InspectionPlan, inspections_of_receipt
from db.ledger import Movement, lock_levels
from db.lots import NEAR_DAYS, day_at
from db.nodes import BinType
from db.purchasing import Acceptance, PurchaseOrder, count_received, lines_of, lock_purchase
from db.putaway import PutawayTask, open_putaways
from db.session import Transaction, check_version
from db.stock import MovementKind, StockStatus

BOOKED_AS = {
    Condition.good: (StockStatus.sellable, BinType.receiving),
    Condition.inspect: (StockStatus.quarantine, BinType.quarantine),
    Condition.damaged: (StockStatus.damaged, BinType.quarantine),
    Condition.wrong: (StockStatus.quarantine, BinType.quarantine),
}


def receive_goods(tx: Transaction, ask: ReceiveGoods) -> ReceiptState:
    """A scan that was booked before is answered as it was then, and nothing is booked twice.

    Raises:
        NotReceivable, MoreThanOrdered: see `db.purchasing.count_received`.
        NotOfThisNotice, NoticeOver: see `agents.inbound.announced`.
        BadField, BinClosed, BinFull, SerialInStock, LotHasOtherExpiry, OnThisOrder
    """
    _check(ask)
    order = lock_purchase(tx, ask.purchase_id)
    if (known := receipt_by_scan(tx, order.id, ask.scan)) is not None:
        return _state(tx, known, order)
    notice = notice_to_receive(tx, ask.notice_id, order)
    accepted = Acceptance(tx.who.actor, ask.accept_over) if ask.accept_over else None
    receipt_id = uuid7()
    skus = _count(tx, order, ask.lines, receipt_id, accepted)
    receipt = Receipt(
        id=receipt_id,
        number=new_receipt_number(tx),
        purchase_id=order.id,
        supplier=order.supplier,
        node=order.node,
        scan=ask.scan,
        notice_id=ask.notice_id,
        status=ReceiptStatus.booked,
        note=ask.note,
        received_by=tx.who.actor,
        received_at=tx.now,
        version=1,
        updated_at=tx.now,
    )
    tx.add(receipt)
    tx.flush()
    plans = plans_of(tx, order.supplier, skus)
    lines = _lines(tx, receipt, ask.lines, skus, plans)
    tx.add_all(lines)
    if notice is not None:
        count_in(tx, notice, receipt, lines)
    tx.note(f"receipt:{receipt.id}", to_status=ReceiptStatus.booked, why=f"on {order.number}")
    booked = _book_in(tx, receipt, lines)
    open_inspections(tx, receipt, lines, plans, currency=order.currency)
    arrived(tx, order.node, [(n.bin, n.sku, n.lot, n.quantity) for n in _good(lines)], why=receipt.number)
    for line in lines:
        tx.announce(f"purchase:{order.id}", _event(order, line))
    return _state(tx, receipt, order, booked)


def take_goods_back(tx: Transaction, ask: TakeGoodsBack) -> ReceiptState:
    """Whole, and only while all of it lies where it was put and nobody was promised it.

    Raises NotFound, IllegalMove, GoneSince, NotInBin.
    """
    check_words("reason", ask.reason)
    seen = tx.get(Receipt, ask.receipt_id)
    if seen is None:
        raise NotFound("receipt", str(ask.receipt_id))
    order = lock_purchase(tx, seen.purchase_id)
    notice = lock_notice(tx, seen.notice_id) if seen.notice_id is not None else None
    receipt = lock_receipt(tx, ask.receipt_id)
    if receipt is None:
        raise NotFound("receipt", str(ask.receipt_id))
    check_version(receipt, ask.version, kind="receipt", id=receipt.number)
    tx.move(receipt, ReceiptStatus.taken_back, moves=RECEIPT_MOVES, subject=f"receipt:{receipt.id}", why=ask.reason)
    receipt.updated_at = tx.now
    cancel_inspections(tx, receipt)
    lines = receipt_lines(tx, receipt.id)
    back_out = [(line.purchase_line, -line.quantity) for line in lines if line.purchase_line is not None]
    if back_out:
        count_received(tx, order.id, back_out, receipt_id=receipt.id)
    _check_free(tx, receipt, lines)
    back = [_movement(receipt, line, -line.quantity, ask.reason) for line in lines]
    booked = book(tx, back, why=ask.reason)
    withdraw_gone(tx, order.node, {n.sku for n in _good(lines)}, why=f"{receipt.number} was taken back")
    if notice is not None:
        count_out(tx, notice, receipt, lines)
    tx.announce(
        f"purchase:{order.id}",
        GoodsTakenBack(receipt_id=receipt.id, purchase_id=order.id, number=order.number, why=ask.reason),
    )
    return _state(tx, receipt, order, booked)


def _count(
    tx: Transaction, order: PurchaseOrder, asked: Sequence[GoodsAsk], receipt_id: UUID, accepted: Acceptance | None
) -> list[str]:
    """Counts units on their lines of the order; returns the SKU of each. What is wrong counts on none.

    Raises OnThisOrder when what is said to be wrong was ordered.
    """
    ordered = {line.sku: line.line_no for line in lines_of(tx, order.id)}
    wrong = [goods.sku or "" for goods in asked if goods.line_no is None]
    for sku in wrong:
        if sku in ordered:
            raise OnThisOrder(order.number, sku, ordered[sku])
    came = [(goods.line_no, goods.quantity) for goods in asked if goods.line_no is not None]
    counted = iter(count_received(tx, order.id, came, receipt_id=receipt_id, accepted=accepted) if came else ())
    return [next(counted).sku if goods.line_no is not None else goods.sku or "" for goods in asked]


def _lines(
    tx: Transaction,
    receipt: Receipt,
    asked: Sequence[GoodsAsk],
    skus: Sequence[str],
    plans: Mapping[str, InspectionPlan],
) -> list[ReceiptLine]:
    """Levels and lots are locked here. What has expired, or a plan wants looked at, is not good before it was."""
    variants = need_skus(tx, skus)
    lock_levels(tx, {(sku, receipt.node) for sku in skus})
    named = [(sku, goods.lot, goods.quantity) for sku, goods in zip(skus, asked, strict=True)]
    lots = check_lots(tx, variants, named, arriving=True)
    bins = {kind: need_bin_of(tx, receipt.node, kind) for _, kind in BOOKED_AS.values()}
    today = day_at(tx, receipt.node, tx.now)
    lines = []
    for no, (goods, sku) in enumerate(zip(asked, skus, strict=True), start=1):
        expires_on = None
        if goods.lot:
            lot = lots[(sku, goods.lot)]
            keep_expiry(tx, lot, goods.expires_on)
            expires_on = lot.expires_on
        elif goods.expires_on is not None:
            raise ExpiryNeedsLot(sku)
        lines.append(_line(receipt, no, goods, sku, bins, planned=sku in plans, expires_on=expires_on, today=today))
    return lines


def _line(
    receipt: Receipt,
    no: int,
    goods: GoodsAsk,
    sku: str,
    bins: Mapping[BinType, str],
    *,
    planned: bool,
    expires_on: date | None,
    today: date,
) -> ReceiptLine:
    condition, bin, reason = Condition(goods.condition), goods.bin, goods.reason
    expired = expires_on is not None and expires_on < today
    if condition == Condition.good and (planned or expired):
        condition, bin = Condition.inspect, None
    if expired and condition == Condition.inspect:
        reason = f"expired on {expires_on}" + (f": {reason}" if reason else "")
    return ReceiptLine(
        receipt_id=receipt.id,
        no=no,
        purchase_line=goods.line_no,
        sku=sku,
        quantity=goods.quantity,
        condition=condition,
        bin=bin or bins[BOOKED_AS[condition][1]],
        lot=goods.lot,
        expires_on=expires_on,
        reason=reason,
    )


def _event(order: PurchaseOrder, line: ReceiptLine) -> GoodsReceived | WrongGoodsReceived:
    if line.purchase_line is None:
        return WrongGoodsReceived(
            receipt_id=line.receipt_id,
            purchase_id=order.id,
            number=order.number,
            sku=line.sku,
            node=order.node,
            supplier=order.supplier,
            quantity=line.quantity,
            reason=line.reason or "",
        )
    return GoodsReceived(
        receipt_id=line.receipt_id,
        purchase_id=order.id,
        number=order.number,
        line_no=line.purchase_line,
        sku=line.sku,
        node=order.node,
        supplier=order.supplier,
        quantity=line.quantity,
        condition=line.condition,
    )


def _check(ask: ReceiveGoods) -> None:
    check_words("scan", ask.scan)
    check_words("note", ask.note, needed=False)
    check_words("accept_over", ask.accept_over, needed=False)
    if not ask.lines:
        raise BadField("lines", [], "say what has come")
    for goods in ask.lines:
        check_quantity(goods.sku or f"line {goods.line_no}", goods.quantity)
        check_words("reason", goods.reason, needed=goods.condition in REJECTED)
        if goods.condition not in list(Condition):
            raise BadField("condition", goods.condition, f"it is one of {', '.join(Condition)}")
        wrong = goods.condition == Condition.wrong
        if wrong is not (goods.line_no is None) or wrong is (goods.sku is None):
            raise BadField("line_no", goods.line_no, "goods are of a line; what is wrong is of none and has its SKU")


def _book_in(tx: Transaction, receipt: Receipt, lines: list[ReceiptLine]) -> StockState:
    adding: Counter[Goods] = Counter()
    for line in lines:
        adding[(line.bin, line.sku)] += line.quantity
    lock_targets(tx, receipt.node, adding)
    return book(tx, [_movement(receipt, line, line.quantity, line.reason) for line in lines], why=receipt.number)


def _good(lines: list[ReceiptLine]) -> list[ReceiptLine]:
    return [line for line in lines if line.condition == Condition.good]


def _putaways(tx: Transaction, receipt: Receipt, lines: list[ReceiptLine]) -> list[PutawayTask]:
    cells = {(line.bin, line.sku, line.lot) for line in _good(lines)}
    tasks = open_putaways(tx, receipt.node, {sku for _, sku, _ in cells}, lock=False)
    return [task for task in tasks if (task.bin, task.sku, task.lot) in cells]


def _movement(receipt: Receipt, line: ReceiptLine, units: int, why: str | None) -> Movement:
    return Movement(
        line.sku,
        receipt.node,
        MovementKind.received if units > 0 else MovementKind.adjusted,
        f"receipt:{receipt.id}",
        on_hand=units,
        bin=line.bin,
        lot=line.lot,
        status=BOOKED_AS[Condition(line.condition)][0],
        why=why,
    )


def _check_free(tx: Transaction, receipt: Receipt, lines: list[ReceiptLine]) -> None:
    levels = lock_levels(tx, {(line.sku, receipt.node) for line in lines})
    leaving: Counter[str] = Counter()
    for line in _good(lines):
        leaving[line.sku] += line.quantity
    for sku, units in sorted(leaving.items()):
        if units > (free := levels[(sku, receipt.node)].free):
            raise GoneSince(sku, receipt.node, units, free)


def _ageing(tx: Transaction, receipt: Receipt, lines: Sequence[ReceiptLine]) -> list[dict[str, Any]]:
    today = day_at(tx, receipt.node, receipt.received_at)
    told = []
    for line in lines:
        if line.expires_on is None or (left := (line.expires_on - today).days) > NEAR_DAYS:
            continue
        said = "expired" if left < 0 else "expires soon"
        told.append({"no": line.no, "sku": line.sku, "lot": line.lot, "expires_on": line.expires_on.isoformat(),
                     "days_left": left, "said": said})  # fmt: skip
    return told


def _state(tx: Transaction, receipt: Receipt, order: PurchaseOrder, booked: StockState | None = None) -> ReceiptState:
    tx.flush()
    lines = receipt_lines(tx, receipt.id)
    notice = tx.get(AdvanceNotice, receipt.notice_id) if receipt.notice_id is not None else None
    return ReceiptState(
        id=receipt.id,
        number=receipt.number,
        purchase_id=order.id,
        purchase=order.number,
        purchase_status=order.status,
        status=receipt.status,
        filled=booked.filled if booked is not None else 0,
        version=receipt.version,
        lines=[
            {n: getattr(line, n) for n in ("no", "purchase_line", "sku", "quantity", "condition", "bin", "lot")}
            for line in lines
        ],
        inspections=[
            {n: getattr(row, n) for n in ("id", "number", "sku", "quantity", "method", "sample_size", "status")}
            for row in inspections_of_receipt(tx, receipt.id)
        ],
        putaways=told_of(tx, _putaways(tx, receipt, lines)),
        ageing=_ageing(tx, receipt, lines),
        notice=notice.number if notice is not None else None,
        notice_status=notice.status if notice is not None else None,
        next=sorted(s.value for s in RECEIPT_MOVES[ReceiptStatus(receipt.status)]),
    )
