"""Offers for a parcel, and the least of them. Pure, and the same every time.

Expected cost = price + P(late) × cost of lateness + P(lost) × loss + carbon, in minor units; chances are parts per
million. What operators' rules and a promised day make of the offers is in `deciding`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from uuid import UUID

import msgspec

from agents.shipping.leaving import Calendar, Collections, co2_grams, leaves_on
from agents.shipping.messages import Offer
from agents.shipping.pricing import Consignment, Quote, Tariff, offered
from db.money import format_money, rate_of
from ml.carriers.forecasts import Forecasts

CARD, POLICY, ASKED, RULE, PROMISE, PRICE, LATE = "card", "policy", "asked", "rule", "promise", "price", "late"
"""What refused an offer, in the order in which it is asked."""
PROMISES = (0.5, 0.8, 0.9, 0.95)

ANOTHER_ASKED = "another was asked for"
_BOX = re.compile(r"\b(p\.? ?o\.? ?box|post office box|postfach|bo[iî]te postale|apartado postal|postbus)\b", re.I)
_STREET = ("line1", "line2")


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy says: what lateness, loss and carbon cost, what may not be used, and what trying may cost."""

    code: str = ""
    currency: str = ""
    promise_days: int | None = None  # after these days it is late; null: after the days that the card quotes
    late_cost: int = 0
    loss_ppm: int = 0  # of the goods' value
    most_late_ppm: int | None = None  # services more likely to be late are not taken while there are others
    forbidden: list[str] = []  # carriers, or `carrier service`
    promise_from: str = "sent"
    carbon_price: int = 0  # for a tonne of CO2e
    explore_ppm: int = 0
    explore_budget: int = 0  # a month

    @property
    def is_price_alone(self) -> bool:
        return not (self.late_cost or self.loss_ppm or self.carbon_price)


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the parcel, as far as carriers ask."""

    value: int
    currency: str
    hazmat: bool = False
    fragile: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The carrier or service that somebody named, and why."""

    carrier: str | None = None
    service: str | None = None
    reason: str | None = None

    def means(self, tariff: Tariff) -> bool:
        return self.carrier in (None, tariff.carrier) and self.service in (None, tariff.service)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How a parcel goes: when its node hands over, by when it is promised, how far it is."""

    leaves: Calendar = Calendar()
    fetches: Mapping[str, Collections] = {}  # by carrier, of those with a calendar
    promised_on: date | None = None
    km: int | None = None


ANY_WAY = Way()
"""Of which nothing is known."""


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
    quotes: Sequence[Quote] = (),
    ruled_out: Mapping[UUID, str] = MappingProxyType({}),
    way: Way = ANY_WAY,
) -> list[Offer]:
    """An offer for every card and every quote of a carrier, those that cannot take the parcel with why not.

    `ruled_out` are tariffs that are not taken whatever they cost, and why.
    """
    found = []
    prices = [*((t, offered(t, parcel)) for t in tariffs), *((q.tariff, q) for q in quotes)]
    for tariff, price in prices:
        by, against = _against(tariff, price, goods, po_box=po_box, weights=weights, asked=asked)
        if tariff.id in ruled_out:
            by, against = CARD, ruled_out[tariff.id]
        leaves = leaves_on(tariff, parcel.on, way.leaves, way.fetches.get(tariff.carrier))
        if leaves is None:
            found.append(
                _bare(tariff, against or f"is not fetched at {parcel.origin} on any day that is near", by or CARD)
            )
        elif isinstance(price, Quote):
            offer = _foreseen(price, parcel, leaves, weights=weights, known=known, way=way)
            found.append(scored(offer, goods, weights, refused=against, by=by))
        else:
            found.append(_bare(tariff, against or price, by or CARD))
    return found


def _against(
    tariff: Tariff, price: Quote | str, goods: Goods, *, po_box: bool, weights: Weights, asked: Asked
) -> tuple[str | None, str | None]:
    """Who says no, and the hard constraint that the parcel breaks, in a sentence's part."""
    if isinstance(price, str):
        return CARD, price
    if goods.hazmat and not tariff.takes_hazmat:
        return CARD, "takes no hazardous goods"
    if po_box and not tariff.takes_po_box:
        return CARD, "delivers to no PO box"
    if tariff.max_value is not None and goods.currency == tariff.currency and goods.value > tariff.max_value:
        return CARD, f"takes nothing worth more than {format_money(tariff.max_value, tariff.currency)}"
    if tariff.carrier in weights.forbidden or tariff.name in weights.forbidden:
        return POLICY, f"not allowed by policy {weights.code}"
    if not asked.means(tariff):
        return ASKED, ANOTHER_ASKED
    return None, None


