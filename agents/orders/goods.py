"""What the catalogue says about the SKUs of a batch: one question for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from agents.orders.refusals import NoPrice, NotSellable
from db.catalog import ProductStatus
from db.session import Transaction


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


_GOODS = text("""
    SELECT v.sku, v.title, v.tax_rate_ppm, v.status, p.status AS product_status,
      (SELECT jsonb_object_agg(c.currency, c.amount) FROM prices c
       WHERE c.sku = v.sku AND c.currency = ANY(:currencies)) AS prices,
      (SELECT jsonb_agg(jsonb_build_array(k.sku, k.quantity) ORDER BY k.sku) FROM kit_components k
       WHERE k.kit_sku = v.sku) AS components
    FROM variants v JOIN products p ON p.id = v.product_id
    WHERE v.sku IN (SELECT unnest(:skus)
                    UNION SELECT k.sku FROM kit_components k WHERE k.kit_sku = ANY(:skus))
""").bindparams(bindparam("skus", type_=ARRAY(Text)), bindparam("currencies", type_=ARRAY(Text)))


def load_goods(tx: Transaction, skus: Iterable[str], currencies: Iterable[str]) -> dict[str, Good]:
    """The goods and, for kits, their components; what the catalogue does not know is absent."""
    rows = tx.execute(_GOODS, {"skus": sorted(set(skus)), "currencies": sorted(set(currencies))})
    return {
        r.sku: Good(
            r.sku,
            r.title,
            r.tax_rate_ppm,
            _worse(r.status, r.product_status),
            r.prices or {},
            tuple((sku, quantity) for sku, quantity in r.components or ()),
        )
        for r in rows
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
