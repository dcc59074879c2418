"""What may be said to the purchasing agent, and what it says. Money is minor units of the order's currency."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class PutSupplier(Command, frozen=True, kw_only=True):
    """Create a supplier or change it. Orders that are there keep their own currency and terms."""

    code: str
    name: str
    currency: str
    email: str | None = None
    terms: str = ""
    pay_days: int = 30
    lead_days: int = 14
    order_weekdays: list[int] = msgspec.field(default_factory=lambda: [0, 1, 2, 3, 4])  # Monday is 0
    closed_dates: list[str] = []
    minimum_order: int = 0
    over_ppm: int = 0
    rank: int = 100
    active: bool = True
    version: int | None = None


class PriceBreak(msgspec.Struct, frozen=True, kw_only=True):
    from_quantity: int
    unit_cost: int


class PutSupplierItem(Command, frozen=True, kw_only=True):
    """How a supplier sells one of our SKUs."""

    supplier: str
    sku: str
    unit_cost: int
    supplier_sku: str | None = None  # None: it calls it as we do
    breaks: list[PriceBreak] = []
    minimum_quantity: int = 1
    case_pack: int = 1
    lead_days: int | None = None
    rank: int | None = None
    active: bool = True
    version: int | None = None


class RemoveSupplierItem(Command, frozen=True, kw_only=True):
    """The supplier does not sell the SKU to us any more. Orders that are there stay."""

    supplier: str
    sku: str
    version: int | None = None


class PreferSupplier(Command, frozen=True, kw_only=True):
    """Ask this supplier first for the SKU; the others follow in the order in which they are."""

    supplier: str
    sku: str


class SetApprovalLimit(Command, frozen=True, kw_only=True):
    """Up to which total a role may approve; None takes the right away."""

    role: str
    currency: str
    amount: int | None
    version: int | None = None


class PurchaseLineAsk(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    quantity: int
    unit_cost: int | None = None  # None: the supplier's for this quantity
    discount_ppm: int = 0
    why: str | None = None


class ChargeAsk(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    amount: int
    shared_by: str = "value"


class CreatePurchase(Command, frozen=True, kw_only=True):
    supplier: str
    node: str
    lines: list[PurchaseLineAsk]
    charges: list[ChargeAsk] = []
    expected_at: datetime | None = None
    note: str | None = None


class AmendedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is None stays as it is."""

    line_no: int
    quantity: int | None = None
    unit_cost: int | None = None
    discount_ppm: int | None = None
    expected_at: datetime | None = None


class AmendPurchase(Command, frozen=True, kw_only=True):
    """Change an order. `charges` replace those that were there."""

    purchase_id: UUID
    reason: str
    lines: list[AmendedLine] = []
    add: list[PurchaseLineAsk] = []
    charges: list[ChargeAsk] | None = None
    expected_at: datetime | None = None
    note: str | None = None
    version: int | None = None


class ApprovePurchase(Command, frozen=True, kw_only=True):
    purchase_id: UUID
    version: int | None = None


class SendPurchase(Command, frozen=True, kw_only=True):
    """The supplier has it from now on; dates that nobody has said follow from the quoted lead time."""

    purchase_id: UUID
    version: int | None = None


