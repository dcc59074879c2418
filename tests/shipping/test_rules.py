"""Prices, choices, numbers, labels and tracking, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from agents.shipping.labels import LabelText, address_lines, field, zpl
from agents.shipping.pricing import Quote, Tariff
from agents.shipping.rules import (
    choose,
    destination,
    tracking_number,
    tracking_status,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_quote(name: str, amount: int, *, currency: str = "EUR", days: int = 3) -> Quote:
    tariff = Tariff(
        id=uuid4(), carrier=name, service="standard", currency=currency, transit_days=days, rates={}, places=()
    )
    return Quote(tariff, amount, "DE", 1000, ())


def test_the_cheapest_wins_and_the_reason_names_what_was_compared() -> None:
    quotes = [
        a_quote("slow", 490, days=5),
        a_quote("dear", 990, days=1),
        a_quote("quick", 490, days=2),
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
    quotes = [a_quote("yen", 800, currency="JPY"), a_quote("euro", 990), a_quote("also", 995)]
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
