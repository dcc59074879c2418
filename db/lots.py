"""Lots and serial numbers that have come, each with the one date it expires on.

Written by whoever books goods in. A row is the lock under which a serial number comes to lie in one place only:
take it after the levels and before allocations.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ForeignKey, Index, Select, Text, bindparam, cast, exists, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey
from db.nodes import Bin, BinType, Node
from db.session import Transaction
from db.stock import BinStock, StockStatus

NEAR_DAYS = 30
"""Goods that expire within so many days are told when they come: there is little time to sell them."""


class Lot(Base):
    """`code` is the lot or the serial number, as the SKU is tracked."""

    __tablename__ = "lots"
    __audited__ = True
    __kind__ = "lot"
    id: Mapped[UuidKey]
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"))
    code: Mapped[str]
    expires_on: Mapped[date | None]  # the last day of use
    stated_at: Mapped[datetime | None]  # when that was said; what came before may have said otherwise
    why: Mapped[str | None]  # it was corrected
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_lots_code", "sku", "code", unique=True),
        Index("ix_lots_created", "created_at", "id"),
        Index("ix_lots_expires", "expires_on"),
    )


_REGISTER = text("""
    INSERT INTO lots (id, sku, code, version, created_at, updated_at)
    SELECT gen_random_uuid(), sku, code, 1, :at, :at FROM unnest(:skus, :codes) AS d(sku, code)
    ORDER BY sku, code ON CONFLICT (sku, code) DO NOTHING
""").bindparams(*(bindparam(c, type_=ARRAY(Text)) for c in ("skus", "codes")))


def lock_lots(tx: Transaction, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Lot]:
    """The rows of (sku, lot) pairs, made where there are none and locked in one order."""
    wanted = sorted(set(pairs))
    if not wanted:
        return {}
    tx.flush()
    tx.execute(_REGISTER, {"skus": [p[0] for p in wanted], "codes": [p[1] for p in wanted], "at": tx.now})
    rows = tx.scalars(
        select(Lot)
        .where(tuple_(Lot.sku, Lot.code).in_(wanted))
        .order_by(Lot.sku, Lot.code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {(row.sku, row.code): row for row in rows}


def expiries_of(session: Session, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], date]:
    """When lots expire; those of which nobody knows are absent."""
    wanted = sorted(set(pairs))
    rows = session.execute(
        select(Lot.sku, Lot.code, Lot.expires_on).where(
            tuple_(Lot.sku, Lot.code).in_(wanted), Lot.expires_on.is_not(None)
        )
    )
    return {(r.sku, r.code): r.expires_on for r in rows}


def day_at(session: Session, node: str, moment: datetime) -> date:
    """The calendar day at a node: goods can be used through the day they expire on."""
    return moment.astimezone(ZoneInfo(session.get_one(Node, node).time_zone)).date()


class Pile(NamedTuple):
    """Sellable units of a lot in one bin; `packed` stand picked for orders."""

    node: str
    sku: str
    lot: str
    bin: str
    quantity: int
    packed: bool
    lot_id: UUID
    expires_on: date | None


def _piles() -> Select[*tuple[Any, ...]]:
    return (
        select(
            BinStock.node, BinStock.sku, BinStock.lot, BinStock.bin, BinStock.quantity,
            (Bin.type == BinType.packing).label("packed"), Lot.id, Lot.expires_on,
        )
        .join(Lot, (Lot.sku == BinStock.sku) & (Lot.code == BinStock.lot))
        .join(Bin, (Bin.node == BinStock.node) & (Bin.code == BinStock.bin))
        .where(BinStock.lot != "", BinStock.status == StockStatus.sellable, BinStock.quantity > 0)
        .order_by(Lot.expires_on, BinStock.node, BinStock.sku, BinStock.lot, BinStock.bin)
    )  # fmt: skip


def _expired(now: datetime) -> Select[*tuple[Any, ...]]:
    today = cast(func.timezone(Node.time_zone, now), Date)
    return _piles().join(Node, Node.code == BinStock.node).where(Lot.expires_on < today)


def expired_in_sale(session: Session, now: datetime, place: tuple[str, str] | None = None) -> list[Pile]:
    """What can be sold though its last day of use is over at its node, the first to expire first."""
    wanted = _expired(now)
    if place is not None:
        wanted = wanted.where(BinStock.sku == place[0], BinStock.node == place[1])
    return [Pile(*row) for row in session.execute(wanted)]


def in_sale(session: Session, lot: Lot) -> list[Pile]:
    return [Pile(*row) for row in session.execute(_piles().where(Lot.id == lot.id))]


def anything_expired(session: Session, now: datetime) -> bool:
    return bool(session.scalar(select(exists(_expired(now).order_by(None)))))
