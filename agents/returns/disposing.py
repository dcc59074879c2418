"""What becomes of units that came back: the choice that is expected to bring most, unless somebody says why not.

Only what is as new and restocked is in sale at once. All else lies in quarantine until it is put right, sold elsewhere,
sent to the supplier or thrown away, and somebody says that it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from agents.returns.messages import GradedAsk, ReturnLineAsk
from agents.returns.messages.dispositions import (
    ChangeDisposition,
    DispositionDone,
    DispositionState,
    DoDisposition,
    GradeChoices,
    ReturnChoices,
    WeighedChoice,
    WeighReturn,
)
from agents.returns.refusals import BadReturnField, CannotBecome
from agents.returns.telling import remark
from agents.returns.weighing import best_of, resale_of, weigh
from agents.stock.booking import book
from agents.stock.goods import lock_targets, need_bin_of
from agents.stock.rules import check_words
from db.base import uuid7
from db.errors import IllegalMove
from db.ledger import Movement, NotInBin, lock_levels
from db.nodes import BinType
from db.return_dispositions import (
    DISPOSITION_MOVES,
    DispositionStatus,
    GoodsChoice,
    ReturnDisposition,
    disposition_next,
    lock_disposition,
    takers_of,
    terms_in_force,
)
from db.return_policies import categories_of
from db.returns import Grade, Return, ReturnReason, ReturnUnits, Sold, lines_of, order_of_return, sold
from db.session import Transaction, check_version
from db.stock import BinStock, MovementKind, StockStatus

INTO_SALE = (GoodsChoice.restock, GoodsChoice.refurbish)
CAME_BROKEN = (ReturnReason.damaged, ReturnReason.faulty)


# What each choice would bring


def weigh_line(tx: Transaction, of: Sold, line_no: int, grade: str) -> tuple[int | None, list[WeighedChoice]]:
    """(version of the terms, all choices for a unit of this grade, the best first)."""
    line, currency = of.lines[line_no], of.order.currency
    terms, rules = terms_in_force(tx)
    takers = takers_of(tx, [line.sku], terms.vendors, currency) if terms is not None and terms.vendors else {}
    weighed = weigh(
        rules,
        category=categories_of(tx, [line.sku]).get(line.sku),
        grade=grade,
        currency=currency,
        resale=resale_of(line.total, line.tax, line.quantity),
        taker=takers.get(line.sku),
    )
    return terms.version if terms is not None else None, weighed


def foresee(tx: Transaction, of: Sold, ask: ReturnLineAsk) -> int:
    """What units of a line are expected to bring once they are here, by what the customer says of them."""
    grade = Grade.damaged if ask.reason in CAME_BROKEN else Grade.sellable
    return (best_of(weigh_line(tx, of, ask.line_no, grade)[1]).value or 0) * ask.quantity


def weigh_return(tx: Transaction, ask: WeighReturn) -> ReturnChoices:
    """The choices for every line that still comes, by grade. Raises NotFound."""
    of = sold(tx, order_of_return(tx, ask.return_id))
    told = [
        GradeChoices(line_no=row.line_no, grade=grade, choices=weigh_line(tx, of, row.line_no, grade)[1])
        for row in lines_of(tx, [ask.return_id])
        if row.open
        for grade in (Grade.sellable, Grade.damaged, Grade.not_as_described)
    ]
    return ReturnChoices(return_id=ask.return_id, currency=of.order.currency, grades=told)


# As units are graded


def dispose(tx: Transaction, of: Sold, units: ReturnUnits, graded: GradedAsk) -> ReturnDisposition:
    """Raises BadReturnField, CannotBecome."""
    version, weighed = weigh_line(tx, of, units.line_no, units.grade)
    best = best_of(weighed)
    chosen = _chosen(weighed, graded.disposition or best.choice)
    why = _said(graded.disposition_why, needed=chosen.choice != best.choice)
    made = ReturnDisposition(
        id=uuid7(),
        units_id=units.id,
        return_id=units.return_id,
        line_no=units.line_no,
        node=units.node or "",
        sku=of.lines[units.line_no].sku,
        grade=units.grade,
        quantity=units.quantity,
        choice=chosen.choice,
        best=best.choice,
        why=why,
        value=chosen.value,
        currency=of.order.currency,
        weighed=[msgspec.to_builtins(w) for w in weighed],
        terms_version=version,
        supplier=chosen.supplier,
        status=DispositionStatus.waiting,
        created_at=tx.now,
        updated_at=tx.now,
    )
    if chosen.choice == GoodsChoice.restock:
        made.status, made.done_at, made.done_by, made.done_why = (
            DispositionStatus.done, tx.now, tx.who.actor, "in sale as it was graded",
        )  # fmt: skip
    return made


def booked_as(grade: str, choice: str) -> tuple[StockStatus, BinType]:
    """In what state units are booked in, and where."""
    if grade == Grade.sellable and choice == GoodsChoice.restock:
        return StockStatus.sellable, BinType.pick_face
    return StockStatus.damaged if grade == Grade.damaged else StockStatus.quarantine, BinType.quarantine


def tell(tx: Transaction, made: ReturnDisposition) -> None:
    said = f"expected to bring {made.value} a unit" if made.why is None else f"instead of {made.best}: {made.why}"
    why = f"{made.quantity} {made.sku} graded {made.grade.replace('_', ' ')}: {made.choice}, {said}"
    tx.note(_subject(made), to_status=made.status, why=why)


# What waits is done, or becomes something else


def change(tx: Transaction, ask: ChangeDisposition) -> DispositionState:
    """Raises IllegalMove once it is done, CannotBecome."""
    check_words("reason", ask.reason)
    made, item = _locked(tx, ask)
    chosen = _chosen([msgspec.convert(w, WeighedChoice) for w in made.weighed], ask.choice)
    if chosen.choice == made.choice:
        raise BadReturnField("choice", f"it is to be {made.choice} already")
    was = made.choice
    made.choice, made.why, made.value = chosen.choice, ask.reason, chosen.value or 0
    made.supplier, made.updated_at = chosen.supplier, tx.now
    why = f"{made.quantity} {made.sku}: {made.choice} instead of {was}: {ask.reason}"
    tx.note(_subject(made), from_status=made.status, to_status=made.status, why=why)
    remark(tx, item, f"return {item.number}: {why}")
    return state(tx, made)


def do(tx: Transaction, ask: DoDisposition) -> DispositionState:
    """The goods go on sale, or leave. Raises IllegalMove, NotInBin, and what a booking of stock raises."""
    check_words("note", ask.note, needed=False)
    made, item = _locked(tx, ask)
    why = f"{item.number}: {made.choice}" + (f", {ask.note}" if ask.note else "")
    book(tx, _legs(tx, made, ask.bin, why), why=why)
    tx.move(made, DispositionStatus.done, moves=DISPOSITION_MOVES, subject=_subject(made), why=why)
    made.done_by, made.done_at, made.done_why, made.updated_at = tx.who.actor, tx.now, why, tx.now
    remark(tx, item, f"return {item.number}: {made.quantity} {made.sku} done: {why}")
    tx.announce(
        f"return:{item.id}",
        DispositionDone(
            disposition_id=made.id,
            return_id=item.id,
            order_id=item.order_id,
            number=item.number,
            sku=made.sku,
            quantity=made.quantity,
            choice=made.choice,
            supplier=made.supplier,
        ),
    )
    return state(tx, made)


def _legs(tx: Transaction, made: ReturnDisposition, bin: str | None, why: str) -> list[Movement]:
    """Out of where the units lie; into sale where the choice says so."""
    lock_levels(tx, {(part["sku"], made.node) for part in made.goods})
    into = (bin or need_bin_of(tx, made.node, BinType.pick_face)) if made.choice in INTO_SALE else None
    kind = MovementKind.moved if into is not None else MovementKind.adjusted
    legs: list[Movement] = []
    for part in made.goods:
        said = {"kind": kind, "cause": _subject(made), "lot": part["lot"], "why": why}
        for at, units in _take_out(tx, made.node, part):
            legs.append(Movement(part["sku"], made.node, on_hand=-units, bin=at, status=part["status"], **said))
        if into is not None:
            legs.append(Movement(part["sku"], made.node, on_hand=part["units"], bin=into, **said))
    if into is not None:
        lock_targets(tx, made.node, {(into, part["sku"]): part["units"] for part in made.goods})
    return legs


def _take_out(tx: Transaction, node: str, part: dict[str, Any]) -> list[tuple[str, int]]:
    """Bins and units of each: where they were put first, then wherever else they were moved to. Raises NotInBin."""
    rows = tx.scalars(
        select(BinStock)
        .where(
            BinStock.node == node,
            BinStock.sku == part["sku"],
            BinStock.lot == part["lot"],
            BinStock.status == part["status"],
        )
        .order_by(BinStock.bin != part["bin"], BinStock.bin),
        execution_options={"populate_existing": True},
    ).all()
    left, taken = part["units"], []
    for row in rows:
        if take := min(left, row.quantity):
            taken.append((row.bin, take))
            left -= take
    if left:
        there = part["units"] - left
        raise NotInBin(part["sku"], node, part["bin"], part["lot"], part["status"], part["units"], there)
    return taken


def _chosen(weighed: Sequence[WeighedChoice], choice: str) -> WeighedChoice:
    if choice not in list(GoodsChoice):
        raise BadReturnField("disposition", f"{choice!r} is not one of {', '.join(GoodsChoice)}")
    found = next(w for w in weighed if w.choice == choice)
    if found.value is None:
        raise CannotBecome(choice, found.why or "nobody knows what it brings")
    return found


def _said(why: str | None, *, needed: bool) -> str | None:
    check_words("disposition_why", why, needed=needed)
    return why if needed else None


def _locked(tx: Transaction, ask: ChangeDisposition | DoDisposition) -> tuple[ReturnDisposition, Return]:
    made = lock_disposition(tx, ask.disposition_id)
    check_version(made, ask.version, kind="disposition", id=str(made.id))
    item = tx.get_one(Return, made.return_id)
    if made.status != DispositionStatus.waiting:
        raise IllegalMove("disposition", item.number, made.status, DispositionStatus.done, [])
    return made, item


def _subject(made: ReturnDisposition) -> str:
    return f"return_disposition:{made.id}"


def state(tx: Transaction, made: ReturnDisposition) -> DispositionState:
    tx.flush()
    return DispositionState(
        id=made.id,
        return_id=made.return_id,
        line_no=made.line_no,
        node=made.node,
        sku=made.sku,
        grade=made.grade,
        quantity=made.quantity,
        choice=made.choice,
        best=made.best,
        why=made.why,
        value=made.value,
        currency=made.currency,
        supplier=made.supplier,
        status=made.status,
        version=made.version,
        next=disposition_next(made.status),
    )
