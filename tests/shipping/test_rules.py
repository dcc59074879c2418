"""Prices, choices, numbers and labels, without a database."""

from __future__ import annotations

from agents.shipping.labels import LabelText, address_lines, field, zpl
from agents.shipping.rules import (
    destination,
    tracking_number,
)


def test_a_country_is_read_from_the_address_or_is_anywhere() -> None:
    assert destination({"country": " de "}) == "DE"
    assert destination({"country": "Germany"}) == "*"
    assert destination({}) == "*"


def test_a_tracking_number_carries_a_check_digit() -> None:
    # The textbook example of UPC-A, which has the same eleven digits and check digit: 0 36000 29145 2.
    assert tracking_number("post", 3600029145) == "PO036000291452"
    assert tracking_number("7", 1) == "XX000000000017"
    assert len({tracking_number("post", n) for n in range(500)}) == 500


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
