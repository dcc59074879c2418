"""Goods that come back from customers: returns, their lines, what arrived. Written by the returns agent alone.

Locks are taken in one order: the order's row, the return, levels by node and SKU, lots, bins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Sequence, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey, metadata
from db.errors import NotFound
from db.order_claims import NOT_GRANTED, OrderClaim, OrderClaimLine, claims_of, lines_of_claims
from db.orders import Order, OrderLine
from db.return_policies import RefundWhen
from db.session import Transaction

return_numbers = Sequence("return_numbers", start=100001, metadata=metadata)


class ReturnStatus(StrEnum):
    requested = "requested"  # waits for somebody to decide
    approved = "approved"  # the goods may come
    partly_received = "partly_received"
    received = "received"  # every unit was graded, or is known to be missing
    refunded = "refunded"  # all that is owed for it has reached the customer
    closed = "closed"  # ended without all of the money, or with nothing to give back
    declined = "declined"
    cancelled = "cancelled"


_S = ReturnStatus
RETURN_MOVES = {
    _S.requested: frozenset({_S.approved, _S.declined, _S.cancelled}),
    _S.approved: frozenset({_S.partly_received, _S.received, _S.cancelled}),
    _S.partly_received: frozenset({_S.received}),
    _S.received: frozenset({_S.refunded, _S.closed}),
    _S.refunded: frozenset({_S.received}),  # a refund came back: the account it went to is closed
    _S.closed: frozenset[ReturnStatus](),
    _S.declined: frozenset[ReturnStatus](),
    _S.cancelled: frozenset[ReturnStatus](),
}
NEVER_CAME = (_S.declined, _S.cancelled)
RECEIVABLE = (_S.approved, _S.partly_received)
ENDED = (_S.closed, *NEVER_CAME)


class RefundState(StrEnum):
    """Where the money of a return stands, as payments told last."""

    none = "none"  # nothing is owed yet
    asked = "asked"  # with the provider
    unknown = "unknown"  # a time-out: it may have happened; reconciliation finds out
    settled = "settled"  # all that is owed has been given back
    failed = "failed"  # a provider refused, and somebody has to act
    short = "short"  # the order's payments have not so much left, or have not been captured yet


class RefundTo(StrEnum):
    original = "original"  # the way it was paid
    store_credit = "store_credit"  # the customer's, in the order's currency


class ReturnReason(StrEnum):
    changed_mind = "changed_mind"
    too_small = "too_small"
    too_large = "too_large"
    not_as_described = "not_as_described"
    wrong_item = "wrong_item"
    damaged = "damaged"  # it arrived so
    faulty = "faulty"
    late = "late"
    other = "other"


SHOPS_FAULT = frozenset(
    {
        ReturnReason.not_as_described,
        ReturnReason.wrong_item,
        ReturnReason.damaged,
        ReturnReason.faulty,
        ReturnReason.late,
    }
)
"""The customer pays no fee for these, whatever the policy says, and is paid for units that cannot be sold again."""


class LabelPaidBy(StrEnum):
    customer = "customer"
    shop = "shop"


class ReturnWay(StrEnum):
    """How the goods are to come."""

    own = "own"  # however the customer likes, at their own cost
    label = "label"  # with a label of ours
    drop_off = "drop_off"  # brought to a counter of ours, which scans the code of the return


class ReturnParcelState(StrEnum):
    """Where the goods of a return are, as carriers and our docks tell."""

    awaited = "awaited"  # not handed over yet
    on_its_way = "on_its_way"  # a carrier has scanned it
    arrived = "arrived"


class Grade(StrEnum):
    """What a unit that was to come back is like."""

    sellable = "sellable"  # as new
    damaged = "damaged"
    not_as_described = "not_as_described"  # something else than was sent, or not as the customer says
    missing = "missing"  # it was not in the parcel


class Return(Base):
    """Amounts are minor units of the order's currency; `credit` is all that is owed for it so far."""

    __tablename__ = "returns"
    __audited__ = True
    __kind__ = "return"
    # A customer's own words: what may have to be erased one day must not get into the audit log.
    __secret__ = frozenset({"note"})
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    status: Mapped[str] = mapped_column(default=ReturnStatus.requested)
    currency: Mapped[str]
    policy_version: Mapped[int | None] = mapped_column(ForeignKey("return_policies.version"))
    label_paid_by: Mapped[str]
    way: Mapped[str] = mapped_column(default=ReturnWay.own)
    parcel: Mapped[str] = mapped_column(default=ReturnParcelState.awaited)
    carrier: Mapped[str | None]  # of our label
    tracking_number: Mapped[str | None] = mapped_column(unique=True)
    label_price: Mapped[Amount] = mapped_column(default=0)  # for our label, as the customer was told; 0: the shop's
    label_taken: Mapped[Amount] = mapped_column(default=0)  # of it, what is taken off `credit` so far
    note: Mapped[str | None]
    exception: Mapped[str | None]  # why it is let in although the policy refuses it
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    shipping: Mapped[Amount] = mapped_column(default=0)  # the share that went with the goods, with its tax
    shipping_tax: Mapped[Amount] = mapped_column(default=0)
    credit: Mapped[Amount] = mapped_column(default=0)
    refund_state: Mapped[str] = mapped_column(default=RefundState.none)
    refunded: Mapped[Amount] = mapped_column(default=0)  # of `credit`, what the payments gave back
    counted: Mapped[Amount] = mapped_column(default=0)  # of `credit`, what had been refunded by hand before
    due: Mapped[Amount] = mapped_column(default=0)  # of `credit`, what is neither given back nor on its way
    refund_error: Mapped[str | None]
    refund_to: Mapped[str] = mapped_column(default=RefundTo.original)
    bonus: Mapped[Amount] = mapped_column(default=0)  # to store credit, beside `credit`
    exchange_id: Mapped[UUID | None]  # it is the half of this exchange that comes back
    kept: Mapped[Amount] = mapped_column(default=0)  # of `credit`, at most this much pays for what goes out in exchange
    moved: Mapped[Amount] = mapped_column(default=0)  # of `refunded`, what pays for it now
    keep_why: Mapped[str | None]  # why the customer keeps the goods and is paid all the same; null: they are to come
    review: Mapped[str | None]  # why no rule decides on it by itself
    requested_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("credit >= 0 AND refunded >= 0 AND counted >= 0 AND due >= 0", name="money"),
        CheckConstraint("bonus >= 0 AND kept >= 0 AND moved BETWEEN 0 AND refunded", name="exchange"),
        CheckConstraint("shipping >= 0 AND shipping_tax BETWEEN 0 AND shipping", name="shipping"),
        CheckConstraint("label_taken BETWEEN 0 AND label_price", name="label"),
        Index("ix_returns_order", "order_id"),
        Index("ix_returns_exchange", "exchange_id", unique=True, postgresql_where=text("exchange_id IS NOT NULL")),
        Index("ix_returns_created", "created_at", "id"),
        Index("ix_returns_status", "status", "created_at", "id"),
        Index("ix_returns_updated", "updated_at", "id"),
    )


