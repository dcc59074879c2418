"""Goods that come back and others that go out in their place, in one record. Written by the returns agent alone.

What comes back is a return like any other, which knows its exchange; what goes out is an order that its money pays.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey, metadata
from db.errors import NotFound
from db.session import Transaction

exchange_numbers = Sequence("exchange_numbers", start=100001, metadata=metadata)


class ExchangeStatus(StrEnum):
    requested = "requested"  # waits for somebody to decide
    approved = "approved"  # the old goods may come; the new ones are held
    received = "received"  # the old goods are here, and the new ones are ordered
    fulfilled = "fulfilled"  # both have gone the whole way
    cancelled = "cancelled"  # everything was given back


_S = ExchangeStatus
EXCHANGE_MOVES = {
    _S.requested: frozenset({_S.approved, _S.cancelled}),
    _S.approved: frozenset({_S.received, _S.cancelled}),
    _S.received: frozenset({_S.fulfilled, _S.cancelled}),
    _S.fulfilled: frozenset[ExchangeStatus](),
    _S.cancelled: frozenset[ExchangeStatus](),
}
LIVE = (_S.requested, _S.approved, _S.received)


class Exchange(Base):
    """Amounts are minor units of the order's currency.

    `worth` is what the old goods are worth less fees: as foreseen, and once they are here what they came to. The
    balance is `new_total - worth`: above zero the customer pays it, below it is given back.
    """

    __tablename__ = "exchanges"
    __audited__ = True
    __kind__ = "exchange"
    __secret__ = frozenset({"note", "token"})
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    return_id: Mapped[UUID] = mapped_column(ForeignKey("returns.id"))
    status: Mapped[str] = mapped_column(default=ExchangeStatus.requested)
    currency: Mapped[str]
    instant: Mapped[bool] = mapped_column(default=False)  # the new goods leave first, secured by a card
    secured: Mapped[Amount] = mapped_column(default=0)  # held on the card until the old goods are here
    secured_until: Mapped[datetime | None]  # if they are not by then, it is taken
    security_taken_at: Mapped[datetime | None]
    worth: Mapped[Amount]
    shipping: Mapped[Amount]  # of the new goods
    new_total: Mapped[Amount]
    provider: Mapped[str | None]  # what pays the difference, with the customer's consent; null: it is asked for
    token: Mapped[str | None]
    held_until: Mapped[datetime | None]  # the new goods are held; null: they are not
    replacement_id: Mapped[UUID | None]
    replacement_number: Mapped[str | None]
    replacement_asked_at: Mapped[datetime | None]
    replacement_shipped_at: Mapped[datetime | None]
    problem: Mapped[str | None]  # what somebody has to see to
    note: Mapped[str | None]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    requested_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("worth >= 0 AND shipping >= 0 AND new_total >= shipping", name="money"),
        CheckConstraint("NOT instant OR provider IS NOT NULL", name="instant"),
        CheckConstraint("secured >= 0 AND secured <= new_total", name="secured"),
        Index(
            "ix_exchanges_secured",
            "secured_until",
            postgresql_where=text("secured_until IS NOT NULL AND security_taken_at IS NULL AND status = 'approved'"),
        ),
        Index("ix_exchanges_order", "order_id"),
        Index("ix_exchanges_return", "return_id", unique=True),
        Index("ix_exchanges_created", "created_at", "id"),
        Index("ix_exchanges_status", "status", "created_at", "id"),
        Index("ix_exchanges_replacement", "replacement_id"),
    )

    @property
    def reference(self) -> str:
        """Of the hold on the new goods, and of their order."""
        return f"exchange {self.number}"


class ExchangeLine(Base):
    """What goes out. Prices have their tax in them. `for_line` is the line whose units it replaces at their worth."""

    __tablename__ = "exchange_lines"
    __audited__ = True
    __kind__ = "exchange_line"
    exchange_id: Mapped[UUID] = mapped_column(ForeignKey("exchanges.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    title: Mapped[str]
    quantity: Mapped[int]
    unit_amount: Mapped[Amount]
    discount: Mapped[Amount] = mapped_column(default=0)
    tax_rate_ppm: Mapped[int]
    total: Mapped[Amount]
    for_line: Mapped[int | None]
    __table_args__ = (
        CheckConstraint("no > 0 AND quantity > 0", name="units"),
        CheckConstraint("total = unit_amount * quantity - discount AND total >= 0", name="total"),
    )


def lines_of_exchanges(session: Session, exchange_ids: Iterable[UUID]) -> list[ExchangeLine]:
    wanted = select(ExchangeLine).where(ExchangeLine.exchange_id.in_(list(exchange_ids)))
    return list(session.scalars(wanted.order_by(ExchangeLine.exchange_id, ExchangeLine.no)))


def over_time(session: Session, now: datetime, *, limit: int) -> list[UUID]:
    """Instant exchanges whose old goods did not come in time, and whose security was not taken."""
    late = select(Exchange.id).where(
        Exchange.secured_until < now, Exchange.security_taken_at.is_(None), Exchange.status == ExchangeStatus.approved
    )
    return list(session.scalars(late.order_by(Exchange.secured_until, Exchange.id).limit(limit)))


def any_over_time(session: Session, now: datetime) -> bool:
    return bool(over_time(session, now, limit=1))


def order_of_exchange(session: Session, exchange_id: UUID) -> UUID:
    """Raises NotFound."""
    found = session.scalar(select(Exchange.order_id).where(Exchange.id == exchange_id))
    if found is None:
        raise NotFound("exchange", str(exchange_id))
    return found


def lock_exchange(tx: Transaction, exchange_id: UUID) -> Exchange:
    """Lock the order, and its return, before. Raises NotFound."""
    wanted = select(Exchange).where(Exchange.id == exchange_id).with_for_update()
    found = tx.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFound("exchange", str(exchange_id))
    return found


def new_exchange_number(tx: Transaction) -> str:
    return f"X{tx.scalar(select(exchange_numbers.next_value()))}"


def exchange_next(status: str, *, instant: bool, shipped: bool, problem: bool) -> list[str]:
    """What may be asked of an exchange; the agent has the last word. The old goods are received on the return."""
    steps = {
        ExchangeStatus.requested: ["approve"],
        ExchangeStatus.approved: (["order"] if problem else []) if instant else ["hold"],
        ExchangeStatus.received: ["order"] if problem else [],
    }.get(ExchangeStatus(status), [])
    return [*steps, *([] if shipped or status not in LIVE else ["cancel"])]
