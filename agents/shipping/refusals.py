"""Why the shipping agent says no."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid


@dataclass(eq=False)
class NoRate(Conflict):
    """`asked` is the carrier's service that was named, if one was."""

    weight_grams: int
    country: str
    asked: str = ""

    def __str__(self) -> str:
        what = f"No rate of {self.asked}" if self.asked else "No rate"
        where = "an unnamed country" if self.country == "*" else self.country
        return f"{what} fits a parcel of {self.weight_grams} g to {where}. Put in a rate card that does."


@dataclass(eq=False)
class BadRates(Invalid):
    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class BadPolicy(Invalid):
    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class RateCardTaken(Conflict):
    carrier: str
    service: str
    valid_from: str

    def __str__(self) -> str:
        return f"{self.carrier} {self.service} has a rate card from {self.valid_from} already. Start a moment later."


@dataclass(eq=False)
class ParcelGone(Conflict):
    parcel_id: str
    parcel_status: str

    def __str__(self) -> str:
        return f"The parcel is {self.parcel_status}: its label can be neither bought nor voided now."


@dataclass(eq=False)
class OtherLabel(Conflict):
    label_id: str
    service: str
    asked: str

    def __str__(self) -> str:
        return f"The parcel has a label of {self.service} already. Void it before you buy one of {self.asked}."


@dataclass(eq=False)
class UnknownStatus(Invalid):
    tracking_status: str
    known: list[str]

    def __str__(self) -> str:
        return f"{self.tracking_status!r} is no tracking status. Use one of: {', '.join(self.known)}."


@dataclass(eq=False)
class TimeWithoutZone(Invalid):
    field: str

    def __str__(self) -> str:
        return f"{self.field} needs a time zone, such as 2026-03-02T09:00:00Z."
