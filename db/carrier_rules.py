"""Rules by which operators steer the choice of carriers, and services that drifted. The shipping agent writes them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy import Sequence as Numbers
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UuidKey, metadata
from db.routing import RuleSetStatus

carrier_rule_set_numbers = Numbers("carrier_rule_set_numbers", start=1, metadata=metadata)


class CarrierRuleKind(StrEnum):
    """The first two are hard. Of the last four the first that fits a parcel counts, each for itself."""

    forbid = "forbid"  # these services take nothing of the kind
    require = "require"  # nothing but these services
    most_late = "most_late"  # what is likelier to be late is left out while there is another
    most_above = "most_above"  # what costs more above the cheapest is left out
    prefer = "prefer"  # these before others, as long as they cost little more
    weigh = "weigh"  # what lateness and loss cost for these parcels, in place of the policy


HARD_KINDS = (CarrierRuleKind.forbid, CarrierRuleKind.require)


class CarrierRuleSet(Base):
    """Rules in their order; one version is active. What was active stays as it is, because choices name it."""

    __tablename__ = "carrier_rule_sets"
    __audited__ = True
    __kind__ = "carrier_rule_set"
    id: Mapped[UuidKey]
    number: Mapped[int] = mapped_column(unique=True)  # the version that choices name
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default=RuleSetStatus.draft)
    rules: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[str | None]
    made_from: Mapped[int | None]  # the number of the set that it began as
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    activated_by: Mapped[str | None]
    __table_args__ = (
        Index("ix_carrier_rule_sets_active", "status", unique=True, postgresql_where=text("status = 'active'")),
        Index("ix_carrier_rule_sets_created", "created_at", "id"),
    )


class DriftState(StrEnum):
    open = "open"  # the service is still not what was learned of it
    ended = "ended"  # learned anew, or back to what it was


class CarrierDrift(Base):
    """A service whose deliveries departed from what was foreseen, with the figures that say so.

    `statistic` passed `threshold`, both in thousandths (see `ml.carriers.drift`). `parcels` since `began_on`, of which
    `late` were late where `late_meant` thousandths of a parcel were foreseen to be.
    """

    __tablename__ = "carrier_drifts"
    id: Mapped[UuidKey]
    carrier: Mapped[str]
    service: Mapped[str]
    direction: Mapped[str]  # slower or faster
    state: Mapped[str] = mapped_column(default=DriftState.open)
    noticed_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    began_on: Mapped[date]
    parcels: Mapped[int]
    late: Mapped[int]
    late_meant: Mapped[int]
    statistic: Mapped[int]
    threshold: Mapped[int]
    why: Mapped[str]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("parcels > 0 AND late BETWEEN 0 AND parcels AND late_meant >= 0", name="sane"),
        Index(
            "ix_carrier_drifts_open", "carrier", "service", "direction",
            unique=True, postgresql_where=text("state = 'open'"),
        ),
        Index("ix_carrier_drifts_noticed", "noticed_at", "id"),
    )  # fmt: skip
