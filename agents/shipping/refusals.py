"""Why the shipping agent says no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple

from db.errors import Conflict, Invalid


@dataclass(eq=False)
class NoRate(Conflict):
    """`asked` is the carrier's service that was named, if one was."""

    weight_grams: int
    country: str
    asked: str = ""
    ruled: str = ""  # what rules said no to, if any

    def __str__(self) -> str:
        what = f"No rate of {self.asked}" if self.asked else "No rate"
        where = "an unnamed country" if self.country == "*" else self.country
        if self.ruled:
            return (
                f"{what} may take the parcel of {self.weight_grams} g to {where}: {self.ruled}. Change the rule, or "
                "put in a rate card that it lets through."
            )
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
class BadCarrierRule(Invalid):
    at: int
    rule: str
    problem: str

    def __str__(self) -> str:
        return f"Rule {self.at} ({self.rule}): {self.problem}."


@dataclass(eq=False)
class CarrierRulesStand(Conflict):
    number: int
    rule_set_status: str

    def __str__(self) -> str:
        return f"Version {self.number} is {self.rule_set_status} and stays as it is. Begin a draft from it."


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


@dataclass(eq=False)
class UnknownIncident(Invalid):
    incident: str
    known: list[str]

    def __str__(self) -> str:
        return f"{self.incident!r} is no incident. Use one of: {', '.join(self.known)}."


@dataclass(eq=False)
class UnknownZone(Invalid):
    time_zone: str

    def __str__(self) -> str:
        return f"{self.time_zone!r} is no time zone. Use a name such as Europe/Berlin, or an offset such as +02:00."


@dataclass(eq=False)
class NothingTold(Invalid):
    tracking_number: str

    def __str__(self) -> str:
        return f"The event of {self.tracking_number} needs a status, or a code of the carrier."


@dataclass(eq=False)
class NotSigned(Invalid):
    carrier: str
    why: str

    status: ClassVar[int] = 401

    def __str__(self) -> str:
        return f"This was not believed to come from {self.carrier}: {self.why}"


@dataclass(eq=False)
class BadEvents(Invalid):
    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class BadAccount(Invalid):
    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class AccountInUse(Conflict):
    account: str
    purchases: int

    def __str__(self) -> str:
        return (
            f"{self.account} was used for labels, pickups or a calendar, so it cannot be removed. Disable it: it "
            "is asked no more, and its labels can still be voided."
        )


@dataclass(eq=False)
class LabelBeingBought(Conflict):
    purchase_id: str
    purchase_status: str

    def __str__(self) -> str:
        return f"A label is being bought for this parcel ({self.purchase_status}). Wait for it, or give it up first."


@dataclass(eq=False)
class NoCarriers(Conflict):
    node: str

    def __str__(self) -> str:
        return f"No carrier account is in use at {self.node}: there is nobody to ask. Rate cards need no asking."


@dataclass(eq=False)
class NoRefundDue(Conflict):
    label_id: str
    refund: str

    def __str__(self) -> str:
        return f"The refund of this label is {self.refund}: only one that was refused is asked for again."


class MissingForCustoms(NamedTuple):
    """`field` is the product's, `words` are what it is called."""

    sku: str
    title: str
    field: str
    words: str


@dataclass(eq=False)
class CustomsDataMissing(Conflict):
    sent_from: str
    sent_to: str
    missing: list[MissingForCustoms]

    def facts(self) -> dict[str, Any]:
        return super().facts() | {"missing": [each._asdict() for each in self.missing]}

    def __str__(self) -> str:
        told = "; ".join(f"{m.words} of {m.sku} ({m.title})" for m in self.missing[:10])
        more = f"; and {len(self.missing) - 10} more" if len(self.missing) > 10 else ""
        return (
            f"The parcel goes from {self.sent_from} to {self.sent_to}, and customs ask for what is missing: "
            f"{told}{more}. Put it in at the product, then buy the label."
        )


@dataclass(eq=False)
class BadSdrRate(Invalid):
    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class LabelIsVoided(Conflict):
    tracking_number: str

    def __str__(self) -> str:
        return f"Label {self.tracking_number} was voided and may not go onto a parcel. Print the parcel's live label."


@dataclass(eq=False)
class BadCalendar(Invalid):
    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class BadPickup(Invalid):
    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class PickupThen(Conflict):
    """`number` is booked already, with another window or account."""

    number: str
    carrier: str
    on: date
    pickup_status: str

    def __str__(self) -> str:
        return (
            f"{self.carrier} fetches on {self.on} already: pickup {self.number} is {self.pickup_status}. Cancel it "
            "first if it should be another one."
        )


@dataclass(eq=False)
class NobodyFetches(Conflict):
    carrier: str
    node: str
    on: date
    why: str

    def __str__(self) -> str:
        return f"{self.carrier} does not fetch at {self.node} on {self.on}: {self.why}."


@dataclass(eq=False)
class NothingToList(Conflict):
    node: str
    carrier: str

    def __str__(self) -> str:
        return f"No parcel has left {self.node} with {self.carrier} that is not on a manifest already."
