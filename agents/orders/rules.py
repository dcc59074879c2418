"""What is judged about orders: pure functions of what was loaded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from agents.orders.messages import Paying, PaymentGiven, PlaceOrder, tenders_of
from agents.orders.refusals import (
    BadQuantity,
    BadTaxRate,
    BadTenders,
    BadText,
    DraftTakesNoPayment,
    EmptyOrder,
    NotStorable,
    TendersDoNotAddUp,
    UnknownChannel,
)
from agents.payments.messages import OrderMoney
from db.money import MILLION, portion
from db.orders import HoldReason, OrderStatus, PaymentStatus
from db.payments import OWN
from db.stock import AllocationState

CHANNELS = ("web", "marketplace", "store")
ELSEWHERE = frozenset({"external", "manual"})
"""Providers whose money comes without us: the order does not wait for it."""
STORED_AS_GIVEN = ("currency", "external_ref", "email", "tags", "shipping_address", "billing_address", "hold_reference")
RELEASED_IN_TURN = (AllocationState.backordered, AllocationState.allocated)
MOST_TENDERS = 10
LONGEST_TEXT = 10_000  # characters of a note or reason
MOST_UNITS = 1_000_000  # of one line; far below what the database's integers hold
HOLDABLE = frozenset({OrderStatus.placed, OrderStatus.released, OrderStatus.partly_shipped, OrderStatus.held})
EDITABLE = HOLDABLE | {OrderStatus.draft}
CANCELLABLE = HOLDABLE | {OrderStatus.draft}
CLOSABLE = frozenset({OrderStatus.shipped, OrderStatus.delivered, OrderStatus.cancelled})


class Line(Protocol):
    """An order line, as the database or a plan has it. `parts` are (sku, units for one unit of the line)."""

    line_no: int
    quantity: int
    cancelled: int
    total: int
    cancelled_amount: int

    @property
    def parts(self) -> list[tuple[str, int]]: ...


class Promise(Protocol):
    """An allocation."""

    id: UUID
    created_at: datetime
    line_no: int
    sku: str
    quantity: int
    state: str


def check_request(ask: PlaceOrder) -> None:
    """Refuse what makes no sense by itself, before anything is looked up."""
    check_channel(ask.channel)
    if not ask.lines:
        raise EmptyOrder()
    check_tax_rate("shipping_tax_ppm", ask.shipping_tax_ppm)
    for line in ask.lines:
        check_quantity(line.sku, line.quantity)
        check_tax_rate("tax_rate_ppm", line.tax_rate_ppm or 0)
    for field in STORED_AS_GIVEN:
        if not storable(getattr(ask, field)):
            raise NotStorable(field)
    if not storable([line.sku for line in ask.lines]):
        raise NotStorable("sku")
    if ask.draft and tenders_of(ask):
        raise DraftTakesNoPayment()
    check_tenders(ask)


def check_channel(channel: str) -> None:
    if channel not in CHANNELS:
        raise UnknownChannel(channel, list(CHANNELS))


def check_quantity(sku: str, quantity: int) -> None:
    if not 0 < quantity <= MOST_UNITS:
        raise BadQuantity(sku, quantity, MOST_UNITS)


def check_tax_rate(field: str, ppm: int) -> None:
    if not 0 <= ppm <= MILLION:
        raise BadTaxRate(field, ppm)


def storable(value: Any) -> bool:
    """Whether PostgreSQL can keep it as text or JSON: no NUL in any string, no NaN or infinity."""
    if isinstance(value, str):
        return "\x00" not in value
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(storable(k) and storable(v) for k, v in value.items())
    return all(map(storable, value)) if isinstance(value, list) else True


def check_text(field: str, text: str | None, *, needed: bool = False) -> None:
    if text is None:
        return
    if len(text) > LONGEST_TEXT or not storable(text) or (needed and not text.strip()):
        raise BadText(field, LONGEST_TEXT)


def check_tenders(ask: Paying) -> None:
    """Raises BadTenders for what makes no sense whatever the order costs."""
    if ask.payment is not None and ask.tenders:
        raise BadTenders("name one payment, or several tenders, not both")
    if len(ask.tenders) > MOST_TENDERS:
        raise BadTenders(f"there are at most {MOST_TENDERS}")
    given = tenders_of(ask)
    for no, tender in enumerate(given, 1):
        if tender.amount is not None and tender.amount < 1:
            raise BadTenders(f"the amount of tender {no} is at least 1")
        if tender.amount is None and no < len(given) and tender.provider not in OWN:
            raise BadTenders(f"say the amount of tender {no}; only the last may pay what is left")
        if tender.provider == "gift_card" and not tender.token:
            raise BadTenders(f"say which gift card tender {no} is")
    named = [(t.provider, t.token) for t in given if t.provider in OWN]
    if len(set(named)) < len(named):
        raise BadTenders("the same gift card or credit is named twice")


def check_tenders_pay(ask: Paying, total: int) -> None:
    """Raises TendersDoNotAddUp unless they come to exactly what the order costs."""
    given = tenders_of(ask)
    if not any(t.amount is not None for t in given) or not total:
        return
    said = sum(t.amount or 0 for t in given)
    if said > total or (said < total and all(t.amount is not None for t in given)):
        raise TendersDoNotAddUp(said, total)


def waits_for_money(tenders: Sequence[PaymentGiven], total: int) -> bool:
    """Without a payment the order is on account; a free order, or money that is elsewhere, waits for nothing."""
    return total > 0 and any(t.provider not in ELSEWHERE for t in tenders)


def waits_for(tenders: Sequence[PaymentGiven]) -> str:
    """What the payment hold says."""
    return "waits for " + " and ".join(dict.fromkeys(t.provider.replace("_", " ") for t in tenders))


def worth(line: Line, take: int, *, credited: int = 0) -> int:
    """What the next `take` cancelled units are worth to the customer, in minor units.

    The running sum is rounded and not the part, so that all steps together are exactly the line's total. Never more
    than is left of it beside what was `credited` for units that came back.
    """
    left = line.total - line.cancelled_amount
    return min(portion(line.total, line.quantity, 0, line.cancelled + take) - line.cancelled_amount, left - credited)


def units_by_state(line: Line, allocations: Iterable[Promise]) -> dict[str, int]:
    """Picked and shipped units of the line's SKU or, for a kit, of its components together."""
    found = Counter({state.value: 0 for state in (AllocationState.picked, AllocationState.shipped)})
    for a in allocations:
        if a.line_no == line.line_no and a.state in found:
            found[a.state] += a.quantity
    return dict(found)


