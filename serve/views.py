"""Saved views over HTTP: personal ones for everybody, shared ones for who may share. None can be saved broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field as Described
from pydantic import StringConstraints
from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.base import uuid7
from db.errors import Conflict, NotFound, Refusal
from db.session import Transaction, check_version
from db.views import DefaultView, SavedView
from serve.edge import Caller, caller_of, edge_of
from serve.fields import fields
from serve.listing import Listing
from serve.lists import LISTS, known_list
from serve.requests import json_answer, version_of
from serve.routing import Routes, SignedIn
from serve.scopes import MissingScope, Scope
from serve.shapes import Ask, Flag, Name, Version
from serve.writing import writing

routes = Routes("views")

VIEWS = Listing(
    "SavedView",
    SavedView,
    fields(SavedView, "id list name owner shared filters columns sort position version created_at updated_at"),
    sortable=("position", "name", "created_at", "updated_at"),
    sort="position,name",
    key=("id",),
)
MOST_OF_A_LIST = 100  # views of one person and one list


class ViewRow(VIEWS.row_shape()):  # type: ignore[misc]
    """`broken` says what a filter, column or sort of the view no longer fits; such a view can be mended or removed."""

    columns: list[str]
    is_default: bool
    may_change: bool
    broken: str | None


Value = Annotated[str, StringConstraints(max_length=500)]


class NewView(Ask):
    list: str = Described(max_length=32, examples=["orders"])
    name: Name = Described(examples=["Held for a week"])
    shared: Flag = Described(False, description="For everybody; needs the scope share_views")
    filters: dict[str, Value] = Described(
        default_factory=dict, max_length=50, examples=[{"status_eq": "held", "created_at_lt": "today-7d"}]
    )
    columns: tuple[str, ...] = Described((), max_length=60, description="In their order; empty: the usual ones")
    sort: str | None = Described(None, max_length=200, examples=["-created_at"])
    position: int = Described(0, strict=True, ge=0, le=10_000)


class ChangedView(Ask):
    name: Name | None = None
    shared: Flag | None = None
    filters: dict[str, Value] | None = Described(None, max_length=50)
    columns: tuple[str, ...] | None = Described(None, max_length=60)
    sort: str | None = Described(None, max_length=200)
    position: int | None = Described(None, strict=True, ge=0, le=10_000)
    version: Version | None = None


@dataclass(eq=False)
class NameTaken(Conflict):
    name: str

    def __str__(self) -> str:
        return f"There is a view called {self.name} already."


@dataclass(eq=False)
class TooManyViews(Conflict):
    most: int

    def __str__(self) -> str:
        return f"A list has at most {self.most} views of one person. Remove some that nobody uses."


@routes.get("/views", access=SignedIn(), answer=VIEWS.list_shape(ViewRow), extra=VIEWS.operation())
def list_views(request: Request) -> Response:
    """List your own views and the shared ones, of lists that you may read, in the order of their tabs."""
    caller = caller_of(request)
    with edge_of(request).database.reading() as session:
        page = VIEWS.page(session, request.query_params.multi_items(), visible(caller))
        first = _defaults(session, caller)
        page["data"] = [_finished(row, caller, first) for row in page["data"]]
    return json_answer(page)


@routes.post("/views", access=SignedIn(), answer=ViewRow, status=201)
def create_view(request: Request, body: NewView) -> Response:
    """Keep a view. Its filters, columns and sort must be the list's own."""
    caller = caller_of(request)
    _check(caller, body.list, body.filters, body.columns, body.sort)
    if body.shared:
        _may_share(caller)

    def work(tx: Transaction) -> dict[str, Any]:
        _free(tx, caller, body.list, body.name, shared=body.shared)
        own = select(func.count()).where(SavedView.owner == caller.principal, SavedView.list == body.list)
        if (tx.scalar(own) or 0) >= MOST_OF_A_LIST:
            raise TooManyViews(MOST_OF_A_LIST)
        told = body.model_dump()
        told["columns"] = list(body.columns)
        view = SavedView(id=uuid7(), owner=caller.principal, created_at=tx.now, updated_at=tx.now, **told)
        tx.add(view)
        tx.flush()
        return _one(tx, caller, view.id)

    return writing(request, "create_view", body.model_dump(mode="json"), work, status=201)


@routes.get("/views/{view_id}", access=SignedIn(), answer=ViewRow)
def read_view(request: Request, view_id: UUID) -> Response:
    """Show a view."""
    with edge_of(request).database.reading() as session:
        _visible(session.get(SavedView, view_id), caller_of(request), view_id)
        return json_answer(_one(session, caller_of(request), view_id))


