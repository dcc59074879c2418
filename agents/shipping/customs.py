"""What customs are told of a parcel, which of the two postal forms tells it, and what is missing for that. Pure.

CN 22 goes with contents of up to 300 special drawing rights in a parcel of up to 2 kg, CN 23 with anything beyond
(WCO-UPU Postal Customs Guide, chapter 4; the letter post's bound of weight). Couriers take the same data for papers of
their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agents.shipping.providers import Customs, CustomsItem
from agents.shipping.refusals import CustomsDataMissing, MissingForCustoms
from db.customs import CustomsForm
from db.money import format_money, half_up, minor_digits, share_out

# The customs territory of the European Union (Regulation 952/2013, article 4), as far as countries go.
UNION = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
CN22_LIMIT_SDR = 300
CN22_LIMIT_GRAMS = 2_000
MILLION = 1_000_000


class Sold(NamedTuple):
    """A line of an order whose goods, or some of them, are in the parcel. `net` is for all its units, without tax."""

    line_no: int
    quantity: int
    net: int
    parts: Sequence[tuple[str, int]]  # SKUs for one unit of the line, and how many of each


class Good(NamedTuple):
    """A SKU as the catalogue knows it; `price` is for one, in the order's currency."""

    title: str
    hs_code: str
    origin: str
    weight_grams: int
    price: int | None


class Form(NamedTuple):
    form: CustomsForm
    limit: int | None
    why: str


def crosses_a_border(sender: str, to: str) -> bool:
    """Whether customs want to know; not when one of the two is not known."""
    return bool(sender and to) and sender != to and not {sender, to} <= UNION


def unit_values(sold: Sold, goods: Mapping[str, Good]) -> dict[str, int]:
    """What one unit of each SKU of a line is worth: what was paid for it, a kit's price shared out by list prices.

    What was given away is worth its list price all the same; 0 where there is none.
    """
    weights = [max(goods[sku].price or 0, 0) * units for sku, units in sold.parts]
    shares = share_out(sold.net, weights if sum(weights) else [units for _, units in sold.parts])
    found = {}
    for (sku, units), share in zip(sold.parts, shares, strict=True):
        paid = half_up(share, sold.quantity * units)
        found[sku] = paid if sold.net > 0 else goods[sku].price or 0
    return found


def items_of(
    inside: Sequence[tuple[int, str, int]], lines: Mapping[int, Sold], goods: Mapping[str, Good], currency: str
) -> list[CustomsItem]:
    """`inside` are units in the parcel by line of the order and SKU."""
    values = {no: unit_values(sold, goods) for no, sold in lines.items()}
    return [
        CustomsItem(
            title=goods[sku].title,
            quantity=units,
            value=values[no].get(sku, goods[sku].price or 0),
            currency=currency,
            weight_grams=goods[sku].weight_grams,
            hs_code=goods[sku].hs_code,
            origin=goods[sku].origin,
            sku=sku,
        )
        for no, sku, units in inside
    ]


def check(customs: Customs, sender: str, to: str) -> None:
    """Raises CustomsDataMissing, which names every field of every product that is to be put in."""
    missing = [
        MissingForCustoms(item.sku, item.title, field, words)
        for item in customs.items
        for field, words, value in (
            ("hs_code", "the HS code", item.hs_code),
            ("origin_country", "the country of origin", item.origin),
            ("weight_grams", "the weight", item.weight_grams),
            ("prices", "a price", item.value),
        )
        if not value
    ]
    if missing:
        raise CustomsDataMissing(sender, to, list(dict.fromkeys(missing)))


def total_of(customs: Customs) -> int:
    return sum(item.value * item.quantity for item in customs.items)


def form_for(value: int, currency: str, grams: int, sdr_millionths: int | None) -> Form:
    """CN 22 for a light parcel whose contents are within its limit; CN 23, which is always right, for any other and
    where nobody knows."""
    told = format_money(value, currency)
    if sdr_millionths is None:
        why = f"nobody has put in what an SDR is worth in {currency}, and CN 23 is right for any value"
        return Form(CustomsForm.cn23, None, why)
    limit = half_up(CN22_LIMIT_SDR * sdr_millionths * 10 ** minor_digits(currency), MILLION)
    most = f"{CN22_LIMIT_SDR} SDR, which are {format_money(limit, currency)}"
    if value > limit:
        return Form(CustomsForm.cn23, limit, f"{told} is more than {most}")
    if grams > CN22_LIMIT_GRAMS:
        return Form(
            CustomsForm.cn23, limit, f"{grams} g are more than {CN22_LIMIT_GRAMS}, though {told} is within {most}"
        )
    return Form(CustomsForm.cn22, limit, f"{told} is within {most}, and {grams} g within {CN22_LIMIT_GRAMS}")
