"""Policies, plans and suggestions."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from agents.contract import Command, Event, State, Task


class ReplenishmentPlanned(Event, frozen=True, kw_only=True):
    """Every place was looked at; `to_buy` and `to_transfer` count what is suggested."""

    run_id: UUID
    places: int
    to_buy: int
    to_transfer: int


class PutReplenishmentClass(Command, frozen=True, kw_only=True):
    """How SKUs of a class are kept where no rule says otherwise."""

    code: str
    policy: str
    service_ppm: int
    measured_by: str = "fill"
    review_days: int = 1
    order_cost: int = 1000
    holding_ppm: int = 250_000
    version: int | None = None


class ReplenishmentClassState(State, frozen=True, kw_only=True):
    code: str
    policy: str
    service_ppm: int
    version: int


class PutReplenishmentRule(Command, frozen=True, kw_only=True):
    """Keep one SKU at one node otherwise than its class; what is None follows from the class."""

    node: str
    sku: str
    policy: str | None = None
    service_ppm: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    lot: int | None = None
    review_days: int | None = None
    supplier: str | None = None
    snoozed_until: date | None = None
    why: str | None = None
    version: int | None = None


class ReplenishmentRuleState(State, frozen=True, kw_only=True):
    node: str
    sku: str
    policy: str | None
    version: int
    created: bool


class RemoveReplenishmentRule(Command, frozen=True, kw_only=True):
    """Keep the SKU at the node as its class again."""

    node: str
    sku: str
    version: int | None = None


class ReplenishmentRuleRemoved(State, frozen=True, kw_only=True):
    node: str
    sku: str


class AskForPlan(Command, frozen=True, kw_only=True):
    """Plan everything now."""


class PlanReplenishment(Task, frozen=True, kw_only=True):
    """Plan every SKU at every node. Without a run somebody asked for, it is one of a schedule."""

    run_id: UUID | None = None


class RunState(State, frozen=True, kw_only=True):
    id: UUID
    status: str


class EditSuggestion(Command, frozen=True, kw_only=True):
    """Order another quantity than the plan says."""

    suggestion_id: UUID
    quantity: int
    reason: str
    version: int | None = None


class OrderSuggestions(Command, frozen=True, kw_only=True):
    """Draft one purchase order for each supplier and node, and one transfer for each pair of nodes."""

    suggestions: list[UUID]


class SnoozeSuggestions(Command, frozen=True, kw_only=True):
    suggestions: list[UUID]
    until: date
    reason: str


class RejectSuggestions(Command, frozen=True, kw_only=True):
    """They do not come back on the same day under the same policy."""

    suggestions: list[UUID]
    reason: str


class SuggestionState(State, frozen=True, kw_only=True):
    id: UUID
    status: str
    quantity: int
    chosen: int | None
    version: int
    next: list[str]


class SuggestionsState(State, frozen=True, kw_only=True):
    """What was made of them.

    `purchases`: id, number, supplier, node, currency, total, lines, why. `transfers`: id, from_node, to_node, lines.
    """

    suggestions: list[UUID]
    status: str
    purchases: list[dict[str, Any]] = []
    transfers: list[dict[str, Any]] = []
