"""Goods that may not be sold before somebody has looked: opened at the receipt, sampled, decided on in parts.

Order of locks: receipt, inspection, the supplier's standing, levels, putaway tasks, allocations, bins.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from agents.inbound.messages.inspections import (
    DecideUnits,
    InspectionState,
    LotJudged,
    RecordSample,
    ResultAsk,
    UnitAsk,
)
from agents.inbound.plans import keep_standing, lock_standing, name_of, number, standing_of
from agents.inbound.putaway import arrived
from agents.inbound.refusals import (
    BadInspectionField,
    InspectedAlready,
    InspectionOver,
    JudgedAlready,
    MoreThanAwaits,
    NotSampled,
    SampleFirst,
)
from agents.inbound.sampling import SamplePlan, Severity, outcome_of, sample_plan, switch
from agents.inventory.messages import StockState
from agents.stock.booking import book
from agents.stock.goods import lock_targets, need_bin_of
from agents.stock.rules import check_words
from db.base import uuid7
from db.errors import NotFound
from db.inbound import REJECTED, Condition, Receipt, ReceiptLine, receipt_lines
from db.inspection import (
    INSPECTION_MOVES,
    OPEN_INSPECTIONS,
    CharacteristicKind,
    Disposition,
    Finding,
    Inspection,
    InspectionMethod,
    InspectionPlan,
    InspectionStatus,
    SupplierStanding,
    Verdict,
    characteristics_of,
    findings_of,
    inspections_of_receipt,
    new_inspection_number,
    plans_for,
    what_next,
)
from db.ledger import Movement, NotInBin, lock_levels
from db.nodes import BinType
from db.session import Transaction, check_version
from db.stock import BinStock, MovementKind, StockStatus

MOST_UNITS = 1000  # of a sample, said at once


# At the receipt


def plans_of(tx: Transaction, supplier: str, skus: Sequence[str]) -> dict[str, InspectionPlan]:
    """Plans by which goods of the supplier have to be looked at, whatever whoever receives them says."""
    plans = plans_for(tx, supplier, skus)
    return {sku: plan for sku, plan in plans.items() if plan.method != InspectionMethod.nothing}


def open_inspections(
    tx: Transaction, receipt: Receipt, lines: Sequence[ReceiptLine], plans: dict[str, InspectionPlan], *, currency: str
) -> list[Inspection]:
    """One for each line that is not good. What came damaged or wrong needs no looking at: it is rejected at once."""
    opened = []
    for line in lines:
        if line.condition == Condition.good:
            continue
        row = new_inspection(
            tx,
            receipt_id=receipt.id,
            receipt_line=line.no,
            supplier=receipt.supplier,
            sku=line.sku,
            node=receipt.node,
            lot=line.lot,
            currency=currency,
            stock_status=StockStatus.quarantine,
            quantity=line.quantity,
            why=line.reason or "received to be inspected",
        )
        if line.condition in REJECTED:
            row.rejected, row.status = row.quantity, InspectionStatus.decided
            if line.condition == Condition.damaged:
                row.stock_status = StockStatus.damaged
        elif (plan := plans.get(line.sku)) is not None:
            _by_plan(tx, row, plan)
        tx.add(row)
        opened.append(row)
    tx.flush()
    for row in opened:
        tx.note(subject_of(row), to_status=row.status, why=f"{receipt.number}: {row.why}")
    return opened


def new_inspection(tx: Transaction, **what: Any) -> Inspection:
    """Of every unit, and nothing decided; neither added nor told yet."""
    counts = dict.fromkeys(("accepted", "rejected", "disposed", "sampled", "nonconforming"), 0)
    first = {"plan": "", "characteristics": [], "method": InspectionMethod.every_unit}
    return Inspection(
        id=uuid7(),
        number=new_inspection_number(tx),
        status=InspectionStatus.waiting,
        version=1,
        created_at=tx.now,
        updated_at=tx.now,
        **(counts | first | what),
    )


def _by_plan(tx: Transaction, row: Inspection, plan: InspectionPlan) -> None:
    row.why = row.plan = f"inspection plan of {name_of(plan.supplier, plan.sku)}"
    row.method = plan.method
    row.characteristics = [c.told() for c in characteristics_of(tx, plan.supplier, plan.sku)]
    if plan.method != InspectionMethod.sample:
        return
    standing = standing_of(tx.get(SupplierStanding, (row.supplier, row.sku)))
    row.severity = standing.severity
    if standing.severity == Severity.discontinued:
        row.method = InspectionMethod.every_unit
        row.why += "; sampling was discontinued, so every unit is looked at"
        return
    found = sample_plan(row.quantity, level=plan.level, aql=plan.aql, severity=standing.severity)
    row.level, row.aql = plan.level, plan.aql
    row.letter, row.sample_size = found.letter, found.size
    row.accept_number, row.reject_number = found.accept, found.reject


def cancel_inspections(tx: Transaction, receipt: Receipt) -> None:
    """The receipt is taken back. Raises InspectedAlready when something of it was decided."""
    rejected_at_once = {line.no for line in receipt_lines(tx, receipt.id) if line.condition in REJECTED}
    for row in inspections_of_receipt(tx, receipt.id):
        untouched = row.disposed == 0 and (row.accepted + row.rejected == 0 or row.receipt_line in rejected_at_once)
        if row.parent_id is not None or not untouched or row.sampled:
            raise InspectedAlready(receipt.number, row.number)
        tx.move(row, InspectionStatus.cancelled, moves=INSPECTION_MOVES, subject=subject_of(row),
                why=f"{receipt.number} was taken back")  # fmt: skip
        row.updated_at = tx.now
    tx.flush()


# At the inspection table


def record_sample(tx: Transaction, ask: RecordSample) -> InspectionState:
    """Raises NotSampled, JudgedAlready, InspectionOver, BadInspectionField, NotInBin, BinFull."""
    row = lock_inspection(tx, ask.inspection_id, ask.version)
    if row.method != InspectionMethod.sample or row.sample_size is None:
        raise NotSampled(row.number, row.method)
    if row.verdict is not None:
        raise JudgedAlready(row.number, row.verdict)
    if not 0 < len(ask.units) <= MOST_UNITS:
        raise BadInspectionField("units", f"1 to {MOST_UNITS} are recorded at once")
    known = {f.unit: f for f in findings_of(tx, row.id)}
    for unit in ask.units:
        if not 0 < unit.unit <= row.sample_size:
            raise BadInspectionField(f"unit {unit.unit}", f"the sample has units 1 to {row.sample_size}")
        known[unit.unit] = _found(tx, row, unit, known.get(unit.unit))
    row.sampled = len(known)
    row.nonconforming = sum(not f.conforming for f in known.values())
    row.updated_at = tx.now
    tx.flush()
    booked = None
    if (said := _verdict(row, list(known.values()))) is not None:
        booked = _judge(tx, row, *said, bin=ask.bin)
    settle(tx, row, f"{len(ask.units)} units of the sample")
    return state_of(tx, row, booked)


def _found(tx: Transaction, row: Inspection, unit: UnitAsk, known: Finding | None) -> Finding:
    check_words("note", unit.note, needed=False)
    asked = {c["no"]: c for c in row.characteristics}
    results, failed, critical = [], [], False
    for result in unit.results:
        if (characteristic := asked.get(result.no)) is None:
            raise BadInspectionField(f"unit {unit.unit}", f"the plan has no characteristic {result.no}")
        ok, value = _judged(characteristic, result)
        results.append({"no": result.no, "ok": ok, "value": value})
        if not ok:
            failed.append(result.no)
            critical = critical or bool(characteristic["critical"])
    if unit.results and (missing := sorted(asked.keys() - {r["no"] for r in results})):
        raise BadInspectionField(f"unit {unit.unit}", f"say how it is with {asked[missing[0]]['name']} too")
    if not unit.results and unit.conforming is None:
        raise BadInspectionField(f"unit {unit.unit}", "give results, or say whether it conforms")
    finding = known or Finding(inspection_id=row.id, unit=unit.unit)
    finding.conforming = not failed and unit.conforming is not False
    finding.critical, finding.results, finding.note = critical, results, unit.note
    finding.by, finding.at = tx.who.actor, tx.now
    if known is None:
        tx.add(finding)
    return finding


def _judged(characteristic: dict[str, object], result: ResultAsk) -> tuple[bool, str | None]:
    name = str(characteristic["name"])
    if characteristic["kind"] == CharacteristicKind.measured:
        value = number(name, result.value)
        if value is None:
            raise BadInspectionField(name, "it is measured: give the value")
        low, high = (None if characteristic[n] is None else Decimal(str(characteristic[n])) for n in ("low", "high"))
        return (low is None or value >= low) and (high is None or value <= high), str(value)
    if result.ok is None:
        raise BadInspectionField(name, "say whether it is so")
    return result.ok, None


def _verdict(row: Inspection, findings: Sequence[Finding]) -> tuple[Verdict, str] | None:
    """None while it is open; a critical failure or too many nonconforming units end it early."""
    bad = row.nonconforming
    if any(f.critical for f in findings):
        return Verdict.rejected, "a unit failed a critical characteristic"
    plan = _plan(row)
    if bad >= plan.reject:
        return Verdict.rejected, f"{bad} nonconforming units of {row.sampled}, {plan.reject} are too many"
    if row.sampled < plan.size:
        return None
    return Verdict.accepted, f"{bad} nonconforming units of {plan.size}, up to {plan.reject - 1} are accepted"


def _plan(row: Inspection) -> SamplePlan:
    assert row.sample_size is not None  # noqa: S101 - of a sampled one
    return SamplePlan(row.letter or "", row.sample_size, row.accept_number or 0, row.reject_number or 1)


def _judge(tx: Transaction, row: Inspection, verdict: Verdict, why: str, *, bin: str | None) -> StockState | None:
    row.verdict, row.verdict_why, row.verdict_at = verdict, why, tx.now
    _count_lot(tx, row, accepted=verdict == Verdict.accepted)
    tx.announce(
        subject_of(row),
        LotJudged(
            inspection_id=row.id,
            number=row.number,
            supplier=row.supplier,
            sku=row.sku,
            node=row.node,
            quantity=row.quantity,
            verdict=verdict,
            why=why,
        ),
    )
    if verdict == Verdict.rejected:
        return None
    # Units that were found not to conform are not sold, however good the lot is.
    reject = min(row.nonconforming, row.awaiting)
    return _decide(tx, row, accept=row.awaiting - reject, reject=reject, bin=bin, why=why)


def _count_lot(tx: Transaction, row: Inspection, *, accepted: bool) -> None:
    """The supplier's standing follows from its lots, each counted once."""
    standing = lock_standing(tx, row.supplier, row.sku)
    standing.lots += 1
    if row.severity != standing.severity or row.level is None or row.aql is None:
        return  # begun under another severity: it says nothing of this one
    how = {"level": row.level, "aql": row.aql, "severity": Severity(row.severity)}
    outcome = outcome_of(_plan(row), row.nonconforming, row.quantity, accepted=accepted, **how)  # type: ignore[arg-type]
    plans = plans_for(tx, row.supplier, [row.sku])
    reduced = row.sku in plans and plans[row.sku].reduced
    after, why = switch(standing_of(standing), outcome, reduced_allowed=reduced)
    keep_standing(tx, standing, after, f"{why} ({row.number})" if why else "")
    tx.flush()


