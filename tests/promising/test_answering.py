"""What the shop is told of what can be promised, from where and by when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from agents.inventory.messages import CreateTransfer, SendTransfer, TransferLineAsk, TransferState
from agents.promising.messages import AvailabilityQuestion
from tests.inbound.conftest import good
from tests.promising.conftest import House
from tests.serve.conftest import error_of
from tests.shop import START

TODAY = START.date()  # a Monday


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def test_what_lies_there_leaves_today_and_the_rest_when_it_has_come(house: House) -> None:
    house.some_stock("MUG", "LON", 5)
    order = house.sent(MUG=20)
    house.confirmed(order, 10)
    answer = house.available(quantity=5)
    assert (answer.units_now, answer.orderable, answer.node, answer.promised_on) == (5, 105, "LON", TODAY)
    more = house.available(quantity=6)
    assert (more.likely_on, more.promised_on, more.safe_on) == (day(11), day(14), day(17))  # weekends do not ship
    (at,) = more.nodes
    assert [(s.on, s.units) for s in at.by] == [(TODAY, 5), (day(14), 25)]
    assert [(c.source, c.units) for c in at.coming] == [(f"purchase order {order.number}, line 1", 20)]
    assert (house.available(quantity=26).promised_on, house.available(quantity=26).nodes[0].short) == (None, 1)


def test_units_that_others_wait_for_are_not_promised_twice(house: House) -> None:
    house.some_stock("MUG", "LON", 1)
    house.ordered(1)
    house.sent(MUG=20)
    house.ordered(15)
    answer = house.available(quantity=5)
    assert (answer.units_now, answer.nodes[0].waiting, answer.orderable) == (0, 15, 85)
    assert answer.promised_on is not None
    assert house.available(quantity=6).promised_on is None


def test_what_a_notice_announces_is_counted_once_and_by_the_notices_day(house: House) -> None:
    order = house.sent(MUG=20)
    house.confirmed(order, 30)
    house.announced(order, 8, said_at=house.now + timedelta(days=2))
    (at,) = house.available(quantity=20).nodes
    assert [c.units for c in at.coming] == [8, 12]
    assert at.coming[0].source.startswith("advance notice AN")
    assert [s.units for s in at.by] == [0, 8, 20]


def test_a_transfer_counts_where_it_goes_to_and_the_best_node_is_named(house: House) -> None:
    house.a_node("RTM", rank=200)
    house.some_stock("MUG", "RTM", 9)
    lines = [TransferLineAsk(sku="MUG", quantity=4)]
    made = house.do("inventory", CreateTransfer(from_node="RTM", to_node="LON", lines=lines), TransferState)
    house.do("inventory", SendTransfer(transfer_id=made.id), TransferState)
    answer = house.available(quantity=4)
    assert (answer.node, answer.promised_on, answer.splits) == ("RTM", TODAY, False)
    assert [n.node for n in answer.nodes] == ["LON", "RTM"]
    assert [(c.source, c.units) for c in answer.nodes[0].coming] == [("transfer from RTM", 4)]
    both = house.available(quantity=8)
    assert (both.node, both.splits, both.promised_on) == (None, True, day(7))
    assert house.available(quantity=4, node="LON").promised_on == day(7)


def test_a_kit_is_promised_by_its_scarcest_component(house: House) -> None:
    house.a_kit("SET", {"MUG": 2, "PLATE": 1})
    house.some_stock("MUG", "LON", 7)
    house.some_stock("PLATE", "LON", 2)
    answer = house.available("SET", 2)
    assert (answer.units_now, answer.promised_on) == (2, TODAY)
    assert house.available("SET", 3).promised_on is None
    house.sent(PLATE=5)
    assert house.available("SET", 3).promised_on == day(14)


def test_each_question_has_its_own_error_and_the_others_their_answer(house: House) -> None:
    house.some_stock("MUG", "LON", 5)
    told = house.asked(
        AvailabilityQuestion(sku="NONE"),
        AvailabilityQuestion(sku="MUG", node="NOWHERE"),
        AvailabilityQuestion(sku="MUG", quantity=0),
        AvailabilityQuestion(sku="MUG", quantity=5),
    )
    assert [a.error.code if a.error else None for a in told] == ["unknown_sku", "unknown_node", "bad_quantity", None]
    assert told[3].units_now == 5


def test_a_supplier_that_came_late_is_not_believed(house: House) -> None:
    for _ in range(6):
        order = house.sent(MUG=1)
        house.confirmed(order, 5)
        house.later(days=12)
        house.receive(order.id, good(1, 1), scan=order.number)
    order = house.sent(MUG=20)
    house.confirmed(order, 5)
    house.later(minutes=15)  # what was learned is asked for again
    (coming,) = house.available(quantity=20).nodes[0].coming
    assert (coming.promised_on - house.now.date()).days == 12


def test_the_route_answers_many_at_once_and_keeps_nothing(house: House) -> None:
    house.some_stock("MUG", "LON", 5)
    client = house.client(["read_stock"])
    before = house.count("idempotent_answers")
    body: dict[str, Any] = {"questions": [{"sku": "MUG", "quantity": 2, "node": "LON"}, {"sku": "TEAPOT"}]}
    answer = client.post("/api/v1/availability", json=body, headers={"Idempotency-Key": "same"})
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["answers"]
    assert (first["node"], first["units_now"], first["promised_on"]) == ("LON", 5, TODAY.isoformat())
    assert second["error"]["code"] == "unknown_sku"
    house.some_stock("MUG", "LON", 1)
    again = client.post("/api/v1/availability", json=body, headers={"Idempotency-Key": "same"})
    assert again.json()["answers"][0]["units_now"] == 6
    assert house.count("idempotent_answers") == before
    too_many = client.post("/api/v1/availability", json={"questions": [{"sku": "MUG"}] * 1001})
    error_of(too_many, 422, "invalid_request")
    assert client.post("/api/v1/availability", json={"questions": []}).status_code == 422


@pytest.mark.parametrize("weekday", [4, 5])
def test_after_the_last_cut_off_of_the_week_goods_leave_on_monday(house: House, weekday: int) -> None:
    house.some_stock("MUG", "LON", 5)
    house.later(days=weekday, hours=9)
    assert house.available().promised_on == day(7)
