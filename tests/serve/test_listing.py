"""Lists: every operator, cursors over ties and gaps, pages, counts, expansion, and who tries to break in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, ForeignKey
from starlette.testclient import TestClient

from db.customers import Customer
from db.orders import Order, OrderLine
from serve.fields import field
from serve.orders import ORDERS
from tests.conftest import FreshDatabase
from tests.serve.conftest import Front, error_of, front_over, names_of
from tests.shop import START, TESTER

ADA = UUID("01900000-0000-7000-8000-000000000001")
ROWS: list[dict[str, Any]] = [
    {"number": "A-100", "status": "placed", "total": 1000, "email": "ada@example.com", "customer_id": ADA},
    {"number": "A-101", "status": "held", "total": 2000, "email": "bob@example.com", "tags": ["vip", "gift"]},
    {"number": "B_100", "status": "placed", "total": 2000, "email": None, "tags": ["gift"]},
    {"number": "B%100", "status": "cancelled", "total": 3000, "email": "100%@example.com", "placed": False},
    {"number": "C-1", "status": "draft", "total": 2000, "email": "Cy@Example.com", "placed": False},
]


@pytest.fixture(scope="module")
def shared(fresh_database: FreshDatabase) -> Iterator[Front]:
    """One front with the five orders for all tests that only read."""
    with fresh_database() as url:
        front = front_over(url, rate_burst=100_000)
        yield with_orders(front)
        front.database.close()


@pytest.fixture
def client(shared: Front) -> TestClient:
    return shared.key("read_orders", "read_customers")


NOTHING = dict.fromkeys(("subtotal", "discount", "order_discount", "shipping", "tax"), 0)
NO_MONEY = dict.fromkeys(
    ("unit_amount", "tax_rate_ppm", "gross", "line_discount", "order_discount", "net", "tax", "total"), 0
)


def with_orders(front: Front) -> Front:
    with front.database.transaction(TESTER, now=START) as tx:
        for i, row in enumerate(ROWS):
            facts = {**NOTHING, **row}
            at = START + timedelta(hours=i)
            facts["placed_at"] = at if facts.pop("placed", True) else None
            facts |= {"channel": "web", "currency": "EUR", "tax_inclusive": True, "live": i != 1}
            order = Order(**facts, created_at=at, updated_at=at)
            tx.add(order)
            tx.flush()
            for n, sku in enumerate(["MUG", "TEE"][: 1 + i % 2], start=1):
                tx.add(OrderLine(order_id=order.id, line_no=n, sku=sku, title=sku, quantity=1, **NO_MONEY))
    return front


def numbers(client: TestClient, query: str) -> list[str]:
    answer = client.get(f"/api/v1/orders?sort=number&{query}")
    assert answer.status_code == 200, answer.text
    return names_of(answer.json()["data"], "number")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status_eq=placed", "A-100 B_100"),
        ("status_not_eq=placed", "A-101 B%100 C-1"),
        ("status_in=held,draft", "A-101 C-1"),
        ("number_eq=A-100", "A-100"),
        ("number_cont=100", "A-100 B%100 B_100"),
        ("number_cont=%25", "B%100"),
        ("number_cont=_", "B_100"),
        ("number_start=a-", "A-100 A-101"),
        ("number_start=b_", "B_100"),
        ("number_end=1", "A-101 C-1"),
        ("number_in=A-100,C-1,nothing", "A-100 C-1"),
        ("email_eq=ada@example.com", "A-100"),
        ("email_end=@example.com", "A-100 A-101 B%100 C-1"),
        ("email_cont=/", ""),
        ("email_not_eq=ada@example.com", "A-101 B%100 B_100 C-1"),
        ("email_null=true", "B_100"),
        ("email_null=false", "A-100 A-101 B%100 C-1"),
        ("total_lt=2000", "A-100"),
        ("total_lteq=2000", "A-100 A-101 B_100 C-1"),
        ("total_gt=2000", "B%100"),
        ("total_gteq=2000&status_eq=placed", "B_100"),
        ("total_in=1000,3000", "A-100 B%100"),
        ("total_gt=-9223372036854775808", "A-100 A-101 B%100 B_100 C-1"),
        (f"customer_id_eq={ADA}", "A-100"),
        ("customer_id_null=true&live_eq=false", "A-101"),
        ("live_not_eq=false", "A-100 B%100 B_100 C-1"),
        ("tags_cont=vip", "A-101"),
        ("tags_in=vip,gift", "A-101 B_100"),
        ("created_at_gteq=2026-03-02T11:00:00Z", "B%100 B_100 C-1"),
        ("created_at_lt=2026-03-02T11:00:00%2B01:00", "A-100"),
        ("created_at_lt=2026-03-02T11:00:00+01:00", "A-100"),
        ("placed_at_null=true", "B%100 C-1"),
        ("sku_eq=TEE", "A-101 B%100"),
        ("sku_in=TEE,MUG&total_eq=2000", "A-101 B_100 C-1"),
        ("payment_status_eq=none&channel_eq=web&currency_eq=EUR", "A-100 A-101 B%100 B_100 C-1"),
    ],
)
def test_every_operator_finds_what_it_says(client: TestClient, query: str, found: str) -> None:
    assert sorted(numbers(client, query)) == sorted(found.split())


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("colour_eq=red", "unknown_filter", "colour_eq"),
        ("status=placed", "unknown_filter", "status"),
        ("status_cont=pl", "unknown_filter", "status_cont"),
        ("shipping_address_eq=x", "unknown_filter", "shipping_address_eq"),
        ("status_eq=flying", "bad_value", "status_eq"),
        ("total_gt=ten", "bad_value", "total_gt"),
        ("total_gt=9223372036854775808", "bad_value", "total_gt"),
        ("version_eq=2147483648", "bad_value", "version_eq"),
        ("total_gt=१", "bad_value", "total_gt"),
        ("created_at_lt=2026-03-02", "bad_value", "created_at_lt"),
        ("created_at_lt=0001-01-01T00:00:00%2B14:00", "bad_value", "created_at_lt"),
        ("customer_id_eq=5", "bad_value", "customer_id_eq"),
        ("email_null=yes", "bad_value", "email_null"),
        ("number_eq=" + "x" * 501, "too_much", "number_eq"),
        ("number_in=" + "," * 201, "too_much", "number_in"),
        ("sort=colour", "unknown_name", "sort"),
        ("sort=email", "unknown_name", "sort"),
        ("sort=number;drop table orders", "unknown_name", "sort"),
        ("expand=customer", "unknown_name", "expand"),
        ("limit=0", "bad_value", "limit"),
        ("limit=201", "bad_value", "limit"),
        ("limit=x", "bad_value", "limit"),
        ("page=10001", "bad_value", "page"),
        ("page=1&cursor=x", "bad_value", "page"),
        ("count=some", "bad_value", "count"),
        ("cursor=nonsense", "bad_cursor", "cursor"),
        ("cursor=%F0%9F%92%A9", "bad_cursor", "cursor"),
        ("cursor=W10", "bad_cursor", "cursor"),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_the_field(
    client: TestClient, query: str, code: str, field: str
) -> None:
    error = error_of(client.get(f"/api/v1/orders?{query}"), 422, code)
    assert error["fields"][0]["field"] == field


def test_an_unknown_filter_is_told_the_known_ones(client: TestClient) -> None:
    error = error_of(client.get("/api/v1/orders?colour_eq=red"), 422, "unknown_filter")
    assert {"status_in", "placed_at_gteq", "limit"} <= set(error["details"]["known"])


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", "'; DROP TABLE orders; --", "%' OR '%'='", "\\", "\\%", "%s", ":x", "$1", "{}", "a,b'c"]
)
def test_whoever_tries_to_break_out_of_a_filter_finds_nothing(client: TestClient, text: str) -> None:
    for operator in ("eq", "cont", "start", "end", "in"):
        answer = client.get("/api/v1/orders", params={f"number_{operator}": text})
        assert (answer.status_code, answer.json()["data"]) == (200, [])
    assert len(numbers(client, "")) == 5


@pytest.mark.parametrize("sort", ["total", "-total", "placed_at", "-placed_at", "-status,total", "total,-number"])
def test_a_cursor_walks_every_row_once_over_ties_and_missing_values(client: TestClient, sort: str) -> None:
    whole = names_of(client.get(f"/api/v1/orders?sort={sort}").json()["data"], "number")
    assert len(whole) == 5
    for limit in (1, 2, 3):
        walked: list[str] = []
        cursor = ""
        for _ in range(6):
            page = client.get(f"/api/v1/orders?sort={sort}&limit={limit}&cursor={cursor}").json()
            walked += names_of(page["data"], "number")
            cursor = page["page"]["next_cursor"]
            if cursor is None:
                break
        assert walked == whole


def test_a_cursor_is_of_its_own_sort_order_only(client: TestClient) -> None:
    cursor = client.get("/api/v1/orders?sort=total&limit=2").json()["page"]["next_cursor"]
    error_of(client.get(f"/api/v1/orders?sort=-total&cursor={cursor}"), 422, "bad_cursor")


def test_rows_that_come_in_between_are_neither_skipped_nor_shown_twice(front: Front) -> None:
    client = with_orders(front).key()
    first = client.get("/api/v1/orders?sort=-created_at&limit=2").json()
    with front.database.transaction(TESTER, now=START) as tx:
        for order in tx.query(Order).filter(Order.number == "C-1"):
            order.created_at = START + timedelta(days=1)
    rest = client.get(f"/api/v1/orders?sort=-created_at&cursor={first['page']['next_cursor']}").json()
    assert names_of(first["data"] + rest["data"], "number") == ["C-1", "B%100", "B_100", "A-101", "A-100"]


def test_pages_by_number_are_counted_and_cursors_only_when_asked(client: TestClient) -> None:
    page = client.get("/api/v1/orders?sort=number&limit=2&page=2").json()
    assert names_of(page["data"], "number") == ["B%100", "B_100"]
    assert (page["page"]["total"], page["page"]["pages"], page["page"]["page"]) == (5, 3, 2)
    assert client.get("/api/v1/orders?page=1&count=none").json()["page"]["total"] is None
    assert client.get("/api/v1/orders?limit=1").json()["page"]["total"] is None
    assert client.get("/api/v1/orders?limit=1&count=exact&status_eq=placed").json()["page"]["total"] == 2
    assert client.get("/api/v1/orders?page=9").json()["data"] == []


def test_related_rows_come_only_when_asked_and_belong_to_their_order(client: TestClient) -> None:
    plain = client.get("/api/v1/orders?number_eq=A-101").json()["data"][0]
    assert "lines" not in plain
    full = client.get("/api/v1/orders?number_eq=A-101&expand=lines,allocations,holds").json()["data"][0]
    assert names_of(full["lines"], "sku") == ["MUG", "TEE"]
    assert (full["allocations"], full["holds"]) == ([], [])


def test_amounts_come_as_minor_units_and_as_decimals_and_times_in_utc(client: TestClient) -> None:
    row = client.get("/api/v1/orders?number_eq=B%25100").json()["data"][0]
    assert (row["total"], row["currency"], row["display"]["total"]) == (3000, "EUR", "30.00")
    assert row["created_at"] == "2026-03-02T12:00:00Z"


def test_a_column_with_another_name_in_the_api_is_filtered_by_that_name(front: Front) -> None:
    with front.database.transaction(TESTER, now=START) as tx:
        for n, kind in enumerate(["standard", "wholesale"]):
            tx.add(Customer(name=f"C{n}", class_=kind, created_at=START, updated_at=START))
    found = front.key().get("/api/v1/customers?class_eq=wholesale").json()["data"]
    assert [(c["name"], c["class"]) for c in found] == [("C1", "wholesale")]


def test_a_reader_cannot_write_whatever_a_question_runs(shared: Front) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    from db.errors import Unavailable

    with pytest.raises((DBAPIError, Unavailable)), shared.database.reading() as session:
        session.execute(text("DELETE FROM orders"))


def test_every_filter_is_described(shared: Front) -> None:
    described = {p["name"] for p in ORDERS.operation()["parameters"]}
    known = error_of(shared.key().get("/api/v1/orders?x=1"), 422, "unknown_filter")["details"]["known"]
    assert described == set(known)


def test_a_column_whose_type_nobody_knows_yet_is_no_field() -> None:
    """It would be read as text, and PostgreSQL asked for an id that ends with something."""
    with pytest.raises(TypeError, match="import the module of the table that its key names"):
        field(Column("receipt_id", ForeignKey("receipts_of_nobody.id")))
