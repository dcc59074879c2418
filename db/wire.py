"""Statements that travel together: one round trip to PostgreSQL for many, and nothing between them and the driver.

SQLAlchemy's work for a statement costs more than most statements do. The busiest paths therefore speak to the
driver below it, over the same connection and in the same transaction; everything else stays with SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
import psycopg

Row = tuple[Any, ...]

to_json = msgspec.json.Encoder().encode


class Statement(NamedTuple):
    """SQL with the driver's `%(name)s`, and the values for it."""

    sql: str
    values: dict[str, Any]


BY_KEY = Statement(
    # For the rest of the transaction: plans are made once and not for each set of values (half a millisecond for
    # the questions of an order), and rows are found by their keys even while tables are small enough to be read whole.
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)",
    {},
)


def ask_all(connection: psycopg.Connection[Any], questions: Sequence[Statement]) -> list[list[Row]]:
    """The rows of each question, in one round trip; none for what only tells."""
    if len(questions) == 1:
        return [_rows(connection.execute(*questions[0]))]
    with connection.pipeline():
        cursors = [connection.execute(*question) for question in questions]
    return [_rows(cursor) for cursor in cursors]


def _rows(cursor: psycopg.Cursor[Any]) -> list[Row]:
    result = cursor.pgresult
    return cursor.fetchall() if result is not None and result.nfields else []


def tell_all(connection: psycopg.Connection[Any], statements: Sequence[Statement], *, commit: bool = False) -> None:
    """Run the statements in order, in one round trip; the commit goes with them, and only if all of them succeed."""
    if not statements and not commit:
        return
    with connection.pipeline():
        for statement in statements:
            connection.execute(*statement)
        if commit:
            connection.commit()


def insertion(
    table: str, rows: Sequence[dict[str, Any]], *, unless_there: bool = False, returning: str | None = None
) -> Statement:
    """Rows that all name the same columns, inserted in their order with one parameter: JSON.

    `unless_there` leaves out rows whose key somebody has written before; `returning` is a column of those inserted.
    """
    sql = _insert(table, tuple(rows[0]))
    sql += " ON CONFLICT DO NOTHING" * unless_there + (f" RETURNING {returning}" if returning else "")
    return Statement(sql, {"rows": to_json(rows).decode()})


@cache
def _insert(table: str, columns: tuple[str, ...]) -> str:
    # Measured for 128 orders: JSON costs the server 9 µs a row and the client 4, arrays 6 and 37, COPY 5 and 12 and
    # a round trip for each table. A statement for each row, though pipelined, takes twice the time of all.
    names = ", ".join(f'"{c}"' for c in columns)
    return (
        f"INSERT INTO {table} ({names}) "  # noqa: S608 - names of our own models
        f"SELECT {names} FROM json_populate_recordset(NULL::{table}, %(rows)s::json) WITH ORDINALITY "
        "ORDER BY ordinality"
    )
