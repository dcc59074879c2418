"""The catalogue: products are brought to what is said of them, and nonsense is refused in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from agents.catalog.messages import MoveProduct, ProductState, PutBarcode, PutPrices, PutProduct, VariantAsk
from agents.contract import Command
from db.allocations import Want, allocate
from db.base import uuid7
from db.catalog import Price, Variant, components_of
from db.errors import Refused
from tests.shop import TESTER, Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = Shop(db_url, only=("catalog",))
    yield company
    company.close()


def tee(*variants: VariantAsk, **more: Any) -> PutProduct:
    return PutProduct(handle="classic-tee", title="Classic tee", variants=list(variants), **more)


def put(shop: Shop, ask: Command) -> ProductState:
    return shop.do("catalog", ask, ProductState)


def refused(shop: Shop, ask: Command, code: str) -> Refused:
    """The refusal, having checked that nothing was written and nothing said."""
    before = [shop.count(t) for t in ("outbox", "audit_log", "transitions", "variants", "prices", "kit_components")]
    with pytest.raises(Refused) as caught:
        put(shop, ask)
    assert caught.value.code == code, caught.value
    after = [shop.count(t) for t in ("outbox", "audit_log", "transitions", "variants", "prices", "kit_components")]
    assert after == before
    return caught.value


def stored(shop: Shop, sku: str) -> Variant:
    with shop.db.reading() as session:
        row = session.get(Variant, sku)
        assert row is not None
        return row


def prices(shop: Shop, sku: str) -> dict[str, int]:
    with shop.db.reading() as session:
        return {p.currency: p.amount for p in session.scalars(select(Price).where(Price.sku == sku))}


def test_a_product_is_created_with_its_variants_and_prices_and_said_once(shop: Shop) -> None:
    state = put(
        shop,
        tee(
            VariantAsk(sku="TEE-S", barcode="4006381333931", prices={"EUR": 1990, "GBP": 1790}, tax_rate_ppm=200_000),
            VariantAsk(sku="TEE-M", title="Tee, medium", prices={"EUR": 1990}),
        ),
    )
    assert (state.created, state.version, state.status, state.skus) == (True, 1, "active", ["TEE-M", "TEE-S"])
    assert state.next == ["discontinued"]
    assert (stored(shop, "TEE-S").title, stored(shop, "TEE-M").title) == ("Classic tee", "Tee, medium")
    assert prices(shop, "TEE-S") == {"EUR": 1990, "GBP": 1790}
    said = shop.said()
    assert [(m["kind"], m["created"], m["skus"]) for m in said] == [("ProductChanged", True, ["TEE-M", "TEE-S"])]


def test_the_same_product_said_again_changes_nothing(shop: Shop) -> None:
    ask = tee(
        VariantAsk(sku="TEE-S", barcode="4006381333931", options={"size": "S"}, prices={"EUR": 1990}),
        VariantAsk(sku="TEE-SET", components={"TEE-S": 3}, prices={"EUR": 4990}),
        attributes={"fabric": "cotton"},
        images=["a.jpg"],
    )
    first = put(shop, ask)
    counts = [shop.count(t) for t in ("audit_log", "outbox", "transitions")]
    shop.later(hours=1)
    again = put(shop, ask)
    assert (again.created, again.version, again.id) == (False, first.version, first.id)
    assert [shop.count(t) for t in ("audit_log", "outbox", "transitions")] == counts


def test_a_change_of_one_variant_steps_the_version_once_and_leaves_the_others(shop: Shop) -> None:
    put(shop, tee(VariantAsk(sku="TEE-S", prices={"EUR": 1990, "GBP": 1790}), VariantAsk(sku="TEE-M")))
    state = put(shop, tee(VariantAsk(sku="TEE-S", weight_grams=180, prices={"EUR": 1890}), version=1))
    assert (state.created, state.version, state.skus) == (False, 2, ["TEE-M", "TEE-S"])
    assert (stored(shop, "TEE-S").version, stored(shop, "TEE-M").version) == (2, 1)
    assert prices(shop, "TEE-S") == {"EUR": 1890, "GBP": 1790}
    assert [m["created"] for m in shop.said("ProductChanged")] == [True, False]


def test_two_people_editing_at_once_cannot_overwrite_each_other(shop: Shop) -> None:
    put(shop, tee())
    put(shop, tee(description="Soft", version=1))
    refusal = refused(shop, tee(description="Rough", version=1), "stale_version")
    told = {"kind": "product", "id": "classic-tee", "expected": 1, "actual": 2, "changes": []}
    assert refusal.facts() == told


@pytest.mark.parametrize("sku", ["", " TEE", "TEE ", "T\tEE", "T\x00", "X" * 65])
def test_a_sku_that_cannot_be_printed_or_typed_is_refused(shop: Shop, sku: str) -> None:
    refused(shop, tee(VariantAsk(sku=sku)), "bad_name")


def test_nonsense_is_refused_with_the_field_named(shop: Shop) -> None:
    assert refused(shop, tee(VariantAsk(sku="T", prices={"EUX": 1})), "unknown_currency").facts() == {"currency": "EUX"}
    refused(shop, tee(VariantAsk(sku="T", prices={"EUR": -1})), "negative_number")
    refused(shop, tee(VariantAsk(sku="T", weight_grams=-1)), "negative_number")
    refused(shop, tee(VariantAsk(sku="T", weight_grams=2**31)), "bad_field")
    refused(shop, tee(VariantAsk(sku="T", cost_amount=5)), "bad_field")
    refused(shop, tee(VariantAsk(sku="T", tracking="colour")), "bad_field")
    refused(shop, tee(VariantAsk(sku="T"), VariantAsk(sku="T")), "named_twice")
    refused(shop, tee(status="sold"), "bad_field")
    refused(shop, PutProduct(handle="x", title=" "), "bad_field")


def test_a_barcode_in_use_is_refused_and_its_owner_named(shop: Shop) -> None:
    put(shop, tee(VariantAsk(sku="TEE-S", barcode="123")))
    ask = PutProduct(handle="mug", title="Mug", variants=[VariantAsk(sku="MUG", barcode="123")])
    assert refused(shop, ask, "barcode_taken").facts() == {"barcode": "123", "sku": "TEE-S"}


def test_a_sku_cannot_be_taken_from_another_product(shop: Shop) -> None:
    put(shop, tee(VariantAsk(sku="TEE-S")))
    ask = PutProduct(handle="mug", title="Mug", variants=[VariantAsk(sku="TEE-S")])
    assert refused(shop, ask, "sku_of_another_product").facts() == {"sku": "TEE-S", "handle": "classic-tee"}


def test_a_kit_contains_plain_skus_only(shop: Shop) -> None:
    put(shop, tee(VariantAsk(sku="TEE-S"), VariantAsk(sku="TEE-SET", components={"TEE-S": 3})))
    with shop.db.reading() as session:
        assert components_of(session, ["TEE-SET", "TEE-S"]) == {"TEE-SET": {"TEE-S": 3}}
    refused(shop, tee(VariantAsk(sku="BIG", components={"NOWHERE": 1})), "unknown_component")
    refused(shop, tee(VariantAsk(sku="BIG", components={"BIG": 1})), "kit_in_kit")
    refused(shop, tee(VariantAsk(sku="BIG", components={"TEE-SET": 1})), "kit_in_kit")
    refused(shop, tee(VariantAsk(sku="TEE-M"), VariantAsk(sku="TEE-S", components={"TEE-M": 1})), "kit_in_kit")
    refused(shop, tee(VariantAsk(sku="BIG", components={"TEE-S": 0})), "bad_field")


def test_a_kit_follows_its_recipe_and_may_become_a_plain_sku_again(shop: Shop) -> None:
    put(shop, tee(VariantAsk(sku="A"), VariantAsk(sku="B"), VariantAsk(sku="SET", components={"A": 1, "B": 1})))
    put(shop, tee(VariantAsk(sku="SET", components={"A": 2})))
    with shop.db.reading() as session:
        assert components_of(session, ["SET"]) == {"SET": {"A": 2}}
    assert put(shop, tee(VariantAsk(sku="SET"))).version == 3
    assert shop.count("kit_components") == 0


def test_what_lies_in_stock_cannot_become_a_kit_or_change_its_tracking(shop: Shop) -> None:
    put(shop, tee(VariantAsk(sku="A"), VariantAsk(sku="B")))
    shop.some_stock("A", shop.a_node(), 5)
    refusal = refused(shop, tee(VariantAsk(sku="A", components={"B": 1})), "stock_in_the_way")
    assert refusal.facts() == {"sku": "A", "node": "LON", "on_hand": 5, "promised": 0, "wanted": "a kit"}
    refused(shop, tee(VariantAsk(sku="A", tracking="serial")), "stock_in_the_way")


def test_a_backorder_limit_cannot_fall_below_what_is_backordered(shop: Shop) -> None:
    put(shop, tee(VariantAsk(sku="A", backorder_limit=10)))
    shop.some_stock("A", shop.a_node(), 1)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        allocate(tx, [Want(uuid7(), 1, "A", "LON", 4, backordered=True)])
    refusal = refused(shop, tee(VariantAsk(sku="A", backorder_limit=3)), "backorder_limit_too_low")
    assert refusal.facts() == {"sku": "A", "node": "LON", "limit": 3, "backordered": 4}
    put(shop, tee(VariantAsk(sku="A", backorder_limit=4)))
    assert stored(shop, "A").backorder_limit == 4


def test_prices_are_set_by_currency_and_only_a_change_is_said(shop: Shop) -> None:
    put(shop, tee(VariantAsk(sku="A", prices={"EUR": 1000})))
    assert put(shop, PutPrices(sku="A", prices={"EUR": 900, "GBP": 800})).version == 2
    assert prices(shop, "A") == {"EUR": 900, "GBP": 800}
    assert put(shop, PutPrices(sku="A", prices={"GBP": 800})).version == 2
    assert len(shop.said("ProductChanged")) == 2
    refused(shop, PutPrices(sku="NOWHERE", prices={"EUR": 1}), "not_found")
    refused(shop, PutPrices(sku="A", prices={"EUR": -1}), "negative_number")


def test_a_product_moves_along_its_lifecycle_with_history(shop: Shop) -> None:
    draft = put(shop, tee(status="draft"))
    assert draft.next == ["active"]
    active = put(shop, MoveProduct(product_id=draft.id, to="active", version=1))
    assert (active.status, active.version, active.next) == ("active", 2, ["discontinued"])
    refusal = refused(shop, MoveProduct(product_id=draft.id, to="draft"), "illegal_move")
    assert refusal.facts()["next"] == ["discontinued"]
    refused(shop, tee(status="draft"), "illegal_move")
    refused(shop, MoveProduct(product_id=draft.id, to="sold"), "bad_field")
    refused(shop, MoveProduct(product_id=uuid7(), to="active"), "not_found")
    assert shop.count("transitions") == 2


def test_a_barcode_is_given_while_the_one_that_was_seen_is_still_there(shop: Shop) -> None:
    put(shop, tee(VariantAsk(sku="A"), VariantAsk(sku="B", barcode="222")))
    assert put(shop, PutBarcode(sku="A", barcode="111")).version == 2
    assert put(shop, PutBarcode(sku="A", barcode="111")).version == 2
    assert stored(shop, "A").barcode == "111"
    refusal = refused(shop, PutBarcode(sku="A", barcode="333"), "has_other_barcode")
    assert refusal.facts() == {"sku": "A", "barcode": "111"}
    assert refused(shop, PutBarcode(sku="A", barcode="222", instead_of="111"), "barcode_taken").facts()["sku"] == "B"
    refused(shop, PutBarcode(sku="NOWHERE", barcode="1"), "not_found")
    refused(shop, PutBarcode(sku="A", barcode=" 1", instead_of="111"), "bad_name")
    put(shop, PutBarcode(sku="A", barcode="333", instead_of="111"))
    assert (stored(shop, "A").barcode, stored(shop, "B").barcode) == ("333", "222")
