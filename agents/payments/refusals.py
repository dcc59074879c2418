"""Why the payments agent says no."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Forbidden, Invalid
from db.money import format_money


@dataclass(eq=False)
class ProviderNotSetUp(Conflict):
    provider: str
    how: str

    def __str__(self) -> str:
        return f"{self.provider} is not set up: {self.how}."


@dataclass(eq=False)
class UnknownProvider(Invalid):
    provider: str
    known: list[str]

    def __str__(self) -> str:
        return f"There is no payment provider {self.provider!r}. There are: {', '.join(self.known)}."


@dataclass(eq=False)
class AmountNotPositive(Invalid):
    amount: int

    def __str__(self) -> str:
        return f"An amount has to be more than nothing; {self.amount} is not."


@dataclass(eq=False)
class OtherCurrency(Invalid):
    currency: str
    order_currency: str

    def __str__(self) -> str:
        return f"The order is in {self.order_currency}; a payment in {self.currency} cannot pay it."


@dataclass(eq=False)
class MoreThanOwed(Conflict):
    """Amounts in minor units; `most` is what is still to be paid, payments under way taken off."""

    amount: int
    most: int
    currency: str

    def __str__(self) -> str:
        asked, most = (format_money(a, self.currency) for a in (self.amount, self.most))
        return f"{asked} is more than the order still asks for: {most}, without what other payments hold."


@dataclass(eq=False)
class MoreThanRefundable(Conflict):
    payment_id: str
    amount: int
    most: int
    currency: str

    def __str__(self) -> str:
        asked, most = (format_money(a, self.currency) for a in (self.amount, self.most))
        return f"{asked} cannot be refunded. The most that can be refunded of this payment is {most}."


@dataclass(eq=False)
class MoreThanHeld(Conflict):
    payment_id: str
    amount: int
    most: int
    currency: str

    def __str__(self) -> str:
        asked, most = (format_money(a, self.currency) for a in (self.amount, self.most))
        return f"{asked} cannot be captured. The most that can be captured of this payment is {most}."


@dataclass(eq=False)
class NothingHeld(Conflict):
    """Neither to capture nor to void: not answered yet, done already, or under way."""

    payment_id: str
    state: str

    def __str__(self) -> str:
        return f"Nothing is held on payment {self.payment_id} that is free to be used: it is {self.state}."


@dataclass(eq=False)
class TooLateToChange(Conflict):
    number: str
    at: str

    def __str__(self) -> str:
        return f"How order {self.number} is paid can be changed until it leaves; it is {self.at.replace('_', ' ')}."


@dataclass(eq=False)
class NothingToPay(Conflict):
    number: str

    def __str__(self) -> str:
        return f"Order {self.number} costs nothing; there is no payment to change."


@dataclass(eq=False)
class MoneyStillMoves(Conflict):
    number: str

    def __str__(self) -> str:
        return f"Money of order {self.number} is on its way, and its provider has not answered yet. Try again later."


@dataclass(eq=False)
class RefundedByHand(Conflict):
    number: str

    def __str__(self) -> str:
        return (
            f"A part of what was paid for order {self.number} was given back by hand. "
            "Refund or void the rest, and ask for another payment."
        )


@dataclass(eq=False)
class AlreadyPaidSo(Conflict):
    number: str

    def __str__(self) -> str:
        return f"Order {self.number} is paid with this already."


@dataclass(eq=False)
class TenderDeclined(Conflict):
    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(eq=False)
class NoCustomer(Conflict):
    number: str

    def __str__(self) -> str:
        return f"Order {self.number} has no customer who could have store credit. Refund it the way it was paid."


@dataclass(eq=False)
class MoreThanOnIt(Conflict):
    """Amounts in minor units; `most` is what is on it."""

    named: str
    amount: int
    most: int
    currency: str

    def __str__(self) -> str:
        asked, most = (format_money(a, self.currency) for a in (self.amount, self.most))
        return f"{self.named} has {most} left; {asked} cannot be taken off."


@dataclass(eq=False)
class BadStoredValue(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.field}: {self.why}."


@dataclass(eq=False)
class AboveRefundLimit(Forbidden):
    """Amounts in minor units; `given` is the goodwill that the order has had already."""

    role: str
    amount: int
    given: int
    limit: int
    currency: str

    def __str__(self) -> str:
        asked, given, limit = (format_money(a, self.currency) for a in (self.amount, self.given, self.limit))
        return (
            f"The role {self.role} may give goodwill of {limit} on one order, and {given} was given. "
            f"Ask somebody with a higher limit for {asked}."
        )
