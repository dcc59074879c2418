"""What goes into a wave and what it comes to. Pure: no database, no clock. Quantities are whole units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from agents.fulfilment.messages.waves import LoadHour, WaveFilter

SINGLE, MULTI = "single", "multi"
FAR = timedelta(days=3)  # beyond this the load is one bar


class Candidate(NamedTuple):
    """A ready fulfilment that nobody has released. `zones` are those in which each of its SKUs lies."""

    id: UUID
    order_id: UUID
    number: str
    due_at: datetime | None
    created_at: datetime
    service: str | None
    channel: str
    ship_complete: bool
    tags: Collection[str]
    lines: int
    units: int
    zones: Sequence[Collection[str]] = ()

    @property
    def turn(self) -> tuple[datetime, datetime, str]:
        """What is due first comes first, then what was there first."""
        return self.due_at or self.created_at, self.created_at, self.number


class Chosen(NamedTuple):
    """`over` fit the filter and are beyond its limits."""

    taken: list[Candidate]
    unfit: int
    over: int


def fits(one: Candidate, want: WaveFilter, *, now: datetime) -> bool:
    due_at = one.due_at or one.created_at
    if want.due_by is not None and due_at > want.due_by:
        return False
    if want.due_within_minutes is not None and due_at > now + timedelta(minutes=want.due_within_minutes):
        return False
    if want.services and not any(_is_of(one.service, name) for name in want.services):
        return False
    if want.lines is not None and (want.lines == SINGLE) != (one.lines == 1):
        return False
    if want.zones and not all(set(of_sku) & set(want.zones) for of_sku in one.zones):
        return False
    if want.tags and not set(want.tags) & set(one.tags):
        return False
    if want.channels and one.channel not in want.channels:
        return False
    if want.ship_complete is not None and want.ship_complete != one.ship_complete:
        return False
    return not want.fulfilments or one.id in want.fulfilments


def _is_of(service: str | None, name: str) -> bool:
    return service is not None and (service == name or service.startswith(f"{name} "))


def choose(candidates: Iterable[Candidate], want: WaveFilter, *, now: datetime) -> Chosen:
    """In turn, as far as the limits go: what does not fit beside those before it is left for another wave.

    The first in turn is taken in any case, or an order that is larger than every wave would never leave.
    """
    ordered = sorted(candidates, key=lambda c: c.turn)
    fitting = [c for c in ordered if fits(c, want, now=now)]
    taken: list[Candidate] = []
    orders: set[UUID] = set()
    lines = units = 0
    for one in fitting:
        more = len(orders | {one.order_id})
        if taken and (
            _beyond(more, want.most_orders)
            or _beyond(lines + one.lines, want.most_lines)
            or _beyond(units + one.units, want.most_units)
        ):
            continue
        taken.append(one)
        orders.add(one.order_id)
        lines, units = lines + one.lines, units + one.units
    return Chosen(taken, len(ordered) - len(fitting), len(fitting) - len(taken))


def _beyond(number: int, most: int | None) -> bool:
    return most is not None and number > most


class Due(NamedTuple):
    """Work by when it is due."""

    due_at: datetime
    lines: int
    units: int


def load(wave: Sequence[Due], floor: Sequence[Due], *, now: datetime, lines_per_hour: int | None) -> list[LoadHour]:
    """Work by the hour in which it is due, what is late in the hour that runs; what the floor can pick until then.

    Hours in which nothing is due are left out. Work that is due later than three days from now is one row.
    """
    hours: dict[datetime, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in wave:
        row = hours[_until(one.due_at, now)]
        row[0] += 1
        row[1] += one.lines
        row[2] += one.units
    for one in floor:
        hours[_until(one.due_at, now)][3] += one.lines
    rows, total = [], 0
    for until in sorted(hours):
        fulfilments, lines, units, on_floor = hours[until]
        total += lines + on_floor
        can = None if lines_per_hour is None else int((until - now).total_seconds() * lines_per_hour // 3600)
        rows.append(
            LoadHour(
                until=until, fulfilments=fulfilments, lines=lines, units=units, floor_lines=on_floor, sum_lines=total,
                can_lines=can, fits=None if can is None else total <= can,
            )
        )  # fmt: skip
    return rows


def _until(due_at: datetime, now: datetime) -> datetime:
    moment = min(max(due_at, now + timedelta(seconds=1)), now + FAR)
    start = moment.replace(minute=0, second=0, microsecond=0)
    return start if start == moment else start + timedelta(hours=1)


class Box(NamedTuple):
    volume_mm3: int
    grams: int  # of goods


def parcels(volume_mm3: int, grams: int, boxes: Sequence[Box]) -> int:
    """At least as many parcels: by volume and by weight in the largest box. One where no box is known."""
    if not boxes:
        return 1
    room, carries = max(b.volume_mm3 for b in boxes), max(b.grams for b in boxes)
    return max(1, -(-volume_mm3 // room), -(-grams // carries))


def summed(taken: Sequence[Candidate]) -> Mapping[str, int]:
    """What is kept of a wave as it was planned."""
    return {
        "orders": len({c.order_id for c in taken}),
        "fulfilments": len(taken),
        "lines": sum(c.lines for c in taken),
        "units": sum(c.units for c in taken),
    }
