"""Gift cards and store credit. Amounts are minor units."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agents.contract import Command, Event, State, Task


class IssueGiftCard(Command, frozen=True, kw_only=True):
    """It has no code yet: `CodeGiftCard` gives it one."""

    amount: int
    currency: str
    sold: bool = False  # somebody paid for it; else it is given away
    customer_id: UUID | None = None
    order_id: UUID | None = None  # that it was sold with
    expires_at: datetime | None = None
    note: str | None = None


class CodeGiftCard(Command, frozen=True, kw_only=True):
    """Give it a code, in place of the one it had. Codes are made at the edge; a digest and four signs come here."""

    value_id: UUID
    code_digest: str
    last_four: str
    reason: str = "a code was made"


class AdjustStoredValue(Command, frozen=True, kw_only=True):
    """Put money on it, or take some off; never more than there is."""

    value_id: UUID
    amount: int
    reason: str
    version: int | None = None


class GiveStoreCredit(Command, frozen=True, kw_only=True):
    """Credit for a customer, begun where there is none in the currency. A negative amount takes some off."""

    customer_id: UUID
    amount: int
    currency: str
    reason: str


class BlockGiftCard(Command, frozen=True, kw_only=True):
    """Lost or stolen: it pays for nothing, until it is let go again. What is refunded still goes onto it."""

    value_id: UUID
    blocked: bool
    reason: str
    version: int | None = None


class ExpireStoredValues(Task, frozen=True, kw_only=True):
    """Take off what has expired. Sent by a schedule."""


class StoredValueState(State, frozen=True, kw_only=True):
    id: UUID
    kind: str
    customer_id: UUID | None
    currency: str
    balance: int
    last_four: str | None
    blocked: bool
    expires_at: datetime | None
    version: int
    next: list[str]


class StoredValueChanged(Event, frozen=True, kw_only=True):
    """`amount` is what the balance grew by, `kind` why."""

    value_id: UUID
    kind: str
    customer_id: UUID | None
    currency: str
    amount: int
    balance: int
    move: str
