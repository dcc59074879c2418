"""Photos of what comes back: of a line of a return, or of a parcel that nobody knows. Written by the edge.

Metadata of the camera is gone (`serve/photos.py`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey


class ReturnPhoto(Base):
    __tablename__ = "return_photos"
    __audited__ = True
    __kind__ = "return_photo"
    id: Mapped[UuidKey]
    return_id: Mapped[UUID | None]
    line_no: Mapped[int | None]
    parcel_id: Mapped[UUID | None] = mapped_column(ForeignKey("unknown_parcels.id"))
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    digest: Mapped[str]  # SHA-256 of what was sent, so that the same photo is kept once
    taken_by: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["return_id", "line_no"], ["return_lines.return_id", "return_lines.line_no"]),
        CheckConstraint(
            "(return_id IS NULL) = (line_no IS NULL) AND (return_id IS NULL OR parcel_id IS NULL)", name="of_one"
        ),
        Index("ix_return_photos_line", "return_id", "line_no", "digest", unique=True),
        Index("ix_return_photos_parcel", "parcel_id", "digest", unique=True),
    )


class ReturnPhotoContent(Base):
    """The picture itself, apart from what is told of it: lists do not read it and the audit log does not keep it."""

    __tablename__ = "return_photo_contents"
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("return_photos.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


def photos_of_return(session: Session, return_id: UUID) -> list[ReturnPhoto]:
    wanted = select(ReturnPhoto).where(ReturnPhoto.return_id == return_id)
    return list(session.scalars(wanted.order_by(ReturnPhoto.line_no, ReturnPhoto.at, ReturnPhoto.id)))


def photos_of_parcel(session: Session, parcel_id: UUID) -> list[ReturnPhoto]:
    wanted = select(ReturnPhoto).where(ReturnPhoto.parcel_id == parcel_id)
    return list(session.scalars(wanted.order_by(ReturnPhoto.at, ReturnPhoto.id)))
