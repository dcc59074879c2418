"""What a unit costs landed: a moving average of what came, exact to the last cent however it comes and goes back."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from agents.purchasing.messages.orders import (
    AmendedLine,
    AmendPurchase,
    ApprovePurchase,
    ChargeAsk,
    CreatePurchase,
    PurchaseLineAsk,
    PurchaseState,
    SendPurchase,
)
from db.base import uuid7
from db.costing import moved, unit_costs
from db.purchasing import count_received
from tests.purchasing.conftest import Office
from tests.shop import TESTER


@pytest.fixture(autouse=True)
def nothing_lies_there_at_the_end(office: Office) -> Iterator[None]:
    """`lie` puts units where no movement has brought them; the auditor comes afterwards."""
    yield
    with office.db.transaction(TESTER, now=office.now) as tx:
        tx.execute(text("DELETE FROM stock_levels"))


def sent(office: Office, units: int, *, unit_cost: int = 400, freight: int = 0, of: str = "HANSA") -> PurchaseState:
    charges = [ChargeAsk(name="Freight", amount=freight)] if freight else []
    lines = [PurchaseLineAsk(sku="PLATE", quantity=units, unit_cost=unit_cost)]
    asked = CreatePurchase(supplier=of, node="LON", lines=lines, charges=charges)
    made = office.do("purchasing", asked, PurchaseState)
    office.by(office.admin, ApprovePurchase(purchase_id=made.id), PurchaseState)
    return office.do("purchasing", SendPurchase(purchase_id=made.id), PurchaseState)


def averages(office: Office) -> list[tuple[str, int, int]]:
    with office.db.reading() as session:
        found = session.execute(
            text("SELECT currency, units, average_milli FROM unit_costs WHERE units > 0 ORDER BY 1")
        )
        return [tuple(row) for row in found]  # type: ignore[misc]


def values(office: Office) -> list[int]:
    with office.db.reading() as session:
        return list(session.scalars(text("SELECT value FROM cost_entries ORDER BY id")))


def lie(office: Office, units: int) -> None:
    """As if whoever books goods had put them there: here units are counted on their order alone."""
    with office.db.transaction(TESTER, now=office.now) as tx:
        tx.execute(text("DELETE FROM stock_levels"))
        tx.execute(text("INSERT INTO stock_levels VALUES ('LON', 'PLATE', :n, 0, 0, 0, 0, now())"), {"n": units})


def test_what_came_costs_its_price_and_its_share_of_freight(office: Office) -> None:
    order = sent(office, 10, freight=1000)
    assert (order.lines[0]["landed"], order.lines[0]["landed_unit"]) == (5000, 500)
    office.came(order.id, 1, 4)
    assert averages(office) == [("EUR", 4, 500_000)]
    with office.db.reading() as session:
        assert unit_costs(session, ["PLATE", "MUG"]) == {("PLATE", "EUR"): 500}


def test_parts_of_a_line_are_together_worth_exactly_what_it_costs(office: Office) -> None:
    order = sent(office, 7, unit_cost=100, freight=1)
    for units in (2, 2, 3):
        office.came(order.id, 1, units)
    assert (values(office), sum(values(office))) == ([200, 201, 300], 701)


def test_units_on_hand_weigh_at_what_they_cost_and_those_that_are_gone_do_not(office: Office) -> None:
    office.came(sent(office, 10, unit_cost=400).id, 1, 10)
    lie(office, 6)  # four were sold
    office.came(sent(office, 4, unit_cost=500).id, 1, 4)
    assert averages(office) == [("EUR", 14, (6 * 400_000 + 4 * 500_000) // 10)]
    lie(office, 0)
    office.came(sent(office, 3, unit_cost=700).id, 1, 3)
    assert averages(office) == [("EUR", 17, 700_000)]


def test_units_of_one_receipt_weigh_once_however_many_rows_it_has(office: Office) -> None:
    office.came(sent(office, 10, unit_cost=100).id, 1, 10)
    lie(office, 10)
    order = sent(office, 10, unit_cost=200)
    with office.db.transaction(TESTER, now=office.now) as tx:
        count_received(tx, order.id, [(1, 5), (1, 5)])  # two lots
    assert averages(office) == [("EUR", 20, 150_000)]


def test_what_came_on_a_receipt_goes_with_it_and_not_what_came_last_of_its_line(office: Office) -> None:
    order, dear = sent(office, 12, unit_cost=400), sent(office, 6, unit_cost=1000)
    first, second = uuid7(), uuid7()

    def came(receipt_id: UUID, units: int) -> None:
        with office.db.transaction(TESTER, now=office.now) as tx:
            count_received(tx, order.id, [(1, units)], receipt_id=receipt_id)

    came(first, 6)
    lie(office, 6)
    office.came(dear.id, 1, 6)
    lie(office, 6)  # six were sold before the rest came
    came(second, 6)
    assert averages(office) == [("EUR", 18, 550_000)]
    came(first, -6)  # had it never come, the dear ones were sold: what lies there cost 400
    assert averages(office) == [("EUR", 12, 400_000)]
    came(second, -6)
    assert averages(office) == [("EUR", 6, 1_000_000)]


def test_units_between_two_nodes_weigh_too(office: Office) -> None:
    office.came(sent(office, 10, unit_cost=100).id, 1, 10)
    lie(office, 2)
    office.a_node("BER")
    with office.db.transaction(TESTER, now=office.now) as tx:
        moving = "'BER', 'PLATE', code, '', 'transit', 8 FROM bins WHERE node = 'BER' LIMIT 1"
        tx.execute(text(f"INSERT INTO bin_stock (node, sku, bin, lot, status, quantity) SELECT {moving}"))
    office.came(sent(office, 10, unit_cost=200).id, 1, 10)
    assert averages(office) == [("EUR", 20, 150_000)]
    with office.db.transaction(TESTER, now=office.now) as tx:
        tx.execute(text("DELETE FROM bin_stock"))


def test_units_that_never_came_on_an_order_weigh_nothing(office: Office) -> None:
    lie(office, 90)
    office.came(sent(office, 3, unit_cost=700).id, 1, 3)
    assert averages(office) == [("EUR", 3, 700_000)]


def test_a_take_back_leaves_the_average_as_if_the_units_had_never_come(office: Office) -> None:
    first, wrong, last = sent(office, 10), sent(office, 5, unit_cost=999), sent(office, 7, unit_cost=333)
    office.came(first.id, 1, 10)
    lie(office, 10)
    office.came(last.id, 1, 7)
    without = averages(office)
    office.came(last.id, 1, -7)
    assert averages(office) == [("EUR", 10, 400_000)]
    office.came(wrong.id, 1, 5)
    lie(office, 15)
    office.came(last.id, 1, 7)
    assert averages(office) != without
    office.came(wrong.id, 1, -5)
    assert averages(office) == without
    office.came(last.id, 1, -7)
    office.came(first.id, 1, -10)
    assert averages(office) == []


def test_a_new_price_or_freight_values_what_has_come_anew(office: Office) -> None:
    order, later = sent(office, 10), sent(office, 10, unit_cost=600)
    office.came(order.id, 1, 4)
    lie(office, 4)
    office.came(later.id, 1, 4)
    assert averages(office) == [("EUR", 8, 500_000)]
    ask = AmendPurchase(
        purchase_id=order.id, reason="freight was dearer", charges=[ChargeAsk(name="Freight", amount=2000)]
    )
    office.by(office.admin, ask, PurchaseState)
    assert (values(office), averages(office)) == ([2400, 2400], [("EUR", 8, 600_000)])
    line = AmendedLine(line_no=1, unit_cost=200)
    office.by(office.admin, AmendPurchase(purchase_id=order.id, reason="typed wrongly", lines=[line]), PurchaseState)
    assert (values(office), averages(office)) == ([1600, 2400], [("EUR", 8, 500_000)])


def test_each_currency_has_an_average_of_its_own(office: Office) -> None:
    office.a_supplier("LAKE", currency="USD")
    office.sells("PLATE", supplier="LAKE", unit_cost=450)
    office.came(sent(office, 10).id, 1, 10)
    lie(office, 10)
    office.came(sent(office, 5, unit_cost=450, of="LAKE").id, 1, 5)
    assert averages(office) == [("EUR", 10, 400_000), ("USD", 5, 450_000)]


def test_the_average_is_rounded_half_away_from_zero() -> None:
    assert moved(400_000, 6, 1500, 4) == 390_000
    assert moved(0, 0, 1, 16) == 63  # 62.5 thousandths
