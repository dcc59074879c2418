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
from serve import (
    backorders,
    carrier_claims,
    carrier_scores,
    docks,
    exchanges,
    filters,
    fulfilment,
    import_view,
    labels,
    lots,
    order_claims,
    order_view,
    parcel_exceptions,
    payments,
    pickups,
    return_parcels,
    return_signals,
    returns,
    runtime,
    stock,
)
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
_READY = {"status_eq": "ready", "order_status_not_eq": "held"}
_PAYMENTS: dict[str, Any] = {
    "path": "payments",
    "listing": payments.PAYMENTS,
    "scopes": (Scope.read_payments,),
    "since": "updated_at",
}
_RETURNS: dict[str, Any] = {
    "path": "returns",
    "listing": returns.RETURNS,
    "scopes": (Scope.read_orders,),
    "since": "updated_at",
}
_EXCHANGES: dict[str, Any] = {
    "path": "exchanges",
    "listing": exchanges.EXCHANGES,
    "scopes": (Scope.read_orders,),
    "since": "updated_at",
}
_CLAIMS: dict[str, Any] = {
    "path": "claims",
    "listing": order_claims.ORDER_CLAIMS,
    "scopes": (Scope.read_orders,),
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
    Question("label_unknown", True, "label-purchases", labels.PURCHASES, (Scope.read_shipping,),
             {"status_eq": "unknown"}, "asked_at"),
    Question("label_not_sold", True, "label-purchases", labels.PURCHASES, (Scope.read_shipping,),
             {"status_eq": "refused"}, "settled_at", _ago("settled_at_gteq", RECENT)),
    Question("pickup_unknown", True, "pickups", pickups.PICKUPS, (Scope.read_shipping,), {"status_eq": "unknown"},
             "asked_at"),
    Question("pickup_refused", True, "pickups", pickups.PICKUPS, (Scope.read_shipping,), {"status_eq": "refused"},
             "settled_at", _ago("settled_at_gteq", RECENT)),
    Question("label_refund_refused", False, "labels", labels.LABELS, (Scope.read_shipping,),
             {"refund_eq": "refused"}, "voided_at", _ago("voided_at_gteq", THIS_WEEK)),
    Question("stock_out", True, "stock", stock.LEVELS, (Scope.read_stock,), {"backordered_gt": "0"}),
    Question(
        "late_promise", True, "backorder-promises", backorders.PROMISES, (Scope.read_stock,), {"is_late_eq": "true"},
        "updated_at",
    ),
    Question(
        "short_pick", True, "stock/ledger", stock.LEDGER, (Scope.read_stock,), {"why_start": "short pick"}, "at",
        _ago("at_gteq", RECENT),
    ),
    Question(
        "nobody_came", True, "appointments", docks.APPOINTMENTS, (Scope.read_purchasing,), {"status_eq": "booked"},
        "ends_at", _ago("ends_at_lt", timedelta()),
    ),
    Question(
        "lots_expired", True, "lots", lots.LOTS, (Scope.read_stock,), {"sellable_gt": "0"}, "expires_at",
        _ago("expires_at_lteq", timedelta()),
    ),
    Question("carrier_drift", True, "carrier-drifts", carrier_scores.DRIFTS, (Scope.read_shipping,),
             {"state_eq": "open"}, "noticed_at"),
    Question("dead_letter", True, "runtime/dead-letters", runtime.DEAD, (Scope.read_runtime,), {}, "created_at"),
    Question("flow_stuck", True, "runtime/flows", runtime.FLOWS, (Scope.read_runtime,), {"state_eq": "stuck"},
             "started_at"),
    Question(
        "import_failed", True, "import-runs", import_view.RUNS, tuple(WRITES.values()),
        {"status_in": "done,cancelled", "failed_rows_gt": "0"}, "ended_at", _ago("ended_at_gteq", THIS_WEEK),
        import_view.visible,
    ),
    Question("return_refund_failed", True, filters={"refund_state_in": "failed,short", "status_not_eq": "closed"},
             **_RETURNS),
    Question("unknown_parcel", True, "unknown-parcels", return_parcels.UNKNOWN_PARCELS, (Scope.read_orders,),
             {"status_eq": "waiting"}, "created_at"),
    Question("return_signal", True, "return-signals", return_signals.RETURN_SIGNALS, (Scope.read_orders,),
             {"status_eq": "open"}, "created_at"),
    Question("exchange_stuck", True, filters={"problem_null": "false", "status_in": "approved,received"},
             **_EXCHANGES),
    Question("exchange_to_decide", False, filters={"status_eq": "requested"}, **_EXCHANGES),
    Question("claim_refund_failed", True, filters={"refund_state_in": "failed,short", "status_eq": "approved"},
             **_CLAIMS),
    Question("claim_to_decide", False, filters={"status_eq": "open"}, **_CLAIMS),
    Question(
        "parcel_in_trouble", True, "parcel-exceptions", parcel_exceptions.EXCEPTIONS, (Scope.read_shipping,),
        {"status_in": "open,taken"}, "due_at", _ago("due_at_lt", timedelta()),
    ),
    Question(
        "claim_to_file", True, "carrier-claims", carrier_claims.CARRIER_CLAIMS, (Scope.read_shipping,),
        {"status_in": "draft,rejected"}, "created_at",
    ),
    Question("return_to_decide", False, filters={"status_eq": "requested"}, **_RETURNS),
    Question("to_release", False, filters={**_READY, "released_at_null": "true"}, **_FULFILMENTS),
    Question("to_pick", False, filters={**_READY, "released_at_null": "false"}, **_FULFILMENTS),
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
