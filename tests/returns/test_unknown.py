"""Parcels that nobody asked to send: told apart by what can be scanned, kept until matched, booked in once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.returns.matching import Room, place
from agents.returns.messages import UnknownUnits
from db.base import uuid7
from tests.returns.at_door import a_photo
from tests.returns.makers import (
    a_delivered_order,
    approved,
    ask,
    lies,
    line,
    policy,
    refunds,
    the_books_add_up,
    the_return,
)
from tests.returns.test_routes import caller, ok
from tests.shop import Shop

PARCELS = "/api/v1/unknown-parcels"


def found(client: Any, *units: dict[str, Any], **more: Any) -> dict[str, Any]:
    return ok(client.post(PARCELS, json={"node": "LON", "units": list(units), **more}))


def mugs(quantity: int, grade: str = "sellable") -> dict[str, Any]:
    return {"sku": "MUG", "quantity": quantity, "grade": grade}


def scan(client: Any, code: str) -> dict[str, Any]:
    return ok(client.get(f"/api/v1/return-scans/{code}"))


def test_a_parcel_without_a_request_is_in_stock_once_it_is_matched_and_once_only(shop: Shop) -> None:
    client, order = caller(shop), a_delivered_order(shop, lines={"MUG": 3})
    kept = found(client, mugs(1), mugs(1, "damaged"), note="no slip in it")
    path = f"{PARCELS}/{kept['id']}"
    assert (kept["status"], kept["next"]) == ("waiting", ["match", "close"])
    assert lies(shop, "MUG") == {("PICK", "sellable"): 97}, "nobody knows whose it is"
    ok(client.post(f"{path}/photos", content=a_photo()))
    assert len(ok(client.get(f"{path}/photos"))["data"]) == 1

    matched = ok(client.post(f"{path}/match", json={"order": order.number, "version": kept["version"]}))
    shop.pump()
    assert lies(shop, "MUG") == {("PICK", "sellable"): 98, ("QUARANTINE", "damaged"): 1}
    made = ok(client.get(f"/api/v1/returns/{matched['return_id']}"))
    assert (made["status"], made["parcel"], made["refunded"], made["withheld"]) == ("refunded", "arrived", 1000, 1)
    again = client.post(f"{path}/match", json={"order": order.number})
    assert again.json()["error"]["code"] == "illegal_move"
    assert client.post(f"{path}/close", json={"reason": "thrown away"}).json()["error"]["code"] == "illegal_move"
    assert lies(shop, "MUG")["PICK", "sellable"] == 98
    assert refunds(shop, order) == [("return", 1000, "succeeded")]
    whole = ok(client.get(path))
    assert [move["to_status"] for move in whole["history"]] == ["matched", "waiting"]
    the_books_add_up(shop)


def test_units_go_to_what_was_asked_for_first_and_the_rest_is_a_return_of_its_own(shop: Shop) -> None:
    client, order = caller(shop), a_delivered_order(shop, lines={"MUG": 3})
    asked = approved(shop, order, line(1, 1))
    kept = found(client, mugs(2))
    ok(client.post(f"{PARCELS}/{kept['id']}/match", json={"order": order.number}))
    shop.pump()
    assert the_return(shop, asked).status == "refunded"
    rows = ok(client.get("/api/v1/returns", params={"order_number_eq": order.number}))["data"]
    assert sorted((row["units"], row["status"]) for row in rows) == [(1, "refunded"), (1, "refunded")]
    assert refunds(shop, order) == [("return", 1000, "succeeded"), ("return", 1000, "succeeded")]
    the_books_add_up(shop)


def test_what_an_order_did_not_send_is_refused_and_the_parcel_waits_on(shop: Shop) -> None:
    client, order = caller(shop), a_delivered_order(shop, lines={"MUG": 1})
    kept = found(client, mugs(2))
    refused = client.post(f"{PARCELS}/{kept['id']}/match", json={"order": order.number})
    assert refused.json()["error"]["details"]["units"] == [{"sku": "MUG", "quantity": 1}]
    assert ok(client.get(f"{PARCELS}/{kept['id']}"))["status"] == "waiting"
    assert lies(shop, "MUG") == {("PICK", "sellable"): 99}
    assert ok(client.post(f"{PARCELS}/{kept['id']}/close", json={"reason": "not ours"}))["status"] == "closed"
    empty = found(client)
    refused = client.post(f"{PARCELS}/{empty['id']}/match", json={"order": order.number})
    assert refused.json()["error"]["code"] == "bad_return_field"
    the_books_add_up(shop)


def test_the_policy_that_was_in_force_decides_on_the_money_of_a_blind_return_too(shop: Shop) -> None:
    policy(shop, window_days=14, fee_ppm=100_000)
    client, order = caller(shop), a_delivered_order(shop, lines={"MUG": 1})
    shop.later(days=60)
    kept = found(client, mugs(1))
    made = ok(client.post(f"{PARCELS}/{kept['id']}/match", json={"order": order.number}))
    shop.pump()
    row = ok(client.get(f"/api/v1/returns/{made['return_id']}"))
    assert row["exception"] == f"it came as {kept['number']}"
    assert row["refunded"] == 900
    the_books_add_up(shop)


def test_a_scan_says_what_the_parcel_is_by_the_surest_of_what_is_on_it(shop: Shop) -> None:
    shop.some_stock("PHONE", "LON", 1, lot="S1")
    client, order = caller(shop), a_delivered_order(shop, lines={"MUG": 2, "PHONE": 1})
    asked = approved(shop, order, line(1, 1), way="label")
    label = the_return(shop, asked).tracking_number
    (sent,) = ok(client.get("/api/v1/labels", params={"order_id_eq": str(order.id)}))["data"]
    told = {
        asked.number: ("return", [asked.number]),
        str(label): ("return_label", [asked.number]),
        sent["tracking_number"]: ("label", [asked.number]),
        order.number: ("order", [asked.number]),
        "S1": ("serial", [asked.number]),
        "ada@example.org": ("customer", [asked.number]),
        "nothing": (None, []),
    }
    for code, (how, returns) in told.items():
        it = scan(client, code)
        assert (it["how"], [r["number"] for r in it["returns"]]) == (how, returns), code
    assert [o["returnable"] for o in scan(client, order.number)["orders"]] == [2]
    assert scan(client, "MUG")["unit"] == {"sku": "MUG", "title": "Mug", "tracking": "none"}


def test_a_serial_number_comes_back_with_its_parcel_and_only_once(shop: Shop) -> None:
    shop.some_stock("PHONE", "LON", 1, lot="S1")
    client, order = caller(shop), a_delivered_order(shop, lines={"PHONE": 1})
    phone = {"sku": "PHONE", "quantity": 1, "grade": "sellable", "lot": "S1"}
    first, second = found(client, phone), found(client, phone)
    ok(client.post(f"{PARCELS}/{first['id']}/match", json={"order": order.number}))
    assert lies(shop, "PHONE") == {("PICK", "sellable"): 1}
    refused = client.post(f"{PARCELS}/{second['id']}/match", json={"order": order.number})
    assert refused.json()["error"]["code"] == "fits_no_line"
    the_books_add_up(shop)


def test_who_may_not_write_stock_neither_keeps_nor_matches(shop: Shop) -> None:
    client = caller(shop, "read_orders")
    assert client.post(PARCELS, json={"node": "LON", "units": []}).status_code == 403
    assert client.get(PARCELS).status_code == 200
    asked = ask(shop, a_delivered_order(shop))
    assert scan(client, asked.number)["returns"][0]["status"] == "requested"


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 4)), max_size=5),
    st.lists(st.tuples(st.booleans(), st.sampled_from("AB"), st.integers(0, 4)), max_size=5),
)
def test_every_unit_is_placed_once_and_no_line_takes_more_than_it_has(
    came: list[tuple[str, int]], open_lines: list[tuple[bool, str, int]]
) -> None:
    units = [UnknownUnits(sku=sku, quantity=n, grade="sellable") for sku, n in came]
    rooms = [Room(uuid7() if asked else None, no, sku, n) for no, (asked, sku, n) in enumerate(open_lines, 1)]
    placed, over = place(units, rooms)
    for sku in "AB":
        all_of = sum(n for s, n in came if s == sku)
        room = sum(r.units for r in rooms if r.sku == sku)
        here = sum(p.quantity for p in placed if p.unit.sku == sku)
        assert here == min(all_of, room)
        assert here + sum(n for u, n in over if u.sku == sku) == all_of
    for each in rooms:
        assert sum(p.quantity for p in placed if p.room == each) <= each.units
    assert all(p.unit.sku == p.room.sku for p in placed)


@pytest.mark.parametrize("bad", [{"sku": "NO", "quantity": 1, "grade": "sellable"}, mugs(1, "missing")])
def test_a_parcel_of_nonsense_is_not_kept(shop: Shop, bad: dict[str, Any]) -> None:
    answer = caller(shop).post(PARCELS, json={"node": "LON", "units": [bad]})
    assert answer.status_code in (404, 422), answer.text
    assert shop.count("unknown_parcels") == 0