def decide_units(tx: Transaction, ask: DecideUnits) -> InspectionState:
    """Raises InspectionOver, MoreThanAwaits, SampleFirst, NotInBin, BinFull."""
    check_words("reason", ask.reason, needed=False)
    row = lock_inspection(tx, ask.inspection_id, ask.version)
    if min(ask.accept, ask.reject) < 0 or ask.accept + ask.reject == 0:
        raise BadInspectionField("accept, reject", "say how many units are accepted or rejected")
    if ask.accept + ask.reject > row.awaiting:
        raise MoreThanAwaits(row.number, ask.accept + ask.reject, row.awaiting, "await a decision")
    if ask.accept and row.method == InspectionMethod.sample and row.verdict is None and not (ask.reason or "").strip():
        raise SampleFirst(row.number, row.sample_size or 0, row.sampled)
    why = ask.reason or f"{ask.accept} accepted, {ask.reject} rejected"
    booked = _decide(tx, row, accept=ask.accept, reject=ask.reject, bin=ask.bin, why=why)
    settle(tx, row, why)
    return state_of(tx, row, booked)


def _decide(
    tx: Transaction, row: Inspection, *, accept: int, reject: int, bin: str | None, why: str
) -> StockState | None:
    row.accepted += accept
    row.rejected += reject
    row.updated_at = tx.now
    tx.flush()
    return release(tx, row, accept, bin=bin, cause=subject_of(row), why=f"{row.number}: {why}") if accept else None


