"""Why the fulfilment agent says no, in sentences for people who stand in a warehouse."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid


@dataclass(eq=False)
class OrderOnHold(Conflict):
    order: str
    holds: list[str]

    def __str__(self) -> str:
        return f"Order {self.order} is on hold ({', '.join(self.holds)}): leave its goods until it is released."


@dataclass(eq=False)
class OrderNotReleased(Conflict):
    order: str
    order_status: str

    def __str__(self) -> str:
        return f"Order {self.order} is {self.order_status}: warehouses work on released orders only."


@dataclass(eq=False)
class NothingReady(Conflict):
    """`waiting` fulfilments are ready, but their units lie in no bin that is picked from."""

    node: str
    waiting: int = 0

    def __str__(self) -> str:
        if not self.waiting:
            return f"Nothing is ready to be picked at {self.node}."
        return (
            f"Nothing can be picked at {self.node}: {self.waiting} fulfilments are ready, but their units "
            "lie in no bin that is picked from, or other pick lists go for them."
        )


@dataclass(eq=False)
class NotReady(Conflict):
    fulfilment: str
    fulfilment_status: str

    def __str__(self) -> str:
        return f"{self.fulfilment} is {self.fulfilment_status}; only ready fulfilments go on a pick list."


@dataclass(eq=False)
class OtherNode(Invalid):
    fulfilment: str
    node: str
    asked: str

    def __str__(self) -> str:
        return f"{self.fulfilment} is fulfilled at {self.node}, not at {self.asked}."


@dataclass(eq=False)
class NotPickable(Conflict):
    fulfilment: str
    node: str
    sku: str
    wanted: int
    found: int

    def __str__(self) -> str:
        return (
            f"{self.fulfilment} needs {self.wanted} {self.sku}, but only {self.found} lie free in bins that are "
            f"picked from at {self.node}."
        )


@dataclass(eq=False)
class TaskClosed(Conflict):
    task_id: str
    picked: int
    by: str | None
    why: str | None

    def __str__(self) -> str:
        if self.why:
            return f"This pick task is closed ({self.why}). Leave the goods, or put back what you hold."
        return f"This pick task is done already: {self.picked} picked by {self.by or 'somebody'}."


@dataclass(eq=False)
class PickedTooMany(Invalid):
    sku: str
    bin: str
    wanted: int
    quantity: int

    def __str__(self) -> str:
        return f"{self.wanted} {self.sku} are wanted from bin {self.bin}, not {self.quantity}."


@dataclass(eq=False)
class WrongScan(Invalid):
    """`what` is `bin` or `item`."""

    what: str
    expected: str
    scanned: str

    def __str__(self) -> str:
        return f"{self.expected} was expected, and {self.scanned} was scanned. Nothing was booked."


@dataclass(eq=False)
class CancelledMeanwhile(Conflict):
    sku: str
    wanted: int
    quantity: int

    def __str__(self) -> str:
        if not self.wanted:
            return f"The {self.quantity} {self.sku} were cancelled meanwhile: put it back."
        return f"Only {self.wanted} of the {self.quantity} {self.sku} are still wanted: put the rest back."


@dataclass(eq=False)
class NotPicked(Conflict):
    fulfilment: str
    fulfilment_status: str

    def __str__(self) -> str:
        return f"{self.fulfilment} is {self.fulfilment_status}; parcels are packed once everything is picked."


@dataclass(eq=False)
class PackedTooMany(Invalid):
    fulfilment: str
    sku: str
    left: int
    quantity: int

    def __str__(self) -> str:
        return f"{self.quantity} {self.sku} cannot be packed: {self.left} of {self.fulfilment} are left to pack."


@dataclass(eq=False)
class NothingLeftToPack(Conflict):
    fulfilment: str

    def __str__(self) -> str:
        return f"Everything of {self.fulfilment} is packed already."


@dataclass(eq=False)
class NegativeMeasure(Invalid):
    field: str
    value: int

    def __str__(self) -> str:
        return f"{self.field} is {self.value} and cannot be below zero."


@dataclass(eq=False)
class NotPacked(Conflict):
    fulfilment: str
    fulfilment_status: str

    def __str__(self) -> str:
        return f"{self.fulfilment} is {self.fulfilment_status}; it can be dispatched once everything is packed."


@dataclass(eq=False)
class LabelMissing(Conflict):
    fulfilment: str
    parcels: list[int]

    def __str__(self) -> str:
        which = ", ".join(map(str, self.parcels))
        return f"Parcel {which} of {self.fulfilment} has no live label: buy one before it leaves."


@dataclass(eq=False)
class ShipsComplete(Conflict):
    order: str
    waiting: int

    def __str__(self) -> str:
        return f"Order {self.order} ships complete, and {self.waiting} units of it still wait for stock."


@dataclass(eq=False)
class HasLeft(Conflict):
    order: str
    fulfilments: list[str]

    def __str__(self) -> str:
        return f"{', '.join(self.fulfilments)} of order {self.order} has left the house and cannot be taken back."


@dataclass(eq=False)
class NothingToMerge(Conflict):
    fulfilment: str
    status_of_it: str

    def __str__(self) -> str:
        return f"{self.fulfilment} is {self.status_of_it}, and no other fulfilment of its order is ready at its node."


@dataclass(eq=False)
class PlanIsStale(Conflict):
    """Goods, boxes or what is left to pack have changed since the plan was made; or nobody has made one."""

    fulfilment: str

    def __str__(self) -> str:
        return f"{self.fulfilment} is not to be packed as it was planned any more: ask for the plan again."


@dataclass(eq=False)
class NothingPlanned(Conflict):
    fulfilment: str
    because: str

    def __str__(self) -> str:
        return f"No box was found for anything of {self.fulfilment}: {self.because}."


@dataclass(eq=False)
class NotOnFloor(Conflict):
    fulfilment: str
    node: str

    def __str__(self) -> str:
        return (
            f"{self.fulfilment} is not released to the floor of {self.node} yet: release it, or wait for its wave or "
            "its cut-off."
        )


@dataclass(eq=False)
class IsNotReady(Conflict):
    fulfilment: str
    fulfilment_status: str

    def __str__(self) -> str:
        return f"{self.fulfilment} is {self.fulfilment_status}; only what is ready is released to the floor."


@dataclass(eq=False)
class NothingForWave(Conflict):
    """`unfit` fulfilments wait at the node and do not fit the filter."""

    node: str
    unfit: int = 0

    def __str__(self) -> str:
        if not self.unfit:
            return f"Nothing waits at {self.node} for a wave: all that is ready is released, in a wave or held."
        return f"None of the {self.unfit} fulfilments that wait at {self.node} fits: make the filter wider."


@dataclass(eq=False)
class NoWavesHere(Conflict):
    node: str

    def __str__(self) -> str:
        return (
            f"{self.node} streams: what is ready is on the floor at once, and nothing waits for a wave. Let it release "
            "by waves or by cut-off first."
        )


@dataclass(eq=False)
class WaveNotReleased(Conflict):
    wave: str
    wave_status: str

    def __str__(self) -> str:
        return f"Wave {self.wave} is {self.wave_status}; lists are made for waves that are released."
