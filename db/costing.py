"""What a unit costs where it is landed: a moving average per SKU and currency, kept with what comes on orders.

The weighted average of IAS 2.25 and 2.27, worked out anew at each receipt: units that are on hand count at the average
that they had, units that come at what they cost with their share of the order's charges. No rate of exchange is made
up: each currency that a SKU is bought in has an average of its own. Units that came on no order, or in another
currency, weigh nothing.

A line's units are worth its landed cost in proportion, and the running sum is rounded rather than the part: however
they come, all that was ordered is worth exactly what the line costs. The share of units that never come stays with
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import BigInteger, Numeric

from db.base import Amount, Base, SerialKey
from db.catalog import Variant
from db.money import half_up
from db.session import Transaction
from db.stock import BinStock, StockLevel, StockStatus

MILLI = 1000


class UnitCost(Base):
    """Where the average of a SKU in a currency stands. Locked before its entries are written."""

    __tablename__ = "unit_costs"
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    units: Mapped[int] = mapped_column(
        default=0
    )  # that have come and were not taken back; without any, nothing is known
    average_milli: Mapped[Amount] = mapped_column(default=0)  # thousandths of a minor unit
    came_at: Mapped[datetime]  # when units came last
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("units >= 0 AND average_milli >= 0", name="not_negative"),)


class CostEntry(Base):
    """Units that came of an order's line at once. An entry whose units were all taken back is worth nothing."""

    __tablename__ = "cost_entries"
    id: Mapped[SerialKey]
    at: Mapped[datetime]
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"))
    currency: Mapped[str]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_orders.id"))
    line_no: Mapped[int]
    receipt_id: Mapped[UUID | None]  # no key: the receipt is written afterwards, in the same transaction
    units: Mapped[int]
    value: Mapped[Amount]
    on_hand: Mapped[int]  # units of the SKU that were anywhere before these came
    average_milli: Mapped[Amount]  # with these
    __table_args__ = (
        CheckConstraint("units >= 0 AND value >= 0 AND on_hand >= 0 AND average_milli >= 0", name="not_negative"),
        Index("ix_cost_entries_sku", "sku", "currency", "id"),
        Index("ix_cost_entries_line", "purchase_id", "line_no"),
    )


class Landed(NamedTuple):
    """A line of an order, as its units are valued."""

    purchase_id: UUID
    line_no: int
    sku: str
    currency: str
    ordered: int
    landed: int  # what all that was ordered costs, charges included

    def worth(self, units: int) -> int:
        return half_up(self.landed * units, self.ordered)


def lock_costs(tx: Transaction, currency: str, skus: Iterable[str]) -> None:
    """In the order of SKU and currency, after the purchase order and before any level."""
    wanted = sorted(set(skus))
    rows = [
        {"sku": s, "currency": currency, "units": 0, "average_milli": 0, "came_at": tx.now, "updated_at": tx.now}
        for s in wanted
    ]
    tx.execute(insert(UnitCost).values(rows).on_conflict_do_nothing())
    locking = select(UnitCost).where(UnitCost.sku.in_(wanted)).order_by(UnitCost.sku, UnitCost.currency)
    tx.scalars(locking.with_for_update(), execution_options={"populate_existing": True}).all()


def cost_received(tx: Transaction, line: Landed, units: int, *, receipt_id: UUID | None = None) -> None:
    """Units of a line have come. Below zero they never came: later entries are worked out as if it were so.

    The costs of the line's SKU are locked. What came on the receipt is taken back; of units whose receipt is not known,
    what came last of the line.
    """
    entries = _of_line(tx, line)
    if units > 0:
        on_hand = _owned(tx, line.sku)
        came = CostEntry(
            at=tx.now,
            sku=line.sku,
            currency=line.currency,
            purchase_id=line.purchase_id,
            line_no=line.line_no,
            receipt_id=receipt_id,
            units=units,
            value=0,
            on_hand=on_hand,
            average_milli=0,
        )
        tx.add(came)
        tx.flush()
        _value(line, [*entries, came])
        _follow(tx, line.sku, line.currency, came.id)
        tx.get_one(UnitCost, (line.sku, line.currency)).came_at = tx.now
        return
    left, touched = -units, []
    for entry in _going(entries, receipt_id):
        if taken := min(entry.units, left):
            entry.units -= taken
            left -= taken
            touched.append(entry.id)
            _not_there_since(tx, entry, taken)
    if touched:
        _value(line, entries)
        for currency in _currencies(tx, line.sku):
            _follow(tx, line.sku, currency, min(touched))


