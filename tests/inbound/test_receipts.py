"""Goods of a purchase order come in: counted, booked and promised in one transaction, once, and back again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text
from starlette.testclient import TestClient

from agents.inbound.messages.receipts import ReceiveGoods, TakeGoodsBack
from agents.inventory.messages import UndoStock
from agents.orders.messages import OrderState, PaymentGiven, PlacedLine, PlaceOrder
from agents.purchasing.messages.orders import PurchaseState
from db.stock import AllocationState
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.inbound.conftest import Dock, good
from tests.serve.conftest import error_of
from tests.shop import TESTER


def test_what_comes_in_parts_moves_the_order_along_and_can_be_sold(dock: Dock) -> None:
    order: PurchaseState = dock.sent(MUG=10, PLATE=4)
    first = dock.receive(order.id, good(1, 6), good(2, 4))
    assert (first.purchase_status, first.status, len(first.lines)) == ("partly_received", "booked", 2)
    assert (dock.level("MUG", "LON").sellable, dock.coming("MUG")) == (6, 4)
    second = dock.receive(order.id, good(1, 4), scan="S2")
    assert second.purchase_status == "received"
    assert [e["quantity"] for e in dock.said("GoodsReceived")] == [6, 4, 4]


def test_units_that_cannot_be_sold_are_never_sellable(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    dock.no(ReceiveGoods(purchase_id=order.id, scan="S1", lines=[good(1, 1, condition="damaged")]), "bad_field")
    dock.receive(
        order.id, good(1, 7), good(1, 2, condition="inspect"), good(1, 1, condition="damaged", reason="crushed")
    )
    level = dock.level("MUG", "LON")
    assert (level.on_hand, level.sellable) == (10, 7)
    assert dock.status(order.id) == "received"


def test_the_same_scan_is_booked_once_whoever_sends_it_again(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    first, again = (dock.receive(order.id, good(1, 6)) for _ in range(2))
    assert (again.id, again.number) == (first.id, first.number)
    assert (dock.level("MUG", "LON").on_hand, dock.count("receipts")) == (6, 1)


def test_two_people_at_one_pallet_count_it_once_each_scan(dock: Dock) -> None:
    order = dock.sent(MUG=40)
    with ThreadPoolExecutor(8) as people:
        asks = [(f"S{n % 10}", 4) for n in range(40)]  # ten scans of four units, each sent four times
        list(people.map(lambda ask: dock.receive(order.id, good(1, ask[1]), scan=ask[0]), asks))
    assert (dock.level("MUG", "LON").on_hand, dock.count("receipts"), dock.status(order.id)) == (40, 10, "received")


def test_more_than_was_ordered_needs_somebody_who_takes_it(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    refused = dock.no(ReceiveGoods(purchase_id=order.id, scan="S1", lines=[good(1, 12)]), "more_than_ordered")
    assert refused.facts()["may_come"] == 10
    assert dock.receive(order.id, good(1, 12), accept_over="they sell anyway").purchase_status == "received"
    assert dock.count("over_receipts") == 1


def test_an_order_that_waits_gets_the_units_at_once(dock: Dock) -> None:
    dock.some_stock("MUG", "LON", 1)
    placed = dock.do(
        "orders",
        PlaceOrder(
            channel="web",
            currency="EUR",
            lines=[PlacedLine(sku="MUG", quantity=4)],
            payment=PaymentGiven(provider="test", token="tok_ok"),
        ),
        OrderState,
    )
    dock.pump()
    assert {a.state for a in dock.allocations(placed.id)} == {AllocationState.allocated, AllocationState.backordered}
    order = dock.sent(MUG=10)
    made = dock.receive(order.id, good(1, 10))
    assert made.filled == 3
    assert {a.state for a in dock.allocations(placed.id)} == {AllocationState.allocated}
    refused = dock.no(TakeGoodsBack(receipt_id=made.id, reason="oops"), "gone_since")
    assert refused.facts()["free"] == 7


def test_a_receipt_is_taken_back_once_and_the_order_stands_where_it_was(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    made = dock.receive(order.id, good(1, 4), good(1, 2, condition="inspect"))
    back = dock.back(made.id)
    assert (back.status, back.purchase_status, back.next) == ("taken_back", "sent", [])
    assert (dock.level("MUG", "LON").on_hand, dock.coming("MUG")) == (0, 10)
    dock.no(TakeGoodsBack(receipt_id=made.id, reason="again"), "illegal_move")
    dock.receive(order.id, good(1, 10), scan="S2")
    assert dock.status(order.id) == "received"


def test_the_ledger_alone_does_not_take_back_what_counts_on_an_order(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    made = dock.receive(order.id, good(1, 4))
    with dock.db.reading() as session:
        entry = session.execute(text("SELECT id FROM stock_ledger WHERE kind = 'received'")).scalar_one()
    refused = dock.no(UndoStock(entries=[entry]), "belongs_to_receipt", "inventory")
    assert refused.facts()["receipt"] == made.number


def test_nothing_comes_of_an_order_that_was_not_sent(dock: Dock) -> None:
    draft = dock.drafted(MUG=10)
    dock.no(ReceiveGoods(purchase_id=draft.id, scan="S1", lines=[good(1, 1)]), "not_receivable")
    dock.no(ReceiveGoods(purchase_id=draft.id, scan="S1", lines=[]), "bad_field")
    dock.no(ReceiveGoods(purchase_id=dock.sent(MUG=1).id, scan="S1", lines=[good(9, 1)]), "not_found")


def test_over_http(dock: Dock) -> None:
    with dock.db.transaction(TESTER, now=dock.now) as tx:
        _, secret = make_key(tx, "test", sorted(ALL_SCOPES))
        _, reader = make_key(tx, "reader", ["read_purchasing"])
    app = create_app(dock.db, dock, clock=lambda: dock.now)
    client = TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)
    order = dock.sent(MUG=10)
    body = {"scan": "note 7", "lines": [{"line_no": 1, "quantity": 10}]}
    path = f"/api/v1/purchase-orders/{order.id}/receive"
    error_of(client.post(path, json=body, headers={"Authorization": f"Bearer {reader}"}), 403, "missing_scope")
    made = client.post(path, json=body)
    assert (made.status_code, made.json()["purchase_status"]) == (201, "received")
    listed = client.get("/api/v1/receipts?expand=lines&sort=-received_at").json()["data"]
    assert [(r["number"], r["lines"][0]["quantity"]) for r in listed] == [(made.json()["number"], 10)]
    back = client.post(f"/api/v1/receipts/{made.json()['id']}/take-back", json={"reason": "wrong pallet"})
    assert back.json()["status"] == "taken_back"
    assert client.get(f"/api/v1/receipts/{made.json()['id']}").json()["next"] == []
