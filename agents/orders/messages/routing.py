"""What is said about which node ships what: rules, plans, and the answers of the orders agent, which decides it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from agents.contract import State, Task


class RoutingRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of a set; see `db.routing.RuleKind`. Which of the fields it needs is told by its kind.

    `limit`: kilometres or fulfilments of a band, or days. `by_node`: what a node serves, or does not ship.
    `markets`: countries that count as one.
    """

    kind: str
    active: bool = True
    nodes: list[str] = []
    by_node: dict[str, list[str]] = {}
    markets: list[list[str]] = []
    limit: int | None = None


class RuleSetState(State, frozen=True, kw_only=True):
    id: UUID
    number: int
    name: str
    channel: str
    status: str
    rules: list[RoutingRule]
    version: int
    next: list[str]


class TriedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What rules make of one order; `refused` in place of a plan where they leave it no stock."""

    nodes: list[str]
    parcels: int
    waiting: int  # units
    km: int | None
    days: int | None
    refused: str | None


class TriedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`was`: nodes that it was shipped from in the end. `why` is said by the rules on trial."""

    order_id: UUID
    number: str
    channel: str
    placed_at: datetime
    country: str | None
    units: int
    was: list[str]
    now: TriedPlan
    tried: TriedPlan
    changed: bool
    why: list[str]


class ParcelsOfNode(msgspec.Struct, frozen=True, kw_only=True):
    node: str
    parcels: int


class TriedSums(msgspec.Struct, frozen=True, kw_only=True):
    """`km` is of the orders whose distance is known, `measured` how many those are."""

    orders: int
    refused: int
    parcels: int
    split: int
    waiting: int
    km: int
    measured: int
    days: int
    by_node: list[ParcelsOfNode]


class RulesTried(State, frozen=True, kw_only=True):
    """`rows` are orders, newest first; `now`: by the rules in force, `tried`: by those on trial."""

    rows: list[TriedOrder]
    now: TriedSums
    tried: TriedSums
    changed: int
    left_out: int  # orders of the channel that had no stock to route, such as imported ones
    in_force: int | None  # number of the rule set of today; None: by rank


class UnitsMoved(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line that are to come from another node. `sku` is needed of a kit alone: which component."""

    line_no: int
    from_node: str
    to_node: str
    quantity: int
    sku: str | None = None


class PlanFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A plan in a few figures. `days`: until the last node that has its part can hand it over."""

    nodes: list[str]
    parcels: int
    waiting: int  # units
    km: int | None
    days: int | None


class StockEffect(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    node: str
    state: str
    quantity: int  # signed


class ReroutePreview(State, frozen=True, kw_only=True):
    """`before` and `after` are of all that the order is still promised."""

    order_id: UUID
    stock: list[StockEffect]
    before: PlanFigures
    after: PlanFigures
    says: str
    obstacles: list[str]
    next: list[str]


class DrilledUnits(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    node: str
    quantity: int
    waits: bool


class DrilledOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Null where it is not known."""

    order_id: UUID
    number: str
    country: str | None
    units: int
    to: list[DrilledUnits]
    waits: int
    stays: int
    parcels_more: int
    km_more: int | None
    days_later: int | None
    why: list[str]


class DrilledNode(msgspec.Struct, frozen=True, kw_only=True):
    node: str
    units: int
    orders: int


class NodeDrill(State, frozen=True, kw_only=True):
    """Units: `moved` go from elsewhere, `waits` of them for stock; `stays` have nowhere to go; `picked` go on.

    `rows` are orders, those that suffer most first, and no more than a page of them.
    """

    node: str
    ships: bool
    orders: int
    units: int
    moved: int
    waits: int
    stays: int
    picked: int
    parcels_more: int
    km_more: int | None
    later: int  # orders that would be handed over later
    most_days_later: int
    by_node: list[DrilledNode]
    rows: list[DrilledOrder]
    left_out: int  # orders beyond those that are looked at in one drill


class EmptyingBegun(State, frozen=True, kw_only=True):
    node: str
    orders: int
    units: int


class PlannedMove(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a SKU of one order, whatever their lines. `waits`: they wait for stock now, and would not then."""

    sku: str
    from_node: str
    to_node: str
    quantity: int
    waits: bool


class PlannedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`saved` in minor units; below zero where the order makes room for others of its slice."""

    row_no: int
    order_id: UUID
    saved: int
    why: str
    moves: list[PlannedMove]


class MovePlanned(Task, frozen=True, kw_only=True):
    """Move these orders together as a plan says, each looked at again; what changed meanwhile stays and is told."""

    plan_id: UUID
    number: int
    slice_no: int
    whole: bool  # nobody outside of the slice takes what its orders give up
    orders: list[PlannedOrder]
