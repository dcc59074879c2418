"""What the purchasing agent refuses, in sentences that say what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db.errors import Conflict, Forbidden, Invalid
from db.money import to_decimal_string

SHORTEST_REPLAY, LONGEST_REPLAY = 90, 365  # days


@dataclass(eq=False)
class BadPurchaseField(Invalid):
    field: str
    value: Any
    why: str

    def __str__(self) -> str:
        return f"{self.field} cannot be {self.value!r}: {self.why}."


@dataclass(eq=False)
class NotSoldBySupplier(Conflict):
    supplier: str
    sku: str

    def __str__(self) -> str:
        return f"{self.supplier} does not sell {self.sku} to us. Add it to what the supplier sells first."


@dataclass(eq=False)
class NotToBeOrdered(Conflict):
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what} is {self.why} and is not ordered any more."


@dataclass(eq=False)
class BelowMinimumQuantity(Conflict):
    supplier: str
    sku: str
    quantity: int
    minimum: int

    def __str__(self) -> str:
        return f"{self.supplier} sells {self.sku} from {self.minimum} units on; {self.quantity} are too few."


@dataclass(eq=False)
class NotWholeCases(Conflict):
    supplier: str
    sku: str
    quantity: int
    case_pack: int
    nearest: int

    def __str__(self) -> str:
        return (
            f"{self.supplier} sells {self.sku} in cases of {self.case_pack}; {self.quantity} is no whole number of "
            f"them. The next is {self.nearest}."
        )


@dataclass(eq=False)
class BelowMinimumOrder(Conflict):
    supplier: str
    currency: str
    subtotal: int
    minimum: int

    def __str__(self) -> str:
        has, needs = (f"{to_decimal_string(a, self.currency)} {self.currency}" for a in (self.subtotal, self.minimum))
        return f"{self.supplier} takes orders from {needs} on; this one is {has}. Add to it before it is approved."


NOBODY = "nobody"
"""The role of whoever is no person, such as a key that was there from the beginning."""
_WHERE_LIMITS_ARE = "Limits belong to roles and are set under Purchase orders, Approval limits."


@dataclass(eq=False)
class AboveApprovalLimit(Forbidden):
    """`limit` is None when the role may approve nothing in this currency."""

    role: str
    currency: str
    total: int
    limit: int | None
    what: str = "order"

    def __str__(self) -> str:
        total = f"{to_decimal_string(self.total, self.currency)} {self.currency}"
        if self.role == NOBODY:
            return (
                f"This {self.what} is {total}, and only people approve: sign in, or use a key that somebody with an "
                "approval limit has made."
            )
        if self.limit is None:
            told = f"The role {self.role} has no approval limit in {self.currency}; this {self.what} is {total}."
            return f"{told} Ask somebody whose role has one. {_WHERE_LIMITS_ARE}"
        limit = f"{to_decimal_string(self.limit, self.currency)} {self.currency}"
        told = f"The role {self.role} may approve up to {limit}; this {self.what} is {total}."
        return f"{told} Ask somebody whose role may approve more. {_WHERE_LIMITS_ARE}"


@dataclass(eq=False)
class PurchaseIsOver(Conflict):
    purchase: str
    status_now: str

    def __str__(self) -> str:
        return f"Purchase order {self.purchase} is {self.status_now} and can no longer be changed."


@dataclass(eq=False)
class GoodsHaveCome(Conflict):
    purchase: str
    received: int

    def __str__(self) -> str:
        return f"{self.received} units of {self.purchase} have come. Close the rest short instead of cancelling it."


@dataclass(eq=False)
class BelowWhatHappened(Conflict):
    purchase: str
    line_no: int
    quantity: int
    least: int

    def __str__(self) -> str:
        return (
            f"Line {self.line_no} of {self.purchase} cannot be {self.quantity}: {self.least} have come or were "
            "closed short."
        )


@dataclass(eq=False)
class NothingOpen(Conflict):
    purchase: str
    lines: list[int]

    def __str__(self) -> str:
        return f"Nothing is open of line {', '.join(map(str, self.lines))} of {self.purchase}."


@dataclass(eq=False)
class NothingToBill(Conflict):
    purchase: str
    status_now: str

    def __str__(self) -> str:
        return f"Purchase order {self.purchase} is {self.status_now}: its supplier has nothing to bill."


@dataclass(eq=False)
class InvoiceKnown(Conflict):
    supplier: str
    number: str
    purchase: str
    status_now: str

    def __str__(self) -> str:
        return f"Invoice {self.number} of {self.supplier} is known: it is of {self.purchase} and {self.status_now}."


@dataclass(eq=False)
class InvoiceDoesNotAddUp(Invalid):
    number: str
    currency: str
    subtotal: int
    charges: int
    tax: int
    total: int

    def __str__(self) -> str:
        parts = (self.subtotal, self.charges, self.tax, self.subtotal + self.charges + self.tax, self.total)
        lines, charges, tax, sum_, printed = (to_decimal_string(part, self.currency) for part in parts)
        return (
            f"Invoice {self.number} does not add up: lines {lines}, charges {charges} and tax {tax} are {sum_}, and "
            f"{printed} {self.currency} is its total."
        )


@dataclass(eq=False)
class DifferencesRemain(Conflict):
    invoice: str
    differences: list[str]

    def __str__(self) -> str:
        return (
            f"Invoice {self.invoice} differs by more than is let through. {' '.join(self.differences)} Dispute it, or "
            "have somebody who may accept differences say why it is paid."
        )


@dataclass(eq=False)
class BilledMoreThanCame(Conflict):
    invoice: str
    differences: list[str]

    def __str__(self) -> str:
        return (
            f"Invoice {self.invoice} asks for units that have not come, and those are not paid for. "
            f"{' '.join(self.differences)} Book them in, or dispute it."
        )


@dataclass(eq=False)
class CreditKnown(Conflict):
    supplier: str
    number: str
    purchase: str
    status_now: str

    def __str__(self) -> str:
        return f"Credit note {self.number} of {self.supplier} is known: it is of {self.purchase} and {self.status_now}."


@dataclass(eq=False)
class CreditDoesNotAddUp(Invalid):
    number: str
    currency: str
    subtotal: int
    charges: int
    other: int
    tax: int
    total: int

    def __str__(self) -> str:
        parts = (self.subtotal, self.charges, self.other, self.tax)
        told = (to_decimal_string(part, self.currency) for part in (*parts, sum(parts), self.total))
        lines, charges, other, tax, sum_, printed = told
        return (
            f"Credit note {self.number} does not add up: lines {lines}, charges {charges}, other {other} and tax {tax} "
            f"are {sum_}, and {printed} {self.currency} is its total."
        )


@dataclass(eq=False)
class CreditDiffers(Conflict):
    credit: str
    differences: list[str]

    def __str__(self) -> str:
        return (
            f"Credit note {self.credit} differs from what is owed. {' '.join(self.differences)} Dispute it, or have "
            "somebody who may accept differences say why it is taken."
        )


@dataclass(eq=False)
class GivenBackTwice(Conflict):
    credit: str
    what: list[str]

    def __str__(self) -> str:
        return f"Credit note {self.credit} gives back what was given back before or never billed. {' '.join(self.what)}"


@dataclass(eq=False)
class InvoiceGivenBack(Conflict):
    invoice: str
    credits: list[str]

    def __str__(self) -> str:
        return f"{', '.join(self.credits)} gives back of what invoice {self.invoice} bills: it cannot be cancelled."


@dataclass(eq=False)
class SuggestionIsOver(Conflict):
    sku: str
    node: str
    status_now: str

    def __str__(self) -> str:
        return f"The suggestion for {self.sku} at {self.node} is {self.status_now} already. Load the list again."


@dataclass(eq=False)
class NobodySells(Conflict):
    sku: str
    node: str

    def __str__(self) -> str:
        return f"No supplier sells {self.sku} for {self.node}. Add it to what a supplier sells, and plan again."


@dataclass(eq=False)
class NotPlanned(Conflict):
    what: str

    def __str__(self) -> str:
        return f"{self.what} has not been planned yet, so nobody knows its class. Plan everything first."


@dataclass(eq=False)
class TooLittlePast(Conflict):
    what: str
    days: int
    known_days: int

    def __str__(self) -> str:
        known = f"{self.what} has been kept for {self.known_days} days"
        then = "Ask for fewer." if self.known_days >= SHORTEST_REPLAY else f"Wait until there are {SHORTEST_REPLAY}."
        return f"{known}: {self.days} cannot be replayed. {then}"


@dataclass(eq=False)
class KitIsItsComponents(Invalid):
    sku: str
    components: dict[str, int]

    def __str__(self) -> str:
        parts = ", ".join(f"{units} {sku}" for sku, units in self.components.items())
        return f"{self.sku} is a kit and has no stock of its own. Order what one is made of: {parts}."


@dataclass(eq=False)
class PricedInItsCurrency(Conflict):
    """Another currency would turn 4.20 EUR into 420 JPY."""

    supplier: str
    currency: str
    items: int

    def __str__(self) -> str:
        return (
            f"{self.supplier} sells {self.items} SKUs at prices in {self.currency}. Take them out before its currency "
            "changes, or make another supplier."
        )
