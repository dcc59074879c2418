"""The return policy over HTTP: its versions, the next one, and what it would have said of what was sold."""

from __future__ import annotations

from uuid import uuid4

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.returns.messages.policies import AddReturnPolicy, ReturnPolicyState, ReturnPolicyTried, TryReturnPolicy
from db.customers import CLASSES
from db.errors import NotFound
from db.return_policies import RefundWhen, ReturnPolicy, ReturnRule
from db.returns import LabelPaidBy, ReturnReason
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Related
from serve.requests import json_answer, sending
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Amount,
    Ask,
    Code,
    Country,
    Currency,
    Flag,
    Moment,
    Name,
    Ppm,
    Reason,
    answer_shape,
    message,
)

routes = Routes("returns")

RETURN_POLICIES = Listing(
    "ReturnPolicy",
    ReturnPolicy,
    fields(ReturnPolicy, "version valid_from note created_by created_at"),
    sortable=("version", "valid_from"),
    sort="-version",
    key=("version",),
    expand={
        "rules": Related(
            ReturnRule.version,
            fields(
                ReturnRule,
                "no name category channel country window_days final_sale fee_ppm fee_amount fee_currency refund_when "
                "auto_approve refund_shipping refund_unsellable credit_bonus_ppm instant_exchange customer_class "
                "reason label_paid_by keep_below carriage_amount keep_currency limit_returns limit_ppm limit_days",
                refund_when=RefundWhen,
                reason=ReturnReason,
                label_paid_by=LabelPaidBy,
            ),
            (ReturnRule.no,),
            via="version",
        )
    },
)
PolicyRow = RETURN_POLICIES.row_shape()


class PolicyRule(Ask):
    """The first rule that fits a line decides. What is null fits everything; the last rule has to."""

    name: Name
    category: Name | None = Described(None, description="With all that is under it", examples=["Home > Kitchen"])
    channel: Code | None = None
    country: Country | None = Described(None, description="Where the order went")
    customer_class: Code | None = Described(None, examples=list(CLASSES), description="Without an account: standard")
    reason: ReturnReason | None = Described(None, description="Why the units are to come back")
    window_days: int | None = Described(
        None, strict=True, ge=0, le=3650, description="From the day of delivery; null: without an end"
    )
    final_sale: Flag = False
    fee_ppm: Ppm = 0
    fee_amount: Amount = Described(0, strict=True, ge=0, le=10**12, description="For each unit, in `fee_currency`")
    fee_currency: Currency | None = None
    refund_when: RefundWhen = RefundWhen.receipt
    auto_approve: Flag = False
    refund_shipping: Flag = Described(True, description="The share of the shipping that goes with the goods")
    refund_unsellable: Flag = Described(False, description="Units that come back worn or wrong are paid for too")
    credit_bonus_ppm: Ppm = Described(0, description="On top, for who takes store credit instead of money")
    instant_exchange: Flag = Described(False, description="New goods may leave before the old ones are here")
    label_paid_by: LabelPaidBy | None = Described(
        None, description="Null: the shop where it is at fault, else the customer. The shop pays for its faults anyhow"
    )
    keep_below: Amount = Described(
        0, strict=True, ge=0, le=10**12, description="Units of a line worth no more stay with the customer, paid back"
    )
    carriage_amount: Amount = Described(
        0, strict=True, ge=0, le=10**12, description="Reckoned for a parcel back: goods that would bring less stay"
    )
    keep_currency: Currency | None = Described(None, description="Of these two; goods of other orders come back")
    limit_returns: int | None = Described(
        None, strict=True, ge=1, le=10_000, description="So many of a customer go by rule; a person looks at the next"
    )
    limit_ppm: Ppm | None = Described(None, description="Share of what they bought that goes by rule, from 10 units on")
    limit_days: int = Described(365, strict=True, ge=1, le=3650, description="That both are counted over")


class NewReturnPolicy(Ask):
    rules: list[PolicyRule] = Described(min_length=1, max_length=200)
    valid_from: Moment | None = Described(None, description="Null is now; a moment that is over is refused")
    note: Reason | None = None


class PolicyTrial(Ask):
    rules: list[PolicyRule] = Described(min_length=1, max_length=200)
    orders: int = Described(100, strict=True, ge=1, le=500, description="The last ones that something was sent of")
    reason: ReturnReason = Described(ReturnReason.changed_mind, description="Why all of it is to come back")


@routes.get("/return-policies", access=Scope.read_orders, answer=RETURN_POLICIES.list_shape(PolicyRow),
            extra=RETURN_POLICIES.operation())  # fmt: skip
def list_return_policies(request: Request) -> Response:
    """List the versions of the return policy, the latest first."""
    return RETURN_POLICIES.answer(request)


@routes.get("/return-policies/{version}", access=Scope.read_orders, answer=PolicyRow)
def read_return_policy(request: Request, version: int) -> Response:
    """Show a version with its rules, in the order in which they are asked."""
    with edge_of(request).database.reading() as session:
        known = 0 < version < 2**31
        row = RETURN_POLICIES.one(session, ReturnPolicy.version == version, expand=("rules",)) if known else None
    if row is None:
        raise NotFound("version of the return policy", str(version))
    return json_answer(row)


@routes.post("/return-policies", access=Scope.write_settings, answer=answer_shape(ReturnPolicyState), status=201)
async def add_return_policy(request: Request, body: NewReturnPolicy) -> Response:
    """Add a version. Orders that were placed before it begins keep the one of their time."""
    asked = message(AddReturnPolicy, body)
    return await sending(request, "returns", asked, ReturnPolicyState, partition="policy", status=201)


@routes.post("/return-policies/try", access=Scope.write_settings, answer=answer_shape(ReturnPolicyTried))
async def try_return_policy(request: Request, body: PolicyTrial) -> Response:
    """Tell what rules would say if all that was sent lately came back today; changes nothing."""
    asked = message(TryReturnPolicy, body)
    return await sending(request, "returns", asked, ReturnPolicyTried, partition=f"try:{uuid4()}")
