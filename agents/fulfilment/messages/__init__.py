"""What may be said to the fulfilment agent, and what it says."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class CreatePickList(Command, frozen=True, kw_only=True):
    """A walk through a node for fulfilments on its floor (all of them, up to `limit`, when none are named), or for
    those of a wave alone."""

    node: str
    fulfilments: list[UUID] = []
    wave: UUID | None = None
    limit: int = 20
    assigned_to: str | None = None


class NextPickList(Command, frozen=True, kw_only=True):
    """The walk that `picker` is on at a node; when there is none, a new one for the oldest ready fulfilments."""

    node: str
    picker: str
    limit: int = 6
    wave: UUID | None = None


class Pick(Command, frozen=True, kw_only=True):
    """A picker took `quantity` for a task; fewer than asked leaves the rest of the task open.

    What was scanned (the bin's code; the SKU or its barcode) must be what the task asks for.
    """

    task_id: UUID
    quantity: int
    scanned_bin: str | None = None
    scanned_item: str | None = None


class ShortPick(Command, frozen=True, kw_only=True):
    """The bin does not have the rest: the books are corrected, the units are found elsewhere or wait."""

    task_id: UUID
    reason: str = "not in the bin"


class CancelPickList(Command, frozen=True, kw_only=True):
    """Nobody walks on: what is not picked yet goes back to wait for another list."""

    pick_list_id: UUID
    reason: str


class LeaveLot(Task, frozen=True, kw_only=True):
    """Nobody is to pick this lot at the node any more: what is open of it is looked for anew."""

    node: str
    sku: str
    lot: str
    why: str


class PackedLine(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    quantity: int
    line_no: int | None = None


class PackParcel(Command, frozen=True, kw_only=True):
    """Put picked units into a parcel; without `lines` everything that is left.

    With a `box` of the node the parcel has its outer measures, and weighs as much as the items and the box.
    """

    fulfilment_id: UUID
    lines: list[PackedLine] = []
    box: str | None = None
    weight_grams: int | None = None  # None: the sum of the items, and of the box where one is named
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


class PlanPacking(Command, frozen=True, kw_only=True):
    """Say into which boxes what is left of a fulfilment goes; the plan that is there stays while it is right."""

    fulfilment_id: UUID


class RefreshPackingPlan(Task, frozen=True, kw_only=True):
    """The goods of a fulfilment, or how many are left to pack, may have changed."""

    fulfilment_id: UUID


class PackAsPlanned(Command, frozen=True, kw_only=True):
    """Everything was packed as the plan of this version says: make its parcels, with their measures and weights."""

    fulfilment_id: UUID
    version: int | None = None


class PutBox(Command, frozen=True, kw_only=True):
    """Create a box of a node or bring it to what is said here. Measures are of the inside."""

    node: str
    code: str
    name: str = ""
    length_mm: int
    width_mm: int
    height_mm: int
    wall_mm: int = 0
    padding_mm: int = 0
    tare_grams: int = 0
    max_grams: int
    cost_amount: int = 0
    cost_currency: str
    active: bool = True
    version: int | None = None


class PackingBoxState(State, frozen=True, kw_only=True):
    node: str
    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    wall_mm: int
    padding_mm: int
    tare_grams: int
    max_grams: int
    cost_amount: int
    cost_currency: str
    active: bool
    version: int
    created: bool


class PackingPlanState(State, frozen=True, kw_only=True):
    """`boxes` in the order of packing, each with its `pieces` in the order in which they go in. It is `current` while
    goods, boxes and what is left to pack are what it was worked out from."""

    fulfilment_id: UUID
    version: int
    boxes: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    price_amount: int
    price_currency: str | None
    made_at: datetime
    followed_at: datetime | None
    current: bool


class Unpack(Command, frozen=True, kw_only=True):
    parcel_id: UUID
    reason: str


class DispatchFulfilment(Command, frozen=True, kw_only=True):
    """The parcels leave the house: every one needs a live label. Stock leaves the books now."""

    fulfilment_id: UUID
    version: int | None = None


class MergeFulfilments(Command, frozen=True, kw_only=True):
    """Take the order's other fulfilments that are ready at the same node into this one."""

    fulfilment_id: UUID


class ConfirmDelivery(Command, frozen=True, kw_only=True):
    fulfilment_id: UUID


class TakeBack(Command, frozen=True, kw_only=True):
    """Undo picking and packing of an order that has not left: parcels are opened, units go back to the shelf.

    Refused when any of its fulfilments has been dispatched.
    """

    order_id: UUID
    reason: str


class TakenBack(State, frozen=True, kw_only=True):
    order_id: UUID
    fulfilments: list[UUID]
    units: int


class FulfilmentState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    order_id: UUID
    node: str
    status: str
    version: int
    lines: list[dict[str, Any]]
    parcels: list[dict[str, Any]]
    next: list[str]


class PickListState(State, frozen=True, kw_only=True):
    """`tasks` in the order of the walk."""

    id: UUID
    node: str
    status: str
    version: int
    tasks: list[dict[str, Any]]
    next: list[str]


class ParcelState(State, frozen=True, kw_only=True):
    id: UUID
    fulfilment_id: UUID
    number: int
    status: str
    weight_grams: int
    lines: list[dict[str, Any]]
    version: int
    next: list[str]


class ShippedLine(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    sku: str
    quantity: int  # units of `sku`; for a kit the component's


class OpenReleased(Task, frozen=True, kw_only=True):
    """Pre-orders whose day has come may leave."""


class FulfilmentReady(Event, frozen=True, kw_only=True):
    fulfilment_id: UUID
    order_id: UUID
    node: str


class ParcelPacked(Event, frozen=True, kw_only=True):
    parcel_id: UUID
    fulfilment_id: UUID
    order_id: UUID


class ParcelUnpacked(Event, frozen=True, kw_only=True):
    """The parcel is no more; its label is not to be used. Subject: the order."""

    parcel_id: UUID
    order_id: UUID


class FulfilmentShipped(Event, frozen=True, kw_only=True):
    """Subject: the order."""

    fulfilment_id: UUID
    order_id: UUID
    node: str
    lines: list[ShippedLine]
    tracking: list[str]


class FulfilmentDelivered(Event, frozen=True, kw_only=True):
    fulfilment_id: UUID
    order_id: UUID
