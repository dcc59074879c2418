"""The first to expire goes first; what has expired leaves sale, but for what was promised, of which people are told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from agents.fulfilment.messages import CreatePickList, Pick, PickListState
from agents.inbound.messages.receipts import CorrectLot, LotState, LotTakenOut, SetExpiredAside, TakeLotOut
from agents.inventory.messages import HeldLine, HoldStock, HoldView
from agents.orders.messages import OrderState, PaymentGiven, PlacedLine, PlaceOrder
from db.catalog import Tracking
from db.errors import Refused
from db.fulfilment import Fulfilment
from db.stock import BinStock
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.inbound.conftest import Dock, good
from tests.shop import TESTER

SOON, LATE = timedelta(days=20), timedelta(days=400)


@pytest.fixture
def larder(dock: Dock) -> Dock:
    """Ten TEA that expire late came first, then ten that expire soon."""
    dock.a_sku("TEA", tracking=Tracking.lot, backorder_limit=50)
    dock.sells("TEA")
    order = dock.sent(TEA=100)
    today = dock.now.date()
    dock.receive(order.id, good(1, 10, lot="LATE", expires_on=today + LATE, bin="PICK"), scan="late")
    dock.receive(order.id, good(1, 10, lot="SOON", expires_on=today + SOON, bin="PICK"), scan="soon")
    return dock


def ordered(dock: Dock, units: int) -> OrderState:
    ask = PlaceOrder(
        channel="web", currency="EUR", lines=[PlacedLine(sku="TEA", quantity=units)], email="ada@example.com",
        shipping_address={"name": "Ada Byron", "line1": "1 High St", "city": "London", "country": "GB"},
        payment=PaymentGiven(provider="test", token="tok_ok"),
    )  # fmt: skip
    made = dock.do("orders", ask, OrderState)
    dock.pump()
    return made


def picks(dock: Dock, order: UUID) -> list[dict[str, Any]]:
    with dock.db.reading() as session:
        found = list(session.scalars(select(Fulfilment.id).where(Fulfilment.order_id == order)))
    return dock.do("fulfilment", CreatePickList(node="LON", fulfilments=found), PickListState).tasks


def day_after(dock: Dock) -> None:
    """The first day on which SOON cannot be used any more."""
    dock.now += SOON + timedelta(days=1)


def looks(dock: Dock) -> None:
    with dock.db.transaction(TESTER, now=dock.now) as tx:
        tx.send("inbound", "schedule:set expired lots aside", SetExpiredAside())
    dock.pump()
    assert dock.dead() == []


def cells(dock: Dock, lot: str = "SOON") -> dict[tuple[str, str], int]:
    """Units of a lot by bin and status."""
    with dock.db.reading() as session:
        rows = session.scalars(select(BinStock).where(BinStock.lot == lot, BinStock.quantity > 0))
        return {(row.bin, row.status): row.quantity for row in rows}


def lot_id(dock: Dock, code: str = "SOON") -> UUID:
    with dock.db.reading() as session:
        return UUID(str(session.execute(text("SELECT id FROM lots WHERE code = :code"), {"code": code}).scalar_one()))


def test_what_expires_first_is_picked_first_though_it_came_last_and_lies_in_reserve(larder: Dock) -> None:
    larder.a_bin("R-01")
    order = larder.sent(TEA=5)
    first = larder.now.date() + timedelta(days=5)
    larder.receive(order.id, good(1, 2, lot="FIRST", expires_on=first, bin="R-01"))
    larder.receive(order.id, good(1, 2, lot="UNDATED", bin="PICK"), scan="S2")
    tasks = picks(larder, ordered(larder, 23).id)
    assert {t["lot"]: t["quantity"] for t in tasks} == {"FIRST": 2, "SOON": 10, "LATE": 10, "UNDATED": 1}


def test_an_expired_lot_leaves_sale_where_it_lies_on_the_day_after_its_last(larder: Dock) -> None:
    larder.now += SOON  # its last day
    looks(larder)
    assert cells(larder) == {("PICK", "sellable"): 10}
    larder.now += timedelta(days=1)
    looks(larder)
    assert cells(larder) == {("PICK", "quarantine"): 10}
    level = larder.level("TEA", "LON")
    assert (level.on_hand, level.sellable) == (20, 10)
    (said,) = larder.said("TellPeople")
    assert said["body"] == "10 units are in quarantine now, where they lie."
    assert said["subject"] == f"lot:{lot_id(larder)}"
    before = larder.count("stock_ledger")
    looks(larder)
    assert (larder.count("stock_ledger"), len(larder.said("TellPeople"))) == (before, 1)


def test_what_waits_in_the_receiving_bin_is_not_put_away_into_sale(larder: Dock) -> None:
    order = larder.sent(TEA=5)
    larder.receive(order.id, good(1, 5, lot="SOON"))
    (task,) = larder.tasks()
    day_after(larder)
    looks(larder)
    assert cells(larder) == {("PICK", "quarantine"): 10, ("RECEIVING", "quarantine"): 5}
    assert larder.tasks() == []
    assert larder.count("putaways") == 0
    assert task.left == 5


def test_units_that_orders_were_promised_stay_and_are_told_once(larder: Dock) -> None:
    order = ordered(larder, 13)
    day_after(larder)
    looks(larder)
    assert cells(larder) == {("PICK", "sellable"): 3, ("PICK", "quarantine"): 7}
    assert [a.state for a in larder.allocations(order.id)] == ["allocated"]
    (said,) = larder.said("TellPeople")
    assert said["body"].startswith("7 units are in quarantine now, where they lie. 3 units are promised to orders")
    looks(larder)
    with pytest.raises(Refused, match="needs 13 TEA, but only 10 lie free"):
        picks(larder, order.id)
    marks = {said["mark"] for said in larder.said("TellPeople")}
    assert len(marks) == 1  # by which people hear of it once


def test_a_pick_list_that_was_made_before_is_sent_to_another_lot(larder: Dock) -> None:
    order = ordered(larder, 10)
    (task,) = picks(larder, order.id)
    assert task["lot"] == "SOON"
    day_after(larder)
    looks(larder)
    assert cells(larder) == {("PICK", "quarantine"): 10}
    with pytest.raises(Refused) as refused:
        larder.do("fulfilment", Pick(task_id=UUID(task["id"]), quantity=1), PickListState)
    assert refused.value.code == "task_closed"
    assert [(t["lot"], t["quantity"]) for t in picks(larder, order.id)] == [("LATE", 10)]


def test_what_stands_packed_is_left_and_told(larder: Dock) -> None:
    order = ordered(larder, 4)
    (task,) = picks(larder, order.id)
    larder.do("fulfilment", Pick(task_id=UUID(task["id"]), quantity=4), PickListState)
    day_after(larder)
    looks(larder)
    assert cells(larder) == {("PACK", "sellable"): 4, ("PICK", "quarantine"): 6}
    (said,) = larder.said("TellPeople")
    assert "4 units are promised to orders" in said["body"]
    out = larder.do("inbound", TakeLotOut(lot_id=lot_id(larder), reason="expired"), LotTakenOut)
    assert (out.moved, out.short, out.packed) == (0, 0, 4)


def test_units_of_a_checkout_that_ran_out_leave_sale_and_live_ones_stay(larder: Dock) -> None:
    for reference, units, seconds in (("over", 5, 60), ("live", 12, 86_400)):
        ask = HoldStock(reference=reference, lines=[HeldLine(sku="TEA", quantity=units)], seconds=seconds)
        larder.do("inventory", ask, HoldView)
    with larder.db.transaction(TESTER, now=larder.now) as tx:
        tx.execute(text("UPDATE stock_holds SET expires_at = :at WHERE reference = 'live'"),
                   {"at": larder.now + LATE})  # fmt: skip
    day_after(larder)
    looks(larder)
    assert cells(larder) == {("PICK", "sellable"): 2, ("PICK", "quarantine"): 8}
    assert larder.level("TEA", "LON").held == 12


def test_a_lot_is_taken_out_of_sale_and_orders_that_were_promised_it_wait(larder: Dock) -> None:
    order = ordered(larder, 13)
    larder.no(TakeLotOut(lot_id=lot_id(larder), reason=" "), "bad_field")
    larder.no(TakeLotOut(lot_id=lot_id(larder), reason="glass", version=9), "stale_version")
    ask = TakeLotOut(lot_id=lot_id(larder), reason="glass in it")
    out = larder.do("inbound", ask, LotTakenOut, key="once")
    assert (out.moved, out.short, out.packed) == (10, 3, 0)
    assert larder.do("inbound", ask, LotTakenOut, key="once") == out
    larder.pump()
    assert larder.dead() == []
    assert cells(larder) == {("PICK", "quarantine"): 10}
    assert sorted((a.state, a.quantity) for a in larder.allocations(order.id)) == [
        ("allocated", 10),
        ("backordered", 3),
    ]
    gone = larder.now.date() - timedelta(days=1)
    ask_date = CorrectLot(lot_id=lot_id(larder), expires_on=gone, reason="misread")
    assert larder.do("inbound", ask_date, LotState).expires_on == gone


def test_over_http(larder: Dock) -> None:
    with larder.db.transaction(TESTER, now=larder.now) as tx:
        _, secret = make_key(tx, "test", sorted(ALL_SCOPES))
    app = create_app(larder.db, larder, clock=lambda: larder.now)
    client = TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)

    def codes(**query: str) -> list[str]:
        return [row["code"] for row in client.get("/api/v1/lots", params={"sort": "code", **query}).json()["data"]]

    assert codes() == ["LATE", "SOON"]
    assert codes(expires_at_lteq="now+30d") == ["SOON"]
    assert codes(expires_at_lteq="now") == []
    assert codes(node_eq="LON", sellable_gt="9", sku_eq="TEA") == ["LATE", "SOON"]
    assert codes(node_eq="RTM") == []
    row = client.get(f"/api/v1/lots/{lot_id(larder)}").json()
    assert (row["title"], row["tracking"], row["on_hand"], row["sellable"]) == ("Tea", "lot", 10, 10)
    assert row["next"] == ["correct", "take_out"]
    assert date.fromisoformat(row["expires_at"][:10]) == larder.now.date() + SOON + timedelta(days=1)
    out = client.post(f"/api/v1/lots/{row['id']}/take-out", json={"reason": "recalled", "version": row["version"]})
    assert (out.status_code, out.json()["moved"]) == (200, 10)
    after = client.get(f"/api/v1/lots/{row['id']}").json()
    assert (after["on_hand"], after["sellable"], after["next"]) == (10, 0, ["correct"])
    day_after(larder)
    assert codes(expires_at_lteq="now") == ["SOON"]
    assert codes(expires_at_lteq="now", sellable_gt="0") == []
