"""A purchase order with its lines and charges, locked: what every verb works on, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from agents.purchasing.messages.orders import PurchaseState
from agents.purchasing.refusals import NOBODY, BelowMinimumOrder
from agents.purchasing.rules import Weighed, check_limit, landed
from db.catalog import variants_by_sku
from db.money import LARGEST, AmountTooLarge
from db.people import Role, User, person_behind
from db.purchasing import (
    PURCHASE_NEXT,
    ApprovalLimit,
    PurchaseAmendment,
    PurchaseCharge,
    PurchaseLine,
    PurchaseOrder,
    PurchaseStatus,
    charges_of,
    cost_lines_again,
    lines_of,
    lock_purchase,
)
from db.session import Transaction, check_version
from db.suppliers import Supplier, items_of


class Change(NamedTuple):
    """`line_no` is None when the order as a whole is meant."""

    field: str
    old: object
    new: object
    line_no: int | None = None


@dataclass
class Sheet:
    order: PurchaseOrder
    lines: list[PurchaseLine]
    charges: list[PurchaseCharge]

    @property
    def subject(self) -> str:
        return f"purchase:{self.order.id}"

    @property
    def status(self) -> PurchaseStatus:
        return PurchaseStatus(self.order.status)

    def add_up(self) -> None:
        """Sums of what is stored; no line is worked out again. Raises AmountTooLarge."""
        self.order.subtotal = sum(line.total for line in self.lines)
        self.order.charges = sum(charge.amount for charge in self.charges)
        self.order.total = self.order.subtotal + self.order.charges
        if self.order.total > LARGEST:
            raise AmountTooLarge(self.order.total, LARGEST)
        expected = [line.expected_at for line in self.lines if line.expected_at is not None]
        self.order.expected_at = max(expected, default=None)

    def land(self, tx: Transaction) -> None:
        """Share the charges out over the lines, and value what has come of them anew."""
        variants = variants_by_sku(tx, [line.sku for line in self.lines])
        weighed = [Weighed(line.total, line.ordered, variants[line.sku].weight_grams) for line in self.lines]
        costs = landed(weighed, [(charge.amount, charge.shared_by) for charge in self.charges])
        for line, cost in zip(self.lines, costs, strict=True):
            line.landed = cost
        cost_lines_again(tx, self.order, self.lines)

    def move(self, tx: Transaction, to: PurchaseStatus, why: str) -> None:
        tx.move(self.order, to, moves=PURCHASE_NEXT, subject=self.subject, why=why)
        self.order.updated_at = tx.now

    def amended(self, tx: Transaction, why: str, change: Change) -> None:
        """Keep what a field was and what it is now."""
        old, new = (None if value is None else str(value) for value in (change.old, change.new))
        tx.add(
            PurchaseAmendment(
                purchase_id=self.order.id,
                at=tx.now,
                actor=tx.who.actor,
                why=why,
                line_no=change.line_no,
                field=change.field,
                old=old,
                new=new,
            )
        )


def locked(tx: Transaction, purchase_id: UUID, version: int | None) -> Sheet:
    order = lock_purchase(tx, purchase_id)
    check_version(order, version, kind="purchase order", id=order.number)
    return Sheet(order, lines_of(tx, purchase_id), charges_of(tx, purchase_id))


def check_approval(tx: Transaction, sheet: Sheet) -> None:
    """Whether whoever asks may say yes to the order as it stands now. Raises AboveApprovalLimit."""
    check_may_approve(tx, sheet.order.currency, sheet.order.total, "order")


def check_may_approve(tx: Transaction, currency: str, total: int, what: str) -> None:
    """Raises AboveApprovalLimit."""
    role = _role_of(tx, tx.who.actor)
    limit = tx.get(ApprovalLimit, (role.name, currency)) if role is not None else None
    check_limit(
        role.name if role is not None else NOBODY,
        currency,
        total,
        limit.amount if limit is not None else None,
        locked=role is not None and role.locked,
        what=what,
    )


def expect_lines(tx: Transaction, order: PurchaseOrder, lines: Sequence[PurchaseLine]) -> None:
    """Those without a date come after the lead time that the supplier quotes for them."""
    supplier = tx.get_one(Supplier, order.supplier)
    items = items_of(tx, supplier.code, [line.sku for line in lines])
    for line in lines:
        if line.expected_at is None:
            item = items.get(line.sku)
            days = supplier.lead_days if item is None or item.lead_days is None else item.lead_days
            line.expected_at = tx.now + timedelta(days=days)


def check_minimum(supplier: Supplier, sheet: Sheet) -> None:
    if sheet.order.subtotal < supplier.minimum_order and supplier.currency == sheet.order.currency:
        raise BelowMinimumOrder(supplier.code, supplier.currency, sheet.order.subtotal, supplier.minimum_order)


def state_of(tx: Transaction, sheet: Sheet) -> PurchaseState:
    tx.flush()
    order = sheet.order
    names = (
        "line_no", "sku", "ordered", "received", "closed_short", "open", "unit_cost", "discount_ppm", "total", "landed",
        "landed_unit", "expected_at",
    )  # fmt: skip
    charge_names = ("charge_no", "name", "amount", "shared_by")
    return PurchaseState(
        id=order.id,
        number=order.number,
        supplier=order.supplier,
        node=order.node,
        currency=order.currency,
        status=order.status,
        subtotal=order.subtotal,
        charges_total=order.charges,
        total=order.total,
        approved_total=order.approved_total,
        expected_at=order.expected_at,
        version=order.version,
        lines=[{n: getattr(line, n) for n in names} for line in sheet.lines],
        charges=[{n: getattr(charge, n) for n in charge_names} for charge in sheet.charges],
        next=sorted(s.value for s in PURCHASE_NEXT[sheet.status]),
    )


def _role_of(tx: Transaction, actor: str) -> Role | None:
    """Of a person who may still sign in; a key approves what the person it belongs to may."""
    behind = person_behind(tx, actor)
    person = tx.get(User, behind) if behind is not None else None
    return tx.get(Role, person.role) if person is not None and person.active else None
