"""The columns that answers show and filters know: their API name, kind, and how text becomes a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, create_model
from sqlalchemy import ARRAY, BigInteger, Boolean, ColumnElement, Date, DateTime, Integer, Time, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import NullType

from db.errors import Invalid
from serve.moments import relative


class Kind(StrEnum):
    text = "text"
    integer = "integer"
    moment = "moment"
    ident = "ident"
    flag = "flag"
    choice = "choice"
    labels = "labels"  # an array of text
    other = "other"  # shown, never filtered


_PYTHON: dict[Kind, Any] = {
    Kind.text: str,
    Kind.integer: int,
    Kind.moment: datetime,
    Kind.ident: UUID,
    Kind.flag: bool,
    Kind.choice: str,
    Kind.labels: list[str],
    Kind.other: Any,
}

Through = Callable[[ColumnElement[bool]], ColumnElement[bool]]


@dataclass(frozen=True)
class Field:
    """`through` turns a condition on another table's column into one on the listed rows."""

    column: ColumnElement[Any]
    kind: Kind
    nullable: bool = False
    choices: tuple[str, ...] = ()
    big: bool = False  # 64 bits rather than 32
    through: Through | None = None
    python: Any = None

    @property
    def type(self) -> Any:
        known = self.python or _PYTHON[self.kind]
        return known | None if self.nullable and known is not Any else known


def field(
    column: Any,
    *,
    choices: type[Enum] | None = None,
    nullable: bool | None = None,
    through: Through | None = None,
    holds: Any = None,
) -> Field:
    """A column or SQL expression as an API field; kind and nullability are the column's own.

    `holds` is the shape of what a JSON column holds, for the documentation.
    """
    element: ColumnElement[Any] = column.expression if isinstance(column, InstrumentedAttribute) else column
    may_be_null = bool(getattr(element, "nullable", False)) if nullable is None else nullable
    names = tuple(str(c.value) for c in choices) if choices else ()
    kind, python = (Kind.choice, None) if names else _kind(element.type)
    return Field(element, kind, may_be_null, names, isinstance(element.type, BigInteger), through, holds or python)


def fields(model: Any, names: str, **choices: type[Enum]) -> dict[str, Field]:
    """Several columns of a model under their own names: `fields(Order, "id status", status=OrderStatus)`."""
    return {name: field(getattr(model, name), choices=choices.get(name)) for name in names.split()}


def _kind(type_: Any) -> tuple[Kind, Any]:
    if isinstance(type_, NullType):
        # A key takes its type from the table that it names, which somebody has to have imported.
        raise TypeError("the type of a column is not known yet: import the module of the table that its key names")
    if isinstance(type_, ARRAY):
        return Kind.labels, None
    if isinstance(type_, JSONB):
        return Kind.other, None
    for sql, kind in ((Boolean, Kind.flag), (Integer, Kind.integer), (DateTime, Kind.moment), (Uuid, Kind.ident)):
        if isinstance(type_, sql):
            return kind, None
    if isinstance(type_, Time):
        return Kind.other, str  # of the day, without a zone: RFC 3339 has no word for it
    if isinstance(type_, Date):
        return Kind.other, date
    return Kind.text, None


def shape(name: str, columns: Mapping[str, Field], **more: Any) -> type[BaseModel]:
    """The documented shape of a row; `more` adds fields as pydantic's create_model takes them."""
    known: dict[str, Any] = {n: (f.type, ...) for n, f in columns.items()} | more
    return create_model(name, **known)


@dataclass(eq=False)
class BadValue(Invalid):
    field: str
    value: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.field}: {self.value!r} is not {self.wanted}."


_INTEGER = re.compile(r"-?[0-9]{1,19}")
_PLUS_BECAME_SPACE = re.compile(r" (\d\d:?\d\d)$")  # `+02:00` in a query that was not percent-encoded


def parse(name: str, known: Field, text: str, now: datetime | None = None) -> Any:
    """The value that `text` says, in the field's kind; times may be relative when `now` is given. Raises BadValue."""
    shown = text[:80]
    match known.kind:
        case Kind.integer:
            bits = 63 if known.big else 31
            if not _INTEGER.fullmatch(text) or not -(2**bits) <= int(text) < 2**bits:
                raise BadValue(name, shown, f"a whole number of at most {bits + 1} bits")
            return int(text)
        case Kind.moment:
            return _moment(name, text, now)
        case Kind.ident:
            try:
                return UUID(text)
            except ValueError:
                raise BadValue(name, shown, "a UUID") from None
        case Kind.flag:
            return parse_flag(name, text)
        case Kind.choice:
            if text not in known.choices:
                raise BadValue(name, shown, f"one of {', '.join(known.choices)}")
            return text
        case _:
            if "\0" in text:
                raise BadValue(name, shown, "text that can be stored")
            return text


def parse_flag(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise BadValue(name, text[:80], "true or false")
    return text == "true"


def _moment(name: str, text: str, now: datetime | None) -> datetime:
    try:
        if now is not None and (moves := relative(text, now=now)) is not None:
            return moves
        moment = datetime.fromisoformat(_PLUS_BECAME_SPACE.sub(r"+\1", text))
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue(
            name, text[:80], "a time with its zone, such as 2026-03-01T09:00:00Z, or one like today-7d"
        ) from None
