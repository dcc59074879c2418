"""What a rate card may say. Pure; raises BadRates for a card nobody could be quoted from without doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from agents.shipping.messages import PutRateCard, RateRow, SurchargeRow, ZoneRow
from agents.shipping.pricing import ANYWHERE, Place, Surcharge, plain_postcode
from agents.shipping.refusals import BadRates
from db.shipping import SurchargeKind

_COUNTRY = re.compile(r"[A-Z]{2}")
_LONGEST_POSTCODE = 10
_SEPARATE = {SurchargeKind.oversize: "over_", SurchargeKind.peak: "date", SurchargeKind.remote_area: "postcode"}
"""Kinds that mean nothing without a condition of their own."""


def places_of(card: PutRateCard) -> list[Place]:
    """The card's zones, and one of its own for every country that a rate names."""
    _check_countries(rate.country for rate in card.rates if rate.country is not None)
    named = {rate.country: None for rate in card.rates if rate.country is not None}
    places = [_place(row) for row in card.zones]
    places += [Place(country, country) for country in named]
    _check_places(places)
    return places


def rates_of(card: PutRateCard, places: Sequence[Place]) -> dict[tuple[str, int], int]:
    """(zone, up to grams) -> amount."""
    if not card.rates:
        raise BadRates("A rate card needs at least one rate.")
    if card.transit_days < 0:
        raise BadRates(f"transit_days is {card.transit_days} and cannot be below zero.")
    for name in ("co2_grams_per_tkm", "co2_grams_per_parcel"):
        if (getattr(card, name) or 0) < 0:
            raise BadRates(f"{name} is {getattr(card, name)} and cannot be below zero.")
    zones = {place.zone for place in places}
    rates: dict[tuple[str, int], int] = {}
    for row in card.rates:
        zone = _zone_of(row, zones)
        if row.max_weight_grams <= 0 or row.amount < 0:
            raise BadRates(
                f"The rate for {zone} up to {row.max_weight_grams} g at {row.amount} needs a weight above "
                "zero and a price that is not negative."
            )
        if (zone, row.max_weight_grams) in rates:
            raise BadRates(f"There are two rates for {zone} up to {row.max_weight_grams} g.")
        rates[zone, row.max_weight_grams] = row.amount
    if empty := sorted(zones - {zone for zone, _ in rates}):
        raise BadRates(f"Zone {empty[0]} has places and no rate. Add a rate, or leave its places out.")
    return rates


def surcharges_of(card: PutRateCard) -> list[Surcharge]:
    return [_surcharge(row) for row in card.surcharges]


def _zone_of(row: RateRow, zones: set[str]) -> str:
    if (row.zone is None) == (row.country is None):
        raise BadRates(f"The rate up to {row.max_weight_grams} g needs a zone or a country, one of the two.")
    zone = row.zone if row.zone is not None else str(row.country)
    if zone not in zones:
        raise BadRates(f"The rate for zone {zone} has nowhere to apply: no place in zones belongs to it.")
    return zone


def _place(row: ZoneRow) -> Place:
    _check_countries([row.country])
    first, last = _postcodes(row.country, row.postcode_from, row.postcode_to)
    return Place(row.zone, row.country, first, last, row.origin)


def _surcharge(row: SurchargeRow) -> Surcharge:
    if row.kind not in set(SurchargeKind):
        raise BadRates(f"{row.kind!r} is no kind of surcharge. Use one of: {', '.join(SurchargeKind)}.")
    kind = SurchargeKind(row.kind)
    if row.amount < 0 or row.ppm < 0 or not (row.amount or row.ppm):
        raise BadRates(f"The surcharge {kind} needs an amount or a percentage above zero.")
    if row.from_date and row.to_date and row.to_date < row.from_date:
        raise BadRates(f"The surcharge {kind} ends on {row.to_date}, before it begins on {row.from_date}.")
    _check_countries([row.country])
    first, last = _postcodes(row.country, row.postcode_from, row.postcode_to)
    found = Surcharge(
        kind, row.amount, row.ppm, row.on_surcharges, row.country, first, last, row.over_length_mm,
        row.over_length_and_girth_mm, row.over_weight_grams, row.from_date, row.to_date,
    )  # fmt: skip
    needed = _SEPARATE.get(kind)
    if needed and not any(getattr(found, name) for name in Surcharge._fields if needed in name):
        raise BadRates(f"The surcharge {kind} would apply to every parcel. Give it at least one {needed.strip('_')}.")
    return found


def _check_countries(codes: Iterable[str]) -> None:
    for code in codes:
        if code != ANYWHERE and not _COUNTRY.fullmatch(code):
            raise BadRates(f"{code!r} is not a country. Use two capital letters such as DE, or *.")


def _postcodes(country: str, first: str, last: str) -> tuple[str, str]:
    """Both bounds plain; one that is alone stands for both."""
    first, last = plain_postcode(first), plain_postcode(last)
    first, last = first or last, last or first
    if not first:
        return "", ""
    if country == ANYWHERE:
        raise BadRates(f"Postcodes {first} to {last} need a country.")
    if len(first) != len(last) or first > last or len(last) > _LONGEST_POSTCODE:
        raise BadRates(f"Postcodes {first} to {last} are no range. Give both bounds the same length, the lower first.")
    return first, last


def _check_places(places: Sequence[Place]) -> None:
    """Two places that are equally exact may not share a postcode: a parcel would be in two zones."""
    alike: dict[tuple[str, str, int], list[Place]] = {}
    for place in places:
        alike.setdefault((place.origin, place.country, len(place.postcode_from)), []).append(place)
    for group in alike.values():
        ordered = sorted(group, key=lambda place: place.postcode_from)
        for one, other in pairwise(ordered):
            if other.postcode_from <= one.postcode_to:
                raise BadRates(
                    f"Zones {one.zone} and {other.zone} both have {_shown(other)}. Each place belongs to one zone."
                )


def _shown(place: Place) -> str:
    where = "anywhere" if place.country == ANYWHERE else place.country
    return f"{where} {place.postcode_from}" if place.postcode_from else where
