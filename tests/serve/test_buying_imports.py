"""Suppliers, what they sell and replenishment rules come in as rows, and go out as the rows that they came as."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from serve.app import create_app
from tests.conftest import FreshDatabase
from tests.serve.test_exports import exported
from tests.serve.test_imports import Office
from tests.shop import Shop

HANSA = {
    "code": "HANSA", "name": "Hansa Ceramics", "currency": "EUR", "email": "orders@hansa.example", "terms": "FOB",
    "pay_days": "14", "lead_days": "21", "order_weekdays": "3|0", "closed_dates": "2026-12-26|2026-12-25",
    "minimum_order": "250.00", "over_rate": "2.5", "rank": "50", "active": "no",
}  # fmt: skip
TOKYO = {"code": "TOKYO", "name": "Tokyo Yaki", "currency": "JPY", "minimum_order": "30000"}
MUG = {
    "supplier": "HANSA", "sku": "MUG", "unit_cost": "4.20", "currency": "EUR", "breaks": "500=3.50|100=3.80",
    "minimum_quantity": "12", "case_pack": "6", "lead_days": "0", "supplier_sku": "HC-1", "rank": "7", "active": "true",
}  # fmt: skip
CUP = {"supplier": "TOKYO", "sku": "CUP", "unit_cost": "900"}
RULE = {
    "node": "LON", "sku": "MUG", "policy": "Min/Max", "service": "97.5", "minimum": "20", "maximum": "80", "lot": "40",
    "review_days": "7", "supplier": "HANSA", "snoozed_until": "2026-04-01", "why": "a fair",
}  # fmt: skip


@pytest.fixture
def office(shop: Shop) -> Iterator[Office]:
    with opened(shop) as client:
        yield stocked(Office(shop, client))


def opened(shop: Shop) -> TestClient:
    return TestClient(create_app(shop.db, shop, clock=lambda: shop.now))


def stocked(office: Office) -> Office:
    office.shop.a_node()
    office.shop.a_sku("MUG")
    office.shop.a_sku("CUP")
    return office


def bought(office: Office) -> None:
    assert office.counts("suppliers", HANSA, TOKYO) == (2, 0, 0, 0)
    assert office.counts("supplier_items", MUG, CUP) == (2, 0, 0, 0)
    assert office.counts("replenishment_rules", RULE, {"node": "LON", "sku": "CUP"}) == (2, 0, 0, 0)


def test_what_is_bought_how_comes_in_once_and_the_same_file_again_changes_nothing(office: Office) -> None:
    bought(office)
    [hansa, tokyo] = office.rows("SELECT * FROM suppliers ORDER BY code")
    assert (hansa.order_weekdays, hansa.closed_dates) == ([0, 3], ["2026-12-25", "2026-12-26"])
    assert (hansa.minimum_order, hansa.over_ppm, hansa.rank, hansa.active) == (25_000, 25_000, 50, False)
    assert (tokyo.minimum_order, tokyo.lead_days, tokyo.order_weekdays) == (30_000, 14, [0, 1, 2, 3, 4])
    [cup, mug] = office.rows("SELECT * FROM supplier_items ORDER BY sku")
    assert (mug.unit_cost, mug.lead_days, mug.supplier_sku) == (420, 0, "HC-1")
    assert mug.breaks == [{"from": 100, "unit_cost": 380}, {"from": 500, "unit_cost": 350}]
    assert (cup.unit_cost, cup.lead_days, cup.supplier_sku, cup.case_pack) == (900, None, "CUP", 1)
    [_, rule] = office.rows("SELECT * FROM replenishment_rules ORDER BY sku")
    assert (rule.policy, rule.service_ppm, rule.minimum, rule.maximum, rule.lot) == ("min/max", 975_000, 20, 80, 40)
    assert (str(rule.snoozed_until), rule.why, rule.supplier) == ("2026-04-01", "a fair", "HANSA")
    before = office.shop.count("audit_log")
    assert office.counts("suppliers", HANSA, TOKYO) == (0, 0, 2, 0)
    assert office.counts("supplier_items", MUG, CUP) == (0, 0, 2, 0)
    assert office.counts("replenishment_rules", RULE, {"node": "LON", "sku": "CUP"}) == (0, 0, 2, 0)
    assert office.shop.count("audit_log") == before


def test_an_empty_cell_leaves_what_is_kept(office: Office) -> None:
    bought(office)
    assert office.counts("suppliers", {"code": "HANSA", "lead_days": "3", "name": ""}) == (0, 1, 0, 0)
    assert office.counts("supplier_items", {"supplier": "HANSA", "sku": "MUG", "unit_cost": "4.00"}) == (0, 1, 0, 0)
    assert office.counts("replenishment_rules", {"node": "LON", "sku": "MUG", "maximum": "90"}) == (0, 1, 0, 0)
    [hansa] = office.rows("SELECT * FROM suppliers WHERE code = 'HANSA'")
    assert (hansa.name, hansa.lead_days, hansa.minimum_order, hansa.version) == ("Hansa Ceramics", 3, 25_000, 2)
    [mug] = office.rows("SELECT * FROM supplier_items WHERE sku = 'MUG'")
    assert (mug.unit_cost, len(mug.breaks), mug.case_pack, mug.lead_days) == (400, 2, 6, 0)
    [rule] = office.rows("SELECT * FROM replenishment_rules WHERE sku = 'MUG'")
    assert (rule.policy, rule.minimum, rule.maximum, rule.why) == ("min/max", 20, 90, "a fair")


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [
        ("suppliers", {"code": "NEW", "currency": "EUR"}, "name"),
        ("suppliers", {"code": "NEW", "name": "New"}, "currency"),
        ("suppliers", {"code": "NEW ONE", "name": "New", "currency": "EUR"}, "code"),
        ("suppliers", {"code": "HANSA", "email": "nobody"}, "email"),
        ("suppliers", {"code": "HANSA", "lead_days": "731"}, "lead_days"),
        ("suppliers", {"code": "HANSA", "order_weekdays": "7"}, "order_weekdays"),
        ("suppliers", {"code": "HANSA", "order_weekdays": "Mon"}, "order_weekdays"),
        ("suppliers", {"code": "HANSA", "closed_dates": "2026-02-30"}, "closed_dates"),
        ("suppliers", {"code": "HANSA", "minimum_order": "1.005"}, "minimum_order"),
        ("suppliers", {"code": "HANSA", "over_rate": "101"}, "over_rate"),
        ("suppliers", {"code": "HANSA", "currency": "JPY"}, "currency"),
        ("supplier_items", {"supplier": "NOBODY", "sku": "MUG", "unit_cost": "1"}, "supplier"),
        ("supplier_items", {"supplier": "HANSA", "sku": "SPOON", "unit_cost": "1"}, "sku"),
        ("supplier_items", {"supplier": "HANSA", "sku": "SET", "unit_cost": "1"}, "sku"),
        ("supplier_items", {"supplier": "HANSA", "sku": "CUP"}, "unit_cost"),
        ("supplier_items", {"supplier": "TOKYO", "sku": "MUG", "unit_cost": "9.50"}, "unit_cost"),
        ("supplier_items", {"supplier": "TOKYO", "sku": "MUG", "unit_cost": "9", "currency": "EUR"}, "currency"),
        ("supplier_items", {"supplier": "HANSA", "sku": "MUG", "breaks": "100=cheap"}, "breaks"),
        ("supplier_items", {"supplier": "HANSA", "sku": "MUG", "breaks": "100=4.20"}, "breaks"),
        ("supplier_items", {"supplier": "HANSA", "sku": "MUG", "unit_cost": "3.60"}, "breaks"),
        ("supplier_items", {"supplier": "HANSA", "sku": "MUG", "case_pack": "0"}, "case_pack"),
        ("replenishment_rules", {"node": "PAR", "sku": "MUG"}, "node"),
        ("replenishment_rules", {"node": "LON", "sku": "SPOON"}, "sku"),
        ("replenishment_rules", {"node": "LON", "sku": "CUP", "policy": "most"}, "policy"),
        ("replenishment_rules", {"node": "LON", "sku": "CUP", "policy": "fixed"}, "policy"),
        ("replenishment_rules", {"node": "LON", "sku": "CUP", "policy": "min/max", "minimum": "1"}, "policy"),
        ("replenishment_rules", {"node": "LON", "sku": "MUG", "maximum": "19"}, "maximum"),
        ("replenishment_rules", {"node": "LON", "sku": "MUG", "service": "40"}, "service"),
        ("replenishment_rules", {"node": "LON", "sku": "MUG", "review_days": "0"}, "review_days"),
        ("replenishment_rules", {"node": "LON", "sku": "MUG", "supplier": "NOBODY"}, "supplier"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column_dry_or_not_and_leaves_no_trace(
    office: Office, kind: str, row: dict[str, str], column: str
) -> None:
    bought(office)
    office.imported("products", {"handle": "set", "title": "Set", "sku": "SET", "components": "MUG=2|CUP=2"})
    before = office.shop.count("audit_log")
    for dry_run in (True, False):
        [(number, told, _)] = office.errors(kind, row, first_row=7, dry_run=dry_run)
        assert (number, told) == (7, column)
    assert office.shop.count("audit_log") == before


def test_a_wrong_row_keeps_no_other_out_and_two_of_the_same_are_not_both_taken(office: Office) -> None:
    told = office.imported("suppliers", HANSA, TOKYO | {"currency": "EURO"}, HANSA)
    assert (told["created"], [(e["row"], e["column"]) for e in told["errors"]]) == (1, [(3, "currency"), (4, "code")])
    assert office.rows("SELECT code FROM suppliers") == [("HANSA",)]


def test_what_was_exported_comes_into_an_empty_company_as_it_was(office: Office, fresh_database: FreshDatabase) -> None:
    bought(office)
    kinds = ("suppliers", "supplier_items", "replenishment_rules")
    files = {kind: exported(office, kind) for kind in kinds}
    assert files["suppliers"][0] == HANSA | {
        "order_weekdays": "0|3", "closed_dates": "2026-12-25|2026-12-26", "active": "false"
    }  # fmt: skip
    assert files["supplier_items"][0] == MUG | {"breaks": "100=3.80|500=3.50"}
    assert files["replenishment_rules"][1] == RULE | {"policy": "min/max"}
    for kind in kinds:
        assert office.counts(kind, *files[kind]) == (0, 0, 2, 0), kind
    with fresh_database() as url:
        other = Shop(url)
        with opened(other) as client:
            elsewhere = stocked(Office(other, client))
            for kind in kinds:
                assert elsewhere.counts(kind, *files[kind]) == (2, 0, 0, 0), kind
                assert exported(elsewhere, kind) == files[kind]
            elsewhere.books_are_right()
        other.close()
