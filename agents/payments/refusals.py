"""Why the payments agent says no."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid
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
