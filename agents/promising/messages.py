"""What may be said to the promising agent, and what it answers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class AvailabilityQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of a SKU; without a node from whichever is best, without a channel for one without buffers."""

    sku: str
    quantity: int = 1
    node: str | None = None
    channel: str | None = None


class AskAvailability(Command, frozen=True, kw_only=True):
    """What can be promised, from where, by when. Nothing is kept or written."""

    questions: list[AvailabilityQuestion]


class AvailableStep(msgspec.Struct, frozen=True, kw_only=True):
    """From this day on so many units can leave together: as promised, four times of five."""

    on: date
    units: int


class ComingSupply(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery on its way: half of the like have come by `likely_on`, four of five, and nineteen of twenty."""

    sku: str
    source: str
    units: int
    likely_on: date
    promised_on: date
    safe_on: date


class NodeAvailability(msgspec.Struct, frozen=True, kw_only=True):
    """`orderable` is what an order placed now could have, with what may be promised beyond stock."""

    node: str
    units_now: int
    orderable: int
    waiting: int
    kept: int
    ships_on: date
    likely_on: date | None
    promised_on: date | None
    safe_on: date | None
    short: int
    by: list[AvailableStep]
    coming: list[ComingSupply]


class QuestionRefused(msgspec.Struct, frozen=True, kw_only=True):
    """Why one of the questions has no answer; the others have theirs."""

    code: str
    message: str


class AvailabilityAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`node` is the one that could send all of it first; null when only several together could, or nobody."""

    sku: str
    quantity: int
    channel: str | None
    error: QuestionRefused | None
    units_now: int
    orderable: int
    node: str | None
    splits: bool
    likely_on: date | None
    promised_on: date | None
    safe_on: date | None
    release_on: date | None
    nodes: list[NodeAvailability]


class AvailabilityState(State, frozen=True, kw_only=True):
    """Answers in the order of the questions."""

    as_of: datetime
    answers: list[AvailabilityAnswer]


class PutChannelBuffer(Command, frozen=True, kw_only=True):
    """Units that are not sold through a channel; `*` is any channel, SKU or node."""

    channel: str
    sku: str = "*"
    node: str = "*"
    units: int = 0
    ppm: int = 0
    version: int | None = None


class RemoveChannelBuffer(Command, frozen=True, kw_only=True):
    channel: str
    sku: str = "*"
    node: str = "*"
    version: int | None = None


class ChannelBufferState(State, frozen=True, kw_only=True):
    channel: str
    sku: str
    node: str
    units: int
    ppm: int
    version: int
    created: bool = False
    removed: bool = False


class PriorityClass(msgspec.Struct, frozen=True, kw_only=True):
    """Those whose `customer` or `order` (`of`) has the tag, or whose customer is of that `class`."""

    tag: str
    of: str = "customer"


class PutFillPolicy(Command, frozen=True, kw_only=True):
    """Who gets arriving units at a node, or (`*`) at every node without a policy of its own."""

    node: str
    ranking: list[str]
    classes: list[PriorityClass] = []
    most_passed: int = 3
    most_days: int | None = None
    version: int | None = None


class RemoveFillPolicy(Command, frozen=True, kw_only=True):
    node: str
    version: int | None = None


class FillPolicyState(State, frozen=True, kw_only=True):
    node: str
    ranking: list[str]
    classes: list[PriorityClass]
    most_passed: int
    most_days: int | None
    version: int
    created: bool = False
    removed: bool = False


class ShowQueue(Command, frozen=True, kw_only=True):
    """Who waits at a place, in the order in which they are served, and what is coming. Nothing is written."""

    sku: str
    node: str


class SimulateFill(Command, frozen=True, kw_only=True):
    """Who would get so many units, if they came now. Nothing is written."""

    sku: str
    node: str
    units: int


class QueuedShare(msgspec.Struct, frozen=True, kw_only=True):
    """One who waits; `given` is what they get of the units that are asked about, `why` why they stand there."""

    allocation_id: UUID
    order_id: UUID
    order_number: str
    channel: str
    wanted: int
    given: int
    rule: str
    why: str
    placed_at: datetime
    likely_on: date | None
    promised_on: date | None
    safe_on: date | None
    passed: int
    moved_up_at: datetime | None
    moved_up_why: str | None
    class_name: str | None


class QueueState(State, frozen=True, kw_only=True):
    """`free` lies there for nobody (kept from the channels of those who wait), `units` were asked about."""

    sku: str
    node: str
    units: int
    free: int
    waiting: int
    given: int
    policy: FillPolicyState
    policy_of: str | None
    queue: list[QueuedShare]
    coming: list[ComingSupply]


class MoveUpBackorder(Command, frozen=True, kw_only=True):
    """Let units that wait go before the others; the reason is kept with what they get."""

    allocation_id: UUID
    reason: str


class MoveBackBackorder(Command, frozen=True, kw_only=True):
    """Put them back into their turn."""

    allocation_id: UUID
    reason: str


class BackorderState(State, frozen=True, kw_only=True):
    allocation_id: UUID
    order_id: UUID
    sku: str
    node: str
    units: int
    moved_up_at: datetime | None
    moved_up_why: str | None


class PreviewRelease(Command, frozen=True, kw_only=True):
    """What another day of release would do to those who wait for a SKU; nothing is written. None: it leaves at once."""

    sku: str
    release_on: date | None = None


class ReleaseMoved(msgspec.Struct, frozen=True, kw_only=True):
    """One who waits; `days` more until it leaves, fewer where negative, null where no day was or would be known."""

    order_id: UUID
    number: str
    node: str
    units: int
    before_on: date | None
    after_on: date | None
    days: int | None


class ReleasePreview(State, frozen=True, kw_only=True):
    """`rows` are those that move, the farthest first, a hundred at most."""

    sku: str
    release_on: date | None
    waiting: int
    later: int
    sooner: int
    most_days_later: int
    rows: list[ReleaseMoved]


class AcceptPromise(Command, frozen=True, kw_only=True):
    """Whoever was promised an earlier day waits for the later one: it is late no longer, unless it moves again."""

    allocation_id: UUID
    reason: str


class PromiseState(State, frozen=True, kw_only=True):
    allocation_id: UUID
    order_id: UUID
    sku: str
    node: str
    units: int
    promised_on: date | None
    accepted_on: date | None


class PlaceAsk(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    node: str


class Repromise(Task, frozen=True, kw_only=True):
    """Work out anew when those who wait at the places are served."""

    places: list[PlaceAsk]
    why: str


class RepromiseAll(Task, frozen=True, kw_only=True):
    """Every place where anybody waits: days pass, and what was to come may not have come."""


class OrderRepromised(Event, frozen=True, kw_only=True):
    """Units of an order leave later than was said, or nobody knows when (`after_on` is null)."""

    order_id: UUID
    number: str
    allocation_id: UUID
    sku: str
    node: str
    units: int
    before_on: date
    after_on: date | None
    likely_on: date | None
    safe_on: date | None
    why: str
