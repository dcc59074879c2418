"""Versions of the return policy, and what rules would say of what was sold."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from agents.contract import Command, State


class ReturnRuleAsk(msgspec.Struct, frozen=True, kw_only=True):
    """See `db.return_policies.ReturnRule`."""

    name: str
    category: str | None = None
    channel: str | None = None
    country: str | None = None
    window_days: int | None = None
    final_sale: bool = False
    fee_ppm: int = 0
    fee_amount: int = 0
    fee_currency: str | None = None
    refund_when: str = "receipt"
    auto_approve: bool = False
    refund_shipping: bool = True
    refund_unsellable: bool = False
    credit_bonus_ppm: int = 0
    instant_exchange: bool = False
    customer_class: str | None = None
    reason: str | None = None
    label_paid_by: str | None = None
    keep_below: int = 0
    carriage_amount: int = 0
    keep_currency: str | None = None
    limit_returns: int | None = None
    limit_ppm: int | None = None
    limit_days: int = 365


class AddReturnPolicy(Command, frozen=True, kw_only=True):
    """A new version; orders placed before it keep theirs."""

    rules: list[ReturnRuleAsk]
    valid_from: datetime | None = None  # None: now
    note: str | None = None


class TryReturnPolicy(Command, frozen=True, kw_only=True):
    """What rules would have said of the units that left lately; changes nothing."""

    rules: list[ReturnRuleAsk]
    orders: int = 100  # the last ones delivered
    reason: str = "changed_mind"  # why all of it is to come back


class ReturnPolicyState(State, frozen=True, kw_only=True):
    version: int
    valid_from: datetime
    rules: int


class TriedRule(msgspec.Struct, frozen=True, kw_only=True):
    """Units of lines that the rule decides on, by what it would say today; `fee` by currency, on what may come back."""

    no: int
    name: str
    lines: int
    units: int
    returnable: int
    over: int  # the window is over
    final: int  # final sale
    at_once: int  # of `returnable`, approved without a person
    kept: int  # of `returnable`, would stay with the customer
    reviewed: int  # of `returnable`, of customers over a limit
    fee: dict[str, int]


class SaidOfLine(msgspec.Struct, frozen=True, kw_only=True):
    rule: str | None
    verdict: str
    allowed: bool
    at_once: bool
    kept: bool
    refund_when: str
    fee: int


class TriedChange(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line on which the rules say something else than the policy that the order has."""

    order_id: UUID
    order_number: str
    line_no: int
    sku: str
    units: int
    currency: str
    now: SaidOfLine
    then: SaidOfLine


class ReturnPolicyTried(State, frozen=True, kw_only=True):
    """`changes` are the first of the `changed` lines."""

    orders: int
    lines: int
    rules: list[TriedRule]
    changed: int
    changes: list[TriedChange]
    returnable_now: int  # units, by the policy that each order has
    fee_now: dict[str, int]
