"""Warehouses and stores, their zones and bins. Written by the inventory agent alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base
from db.catalog import Temperature


class NodeKind(StrEnum):
    warehouse = "warehouse"
    store = "store"


class BinType(StrEnum):
    receiving = "receiving"
    reserve = "reserve"
    pick_face = "pick_face"
    packing = "packing"  # what is picked stands here until it is dispatched
    quarantine = "quarantine"
    dispatch = "dispatch"


STANDARD_BINS = {
    "RECEIVING": BinType.receiving,
    "PICK": BinType.pick_face,
    "PACK": BinType.packing,
    "QUARANTINE": BinType.quarantine,
    "DISPATCH": BinType.dispatch,
}
"""Every node has these from its creation, so that stock always has a place to be."""


class Node(Base):
    __tablename__ = "nodes"
    __audited__ = True
    __kind__ = "node"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default=NodeKind.warehouse)
    time_zone: Mapped[str]
    address: Mapped[dict[str, Any]] = mapped_column(default=dict)
    open_weekdays: Mapped[list[Any]] = mapped_column(default=lambda: [0, 1, 2, 3, 4])  # Monday is 0
    closed_dates: Mapped[list[Any]] = mapped_column(default=list)  # ISO dates
    cut_off: Mapped[time] = mapped_column(default=time(15, 0))  # in the node's own zone
    rank: Mapped[int] = mapped_column(default=100)  # lower is asked first when orders are routed
    ships: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Zone(Base):
    __tablename__ = "zones"
    __audited__ = True
    __kind__ = "zone"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    sequence: Mapped[int] = mapped_column(default=0)


class Bin(Base):
    __tablename__ = "bins"
    __audited__ = True
    __kind__ = "bin"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    zone: Mapped[str | None]
    type: Mapped[str]
    sequence: Mapped[int] = mapped_column(default=0)  # place in the pick path
    capacity_units: Mapped[int | None]
    capacity_grams: Mapped[int | None]
    capacity_cm3: Mapped[int | None]
    level: Mapped[int] = mapped_column(default=0)  # 0 is the floor: heavy goods lie low
    hazard_classes: Mapped[list[Any]] = mapped_column(default=list)  # dangerous goods that may lie here
    temperature: Mapped[str] = mapped_column(default=Temperature.ambient)
    mixes_skus: Mapped[bool] = mapped_column(default=True)  # as putaway sees it: people may move what they like
    mixes_lots: Mapped[bool] = mapped_column(default=True)
    blocked: Mapped[bool] = mapped_column(default=False)  # may be emptied and not filled
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        CheckConstraint("capacity_units IS NULL OR capacity_units > 0", name="capacity"),
        CheckConstraint("capacity_grams > 0 AND capacity_cm3 > 0 AND level >= 0", name="limits"),
        ForeignKeyConstraint(["node", "zone"], ["zones.node", "zones.code"]),
    )


def shipping_nodes(session: Session) -> list[str]:
    """Codes of the nodes that ship, in the order in which they are asked for stock."""
    return list(session.scalars(select(Node.code).where(Node.ships).order_by(Node.rank, Node.code)))


def bins_of(session: Session, node: str, codes: Iterable[str], *, lock: bool = False) -> dict[str, Bin]:
    """The bins that exist among the codes. A lock keeps others from closing or filling them meanwhile."""
    wanted = select(Bin).where(Bin.node == node, Bin.code.in_(sorted(set(codes)))).order_by(Bin.node, Bin.code)
    if lock:
        wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {b.code: b for b in session.scalars(wanted)}


def first_bin(session: Session, node: str, kind: BinType) -> str | None:
    """The code of the first active bin of a type along the pick path."""
    return session.scalars(
        select(Bin.code).where(Bin.node == node, Bin.type == kind, Bin.active).order_by(Bin.sequence, Bin.code)
    ).first()
