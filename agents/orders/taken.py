"""An order that was accepted: its table rows, its words and its answer, made without asking the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from agents.orders.deciding import Decision
from agents.orders.goods import Good
from agents.orders.messages import OrderPlaced, OrderReleased, OrderState, PlaceOrder, tenders_of
from agents.orders.routing import Piece
from agents.orders.rules import merged_tags, waits_for_money
from agents.orders.views import tell
from db.base import uuid7
from db.money import Priced, PricedLine
from db.orders import HoldReason, OrderStatus, PaymentStatus
from db.session import Transaction, Who
from db.stock import AllocationState


@dataclass
class Taken:
    """One new order on its way into the tables."""

    ask: PlaceOrder
    who: Who
    id: UUID
    goods: list[Good]  # one for each line
    priced: Priced
    pieces: list[Piece] = field(default_factory=list)
    decision: Decision | None = None  # what the pieces were decided from, where rules are in force
    order: dict[str, Any] = field(default_factory=dict)  # the row
    lines: list[dict[str, Any]] = field(default_factory=list)  # the rows
    allocations: list[UUID] = field(default_factory=list)  # one for each piece

    @property
    def waits(self) -> bool:
        return not self.ask.draft and waits_for_money(tenders_of(self.ask), self.priced.total)

    @property
    def status(self) -> OrderStatus:
        if self.ask.draft:
            return OrderStatus.draft
        return OrderStatus.held if self.waits else OrderStatus.released


def order_row(taken: Taken, number: str, tx: Transaction) -> dict[str, Any]:
    ask, priced = taken.ask, taken.priced
    return {
        "id": taken.id,
        "number": number,
        "channel": ask.channel,
        "external_ref": ask.external_ref or None,
        "status": taken.status.value,
        "payment_status": (PaymentStatus.pending if taken.waits else PaymentStatus.none).value,
        "live": True,
        "customer_id": ask.customer_id,
        "email": (ask.email or "").strip().lower() or None,
        "shipping_address": ask.shipping_address,
        "billing_address": ask.billing_address,
        "currency": ask.currency,
        "tax_inclusive": ask.tax_inclusive,
        "subtotal": priced.subtotal,
        "discount": priced.discount,
        "order_discount": ask.order_discount,
        "shipping": priced.shipping,
        "shipping_tax_ppm": ask.shipping_tax_ppm,
        "tax": priced.tax,
        "total": priced.total,
        "cancelled_total": 0,
        "covered": 0,
        "captured": 0,
        "ship_complete": ask.ship_complete,
        "tags": merged_tags(ask.tags),
        "version": 1,
        "placed_at": None if ask.draft else tx.now,
        "created_at": tx.now,
        "updated_at": tx.now,
    }


def line_rows(taken: Taken) -> list[dict[str, Any]]:
    lines = zip(taken.ask.lines, taken.goods, taken.priced.lines, strict=True)
    return [
        line_row(
            taken.id,
            line_no,
            good,
            priced,
            quantity=line.quantity,
            unit_amount=priced.gross // line.quantity,
            tax_rate_ppm=good.tax_rate_ppm if line.tax_rate_ppm is None else line.tax_rate_ppm,
        )
        for line_no, (line, good, priced) in enumerate(lines, 1)
    ]


def line_row(
    order_id: UUID, line_no: int, good: Good, priced: PricedLine, *, quantity: int, unit_amount: int, tax_rate_ppm: int
) -> dict[str, Any]:
    components = [{"sku": sku, "quantity": per} for sku, per in good.components]
    return {
        "order_id": order_id,
        "line_no": line_no,
        "sku": good.sku,
        "title": good.title,
        "quantity": quantity,
        "cancelled": 0,
        "shipped": 0,
        "components": components or None,
        "unit_amount": unit_amount,
        "tax_rate_ppm": tax_rate_ppm,
        "gross": priced.gross,
        "line_discount": priced.discount,
        "order_discount": priced.order_discount,
        "net": priced.net,
        "tax": priced.tax,
        "total": priced.total,
        "cancelled_amount": 0,
    }


def payment_hold_row(order_id: UUID, tx: Transaction, *, note: str) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "order_id": order_id,
        "reason": HoldReason.payment.value,
        "note": note,
        "placed_by": tx.who.actor,
        "placed_at": tx.now,
    }


def tell_placed(tx: Transaction, taken: Taken) -> None:
    """History, audit and events of one new order."""
    order = taken.order
    subject = f"order:{taken.id}"
    facts = {k: order[k] for k in ("number", "channel", "external_ref", "status", "currency", "total")}
    tx.audit("create", subject, after={**facts, "lines": [[n["sku"], n["quantity"], n["total"]] for n in taken.lines]})
    if taken.ask.draft:
        tx.note(subject, to_status=OrderStatus.draft.value, why=f"drafted for {taken.ask.channel}")
        return
    placed = OrderPlaced(
        order_id=taken.id,
        number=order["number"],
        channel=order["channel"],
        currency=order["currency"],
        total=order["total"],
        status=order["status"],
        email=order["email"],
        customer_id=order["customer_id"],
        payment=taken.ask.payment,
        tenders=taken.ask.tenders,
    )
    tx.note(subject, to_status=OrderStatus.placed.value, why=f"placed through {taken.ask.channel}")
    tx.announce(subject, placed)
    why = "waits for payment" if taken.waits else "nothing holds it"
    tx.note(subject, from_status=OrderStatus.placed.value, to_status=order["status"], why=why)
    if not taken.waits:
        tx.announce(subject, OrderReleased(order_id=taken.id, number=order["number"]))


def placed_state(taken: Taken) -> OrderState:
    """The same answer as from the tables, without reading them again."""
    allocations = [
        SimpleNamespace(**piece._asdict(), id=ident, state=_allocation_state(piece))
        for piece, ident in zip(taken.pieces, taken.allocations, strict=True)
    ]
    lines = [SimpleNamespace(**row, parts=good.parts) for row, good in zip(taken.lines, taken.goods, strict=True)]
    return tell(SimpleNamespace(**taken.order), lines, allocations, [HoldReason.payment.value] if taken.waits else [])


def _allocation_state(piece: Piece) -> str:
    return (AllocationState.backordered if piece.backordered else AllocationState.allocated).value
