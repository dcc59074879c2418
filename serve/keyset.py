"""Paging by the last row seen: no page is skipped or shown twice when rows come and go in between."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, false, or_, tuple_

from db.errors import Invalid
from serve.fields import BadValue, Field, Kind, parse, parse_flag


@dataclass(frozen=True)
class Order:
    """One column to sort by. NULLs come last going up and first going down, as PostgreSQL's indexes have it."""

    name: str
    field: Field
    down: bool

    @property
    def said(self) -> str:
        return f"-{self.name}" if self.down else self.name

    @property
    def clause(self) -> ColumnElement[Any]:
        return self.field.column.desc() if self.down else self.field.column.asc()


@dataclass(eq=False)
class BadCursor(Invalid):
    field: str = "cursor"

    def __str__(self) -> str:
        return "The cursor is not one that this list gave out for this sort order. Start without it."


def cursor_after(orders: Sequence[Order], row: Mapping[str, Any]) -> str:
    values = [_as_text(row[o.name]) for o in orders]
    packed = msgspec.json.encode([",".join(o.said for o in orders), values])
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def beyond(orders: Sequence[Order], cursor: str) -> ColumnElement[bool]:
    """The condition that a row comes after the cursor's. Raises BadCursor for anything but our own."""
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        said, texts = msgspec.json.decode(packed, type=tuple[str, list[str | None]])
        if said != ",".join(o.said for o in orders) or len(texts) != len(orders):
            raise BadCursor()
        values = [_value(o, text) for o, text in zip(orders, texts, strict=True)]
    except (binascii.Error, msgspec.MsgspecError, UnicodeError, ValueError, BadValue):
        raise BadCursor() from None
    if len({o.down for o in orders}) == 1 and not any(o.field.nullable for o in orders):
        row, limit = tuple_(*(o.field.column for o in orders)), tuple_(*values)
        return row < limit if orders[0].down else row > limit
    steps = []
    for i, order in enumerate(orders):
        same = [_same(o, v) for o, v in zip(orders[:i], values[:i], strict=True)]
        steps.append(and_(*same, _further(order, values[i])))
    return or_(*steps)


def _value(order: Order, text: str | None) -> Any:
    if text is None:
        if not order.field.nullable:
            raise BadCursor()
        return None
    return parse_flag("cursor", text) if order.field.kind is Kind.flag else parse("cursor", order.field, text)


def _same(order: Order, value: Any) -> ColumnElement[bool]:
    return order.field.column.is_(None) if value is None else order.field.column == value


def _further(order: Order, value: Any) -> ColumnElement[bool]:
    column = order.field.column
    if order.down:
        return column.is_not(None) if value is None else column < value
    if value is None:
        return false()
    return or_(column > value, column.is_(None)) if order.field.nullable else column > value
