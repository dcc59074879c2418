"""Holds keep free units for a checkout, for a while."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select, text

from agents.inventory.messages import ExpireHolds, GoodsKept, HoldStock, HoldView, KeepGoods, LetGoodsGo, ReleaseHold
from agents.inventory.rules import LONGEST_HOLD_SECONDS, OutOfStock, Piece, explode, spread
from agents.stock.booking import end_holds, lapse_holds, settle
from agents.stock.goods import need_skus
from agents.stock.rules import BadField, check_quantity, check_words
from db.base import uuid7
from db.catalog import components_of
from db.errors import NotFound, Refusal
from db.ledger import Change, Level, Place, lock_levels, lock_skus, post
from db.nodes import shipping_nodes
from db.promising import Buffer, buffers_from, kept_from, question_of_buffers
from db.session import Transaction
from db.stock import HoldState, StockHold, lock_holds, lock_holds_at

LONGEST_KEPT_SECONDS = 60 * 24 * 3600  # for goods that wait for others to come back
EXPIRED_AT_ONCE = 500  # holds in one transaction of `expire_holds`

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('hold:' || :reference, 0))")


def keep_goods(tx: Transaction, task: KeepGoods) -> None:
    """As `hold_stock`, for longer than a checkout may hold, and told by an event."""
    ask = HoldStock(reference=task.reference, lines=task.lines, seconds=task.seconds)
    try:
        with tx.attempt():
            held = hold_stock(tx, ask, longest=LONGEST_KEPT_SECONDS)
        told = GoodsKept(reference=task.reference, until=held.expires_at)
    except Refusal as refusal:
        told = GoodsKept(reference=task.reference, until=None, why=str(refusal))
    tx.announce(f"hold:{task.reference}", told)


def let_goods_go(tx: Transaction, task: LetGoodsGo) -> None:
    if _held_skus(tx, task.reference):
        release_hold(tx, ReleaseHold(reference=task.reference))


def hold_stock(tx: Transaction, ask: HoldStock, *, longest: int = LONGEST_HOLD_SECONDS) -> HoldView:
    """Free units only, from nodes that ship, by rank; what may be backordered needs no hold.

    Raises:
        OutOfStock: not all of it is free; nothing was held, and what the reference held stays as it was.
    """
    check_words("reference", ask.reference)
    if ask.channel is not None:
        check_words("channel", ask.channel)
    if not 0 < ask.seconds <= longest:
        raise BadField("seconds", ask.seconds, f"it is between 1 and {longest}")
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
    same = all(h.expires_at > tx.now and h.channel == ask.channel for h in mine)
    if mine and _units(mine) == wanted and same:
        return _extend(tx, mine, ask)
    places = {(h.sku, h.node) for h in mine}
    end_holds(tx, mine, HoldState.released)
    pieces = _find(tx, wanted, ask.channel)
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


def _find(tx: Transaction, wanted: dict[str, int], channel: str | None) -> dict[str, list[Piece]]:
    """Where the units are free for the channel, node by node. Lapsed holds of others end first when it is tight."""
    nodes = shipping_nodes(tx)
    buffers = _buffers(tx, channel, wanted)
    pieces, levels = _spread(wanted, nodes, lock_skus(tx, wanted), buffers, channel)
    if _missing(wanted, pieces):
        places = [(sku, node) for sku, node in levels if levels[(sku, node)].held]
        if lapse_holds(tx, places):
            settle(tx, places)  # who waited for stock comes before a new checkout
            pieces, levels = _spread(wanted, nodes, lock_skus(tx, wanted), buffers, channel)
    missing = _missing(wanted, pieces)
    if missing:
        raise OutOfStock([_shortage(sku, wanted[sku], pieces[sku], levels, nodes) for sku in missing])
    return pieces


def _buffers(tx: Transaction, channel: str | None, skus: Iterable[str]) -> list[Buffer]:
    """What is kept from the channel; nothing from a checkout that says none."""
    return [] if channel is None else buffers_from(*tx.ask_together(question_of_buffers([channel], skus)))


def _spread(
    wanted: dict[str, int], nodes: list[str], levels: dict[Place, Level], buffers: list[Buffer], channel: str | None
) -> tuple[dict[str, list[Piece]], dict[Place, Level]]:
    def free(place: Place) -> int:
        level = levels[place]
        return level.free - (kept_from(buffers, channel, place, level.sellable) if channel is not None else 0)

    pieces = {
        sku: spread(units, [Piece(n, max(0, free((sku, n)))) for n in nodes if (sku, n) in levels])
        for sku, units in wanted.items()
    }
    return pieces, levels


def _missing(wanted: dict[str, int], pieces: dict[str, list[Piece]]) -> list[str]:
    return [sku for sku, units in wanted.items() if sum(p.quantity for p in pieces[sku]) < units]


def _shortage(
    sku: str, wanted: int, found: list[Piece], levels: dict[Place, Level], nodes: list[str]
) -> dict[str, str | int]:
    """All that there is was found: `free` is what the checkout could have had, without what is kept from it."""
    here = [levels[(sku, n)] for n in nodes if (sku, n) in levels]
    return {
        "sku": sku,
        "wanted": wanted,
        "free": sum(piece.quantity for piece in found),
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
            channel=ask.channel,
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
