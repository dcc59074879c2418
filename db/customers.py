"""Customers and their addresses. Written by the customers agent alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from db.base import Base, UuidKey


class Customer(Base):
    __tablename__ = "customers"
    __audited__ = True
    __kind__ = "customer"
    id: Mapped[UuidKey]
    email: Mapped[str | None]  # lower case
    name: Mapped[str | None]
    phone: Mapped[str | None]
    external_ref: Mapped[str | None] = mapped_column(unique=True)
    addresses: Mapped[list[Any]] = mapped_column(default=list)
    class_: Mapped[str] = mapped_column("class", default="standard")  # standard, priority, wholesale
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # personal data was removed on request
    __table_args__ = (
        Index("ix_customers_email", "email", unique=True, postgresql_where=text("email IS NOT NULL")),
        Index("ix_customers_created", "created_at", "id"),
    )
