"""Goods come in, are corrected and are moved about within one node."""

from __future__ import annotations

from collections import Counter

import msgspec

from agents.inventory.messages import AdjustStock, MoveStock, ReceiveStock, StockState
from agents.inventory.rules import Unexpected
from agents.inventory.undoing import last_entry, way_back
from agents.stock.booking import book
from agents.stock.goods import Goods, check_lots, lock_targets, need_bin_of, need_bins, need_node, need_skus
from agents.stock.rules import LARGEST_QUANTITY, BadField, check_quantity, check_status, check_words
from db.base import uuid7
from db.ledger import Movement, NotInBin, lock_levels
from db.nodes import BinType
from db.session import Transaction
from db.stock import BinStock, MovementKind


def receive_stock(tx: Transaction, ask: ReceiveStock) -> StockState:
    check_words("reference", ask.reference)
    if not ask.lines:
        raise BadField("lines", [], "say what has come")
    for line in ask.lines:
        check_quantity(line.sku, line.quantity)
        check_status(line.status)
    need_node(tx, ask.node)
    variants = need_skus(tx, (line.sku for line in ask.lines))
    lock_levels(tx, {(line.sku, ask.node) for line in ask.lines})
    check_lots(tx, variants, [(line.sku, line.lot, line.quantity) for line in ask.lines], arriving=True)
    usual = need_bin_of(tx, ask.node, BinType.pick_face) if any(line.bin is None for line in ask.lines) else ""
    adding: Counter[Goods] = Counter()
    for line in ask.lines:
        adding[(line.bin or usual, line.sku)] += line.quantity
    lock_targets(tx, ask.node, adding)
    cause = f"receipt:{ask.reference}"
    before = last_entry(tx, cause)
    movements = [
        Movement(
            line.sku,
            ask.node,
            MovementKind.received,
            cause,
            on_hand=line.quantity,
            bin=line.bin or usual,
            lot=line.lot,
            status=line.status,
        )
        for line in ask.lines
    ]
    state = book(tx, movements, why="stock arrived")
    return msgspec.structs.replace(state, undo=way_back(tx, cause, before, "Take the receipt back"))


def adjust_stock(tx: Transaction, ask: AdjustStock) -> StockState:
    """Raises `Unexpected` when the bin holds something else than the caller saw, `NotInBin` below zero."""
    check_words("reason", ask.reason)
    check_status(ask.status)
    if not 0 < abs(ask.quantity) <= LARGEST_QUANTITY:
        raise BadField("quantity", ask.quantity, f"it is between 1 and {LARGEST_QUANTITY}, or the same below zero")
    need_node(tx, ask.node)
    variants = need_skus(tx, [ask.sku])
    need_bins(tx, ask.node, [ask.bin])
    lock_levels(tx, [(ask.sku, ask.node)])
    check_lots(tx, variants, [(ask.sku, ask.lot, ask.quantity)], arriving=ask.quantity > 0)
    found = _units(tx, (ask.node, ask.sku, ask.bin, ask.lot, ask.status))
    if ask.expected is not None and ask.expected != found:
        raise Unexpected(ask.sku, ask.node, ask.bin, ask.expected, found)
    if found + ask.quantity < 0:
        raise NotInBin(ask.sku, ask.node, ask.bin, ask.lot, ask.status, -ask.quantity, found)
    if ask.quantity > 0:
        lock_targets(tx, ask.node, {(ask.bin, ask.sku): ask.quantity})
    cause = f"adjustment:{uuid7()}"
    movement = Movement(
        ask.sku,
        ask.node,
        MovementKind.adjusted,
        cause,
        on_hand=ask.quantity,
        bin=ask.bin,
        lot=ask.lot,
        status=ask.status,
        why=ask.reason,
    )
    state = book(tx, [movement], why=ask.reason)
    return msgspec.structs.replace(state, undo=way_back(tx, cause, 0, "Take the correction back"))


def move_stock(tx: Transaction, ask: MoveStock) -> StockState:
    """Raises `NotInBin` when the bin does not hold the units, `BinFull` when the other has no room."""
    check_quantity(ask.sku, ask.quantity)
    check_status(ask.from_status)
    check_status(ask.to_status)
    check_words("reason", ask.reason, needed=False)
    if (ask.from_bin, ask.from_status) == (ask.to_bin, ask.to_status):
        raise BadField("to_bin", ask.to_bin, "the units are there already")
    need_node(tx, ask.node)
    variants = need_skus(tx, [ask.sku])
    need_bins(tx, ask.node, [ask.from_bin])
    lock_levels(tx, [(ask.sku, ask.node)])
    check_lots(tx, variants, [(ask.sku, ask.lot, ask.quantity)], arriving=False)
    found = _units(tx, (ask.node, ask.sku, ask.from_bin, ask.lot, ask.from_status))
    if found < ask.quantity:
        raise NotInBin(ask.sku, ask.node, ask.from_bin, ask.lot, ask.from_status, ask.quantity, found)
    net = 0 if ask.from_bin == ask.to_bin else ask.quantity
    lock_targets(tx, ask.node, {(ask.to_bin, ask.sku): net})
    cause, why = f"move:{uuid7()}", ask.reason or f"{ask.from_bin} to {ask.to_bin}, {ask.to_status}"
    legs = [
        Movement(
            ask.sku, ask.node, MovementKind.moved, cause, on_hand=units, bin=bin, lot=ask.lot, status=status, why=why
        )
        for units, bin, status in (
            (-ask.quantity, ask.from_bin, ask.from_status),
            (ask.quantity, ask.to_bin, ask.to_status),
        )
    ]
    return book(tx, legs, why=why)


def _units(tx: Transaction, key: tuple[str, str, str, str, str]) -> int:
    """What lies under (node, sku, bin, lot, status)."""
    row = tx.get(BinStock, key, populate_existing=True)
    return row.quantity if row is not None else 0
