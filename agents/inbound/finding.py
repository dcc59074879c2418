"""Looks for places for what is to be put away: reads what the rules of `placing` want to know, keeps what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, or_, select

from agents.inbound.placing import Place, Placement, WaitedFor, Wares, place_wares
from db.catalog import Product, Variant, variants_by_sku
from db.fulfilment import claimed_units
from db.nodes import Bin, BinType
from db.orders import Order
from db.putaway import (
    OPEN_PUTAWAYS,
    PutawayRule,
    PutawaySuggestion,
    PutawayTask,
    lying,
    on_their_way,
    rules_at,
    waiting_orders,
    walk_at,
)
from db.replenishment import ReplenishmentPlan
from db.session import Transaction
from db.stock import BinStock, Load, loads_in

NAMED = 5  # orders in a sentence; the task lists all


class Found(NamedTuple):
    """Where what is left of a task would go, and which orders wait for it."""

    task: PutawayTask
    waiting: list[dict[str, Any]]
    placement: Placement


def look_for_places(tx: Transaction, node: str, tasks: Sequence[PutawayTask]) -> None:
    """Suggest bins for what is left of open tasks of a node, whose goods' levels are locked.

    What other tasks suggest counts as if it lay there already.
    """
    tx.flush()
    tx.execute(delete(PutawaySuggestion).where(PutawaySuggestion.task_id.in_([t.id for t in tasks])))
    for found in find_places(tx, node, tasks, rules_at(tx, node)):
        found.task.waiting = found.waiting
        _keep(tx, found.task, found.placement)
    tx.flush()


def find_places(
    tx: Transaction, node: str, tasks: Sequence[PutawayTask], rules: Sequence[PutawayRule]
) -> Iterator[Found]:
    """Writes nothing; `rules` are those that are to count, in their order."""
    tasks = [t for t in tasks if t.status in OPEN_PUTAWAYS]
    if not tasks:
        return
    skus = {t.sku for t in tasks}
    walk = walk_at(tx, node)
    places = _places(tx, node, walk, skus, {t.id for t in tasks})
    packing = sum(1 for _ in takewhile(lambda bin: bin.type != BinType.packing, walk))
    wares = wares_of(tx, node, skus)
    there, claimed = lying(tx, node, skus), claimed_units(tx, node, skus)
    waiting = _waiting(tx, node, tasks, {key: n for key, n in claimed.items() if key in there})
    for task in tasks:
        key = (task.sku, task.bin, task.lot)
        units = max(0, min(task.left, there.get(key, 0) - claimed.get(key, 0)))
        mine = _take(waiting.get(task.sku, []), units)
        waited_for = WaitedFor(sum(each["units"] for each in mine), named(mine), packing) if mine else None
        yield Found(task, mine, place_wares(wares[task.sku]._replace(lot=task.lot), units, places, rules, waited_for))


def forget_places(tx: Transaction, tasks: Sequence[PutawayTask]) -> None:
    """What was suggested for them no longer holds, and nobody looks for anything else now."""
    tx.execute(delete(PutawaySuggestion).where(PutawaySuggestion.task_id.in_([t.id for t in tasks])))
    for task in tasks:
        task.unplaced, task.unplaced_why = 0, None
        task.waiting = _take(list(task.waiting), task.left)


def named(waiting: Sequence[dict[str, Any]]) -> str:
    told = ", ".join(f"{each['order']} ({each['units']})" for each in waiting[:NAMED])
    more = len(waiting) - NAMED
    return f"orders {told}" + (f" and {more} more" if more > 0 else "")


def wares_of(tx: Transaction, node: str, skus: Iterable[str]) -> dict[str, Wares]:
    """What is to be known of SKUs, of no lot yet."""
    rows = tx.execute(
        select(Variant, Product.category, ReplenishmentPlan.daily_milli)
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(ReplenishmentPlan, (ReplenishmentPlan.sku == Variant.sku) & (ReplenishmentPlan.node == node))
        .where(Variant.sku.in_(sorted(set(skus))))
    )
    return {
        v.sku: Wares(
            sku=v.sku,
            lot="",
            each=Load.of(v, 1),
            category=category,
            hazmat=v.hazmat,
            hazard_class=v.hazard_class,
            temperature=v.temperature,
            weekly=-(-(daily or 0) * 7 // 1000),
        )
        for v, category, daily in rows
    }


def place_of(tx: Transaction, bin: Bin) -> Place:
    """One bin with all that lies in it."""
    rows = tx.execute(
        select(BinStock.sku, BinStock.lot, BinStock.quantity).where(
            BinStock.node == bin.node, BinStock.bin == bin.code, BinStock.quantity > 0
        )
    )
    holds: Counter[tuple[str, str]] = Counter()
    for sku, lot, units in rows:
        holds[(sku, lot)] += units
    return Place(bin, 0, loads_in(tx, bin.node, [bin.code]).get(bin.code, Load()), dict(holds))


def _places(tx: Transaction, node: str, walk: Sequence[Bin], skus: set[str], mine: set[UUID]) -> list[Place]:
    bins = [bin for bin in walk if bin.type != BinType.packing]
    inside = loads_in(tx, node, [bin.code for bin in bins])
    places = {bin.code: Place(bin, n, inside.get(bin.code, Load())) for n, bin in enumerate(bins)}
    unmixed = [bin.code for bin in bins if not bin.mixes_skus]
    rows = tx.execute(
        select(BinStock.bin, BinStock.sku, BinStock.lot, BinStock.quantity)
        .where(BinStock.node == node, BinStock.quantity > 0)
        .where(or_(BinStock.sku.in_(skus), BinStock.bin.in_(unmixed)))
    )
    for code, sku, lot, units in rows:
        if code in places:
            holds = places[code].holds
            holds[(sku, lot)] = holds.get((sku, lot), 0) + units
    coming = on_their_way(tx, node, mine)
    variants = variants_by_sku(tx, {sku for _, sku, _, _ in coming})
    for code, sku, lot, units in coming:
        if code in places:
            places[code].put(Wares(sku, lot, Load.of(variants[sku], 1)), units)
    return list(places.values())


def _waiting(
    tx: Transaction, node: str, tasks: Sequence[PutawayTask], claimed: dict[tuple[str, str, str], int]
) -> dict[str, list[dict[str, Any]]]:
    """Orders that wait for each SKU, without what pick lists fetch where it lies and what other tasks bring them."""
    skus = {t.sku for t in tasks}
    found = waiting_orders(tx, node, skus)
    numbers = dict(
        tx.execute(
            select(Order.id, Order.number).where(Order.id.in_({id for orders in found.values() for id, _ in orders}))
        ).all()
    )
    others = tx.scalars(
        select(PutawayTask)
        .where(PutawayTask.node == node, PutawayTask.sku.in_(skus), PutawayTask.status.in_(OPEN_PUTAWAYS))
        .where(PutawayTask.id.not_in([t.id for t in tasks]))
    )
    served: Counter[str] = Counter()
    for other in others:
        served[other.sku] += other.for_orders
    for (sku, _, _), units in claimed.items():
        served[sku] += units
    waiting: dict[str, list[dict[str, Any]]] = {}
    for sku, orders in found.items():
        rows = [{"order": numbers[id], "order_id": str(id), "units": units} for id, units in orders]
        _take(rows, served[sku])
        waiting[sku] = rows
    return waiting


def _take(rows: list[dict[str, Any]], units: int) -> list[dict[str, Any]]:
    """Take units off the front of the queue; what was taken."""
    taken = []
    while rows and units > 0:
        part = min(units, rows[0]["units"])
        taken.append({**rows[0], "units": part})
        rows[0] = {**rows[0], "units": rows[0]["units"] - part}
        units -= part
        if not rows[0]["units"]:
            rows.pop(0)
    return taken


def _keep(tx: Transaction, task: PutawayTask, found: Placement) -> None:
    task.unplaced, task.unplaced_why = found.unplaced, found.unplaced_why
    task.updated_at = tx.now
    tx.add_all(PutawaySuggestion(task_id=task.id, no=n, **s._asdict()) for n, s in enumerate(found.suggested, start=1))
