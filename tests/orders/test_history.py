"""Orders of the past come in as they were, and touch nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agents.orders.messages import HistoricLine, HistoricOrder, HoldOrder, ImportedOrders, ImportOrders, OrderState
from agents.orders.views import state_of
from db.errors import Refused
from tests.orders.conftest import OrdersShop

LONG_AGO = datetime(2011, 12, 1, 8, 26, tzinfo=UTC)


def an_old_order(**what: Any) -> HistoricOrder:
    lines = [HistoricLine(sku="GONE", title="Holder", quantity=6, unit_amount=255, tax_rate_ppm=200_000)]
    return HistoricOrder(**{"channel": "web", "currency": "GBP", "placed_at": LONG_AGO, "lines": lines, **what})


def bring_in(shop: OrdersShop, *orders: HistoricOrder) -> ImportedOrders:
    return shop.do("orders", ImportOrders(orders=list(orders)), ImportedOrders)


def test_an_old_order_keeps_its_own_date_number_and_amounts(shop: OrdersShop) -> None:
    told = bring_in(shop, an_old_order(number="536365", external_ref="536365", email="A@B.C", shipping=100))
    assert (told.created, told.skipped, told.errors) == (1, 0, [])
    order = state_of(shop.sheet(shop.rows("SELECT id FROM orders")[0].id))
    assert (order.number, order.status, order.placed_at) == ("536365", "delivered", LONG_AGO)
    assert (order.total, order.tax, order.total_now, order.currency) == (1630, 255, 1630, "GBP")
    assert [(n.sku, n.title, n.quantity, n.shipped) for n in order.lines] == [("GONE", "Holder", 6, 6)]
    assert order.next == ["close"]
    assert (shop.said(), shop.count("allocations"), shop.count("stock_ledger")) == ([], 0, 0)
    assert shop.timeline(order.id) == [(None, "delivered")]
    with pytest.raises(Refused, match="cannot become held"):
        shop.do("orders", HoldOrder(order_id=order.id, reason="manual"), OrderState)


def test_the_same_history_twice_is_kept_once(shop: OrdersShop) -> None:
    history = [an_old_order(external_ref=f"A-{n}") for n in range(3)] + [an_old_order(number="H-1")]
    assert bring_in(shop, *history).created == 4
    again = bring_in(shop, *history, an_old_order(external_ref="A-9"))
    assert (again.created, again.skipped) == (1, 4)
    twice = bring_in(shop, an_old_order(external_ref="B"), an_old_order(external_ref="B"))
    assert (twice.created, twice.skipped) == (1, 1)
    assert shop.count("orders") == 6


def test_a_cancelled_order_of_the_past_is_worth_nothing_now(shop: OrdersShop) -> None:
    bring_in(shop, an_old_order(status="cancelled"))
    order = state_of(shop.sheet(shop.rows("SELECT id FROM orders")[0].id))
    assert (order.status, order.total, order.total_now, order.lines[0].cancelled) == ("cancelled", 1530, 0, 6)


def test_what_is_wrong_is_named_and_the_rest_comes_in(shop: OrdersShop) -> None:
    told = bring_in(
        shop,
        an_old_order(channel="fax"),
        an_old_order(number="1", external_ref="ok"),
        an_old_order(lines=[]),
        an_old_order(status="released"),
        an_old_order(placed_at=datetime(2011, 12, 1)),  # noqa: DTZ001 - that is the point
        an_old_order(currency="XXX"),
        an_old_order(lines=[HistoricLine(sku="A", quantity=-1, unit_amount=1)]),
        an_old_order(number="1", external_ref="other"),
        an_old_order(placed_at=datetime(9998, 12, 31, tzinfo=UTC)),
    )
    assert (told.created, told.skipped) == (1, 0)
    assert [e["index"] for e in told.errors] == [0, 2, 3, 4, 5, 6, 7, 8]
    assert "has no time zone" in told.errors[3]["error"]
    assert "is still to come" in told.errors[-1]["error"]
    assert told.errors[-2]["error"] == "There is another order 1 already."


def test_new_orders_never_get_a_number_that_came_with_history(mugs: OrdersShop) -> None:
    bring_in(mugs, an_old_order(number="100001"), an_old_order(number="100007"), an_old_order(number="5000000001"))
    assert mugs.order().number == "100008"
    bring_in(mugs, an_old_order(number="7"), an_old_order())
    assert mugs.order().number == "100010"


def test_a_reference_known_from_history_is_not_placed_again(mugs: OrdersShop) -> None:
    bring_in(mugs, an_old_order(external_ref="A-1", number="H-1"))
    with pytest.raises(Refused, match="is order H-1 already"):
        mugs.order(external_ref="A-1")


def test_statements_do_not_grow_with_history(shop: OrdersShop) -> None:
    from sqlalchemy import event

    seen: list[str] = []
    bring_in(shop, an_old_order())
    event.listen(shop.agent("orders").db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    bring_in(shop, an_old_order(external_ref="a"))
    one = len(seen)
    told = bring_in(shop, *(an_old_order(external_ref=f"b{n}", email=None if n % 2 else "a@b.c") for n in range(200)))
    assert (told.created, len(seen)) == (200, 2 * one)
