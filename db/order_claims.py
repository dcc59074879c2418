"""What customers complain of: goods that came damaged, not whole, wrong or not at all, and that nobody sends back.

Written by the returns agent alone, under the lock of the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, Sequence, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey, metadata
from db.errors import NotFound
from db.session import Transaction

claim_numbers = Sequence("claim_numbers", start=100001, metadata=metadata)


class ClaimStatus(StrEnum):
    open = "open"  # somebody has to look
    approved = "approved"  # money or goods are on their way to the customer
    resolved = "resolved"
    denied = "denied"
    cancelled = "cancelled"


_S = ClaimStatus
CLAIM_MOVES = {
    _S.open: frozenset({_S.approved, _S.denied, _S.cancelled}),
    _S.approved: frozenset({_S.resolved, _S.cancelled}),
    _S.resolved: frozenset({_S.approved}),  # a refund came back: the account it went to is closed
    _S.denied: frozenset[ClaimStatus](),
    _S.cancelled: frozenset[ClaimStatus](),
}
NOT_GRANTED = (_S.denied, _S.cancelled)


class ClaimReason(StrEnum):
    damaged = "damaged"
    missing = "missing"  # the parcel came without it
    wrong_item = "wrong_item"
    not_arrived = "not_arrived"


class ClaimResolution(StrEnum):
    """Told from the lines: what the customer gets."""

    refund = "refund"
    replacement = "replacement"
    both = "both"


class OrderClaim(Base):
    """Amounts are minor units of the order's currency. `credit` is what is owed for it, `kept` of it pays the goods."""

    __tablename__ = "order_claims"
    __audited__ = True
    __kind__ = "order_claim"
    __secret__ = frozenset({"note"})
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    status: Mapped[str] = mapped_column(default=ClaimStatus.open)
    resolution: Mapped[str]
    currency: Mapped[str]
    refund_to: Mapped[str]
    note: Mapped[str | None]  # in the customer's own words
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    shipping: Mapped[Amount] = mapped_column(default=0)
    shipping_tax: Mapped[Amount] = mapped_column(default=0)
    credit: Mapped[Amount] = mapped_column(default=0)
    kept: Mapped[Amount] = mapped_column(default=0)
    kept_shipping: Mapped[Amount] = mapped_column(default=0)  # of `kept`, the shipping of what is sent once more
    refunded: Mapped[Amount] = mapped_column(default=0)
    counted: Mapped[Amount] = mapped_column(default=0)
    moved: Mapped[Amount] = mapped_column(default=0)
    due: Mapped[Amount] = mapped_column(default=0)
    refund_state: Mapped[str]
    refund_error: Mapped[str | None]
    replacement_id: Mapped[UUID | None]
    replacement_number: Mapped[str | None]
    replacement_asked_at: Mapped[datetime | None]
    replacement_shipped_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    exception_id: Mapped[UUID | None]  # the parcel in trouble whose goods it makes good
    requested_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("credit >= 0 AND kept BETWEEN 0 AND credit AND refunded >= 0 AND counted >= 0", name="money"),
        CheckConstraint("due >= 0 AND moved BETWEEN 0 AND refunded", name="moved"),
        CheckConstraint("kept_shipping BETWEEN 0 AND kept AND kept_shipping <= shipping", name="kept_shipping"),
        Index("ix_order_claims_order", "order_id"),
        Index("ix_order_claims_created", "created_at", "id"),
        Index("ix_order_claims_status", "status", "created_at", "id"),
        Index("ix_order_claims_replacement", "replacement_id"),
        Index(
            "ix_order_claims_exception",
            "exception_id",
            unique=True,
            postgresql_where=text("exception_id IS NOT NULL AND status NOT IN ('denied', 'cancelled')"),
        ),
    )


