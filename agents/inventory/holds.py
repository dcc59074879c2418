"""Holds keep free units for a checkout, for a while."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, text

from agents.inventory.messages import ExpireHolds, HoldStock, HoldView, ReleaseHold
from agents.inventory.rules import LONGEST_HOLD_SECONDS, OutOfStock, Piece, explode, spread
from agents.stock.booking import end_holds, lapse_holds, settle
from agents.stock.goods import need_skus
from agents.stock.rules import BadField, check_quantity, check_words
from db.base import uuid7
from db.catalog import components_of
from db.errors import NotFound
from db.ledger import Change, Level, Place, lock_levels, lock_skus, post
from db.nodes import shipping_nodes
from db.session import Transaction
from db.stock import HoldState, StockHold, lock_holds, lock_holds_at

EXPIRED_AT_ONCE = 500  # holds in one transaction of `expire_holds`

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('hold:' || :reference, 0))")


def hold_stock(tx: Transaction, ask: HoldStock) -> HoldView:
    """Free units only, from nodes that ship, by rank; what may be backordered needs no hold.

    Raises:
        OutOfStock: not all of it is free; nothing was held, and what the reference held stays as it was.
    """
    check_words("reference", ask.reference)
    if not 0 < ask.seconds <= LONGEST_HOLD_SECONDS:
        raise BadField("seconds", ask.seconds, f"it is between 1 and {LONGEST_HOLD_SECONDS}")
    if not ask.lines:
        raise BadField("lines", [], "say what to hold")
    for line in ask.lines:
        check_quantity(line.sku, line.quantity)
    kits = components_of(tx, (line.sku for line in ask.lines))
    wanted = explode([(line.sku, line.quantity) for line in ask.lines], kits)
    need_skus(tx, wanted)
    tx.execute(_ONE_AT_A_TIME, {"reference": ask.reference})
    lock_skus(tx, {*wanted, *_held_skus(tx, ask.reference)})
    mine = lock_holds(tx, ask.reference)
    if mine and _units(mine) == wanted and all(h.expires_at > tx.now for h in mine):
        return _extend(tx, mine, ask)
    places = {(h.sku, h.node) for h in mine}
    end_holds(tx, mine, HoldState.released)
    pieces = _find(tx, wanted)
    holds = _hold(tx, ask, pieces)
    settle(tx, places | {(h.sku, h.node) for h in holds})
    return _view(ask.reference, holds)


def release_hold(tx: Transaction, ask: ReleaseHold) -> HoldView:
    """Give a checkout's units back. One that has ended already is no error."""
    tx.execute(_ONE_AT_A_TIME, {"reference": ask.reference})
    lock_skus(tx, _held_skus(tx, ask.reference))
    mine = lock_holds(tx, ask.reference)
    if not mine:
        last = tx.scalars(
            select(StockHold).where(StockHold.reference == ask.reference).order_by(StockHold.expires_at.desc())
        ).first()
        if last is None:
            raise NotFound("hold", ask.reference)
        return HoldView(reference=ask.reference, expires_at=min(last.expires_at, tx.now), lines=[])
    end_holds(tx, mine, HoldState.released)
    settle(tx, {(h.sku, h.node) for h in mine})
    return HoldView(reference=ask.reference, expires_at=tx.now, lines=[])


def expire_holds(tx: Transaction, task: ExpireHolds) -> int:
    """End a batch of lapsed holds, serve those who wait, ask for another batch when there is more."""
    lapsed = tx.execute(
        select(StockHold.id, StockHold.sku, StockHold.node)
        .where(StockHold.state == HoldState.live, StockHold.expires_at <= tx.now)
        .order_by(StockHold.expires_at)
        .limit(EXPIRED_AT_ONCE)
    ).all()
    if not lapsed:
        return 0
    places = {(r.sku, r.node) for r in lapsed}
    lock_levels(tx, places)
    ids = {r.id for r in lapsed}
    holds = [h for h in lock_holds_at(tx, places, lapsed_at=tx.now) if h.id in ids]
    end_holds(tx, holds, HoldState.expired)
    settle(tx, places)
    if len(lapsed) == EXPIRED_AT_ONCE:
        tx.send("inventory", "holds:expiry", task)
    return len(holds)


def _find(tx: Transaction, wanted: dict[str, int]) -> dict[str, list[Piece]]:
    """Where the units are free, node by node. Lapsed holds of others end first when it is tight."""
    nodes = shipping_nodes(tx)
    pieces, levels = _spread(wanted, nodes, lock_skus(tx, wanted))
    if _missing(wanted, pieces):
        places = [(sku, node) for sku, node in levels if levels[(sku, node)].held]
        if lapse_holds(tx, places):
            settle(tx, places)  # who waited for stock comes before a new checkout
            pieces, levels = _spread(wanted, nodes, lock_skus(tx, wanted))
    missing = _missing(wanted, pieces)
    if missing:
        raise OutOfStock([_shortage(sku, wanted[sku], levels, nodes) for sku in missing])
    return pieces


def _spread(
    wanted: dict[str, int], nodes: list[str], levels: dict[Place, Level]
) -> tuple[dict[str, list[Piece]], dict[Place, Level]]:
    pieces = {
        sku: spread(units, [Piece(n, levels[(sku, n)].free) for n in nodes if (sku, n) in levels])
        for sku, units in wanted.items()
    }
    return pieces, levels


def _missing(wanted: dict[str, int], pieces: dict[str, list[Piece]]) -> list[str]:
    return [sku for sku, units in wanted.items() if sum(p.quantity for p in pieces[sku]) < units]


def _shortage(sku: str, wanted: int, levels: dict[Place, Level], nodes: list[str]) -> dict[str, str | int]:
    here = [levels[(sku, n)] for n in nodes if (sku, n) in levels]
    return {
        "sku": sku,
        "wanted": wanted,
        "free": sum(level.free for level in here),
        "purchasable": sum(level.purchasable for level in here),
    }


def _hold(tx: Transaction, ask: HoldStock, pieces: dict[str, list[Piece]]) -> list[StockHold]:
    holds = [
        StockHold(
            id=uuid7(),
            reference=ask.reference,
            sku=sku,
            node=piece.place,
            quantity=piece.quantity,
            state=HoldState.live,
            expires_at=tx.now + timedelta(seconds=ask.seconds),
            created_at=tx.now,
        )
        for sku, parts in pieces.items()
        for piece in parts
    ]
    tx.add_all(holds)
    tx.flush()
    post(tx, [], [Change(h.sku, h.node, held=h.quantity) for h in holds])
    return holds


def _extend(tx: Transaction, holds: list[StockHold], ask: HoldStock) -> HoldView:
    until = tx.now + timedelta(seconds=ask.seconds)
    for hold in holds:
        hold.expires_at = max(hold.expires_at, until)
    return _view(ask.reference, holds)


def _held_skus(tx: Transaction, reference: str) -> set[str]:
    wanted = select(StockHold.sku).where(StockHold.reference == reference, StockHold.state == HoldState.live)
    return set(tx.scalars(wanted))


def _units(holds: list[StockHold]) -> dict[str, int]:
    return explode([(h.sku, h.quantity) for h in holds], {})


def _view(reference: str, holds: list[StockHold]) -> HoldView:
    lines = [{"sku": h.sku, "node": h.node, "quantity": h.quantity} for h in holds]
    return HoldView(
        reference=reference,
        expires_at=min(h.expires_at for h in holds),
        lines=sorted(lines, key=lambda line: (line["sku"], line["node"])),
    )
