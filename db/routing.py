"""Which node ships what: the rules that people arrange, and every decision made by them with what was known then.

Written by the orders agent alone.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy import Sequence as Numbers
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, SerialKey, UuidKey, metadata

rule_set_numbers = Numbers("routing_rule_set_numbers", start=1, metadata=metadata)

EVERY_CHANNEL = "*"


class RuleSetStatus(StrEnum):
    draft = "draft"  # can be changed and tried; nothing is routed by it
    active = "active"  # one for a channel; what it says stays as it is
    retired = "retired"  # another took its place; kept, because decisions name it
    dropped = "dropped"  # a draft that never was active


_S = RuleSetStatus
RULE_SET_MOVES = {
    _S.draft: frozenset({_S.active, _S.dropped}),
    _S.active: frozenset({_S.retired}),
    _S.retired: frozenset({_S.active}),
    _S.dropped: frozenset[RuleSetStatus](),
}


class RuleKind(StrEnum):
    """The first four exclude nodes, the others put them in order."""

    only_nodes = "only_nodes"  # nothing but these nodes
    serves = "serves"  # a node ships to these countries; a node that is not named ships everywhere
    no_hazard = "no_hazard"  # a node does not ship these classes of dangerous goods
    dispatch_within = "dispatch_within"  # days until the node can hand over: its week, its holidays, its cut-off
    fewest_splits = "fewest_splits"  # how many units the node has not
    nearest = "nearest"  # kilometres to the customer, in bands
    cheapest = "cheapest"  # what the rate cards in force ask for the order's weight, in bands
    same_market = "same_market"  # the node's country is in one market with the customer's
    ranked = "ranked"  # nodes in this order
    soonest = "soonest"  # days until the node can hand over
    cover = "cover"  # whether what stays at the node lasts for so many days
    least_load = "least_load"  # fulfilments that the node has still to ship, in bands


HARD = (RuleKind.only_nodes, RuleKind.serves, RuleKind.no_hazard, RuleKind.dispatch_within)


class RoutingRuleSet(Base):
    """Rules in their order, for one channel or (`*`) for those that have none of their own."""

    __tablename__ = "routing_rule_sets"
    __audited__ = True
    __kind__ = "routing_rule_set"
    id: Mapped[UuidKey]
    number: Mapped[int] = mapped_column(unique=True)  # the version that decisions name
    name: Mapped[str]
    channel: Mapped[str] = mapped_column(default=EVERY_CHANNEL)
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
        Index("ix_routing_rule_sets_active", "channel", unique=True, postgresql_where=text("status = 'active'")),
        Index("ix_routing_rule_sets_created", "created_at", "id"),
    )


class RoutedFor(StrEnum):
    placed = "placed"
    edited = "edited"
    moved = "moved"  # by a person, from one node to another
    planned = "planned"  # by a plan of many open orders
    closed_node = "closed_node"  # a node stopped shipping and its open units went elsewhere
    short_pick = "short_pick"  # units were not in their bin after all
    released = "released"  # a hold that had cost the order its units was lifted


class RoutingDecision(Base):
    """What was known, what the rules made of it, and what would have been next best. No part of an address."""

    __tablename__ = "routing_decisions"
    id: Mapped[SerialKey]
    order_id: Mapped[UUID]
    at: Mapped[datetime]
    actor: Mapped[str]
    cause: Mapped[str]
    rule_set_id: Mapped[UUID | None] = mapped_column(ForeignKey("routing_rule_sets.id"))
    inputs: Mapped[dict[str, Any]]
    outcome: Mapped[dict[str, Any]]
    why: Mapped[str | None]
    __table_args__ = (
        Index("ix_routing_decisions_order", "order_id", "id"),
        Index("ix_routing_decisions_at", "at", "id"),
    )
