"""Customers and their addresses. Written by the customers agent alone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import Text

from db.base import Base, UuidKey
from db.orders import Order, OrderStatus

_TO_BE_SENT = (
    OrderStatus.draft, OrderStatus.placed, OrderStatus.held, OrderStatus.released, OrderStatus.partly_shipped,
)  # fmt: skip
CLASSES = ("standard", "priority", "wholesale")

# What mail servers accept in practice: RFC 5321's lengths, no quoted local parts, a domain with a dot.
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\\x00-\x1f\x7f]{1,64}")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")


class Customer(Base):
    __tablename__ = "customers"
    __audited__ = True
    __kind__ = "customer"
    # The audit log is append-only: what may have to be erased one day must not get into it.
    __secret__ = frozenset({"email", "name", "phone", "external_ref", "addresses", "tags"})
    id: Mapped[UuidKey]
    email: Mapped[str | None]  # lower case
    name: Mapped[str | None]
    phone: Mapped[str | None]
    external_ref: Mapped[str | None] = mapped_column(unique=True)
    addresses: Mapped[list[Any]] = mapped_column(default=list)
    class_: Mapped[str] = mapped_column("class", default="standard")  # one of CLASSES
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # personal data was removed on request
    __table_args__ = (
        Index("ix_customers_email", "email", unique=True, postgresql_where=text("email IS NOT NULL")),
        Index("ix_customers_created", "created_at", "id"),
    )


def clean_email(address: str) -> str | None:
    """The address in lower case, None when no mail server would take it."""
    local, at, domain = address.strip().lower().rpartition("@")
    labels = domain.split(".")
    fits = len(local) + len(domain) < 254 and len(labels) > 1 and all(map(_LABEL.fullmatch, labels))
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return f"{local}@{domain}" if at and fits and not dots and _LOCAL.fullmatch(local) else None


def customers_where(session: Session, condition: ColumnElement[bool], *, lock: bool = False) -> list[Customer]:
    """Customers that fit, in the order of their ids; `lock` holds them to the end of the transaction."""
    query = select(Customer).where(condition).order_by(Customer.id).execution_options(populate_existing=True)
    return list(session.scalars(query.with_for_update() if lock else query))


def orders_of(session: Session, customer: Customer) -> list[UUID]:
    """Orders that name the customer, or were placed with the e-mail without naming anybody."""
    return list(session.scalars(select(Order.id).where(_theirs(customer)).order_by(Order.id)))


def orders_under_way(session: Session, customer: Customer) -> list[str]:
    """Numbers of their orders of which something is still to be sent."""
    query = select(Order.number).where(_theirs(customer), Order.status.in_(_TO_BE_SENT)).order_by(Order.number)
    return list(session.scalars(query))


def _theirs(customer: Customer) -> ColumnElement[bool]:
    by_email = Order.customer_id.is_(None) & (Order.email == customer.email)
    return or_(Order.customer_id == customer.id, by_email)
