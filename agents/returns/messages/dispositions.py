"""What becomes of units that came back. Amounts are minor units of the order's currency, for one unit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


class WeighReturn(Command, frozen=True, kw_only=True):
    """What each choice would bring for the units of a return that still come; changes nothing."""

    return_id: UUID


class WeighedChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit brings under a choice: `value = gets - cost - freight`, and `gets = of · share · chance`.

    `value` is null where it cannot be chosen; `why` says why not.
    """

    choice: str
    of: int = 0  # the resale value without tax, or for a vendor what the unit cost
    share_ppm: int = 0
    chance_ppm: int = 0
    gets: int = 0
    cost: int = 0
    freight: int = 0
    value: int | None = None
    supplier: str | None = None
    why: str | None = None


class GradeChoices(msgspec.Struct, frozen=True, kw_only=True):
    """The choices for a unit of a line if it is graded so, the best first."""

    line_no: int
    grade: str
    choices: list[WeighedChoice]


class ReturnChoices(State, frozen=True, kw_only=True):
    return_id: UUID
    currency: str
    grades: list[GradeChoices]


class ChangeDisposition(Command, frozen=True, kw_only=True):
    """Something else is to become of units that wait."""

    disposition_id: UUID
    choice: str
    reason: str
    version: int | None = None


class DoDisposition(Command, frozen=True, kw_only=True):
    """It is done: what is put right goes on sale, all else leaves."""

    disposition_id: UUID
    bin: str | None = None  # None: the node's pick face, for what goes on sale
    note: str | None = None
    version: int | None = None


class DispositionState(State, frozen=True, kw_only=True):
    id: UUID
    return_id: UUID
    line_no: int
    node: str
    sku: str
    grade: str
    quantity: int
    choice: str
    best: str
    why: str | None
    value: int
    currency: str
    supplier: str | None
    status: str
    version: int
    next: list[str]


class DispositionDone(Event, frozen=True, kw_only=True):
    """Units that came back and were not restocked were put right, sold elsewhere, sent on or thrown away."""

    disposition_id: UUID
    return_id: UUID
    order_id: UUID
    number: str
    sku: str
    quantity: int
    choice: str
    supplier: str | None


class DispositionRuleAsk(msgspec.Struct, frozen=True, kw_only=True):
    """See `db.return_dispositions.DispositionRule`."""

    grade: str
    choice: str
    category: str | None = None
    currency: str | None = None
    share_ppm: int = 0
    chance_ppm: int = 1_000_000
    cost_ppm: int = 0
    cost_amount: int = 0
    freight_amount: int = 0


class AddDispositionTerms(Command, frozen=True, kw_only=True):
    """A new version, in force from now; what was decided before stays."""

    rules: list[DispositionRuleAsk]
    vendors: list[str] = []
    note: str | None = None


class DispositionTermsState(State, frozen=True, kw_only=True):
    version: int
    created_at: datetime
    rules: int
    vendors: list[Any]
