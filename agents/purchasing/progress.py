"""Purchase orders are approved, sent, confirmed, closed short and cancelled."""

from __future__ import annotations

from agents.purchasing.messages.orders import (
    ApprovePurchase,
    CancelPurchase,
    ConfirmPurchase,
    PurchaseOrderApproved,
    PurchaseOrderCancelled,
    PurchaseOrderConfirmed,
    PurchaseOrderSent,
    PurchaseOrderShortClosed,
    PurchaseState,
    SendPurchase,
    ShortClosePurchase,
)
from agents.purchasing.refusals import GoodsHaveCome, NothingOpen
from agents.purchasing.rules import check_words
from agents.purchasing.sheets import Change, Sheet, check_approval, check_minimum, expect_lines, locked, state_of
from db.errors import IllegalMove, NotFound
from db.purchasing import PURCHASE_NEXT, PurchaseLine, PurchaseStatus, settle
from db.session import Transaction
from db.suppliers import Supplier

CLOSABLE = frozenset({PurchaseStatus.sent, PurchaseStatus.confirmed, PurchaseStatus.partly_received})


def approve_purchase(tx: Transaction, ask: ApprovePurchase) -> PurchaseState:
    """Raises AboveApprovalLimit, BelowMinimumOrder."""
    sheet = locked(tx, ask.purchase_id, ask.version)
    sheet.move(tx, PurchaseStatus.approved, "approved")
    check_minimum(tx.get_one(Supplier, sheet.order.supplier), sheet)
    check_approval(tx, sheet)
    order = sheet.order
    order.approved_total, order.approved_by, order.approved_at = order.total, tx.who.actor, tx.now
    said = PurchaseOrderApproved(
        purchase_id=order.id,
        number=order.number,
        supplier=order.supplier,
        currency=order.currency,
        total=order.total,
    )
    tx.announce(sheet.subject, said)
    return state_of(tx, sheet)


def send_purchase(tx: Transaction, ask: SendPurchase) -> PurchaseState:
    sheet = locked(tx, ask.purchase_id, ask.version)
    sheet.move(tx, PurchaseStatus.sent, f"sent to {sheet.order.supplier}")
    order = sheet.order
    order.sent_at = tx.now
    expect_lines(tx, order, sheet.lines)
    _promise(sheet)
    sheet.add_up()
    said = PurchaseOrderSent(
        purchase_id=order.id,
        number=order.number,
        supplier=order.supplier,
        node=order.node,
        currency=order.currency,
        total=order.total,
        expected_at=order.expected_at,
    )
    tx.announce(sheet.subject, said)
    return state_of(tx, sheet)


def confirm_purchase(tx: Transaction, ask: ConfirmPurchase) -> PurchaseState:
    """The first time the order moves; later the dates do, and what they were is kept."""
    check_words("reference", ask.reference, longest=128, needed=False)
    sheet = locked(tx, ask.purchase_id, ask.version)
    order, why = sheet.order, "confirmed by the supplier"
    again, first = order.confirmed_at is not None and sheet.status in CLOSABLE, False
    if not again and sheet.status != PurchaseStatus.partly_received:
        sheet.move(tx, PurchaseStatus.confirmed, why)
        first = True
    dates = {line.line_no: line.expected_at for line in ask.lines}
    for missing in sorted(dates.keys() - {line.line_no for line in sheet.lines}):
        raise NotFound("line", f"{order.number}/{missing}")
    for line in sheet.lines:
        promised = dates.get(line.line_no, ask.expected_at)
        if promised is not None and promised != line.expected_at:
            sheet.amended(tx, why, Change("expected_at", line.expected_at, promised, line.line_no))
            line.expected_at = promised
    if first:
        _promise(sheet)
    if ask.reference is not None and ask.reference != order.reference:
        sheet.amended(tx, why, Change("reference", order.reference, ask.reference))
        order.reference = ask.reference
    order.confirmed_at = order.updated_at = tx.now
    sheet.add_up()
    said = PurchaseOrderConfirmed(
        purchase_id=order.id, number=order.number, supplier=order.supplier, expected_at=order.expected_at
    )
    tx.announce(sheet.subject, said)
    return state_of(tx, sheet)


def short_close_purchase(tx: Transaction, ask: ShortClosePurchase) -> PurchaseState:
    """Raises NothingOpen when a line that is named has come in full."""
    check_words("reason", ask.reason)
    sheet = locked(tx, ask.purchase_id, ask.version)
    if sheet.status not in CLOSABLE:
        may = sorted(s.value for s in PURCHASE_NEXT[sheet.status])
        raise IllegalMove("purchase", sheet.order.number, sheet.order.status, PurchaseStatus.short_closed, may)
    closing = _to_close(sheet, ask.lines)
    for line in closing:
        sheet.amended(
            tx, ask.reason, Change("closed_short", line.closed_short, line.closed_short + line.open, line.line_no)
        )
        line.closed_short += line.open
    order = sheet.order
    order.updated_at = tx.now
    settle(tx, order, sheet.lines, why=ask.reason)
    said = PurchaseOrderShortClosed(
        purchase_id=order.id,
        number=order.number,
        supplier=order.supplier,
        lines=[line.line_no for line in closing],
        why=ask.reason,
    )
    tx.announce(sheet.subject, said)
    return state_of(tx, sheet)


def cancel_purchase(tx: Transaction, ask: CancelPurchase) -> PurchaseState:
    """Only while nothing has come. Raises GoodsHaveCome."""
    check_words("reason", ask.reason)
    sheet = locked(tx, ask.purchase_id, ask.version)
    order = sheet.order
    if received := sum(line.received for line in sheet.lines):
        raise GoodsHaveCome(order.number, received)
    sheet.move(tx, PurchaseStatus.cancelled, ask.reason)
    said = PurchaseOrderCancelled(purchase_id=order.id, number=order.number, supplier=order.supplier, why=ask.reason)
    tx.announce(sheet.subject, said)
    return state_of(tx, sheet)


def _promise(sheet: Sheet) -> None:
    """The date that a supplier is held to, however often it names another one later."""
    for line in sheet.lines:
        line.first_promised_at = line.expected_at


def _to_close(sheet: Sheet, named: list[int]) -> list[PurchaseLine]:
    known = {line.line_no: line for line in sheet.lines}
    for line_no in named:
        if line_no not in known:
            raise NotFound("line", f"{sheet.order.number}/{line_no}")
    closing = [known[n] for n in sorted(set(named) or known)]
    done = [line.line_no for line in closing if not line.open]
    if done and (named or len(done) == len(closing)):
        raise NothingOpen(sheet.order.number, done)
    return [line for line in closing if line.open]