class OrderClaimLine(Base):
    """Units of one line of the order: some of them are paid back, some sent once more."""

    __tablename__ = "order_claim_lines"
    __audited__ = True
    __kind__ = "order_claim_line"
    __secret__ = frozenset({"remark"})
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("order_claims.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    sku: Mapped[str]
    quantity: Mapped[int]
    replaced: Mapped[int] = mapped_column(default=0)  # of `quantity`, sent once more; the rest is paid back
    reason: Mapped[str]
    remark: Mapped[str | None]
    credited: Mapped[int] = mapped_column(default=0)
    credited_total: Mapped[Amount] = mapped_column(default=0)
    credited_tax: Mapped[Amount] = mapped_column(default=0)
    replaced_total: Mapped[Amount] = mapped_column(default=0)  # of `credited_total`, what pays for the goods
    __table_args__ = (
        ForeignKeyConstraint(["order_id", "line_no"], ["order_lines.order_id", "order_lines.line_no"]),
        CheckConstraint("quantity > 0 AND replaced BETWEEN 0 AND quantity", name="units"),
        CheckConstraint("credited BETWEEN 0 AND quantity AND credited_tax BETWEEN 0 AND credited_total", name="money"),
        CheckConstraint("replaced_total BETWEEN 0 AND credited_total", name="replaced"),
        Index("ix_order_claim_lines_order", "order_id", "line_no"),
    )

    @property
    def missing(self) -> int:
        """Nothing is to come back."""
        return 0

    @property
    def refund_shipping(self) -> bool:
        return True


class ClaimPhoto(Base):
    """What is wrong, to be seen. Written and never changed."""

    __tablename__ = "claim_photos"
    id: Mapped[UuidKey]
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("order_claims.id"))
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    added_by: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_claim_photos_claim", "claim_id"),)


def claims_of(session: Session, order_id: UUID) -> list[OrderClaim]:
    """Those that hold units: neither denied nor cancelled."""
    wanted = select(OrderClaim).where(OrderClaim.order_id == order_id, OrderClaim.status.not_in(NOT_GRANTED))
    return list(session.scalars(wanted.order_by(OrderClaim.id), execution_options={"populate_existing": True}))


def claim_of_parcel(tx: Transaction, exception_id: UUID) -> OrderClaim | None:
    """The claim that makes the goods of a parcel in trouble good."""
    wanted = select(OrderClaim).where(OrderClaim.exception_id == exception_id, OrderClaim.status.not_in(NOT_GRANTED))
    return tx.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()


def lines_of_claims(session: Session, claim_ids: Iterable[UUID]) -> list[OrderClaimLine]:
    wanted = select(OrderClaimLine).where(OrderClaimLine.claim_id.in_(list(claim_ids)))
    in_order = wanted.order_by(OrderClaimLine.claim_id, OrderClaimLine.line_no)
    return list(session.scalars(in_order, execution_options={"populate_existing": True}))


def order_of_claim(session: Session, claim_id: UUID) -> UUID:
    """Raises NotFound."""
    found = session.scalar(select(OrderClaim.order_id).where(OrderClaim.id == claim_id))
    if found is None:
        raise NotFound("claim", str(claim_id))
    return found


def lock_claim(tx: Transaction, claim_id: UUID) -> OrderClaim:
    """Lock the order before. Raises NotFound."""
    wanted = select(OrderClaim).where(OrderClaim.id == claim_id).with_for_update()
    found = tx.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFound("claim", str(claim_id))
    return found


def new_claim_number(tx: Transaction) -> str:
    return f"C{tx.scalar(select(claim_numbers.next_value()))}"


def claim_next(status: str, refund_state: str, *, replacement_shipped: bool) -> list[str]:
    """What may be asked of a claim; the agent has the last word."""
    if status == ClaimStatus.open:
        return ["approve", "deny", "cancel"]
    if status != ClaimStatus.approved:
        return []
    again = ["refund"] if refund_state in ("failed", "short") else []
    return again if replacement_shipped else [*again, "cancel"]
