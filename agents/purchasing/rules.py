"""What an order costs, what a supplier sells and who may say yes. Pure functions: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from agents.purchasing.messages.suppliers import PriceBreak
from agents.purchasing.refusals import (
    AboveApprovalLimit,
    BadPurchaseField,
    BelowMinimumQuantity,
    NotWholeCases,
)
from db.money import LARGEST, MILLION, AmountTooLarge, rate_of, share_out
from db.purchasing import ChargeKey

LARGEST_QUANTITY = 10_000_000
LONGEST_CODE = 32
LONGEST_LEAD_DAYS = 730


class Weighed(NamedTuple):
    """A line as the charges are shared out over it."""

    value: int
    quantity: int
    grams: int


def check_words(field: str, value: str | None, *, longest: int = 500, needed: bool = True) -> None:
    if needed and not (value or "").strip():
        raise BadPurchaseField(field, value, "it cannot be empty")
    if "\x00" in (value or "") or len(value or "") > longest:
        raise BadPurchaseField(field, "…", f"use at most {longest} characters, and no NUL")


def check_number(field: str, value: int, *, least: int = 0, most: int = LARGEST) -> None:
    if not least <= value <= most:
        raise BadPurchaseField(field, value, f"it is a number from {least} to {most}")


def check_code(field: str, value: str) -> None:
    if not 0 < len(value) <= LONGEST_CODE or not value.isprintable() or set(value) & set(" :/"):
        raise BadPurchaseField(field, value, f"use 1 to {LONGEST_CODE} printable characters, no space, colon or slash")


def check_calendar(weekdays: Sequence[int], closed: Sequence[str]) -> None:
    if not weekdays or any(not 0 <= day <= 6 for day in weekdays):
        raise BadPurchaseField("order_weekdays", list(weekdays), "name at least one day from 0 (Monday) to 6")
    for day in closed:
        try:
            date.fromisoformat(day)
        except ValueError:
            raise BadPurchaseField("closed_dates", day, "write it as 2026-12-25") from None


def check_breaks(unit_cost: int, breaks: Sequence[PriceBreak]) -> None:
    """Quantities rise from break to break, and costs fall."""
    quantity, cost = 1, unit_cost
    for step in breaks:
        check_number("unit_cost", step.unit_cost)
        if step.from_quantity <= quantity or step.unit_cost >= cost:
            raise BadPurchaseField("breaks", step.from_quantity, "each break is of more units and at a lower cost")
        quantity, cost = step.from_quantity, step.unit_cost


def cost_at(quantity: int, unit_cost: int, breaks: Sequence[Mapping[str, int]]) -> int:
    """What a unit costs when so many are bought at once."""
    return min([unit_cost, *(b["unit_cost"] for b in breaks if quantity >= b["from"])])


def check_sold(supplier: str, sku: str, quantity: int, *, minimum: int, case_pack: int) -> None:
    if not 0 < quantity <= LARGEST_QUANTITY:
        raise BadPurchaseField(f"quantity of {sku}", quantity, f"it is a number from 1 to {LARGEST_QUANTITY}")
    if quantity < minimum:
        raise BelowMinimumQuantity(supplier, sku, quantity, minimum)
    if quantity % case_pack:
        raise NotWholeCases(supplier, sku, quantity, case_pack, -(-quantity // case_pack) * case_pack)


def line_total(quantity: int, unit_cost: int, discount_ppm: int) -> int:
    """Rounded once, for the line as a whole."""
    check_number("unit_cost", unit_cost)
    check_number("discount_ppm", discount_ppm, most=MILLION)
    gross = quantity * unit_cost
    if gross > LARGEST:
        raise AmountTooLarge(gross, LARGEST)
    return gross - rate_of(gross, discount_ppm)


def landed(lines: Sequence[Weighed], charges: Sequence[tuple[int, str]]) -> list[int]:
    """What each line costs with its share of the charges (amount, key); together exactly the order's total."""
    costs = [line.value for line in lines]
    for amount, key in charges:
        weights = [_weight(line, key) for line in lines]
        costs = [cost + share for cost, share in zip(costs, share_out(amount, weights), strict=True)]
    return costs


def _weight(line: Weighed, key: str) -> int:
    match ChargeKey(key):
        case ChargeKey.value:
            return line.value
        case ChargeKey.quantity:
            return line.quantity
        case ChargeKey.weight:
            return line.grams * line.quantity


def check_limit(role: str, currency: str, total: int, limit: int | None, *, locked: bool, what: str) -> None:
    """A locked role (the administrator's) has no limit. Raises AboveApprovalLimit."""
    if not locked and (limit is None or total > limit):
        raise AboveApprovalLimit(role, currency, total, limit, what)
