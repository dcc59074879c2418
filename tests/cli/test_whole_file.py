"""`backoffice import --preset` and `--background`: the company gets the whole file and works on it by itself."""

from __future__ import annotations

import csv
import re
import time
from typing import Any

import pytest

from cli import whole_file
from tests.cli.test_transfer import Company, Open, open_company, said
from tests.serve.import_files import SHOPIFY_CUSTOMERS, SHOPIFY_ORDERS, SHOPIFY_PRODUCTS

pytestmark = pytest.mark.thorough

__all__ = ["open_company"]


@pytest.fixture
def company(open_company: Open) -> Company:
    return open_company(works=True)


def text_file(company: Company, name: str, content: str) -> str:
    path = company.folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def runs(company: Company) -> list[tuple[Any, ...]]:
    with company.shop.db.reading() as session:
        found = session.connection().exec_driver_sql(
            "SELECT kind, status, preset FROM import_runs ORDER BY created_at, id"
        )
        return [tuple(row) for row in found]


def test_shopifys_orders_come_in_as_they_are_and_what_is_left_out_is_in_a_file(company: Company) -> None:
    path = text_file(company, "orders_export.csv", SHOPIFY_ORDERS)
    dry = company.run("import", "orders", path, "--preset", "shopify_orders", "--dry-run", "--json")
    assert (dry.exit_code, said(dry)["created"], said(dry)["dry_run"]) == (1, 2, True)
    assert company.shop.count("orders") == 0
    result = company.run("import", "orders", path, "--preset", "shopify_orders")
    assert result.exit_code == 1
    left_out = company.folder / "orders_export.errors.csv"
    assert f"1 rows were left out. Mend them in {left_out}" in result.stderr
    (row,) = csv.DictReader(left_out.read_text(encoding="utf-8-sig").splitlines())
    assert row["Name"] == "#1003"
    assert "unfulfilled" in row["error"]
    assert company.shop.count("orders") == 2
    assert [run[1:] for run in runs(company)] == [("ready", "shopify_orders"), ("done", "shopify_orders")]


def test_a_file_is_known_by_its_headings_and_what_it_does_not_say_is_asked_for(company: Company) -> None:
    path = text_file(company, "products.csv", SHOPIFY_PRODUCTS)
    lacking = company.run("import", "products", path, "--preset", "auto")
    assert lacking.exit_code == 1
    assert "The file does not say currency. Give one value for all rows with --set currency=VALUE" in lacking.stderr
    assert [run[1] for run in runs(company)] == ["cancelled"]
    counts = company.counts("products", path, "--preset", "auto", "--set", "currency=EUR")
    assert counts == (1, 0, 0, 0, 0)
    assert company.counts("products", path, "--preset", "auto", "--set", "currency=EUR") == (0, 0, 1, 0, 0)


def test_a_file_of_another_kind_is_refused_with_what_it_lacks(company: Company) -> None:
    path = text_file(company, "customers.csv", SHOPIFY_CUSTOMERS)
    wrong = company.run("import", "products", path, "--preset", "amazon_listings")
    assert wrong.exit_code == 1
    assert "This is not a file of Amazon: All Listings report: it has no column seller-sku" in wrong.stderr
    nobody = company.run("import", "stock", path, "--preset", "auto")
    assert "No preset knows this file" in nobody.stderr
    unknown = company.run("import", "stock", path, "--preset", "shopify_orders")
    assert "There is no preset 'shopify_orders' for stock. Known: shopify_inventory, amazon_inventory" in unknown.stderr
    shown = company.run("import", "products", "--preset", "amazon_listings")
    assert "give one with --set currency=VALUE" in shown.stdout
    assert company.shop.count("products") == 0


def test_a_file_is_left_to_the_company_and_columns_nobody_knows_are_an_error(company: Company) -> None:
    path = company.file("customers.csv", "email,Notes", *(f"{n}@example.com,x" for n in range(250)))
    lost = company.run("import", "customers", path, "--background")
    assert "The import of customers knows no column Notes." in lost.stderr
    result = company.run("import", "customers", path, "--background", "--map", "Notes=")
    assert result.exit_code == 0
    assert re.search(r"250 rows are with the company: http://127.0.0.1:\d+/imports/[0-9a-f-]{36}", result.stdout)
    deadline = time.monotonic() + 20
    while company.shop.count("customers") < 250:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_ctrl_c_has_the_company_stop_and_says_what_is_done(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def interrupted(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            raise KeyboardInterrupt
        time.sleep(seconds)

    follow = whole_file.follow
    monkeypatch.setattr("cli.transfer.follow", lambda *a, **k: follow(*a, **k, sleep=interrupted))
    path = company.file("people.csv", "First Name,Last Name,Email,Country Code",
                        *(f"A,B,{n}@example.com,GB" for n in range(2500)))  # fmt: skip
    result = company.run("import", "customers", path, "--preset", "shopify_customers")
    assert result.exit_code == 130
    assert "Stopped." in result.stderr
    assert "Import the same file again for the rest: nothing is done twice." in result.stderr
    assert runs(company)[-1][1] == "cancelled"
    told = int(re.findall(r"(\d+) rows were answered", result.stderr)[0])
    assert company.shop.count("customers") == told < 2500
