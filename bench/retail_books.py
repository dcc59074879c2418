"""What the file says against what the database says: per country, for the past and for the live month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import text

from bench.retail_company import CREDIT_TAG
from bench.retail_data import COUNTRIES
from db.session import Database

COLUMNS = ("orders", "lines", "units", "pence", "credit_rows", "credit_units", "credit_pence")

# Sales are orders that are no credit notes. A credit is what was cancelled of a live sale, or a credit note.
# Rows of credits are counted in the file alone: one of them may cancel several lines.
_TOLD = """
    WITH kept AS (
        SELECT o.id, o.shipping_address ->> 'country' AS country, :tag = ANY(o.tags) AS is_credit, o.total,
               o.cancelled_total,
               (SELECT count(*) FROM order_lines l WHERE l.order_id = o.id) AS lines,
               (SELECT coalesce(sum(l.quantity), 0) FROM order_lines l WHERE l.order_id = o.id) AS units,
               (SELECT coalesce(sum(l.cancelled), 0) FROM order_lines l WHERE l.order_id = o.id) AS cancelled,
               (SELECT coalesce(sum(l.total), 0) FROM order_lines l WHERE l.order_id = o.id) AS lines_total
        FROM orders o WHERE {which}
    )
    SELECT country,
           count(*) FILTER (WHERE NOT is_credit)::bigint AS orders,
           coalesce(sum(lines) FILTER (WHERE NOT is_credit), 0)::bigint AS lines,
           coalesce(sum(units) FILTER (WHERE NOT is_credit), 0)::bigint AS units,
           coalesce(sum(total) FILTER (WHERE NOT is_credit), 0)::bigint AS pence,
           coalesce(sum(cancelled), 0)::bigint AS credit_units,
           coalesce(sum(cancelled_total), 0)::bigint AS credit_pence,
           bool_and(total = lines_total) AS lines_add_up
    FROM kept GROUP BY country
"""
_PAST = text(_TOLD.format(which="NOT o.live AND o.placed_at < :live_from"))
_LIVE = text(_TOLD.format(which="o.live OR o.placed_at >= :live_from"))


@dataclass(frozen=True)
class Compared:
    """`table` has a row a country: file, database and difference of every column."""

    table: pd.DataFrame
    differences: int  # cells that differ
    fractions: float  # pence by which the file's prices with parts of a cent differ from whole ones


def compared(url: str, frame: pd.DataFrame, *, live_from: date, past: bool) -> Compared:
    told = from_database(url, live_from=live_from, past=past)
    file, fractions = from_file(frame, live_from=live_from, past=past)
    both = file.join(told, how="outer", lsuffix=" file", rsuffix=" database").fillna(0).astype("int64")
    table, differences = pd.DataFrame(index=both.index), 0
    for name in COLUMNS:
        if name == "credit_rows":
            table[f"{name} file"] = both[name]
            continue
        table[f"{name} file"], table[f"{name} database"] = both[f"{name} file"], both[f"{name} database"]
        differences += int((both[f"{name} file"] != both[f"{name} database"]).sum())
    return Compared(table, differences, fractions)


def from_database(url: str, *, live_from: date, past: bool) -> pd.DataFrame:
    """By country, from orders and their lines. Raises RuntimeError when lines do not add up to their orders."""
    database = Database(url, pool_size=1, application_name="bench")
    query = _PAST if past else _LIVE
    try:
        with database.reading() as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))
            rows = session.execute(query, {"tag": CREDIT_TAG, "live_from": live_from}).mappings().all()
    finally:
        database.close()
    wrong = [r["country"] for r in rows if not r["lines_add_up"]]
    if wrong:
        raise RuntimeError(f"lines do not add up to their orders in {', '.join(wrong)}")
    names = [n for n in COLUMNS if n != "credit_rows"]
    return pd.DataFrame([[int(r[n]) for n in names] for r in rows], columns=names, index=[r["country"] for r in rows])


def from_file(frame: pd.DataFrame, *, live_from: date, past: bool) -> tuple[pd.DataFrame, float]:
    """By country, by the rules of `bench.retail_data`, worked out on whole columns rather than row by row."""
    begin = pd.Timestamp(live_from)
    # An invoice that was typed over midnight belongs to the time of its first row.
    first = frame.groupby("InvoiceNo")["InvoiceDate"].transform("min")
    rows = frame[(first < begin) if past else (first >= begin)]
    rows = rows.assign(country=rows["Country"].map(COUNTRIES))
    rows["pence"] = (rows["UnitPrice"] * 100).round().astype("int64")
    rows["value"] = rows["pence"] * rows["Quantity"]
    raw_mills = (rows["UnitPrice"] * 1000).round().astype("int64") * rows["Quantity"]
    is_sale = rows["InvoiceNo"].str.fullmatch(r"\d+") & (rows["Quantity"] > 0) & (rows["UnitPrice"] >= 0)
    is_credit = rows["InvoiceNo"].str.fullmatch(r"C\d+") & (rows["Quantity"] < 0) & (rows["UnitPrice"] >= 0)
    fractions = float((raw_mills / 10 - rows["value"])[is_sale | is_credit].sum())
    sales, credits = rows[is_sale].groupby("country"), rows[is_credit].groupby("country")
    table = pd.DataFrame(
        {
            "orders": sales["InvoiceNo"].nunique(),
            "lines": sales.size(),
            "units": sales["Quantity"].sum(),
            "pence": sales["value"].sum(),
            "credit_rows": credits.size(),
            "credit_units": -credits["Quantity"].sum(),
            "credit_pence": -credits["value"].sum(),
        }
    )
    return table.fillna(0).astype("int64"), fractions
