"""What to have of each SKU at each node: classes, rules, the arithmetic of the last plan, and what it suggests.

Fractions are kept as whole thousandths. Money is minor units of the supplier's currency.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey
from db.session import Transaction


class PolicyKind(StrEnum):
    """As `ml.replenishment.policies.Policy`."""

    up_to = "R-S"
    point_up_to = "s-S"
    point_lot = "s-Q"
    min_max = "min/max"
    fixed = "fixed"
    none = "none"


class ServiceMeasure(StrEnum):
    fill = "fill"  # share of the units asked for that are there at once
    cycle = "cycle"  # share of the replenishments that come before the stock is gone


class DemandPattern(StrEnum):
    """As `ml.replenishment.demand.Pattern`."""

    none = "none"
    smooth = "smooth"
    erratic = "erratic"
    intermittent = "intermittent"
    lumpy = "lumpy"


class SuggestionKind(StrEnum):
    buy = "buy"
    transfer = "transfer"


class SuggestionStatus(StrEnum):
    open = "open"
    snoozed = "snoozed"  # not asked about again before its day
    ordered = "ordered"  # a purchase order or a transfer was made of it
    rejected = "rejected"
    gone = "gone"  # the next plan no longer needed it


_S = SuggestionStatus
SUGGESTION_MOVES = {
    _S.open: frozenset({_S.ordered, _S.rejected, _S.snoozed, _S.gone}),
    _S.snoozed: frozenset({_S.open, _S.ordered, _S.rejected, _S.gone}),
    _S.ordered: frozenset[SuggestionStatus](),
    _S.rejected: frozenset[SuggestionStatus](),
    _S.gone: frozenset[SuggestionStatus](),
}
WAITING = (_S.open, _S.snoozed)


FIRST_SERVICE = {"A": 980_000, "B": 950_000, "C": 900_000}
"""Parts per million of fill rate that a new company promises for what sells much, less and least."""


class RunStatus(StrEnum):
    asked = "asked"
    done = "done"


class ReplenishmentClass(Base):
    """How SKUs of a class are kept: A to C by yearly value, X to Z by how much demand varies."""

    __tablename__ = "replenishment_classes"
    __audited__ = True
    __kind__ = "replenishment_class"
    code: Mapped[str] = mapped_column(primary_key=True)
    policy: Mapped[str] = mapped_column(default=PolicyKind.point_up_to)
    service_ppm: Mapped[int]
    measured_by: Mapped[str] = mapped_column(default=ServiceMeasure.fill)
    review_days: Mapped[int] = mapped_column(default=1)
    order_cost: Mapped[Amount] = mapped_column(default=1000)  # of one more line on an order
    holding_ppm: Mapped[int] = mapped_column(default=250_000)  # of the unit cost, a year
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("service_ppm BETWEEN 500000 AND 999000", name="service"),
        CheckConstraint("review_days BETWEEN 1 AND 365 AND order_cost >= 0 AND holding_ppm > 0", name="sane"),
    )


class ReplenishmentRule(Base):
    """What somebody said of one SKU at one node; what is null follows from its class."""

    __tablename__ = "replenishment_rules"
    __audited__ = True
    __kind__ = "replenishment_rule"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"), primary_key=True)
    policy: Mapped[str | None]
    service_ppm: Mapped[int | None]
    minimum: Mapped[int | None]  # order below it (min/max), or at or below it
    maximum: Mapped[int | None]  # up to it
    lot: Mapped[int | None]  # of the policy `fixed`
    review_days: Mapped[int | None]
    supplier: Mapped[str | None] = mapped_column(ForeignKey("suppliers.code"))
    snoozed_until: Mapped[date | None]
    why: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("service_ppm IS NULL OR service_ppm BETWEEN 500000 AND 999000", name="service"),
        CheckConstraint("minimum >= 0 AND maximum >= coalesce(minimum, 0) AND lot > 0", name="levels"),
        CheckConstraint("review_days IS NULL OR review_days BETWEEN 1 AND 365", name="review"),
    )


class ReplenishmentRun(Base):
    __tablename__ = "replenishment_runs"
    id: Mapped[UuidKey]
    status: Mapped[str] = mapped_column(default=RunStatus.asked)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    places: Mapped[int | None]  # SKUs at nodes that were planned
    to_buy: Mapped[int | None]
    to_transfer: Mapped[int | None]
    __table_args__ = (Index("ix_replenishment_runs_asked", "asked_at", "id"),)


class Arithmetic:
    """The numbers behind a suggestion. Position is the sum of the first seven, as signed in `position`."""

    on_hand: Mapped[int]  # sellable units
    inspecting: Mapped[int]  # received, not yet accepted
    on_order: Mapped[int]
    inbound: Mapped[int]  # transfers to this node, planned or under way
    outbound: Mapped[int]  # transfers from it that are planned
    allocated: Mapped[int]
    backordered: Mapped[int]
    position: Mapped[int]
    class_code: Mapped[str]
    pattern: Mapped[str]
    policy: Mapped[str]
    service_ppm: Mapped[int]
    daily_milli: Mapped[int]  # units a day expected
    lead_days: Mapped[int]  # mean, rounded
    late_days: Mapped[int]  # what 95 of 100 orders take, rounded
    ahead_milli: Mapped[int]  # mean demand in a lead time
    safety_milli: Mapped[int]
    point: Mapped[int]
    lot: Mapped[int]
    up_to: Mapped[int]
    out_on: Mapped[date | None]  # when what is on hand is gone at the expected rate; None: not within ten years
    at_risk: Mapped[Amount]  # what is expected to be missing before goods ordered now are there
    supplier: Mapped[str | None]
    unit_cost: Mapped[Amount]
    currency: Mapped[str | None]
    minimum_quantity: Mapped[int]
    case_pack: Mapped[int]


ARITHMETIC = (
    "on_hand inspecting on_order inbound outbound allocated backordered position class_code pattern policy service_ppm "
    "daily_milli lead_days late_days ahead_milli safety_milli point lot up_to out_on at_risk supplier unit_cost "
    "currency minimum_quantity case_pack"
)


class ReplenishmentPlan(Arithmetic, Base):
    """Of the last run, for every SKU at every node, whether or not anything is to be ordered."""

    __tablename__ = "replenishment_plans"
    node: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    suggested: Mapped[int]
    why: Mapped[str]
    run_id: Mapped[UUID]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint(
            "position = on_hand + inspecting + on_order + inbound - outbound - allocated - backordered", name="position"
        ),
        Index("ix_replenishment_plans_sku", "sku"),
    )


class Suggestion(Arithmetic, Base):
    """Something to buy or to send from another node. `quantity` is what the plan says, `chosen` what a person does."""

    __tablename__ = "suggestions"
    id: Mapped[UuidKey]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default=SuggestionStatus.open)
    node: Mapped[str]
    sku: Mapped[str]
    from_node: Mapped[str | None]
    quantity: Mapped[int]
    chosen: Mapped[int | None]
    chosen_why: Mapped[str | None]
    why: Mapped[str]
    reason: Mapped[str | None]  # of whoever snoozed or rejected it
    snoozed_until: Mapped[date | None]
    rule_key: Mapped[
        str
    ]  # the policy that it follows from; a rejected one stays away while this and the day are the same
    reviewed_on: Mapped[date]
    purchase_id: Mapped[UUID | None] = mapped_column(ForeignKey("purchase_orders.id"))
    transfer_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)
    run_id: Mapped[UUID]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("quantity > 0 AND chosen > 0", name="positive"),
        CheckConstraint("(kind = 'transfer') = (from_node IS NOT NULL)", name="from_node"),
        CheckConstraint(
            "position = on_hand + inspecting + on_order + inbound - outbound - allocated - backordered", name="position"
        ),
        Index(
            "ix_suggestions_waiting",
            "node",
            "sku",
            "kind",
            text("coalesce(from_node, '')"),
            unique=True,
            postgresql_where=text("status IN ('open','snoozed')"),
        ),
        Index("ix_suggestions_created", "created_at", "id"),
        Index("ix_suggestions_purchase", "purchase_id"),
    )

    @property
    def units(self) -> int:
        return self.quantity if self.chosen is None else self.chosen


def lock_suggestions(session: Session, ids: Iterable[UUID]) -> list[Suggestion]:
    """Those that there are, locked in the order of their ids."""
    return list(
        session.scalars(
            select(Suggestion)
            .where(Suggestion.id.in_(sorted(set(ids))))
            .order_by(Suggestion.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def ensure_classes(tx: Transaction) -> None:
    """Every class is there, as a new company begins with it."""
    rows = [
        {"code": letter + x, "service_ppm": service, "updated_at": tx.now}
        for letter, service in FIRST_SERVICE.items()
        for x in "XYZ"
    ]
    tx.execute(insert(ReplenishmentClass).values(rows).on_conflict_do_nothing())


def classes(session: Session) -> dict[str, ReplenishmentClass]:
    return {row.code: row for row in session.scalars(select(ReplenishmentClass))}
