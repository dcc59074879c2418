"""What may be said about carrier accounts, their rates, and labels that are bought from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from agents.contract import Command, Event, State, Task


class PutCarrierAccount(Command, frozen=True, kw_only=True):
    """`sealed` are the credentials under `db.sealing`, with the `hint` a person knows them by; None keeps them."""

    code: str
    name: str
    provider: str
    mode: str
    services: list[str] = []
    nodes: list[str] = []
    enabled: bool = True
    time_limit_ms: int = 5000
    calls_per_minute: int | None = None
    tolerance_ppm: int = 50_000
    options: dict[str, Any] = {}
    sealed: str | None = None
    hint: str = ""
    version: int | None = None


class RemoveCarrierAccount(Command, frozen=True, kw_only=True):
    code: str


class TryCarrierAccount(Command, frozen=True, kw_only=True):
    """Ask an account what it would take for a made-up parcel; nothing is bought. Weight in grams, sides in mm."""

    code: str
    node: str
    country: str
    postcode: str = ""
    city: str = ""
    region: str = ""
    line1: str = ""
    weight_grams: int = 1000
    sides_mm: tuple[int, int, int] = (0, 0, 0)


class AskCarriers(Command, frozen=True, kw_only=True):
    """Ask every account that may take the parcel anew, in the background."""

    parcel_id: UUID


class GiveUpPurchase(Command, frozen=True, kw_only=True):
    """Wait no longer for a carrier that does not say whether it sold a label; another one may be bought then."""

    purchase_id: UUID
    reason: str


class AskRefundAgain(Command, frozen=True, kw_only=True):
    label_id: UUID
    reason: str


class GatherRates(Task, frozen=True, kw_only=True):
    parcel_id: UUID


class MakeTrial(Task, frozen=True, kw_only=True):
    """Names no person: the address is made up."""

    quote_id: UUID
    ask: TryCarrierAccount


class CarryOutPurchase(Task, frozen=True, kw_only=True):
    purchase_id: UUID


class GiveLabelBack(Task, frozen=True, kw_only=True):
    label_id: UUID


class ReconcileLabels(Task, frozen=True, kw_only=True):
    """Look at purchases and refunds that are due."""


class CarrierAccountState(State, frozen=True, kw_only=True):
    code: str
    version: int
    enabled: bool


class CarrierAccountRemoved(State, frozen=True, kw_only=True):
    code: str


class TrialState(State, frozen=True, kw_only=True):
    """`answered_at` is null while the carrier is asked; the id is that of the quote that will say."""

    id: UUID
    account: str


class RatesAsked(State, frozen=True, kw_only=True):
    """How many accounts are being asked."""

    parcel_id: UUID
    accounts: int


class PurchaseGivenUp(State, frozen=True, kw_only=True):
    id: UUID
    status: str


class RefundAsked(State, frozen=True, kw_only=True):
    id: UUID
    refund: str


class LabelNotSold(Event, frozen=True, kw_only=True):
    """No carrier sold a label; the parcel waits for a person."""

    purchase_id: UUID
    parcel_id: UUID
    order_id: UUID
    why: str
    at: datetime


class LabelRefundSettled(Event, frozen=True, kw_only=True):
    """What came back for a voided label: granted or refused."""

    label_id: UUID
    order_id: UUID
    refund: str
    amount: int
    currency: str
    why: str