class ConfirmedLine(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    expected_at: datetime


class ConfirmPurchase(Command, frozen=True, kw_only=True):
    """What the supplier has promised; said again, the dates move."""

    purchase_id: UUID
    expected_at: datetime | None = None  # of lines that are not named
    lines: list[ConfirmedLine] = []
    reference: str | None = None
    version: int | None = None


class ShortClosePurchase(Command, frozen=True, kw_only=True):
    """The rest of the lines named, or of all, will not come."""

    purchase_id: UUID
    reason: str
    lines: list[int] = []
    version: int | None = None


class CancelPurchase(Command, frozen=True, kw_only=True):
    purchase_id: UUID
    reason: str
    version: int | None = None


class SupplierState(State, frozen=True, kw_only=True):
    code: str
    name: str
    currency: str
    active: bool
    version: int
    created: bool = False


class SupplierItemState(State, frozen=True, kw_only=True):
    supplier: str
    sku: str
    supplier_sku: str
    unit_cost: int
    breaks: list[PriceBreak]
    minimum_quantity: int
    case_pack: int
    rank: int | None
    active: bool
    version: int
    created: bool = False


class SupplierItemRemoved(State, frozen=True, kw_only=True):
    supplier: str
    sku: str


class ApprovalLimitState(State, frozen=True, kw_only=True):
    role: str
    currency: str
    amount: int | None


class PurchaseState(State, frozen=True, kw_only=True):
    """Lines: line_no, sku, ordered, received, closed_short, open, unit_cost, discount_ppm, total, landed (with its
    share of the charges), landed_unit, expected_at. Charges: charge_no, name, amount, shared_by."""

    id: UUID
    number: str
    supplier: str
    node: str
    currency: str
    status: str
    subtotal: int
    charges_total: int
    total: int
    approved_total: int | None
    expected_at: datetime | None
    version: int
    lines: list[dict[str, Any]]
    charges: list[dict[str, Any]]
    next: list[str]


class InvoicedLineAsk(msgspec.Struct, frozen=True, kw_only=True):
    """`total` is None where it is quantity times unit cost, and less where there is a discount."""

    line_no: int  # of the purchase order
    quantity: int
    unit_cost: int
    total: int | None = None


class EnterSupplierInvoice(Command, frozen=True, kw_only=True):
    """`total` is what is printed, and has to be the sum of the rest."""

    purchase_id: UUID
    number: str
    billed_on: date
    lines: list[InvoicedLineAsk]
    total: int
    charges: int = 0
    tax: int = 0
    due_on: date | None = None  # None: after the supplier's days to pay


class ApproveSupplierInvoice(Command, frozen=True, kw_only=True):
    invoice_id: UUID
    version: int | None = None


class AcceptDifferences(Command, frozen=True, kw_only=True):
    """Approve an invoice although it differs."""

    invoice_id: UUID
    reason: str
    version: int | None = None


class DisputeSupplierInvoice(Command, frozen=True, kw_only=True):
    invoice_id: UUID
    reason: str
    version: int | None = None


class PaySupplierInvoice(Command, frozen=True, kw_only=True):
    invoice_id: UUID
    paid_on: date
    reference: str
    version: int | None = None


class CancelSupplierInvoice(Command, frozen=True, kw_only=True):
    invoice_id: UUID
    reason: str
    version: int | None = None


class SetMatchTolerance(Command, frozen=True, kw_only=True):
    """How far invoices may differ unasked; an empty supplier is all that have none of their own."""

    supplier: str
    currency: str
    price_ppm: int = 0
    amount: int = 0
    units: int = 0
    version: int | None = None


class MatchToleranceState(State, frozen=True, kw_only=True):
    supplier: str
    currency: str
    price_ppm: int
    amount: int
    units: int
    version: int


class SupplierInvoiceState(State, frozen=True, kw_only=True):
    """Differences: kind, line_no, sku, billed, expected, amount, allowed, within, why."""

    id: UUID
    number: str
    supplier: str
    purchase_id: UUID
    currency: str
    status: str
    total: int
    due_on: date
    differences: list[dict[str, Any]]
    version: int
    next: list[str]


class SupplierInvoiceEntered(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    purchase_id: UUID
    currency: str
    total: int
    status: str


class SupplierInvoiceDisputed(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    why: str


class SupplierInvoiceApproved(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    currency: str
    total: int
    due_on: date
    accepted_why: str | None


class SupplierInvoicePaid(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    currency: str
    total: int
    reference: str


class SupplierInvoiceCancelled(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    why: str


class PurchaseOrderApproved(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    currency: str
    total: int


class PurchaseOrderSent(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    node: str
    currency: str
    total: int
    expected_at: datetime | None


class PurchaseOrderConfirmed(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    expected_at: datetime | None


class PurchaseOrderAmended(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    why: str
    total: int


class PurchaseOrderShortClosed(Event, frozen=True, kw_only=True):
    """`lines` will get no more."""

    purchase_id: UUID
    number: str
    supplier: str
    lines: list[int]
    why: str


class PurchaseOrderCancelled(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    why: str


class PutReplenishmentClass(Command, frozen=True, kw_only=True):
    """How SKUs of a class are kept where no rule says otherwise."""

    code: str
    policy: str
    service_ppm: int
    measured_by: str = "fill"
    review_days: int = 1
    order_cost: int = 1000
    holding_ppm: int = 250_000
    version: int | None = None


class ReplenishmentClassState(State, frozen=True, kw_only=True):
    code: str
    policy: str
    service_ppm: int
    version: int


class PutReplenishmentRule(Command, frozen=True, kw_only=True):
    """Keep one SKU at one node otherwise than its class; what is None follows from the class."""

    node: str
    sku: str
    policy: str | None = None
    service_ppm: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    lot: int | None = None
    review_days: int | None = None
    supplier: str | None = None
    snoozed_until: date | None = None
    why: str | None = None
    version: int | None = None


class ReplenishmentRuleState(State, frozen=True, kw_only=True):
    node: str
    sku: str
    policy: str | None
    version: int
    created: bool


class RemoveReplenishmentRule(Command, frozen=True, kw_only=True):
    """Keep the SKU at the node as its class again."""

    node: str
    sku: str
    version: int | None = None


class ReplenishmentRuleRemoved(State, frozen=True, kw_only=True):
    node: str
    sku: str


class ReplayRule(Command, frozen=True, kw_only=True):
    """What would have been under a rule over the last days, beside what holds now. Changes nothing."""

    proposed: PutReplenishmentRule
    days: int


class ReplayClass(Command, frozen=True, kw_only=True):
    """The same for the places of a class, or a sample of them. What a rule says of one of them stays."""

    proposed: PutReplenishmentClass
    days: int


class ReplayedDay(msgspec.Struct, frozen=True, kw_only=True):
    """Units; `stock` at the end of the day."""

    day: date
    demand: int
    stock: int
    short: int
    ordered: int
    arrived: int


class ReplayedCost(msgspec.Struct, frozen=True, kw_only=True):
    """Over all days: `total` is `holding` and `ordering`; `stock` (on average) and `short` are units at unit cost."""

    currency: str
    holding: int
    ordering: int
    total: int
    stock: int
    short: int


class ReplayedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Terms that are not the same at all places are null; levels are those of the last day, of one place alone."""

    policy: str | None
    service_ppm: int | None
    review_days: int | None
    point: int | None
    up_to: int | None
    lot: int | None
    served: int
    short: int
    fill_ppm: int
    stock_out_days: int
    average_milli: int
    orders: int
    ordered: int
    costs: list[ReplayedCost]
    path: list[ReplayedDay]


class ReplayedLead(msgspec.Struct, frozen=True, kw_only=True):
    """Days that orders to a supplier took in the replay: on average, and 95 of 100."""

    supplier: str | None
    mean_days: int
    late_days: int
    places: int


class ReplayState(State, frozen=True, kw_only=True):
    """`current` and `proposed` over the same demand. Of one SKU at one node, or of `places` out of `places_of`."""

    class_code: str
    sku: str | None
    node: str | None
    since: date
    until: date
    days: int
    warm_up_days: int
    places: int
    places_of: int
    demand: int
    censored_days: int
    lead_times: list[ReplayedLead]
    current: ReplayedPolicy
    proposed: ReplayedPolicy
    caveats: list[str]


class AskForPlan(Command, frozen=True, kw_only=True):
    """Plan everything now."""


class PlanReplenishment(Task, frozen=True, kw_only=True):
    """Plan every SKU at every node. Without a run somebody asked for, it is one of a schedule."""

    run_id: UUID | None = None


class RunState(State, frozen=True, kw_only=True):
    id: UUID
    status: str


class EditSuggestion(Command, frozen=True, kw_only=True):
    """Order another quantity than the plan says."""

    suggestion_id: UUID
    quantity: int
    reason: str
    version: int | None = None


class OrderSuggestions(Command, frozen=True, kw_only=True):
    """Draft one purchase order for each supplier and node, and one transfer for each pair of nodes."""

    suggestions: list[UUID]


class SnoozeSuggestions(Command, frozen=True, kw_only=True):
    suggestions: list[UUID]
    until: date
    reason: str


class RejectSuggestions(Command, frozen=True, kw_only=True):
    """They do not come back on the same day under the same policy."""

    suggestions: list[UUID]
    reason: str


class SuggestionState(State, frozen=True, kw_only=True):
    id: UUID
    status: str
    quantity: int
    chosen: int | None
    version: int
    next: list[str]


class SuggestionsState(State, frozen=True, kw_only=True):
    """What was made of them.

    `purchases`: id, number, supplier, node, currency, total, lines, why. `transfers`: id, from_node, to_node, lines.
    """

    suggestions: list[UUID]
    status: str
    purchases: list[dict[str, Any]] = []
    transfers: list[dict[str, Any]] = []
