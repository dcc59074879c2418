"""Which offer takes a parcel: hard constraints first, then the least expected cost. Pure, and the same every time.

Expected cost = price + P(late) × cost of lateness + P(lost) × loss, in minor units; chances are parts per million.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from agents.shipping.messages import Offer
from agents.shipping.pricing import Consignment, Quote, Tariff, offered
from db.money import format_money, rate_of
from ml.carriers.forecasts import Forecasts

ANOTHER_ASKED = "another was asked for"
_BOX = re.compile(r"\b(p\.? ?o\.? ?box|post office box|postfach|bo[iî]te postale|apartado postal|postbus)\b", re.I)
_STREET = ("line1", "line2")


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy says: what lateness and loss cost, and what may not be used."""

    code: str = ""
    currency: str = ""
    promise_days: int | None = None  # after these days it is late; null: after the days that the card quotes
    late_cost: int = 0
    loss_ppm: int = 0  # of the goods' value
    most_late_ppm: int | None = None  # services more likely to be late are not taken while there are others
    forbidden: list[str] = []  # carriers, or `carrier service`

    @property
    def is_price_alone(self) -> bool:
        return not (self.late_cost or self.loss_ppm)


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the parcel, as far as carriers ask."""

    value: int
    currency: str
    hazmat: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The carrier or service that somebody named."""

    carrier: str | None = None
    service: str | None = None

    def means(self, tariff: Tariff) -> bool:
        return self.carrier in (None, tariff.carrier) and self.service in (None, tariff.service)


class Choice(msgspec.Struct, frozen=True):
    offer: Offer
    why: str


def is_po_box(address: Mapping[str, object]) -> bool:
    return any(_BOX.search(str(address.get(line) or "")) for line in _STREET)


def offers_of(
    tariffs: Sequence[Tariff],
    parcel: Consignment,
    goods: Goods,
    *,
    po_box: bool,
    weights: Weights,
    asked: Asked,
    known: Forecasts | None,
) -> list[Offer]:
    """An offer for every card, those that cannot take the parcel with why not."""
    found = []
    for tariff in tariffs:
        price = offered(tariff, parcel)
        against = None if asked.means(tariff) else ANOTHER_ASKED
        against = against or (price if isinstance(price, str) else None) or _against(tariff, goods, po_box, weights)
        if isinstance(price, Quote):
            found.append(_scored(price, parcel, goods, weights=weights, known=known, against=against))
        else:
            found.append(_bare(tariff, against or price))
    return _promised(found, weights)


def _against(tariff: Tariff, goods: Goods, po_box: bool, weights: Weights) -> str | None:
    """The hard constraint that the parcel breaks, in a sentence's part."""
    if goods.hazmat and not tariff.takes_hazmat:
        return "takes no hazardous goods"
    if po_box and not tariff.takes_po_box:
        return "delivers to no PO box"
    if tariff.max_value is not None and goods.currency == tariff.currency and goods.value > tariff.max_value:
        return f"takes nothing worth more than {format_money(tariff.max_value, tariff.currency)}"
    if tariff.carrier in weights.forbidden or tariff.name in weights.forbidden:
        return f"not allowed by policy {weights.code}"
    return None


def _bare(tariff: Tariff, against: str) -> Offer:
    return Offer(
        carrier=tariff.carrier, service=tariff.service, currency=tariff.currency, transit_days=tariff.transit_days,
        rate_card_id=tariff.id, refused=against,
    )  # fmt: skip


def _scored(
    quote: Quote,
    parcel: Consignment,
    goods: Goods,
    *,
    weights: Weights,
    known: Forecasts | None,
    against: str | None,
) -> Offer:
    tariff = quote.tariff
    day = tariff.transit_days if weights.promise_days is None else weights.promise_days
    late = lost = promise = None
    if known is not None:
        levels = (tariff.name, parcel.country, parcel.origin)
        forecast = known.transit(levels, parcel.on.weekday())
        late, promise = round(forecast.late(day) * 1_000_000), forecast.promise(0.9)
        lost = round(known.loss(levels) * 1_000_000)
    same = weights.currency == tariff.currency
    late_cost = rate_of(weights.late_cost, late or 0) if same else 0
    loss = rate_of(rate_of(goods.value, weights.loss_ppm), lost or 0) if goods.currency == tariff.currency else 0
    return Offer(
        carrier=tariff.carrier, service=tariff.service, currency=tariff.currency, transit_days=tariff.transit_days,
        rate_card_id=tariff.id, amount=quote.amount, parts=list(quote.parts), zone=quote.zone,
        billed_grams=quote.billed_grams, late_ppm=late, lost_ppm=lost, promise_days=promise, late_cost=late_cost,
        loss_cost=loss, expected=quote.amount + late_cost + loss, refused=against,
    )  # fmt: skip


def _promised(offers: list[Offer], weights: Weights) -> list[Offer]:
    """Refuse what is too likely to be late, unless nothing else is left."""
    most = weights.most_late_ppm
    if most is None:
        return offers
    left = [o for o in offers if o.refused is None]
    risky = [o for o in left if o.late_ppm is not None and o.late_ppm > most]
    if len(risky) == len(left):
        return offers
    why = f"more likely to be late than {most / 10_000:g} %"
    return [msgspec.structs.replace(o, refused=why) if o in risky else o for o in offers]


def choose(offers: Sequence[Offer], *, currency: str, price_alone: bool) -> Choice | None:
    """The least expected cost, then the fastest, then by name; None when every offer is refused.

    Amounts are compared within one currency: the order's, or the first by code when nobody offers in it.
    """
    taken = [o for o in offers if o.refused is None]
    if not taken:
        return None
    known = {o.currency for o in taken}
    within = currency if currency in known else min(known)
    best, *others = sorted(
        (o for o in taken if o.currency == within), key=lambda o: (o.expected, o.transit_days, o.name)
    )
    shown = _shown if price_alone else _shown_in_full
    if not others:
        return Choice(best, f"the only service that fits: {shown(best)}")
    least = "cheapest" if price_alone else "least expected cost"
    if others[0].expected == best.expected and others[0].transit_days > best.transit_days:
        least = f"fastest of the {least}"
    return Choice(best, f"{least} of {len(others) + 1}: {shown(best)}; not {'; '.join(map(shown, others))}")


def _shown(o: Offer) -> str:
    days = "1 day" if o.transit_days == 1 else f"{o.transit_days} days"
    return f"{o.name} {format_money(o.amount, o.currency)}, {days}"


def _shown_in_full(o: Offer) -> str:
    parts = [format_money(o.amount, o.currency)]
    if o.late_ppm is not None:
        parts.append(f"{format_money(o.late_cost, o.currency)} for {o.late_ppm / 10_000:.1f} % late")
    if o.lost_ppm is not None:
        parts.append(f"{format_money(o.loss_cost, o.currency)} for {o.lost_ppm / 10_000:.2f} % lost")
    return f"{o.name} {' + '.join(parts)} = {format_money(o.expected, o.currency)}"
