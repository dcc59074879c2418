"""What customs are told: which border asks, which form tells it, what is missing, and that it is kept."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from agents.shipping.customs import Good, Sold, crosses_a_border, form_for, unit_values
from agents.shipping.messages.papers import PutSdrRate, SdrRateState
from agents.shipping.shipments import shipment_of
from db.catalog import Variant
from db.customs import CustomsDeclaration
from db.errors import Refused
from db.fulfilment import Parcel
from db.nodes import Node
from db.orders import Order
from paper.customs_form import customs_paper_of, customs_pdf
from tests.paper.bars import barcode_of, text_of
from tests.shipping.makers import a_packed_parcel, a_rate_card, an_account, buy, history, labels, purchases
from tests.shop import TESTER, Shop

EUR_121 = 1_210_000


@pytest.mark.parametrize(
    ("sender", "to", "asks"),
    [
        ("GB", "DE", True),
        ("DE", "GB", True),
        ("DE", "AT", False),
        ("GB", "GB", False),
        ("CH", "IT", True),
        ("", "DE", False),
    ],
)
def test_customs_ask_where_a_territory_ends_and_not_within_the_union(sender: str, to: str, asks: bool) -> None:
    assert crosses_a_border(sender, to) is asks


@pytest.mark.parametrize(
    ("value", "grams", "rate", "form"),
    [
        (36_300, 2_000, EUR_121, "CN 22"),
        (36_301, 500, EUR_121, "CN 23"),
        (36_300, 2_001, EUR_121, "CN 23"),
        (100, 100, None, "CN 23"),
    ],
)
def test_the_form_follows_from_value_and_weight(value: int, grams: int, rate: int | None, form: str) -> None:
    assert form_for(value, "EUR", grams, rate).form == form
    if rate:
        assert "€363.00" in form_for(value, "EUR", grams, rate).why


def test_the_limit_is_reckoned_in_the_minor_units_of_the_currency() -> None:
    assert form_for(1, "JPY", 1, 210_000_000).limit == 63_000
    assert form_for(1, "KWD", 1, 406_000).limit == 121_800


def test_a_kits_price_is_shared_out_by_list_prices_and_a_gift_is_worth_its_own() -> None:
    goods = {"POT": Good("Pot", "1", "PT", 1, 3000), "CUP": Good("Cup", "1", "PT", 1, 500)}
    kit = Sold(1, 2, 8000, [("POT", 1), ("CUP", 2)])
    assert unit_values(kit, goods) == {"POT": 3000, "CUP": 500}
    assert unit_values(kit._replace(net=4000), goods) == {"POT": 1500, "CUP": 250}
    assert unit_values(kit._replace(net=0), goods) == {"POT": 3000, "CUP": 500}


def abroad(shop: Shop, **mug: object) -> None:
    """The node is in London, so that Berlin is beyond a border."""
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(Node, "LON").address = {"company": "Mill Lane", "city": "London", "country": "GB"}
        variant = tx.get_one(Variant, "MUG")
        for name, value in mug.items():
            setattr(variant, name, value)


def declarations(shop: Shop) -> list[CustomsDeclaration]:
    with shop.db.reading() as session:
        return list(session.scalars(select(CustomsDeclaration)))


KNOWN = {"hs_code": "691200", "origin_country": "PT", "customs_title": "Stoneware mug"}


def test_what_is_missing_blocks_the_label_and_names_product_and_field(shop: Shop) -> None:
    abroad(shop, origin_country="PT")
    a_rate_card(shop)
    order, parcel = a_packed_parcel(shop)
    assert labels(shop) == declarations(shop) == []
    (why,) = history(shop, f"order:{order.id}", "not labelled")
    assert "from GB to DE" in (why or "")
    assert "the HS code of MUG (Mug)" in (why or "")
    with pytest.raises(Refused, match="Put it in at the product") as no:
        buy(shop, parcel)
    assert no.value.facts()["missing"] == [{"sku": "MUG", "title": "Mug", "field": "hs_code", "words": "the HS code"}]
    abroad(shop, **KNOWN)
    assert buy(shop, parcel).state == "live"


def test_a_declaration_is_kept_with_the_label_and_printed(shop: Shop) -> None:
    abroad(shop, **KNOWN)
    rate = PutSdrRate(currency="EUR", millionths=EUR_121, as_of=date(2026, 3, 1), source="IMF")
    shop.do("shipping", rate, SdrRateState)
    a_rate_card(shop)
    order, parcel = a_packed_parcel(shop)
    (told,), (label,) = declarations(shop), labels(shop)
    assert (told.form, told.sent_from, told.sent_to, told.value, told.limit) == ("CN 22", "GB", "DE", 3000, 36_300)
    assert told.why == "€30.00 is within 300 SDR, which are €363.00, and 1050 g within 2000"
    assert told.lines == [
        {"sku": "MUG", "title": "Stoneware mug", "hs_code": "691200", "origin": "PT", "quantity": 3, "value": 3000,
         "weight_grams": 1050}
    ]  # fmt: skip
    with shop.db.reading() as session:
        paper = customs_paper_of(session, parcel.id)
        assert paper is not None
        said = text_of(customs_pdf(paper))
    for each in ("CN 22", "3 × Stoneware mug", "691200", "PT", "30.00", "1.050", label.tracking_number, order.number):
        assert each in said


def test_without_a_rate_it_is_cn_23_with_the_labels_number_in_bars(shop: Shop) -> None:
    abroad(shop, **KNOWN)
    a_rate_card(shop)
    _, parcel = a_packed_parcel(shop)
    (label,) = labels(shop)
    with shop.db.reading() as session:
        paper = customs_paper_of(session, parcel.id)
        assert paper is not None
        pdf = customs_pdf(paper)
    assert barcode_of(pdf) == label.tracking_number
    assert "CN 23" in text_of(pdf)
    assert "Ada Byron" in text_of(pdf)


def test_carriers_that_are_asked_are_told_and_data_that_went_meanwhile_ends_the_wish(shop: Shop) -> None:
    abroad(shop, **KNOWN)
    an_account(shop)
    order, parcel = a_packed_parcel(shop, heard=False)
    buy(shop, parcel)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        sent = shipment_of(tx, tx.get_one(Parcel, parcel.id), tx.get_one(Order, order.id))
    assert sent.customs is not None
    assert [(i.title, i.hs_code, i.origin, i.value, i.quantity) for i in sent.customs.items] == [
        ("Stoneware mug", "691200", "PT", 1000, 3)
    ]
    abroad(shop, hs_code=None)
    shop.pump()
    (purchase,) = purchases(shop)
    assert purchase.status == "refused"
    assert "the HS code of MUG" in (purchase.why or "")
    assert labels(shop) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"currency": "XXX"}, "is no currency"),
        ({"as_of": date(2026, 3, 9)}, "is not here yet"),
        ({"millionths": 0}, "is worth"),
    ],
)
def test_an_sdr_is_worth_something_that_was_told(shop: Shop, change: dict[str, object], said: str) -> None:
    told = {"currency": "EUR", "millionths": 1, "as_of": date(2026, 3, 1), "source": "IMF", **change}
    with pytest.raises(Refused, match=said):
        shop.do("shipping", PutSdrRate(**told), SdrRateState)  # type: ignore[arg-type]
    assert shop.count("sdr_rates") == 0
