"""Why the returns agent says no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db.errors import Conflict, Invalid
from db.money import format_money


@dataclass(eq=False)
class BadReturnField(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.field}: {self.why}."


@dataclass(eq=False)
class NotThatMany(Conflict):
    """`lines` name what was asked for, what has left, and what came back or is on its way already."""

    order: str
    lines: list[dict[str, Any]]

    def __str__(self) -> str:
        said = "; ".join(
            f"line {n['line_no']}: {n['asked']} asked for, {n['shipped']} shipped, {n['claimed']} on returns already"
            + (f", on {', '.join(n['by'])}" if n.get("by") else "")
            for n in self.lines
        )
        return f"So much of order {self.order} cannot come back. {said}."


@dataclass(eq=False)
class AgainstPolicy(Conflict):
    """`lines` name the rule that refuses each, since when it is in force, and what it says."""

    order: str
    lines: list[dict[str, Any]]

    def __str__(self) -> str:
        said = "; ".join(f"line {n['line_no']}: {n['why']}" for n in self.lines)
        return f"The policy at the time of the purchase does not let this come back. {said}."


@dataclass(eq=False)
class CannotBecome(Conflict):
    """The choice is not open to these units."""

    choice: str
    why: str

    def __str__(self) -> str:
        return f"They cannot become {self.choice}: {self.why}."


@dataclass(eq=False)
class MoreThanComes(Conflict):
    number: str
    line_no: int
    graded: int
    open: int

    def __str__(self) -> str:
        return f"{self.number}: {self.graded} units of line {self.line_no} were graded, and {self.open} are to come."


@dataclass(eq=False)
class MoreThanWithheld(Conflict):
    number: str
    line_no: int
    asked: int
    withheld: int

    def __str__(self) -> str:
        return f"{self.number}: {self.withheld} units of line {self.line_no} are here and not paid, not {self.asked}."


@dataclass(eq=False)
class NothingOwed(Conflict):
    number: str

    def __str__(self) -> str:
        return f"Nothing is missing for {self.number}: what is owed has been given back, or is on its way."


@dataclass(eq=False)
class MoneyUnderWay(Conflict):
    number: str

    def __str__(self) -> str:
        return f"A refund for {self.number} is on its way or done, so it cannot be called off any more."


@dataclass(eq=False)
class TotalChanged(Conflict):
    """Amounts are minor units."""

    seen: int
    now: int
    currency: str

    def __str__(self) -> str:
        now, seen = format_money(self.now, self.currency), format_money(self.seen, self.currency)
        return f"This return comes to {now} now, not to {seen}. Look at it again and confirm."


@dataclass(eq=False)
class ParcelUnderWay(Conflict):
    number: str

    def __str__(self) -> str:
        return f"The goods of {self.number} are on their way or here, so it cannot be called off any more."


@dataclass(eq=False)
class FitsNoLine(Conflict):
    """`units` are those of an unknown parcel that no line of the order has left to give back."""

    order: str
    units: list[dict[str, Any]]

    def __str__(self) -> str:
        said = ", ".join(f"{n['quantity']} {n['sku']}" for n in self.units)
        return f"Order {self.order} has not so much left to come back: {said}. Match it with another order."


@dataclass(eq=False)
class NoCatchAll(Invalid):
    def __str__(self) -> str:
        return "The last rule has to fit everything: leave its category, channel, country, class and reason open."


@dataclass(eq=False)
class BadRule(Invalid):
    no: int
    field: str
    why: str

    def __str__(self) -> str:
        return f"Rule {self.no}, {self.field}: {self.why}."


@dataclass(eq=False)
class InThePast(Invalid):
    valid_from: str

    def __str__(self) -> str:
        return f"A policy cannot begin at {self.valid_from}, which is over: orders were placed under another since."


@dataclass(eq=False)
class NoAccount(Conflict):
    number: str

    def __str__(self) -> str:
        return f"Order {self.number} has no customer who could have store credit. Give the money back as it was paid."


@dataclass(eq=False)
class BadExchange(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.field}: {self.why}."


@dataclass(eq=False)
class NotInstant(Conflict):
    """`rules` are those that want the old goods first."""

    number: str
    rules: list[str]

    def __str__(self) -> str:
        told = ", ".join(f"\u201c{name}\u201d" for name in self.rules) or "without a policy, none"
        return f"The new goods cannot leave before the old of order {self.number} are here: {told} does not allow it."


@dataclass(eq=False)
class DifferenceNotCovered(Conflict):
    """`difference` is minor units of the order's currency."""

    number: str
    difference: int
    why: str

    def __str__(self) -> str:
        return f"The new goods cost more than those of order {self.number}, and this does not pay for it: {self.why}"


@dataclass(eq=False)
class NothingLeftToClaim(Conflict):
    """Claims that were granted hold their units; what is asked for more is named in `lines`."""

    number: str
    lines: list[dict[str, Any]]

    def __str__(self) -> str:
        said = ", ".join(
            f"{n['asked']} of line {n['line_no']} ({n['shipped']} left, {n['claimed']} claimed before"
            + (f", on {', '.join(n['by'])})" if n.get("by") else ")")
            for n in self.lines
        )
        return f"Order {self.number} has not so many units to complain of: {said}."


@dataclass(eq=False)
class AlreadyOnItsWay(Conflict):
    number: str
    replacement: str

    def __str__(self) -> str:
        return (
            f"Order {self.replacement}, which goes out for {self.number}, has left. "
            "Take it back as a return of that order."
        )


@dataclass(eq=False)
class HalfOfAnExchange(Conflict):
    """The return is decided with its exchange."""

    number: str
    exchange: str

    def __str__(self) -> str:
        return f"{self.number} belongs to exchange {self.exchange}. Approve or cancel the exchange."


@dataclass(eq=False)
class NotFromHere(Conflict):
    """The order is history that was brought in: its money is not in these books, and cannot pay for anything."""

    order: str

    def __str__(self) -> str:
        return f"Order {self.order} was brought in from another system; its money is not in these books."
