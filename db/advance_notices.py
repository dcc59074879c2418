"""What suppliers say is on its way (ASN): expected lines, packages, when it comes. Written by the inbound agent.

Agents lock purchase orders first, then the notice, then the receipt or the dock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Sequence,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey, metadata
from db.deliveries import DAY, learned_since
from db.errors import NotFound
from db.inbound import Receipt, ReceiptStatus
from db.nodes import Node
from db.purchasing import PurchaseLine, PurchaseOrder
from db.session import Transaction
from db.suppliers import Supplier

notice_numbers = Sequence("advance_notice_numbers", start=100001, metadata=metadata)


class NoticeStatus(StrEnum):
    announced = "announced"
    in_transit = "in_transit"  # the supplier has handed it over
    arrived = "arrived"  # it is at the node, and nothing of it was counted
    receiving = "receiving"  # some of it is booked
    received = "received"  # of every line at least what was announced
    closed = "closed"  # somebody has said that the rest was not there
    cancelled = "cancelled"


_S = NoticeStatus
NOTICE_NEXT = {
    _S.announced: frozenset({_S.in_transit, _S.arrived, _S.receiving, _S.received, _S.cancelled}),
    _S.in_transit: frozenset({_S.arrived, _S.receiving, _S.received, _S.cancelled}),
    _S.arrived: frozenset({_S.receiving, _S.received, _S.closed}),
    _S.receiving: frozenset({_S.received, _S.closed}),
    _S.received: frozenset[NoticeStatus](),
    _S.closed: frozenset[NoticeStatus](),
    _S.cancelled: frozenset[NoticeStatus](),
}
"""Forward: what people ask for, and what receipts bring."""

_TAKEN_BACK = {
    _S.receiving: frozenset({_S.announced, _S.in_transit, _S.arrived}),
    _S.received: frozenset({_S.announced, _S.in_transit, _S.arrived, _S.receiving}),
    _S.closed: frozenset({_S.announced, _S.in_transit, _S.arrived, _S.receiving}),
}
NOTICE_MOVES = {now: nexts | _TAKEN_BACK.get(now, frozenset()) for now, nexts in NOTICE_NEXT.items()}
"""Forward, and back when a receipt is taken back; nobody can ask for the latter."""

ON_THE_WAY = (_S.announced, _S.in_transit)
LIVE = (*ON_THE_WAY, _S.arrived, _S.receiving)
"""Something of it is still to come."""
RECEIVABLE = (*LIVE, _S.received)


class ExpectedFrom(StrEnum):
    """What the expected time of a notice rests on."""

    record = "record"  # a date was said, and how late this supplier's goods come after such dates is known
    said = "said"  # a date was said, and too little is known of how well such dates are kept
    lead_times = "lead_times"  # no date was said; how long this supplier took from the sending of orders is known
    terms = "terms"  # the lead time that the supplier quotes


class AdvanceNotice(Base):
    """`reference` is the supplier's own number. `expected_*` is what we reckon with, and why."""

    __tablename__ = "advance_notices"
    __audited__ = True
    __kind__ = "advance_notice"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    supplier: Mapped[str] = mapped_column(ForeignKey(Supplier.code))
    reference: Mapped[str]
    node: Mapped[str] = mapped_column(ForeignKey(Node.code))
    status: Mapped[str] = mapped_column(default=NoticeStatus.announced)
    carrier: Mapped[str | None]
    tracking: Mapped[str | None]
    note: Mapped[str | None]
    said_at: Mapped[datetime | None]  # when it comes, as the supplier says
    first_said_at: Mapped[datetime | None]  # the date that it said first
    expected_at: Mapped[datetime]  # half of the like have come by then
    expected_late_at: Mapped[datetime]  # nine of ten
    expected_from: Mapped[str]
    expected_why: Mapped[str]
    observations: Mapped[int] = mapped_column(default=0)  # deliveries that this was learned from
    announced_by: Mapped[str]
    announced_at: Mapped[datetime]
    shipped_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("expected_late_at >= expected_at AND observations >= 0", name="expected"),
        Index(
            "ix_advance_notices_reference",
            "supplier",
            "reference",
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
        Index("ix_advance_notices_announced", "announced_at", "id"),
        Index(
            "ix_advance_notices_coming",
            "expected_at",
            postgresql_where=text("status IN ('announced','in_transit','arrived','receiving')"),
        ),
    )


