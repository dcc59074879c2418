"""Edits of drafts and placed orders: proposed and shown first, then applied in one go, or discarded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.orders.cancelling import cancel_units, lock_all
from agents.orders.deciding import decision_row
from agents.orders.editplan import EditPlan, check_changes, money_after, plan_edit, preview_of
from agents.orders.messages import (
    ApplyEdit,
    DiscardEdit,
    EditedLine,
    EditPreview,
    OrderEdited,
    OrderState,
    PaymentGiven,
    ProposeEdit,
)
from agents.orders.moving import carry_out, facts_of, units_by_sku
from agents.orders.progress import lift_payment_hold, put_hold, reckon, remark, settle
from agents.orders.refusals import (
    BadEdit,
    DifferenceNotPaid,
    EditEnded,
    EditIsOpen,
    EditObstructed,
    NotEditable,
    NotStorable,
)
from agents.orders.router import router_of
from agents.orders.rules import EDITABLE, storable
from agents.orders.stockroom import fill
from agents.orders.views import state_of
from agents.payments.messages import PayDifference
from db.allocations import Want
from db.base import uuid7
from db.errors import NotFound, StaleVersion
from db.orders import (
    EditState,
    HoldReason,
    Order,
    OrderEdit,
    OrderLine,
    OrderSheet,
    OrderStatus,
    PaymentStatus,
    order_sheet,
)
from db.routing import RoutedFor, RoutingDecision
from db.runtime import Transition
from db.session import Transaction, check_version
from db.stored_value import would_not_pay

MOST_CHANGES = 10  # that a refusal tells of


def propose(tx: Transaction, ask: ProposeEdit) -> EditPreview:
    """Show what the edit would do. It stays open, and the only one, until it is applied or discarded.

    Raises:
        EditIsOpen: there is another one.
        NotEditable: the order is over.
    """
    if not storable(ask.shipping_address):
        raise NotStorable("shipping_address")
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    check_version(order, ask.version, kind="order", id=str(order.id))
    _check_editable(sheet)
    is_open = select(OrderEdit.id).where(OrderEdit.order_id == order.id, OrderEdit.state == EditState.proposed)
    other = tx.scalar(is_open)
    if other is not None:
        raise EditIsOpen(str(order.id), str(other))
    check_changes(ask, sheet)
    preview = preview_of(plan_edit(tx, sheet, ask), sheet)
    edit = OrderEdit(
        id=uuid7(),
        order_id=order.id,
        state=EditState.proposed,
        base_version=order.version,
        changes=msgspec.to_builtins(ask),
        preview=preview,
        created_at=tx.now,
        created_by=tx.who.actor,
    )
    tx.add(edit)
    tx.flush()
    return _shown(edit, preview)


def apply(tx: Transaction, ask: ApplyEdit) -> OrderState:
    """Do what was shown: lines, money and stock in one transaction.

    Raises:
        StaleVersion: the order changed since the preview; it says what happened.
        EditObstructed: units were picked or the stock went away since.
        DifferenceNotPaid: the gift card or store credit that is to pay more has too little on it.
    """
    edit, sheet = _open_edit(tx, ask.edit_id)
    order = sheet.order
    _check_unchanged(tx, order, edit)
    _check_editable(sheet)
    changes = msgspec.convert(edit.changes, ProposeEdit)
    plan = plan_edit(tx, sheet, changes)
    if plan.obstacles:
        raise EditObstructed(str(edit.id), plan.obstacles)
    before = order.total_now
    dearer = before + preview_of(plan, sheet)["money"]["difference"] - max(before, order.covered)
    if ask.payment is not None:
        _check_pays(tx, order, edit, ask.payment, dearer)
    detail = {k: v for k, v in preview_of(plan, sheet).items() if k in ("money", "lines")}
    released = _write(tx, sheet, plan)
    if plan.move is not None and plan.move.moves:
        units = units_by_sku(plan.allocations)
        facts = facts_of(router_of(tx, {}, set(units)), order, units)
        released |= carry_out(tx, plan.move, facts, why="an edit says so", cause=RoutedFor.moved)
    if changes.shipping_address is not None:
        order.shipping_address = changes.shipping_address
    edit.state, edit.ended_at = EditState.applied, tx.now
    order.updated_at = tx.now
    tx.flush()
    remark(tx, order, why="edited", detail={"edit_id": str(edit.id), **detail})
    if order.status == OrderStatus.draft:  # nobody has heard of it, and nobody was asked for money
        return state_of(order_sheet(tx, order.id))
    now = order.total_now
    edited = OrderEdited(
        order_id=order.id, number=order.number, currency=order.currency, total_before=before, total_now=now
    )
    tx.announce(f"order:{order.id}", edited)
    sheet = order_sheet(tx, order.id)
    _follow_the_money(tx, sheet, before=before, now=now)
    if ask.payment is not None and dearer > 0:
        pays = ask.payment
        asked = PayDifference(order_id=order.id, amount=dearer, provider=pays.provider, token=pays.token)
        tx.send("payments", f"order:{order.id}", asked)
    fill(tx, released)
    return state_of(order_sheet(tx, order.id))


def discard(tx: Transaction, ask: DiscardEdit) -> OrderState:
    edit, sheet = _open_edit(tx, ask.edit_id)
    edit.state, edit.ended_at = EditState.discarded, tx.now
    tx.flush()
    return state_of(sheet)


def _open_edit(tx: Transaction, edit_id: UUID) -> tuple[OrderEdit, OrderSheet]:
    """The edit and its order, both locked, the order first. Raises EditEnded."""
    order_id = tx.scalar(select(OrderEdit.order_id).where(OrderEdit.id == edit_id))
    if order_id is None:
        raise NotFound("edit", str(edit_id))
    sheet = order_sheet(tx, order_id, lock=True)
    locked = select(OrderEdit).where(OrderEdit.id == edit_id).with_for_update()
    edit = tx.scalars(locked.execution_options(populate_existing=True)).one()
    if edit.state != EditState.proposed:
        raise EditEnded(str(edit.id), edit.state)
    return edit, sheet


def _check_unchanged(tx: Transaction, order: Order, edit: OrderEdit) -> None:
    if order.version == edit.base_version:
        return
    since = select(Transition).where(Transition.subject == f"order:{order.id}", Transition.at > edit.created_at)
    told = [row.why or f"now {row.to_status}" for row in tx.scalars(since.order_by(Transition.id).limit(MOST_CHANGES))]
    raise StaleVersion("order", str(order.id), edit.base_version, order.version, told)


def _check_editable(sheet: OrderSheet) -> None:
    if not sheet.order.live or sheet.order.status not in EDITABLE:
        raise NotEditable(str(sheet.order.id), sheet.order.status)


def _check_pays(tx: Transaction, order: Order, edit: OrderEdit, pays: PaymentGiven, difference: int) -> None:
    """What our own books hold is known now; a provider is asked afterwards, and the order waits for its answer."""
    if order.status == OrderStatus.draft:
        raise BadEdit("A draft is paid when it is placed.")
    if difference <= 0:
        return
    why_not = would_not_pay(
        tx, pays.provider, pays.token, difference, currency=order.currency, customer_id=order.customer_id
    )
    if why_not is not None:
        raise DifferenceNotPaid(str(edit.id), difference, why_not)


def _write(tx: Transaction, sheet: OrderSheet, plan: EditPlan) -> set[tuple[str, str]]:
    """Returns the places where units came free."""
    order = sheet.order
    after = money_after(plan, sheet)
    for row in plan.new_lines:
        tx.add(OrderLine(**row))
    for line in sheet.lines:
        if line.line_no in plan.raised:
            more, priced = plan.raised[line.line_no]
            line.quantity += more
            line.gross, line.net, line.tax, line.total = priced.gross, priced.net, priced.tax, priced.total
    for column in ("subtotal", "discount", "shipping", "tax", "total"):
        setattr(order, column, after[column])
    tx.flush()
    wants = [
        Want(order.id, p.line_no, p.sku, p.node, p.quantity, backordered=p.backordered, why=p.why) for p in plan.pieces
    ]
    plan.stock.write(tx, wants)
    if plan.decision is not None and plan.pieces:
        tx.insert_all(RoutingDecision, [decision_row(tx, order.id, plan.decision, cause=RoutedFor.edited)])
    if not plan.lowered:
        return set()
    released, _ = cancel_units(tx, sheet, plan.lowered, lock_all(tx, sheet), why="edited")
    return {(a.sku, a.node) for a in released}


def _follow_the_money(tx: Transaction, sheet: OrderSheet, *, before: int, now: int) -> None:
    """More to pay than is covered holds the order; less may free it. Orders on account never wait."""
    order = sheet.order
    reckon(order)
    held = HoldReason.payment in [h.reason for h in sheet.holds]
    if order.payment_status != PaymentStatus.none and now > max(before, order.covered) and not held:
        put_hold(tx, sheet, HoldReason.payment, note="the edit made it dearer")
        settle(tx, sheet, why="waits for the difference")
        return
    lift_payment_hold(tx, sheet)
    settle(tx, sheet, why="edited")


def _shown(edit: OrderEdit, preview: dict[str, Any]) -> EditPreview:
    return EditPreview(
        id=edit.id,
        order_id=edit.order_id,
        money=preview["money"],
        stock=preview["stock"],
        lines=msgspec.convert(preview["lines"], list[EditedLine]),
        obstacles=preview["obstacles"],
        next=["discard"] if preview["obstacles"] else ["apply", "discard"],
    )