def open_units(line: Line, allocations: Iterable[Promise]) -> int:
    """Units of the line that may still be cancelled: none of their parts is picked or shipped."""
    touched = Counter[str]()
    for a in allocations:
        if a.line_no == line.line_no and a.state in (AllocationState.picked, AllocationState.shipped):
            touched[a.sku] += a.quantity
    locked = max((-(-touched[sku] // per) for sku, per in line.parts), default=0)
    return max(0, line.quantity - line.cancelled - locked)


def to_release(line: Line, units: int, allocations: Iterable[Promise]) -> list[tuple[UUID, int]]:
    """Which promises to give back when `units` of the line are cancelled: (allocation id, quantity).

    What waits for stock goes first, then what lies there; the youngest first, so that the order keeps
    its best place in the queue.
    """
    mine = [a for a in allocations if a.line_no == line.line_no and a.state in RELEASED_IN_TURN]
    mine.sort(key=lambda a: (a.created_at, a.id), reverse=True)
    mine.sort(key=lambda a: RELEASED_IN_TURN.index(AllocationState(a.state)))
    released = []
    for sku, per in line.parts:
        left = units * per
        for a in mine:
            if a.sku == sku and left:
                quantity = min(left, a.quantity)
                released.append((a.id, quantity))
                left -= quantity
        if left:
            raise ValueError(f"line {line.line_no} has {left} units of {sku} less than it should")
    return released


def shipped_units(line: Line, allocations: Iterable[Promise]) -> int:
    """Units of the line of which every part has left."""
    gone = Counter[str]()
    for a in allocations:
        if a.line_no == line.line_no and a.state == AllocationState.shipped:
            gone[a.sku] += a.quantity
    return min(gone[sku] // per for sku, per in line.parts)


def derived_status(lines: Sequence[Any], allocations: Iterable[Promise], *, held: bool) -> OrderStatus:
    """Where a placed order stands, told from its lines, its allocations and whether a hold is on."""
    any_shipped = any(n.shipped for n in lines) or any(a.state == AllocationState.shipped for a in allocations)
    if all(n.quantity == n.cancelled + n.shipped for n in lines):
        return OrderStatus.shipped if any_shipped else OrderStatus.cancelled
    if held:
        return OrderStatus.held
    return OrderStatus.partly_shipped if any_shipped else OrderStatus.released


def payment_status(money: OrderMoney, *, due: int, before: str) -> PaymentStatus:
    """What to call the money of an order that is worth `due` now."""
    if money.refunded:
        return PaymentStatus.refunded if money.refunded >= money.captured else PaymentStatus.partly_refunded
    if money.captured and money.captured >= due:
        return PaymentStatus.paid
    if covered_by(money) and covered_by(money) >= due:
        return PaymentStatus.authorised
    if money.declined and not money.open:
        return PaymentStatus.declined
    if money.open or covered_by(money):
        return PaymentStatus.pending
    had_some = (PaymentStatus.authorised, PaymentStatus.pending, PaymentStatus.voided)
    return PaymentStatus.voided if before in had_some else PaymentStatus(before)


def covered_by(money: OrderMoney) -> int:
    """Authorised or captured and not given back, in minor units."""
    return max(0, money.authorised - money.refunded)


def next_steps(
    status: str,
    *,
    live: bool,
    lines: Sequence[Line],
    allocations: Sequence[Promise],
    holds: Sequence[str],
) -> list[str]:
    """The commands that are possible now, for `next` in the answer."""
    at = OrderStatus(status)
    steps = []
    if at is OrderStatus.draft:
        steps.append("place")
    if live and at in CANCELLABLE and any(open_units(n, allocations) for n in lines):
        steps.append("cancel")
    if live and at in HOLDABLE and len(set(holds)) < len(HoldReason):
        steps.append("hold")
    if at is OrderStatus.held:
        steps.append("release")
    if live and at in EDITABLE:
        steps.append("edit")
    if at in CLOSABLE:
        steps.append("close")
    return steps


def merged_tags(tags: Sequence[str], *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> list[str]:
    """Tags in order, once each, without blanks."""
    kept = dict.fromkeys(t.strip() for t in [*tags, *add])
    return [t for t in kept if t and t not in {r.strip() for r in remove}]


def stock_facts(effect: Mapping[tuple[str, str, str], int]) -> list[dict[str, Any]]:
    """An edit's effect on stock for people: (sku, node, state) and signed units."""
    return [{"sku": s, "node": n, "state": st, "quantity": q} for (s, n, st), q in sorted(effect.items()) if q]
