"""What may be said to the returns agent, and what it says. Amounts are minor units of the order's currency."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


class ReturnLineAsk(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    quantity: int
    reason: str
    remark: str | None = None


class PreviewReturn(Command, frozen=True, kw_only=True):
    """What `RequestReturn` would come to; changes nothing."""

    order_id: UUID
    lines: list[ReturnLineAsk]
    way: str = "own"
    label_price: int = 0  # of our label, which the customer pays unless the shop is at fault


class RequestReturn(Command, frozen=True, kw_only=True):
    """`exception` says why it is let in although the policy refuses it; a person then decides."""

    order_id: UUID
    lines: list[ReturnLineAsk]
    label_paid_by: str | None = None  # None: the shop where it is its fault, else the customer
    way: str = "own"
    expected_total: int | None = None  # what somebody agreed to; None: whatever it comes to
    label_price: int = 0  # as the preview said; it stays so, whatever the label costs in the end
    note: str | None = None
    exception: str | None = None
    refund_to: str = "original"  # or `store_credit`


class ApproveReturn(Command, frozen=True, kw_only=True):
    return_id: UUID
    reason: str | None = None
    version: int | None = None


class DeclineReturn(Command, frozen=True, kw_only=True):
    return_id: UUID
    reason: str
    version: int | None = None


class CancelReturn(Command, frozen=True, kw_only=True):
    """The goods do not come after all."""

    return_id: UUID
    reason: str
    version: int | None = None


class GradedAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line that are alike. `lots` names a lot or serial number for each SKU in it that is tracked."""

    line_no: int
    quantity: int
    grade: str
    bin: str | None = None  # None: the node's pick face, or its quarantine bin for what cannot be sold
    lots: dict[str, str] = {}
    note: str | None = None
    disposition: str | None = None  # None: what is expected to bring most
    disposition_why: str | None = None  # of anything else


class ReceiveReturn(Command, frozen=True, kw_only=True):
    return_id: UUID
    node: str
    units: list[GradedAsk]
    weight_grams: int | None = None  # of the parcel as it came; None: nobody weighed it
    version: int | None = None


class UnknownUnits(msgspec.Struct, frozen=True, kw_only=True):
    """Units in a parcel that nobody knows, alike; `lot` is a lot or serial number."""

    sku: str
    quantity: int
    grade: str
    lot: str = ""
    note: str | None = None


class KeepUnknownParcel(Command, frozen=True, kw_only=True):
    """A parcel came, and nothing says whose it is. Its units are counted, and not in stock before it is matched."""

    node: str
    units: list[UnknownUnits]
    scanned: str | None = None
    note: str | None = None


class MatchUnknownParcel(Command, frozen=True, kw_only=True):
    """It belongs to this order: its units come in on the order's open returns, or on a new one."""

    parcel_id: UUID
    order_id: UUID
    reason: str = "other"
    version: int | None = None


class CloseUnknownParcel(Command, frozen=True, kw_only=True):
    """It is not ours, or went away again."""

    parcel_id: UUID
    reason: str
    version: int | None = None


class UnknownParcelState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    node: str
    status: str
    return_id: UUID | None
    version: int
    next: list[str]


class UnknownParcelKept(Event, frozen=True, kw_only=True):
    """A parcel came back that says nothing of whose it is."""

    parcel_id: UUID
    number: str
    node: str
    units: int


class UnknownParcelMatched(Event, frozen=True, kw_only=True):
    parcel_id: UUID
    number: str
    return_id: UUID
    order_id: UUID


class PaidUnitsAsk(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    quantity: int


class PayWithheld(Command, frozen=True, kw_only=True):
    """Pay for units that are here and that the policy withholds the money for."""

    return_id: UUID
    lines: list[PaidUnitsAsk]
    reason: str
    version: int | None = None


class RefundReturnAgain(Command, frozen=True, kw_only=True):
    """Ask once more for what a provider refused, or no payment had; with `to_credit` as store credit."""

    return_id: UUID
    to_credit: bool = False
    version: int | None = None


class CloseReturn(Command, frozen=True, kw_only=True):
    """No more money goes back through payments for it."""

    return_id: UUID
    reason: str
    version: int | None = None


class ReturnState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    order_id: UUID
    status: str
    refund_state: str
    policy_version: int | None
    label_paid_by: str
    refund_to: str
    way: str
    parcel: str
    carrier: str | None
    tracking_number: str | None
    label_price: int
    label_taken: int
    keep_why: str | None
    review: str | None
    credit: int
    refunded: int
    due: int
    bonus: int  # to store credit, beside `credit`
    currency: str
    version: int
    lines: list[dict[str, Any]]
    next: list[str]


class PreviewLine(msgspec.Struct, frozen=True, kw_only=True):
    """`paid` is what the units are worth with their tax, `gives_back` what is left of it after the fee."""

    line_no: int
    sku: str
    title: str
    quantity: int
    returnable: int
    reason: str
    allowed: bool
    verdict: str  # open, over, final, on_its_way or undecided: `why` in a word
    why: str
    rule_no: int | None
    rule: str | None
    until: str | None  # the last day, where the customer lives
    reasons: list[str]  # for which the policy would let these units come back
    refund_when: str
    paid: int
    tax: int
    fee: int
    fee_tax: int
    gives_back: int
    bonus: int  # on top, for who takes store credit


class ReturnPreview(State, frozen=True, kw_only=True):
    """`total` is what would be given back if all of it comes as it was sent; `refundable` what payments have left."""

    order_id: UUID
    number: str
    currency: str
    policy_version: int | None
    policy_from: str | None
    lines: list[PreviewLine]
    paid: int
    fee: int
    shipping: int
    label: int  # what our label takes off it
    total: int
    tax: int  # in what goes back for goods and shipping
    bonus: int  # on top of the total, for who takes store credit
    refundable: int
    label_paid_by: str
    by_hand: bool  # the order is history that was brought in: no payment of these books can give it back
    allowed: bool
    approved_at_once: bool
    keep_why: str | None  # why the customer keeps the goods and is paid; null: they are to come
    review: str | None  # why a person looks first, although the rules would let it through


class ReturnRequested(Event, frozen=True, kw_only=True):
    return_id: UUID
    order_id: UUID
    number: str
    order_number: str
    units: int
    exception: bool


class ReturnApproved(Event, frozen=True, kw_only=True):
    return_id: UUID
    order_id: UUID
    number: str
    order_number: str
    label_paid_by: str
    way: str = "own"
    keeps: bool = False  # nothing has to be sent


class ReturnHandedOver(Event, frozen=True, kw_only=True):
    """A carrier has scanned the parcel for the first time."""

    return_id: UUID
    order_id: UUID
    number: str
    order_number: str
    tracking_number: str


class ReturnDeclined(Event, frozen=True, kw_only=True):
    return_id: UUID
    order_id: UUID
    number: str
    order_number: str
    reason: str


class ReturnCancelled(Event, frozen=True, kw_only=True):
    return_id: UUID
    order_id: UUID
    number: str
    reason: str


class ReturnReceived(Event, frozen=True, kw_only=True):
    """Units were graded; `complete` says whether all of them are."""

    return_id: UUID
    order_id: UUID
    number: str
    node: str
    sellable: int
    unsellable: int
    missing: int
    complete: bool


class ReturnRefunded(Event, frozen=True, kw_only=True):
    """All that is owed for a return has been given back."""

    return_id: UUID
    order_id: UUID
    number: str
    order_number: str
    amount: int
    currency: str


class ReturnClosed(Event, frozen=True, kw_only=True):
    return_id: UUID
    order_id: UUID
    number: str
    reason: str
