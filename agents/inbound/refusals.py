"""Why the inbound agent says no, in sentences for people at a dock or an inspection table."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid


@dataclass(eq=False)
class SampleFirst(Conflict):
    inspection: str
    sample_size: int
    sampled: int

    def __str__(self) -> str:
        return (
            f"{self.inspection} is judged by a sample of {self.sample_size}, of which {self.sampled} were looked at. "
            "Record the others, or say why these units are accepted without."
        )


@dataclass(eq=False)
class MoreThanAwaits(Conflict):
    inspection: str
    wanted: int
    left: int
    what: str  # `await a decision` or `are rejected and still there`

    def __str__(self) -> str:
        return f"{self.left} units of {self.inspection} {self.what}; {self.wanted} cannot be decided on."


@dataclass(eq=False)
class JudgedAlready(Conflict):
    inspection: str
    verdict: str

    def __str__(self) -> str:
        return f"The sample of {self.inspection} was judged already: {self.verdict}. Decide on its units."


@dataclass(eq=False)
class NotSampled(Conflict):
    inspection: str
    method: str

    def __str__(self) -> str:
        return f"{self.inspection} is not inspected by sample. Decide on its units as you look at them."


@dataclass(eq=False)
class InspectionOver(Conflict):
    inspection: str
    status_now: str

    def __str__(self) -> str:
        return f"{self.inspection} is {self.status_now}: nothing of it can be decided any more."


@dataclass(eq=False)
class InspectedAlready(Conflict):
    receipt: str
    inspection: str

    def __str__(self) -> str:
        return (
            f"Units of {self.receipt} were decided on in {self.inspection}, so it cannot be taken back as a whole. "
            "Dispose of the others there."
        )


@dataclass(eq=False)
class NotDiscontinued(Conflict):
    supplier: str
    sku: str
    severity: str

    def __str__(self) -> str:
        return f"{self.sku} of {self.supplier} is under {self.severity} inspection, which was not discontinued."


@dataclass(eq=False)
class BadInspectionField(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.field}: {self.why}."


@dataclass(eq=False)
class OnThisOrder(Conflict):
    purchase: str
    sku: str
    line_no: int

    def __str__(self) -> str:
        return f"{self.sku} is on {self.purchase} and so not wrong: receive it on line {self.line_no}."


@dataclass(eq=False)
class ExpiryNeedsLot(Invalid):
    sku: str

    def __str__(self) -> str:
        return f"A date of expiry is a lot's, and these units of {self.sku} have none: leave the date out."


@dataclass(eq=False)
class StillInSale(Conflict):
    sku: str
    lot: str
    expires_on: str
    sellable: int

    def __str__(self) -> str:
        return (
            f"{self.sellable} units of lot {self.lot} of {self.sku} are in sale, and by this date it expired on "
            f"{self.expires_on}. Move them to quarantine first."
        )
