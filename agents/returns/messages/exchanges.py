"""Exchanges: what comes back and what goes out in one. Amounts are minor units of the order's currency, with tax."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task
from agents.returns.messages import PreviewLine, ReturnLineAsk


class GoodsOutAsk(msgspec.Struct, frozen=True, kw_only=True):
    """`for_line`: another variant of the product of that line, at the worth of the units that come back of it.

    Otherwise at `unit_amount` with its tax, or at the catalogue's price.
    """

    sku: str
    quantity: int
    unit_amount: int | None = None
    for_line: int | None = None


class PreviewExchange(Command, frozen=True, kw_only=True):
    """What `RequestExchange` would come to; changes nothing."""

    order_id: UUID
    lines: list[ReturnLineAsk]
    goods: list[GoodsOutAsk]
    shipping: int = 0


class RequestExchange(Command, frozen=True, kw_only=True):
    """`provider` and `token` pay what is missing, with the customer's consent; without them it is asked for.

    `instant`: the new goods leave first, where every rule allows it. What the old goods are worth is held on the card
    as a security until they are here, and taken if they do not come in time; what is missing beside it is charged.
    """

    order_id: UUID
    lines: list[ReturnLineAsk]
    goods: list[GoodsOutAsk]
    shipping: int = 0
    instant: bool = False
    provider: str | None = None
    token: str | None = None
    label_paid_by: str | None = None
    note: str | None = None
    exception: str | None = None
    refund_to: str = "original"


class ApproveExchange(Command, frozen=True, kw_only=True):
    exchange_id: UUID
    reason: str | None = None
    version: int | None = None


class CancelExchange(Command, frozen=True, kw_only=True):
    """Give everything back: the new goods to the shelf, the money to the customer for what came back."""

    exchange_id: UUID
    reason: str
    version: int | None = None


class HoldForExchange(Command, frozen=True, kw_only=True):
    """Hold the new goods anew."""

    exchange_id: UUID
    version: int | None = None


class OrderForExchange(Command, frozen=True, kw_only=True):
    """Order the new goods once more, after it was refused."""

    exchange_id: UUID
    version: int | None = None


class GoodsOut(msgspec.Struct, frozen=True, kw_only=True):
    no: int
    sku: str
    title: str
    quantity: int
    unit_amount: int
    discount: int
    tax_rate_ppm: int
    total: int
    for_line: int | None
    free: int  # units that could be held now


class ExchangePreview(State, frozen=True, kw_only=True):
    """`balance` is what the customer still pays, or below zero gets back: `new_total - worth`."""

    order_id: UUID
    number: str
    currency: str
    lines: list[PreviewLine]
    goods: list[GoodsOut]
    paid: int
    fee: int
    shipping_back: int  # of the old goods, which goes back with them
    worth: int  # `paid - fee + shipping_back`
    shipping: int  # of the new goods
    new_total: int
    balance: int
    allowed: bool
    instant: bool  # the new goods may leave first
    security: int  # then held on the card until the old goods are here
    charged: int  # then charged to it when the new goods leave
    security_days: int  # after which it is taken if they are not here
    approved_at_once: bool


class TakeSecurities(Task, frozen=True, kw_only=True):
    """Old goods that did not come in time are paid for. Sent by a schedule."""


class ExchangeState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    order_id: UUID
    return_id: UUID
    status: str
    currency: str
    instant: bool
    secured: int
    secured_until: datetime | None
    security_taken_at: datetime | None
    worth: int
    shipping: int
    new_total: int
    balance: int
    held_until: datetime | None
    replacement_id: UUID | None
    replacement_number: str | None
    problem: str | None
    version: int
    goods: list[dict[str, Any]]
    next: list[str]


class ExchangeMoved(Event, frozen=True, kw_only=True):
    """An exchange has got as far as `status`."""

    exchange_id: UUID
    order_id: UUID
    number: str
    order_number: str
    status: str
    reason: str
