"""Goods are put into a bin, and brought back: they move through the ledger, none is made and none is lost."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from agents.contract import Undo
from agents.inbound.finding import look_for_places, place_of, wares_of
from agents.inbound.messages.putaways import GoodsBroughtBack, GoodsPutAway, PutAway, PutawayState, UndoPutaway
from agents.inbound.placing import breaks_rules, misfits
from agents.inbound.putaway import close, lock_any, lock_open, state_of, subject_of, withdraw
from agents.inbound.refusals import (
    GoneFromBin,
    LessLiesThere,
    NotABinToPutInto,
    NotSuggested,
    PutBackAlready,
    TooLateToBringBack,
    UnfitBin,
)
from agents.stock.booking import book
from agents.stock.goods import lock_targets, weigh_targets
from agents.stock.rules import BinFull, check_quantity, check_words
from db.base import uuid7
from db.errors import Conflict, NotFound
from db.fulfilment import claimed_units
from db.ledger import Movement
from db.nodes import Bin
from db.putaway import (
    OPEN_PUTAWAYS,
    PUT_INTO,
    PUTAWAY_MOVES,
    Putaway,
    PutawayStatus,
    PutawayTask,
    lying,
    open_putaways,
    rules_at,
    suggestions_of,
)
from db.session import Transaction
from db.stock import BinStock, MovementKind, StockStatus

UNDO_FOR = timedelta(hours=24)
BEYOND = {"units": "units", "g": "grams", "cm³": "cm3"}


def put_away(tx: Transaction, ask: PutAway) -> PutawayState:
    """What lies there, what pick lists fetch there and the room in the bin are looked at again.

    Raises:
        NotFound, PutawayOver, StaleVersion, LessLiesThere
        BinClosed, NotABinToPutInto: whatever the reason.
        BinFull, BinBlocked, UnfitBin, NotSuggested: without a reason.
    """
    check_words("reason", ask.reason, needed=False)
    task = lock_open(tx, ask.task_id, ask.version)
    check_quantity(task.sku, ask.quantity)
    _see_that_they_lie_there(tx, task, ask.quantity)
    bins, against = weigh_targets(tx, task.node, {(ask.bin, task.sku): ask.quantity})
    objections: list[tuple[str, Conflict]] = [
        (BEYOND[refusal.measure] if isinstance(refusal, BinFull) else "blocked", refusal) for refusal in against
    ]
    objections += _objections(tx, task, bins[ask.bin], ask.quantity)
    reason = (ask.reason or "").strip() or None
    if objections and reason is None:
        raise objections[0][1]
    done = Putaway(
        id=uuid7(),
        task_id=task.id,
        bin=ask.bin,
        quantity=ask.quantity,
        overridden=list(dict.fromkeys(word for word, _ in objections)),
        reason=reason,
        by=tx.who.actor,
        at=tx.now,
    )
    tx.add(done)
    task.put_away += ask.quantity
    task.updated_at = tx.now
    tx.flush()
    _move(tx, task, done, to=done.bin, why=f"{task.number}: {task.bin} to {done.bin}")
    _go_on(tx, task, f"{ask.quantity} put into {ask.bin}")
    tx.announce(
        subject_of(task),
        GoodsPutAway(
            task_id=task.id,
            number=task.number,
            sku=task.sku,
            lot=task.lot,
            node=task.node,
            from_bin=task.bin,
            bin=done.bin,
            quantity=done.quantity,
            overridden=done.overridden,
            reason=reason,
        ),
    )
    body = msgspec.to_builtins(UndoPutaway(putaway_id=done.id))
    undo = Undo(says="Bring the units back", kind="UndoPutaway", body=body, until=tx.now + UNDO_FOR)
    return state_of(tx, task, done, undo)


def undo_putaway(tx: Transaction, ask: UndoPutaway) -> PutawayState:
    """Within `UNDO_FOR`, while the units lie where they were put and no pick list goes for them.

    Raises NotFound, PutBackAlready, TooLateToBringBack, GoneFromBin, BinClosed, BinFull.
    """
    check_words("reason", ask.reason, needed=False)
    seen = tx.get(Putaway, ask.putaway_id)
    if seen is None:
        raise NotFound("putaway", str(ask.putaway_id))
    task = lock_any(tx, seen.task_id)
    done = tx.get(Putaway, ask.putaway_id, populate_existing=True)
    assert done is not None  # noqa: S101 - it was there before the lock
    if done.undone_at is not None:
        raise PutBackAlready(str(done.id))
    if done.at < tx.now - UNDO_FOR:
        raise TooLateToBringBack(done.bin, int(UNDO_FOR.total_seconds()) // 3600)
    _see_that_they_are_free(tx, task, done)
    lock_targets(tx, task.node, {(task.bin, task.sku): done.quantity})
    why = ask.reason or f"{task.number}: brought back from {done.bin}"
    done.undone_by, done.undone_at, done.undone_why = tx.who.actor, tx.now, why
    task.put_away -= done.quantity
    task.updated_at = tx.now
    tx.flush()
    _move(tx, task, done, to=task.bin, why=why)
    goes_on = _take_up_again(tx, task, done, why)
    look_for_places(tx, task.node, [goes_on])
    tx.announce(
        subject_of(task),
        GoodsBroughtBack(
            task_id=task.id,
            number=task.number,
            sku=task.sku,
            lot=task.lot,
            node=task.node,
            bin=done.bin,
            quantity=done.quantity,
            why=ask.reason,
        ),
    )
    return state_of(tx, goes_on)


def _see_that_they_lie_there(tx: Transaction, task: PutawayTask, units: int) -> None:
    key = (task.sku, task.bin, task.lot)
    there = lying(tx, task.node, [task.sku]).get(key, 0)
    picked = claimed_units(tx, task.node, [task.sku]).get(key, 0)
    if units > (left := max(0, min(task.left, there - picked))):
        raise LessLiesThere(task.number, task.bin, units, left, picked)
    if task.left > there:
        withdraw(tx, task, task.left - there, why="units left the bin otherwise")


def _objections(tx: Transaction, task: PutawayTask, bin: Bin, units: int) -> list[tuple[str, Conflict]]:
    """What speaks against a bin besides its limits, by the word for the record. Raises NotABinToPutInto."""
    if bin.type not in PUT_INTO:
        raise NotABinToPutInto(task.node, bin.code, bin.type)
    wares = wares_of(tx, task.node, [task.sku])[task.sku]._replace(lot=task.lot)
    place = place_of(tx, bin)
    found: list[tuple[str, Conflict]] = [
        (word, UnfitBin(task.node, bin.code, word, why)) for word, why in misfits(wares, place).items()
    ]
    if (why := breaks_rules(rules_at(tx, task.node), wares, place, units)) is not None:
        found.append(("rule", UnfitBin(task.node, bin.code, "rule", why)))
    if not (known := suggestions_of(tx, [task.id])) and not task.unplaced:  # nobody has looked since it changed
        look_for_places(tx, task.node, [task])
        known = suggestions_of(tx, [task.id])
    suggested = [s.bin for s in known.get(task.id, [])]
    if bin.code not in suggested:
        found.append(("suggestion", NotSuggested(task.number, bin.code, suggested)))
    return found


def _go_on(tx: Transaction, task: PutawayTask, why: str) -> None:
    if not task.left:
        close(tx, task, why=why)
    elif task.status == PutawayStatus.ready:
        tx.move(task, PutawayStatus.started, moves=PUTAWAY_MOVES, subject=subject_of(task), why=why)
        task.assigned_to = tx.who.actor
    else:
        tx.note(subject_of(task), from_status=task.status, to_status=task.status, why=why)
    look_for_places(tx, task.node, [task])


def _see_that_they_are_free(tx: Transaction, task: PutawayTask, done: Putaway) -> None:
    row = tx.get(BinStock, (task.node, task.sku, done.bin, task.lot, StockStatus.sellable), populate_existing=True)
    claimed = claimed_units(tx, task.node, [task.sku]).get((task.sku, done.bin, task.lot), 0)
    free = max(0, (row.quantity if row is not None else 0) - claimed)
    if free < done.quantity:
        raise GoneFromBin(task.sku, task.node, done.bin, done.quantity, free)


def _take_up_again(tx: Transaction, task: PutawayTask, done: Putaway, why: str) -> PutawayTask:
    """The task that has the units now: another one when more of the same came meanwhile."""
    if task.status in OPEN_PUTAWAYS:
        tx.note(subject_of(task), from_status=task.status, to_status=task.status, why=why)
        return task
    same = (task.bin, task.lot)
    other = next((t for t in open_putaways(tx, task.node, [task.sku]) if (t.bin, t.lot) == same), None)
    if other is None:
        tx.move(task, PutawayStatus.started, moves=PUTAWAY_MOVES, subject=subject_of(task), why=why)
        return task
    task.withdrawn += done.quantity
    tx.note(subject_of(task), from_status=task.status, to_status=task.status, why=f"{why}; {other.number} has them now")
    other.quantity += done.quantity
    other.updated_at = tx.now
    tx.note(
        subject_of(other), from_status=other.status, to_status=other.status, why=f"{done.quantity} of {task.number}"
    )
    return other


def _move(tx: Transaction, task: PutawayTask, done: Putaway, *, to: str, why: str) -> None:
    """From the task's bin to that of the putaway, or the other way round."""
    source = task.bin if to == done.bin else done.bin
    legs = [
        Movement(
            task.sku, task.node, MovementKind.moved, cause_of(done.id), on_hand=units, bin=bin, lot=task.lot, why=why
        )
        for units, bin in ((-done.quantity, source), (done.quantity, to))
    ]
    book(tx, legs, why=why)


def cause_of(putaway_id: UUID) -> str:
    return f"putaway:{putaway_id}"
