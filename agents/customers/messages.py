"""What may be said to the customers agent, and what it says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from agents.contract import Command, Event, State


class PutCustomer(Command, frozen=True, kw_only=True):
    """Create a customer, or change the one with this id, reference or e-mail."""

    id: UUID | None = None
    external_ref: str | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    addresses: list[dict[str, Any]] | None = None
    class_: str | None = None
    tags: list[str] | None = None
    version: int | None = None


class EraseCustomer(Command, frozen=True, kw_only=True):
    """Remove a person's data; their orders stay, without a name."""

    customer_id: UUID
    reason: str


class CustomerState(State, frozen=True, kw_only=True):
    id: UUID
    email: str | None
    name: str | None
    version: int
    created: bool
    next: list[str]


class CustomerErased(Event, frozen=True, kw_only=True):
    """Whoever keeps copies of the person's data removes them. `orders` are theirs, by name or by e-mail."""

    customer_id: UUID
    orders: list[UUID] = []
