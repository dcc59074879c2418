"""What every table shares: the declarative base, key and time types, and the naming of constraints."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated, Any
from uuid import UUID, SafeUUID

from sqlalchemy import BigInteger, ColumnElement, DateTime, Identity, MetaData, Text, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Constraints and indexes get predictable names, so that migrations and error messages can use them.
metadata = MetaData(naming_convention=NAMING)


_ticking = Lock()
_last_tick = 0  # milliseconds and a 12-bit counter within them, of the last id of this process
_noise = b""  # random bytes not yet used: asking the system for eight at a time costs more than the rest
_FIXED = 0x7 << 76 | 0x2 << 62  # version and variant


def uuid7() -> UUID:
    """A time-ordered id (RFC 9562, version 7): new rows land at the right edge of every index.

    Ids of one process only ever rise, so that who came first in a batch also stands first in a queue.
    """
    global _last_tick, _noise  # noqa: PLW0603 - one clock for the process
    with _ticking:
        _last_tick = tick = max((time.time_ns() // 1_000_000) << 12, _last_tick + 1)
        if not _noise:
            _noise = os.urandom(2048)
        some, _noise = _noise[:8], _noise[8:]
    random = int.from_bytes(some, "big") & (2**62 - 1)
    return _uuid((tick >> 12) << 80 | (tick & 0xFFF) << 64 | _FIXED | random)


def _uuid(number: int) -> UUID:
    """`UUID(int=…)` in a quarter of its time, five times an order: it looks at each other way to name one first."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", number)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def _forget_noise() -> None:
    global _noise  # noqa: PLW0603 - a forked process must not draw the same
    _noise = b""


os.register_at_fork(after_in_child=_forget_noise)


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


def among(column: InstrumentedAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """`column IN (values)` with one parameter however many there are: for hundreds of keys, `in_` writes the statement
    anew each time."""
    return column == any_(literal(list(values), ARRAY(column.type)))
