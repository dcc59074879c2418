"""Who stands at the customers' door for returns: codes by mail, links in mails, sessions.

Written by the edge; the notifications agent makes the links, and takes all of it away with a person who is erased.

Nothing here opens anything by itself: codes, links and sessions are kept as digests.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey
from db.customers import Customer, clean_email
from db.orders import Order


class DoorCode(Base):
    """Somebody asked for a code. There is a row whether the order is known or not; `order_id` is null when it is not.

    `code` is the digest of the code with a secret that only the browser has which asked. `order_said` and
    `email_said` are digests of what was typed: they count how often somebody asks, and name nobody.
    """

    __tablename__ = "return_door_codes"
    id: Mapped[UuidKey]
    challenge: Mapped[bytes] = mapped_column(LargeBinary, unique=True)  # SHA-256 of that secret
    code: Mapped[bytes] = mapped_column(LargeBinary)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    order_said: Mapped[bytes] = mapped_column(LargeBinary)
    email_said: Mapped[bytes] = mapped_column(LargeBinary)
    address: Mapped[str | None]  # of the caller
    tries: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("tries >= 0", name="tries"),
        Index("ix_return_door_codes_order", "order_said", "at"),
        Index("ix_return_door_codes_email", "email_said", "at"),
        Index("ix_return_door_codes_address", "address", "at"),
        Index("ix_return_door_codes_at", "at"),
    )


class DoorLink(Base):
    """A link in a mail to whoever ordered. It opens a session for that one order until it expires."""

    __tablename__ = "return_door_links"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_return_door_links_order", "order_id"),
        Index("ix_return_door_links_expires", "expires_at"),
    )


class DoorSession(Base):
    """A browser that proved to belong to whoever ordered. It is good for returns of that order and nothing else."""

    __tablename__ = "return_door_sessions"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str | None]
    __table_args__ = (
        Index("ix_return_door_sessions_order", "order_id"),
        Index("ix_return_door_sessions_expires", "expires_at"),
    )


def order_at_door(session: Session, number: str, email: str) -> Order | None:
    """The order of that number or outside number, where the e-mail is the one it was placed with; never history."""
    wanted = clean_email(email)
    if wanted is None:
        return None
    found = session.execute(
        select(Order, func.lower(func.coalesce(Order.email, Customer.email)))
        .join(Customer, Customer.id == Order.customer_id, isouter=True)
        .where(Order.live, or_(Order.number == number, Order.external_ref == number))
        .order_by(Order.number == number, Order.id)
    ).all()
    fits = [order for order, theirs in found if theirs is not None and clean_email(theirs) == wanted]
    return fits[-1] if fits else None
