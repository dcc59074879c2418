"""What needs a person now: counts, each of them of a list with filters that the console opens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.orders import HoldReason
from serve import filters, fulfilment, import_view, order_view, payments, runtime, stock
from serve.edge import Caller, caller_of, edge_of
from serve.importing.runner import WRITES
from serve.listing import Listing
from serve.requests import json_answer
from serve.routing import Routes, SignedIn
from serve.scopes import Scope

routes = Routes("attention")

LATE_AFTER = timedelta(hours=48)  # from placing to leaving; a promise of its own for each order is to come
RECENT = timedelta(hours=24)
THIS_WEEK = timedelta(days=7)  # rows that nobody mended by then will not be: the file was brought again, or let be
_TO_SHIP = "placed,released,partly_shipped"

Told = dict[str, str]


@dataclass(frozen=True)
class Question:
    """Rows of a list that somebody should look at. `since` is the column that says how long they wait.

    It is asked of whoever holds one of `scopes`; where the list shows each of them other rows, `bounds` says which.
    """

    code: str
    urgent: bool  # wrong or late, rather than work that waits for its turn
    path: str  # of the list, below /api/v1
    listing: Listing
    scopes: tuple[str, ...]
    filters: Told
    since: str | None = None
    moving: Callable[[datetime], Told] = field(default=lambda _: {})  # filters that depend on the time
    bounds: Callable[[Caller], ColumnElement[bool]] | None = None

    def is_for(self, held: Collection[str]) -> bool:
        return any(scope in held for scope in self.scopes)

    def asked(self, now: datetime) -> Told:
        return {**self.filters, **self.moving(now)}


def _ago(name: str, ago: timedelta) -> Callable[[datetime], Told]:
    return lambda now: {name: (now - ago).replace(microsecond=0).isoformat().replace("+00:00", "Z")}


_ORDERS: dict[str, Any] = {"path": "orders", "listing": order_view.ORDERS, "scopes": (Scope.read_orders,)}
_FULFILMENTS: dict[str, Any] = {
    "path": "fulfilments",
    "listing": fulfilment.FULFILMENTS,
    "scopes": (Scope.read_fulfilment,),
    "since": "created_at",
}
_PAYMENTS: dict[str, Any] = {
    "path": "payments",
    "listing": payments.PAYMENTS,
    "scopes": (Scope.read_payments,),
    "since": "updated_at",
}

QUESTIONS = (
    *(
        Question(f"held_{reason}", True, filters={"status_eq": "held", "hold_eq": reason}, since="placed_at", **_ORDERS)
        for reason in HoldReason
    ),
    Question(
        "late_to_ship", True, filters={"status_in": _TO_SHIP, "live_eq": "true"}, since="placed_at",
        moving=_ago("placed_at_lt", LATE_AFTER), **_ORDERS,
    ),
    Question("payment_declined", True, filters={"state_eq": "declined"}, moving=_ago("updated_at_gteq", RECENT),
             **_PAYMENTS),
    Question("payment_unknown", True, filters={"state_eq": "unknown"}, **_PAYMENTS),
    Question("stock_out", True, "stock", stock.LEVELS, (Scope.read_stock,), {"backordered_gt": "0"}),
    Question(
        "short_pick", True, "stock/ledger", stock.LEDGER, (Scope.read_stock,), {"why_start": "short pick"}, "at",
        _ago("at_gteq", RECENT),
    ),
    Question("dead_letter", True, "runtime/dead-letters", runtime.DEAD, (Scope.read_runtime,), {}, "created_at"),
    Question("flow_stuck", True, "runtime/flows", runtime.FLOWS, (Scope.read_runtime,), {"state_eq": "stuck"},
             "started_at"),
    Question(
        "import_failed", True, "import-runs", import_view.RUNS, tuple(WRITES.values()),
        {"status_in": "done,cancelled", "failed_rows_gt": "0"}, "ended_at", _ago("ended_at_gteq", THIS_WEEK),
        import_view.visible,
    ),
    Question("to_pick", False, filters={"status_eq": "ready", "order_status_not_eq": "held"}, **_FULFILMENTS),
    Question("being_picked", False, filters={"status_eq": "picking"}, **_FULFILMENTS),
    Question("to_pack", False, filters={"status_eq": "picked"}, **_FULFILMENTS),
    Question("to_send", False, filters={"status_eq": "packed"}, **_FULFILMENTS),
)  # fmt: skip


class Attention(BaseModel):
    """`filters` are the list's own, so that its `total` is the `count`. `oldest_at` is null where nothing waits."""

    code: str = Described(examples=["held_payment"])
    urgent: bool = Described(description="Wrong or late, rather than work that waits for its turn")
    list: str = Described(description="Path of the list below /api/v1", examples=["orders"])
    filters: dict[str, str] = Described(examples=[{"status_eq": "held", "hold_eq": "payment"}])
    count: int
    oldest_at: datetime | None


class Attentions(BaseModel):
    """`hidden` names what needs a scope that the caller does not hold."""

    data: list[Attention]
    hidden: list[str]
    as_of: datetime


@routes.get("/attention", access=SignedIn(), answer=Attentions)
def list_attention(request: Request) -> Response:
    """What needs a person now, as far as the caller may see it.

    Each count is that of a list with filters, so the rows behind it are one request away.
    """
    edge, caller = edge_of(request), caller_of(request)
    now = edge.clock()
    with edge.database.reading() as session:
        data = list(_answers(session, [q for q in QUESTIONS if q.is_for(caller.scopes)], caller, now))
    hidden = [q.code for q in QUESTIONS if not q.is_for(caller.scopes)]
    return json_answer({"data": data, "hidden": hidden, "as_of": now})


def _answers(session: Session, questions: list[Question], caller: Caller, now: datetime) -> Iterator[dict[str, Any]]:
    for q in questions:
        asked = q.asked(now)
        where = filters.conditions(q.listing.filterable, asked.items())
        if q.listing.where is not None:
            where.append(q.listing.where)
        if q.bounds is not None:
            where.append(q.bounds(caller))
        oldest = func.min(q.listing.columns[q.since].column) if q.since else None
        columns = [func.count(), *([oldest] if oldest is not None else [])]
        row = session.execute(select(*columns).select_from(q.listing.source).where(*where)).one()
        yield {
            "code": q.code,
            "urgent": q.urgent,
            "list": q.path,
            "filters": asked,
            "count": row[0],
            "oldest_at": row[1] if oldest is not None else None,
        }
