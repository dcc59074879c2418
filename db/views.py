"""Ways to look at a list that somebody keeps: filters, columns and sort under a name. Written by the edge alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from db.base import Base, UuidKey


class SavedView(Base):
    """`filters` are the list's own parameters; `columns` empty means the list's usual ones."""

    __tablename__ = "saved_views"
    __audited__ = True
    __kind__ = "view"
    id: Mapped[UuidKey]
    list: Mapped[str]
    name: Mapped[str]
    owner: Mapped[str]  # `user:ID` or `key:ID`
    shared: Mapped[bool] = mapped_column(default=False)
    filters: Mapped[dict[str, Any]]
    columns: Mapped[Any] = mapped_column(ARRAY(Text), default=lambda: [])  # names; `list` above hides the type
    sort: Mapped[str | None]
    position: Mapped[int] = mapped_column(default=0)  # among the tabs
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_saved_views_owner", "owner", "list", "name", unique=True, postgresql_where=text("NOT shared")),
        Index("ix_saved_views_shared", "list", "name", unique=True, postgresql_where=text("shared")),
    )


class DefaultView(Base):
    """What a person sees first of a list."""

    __tablename__ = "default_views"
    owner: Mapped[str] = mapped_column(primary_key=True)
    list: Mapped[str] = mapped_column(primary_key=True)
    view_id: Mapped[UUID] = mapped_column(ForeignKey("saved_views.id", ondelete="CASCADE"))
    __table_args__ = (Index("ix_default_views_view", "view_id"),)
