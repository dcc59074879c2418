"""Prices, choices, numbers, labels and tracking, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from agents.shipping.demo_rates import standard_rate_cards
from agents.shipping.labels import LabelText, address_lines, field, zpl
from agents.shipping.messages import RateRow
from agents.shipping.refusals import BadRates
from agents.shipping.rules import (
    Quote,
    Tariff,
    check_rates,
    choose,
    destination,
    quote,
    tracking_number,
    tracking_status,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_tariff(name: str = "post", *, currency: str = "EUR", days: int = 3, **rates: int) -> Tariff:
    """Rates as DE_1000=390; ANY stands for `*`."""
    brackets = {}
    for key, amount in rates.items():
        country, _, grams = key.partition("_")
        brackets["*" if country == "ANY" else country, int(grams)] = amount
    return Tariff(uuid4(), name, "standard", currency, days, brackets)


@pytest.mark.parametrize(
    ("grams", "country", "amount"),
    [(0, "DE", 390), (1000, "DE", 390), (1001, "DE", 590), (2001, "DE", None), (900, "US", 990), (900, "*", 990)],
)
def test_the_smallest_bracket_that_takes_the_weight_is_the_price(grams: int, country: str, amount: int | None) -> None:
    card = a_tariff(DE_1000=390, DE_2000=590, ANY_1000=990, ANY_5000=1990)
    found = quote(card, weight_grams=grams, country=country)
    assert (found.amount if found else None) == amount


def test_the_cheapest_wins_and_the_reason_names_what_was_compared() -> None:
    quotes = [
        Quote(a_tariff("slow", days=5), 490),
        Quote(a_tariff("dear", days=1), 990),
        Quote(a_tariff("quick", days=2), 490),
    ]
    choice = choose(quotes, currency="EUR")
    assert choice is not None
    assert choice.quote.tariff.carrier == "quick"
    assert choice.why == (
        "fastest of the cheapest of 3: quick standard €4.90, 2 days; "
        "not slow standard €4.90, 5 days; dear standard €9.90, 1 day"
    )
    assert choose(list(reversed(quotes)), currency="EUR") == choice
    assert choose([], currency="EUR") is None
    only = choose(quotes[:1], currency="EUR")
    assert only is not None
    assert only.why == "the only service that fits: slow standard €4.90, 5 days"


def test_amounts_are_compared_within_one_currency() -> None:
    quotes = [Quote(a_tariff("yen", currency="JPY"), 800), Quote(a_tariff("euro"), 990), Quote(a_tariff("also"), 995)]
    ours = choose(quotes, currency="EUR")
    theirs = choose(quotes, currency="USD")
    assert ours is not None
    assert theirs is not None
    assert ours.quote.tariff.carrier == "euro"
    assert ours.why.startswith("cheapest of 2")
    assert theirs.quote.tariff.currency == "EUR"


def test_a_country_is_read_from_the_address_or_is_anywhere() -> None:
    assert destination({"country": " de "}) == "DE"
    assert destination({"country": "Germany"}) == "*"
    assert destination({}) == "*"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "at least one rate"),
        ([RateRow(country="de", max_weight_grams=1, amount=1)], "'de' is not a country"),
        ([RateRow(country="DE", max_weight_grams=0, amount=1)], "a weight above zero"),
        ([RateRow(country="DE", max_weight_grams=1, amount=-1)], "not negative"),
        ([RateRow(country="DE", max_weight_grams=1, amount=a) for a in (1, 2)], "two rates for DE up to 1 g"),
    ],
)
def test_a_card_nobody_could_be_quoted_from_is_refused(rows: list[RateRow], sentence: str) -> None:
    with pytest.raises(BadRates, match=sentence):
        check_rates(rows, transit_days=1)
    with pytest.raises(BadRates, match="transit_days is -1"):
        check_rates([RateRow(country="DE", max_weight_grams=1, amount=1)], transit_days=-1)


def test_the_standard_cards_can_be_quoted_from() -> None:
    for card in standard_rate_cards():
        check_rates(card.rates, transit_days=card.transit_days)


def test_a_tracking_number_carries_a_check_digit() -> None:
    # The textbook example of UPC-A, which has the same eleven digits and check digit: 0 36000 29145 2.
    assert tracking_number("post", 3600029145) == "PO036000291452"
    assert tracking_number("7", 1) == "XX000000000017"
    assert len({tracking_number("post", n) for n in range(500)}) == 500


def test_tracking_goes_by_the_carriers_time_and_delivered_is_the_end() -> None:
    events = [
        (NOW + timedelta(hours=2), 1, "out_for_delivery"),
        (NOW, 2, "in_transit"),
    ]
    assert tracking_status([]) == "label_created"
    assert tracking_status(events) == "out_for_delivery"
    assert tracking_status([*events, (NOW + timedelta(hours=1), 3, "delivered")]) == "delivered"


def test_a_label_prints_the_address_and_its_number_as_code_128() -> None:
    to = {"name": "Ada ^XZ Byron", "line1": "1 Höhe~weg", "postal_code": "10115", "city": "Berlin", "country": "de"}
    text = zpl(LabelText("PO036000291452", "post", "standard", to, "London", "Order 100001  F100001-1", 1050))
    assert text.startswith("^XA\n")
    assert text.count("^XZ") == 1
    assert text.endswith("^XZ\n")
    assert "^BCN,260,Y,N,N^FDPO036000291452^FS" in text
    assert "1.05 kg" in text
    assert "Ada _5EXZ Byron" in text
    assert "1 Höhe_7Eweg" in text
    assert address_lines(to) == ["Ada ^XZ Byron", "1 Höhe~weg", "10115 Berlin", "DE"]
    assert field("a\nb" * 50) == ("ab" * 50)[:60]