@routes.patch("/views/{view_id}", access=SignedIn(), answer=ViewRow)
def change_view(request: Request, view_id: UUID, body: ChangedView) -> Response:
    """Change what is named here of a view; the rest stays."""
    caller, version = caller_of(request), version_of(request, body.version)
    told = body.model_dump(exclude_unset=True, exclude={"version"})

    def work(tx: Transaction) -> dict[str, Any]:
        view = _changeable(tx, caller, view_id)
        check_version(view, version, kind="view", id=str(view_id))
        wanted = {name: value for name, value in told.items() if value is not None or name == "sort"}
        if wanted.get("shared"):
            _may_share(caller)
        after = {name: wanted.get(name, getattr(view, name)) for name in ("filters", "columns", "sort", "name")}
        _check(caller, view.list, after["filters"], after["columns"], after["sort"])
        shared = wanted.get("shared", view.shared)
        if (after["name"], shared) != (view.name, view.shared):
            _free(tx, caller, view.list, after["name"], shared=shared, but=view_id)
        for name, value in wanted.items():
            setattr(view, name, list(value) if name == "columns" else value)
        view.updated_at = tx.now
        tx.flush()
        return _one(tx, caller, view_id)

    return writing(request, "change_view", [str(view_id), body.model_dump(mode="json")], work)


@routes.delete("/views/{view_id}", access=SignedIn(), status=204)
def delete_view(request: Request, view_id: UUID) -> Response:
    """Remove a view; for whom it was the first one, the list shows itself as usual again."""

    def work(tx: Transaction) -> dict[str, Any]:
        tx.delete(_changeable(tx, caller_of(request), view_id))
        return {}

    writing(request, "delete_view", str(view_id), work)
    return Response(status_code=204)


@routes.put("/views/{view_id}/default", access=SignedIn(), answer=ViewRow)
def put_default_view(request: Request, view_id: UUID) -> Response:
    """See this view first when you open its list. One view of a list is the first."""
    caller = caller_of(request)

    def work(tx: Transaction) -> dict[str, Any]:
        view = _visible(tx.get(SavedView, view_id), caller, view_id)
        row = pg_insert(DefaultView).values(owner=caller.principal, list=view.list, view_id=view_id)
        tx.execute(row.on_conflict_do_update(index_elements=["owner", "list"], set_={"view_id": view_id}))
        tx.audit("default", f"view:{view_id}", after={"owner": caller.principal})
        return _one(tx, caller, view_id)

    return writing(request, "put_default_view", str(view_id), work)


@routes.delete("/views/{view_id}/default", access=SignedIn(), answer=ViewRow)
def delete_default_view(request: Request, view_id: UUID) -> Response:
    """See the list as usual again."""
    caller = caller_of(request)

    def work(tx: Transaction) -> dict[str, Any]:
        _visible(tx.get(SavedView, view_id), caller, view_id)
        tx.execute(delete(DefaultView).where(DefaultView.owner == caller.principal, DefaultView.view_id == view_id))
        tx.audit("default", f"view:{view_id}", before={"owner": caller.principal})
        return _one(tx, caller, view_id)

    return writing(request, "delete_default_view", str(view_id), work)


def visible(caller: Caller) -> ColumnElement[bool]:
    """One's own views and the shared ones, of lists that one may read."""
    readable = [name for name, known in LISTS.items() if known.is_for(caller.scopes)]
    return or_(SavedView.shared, SavedView.owner == caller.principal) & SavedView.list.in_(readable)


def _check(caller: Caller, name: str, given: dict[str, str], columns: Any, sort: str | None) -> None:
    """Raises NotFound, MissingScope, UnknownFilter, BadValue, UnknownName."""
    known = known_list(name)
    known.must_be_for(caller.scopes)
    known.listing.check(given, columns=columns, sort=sort)


def _may_share(caller: Caller) -> None:
    if Scope.share_views.value not in caller.scopes:
        raise MissingScope(Scope.share_views.value)


def _free(tx: Transaction, caller: Caller, of: str, name: str, *, shared: bool, but: UUID | None = None) -> None:
    """Raises NameTaken: among the shared ones, or among the caller's own."""
    same = SavedView.shared if shared else (SavedView.owner == caller.principal) & ~SavedView.shared
    taken = select(SavedView.id).where(SavedView.list == of, SavedView.name == name, SavedView.id != but, same)
    if tx.scalar(taken) is not None:
        raise NameTaken(name)


def _visible(view: SavedView | None, caller: Caller, view_id: UUID) -> SavedView:
    if view is None or not (view.shared or view.owner == caller.principal):
        raise NotFound("view", str(view_id))
    known_list(view.list).must_be_for(caller.scopes)
    return view


def _changeable(tx: Transaction, caller: Caller, view_id: UUID) -> SavedView:
    view = _visible(tx.get(SavedView, view_id, with_for_update=True), caller, view_id)
    if view.shared:
        _may_share(caller)
    return view


def _one(session: Session, caller: Caller, view_id: UUID) -> dict[str, Any]:
    row = VIEWS.one(session, SavedView.id == view_id) or {}
    return _finished(row, caller, _defaults(session, caller))


def _defaults(session: Session, caller: Caller) -> set[UUID]:
    return set(session.scalars(select(DefaultView.view_id).where(DefaultView.owner == caller.principal)))


def _finished(row: dict[str, Any], caller: Caller, first: set[UUID]) -> dict[str, Any]:
    broken = None
    try:
        known_list(row["list"]).listing.check(row["filters"], columns=row["columns"], sort=row["sort"])
    except Refusal as why:  # of an earlier release, whose list was another
        broken = str(why)
    mine = row["owner"] == caller.principal
    may_change = Scope.share_views.value in caller.scopes if row["shared"] else mine
    return {**row, "is_default": row["id"] in first, "may_change": may_change, "broken": broken}
