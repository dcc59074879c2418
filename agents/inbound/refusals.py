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
class PutawayOver(Conflict):
    task: str
    status_now: str

    def __str__(self) -> str:
        return f"{self.task} is {self.status_now}: nothing of it is left to be put away."


@dataclass(eq=False)
class LessLiesThere(Conflict):
    task: str
    bin: str
    wanted: int
    left: int
    picked: int

    def __str__(self) -> str:
        fetched = f" Pick lists fetch {self.picked} more from there." if self.picked else ""
        return (
            f"{self.left} units of {self.task} in bin {self.bin} are left to be put away; {self.wanted} were said."
            f"{fetched}"
        )


@dataclass(eq=False)
class NotSuggested(Conflict):
    task: str
    bin: str
    suggested: list[str]

    def __str__(self) -> str:
        wanted = ", ".join(self.suggested) or "no bin at all"
        return f"{self.task} is to go to {wanted}. Say why it goes to {self.bin} instead."


@dataclass(eq=False)
class UnfitBin(Conflict):
    node: str
    bin: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.why}. Choose another bin, or say why it goes there all the same."


@dataclass(eq=False)
class NotABinToPutInto(Conflict):
    node: str
    bin: str
    type: str

    def __str__(self) -> str:
        return f"Bin {self.bin} at {self.node} is a {self.type} bin. Goods are put away into pick faces and reserve."


@dataclass(eq=False)
class PutBackAlready(Conflict):
    putaway: str

    def __str__(self) -> str:
        return "These units were brought back already."


@dataclass(eq=False)
class TooLateToBringBack(Conflict):
    bin: str
    hours: int

    def __str__(self) -> str:
        return f"These units were put into bin {self.bin} more than {self.hours} hours ago. Move them instead."


@dataclass(eq=False)
class GoneFromBin(Conflict):
    sku: str
    node: str
    bin: str
    wanted: int
    free: int

    def __str__(self) -> str:
        return (
            f"{self.wanted} {self.sku} would have to come back from bin {self.bin} at {self.node}, and {self.free} lie "
            "there that no pick list goes for."
        )


@dataclass(eq=False)
class BadPutawayRule(Invalid):
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


@dataclass(eq=False)
class BadSscc(Invalid):
    sscc: str
    why: str

    def __str__(self) -> str:
        return f"{self.sscc} is no SSCC: {self.why}."


@dataclass(eq=False)
class AnnouncedAlready(Conflict):
    supplier: str
    reference: str
    number: str

    def __str__(self) -> str:
        return f"{self.supplier} announced {self.reference} already: it is {self.number}."


@dataclass(eq=False)
class PackageElsewhere(Conflict):
    sscc: str
    number: str

    def __str__(self) -> str:
        return f"The package {self.sscc} is on {self.number} already. Cancel that notice first if it was wrong."


@dataclass(eq=False)
class NotOfThisNotice(Conflict):
    notice: str
    purchase: str
    what: str  # `supplier` or `node`
    of_notice: str
    of_purchase: str

    def __str__(self) -> str:
        return (
            f"{self.purchase} does not go with {self.notice}: its {self.what} is {self.of_purchase}, "
            f"and the notice's is {self.of_notice}."
        )


@dataclass(eq=False)
class NoticeOver(Conflict):
    notice: str
    status_now: str

    def __str__(self) -> str:
        return f"{self.notice} is {self.status_now}: nothing can be received on it. Receive without the notice."


@dataclass(eq=False)
class NotOnItsWay(Conflict):
    purchase: str
    status_now: str

    def __str__(self) -> str:
        return f"{self.purchase} is {self.status_now}, so nothing of it can be on its way."


def _instead(next_free: str | None) -> str:
    return f"The next free slot is {next_free}." if next_free else "Nothing is free for the next two months."


@dataclass(eq=False)
class DockTaken(Conflict):
    """`next_*` is the first slot that is free, of the same length: the dock that was wanted goes first."""

    dock: str
    by: str
    taken: str
    next_free: str | None
    next_dock: str | None
    next_starts_at: str | None
    next_ends_at: str | None

    def __str__(self) -> str:
        return f"Dock {self.dock} is taken {self.taken} by {self.by}. {_instead(self.next_free)}"


@dataclass(eq=False)
class OutsideGoodsHours(Conflict):
    node: str
    hours: str
    next_free: str | None
    next_dock: str | None
    next_starts_at: str | None
    next_ends_at: str | None

    def __str__(self) -> str:
        return f"{self.node} {self.hours}. {_instead(self.next_free)}"


@dataclass(eq=False)
class SlotOver(Conflict):
    ended: str
    next_free: str | None
    next_dock: str | None
    next_starts_at: str | None
    next_ends_at: str | None

    def __str__(self) -> str:
        return f"That time is over: it ended at {self.ended}. {_instead(self.next_free)}"


@dataclass(eq=False)
class DockNotInUse(Conflict):
    node: str
    dock: str

    def __str__(self) -> str:
        return f"Dock {self.dock} at {self.node} is not in use. Choose another one."


@dataclass(eq=False)
class DockTakesOther(Conflict):
    dock: str
    takes: str
    comes_as: str

    def __str__(self) -> str:
        return f"Dock {self.dock} takes {self.takes} only, and this comes as {self.comes_as}. Choose another one."


@dataclass(eq=False)
class DockHasAppointments(Conflict):
    node: str
    dock: str
    count: int
    first: str
    first_at: str

    def __str__(self) -> str:
        rest = f" and {self.count - 1} more" if self.count > 1 else ""
        return f"{self.first} at {self.first_at}{rest} is booked at dock {self.dock}. Move it to another dock first."


@dataclass(eq=False)
class BookedAlready(Conflict):
    notice: str
    number: str
    appointment_id: str
    dock: str
    at: str

    def __str__(self) -> str:
        return f"{self.notice} has {self.number} at dock {self.dock}, {self.at}, already. Move that one instead."


@dataclass(eq=False)
class NothingToCome(Conflict):
    number: str
    status_now: str

    def __str__(self) -> str:
        return f"{self.number} is {self.status_now}: nothing of it is to come to a dock."


@dataclass(eq=False)
class GoesElsewhere(Conflict):
    number: str
    goes_to: str
    node: str

    def __str__(self) -> str:
        return f"{self.number} goes to {self.goes_to}, and this dock is at {self.node}."


@dataclass(eq=False)
class NotOnNotice(Conflict):
    notice: str
    purchase: str

    def __str__(self) -> str:
        return f"Nothing of {self.purchase} is on {self.notice}. Name one of the two."


@dataclass(eq=False)
class NotMissedYet(Conflict):
    number: str
    begins: str

    def __str__(self) -> str:
        return f"{self.number} begins at {self.begins} and cannot be missed before. Move or cancel it."
