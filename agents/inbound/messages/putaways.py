"""Rules of putaway, its tasks, and what was put where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from agents.contract import Command, Event, State, Task, Undo


class PutPutawayRule(Command, frozen=True, kw_only=True):
    """Such goods go into this bin, or this zone, or anywhere. `strict`: nowhere else, however full it is."""

    node: str
    code: str
    goods: str = "everything"
    value: str = ""
    priority: int = 100
    zone: str | None = None
    bin: str | None = None
    units_per_bin: int | None = None
    strict: bool = False
    version: int | None = None


class TryPutawayRule(Command, frozen=True, kw_only=True):
    """What a rule would do, as it is said here; with `removed`, what would be without it. Writes nothing."""

    node: str
    code: str
    goods: str = "everything"
    value: str = ""
    priority: int = 100
    zone: str | None = None
    bin: str | None = None
    units_per_bin: int | None = None
    strict: bool = False
    removed: bool = False


class PutawayRuleTried(State, frozen=True, kw_only=True):
    """Of each open task where it goes now and where it would go. A bin of None is no place."""

    node: str
    code: str
    tasks: list[dict[str, Any]]
    changed: int


class RemovePutawayRule(Command, frozen=True, kw_only=True):
    node: str
    code: str
    version: int | None = None


class PutawayRuleState(State, frozen=True, kw_only=True):
    node: str
    code: str
    goods: str
    value: str
    priority: int
    zone: str | None
    bin: str | None
    units_per_bin: int | None
    strict: bool
    version: int
    created: bool = False


class PutawayRuleRemoved(State, frozen=True, kw_only=True):
    node: str
    code: str


class PlanPutaway(Command, frozen=True, kw_only=True):
    """Make tasks for all that lies in the receiving bins of a node, and look for places anew."""

    node: str


class TidyPutaways(Task, frozen=True, kw_only=True):
    """Close tasks of goods that lie there no more: picked, moved, counted away."""


class StartPutaway(Command, frozen=True, kw_only=True):
    """Take a task on; places are looked for anew."""

    task_id: UUID
    version: int | None = None


class GiveBackPutaway(Command, frozen=True, kw_only=True):
    task_id: UUID
    version: int | None = None


class CancelPutaway(Command, frozen=True, kw_only=True):
    """What is left stays where it lies, and is sold from there."""

    task_id: UUID
    reason: str
    version: int | None = None


class PutAway(Command, frozen=True, kw_only=True):
    """So many units are in `bin` now. `reason` says why it is another bin than suggested, or beyond its limits."""

    task_id: UUID
    bin: str
    quantity: int
    reason: str | None = None
    version: int | None = None


class UndoPutaway(Command, frozen=True, kw_only=True):
    """Units were brought back to where they had been received."""

    putaway_id: UUID
    reason: str | None = None


class PutawayState(State, frozen=True, kw_only=True):
    """`left` of `quantity` are to be put away; `there` units lie in the bin, `picked` of them for pick lists.

    Waiting: order, units, of orders that need these units. Suggestions: bin, quantity, purpose, rule, why, seconds,
    second_bin, second_seconds, second_why. `putaway_id` is what was just put away.
    """

    id: UUID
    number: str
    node: str
    bin: str
    sku: str
    lot: str
    status: str
    quantity: int
    put_away: int
    withdrawn: int
    left: int
    there: int
    picked: int
    waiting: list[dict[str, Any]]
    suggestions: list[dict[str, Any]]
    unplaced: int
    unplaced_why: str | None
    assigned_to: str | None
    version: int
    next: list[str]
    putaway_id: UUID | None = None
    overridden: list[str] = []
    undo: Undo | None = None


class PutawaysPlanned(State, frozen=True, kw_only=True):
    """Units: to be put away, and of these without a place. `closed` tasks had nothing left to be put away.

    `looked_at`: tasks for which places were looked for anew.
    """

    node: str
    open: int
    opened: int
    closed: int
    looked_at: int
    units: int
    unplaced: int


class GoodsPutAway(Event, frozen=True, kw_only=True):
    """Subject: the putaway. `overridden`: what spoke against the bin, as `reason` says why all the same."""

    task_id: UUID
    number: str
    sku: str
    lot: str
    node: str
    from_bin: str
    bin: str
    quantity: int
    overridden: list[str]
    reason: str | None


class GoodsBroughtBack(Event, frozen=True, kw_only=True):
    """A putaway was undone. Subject: the putaway."""

    task_id: UUID
    number: str
    sku: str
    lot: str
    node: str
    bin: str
    quantity: int
    why: str | None
