"""Events that the outside may hear of, under public names that stay when a class is renamed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import NoneType
from typing import Any, get_args, get_origin
from uuid import UUID

import msgspec

from agents.catalog.messages import ProductChanged
from agents.contract import Event
from agents.customers.messages import CustomerErased
from agents.fulfilment.messages import (
    FulfilmentDelivered,
    FulfilmentReady,
    FulfilmentShipped,
    ParcelPacked,
    ParcelUnpacked,
)
from agents.fulfilment.messages.waves import WaveChanged
from agents.inbound.messages.docks import AppointmentBooked, AppointmentChanged
from agents.inbound.messages.inspections import LotJudged, UnitsDisposed
from agents.inbound.messages.notices import AnnouncedDeliveryMoved, DeliveryAnnounced
from agents.inbound.messages.putaways import GoodsBroughtBack, GoodsPutAway
from agents.inbound.messages.receipts import GoodsReceived, GoodsTakenBack, WrongGoodsReceived
from agents.inventory.messages import AllocationsLost, BackordersFilled, GoodsKept, StockChanged
from agents.notifications.messages import NotificationFailed
from agents.orders.messages import (
    LinesCancelled,
    OrderCancelled,
    OrderDelivered,
    OrderEdited,
    OrderHeld,
    OrderMayPart,
    OrderNoted,
    OrderPlaced,
    OrderReleased,
    OrderRerouted,
    OrderShipped,
    OrderShippingPlanned,
    OrderTagged,
)
from agents.orders.messages.substitutes import SubstitutePlaced, SubstituteRefused
from agents.parcels.messages import ParcelExceptionOpened, ParcelExceptionResolved
from agents.parcels.messages.claims import CarrierClaimFiled, CarrierClaimPaid
from agents.parcels.messages.invoices import CarrierInvoiceEntered
from agents.payments.messages import (
    OrderMoney,
    ParcelMoney,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
    PaymentStepDeclined,
    PaymentVoided,
    ReturnMoney,
)
from agents.payments.messages.stored_value import StoredValueChanged
from agents.planning.messages import RoutingPlanApplied, RoutingPlanned
from agents.promising.messages import OrderRepromised
from agents.purchasing.messages.credits import (
    SupplierCreditApproved,
    SupplierCreditCancelled,
    SupplierCreditDisputed,
    SupplierCreditEntered,
    SupplierCreditSettled,
)
from agents.purchasing.messages.invoices import (
    SupplierInvoiceApproved,
    SupplierInvoiceCancelled,
    SupplierInvoiceDisputed,
    SupplierInvoiceEntered,
    SupplierInvoicePaid,
)
from agents.purchasing.messages.orders import (
    PurchaseOrderAmended,
    PurchaseOrderApproved,
    PurchaseOrderCancelled,
    PurchaseOrderConfirmed,
    PurchaseOrderSent,
    PurchaseOrderShortClosed,
)
from agents.purchasing.messages.replenishment import ReplenishmentPlanned
from agents.returns.messages import (
    ReturnApproved,
    ReturnCancelled,
    ReturnClosed,
    ReturnDeclined,
    ReturnHandedOver,
    ReturnReceived,
    ReturnRefunded,
    ReturnRequested,
    UnknownParcelKept,
    UnknownParcelMatched,
)
from agents.returns.messages.claims import ClaimMoved, ParcelHelped, ParcelNotHelped
from agents.returns.messages.dispositions import DispositionDone
from agents.returns.messages.exchanges import ExchangeMoved
from agents.returns.messages.signals import ReturnSignalRaised, ReturnSignalSetAside
from agents.shipping.messages import LabelBought, LabelVoided, ParcelDelivered, ReturnLabelBought, ReturnParcelSeen
from agents.shipping.messages.carriers import LabelNotSold, LabelRefundSettled
from agents.shipping.messages.choosing import CarrierDrifted
from agents.shipping.messages.pickups import ManifestClosed, PickupBooked, PickupCancelled, PickupNotBooked
from agents.shipping.messages.tracking import ParcelTracked
from agents.webhooks.messages import WebhookDisabled

PING = "ping"
_SCOPES = {
    "inventory": "read_stock",
    "inbound": "read_stock",
    "parcels": "read_shipping",
    "planning": "read_orders",
    "promising": "read_orders",
    "returns": "read_orders",
}


@dataclass(frozen=True)
class Published:
    """`personal` are fields that need a scope of their own, `hidden` those that never leave the house."""

    name: str
    message: type[Event]
    what: str
    personal: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        return self.message.__name__

    @property
    def scope(self) -> str:
        """Who may read the noun may hear of it."""
        agent = self.message.__module__.split(".")[1]
        return _SCOPES.get(agent, f"read_{agent}")

    def told(self, payload: Mapping[str, Any], scopes: frozenset[str]) -> tuple[dict[str, Any], list[str]]:
        """What one who holds `scopes` is told of an event, and the scopes that this took."""
        data, needs = {}, {self.scope}
        for name, value in payload.items():
            scope = self.personal.get(name)
            if name in self.hidden or (scope is not None and scope not in scopes):
                continue
            data[name] = value
            needs |= {scope} if scope is not None and value is not None else set()
        return data, sorted(needs)

    def schema(self) -> dict[str, Any]:
        """JSON schema of `data`; personal fields may be missing."""
        told = msgspec.json.schema(self.message)
        inside = told["$defs"][self.kind]
        for name in self.hidden:
            del inside["properties"][name]
        inside["required"] = [n for n in inside.get("required", []) if n not in self.hidden and n not in self.personal]
        defs = {name: s for name, s in told["$defs"].items() if name != self.kind and _mentions(told, name, self)}
        return {**inside, "description": self.what, **({"$defs": defs} if defs else {})}

    def example(self) -> dict[str, Any]:
        return {name: value for name, value in _example_of(self.message).items() if name not in self.hidden}


_P = Published

EVENTS: tuple[Published, ...] = (
    _P("customer.erased", CustomerErased, "A customer was erased: remove what you keep of the person."),
    _P("fulfilment.ready", FulfilmentReady, "A warehouse may pick its part of an order."),
    _P("fulfilment.shipped", FulfilmentShipped, "A warehouse's part of an order has left it."),
    _P("fulfilment.delivered", FulfilmentDelivered, "A warehouse's part of an order has arrived."),
    _P("carrier.drifted", CarrierDrifted, "A service's deliveries departed from what was foreseen of it."),
    _P("label.bought", LabelBought, "A shipping label was bought."),
    _P("label.not_sold", LabelNotSold, "No carrier sold a label for a parcel: it waits for a person."),
    _P("label.refund_settled", LabelRefundSettled, "A carrier gave back, or not, what a voided label cost."),
    _P("label.voided", LabelVoided, "A shipping label was given back."),
    _P("manifest.closed", ManifestClosed, "What left a node with a carrier was listed."),
    _P("pickup.booked", PickupBooked, "A carrier will fetch at a node."),
    _P("pickup.cancelled", PickupCancelled, "A carrier will not come, as it was told."),
    _P("pickup.not_booked", PickupNotBooked, "A carrier will not come though it was asked to: see to it."),
    _P("notification.failed", NotificationFailed, "A mail to a customer was refused for good."),
    _P(
        "order.placed",
        OrderPlaced,
        "An order was placed.",
        {"email": "read_customers"},
        frozenset({"payment", "tenders"}),
    ),
    _P("order.held", OrderHeld, "An order waits for a person or for its payment."),
    _P("order.released", OrderReleased, "Warehouses may work on an order."),
    _P("order.edited", OrderEdited, "Lines or prices of an order were changed."),
    _P("order.rerouted", OrderRerouted, "Units of an order are promised at another node now."),
    _P("order.lines_cancelled", LinesCancelled, "Units of an order were cancelled."),
    _P("order.cancelled", OrderCancelled, "An order was cancelled as a whole."),
    _P("order.shipped", OrderShipped, "Something of an order has left; `complete` says whether all of it has."),
    _P("order.delivered", OrderDelivered, "All of an order has arrived."),
    _P("order.noted", OrderNoted, "Somebody wrote a note on an order."),
    _P("order.tagged", OrderTagged, "The tags of an order were changed."),
    _P(
        "order.repromised",
        OrderRepromised,
        "Units that an order waits for come later than was said, or at no known time.",
    ),
    _P("order.may_part", OrderMayPart, "An order that was to leave as a whole may leave in parts."),
    _P(
        "order.shipping_planned",
        OrderShippingPlanned,
        "Whether an order leaves in one go, or waits for its other units until a day, was changed.",
    ),
    _P("order.money", OrderMoney, "Where all payments of an order stand together, after each change."),
    _P("parcel.packed", ParcelPacked, "A parcel was packed."),
    _P("parcel.unpacked", ParcelUnpacked, "A parcel was taken apart again."),
    _P("parcel.delivered", ParcelDelivered, "The carrier says that a parcel has arrived."),
    _P("parcel.tracked", ParcelTracked, "Where a parcel stands has changed, by its carrier."),
    _P("parcel.in_trouble", ParcelExceptionOpened, "A parcel that has left is in trouble: somebody should look."),
    _P("parcel.out_of_trouble", ParcelExceptionResolved, "A parcel's trouble is over, or was dealt with."),
    _P("parcel.money", ParcelMoney, "Where the refund for a parcel in trouble stands, after each change."),
    _P("claim.filed", CarrierClaimFiled, "A carrier was asked to pay for a parcel."),
    _P("claim.paid", CarrierClaimPaid, "A carrier has paid for a parcel."),
    _P("carrier.billed", CarrierInvoiceEntered, "A carrier's invoice was held against its labels."),
    _P("parcel.helped", ParcelHelped, "How a claim makes the goods of a parcel good, after each change."),
    _P("parcel.not_helped", ParcelNotHelped, "Goods of a parcel could not be made good, or not any longer."),
    _P("payment.authorised", PaymentAuthorised, "Money is held for an order."),
    _P("payment.declined", PaymentDeclined, "A payment was declined."),
    _P("payment.captured", PaymentCaptured, "Money was taken."),
    _P("payment.voided", PaymentVoided, "Held money was let go."),
    _P("payment.refunded", PaymentRefunded, "Money was given back."),
    _P("payment.step_declined", PaymentStepDeclined, "A capture, void or refund did not go through."),
    _P("product.changed", ProductChanged, "A product or its variants were created or changed."),
    _P("purchase.approved", PurchaseOrderApproved, "Somebody whose limit covers it approved a purchase order."),
    _P("purchase.sent", PurchaseOrderSent, "A purchase order went to its supplier."),
    _P("purchase.confirmed", PurchaseOrderConfirmed, "A supplier said when a purchase order will come."),
    _P("purchase.amended", PurchaseOrderAmended, "Lines, charges or dates of a purchase order were changed."),
    _P("purchase.short_closed", PurchaseOrderShortClosed, "The rest of lines of a purchase order will not come."),
    _P("purchase.cancelled", PurchaseOrderCancelled, "A purchase order was cancelled."),
    _P("invoice.entered", SupplierInvoiceEntered, "A supplier's invoice was entered and matched."),
    _P(
        "invoice.disputed",
        SupplierInvoiceDisputed,
        "A supplier was asked about an invoice; it is not paid.",
    ),
    _P("invoice.approved", SupplierInvoiceApproved, "A supplier's invoice may be paid."),
    _P("invoice.paid", SupplierInvoicePaid, "A supplier's invoice was paid."),
    _P("invoice.cancelled", SupplierInvoiceCancelled, "A supplier's invoice was a mistake or was taken back."),
    _P("credit.entered", SupplierCreditEntered, "A supplier's credit note was entered and held against what is owed."),
    _P("credit.disputed", SupplierCreditDisputed, "A supplier was asked about a credit note; it does not count."),
    _P("credit.approved", SupplierCreditApproved, "A supplier's credit note counts: so much less is owed."),
    _P("credit.settled", SupplierCreditSettled, "The money of a credit note has come or was taken off a payment."),
    _P("credit.cancelled", SupplierCreditCancelled, "A supplier's credit note was a mistake or was taken back."),
    _P("purchase.goods_received", GoodsReceived, "Units of a purchase order's line came in."),
    _P("purchase.wrong_goods_received", WrongGoodsReceived, "Something came on a purchase order that was not ordered."),
    _P("purchase.goods_taken_back", GoodsTakenBack, "A receipt was a mistake and was taken back."),
    _P("delivery.announced", DeliveryAnnounced, "A supplier said what is on its way, and when it comes."),
    _P(
        "delivery.moved",
        AnnouncedDeliveryMoved,
        "Announced goods were handed over, are there, are counted, or come at another time.",
    ),
    _P("appointment.booked", AppointmentBooked, "A dock was given to somebody for a time."),
    _P("appointment.changed", AppointmentChanged, "An appointment got another time, dock or status."),
    _P("inspection.judged", LotJudged, "A lot was accepted, or not, by its sample."),
    _P("inspection.disposed", UnitsDisposed, "Rejected units went back, were scrapped, mended or taken at a discount."),
    _P("putaway.done", GoodsPutAway, "Received units were put into a bin."),
    _P("putaway.undone", GoodsBroughtBack, "Units that had been put away came back to where they were received."),
    _P("replenishment.planned", ReplenishmentPlanned, "Every SKU at every node was looked at: what will be missing."),
    _P("routing.planned", RoutingPlanned, "Open orders were planned; nothing has moved yet."),
    _P("routing.applied", RoutingPlanApplied, "The orders of a plan have moved, but for those that changed."),
    _P("return.requested", ReturnRequested, "A customer wants to give goods back."),
    _P("return.approved", ReturnApproved, "Goods may come back."),
    _P("return.label_bought", ReturnLabelBought, "A label for goods that come back was bought."),
    _P("return.parcel_seen", ReturnParcelSeen, "A carrier says that what comes back is on its way, or has arrived."),
    _P("return.handed_over", ReturnHandedOver, "A carrier has scanned what comes back for the first time."),
    _P("return.unknown_parcel", UnknownParcelKept, "A parcel came back that says nothing of whose it is."),
    _P("return.parcel_matched", UnknownParcelMatched, "An unknown parcel was matched with its order."),
    _P("return.declined", ReturnDeclined, "Goods may not come back."),
    _P("return.cancelled", ReturnCancelled, "Goods do not come back after all."),
    _P("return.received", ReturnReceived, "Units that came back were graded."),
    _P("return.money", ReturnMoney, "Where the money of a return stands, after each change."),
    _P("return.refunded", ReturnRefunded, "All that is owed for a return was given back."),
    _P(
        "return.disposed",
        DispositionDone,
        "Units that were not restocked were put right, sold or thrown away.",
    ),
    _P(
        "return.signal_raised",
        ReturnSignalRaised,
        "Something speaks for looking twice at a return.",
    ),
    _P("return.signal_set_aside", ReturnSignalSetAside, "Somebody looked at a signal, and it is nothing."),
    _P("return.closed", ReturnClosed, "A return ended without more money."),
    _P("stock.changed", StockChanged, "What is there, or may be bought, of a SKU at a node has changed."),
    _P("stock.backorders_filled", BackordersFilled, "Units that an order waited for are there now."),
    _P("stock.allocations_lost", AllocationsLost, "Units that were promised to an order turned out not to be there."),
    _P("exchange.moved", ExchangeMoved, "An exchange has got one step further; `status` says how far."),
    _P("claim.moved", ClaimMoved, "A claim was opened, decided, made good or taken back; `status` says which."),
    _P("exchange.goods_kept", GoodsKept, "Goods that go out in exchange are held, or could not be."),
    _P("exchange.ordered", SubstitutePlaced, "The goods that go out for an exchange or a claim were ordered."),
    _P("exchange.not_ordered", SubstituteRefused, "They could not be ordered, or not be called off any more."),
    _P("balance.changed", StoredValueChanged, "The balance of a gift card or of a customer's credit has changed."),
    _P("wave.changed", WaveChanged, "A wave was planned, released to the floor, done or cancelled."),
    _P("webhook.disabled", WebhookDisabled, "A webhook was disabled after too many failures."),
)
BY_NAME = {e.name: e for e in EVENTS}
BY_KIND = {e.kind: e for e in EVENTS}
PATTERNS = ("*", *sorted({f"{e.name.partition('.')[0]}.*" for e in EVENTS}))


def matching(patterns: Iterable[str]) -> list[Published]:
    """Events that `*`, `order.*` and names mean, in the order of the catalogue."""
    wanted = set(patterns)
    return [e for e in EVENTS if wanted & {"*", e.name, f"{e.name.partition('.')[0]}.*"}]


def envelope_example(event: Published) -> dict[str, Any]:
    return {
        "id": "01a204b0-4a6a-7000-af09-6d058ac635cb",
        "type": event.name,
        "at": "2026-03-02T09:00:00Z",
        "subject": "order:01a204b0-4a6a-7000-af09-6d058ac635cc",
        "data": event.example(),
    }


def markdown() -> str:
    """The catalogue as docs/webhooks.md shows it."""
    lines = ["| event | when | `data` | scope |", "|---|---|---|---|"]
    for e in EVENTS:
        names = [f"`{n}`" + (f" (`{e.personal[n]}`)" if n in e.personal else "") for n in e.schema()["properties"]]
        lines.append(f"| `{e.name}` | {e.what} | {', '.join(names)} | `{e.scope}` |")
    return "\n".join(lines)


_WORDS = {
    "tags": "vip",
    "number": "100301", "channel": "web", "currency": "EUR", "status": "held", "email": "ada@example.com",
    "node": "LON", "sku": "ENAMEL-MUG", "why": "card_declined", "reason": "changed mind", "kind": "capture",
    "handle": "enamel-mug", "tracking_number": "1Z999AA10123456784", "skus": "ENAMEL-MUG", "reasons": "payment",
    "tracking": "1Z999AA10123456784", "name": "ERP",
}  # fmt: skip
_NUMBERS = {"quantity": 2, "on_hand": 40, "purchasable": 38, "open": 0, "failures": 15, "line_no": 1}
_AMOUNT = 2200


def _example_of(message: type[msgspec.Struct]) -> dict[str, Any]:
    return {f.name: _example(f.type, f.name) for f in msgspec.structs.fields(message)}


def _example(hint: Any, name: str) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _example_of(hint)
    if get_origin(hint) is list:
        return [_example(get_args(hint)[0], name)]
    if get_origin(hint) is dict or hint is dict:
        return {}
    if hint is UUID:
        return "01a204b0-4a6a-7000-af09-6d058ac635cd"
    if hint is date:
        return "2026-03-02"
    if hint is datetime:
        return "2026-03-02T09:00:00Z"
    if hint is bool:
        return True
    if hint is int:
        return _NUMBERS.get(name, _AMOUNT)
    if hint is str:
        return _WORDS.get(name, name)
    inner = [h for h in get_args(hint) if h is not NoneType]
    return _example(inner[0], name) if inner else None


def _mentions(told: Mapping[str, Any], name: str, event: Published) -> bool:
    inside = told["$defs"][event.kind]["properties"]
    return f"#/$defs/{name}'" in str(inside)
