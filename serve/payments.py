"""Payments over HTTP, and the door for the providers' webhooks. Amounts are minor units."""

from __future__ import annotations

from uuid import UUID

import msgspec
from pydantic import Field as Described
from sqlalchemy import join
from starlette.requests import Request
from starlette.responses import Response

from agents.contract import Asked, encode, unwrap
from agents.payments.messages import (
    AuthorisePayment,
    CapturePayment,
    ChangeTender,
    PaymentView,
    RecordManualPayment,
    RefundLimitState,
    RefundPayment,
    SetRefundLimit,
    TakeWebhook,
    VoidPayment,
    WebhookTaken,
)
from db.errors import NotFound
from db.orders import Order, OrderStatus
from db.payments import BEFORE_LEAVING, EntryKind, EntryState, Payment, PaymentEntry, PaymentState, RefundLimit
from serve.edge import edge_of, request_id_of
from serve.fields import field, fields
from serve.gift_codes import TokenMissing, name_cards
from serve.listing import Listing, Related, Row
from serve.order_view import order_id_of
from serve.requests import json_answer, sending, version_of
from serve.routing import Public, Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, Code, Currency, Flag, Reason, Reference, Version, answer_shape, message

routes = Routes("payments")


Paid = answer_shape(PaymentView)


def _next(row: Row) -> Row:
    """What the amounts leave open; the agent has the last word."""
    steps = {
        "capture": row["state"] in ("authorised", "captured") and row["captured"] < row["authorised"],
        "void": row["state"] == "authorised" and row["captured"] == 0,
        "refund": row["captured"] > row["refunded"],
        "change": row["state"] in ("authorised", "captured", "declined") and row["order_status"] in BEFORE_LEAVING,
    }
    return {**row, "next": [step for step, possible in steps.items() if possible]}