class ReturnLine(Base):
    """Units of one line of the order. What the rule said is kept; what came is counted by grade."""

    __tablename__ = "return_lines"
    __audited__ = True
    __kind__ = "return_line"
    __secret__ = frozenset({"remark"})
    return_id: Mapped[UUID] = mapped_column(ForeignKey("returns.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    sku: Mapped[str]
    quantity: Mapped[int]
    reason: Mapped[str]
    remark: Mapped[str | None]
    rule_no: Mapped[int | None]
    rule: Mapped[str | None]
    refused: Mapped[str | None]  # what the policy says against it, when it was let in all the same
    refund_when: Mapped[str] = mapped_column(default=RefundWhen.receipt)
    fee_ppm: Mapped[int] = mapped_column(default=0)
    fee_per_unit: Mapped[Amount] = mapped_column(default=0)
    refund_shipping: Mapped[bool] = mapped_column(default=True)
    refund_unsellable: Mapped[bool] = mapped_column(default=False)
    bonus_ppm: Mapped[int] = mapped_column(default=0)
    sellable: Mapped[int] = mapped_column(default=0)
    damaged: Mapped[int] = mapped_column(default=0)
    not_as_described: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    stayed: Mapped[int] = mapped_column(default=0)  # paid for, and the customer's to keep
    credited: Mapped[int] = mapped_column(default=0)  # units that are paid for
    credited_total: Mapped[Amount] = mapped_column(default=0)  # what they are worth, before the fee
    credited_tax: Mapped[Amount] = mapped_column(default=0)
    fee: Mapped[Amount] = mapped_column(default=0)
    fee_tax: Mapped[Amount] = mapped_column(default=0)
    __table_args__ = (
        ForeignKeyConstraint(["order_id", "line_no"], ["order_lines.order_id", "order_lines.line_no"]),
        CheckConstraint(
            "quantity > 0 AND sellable >= 0 AND damaged >= 0 AND not_as_described >= 0 AND missing >= 0 "
            "AND stayed >= 0 AND sellable + damaged + not_as_described + missing + stayed <= quantity",
            name="graded",
        ),
        CheckConstraint("credited BETWEEN 0 AND quantity", name="credited"),
        CheckConstraint(
            "credited_tax BETWEEN 0 AND credited_total AND fee BETWEEN 0 AND credited_total "
            "AND fee_tax BETWEEN 0 AND fee",
            name="money",
        ),
        Index("ix_return_lines_order", "order_id", "line_no"),
    )

    @property
    def came(self) -> int:
        return self.sellable + self.damaged + self.not_as_described

    @property
    def open(self) -> int:
        """Units of which nobody knows yet what became of them."""
        return self.quantity - self.came - self.missing - self.stayed

    @property
    def withheld(self) -> int:
        """Units that are here and not paid for."""
        return max(0, self.came - self.credited)


class ReturnUnits(Base):
    """Units that somebody graded in one go. Where they lie now is in the stock ledger, under `return:ID`."""

    __tablename__ = "return_units"
    __audited__ = True
    __kind__ = "return_units"
    id: Mapped[UuidKey]
    return_id: Mapped[UUID]
    line_no: Mapped[int]
    node: Mapped[str | None] = mapped_column(ForeignKey("nodes.code"))  # null for what is missing
    grade: Mapped[str]
    quantity: Mapped[int]
    booked_as: Mapped[str | None]  # the state in which they were booked in; null for what is missing
    note: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["return_id", "line_no"], ["return_lines.return_id", "return_lines.line_no"]),
        CheckConstraint("quantity > 0", name="positive"),
        Index("ix_return_units_return", "return_id", "line_no"),
    )


