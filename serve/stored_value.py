"""Gift cards and store credit over HTTP. Amounts are minor units of their currency."""

from __future__ import annotations

from uuid import UUID

import msgspec
from pydantic import BaseModel, create_model
from pydantic import Field as Described
from sqlalchemy import join, select
from starlette.requests import Request
from starlette.responses import Response

from agents.payments.messages.stored_value import (
    AdjustStoredValue,
    BlockGiftCard,
    CodeGiftCard,
    GiveStoreCredit,
    IssueGiftCard,
    StoredValueState,
)
from db.customers import Customer
from db.errors import NotFound
from db.orders import Order
from db.stored_value import StoredValue, StoredValueEntry, ValueKind, ValueMove, digest_of, new_code, plain_code
from serve.edge import edge_of
from serve.fields import field, fields
from serve.gift_codes import card_of
from serve.listing import Listing, Related, Row
from serve.order_view import order_id_of
from serve.requests import asking, json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Currency, Flag, Moment, Reason, Reference, Version, answer_shape, message

routes = Routes("payments")

_ORDER_NUMBER = select(Order.number).where(Order.id == StoredValueEntry.order_id).correlate(StoredValueEntry)
_ENTRIES = Related(
    StoredValueEntry.value_id,
    fields(StoredValueEntry, "id kind amount balance payment_id order_id return_id why actor at", kind=ValueMove)
    | {"order_number": field(_ORDER_NUMBER.scalar_subquery(), nullable=True)},
    (StoredValueEntry.at, StoredValueEntry.id),
)
_WITH_CUSTOMER = join(StoredValue, Customer, Customer.id == StoredValue.customer_id, isouter=True)


def _card_next(row: Row) -> Row:
    return {**row, "next": ["adjust", "new_code", "unblock" if row["blocked"] else "block"]}


def _credit_next(row: Row) -> Row:
    return {**row, "next": ["adjust"]}


GIFT_CARDS = Listing(
    "GiftCard",
    _WITH_CUSTOMER,
    {
        **fields(
            StoredValue,
            "id last_four currency balance blocked expires_at customer_id note created_by version "
            "created_at updated_at",
        ),
        "customer": field(Customer.name, nullable=True),
    },
    sortable=("created_at", "updated_at", "balance", "expires_at"),
    sort="-created_at",
    key=("id",),
    expand={"entries": _ENTRIES},
    where=StoredValue.kind == ValueKind.gift_card,
    finish=_card_next,
    more={"next": (list[str], ...)},
)
GiftCardRow = GIFT_CARDS.row_shape()
STORE_CREDIT = Listing(
    "StoreCredit",
    _WITH_CUSTOMER,
    {
        **fields(StoredValue, "id customer_id currency balance version created_at updated_at"),
        "customer": field(Customer.name, nullable=True),
    },
    sortable=("created_at", "updated_at", "balance"),
    sort="-updated_at",
    key=("id",),
    expand={"entries": _ENTRIES},
    where=StoredValue.kind == ValueKind.store_credit,
    finish=_credit_next,
    more={"next": (list[str], ...)},
)
StoreCreditRow = STORE_CREDIT.row_shape()
Kept = answer_shape(StoredValueState)

Positive = Described(strict=True, ge=1, le=10**12, description="Minor units of the currency")
Signed = Described(strict=True, ge=-(10**12), le=10**12, description="Minor units; below zero takes some off")


class NewGiftCard(Ask):
    amount: int = Positive
    currency: Currency
    sold: Flag = Described(False, description="Somebody paid for it; else it is given away")
    order: Reference | None = Described(None, description="The order that it was sold with: its id or number")
    customer_id: UUID | None = None
    expires_at: Moment | None = None
    note: Reason | None = None


class GiftCardCode(Ask):
    code: Reference = Described(description="Case, spaces and dashes do not matter")


class GiftCardWorth(BaseModel):
    """What a customer may be told who knows the code."""

    id: UUID
    last_four: str
    currency: str
    balance: int
    blocked: bool
    expires_at: Moment | None


class BalanceAdjustment(Ask):
    amount: int = Signed
    reason: Reason
    version: Version | None = None


class CreditGiven(Ask):
    amount: int = Signed
    currency: Currency
    reason: Reason


class BlockBody(Ask):
    blocked: Flag
    reason: Reason
    version: Version | None = None


class NewCodeBody(Ask):
    reason: Reason


MadeGiftCard = create_model(
    "MadeGiftCard",
    __base__=Kept,
    __doc__="`code` is shown this once; in the replay of an idempotent request it is null.",
    code=(str | None, ...),
)


