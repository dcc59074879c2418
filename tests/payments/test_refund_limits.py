"""Goodwill has a limit by role: all of one order together, whoever gave it, and through the API alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from db.base import uuid7
from db.orders import Order
from db.payments import payments_of
from db.people import Role, User
from db.session import Who
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.returns.makers import a_delivered_order, money, open_shop, the_books_add_up
from tests.shop import TESTER, Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = open_shop(db_url)
    yield company
    company.close()


def caller(shop: Shop, role: str) -> TestClient:
    """A person of a role, through a key of theirs."""
    person = uuid7()
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        if tx.get(Role, role) is None:
            tx.add(Role(name=role, scopes=sorted(ALL_SCOPES), created_at=tx.now))
            tx.flush()
        tx.add(
            User(id=person, email=f"{person}@example.com", name=role, role=role, password_hash="x", created_at=tx.now)
        )
    with shop.db.transaction(Who(f"user:{person}", "req-test"), now=shop.now) as tx:
        _, secret = make_key(tx, role, sorted(ALL_SCOPES))
    app = create_app(shop.db, shop, clock=lambda: shop.now)
    return TestClient(app, headers={"Authorization": f"Bearer {secret}"})


def give(client: TestClient, shop: Shop, order: Order, amount: int, **more: Any) -> Any:
    with shop.db.reading() as session:
        (payment,) = payments_of(session, order.id)
    body = {"amount": amount, "reason": "it came late", "goodwill": True} | more
    answer = client.post(f"/api/v1/payments/{payment.id}/refund", json=body)
    shop.pump()
    return answer


def limit(client: TestClient, role: str, amount: int | None, currency: str = "EUR") -> Any:
    return client.put(f"/api/v1/refund-limits/{role}/{currency}", json={"amount": amount})


def test_goodwill_of_an_order_counts_together_and_the_role_with_more_gives_the_rest(shop: Shop) -> None:
    order, other = a_delivered_order(shop), a_delivered_order(shop)
    desk, lead = caller(shop, "desk"), caller(shop, "lead")
    assert limit(lead, "desk", 500).status_code == 200
    assert limit(lead, "lead", 900).status_code == 200
    assert give(desk, shop, order, 300).status_code == 200
    refused = give(desk, shop, order, 201)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "above_refund_limit")
    assert "desk" in refused.json()["error"]["message"]
    assert money(shop, order) == (3000, 300)
    assert give(desk, shop, order, 200).status_code == 200
    assert give(lead, shop, order, 401).status_code == 403  # 500 of the desk's count for everybody
    assert give(lead, shop, order, 400).status_code == 200
    assert give(desk, shop, order, 1).status_code == 403
    assert give(desk, shop, other, 500).status_code == 200  # each order by itself
    assert (money(shop, order), money(shop, other)) == ((3000, 900), (3000, 500))
    the_books_add_up(shop)


def test_a_limit_is_of_its_currency_bounds_goodwill_alone_and_can_be_taken_away(shop: Shop) -> None:
    order = a_delivered_order(shop)
    desk = caller(shop, "desk")
    limit(desk, "desk", 0)
    limit(desk, "desk", 10_000, "USD")
    assert give(desk, shop, order, 1).status_code == 403
    assert give(desk, shop, order, 100, goodwill=False).status_code == 200  # what is owed has no limit
    assert limit(desk, "desk", -1).status_code == 422
    assert limit(desk, "nobody", 5).status_code == 404
    assert limit(desk, "desk", 5, "XTS").status_code == 422
    assert limit(desk, "desk", None).status_code == 200
    assert give(desk, shop, order, 700).status_code == 200
    assert money(shop, order) == (3000, 800)
    the_books_add_up(shop)


def test_goodwill_that_a_provider_declined_does_not_count(shop: Shop) -> None:
    order = a_delivered_order(shop, token="tok_refund_declined")
    desk = caller(shop, "desk")
    limit(desk, "desk", 500)
    for _ in range(2):
        assert give(desk, shop, order, 500).status_code == 200
    assert money(shop, order) == (3000, 0)
