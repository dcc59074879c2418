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
from agents.inbound.messages import (
    AnnouncedDeliveryMoved,
    DeliveryAnnounced,
    GoodsBroughtBack,
    GoodsPutAway,
    GoodsReceived,
    GoodsTakenBack,
    LotJudged,
    UnitsDisposed,
    WrongGoodsReceived,
)
from agents.inventory.messages import AllocationsLost, BackordersFilled, StockChanged
from agents.notifications.messages import NotificationFailed
from agents.orders.messages import (
    LinesCancelled,
    OrderCancelled,
    OrderDelivered,
    OrderEdited,
    OrderHeld,
    OrderNoted,
    OrderPlaced,
    OrderReleased,
    OrderShipped,
    OrderTagged,
)
from agents.payments.messages import (
    OrderMoney,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
    PaymentStepDeclined,
    PaymentVoided,
)
from agents.purchasing.messages import (
    PurchaseOrderAmended,
    PurchaseOrderApproved,
    PurchaseOrderCancelled,
    PurchaseOrderConfirmed,
    PurchaseOrderSent,
    PurchaseOrderShortClosed,
    SupplierInvoiceApproved,
    SupplierInvoiceCancelled,
    SupplierInvoiceDisputed,
    SupplierInvoiceEntered,
    SupplierInvoicePaid,
)
from agents.shipping.messages import LabelBought, LabelVoided, ParcelDelivered
from agents.webhooks.messages import WebhookDisabled

PING = "ping"
_SCOPES = {"inventory": "read_stock", "inbound": "read_stock"}


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
    _P("label.bought", LabelBought, "A shipping label was bought."),
    _P("label.voided", LabelVoided, "A shipping label was given back."),
    _P("notification.failed", NotificationFailed, "A mail to a customer was refused for good."),
    _P("order.placed", OrderPlaced, "An order was placed.", {"email": "read_customers"}, frozenset({"payment"})),
    _P("order.held", OrderHeld, "An order waits for a person or for its payment."),
    _P("order.released", OrderReleased, "Warehouses may work on an order."),
    _P("order.edited", OrderEdited, "Lines or prices of an order were changed."),
    _P("order.lines_cancelled", LinesCancelled, "Units of an order were cancelled."),
    _P("order.cancelled", OrderCancelled, "An order was cancelled as a whole."),
    _P("order.shipped", OrderShipped, "Something of an order has left; `complete` says whether all of it has."),
    _P("order.delivered", OrderDelivered, "All of an order has arrived."),
    _P("order.noted", OrderNoted, "Somebody wrote a note on an order."),
    _P("order.tagged", OrderTagged, "The tags of an order were changed."),
    _P("order.money", OrderMoney, "Where all payments of an order stand together, after each change."),
    _P("parcel.packed", ParcelPacked, "A parcel was packed."),
    _P("parcel.unpacked", ParcelUnpacked, "A parcel was taken apart again."),
    _P("parcel.delivered", ParcelDelivered, "The carrier says that a parcel has arrived."),
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
    _P("purchase.goods_received", GoodsReceived, "Units of a purchase order's line came in."),
    _P("purchase.wrong_goods_received", WrongGoodsReceived, "Something came on a purchase order that was not ordered."),
    _P("purchase.goods_taken_back", GoodsTakenBack, "A receipt was a mistake and was taken back."),
    _P("delivery.announced", DeliveryAnnounced, "A supplier said what is on its way, and when it comes."),
    _P("delivery.moved", AnnouncedDeliveryMoved, "Announced goods were handed over, are there, or are counted."),
    _P("inspection.judged", LotJudged, "A lot was accepted, or not, by its sample."),
    _P("inspection.disposed", UnitsDisposed, "Rejected units went back, were scrapped, mended or taken at a discount."),
    _P("putaway.done", GoodsPutAway, "Received units were put into a bin."),
    _P("putaway.undone", GoodsBroughtBack, "Units that had been put away came back to where they were received."),
    _P("stock.changed", StockChanged, "What is there, or may be bought, of a SKU at a node has changed."),
    _P("stock.backorders_filled", BackordersFilled, "Units that an order waited for are there now."),
    _P("stock.allocations_lost", AllocationsLost, "Units that were promised to an order turned out not to be there."),
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