PAYMENTS = Listing(
    "Payment",
    join(Payment, Order, Order.id == Payment.order_id, isouter=True),
    {
        **fields(
            Payment,
            "id order_id provider provider_ref currency amount authorised captured refunded state replaces let_go "
            "error version created_at updated_at",
            state=PaymentState,
        ),
        "order_number": field(Order.number, nullable=True),
        "order_status": field(Order.status, choices=OrderStatus, nullable=True),
    },
    sortable=("created_at", "updated_at", "amount", "state"),
    sort="-created_at",
    key=("id",),
    expand={
        "entries": Related(
            PaymentEntry.payment_id,
            fields(
                PaymentEntry,
                "id kind state amount currency provider_ref code message attempts cause goodwill return_id value_id "
                "moved_to actor at settled_at",
                kind=EntryKind,
                state=EntryState,
            ),
            (PaymentEntry.at, PaymentEntry.id),
        )
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
PaymentRow = PAYMENTS.row_shape()

Positive = Described(strict=True, ge=1, le=10**12, description="Minor units of the currency")


REFUND_LIMITS = Listing(
    "RefundLimit",
    RefundLimit,
    fields(RefundLimit, "role currency amount version updated_at"),
    sortable=("role", "currency", "amount"),
    sort="role",
    key=("role", "currency"),
)


class RefundLimitBody(Ask):
    amount: Amount | None
    version: Version | None = None


class NewPayment(Ask):
    """Of a gift card `code` is what is written on it, or `token` its id; the customer's store credit needs neither."""

    provider: Code = Described(examples=["test"])
    token: Reference | None = Described(None, description="The provider's token for the instrument; never a card")
    code: Reference | None = None
    amount: int = Positive
    currency: Currency


class OtherTender(Ask):
    """As a new payment, over all that the order is worth."""

    provider: Code = Described(examples=["gift_card"])
    token: Reference | None = Described(None, description="The provider's token for the instrument; never a card")
    code: Reference | None = None


class ManualPayment(Ask):
    amount: int = Positive
    currency: Currency
    reference: Reference = Described(examples=["bank transfer 2026-03-02"])


class CaptureBody(Ask):
    amount: int | None = Described(None, strict=True, ge=1, le=10**12, description="Null: all that is authorised")


class VoidBody(Ask):
    reason: Reason


class RefundBody(Ask):
    amount: int = Positive
    reason: Reason
    goodwill: Flag = Described(
        False, description="Given beside what cancelled units are worth; otherwise it counts towards that"
    )
    to_credit: Flag = Described(False, description="To the store credit of the order's customer")


@routes.get("/payments", access=Scope.read_payments, answer=PAYMENTS.list_shape(PaymentRow),
            extra=PAYMENTS.operation())  # fmt: skip
def list_payments(request: Request) -> Response:
    """List payments, newest first."""
    return PAYMENTS.answer(request)


@routes.get("/payments/{payment_id}", access=Scope.read_payments, answer=PaymentRow)
def read_payment(request: Request, payment_id: UUID) -> Response:
    """Show a payment with every entry of its ledger."""
    with edge_of(request).database.reading() as session:
        row = PAYMENTS.one(session, Payment.id == payment_id, expand=("entries",))
    if row is None:
        raise NotFound("payment", str(payment_id))
    return json_answer(row)


@routes.post("/orders/{order}/payments", access=Scope.write_payments, answer=Paid, status=201)
async def authorise_payment(request: Request, order: Reference, body: NewPayment) -> Response:
    """Ask for another payment: after a decline, or for the difference after an edit."""
    order_id = await order_id_of(request, order)
    await name_cards(request, [body])
    _need_token(body)
    asked = message(AuthorisePayment, body, order_id=order_id)
    return await sending(request, "payments", asked, PaymentView, partition=str(order_id), status=201)


@routes.post("/orders/{order}/payments/change", access=Scope.write_payments, answer=Paid)
async def change_tender(request: Request, order: Reference, body: OtherTender) -> Response:
    """Pay an order that has not left with something else; what paid it before gets its money back.

    Nothing is let go before the new payment holds the money.
    """
    order_id = await order_id_of(request, order)
    await name_cards(request, [body])
    _need_token(body)
    asked = message(ChangeTender, body, order_id=order_id)
    return await sending(request, "payments", asked, PaymentView, partition=str(order_id))


def _need_token(body: NewPayment | OtherTender) -> None:
    if not body.token and body.provider != "store_credit":
        raise TokenMissing(body.provider)


@routes.post("/orders/{order}/payments/manual", access=Scope.write_payments, answer=Paid, status=201)
async def record_payment(request: Request, order: Reference, body: ManualPayment) -> Response:
    """Record money that came another way."""
    order_id = await order_id_of(request, order)
    asked = message(RecordManualPayment, body, order_id=order_id)
    return await sending(request, "payments", asked, PaymentView, partition=str(order_id), status=201)


@routes.post("/payments/{payment_id}/capture", access=Scope.write_payments, answer=Paid)
async def capture_payment(request: Request, payment_id: UUID, body: CaptureBody) -> Response:
    """Take the money that was authorised, or a part of it."""
    asked = message(CapturePayment, body, payment_id=payment_id)
    return await sending(request, "payments", asked, PaymentView, partition=str(payment_id))


@routes.post("/payments/{payment_id}/void", access=Scope.write_payments, answer=Paid)
async def void_payment(request: Request, payment_id: UUID, body: VoidBody) -> Response:
    """Let an authorisation go."""
    asked = message(VoidPayment, body, payment_id=payment_id)
    return await sending(request, "payments", asked, PaymentView, partition=str(payment_id))


@routes.post("/payments/{payment_id}/refund", access=Scope.refund_payments, answer=Paid)
async def refund_payment(request: Request, payment_id: UUID, body: RefundBody) -> Response:
    """Give money back."""
    asked = message(RefundPayment, body, payment_id=payment_id)
    return await sending(request, "payments", asked, PaymentView, partition=str(payment_id))


@routes.post(
    "/webhooks/{provider}",
    access=Public("Providers have no key; the signature over the raw body is checked before it is believed"),
    answer=answer_shape(WebhookTaken),
    extra={
        "requestBody": {
            "description": "As the provider signed it",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def take_webhook(request: Request, provider: Code) -> Response:
    """A payment provider's webhook, believed when its signature fits, and taken once."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    command = TakeWebhook(provider=provider, body=await request.body(), headers=headers)
    who = f"provider:{provider}"
    asked = Asked("TakeWebhook", encode(command), who, who, None, request_id_of(request))
    answer = await edge_of(request).client.ask("payments", asked, partition=provider)
    return json_answer(msgspec.msgpack.decode(unwrap(answer), type=WebhookTaken))


@routes.get("/refund-limits", access=Scope.read_payments, answer=REFUND_LIMITS.list_shape(REFUND_LIMITS.row_shape()),
            extra=REFUND_LIMITS.operation())  # fmt: skip
def list_refund_limits(request: Request) -> Response:
    """List how much goodwill each role may give on one order. A role without a limit has none."""
    return REFUND_LIMITS.answer(request)


@routes.put("/refund-limits/{role}/{currency}", access=Scope.write_settings, answer=answer_shape(RefundLimitState))
async def set_refund_limit(request: Request, role: Code, currency: Currency, body: RefundLimitBody) -> Response:
    """Say how much goodwill a role may give on one order; null takes the limit away."""
    version = version_of(request, body.version)
    asked = SetRefundLimit(role=role, currency=currency, amount=body.amount, version=version)
    return await sending(request, "payments", asked, RefundLimitState, partition=role)
