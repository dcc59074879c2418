"""What every table shares: the declarative base, key and time types, and the naming of constraints."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Constraints and indexes get predictable names, so that migrations and error messages can use them.
metadata = MetaData(naming_convention=NAMING)


def uuid7() -> UUID:
    """A time-ordered id (RFC 9562, version 7): new rows land at the right edge of every index."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    metadata = metadata
    type_annotation_map = {
        str: Text(),
        datetime: DateTime(timezone=True),
        # None is NULL: rows inserted in bulk would otherwise hold the JSON value `null`.
        dict[str, Any]: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
        list[str]: ARRAY(Text()),
    }


UuidKey = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]
SerialKey = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Amount = Annotated[int, mapped_column(BigInteger)]
"""Integer minor units of the row's currency."""
