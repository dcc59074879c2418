"""Labels for goods that come back. Written by the shipping agent alone; their tracking is in `tracking_events`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey
from db.carriers import OPEN, PurchaseState, labels_waiting
from db.fulfilment import Fulfilment, FulfilmentLine
from db.nodes import Node
from db.shipping import Label, LabelRefund, LabelState


class ReturnLabel(Base):
    """From the customer to a node. `amount` is what the carrier asks of us, whatever the customer is charged."""

    __tablename__ = "return_labels"
    __audited__ = True
    __kind__ = "return_label"
    __secret__ = frozenset({"zpl"})  # has name and address on it, which the audit log could never forget
    id: Mapped[UuidKey]
    return_id: Mapped[UUID]
    order_id: Mapped[UUID]
    node: Mapped[str]
    carrier: Mapped[str]
    service: Mapped[str]
    tracking_number: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[Amount]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(default=LabelState.live)
    why: Mapped[str]
    parts: Mapped[list[Any]] = mapped_column(default=list)  # of the price: [{"kind", "amount", "why"}]
    zpl: Mapped[str]
    format: Mapped[str] = mapped_column(default="zpl")  # zpl, or a PDF in base64
    account: Mapped[str | None]  # carrier_accounts: where it was bought; null: from a rate card
    provider_ref: Mapped[str | None]  # the provider's own word for it
    refund: Mapped[str] = mapped_column(default=LabelRefund.none)
    refund_why: Mapped[str | None]  # in the carrier's words
    refund_due_at: Mapped[datetime | None]  # the carrier is asked again from then on
    news_due_at: Mapped[datetime | None]  # … where it is; null: nobody is asked
    created_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_return_labels_live", "return_id", unique=True, postgresql_where=text("state = 'live'")),
        Index("ix_return_labels_order", "order_id"),
        Index("ix_return_labels_refund", "refund_due_at", postgresql_where=text("refund = 'asked'")),
        Index("ix_return_labels_news", "news_due_at", postgresql_where=text("news_due_at IS NOT NULL")),
    )


class ReturnLabelPurchase(Base):
    """The wish for a label of a return, written before any carrier is asked; at most one open for each return.

    Its states are those of `LabelPurchase`. `rate` is what is being bought (`providers.Rate`), `key` under which;
    `tries` are services that were tried in vain, and why.
    """

    __tablename__ = "return_label_purchases"
    __audited__ = True
    __kind__ = "return_label_purchase"
    id: Mapped[UuidKey]
    return_id: Mapped[UUID]
    order_id: Mapped[UUID]
    node: Mapped[str]
    status: Mapped[str] = mapped_column(default=PurchaseState.asked)
    account: Mapped[str | None] = mapped_column(ForeignKey("carrier_accounts.code"))
    rate: Mapped[dict[str, Any] | None]
    key: Mapped[str | None]
    why: Mapped[str | None]  # this service, or why none
    tries: Mapped[list[Any]] = mapped_column(default=list)  # [{"name", "why"}]
    attempts: Mapped[int] = mapped_column(default=0)  # of the present key
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]  # somebody should look at it, if nobody has meanwhile
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_return_label_purchases_open", "return_id", unique=True,
              postgresql_where=text("status IN ('asked', 'buying', 'unknown')")),
        Index("ix_return_label_purchases_due", "due_at",
              postgresql_where=text("status IN ('asked', 'buying', 'unknown')")),
        Index("ix_return_label_purchases_order", "order_id"),
    )  # fmt: skip


def live_return_label(session: Session, return_id: UUID) -> ReturnLabel | None:
    wanted = select(ReturnLabel).where(ReturnLabel.return_id == return_id, ReturnLabel.state == LabelState.live)
    return session.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()


def return_label_of(session: Session, tracking_number: str, *, lock: bool = False) -> ReturnLabel | None:
    wanted = select(ReturnLabel).where(ReturnLabel.tracking_number == tracking_number)
    if lock:
        wanted = wanted.with_for_update(key_share=True)
    return session.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()


def node_for(session: Session, order_id: UUID, line_nos: Collection[int]) -> Node | None:
    """Where goods are to come back: the node that sent most units of these lines, else the first of all."""
    sent_by = (
        select(Fulfilment.node)
        .join(FulfilmentLine, FulfilmentLine.fulfilment_id == Fulfilment.id)
        .where(Fulfilment.order_id == order_id, FulfilmentLine.line_no.in_(line_nos))
        .group_by(Fulfilment.node)
        .order_by(func.sum(FulfilmentLine.quantity).desc(), Fulfilment.node)
        .limit(1)
    )
    code = session.scalar(sent_by)
    if code is not None:
        return session.get(Node, code)
    return session.scalars(select(Node).where(Node.ships).order_by(Node.rank, Node.code).limit(1)).first()


def any_label_waits(session: Session, now: datetime) -> bool:
    """Whether a purchase or a refund of a label is due to be looked at, of a return's too."""
    if labels_waiting(session, now):
        return True
    purchase = select(ReturnLabelPurchase.id).where(
        ReturnLabelPurchase.status.in_(OPEN), ReturnLabelPurchase.due_at <= now
    )
    refund = select(ReturnLabel.id).where(ReturnLabel.refund == LabelRefund.asked, ReturnLabel.refund_due_at <= now)
    return any(session.scalar(wanted.limit(1)) is not None for wanted in (purchase, refund))


def news_due(session: Session, now: datetime, *, limit: int) -> list[tuple[type[Label | ReturnLabel], UUID]]:
    """Labels of parcels that their carriers should be asked about by now, the longest due first."""
    found: list[tuple[type[Label | ReturnLabel], UUID]] = []
    for kind in (Label, ReturnLabel):
        due = select(kind.id).where(kind.news_due_at <= now).order_by(kind.news_due_at).limit(limit)
        found += [(kind, ident) for ident in session.scalars(due)]
    return found


def any_news_due(session: Session, now: datetime) -> bool:
    return bool(news_due(session, now, limit=1))


def due_returns(session: Session, now: datetime, *, limit: int) -> tuple[list[UUID], list[UUID]]:
    """Purchases and refunds of return labels that somebody should look at, the longest due first."""
    bought, asked = ReturnLabelPurchase, ReturnLabel
    purchases = select(bought.id).where(bought.status.in_(OPEN), bought.due_at <= now).order_by(bought.due_at)
    refunds = select(asked.id).where(asked.refund == LabelRefund.asked, asked.refund_due_at <= now)
    return (
        list(session.scalars(purchases.limit(limit))),
        list(session.scalars(refunds.order_by(asked.refund_due_at).limit(limit))),
    )
