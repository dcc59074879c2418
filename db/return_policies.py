"""What may come back, until when and for what fee: versions that are added and never changed. Written by returns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base
from db.catalog import Product, Variant
from db.fulfilment import Fulfilment, FulfilmentLine, FulfilmentStatus
from db.session import Transaction


class RefundWhen(StrEnum):
    """When the money for a line's units goes back."""

    approval = "approval"  # before the goods are here
    handover = "handover"  # once a carrier has scanned the parcel
    receipt = "receipt"


class ReturnPolicy(Base):
    """A version. It is in force from `valid_from` until the next one is, for orders that are placed meanwhile."""

    __tablename__ = "return_policies"
    __audited__ = True
    __kind__ = "return_policy"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[datetime]
    note: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (Index("ix_return_policies_from", "valid_from"),)


class ReturnRule(Base):
    """The first of its version, by `no`, that fits a line decides on it. What is null fits everything."""

    __tablename__ = "return_rules"
    __audited__ = True
    __kind__ = "return_rule"
    version: Mapped[int] = mapped_column(ForeignKey("return_policies.version"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    category: Mapped[str | None]  # `Home > Kitchen`, with all that is under it
    channel: Mapped[str | None]
    country: Mapped[str | None]  # where the order went
    customer_class: Mapped[str | None]  # one of `db.customers.CLASSES`; who has no account is standard
    reason: Mapped[str | None]  # why the units are to come back
    window_days: Mapped[int | None]  # from the day of delivery, where the customer lives; null: without an end
    final_sale: Mapped[bool] = mapped_column(default=False)
    fee_ppm: Mapped[int] = mapped_column(default=0)  # of what a unit is worth
    fee_amount: Mapped[Amount] = mapped_column(default=0)  # for each unit, on orders in `fee_currency`
    fee_currency: Mapped[str | None]
    refund_when: Mapped[str] = mapped_column(default=RefundWhen.receipt)
    auto_approve: Mapped[bool] = mapped_column(default=False)
    refund_shipping: Mapped[bool] = mapped_column(default=True)  # the share of the shipping that goes with the goods
    refund_unsellable: Mapped[bool] = mapped_column(default=False)  # units that come back worn or wrong are paid too
    credit_bonus_ppm: Mapped[int] = mapped_column(default=0)  # on top, for who takes store credit instead of money
    instant_exchange: Mapped[bool] = mapped_column(default=False)  # the new goods may leave before the old are here
    label_paid_by: Mapped[str | None]  # null: the shop where it is at fault, which it pays for whatever is said here
    keep_below: Mapped[Amount] = mapped_column(default=0)  # units of a line worth no more stay with the customer
    carriage_amount: Mapped[Amount] = mapped_column(default=0)  # what a parcel back is reckoned to cost us; 0: unknown
    keep_currency: Mapped[str | None]  # of these two; orders in others have their goods come
    limit_returns: Mapped[int | None]  # so many of a customer in `limit_days` go by rule; a person looks at the next
    limit_ppm: Mapped[int | None]  # the share of what they bought then that may come back by rule
    limit_days: Mapped[int] = mapped_column(default=365)
    __table_args__ = (
        CheckConstraint("no > 0 AND window_days >= 0", name="window"),
        CheckConstraint("fee_ppm BETWEEN 0 AND 1000000 AND fee_amount >= 0", name="fee"),
        CheckConstraint("credit_bonus_ppm BETWEEN 0 AND 1000000", name="bonus"),
        CheckConstraint("fee_amount = 0 OR fee_currency IS NOT NULL", name="fee_currency"),
        CheckConstraint(
            "keep_below >= 0 AND carriage_amount >= 0 "
            "AND (keep_below + carriage_amount = 0 OR keep_currency IS NOT NULL)",
            name="keep",
        ),
        CheckConstraint("limit_returns > 0 AND limit_ppm BETWEEN 0 AND 1000000 AND limit_days > 0", name="limit"),
    )


def policy_at(session: Session, moment: datetime) -> ReturnPolicy | None:
    """The version that was in force then; of two that began together, the later one."""
    begun = select(ReturnPolicy).where(ReturnPolicy.valid_from <= moment)
    return session.scalars(begun.order_by(ReturnPolicy.valid_from.desc(), ReturnPolicy.version.desc()).limit(1)).first()


def rules_of(session: Session, version: int) -> list[ReturnRule]:
    return list(session.scalars(select(ReturnRule).where(ReturnRule.version == version).order_by(ReturnRule.no)))


def next_version(tx: Transaction) -> int:
    """The number of the next version; nobody else can take it until the transaction ends."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtext("return_policies"))))
    return (tx.scalar(select(func.max(ReturnPolicy.version))) or 0) + 1


def categories_of(session: Session, skus: Iterable[str]) -> dict[str, str]:
    """The category of each SKU that has one."""
    wanted = select(Variant.sku, Product.category).join(Product, Product.id == Variant.product_id)
    rows = session.execute(wanted.where(Variant.sku.in_(sorted(set(skus)))))
    return {sku: category for sku, category in rows if category}


def delivered_lines(session: Session, order_id: UUID) -> dict[int, datetime | None]:
    """When the last parcel with units of each line arrived; None while one of them is still on its way."""
    rows = session.execute(
        select(
            FulfilmentLine.line_no, func.count(), func.count(Fulfilment.delivered_at), func.max(Fulfilment.delivered_at)
        )
        .join(Fulfilment, Fulfilment.id == FulfilmentLine.fulfilment_id)
        .where(Fulfilment.order_id == order_id, FulfilmentLine.quantity > 0)
        .where(Fulfilment.status.in_([FulfilmentStatus.shipped, FulfilmentStatus.delivered]))
        .group_by(FulfilmentLine.line_no)
    )
    return {line_no: last if arrived == sent else None for line_no, sent, arrived, last in rows}
