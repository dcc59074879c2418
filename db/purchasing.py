"""Purchase orders: what was ordered from whom, on which terms, and how much of it has come.

Agents lock the order first, then receipts, then stock levels. `count_received` is the only writer of received
units; it runs in the transaction of whoever books the goods in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    cast,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy import Sequence as Numbers
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from db.base import Amount, Base, SerialKey, UuidKey, among, metadata
from db.costing import Landed, cost_again, cost_received, lock_costs
from db.credits import take_back_paid, units_to_be_there
from db.errors import Conflict, NotFound
from db.money import MILLION, half_up
from db.session import Transaction

purchase_numbers = Numbers("purchase_numbers", start=100001, metadata=metadata)


class PurchaseStatus(StrEnum):
    draft = "draft"
    approved = "approved"  # somebody whose limit covers it has said yes; counts as on order
    sent = "sent"  # the supplier has it
    confirmed = "confirmed"  # the supplier has said when
    partly_received = "partly_received"
    received = "received"
    short_closed = "short_closed"  # the rest will not come
    cancelled = "cancelled"


_S = PurchaseStatus
PURCHASE_NEXT = {
    _S.draft: frozenset({_S.approved, _S.cancelled}),
    _S.approved: frozenset({_S.sent, _S.cancelled}),
    _S.sent: frozenset({_S.confirmed, _S.partly_received, _S.received, _S.short_closed, _S.cancelled}),
    _S.confirmed: frozenset({_S.partly_received, _S.received, _S.short_closed, _S.cancelled}),
    _S.partly_received: frozenset({_S.received, _S.short_closed}),
    _S.received: frozenset[PurchaseStatus](),
    _S.short_closed: frozenset[PurchaseStatus](),
    _S.cancelled: frozenset[PurchaseStatus](),
}
"""Forward: what may be asked for."""

_TAKEN_BACK = {
    _S.partly_received: frozenset({_S.sent, _S.confirmed}),
    _S.received: frozenset({_S.sent, _S.confirmed, _S.partly_received}),
    _S.short_closed: frozenset({_S.sent, _S.confirmed, _S.partly_received}),
}
PURCHASE_MOVES = {now: nexts | _TAKEN_BACK.get(now, frozenset()) for now, nexts in PURCHASE_NEXT.items()}
"""Forward, and back when a receipt is taken back; nobody can ask for the latter."""

ON_ORDER = (_S.approved, _S.sent, _S.confirmed, _S.partly_received)
OPEN = (_S.draft, *ON_ORDER)
MOST_NAMED = 20  # of what came at once, in a line of history
RECEIVING = (_S.sent, _S.confirmed, _S.partly_received, _S.received)


class ChargeKey(StrEnum):
    """By what a charge is shared out over the lines."""

    value = "value"
    quantity = "quantity"
    weight = "weight"


class PurchaseOrder(Base):
    """`total` is the lines' totals and the charges, in the order's currency."""

    __tablename__ = "purchase_orders"
    __audited__ = True
    __kind__ = "purchase"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    supplier: Mapped[str] = mapped_column(ForeignKey("suppliers.code"))
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    currency: Mapped[str]
    terms: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default=PurchaseStatus.draft)
    reference: Mapped[str | None]  # the supplier's own number
    note: Mapped[str | None]
    expected_at: Mapped[datetime | None]  # the last line's
    subtotal: Mapped[Amount] = mapped_column(default=0)
    charges: Mapped[Amount] = mapped_column(default=0)
    total: Mapped[Amount] = mapped_column(default=0)
    approved_total: Mapped[Amount | None]  # up to here somebody has said yes
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("subtotal >= 0 AND charges >= 0 AND total = subtotal + charges", name="adds_up"),
        Index("ix_purchase_orders_created", "created_at", "id"),
        Index("ix_purchase_orders_supplier", "supplier", "created_at"),
        Index("ix_purchase_orders_sent", "sent_at", "id"),
        Index(
            "ix_purchase_orders_open",
            "expected_at",
            postgresql_where=text("status IN ('approved','sent','confirmed','partly_received')"),
        ),
    )


class PurchaseLine(Base):
    """`total` is rounded when the line is written, and never worked out again from its parts."""

    __tablename__ = "purchase_lines"
    __audited__ = True
    __kind__ = "purchase_line"
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_orders.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"))
    supplier_sku: Mapped[str]
    case_pack: Mapped[int] = mapped_column(default=1)
    ordered: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    closed_short: Mapped[int] = mapped_column(default=0)
    over_ppm: Mapped[int] = mapped_column(default=0)  # the supplier's tolerance when it was ordered
    unit_cost: Mapped[Amount]
    discount_ppm: Mapped[int] = mapped_column(default=0)
    total: Mapped[Amount]
    landed: Mapped[Amount]  # with its share of the charges: those of all lines are exactly the order's total
    expected_at: Mapped[datetime | None]
    first_promised_at: Mapped[datetime | None]  # what stood when the order was first confirmed; before that, was sent
    why: Mapped[str | None]  # it is on the order, when nobody asked for it by hand
    received_at: Mapped[datetime | None]  # when its last units came: what lead times are learned from
    __table_args__ = (
        CheckConstraint("ordered > 0 AND received >= 0 AND case_pack > 0", name="sane"),
        CheckConstraint("closed_short >= 0 AND closed_short <= greatest(0, ordered - received)", name="closed_short"),
        CheckConstraint("unit_cost >= 0 AND total >= 0 AND discount_ppm BETWEEN 0 AND 1000000", name="money"),
        CheckConstraint("landed >= 0", name="landed"),
        Index("ix_purchase_lines_sku", "sku"),
    )

    @property
    def open(self) -> int:
        """Units still to come."""
        return max(0, self.ordered - self.received - self.closed_short)

    @property
    def landed_unit(self) -> int:
        """What one costs with its share of the charges, rounded to be looked at."""
        return half_up(self.landed, self.ordered)


class PurchaseCharge(Base):
    """Freight, duty and the like: part of what the goods cost where they are landed."""

    __tablename__ = "purchase_charges"
    __audited__ = True
    __kind__ = "purchase_charge"
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_orders.id"), primary_key=True)
    charge_no: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    amount: Mapped[Amount]
    shared_by: Mapped[str] = mapped_column(default=ChargeKey.value)
    __table_args__ = (CheckConstraint("amount >= 0", name="not_negative"),)


class PurchaseAmendment(Base):
    """One field that was changed after the order was made; append-only."""

    __tablename__ = "purchase_amendments"
    id: Mapped[SerialKey]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_orders.id"))
    at: Mapped[datetime]
    actor: Mapped[str]
    why: Mapped[str]
    line_no: Mapped[int | None]  # None: of the order as a whole
    field: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str | None]
    __table_args__ = (Index("ix_purchase_amendments_order", "purchase_id", "id"),)


class OverReceipt(Base):
    """More came of a line than its tolerance allows, and somebody took it all the same."""

    __tablename__ = "over_receipts"
    __audited__ = True
    __kind__ = "over_receipt"
    id: Mapped[UuidKey]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_orders.id"))
    line_no: Mapped[int]
    up_to: Mapped[int]  # units received of the line that this covers
    accepted_by: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_over_receipts_line", "purchase_id", "line_no"),)


class ApprovalLimit(Base):
    """Up to which total a role may approve an order in a currency. A locked role needs none."""

    __tablename__ = "approval_limits"
    __audited__ = True
    __kind__ = "approval_limit"
    role: Mapped[str] = mapped_column(ForeignKey("roles.name"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[Amount]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("amount >= 0", name="not_negative"),)


@dataclass(eq=False)
class NotReceivable(Conflict):
    purchase: str
    status_now: str

    def __str__(self) -> str:
        return f"Purchase order {self.purchase} is {self.status_now}: nothing can be received on it."


@dataclass(eq=False)
class MoreThanOrdered(Conflict):
    purchase: str
    line_no: int
    sku: str
    ordered: int
    received: int
    may_come: int

    def __str__(self) -> str:
        return (
            f"Line {self.line_no} of {self.purchase} takes {self.may_come} more {self.sku}: {self.ordered} were "
            f"ordered and {self.received} have come. Have somebody accept the rest, or book it without the order."
        )


@dataclass(eq=False)
class LessThanReceived(Conflict):
    purchase: str
    line_no: int
    received: int
    taken_back: int

    def __str__(self) -> str:
        return f"Only {self.received} came of line {self.line_no} of {self.purchase}; {self.taken_back} cannot go back."


@dataclass(eq=False)
class BilledAlready(Conflict):
    purchase: str
    line_no: int
    left: int
    billed: int

    def __str__(self) -> str:
        return (
            f"{self.billed} units of line {self.line_no} of {self.purchase} are approved to be paid; without these "
            f"{self.left} would have come. Dispute the invoice first."
        )


@dataclass(frozen=True)
class Acceptance:
    """Who takes more than was ordered, and why."""

    by: str
    why: str


def lock_purchase(tx: Transaction, purchase_id: UUID) -> PurchaseOrder:
    """Raises NotFound. Lines, charges and receipts are safe to read and write once the order is locked."""
    order = tx.get(PurchaseOrder, purchase_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound("purchase order", str(purchase_id))
    return order


def lock_purchases(tx: Transaction, ids: Iterable[UUID]) -> list[PurchaseOrder]:
    """Those that are there, locked by one statement in the order of their ids."""
    wanted = select(PurchaseOrder).where(among(PurchaseOrder.id, list(ids))).order_by(PurchaseOrder.id)
    return list(tx.scalars(wanted.with_for_update().execution_options(populate_existing=True)))


def lines_of(session: Session, purchase_id: UUID) -> list[PurchaseLine]:
    return list(
        session.scalars(
            select(PurchaseLine)
            .where(PurchaseLine.purchase_id == purchase_id)
            .order_by(PurchaseLine.line_no)
            .execution_options(populate_existing=True)
        )
    )


def open_lines(session: Session, purchase_id: UUID) -> list[PurchaseLine]:
    """Lines of which units are still to come."""
    return [line for line in lines_of(session, purchase_id) if line.open]


def on_order(session: Session, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Units ordered and still to come for each of the (sku, node) pairs that any are to come for."""
    line, order = PurchaseLine, PurchaseOrder
    coming = func.sum(func.greatest(0, line.ordered - line.received - line.closed_short))
    rows = session.execute(
        select(line.sku, order.node, coming)
        .join(order, order.id == line.purchase_id)
        .where(order.status.in_(ON_ORDER), tuple_(line.sku, order.node).in_(sorted(set(places))))
        .group_by(line.sku, order.node)
    )
    return {(sku, node): int(units) for sku, node, units in rows if units}


