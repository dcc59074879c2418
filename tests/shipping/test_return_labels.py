"""Labels of returns from carriers that are asked: a wish first, sold once, given back when nobody wants it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from agents.returns.messages import CancelReturn, ReturnState
from agents.shipping.providers import Shipment
from agents.shipping.providers.easypost_shapes import shipment_params
from db.carriers import CarrierAccount
from db.return_parcels import ReturnLabel, ReturnLabelPurchase
from db.shipping import RateCard
from tests.returns.makers import a_delivered_order, approved, open_shop
from tests.shipping.makers import a_rate_card, an_account, history, reconcile
from tests.shipping.test_easypost import SENT, _facts
from tests.shop import TESTER, Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = open_shop(db_url)
    yield company
    company.close()


def comes_back(shop: Shop, **account: str) -> ReturnState:
    """An approved return of one mug for which a carrier sells the label, beside one rate card that is dearer."""
    order = a_delivered_order(shop)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.execute(update(RateCard).values(active=False))
    a_rate_card(shop, amount=990)
    an_account(shop, **account)
    return approved(shop, order, way="label")


def behave(shop: Shop, **options: str) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(CarrierAccount, "testpost").options = options


def labels(shop: Shop) -> list[ReturnLabel]:
    with shop.db.reading() as session:
        return list(session.scalars(select(ReturnLabel).order_by(ReturnLabel.created_at, ReturnLabel.id)))


def purchase(shop: Shop) -> ReturnLabelPurchase:
    with shop.db.reading() as session:
        return session.scalars(select(ReturnLabelPurchase)).one()


def test_the_cheapest_of_carriers_and_cards_sells_the_label(shop: Shop) -> None:
    made = comes_back(shop)
    (label,), bought = labels(shop), purchase(shop)
    assert (bought.status, bought.account, label.id) == ("bought", "testpost", bought.id)
    assert (label.carrier, label.service, label.amount, label.account) == ("testpost", "economy", 440, "testpost")
    assert label.why.startswith("cheapest of 3: testpost economy €4.40")
    assert label.return_id == made.id
    assert len(shop.said("ReturnLabelBought")) == 1
    assert shop.dead() == []


def test_a_card_that_is_cheaper_is_taken_beside_carriers_that_were_asked(shop: Shop) -> None:
    order = a_delivered_order(shop)
    an_account(shop, services=["testpost express"])
    approved(shop, order, way="label")
    (label,) = labels(shop)
    assert label.account is None
    assert label.id == purchase(shop).id


@pytest.mark.parametrize(
    ("sale", "ends", "sold_by", "looked"),
    [
        ("times_out", "bought", "testpost", 1),
        ("garbage", "bought", "testpost", 1),
        ("gets_lost", "bought", None, 12),
        ("refuses", "bought", None, 0),
        ("down", "bought", None, 0),
        ("silent", "unknown", None, 3),
        ("dearer", "bought", "testpost", 0),
    ],
)
def test_whatever_a_carrier_does_a_return_has_one_label_at_most(
    shop: Shop, sale: str, ends: str, sold_by: str | None, looked: int
) -> None:
    comes_back(shop, sale=sale)
    for _ in range(looked):
        reconcile(shop, minutes=2)
    found = labels(shop)
    assert purchase(shop).status == ends
    assert len(found) == (ends == "bought")
    assert len(shop.said("ReturnLabelBought")) == len(found)
    if found:
        assert found[0].account == sold_by
        assert ("sold for" in found[0].why) == (sale == "dearer")
    assert shop.dead() == []


def test_carriers_that_do_not_answer_are_done_without(shop: Shop) -> None:
    comes_back(shop, rates="down")
    (label,) = labels(shop)
    assert label.account is None
    assert "decided without: The test carrier cannot be reached." in label.why


def test_a_label_of_a_return_that_is_called_off_is_given_back(shop: Shop) -> None:
    made = comes_back(shop)
    call_off(shop, made)
    (label,) = labels(shop)
    assert (label.state, label.refund) == ("voided", "granted")


def test_a_refund_that_the_carrier_has_not_decided_is_asked_for_again(shop: Shop) -> None:
    made = comes_back(shop)
    behave(shop, void="late")
    call_off(shop, made)
    assert labels(shop)[0].refund == "asked"
    behave(shop)
    reconcile(shop, minutes=61)
    assert labels(shop)[0].refund == "granted"


def test_what_turns_out_sold_after_the_return_is_off_is_given_back_and_nobody_is_told(shop: Shop) -> None:
    made = comes_back(shop, sale="times_out")
    assert purchase(shop).status == "unknown"
    call_off(shop, made)
    reconcile(shop, minutes=2)
    (label,) = labels(shop)
    assert (purchase(shop).status, label.state, label.refund) == ("bought", "voided", "granted")
    assert shop.said("ReturnLabelBought") == []
    assert len(history(shop, f"order:{label.order_id}", "return label given back")) == 1


def call_off(shop: Shop, made: ReturnState) -> None:
    shop.do("returns", CancelReturn(return_id=made.id, reason="keeps it"), ReturnState)
    shop.pump()


def test_easypost_turns_the_addresses_of_a_return_round_so_they_are_given_the_other_way() -> None:
    there: dict[str, Any] = shipment_params(SENT)
    back: dict[str, Any] = shipment_params(
        Shipment(**{**_facts(), "sender": SENT.to, "to": SENT.sender, "is_return": True})
    )
    assert (back["from_address"], back["to_address"]) == (there["from_address"], there["to_address"])
    assert (back["is_return"], back["options"]["label_format"]) == (True, "PDF")
