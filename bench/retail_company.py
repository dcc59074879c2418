"""A wholesaler's company before the month begins: two warehouses, the goods, the history, and stock for the month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from bench.client import Client, at_once
from bench.retail_data import CURRENCY, NOT_GOODS, Invoice, Line, Retail

CREDIT_TAG = "credit-note"
NODES = (("LON", "London", 10, 4), ("MAN", "Manchester", 20, 1))
"""code, name, rank, share of the stock in fifths"""
GRAMS = 20  # of a unit; the file has no weights, and a wholesaler's order of thousands has to fit a pallet
MOST_ROWS = 1000  # of one call of the import
MOST_LINES = 1000  # of one receipt


async def open_warehouses(client: Client) -> None:
    for code, name, rank, _ in NODES:
        address = {"company": "Wholesale", "line1": "1 Depot Road", "city": name, "postcode": "N1", "country": "GB"}
        body = {"name": name, "time_zone": "Europe/London", "rank": rank, "address": address}
        await client.call("PUT", f"/nodes/{code}", body=body)
    parcels = {2_000: 450, 10_000: 790, 30_000: 1390}
    for service, rates in (("parcel", parcels), ("pallet", {1_000_000: 9900})):
        rows = [{"country": "*", "max_weight_grams": grams, "amount": amount} for grams, amount in rates.items()]
        body = {"currency": CURRENCY, "transit_days": 2, "rates": rows}
        await client.call("PUT", f"/rate-cards/wholesale/{service}", body=body)


async def import_goods(client: Client, retail: Retail) -> tuple[int, list[dict[str, Any]]]:
    """Every SKU of the live month as a product of one variant; returns how many, and what the import did not take.

    What was sold before need not be in the catalogue.
    """
    live = {line.sku for invoice in retail.live for line in invoice.lines}
    return await import_products(client, [line for sku, line in sorted(retail.goods.items()) if sku in live])


async def import_products(client: Client, goods: Iterable[Line]) -> tuple[int, list[dict[str, Any]]]:
    """Products of one variant each."""
    unweighed = {code.replace(" ", "_") for code in NOT_GOODS}
    rows = [
        {
            "handle": f"retail-{line.sku}",
            "title": line.title,
            "sku": line.sku,
            "price": pounds(max(1, line.unit_amount)),  # what was given away is worth something to customs
            "currency": CURRENCY,
            # The file does not say; without them no parcel leaves for another customs area.
            "weight_grams": "1" if line.sku in unweighed else str(GRAMS),
            "hs_code": "691200",
            "origin_country": "CN",
        }
        for line in goods
    ]
    calls = [rows[at : at + MOST_ROWS] for at in range(0, len(rows), MOST_ROWS)]
    return len(rows), await _imported(client, "products", calls, tag="goods")


async def import_past(
    client: Client, sales: Iterable[Invoice], credits: Iterable[Invoice], *, tag: str
) -> list[dict[str, Any]]:
    """Sales as delivered orders, credit notes as cancelled ones; returns what the import did not take."""
    told = [(i, "delivered") for i in sales] + [(i, "cancelled") for i in credits]
    return await _imported(client, "orders", _calls(told), tag=tag)


async def _imported(
    client: Client, kind: str, calls: Iterable[list[dict[str, str]]], *, tag: str
) -> list[dict[str, Any]]:
    async def send(numbered: tuple[int, list[dict[str, str]]]) -> list[dict[str, Any]]:
        n, rows = numbered
        told = await client.post(f"/imports/{kind}", {"rows": rows}, key=f"import:{kind}:{n}:{tag}")
        return list(told["errors"])

    answers = await at_once(2, send, enumerate(calls))
    return [error for errors in answers for error in errors]


def _calls(invoices: Iterable[tuple[Invoice, str]]) -> Iterator[list[dict[str, str]]]:
    """Rows for the import, as many orders a call as fit: an order's rows have to come together."""
    rows: list[dict[str, str]] = []
    for invoice, status in invoices:
        mine = _rows(invoice, status)
        if rows and len(rows) + len(mine) > MOST_ROWS:
            yield rows
            rows = []
        rows += mine
    if rows:
        yield rows


def _rows(invoice: Invoice, status: str) -> list[dict[str, str]]:
    shared = {
        "order": invoice.number,
        "channel": "web",
        "placed_at": invoice.at.isoformat(),
        "status": status,
        "currency": CURRENCY,
        "country": invoice.country,
        **({"email": invoice.email} if invoice.email else {}),
        **({"tags": CREDIT_TAG} if status == "cancelled" else {}),
    }
    return [
        {**shared, "sku": n.sku, "title": n.title, "quantity": str(n.quantity), "unit_price": pounds(n.unit_amount)}
        for n in invoice.lines
    ]


def pounds(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02d}"


async def receive_demand(client: Client, retail: Retail) -> int:
    """Each SKU's own demand of the live month, most of it in London; returns the units."""
    demand: Counter[str] = Counter()
    for invoice in retail.live:
        for line in invoice.lines:
            demand[line.sku] += line.quantity
    at_node: dict[str, list[dict[str, Any]]] = {code: [] for code, *_ in NODES}
    for sku, units in sorted(demand.items()):
        second = units * NODES[1][3] // 5
        for node, quantity in ((NODES[0][0], units - second), (NODES[1][0], second)):
            if quantity:
                at_node[node].append({"sku": sku, "quantity": quantity})
    for node, lines in at_node.items():
        for at in range(0, len(lines), MOST_LINES):
            reference = f"DEMAND-{node}-{at}"
            body = {"node": node, "reference": reference, "lines": lines[at : at + MOST_LINES]}
            await client.post("/stock/receipts", body, key=reference)
    return sum(demand.values())
