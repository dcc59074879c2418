"""Moves units of an order from one node to another by hand: looked at first, then done. What is picked stays."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from agents.orders.cancelling import lock_all
from agents.orders.deciding import differs, tells
from agents.orders.messages import OrderState, PreviewReroute, RerouteOrder
from agents.orders.messages.routing import PlanFigures, ReroutePreview, StockEffect, UnitsMoved
from agents.orders.moving import MOVABLE, Move, carry_out, facts_of, take, units_by_sku
from agents.orders.refusals import NotReroutable, RerouteObstructed
from agents.orders.router import router_of
from agents.orders.routing import Need
from agents.orders.routing_rules import Facts
from agents.orders.rules import HOLDABLE, check_text, stock_facts
from agents.orders.stockroom import Stockroom, fill, open_stockroom
from agents.orders.views import state_of
from db.orders import OrderLine, OrderSheet, order_sheet
from db.routing import RoutedFor
from db.session import Transaction, check_version
from db.stock import Allocation, AllocationState


def preview(tx: Transaction, ask: PreviewReroute) -> ReroutePreview:
    sheet = order_sheet(tx, ask.order_id, lock=True)
    move, facts, obstacles = _plan(tx, sheet, ask.moves, why="")
    before, after = tells(move.before(), facts), tells(move.after(), facts)
    return ReroutePreview(
        order_id=ask.order_id,
        stock=msgspec.convert(stock_facts(move.stock), list[StockEffect]),
        before=PlanFigures(**before),
        after=PlanFigures(**after),
        says=differs(before, after),
        obstacles=obstacles,
        next=[] if obstacles else ["reroute"],
    )


def reroute(tx: Transaction, ask: RerouteOrder) -> OrderState:
    """Let go where they were and promise where they shall be, in one transaction.

    Raises:
        NotReroutable: the order is over, or never began.
        RerouteObstructed: units are picked, or the other node has none and may promise none beyond its stock.
    """
    check_text("reason", ask.reason, needed=True)
    sheet = order_sheet(tx, ask.order_id, lock=True)
    check_version(sheet.order, ask.version, kind="order", id=str(ask.order_id))
    move, facts, obstacles = _plan(tx, sheet, ask.moves, why=ask.reason)
    if obstacles:
        raise RerouteObstructed(str(ask.order_id), obstacles)
    freed = carry_out(tx, move, facts, why=ask.reason, cause=RoutedFor.moved)
    fill(tx, freed)
    return state_of(order_sheet(tx, ask.order_id))


def _plan(
    tx: Transaction, sheet: OrderSheet, asked: Sequence[UnitsMoved], *, why: str
) -> tuple[Move, Facts, list[str]]:
    """Think it through under locked stock; nothing is written but what is owed to those who wait."""
    order = sheet.order
    if not order.live or order.status not in HOLDABLE:
        raise NotReroutable(str(order.id), order.status)
    skus = {a.sku for a in sheet.allocations}
    stock = open_stockroom(tx, skus)
    allocations = lock_all(tx, sheet)
    move, obstacles = Move(order, allocations), []
    if not asked:
        obstacles.append("nothing is to be moved")
    for one in asked:
        obstacles += _add(move, one, {n.line_no: n for n in sheet.lines}, stock, why)
    return move, facts_of(router_of(tx, {}, skus), order, units_by_sku(sheet.allocations)), obstacles


def _add(move: Move, one: UnitsMoved, lines: dict[int, OrderLine], stock: Stockroom, why: str) -> list[str]:
    """Plan one move after those before it; what stands in its way, if anything."""
    line = lines.get(one.line_no)
    if line is None:
        return [f"there is no line {one.line_no}"]
    if one.sku is None and line.components:
        return [f"line {one.line_no} is a kit: say which component"]
    sku = one.sku or line.sku
    if one.from_node == one.to_node:
        return [f"line {one.line_no}: {one.to_node} is where they are"]
    if one.to_node not in {n.code for n in stock.pool.nodes}:
        return [f"{one.to_node} does not ship"]
    if one.quantity < 1:
        return [f"line {one.line_no}: {one.quantity} is no quantity"]
    here = [a for a in move.allocations if (a.line_no, a.sku, a.node) == (one.line_no, sku, one.from_node)]
    taken, short = take(here, one.quantity, gone=move.going)
    if short:
        return [_too_few(here, one, sku)]
    says = f"moved from {one.from_node} by hand: {why}"
    pieces = stock.pieces_at(Need(one.line_no, sku, one.quantity), one.to_node, why=says)
    if isinstance(pieces, str):
        return [pieces]
    move.add(taken, pieces)
    return []


def _too_few(here: Sequence[Allocation], one: UnitsMoved, sku: str) -> str:
    open_units = sum(a.quantity for a in here if a.state in MOVABLE)
    picked = sum(a.quantity for a in here if a.state == AllocationState.picked)
    says = f"line {one.line_no}: {open_units} {sku} can leave {one.from_node}, {one.quantity} are wanted"
    return f"{says}; {picked} are picked" if picked else says