def _bare(tariff: Tariff, against: str, by: str) -> Offer:
    return Offer(
        carrier=tariff.carrier, service=tariff.service, currency=tariff.currency, transit_days=tariff.transit_days,
        rate_card_id=tariff.id, refused=against, refused_by=by,
    )  # fmt: skip


def _foreseen(
    quote: Quote, parcel: Consignment, leaves: date, *, weights: Weights, known: Forecasts | None, way: Way
) -> Offer:
    """The price, with what is known of the way: when it leaves, is due and likely comes, and what may go wrong."""
    tariff = quote.tariff
    due = tariff.transit_days if weights.promise_days is None else weights.promise_days
    if way.promised_on is not None:
        due = (way.promised_on - leaves).days
    learned: dict[str, object] = {}
    if known is not None:
        levels = (tariff.name, parcel.country, parcel.origin)
        forecast = known.transit(levels, leaves.weekday(), leaves.month)
        promises = forecast.promises(PROMISES)
        learned = {
            "late_ppm": round(forecast.late(due) * 1_000_000),
            "late_error_ppm": round(forecast.uncertain(due) * 1_000_000),
            "lost_ppm": round(known.loss(levels) * 1_000_000),
            "promises": promises,
            "promise_days": promises[2],
            "seen": int(forecast.seen),
        }
    return Offer(
        carrier=tariff.carrier, service=tariff.service, currency=tariff.currency, transit_days=tariff.transit_days,
        rate_card_id=tariff.id, amount=quote.amount, parts=list(quote.parts), zone=quote.zone,
        billed_grams=quote.billed_grams, leaves_on=leaves, due_days=due,
        likely_days=promises[0] if known is not None else tariff.transit_days,
        co2_grams=co2_grams(tariff, parcel, way.km), **learned,  # type: ignore[arg-type]
    )  # fmt: skip


def scored(offer: Offer, goods: Goods, weights: Weights, *, refused: str | None = None, by: str | None = None) -> Offer:
    """The offer with what lateness, loss and carbon are expected to cost under a policy."""
    same = weights.currency == offer.currency
    late = rate_of(weights.late_cost, offer.late_ppm or 0) if same else 0
    loss = 0
    if goods.currency == offer.currency:
        loss = rate_of(rate_of(goods.value, weights.loss_ppm), offer.lost_ppm or 0)
    carbon = rate_of(weights.carbon_price, offer.co2_grams or 0) if same else 0
    return msgspec.structs.replace(
        offer, late_cost=late, loss_cost=loss, carbon_cost=carbon, expected=offer.amount + late + loss + carbon,
        refused=refused, refused_by=by if refused else None, preferred=False,
    )  # fmt: skip


def in_order(offers: Sequence[Offer], currency: str) -> list[Offer]:
    """Those that may take the parcel, the best first: preferred ones, the least expected cost, the fastest, by name.

    Amounts are compared within one currency: the order's, or the first by code when nobody offers in it.
    """
    taken = [o for o in offers if o.refused is None]
    known = {o.currency for o in taken}
    within = currency if currency in known else min(known, default=currency)
    return sorted(
        (o for o in taken if o.currency == within),
        key=lambda o: (not o.preferred, o.expected, o.transit_days, o.name),
    )


def choose(offers: Sequence[Offer], *, currency: str, price_alone: bool) -> Choice | None:
    """The first of those that may take the parcel; None when every offer is refused."""
    ranked = in_order(offers, currency)
    if not ranked:
        return None
    best, *others = ranked
    shown = _shown if price_alone else _shown_in_full
    if not others:
        return Choice(best, f"the only service that fits: {shown(best)}")
    least = "cheapest" if price_alone else "least expected cost"
    if best.preferred:
        least = f"preferred, and the {least} of those that are," if others[0].preferred else "preferred"
    elif others[0].expected == best.expected and others[0].transit_days > best.transit_days:
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
    if o.carbon_cost and o.co2_grams is not None:
        parts.append(f"{format_money(o.carbon_cost, o.currency)} for {o.co2_grams / 1000:.2f} kg CO2e")
    return f"{o.name} {' + '.join(parts)} = {format_money(o.expected, o.currency)}"
