"""Orders that go out in place of goods that came back or never came."""

from __future__ import annotations

from uuid import UUID

from agents.contract import Event, Task
from agents.orders.messages import PlaceOrder


class PlaceSubstitute(Task, frozen=True, kw_only=True):
    """`source_id` is the exchange or claim that it is for."""

    source_id: UUID
    ask: PlaceOrder


class CancelSubstitute(Task, frozen=True, kw_only=True):
    source_id: UUID
    order_id: UUID
    reason: str


class SubstitutePlaced(Event, frozen=True, kw_only=True):
    source_id: UUID
    order_id: UUID
    number: str


class SubstituteRefused(Event, frozen=True, kw_only=True):
    """The order could not be placed, or not be called off any more."""

    source_id: UUID
    why: str
