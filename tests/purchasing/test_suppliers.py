"""Suppliers and what they sell: terms are kept as said, and nonsense is refused in silence."""

from __future__ import annotations

from typing import Any

import pytest

from agents.purchasing.messages.orders import SetApprovalLimit
from agents.purchasing.messages.suppliers import PriceBreak, PutSupplier, PutSupplierItem, SupplierState
from tests.purchasing.conftest import Office


def test_a_supplier_is_created_once_and_changed_by_whoever_saw_the_last_version(office: Office) -> None:
    ask = PutSupplier(code="HANSA", name="Hansa Ceramics", currency="EUR", terms="FOB Hamburg", version=1)
    changed = office.do("purchasing", ask, SupplierState)
    assert (changed.created, changed.version, changed.name) == (False, 2, "Hansa Ceramics")
    office.refused(ask, "stale_version")
    assert office.do("purchasing", PutSupplier(**_said(ask) | {"version": 2}), SupplierState).version == 2


def test_a_currency_stays_as_long_as_there_are_prices_in_it(office: Office) -> None:
    refused = office.refused(PutSupplier(code="HANSA", name="Hansa", currency="JPY"), "priced_in_its_currency")
    assert "2 SKUs at prices in EUR" in str(refused)
    office.a_supplier("LAKE", currency="USD")
    assert office.a_supplier("LAKE", currency="CAD", version=1).currency == "CAD"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"code": "HAN SA"}, "bad_purchase_field"),
        ({"name": " "}, "bad_purchase_field"),
        ({"currency": "XXX"}, "unknown_currency"),
        ({"lead_days": -1}, "bad_purchase_field"),
        ({"order_weekdays": []}, "bad_purchase_field"),
        ({"order_weekdays": [7]}, "bad_purchase_field"),
        ({"closed_dates": ["25.12.2026"]}, "bad_purchase_field"),
        ({"minimum_order": -1}, "bad_purchase_field"),
        ({"over_ppm": 1_000_001}, "bad_purchase_field"),
    ],
)
def test_a_supplier_that_makes_no_sense_is_refused(office: Office, wrong: dict[str, Any], code: str) -> None:
    office.refused(PutSupplier(**({"code": "NEW", "name": "New", "currency": "EUR"} | wrong)), code)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"supplier": "NOBODY"}, "not_found"),
        ({"sku": "NOTHING"}, "not_found"),
        ({"unit_cost": -1}, "bad_purchase_field"),
        ({"case_pack": 0}, "bad_purchase_field"),
        ({"minimum_quantity": 0}, "bad_purchase_field"),
        ({"breaks": [PriceBreak(from_quantity=10, unit_cost=500)]}, "bad_purchase_field"),
        ({"breaks": [PriceBreak(from_quantity=1, unit_cost=300)]}, "bad_purchase_field"),
        (
            {"breaks": [PriceBreak(from_quantity=20, unit_cost=300), PriceBreak(from_quantity=10, unit_cost=200)]},
            "bad_purchase_field",
        ),
    ],
)
def test_an_item_that_makes_no_sense_is_refused(office: Office, wrong: dict[str, Any], code: str) -> None:
    office.refused(PutSupplierItem(**({"supplier": "HANSA", "sku": "MUG", "unit_cost": 400} | wrong)), code)


def test_a_kit_is_bought_as_its_components(office: Office) -> None:
    office.a_kit("SET", {"MUG": 2, "PLATE": 1})
    refused = office.refused(PutSupplierItem(supplier="HANSA", sku="SET", unit_cost=900), "bad_purchase_field")
    assert "name its components" in str(refused)


def test_limits_are_for_roles_that_are_there(office: Office) -> None:
    office.refused(SetApprovalLimit(role="captain", currency="EUR", amount=100), "not_found")
    office.limit("manager", 100)
    office.limit("manager", None)
    assert office.count("approval_limits") == 0


def _said(ask: PutSupplier) -> dict[str, Any]:
    return {name: getattr(ask, name) for name in ask.__struct_fields__}