@routes.get("/gift-cards", access=Scope.read_payments, answer=GIFT_CARDS.list_shape(GiftCardRow),
            extra=GIFT_CARDS.operation())  # fmt: skip
def list_gift_cards(request: Request) -> Response:
    """List gift cards, newest first. Of their codes only the last four signs are kept."""
    return GIFT_CARDS.answer(request)


@routes.post("/gift-cards", access=Scope.refund_payments, answer=MadeGiftCard, status=201)
async def issue_gift_card(request: Request, body: NewGiftCard) -> Response:
    """Make a gift card with money on it; its code is shown this once."""
    order_id = await order_id_of(request, body.order) if body.order is not None else None
    asked = message(IssueGiftCard, body, **({"order_id": order_id} if order_id else {}))
    told = await asking(request, "payments", asked, partition=body.note or "gift cards")
    made = msgspec.msgpack.decode(told.body, type=StoredValueState)
    if told.replayed:
        return json_answer({**msgspec.structs.asdict(made), "code": None}, 201, replayed=True)
    return await _with_code(request, made.id, "it was issued", status=201)


@routes.post("/gift-cards/check", access=Scope.read_orders, answer=GiftCardWorth)
def check_gift_card(request: Request, body: GiftCardCode) -> Response:
    """Tell what is on the gift card with a code."""
    card = card_of(request, body.code)
    return json_answer({name: getattr(card, name) for name in GiftCardWorth.model_fields})


@routes.get("/gift-cards/{card_id}", access=Scope.read_payments, answer=GiftCardRow)
def read_gift_card(request: Request, card_id: UUID) -> Response:
    """Show a gift card with its ledger."""
    with edge_of(request).database.reading() as session:
        row = GIFT_CARDS.one(
            session, (StoredValue.id == card_id) & (StoredValue.kind == ValueKind.gift_card), expand=("entries",)
        )
    if row is None:
        raise NotFound("gift card", str(card_id))
    return json_answer(row)


@routes.post("/gift-cards/{card_id}/new-code", access=Scope.refund_payments, answer=MadeGiftCard)
async def renew_gift_card_code(request: Request, card_id: UUID, body: NewCodeBody) -> Response:
    """Give a gift card another code, for one that was lost; the old one is worth nothing from now on."""
    return await _with_code(request, card_id, body.reason)


async def _with_code(request: Request, card_id: UUID, reason: str, *, status: int = 200) -> Response:
    code = new_code()
    asked = CodeGiftCard(value_id=card_id, code_digest=digest_of(code), last_four=plain_code(code)[-4:], reason=reason)
    # Not remembered: the answer is ours to give once, and the digest differs each time.
    told = await asking(request, "payments", asked, partition=str(card_id), remembered=False)
    made = msgspec.msgpack.decode(told.body, type=StoredValueState)
    return json_answer({**msgspec.structs.asdict(made), "code": code}, status)


@routes.post("/gift-cards/{card_id}/block", access=Scope.write_payments, answer=Kept)
async def block_gift_card(request: Request, card_id: UUID, body: BlockBody) -> Response:
    """Let a gift card pay for nothing, or let it go again."""
    asked = message(BlockGiftCard, body, value_id=card_id, version=version_of(request, body.version))
    return await sending(request, "payments", asked, StoredValueState, partition=str(card_id))


@routes.get("/store-credit", access=Scope.read_payments, answer=STORE_CREDIT.list_shape(StoreCreditRow),
            extra=STORE_CREDIT.operation())  # fmt: skip
def list_store_credit(request: Request) -> Response:
    """List customers' store credit by currency, what changed last first. Filter by `customer_id`."""
    return STORE_CREDIT.answer(request)


@routes.post("/customers/{customer_id}/store-credit", access=Scope.refund_payments, answer=Kept)
async def give_store_credit(request: Request, customer_id: UUID, body: CreditGiven) -> Response:
    """Put store credit on a customer's account, or take some off, with a reason."""
    asked = message(GiveStoreCredit, body, customer_id=customer_id)
    return await sending(request, "payments", asked, StoredValueState, partition=str(customer_id))


@routes.post("/stored-values/{value_id}/adjust", access=Scope.refund_payments, answer=Kept)
async def adjust_stored_value(request: Request, value_id: UUID, body: BalanceAdjustment) -> Response:
    """Put money on a gift card or store credit, or take some off, with a reason."""
    asked = message(AdjustStoredValue, body, value_id=value_id, version=version_of(request, body.version))
    return await sending(request, "payments", asked, StoredValueState, partition=str(value_id))
