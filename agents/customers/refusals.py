"""Why the customers agent says no."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid


@dataclass(eq=False)
class NotAnEmail(Invalid):
    email: str

    def __str__(self) -> str:
        return f"{self.email!r} is not a mail address."


@dataclass(eq=False)
class UnknownClass(Invalid):
    given: str
    known: list[str]

    def __str__(self) -> str:
        return f"There is no class of customers {self.given!r}. There are: {', '.join(self.known)}."


@dataclass(eq=False)
class NobodyNamed(Invalid):
    def __str__(self) -> str:
        return "A new customer needs at least an e-mail, a name or an external reference."


@dataclass(eq=False)
class TwoCustomers(Conflict):
    """What was said names more than one; `ids` by what named them."""

    ids: dict[str, str]

    def __str__(self) -> str:
        named = " and ".join(f"customer {id} by {by}" for by, id in self.ids.items())
        return f"That names {named}; customers are not merged by a change."


@dataclass(eq=False)
class ErasedAlready(Conflict):
    customer_id: str

    def __str__(self) -> str:
        return f"The data of customer {self.customer_id} was erased on request and is not collected again."


@dataclass(eq=False)
class OrdersUnderWay(Conflict):
    """`orders` are their numbers, the first ten."""

    orders: list[str]

    def __str__(self) -> str:
        return (
            f"{', '.join(self.orders)} still need their name and address. Cancel them, or wait until they have been "
            "shipped, and erase then."
        )