# What both this and dispositions do


def release(tx: Transaction, row: Inspection, units: int, *, bin: str | None, cause: str, why: str) -> StockState:
    """Units become sellable, and whoever waits for them is served at once."""
    lock_levels(tx, [(row.sku, row.node)])
    target = bin or need_bin_of(tx, row.node, BinType.receiving)
    taken = take_out(tx, row, units)
    net = {(target, row.sku): units - sum(n for code, n in taken if code == target)}
    lock_targets(tx, row.node, net)
    legs = [(code, -n, row.stock_status) for code, n in taken] + [(target, units, StockStatus.sellable.value)]
    booked = book(
        tx,
        [
            Movement(
                row.sku, row.node, MovementKind.moved, cause, on_hand=n, bin=code, lot=row.lot, status=status, why=why
            )
            for code, n, status in legs
        ],
        why=why,
        of_inspection=True,
    )
    arrived(tx, row.node, [(target, row.sku, row.lot, units)], why=row.number)
    return booked


def take_out(tx: Transaction, row: Inspection, units: int) -> list[tuple[str, int]]:
    """Bins in which the inspection's units lie, and how many are taken of each. The level is locked.

    Raises NotInBin when a count has found that they are not there.
    """
    lying = tx.execute(
        select(BinStock.bin, BinStock.quantity)
        .where(
            BinStock.node == row.node,
            BinStock.sku == row.sku,
            BinStock.lot == row.lot,
            BinStock.status == row.stock_status,
            BinStock.quantity > 0,
        )
        .order_by(BinStock.quantity.desc(), BinStock.bin)
    ).all()
    taken, left = [], units
    for code, there in lying:
        if left > 0:
            taken.append((code, min(there, left)))
            left -= taken[-1][1]
    if left > 0:
        raise NotInBin(row.sku, row.node, "any bin", row.lot, row.stock_status, units, units - left)
    return taken


