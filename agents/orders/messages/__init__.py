"""What may be said to the orders agent, and what it says."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task, Undo
from agents.orders.messages.routing import RoutingRule, UnitsMoved


class PlacedLine(msgspec.Struct, frozen=True, kw_only=True):
    """`unit_amount` None takes the catalogue's price in the order's currency. Amounts are minor units."""

    sku: str
    quantity: int
    unit_amount: int | None = None
    discount: int = 0
    tax_rate_ppm: int | None = None


class PaymentGiven(msgspec.Struct, frozen=True, kw_only=True):
    """How the order is paid: `token` of a provider, or `external`/`manual` when the money is elsewhere.

    Of a gift card `token` is its id; the customer's store credit needs none. `amount` None is all that the tenders
    before leave, or what a gift card or store credit has of it when others follow.
    """

    provider: str
    token: str | None = None
    reference: str | None = None
    amount: int | None = None
    security: bool = False  # held until what comes back pays; of an exchange alone


class Paying(Protocol):
    @property
    def payment(self) -> PaymentGiven | None: ...
    @property
    def tenders(self) -> list[PaymentGiven]: ...


def tenders_of(ask: Paying) -> list[PaymentGiven]:
    """What an order is paid with, in the order in which it is used up."""
    return [ask.payment] if ask.payment is not None else ask.tenders


class PlaceOrder(Command, frozen=True, kw_only=True):
    """Place an order, whole or not at all: stock, money and lines are decided in one transaction."""

    channel: str
    currency: str
    lines: list[PlacedLine]
    external_ref: str | None = None
    customer_id: UUID | None = None
    email: str | None = None
    shipping_address: dict[str, Any] = {}
    billing_address: dict[str, Any] | None = None
    tax_inclusive: bool = True
    order_discount: int = 0
    shipping: int = 0
    shipping_tax_ppm: int = 0
    payment: PaymentGiven | None = None
    tenders: list[PaymentGiven] = []  # in place of `payment`: paid with several, in this order
    hold_reference: str | None = None  # the checkout's stock hold, used up by this order
    ship_complete: bool = False
    tags: list[str] = []
    draft: bool = False


class PlaceDraft(Command, frozen=True, kw_only=True):
    """Turn a draft into a placed order, at the prices the draft shows."""

    order_id: UUID
    payment: PaymentGiven | None = None
    tenders: list[PaymentGiven] = []
    hold_reference: str | None = None
    version: int | None = None


class LineQuantity(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    quantity: int


class CancelOrder(Command, frozen=True, kw_only=True):
    """Cancel what has not been picked; `lines` None means everything. Releases stock, returns money."""

    order_id: UUID
    reason: str
    lines: list[LineQuantity] | None = None
    version: int | None = None


class PlanShipping(Command, frozen=True, kw_only=True):
    """Say whether an order leaves in one go (`ship_complete`), and until which day what is there waits for the rest.

    With neither, what is there leaves as soon as it is ready.
    """

    order_id: UUID
    ship_complete: bool
    reason: str
    waits_until: date | None = None
    version: int | None = None


class ShipInParts(Command, frozen=True, kw_only=True):
    """Send what is there of an order that was to leave as a whole."""

    order_id: UUID
    reason: str
    version: int | None = None


class HoldOrder(Command, frozen=True, kw_only=True):
    order_id: UUID
    reason: str  # payment, fraud, address, manual
    note: str | None = None


class ReleaseOrder(Command, frozen=True, kw_only=True):
    """Lift one hold, or every hold when `reason` is None. Without holds left the order is released."""

    order_id: UUID
    reason: str | None = None
    note: str | None = None


class PutHoldTerm(Command, frozen=True, kw_only=True):
    """After so many hours an order that is held for this reason keeps its units no longer; None: as long as it is."""

    reason: str
    hours: int | None
    version: int | None = None


class HoldTermState(State, frozen=True, kw_only=True):
    reason: str
    hours: int | None
    version: int


class LetHeldUnitsGo(Task, frozen=True, kw_only=True):
    """Put units of orders that are held for too long back on sale. Sent by a schedule."""


class TakeUnitsAgain(Task, frozen=True, kw_only=True):
    """An order is held no longer, and the units that it had let go are wanted again."""

    order_id: UUID


class RecallOrder(Command, frozen=True, kw_only=True):
    """Call an order back that is being picked or packed: it is held, taken back to the shelf, then cancelled.

    Answers at once; the timeline tells how it goes. Refused later, when something has left, it goes on.
    """

    order_id: UUID
    reason: str


class PutRuleSet(Command, frozen=True, kw_only=True):
    """Begin a draft of routing rules (no `rule_set_id`), or change one. `channel` `*` is every channel."""

    name: str
    rules: list[RoutingRule]
    channel: str = "*"
    note: str | None = None
    rule_set_id: UUID | None = None
    made_from: int | None = None
    version: int | None = None


class ActivateRuleSet(Command, frozen=True, kw_only=True):
    """Route by it from now on; the set that was active for its channel retires."""

    rule_set_id: UUID
    version: int | None = None


class RetireRuleSet(Command, frozen=True, kw_only=True):
    """Route by it no more. Without another set for its channel, orders go by rank again. A draft is dropped."""

    rule_set_id: UUID
    reason: str | None = None


class TryRules(Command, frozen=True, kw_only=True):
    """What rules would have made of the last orders, beside what the rules in force make of them. Changes nothing.

    Each order is looked at as its stock was when it came.
    """

    rules: list[RoutingRule]
    channel: str = "*"
    orders: int = 100


class PreviewReroute(Command, frozen=True, kw_only=True):
    """What moving units would do: to stock, to parcels, and what stands in its way. Changes nothing."""

    order_id: UUID
    moves: list[UnitsMoved]


class RerouteOrder(Command, frozen=True, kw_only=True):
    """Promise units at another node in place of the one they are promised at. What is picked stays."""

    order_id: UUID
    moves: list[UnitsMoved]
    reason: str
    version: int | None = None


class DrillNode(Command, frozen=True, kw_only=True):
    """What would become of a node's open units if it shipped no more. Changes nothing."""

    node: str


