"""Pick tasks and their lists: what is open, what is withdrawn, when a list is through."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from agents.fulfilment.messages import PickListState
from agents.fulfilment.rules import PICKED_FROM, Shelf
from db.catalog import Variant
from db.fulfilment import PICK_LIST_MOVES, Fulfilment, PickList, PickListStatus, PickTask, claimed_units
from db.lots import day_at, expiries_of
from db.nodes import Bin, BinType, Zone
from db.session import Transaction
from db.stock import BinStock, StockLedger, StockStatus

FRESH = {"populate_existing": True}


def open_tasks(tx: Transaction, fulfilment_ids: Collection[UUID]) -> list[PickTask]:
    """Tasks of fulfilments that somebody still has to do; the lock of the fulfilments guards them."""
    rows = tx.scalars(
        select(PickTask)
        .where(PickTask.fulfilment_id.in_(fulfilment_ids), PickTask.done.is_(False))
        .order_by(PickTask.pick_list_id, PickTask.sequence)
        .execution_options(**FRESH)
    )
    return list(rows)


def rest_of(task: PickTask) -> int:
    return task.quantity - task.picked - task.short


def withdraw(tx: Transaction, tasks: Iterable[PickTask], *, why: str) -> None:
    for task in tasks:
        task.done, task.closed_why = True, why
    tx.flush()


def trim_tasks(tx: Transaction, allocation_id: UUID, kept: int, *, why: str) -> None:
    """Let the open tasks of an allocation ask for `kept` units at most, giving up the last of the walk first."""
    tasks = tx.scalars(
        select(PickTask)
        .where(PickTask.allocation_id == allocation_id, PickTask.done.is_(False))
        .order_by(PickTask.sequence.desc())
        .execution_options(**FRESH)
    ).all()
    excess = sum(rest_of(t) for t in tasks) - kept
    for task in tasks:
        cut = min(max(0, excess), rest_of(task))
        excess -= cut
        if not cut:
            continue
        if cut == rest_of(task):
            task.done, task.closed_why = True, why
        else:
            task.quantity -= cut


def close_lists(tx: Transaction, fulfilment_ids: Collection[UUID]) -> None:
    """Close the open lists that were walked for these fulfilments and have nothing open any more.

    The list is locked before its tasks are counted: of two pickers who finish together, the second sees
    the first.
    """
    tx.flush()
    ids = select(PickTask.pick_list_id).where(PickTask.fulfilment_id.in_(fulfilment_ids))
    lists = tx.scalars(
        select(PickList)
        .where(PickList.id.in_(ids), PickList.status == PickListStatus.open)
        .order_by(PickList.id)
        .with_for_update()
        .execution_options(**FRESH)
    ).all()
    for pick_list in lists:
        still_open, picked = tx.execute(
            select(func.count().filter(PickTask.done.is_(False)), func.coalesce(func.sum(PickTask.picked), 0)).where(
                PickTask.pick_list_id == pick_list.id
            )
        ).one()
        if not still_open:
            to = PickListStatus.done if picked else PickListStatus.cancelled
            tx.move(pick_list, to, moves=PICK_LIST_MOVES, subject=f"pick_list:{pick_list.id}")
            pick_list.updated_at = tx.now


def shelves_at(tx: Transaction, node: str, skus: Collection[str]) -> list[Shelf]:
    """Where the SKUs lie in bins that are picked from, less what live pick lists go for, and no lot that has expired.

    The caller holds the levels' locks, so nobody plans for the same units meanwhile.
    """
    tx.flush()
    rows = tx.execute(
        select(BinStock.sku, BinStock.bin, BinStock.lot, BinStock.quantity, Bin.type, Bin.sequence, Zone.sequence)
        .join(Bin, (Bin.node == BinStock.node) & (Bin.code == BinStock.bin))
        .outerjoin(Zone, (Zone.node == Bin.node) & (Zone.code == Bin.zone))
        .where(
            BinStock.node == node,
            BinStock.sku.in_(skus),
            BinStock.status == StockStatus.sellable,
            Bin.active.is_(True),
            Bin.type.in_(list(PICKED_FROM)),
        )
    ).all()
    claimed = claimed_units(tx, node, skus)
    lots = {r[0] for r in rows if r[2]}
    arrived = _arrivals(tx, node, lots) if lots else {}
    expiries = expiries_of(tx, {(r[0], r[2]) for r in rows if r[2]}) if lots else {}
    today = day_at(tx, node, tx.now) if expiries else date.max
    return [
        Shelf(
            sku=sku,
            bin=code,
            lot=lot,
            free=quantity - claimed.get((sku, code, lot), 0),
            type=kind,
            walk=(zone or 0, sequence, code),
            arrived=arrived.get((sku, lot), 0),
            expires_on=expiries.get((sku, lot), date.max),
        )
        for sku, code, lot, quantity, kind, sequence, zone in rows
        if (sku, lot) not in expiries or expiries[(sku, lot)] >= today
    ]


def _arrivals(tx: Transaction, node: str, skus: Collection[str]) -> dict[tuple[str, str], int]:
    """When each lot first came to the node, as its first row in the ledger."""
    rows = tx.execute(
        select(StockLedger.sku, StockLedger.lot, func.min(StockLedger.id))
        .where(StockLedger.sku.in_(skus), StockLedger.node == node, StockLedger.on_hand > 0)
        .group_by(StockLedger.sku, StockLedger.lot)
    )
    return {(sku, lot): first for sku, lot, first in rows}


def packing_bin(tx: Transaction, node: str) -> str:
    """Where a node puts what was picked."""
    code = tx.scalar(
        select(Bin.code)
        .where(Bin.node == node, Bin.type == BinType.packing, Bin.active.is_(True))
        .order_by(Bin.sequence, Bin.code)
        .limit(1)
    )
    return code or "PACK"


def list_state(tx: Transaction, pick_list: PickList) -> PickListState:
    tx.flush()
    rows = tx.execute(
        select(PickTask, Fulfilment.number, Variant.title, Variant.barcode)
        .join(Fulfilment, Fulfilment.id == PickTask.fulfilment_id)
        .join(Variant, Variant.sku == PickTask.sku)
        .where(PickTask.pick_list_id == pick_list.id)
        .order_by(PickTask.sequence)
        .execution_options(**FRESH)
    )
    return PickListState(
        id=pick_list.id,
        node=pick_list.node,
        status=pick_list.status,
        version=pick_list.version,
        tasks=[_task(task, number, title, barcode) for task, number, title, barcode in rows],
        next=sorted(s.value for s in PICK_LIST_MOVES[PickListStatus(pick_list.status)]),
    )


def _task(task: PickTask, number: str, title: str, barcode: str | None) -> dict[str, Any]:
    return {
        "id": str(task.id),
        "sequence": task.sequence,
        "bin": task.bin,
        "sku": task.sku,
        "title": title,
        "barcode": barcode,
        "lot": task.lot,
        "quantity": task.quantity,
        "picked": task.picked,
        "short": task.short,
        "done": task.done,
        "why": task.closed_why,
        "fulfilment": number,
        "fulfilment_id": str(task.fulfilment_id),
    }
