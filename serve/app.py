"""The HTTP edge: every noun's routes in one list, and what is around them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from coordinator.client import AgentClient
from db.base import utc_now
from db.session import Database
from serve import (
    advance_notices,
    attention,
    audit,
    bulk,
    carriers,
    console,
    customers,
    deliveries,
    docs,
    events,
    exports,
    fulfilment,
    health,
    import_files,
    import_rows,
    import_runs,
    imports,
    inbox,
    inspections,
    keys,
    labels,
    lots,
    nodes,
    notifications,
    order_edits,
    orders,
    packing,
    payments,
    people,
    photos,
    picking,
    products,
    purchase_orders,
    putaway,
    receipts,
    receiving,
    replenishment,
    runtime,
    scorecard,
    search,
    second_factor,
    sessions,
    shipping,
    stock,
    stock_work,
    supplier_invoices,
    suppliers,
    transfers,
    views,
    webhooks,
)
from serve.auth import Door
from serve.edge import Edge, EdgeSettings
from serve.errors import handle_errors
from serve.limits import Buckets
from serve.requests import Envelope

NOUNS = (
    orders,  # first: the router looks from the top, and placing orders is the busiest route
    order_edits,
    products,
    bulk,
    carriers,
    nodes,
    stock,
    stock_work,
    transfers,
    suppliers,
    deliveries,
    scorecard,
    purchase_orders,
    supplier_invoices,
    replenishment,
    inspections,
    receiving,
    advance_notices,
    putaway,
    receipts,
    photos,
    lots,
    fulfilment,
    picking,
    packing,
    shipping,
    labels,
    payments,
    customers,
    notifications,
    webhooks,
    imports,
    import_files,
    import_runs,
    import_rows,
    exports,
    views,
    search,
    inbox,
    events,
    second_factor,
    sessions,
    people,
    keys,
    audit,
    runtime,
    attention,
    health,
    docs,
)


def create_app(
    database: Database,
    client: AgentClient,
    *,
    settings: EdgeSettings | None = None,
    clock: Callable[[], datetime] = utc_now,
    ticks: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """The application over a database and a way to the agents; `clock` and `ticks` are for tests."""
    settings = settings or EdgeSettings()
    app = FastAPI(
        title="Backoffice",
        openapi_url=None,  # described by `serve.docs`
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=[route for noun in NOUNS for route in noun.routes.built],
    )
    app.state.edge = Edge(
        database,
        client,
        settings,
        Door(database, settings, clock=clock, ticks=ticks),
        Buckets(settings.rate_per_second, settings.rate_burst, ticks),
        clock,
        ticks,
    )
    events.attach(app)
    import_runs.attach(app)
    docs.describe(app)
    console.attach(app)  # last: it takes every path that nobody took
    handle_errors(app)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["*"],
            allow_headers=["authorization", "content-type", "idempotency-key", "if-match", "x-request-id"],
            expose_headers=["x-request-id", "idempotency-replayed", "retry-after"],
        )
    app.add_middleware(Envelope, id_is_told=settings.request_id_is_told, https_alone=settings.behind_https)
    return app
