"""Lots keep one date, serial numbers exist once, what has expired is not sold; what nobody ordered is kept apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from agents.catalog.messages import PutProduct, VariantAsk
from agents.inbound.messages.inspections import DecideUnits, DisposeUnits, InspectionState
from agents.inbound.messages.receipts import CorrectLot, LotState, ReceiveGoods
from agents.inventory.messages import MoveStock, ReceivedLine, ReceiveStock, StockState
from agents.purchasing.messages.orders import CreatePurchase, PurchaseLineAsk, PurchaseState
from db.catalog import Tracking
from db.errors import Refused
from db.suppliers import SupplierItem
from tests.inbound.conftest import Dock, good
from tests.shop import TESTER

SOON, LATE = timedelta(days=20), timedelta(days=400)


@pytest.fixture
def larder(dock: Dock) -> Dock:
    """HANSA sells TEA by lot and PHONE by serial number too."""
    for sku, tracking in (("TEA", Tracking.lot), ("PHONE", Tracking.serial)):
        dock.a_sku(sku, tracking=tracking)
        dock.sells(sku)
    return dock


def today(dock: Dock) -> date:
    return dock.now.date()


def the_lot(dock: Dock, code: str) -> tuple[UUID, date | None]:
    with dock.db.reading() as session:
        row = session.execute(text("SELECT id, expires_on FROM lots WHERE code = :code"), {"code": code}).one()
        return row.id, row.expires_on


def test_a_lot_keeps_the_date_that_was_said_first(larder: Dock) -> None:
    order: PurchaseState = larder.sent(TEA=30)
    late = today(larder) + LATE
    larder.receive(order.id, good(1, 5, lot="L1"))  # nobody says when it expires
    larder.receive(order.id, good(1, 5, lot="L1", expires_on=late), scan="S2")
    larder.receive(order.id, good(1, 5, lot="L1", expires_on=late), scan="S3")
    assert the_lot(larder, "L1")[1] == late
    other = [good(1, 5, lot="L1", expires_on=late + timedelta(days=1))]
    refused = larder.no(ReceiveGoods(purchase_id=order.id, scan="S4", lines=other), "lot_has_other_expiry")
    assert refused.facts()["expires_on"] == late.isoformat()
    same_lot_of_another = larder.sent(MUG=1)
    dated = [good(1, 1, expires_on=late)]
    larder.no(ReceiveGoods(purchase_id=same_lot_of_another.id, scan="S1", lines=dated), "expiry_needs_lot")


def test_a_wrong_date_is_corrected_with_a_reason_but_not_under_goods_in_sale(larder: Dock) -> None:
    order = larder.sent(TEA=30)
    larder.receive(order.id, good(1, 5, lot="L1", expires_on=today(larder) + LATE))
    lot, _ = the_lot(larder, "L1")
    gone = today(larder) - timedelta(days=1)
    refused = larder.no(CorrectLot(lot_id=lot, expires_on=gone, reason="misread"), "still_in_sale")
    assert refused.facts()["sellable"] == 5
    right = today(larder) + LATE + timedelta(days=1)
    larder.now += timedelta(hours=1)
    state = larder.do("inbound", CorrectLot(lot_id=lot, expires_on=right, reason="misread", version=2), LotState)
    assert (state.expires_on, state.version) == (right, 3)
    larder.no(CorrectLot(lot_id=lot, expires_on=gone, reason="misread", version=1), "stale_version")
    larder.receive(order.id, good(1, 5, lot="L1", expires_on=right), scan="S2")


def test_what_has_expired_is_looked_at_and_never_sold(larder: Dock) -> None:
    order = larder.sent(TEA=30)
    gone = today(larder) - timedelta(days=1)
    made = larder.receive(order.id, good(1, 4, lot="OLD", expires_on=gone))
    assert [(row["condition"], row["bin"]) for row in made.lines] == [("inspect", "QUARANTINE")]
    assert [(row["said"], row["days_left"]) for row in made.ageing] == [("expired", -1)]
    assert larder.level("TEA", "LON").sellable == 0
    (inspection,) = made.inspections
    larder.no(DecideUnits(inspection_id=inspection["id"], accept=4), "lot_expired")
    larder.do("inbound", DecideUnits(inspection_id=inspection["id"], reject=4), InspectionState)
    cheap = DisposeUnits(inspection_id=inspection["id"], kind="accept_at_discount", quantity=4, discount=10, reason="x")
    larder.no(cheap, "lot_expired")
    blind = ReceiveStock(node="LON", reference="B1", lines=[ReceivedLine(sku="TEA", quantity=1, lot="OLD")])
    larder.no(blind, "lot_expired", "inventory")
    kept = ReceivedLine(sku="TEA", quantity=1, lot="OLD", status="quarantine", bin="QUARANTINE")
    larder.do("inventory", ReceiveStock(node="LON", reference="B2", lines=[kept]), StockState)
    out = MoveStock(
        node="LON", sku="TEA", lot="OLD", quantity=1, from_bin="QUARANTINE", to_bin="PICK", from_status="quarantine",
        to_status="sellable",
    )  # fmt: skip
    larder.no(out, "lot_expired", "inventory")


def test_what_expires_soon_is_sold_and_told(larder: Dock) -> None:
    order = larder.sent(TEA=30)
    made = larder.receive(order.id, good(1, 4, lot="SOON", expires_on=today(larder) + SOON))
    assert [(row["said"], row["days_left"]) for row in made.ageing] == [("expires soon", 20)]
    last_day = larder.receive(order.id, good(1, 4, lot="TODAY", expires_on=today(larder)), scan="S2")
    assert [(row["said"], row["days_left"]) for row in last_day.ageing] == [("expires soon", 0)]
    fresh = larder.receive(order.id, good(1, 4, lot="FRESH", expires_on=today(larder) + LATE), scan="S3")
    assert fresh.ageing == []
    assert larder.level("TEA", "LON").sellable == 12


def test_one_serial_number_that_two_people_scan_at_two_orders_comes_once(larder: Dock) -> None:
    orders = [larder.sent(PHONE=3) for _ in range(6)]

    def scan(order: PurchaseState) -> str:
        try:
            return larder.receive(order.id, good(1, 1, lot="SN-1")).status
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(6) as people:
        said = sorted(people.map(scan, orders))
    assert said == ["booked", *["serial_in_stock"] * 5]
    assert larder.level("PHONE", "LON").on_hand == 1
    twice = [good(1, 1, lot="SN-2"), good(1, 1, lot="SN-2")]
    larder.no(ReceiveGoods(purchase_id=orders[0].id, scan="S9", lines=twice), "bad_field")


def test_what_nobody_ordered_is_kept_apart_and_counts_on_no_line(dock: Dock) -> None:
    dock.a_sku("BOWL")
    order = dock.sent(MUG=10)
    bowls = good(None, 3, sku="BOWL", condition="wrong", reason="bowls instead of mugs")
    made = dock.receive(order.id, good(1, 4), bowls)
    assert [(row["sku"], row["purchase_line"], row["bin"]) for row in made.lines] == [
        ("MUG", 1, "RECEIVING"), ("BOWL", None, "QUARANTINE"),
    ]  # fmt: skip
    assert (made.purchase_status, dock.coming("MUG")) == ("partly_received", 6)
    level = dock.level("BOWL", "LON")
    assert (level.on_hand, level.sellable) == (3, 0)
    assert [(e["sku"], e["quantity"]) for e in dock.said("WrongGoodsReceived")] == [("BOWL", 3)]
    (inspection,) = made.inspections
    assert (inspection["sku"], inspection["status"]) == ("BOWL", "decided")
    claimed = DisposeUnits(
        inspection_id=inspection["id"], kind="accept_at_discount", quantity=1, discount=5, reason="we sell them too"
    )
    dock.no(claimed, "bad_inspection_field")
    kept = DisposeUnits(inspection_id=inspection["id"], kind="accept_at_discount", quantity=1, reason="we sell them")
    assert dock.do("inbound", kept, InspectionState).claim == 0
    sent_back = DisposeUnits(inspection_id=inspection["id"], kind="return_to_vendor", quantity=2, reason="wrong")
    assert dock.do("inbound", sent_back, InspectionState).status == "closed"
    level = dock.level("BOWL", "LON")
    assert (level.on_hand, level.sellable) == (1, 1)


def test_wrong_goods_are_taken_back_with_their_receipt(dock: Dock) -> None:
    dock.a_sku("BOWL")
    order = dock.sent(MUG=10)
    made = dock.receive(order.id, good(None, 3, sku="BOWL", condition="wrong", reason="bowls"))
    assert made.purchase_status == "sent"
    assert dock.back(made.id).status == "taken_back"
    assert dock.level("BOWL", "LON").on_hand == 0


def test_what_is_said_to_be_wrong_has_a_reason_and_was_not_ordered(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    dock.a_sku("BOWL")
    for code, goods in (
        ("bad_field", good(None, 1, sku="BOWL", condition="wrong")),
        ("bad_field", good(1, 1, sku="BOWL", condition="wrong", reason="x")),
        ("bad_field", good(None, 1, condition="wrong", reason="x")),
        ("bad_field", good(None, 1, sku="BOWL")),
        ("on_this_order", good(None, 1, sku="MUG", condition="wrong", reason="x")),
        ("not_found", good(None, 1, sku="NEVER", condition="wrong", reason="x")),
    ):
        dock.no(ReceiveGoods(purchase_id=order.id, scan="S1", lines=[goods]), code)


def test_a_kit_is_ordered_as_its_components(dock: Dock) -> None:
    dock.a_kit("SET", {"MUG": 2, "PLATE": 1})
    dock.a_sku("LATER")
    dock.sells("LATER")
    order = dock.sent(LATER=2)
    with dock.db.transaction(TESTER, now=dock.now) as tx:
        tx.add(SupplierItem(supplier="HANSA", sku="SET", supplier_sku="SET", unit_cost=1, breaks=[], minimum_quantity=1,
                            case_pack=1, active=True, version=1, created_at=dock.now, updated_at=dock.now))  # fmt: skip
    asked = CreatePurchase(supplier="HANSA", node="LON", lines=[PurchaseLineAsk(sku="SET", quantity=1)])
    refused = dock.no(asked, "kit_is_its_components", "purchasing")
    assert refused.facts()["components"] == {"MUG": 2, "PLATE": 1}
    becoming = PutProduct(handle="later", title="Later", variants=[VariantAsk(sku="LATER", components={"MUG": 1})])
    assert dock.no(becoming, "order_in_the_way", "catalog").facts()["purchase"] == order.number