class EmptyNode(Command, frozen=True, kw_only=True):
    """Route the open units of a node that ships no more from other nodes, some orders at a time."""

    node: str
    reason: str


class MoveOutOfNode(Task, frozen=True, kw_only=True):
    """The next orders of a node that is being emptied; `after` is the last one that was done."""

    node: str
    reason: str
    after: UUID | None = None


class RouteMissing(Task, frozen=True, kw_only=True):
    """These allocations wait since their units were short at a node: another one sends them, by the rules in force."""

    order_id: UUID
    allocations: list[UUID]
    node: str
    why: str


class LineChange(msgspec.Struct, frozen=True, kw_only=True):
    """A new line (no `line_no`), or a new quantity for a line (0 cancels it).

    With a `node` its units come from there: those that are added, and those of an old line that are not picked yet.
    """

    quantity: int
    line_no: int | None = None
    node: str | None = None
    sku: str | None = None
    unit_amount: int | None = None
    discount: int = 0


class ProposeEdit(Command, frozen=True, kw_only=True):
    """Preview a change of a placed order: money, stock and what stands in the way. Changes nothing."""

    order_id: UUID
    lines: list[LineChange] = []
    shipping_address: dict[str, Any] | None = None
    shipping: int | None = None
    version: int | None = None


class ApplyEdit(Command, frozen=True, kw_only=True):
    """Do what the preview showed; refused when the order or the stock changed since.

    `payment` pays what the order costs more; without it the order waits until somebody does.
    """

    edit_id: UUID
    payment: PaymentGiven | None = None


class DiscardEdit(Command, frozen=True, kw_only=True):
    edit_id: UUID


class AddNote(Command, frozen=True, kw_only=True):
    order_id: UUID
    body: str


class TagOrder(Command, frozen=True, kw_only=True):
    order_id: UUID
    add: list[str] = []
    remove: list[str] = []


class CloseOrder(Command, frozen=True, kw_only=True):
    order_id: UUID


class HistoricLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it was sold; the SKU need not exist any more. Amounts are minor units."""

    sku: str
    quantity: int
    unit_amount: int
    title: str = ""
    tax_rate_ppm: int = 0
    discount: int = 0
    cancelled: int = 0  # units of it that never left; all of them when the order was cancelled


class HistoricOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order of the past. `status` is one that needs no more work: shipped, delivered, cancelled or closed."""

    channel: str
    currency: str
    placed_at: datetime
    lines: list[HistoricLine]
    status: str = "delivered"
    number: str | None = None  # None: the next of ours
    external_ref: str | None = None
    email: str | None = None
    shipping_address: dict[str, Any] = {}
    tax_inclusive: bool = True
    order_discount: int = 0
    shipping: int = 0
    shipping_tax_ppm: int = 0
    tags: list[str] = []


class ImportOrders(Command, frozen=True, kw_only=True):
    """History with its own dates: no stock, no payment, no messages to anyone. Known references are skipped."""

    orders: list[HistoricOrder]


class AllocationView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    line_no: int
    sku: str
    node: str
    quantity: int
    state: str
    why: str | None = None


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    sku: str
    title: str
    quantity: int
    cancelled: int
    shipped: int
    unit_amount: int
    discount: int
    tax: int
    total: int
    cancelled_amount: int = 0


