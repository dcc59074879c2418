"""Cycle counts: the books are set right by what somebody saw in a bin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.inventory.messages import CountState, OpenCount, PostCount
from agents.inventory.rules import CountIsOpen, Piece, spread_difference
from agents.inventory.undoing import way_back
from agents.stock.booking import book
from agents.stock.goods import check_lots, need_bins, need_node, need_skus
from agents.stock.rules import BadField, check_quantity
from db.base import uuid7
from db.errors import NotFound
from db.ledger import Movement, lock_levels
from db.nodes import bins_of
from db.session import Transaction, check_version
from db.stock import COUNT_MOVES, CountStatus, CycleCount, CycleCountLine, MovementKind, contents

WHY = "counted"

Goods = tuple[str, str]
"""(sku, lot)"""


def open_count(tx: Transaction, ask: OpenCount) -> CountState:
    """Keep what the books say of a bin now. One count of a bin at a time.

    Raises:
        CountIsOpen: another one is; post it first.
    """
    need_node(tx, ask.node)
    need_bins(tx, ask.node, [ask.bin])
    bins_of(tx, ask.node, [ask.bin], lock=True)
    other = tx.scalars(
        select(CycleCount).where(
            CycleCount.node == ask.node, CycleCount.bin == ask.bin, CycleCount.status == CountStatus.open
        )
    ).first()
    if other is not None:
        raise CountIsOpen(str(other.id), ask.node, ask.bin)
    count = CycleCount(
        id=uuid7(),
        node=ask.node,
        bin=ask.bin,
        status=CountStatus.open,
        version=1,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.add(count)
    tx.flush()
    for (sku, lot), by_status in _books(tx, count).items():
        tx.add(CycleCountLine(count_id=count.id, sku=sku, lot=lot, expected=sum(by_status.values())))
    tx.note(_subject(count), to_status=CountStatus.open)
    return _state(tx, count)


def post_count(tx: Transaction, ask: PostCount) -> CountState:
    """Book the differences between what was counted and what the books say now, not at the opening.

    A line whose books changed in between is reported as `moved`: goods came or went while somebody
    counted, so that the bin deserves a second look.
    """
    count = tx.get(CycleCount, ask.count_id, with_for_update=True)
    if count is None:
        raise NotFound("count", str(ask.count_id))
    check_version(count, ask.version, kind="count", id=str(ask.count_id))
    tx.move(count, CountStatus.posted, moves=COUNT_MOVES, subject=_subject(count))
    count.updated_at = tx.now
    rows = _rows(tx, count.id)
    counted = _counted(tx, ask, rows)
    lock_levels(tx, {(sku, count.node) for sku, _ in counted})
    books = _books(tx, count)
    bin_type = bins_of(tx, count.node, [count.bin], lock=True)[count.bin].type
    movements: list[Movement] = []
    surplus: list[tuple[str, str, int]] = []
    for (sku, lot), units in counted.items():
        row = rows.get((sku, lot)) or _unexpected(tx, count, sku, lot)
        now = books.get((sku, lot), {})
        row.books, row.counted = sum(now.values()), units
        if units > row.books:
            surplus.append((sku, lot, units - row.books))
        pieces = spread_difference(units - row.books, now, bin_type)
        movements += [_difference(count, sku, lot, piece) for piece in pieces]
    check_lots(tx, need_skus(tx, (s for s, _, _ in surplus)), surplus, arriving=True)
    tx.flush()
    stock = book(tx, movements, why=WHY) if movements else None
    state = _state(tx, count, filled=stock.filled if stock else 0, short=stock.short if stock else 0)
    return msgspec.structs.replace(state, undo=way_back(tx, _subject(count), 0, "Take the count's differences back"))


def _subject(count: CycleCount) -> str:
    return f"count:{count.id}"


def _rows(tx: Transaction, count_id: UUID) -> dict[Goods, CycleCountLine]:
    wanted = select(CycleCountLine).where(CycleCountLine.count_id == count_id)
    found = tx.scalars(wanted.order_by(CycleCountLine.sku, CycleCountLine.lot))
    return {(r.sku, r.lot): r for r in found}


def _counted(tx: Transaction, ask: PostCount, rows: Mapping[Goods, CycleCountLine]) -> dict[Goods, int]:
    """Units by SKU and lot: what was named, and nothing of what was expected and is not named."""
    counted: dict[Goods, int] = {}
    for line in ask.lines:
        check_quantity(line.sku, line.counted, least=0)
        if (line.sku, line.lot) in counted:
            raise BadField("lines", line.sku, "it is counted twice; add the two up")
        counted[(line.sku, line.lot)] = line.counted
    variants = need_skus(tx, (sku for sku, _ in counted))
    check_lots(tx, variants, [(sku, lot, units) for (sku, lot), units in counted.items()], arriving=False)
    return dict(sorted({**dict.fromkeys(rows, 0), **counted}.items()))


def _books(tx: Transaction, count: CycleCount) -> dict[Goods, dict[str, int]]:
    """Units in the bin by SKU and lot, then by status."""
    found: defaultdict[Goods, dict[str, int]] = defaultdict(dict)
    for row in contents(tx, count.node, count.bin):
        found[(row.sku, row.lot)][row.status] = row.quantity
    return dict(found)


def _unexpected(tx: Transaction, count: CycleCount, sku: str, lot: str) -> CycleCountLine:
    row = CycleCountLine(count_id=count.id, sku=sku, lot=lot, expected=0)
    tx.add(row)
    return row


def _difference(count: CycleCount, sku: str, lot: str, piece: Piece) -> Movement:
    return Movement(
        sku,
        count.node,
        MovementKind.counted,
        _subject(count),
        on_hand=piece.quantity,
        bin=count.bin,
        lot=lot,
        status=piece.place,
        why=WHY,
    )


def _state(tx: Transaction, count: CycleCount, *, filled: int = 0, short: int = 0) -> CountState:
    tx.flush()
    return CountState(
        id=count.id,
        node=count.node,
        bin=count.bin,
        status=count.status,
        version=count.version,
        lines=[_line(row) for row in _rows(tx, count.id).values()],
        next=sorted(s.value for s in COUNT_MOVES[CountStatus(count.status)]),
        filled=filled,
        short=short,
    )


def _line(row: CycleCountLine) -> dict[str, Any]:
    posted = row.counted is not None and row.books is not None
    return {
        "sku": row.sku,
        "lot": row.lot,
        "expected": row.expected,
        "books": row.books,
        "counted": row.counted,
        "difference": (row.counted or 0) - (row.books or 0) if posted else None,
        "moved": row.books is not None and row.books != row.expected,
    }
