"""What a card asks for a parcel, part by part, and which cards are refused. Without a database."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.shipping.cards import places_of, rates_of, surcharges_of
from agents.shipping.demo_rates import standard_rate_cards
from agents.shipping.messages import PutRateCard, RateRow, SurchargeRow, ZoneRow
from agents.shipping.pricing import Consignment, Quote, Tariff, between, plain_postcode, quote
from agents.shipping.refusals import BadRates

MONDAY = date(2026, 3, 2)


def a_card(
    *given_rates: RateRow, zones: tuple[ZoneRow, ...] = (), surcharges: tuple[SurchargeRow, ...] = (), **more: Any
) -> PutRateCard:
    return PutRateCard(
        carrier="post",
        service="standard",
        currency="EUR",
        transit_days=2,
        **{"rates": list(given_rates or (a_rate(),)), **more},
        zones=list(zones),
        surcharges=list(surcharges),
    )


def a_rate(country: str | None = "DE", grams: int = 2000, amount: int = 500, zone: str | None = None) -> RateRow:
    return RateRow(country=None if zone else country, zone=zone, max_weight_grams=grams, amount=amount)


def a_tariff(card: PutRateCard) -> Tariff:
    places = places_of(card)
    return Tariff(
        id=UUID(int=1),
        carrier=card.carrier,
        service=card.service,
        currency=card.currency,
        transit_days=card.transit_days,
        rates=rates_of(card, places),
        places=tuple(places),
        surcharges=tuple(surcharges_of(card)),
        dimensional_divisor=card.dimensional_divisor,
        max_length_mm=card.max_length_mm,
        max_length_and_girth_mm=card.max_length_and_girth_mm,
    )


def asked(card: PutRateCard, *, grams: int = 1000, country: str = "DE", **more: Any) -> Quote | None:
    return quote(a_tariff(card), Consignment(**{"weight_grams": grams, "country": country, "on": MONDAY, **more}))


def parts(card: PutRateCard, **parcel: Any) -> dict[str, int]:
    found = asked(card, **parcel)
    assert found is not None
    assert found.amount == sum(part.amount for part in found.parts)
    return {part.kind: part.amount for part in found.parts}


@pytest.mark.parametrize(
    ("grams", "country", "amount"),
    [(0, "DE", 390), (1000, "DE", 390), (1001, "DE", 590), (2001, "DE", None), (900, "US", 990), (900, "*", 990)],
)
def test_the_smallest_bracket_that_takes_the_weight_is_the_price(grams: int, country: str, amount: int | None) -> None:
    card = a_card(
        a_rate("DE", 1000, 390), a_rate("DE", 2000, 590), a_rate("*", 1000, 990), a_rate("*", 5000, 1990)
    )  # fmt: skip
    found = asked(card, grams=grams, country=country)
    assert (found.amount if found else None) == amount


def test_the_most_exact_zone_is_meant_origin_before_country_before_postcode() -> None:
    zones = (
        ZoneRow(zone="world"),
        ZoneRow(zone="home", country="DE"),
        ZoneRow(zone="near", country="DE", postcode_from="10", postcode_to="14"),
        ZoneRow(zone="next door", country="DE", postcode_from="10115"),
        ZoneRow(zone="from Leipzig", country="DE", origin="LEJ"),
    )
    card = a_card(*(a_rate(zone=z.zone, amount=n) for n, z in enumerate(zones, 1)), zones=zones)
    where = [
        ("FR", "75001", ""),
        ("DE", "99999", ""),
        ("DE", "14 193", ""),
        ("DE", "10115", ""),
        ("DE", "10115", "LEJ"),
    ]
    found = [asked(card, country=c, postcode=p, origin=o) for c, p, o in where]
    assert [q.zone for q in found if q] == [z.zone for z in zones]
    assert [q.amount for q in found if q] == [1, 2, 3, 4, 5]


def test_a_big_light_parcel_is_billed_by_its_size_rounded_up() -> None:
    card = a_card(a_rate(grams=2000, amount=500), a_rate(grams=20_000, amount=1500), dimensional_divisor=5000)
    found = asked(card, grams=900, sides_mm=(400, 300, 200))
    assert found is not None
    assert (found.billed_grams, found.amount) == (4800, 1500)
    assert found.parts[0].why == "zone DE up to 20000 g, 4800 g by its size"
    a_hair_over = asked(card, grams=900, sides_mm=(1, 1, 5001 * 2000))
    assert a_hair_over is not None
    assert a_hair_over.billed_grams == 2001
    assert parts(card, grams=900, sides_mm=(0, 0, 0)) == {"base": 500}


def test_a_parcel_beyond_the_cards_size_has_no_price() -> None:
    card = a_card(max_length_mm=1200, max_length_and_girth_mm=3000)
    assert asked(card, sides_mm=(1200, 450, 450)) is not None
    assert asked(card, sides_mm=(450, 1201, 100)) is None
    assert asked(card, sides_mm=(1200, 451, 450)) is None


def test_every_surcharge_has_its_conditions_and_fuel_comes_last() -> None:
    card = a_card(
        surcharges=(
            SurchargeRow(kind="fuel", ppm=125_000, on_surcharges=True),
            SurchargeRow(kind="residential", amount=90),
            SurchargeRow(kind="remote_area", amount=1200, country="DE", postcode_from="25845", postcode_to="25849"),
            SurchargeRow(kind="oversize", amount=2000, over_length_mm=1000, over_length_and_girth_mm=2500),
            SurchargeRow(kind="peak", amount=110, from_date=date(2026, 11, 15), to_date=date(2026, 12, 31)),
        )
    )
    assert parts(card, residential=False) == {"base": 500, "fuel": 63}
    assert parts(card) == {"base": 500, "residential": 90, "fuel": 74}
    on_an_island = parts(card, residential=False, postcode="25847")
    assert on_an_island == {"base": 500, "remote_area": 1200, "fuel": 213}
    assert parts(card, residential=False, sides_mm=(1001, 10, 10)) == {"base": 500, "oversize": 2000, "fuel": 313}
    assert parts(card, residential=False, sides_mm=(1000, 10, 10)) == {"base": 500, "fuel": 63}
    for day, extra in (
        (date(2026, 11, 14), {}),
        (date(2026, 11, 15), {"peak": 110}),
        (date(2026, 12, 31), {"peak": 110}),
    ):
        found = parts(card, residential=False, on=day)
        assert {k: v for k, v in found.items() if k == "peak"} == extra


def test_of_one_kind_the_dearest_that_applies_counts_once() -> None:
    card = a_card(
        surcharges=(
            SurchargeRow(kind="remote_area", amount=500, country="DE", postcode_from="20", postcode_to="29"),
            SurchargeRow(kind="remote_area", amount=900, country="DE", postcode_from="25", postcode_to="25"),
            SurchargeRow(kind="remote_area", amount=700, country="DE", postcode_from="20000", postcode_to="24999"),
        )
    )
    assert parts(card, postcode="25847") == {"base": 500, "remote_area": 900}
    assert parts(card, postcode="20095") == {"base": 500, "remote_area": 700}


@given(st.integers(0, 99_999), st.integers(0, 99_999), st.integers(0, 99_999))
def test_postcodes_lie_between_bounds_as_numbers_do(one: int, first: int, last: int) -> None:
    assert between(f"{one:05}", f"{first:05}", f"{last:05}") == (first <= one <= last)
    assert between(f"{one:05}", f"{first:05}"[:2], f"{last:05}"[:2]) == (first // 1000 <= one // 1000 <= last // 1000)


def test_a_postcode_is_compared_without_spaces_and_an_unknown_one_is_in_no_range() -> None:
    assert plain_postcode(" iv2 7gh ") == "IV27GH"
    assert between("IV27GH", "IV", "IV")
    assert not between("", "IV", "IV")
    assert between("", "", "")


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        (a_card(rates=[]), "at least one rate"),
        (a_card(a_rate("de")), "'de' is not a country"),
        (a_card(a_rate(grams=0)), "a weight above zero"),
        (a_card(a_rate(amount=-1)), "not negative"),
        (a_card(a_rate(amount=1), a_rate(amount=2)), "two rates for DE up to 2000 g"),
        (a_card(a_rate(zone="Z1")), "zone Z1 has nowhere to apply"),
        (a_card(a_rate(country=None)), "a zone or a country"),
        (a_card(zones=(ZoneRow(zone="Z1", country="FR"),)), "Zone Z1 has places and no rate"),
        (a_card(zones=(ZoneRow(zone="Z1", country="DE"),)), "Zones Z1 and DE both have DE"),
        (a_card(zones=(ZoneRow(zone="Z1", postcode_from="1"),)), "need a country"),
        (a_card(zones=(ZoneRow(zone="Z1", country="FR", postcode_from="2", postcode_to="1"),)), "are no range"),
        (a_card(surcharges=(SurchargeRow(kind="magic", amount=1),)), "no kind of surcharge"),
        (a_card(surcharges=(SurchargeRow(kind="fuel"),)), "an amount or a percentage"),
        (a_card(surcharges=(SurchargeRow(kind="oversize", amount=1),)), "would apply to every parcel"),
        (a_card(surcharges=(SurchargeRow(kind="peak", amount=1),)), "at least one date"),
        (
            a_card(surcharges=(SurchargeRow(kind="peak", amount=1, from_date=MONDAY, to_date=date(2026, 3, 1)),)),
            "before it begins",
        ),
    ],
)
def test_a_card_nobody_could_be_quoted_from_is_refused(card: PutRateCard, sentence: str) -> None:
    with pytest.raises(BadRates, match=sentence):
        a_tariff(card)


def test_a_card_that_arrives_before_it_leaves_is_refused() -> None:
    card = PutRateCard(carrier="a", service="b", currency="EUR", transit_days=-1, rates=[a_rate()])
    with pytest.raises(BadRates, match="transit_days is -1"):
        a_tariff(card)


def test_the_standard_cards_can_be_quoted_from() -> None:
    for card in standard_rate_cards():
        assert quote(a_tariff(card), Consignment(900, "DE", MONDAY)) is not None
