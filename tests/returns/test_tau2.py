"""How the public benchmark for customer service is read, and what is done with it before any company is asked."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bench.tau2_data import Action, Item, Order, Paid, Product, Returned, Task, User, World, cents, read, users_of
from bench.tau2_probes import probes
from bench.tau2_rules import MODIFIED, No, play
from bench.tau2_seen import differences, order_facts, told
from bench.tau2_shop import Copy, address_from, address_to

HOME = ("1 Lane", "", "Austin", "TX", "78701", "USA")
AWAY = {"address1": "2 Road", "address2": "B", "city": "Reno", "state": "NV", "zip": "89501", "country": "USA"}


def an_item(id: str, price: int, *, available: bool = True) -> Item:
    return Item(id, id[0], price, (("size", id),), available)


def a_world(status: str = "pending", *, paid_with: str = "visa", on_card: int = 500) -> World:
    """Mugs m1 to m4 at 10, 12, 8 and 20, of which m4 is gone, and a plate; an order of m1, m1 and the plate."""
    mugs = [an_item("m1", 1000), an_item("m2", 1200), an_item("m3", 800), an_item("m4", 2000, available=False)]
    products = {
        "m": Product("m", "Mug", {i.id: i for i in mugs}),
        "p": Product("p", "Plate", {"p1": an_item("p1", 300)}),
    }
    user = User("ada", "Ada", "King", "ada@example.com", HOME, ("#1",), ("visa", "paypal"), {"gift": on_card})
    items = (mugs[0], mugs[0], products["p"].variants["p1"])
    return World(products, {"ada": user}, {"#1": Order("#1", "ada", HOME, items, status, (Paid(paid_with, 2300),))})


def swap(name: str, old: list[str], new: list[str], method: str = "visa") -> Action:
    told = {"order_id": "#1", "item_ids": old, "new_item_ids": new, "payment_method_id": method}
    return Action(name, told)


MODIFY, EXCHANGE = "modify_pending_order_items", "exchange_delivered_order_items"


def test_amounts_are_whole_cents() -> None:
    assert [cents(amount) for amount in (1463.7, 0.29, 1057.24, 2895.55)] == [146370, 29, 105724, 289555]


def test_a_cancelled_order_gives_its_money_back_onto_the_gift_card_at_once() -> None:
    world = a_world(paid_with="gift")
    play(world, Action("cancel_pending_order", {"order_id": "#1", "reason": "ordered by mistake"}))
    order = world.orders["#1"]
    assert (order.status, order.reason, world.users["ada"].cards) == ("cancelled", "ordered by mistake", {"gift": 2800})
    assert order.paid == (Paid("gift", 2300), Paid("gift", 2300, given=True))


def test_changed_items_are_paid_by_what_is_said_and_only_once() -> None:
    world = a_world()
    play(world, swap(MODIFY, ["m1", "m1"], ["m2", "m3"], "gift"))
    order = world.orders["#1"]
    assert (order.status, [i.id for i in order.items]) == (MODIFIED, ["m2", "m3", "p1"])
    assert order.paid[-1] == Paid("gift", 0)
    with pytest.raises(No, match="is pending \\(item modified\\)"):
        play(world, swap(MODIFY, ["m2"], ["m1"]))


def test_the_benchmarks_known_fault_gives_all_items_the_price_of_the_last_one() -> None:
    rightly, published = a_world(), a_world()
    action = swap(MODIFY, ["m1", "m1"], ["m2", "m3"])
    play(rightly, action)
    play(published, action, as_published=True)
    assert [i.price for i in rightly.orders["#1"].items] == [1200, 800, 300]
    assert [i.price for i in published.orders["#1"].items] == [800, 800, 300]
    assert [i.id for i in published.orders["#1"].items] == ["m2", "m3", "p1"]


@pytest.mark.parametrize(
    ("_case", "status", "action", "why"),
    [
        ("too little on the card", "delivered", swap(EXCHANGE, ["m1", "m1"], ["m2", "m2"], "gift"), None),
        ("far too little", "delivered", swap(EXCHANGE, ["m1"] * 2, ["m2"] * 2, "gift"), "has 300 cents"),
        ("not available", "pending", swap(MODIFY, ["m1"], ["m4"]), "m4 is not available"),
        ("another product", "pending", swap(MODIFY, ["m1"], ["p1"]), "is no variant"),
        ("more than there are", "pending", swap(MODIFY, ["m1"] * 3, ["m2"] * 3), "or not so many"),
        ("not delivered", "pending", swap(EXCHANGE, ["m1"], ["m2"]), "is pending"),
        ("somebody else's card", "pending", swap(MODIFY, ["m1"], ["m2"], "amex"), "has no amex"),
    ],
)
def test_what_the_benchmark_refuses_changes_nothing(_case: str, status: str, action: Action, why: str | None) -> None:
    world = a_world(status, on_card=300 if why and "cents" in why else 500)
    before = told(world)
    if why is None:
        play(world, action)
        assert world.orders["#1"].exchange is not None
        assert world.orders["#1"].exchange.difference == 400
        return
    with pytest.raises(No, match=why):
        play(world, action)
    assert told(world) == before


def test_paying_with_something_else_gives_the_first_its_money_back() -> None:
    world = a_world(on_card=2299)
    change = Action("modify_pending_order_payment", {"order_id": "#1", "payment_method_id": "gift"})
    with pytest.raises(No, match="has 2299 cents on it, and 2300 are needed"):
        play(world, change)
    world = a_world(on_card=2300)
    play(world, change)
    assert world.users["ada"].cards == {"gift": 0}
    assert order_facts(world.orders["#1"])["money"] == {"visa": (2300, 2300), "gift": (2300, 0)}


def test_addresses_go_there_and_back() -> None:
    world = a_world()
    ours = address_to(HOME, world.users["ada"])
    assert ours == {"name": "Ada King", "line1": "1 Lane", "city": "Austin", "region": "TX", "postcode": "78701",
                    "country": "US"}  # fmt: skip
    assert address_from(ours) == HOME


def test_each_task_has_keys_and_tokens_of_its_own() -> None:
    copy = Copy(Task("12", ()), a_world(), cards={"gift": "6f"})
    assert copy.key("#1") == "T12:#1"
    assert copy.pays("gift") == {"provider": "gift_card", "token": "6f"}
    assert copy.pays("visa") == {"provider": "test", "token": "tok_ok:visa"}


def test_every_fact_that_differs_is_named() -> None:
    world = a_world()
    wanted = told(world)
    play(world, Action("modify_user_address", {"user_id": "ada", **AWAY}))
    said = differences(wanted, told(world))
    assert said == [f"ada address: ('2 Road', 'B', 'Reno', 'NV', '89501', 'USA') and not {HOME}"]
    assert differences(wanted, {}) != []


@pytest.mark.parametrize("status", ["pending", MODIFIED, "processed", "delivered", "cancelled", "return requested"])
def test_what_is_asked_on_purpose_is_refused_there_and_leaves_its_world_alone(status: str) -> None:
    world = a_world(status, on_card=100)
    if status == "return requested":
        world.orders["#1"] = replace(world.orders["#1"], returned=Returned(("p1",), "visa"))
    before = told(world)
    asked = probes(world)
    assert asked
    assert told(world) == before
    for action, why in asked:
        with pytest.raises(No):
            play(world.of(world.users), action)
        assert why


DATA = Path(os.environ.get("BACKOFFICE_DATA", Path(__file__).parents[3] / "shared" / "data")) / "tau2_retail"


@pytest.mark.data
@pytest.mark.skipif(not (DATA / "db.json.gz").exists(), reason=f"the benchmark is not in {DATA}")
def test_the_tasks_of_the_file_can_all_be_played() -> None:
    world, tasks = read(DATA)
    refused, faulty = [], []
    for task in tasks:
        rightly, published = world.of(users_of(world, task)), world.of(users_of(world, task))
        for action in task.writes:
            try:
                play(rightly, action)
                play(published, action, as_published=True)
            except No:
                refused.append(task.id)
        faulty += [task.id] if told(rightly) != told(published) else []
    assert (len(world.users), len(world.orders), len(world.products), len(tasks)) == (500, 1000, 50, 74)
    assert refused == ["105"]
    assert faulty == ["20", "21", "37"]
