"""Customers: found by what is said of them, never merged by accident, forgotten when they ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from agents.customers.agent import CustomersAgent
from agents.customers.messages import CustomerState, EraseCustomer, PutCustomer
from db.base import uuid7
from db.customers import Customer, clean_email, customers_where
from db.errors import Refused
from db.orders import Order
from tests.payments.makers import an_order
from tests.shop import TESTER, Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = Shop(db_url, only=("customers",))
    yield company
    company.close()


def put(shop: Shop, **said: Any) -> CustomerState:
    return shop.do("customers", PutCustomer(**said), CustomerState)


def the_customer(shop: Shop, id: UUID) -> Customer:
    with shop.db.reading() as session:
        return session.get_one(Customer, id)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("o'neil+shop@mail.example.co.uk", "o'neil+shop@mail.example.co.uk"),
        ("jörg@müller.example", "jörg@müller.example"),
        ("", None),
        ("ada", None),
        ("ada@localhost", None),
        ("ada@@example.com", None),
        ("a da@example.com", None),
        ("ada@example.com, eve@example.com", None),
        ("ada@example.com\nbcc: eve@example.com", None),
        ("ada@-example.com", None),
        (".ada@example.com", None),
        ("a..da@example.com", None),
        (f"{'a' * 65}@example.com", None),
        (f"ada@{'a' * 250}.com", None),
    ],
)
def test_a_mail_address_is_kept_in_lower_case_or_not_taken_for_one(written: str, kept: str | None) -> None:
    assert clean_email(written) == kept


def test_a_customer_is_made_once_and_found_by_any_name(shop: Shop) -> None:
    made = put(shop, external_ref="c-7", email="Ada@Example.com", name=" Ada ", tags=["vip", " b2b ", "vip", ""])
    assert (made.created, made.email, made.name, made.version) == (True, "ada@example.com", "Ada", 1)
    for names in ({"id": made.id}, {"external_ref": "c-7"}, {"email": "ADA@example.com"}):
        again = put(shop, name="Ada", **names)
        assert (again.id, again.created, again.version) == (made.id, False, 1), "nothing has changed"
    assert the_customer(shop, made.id).tags == ["b2b", "vip"]
    assert shop.count("customers") == 1


def test_only_what_is_said_changes(shop: Shop) -> None:
    made = put(shop, email="ada@example.com", name="Ada", addresses=[{"city": "London"}], class_="priority")
    changed = put(shop, id=made.id, email="ada@new.example", phone=" 123 ", version=1)
    row = the_customer(shop, made.id)
    assert (changed.version, row.email, row.phone, row.name) == (2, "ada@new.example", "123", "Ada")
    assert (row.class_, row.addresses) == ("priority", [{"city": "London"}])


def test_what_cannot_be_is_refused_and_nothing_is_written(shop: Shop) -> None:
    made = put(shop, email="ada@example.com")
    wrong: dict[str, dict[str, Any]] = {
        "not_an_email": {"email": "ada at home"},
        "unknown_class": {"name": "Eve", "class_": "gold"},
        "nobody_named": {"phone": "1"},
        "not_found": {"id": uuid7(), "name": "Eve"},
        "stale_version": {"id": made.id, "name": "Eve", "version": 9},
    }
    for code, said in wrong.items():
        with pytest.raises(Refused) as refused:
            put(shop, **said)
        assert refused.value.code == code
    assert shop.count("customers") == 1
    assert the_customer(shop, made.id).name is None


def test_a_change_never_merges_two_customers(shop: Shop) -> None:
    ada, eve = put(shop, email="ada@example.com"), put(shop, external_ref="c-1", email="eve@example.com")
    for said in ({"id": ada.id, "email": "eve@example.com"}, {"external_ref": "c-1", "email": "ada@example.com"}):
        with pytest.raises(Refused, match="customers are not merged") as refused:
            put(shop, **said)
        assert refused.value.status_code == 409
        assert set(refused.value.facts()["ids"].values()) == {str(ada.id), str(eve.id)}


def test_the_same_new_customer_from_several_sides_is_made_once(shop: Shop) -> None:
    agents = [CustomersAgent(shop.db.url, clock=lambda: shop.now) for _ in range(6)]
    start, states = threading.Barrier(6), []

    def say(agent: CustomersAgent) -> None:
        start.wait()
        with agent.db.transaction(TESTER, now=shop.now) as tx:
            states.append(agent.put(tx, PutCustomer(email="ada@example.com", external_ref="c-1")))

    threads = [threading.Thread(target=say, args=(a,)) for a in agents]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for a in agents:
        a.db.close()
    assert sorted(s.created for s in states) == [False] * 5 + [True]
    assert len({s.id for s in states}) == 1
    assert shop.count("customers") == 1


def test_whoever_orders_with_a_new_address_becomes_a_customer(shop: Shop) -> None:
    known = put(shop, email="ada@example.com", name="Ada")
    for email in ("ada@example.com", "New@example.com", "new@example.com", "not an address", None):
        an_order(shop, email=email)
    shop.pump()
    with shop.db.reading() as session:
        emails = {c.email: c.id for c in customers_where(session, Customer.id.is_not(None))}
    assert set(emails) == {"ada@example.com", "new@example.com"}
    assert emails["ada@example.com"] == known.id
    assert the_customer(shop, known.id).name == "Ada"
    assert shop.dead() == []


def test_an_erased_customer_leaves_no_trace_of_who_it_was(shop: Shop) -> None:
    made = put(
        shop, external_ref="c-7", email="ada@example.com", name="Ada Lovelace", phone="555 0100",
        addresses=[{"line1": "12 Square"}], tags=["countess"],
    )  # fmt: skip
    put(shop, id=made.id, name="Ada King")
    erased = shop.do("customers", EraseCustomer(customer_id=made.id, reason="asked by mail"), CustomerState)
    assert (erased.email, erased.name, erased.next) == (None, None, [])
    row = the_customer(shop, made.id)
    assert (row.phone, row.external_ref, row.addresses, row.tags) == (None, None, [], [])
    assert row.erased_at == shop.now
    assert [m["customer_id"] for m in shop.said("CustomerErased")] == [str(made.id)]
    with shop.db.reading() as session:
        for table in ("customers", "audit_log", "transitions", "outbox"):
            everything = str(session.execute(text(f"SELECT * FROM {table}")).all())
            for secret in ("ada@", "Lovelace", "King", "555", "Square"):
                assert secret not in everything, f"{secret} in {table}"


def test_whoever_keeps_copies_is_told_which_orders_were_theirs(shop: Shop) -> None:
    made = put(shop, email="ada@example.com")
    by_mail, of_others = an_order(shop, email="ada@example.com", say=False), an_order(shop, email="eve@example.com")
    by_name = an_order(shop, email="work@example.com", say=False)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(Order, by_name.id).customer_id = made.id
    erase = EraseCustomer(customer_id=made.id, reason="asked")
    with pytest.raises(Refused, match=r", .* still need their name and address"):
        shop.do("customers", erase, CustomerState)
    assert shop.said("CustomerErased") == []
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        for order in (by_mail, by_name):
            tx.get_one(Order, order.id).status = "delivered"
    shop.do("customers", erase, CustomerState)
    [said] = shop.said("CustomerErased")
    assert said["orders"] == [str(by_mail.id), str(by_name.id)]
    assert str(of_others.id) not in said["orders"]


def test_an_erased_customer_is_not_collected_again_but_may_come_back_as_new(shop: Shop) -> None:
    made = put(shop, email="ada@example.com")
    erase = EraseCustomer(customer_id=made.id, reason="asked")
    shop.do("customers", erase, CustomerState)
    shop.do("customers", erase, CustomerState)
    assert len(shop.said("CustomerErased")) == 1
    with pytest.raises(Refused) as refused:
        put(shop, id=made.id, name="Ada")
    assert refused.value.code == "erased_already"
    again = put(shop, email="ada@example.com")
    assert again.created
    assert again.id != made.id
    with pytest.raises(Refused, match="There is no customer"):
        shop.do("customers", EraseCustomer(customer_id=uuid7(), reason="x"), CustomerState)
