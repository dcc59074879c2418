"""What is in a parcel, and what it is worth: to the customer, and to us."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.costing import MILLI, UnitCost
from db.fulfilment import FulfilmentLine, ParcelLine
from db.money import half_up
from db.orders import Order, OrderLine
from db.stock import StockLevel


@dataclass(frozen=True)
class Contents:
    """Units by SKU as they were packed (a kit as its components). `cost` falls back on `value` for what was never
    bought in the order's currency."""

    units: dict[str, int]
    value: int
    cost: int
    lines: dict[int, int]  # whole units of each line of the order
    in_part: list[int]  # lines of kits of which some components are here, and others elsewhere


def contents_of(session: Session, parcel_id: UUID, order: Order) -> Contents:
    """A line's units are worth their share of what was paid for the line, kits by the number of units in them."""
    packed = session.execute(
        select(FulfilmentLine.line_no, ParcelLine.sku, ParcelLine.quantity)
        .join(FulfilmentLine, FulfilmentLine.allocation_id == ParcelLine.allocation_id)
        .where(ParcelLine.parcel_id == parcel_id)
        .order_by(FulfilmentLine.line_no, ParcelLine.sku)
    ).all()
    lines = {n.line_no: n for n in session.scalars(select(OrderLine).where(OrderLine.order_id == order.id))}
    units: dict[str, int] = {}
    of_line: dict[int, dict[str, int]] = {}
    for line_no, sku, quantity in packed:
        units[sku] = units.get(sku, 0) + quantity
        parts = of_line.setdefault(line_no, {})
        parts[sku] = parts.get(sku, 0) + quantity
    value = 0
    whole_units, in_part = {}, []
    for line_no, parts in of_line.items():
        line = lines[line_no]
        whole = line.quantity * sum(per for _, per in line.parts)
        value += half_up(line.total * min(sum(parts.values()), whole), whole)
        whole_units[line_no] = min(parts.get(sku, 0) // per for sku, per in line.parts)
        if any(parts.get(sku, 0) != whole_units[line_no] * per for sku, per in line.parts):
            in_part.append(line_no)
    return Contents(units, value, _cost(session, units, order.currency, value), whole_units, in_part)


def short_of(session: Session, units: dict[str, int]) -> str | None:
    """Why these cannot be sent again: not enough is free anywhere. None where they can."""
    free = func.sum(StockLevel.sellable - StockLevel.allocated - StockLevel.held)
    rows = session.execute(select(StockLevel.sku, free).where(StockLevel.sku.in_(units)).group_by(StockLevel.sku))
    have = {sku: int(quantity) for sku, quantity in rows}
    missing = [f"{n - max(0, have.get(sku, 0))} of {sku}" for sku, n in sorted(units.items()) if have.get(sku, 0) < n]
    return f"not in stock: {', '.join(missing)}" if missing else None


def _cost(session: Session, units: dict[str, int], currency: str, value: int) -> int:
    rows = session.scalars(select(UnitCost).where(UnitCost.sku.in_(units), UnitCost.currency == currency))
    known = {row.sku: row.average_milli for row in rows if row.units > 0}
    if known.keys() < units.keys():
        return value
    return half_up(sum(known[sku] * quantity for sku, quantity in units.items()), MILLI)
