"""What is said about the release of work to the floor: waves, their templates, cut-offs, and how a node releases."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class WaveFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What goes into a wave: everything that fits all that is said here, what is due first before the rest.

    `services` are `carrier service`, or a carrier alone. `lines` is `single` or `multi`: orders of one piece's line,
    or of several. In `zones` lies all that is picked for it. `tags` are of the order or its customer, and one of them
    is enough. The limits are for the whole wave; what is first in turn is taken even if it alone is beyond them.
    """

    due_by: datetime | None = None
    due_within_minutes: int | None = None  # from when the wave is made
    services: list[str] = []
    lines: str | None = None
    zones: list[str] = []
    tags: list[str] = []
    channels: list[str] = []
    ship_complete: bool | None = None
    fulfilments: list[UUID] = []
    most_orders: int | None = None
    most_lines: int | None = None
    most_units: int | None = None


class PreviewWave(Command, frozen=True, kw_only=True):
    """What a wave would come to. Nothing is written. `lines_per_hour` is what the floor can pick altogether."""

    node: str
    filter: WaveFilter
    lines_per_hour: int | None = None


class LoadHour(msgspec.Struct, frozen=True, kw_only=True):
    """Work that is due by the end of an hour: of the wave, and on the floor already. `sum_lines` is all until then of
    both, and `fits` whether the floor can pick as much until then."""

    until: datetime
    fulfilments: int
    lines: int
    units: int
    floor_lines: int
    sum_lines: int
    can_lines: int | None
    fits: bool | None


class WaveShort(msgspec.Struct, frozen=True, kw_only=True):
    """A fulfilment whose units lie in no bin that is picked from, or are fetched by other lists."""

    fulfilment: str
    sku: str
    wanted: int
    found: int


class WavePreview(State, frozen=True, kw_only=True):
    """`parcels` are at least as many: by volume and weight in the node's largest box. `waiting` is all that nobody has
    released at the node, of which `held` may not be worked on, `unfit` does not fit the filter and `over` is beyond
    the limits. `hours` is how long the wave takes at the pace that was named."""

    node: str
    mode: str
    orders: int
    fulfilments: int
    lines: int
    units: int
    grams: int
    parcels: int
    bins: int
    late: int
    due_at: datetime | None
    waiting: int
    held: int
    unfit: int
    over: int
    hours: float | None
    load: list[LoadHour]
    short: list[WaveShort]
    chosen: list[UUID]


class PlanWave(Command, frozen=True, kw_only=True):
    """Set fulfilments aside for a wave; with `release` it is on the floor at once."""

    node: str
    name: str
    filter: WaveFilter
    release: bool = False


class ReleaseWave(Command, frozen=True, kw_only=True):
    """Put a planned wave on the floor. What is held by now leaves it. Released before, nothing more happens."""

    wave_id: UUID


class CancelWave(Command, frozen=True, kw_only=True):
    """What nobody has begun waits for another wave; what is begun goes on."""

    wave_id: UUID
    reason: str


class WaveState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    node: str
    name: str
    status: str
    taken: int
    gone: int
    planned: dict[str, int]
    due_at: datetime | None
    released_at: datetime | None
    version: int
    next: list[str]


class ReleaseFulfilments(Command, frozen=True, kw_only=True):
    """Put fulfilments on the floor now, whatever their node's way of releasing; they leave a wave that is planned."""

    fulfilments: list[UUID]
    reason: str


class NotLetGo(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    code: str
    sentence: str


class FulfilmentsReleased(State, frozen=True, kw_only=True):
    """`already` were on the floor before."""

    released: list[UUID]
    already: list[UUID]
    refused: list[NotLetGo]


class PutReleasePolicy(Command, frozen=True, kw_only=True):
    """How a node releases work from now on. What waits is looked at anew; what is on the floor stays there."""

    node: str
    mode: str
    minutes_before: int = 240
    version: int | None = None


class ReleasePolicyState(State, frozen=True, kw_only=True):
    node: str
    mode: str
    minutes_before: int
    version: int


class PutCarrierCutOff(Command, frozen=True, kw_only=True):
    node: str
    code: str
    carrier: str
    service: str
    cut_off: str
    minutes_before: int = 240
    channel: str = "*"
    tag: str = "*"
    country: str = "*"
    rank: int = 100
    active: bool = True
    version: int | None = None


class CarrierCutOffState(State, frozen=True, kw_only=True):
    node: str
    code: str
    carrier: str
    service: str
    cut_off: str
    minutes_before: int
    channel: str
    tag: str
    country: str
    rank: int
    active: bool
    version: int
    created: bool


class PutWaveTemplate(Command, frozen=True, kw_only=True):
    """`times` are on the node's clock, as 08:00, on the days that it works."""

    node: str
    code: str
    name: str
    filter: WaveFilter
    times: list[str]
    releases: bool = True
    active: bool = True
    version: int | None = None


class WaveTemplateState(State, frozen=True, kw_only=True):
    node: str
    code: str
    name: str
    filter: dict[str, Any]
    times: list[str]
    releases: bool
    active: bool
    next_at: datetime | None
    version: int
    created: bool


class RunWaveTemplates(Task, frozen=True, kw_only=True):
    """Make the waves whose time has come. Sent by a schedule."""


class ReleaseDue(Task, frozen=True, kw_only=True):
    """Put on the floor what is to be there by now. Sent by a schedule."""


class ReviewRelease(Task, frozen=True, kw_only=True):
    """A node releases work in another way than before: look anew at what waits there."""

    node: str
    after: UUID | None = None


class WaveChanged(Event, frozen=True, kw_only=True):
    """A wave was planned, released, done or cancelled. Subject: the wave."""

    wave_id: UUID
    number: str
    node: str
    status: str