def _going(entries: Sequence[CostEntry], receipt_id: UUID | None) -> list[CostEntry]:
    """The receipt's own first, then those of no known receipt, then all others; of each the last first."""

    def likely(entry: CostEntry) -> tuple[bool, bool, int]:
        return entry.receipt_id != receipt_id, entry.receipt_id is not None, -entry.id

    return sorted(entries, key=likely)


def cost_again(tx: Transaction, line: Landed) -> None:
    """What a line costs was changed: what has come of it is worth the new cost, and so is what came later on top.

    The costs of the line's SKU are locked.
    """
    entries = _of_line(tx, line)
    if changed := _value(line, entries):
        _follow(tx, line.sku, line.currency, changed[0].id)


def unit_costs(session: Session, skus: Iterable[str]) -> dict[tuple[str, str], int]:
    """Landed, on average, by (SKU, currency), in minor units. What never came on an order is absent."""
    rows = session.scalars(select(UnitCost).where(UnitCost.sku.in_(sorted(set(skus))), UnitCost.units > 0))
    return {(row.sku, row.currency): half_up(row.average_milli, MILLI) for row in rows}


def landed_cost() -> ColumnElement[Any]:
    """Of a listed variant, in the currency in which it came last."""
    return _last_of_variant(cast(func.round(UnitCost.average_milli / cast(MILLI, Numeric)), BigInteger))


def landed_currency() -> ColumnElement[Any]:
    return _last_of_variant(UnitCost.currency.expression)


def _last_of_variant(column: ColumnElement[Any]) -> ColumnElement[Any]:
    last = select(column).where(UnitCost.sku == Variant.sku, UnitCost.units > 0)
    last = last.order_by(UnitCost.came_at.desc(), UnitCost.currency).limit(1)
    return last.correlate(Variant).scalar_subquery()


def _owned(tx: Transaction, sku: str) -> int:
    """Units anywhere, those between two nodes among them."""
    lying = select(func.coalesce(func.sum(StockLevel.on_hand), 0)).where(StockLevel.sku == sku)
    moving = select(func.coalesce(func.sum(BinStock.quantity), 0))
    moving = moving.where(BinStock.sku == sku, BinStock.status == StockStatus.transit)
    return int(tx.scalar(lying) or 0) + int(tx.scalar(moving) or 0)


def _of_line(tx: Transaction, line: Landed) -> list[CostEntry]:
    wanted = select(CostEntry).where(CostEntry.purchase_id == line.purchase_id, CostEntry.line_no == line.line_no)
    return list(tx.scalars(wanted.order_by(CostEntry.id).execution_options(populate_existing=True)))


def _value(line: Landed, entries: Sequence[CostEntry]) -> list[CostEntry]:
    """Share what the line costs among what came of it, in order; those whose value has changed."""
    changed, came = [], 0
    for entry in entries:
        value = line.worth(came + entry.units) - line.worth(came)
        came += entry.units
        if value != entry.value:
            entry.value = value
            changed.append(entry)
    return changed


def _not_there_since(tx: Transaction, entry: CostEntry, units: int) -> None:
    tx.flush()
    later = select(CostEntry).where(CostEntry.sku == entry.sku, CostEntry.id > entry.id)
    for other in tx.scalars(later.execution_options(populate_existing=True)):
        other.on_hand = max(0, other.on_hand - units)


def _currencies(tx: Transaction, sku: str) -> list[str]:
    return list(tx.scalars(select(UnitCost.currency).where(UnitCost.sku == sku).order_by(UnitCost.currency)))


def _follow(tx: Transaction, sku: str, currency: str, first: int) -> None:
    """Work the average out from an entry on."""
    tx.flush()
    entry = CostEntry
    of = (entry.sku == sku, entry.currency == currency, entry.units > 0)
    before = select(func.coalesce(func.sum(entry.units), 0)).where(*of, entry.id < first)
    last = select(entry.average_milli).where(*of, entry.id < first).order_by(entry.id.desc()).limit(1)
    units, average = int(tx.scalar(before) or 0), int(tx.scalar(last) or 0)
    later = select(entry).where(*of, entry.id >= first).order_by(entry.id)
    for found in tx.scalars(later.execution_options(populate_existing=True)):
        average = moved(average, min(units, found.on_hand), found.value, found.units)
        units += found.units
        found.average_milli = average
    row = tx.get_one(UnitCost, (sku, currency))
    row.units, row.average_milli, row.updated_at = units, average, tx.now
    tx.flush()


def moved(average_milli: int, there: int, value: int, units: int) -> int:
    """The average once `units` worth `value` have come to those that are there: `moved(400_000, 6, 1500, 4)`."""
    return half_up(average_milli * there + value * MILLI, there + units)
