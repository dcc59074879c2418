"""How goods are looked at when they come: plans, and how severely each supplier is sampled at present."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as pg_insert

from agents.inbound.messages.inspections import (
    CharacteristicAsk,
    InspectionPlanRemoved,
    InspectionPlanState,
    PutInspectionPlan,
    RemoveInspectionPlan,
    RestartSampling,
    StandingState,
)
from agents.inbound.refusals import BadInspectionField, NotDiscontinued
from agents.inbound.sampling import AQLS, LEVELS, Severity, Standing
from agents.stock.rules import check_words
from db.catalog import variants_by_sku
from db.errors import NotFound
from db.inspection import Characteristic, CharacteristicKind, InspectionMethod, InspectionPlan, SupplierStanding
from db.session import Transaction, check_version
from db.suppliers import Supplier

MOST_CHARACTERISTICS = 50
_LARGEST = Decimal(10) ** 12


def put_inspection_plan(tx: Transaction, ask: PutInspectionPlan) -> InspectionPlanState:
    _check(ask)
    if ask.supplier and tx.get(Supplier, ask.supplier) is None:
        raise NotFound("supplier", ask.supplier)
    if ask.sku and ask.sku not in variants_by_sku(tx, [ask.sku]):
        raise NotFound("SKU", ask.sku)
    plan = tx.get(InspectionPlan, (ask.supplier, ask.sku), with_for_update=True, populate_existing=True)
    created = plan is None
    if plan is None:
        plan = InspectionPlan(supplier=ask.supplier, sku=ask.sku, version=1, created_at=tx.now)
        tx.add(plan)
    else:
        check_version(plan, ask.version, kind="inspection plan", id=name_of(ask.supplier, ask.sku))
    plan.method, plan.level, plan.aql, plan.reduced = ask.method, ask.level, ask.aql, ask.reduced
    plan.updated_at = tx.now
    tx.flush()
    tx.execute(delete(Characteristic).where(Characteristic.supplier == ask.supplier, Characteristic.sku == ask.sku))
    tx.add_all(
        Characteristic(
            supplier=ask.supplier,
            sku=ask.sku,
            no=no,
            name=c.name,
            kind=c.kind,
            unit=c.unit,
            low=_limit(c, "low"),
            high=_limit(c, "high"),
            critical=c.critical,
        )
        for no, c in enumerate(ask.characteristics, start=1)
    )
    tx.flush()
    return InspectionPlanState(
        supplier=plan.supplier,
        sku=plan.sku,
        method=plan.method,
        level=plan.level,
        aql=plan.aql,
        reduced=plan.reduced,
        characteristics=ask.characteristics,
        version=plan.version,
        created=created,
    )


def remove_inspection_plan(tx: Transaction, ask: RemoveInspectionPlan) -> InspectionPlanRemoved:
    """Inspections that are open keep what the plan said."""
    plan = tx.get(InspectionPlan, (ask.supplier, ask.sku), with_for_update=True, populate_existing=True)
    if plan is None:
        raise NotFound("inspection plan", name_of(ask.supplier, ask.sku))
    check_version(plan, ask.version, kind="inspection plan", id=name_of(ask.supplier, ask.sku))
    tx.execute(delete(Characteristic).where(Characteristic.supplier == ask.supplier, Characteristic.sku == ask.sku))
    tx.delete(plan)
    return InspectionPlanRemoved(supplier=ask.supplier, sku=ask.sku)


def restart_sampling(tx: Transaction, ask: RestartSampling) -> StandingState:
    """Tightened inspection begins, as after the supplier's correction (ISO 2859-1, 9.4)."""
    check_words("reason", ask.reason)
    row = tx.get(SupplierStanding, (ask.supplier, ask.sku), with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("standing", f"{ask.supplier}/{ask.sku}")
    if row.severity != Severity.discontinued:
        raise NotDiscontinued(ask.supplier, ask.sku, row.severity)
    keep_standing(tx, row, Standing(Severity.tightened), f"started again: {ask.reason}")
    return StandingState(
        supplier=row.supplier, sku=row.sku, severity=row.severity, score=row.score, since=row.since, why=row.why
    )


def lock_standing(tx: Transaction, supplier: str, sku: str) -> SupplierStanding:
    """The row, made when it is the first lot."""
    first = {"severity": Severity.normal, "score": 0, "recent": "", "failed": 0, "lots": 0, "why": "",
             "since": tx.now, "updated_at": tx.now, "version": 1}  # fmt: skip
    tx.execute(pg_insert(SupplierStanding).values(supplier=supplier, sku=sku, **first).on_conflict_do_nothing())
    row = tx.get(SupplierStanding, (supplier, sku), with_for_update=True, populate_existing=True)
    assert row is not None  # noqa: S101 - inserted above
    return row


def standing_of(row: SupplierStanding | None) -> Standing:
    if row is None:
        return Standing()
    return Standing(Severity(row.severity), row.score, row.recent, row.failed)


def keep_standing(tx: Transaction, row: SupplierStanding, to: Standing, why: str) -> None:
    """`why` is "" where the severity stays as it is."""
    if to.severity != row.severity:
        row.since, row.why = tx.now, why
    row.severity, row.score, row.recent, row.failed = to.severity, to.score, to.recent, to.failed
    row.updated_at = tx.now


def name_of(supplier: str, sku: str) -> str:
    said = [f"supplier {supplier}"] * bool(supplier) + [f"SKU {sku}"] * bool(sku)
    return ", ".join(said) or "everything"


def _check(ask: PutInspectionPlan) -> None:
    for field, value, known in (
        ("method", ask.method, tuple(InspectionMethod)),
        ("level", ask.level, LEVELS),
        ("aql", ask.aql, AQLS),
    ):
        if value not in known:
            raise BadInspectionField(field, f"{value!r} is not one of {', '.join(known)}")
    if len(ask.characteristics) > MOST_CHARACTERISTICS:
        raise BadInspectionField("characteristics", f"at most {MOST_CHARACTERISTICS} are looked at")
    for no, c in enumerate(ask.characteristics, start=1):
        check_words(f"name of characteristic {no}", c.name)
        check_words(f"unit of characteristic {no}", c.unit, needed=False)
        if c.kind not in list(CharacteristicKind):
            raise BadInspectionField("kind", f"{c.kind!r} is not one of {', '.join(CharacteristicKind)}")
        low, high = _limit(c, "low"), _limit(c, "high")
        if (low is None and high is None) == (c.kind == CharacteristicKind.measured):
            raise BadInspectionField(c.name, "a measured one has a lower or an upper limit, any other has none")
        if low is not None and high is not None and low > high:
            raise BadInspectionField(c.name, f"the lower limit {low} is above the upper one, {high}")


def _limit(c: CharacteristicAsk, which: str) -> Decimal | None:
    return number(f"{which} of {c.name}", getattr(c, which))


def number(field: str, said: str | None) -> Decimal | None:
    if said is None:
        return None
    try:
        value = Decimal(said)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= _LARGEST:
        raise BadInspectionField(field, f"{said!r} is not a number")
    return value
