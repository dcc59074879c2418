"""Suppliers, what they sell, and how much each role may approve."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from agents.purchasing.messages.orders import ApprovalLimitState, SetApprovalLimit
from agents.purchasing.messages.suppliers import (
    PreferSupplier,
    PriceBreak,
    PutSupplier,
    PutSupplierItem,
    RemoveSupplierItem,
    SupplierItemRemoved,
    SupplierItemState,
    SupplierState,
)
from agents.purchasing.refusals import BadPurchaseField, NotToBeOrdered, PricedInItsCurrency
from agents.purchasing.rules import (
    LARGEST_QUANTITY,
    LONGEST_LEAD_DAYS,
    check_breaks,
    check_calendar,
    check_code,
    check_number,
    check_words,
)
from db.catalog import components_of, variants_by_sku
from db.errors import NotFound
from db.money import MILLION, minor_digits
from db.people import Role
from db.purchasing import ApprovalLimit
from db.session import Transaction, check_version
from db.suppliers import Supplier, SupplierItem, asked_in_turn, lock_sellers


def put_supplier(tx: Transaction, ask: PutSupplier) -> SupplierState:
    _check_supplier(ask)
    values: dict[str, Any] = {
        "name": ask.name,
        "email": ask.email,
        "currency": ask.currency,
        "terms": ask.terms,
        "pay_days": ask.pay_days,
        "lead_days": ask.lead_days,
        "order_weekdays": sorted(set(ask.order_weekdays)),
        "closed_dates": sorted(set(ask.closed_dates)),
        "minimum_order": ask.minimum_order,
        "over_ppm": ask.over_ppm,
        "rank": ask.rank,
        "active": ask.active,
    }
    supplier = tx.get(Supplier, ask.code, with_for_update=True, populate_existing=True)
    created = supplier is None
    if supplier is None:
        supplier = Supplier(code=ask.code, version=1, created_at=tx.now, updated_at=tx.now, **values)
        tx.add(supplier)
    else:
        check_version(supplier, ask.version, kind="supplier", id=ask.code)
        if ask.currency != supplier.currency and (priced := _items_of(tx, ask.code)):
            raise PricedInItsCurrency(ask.code, supplier.currency, priced)
        _change(tx, supplier, values)
    tx.flush()
    return SupplierState(
        code=supplier.code,
        name=supplier.name,
        currency=supplier.currency,
        active=supplier.active,
        version=supplier.version,
        created=created,
    )


def _items_of(tx: Transaction, supplier: str) -> int:
    return tx.scalar(select(func.count()).select_from(SupplierItem).where(SupplierItem.supplier == supplier)) or 0


def put_supplier_item(tx: Transaction, ask: PutSupplierItem) -> SupplierItemState:
    """A kit is bought as its components."""
    _check_item(ask)
    if tx.get(Supplier, ask.supplier) is None:
        raise NotFound("supplier", ask.supplier)
    if ask.sku not in variants_by_sku(tx, [ask.sku]):
        raise NotFound("SKU", ask.sku)
    if components_of(tx, [ask.sku]):
        raise BadPurchaseField("sku", ask.sku, "it is a kit; name its components")
    values: dict[str, Any] = {
        "supplier_sku": ask.supplier_sku or ask.sku,
        "unit_cost": ask.unit_cost,
        "breaks": [{"from": b.from_quantity, "unit_cost": b.unit_cost} for b in ask.breaks],
        "minimum_quantity": ask.minimum_quantity,
        "case_pack": ask.case_pack,
        "lead_days": ask.lead_days,
        "rank": ask.rank,
        "active": ask.active,
    }
    item = tx.get(SupplierItem, (ask.supplier, ask.sku), with_for_update=True, populate_existing=True)
    created = item is None
    if item is None:
        item = SupplierItem(
            supplier=ask.supplier, sku=ask.sku, version=1, created_at=tx.now, updated_at=tx.now, **values
        )
        tx.add(item)
    else:
        check_version(item, ask.version, kind="supplier item", id=f"{ask.supplier}/{ask.sku}")
        _change(tx, item, values)
    tx.flush()
    return _item_state(item, created=created)


def remove_supplier_item(tx: Transaction, ask: RemoveSupplierItem) -> SupplierItemRemoved:
    item = _item(tx, ask.supplier, ask.sku)
    check_version(item, ask.version, kind="supplier item", id=f"{ask.supplier}/{ask.sku}")
    tx.delete(item)
    return SupplierItemRemoved(supplier=ask.supplier, sku=ask.sku)


def prefer_supplier(tx: Transaction, ask: PreferSupplier) -> SupplierItemState:
    """A rank below all others of the SKU; where there is none left, the others move up by one."""
    lock_sellers(tx, ask.sku)
    item = _item(tx, ask.supplier, ask.sku)
    sellers = asked_in_turn(tx, [ask.sku])
    if item not in [each for _, each in sellers]:
        raise NotToBeOrdered(f"{ask.sku} at {ask.supplier}", "blocked")
    others = [(_rank(supplier, each), each) for supplier, each in sellers if each is not item]
    if others and sellers[0][1] is not item:
        first = others[0][0]
        if first == 0:
            for rank, each in others:
                _change(tx, each, {"rank": rank + 1})
        _change(tx, item, {"rank": max(0, first - 1)})
    tx.flush()
    return _item_state(item)


def _item(tx: Transaction, supplier: str, sku: str) -> SupplierItem:
    item = tx.get(SupplierItem, (supplier, sku), with_for_update=True, populate_existing=True)
    if item is None:
        raise NotFound("supplier item", f"{supplier}/{sku}")
    return item


def _rank(supplier: Supplier, item: SupplierItem) -> int:
    return supplier.rank if item.rank is None else item.rank


def _item_state(item: SupplierItem, *, created: bool = False) -> SupplierItemState:
    return SupplierItemState(
        supplier=item.supplier,
        sku=item.sku,
        supplier_sku=item.supplier_sku,
        unit_cost=item.unit_cost,
        breaks=[PriceBreak(from_quantity=b["from"], unit_cost=b["unit_cost"]) for b in item.breaks],
        minimum_quantity=item.minimum_quantity,
        case_pack=item.case_pack,
        rank=item.rank,
        active=item.active,
        version=item.version,
        created=created,
    )


def set_approval_limit(tx: Transaction, ask: SetApprovalLimit) -> ApprovalLimitState:
    minor_digits(ask.currency)
    if tx.get(Role, ask.role) is None:
        raise NotFound("role", ask.role)
    limit = tx.get(ApprovalLimit, (ask.role, ask.currency), with_for_update=True, populate_existing=True)
    if limit is not None:
        check_version(limit, ask.version, kind="approval limit", id=f"{ask.role}/{ask.currency}")
    if ask.amount is None:
        if limit is not None:
            tx.delete(limit)
    else:
        check_number("amount", ask.amount)
        if limit is None:
            tx.add(ApprovalLimit(role=ask.role, currency=ask.currency, amount=ask.amount, version=1, updated_at=tx.now))
        else:
            _change(tx, limit, {"amount": ask.amount})
    return ApprovalLimitState(role=ask.role, currency=ask.currency, amount=ask.amount)


def _change(tx: Transaction, record: Any, values: dict[str, Any]) -> None:
    changed = {name: value for name, value in values.items() if getattr(record, name) != value}
    for name, value in changed.items():
        setattr(record, name, value)
    if changed:
        record.updated_at = tx.now


def _check_supplier(ask: PutSupplier) -> None:
    check_code("code", ask.code)
    check_words("name", ask.name, longest=200)
    check_words("terms", ask.terms, needed=False)
    check_words("email", ask.email, longest=254, needed=False)
    minor_digits(ask.currency)
    check_calendar(ask.order_weekdays, ask.closed_dates)
    check_number("pay_days", ask.pay_days, most=LONGEST_LEAD_DAYS)
    check_number("lead_days", ask.lead_days, most=LONGEST_LEAD_DAYS)
    check_number("minimum_order", ask.minimum_order)
    check_number("over_ppm", ask.over_ppm, most=MILLION)
    check_number("rank", ask.rank, most=LARGEST_QUANTITY)


def _check_item(ask: PutSupplierItem) -> None:
    check_words("supplier_sku", ask.supplier_sku, longest=128, needed=False)
    check_number("unit_cost", ask.unit_cost)
    check_breaks(ask.unit_cost, ask.breaks)
    check_number("minimum_quantity", ask.minimum_quantity, least=1, most=LARGEST_QUANTITY)
    check_number("case_pack", ask.case_pack, least=1, most=LARGEST_QUANTITY)
    if ask.lead_days is not None:
        check_number("lead_days", ask.lead_days, most=LONGEST_LEAD_DAYS)
    if ask.rank is not None:
        check_number("rank", ask.rank, most=LARGEST_QUANTITY)
