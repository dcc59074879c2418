"""Products from rows, a row a variant. A cell that is empty, or a column that is not there, leaves what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.catalog.messages import ProductState, PutProduct, VariantAsk
from db.catalog import (
    PRODUCT_MOVES,
    Product,
    ProductStatus,
    Variant,
    barcode_owners,
    components_of,
    prices_of,
    variants_by_sku,
)
from serve.importing.columns import GROUPED_BY, by_name
from serve.importing.sender import Sender, Told
from serve.importing.sheet import Plan, Reading, Row, Step, Verdict, grouped

S = TypeVar("S", bound=msgspec.Struct)

_COLUMNS = by_name("products")
_PLAIN = {name: name for name in (
    "barcode", "options", "weight_grams", "length_mm", "width_mm", "height_mm", "tracking", "hazmat", "hazard_class",
    "hs_code", "origin_country", "customs_title", "temperature", "keep_upright", "fragile",
    "load_bearing_grams", "ships_alone", "backorder_limit",
)} | {"variant_title": "title", "variant_status": "status", "tax_rate": "tax_rate_ppm"}  # fmt: skip
_SHARED = ("title", "description", "brand", "category", "status", "images")


@dataclass(frozen=True)
class _Shelf:
    """What the catalogue has of all that the rows name."""

    products: dict[str, Product]
    handles: dict[Any, str]  # of the products that the variants belong to
    variants: dict[str, Variant]
    prices: dict[str, dict[str, int]]
    components: dict[str, dict[str, int]]
    barcodes: dict[str, str]


def plan(session: Session, rows: Sequence[Row], now: datetime) -> Plan:  # noqa: ARG001 - as all plans
    shelf, found = _load(session, rows), Plan()
    for (handle,), rows_of_one in grouped(rows, GROUPED_BY["products"]).items():
        reading = Reading(f"product {handle[:80]}", _COLUMNS, rows_of_one)
        reading.cell(rows_of_one[0], "handle")
        product = shelf.products.get(handle)
        before = _as_kept(handle, product) if product is not None else None
        ask = _product(reading, handle, before)
        asks = [(_kept_variant(shelf, sku), _variant(reading, shelf, handle, list(named)))
                for (sku,), named in grouped(reading.rows, ("sku",)).items()]  # fmt: skip
        if not reading.fine:
            found.problems += reading.problems()
            continue
        ask = msgspec.structs.replace(ask, variants=[after for _, after in asks])
        same = msgspec.structs.replace(ask, variants=[]) == before and all(kept == after for kept, after in asks)
        if product is None:
            found.steps.append(Step(reading.what, reading.rows, Verdict.created, ask, handle))
        elif same:
            found.steps.append(Step(reading.what, reading.rows, Verdict.unchanged))
        else:
            # The version also makes sure that nobody changes meanwhile what the empty cells are filled with.
            ask = msgspec.structs.replace(ask, version=product.version)
            found.steps.append(Step(reading.what, reading.rows, Verdict.updated, ask, handle, seen=product.version))
    return found


async def send(sender: Sender, steps: Sequence[Step]) -> list[Told]:
    return await sender.each("catalog", steps, ProductState)


def _load(session: Session, rows: Sequence[Row]) -> _Shelf:
    skus = sorted({r.cells["sku"] for r in rows if "sku" in r.cells})
    handles = sorted({r.cells["handle"] for r in rows if "handle" in r.cells})
    variants = variants_by_sku(session, skus)
    owners = select(Product.id, Product.handle).where(Product.id.in_({v.product_id for v in variants.values()}))
    prices: dict[str, dict[str, int]] = {}
    for (sku, currency), row in prices_of(session, skus).items():
        prices.setdefault(sku, {})[currency] = row.amount
    return _Shelf(
        {p.handle: p for p in session.scalars(select(Product).where(Product.handle.in_(handles)))},
        {r.id: r.handle for r in session.execute(owners)},
        variants,
        prices,
        components_of(session, skus),
        barcode_owners(session, {r.cells["barcode"] for r in rows if "barcode" in r.cells}),
    )


def _as_kept(handle: str, product: Product) -> PutProduct:
    names = (*_SHARED, "attributes")
    return PutProduct(handle=handle, **{name: getattr(product, name) for name in names})


def _kept_variant(shelf: _Shelf, sku: str) -> VariantAsk | None:
    row = shelf.variants.get(sku)
    if row is None:
        return None
    names = [f.name for f in msgspec.structs.fields(VariantAsk) if f.name not in ("prices", "components")]
    facts = {name: getattr(row, name) for name in names}
    return VariantAsk(**facts, prices=shelf.prices.get(sku, {}), components=shelf.components.get(sku, {}))


def _product(reading: Reading, handle: str, before: PutProduct | None) -> PutProduct:
    ask = before or PutProduct(handle=handle, title="")
    ask = _with(ask, {name: reading.agreed(name) for name in _SHARED})
    if not ask.title:
        reading.refuse("title is empty. A new product needs one: fill it in.", column="title")
    if before is not None:
        _check_move(reading, "status", before.status, ask.status)
    return ask


def _variant(reading: Reading, shelf: _Shelf, handle: str, rows: Sequence[Row]) -> VariantAsk:
    """The variant as the rows of its SKU say it: the first has all of it, others may add currencies."""
    sku = str(reading.cell(rows[0], "sku", ""))
    kept = _kept_variant(shelf, sku)
    if sku in shelf.variants and shelf.handles[shelf.variants[sku].product_id] != handle:
        owner = shelf.handles[shelf.variants[sku].product_id]
        reading.refuse(f"{sku} belongs to the product {owner}. Write that handle, or another SKU.", rows[0], "sku")
    said = {ours: reading.agreed(theirs, rows=rows) for theirs, ours in _PLAIN.items()}
    owner = shelf.barcodes.get(said["barcode"] or "", sku)
    if owner != sku:
        reading.refuse(f"The barcode {said['barcode']} belongs to {owner}. Give {sku} its own.", rows[0], "barcode")
    if kept is not None and said["status"] is not None:
        _check_move(reading, "variant_status", kept.status, said["status"], rows[0])
    said |= _cost(reading, rows) | {"components": _components(reading, rows)}
    prices = dict(kept.prices) if kept is not None else {}
    return msgspec.structs.replace(_with(kept or VariantAsk(sku=sku), said), prices=prices | _prices(reading, rows))


def _prices(reading: Reading, rows: Sequence[Row]) -> dict[str, int]:
    prices: dict[str, int] = {}
    for row in rows:
        currency = reading.cell(row, "currency")
        if "price" not in row.cells or ("currency" in row.cells and currency is None):
            continue
        amount = reading.cell(row, "price", currency=currency)
        if amount is not None and prices.setdefault(currency, amount) != amount:
            reading.refuse(f"{row.cells['sku']} has two prices in {currency}. Keep one.", row, "price")
    return prices


def _cost(reading: Reading, rows: Sequence[Row]) -> dict[str, Any]:
    named = [r for r in rows if "cost" in r.cells]
    if not named:
        return {}
    currency = reading.agreed("cost_currency", rows=rows) or reading.cell(named[0], "currency")
    if currency is None and named[0].cells.keys() & {"cost_currency", "currency"}:
        return {}  # it was there and wrong, which has been said
    return {"cost_amount": reading.agreed("cost", rows=rows, currency=currency), "cost_currency": currency}


def _components(reading: Reading, rows: Sequence[Row]) -> dict[str, int] | None:
    said: dict[str, str] | None = reading.agreed("components", rows=rows)
    for sku, units in (said or {}).items():
        if not units.isascii() or not units.isdigit() or not 0 < int(units[:9]) <= 1_000_000:
            reading.refuse(
                f"components cannot contain {units[:40]!r} of {sku}. Write SKU=units.", rows[0], "components"
            )
            return None
    return {sku: int(units) for sku, units in said.items()} if said is not None else None


def _check_move(reading: Reading, column: str, now: str, wanted: str, row: Row | None = None) -> None:
    may = PRODUCT_MOVES[ProductStatus(now)]
    if wanted != now and wanted not in may:
        told = ", ".join(sorted(may))
        reading.refuse(f"{column} is {now} and cannot become {wanted}. It may become: {told}.", row, column)


def _with(ask: S, said: dict[str, Any]) -> S:
    return msgspec.structs.replace(ask, **{k: v for k, v in said.items() if v is not None})