class OrderState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    status: str
    payment_status: str
    currency: str
    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int  # what was ordered, edits included
    cancelled_total: int = 0
    total_now: int  # `total` without what was cancelled
    version: int
    lines: list[LineView]
    allocations: list[AllocationView]
    holds: list[str]
    next: list[str]  # of place, cancel, hold, release, edit, close
    placed_at: datetime | None = None
    undo: Undo | None = None  # of what was just done, when it has a way back


class ComesFrom(msgspec.Struct, frozen=True, kw_only=True):
    """Units that an edit adds to a line, or moves to another node; `waits`: they do not lie there yet.

    `promised_on` is the day on which they leave, as promised, if the edit is applied now; null where nobody knows.
    """

    sku: str
    node: str
    quantity: int
    waits: bool
    moved_from: str | None = None
    promised_on: date | None = None


class StaysAt(msgspec.Struct, frozen=True, kw_only=True):
    """Units that no edit touches any more, because they are picked or have left."""

    sku: str
    node: str
    quantity: int
    state: str


class EditedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line before and after an edit; amounts are minor units."""

    line_no: int
    sku: str
    quantity_before: int
    quantity_after: int
    total_before: int
    total_after: int
    comes: list[ComesFrom] = []
    stays: list[StaysAt] = []


class EditPreview(State, frozen=True, kw_only=True):
    """`money` before and after in minor units; `stock` per SKU and node; `obstacles` must be empty to apply."""

    id: UUID
    order_id: UUID
    money: dict[str, int]
    stock: list[dict[str, Any]]
    lines: list[EditedLine]
    obstacles: list[str]
    next: list[str]


class ImportedOrders(State, frozen=True, kw_only=True):
    created: int
    skipped: int
    errors: list[dict[str, Any]]  # {"index": n, "error": sentence}


class OrderPlaced(Event, frozen=True, kw_only=True):
    order_id: UUID
    number: str
    channel: str
    currency: str
    total: int
    status: str
    email: str | None = None
    customer_id: UUID | None = None
    payment: PaymentGiven | None = None
    tenders: list[PaymentGiven] = []


class OrderHeld(Event, frozen=True, kw_only=True):
    order_id: UUID
    number: str
    reasons: list[str]


class OrderReleased(Event, frozen=True, kw_only=True):
    """Warehouses may work on what is allocated."""

    order_id: UUID
    number: str


class LinesCancelled(Event, frozen=True, kw_only=True):
    """`amount` is what the cancelled units were worth to the customer, in minor units."""

    order_id: UUID
    number: str
    lines: list[LineQuantity]
    currency: str
    amount: int
    total_now: int
    released: list[UUID]  # allocations
    reason: str


class OrderCancelled(Event, frozen=True, kw_only=True):
    order_id: UUID
    number: str
    reason: str


class OrderEdited(Event, frozen=True, kw_only=True):
    order_id: UUID
    number: str
    currency: str
    total_before: int
    total_now: int


class OrderShippingPlanned(Event, frozen=True, kw_only=True):
    """Whether an order leaves in one go, or waits for its other units until a day, was changed."""

    order_id: UUID
    number: str
    ship_complete: bool
    waits_until: date | None


class OrderMayPart(Event, frozen=True, kw_only=True):
    """An order that was to leave as a whole may leave in parts."""

    order_id: UUID
    number: str


class Rerouted(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    sku: str
    from_node: str
    to_node: str
    quantity: int
    waits: bool  # for stock to come to `to_node`


class OrderRerouted(Event, frozen=True, kw_only=True):
    """Units of the order are promised at another node now."""

    order_id: UUID
    number: str
    moves: list[Rerouted]
    why: str


class OrderShipped(Event, frozen=True, kw_only=True):
    order_id: UUID
    number: str
    complete: bool


class OrderDelivered(Event, frozen=True, kw_only=True):
    order_id: UUID
    number: str


class OrderNoted(Event, frozen=True, kw_only=True):
    """Somebody wrote a note, which whoever may read the order reads there: it often speaks of people."""

    order_id: UUID
    number: str


class OrderTagged(Event, frozen=True, kw_only=True):
    """`tags` are all that are on it now."""

    order_id: UUID
    number: str
    tags: list[str]


class DoOrderRow(Task, frozen=True, kw_only=True):
    """One order of an action on many: say the command `kind` for `actor`, and tell the bulk agent how it went."""

    job_id: UUID
    row_no: int
    kind: str
    body: dict[str, Any]
    actor: str


class JudgeOrders(Command, frozen=True, kw_only=True):
    """What would be refused if the command `kind` were said to each of these orders now. Changes nothing."""

    kind: str
    body: dict[str, Any]
    order_ids: list[UUID]


class WouldRefuse(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    code: str
    sentence: str


class OrdersJudged(State, frozen=True, kw_only=True):
    refused: list[WouldRefuse]


class CloseDelivered(Task, frozen=True, kw_only=True):
    """Close orders that were delivered long enough ago. Sent by a schedule."""

    after_days: int = 30
