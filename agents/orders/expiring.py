"""Held orders that have kept their units for long enough: the units go back on sale, the order keeps its place in turn.

What the order was promised waits at its node, out of the queue. When the last hold is lifted it is in the queue again
where it stood before, and takes what lies free there at once; what does not, and lies elsewhere, is routed anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from agents.inventory.messages import AllocationsLost
from agents.orders.elsewhere import route_elsewhere
from agents.orders.messages import HoldTermState, LetHeldUnitsGo, PutHoldTerm
from agents.orders.moving import MOVABLE, open_promises
from agents.orders.progress import remark
from agents.orders.refusals import BadHoldTerm, UnknownReason
from agents.orders.stockroom import fill
from db.allocations import Part, park, to_backorder, unpark
from db.ledger import lock_skus
from db.orders import HoldReason, HoldTerm, Order, held_too_long, order_sheet
from db.routing import RoutedFor
from db.session import Transaction, check_version
from db.stock import Allocation, AllocationState

AT_ONCE = 20  # orders in one transaction: who places an order meanwhile waits for their levels
LONGEST_HOURS = 8760


def put_term(tx: Transaction, ask: PutHoldTerm) -> HoldTermState:
    """Raises UnknownReason, BadHoldTerm."""
    known = [r.value for r in HoldReason]
    if ask.reason not in known:
        raise UnknownReason(ask.reason, known)
    if ask.hours is not None and not 1 <= ask.hours <= LONGEST_HOURS:
        raise BadHoldTerm(ask.hours, LONGEST_HOURS)
    row = tx.get(HoldTerm, ask.reason, with_for_update=True, populate_existing=True)
    if row is None:
        row = HoldTerm(reason=ask.reason, version=0)
    check_version(row, ask.version, kind="hold term", id=ask.reason)
    row.hours, row.version, row.updated_at, row.updated_by = ask.hours, row.version + 1, tx.now, tx.who.actor
    tx.add(row)
    tx.flush()
    return HoldTermState(reason=row.reason, hours=row.hours, version=row.version)


def let_go(tx: Transaction, task: LetHeldUnitsGo) -> int:
    """Returns how many orders let their units go. What somebody has begun to pick stays."""
    ids = held_too_long(tx, tx.now, AT_ONCE)
    if not ids:
        return 0
    orders, allocations = open_promises(tx, ids, lock=True)
    lock_skus(tx, {a.sku for rows in allocations.values() for a in rows})
    still = set(held_too_long(tx, tx.now, AT_ONCE))  # again, under the locks
    _, allocations = open_promises(tx, ids, lock=True)
    freed = set()
    for ident in ids:
        if ident in still:
            freed |= _let_go(tx, orders[ident], allocations[ident])
    fill(tx, freed)
    if len(ids) == AT_ONCE:
        tx.send("orders", "orders:letting go", task)
    return len(ids)


def _let_go(tx: Transaction, order: Order, allocations: Sequence[Allocation]) -> set[tuple[str, str]]:
    mine = [a for a in allocations if a.state in MOVABLE and a.parked_at is None]
    ready = [a for a in mine if a.state == AllocationState.allocated]
    why = "the order has been held for too long; its units are on sale until it is released"
    if ready:
        to_backorder(tx, [Part(a.id) for a in ready], why=why)
    park(tx, mine, why=why)
    order.updated_at = tx.now
    units = Counter[tuple[str, str]]()
    for a in ready:
        units[(a.sku, a.node)] += a.quantity
    told = ", ".join(f"{q} {sku} at {node}" for (sku, node), q in sorted(units.items()))
    remark(tx, order, why=f"held for too long: {told or 'nothing'} went back on sale; taken again when it is released")
    if ready:
        lost = AllocationsLost(order_id=order.id, allocations=[a.id for a in ready], why=why)
        tx.announce(f"order:{order.id}", lost)
    return set(units)


def take_again(tx: Transaction, order_id: UUID) -> None:
    """Nothing when it is held again meanwhile, or over: then nothing of it is parked, or it stays so."""
    sheet = order_sheet(tx, order_id, lock=True)
    if sheet.holds:
        return
    lock_skus(tx, {a.sku for a in sheet.allocations if a.parked_at is not None})
    rows = order_sheet(tx, order_id).allocations
    places = unpark(tx, rows)
    if not places:
        return
    remark(tx, sheet.order, why="held no longer: takes what lies free again, and waits in its old turn for the rest")
    fill(tx, places)
    waiting = [a.id for a in order_sheet(tx, order_id).allocations if (a.sku, a.node) in places]
    why = "held no longer, and where it was promised nothing is left"
    route_elsewhere(tx, order_id, waiting, why=why, cause=RoutedFor.released)
