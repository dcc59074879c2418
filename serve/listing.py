"""The one way to list: filter, sort, page, count, expand. A noun declares a `Listing` and has it all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from pydantic import BaseModel, create_model
from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.errors import Invalid
from serve import filters, keyset
from serve.edge import edge_of
from serve.fields import BadValue, Field, shape
from serve.requests import json_answer

Row = dict[str, Any]
RESERVED = ("limit", "cursor", "page", "sort", "count", "expand")
LIMIT, MOST = 50, 200
LAST_PAGE = 10_000


class PageShape(BaseModel):
    """`next_cursor` is null on the last page. `total` and `pages` are there when counted."""

    limit: int
    next_cursor: str | None = None
    page: int | None = None
    total: int | None = None
    pages: int | None = None


@dataclass(eq=False)
class UnknownName(Invalid):
    field: str
    unknown: str
    known: list[str]

    def __str__(self) -> str:
        return f"{self.field} does not know {self.unknown}. Known are: {', '.join(self.known) or 'none'}."


@dataclass(frozen=True)
class Related:
    """Rows of another table that `expand` puts into each listed row, found by the listed row's `via`."""

    parent: Any  # the column that points at the listed row
    columns: Mapping[str, Field]
    order: tuple[Any, ...]
    where: ColumnElement[bool] | None = None
    via: str = "id"

    def load(self, session: Session, parents: Sequence[Any]) -> dict[Any, list[Row]]:
        query = select(self.parent.label("_parent"), *(f.column.label(n) for n, f in self.columns.items()))
        query = query.where(self.parent.in_(parents)).order_by(*self.order)
        if self.where is not None:
            query = query.where(self.where)
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in session.execute(query).mappings():
            inside = dict(row)
            found[inside.pop("_parent")].append(inside)
        return found