class GivenBack(Protocol):
    """Units of a line that are on a return or a claim, and what was paid for them."""

    @property
    def line_no(self) -> int: ...
    @property
    def quantity(self) -> int: ...
    @property
    def missing(self) -> int: ...
    @property
    def credited(self) -> int: ...
    @property
    def credited_total(self) -> int: ...
    @property
    def credited_tax(self) -> int: ...
    @property
    def refund_shipping(self) -> bool: ...


class WithShipping(Protocol):
    @property
    def shipping(self) -> int: ...
    @property
    def shipping_tax(self) -> int: ...


@dataclass(frozen=True)
class Sold:
    """An order with its lines, and what there is of each on returns and claims that were not declined or called off."""

    order: Order
    lines: dict[int, OrderLine]
    back: dict[int, list[ReturnLine]]
    returns: list[Return]
    claims: list[OrderClaim]
    claim_lines: dict[int, list[OrderClaimLine]]

    def given_back(self, line_no: int) -> list[GivenBack]:
        return [*self.back.get(line_no, []), *self.claim_lines.get(line_no, [])]

    def claimed(self, line_no: int) -> int:
        """Units that came back, are on their way, were complained of or were paid for."""
        return sum(max(n.quantity - n.missing, n.credited) for n in self.given_back(line_no))

    def holders(self, line_no: int) -> list[str]:
        """The numbers of the returns and claims that hold units of a line."""
        numbers: dict[UUID, str] = {r.id: r.number for r in self.returns}
        numbers |= {
            c.id: f"{c.number} (a parcel that was made good)" if c.exception_id else c.number for c in self.claims
        }
        held = [n.return_id for n in self.back.get(line_no, [])] + [
            n.claim_id for n in self.claim_lines.get(line_no, [])
        ]
        return [numbers[one] for one in held]

    def returnable(self, line_no: int) -> int:
        return max(0, self.lines[line_no].shipped - self.claimed(line_no))