def orders_awaiting(session: Session, skus: Iterable[str]) -> dict[str, str]:
    """The number of an order, draft or on its way, of which units are to come, for each SKU that has one."""
    line, order = PurchaseLine, PurchaseOrder
    rows = session.execute(
        select(line.sku, func.min(order.number))
        .join(order, order.id == line.purchase_id)
        .where(order.status.in_(OPEN), line.sku.in_(sorted(set(skus))))
        .where(line.ordered > line.received + line.closed_short)
        .group_by(line.sku)
    )
    return {row[0]: row[1] for row in rows}


def open_orders_of(supplier: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """How many orders with the supplier are drafts or still to come."""
    waiting = select(func.count()).where(PurchaseOrder.supplier == supplier, PurchaseOrder.status.in_(OPEN))
    return cast(waiting.correlate_except(PurchaseOrder).scalar_subquery(), Integer)


def landed_unit_of_line() -> ColumnElement[Any]:
    """What a unit of a listed line costs with its share of the charges, rounded to be looked at."""
    return cast(func.round(PurchaseLine.landed / cast(PurchaseLine.ordered, Numeric)), BigInteger)


def receivable(line: PurchaseLine) -> int:
    """Units that may still come of a line, its tolerance included; what was closed short is not expected."""
    return max(0, line.ordered + line.ordered * line.over_ppm // MILLION - line.received - line.closed_short)


def count_received(
    tx: Transaction,
    purchase_id: UUID,
    came: Sequence[tuple[int, int]],
    *,
    receipt_id: UUID | None = None,
    accepted: Acceptance | None = None,
) -> list[PurchaseLine]:
    """Count units of lines in (or, below zero, out again), what they cost with them, and move the order along.

    Each of `came` is the number of a line and units; its line is answered in the same place. `receipt_id` is what they
    came on. Locks the order and the unit costs of these SKUs, and therefore goes before any lock on stock.

    Raises:
        NotFound, NotReceivable
        MoreThanOrdered: beyond the tolerance, and nobody has accepted it.
        LessThanReceived: more is taken back than has come.
        BilledAlready: what is taken back is still to be paid.
    """
    order = lock_purchase(tx, purchase_id)
    lines = lines_of(tx, purchase_id)
    known = {line.line_no: line for line in lines}
    for line_no, _ in came:
        if line_no not in known:
            raise NotFound("line", f"{order.number}/{line_no}")
    lock_costs(tx, order.currency, [known[line_no].sku for line_no, _ in came])
    by_line: Counter[int] = Counter()
    for line_no, units in came:
        _count(tx, order, known[line_no], units, accepted)
        by_line[line_no] += units
    for line_no, units in by_line.items():  # at once: nothing of this is on hand yet, and a SKU has one line
        cost_received(tx, _landed(order, known[line_no]), units, receipt_id=receipt_id)
    order.updated_at = tx.now
    settle(tx, order, lines, why=", ".join(f"{units:+d} {known[line_no].sku}" for line_no, units in came[:MOST_NAMED]))
    tx.flush()
    return [known[line_no] for line_no, _ in came]


def _count(
    tx: Transaction, order: PurchaseOrder, line: PurchaseLine, quantity: int, accepted: Acceptance | None
) -> None:
    if quantity >= 0 and order.status not in RECEIVING:
        raise NotReceivable(order.number, order.status)
    if quantity < -line.received:
        raise LessThanReceived(order.number, line.line_no, line.received, -quantity)
    _check_billed(tx, order, line, quantity)
    if quantity > (may_come := receivable(line)):
        if accepted is None:
            raise MoreThanOrdered(order.number, line.line_no, line.sku, line.ordered, line.received, may_come)
        tx.add(_over(order, line, quantity, accepted, tx.now))
    line.received += quantity
    if quantity > 0 or not line.received:
        line.received_at = tx.now if line.received else None
    # What was given up may come after all: it is then no longer short.
    line.closed_short = min(line.closed_short, max(0, line.ordered - line.received))


def _check_billed(tx: Transaction, order: PurchaseOrder, line: PurchaseLine, quantity: int) -> None:
    """What is still to be paid has to be there; of what was paid already, units that prove not to be are owed to us."""
    if quantity >= 0:
        take_back_paid(tx, order.id, line.line_no, -quantity)
        return
    billed, to_pay = units_to_be_there(tx, order.id, line.line_no)
    if (missing := billed - (left := line.received + quantity)) > 0:
        if to_pay:
            raise BilledAlready(order.number, line.line_no, left, billed)
        take_back_paid(tx, order.id, line.line_no, missing)


def cost_lines_again(tx: Transaction, order: PurchaseOrder, lines: Sequence[PurchaseLine]) -> None:
    """After an amendment: what has come of the lines is worth what they cost now."""
    come = [line for line in lines if line.received]
    if come:
        lock_costs(tx, order.currency, [line.sku for line in come])
    for line in come:
        cost_again(tx, _landed(order, line))


def _landed(order: PurchaseOrder, line: PurchaseLine) -> Landed:
    return Landed(order.id, line.line_no, line.sku, order.currency, line.ordered, line.landed)


def settle(tx: Transaction, order: PurchaseOrder, lines: Sequence[PurchaseLine], *, why: str) -> None:
    """Move an order that is on its way to where its lines say it stands."""
    to = standing(order, lines)
    if to != order.status:
        tx.move(order, to, moves=PURCHASE_MOVES, subject=f"purchase:{order.id}", why=why)


def standing(order: PurchaseOrder, lines: Sequence[PurchaseLine]) -> PurchaseStatus:
    """Each line is judged for itself: too much of one makes up for nothing of another."""
    if not any(line.open for line in lines):
        return _S.short_closed if any(line.closed_short for line in lines) else _S.received
    if any(line.received for line in lines):
        return _S.partly_received
    return _S.confirmed if order.confirmed_at is not None else _S.sent


def new_number(tx: Transaction) -> str:
    return f"PO{tx.scalar(select(purchase_numbers.next_value()))}"


def amendments_of(session: Session, purchase_id: UUID) -> list[PurchaseAmendment]:
    wanted = select(PurchaseAmendment).where(PurchaseAmendment.purchase_id == purchase_id)
    return list(session.scalars(wanted.order_by(PurchaseAmendment.id)))


def revision_of(session: Session, order: PurchaseOrder) -> int:
    """1 is what the supplier was sent first; one more for each time that the order was amended afterwards."""
    if order.sent_at is None:
        return 1
    changed = PurchaseAmendment.at
    wanted = select(func.count(changed.distinct())).where(
        PurchaseAmendment.purchase_id == order.id, changed > order.sent_at
    )
    return 1 + (session.scalar(wanted) or 0)


def charges_of(session: Session, purchase_id: UUID) -> list[PurchaseCharge]:
    wanted = select(PurchaseCharge).where(PurchaseCharge.purchase_id == purchase_id)
    return list(session.scalars(wanted.order_by(PurchaseCharge.charge_no)))


def _over(order: PurchaseOrder, line: PurchaseLine, quantity: int, accepted: Acceptance, at: datetime) -> OverReceipt:
    return OverReceipt(
        purchase_id=order.id,
        line_no=line.line_no,
        up_to=line.received + quantity,
        accepted_by=accepted.by,
        why=accepted.why,
        at=at,
    )
