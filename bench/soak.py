"""Half an hour of steady work: nothing may grow but what is sold.

    uv run python -m bench.soak [--minutes N] [--quick]

First it is measured what the company can keep up with, everything that follows from an order counted; then orders
come at 70 % of that, and every minute memory, waiting messages, latency and the size of tables are written down.
Memory is what the processes do not share (USS). Tables are of two kinds: those that get a row for everything that
happens, of which the bytes per row are looked at, and those whose rows are written over and over, of which the size.

Targets compare the last third with the middle one, the first being for warming up: memory within 1.1 times, bytes per
row within 1.1, size of rewritten tables within 1.25, p99 within 2, and never more messages waiting than are handled
within ten seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import text

from bench import orders_http
from bench.client import Client, drained
from bench.installation import Installation, installation
from bench.orders_shop import open_shop, oversold
from bench.overload import megabytes
from db.session import Database

CALLERS = 32
SHARE = 0.7  # of what the company can keep up with
WRITTEN_OVER = ("stock_levels", "bin_stock", "deliveries", "leadership", "agent_replicas")
ADDED_TO = (
    "orders",
    "order_lines",
    "allocations",
    "stock_ledger",
    "outbox",
    "inbox",
    "idempotent_answers",
    "transitions",
)
LIMITS = {"megabytes": 1.1, "bytes_per_row": 1.1, "written_over": 1.25, "p99": 2.0}
WAITS_AT_MOST = 10.0  # seconds of work

_SIZES = text("""
    SELECT relname AS name, pg_total_relation_size(relid) AS bytes, n_live_tup AS rows FROM pg_stat_user_tables
    WHERE relname = ANY(:names)
""")


@dataclass
class Minute:
    orders_per_second: float
    p99: float  # milliseconds
    wrong: int
    megabytes: float
    waiting: int  # messages
    bytes_per_row: float  # over all tables that are added to
    written_over: float  # megabytes


def main() -> int:
    parser = argparse.ArgumentParser(description="Work for a long time, and see whether anything grows.")
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--quick", action="store_true", help="two minutes, in twelve parts")
    options = parser.parse_args()
    parts, seconds = (12, 10) if options.quick else (options.minutes, 60)
    with installation({"BACKOFFICE_RATE_PER_SECOND": "1000000"}) as company:
        database = Database(company.database_url, pool_size=1, application_name="bench")
        open_shop(database)
        keeps_up, messages = asyncio.run(_capacity(company, database))
        rest = round(CALLERS / (SHARE * keeps_up) * 1000)
        print(f"it keeps up with {keeps_up:,.0f} orders/s; each of {CALLERS} callers rests {rest} ms", flush=True)
        told = [_minute(company, database, seconds, rest) for _ in range(parts)]
        asyncio.run(_drained(company))
        books = {"oversold": oversold(database), "audit": bool(company.audit()["ok"])}
        database.close()
    third = parts // 3
    grown = {
        name: round(_middle(told[-third:], name) / max(_middle(told[third:-third], name), 1e-9), 3) for name in LIMITS
    }
    waits = max(m.waiting for m in told) / messages
    missed = [name for name, limit in LIMITS.items() if grown[name] > limit]
    missed += ["waiting"] * (waits > WAITS_AT_MOST) + ["wrong"] * any(m.wrong for m in told)
    figures: dict[str, Any] = {
        "keeps_up_with": round(keeps_up),
        "orders_per_second": round(_middle(told, "orders_per_second")),
        "orders": round(sum(m.orders_per_second for m in told) * seconds),
        "p99": round(_middle(told, "p99"), 1),
        "megabytes": [round(told[third].megabytes), round(told[-1].megabytes)],
        "grown": grown,
        "waits_seconds": round(waits, 1),
        **books,
    }
    ok = not missed and books["audit"] and not books["oversold"]
    print(json.dumps({**figures, "targets": {**LIMITS, "waits_seconds": WAITS_AT_MOST}, "missed": missed, "ok": ok}))
    return 0 if ok else 1


async def _capacity(company: Installation, database: Database) -> tuple[float, float]:
    """Orders, and messages, a second with everything that follows from them."""
    before, begun = _handled(database), time.monotonic()
    found = orders_http.run(company, callers=CALLERS, seconds=10, sku=None)
    await _drained(company)
    took = time.monotonic() - begun
    return found["placed"] / took, (_handled(database) - before) / took


async def _drained(company: Installation) -> None:
    client = Client.open(company.url, company.key, 2)
    try:
        await drained(client, within=900)
    finally:
        await client.close()


def _minute(company: Installation, database: Database, seconds: int, rest: int) -> Minute:
    found = orders_http.run(company, callers=CALLERS, seconds=seconds, sku=None, rest_ms=rest)
    with database.reading() as session:
        waiting = session.scalar(text("SELECT count(*) FROM deliveries WHERE state = 'waiting'")) or 0
        tables = {r.name: r for r in session.execute(_SIZES, {"names": [*WRITTEN_OVER, *ADDED_TO]})}
    wrong = found["failed"] + found["lost"] + found["refused"]
    minute = Minute(
        found["placed"] / found["seconds"],
        found["p99"],
        wrong,
        megabytes(company),
        int(waiting),
        sum(tables[n].bytes for n in ADDED_TO) / max(1, sum(tables[n].rows for n in ADDED_TO)),
        sum(tables[n].bytes for n in WRITTEN_OVER) / 2**20,
    )
    print(
        f"{minute.orders_per_second:6,.0f} orders/s  p99 {minute.p99:6,.1f} ms  {minute.megabytes:6,.0f} MB"
        f"  {minute.waiting:6,} waiting  {minute.bytes_per_row:5,.0f} bytes a row"
        f"  {minute.written_over:6.1f} MB written over",
        flush=True,
    )
    return minute


def _handled(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalar(text("SELECT count(*) FROM inbox")) or 0)


def _middle(minutes: list[Minute], name: str) -> float:
    return median(getattr(m, name) for m in minutes)


if __name__ == "__main__":
    sys.exit(main())