def sold(session: Session, order_id: UUID, *, lock: bool = False) -> Sold:
    """A lock keeps others from asking for the same units until the transaction ends. Raises NotFound."""
    fresh = {"populate_existing": True}
    wanted = select(Order).where(Order.id == order_id)
    if lock:
        wanted = wanted.with_for_update(key_share=True)
    order = session.scalars(wanted, execution_options=fresh).one_or_none()
    if order is None:
        raise NotFound("order", str(order_id))
    of_order = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.line_no)
    lines = {n.line_no: n for n in session.scalars(of_order, execution_options=fresh)}
    known = list(
        session.scalars(
            select(Return).where(Return.order_id == order_id, Return.status.not_in(NEVER_CAME)).order_by(Return.id),
            execution_options=fresh,
        )
    )
    back: dict[int, list[ReturnLine]] = {}
    for row in lines_of(session, [r.id for r in known]):
        back.setdefault(row.line_no, []).append(row)
    claims = claims_of(session, order_id)
    claim_lines: dict[int, list[OrderClaimLine]] = {}
    for line in lines_of_claims(session, [c.id for c in claims]):
        claim_lines.setdefault(line.line_no, []).append(line)
    return Sold(order, lines, back, known, claims, claim_lines)


def credited_by_line(session: Session, order_id: UUID) -> dict[int, int]:
    """What was paid for units of each line that came back or were claimed. Lock the order before."""
    back = (
        select(ReturnLine.line_no, ReturnLine.credited_total)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(ReturnLine.order_id == order_id, Return.status.not_in(NEVER_CAME))
    )
    claimed = (
        select(OrderClaimLine.line_no, OrderClaimLine.credited_total)
        .join(OrderClaim, OrderClaim.id == OrderClaimLine.claim_id)
        .where(OrderClaimLine.order_id == order_id, OrderClaim.status.not_in(NOT_GRANTED))
    )
    both = back.union_all(claimed).subquery()
    rows = session.execute(select(both.c.line_no, func.sum(both.c.credited_total)).group_by(both.c.line_no))
    return {line_no: int(total) for line_no, total in rows}


def lines_of(session: Session, return_ids: Iterable[UUID]) -> list[ReturnLine]:
    wanted = select(ReturnLine).where(ReturnLine.return_id.in_(list(return_ids)))
    in_order = wanted.order_by(ReturnLine.return_id, ReturnLine.line_no)
    return list(session.scalars(in_order, execution_options={"populate_existing": True}))


def order_of_return(session: Session, return_id: UUID) -> UUID:
    """Raises NotFound."""
    found = session.scalar(select(Return.order_id).where(Return.id == return_id))
    if found is None:
        raise NotFound("return", str(return_id))
    return found


def lock_return(tx: Transaction, return_id: UUID) -> Return:
    """Lock the order before, where both are needed. Raises NotFound."""
    wanted = select(Return).where(Return.id == return_id).with_for_update()
    found = tx.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFound("return", str(return_id))
    return found


def new_return_number(tx: Transaction) -> str:
    return f"R{tx.scalar(select(return_numbers.next_value()))}"


PAYS_WITHHELD = (_S.partly_received, _S.received, _S.refunded)


def what_next(status: str, refund_state: str, *, withheld: int, alone: bool = True) -> list[str]:
    """What may be asked of a return; the agent has the last word. Not `alone`: it is decided with its exchange."""
    steps = {
        ReturnStatus.requested: ["approve", "decline", "cancel"],
        ReturnStatus.approved: ["receive", "cancel"],
        ReturnStatus.partly_received: ["receive"],
        ReturnStatus.received: ["close"],
    }.get(ReturnStatus(status), [])
    again = refund_state in (RefundState.failed, RefundState.short) and status not in ENDED
    pays = withheld > 0 and status in PAYS_WITHHELD
    if not alone:
        steps = [step for step in steps if step == "receive"]
    return [*steps, *["refund"] * again, *["pay"] * pays]
