"""Lists go out as CSV files: all that fits, safe to open, and in again as they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from agents.inventory.messages import AdjustStock, StockState
from agents.orders.messages import OrderState, PaymentGiven, PlacedLine, PlaceOrder
from cli.transfer import EXPORTS
from db.customers import Customer
from serve import exports
from serve.app import create_app
from serve.importing.files import FILES, UNDER_ANOTHER_NAME, percent
from serve.lists import LISTS
from serve.scopes import ALL_SCOPES
from tests.conftest import FreshDatabase
from tests.serve.conftest import error_of
from tests.serve.test_imports import Office, a_product_row, an_order_row
from tests.shop import TESTER, Shop

READS = {
    "orders": "read_orders",
    "order_lines": "read_orders",
    "products": "read_catalog",
    "variants": "read_catalog",
    "customers": "read_customers",
    "stock": "read_stock",
    "stock_levels": "read_stock",
    "ledger": "read_stock",
    "allocations": "read_stock",
    "stock_holds": "read_stock",
    "backorders": "read_stock",
    "backorder_promises": "read_stock",
    "fill_decisions": "read_stock",
    "channel_buffers": "read_stock",
    "fill_policies": "read_stock",
    "pre_orders": "read_stock",
    "lots": "read_stock",
    "transfers": "read_stock",
    "counts": "read_stock",
    "suppliers": "read_purchasing",
    "supplier_items": "read_purchasing",
    "purchase_orders": "read_purchasing",
    "supplier_invoices": "read_purchasing",
    "supplier_credits": "read_purchasing",
    "supplier_claims": "read_purchasing",
    "match_tolerances": "read_purchasing",
    "approval_limits": "read_purchasing",
    "deliveries": "read_purchasing",
    "supplier_promises": "read_purchasing",
    "advance_notices": "read_purchasing",
    "docks": "read_purchasing",
    "appointments": "read_purchasing",
    "receipts": "read_purchasing",
    "inspections": "read_stock",
    "dispositions": "read_stock",
    "inspection_plans": "read_purchasing",
    "supplier_standings": "read_purchasing",
    "putaway_tasks": "read_stock",
    "putaways": "read_stock",
    "putaway_rules": "read_stock",
    "suggestions": "read_purchasing",
    "replenishment_plans": "read_purchasing",
    "replenishment_rules": "read_purchasing",
    "replenishment_classes": "read_purchasing",
    "routing_rule_sets": "read_orders",
    "routing_plans": "read_orders",
    "routing_plan_moves": "read_orders",
    "nodes": "read_stock",
    "bins": "read_stock",
    "fulfilments": "read_fulfilment",
    "parcels": "read_fulfilment",
    "boxes": "read_fulfilment",
    "pick_lists": "read_fulfilment",
    "waves": "read_fulfilment",
    "wave_templates": "read_fulfilment",
    "release_policies": "read_fulfilment",
    "carrier_cut_offs": "read_fulfilment",
    "labels": "read_shipping",
    "customs_declarations": "read_shipping",
    "sdr_rates": "read_shipping",
    "carrier_calendars": "read_shipping",
    "pickups": "read_shipping",
    "manifests": "read_shipping",
    "label_purchases": "read_shipping",
    "carrier_accounts": "read_shipping",
    "tracking": "read_shipping",
    "tracks": "read_shipping",
    "tracking_codes": "read_shipping",
    "parcel_exceptions": "read_shipping",
    "carrier_claims": "read_shipping",
    "carrier_terms": "read_shipping",
    "carrier_invoices": "read_shipping",
    "carrier_charges": "read_shipping",
    "rate_cards": "read_shipping",
    "shipping_policies": "read_shipping",
    "carrier_choices": "read_shipping",
    "carrier_rule_sets": "read_shipping",
    "carrier_parcels": "read_shipping",
    "return_lines": "read_orders",
    "shipped_lines": "read_orders",
    "carrier_drifts": "read_shipping",
    "payments": "read_payments",
    "returns": "read_orders",
    "gift_cards": "read_payments",
    "store_credit": "read_payments",
    "refund_limits": "read_payments",
    "exchanges": "read_orders",
    "claims": "read_orders",
    "return_labels": "read_shipping",
    "return_policies": "read_orders",
    "return_dispositions": "read_orders",
    "disposition_terms": "read_orders",
    "return_signals": "read_orders",
    "unknown_parcels": "read_orders",
    "notifications": "read_notifications",
    "users": "read_people",
    "roles": "read_people",
    "keys": "read_people",
    "audit": "read_audit",
    "dead_letters": "read_runtime",
    "flows": "read_runtime",
    "schedules": "read_runtime",
    "webhooks": "read_webhooks",
    "webhook_posts": "read_webhooks",
}
OF_THE_CALLER = {"imports", "bulk", "inbox", "views"}  # each sees their own rows, whatever scopes they hold


@pytest.fixture
def office(shop: Shop) -> Iterator[Office]:
    with TestClient(create_app(shop.db, shop, clock=lambda: shop.now)) as client:
        yield Office(shop, client)


def exported(office: Office, kind: str, **given: str) -> list[dict[str, str]]:
    answer = office.client.get(f"/api/v1/exports/{kind}.csv", params=given, headers=office.everything)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


HISTORY = [
    an_order_row(shipping="4.90", shipping_tax_rate="20", tax_rate="7.7125", discount="1.05", order_discount="3.33",
                 email="ada@example.com", name="Ada", postal_code="YO1 7EP", country="GB", tags="vip|gift"),
    an_order_row(sku="=HYPERLINK()", title="-tee, \"large\"", quantity="3", unit_price="0.99"),
    an_order_row(order="A-2", status="cancelled", currency="JPY", unit_price="300", placed_at="2025-01-02 10:20:30"),
    an_order_row(order="A-3", currency="KWD", unit_price="1.234", tax_inclusive="no", tax_rate="5", number="77"),
    an_order_row(order="501", number="501", status="shipped", channel="store"),
]  # fmt: skip
FACTS = (
    "SELECT number, channel, external_ref, status, email, shipping_address, currency, tax_inclusive, subtotal, "
    "discount, order_discount, shipping, shipping_tax_ppm, tax, total, cancelled_total, tags, placed_at FROM orders "
    "ORDER BY number"
)
LINE_FACTS = (
    "SELECT number, line_no, sku, title, quantity, cancelled, l.unit_amount, l.net, l.tax, l.total FROM order_lines l "
    "JOIN orders o ON o.id = l.order_id ORDER BY number, line_no"
)


def test_exported_orders_come_into_an_empty_company_with_the_same_totals(
    office: Office, fresh_database: FreshDatabase
) -> None:
    office.imported("orders", *HISTORY)
    rows = exported(office, "orders")
    assert len(rows) == len(HISTORY)
    assert office.counts("orders", *rows) == (0, 0, 0, 4)
    with fresh_database() as url:
        other = Shop(url)
        with TestClient(create_app(other.db, other, clock=lambda: other.now)) as client:
            elsewhere = Office(other, client)
            assert elsewhere.counts("orders", *rows) == (4, 0, 0, 0)
            for query in (FACTS, LINE_FACTS):
                assert elsewhere.rows(query) == office.rows(query)
            elsewhere.books_are_right()
        other.close()


def test_products_customers_and_stock_come_in_again_as_they_went_out(office: Office) -> None:
    office.shop.a_node()
    office.imported(
        "products",
        a_product_row(options="colour=blue|size=M", weight_grams="310", cost="4.20", tax_rate="20", description="=1+1",
                      images="https://a/1.jpg|https://a/2.jpg", category="Home > Mugs", barcode="400"),
        {"handle": "mug", "sku": "MUG", "price": "9.00", "currency": "GBP"},
        a_product_row(handle="box", title="Box", sku="BOX", price="", currency=""),
        a_product_row(handle="set", title="Set", sku="SET"),
        a_product_row(handle="pill", title="Pill", sku="PILL", tracking="lot"),
    )  # fmt: skip
    office.imported("products", {"handle": "set", "sku": "SET", "components": "MUG=2|BOX=1"})
    office.imported("customers", {"email": "ada@example.com", "name": "@ada", "city": "York", "tags": "a|b"})
    office.imported(
        "stock",
        {"node": "LON", "sku": "MUG", "quantity": "48", "bin": "", "lot": ""},
        {"node": "LON", "sku": "PILL", "quantity": "5", "bin": "RECEIVING", "lot": "L1"},
    )
    products = exported(office, "products")
    assert [(r["sku"], r["currency"], r["price"], r["components"]) for r in products] == [
        ("BOX", "", "", ""),
        ("MUG", "EUR", "10.00", ""),
        ("MUG", "GBP", "9.00", ""),
        ("PILL", "EUR", "10.00", ""),
        ("SET", "EUR", "10.00", "BOX=1|MUG=2"),
    ]
    assert (products[1]["cost"], products[1]["cost_currency"], products[1]["tax_rate"]) == ("4.20", "EUR", "20")
    assert office.counts("products", *products) == (0, 0, 4, 0)
    assert office.counts("customers", *exported(office, "customers")) == (0, 0, 1, 0)
    stock = exported(office, "stock")
    assert stock[0] == {"node": "LON", "sku": "MUG", "quantity": "48", "bin": "PICK", "lot": "", "status": "sellable"}
    assert office.counts("stock", *stock) == (0, 0, 2, 0)


def test_cells_that_a_spreadsheet_would_run_are_made_harmless_and_numbers_stay_numbers(office: Office) -> None:
    office.shop.a_node()
    office.shop.a_sku()
    office.shop.some_stock("MUG", "LON", 5)
    why = '=cmd|" /C calc"!A0'
    office.shop.do("inventory", AdjustStock(node="LON", sku="MUG", quantity=-2, reason=why), StockState)
    names = ["=1+1", "+1-2", "-x", "@SUM(A1)", "\tx", "\rx", "-5", "harmless", "\uff1dSUM(A1)"]
    with office.shop.db.transaction(TESTER, now=office.shop.now) as tx:
        for i, name in enumerate(names):
            tx.add(Customer(email=f"{i}@example.com", name=name, created_at=tx.now, updated_at=tx.now))
    received, lost = exported(office, "ledger")
    assert (received["on_hand"], lost["on_hand"], lost["why"]) == ("5", "-2", f"'{why}")
    shown = {row["email"]: row["name"] for row in exported(office, "customers")}
    assert [shown[f"{i}@example.com"] for i in range(len(names))] == [
        "'=1+1", "'+1-2", "'-x", "'@SUM(A1)", "'\tx", "'\rx", "-5", "harmless", "'\uff1dSUM(A1)",
    ]  # fmt: skip


def test_an_export_takes_the_filters_of_its_list_and_no_others(office: Office) -> None:
    office.imported("orders", *HISTORY)
    found = exported(office, "orders", status_in="shipped,cancelled")
    assert [(r["order"], r["currency"], r["unit_price"]) for r in found] == [
        ("A-2", "JPY", "300"),
        ("501", "EUR", "12.50"),
    ]
    assert [r["order"] for r in exported(office, "orders", sku_eq="=HYPERLINK()")] == ["A-1", "A-1"]
    lines = exported(office, "order_lines", external_ref_eq="A-1")
    assert [(r["line_no"], r["gross"], r["currency"]) for r in lines] == [("1", "25.00", "EUR"), ("2", "2.97", "EUR")]
    url = "/api/v1/exports/orders.csv"
    error = error_of(
        office.client.get(url, params={"colour_eq": "x"}, headers=office.everything), 422, "unknown_filter"
    )
    assert error["message"].startswith("There is no parameter colour_eq here. Known are: cancelled_total_eq, ")
    bad = office.client.get(url, params={"status_eq": "lost"}, headers=office.everything)
    assert "status_eq: 'lost' is not one of draft, placed" in error_of(bad, 422, "bad_value")["message"]


def test_levels_and_payments_are_told_in_units_and_decimals(office: Office) -> None:
    office.shop.a_node()
    office.shop.a_sku("MUG", price=1000)
    office.shop.some_stock("MUG", "LON", 5)
    external = PaymentGiven(provider="external", reference="till 4")
    place = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=2)], payment=external)
    order = office.shop.do("orders", place, OrderState)
    office.shop.pump()
    [level] = exported(office, "stock_levels")
    assert (level["on_hand"], level["allocated"], level["purchasable"]) == ("5", "2", "3")
    paid = exported(office, "payments")
    assert [(p["order_id"], p["amount"], p["currency"]) for p in paid] == [(str(order.id), "20.00", "EUR")]
    [line] = exported(office, "order_lines")
    assert (line["unit_price"], line["total"], line["shipped"]) == ("10.00", "20.00", "0")


def test_orders_that_still_need_work_are_exported_and_refused_by_the_import(office: Office) -> None:
    office.shop.a_sku()
    office.shop.a_node()
    office.shop.some_stock("MUG", "LON", 5)
    place = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=1)])
    office.shop.do("orders", place, OrderState)
    [row] = exported(office, "orders")
    [(_, column, message)] = office.errors("orders", row)
    assert column == "status"
    assert "Write one of: shipped, delivered, cancelled, closed." in message


def test_every_list_has_a_file_and_the_command_line_knows_them_all() -> None:
    assert {*READS, *OF_THE_CALLER} == set(FILES) == set(EXPORTS)
    assert {UNDER_ANOTHER_NAME.get(name, name.replace("-", "_")) for name in LISTS} <= set(FILES)


def test_lists_of_the_caller_are_exported_as_far_as_they_see_them(office: Office) -> None:
    ada, bob = office.key("write_customers"), office.key("write_orders")
    run = {"kind": "customers", "file_name": "people.csv"}
    assert office.client.post("/api/v1/import-runs", json=run, headers=ada).status_code == 201
    view = {"list": "imports", "name": "Mine", "columns": ["file_name", "failed_rows"]}
    assert office.client.post("/api/v1/views", json=view, headers=ada).status_code == 201
    told = {}
    for who, by in (("ada", ada), ("bob", bob)):
        for kind in ("imports", "views", "bulk"):
            answer = office.client.get(f"/api/v1/exports/{kind}.csv", headers=by)
            told[who, kind] = list(csv.DictReader(answer.text.splitlines()))
    assert [row["file_name"] for row in told["ada", "imports"]] == ["people.csv"]
    assert [(row["name"], row["columns"]) for row in told["ada", "views"]] == [("Mine", "file_name|failed_rows")]
    assert told["bob", "imports"] == told["bob", "views"] == told["bob", "bulk"] == []


@pytest.mark.parametrize("kind", READS)
def test_an_export_needs_the_scope_that_reads_and_an_empty_one_has_its_heading(office: Office, kind: str) -> None:
    url = f"/api/v1/exports/{kind}.csv"
    error = error_of(office.client.get(url, headers=office.key(*(ALL_SCOPES - {READS[kind]}))), 403, "missing_scope")
    assert error["details"] == {"scope": READS[kind]}
    answer = office.client.get(url, headers=office.key(READS[kind]))
    heading, *rows = answer.text.splitlines()
    assert heading == ",".join(FILES[kind].columns)
    assert bool(rows) == (kind in ("audit", "keys")), "the keys of this test are there, and nothing is anywhere else"


def test_many_rows_stream_in_pieces_of_one_moment_and_give_their_turn_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "FETCHED", 10)
    with office.shop.db.transaction(TESTER, now=office.shop.now) as tx:
        for n in range(35):
            tx.add(Customer(email=f"{n}@example.com", created_at=tx.now + timedelta(seconds=n), updated_at=tx.now))
    lines = exports._lines(office.shop.db, FILES["customers"], [])
    pieces = [next(lines)]
    with office.shop.db.transaction(TESTER, now=office.shop.now) as tx:
        tx.add(Customer(email="late@example.com", created_at=tx.now, updated_at=tx.now))
    pieces += list(lines)
    assert [len(piece.splitlines()) for piece in pieces] == [11, 10, 10, 5]
    assert b"late" not in b"".join(pieces)
    for _ in range(exports.AT_ONCE + 1):
        assert len(exported(office, "customers")) == 36


def test_more_exports_than_there_are_turns_are_told_to_come_back(office: Office) -> None:
    held: list[Any] = [exports._lines(office.shop.db, FILES["ledger"], []) for _ in range(exports.AT_ONCE)]
    for lines in held:
        next(lines)
    url = "/api/v1/exports/ledger.csv"
    answer = office.client.get(url, headers=office.everything)
    error_of(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "10"
    for lines in held:
        lines.close()
    assert office.client.get(url, headers=office.everything).status_code == 200


@pytest.mark.parametrize(
    ("ppm", "told"), [(0, "0"), (200_000, "20"), (77_125, "7.7125"), (100, "0.01"), (75_000, "7.5")]
)
def test_rates_are_percent_without_what_is_not_needed(ppm: int, told: str) -> None:
    assert percent(ppm) == told
