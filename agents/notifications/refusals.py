"""Why a mail is not written."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid


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
class NobodyToWriteTo(Conflict):
    order: str

    def __str__(self) -> str:
        return f"Nobody can be written to about order {self.order}: it has no e-mail address, or is history."


@dataclass(eq=False)
class NoPublicAddress(Conflict):
    def __str__(self) -> str:
        return "Mails cannot have links yet: set BACKOFFICE_PUBLIC_URL to where customers reach this server."


@dataclass(eq=False)
class CodeIsOver(Conflict):
    def __str__(self) -> str:
        return "A code is mailed once. Whoever needs one asks for a new one on the returns page."


@dataclass(eq=False)
class MailedFromItsOrder(Conflict):
    title: str

    def __str__(self) -> str:
        return f"{self.title!r} went to a supplier. Mail it again from its order, with the reason."


@dataclass(eq=False)
class UnknownNews(Invalid):
    news: list[str]
    known: list[str]

    def __str__(self) -> str:
        return f"Nobody writes of {', '.join(self.news)}. Choose among {', '.join(self.known)}."
