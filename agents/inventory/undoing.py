"""Takes a receipt, a correction or a count back: counter-entries in the ledger, while the goods are still there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from sqlalchemy import func, select

from agents.contract import Undo
from agents.inventory.messages import StockState, UndoStock
from agents.stock.booking import book
from agents.stock.goods import Goods, check_lots, lock_targets, need_skus
from agents.stock.rules import BadField, GoneSince, check_words
from db.errors import Conflict, NotFound
from db.inbound import receipts_of
from db.ledger import Movement, lock_levels
from db.session import Transaction
from db.stock import MovementKind, StockLedger, StockStatus

UNDO_FOR = timedelta(hours=24)
UNDOABLE = (MovementKind.received, MovementKind.adjusted, MovementKind.counted)
MOST = 1000


@dataclass(eq=False)
class NoWayBack(Conflict):
    entry: int
    kind: str

    def __str__(self) -> str:
        return f"Ledger entry {self.entry} is {self.kind}. Only receipts, corrections and counts can be taken back."


@dataclass(eq=False)
class BelongsToReceipt(Conflict):
    entry: int
    receipt: str

    def __str__(self) -> str:
        return f"Ledger entry {self.entry} is of receipt {self.receipt}, which counts on its order. Take that back."


@dataclass(eq=False)
class TooLateToUndo(Conflict):
    entry: int
    hours: int

    def __str__(self) -> str:
        return (
            f"Ledger entry {self.entry} is older than {self.hours} hours. Count the bin, or correct it with a reason."
        )


@dataclass(eq=False)
class UndoneAlready(Conflict):
    entries: list[int]

    def __str__(self) -> str:
        return f"Taken back already: ledger {', '.join(map(str, self.entries))}."


def undo_stock(tx: Transaction, ask: UndoStock) -> StockState:
    """Whole or not at all; nobody loses a promise by it.

    Raises:
        NoWayBack, BelongsToReceipt, TooLateToUndo, UndoneAlready
        GoneSince: units were promised or left since; NotInBin: they were moved.
    """
    check_words("reason", ask.reason, needed=False)
    if not 0 < len(set(ask.entries)) <= MOST:
        raise BadField("entries", len(ask.entries), f"1 to {MOST} are taken back at once")
    rows = _entries(tx, ask.entries)
    levels = lock_levels(tx, {(r.sku, r.node) for r in rows})
    _once(tx, rows)
    leaving: Counter[tuple[str, str]] = Counter()
    adding: defaultdict[str, Counter[Goods]] = defaultdict(Counter)
    for r in rows:
        if r.status == StockStatus.sellable:
            leaving[(r.sku, r.node)] += r.on_hand
        adding[r.node][(r.bin or "", r.sku)] -= r.on_hand
    for (sku, node), units in sorted(leaving.items()):
        if units > levels[(sku, node)].free:
            raise GoneSince(sku, node, units, levels[(sku, node)].free)
    back = [(r.sku, r.lot, -r.on_hand) for r in rows if r.on_hand < 0]
    check_lots(tx, need_skus(tx, [sku for sku, _, _ in back]), back, arriving=True)
    for node, bins in sorted(adding.items()):
        if growing := {goods: units for goods, units in bins.items() if units > 0}:
            lock_targets(tx, node, growing)
    why = ask.reason or f"taken back: {rows[0].cause}"
    counter = [
        Movement(
            r.sku, r.node, MovementKind.adjusted, f"undo:{r.id}", on_hand=-r.on_hand, bin=r.bin, lot=r.lot,
            status=r.status, why=why,
        )
        for r in rows
    ]  # fmt: skip
    return book(tx, counter, why=why)


def _entries(tx: Transaction, ids: Sequence[int]) -> list[StockLedger]:
    rows = list(tx.scalars(select(StockLedger).where(StockLedger.id.in_(ids)).order_by(StockLedger.id)))
    if missing := sorted(set(ids) - {r.id for r in rows}):
        raise NotFound("ledger entry", str(missing[0]))
    receipts = receipts_of(tx, {r.cause for r in rows})
    for r in rows:
        if r.kind not in UNDOABLE or r.cause.startswith(("undo:", "disposition:")):
            raise NoWayBack(r.id, r.kind)
        if (number := receipts.get(r.cause)) is not None:
            raise BelongsToReceipt(r.id, number)
        if r.at < tx.now - UNDO_FOR:
            raise TooLateToUndo(r.id, int(UNDO_FOR.total_seconds()) // 3600)
    return rows


def _once(tx: Transaction, rows: Sequence[StockLedger]) -> None:
    """The levels are locked: whoever takes the same entries back at this moment waits, and then finds ours."""
    causes = {f"undo:{r.id}": r.id for r in rows}
    done = tx.scalars(select(StockLedger.cause).where(StockLedger.cause.in_(causes)).order_by(StockLedger.id))
    if found := [causes[cause] for cause in done]:
        raise UndoneAlready(found)


# The way back, told with the answer


def last_entry(tx: Transaction, cause: str) -> int:
    return tx.scalar(select(func.max(StockLedger.id)).where(StockLedger.cause == cause)) or 0


def way_back(tx: Transaction, cause: str, after: int, says: str) -> Undo | None:
    """Of what this command wrote under `cause` since `after`; None when it wrote nothing or too much for one go."""
    mine = select(StockLedger.id).where(
        StockLedger.cause == cause,
        StockLedger.id > after,
        StockLedger.at == tx.now,
        StockLedger.actor == tx.who.actor,
    )
    entries = list(tx.scalars(mine.order_by(StockLedger.id)))
    if not 0 < len(entries) <= MOST:
        return None
    body = msgspec.to_builtins(UndoStock(entries=entries))
    return Undo(says=says, kind="UndoStock", body=body, until=tx.now + UNDO_FOR)