@dataclass(frozen=True)
class Listing:
    """`columns` are shown; `filterable` defaults to all of them that can be filtered, plus `hidden` ones."""

    name: str
    source: FromClause | Any
    columns: Mapping[str, Field]
    sortable: tuple[str, ...]
    sort: str
    key: tuple[str, ...]
    hidden: Mapping[str, Field] = field(default_factory=dict)  # filters on what is not shown
    expand: Mapping[str, Related] = field(default_factory=dict)
    where: ColumnElement[bool] | None = None
    finish: Callable[[Row], Row] | None = None  # adds what is computed, such as display strings
    more: Mapping[str, Any] = field(default_factory=dict)  # what `finish` adds, for the shape

    @property
    def filterable(self) -> dict[str, Field]:
        return {**self.columns, **self.hidden}

    # Answering

    def answer(self, request: Request, *only: ColumnElement[bool]) -> Response:
        """The page that the query asks for. Blocks: call it from a plain `def` endpoint."""
        edge = edge_of(request)
        with edge.database.reading() as session:
            return json_answer(self.page(session, request.query_params.multi_items(), *only, now=edge.clock()))

    def page(
        self,
        session: Session,
        given: Sequence[tuple[str, str]],
        *only: ColumnElement[bool],
        now: datetime | None = None,
    ) -> Row:
        """Raises Invalid (UnknownFilter, UnknownName, BadValue, BadCursor) for what is not understood."""
        asked = _asked(given)
        rest = [(name, text) for name, text in given if name not in RESERVED]
        where = [*only, *filters.conditions(self.filterable, rest, also_known=RESERVED, now=now)]
        if self.where is not None:
            where.append(self.where)
        limit = _whole("limit", asked.get("limit", str(LIMIT)), MOST)
        page = _whole("page", asked["page"], LAST_PAGE) if "page" in asked else None
        orders = self._orders(asked.get("sort", self.sort))
        expand = self._expand(asked.get("expand", ""))
        count = _count(asked.get("count", "none" if page is None else "exact"))
        total = session.scalar(select(func.count()).select_from(self.source).where(*where)) if count else None
        query = select(*(f.column.label(n) for n, f in self.columns.items())).select_from(self.source).where(*where)
        query = query.order_by(*(o.clause for o in orders)).limit(limit + 1)
        if page is not None:
            query = query.offset((page - 1) * limit)
        elif asked.get("cursor"):
            query = query.where(keyset.beyond(orders, asked["cursor"]))
        rows = [dict(row) for row in session.execute(query).mappings()]
        more, rows = len(rows) > limit, rows[:limit]
        shown = PageShape(
            limit=limit,
            next_cursor=keyset.cursor_after(orders, rows[-1]) if more else None,
            page=page,
            total=total,
            pages=ceil(total / limit) if total is not None else None,
        )
        return {"data": self._finished(session, rows, expand), "page": shown.model_dump()}

    def check(self, given: Mapping[str, str], *, columns: Iterable[str] = (), sort: str | None = None) -> None:
        """Raises Invalid when the list would not understand these filters, columns or this sort."""
        filters.conditions(self.filterable, given.items())
        shown = [*self.columns, *self.more, *self.expand]
        for column in columns:
            if column not in shown:
                raise UnknownName("columns", column[:80], shown)
        if sort is not None:
            self._orders(sort)

    def one(self, session: Session, condition: ColumnElement[bool], *, expand: Sequence[str] = ()) -> Row | None:
        """A single row, as the list shows it."""
        query = select(*(f.column.label(n) for n, f in self.columns.items())).select_from(self.source)
        row = session.execute(query.where(condition)).mappings().one_or_none()
        return self._finished(session, [dict(row)], expand)[0] if row is not None else None

    def _finished(self, session: Session, rows: list[Row], expand: Sequence[str]) -> list[Row]:
        for name in expand:
            related = self.expand[name]
            found = related.load(session, [row[related.via] for row in rows]) if rows else {}
            for row in rows:
                row[name] = found.get(row[related.via], [])
        return [self.finish(row) for row in rows] if self.finish else rows

    def _orders(self, said: str) -> list[keyset.Order]:
        orders: list[keyset.Order] = []
        for part in said.split(","):
            name = part.removeprefix("-")
            if name not in self.sortable:
                raise UnknownName("sort", name[:80], list(self.sortable))
            if name not in [o.name for o in orders]:
                orders.append(keyset.Order(name, self.columns[name], part.startswith("-")))
        down = orders[-1].down
        seen = {o.name for o in orders}
        return orders + [keyset.Order(k, self.columns[k], down) for k in self.key if k not in seen]

    def _expand(self, said: str) -> list[str]:
        wanted = [part for part in said.split(",") if part]
        for name in wanted:
            if name not in self.expand:
                raise UnknownName("expand", name[:80], sorted(self.expand))
        return list(dict.fromkeys(wanted))

    # Documentation

    def row_shape(self) -> type[BaseModel]:
        # Only `expand` puts these in, so they are not always there.
        inside: dict[str, Any] = {
            name: (list[shape(f"{self.name}{name.title().replace('_', '')}", related.columns)], [])  # type: ignore[misc]
            for name, related in self.expand.items()
        }
        return shape(self.name, self.columns, **self.more, **inside)

    def list_shape(self, row: type[BaseModel]) -> type[BaseModel]:
        return create_model(f"{self.name}List", data=(list[row], ...), page=(PageShape, ...))  # type: ignore[valid-type]

    def operation(self) -> dict[str, Any]:
        """OpenAPI's parameters of the list."""
        sorts = ", ".join(self.sortable)
        known = [
            _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}, "Rows on a page"),
            _query("cursor", {"type": "string"}, "`next_cursor` of the page before"),
            _query("page", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE}, "Page by number instead; counts"),
            _query("sort", {"type": "string", "default": self.sort}, f"Columns, `-` for descending. Known: {sorts}"),
            _query("count", {"type": "string", "enum": ["exact", "none"]}, "Whether to count all matching rows"),
        ]
        if self.expand:
            known.append(_query("expand", {"type": "string"}, f"Known: {', '.join(self.expand)}"))
        return {"parameters": [*known, *filters.parameters(self.filterable)]}


def _asked(given: Sequence[tuple[str, str]]) -> dict[str, str]:
    asked = {name: text for name, text in given if name in RESERVED}
    if "page" in asked and "cursor" in asked:
        raise BadValue("page", asked["page"][:20], "of use together with a cursor: give one of them")
    return asked


def _whole(name: str, text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= most:
        raise BadValue(name, text[:80], f"a whole number from 1 to {most}")
    return int(text)


def _count(text: str) -> bool:
    if text not in ("exact", "none"):
        raise BadValue("count", text[:80], "exact or none")
    return text == "exact"


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
