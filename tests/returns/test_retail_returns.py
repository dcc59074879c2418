"""How credit notes of the wholesaler's file become returns of the orders that they are about."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from bench import returns_retail
from bench.retail_data import Invoice, Line, Retail, read
from bench.returns_retail import from_file, sort_out, told
from tests.returns.benched import company_here
from tests.returns.makers import the_books_add_up


def an_invoice(
    number: str, day: int, *lines: tuple[str, int, int], customer: int | None = 7, country: str = "GB"
) -> Invoice:
    at = datetime(2011, 3, day, 12, tzinfo=UTC)
    return Invoice(number, at, customer, country, [Line(sku, sku.title(), units, pence) for sku, units, pence in lines])


def a_month(*credits: Invoice) -> Retail:
    sales = [an_invoice("1", 1, ("MUG", 5, 100), ("PLATE", 2, 250)), an_invoice("2", 2, ("MUG", 3, 100))]
    return Retail(pd.DataFrame(), history=sales, history_credits=list(credits))


def test_a_credit_note_takes_units_of_the_youngest_order_first_and_no_more_than_were_sold() -> None:
    books = sort_out(a_month(an_invoice("C3", 3, ("MUG", 6, 100)), an_invoice("C4", 4, ("MUG", 9, 100))), share=0)
    assert [(note.number, of, [(t.line_no, t.quantity) for t in takes]) for note, of, takes in books.returns] == [
        ("C3", "2", [(1, 3)]),
        ("C3", "1", [(1, 3)]),
        ("C4", "1", [(1, 2)]),
    ]
    assert [(note.number, note.lines[0].quantity) for note in books.rest] == [("C4", 7)]
    assert told(books.returns[0][0]) == "C3 of 2011-03"


def test_what_was_sold_to_another_country_or_at_another_price_is_no_return() -> None:
    books = sort_out(
        a_month(an_invoice("C3", 3, ("MUG", 1, 100), country="FR"), an_invoice("C4", 4, ("MUG", 1, 99))), share=0
    )
    assert books.returns == []
    assert [note.number for note in books.rest] == ["C3", "C4"]


def test_only_orders_that_something_came_back_of_are_lived_through() -> None:
    assert sort_out(a_month(), share=1).live == set()
    assert sort_out(a_month(an_invoice("C3", 3, ("PLATE", 1, 250))), share=1).live == {"1"}


def test_the_file_is_summed_by_month_and_country_without_knowing_what_a_credit_note_is_about() -> None:
    rows = [
        ("1", 5, 1.0, "2011-03-31 23:59", "United Kingdom"),
        ("1", 1, 0.505, "2011-04-01 00:00", "United Kingdom"),  # typed over midnight
        ("C2", -2, 1.0, "2011-04-02 10:00", "United Kingdom"),
        ("3", 1, 9.99, "2011-04-02 10:00", "France"),
        ("A4", 1, 11.0, "2011-04-02 10:00", "France"),
        ("5", -4, 0.0, "2011-04-02 10:00", "France"),
    ]
    frame = pd.DataFrame(rows, columns=["InvoiceNo", "Quantity", "UnitPrice", "InvoiceDate", "Country"])
    frame["InvoiceDate"] = pd.to_datetime(frame["InvoiceDate"])
    assert from_file(frame) == {("2011-03", "GB"): 550, ("2011-04", "GB"): -200, ("2011-04", "FR"): 999}


def a_file(folder: Path) -> Retail:
    """Two customers; one gives part of an old order back and all of a later one, in parts, and is credited a fee."""
    rows = [
        ("536370", "MUG", 6, 2.55, "2010-12-28 08:45", 7.0, "France"),
        ("536370", "PLATE", 4, 1.05, "2010-12-28 08:45", 7.0, "France"),
        ("536371", "MUG", 3, 2.55, "2011-01-03 09:00", 7.0, "France"),
        ("536372", "PLATE", 9, 1.05, "2011-01-03 10:00", 8.0, "United Kingdom"),
        ("C536380", "MUG", -2, 2.55, "2011-01-04 08:45", 7.0, "France"),
        ("C536381", "MUG", -3, 2.55, "2011-02-05 08:45", 7.0, "France"),
        ("C536381", "PLATE", -1, 1.05, "2011-02-05 08:45", 7.0, "France"),
        ("C536382", "BANK CHARGES", -1, 12.50, "2011-02-05 09:45", None, "United Kingdom"),
    ]
    names = ["InvoiceNo", "StockCode", "Quantity", "UnitPrice", "InvoiceDate", "CustomerID", "Country"]
    frame = pd.DataFrame(rows, columns=names).assign(Description="goods")
    frame["InvoiceDate"] = pd.to_datetime(frame["InvoiceDate"])
    frame.to_parquet(folder / "sales.parquet")
    return read(folder)


@pytest.mark.parametrize("share", [0.0, 1.0], ids=["of history", "of orders that are lived through"])
def test_what_came_back_is_taken_off_the_revenue_of_each_month_and_country(
    tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    retail = a_file(tmp_path)
    books = sort_out(retail, share=share)
    assert len(books.returns) == 3
    with company_here(db_url, monkeypatch, returns_retail) as here:
        done = asyncio.run(returns_retail.replay(here, retail, books))  # type: ignore[arg-type]
        assert done.wrong == []
        assert (done.figures["months_and_countries"], done.figures["units_back"]) == (5, 6)
        assert done.figures["one_more_refused"] == {"not_that_many": 1}
        assert done.figures["pence_refunded"] == (1380 if share else 0)
        the_books_add_up(here.shop)
