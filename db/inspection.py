"""Goods that may not be sold yet: inspections, by which plan, what was found, what became of what was rejected.

Written by the inbound agent. Units of an open inspection lie in its status (quarantine or damaged) at its node and
leave it through the inspection alone; whoever moves goods otherwise asks `units_kept` under the lock of the level.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Sequence,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey, metadata
from db.inbound import Receipt
from db.session import Transaction

inspection_numbers = Sequence("inspection_numbers", start=100001, metadata=metadata)


class InspectionMethod(StrEnum):
    sample = "sample"  # as many as the tables say
    every_unit = "every_unit"
    nothing = "nothing"  # goods are taken as they come; makes an exception of a wider plan


class CharacteristicKind(StrEnum):
    yes_no = "yes_no"
    measured = "measured"


class InspectionStatus(StrEnum):
    waiting = "waiting"
    inspecting = "inspecting"  # something was looked at or decided
    decided = "decided"  # each unit is accepted or rejected; some rejected ones still lie there
    closed = "closed"
    cancelled = "cancelled"  # the receipt was taken back before anybody had looked


_S = InspectionStatus
INSPECTION_MOVES = {
    _S.waiting: frozenset({_S.inspecting, _S.decided, _S.closed, _S.cancelled}),
    _S.inspecting: frozenset({_S.decided, _S.closed}),
    _S.decided: frozenset({_S.closed, _S.cancelled}),
    _S.closed: frozenset[InspectionStatus](),
    _S.cancelled: frozenset[InspectionStatus](),
}
OPEN_INSPECTIONS = (_S.waiting, _S.inspecting, _S.decided)


class Verdict(StrEnum):
    accepted = "accepted"
    rejected = "rejected"


class DispositionKind(StrEnum):
    return_to_vendor = "return_to_vendor"
    scrap = "scrap"
    rework = "rework"  # mended, and looked at again unit by unit
    accept_at_discount = "accept_at_discount"
    missing = "missing"  # a count has found that they are not there


LEAVES = (DispositionKind.return_to_vendor, DispositionKind.scrap)
PAID_BACK = (*LEAVES, DispositionKind.missing)
"""What units cost that are not kept is asked back."""


class InspectionPlan(Base):
    """How goods are looked at: of a supplier, of a SKU, of both, or ("" and "") of everything. The narrowest counts."""

    __tablename__ = "inspection_plans"
    __audited__ = True
    __kind__ = "inspection_plan"
    supplier: Mapped[str] = mapped_column(primary_key=True, default="")
    sku: Mapped[str] = mapped_column(primary_key=True, default="")
    method: Mapped[str]
    level: Mapped[str] = mapped_column(default="II")
    aql: Mapped[str] = mapped_column(default="1.0")  # nonconforming units per hundred
    reduced: Mapped[bool] = mapped_column(default=False)  # whether a good record may lead to smaller samples
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Characteristic(Base):
    """What is looked at on each unit of a sample. A unit that fails a critical one rejects the lot."""

    __tablename__ = "inspection_characteristics"
    __audited__ = True
    __kind__ = "inspection_characteristic"
    supplier: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    unit: Mapped[str] = mapped_column(default="")
    low: Mapped[Decimal | None] = mapped_column(Numeric)
    high: Mapped[Decimal | None] = mapped_column(Numeric)
    critical: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        ForeignKeyConstraint(["supplier", "sku"], ["inspection_plans.supplier", "inspection_plans.sku"]),
        CheckConstraint("low IS NULL OR high IS NULL OR low <= high", name="limits"),
    )

    def told(self) -> dict[str, Any]:
        """As an inspection keeps it and the API shows it: limits as decimals in text."""
        limits = {n: None if getattr(self, n) is None else str(getattr(self, n)) for n in ("low", "high")}
        return {n: getattr(self, n) for n in ("no", "name", "kind", "unit", "critical")} | limits


class SupplierStanding(Base):
    """How severely a supplier's lots of a SKU are sampled at present, and why. Follows from its inspections."""

    __tablename__ = "supplier_standings"
    __audited__ = True
    __kind__ = "supplier_standing"
    supplier: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[str]
    score: Mapped[int] = mapped_column(default=0)
    recent: Mapped[str] = mapped_column(default="")
    failed: Mapped[int] = mapped_column(default=0)
    lots: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("score >= 0 AND failed >= 0 AND lots >= 0", name="not_negative"),)


