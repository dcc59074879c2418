"""Why a mail is not written."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict


@dataclass(eq=False)
class NotSentYet(Conflict):
    purchase: str
    status_now: str

    def __str__(self) -> str:
        return f"{self.purchase} is {self.status_now.replace('_', ' ')}: it is mailed when it is sent."


@dataclass(eq=False)
class NoAddress(Conflict):
    supplier: str

    def __str__(self) -> str:
        return f"{self.supplier} has no e-mail address. Put one in with its terms, and mail the order then."


@dataclass(eq=False)
class MailedFromItsOrder(Conflict):
    title: str

    def __str__(self) -> str:
        return f"{self.title!r} went to a supplier. Mail it again from its order, with the reason."
