"""Lots leave sale: on the day after their last, by the clock, and when somebody says so.

Only the books change: the units are in quarantine where they lie, because nobody has carried them anywhere. Locks:
levels, lots.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from agents.fulfilment.messages import LeaveLot
from agents.inbound.messages.receipts import LotTakenOut, SetExpiredAside, TakeLotOut
from agents.inbound.putaway import withdraw_gone
from agents.notices.messages import TellPeople
from agents.stock.booking import book, lapse_holds, settle
from agents.stock.rules import check_words
from db.errors import NotFound
from db.ledger import Movement, Place, lock_levels, lock_skus
from db.lots import Lot, Pile, expired_in_sale, in_sale
from db.session import Transaction, check_version
from db.stock import MovementKind, StockStatus

AT_ONCE = 200  # SKUs at nodes in one transaction


class Left(NamedTuple):
    """Units of a lot that have expired and are promised to orders all the same, and how many went out of sale."""

    moved: int
    promised: int


def set_expired_aside(tx: Transaction, task: SetExpiredAside) -> None:
    """Take out of sale what has expired and nobody was promised; say what has become of it, and what stays and why."""
    places = sorted({(pile.sku, pile.node) for pile in expired_in_sale(tx, tx.now)})
    for place in places[:AT_ONCE]:
        _at(tx, place)
    if len(places) > AT_ONCE:
        tx.send("inbound", "lots:expiry", task)


def _at(tx: Transaction, place: Place) -> None:
    sku, node = place
    lock_levels(tx, [place])
    lapsed = lapse_holds(tx, [place])
    free = lock_levels(tx, [place])[place].free  # before those who wait are served: not with expired goods
    piles = expired_in_sale(tx, tx.now, place)
    taken: dict[Pile, int] = {}
    for pile in piles:
        if not pile.packed and free > 0:
            taken[pile] = min(free, pile.quantity)
            free -= taken[pile]
    by_lot: defaultdict[UUID, list[Pile]] = defaultdict(list)
    for pile in piles:
        by_lot[pile.lot_id].append(pile)
    _to_quarantine(tx, taken, {pile: f"lot {pile.lot} expired on {pile.expires_on}" for pile in taken})
    if lapsed and not taken:
        settle(tx, [place])
    for lot_piles in by_lot.values():
        moved = sum(taken.get(pile, 0) for pile in lot_piles)
        _tell(tx, lot_piles[0], Left(moved, sum(pile.quantity for pile in lot_piles) - moved))
        tx.send(
            "fulfilment", f"sku:{sku}", LeaveLot(node=node, sku=sku, lot=lot_piles[0].lot, why="the lot has expired")
        )


def take_lot_out(tx: Transaction, ask: TakeLotOut) -> LotTakenOut:
    """All of it, at all nodes, but for what stands packed; orders that were promised its units wait for others.

    Raises NotFound, StaleVersion.
    """
    check_words("reason", ask.reason)
    seen = tx.get(Lot, ask.lot_id)
    if seen is None:
        raise NotFound("lot", str(ask.lot_id))
    lock_skus(tx, [seen.sku])
    lot = tx.get_one(Lot, ask.lot_id, with_for_update=True, populate_existing=True)
    check_version(lot, ask.version, kind="lot", id=lot.code)
    piles = in_sale(tx, lot)
    taken = {pile: pile.quantity for pile in piles if not pile.packed}
    short = _to_quarantine(tx, taken, dict.fromkeys(taken, f"lot {lot.code}: {ask.reason}"))
    for node in sorted({pile.node for pile in taken}):
        tx.send("fulfilment", f"sku:{lot.sku}", LeaveLot(node=node, sku=lot.sku, lot=lot.code, why=ask.reason))
    lot.updated_at = tx.now
    tx.flush()
    return LotTakenOut(
        id=lot.id,
        sku=lot.sku,
        code=lot.code,
        moved=sum(taken.values()),
        short=short,
        packed=sum(pile.quantity for pile in piles if pile.packed),
        version=lot.version,
    )


def _to_quarantine(tx: Transaction, taken: Mapping[Pile, int], why: Mapping[Pile, str]) -> int:
    """Returns how many units orders had been promised; they wait for others now."""
    legs = [
        Movement(
            pile.sku, pile.node, MovementKind.moved, f"lot:{pile.lot_id}", on_hand=units, bin=pile.bin, lot=pile.lot,
            status=status, why=why[pile],
        )
        for pile, quantity in taken.items()
        for units, status in ((-quantity, StockStatus.sellable), (quantity, StockStatus.quarantine))
    ]  # fmt: skip
    if not legs:
        return 0
    state = book(tx, legs, why=legs[0].why or "")
    for node in sorted({pile.node for pile in taken}):
        withdraw_gone(tx, node, {pile.sku for pile in taken if pile.node == node}, why="out of sale")
    return state.short


def _tell(tx: Transaction, pile: Pile, left: Left) -> None:
    gone = f"{left.moved} units are in quarantine now, where they lie." if left.moved else ""
    kept = (
        f"{left.promised} units are promised to orders and were not touched. Nobody is sent to pick them: take the lot "
        "out of sale to let those orders wait for other units, or put its date right."
        if left.promised
        else ""
    )
    what = TellPeople(
        kind="lot_expired",
        subject=f"lot:{pile.lot_id}",
        key=f"expired:{pile.lot_id}:{pile.node}",
        mark=f"{pile.expires_on}:{left.promised or tx.now.isoformat()}",
        title=f"Lot {pile.lot} of {pile.sku} at {pile.node} expired on {pile.expires_on}",
        body=" ".join(part for part in (gone, kept) if part),
    )
    tx.send("notices", f"lot:{pile.lot_id}", what)
