"""Rows for every table that a database has, whichever release made it; the models of today may not know them all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import Column, MetaData, create_engine
from sqlalchemy import types as sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import NullPool

from db.session import sqlalchemy_url

PER_TABLE = 3
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

# By the number of the row. Keys lead to the row of the same number, as both sides are made from their type alone.
BY_TYPE: tuple[tuple[type[sql.TypeEngine[Any]], Callable[[int], Any]], ...] = (
    (sql.Boolean, lambda n: n % 2 == 0),
    (sql.Uuid, lambda n: UUID(int=n)),
    (postgresql.JSONB, lambda n: {"number": n, "told": ["Łódź", None]}),
    (postgresql.ARRAY, lambda n: []),
    (sql.DateTime, lambda n: NOON + timedelta(days=n)),
    (sql.Date, lambda n: date(2026, 3, n)),
    (sql.Time, time),
    (sql.LargeBinary, lambda n: bytes([0, n])),
    (sql.Text, lambda n: f"O'Hara & Łukasz {n}"),
    (sql.Integer, lambda n: n),
    (sql.Numeric, lambda n: n),
)

# Where the table's own checks ask for more than that.
FITTING: dict[str, Callable[[int], Any]] = {
    "carrier_accounts.time_limit_ms": lambda n: 1000,
    "carrier_calendars.daily": lambda n: False,
    "carrier_charges.over": lambda n: int(n == 1),
    "carrier_charges.credited": lambda n: 0,
    "carrier_charges.state": lambda n: "open" if n == 1 else "fair",
    "carrier_claims.accepted": lambda n: 0,
    "carrier_claims.paid": lambda n: 0,
    "carrier_claims.status": lambda n: "paid" if n == 1 else "draft",
    "disposition_rules.cost_amount": lambda n: 0,
    "disposition_rules.freight_amount": lambda n: 0,
    "dock_appointments.ends_at": lambda n: NOON + timedelta(days=n, hours=1),
    "exchanges.instant": lambda n: n == 1,
    "exchange_lines.discount": lambda n: n * n - n,
    "fill_policies.ranking": lambda n: ["placed"],
    "inspections.accepted": lambda n: 0,
    "inspections.rejected": lambda n: n,
    "kit_components.kit_sku": lambda n: _text(n % PER_TABLE + 1),
    "order_lines.shipped": lambda n: 0,
    "parcel_exceptions.refunded": lambda n: 0,
    "parcel_exceptions.status": lambda n: "resolved" if n == 1 else "open",
    "packing_boxes.tare_grams": lambda n: 0,
    "pickups.latest": lambda n: NOON + timedelta(days=n, hours=1),
    "pick_tasks.short": lambda n: 0,
    "purchase_lines.closed_short": lambda n: 0,
    "purchase_orders.charges": lambda n: 0,
    "putaway_tasks.put_away": lambda n: 0,
    "receipt_lines.condition": lambda n: "wrong",
    "stored_values.kind": lambda n: "gift_card",
    "supplier_credits.charges": lambda n: 0,
    "supplier_credits.other": lambda n: 0,
    "supplier_credits.tax": lambda n: 0,
    "supplier_invoices.charges": lambda n: 0,
    "supplier_invoices.tax": lambda n: 0,
    "replenishment_classes.service_ppm": lambda n: 950_000,
    "replenishment_rules.service_ppm": lambda n: 950_000,
    "return_dispositions.status": lambda n: "done" if n == 1 else "waiting",
    "return_lines.damaged": lambda n: 0,
    "routing_plans.bound": lambda n: 0,
    "routing_plan_moves.saved": lambda n: 0,
    "routing_weights.every_minutes": lambda n: 5 + n,
    "return_lines.missing": lambda n: 0,
    "return_lines.not_as_described": lambda n: 0,
    "return_lines.stayed": lambda n: 0,
    "return_photos.line_no": lambda n: None,
    "return_photos.return_id": lambda n: None,
    "return_rules.carriage_amount": lambda n: 0,
    "return_rules.fee_amount": lambda n: 0,
    "return_rules.keep_below": lambda n: 0,
    "return_signals.status": lambda n: "set_aside" if n == 1 else "open",
    "stock_levels.held": lambda n: 0,
    "suggestions.kind": lambda n: "transfer" if n == 1 else "buy",
    "transfer_lines.lost": lambda n: 0,
    "transfers.to_node": lambda n: _text(n % PER_TABLE + 1),
    "unknown_parcels.status": lambda n: "matched" if n == 1 else "waiting",
    "variants.hazmat": lambda n: True,
    "webhooks.status": lambda n: "disabled" if n == 1 else "active",
}

# (table, column) of an earlier release -> its name today.
RENAMED = {("rates", "country"): "zone"}


def fill(url: str) -> None:
    """Put rows into every table: the first with a value in every column, the others without what may be missing."""
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    found = MetaData()
    with engine.begin() as connection:
        found.reflect(connection)
        for table in found.sorted_tables:
            if table.name == "alembic_version":
                continue
            for n in range(1, PER_TABLE + 1):
                given = (c for c in table.columns if c.identity is None and (n == 1 or not c.nullable))
                connection.execute(table.insert(), {c.name: _value(c, n) for c in given})


def _value(column: Column[Any], n: int) -> Any:
    make = FITTING.get(f"{column.table.name}.{column.name}")
    return make(n) if make else next(make for kind, make in BY_TYPE if isinstance(column.type, kind))(n)


def _text(n: int) -> str:
    return dict(BY_TYPE)[sql.Text](n)


def columns(url: str) -> dict[str, list[str]]:
    """The columns of every table, by its name."""
    with psycopg.connect(url) as connection:
        return dict(
            connection.execute("""
                SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)
                FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name <> 'alembic_version' GROUP BY 1
            """).fetchall()
        )


def contents(url: str, of: dict[str, list[str]]) -> dict[str, list[str]]:
    """Every row of these tables as text, as far as these columns go, by whichever name they have now."""
    there = columns(url)
    names_now = {
        table: [name if name in there[table] else RENAMED[table, name] for name in names] for table, names in of.items()
    }
    with psycopg.connect(url) as connection:
        return {
            table: sorted(
                row
                for (row,) in connection.execute(
                    SQL("SELECT ROW({})::text FROM {}").format(
                        SQL(", ").join(map(Identifier, names)), Identifier(table)
                    )
                )
            )
            for table, names in names_now.items()
        }
