"""What the orders agent does when others speak of money, parcels and stock."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from agents.fulfilment.messages import FulfilmentDelivered, FulfilmentShipped
from agents.inventory.messages import AllocationsLost
from agents.orders.messages import CloseDelivered, HoldOrder, OrderState, ReleaseOrder
from db.runtime import Outbox
from db.session import Who
from tests.orders.conftest import CARD, OrdersShop, a_fulfilment, money, ship
from tests.shop import TESTER


def hear(shop: OrdersShop, order: OrderState, **what: object) -> OrderState:
    from agents.orders.views import state_of

    shop.announce(f"order:{order.id}", money(order.id, **what))
    return state_of(shop.sheet(order.id))


def test_money_that_is_authorised_sets_the_order_free(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    assert hear(mugs, order, open=1).status == "held"
    after = hear(mugs, order, authorised=1000)
    assert (after.status, after.payment_status, after.holds) == ("released", "authorised", [])
    assert len(mugs.said("OrderReleased")) == 1
    assert hear(mugs, order, authorised=1000, captured=1000).payment_status == "paid"
    assert len(mugs.said("OrderReleased")) == 1


def test_less_money_than_the_order_is_worth_does_not(mugs: OrdersShop) -> None:
    after = hear(mugs, mugs.order(payment=CARD), authorised=999)
    assert (after.status, after.payment_status, after.holds) == ("held", "pending", ["payment"])
    assert mugs.said("OrderReleased") == []


def test_a_declined_card_leaves_the_order_on_hold_until_another_pays(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    after = hear(mugs, order, declined=True)
    assert (after.status, after.payment_status, after.holds) == ("held", "declined", ["payment"])
    assert hear(mugs, order, authorised=1000).status == "released"


def test_the_money_does_not_lift_the_hold_for_fraud(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    mugs.do("orders", HoldOrder(order_id=order.id, reason="fraud"), OrderState)
    after = hear(mugs, order, authorised=1000)
    assert (after.status, after.holds) == ("held", ["fraud"])
    assert mugs.said("OrderReleased") == []


def test_what_a_person_released_stays_released_when_the_card_is_declined(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    mugs.do("orders", ReleaseOrder(order_id=order.id, reason="payment"), OrderState)
    after = hear(mugs, order, declined=True)
    assert (after.status, after.payment_status) == ("released", "declined")


def test_money_that_is_let_go_before_anything_left_holds_the_order_again(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    hear(mugs, order, authorised=1000)
    after = hear(mugs, order)
    assert (after.status, after.payment_status, after.holds) == ("held", "voided", ["payment"])
    assert mugs.said("OrderHeld")[0]["reasons"] == ["payment"]


def test_money_that_moves_nothing_is_written_and_audited_once_however_often_it_is_told(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    audited = "SELECT before, after FROM audit_log WHERE record = :record AND action = 'update' ORDER BY id"
    for _ in range(2):
        assert hear(mugs, order, authorised=400).status == "held"
        assert mugs.rows(audited, record=f"order:{order.id}") == [({"covered": 0}, {"covered": 400})]
        assert mugs.sheet(order.id).order.version == order.version + 1


def test_a_new_name_for_the_money_is_in_the_history_and_moves_the_time_of_the_last_change(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    mugs.later(hours=1)
    hear(mugs, order, declined=True)
    [(before, after)] = mugs.rows(
        "SELECT before, after FROM audit_log WHERE record = :record AND action = 'update'", record=f"order:{order.id}"
    )
    assert (before["payment_status"], after["payment_status"]) == ("pending", "declined")
    assert mugs.sheet(order.id).order.updated_at == mugs.now
    assert after["updated_at"] == mugs.now.isoformat()
    [(why, detail)] = mugs.rows("SELECT why, detail FROM transitions ORDER BY id DESC LIMIT 1")
    assert why == "payment declined, was pending"
    assert detail == {"authorised": 0, "captured": 0, "refunded": 0}


@pytest.mark.parametrize(("refunded", "status"), [(400, "partly_refunded"), (1000, "refunded")])
def test_refunds_are_shown(mugs: OrdersShop, refunded: int, status: str) -> None:
    order = mugs.order(payment=CARD)
    assert hear(mugs, order, authorised=1000, captured=1000, refunded=refunded).payment_status == status


def test_parcels_move_the_order_from_partly_shipped_to_shipped(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 3})
    mugs.picked(order.id, "MUG", 2)
    ship(mugs, order.id)
    sheet = mugs.sheet(order.id)
    assert (sheet.order.status, sheet.lines[0].shipped) == ("partly_shipped", 2)
    mugs.picked(order.id, "MUG")
    ship(mugs, order.id)
    sheet = mugs.sheet(order.id)
    assert (sheet.order.status, sheet.lines[0].shipped) == ("shipped", 3)
    assert [s["complete"] for s in mugs.said("OrderShipped")] == [False, True]


def test_a_shipment_told_twice_is_counted_once(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 3})
    mugs.picked(order.id, "MUG", 1)
    ship(mugs, order.id)
    again = FulfilmentShipped(fulfilment_id=uuid4(), order_id=order.id, node="LON", lines=[], tracking=[])
    mugs.announce(f"order:{order.id}", again)
    assert mugs.sheet(order.id).lines[0].shipped == 1


def test_a_kit_is_shipped_when_all_its_components_are(mugs: OrdersShop) -> None:
    mugs.a_sku("TEA")
    mugs.some_stock("TEA", "LON", 5)
    mugs.a_kit("SET", {"MUG": 2, "TEA": 1})
    order = mugs.order(lines={"SET": 2})
    mugs.picked(order.id, "MUG", 3)
    ship(mugs, order.id)
    sheet = mugs.sheet(order.id)
    assert (sheet.order.status, sheet.lines[0].shipped) == ("partly_shipped", 0)
    mugs.picked(order.id, "TEA", 2)
    ship(mugs, order.id)
    assert mugs.sheet(order.id).lines[0].shipped == 1
    mugs.picked(order.id, "MUG")
    ship(mugs, order.id)
    sheet = mugs.sheet(order.id)
    assert (sheet.order.status, sheet.lines[0].shipped) == ("shipped", 2)


def test_an_order_is_delivered_when_its_last_parcel_is_and_closed_a_month_later(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 2})
    mugs.picked(order.id, "MUG")
    ship(mugs, order.id)
    first, second = a_fulfilment(mugs, order.id, "delivered"), a_fulfilment(mugs, order.id, "shipped")
    mugs.announce(f"order:{order.id}", FulfilmentDelivered(fulfilment_id=first, order_id=order.id))
    assert mugs.sheet(order.id).order.status == "shipped"
    with mugs.db.transaction(TESTER, now=mugs.now) as tx:
        from sqlalchemy import text

        tx.execute(text("UPDATE fulfilments SET status = 'delivered'"))
    mugs.announce(f"order:{order.id}", FulfilmentDelivered(fulfilment_id=second, order_id=order.id))
    assert mugs.sheet(order.id).order.status == "delivered"
    assert len(mugs.said("OrderDelivered")) == 1
    close(mugs)
    assert mugs.sheet(order.id).order.status == "delivered"
    mugs.later(days=30)
    close(mugs)
    assert mugs.sheet(order.id).order.status == "closed"


def test_a_parcel_that_is_told_of_late_takes_no_order_back_from_the_door(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 2})
    mugs.picked(order.id, "MUG", 2)
    ship(mugs, order.id)
    here = a_fulfilment(mugs, order.id, "delivered")
    mugs.announce(f"order:{order.id}", FulfilmentDelivered(fulfilment_id=here, order_id=order.id))
    late = FulfilmentShipped(fulfilment_id=uuid4(), order_id=order.id, node="BER", lines=[], tracking=["TRK2"])
    mugs.announce(f"order:{order.id}", late)
    assert (mugs.dead(), mugs.sheet(order.id).order.status) == ([], "delivered")
    assert [s["complete"] for s in mugs.said("OrderShipped")] == [True, True]


def close(shop: OrdersShop) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.send("orders", "orders:closing", CloseDelivered(after_days=30))
    shop.pump()
    assert shop.dead() == []


def test_lost_units_are_written_in_the_timeline(mugs: OrdersShop) -> None:
    order = mugs.order()
    lost = AllocationsLost(order_id=order.id, allocations=[order.allocations[0].id], why="the bin was empty")
    mugs.announce(f"order:{order.id}", lost)
    rows = mugs.rows("SELECT why, detail FROM transitions ORDER BY id DESC LIMIT 1")
    assert rows == [("units wait for stock again: the bin was empty", {"units": [["MUG", "LON", 1]]})]
    assert mugs.sheet(order.id).order.version == order.version


def test_what_is_heard_together_is_written_for_each_on_whose_behalf_it_was(mugs: OrdersShop) -> None:
    orders = [mugs.order(payment=CARD) for _ in range(3)]
    with mugs.db.transaction(TESTER, now=mugs.now) as tx:
        for order in orders:
            tx.who = Who("agent:payments", f"req-{order.number}")
            tx.announce(f"order:{order.id}", money(order.id, authorised=1000))
    mugs.pump()
    for order in orders:
        assert mugs.sheet(order.id).order.status == "released"
        with mugs.db.reading() as session:
            [released] = session.scalars(
                select(Outbox).where(Outbox.kind == "OrderReleased", Outbox.subject == f"order:{order.id}")
            )
        assert released.request_id == f"req-{order.number}"
