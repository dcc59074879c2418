"""What the catalogue says about the SKUs of a batch: one question for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from agents.orders.refusals import NoPrice, NotSellable
from db.catalog import ProductStatus
from db.session import Transaction
from db.wire import Row, Statement


class Good(NamedTuple):
    """`prices` in minor units by currency; `components` of a kit: (sku, units in one kit)."""

    sku: str
    title: str
    tax_rate_ppm: int
    status: str  # the worse of the variant's and its product's
    prices: dict[str, int]
    components: tuple[tuple[str, int], ...]

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        return self.components or ((self.sku, 1),)


_GOODS = """
    SELECT v.sku, v.title, v.tax_rate_ppm, v.status, p.status,
      (SELECT jsonb_object_agg(c.currency, c.amount) FROM prices c
       WHERE c.sku = v.sku AND c.currency = ANY(%(currencies)s::text[])),
      (SELECT jsonb_agg(jsonb_build_array(k.sku, k.quantity) ORDER BY k.sku) FROM kit_components k
       WHERE k.kit_sku = v.sku)
    FROM variants v JOIN products p ON p.id = v.product_id
    WHERE v.sku IN (SELECT unnest(%(skus)s::text[])
                    UNION SELECT k.sku FROM kit_components k WHERE k.kit_sku = ANY(%(skus)s::text[]))
"""


def load_goods(tx: Transaction, skus: Iterable[str], currencies: Iterable[str]) -> dict[str, Good]:
    """The goods and, for kits, their components; what the catalogue does not know is absent."""
    (rows,) = tx.ask_together(question_of_goods(skus, currencies))
    return goods_from(rows)


def question_of_goods(skus: Iterable[str], currencies: Iterable[str]) -> Statement:
    """To be asked together with others; `goods_from` reads the answer."""
    return Statement(_GOODS, {"skus": sorted(set(skus)), "currencies": sorted(set(currencies))})


def goods_from(rows: Iterable[Row]) -> dict[str, Good]:
    return {
        sku: Good(sku, title, tax, _worse(status, product_status), prices or {}, tuple((k, n) for k, n in parts or ()))
        for sku, title, tax, status, product_status, prices, parts in rows
    }


def _worse(variant: str, product: str) -> str:
    for status in (ProductStatus.draft, ProductStatus.discontinued):
        if status in (variant, product):
            return status
    return variant


def check_sellable(good: Good) -> None:
    """Discontinued goods sell what is left; drafts are not for sale."""
    if good.status == ProductStatus.draft:
        raise NotSellable(good.sku, good.status)


def unit_price(good: Good, currency: str, given: int | None) -> int:
    """Minor units: as given, else the catalogue's."""
    if given is not None:
        return given
    if currency not in good.prices:
        raise NoPrice(good.sku, currency)
    return good.prices[currency]


def not_backordered(goods: Iterable[Good]) -> frozenset[str]:
    """SKUs of which nothing is promised beyond what lies there."""
    return frozenset(g.sku for g in goods if g.status != ProductStatus.active)