class Inspection(Base):
    """One line of a receipt, or what was reworked of another inspection (`parent_id`).

    accepted + rejected ≤ quantity, the rest awaits a decision; `disposed` of the rejected have left or were mended.
    """

    __tablename__ = "inspections"
    __audited__ = True
    __kind__ = "inspection"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    receipt_id: Mapped[UUID] = mapped_column(ForeignKey(Receipt.id))
    receipt_line: Mapped[int]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspections.id"))
    supplier: Mapped[str]
    sku: Mapped[str]
    node: Mapped[str]
    lot: Mapped[str] = mapped_column(default="")
    currency: Mapped[str]  # of the order: a discount is said in it
    stock_status: Mapped[str]
    quantity: Mapped[int]
    accepted: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    disposed: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default=InspectionStatus.waiting)
    why: Mapped[str]  # it was opened
    # The plan as it was then; a later change of it changes nothing here.
    method: Mapped[str]
    plan: Mapped[str] = mapped_column(default="")  # whose: `supplier HANSA, SKU MUG`
    characteristics: Mapped[list[Any]] = mapped_column(default=list)
    level: Mapped[str | None]
    aql: Mapped[str | None]
    severity: Mapped[str | None]
    letter: Mapped[str | None]
    sample_size: Mapped[int | None]
    accept_number: Mapped[int | None]
    reject_number: Mapped[int | None]
    sampled: Mapped[int] = mapped_column(default=0)
    nonconforming: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[str | None]
    verdict_why: Mapped[str | None]
    verdict_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("quantity > 0 AND accepted >= 0 AND rejected >= 0", name="not_negative"),
        CheckConstraint("accepted + rejected <= quantity", name="conserved"),
        CheckConstraint("disposed >= 0 AND disposed <= rejected", name="disposed"),
        CheckConstraint("nonconforming >= 0 AND nonconforming <= sampled", name="sampled"),
        Index("ix_inspections_receipt", "receipt_id"),
        Index("ix_inspections_created", "created_at", "id"),
        Index("ix_inspections_supplier", "supplier", "sku", "created_at"),
        Index(
            "ix_inspections_kept",
            "sku",
            "node",
            postgresql_where=text("status IN ('waiting','inspecting','decided')"),
        ),
    )

    @property
    def awaiting(self) -> int:
        return self.quantity - self.accepted - self.rejected

    @property
    def to_dispose(self) -> int:
        return self.rejected - self.disposed


def what_next(*, status: str, method: str, verdict: str | None, awaiting: int, to_dispose: int) -> list[str]:
    """Verbs that are possible now."""
    if status not in OPEN_INSPECTIONS:
        return []
    sampling = method == InspectionMethod.sample and verdict is None
    return [*["sample"] * sampling, *["decide"] * (awaiting > 0), *["dispose"] * (to_dispose > 0)]


class Finding(Base):
    """One unit of a sample. Said again, it replaces what was said of that unit, until there is a verdict."""

    __tablename__ = "inspection_findings"
    __audited__ = True
    __kind__ = "inspection_finding"
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    unit: Mapped[int] = mapped_column(primary_key=True)
    conforming: Mapped[bool]
    critical: Mapped[bool] = mapped_column(default=False)
    results: Mapped[list[Any]] = mapped_column(default=list)  # [{"no": 1, "ok": false, "value": "7.2"}]
    note: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]


class Disposition(Base):
    """What became of rejected units. `claim` is asked back from the supplier, in the order's currency."""

    __tablename__ = "dispositions"
    __audited__ = True
    __kind__ = "disposition"
    id: Mapped[UuidKey]
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"))
    kind: Mapped[str]
    quantity: Mapped[int]
    reason: Mapped[str]
    claim: Mapped[Amount] = mapped_column(default=0)
    currency: Mapped[str]
    rework_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspections.id"))
    by: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("quantity > 0 AND claim >= 0", name="sane"),
        Index("ix_dispositions_inspection", "inspection_id"),
        Index("ix_dispositions_at", "at", "id"),
    )


def plans_for(session: Session, supplier: str, skus: Iterable[str]) -> dict[str, InspectionPlan]:
    """The plan of each SKU that has one here: of supplier and SKU, else of the SKU, the supplier, of everything."""
    wanted = sorted(set(skus))
    rows = session.scalars(
        select(InspectionPlan).where(
            InspectionPlan.supplier.in_(["", supplier]), or_(InspectionPlan.sku == "", InspectionPlan.sku.in_(wanted))
        )
    ).all()
    known = {(p.supplier, p.sku): p for p in rows}
    found = {}
    for sku in wanted:
        narrowest = ((supplier, sku), ("", sku), (supplier, ""), ("", ""))
        plan = next((known[key] for key in narrowest if key in known), None)
        if plan is not None:
            found[sku] = plan
    return found


def characteristics_of(session: Session, supplier: str, sku: str) -> list[Characteristic]:
    wanted = select(Characteristic).where(Characteristic.supplier == supplier, Characteristic.sku == sku)
    return list(session.scalars(wanted.order_by(Characteristic.no)))


def findings_of(session: Session, inspection_id: UUID) -> list[Finding]:
    wanted = select(Finding).where(Finding.inspection_id == inspection_id).order_by(Finding.unit)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def inspections_of_receipt(tx: Transaction, receipt_id: UUID) -> list[Inspection]:
    """Locked; lock the receipt first."""
    wanted = select(Inspection).where(Inspection.receipt_id == receipt_id).order_by(Inspection.id).with_for_update()
    return list(tx.scalars(wanted.execution_options(populate_existing=True)))


def new_inspection_number(tx: Transaction) -> str:
    return f"QC{tx.scalar(select(inspection_numbers.next_value()))}"


def units_kept(session: Session, sku: str, node: str, lot: str, status: str) -> tuple[int, str]:
    """Units in a status that open inspections keep there, and the number of one of these ("" where there is none)."""
    kept = func.sum(Inspection.quantity - Inspection.accepted - Inspection.disposed)
    row = session.execute(
        select(func.coalesce(kept, 0).cast(Integer), func.coalesce(func.min(Inspection.number), "")).where(
            Inspection.sku == sku,
            Inspection.node == node,
            Inspection.lot == lot,
            Inspection.stock_status == status,
            Inspection.status.in_(OPEN_INSPECTIONS),
        )
    ).one()
    return row[0], row[1]
