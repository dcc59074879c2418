"""Why the parcels agent says no."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid
from db.money import format_money


@dataclass(eq=False)
class ParcelNotOut(Conflict):
    parcel_id: str
    parcel_status: str

    def __str__(self) -> str:
        return f"The parcel is {self.parcel_status}: only one that has left the house can be in trouble."


@dataclass(eq=False)
class UnknownKind(Invalid):
    kind: str
    known: list[str]

    def __str__(self) -> str:
        return f"{self.kind!r} is no kind of exception. Use one of: {', '.join(self.known)}."


@dataclass(eq=False)
class NotNow(Conflict):
    number: str
    action: str
    possible: list[str]

    def __str__(self) -> str:
        return f"{self.number} cannot be {self.action} now. Possible: {', '.join(self.possible) or 'nothing'}."


@dataclass(eq=False)
class MadeWhole(Conflict):
    """The customer has the goods again, or the money."""

    number: str
    how: str

    def __str__(self) -> str:
        return f"The customer of {self.number} has been helped already: {self.how}. Nobody is helped twice."


@dataclass(eq=False)
class BadParcelField(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.field} {self.why}."


@dataclass(eq=False)
class MoreThanGoods(Conflict):
    number: str
    asked: int
    most: int
    currency: str

    def __str__(self) -> str:
        asked, most = format_money(self.asked, self.currency), format_money(self.most, self.currency)
        return f"The goods of {self.number} were paid with {most}; {asked} cannot be refunded for them."


@dataclass(eq=False)
class ClaimLive(Conflict):
    number: str
    claim: str
    claim_status: str

    def __str__(self) -> str:
        return f"There is claim {self.claim} for {self.number} already: it is {self.claim_status.replace('_', ' ')}."


@dataclass(eq=False)
class NothingToClaim(Conflict):
    number: str

    def __str__(self) -> str:
        return f"{self.number} is worth nothing, or the carrier is liable for nothing: there is nothing to claim."


@dataclass(eq=False)
class ClaimTooLate(Conflict):
    claim: str
    file_by: str

    def __str__(self) -> str:
        return (
            f"{self.claim} had to be filed by {self.file_by}. Say that it is filed late if the carrier takes it still."
        )


@dataclass(eq=False)
class ClaimTooMuch(Invalid):
    claim: str
    asked: int
    most: int
    currency: str

    def __str__(self) -> str:
        asked, most = format_money(self.asked, self.currency), format_money(self.most, self.currency)
        return f"{self.claim} can be for {most} at most, not for {asked}."


@dataclass(eq=False)
class NoEvidence(Conflict):
    claim: str

    def __str__(self) -> str:
        return f"{self.claim} has no evidence. Add what the carrier will ask for: a photo, the invoice of the goods."


@dataclass(eq=False)
class CarrierInvoiceKnown(Conflict):
    carrier: str
    number: str
    entered_on: str

    def __str__(self) -> str:
        return f"Invoice {self.number} of {self.carrier} was entered on {self.entered_on} already."


@dataclass(eq=False)
class TooManyLines(Invalid):
    lines: int
    most: int

    def __str__(self) -> str:
        return f"An invoice of {self.lines} lines is too long; put in at most {self.most} at a time."


@dataclass(eq=False)
class CreditTooMuch(Invalid):
    asked: int
    most: int
    currency: str

    def __str__(self) -> str:
        asked, most = format_money(self.asked, self.currency), format_money(self.most, self.currency)
        return f"The charge is {most} too much; {asked} cannot be credited for it."


@dataclass(eq=False)
class BadColumns(Invalid):
    columns: list[str]
    known: list[str]

    def __str__(self) -> str:
        return f"There is no field {', '.join(self.columns)}. Map some of {', '.join(self.known)}."
