"""One box: what is scanned comes first, then what begins like it, then what is like it; only what one may read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from agents.customers.messages import CustomerState, PutCustomer
from agents.orders.messages import OrderState
from agents.purchasing.messages.suppliers import PutSupplier, SupplierState
from db import search
from db.base import uuid7
from db.shipping import Label
from serve.scopes import ALL_SCOPES, FIRST_ROLES
from serve.search import _PATHS, _SCOPES
from tests.conftest import FreshDatabase
from tests.serve.conftest import error_of
from tests.serve.desk import OpenShop, open_shop
from tests.shop import TESTER


@pytest.fixture(scope="module")
def shop(fresh_database: FreshDatabase) -> Iterator[OpenShop]:
    with fresh_database() as url, open_shop(url) as opened:
        opened.a_sku("ENAMEL-MUG", barcode="4006381333931")
        opened.some_stock("ENAMEL-MUG", "LON", 50)
        opened.do("customers", PutCustomer(email="grace@example.com", name="Grace Hopper"), CustomerState)
        opened.order = opened.orders(1, external_ref="AMZ-77-01", email="Ada@Example.com")[0]  # type: ignore[attr-defined]
        for _ in range(3):
            opened.later(seconds=1)
            opened.orders(1)
        opened.do("purchasing", PutSupplier(code="ACME", name="Acme Crockery", currency="EUR"), SupplierState)
        opened.pump()
        with opened.db.transaction(TESTER, now=opened.now) as tx:
            label = Label(
                parcel_id=uuid7(), order_id=opened.order.id, carrier="x", service="x", tracking_number="1Z999",  # type: ignore[attr-defined]
                amount=0, currency="EUR", why="x", zpl="x", created_at=tx.now,
            )  # fmt: skip
            tx.add(label)
        yield opened


@pytest.fixture
def client(shop: OpenShop) -> TestClient:
    return shop.caller()


def hits(client: TestClient, q: str, **more: Any) -> list[tuple[str, str, str, str]]:
    answer = client.get("/api/v1/search", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return [(h["kind"], h["title"], h["field"], h["how"]) for h in answer.json()["hits"]]


def test_what_is_scanned_or_pasted_whole_comes_first(shop: OpenShop, client: TestClient) -> None:
    order: OrderState = shop.order  # type: ignore[attr-defined]
    assert hits(client, f" #{order.number}\n")[0] == ("order", order.number, "number", "exact")
    assert hits(client, "4006381333931") == [("sku", "ENAMEL-MUG", "barcode", "exact")]
    assert hits(client, "enamel-mug")[0] == ("sku", "ENAMEL-MUG", "sku", "exact")
    assert hits(client, "AMZ-77-01")[0] == ("order", order.number, "external_ref", "exact")
    assert hits(client, "grace@example.com")[0] == ("customer", "Grace Hopper", "email", "exact")
    assert hits(client, "PICK")[0] == ("bin", "PICK", "code", "exact")


def test_fulfilments_are_found_by_their_number(shop: OpenShop, client: TestClient) -> None:
    number = client.get("/api/v1/fulfilments").json()["data"][0]["number"]
    assert hits(client, number)[0] == ("fulfilment", number, "number", "exact")


def test_beginnings_find_many_and_the_newest_order_first(shop: OpenShop, client: TestClient) -> None:
    numbers = [title for kind, title, field, how in hits(client, "1000") if kind == "order"]
    assert len(numbers) == 4
    assert numbers == sorted(numbers, reverse=True)
    assert hits(client, "amz-77")[0][2:] == ("external_ref", "prefix")
    assert hits(client, "ENAM", kinds="sku") == [("sku", "ENAMEL-MUG", "sku", "prefix")]


@pytest.mark.parametrize(
    ("typed", "hit"),
    [
        ("enamle-mug", ("sku", "ENAMEL-MUG", "sku", "similar")),
        ("Grace Hoper", ("customer", "Grace Hopper", "name", "similar")),
        ("hopper", ("customer", "Grace Hopper", "name", "part")),
        ("hoppre", ("customer", "Grace Hopper", "name", "similar")),
    ],
)
def test_misspelt_and_partial_names_are_found(client: TestClient, typed: str, hit: tuple[str, ...]) -> None:
    assert hit in hits(client, typed)


def test_a_hit_says_where_it_leads_and_the_path_is_there(shop: OpenShop, client: TestClient) -> None:
    for q in (shop.order.number, "ENAMEL-MUG", "Grace Hopper", "PICK"):  # type: ignore[attr-defined]
        found = client.get("/api/v1/search", params={"q": q}).json()["hits"]
        assert found, q
        assert all(client.get(h["path"]).status_code == 200 for h in found), found


def test_nothing_is_found_of_what_one_may_not_read(shop: OpenShop) -> None:
    reader = shop.caller("read_catalog")
    answer = reader.get("/api/v1/search", params={"q": "grace@example.com"}).json()
    assert answer["hits"] == []
    assert answer["hidden"] == ["order", "customer", "supplier", "tracking", "fulfilment", "bin"]
    assert hits(reader, "mug") != []


@pytest.mark.parametrize("role", sorted(FIRST_ROLES))
def test_each_role_finds_what_it_may_read_and_nothing_else(shop: OpenShop, client: TestClient, role: str) -> None:
    held = FIRST_ROLES[role]
    reader = shop.caller(*held)
    order: OrderState = shop.order  # type: ignore[attr-defined]
    fulfilment = client.get("/api/v1/fulfilments").json()["data"][0]["number"]
    there = set()
    for q in (order.number, "enamel-mug", "Grace Hopper", "ACME", "1Z999", fulfilment, "PICK"):
        found = hits(client, q)
        assert hits(reader, q) == [h for h in found if _SCOPES[h[0]] in held]
        there |= {h[0] for h in found}
    assert there == set(_SCOPES)
    hidden = reader.get("/api/v1/search", params={"q": "x"}).json()["hidden"]
    assert hidden == [kind for kind, scope in _SCOPES.items() if scope not in held]


@pytest.mark.parametrize("q", ["%", "_", "\\", "%%%%", "' OR 1=1 --", "x" * 100, "🦄🦄🦄🦄", "a:q"])
def test_odd_characters_are_only_text(client: TestClient, q: str) -> None:
    assert hits(client, q) == []


@pytest.mark.parametrize("params", [{}, {"q": ""}, {"q": "  "}, {"q": "x" * 101}, {"q": "a", "limit": "0"},
                                    {"q": "a", "limit": "x"}, {"q": "a", "kinds": "unicorn"}])  # fmt: skip
def test_a_search_for_nothing_is_refused(client: TestClient, params: dict[str, str]) -> None:
    error_of(client.get("/api/v1/search", params=params), 422, "bad_search")


def test_without_the_extension_words_are_still_found_and_the_answer_says_what_is_missing(db_url: str) -> None:
    with open_shop(db_url) as shop:
        shop.a_sku("ENAMEL-MUG")
        with shop.db.transaction(TESTER) as tx:
            tx.execute(text("DROP EXTENSION pg_trgm CASCADE"))
        client = shop.caller()
        assert client.get("/api/v1/search?q=mug-").json()["forgives_typos"] is False
        assert hits(client, "amel-m") == [
            ("sku", "ENAMEL-MUG", "sku", "part"),
            ("product", "Enamel-Mug", "title", "part"),
        ]
        assert hits(client, "enamle-mug") == []


def test_every_kind_that_is_found_has_a_scope_and_a_path() -> None:
    assert tuple(_SCOPES) == tuple(_PATHS) == search.KINDS
    assert {s.value for s in _SCOPES.values()} <= ALL_SCOPES


def test_words_that_can_only_be_in_one_column_are_looked_for(shop: OpenShop) -> None:
    reader = shop.caller("read_catalog")
    assert reader.get("/api/v1/search", params={"q": "Change, signed", "kinds": "product"}).status_code == 200
