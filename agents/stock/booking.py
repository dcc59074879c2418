"""How stock is booked: promises give way to the truth first, then the ledger is written, then those who
wait are served, and everybody is told.

Who gives way when units are not there: checkouts whose hold has lapsed, then live checkouts (nobody has
ordered yet), then allocations, the youngest first. Units that are picked never do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select, tuple_

from agents.inventory.messages import AllocationsLost, BackordersFilled, LevelView, StockChanged, StockState
from agents.stock.filling import fill_waiting
from agents.stock.rules import KeptForInspection, LotExpired, UnitsArePicked, youngest_first
from db.allocations import Part, to_backorder
from db.inspection import units_kept
from db.ledger import Change, Movement, Place, lock_levels, post
from db.lots import day_at, expiries_of
from db.nodes import Bin, BinType
from db.session import Transaction
from db.stock import (
    UNSELLABLE,
    Allocation,
    AllocationState,
    BinStock,
    HoldState,
    MovementKind,
    StockHold,
    StockStatus,
    lock_holds_at,
    units_in_status,
)

BRINGS_INTO_SALE = (MovementKind.received, MovementKind.returned, MovementKind.moved)


def book(tx: Transaction, movements: Sequence[Movement], *, why: str, of_inspection: bool = False) -> StockState:
    """Write physical movements and all that follows from them.

    `of_inspection` is for an inspection that lets go of what it keeps.

    Raises:
        NotInBin: a bin does not hold what is to leave it.
        UnitsArePicked: units that stand packed or picked for an order would be gone.
        KeptForInspection: units would leave quarantine past the inspection that decides on them.
        LotExpired: units of an expired lot would come into sale.
        WouldOversell: even so more would be promised than lies there.
    """
    _check_fresh(tx, movements)
    places = sorted({(m.sku, m.node) for m in movements})
    short = make_room(tx, _leaving(movements), why=why)
    post(tx, movements)
    _check_picked(tx, movements)
    if not of_inspection:
        _check_kept(tx, movements)
    return settle(tx, places, short=short)


def settle(tx: Transaction, places: Iterable[Place], *, short: int = 0) -> StockState:
    """Serve those who wait at the places, say what the levels are now."""
    wanted = sorted(set(places))
    filled = fill_waiting(tx, wanted)
    for order_id, ids in _by_order(filled).items():
        tx.announce(f"order:{order_id}", BackordersFilled(order_id=order_id, allocations=ids))
    return StockState(levels=_tell_levels(tx, wanted), filled=sum(r.quantity for r in filled), short=short)


def make_room(tx: Transaction, leaving: Mapping[Place, int], *, why: str) -> int:
    """Take promises back until `leaving` sellable units are free; returns how many units lost theirs."""
    levels = lock_levels(tx, leaving)
    parts: list[Part] = []
    for place, units in sorted(leaving.items()):
        level = levels.get(place)
        if level is None or units <= level.free:
            continue
        short = units - level.free
        short -= lapse_holds(tx, [place])
        if short > 0:
            short -= _drop_live_holds(tx, place, short)
        if short > 0:
            young = [(row.id, row.quantity) for row in _youngest(tx, place)]
            parts += [Part(ident, quantity) for ident, quantity in youngest_first(young, short)]
    lost = to_backorder(tx, parts, why=why) if parts else []
    for order_id, ids in _by_order(lost).items():
        tx.announce(f"order:{order_id}", AllocationsLost(order_id=order_id, allocations=ids, why=why))
    return sum(row.quantity for row in lost)


def lapse_holds(tx: Transaction, places: Iterable[Place]) -> int:
    """End the holds at locked places whose time is over; returns how many units that freed."""
    return end_holds(tx, lock_holds_at(tx, places, lapsed_at=tx.now), HoldState.expired)


def end_holds(tx: Transaction, holds: Sequence[StockHold], state: HoldState) -> int:
    """End locked live holds and free their units; the levels under them are locked."""
    for hold in holds:
        hold.state = state
    tx.flush()
    post(tx, [], [Change(h.sku, h.node, held=-h.quantity) for h in holds])
    return sum(h.quantity for h in holds)


def _drop_live_holds(tx: Transaction, place: Place, units: int) -> int:
    ending: list[StockHold] = []
    for hold in lock_holds_at(tx, [place]):
        if sum(h.quantity for h in ending) >= units:
            break
        ending.append(hold)
    return end_holds(tx, ending, HoldState.released)


def _youngest(tx: Transaction, place: Place) -> list[Allocation]:
    sku, node = place
    wanted = select(Allocation).where(
        Allocation.sku == sku, Allocation.node == node, Allocation.state == AllocationState.allocated
    )
    return list(tx.scalars(wanted.order_by(Allocation.created_at.desc(), Allocation.id.desc())))


def _leaving(movements: Sequence[Movement]) -> dict[Place, int]:
    """Sellable units that leave each place on balance."""
    net: defaultdict[Place, int] = defaultdict(int)
    for m in movements:
        if m.status == StockStatus.sellable:
            net[(m.sku, m.node)] -= m.on_hand
    return {place: units for place, units in net.items() if units > 0}


def _check_picked(tx: Transaction, movements: Sequence[Movement]) -> None:
    """Picked units stand in packing bins: what leaves such a bin must leave enough behind."""
    taken = {(m.sku, m.node, m.bin) for m in movements if m.on_hand < 0 and m.status == StockStatus.sellable}
    packing = select(Bin.node, Bin.code).where(
        Bin.type == BinType.packing, tuple_(Bin.node, Bin.code).in_([(n, b) for _, n, b in taken])
    )
    bins = {(r.node, r.code) for r in tx.execute(packing)} if taken else set()
    places = sorted({(sku, node) for sku, node, bin in taken if (node, bin) in bins})
    if not places:
        return
    picked = tx.execute(
        select(Allocation.sku, Allocation.node, func.sum(Allocation.quantity))
        .where(Allocation.state == AllocationState.picked, tuple_(Allocation.sku, Allocation.node).in_(places))
        .group_by(Allocation.sku, Allocation.node)
    ).all()
    left = _packed_units(tx, places)
    for sku, node, units in picked:
        if left.get((sku, node), 0) < units:
            raise UnitsArePicked(sku, node, int(units), left.get((sku, node), 0))


def _check_kept(tx: Transaction, movements: Sequence[Movement]) -> None:
    """What open inspections keep lies there still.

    A count is the truth and is not asked; what it did not find is disposed of as missing.
    """
    left: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    for m in movements:
        if m.status in UNSELLABLE and m.kind != MovementKind.counted:
            left[(m.sku, m.node, m.lot, m.status)] += m.on_hand
    for (sku, node, lot, status), change in sorted(left.items()):
        if change < 0:
            kept, inspection = units_kept(tx, sku, node, lot, status)
            if kept and kept > (there := units_in_status(tx, sku, node, lot, status)):
                raise KeptForInspection(sku, node, status, kept, there, inspection)


def _check_fresh(tx: Transaction, movements: Sequence[Movement]) -> None:
    """Nothing of an expired lot comes into sale. Counts and corrections say what is there and are not asked."""
    into_sale: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for m in movements:
        if m.lot and m.status == StockStatus.sellable and m.kind in BRINGS_INTO_SALE:
            into_sale[(m.sku, m.lot, m.node)] += m.on_hand
    growing = [key for key, units in into_sale.items() if units > 0]
    if not growing:
        return
    expiries = expiries_of(tx, [(sku, lot) for sku, lot, _ in growing])
    for sku, lot, node in sorted(growing):
        expires_on = expiries.get((sku, lot))
        if expires_on is not None and expires_on < day_at(tx, node, tx.now):
            raise LotExpired(sku, lot, expires_on.isoformat())


def _packed_units(tx: Transaction, places: Sequence[Place]) -> dict[Place, int]:
    rows = tx.execute(
        select(BinStock.sku, BinStock.node, func.sum(BinStock.quantity))
        .join(Bin, (Bin.node == BinStock.node) & (Bin.code == BinStock.bin))
        .where(Bin.type == BinType.packing, BinStock.status == StockStatus.sellable)
        .where(tuple_(BinStock.sku, BinStock.node).in_(places))
        .group_by(BinStock.sku, BinStock.node)
    )
    return {(r[0], r[1]): int(r[2]) for r in rows}


def _by_order(rows: Iterable[Allocation]) -> dict[UUID, list[UUID]]:
    ids: dict[UUID, list[UUID]] = {}
    for row in rows:
        ids.setdefault(row.order_id, []).append(row.id)
    return ids


def _tell_levels(tx: Transaction, places: Sequence[Place]) -> list[LevelView]:
    levels = lock_levels(tx, places)
    views = []
    for sku, node in sorted(levels):
        level = levels[(sku, node)]
        tx.announce(
            f"sku:{sku}", StockChanged(sku=sku, node=node, on_hand=level.on_hand, purchasable=level.purchasable)
        )
        views.append(
            LevelView(
                sku=sku,
                node=node,
                on_hand=level.on_hand,
                sellable=level.sellable,
                allocated=level.allocated,
                held=level.held,
                backordered=level.backordered,
                purchasable=level.purchasable,
            )
        )
    return views
