"""Fulfilments as rows: locking them in the one order, and how they stand now.

Lock order: the order (shared: its holds and cancellations wait for us, other work does not), then the
fulfilment, levels, allocations, bins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from agents.fulfilment.messages import FulfilmentState
from agents.fulfilment.rules import next_moves, objection
from db.base import among
from db.errors import NotFound
from db.fulfilment import (
    FULFILMENT_MOVES,
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    Parcel,
    ParcelLine,
    ParcelStatus,
)
from db.orders import Order, OrderHold
from db.session import Transaction
from db.shipping import Label, LabelState

FRESH = {"populate_existing": True}


def lock_orders(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, Order]:
    """Hold orders as they are until we commit, in the order of their ids."""
    rows = tx.scalars(
        select(Order)
        .where(among(Order.id, set(ids)))
        .order_by(Order.id)
        .with_for_update(read=True)
        .execution_options(**FRESH)
    )
    return {row.id: row for row in rows}


def live_holds(tx: Transaction, order_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    holds: dict[UUID, list[str]] = defaultdict(list)
    for row in tx.execute(
        select(OrderHold.order_id, OrderHold.reason)
        .where(among(OrderHold.order_id, order_ids), OrderHold.released_at.is_(None))
        .order_by(OrderHold.reason)
    ):
        holds[row.order_id].append(row.reason)
    return holds


def are_workable(tx: Transaction, orders: Collection[Order]) -> list[Order]:
    """Those that nothing stands against picking, packing and shipping."""
    holds = live_holds(tx, [o.id for o in orders])
    return [o for o in orders if objection(o.number, o.status, holds[o.id]) is None]


def is_workable(tx: Transaction, order: Order) -> bool:
    return bool(are_workable(tx, [order]))


def check_workable(tx: Transaction, order: Order) -> None:
    """Raises OrderOnHold or OrderNotReleased."""
    refusal = objection(order.number, order.status, live_holds(tx, [order.id])[order.id])
    if refusal is not None:
        raise refusal


def lock_fulfilments(tx: Transaction, ids: Iterable[UUID]) -> list[Fulfilment]:
    rows = tx.scalars(
        select(Fulfilment)
        .where(among(Fulfilment.id, set(ids)))
        .order_by(Fulfilment.id)
        .with_for_update()
        .execution_options(**FRESH)
    )
    return list(rows)


def lock_with_order(tx: Transaction, fulfilment_id: UUID) -> tuple[Order, Fulfilment]:
    """One fulfilment and its order, both locked. Raises NotFound."""
    order_id = tx.scalar(select(Fulfilment.order_id).where(Fulfilment.id == fulfilment_id))
    if order_id is None:
        raise NotFound("fulfilment", str(fulfilment_id))
    order = lock_orders(tx, [order_id])[order_id]
    return order, lock_fulfilments(tx, [fulfilment_id])[0]


def lines_of(tx: Transaction, fulfilment_ids: Collection[UUID]) -> list[FulfilmentLine]:
    """Lines in the order of the customer's; the lock of their fulfilments guards them."""
    rows = tx.scalars(
        select(FulfilmentLine)
        .where(FulfilmentLine.fulfilment_id.in_(fulfilment_ids))
        .order_by(FulfilmentLine.line_no, FulfilmentLine.sku, FulfilmentLine.allocation_id)
        .execution_options(**FRESH)
    )
    return list(rows)


def live_parcels(tx: Transaction, fulfilment_id: UUID) -> list[Parcel]:
    rows = tx.scalars(
        select(Parcel)
        .where(Parcel.fulfilment_id == fulfilment_id, Parcel.status != ParcelStatus.cancelled)
        .order_by(Parcel.number)
        .with_for_update()
        .execution_options(**FRESH)
    )
    return list(rows)


def advance(tx: Transaction, fulfilment: Fulfilment, to: FulfilmentStatus, *, why: str | None = None) -> None:
    """Move a fulfilment and say so in its own history and in the order's."""
    tx.move(fulfilment, to, moves=FULFILMENT_MOVES, subject=f"fulfilment:{fulfilment.id}", why=why)
    fulfilment.updated_at = tx.now
    tx.note(
        f"order:{fulfilment.order_id}",
        to_status=f"fulfilment {to.value}",
        why=f"{fulfilment.number} at {fulfilment.node}" + (f": {why}" if why else ""),
        detail={"fulfilment_id": str(fulfilment.id)},
    )


def state_of(tx: Transaction, fulfilment: Fulfilment, *, workable: bool) -> FulfilmentState:
    """The answer of every command about a fulfilment. Lines are summed per order line and SKU."""
    tx.flush()
    lines: dict[tuple[int, str], dict[str, Any]] = {}
    for row in lines_of(tx, [fulfilment.id]):
        line = lines.setdefault(
            (row.line_no, row.sku),
            {"line_no": row.line_no, "sku": row.sku, "quantity": 0, "picked": 0, "packed": 0, "lots": []},
        )
        for field in ("quantity", "picked", "packed"):
            line[field] += getattr(row, field)
        if row.lot and row.lot not in line["lots"]:
            line["lots"] = sorted([*line["lots"], row.lot])
    return FulfilmentState(
        id=fulfilment.id,
        number=fulfilment.number,
        order_id=fulfilment.order_id,
        node=fulfilment.node,
        status=fulfilment.status,
        version=fulfilment.version,
        lines=list(lines.values()),
        parcels=_parcels(tx, fulfilment.id),
        next=next_moves(fulfilment.status, workable=workable),
    )


def _parcels(tx: Transaction, fulfilment_id: UUID) -> list[dict[str, Any]]:
    parcels = live_parcels(tx, fulfilment_id)
    ids = [p.id for p in parcels]
    labels = {
        label.parcel_id: label
        for label in tx.scalars(select(Label).where(Label.parcel_id.in_(ids), Label.state == LabelState.live))
    }
    lines = parcel_lines(tx, ids)
    return [
        {
            "id": str(p.id),
            "number": p.number,
            "status": p.status,
            "weight_grams": p.weight_grams,
            "lines": lines[p.id],
            "tracking_number": labels[p.id].tracking_number if p.id in labels else None,
        }
        for p in parcels
    ]


def parcel_lines(tx: Transaction, parcel_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """What lies in each parcel, for an answer."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in tx.scalars(
        select(ParcelLine)
        .where(ParcelLine.parcel_id.in_(parcel_ids))
        .order_by(ParcelLine.sku, ParcelLine.allocation_id)
        .execution_options(**FRESH)
    ):
        found[row.parcel_id].append({"sku": row.sku, "quantity": row.quantity, "lots": row.lots})
    return found
