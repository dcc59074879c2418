"""Puts the demo shop's past into the database with COPY: twenty thousand orders, each through its agents, would take
an hour. One transaction, so that it is there as a whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from cli.demo.books import TAG, Books
from cli.demo.catalogue import goods
from cli.demo.past import Past, Scale, two_years
from cli.demo.pen import Row
from db.base import metadata
from db.session import Database, Transaction, Who

ME = Who("system:demo shop", why="the demo shop's past")
# In the order in which they refer to each other.
TABLES = (
    "customers", "orders", "order_lines", "order_holds", "allocations", "fulfilments", "fulfilment_lines", "parcels",
    "parcel_lines", "labels", "tracking_events", "tracks", "payments", "payment_entries", "notifications",
    "stock_ledger", "stock_levels", "bin_stock", "transitions",
)  # fmt: skip
_NEXT = text("SELECT last_value + CASE WHEN is_called THEN 0 ELSE -1 END FROM order_numbers")


def put_past(database: Database, now: datetime, scale: Scale, *, progress: Callable[[str], None]) -> int:
    """Write the past once; returns how many orders it has. With one there already nothing happens."""
    with database.reading() as session:
        if session.execute(text("SELECT 1 FROM orders WHERE tags @> ARRAY[:tag] LIMIT 1"), {"tag": TAG}).first():
            return 0
    progress(f"making up {scale.orders:,} orders of {scale.days} days")
    past = two_years(now, scale)
    with database.transaction(ME, now=now) as tx:
        return _write(tx, past, scale, progress)


def _write(tx: Transaction, past: Past, scale: Scale, progress: Callable[[str], None]) -> int:
    tx.execute(text("SET LOCAL statement_timeout = '300s'"))
    last = {name: _last(tx, name) for name in ("order_numbers", "fulfilment_numbers", "label_serials")}
    books = Books(
        past, tx.now, goods(scale.families),
        order=last["order_numbers"], fulfilment=last["fulfilment_numbers"], label=last["label_serials"],
    )  # fmt: skip
    tables = books.write()
    progress(f"writing {sum(map(len, tables.values())):,} rows of history")
    for name in TABLES:
        _copy(tx, name, tables[name])
    for name, value in books.last_numbers.items():
        if value > last[name]:
            tx.execute(text(f"SELECT setval('{name}', :value)"), {"value": value})
    tx.audit("import", "orders", after={"created": len(past.orders), "demo": True})
    return len(past.orders)


def _last(tx: Transaction, sequence: str) -> int:
    return int(tx.execute(text(_NEXT.text.replace("order_numbers", sequence))).scalar_one())


def _copy(tx: Transaction, table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    names = [c.name for c in metadata.tables[table].columns if any(c.name in row for row in rows[:1])]
    names = list(dict.fromkeys([*names, *(k for row in rows for k in row if k not in names)]))
    as_json = {c.name for c in metadata.tables[table].columns if str(c.type) in {"JSONB", "JSON"}}
    connection: Any = tx.connection().connection.driver_connection
    columns = ", ".join(f'"{n}"' for n in names)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as sink:
        for row in rows:
            sink.write_row(
                [json.dumps(v) if n in as_json and (v := row.get(n)) is not None else row.get(n) for n in names]
            )


def analyze(database: Database) -> None:
    """Tell the planner what there is now."""
    with database.transaction(ME) as tx:
        tx.execute(text("SET LOCAL statement_timeout = '60s'"))
        for name in TABLES:
            tx.execute(text(f"ANALYZE {name}"))
