"""Rows of files come in over HTTP: each thing by itself, wrong ones told by row, the same twice changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from agents.contract import Answer, Asked
from agents.customers.messages import CustomerState, EraseCustomer
from agents.orders.messages import OrderState, PlacedLine, PlaceOrder
from agents.orders.rules import CHANNELS as AGENTS_CHANNELS
from agents.purchasing.messages.suppliers import PutSupplier, SupplierState
from db.audit import run as audit
from db.customers import Customer
from db.errors import Unavailable
from db.stock import BinStock
from serve.app import create_app
from serve.importing.cells import guard, join, split, unguard
from serve.importing.columns import CHANNELS, KINDS, markdown
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.serve.conftest import error_of
from tests.shop import TESTER, Shop

DOCS = Path(__file__).parents[2] / "docs" / "import-export.md"


class Office:
    """The company with its front door; `imported` sends rows and returns the answer."""

    def __init__(self, shop: Shop, client: TestClient) -> None:
        self.shop, self.client = shop, client
        self.everything = self.key(*ALL_SCOPES)

    def key(self, *scopes: str) -> dict[str, str]:
        with self.shop.db.transaction(TESTER, now=self.shop.now) as tx:
            _, secret = make_key(tx, "test", sorted(scopes))
        return {"Authorization": f"Bearer {secret}"}

    def send(self, kind: str, rows: list[dict[str, Any]], headers: dict[str, str] | None = None, **more: Any) -> Any:
        asked = headers or self.everything
        return self.client.post(f"/api/v1/imports/{kind}", json={"rows": rows, **more}, headers=asked)

    def imported(self, kind: str, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer = self.send(kind, list(rows), **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def counts(self, kind: str, *rows: dict[str, Any], **more: Any) -> tuple[int, int, int, int]:
        """(created, updated, unchanged, skipped) of rows that must have no errors."""
        told = self.imported(kind, *rows, **more)
        assert told["errors"] == []
        return told["created"], told["updated"], told["unchanged"], told["skipped"]

    def errors(self, kind: str, *rows: dict[str, Any], **more: Any) -> list[tuple[int, str | None, str]]:
        return [(e["row"], e["column"], e["message"]) for e in self.imported(kind, *rows, **more)["errors"]]

    def rows(self, query: str) -> list[Any]:
        with self.shop.db.reading() as session:
            return list(session.execute(text(query)))

    def books_are_right(self) -> None:
        with self.shop.db.reading() as session:
            assert [r.name for r in audit(session) if r.violations] == []


@pytest.fixture
def office(shop: Shop) -> Iterator[Office]:
    with TestClient(create_app(shop.db, shop, clock=lambda: shop.now)) as client:
        yield Office(shop, client)


def an_order_row(**cells: str) -> dict[str, str]:
    row = {"order": "A-1", "channel": "web", "placed_at": "2025-11-03", "currency": "EUR", "sku": "MUG",
           "quantity": "2", "unit_price": "12.50"}  # fmt: skip
    return row | cells


def a_product_row(**cells: str) -> dict[str, str]:
    return {"handle": "mug", "title": "Mug", "sku": "MUG", "price": "10.00", "currency": "EUR", **cells}


# Orders


def test_orders_of_the_past_come_in_with_their_dates_and_start_no_work(office: Office) -> None:
    rows = [
        an_order_row(shipping="4.90", tax_rate="20", email="Ada@Example.com", name="Ada", postal_code="YO1 7EP",
                     country="gb", placed_at="2025-11-03 14:20:05 +0200", tags="vip|gift"),
        {"order": "A-1", "channel": "web", "sku": "TEE", "quantity": "1", "unit_price": "8", "discount": "0.50"},
        an_order_row(order="A-2", status="cancelled", currency="JPY", unit_price="300", placed_at="2025-01-02"),
    ]  # fmt: skip
    assert office.counts("orders", *rows) == (2, 0, 0, 0)
    kept = office.rows("SELECT * FROM orders ORDER BY external_ref")
    assert [(o.external_ref, o.total, o.currency, o.status, o.live) for o in kept] == [
        ("A-1", 2 * 1250 + 750 + 490, "EUR", "delivered", False),
        ("A-2", 600, "JPY", "cancelled", False),
    ]
    assert kept[0].placed_at == datetime(2025, 11, 3, 12, 20, 5, tzinfo=UTC)
    assert (kept[0].email, kept[0].tags) == ("ada@example.com", ["vip", "gift"])
    assert kept[0].shipping_address == {"name": "Ada", "postcode": "YO1 7EP", "country": "GB"}
    assert (office.shop.said(), office.shop.count("allocations"), office.shop.count("stock_ledger")) == ([], 0, 0)
    office.books_are_right()


def test_the_same_orders_again_are_skipped_and_other_lines_under_a_known_name_are_not_lost_silently(
    office: Office,
) -> None:
    assert office.counts("orders", an_order_row()) == (1, 0, 0, 0)
    assert office.counts("orders", an_order_row()) == (0, 0, 0, 1)
    [(row, column, message)] = office.errors("orders", an_order_row(sku="TEE"), first_row=700)
    assert (row, column) == (700, None)
    assert message == (
        "Order A-1 of web was imported before with other lines (1 lines, 25.00 EUR), and an import changes no order. "
        "If its rows were sent in several calls, send them in one; if the order itself was wrong, cancel it there."
    )
    assert office.shop.count("order_lines") == 1


def test_an_order_that_was_placed_here_is_left_alone(office: Office) -> None:
    office.shop.a_node()
    office.shop.a_sku()
    office.shop.some_stock("MUG", "LON", 5)
    place = PlaceOrder(channel="web", currency="EUR", external_ref="A-1", lines=[PlacedLine(sku="MUG", quantity=1)])
    order = office.shop.do("orders", place, OrderState)
    assert office.counts("orders", an_order_row(quantity="9")) == (0, 0, 0, 1)
    by_number = an_order_row(order=order.number, number=order.number)
    assert office.counts("orders", by_number) == (0, 0, 0, 1)
    assert office.shop.count("orders") == 1


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"quantity": "2.5"}, "quantity", "Write a whole number from 0 to"),
        ({"quantity": "0"}, "quantity", "quantity is 0. Write 1 to 1000000, or leave the row out."),
        ({"unit_price": "1,50"}, "unit_price", "'1,50' is not an amount in EUR. Write plain digits with a dot: 1234.5"),
        ({"unit_price": "1.505"}, "unit_price", "too many decimals: EUR has 2"),
        ({"unit_price": "-1"}, "unit_price", "unit_price is -1 and cannot be below zero."),
        ({"currency": "EURO"}, "currency", "'EURO' is not the code of a currency. Use ISO 4217, such as EUR."),
        ({"placed_at": "03.11.2025"}, "placed_at", "Write a date such as 2026-03-01, 2026-03-01 09:00 or"),
        ({"placed_at": "2025-02-30"}, "placed_at", "Write a date such as"),
        ({"placed_at": "2031-01-01"}, "placed_at", "placed_at lies in the future."),
        ({"placed_at": ""}, "placed_at", "placed_at is empty in every row of order A-1 of web. Fill it in."),
        ({"status": "released"}, "status", "Write one of: shipped, delivered, cancelled, closed."),
        ({"channel": "fax"}, "channel", "channel cannot be 'fax'. Write one of: web, marketplace, store."),
        ({"sku": ""}, "sku", "sku is empty. Every row needs one: fill it in."),
        ({"tax_rate": "120"}, "tax_rate", "Write percent from 0 to 100"),
        ({"tax_inclusive": "maybe"}, "tax_inclusive", "Write true or false."),
        ({"country": "Germany"}, "country", "Write its two letters of ISO 3166-1, such as GB."),
        ({"discount": "25.01"}, None, "A discount of 25.01 EUR is more than line 1 costs: 25.00 EUR."),
        ({"cancelled": "3"}, "cancelled", "cancelled is 3 of 2 units. Write 0 to 2."),
        ({"title": "\x07"}, "title", "title contains a control character. Remove it."),
    ],
)
def test_what_is_wrong_with_an_order_is_a_sentence_that_says_what_to_do(
    office: Office, cells: dict[str, str], column: str | None, sentence: str
) -> None:
    told = office.imported("orders", an_order_row(**cells), an_order_row(order="GOOD"), first_row=10)
    assert [(e["row"], e["column"]) for e in told["errors"]] == [(10, column)]
    assert sentence in told["errors"][0]["message"]
    assert told["errors"][0]["value"] == (cells.get(column or "") or None)
    assert (told["created"], office.shop.count("orders")) == (1, 1)


def test_an_order_is_taken_whole_or_not_at_all_and_every_row_of_it_is_named(office: Office) -> None:
    rows = [an_order_row(), an_order_row(sku="TEE", currency="USD"), an_order_row(sku="CAP")]
    assert office.errors("orders", *rows, row_numbers=[4, 90, 17]) == [
        (4, None, "Left out because of row 90: the rows of order A-1 of web are taken together or not at all."),
        (17, None, "Left out because of row 90: the rows of order A-1 of web are taken together or not at all."),
        (90, "currency", "The rows of order A-1 of web say different things in currency: 'EUR' (row 4) and 'USD' "
                         "(row 90). Make them agree."),
    ]  # fmt: skip
    assert office.shop.count("orders") == 0


def test_what_only_the_agent_knows_is_told_by_row_as_well(office: Office) -> None:
    office.imported("orders", an_order_row(number="77"))
    [(row, _, message)] = office.errors("orders", an_order_row(order="A-9", number="77"))
    assert row == 2
    assert "77" in message


# Products


def test_products_come_in_as_variants_of_a_handle_with_prices_in_several_currencies(office: Office) -> None:
    rows = [
        a_product_row(sku="MUG-B", options="colour=blue|size=M", weight_grams="310", cost="4.20", tax_rate="7.5",
                      category="Home > Mugs", barcode="4006381333931", images="https://a/1.jpg|https://a/2.jpg"),
        {"handle": "mug", "sku": "MUG-B", "price": "9.00", "currency": "gbp"},
        {"handle": "mug", "sku": "MUG-R", "price": "11", "currency": "EUR", "backorder_limit": "5", "hazmat": "no"},
        a_product_row(handle="set", title="Set", sku="SET", components="MUG-B=2|MUG-R=1"),
    ]  # fmt: skip
    assert office.counts("products", *rows[:3]) == (1, 0, 0, 0)
    assert office.counts("products", *rows) == (1, 0, 1, 0)
    prices = [tuple(r) for r in office.rows("SELECT sku, currency, amount FROM prices ORDER BY sku, currency")]
    assert prices == [("MUG-B", "EUR", 1000), ("MUG-B", "GBP", 900), ("MUG-R", "EUR", 1100), ("SET", "EUR", 1000)]
    [blue] = office.rows("SELECT * FROM variants WHERE sku = 'MUG-B'")
    assert (blue.options, blue.weight_grams, blue.tax_rate_ppm) == ({"colour": "blue", "size": "M"}, 310, 75_000)
    assert (blue.cost_amount, blue.cost_currency, blue.barcode) == (420, "EUR", "4006381333931")
    [mug] = office.rows("SELECT * FROM products WHERE handle = 'mug'")
    assert (mug.category, mug.images) == ("Home > Mugs", ["https://a/1.jpg", "https://a/2.jpg"])
    kit = office.rows("SELECT sku, quantity FROM kit_components ORDER BY sku")
    assert [tuple(r) for r in kit] == [("MUG-B", 2), ("MUG-R", 1)]


def test_a_file_with_few_columns_changes_those_and_leaves_everything_else(office: Office) -> None:
    office.imported("products", a_product_row(weight_grams="310", description="Holds 300 ml.", barcode="400"))
    dearer = {"handle": "mug", "sku": "MUG", "price": "12.00", "currency": "EUR"}
    assert office.counts("products", dearer) == (0, 1, 0, 0)
    [row] = office.rows("SELECT v.*, p.description, amount FROM variants v JOIN prices USING (sku), products p")
    assert (row.amount, row.weight_grams, row.description, row.barcode) == (1200, 310, "Holds 300 ml.", "400")
    before = office.rows("SELECT id, version, updated_at FROM products")
    assert office.counts("products", dearer | {"price": "12"}) == (0, 0, 1, 0)
    assert office.rows("SELECT id, version, updated_at FROM products") == before


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"handle": "new", "sku": "X", "title": ""}, "title", "title is empty. A new product needs one: fill it in."),
        ({"handle": "new", "sku": "MUG"}, "sku", "MUG belongs to the product mug. Write that handle, or another SKU."),
        ({"handle": "new", "sku": "X", "barcode": "400"}, "barcode", "The barcode 400 belongs to MUG. Give X its own."),
        ({"currency": ""}, "price", "price needs a currency. Fill in the column currency, with a code such as EUR."),
        ({"status": "draft"}, "status", "status is active and cannot become draft. It may become: discontinued."),
        ({"tracking": "batch"}, "tracking", "Write one of: none, lot, serial."),
        ({"options": "blue"}, "options", "options cannot contain 'blue'. Write name=value, several separated by |."),
        ({"components": "MUG=many"}, "components", "components cannot contain 'many' of MUG. Write SKU=units."),
        ({"handle": "new", "sku": "Y", "components": "NOPE=1"}, None, "Y cannot contain NOPE: there is no such SKU."),
        ({"weight_grams": "1.5"}, "weight_grams", "Write a whole number"),
        ({"sku": "x" * 65}, "sku", "sku can have 64 characters and has 65. Shorten it."),
    ],
)
def test_what_is_wrong_with_a_product_is_a_sentence_that_says_what_to_do(
    office: Office, cells: dict[str, str], column: str | None, sentence: str
) -> None:
    office.imported("products", a_product_row(barcode="400"))
    [(row, named, message)] = office.errors("products", a_product_row(**cells))
    assert (row, named) == (2, column)
    assert sentence in message
    assert office.shop.count("variants") == 1


# Customers


def test_customers_are_found_by_email_or_reference_and_keep_what_is_not_said(office: Office) -> None:
    ada = {"email": "Ada@Example.com", "external_ref": "C-1", "name": "Ada", "line1": "12 Mill Lane", "city": "York",
           "postal_code": "YO1 7EP", "country": "GB", "class": "priority", "tags": "vip|b2b"}  # fmt: skip
    assert office.counts("customers", ada, {"email": "bob@example.com", "name": "Bob"}) == (2, 0, 0, 0)
    assert office.counts("customers", ada) == (0, 0, 1, 0)
    assert office.counts("customers", {"external_ref": "C-1", "city": "Leeds", "phone": "+44 1"}) == (0, 1, 0, 0)
    with office.shop.db.reading() as session:
        kept = session.query(Customer).filter_by(external_ref="C-1").one()
    assert (kept.email, kept.name, kept.phone, kept.class_, kept.tags) == (
        "ada@example.com", "Ada", "+44 1", "priority", ["b2b", "vip"],
    )  # fmt: skip
    address = {"name": "Ada", "line1": "12 Mill Lane", "city": "Leeds", "postcode": "YO1 7EP", "country": "GB"}
    assert kept.addresses == [address]


def test_who_was_erased_and_comes_again_is_somebody_new(office: Office) -> None:
    ada = {"email": "ada@example.com", "name": "Ada"}
    office.imported("customers", ada)
    [(first,)] = office.rows("SELECT id FROM customers")
    office.shop.do("customers", EraseCustomer(customer_id=first, reason="asked"), CustomerState)
    assert office.counts("customers", ada) == (1, 0, 0, 0)
    assert len(office.rows("SELECT id FROM customers WHERE email = 'ada@example.com'")) == 1


def test_what_is_wrong_with_a_customer_is_told_and_the_others_come_in(office: Office) -> None:
    office.imported("customers", {"email": "a@example.com"}, {"external_ref": "C-2"})
    errors = office.errors(
        "customers",
        {"email": "nobody"},
        {"name": "No One"},
        {"email": "a@example.com", "external_ref": "C-2"},
        {"email": "c@example.com", "class": "gold"},
        {"email": "D@example.com"},
        {"email": "d@example.com", "name": "Again"},
    )
    assert errors == [
        (2, "email", "'nobody' is not a mail address. Write one such as ada@example.com."),
        (3, None, "Nobody can be found again without email or external_ref. Fill in one of them."),
        (4, "email", "email and external_ref belong to two customers. Correct one of them."),
        (5, "class", "class cannot be 'gold'. Write one of: standard, priority, wholesale."),
        (7, "email", "Row 6 has the same email. Keep one of them."),
    ]
    assert office.shop.count("customers") == 3


# Stock


def lies(office: Office) -> dict[tuple[str, str, str, str], int]:
    with office.shop.db.reading() as session:
        return {(b.sku, b.bin, b.lot, b.status): b.quantity for b in session.query(BinStock)}


def test_stock_is_set_and_not_added_and_the_ledger_says_why(office: Office) -> None:
    office.shop.a_node()
    office.shop.a_sku("MUG")
    office.shop.a_sku("TEE")
    office.shop.some_stock("TEE", "LON", 10)
    rows = [
        {"node": "LON", "sku": "MUG", "quantity": "48", "bin": "", "reference": "stocktake March"},
        {"node": "LON", "sku": "TEE", "quantity": "7"},
        {"node": "LON", "sku": "MUG", "quantity": "2", "bin": "QUARANTINE", "status": "quarantine"},
    ]
    assert office.counts("stock", *rows) == (2, 1, 0, 0)
    assert office.counts("stock", *rows) == (0, 0, 3, 0)
    assert lies(office) == {
        ("MUG", "PICK", "", "sellable"): 48,
        ("TEE", "PICK", "", "sellable"): 7,
        ("MUG", "QUARANTINE", "", "quarantine"): 2,
    }
    ledger = office.rows("SELECT sku, on_hand, why FROM stock_ledger WHERE kind = 'adjusted' ORDER BY sku, on_hand")
    assert [tuple(r) for r in ledger] == [
        ("MUG", 2, "import"), ("MUG", 48, "import stocktake March"), ("TEE", -3, "import")
    ]  # fmt: skip
    office.books_are_right()


def test_the_same_count_is_right_again_after_the_goods_were_gone(office: Office) -> None:
    office.shop.a_node()
    office.shop.a_sku()
    ten, none = ({"node": "LON", "sku": "MUG", "quantity": n} for n in ("10", "0"))
    once = {"Idempotency-Key": "the-same-call", **office.everything}
    for rows in (ten, none, ten, none, ten):
        assert office.send("stock", [rows], once).json()["errors"] == []
    assert lies(office) == {("MUG", "PICK", "", "sellable"): 10}


def test_what_is_wrong_with_stock_says_what_has_to_be_there_first(office: Office) -> None:
    office.shop.a_node()
    office.shop.a_sku("MUG")
    office.shop.a_sku("PILL", tracking="lot")
    office.shop.a_kit("SET", {"MUG": 2})
    good = {"node": "LON", "sku": "MUG", "quantity": "5"}
    errors = office.errors(
        "stock",
        good,
        good | {"node": "PAR"},
        good | {"sku": "GONE"},
        good | {"bin": "A-1"},
        good | {"sku": "SET"},
        good | {"sku": "PILL"},
        good | {"lot": "L1"},
        good | {"quantity": "-1"},
        good | {"quantity": "4006381333"},
        good | {"status": "transit"},
        good | {"quantity": "6"},
    )
    assert errors == [
        (3, "node", "There is no node PAR. Create it first (PUT /api/v1/nodes/PAR, or Nodes in the console), then "
                    "import this row again."),
        (4, "sku", "The catalogue has no SKU GONE. Import the products first."),
        (5, "bin", "There is no bin A-1 at LON. Create it first (PUT /api/v1/nodes/LON/bins/A-1), or leave bin empty "
                   "for the pick face."),
        (6, "sku", "SET is a kit and has no stock of its own. Name its components."),
        (7, "lot", "PILL is tracked by lot. Fill in lot."),
        (8, "lot", "MUG is not tracked by lot. Empty the cell."),
        (9, "quantity", "quantity cannot be '-1'. Write a whole number from 0 to 2147483647 in digits alone."),
        (10, "quantity", "quantity cannot be '4006381333'. Write a whole number from 0 to 2147483647 in digits "
                         "alone."),
        (11, "status", "status cannot be 'transit'. Write one of: sellable, quarantine, damaged."),
        (12, None, "Row 2 speaks of the same place. Keep one of them, with what lies there."),
    ]  # fmt: skip
    assert lies(office) == {("MUG", "PICK", "", "sellable"): 5}


# Others at work, and weather


class Interrupted:
    """The shop, with something that happens before or after the first command."""

    def __init__(self, shop: Shop, *, before: Callable[[], None] | None = None, lost: bool = False) -> None:
        self.shop, self.before, self.lost = shop, before, lost

    async def ask(self, agent: str, asked: Asked, *, partition: str) -> Answer:
        before, self.before = self.before, None
        if before is not None:
            await asyncio.to_thread(before)
        answer = await self.shop.ask(agent, asked, partition=partition)
        lost, self.lost = self.lost, False
        if lost:
            raise Unavailable("The answer was lost.", retry_after=2.0)
        return answer


def test_goods_that_move_while_the_file_comes_in_are_looked_at_again(shop: Shop) -> None:
    shop.a_node()
    shop.a_sku()
    interrupted = Interrupted(shop, before=lambda: shop.some_stock("MUG", "LON", 3))
    with TestClient(create_app(shop.db, interrupted, clock=lambda: shop.now)) as client:
        office = Office(shop, client)
        assert office.counts("stock", {"node": "LON", "sku": "MUG", "quantity": "10"}) == (0, 1, 0, 0)
        assert lies(office) == {("MUG", "PICK", "", "sellable"): 10}


@pytest.mark.parametrize("kind", ["orders", "products", "customers", "stock"])
def test_a_call_whose_answer_was_lost_may_be_repeated_and_nothing_is_doubled(shop: Shop, kind: str) -> None:
    shop.a_node()
    shop.a_sku()
    with TestClient(create_app(shop.db, Interrupted(shop, lost=True), clock=lambda: shop.now)) as client:
        office = Office(shop, client)
        once = {"Idempotency-Key": "batch-1", **office.everything}
        away = office.send(kind, [GOOD[kind]], once)
        error_of(away, 503, "unavailable")
        assert away.headers["Retry-After"] == "2"
        done = {t: shop.count(t) for t in ("orders", "products", "customers", "stock_ledger", "audit_log")}
        told = office.send(kind, [GOOD[kind]], once).json()
        assert (told["unchanged"] + told["skipped"], told["errors"]) == (1, [])
        assert {t: shop.count(t) for t in done} == done


# All of them


GOOD: dict[str, dict[str, str]] = {
    "orders": an_order_row(),
    "products": a_product_row(handle="tee", sku="TEE"),
    "customers": {"email": "ada@example.com"},
    "stock": {"node": "LON", "sku": "MUG", "quantity": "5"},
    "suppliers": {"code": "HANSA", "name": "Hansa", "currency": "EUR"},
    "supplier_items": {"supplier": "DELFT", "sku": "MUG", "unit_cost": "4.20"},
    "replenishment_rules": {"node": "LON", "sku": "MUG", "policy": "min/max", "minimum": "2", "maximum": "9"},
}
WRITES = {
    "orders": "write_orders", "products": "write_catalog", "customers": "write_customers", "stock": "write_stock",
    "suppliers": "write_purchasing", "supplier_items": "write_purchasing", "replenishment_rules": "write_purchasing",
}  # fmt: skip


def what_rows_speak_of(office: Office) -> None:
    office.shop.a_node()
    office.shop.a_sku()
    delft = PutSupplier(code="DELFT", name="Delft", currency="EUR")
    office.shop.do("purchasing", delft, SupplierState)


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_tells_what_would_happen_and_changes_nothing(office: Office, kind: str) -> None:
    what_rows_speak_of(office)
    tables = (
        "orders", "products", "variants", "customers", "bin_stock", "stock_ledger", "suppliers", "supplier_items",
        "replenishment_rules", "outbox", "audit_log",
    )  # fmt: skip
    before = [office.shop.count(t) for t in tables]
    told = office.imported(kind, GOOD[kind], dry_run=True)
    assert (told["kind"], told["dry_run"], told["created"], told["errors"]) == (kind, True, 1, [])
    assert [office.shop.count(t) for t in tables] == before
    assert office.counts(kind, GOOD[kind]) == (1, 0, 0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_an_import_is_bounded_by_the_scopes_of_who_imports(office: Office, kind: str) -> None:
    what_rows_speak_of(office)
    others = office.key(*(ALL_SCOPES - {WRITES[kind]}))
    error = error_of(office.send(kind, [GOOD[kind]], others), 403, "missing_scope")
    assert error["details"] == {"scope": WRITES[kind]}
    assert office.send(kind, [GOOD[kind]], office.key(WRITES[kind])).json()["created"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_columns_nobody_knows_and_columns_that_are_missing_are_told_with_what_is_known(
    office: Office, kind: str
) -> None:
    known = [c.name for c in KINDS[kind]]
    error = error_of(office.send(kind, [GOOD[kind] | {"colour": "red"}]), 422, "unknown_columns")
    told = f"There is no column colour. Known are: {', '.join(known)}. Rename or leave out."
    assert error["message"] == told
    missing = [c.name for c in KINDS[kind] if c.required]
    if missing:
        row = {k: v for k, v in GOOD[kind].items() if k != missing[-1]}
        error = error_of(office.send(kind, [row]), 422, "missing_columns")
        assert error["message"] == f"The import of {kind} needs the column {missing[-1]}. Add it to every row."


@pytest.mark.parametrize("kind", KINDS)
def test_the_columns_are_told_by_the_api_and_the_documentation_alike(office: Office, kind: str) -> None:
    told = office.client.get(f"/api/v1/imports/{kind}/columns", headers=office.everything).json()
    assert [c["name"] for c in told["columns"]] == [c.name for c in KINDS[kind]]
    assert markdown(kind) in DOCS.read_text()


def test_a_call_takes_a_thousand_rows_and_numbers_must_fit(office: Office) -> None:
    assert office.send("customers", [{"email": f"{n}@example.com"} for n in range(1001)]).status_code == 422
    assert office.send("customers", []).status_code == 422
    error = error_of(office.send("customers", [GOOD["customers"]], row_numbers=[1, 2]), 422, "numbers_do_not_fit")
    assert error["message"] == "There are 1 rows and 2 numbers for them. Give one for each."
    assert office.imported("customers", {"email": " ", "name": None})["created"] == 0


def test_channels_are_those_that_the_orders_agent_takes() -> None:
    assert CHANNELS == AGENTS_CHANNELS


@pytest.mark.parametrize(
    "value", ["=1+1", "+44 1", "-x", "@me", "\tx", "'=1", "''@", "plain", "-5", "'quoted'", "+12.5"]
)
def test_what_is_guarded_against_spreadsheets_comes_back_as_it_was(value: str) -> None:
    assert unguard(guard(value)) == value


def test_several_values_in_a_cell_may_contain_what_separates_them() -> None:
    values = ["a", "b|c", "d\\", "\\|"]
    assert split(join(values)) == values
