"""What would have been under another policy."""

from __future__ import annotations

from datetime import date

import msgspec

from agents.contract import Command, State
from agents.purchasing.messages.replenishment import PutReplenishmentClass, PutReplenishmentRule


class ReplayRule(Command, frozen=True, kw_only=True):
    """What would have been under a rule over the last days, beside what holds now. Changes nothing."""

    proposed: PutReplenishmentRule
    days: int


class ReplayClass(Command, frozen=True, kw_only=True):
    """The same for the places of a class, or a sample of them. What a rule says of one of them stays."""

    proposed: PutReplenishmentClass
    days: int


class ReplayedDay(msgspec.Struct, frozen=True, kw_only=True):
    """Units; `stock` at the end of the day."""

    day: date
    demand: int
    stock: int
    short: int
    ordered: int
    arrived: int


class ReplayedCost(msgspec.Struct, frozen=True, kw_only=True):
    """Over all days: `total` is `holding` and `ordering`; `stock` (on average) and `short` are units at unit cost."""

    currency: str
    holding: int
    ordering: int
    total: int
    stock: int
    short: int


class ReplayedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Terms that are not the same at all places are null; levels are those of the last day, of one place alone."""

    policy: str | None
    service_ppm: int | None
    review_days: int | None
    point: int | None
    up_to: int | None
    lot: int | None
    served: int
    short: int
    fill_ppm: int
    stock_out_days: int
    average_milli: int
    orders: int
    ordered: int
    costs: list[ReplayedCost]
    path: list[ReplayedDay]


class ReplayedLead(msgspec.Struct, frozen=True, kw_only=True):
    """Days that orders to a supplier took in the replay: on average, and 95 of 100."""

    supplier: str | None
    mean_days: int
    late_days: int
    places: int


class ReplayState(State, frozen=True, kw_only=True):
    """`current` and `proposed` over the same demand. Of one SKU at one node, or of `places` out of `places_of`."""

    class_code: str
    sku: str | None
    node: str | None
    since: date
    until: date
    days: int
    warm_up_days: int
    places: int
    places_of: int
    demand: int
    censored_days: int
    lead_times: list[ReplayedLead]
    current: ReplayedPolicy
    proposed: ReplayedPolicy
    caveats: list[str]