class AdvanceNoticeLine(Base):
    """Units of a purchase order's line. `beyond` is how many more than the order expected when they were announced."""

    __tablename__ = "advance_notice_lines"
    __audited__ = True
    __kind__ = "advance_notice_line"
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("advance_notices.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    purchase_id: Mapped[UUID]
    purchase_line: Mapped[int]
    sku: Mapped[str]
    units: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    beyond: Mapped[int] = mapped_column(default=0)
    lot: Mapped[str] = mapped_column(default="")
    expiry: Mapped[str] = mapped_column(default="")  # as the supplier writes it
    __table_args__ = (
        ForeignKeyConstraint(
            ["purchase_id", "purchase_line"], ["purchase_lines.purchase_id", "purchase_lines.line_no"]
        ),
        CheckConstraint("units > 0 AND received >= 0 AND beyond >= 0", name="sane"),
        Index("ix_advance_notice_lines_purchase", "purchase_id", "purchase_line"),
    )


class AdvanceNoticePackage(Base):
    """A pallet or carton by its SSCC, which is on one notice only for as long as that is not cancelled (`live`)."""

    __tablename__ = "advance_notice_packages"
    __audited__ = True
    __kind__ = "advance_notice_package"
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("advance_notices.id"), primary_key=True)
    sscc: Mapped[str] = mapped_column(primary_key=True)
    contents: Mapped[list[Any]] = mapped_column(default=list)  # [{"line": 1, "units": 20}], of the notice's lines
    live: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (Index("ix_advance_notice_packages_sscc", "sscc", unique=True, postgresql_where=text("live")),)


def short_of_line() -> ColumnElement[int]:
    return func.greatest(0, AdvanceNoticeLine.units - AdvanceNoticeLine.received, type_=Integer)


def over_of_line() -> ColumnElement[int]:
    return func.greatest(0, AdvanceNoticeLine.received - AdvanceNoticeLine.units, type_=Integer)


def what_next(status: str) -> list[str]:
    """What may be done with a notice now."""
    verbs = {
        _S.announced: ["postpone", "ship", "arrive", "receive", "cancel"],
        _S.in_transit: ["postpone", "arrive", "receive", "cancel"],
        _S.arrived: ["receive", "close"],
        _S.receiving: ["receive", "close"],
        _S.received: ["receive"],
    }
    return verbs.get(NoticeStatus(status), [])


def lock_notice(tx: Transaction, notice_id: UUID) -> AdvanceNotice:
    """Raises NotFound. Its lines and packages are safe to read and write then."""
    notice = tx.get(AdvanceNotice, notice_id, with_for_update=True, populate_existing=True)
    if notice is None:
        raise NotFound("advance notice", str(notice_id))
    return notice


def notice_by_reference(session: Session, supplier: str, reference: str) -> AdvanceNotice | None:
    """The one that was not cancelled: a notice that was wrong is said again by the same number."""
    wanted = select(AdvanceNotice).where(AdvanceNotice.supplier == supplier, AdvanceNotice.reference == reference)
    return session.scalar(wanted.where(AdvanceNotice.status != _S.cancelled))


def notice_lines(session: Session, notice_id: UUID) -> list[AdvanceNoticeLine]:
    wanted = select(AdvanceNoticeLine).where(AdvanceNoticeLine.notice_id == notice_id).order_by(AdvanceNoticeLine.no)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def notice_packages(session: Session, notice_id: UUID) -> list[AdvanceNoticePackage]:
    wanted = select(AdvanceNoticePackage).where(AdvanceNoticePackage.notice_id == notice_id)
    return list(session.scalars(wanted.order_by(AdvanceNoticePackage.sscc).execution_options(populate_existing=True)))


def notices_with_packages(session: Session, ssccs: Iterable[str], *, but: UUID) -> dict[str, str]:
    """Numbers of other notices that were not cancelled, by the packages that they name."""
    rows = session.execute(
        select(AdvanceNoticePackage.sscc, AdvanceNotice.number)
        .join(AdvanceNotice, AdvanceNotice.id == AdvanceNoticePackage.notice_id)
        .where(
            AdvanceNoticePackage.sscc.in_(sorted(set(ssccs))),
            AdvanceNoticePackage.live,
            AdvanceNoticePackage.notice_id != but,
        )
    )
    return {row[0]: row[1] for row in rows}


def announced_elsewhere(session: Session, purchase_id: UUID, *, but: UUID) -> dict[int, int]:
    """Units of the lines of an order that other notices announce and that have not come yet."""
    line = AdvanceNoticeLine
    rows = session.execute(
        select(line.purchase_line, func.sum(short_of_line()))
        .join(AdvanceNotice, AdvanceNotice.id == line.notice_id)
        .where(line.purchase_id == purchase_id, line.notice_id != but, AdvanceNotice.status.in_(LIVE))
        .group_by(line.purchase_line)
    )
    return {line_no: int(units) for line_no, units in rows}


