"""What speaks for looking twice at somebody's returns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from agents.contract import Command, Event, State


class SetSignalAside(Command, frozen=True, kw_only=True):
    """It is nothing: it changes no path any more."""

    signal_id: UUID
    reason: str
    version: int | None = None


class ReturnSignalState(State, frozen=True, kw_only=True):
    id: UUID
    kind: str
    status: str
    return_id: UUID
    order_id: UUID
    customer_id: UUID | None
    line_no: int
    sku: str | None
    why: str
    facts: dict[str, Any]
    version: int
    next: list[str]


class ReturnSignalRaised(Event, frozen=True, kw_only=True):
    """Something speaks for looking twice; `facts` are the numbers behind it."""

    signal_id: UUID
    kind: str
    return_id: UUID
    order_id: UUID
    customer_id: UUID | None
    number: str
    sku: str | None
    why: str
    facts: dict[str, Any]


class ReturnSignalSetAside(Event, frozen=True, kw_only=True):
    signal_id: UUID
    kind: str
    return_id: UUID
    order_id: UUID
    customer_id: UUID | None
    number: str
    reason: str
