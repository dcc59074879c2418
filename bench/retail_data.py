"""The Online Retail data set as orders, and the rules by which its rows become some. Counts of every rule are kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

LIVE_FROM = date(2011, 8, 1)
CURRENCY = "GBP"

# Names of the file to ISO 3166; the last three are no countries and take codes that no country has, or the
# bigger of two islands.
COUNTRIES = {
    "Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Brazil": "BR", "Canada": "CA",
    "Cyprus": "CY", "Czech Republic": "CZ", "Denmark": "DK", "EIRE": "IE", "Finland": "FI", "France": "FR",
    "Germany": "DE", "Greece": "GR", "Hong Kong": "HK", "Iceland": "IS", "Israel": "IL", "Italy": "IT",
    "Japan": "JP", "Lebanon": "LB", "Lithuania": "LT", "Malta": "MT", "Netherlands": "NL", "Norway": "NO",
    "Poland": "PL", "Portugal": "PT", "RSA": "ZA", "Saudi Arabia": "SA", "Singapore": "SG", "Spain": "ES",
    "Sweden": "SE", "Switzerland": "CH", "USA": "US", "United Arab Emirates": "AE", "United Kingdom": "GB",
    "European Community": "EU", "Unspecified": "ZZ", "Channel Islands": "JE",
}  # fmt: skip

NOT_GOODS = frozenset({"POST", "DOT", "C2", "M", "m", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK"})
"""Postage, carriage, manual entries, discounts, samples and fees. They stay in as lines, so that totals agree."""


class Rule(StrEnum):
    """What was done to how many rows of the file."""

    bookkeeping = "invoices that are neither number nor credit note (bad debt): left out"
    written_off = "quantity 0 or less outside of credit notes (stock written off at price 0): left out"
    negative_price = "price below 0: left out"
    no_sku = "no stock code: left out"
    free = "price 0 with a quantity: kept as lines at 0.00"
    not_goods = "postage, manual entries, fees and the like: kept as lines of products of a gram"
    guest = "no customer: kept as orders without e-mail"
    fraction = "price with parts of a cent: rounded half up"
    renamed = "stock code with a space: written with _"
    untitled = "no description: the stock code is the title"


@dataclass(frozen=True)
class Line:
    sku: str
    title: str
    quantity: int
    unit_amount: int  # pence


@dataclass
class Invoice:
    """A sale, or a credit note, which has the amounts of a sale; `lines` are in the order of the file."""

    number: str
    at: datetime
    customer: int | None
    country: str
    lines: list[Line]

    @property
    def email(self) -> str | None:
        return f"customer-{self.customer}@example.com" if self.customer is not None else None


@dataclass
class Retail:
    """`history` and `live` are in the order of time, credit notes apart."""

    frame: pd.DataFrame  # the raw rows of the time that is looked at
    history: list[Invoice] = field(default_factory=list)
    history_credits: list[Invoice] = field(default_factory=list)
    live: list[Invoice] = field(default_factory=list)
    live_credits: list[Invoice] = field(default_factory=list)
    rules: Counter[Rule] = field(default_factory=Counter)
    goods: dict[str, Line] = field(default_factory=dict)  # by SKU, with the title and price that came last


def read(folder: Path, *, since: date | None = None, until: date | None = None) -> Retail:
    """The data set of a folder, from `since` to before `until`; times have no zone there and are taken as UTC.

    Raises:
        FileNotFoundError: there is no parquet file.
    """
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise FileNotFoundError(f"There is no parquet file in {folder}.")
    frame = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    if since is not None:
        frame = frame[frame["InvoiceDate"] >= pd.Timestamp(since)]
    if until is not None:
        frame = frame[frame["InvoiceDate"] < pd.Timestamp(until)]
    retail = Retail(frame)
    for invoice in _invoices(retail, frame):
        is_live, is_credit = invoice.at.date() >= LIVE_FROM, invoice.number.startswith("C")
        mine = (retail.live_credits if is_credit else retail.live) if is_live else None
        (mine if mine is not None else retail.history_credits if is_credit else retail.history).append(invoice)
    for invoices in (retail.history, retail.history_credits, retail.live, retail.live_credits):
        invoices.sort(key=lambda i: (i.at, i.number))
    return retail


def _invoices(retail: Retail, frame: pd.DataFrame) -> Iterable[Invoice]:
    found: dict[str, Invoice] = {}
    rows: Iterable[Any] = frame.itertuples(index=False)
    for row in rows:
        line = _line(retail, row)
        if line is None:
            continue
        at = row.InvoiceDate.to_pydatetime().replace(tzinfo=UTC)
        customer = None if pd.isna(row.CustomerID) else int(row.CustomerID)
        if customer is None:
            retail.rules[Rule.guest] += 1
        invoice = found.setdefault(row.InvoiceNo, Invoice(row.InvoiceNo, at, customer, COUNTRIES[row.Country], []))
        invoice.at = min(invoice.at, at)  # a few were typed in over two minutes
        invoice.lines.append(line)
    return found.values()


def _line(retail: Retail, row: Any) -> Line | None:
    """The order line that a row becomes, None for a row that is left out."""
    rules = retail.rules
    price, pence = _money(row.UnitPrice)
    is_credit = row.InvoiceNo.startswith("C")
    if not row.InvoiceNo.removeprefix("C").isdigit():
        rules[Rule.bookkeeping] += 1
        return None
    if pd.isna(row.StockCode) or not row.StockCode.strip():
        rules[Rule.no_sku] += 1
        return None
    if price < 0:
        rules[Rule.negative_price] += 1
        return None
    if (row.Quantity <= 0 and not is_credit) or row.Quantity == 0:
        rules[Rule.written_off] += 1
        return None
    rules[Rule.free] += price == 0
    rules[Rule.not_goods] += row.StockCode in NOT_GOODS
    rules[Rule.fraction] += price != price.quantize(Decimal("0.01"))
    rules[Rule.renamed] += " " in row.StockCode
    sku = row.StockCode.replace(" ", "_")
    if pd.isna(row.Description) or not row.Description.strip():
        rules[Rule.untitled] += 1
        title = sku
    else:
        title = row.Description.strip()
    line = Line(sku, title, abs(int(row.Quantity)), pence)
    retail.goods[sku] = line
    return line


@cache
def _money(price: float) -> tuple[Decimal, int]:
    """The price as it is written, and in whole pence."""
    written = Decimal(str(price))
    return written, int((written * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


class Why(StrEnum):
    """What a row of a credit note is, found before it is replayed."""

    cancels = "cancels lines of an earlier order of this month"
    earlier = "goods of an order before this month: a return"
    charge = "a charge, discount or correction that belongs to no order"
    guest = "no customer on it: its order cannot be told"
    unknown = "no earlier order of the customer has these goods at this price"


@dataclass(frozen=True)
class Take:
    """Units of a line of an earlier invoice; `line_no` counts from 1."""

    invoice: str
    line_no: int
    quantity: int


@dataclass
class Credit:
    """A credit note, taken apart: what cancels which lines, and the lines that are something else."""

    note: Invoice
    takes: dict[str, list[Take]] = field(default_factory=lambda: defaultdict(list))  # by invoice
    rest: list[tuple[Why, Line]] = field(default_factory=list)


def match_credits(retail: Retail) -> list[Credit]:
    """Credit notes of the live time with the lines they are about, found in the order of time.

    A row finds lines of the same customer, SKU and price, the youngest order first, and takes what others
    have left of them. What it does not find there is told apart by `Why`.
    """
    open_lines: dict[tuple[int, str, int], list[list[Any]]] = defaultdict(list)
    before = {(i.customer, n.sku) for i in retail.history for n in i.lines}
    events = sorted([*retail.live, *retail.live_credits], key=lambda i: (i.at, i.number.startswith("C"), i.number))
    credits = []
    for invoice in events:
        if not invoice.number.startswith("C"):
            if invoice.customer is not None:
                for line_no, n in enumerate(invoice.lines, 1):
                    open_lines[invoice.customer, n.sku, n.unit_amount].append([invoice.number, line_no, n.quantity])
            continue
        credit = Credit(invoice)
        for line in invoice.lines:
            _match(credit, line, open_lines, before)
        credits.append(credit)
    return credits


def _match(
    credit: Credit,
    line: Line,
    open_lines: dict[tuple[int, str, int], list[list[Any]]],
    before: set[tuple[int | None, str]],
) -> None:
    left, customer = line.quantity, credit.note.customer
    if customer is not None:
        for found in reversed(open_lines.get((customer, line.sku, line.unit_amount), [])):
            number, line_no, units = found
            taken = min(left, units)
            if taken:
                found[2] -= taken
                left -= taken
                credit.takes[number].append(Take(number, line_no, taken))
    if left:
        credit.rest.append((_why(customer, line, before), Line(line.sku, line.title, left, line.unit_amount)))


def _why(customer: int | None, line: Line, before: set[tuple[int | None, str]]) -> Why:
    if line.sku in {code.replace(" ", "_") for code in NOT_GOODS}:
        return Why.charge
    if customer is None:
        return Why.guest
    return Why.earlier if (customer, line.sku) in before else Why.unknown
