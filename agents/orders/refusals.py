"""What the orders agent says no with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db.errors import Conflict, Invalid


@dataclass(eq=False)
class UnknownChannel(Invalid):
    channel: str
    known: list[str]

    def __str__(self) -> str:
        return f"There is no channel {self.channel!r}. There are: {', '.join(self.known)}."


@dataclass(eq=False)
class EmptyOrder(Invalid):
    def __str__(self) -> str:
        return "An order needs at least one line."


@dataclass(eq=False)
class BadQuantity(Invalid):
    sku: str
    quantity: int
    most: int

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku} cannot be ordered: a quantity is 1 to {self.most}."


@dataclass(eq=False)
class BadTaxRate(Invalid):
    field: str
    ppm: int

    def __str__(self) -> str:
        return f"{self.field} is {self.ppm}; a tax rate is 0 to 1000000 parts per million (200000 is 20 %)."


@dataclass(eq=False)
class NotStorable(Invalid):
    field: str

    def __str__(self) -> str:
        return f"{self.field} has a character (NUL) or number (NaN, infinite) in it that cannot be kept."


@dataclass(eq=False)
class UnknownSku(Invalid):
    skus: list[str]

    def __str__(self) -> str:
        return f"The catalogue does not know {', '.join(self.skus)}."


@dataclass(eq=False)
class NotSellable(Conflict):
    sku: str
    sku_status: str

    def __str__(self) -> str:
        return f"{self.sku} is {self.sku_status} and cannot be sold."


@dataclass(eq=False)
class NoPrice(Conflict):
    sku: str
    currency: str

    def __str__(self) -> str:
        return f"{self.sku} has no price in {self.currency}. Set one, or give the line's unit_amount."


@dataclass(eq=False)
class UnknownCustomer(Invalid):
    customer_id: str

    def __str__(self) -> str:
        return f"There is no customer {self.customer_id}."


@dataclass(eq=False)
class ReferenceTaken(Conflict):
    channel: str
    external_ref: str
    number: str

    def __str__(self) -> str:
        return f"{self.external_ref} of channel {self.channel} is order {self.number} already."


@dataclass(eq=False)
class DraftTakesNoPayment(Invalid):
    def __str__(self) -> str:
        return "A draft takes no payment yet. Give it when the draft is placed."


@dataclass(eq=False)
class OutOfStock(Conflict):
    """`shortfalls`: [{"sku": …, "wanted": units, "available": units}]; available counts backorder room."""

    shortfalls: list[dict[str, Any]]

    def __str__(self) -> str:
        each = ", ".join(f"{s['sku']} ({s['wanted']} wanted, {s['available']} available)" for s in self.shortfalls)
        return f"Not enough stock: {each}."


@dataclass(eq=False)
class UnknownLine(Invalid):
    line_no: int
    known: list[int]

    def __str__(self) -> str:
        return f"There is no line {self.line_no}; the order has {', '.join(map(str, self.known))}."


@dataclass(eq=False)
class NotCancellable(Conflict):
    """`lines`: [{"line_no": …, "sku": …, "wanted": units, "open": units that may be cancelled, "states": {…}}]."""

    order_id: str
    lines: list[dict[str, Any]]

    def __str__(self) -> str:
        each = "; ".join(f"line {n['line_no']} ({n['sku']}): {_states(n)}" for n in self.lines)
        return f"Not all of this can be cancelled any more. {each}."


def _states(line: dict[str, Any]) -> str:
    states = ", ".join(f"{n} {state}" for state, n in line["states"].items() if n)
    return f"{line['wanted']} wanted, {line['open']} open" + (f", {states}" if states else "")


@dataclass(eq=False)
class NothingToCancel(Conflict):
    order_id: str
    status_now: str

    def __str__(self) -> str:
        return f"Order {self.order_id} is {self.status_now}; there is nothing left to cancel."


@dataclass(eq=False)
class UnknownReason(Invalid):
    reason: str
    known: list[str]

    def __str__(self) -> str:
        return f"{self.reason!r} is no reason to hold an order. There are: {', '.join(self.known)}."


@dataclass(eq=False)
class HeldAlready(Conflict):
    order_id: str
    reason: str

    def __str__(self) -> str:
        return f"Order {self.order_id} is on hold for {self.reason} already."


@dataclass(eq=False)
class NotHeld(Conflict):
    order_id: str
    reason: str | None
    holds: list[str]

    def __str__(self) -> str:
        what = f"for {self.reason}" if self.reason else "for anything"
        rest = f" Its holds: {', '.join(self.holds)}." if self.holds else ""
        return f"Order {self.order_id} is not on hold {what}.{rest}"


@dataclass(eq=False)
class NotEditable(Conflict):
    order_id: str
    status_now: str

    def __str__(self) -> str:
        return f"Order {self.order_id} is {self.status_now} and cannot be edited."


@dataclass(eq=False)
class EditIsOpen(Conflict):
    order_id: str
    edit_id: str

    def __str__(self) -> str:
        return f"Order {self.order_id} has an open edit {self.edit_id}. Apply or discard it first."


@dataclass(eq=False)
class EditEnded(Conflict):
    edit_id: str
    state: str

    def __str__(self) -> str:
        return f"The edit {self.edit_id} is {self.state} already."


@dataclass(eq=False)
class EditObstructed(Conflict):
    edit_id: str
    obstacles: list[str]

    def __str__(self) -> str:
        return f"The edit cannot be applied: {'; '.join(self.obstacles)}."


@dataclass(eq=False)
class DifferenceNotPaid(Conflict):
    """Nothing has changed. `difference` is minor units."""

    edit_id: str
    difference: int
    why: str

    def __str__(self) -> str:
        return f"The edit makes the order dearer, and this does not pay for it: {self.why}"


@dataclass(eq=False)
class BadEdit(Invalid):
    what: str

    def __str__(self) -> str:
        return self.what


@dataclass(eq=False)
class BadText(Invalid):
    field: str
    longest: int

    def __str__(self) -> str:
        return f"{self.field} needs some text, of at most {self.longest} characters and without NUL."


@dataclass(eq=False)
class NothingLeft(Invalid):
    def __str__(self) -> str:
        return "Every unit of the order was cancelled, so its status is cancelled."


@dataclass(eq=False)
class NotFinished(Invalid):
    order_status: str
    finished: list[str]

    def __str__(self) -> str:
        return f"An order of the past is one of {', '.join(self.finished)}, and not {self.order_status!r}."


@dataclass(eq=False)
class NotAware(Invalid):
    moment: str

    def __str__(self) -> str:
        return f"{self.moment} has no time zone. Write it as in 2026-03-02T09:00:00Z."


@dataclass(eq=False)
class NotYet(Invalid):
    moment: str

    def __str__(self) -> str:
        return f"{self.moment} is still to come. What is imported has happened."


@dataclass(eq=False)
class NumberTaken(Conflict):
    number: str

    def __str__(self) -> str:
        return f"There is another order {self.number} already."


@dataclass(eq=False)
class NothingToPart(Conflict):
    order: str
    status_now: str

    def __str__(self) -> str:
        return f"Order {self.order} is {self.status_now}: nothing of it waits to be sent."


@dataclass(eq=False)
class BadRule(Invalid):
    place: int
    kind: str
    why: str

    def __str__(self) -> str:
        return f"Rule {self.place} ({self.kind}) cannot be used: {self.why}."


@dataclass(eq=False)
class RuleSetStands(Conflict):
    number: int
    status_of_set: str

    def __str__(self) -> str:
        return f"Version {self.number} is {self.status_of_set} and stays as it is. Begin a draft from it instead."


@dataclass(eq=False)
class NotReroutable(Conflict):
    order_id: str
    status_of_order: str

    def __str__(self) -> str:
        return f"The order is {self.status_of_order}: it has no units that could come from elsewhere."


@dataclass(eq=False)
class RerouteObstructed(Conflict):
    order_id: str
    obstacles: list[str]

    def __str__(self) -> str:
        return f"The units cannot be moved: {'; '.join(self.obstacles)}."


@dataclass(eq=False)
class NodeStillShips(Conflict):
    node: str

    def __str__(self) -> str:
        return f"{self.node} still ships, so new orders would go there. Let it ship no more, then route what is open."


@dataclass(eq=False)
class BadTenders(Invalid):
    why: str

    def __str__(self) -> str:
        return f"How the order is paid is not clear: {self.why}."


@dataclass(eq=False)
class TendersDoNotAddUp(Invalid):
    """Amounts in minor units."""

    said: int
    total: int

    def __str__(self) -> str:
        return f"The tenders come to {self.said}, and the order to {self.total} minor units. Leave out the last amount."


@dataclass(eq=False)
class BadHoldTerm(Invalid):
    hours: int
    most: int

    def __str__(self) -> str:
        return f"An order cannot keep its units for {self.hours} hours: say 1 to {self.most}, or nothing for no limit."
