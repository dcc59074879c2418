"""`status_in=placed,held`: filters of lists, from query parameters to typed conditions. Unknown ones are errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from db.base import utc_now
from db.errors import Invalid
from serve.fields import Field, Kind, parse, parse_flag
from serve.moments import GRAMMAR

COMPARED = ("lt", "lteq", "gt", "gteq")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.text: ("eq", "not_eq", "cont", "start", "end", "in"),
    Kind.integer: ("eq", "not_eq", *COMPARED, "in"),
    Kind.moment: ("eq", "not_eq", *COMPARED, "in"),
    Kind.ident: ("eq", "not_eq", "in"),
    Kind.flag: ("eq", "not_eq"),
    Kind.choice: ("eq", "not_eq", "in"),
    Kind.labels: ("cont", "in"),
    Kind.other: (),
}
MOST_VALUES = 200
LONGEST_VALUE = 500

_EXPLAINED = {
    "eq": "is",
    "not_eq": "is not",
    "cont": "contains (text: any case; tags: has the tag)",
    "start": "starts with, any case",
    "end": "ends with, any case",
    "lt": "before, or less than",
    "lteq": "at or before, at most",
    "gt": "after, or more than",
    "gteq": "at or after, at least",
    "in": f"is one of, separated by commas, at most {MOST_VALUES}",
    "null": "`true`: has no value; `false`: has one",
}


@dataclass(eq=False)
class UnknownFilter(Invalid):
    field: str
    known: list[str]

    def __str__(self) -> str:
        return f"There is no parameter {self.field} here. Known are: {', '.join(self.known)}."


@dataclass(eq=False)
class TooMuch(Invalid):
    field: str
    limit: int
    unit: str

    def __str__(self) -> str:
        return f"{self.field} takes at most {self.limit} {self.unit}."


def operators(known: Field) -> tuple[str, ...]:
    return (*OPERATORS[known.kind], *(("null",) if known.nullable and known.kind is not Kind.other else ()))


def names(filterable: Mapping[str, Field]) -> dict[str, tuple[str, str]]:
    """Every filter parameter: `status_not_eq` -> (`status`, `not_eq`)."""
    return {f"{name}_{op}": (name, op) for name, known in filterable.items() for op in operators(known)}


def conditions(
    filterable: Mapping[str, Field],
    given: Iterable[tuple[str, str]],
    *,
    also_known: Iterable[str] = (),
    now: datetime | None = None,
) -> list[ColumnElement[bool]]:
    """The conditions of a query's parameters; relative times are told from `now`, by default this moment.

    Raises UnknownFilter, BadValue, TooMuch.
    """
    now = now or utc_now()
    known = names(filterable)
    found = []
    for parameter, text in given:
        if parameter not in known:
            raise UnknownFilter(parameter[:80], [*also_known, *sorted(known)])
        name, operator = known[parameter]
        column = filterable[name]
        if operator != "in" and len(text) > LONGEST_VALUE:
            raise TooMuch(parameter, LONGEST_VALUE, "characters")
        condition = _condition(parameter, column, operator, text, now)
        found.append(column.through(condition) if column.through else condition)
    return found


def _condition(parameter: str, known: Field, operator: str, text: str, now: datetime) -> ColumnElement[bool]:
    column = known.column
    if operator == "null":
        return column.is_(None) if parse_flag(parameter, text) else column.is_not(None)
    if operator == "in":
        values = [parse(parameter, known, part, now) for part in _parts(parameter, text)]
        if known.kind is Kind.labels:
            found: ColumnElement[bool] = _labels(column).overlap(values)
            return found
        return column.in_(values)
    value = parse(parameter, known, text, now)
    if known.kind is Kind.labels:
        has: ColumnElement[bool] = _labels(column).contains([value])
        return has
    return _compare(column, operator, value)


def _labels(column: ColumnElement[Any]) -> Any:
    return column  # PostgreSQL's ARRAY, with `@>` and `&&`, which an index can answer


def _compare(column: ColumnElement[Any], operator: str, value: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool]
    match operator:
        case "eq":
            found = column == value
        case "not_eq":
            found = column.is_distinct_from(value)
        case "lt":
            found = column < value
        case "lteq":
            found = column <= value
        case "gt":
            found = column > value
        case "gteq":
            found = column >= value
        case "cont":
            found = column.icontains(value, autoescape=True)
        case "start":
            found = column.istartswith(value, autoescape=True)
        case _:
            found = column.iendswith(value, autoescape=True)
    return found


def _parts(parameter: str, text: str) -> list[str]:
    parts = text.split(",")
    if len(parts) > MOST_VALUES:
        raise TooMuch(parameter, MOST_VALUES, "values")
    if any(len(part) > LONGEST_VALUE for part in parts):
        raise TooMuch(parameter, LONGEST_VALUE, "characters in a value")
    return parts


MOVES = f". A time, or one that moves with the clock: {GRAMMAR}"
_SCHEMAS: dict[Kind, dict[str, Any]] = {
    Kind.integer: {"type": "integer"},
    Kind.moment: {"type": "string", "format": "date-time"},
    Kind.ident: {"type": "string", "format": "uuid"},
    Kind.flag: {"type": "boolean"},
}


def parameters(filterable: Mapping[str, Field]) -> list[dict[str, Any]]:
    """OpenAPI's description of every filter."""
    return [
        _parameter(parameter, name, operator, filterable[name])
        for parameter, (name, operator) in names(filterable).items()
    ]


def _parameter(parameter: str, name: str, operator: str, known: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "maxLength": LONGEST_VALUE} | _SCHEMAS.get(known.kind, {})
    if schema["type"] != "string" or "format" in schema:
        schema.pop("maxLength")
    if known.kind is Kind.integer:
        bits = 63 if known.big else 31
        schema |= {"minimum": -(2**bits), "maximum": 2**bits - 1}
    if known.kind is Kind.choice:
        schema = {"type": "string", "enum": list(known.choices)}
    described: dict[str, Any] = {
        "name": parameter,
        "in": "query",
        "required": False,
        "description": f"{name}: {_EXPLAINED[operator]}{MOVES if known.kind is Kind.moment else ''}",
        "schema": schema,
    }
    if operator == "null":
        described["schema"] = {"type": "boolean"}
    elif operator == "in":
        described |= {
            "schema": {"type": "array", "items": schema, "minItems": 1, "maxItems": MOST_VALUES},
            "style": "form",
            "explode": False,
        }
    return described