def lock_inspection(tx: Transaction, inspection_id: UUID, version: int | None) -> Inspection:
    """Raises NotFound, InspectionOver, StaleVersion."""
    row = tx.get(Inspection, inspection_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("inspection", str(inspection_id))
    check_version(row, version, kind="inspection", id=row.number)
    if row.status not in OPEN_INSPECTIONS:
        raise InspectionOver(row.number, row.status)
    return row


def settle(tx: Transaction, row: Inspection, why: str) -> None:
    """Where the inspection stands follows from its units."""
    if row.awaiting:
        to = InspectionStatus.inspecting
    else:
        to = InspectionStatus.decided if row.to_dispose else InspectionStatus.closed
    if row.status != to:
        tx.move(row, to, moves=INSPECTION_MOVES, subject=subject_of(row), why=why)
    tx.flush()


def state_of(tx: Transaction, row: Inspection, booked: StockState | None = None) -> InspectionState:
    claim = select(func.coalesce(func.sum(Disposition.claim), 0)).where(Disposition.inspection_id == row.id)
    return InspectionState(
        id=row.id,
        number=row.number,
        sku=row.sku,
        node=row.node,
        status=row.status,
        quantity=row.quantity,
        accepted=row.accepted,
        rejected=row.rejected,
        awaiting=row.awaiting,
        to_dispose=row.to_dispose,
        sample_size=row.sample_size,
        sampled=row.sampled,
        nonconforming=row.nonconforming,
        verdict=row.verdict,
        verdict_why=row.verdict_why,
        claim=int(tx.scalar(claim) or 0),
        filled=booked.filled if booked is not None else 0,
        version=row.version,
        next=what_next(
            status=row.status,
            method=row.method,
            verdict=row.verdict,
            awaiting=row.awaiting,
            to_dispose=row.to_dispose,
        ),
    )


def subject_of(row: Inspection) -> str:
    return f"inspection:{row.id}"