def announced_of_line() -> ColumnElement[int]:
    """Units of a listed line of an order that notices announce and that have not come yet."""
    line = AdvanceNoticeLine
    added = (
        select(func.coalesce(func.sum(short_of_line()), 0))
        .join(AdvanceNotice, AdvanceNotice.id == line.notice_id)
        .where(line.purchase_id == PurchaseLine.purchase_id, line.purchase_line == PurchaseLine.line_no)
        .where(AdvanceNotice.status.in_(LIVE))
    )
    return cast(added.correlate(PurchaseLine).scalar_subquery(), Integer)


def live_notices(session: Session, purchase_id: UUID) -> list[AdvanceNotice]:
    """Notices with units of an order of which something is still to come, what is expected first before the others."""
    of_it = select(AdvanceNoticeLine.notice_id).where(AdvanceNoticeLine.purchase_id == purchase_id)
    wanted = select(AdvanceNotice).where(AdvanceNotice.id.in_(of_it), AdvanceNotice.status.in_(LIVE))
    return list(session.scalars(wanted.order_by(AdvanceNotice.expected_at, AdvanceNotice.id)))


def new_notice_number(tx: Transaction) -> str:
    return f"AN{tx.scalar(select(notice_numbers.next_value()))}"


def sum_of(column: Any) -> ColumnElement[int]:
    """A figure of the lines of a listed notice, added up."""
    added = select(func.coalesce(func.sum(column), 0)).where(AdvanceNoticeLine.notice_id == AdvanceNotice.id)
    return cast(added.correlate(AdvanceNotice).scalar_subquery(), Integer)


def any_booked(session: Session, notice_id: UUID) -> bool:
    """Whether a receipt names the notice that was not taken back."""
    booked = select(Receipt.id).where(Receipt.notice_id == notice_id, Receipt.status == ReceiptStatus.booked)
    return session.scalar(booked.limit(1)) is not None


def days_late(session: Session, supplier: str, now: datetime) -> list[tuple[str, float]]:
    """(node, days) by which each delivery of a supplier came after the date said first of it; early is below zero.

    The date that was said last would make whoever postpones until the goods are there look punctual. A delivery is a
    notice that arrived, or an order without notices that the supplier confirmed and that came whole.
    """
    came = func.coalesce(AdvanceNotice.arrived_at, func.min(Receipt.received_at))
    noticed = (
        select(AdvanceNotice.node, AdvanceNotice.first_said_at, came)
        .outerjoin(Receipt, (Receipt.notice_id == AdvanceNotice.id) & (Receipt.status == ReceiptStatus.booked))
        .where(AdvanceNotice.supplier == supplier, AdvanceNotice.first_said_at.is_not(None))
        .where(AdvanceNotice.status != _S.cancelled, AdvanceNotice.first_said_at >= learned_since(now))
        .group_by(AdvanceNotice.id)
        .having(came.is_not(None))
    )
    has_notice = select(AdvanceNoticeLine.no).where(AdvanceNoticeLine.purchase_id == PurchaseOrder.id).exists()
    ordered = (
        select(PurchaseOrder.node, func.max(PurchaseLine.first_promised_at), func.max(PurchaseLine.received_at))
        .join(PurchaseLine, PurchaseLine.purchase_id == PurchaseOrder.id)
        .where(PurchaseOrder.supplier == supplier, PurchaseOrder.confirmed_at >= learned_since(now), ~has_notice)
        .group_by(PurchaseOrder.id)
        .having(func.bool_and(PurchaseLine.received >= PurchaseLine.ordered))
    )
    rows: list[Any] = [*session.execute(noticed), *session.execute(ordered)]
    return [(node, (then - said).total_seconds() / DAY) for node, said, then in rows if said and then]


def days_taken(session: Session, supplier: str, now: datetime) -> list[tuple[str, float]]:
    """(node, days) from the sending of each order that came whole to its last unit."""
    rows = session.execute(
        select(PurchaseOrder.node, PurchaseOrder.sent_at, func.max(PurchaseLine.received_at))
        .join(PurchaseLine, PurchaseLine.purchase_id == PurchaseOrder.id)
        .where(PurchaseOrder.supplier == supplier, PurchaseOrder.sent_at >= learned_since(now))
        .group_by(PurchaseOrder.id)
        .having(func.bool_and(PurchaseLine.received >= PurchaseLine.ordered))
    )
    return [(node, (then - sent) / timedelta(days=1)) for node, sent, then in rows if sent and then]
