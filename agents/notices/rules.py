"""When mail may go, what may be chosen, and how several notices become one mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from db.errors import Invalid


class Hours(Protocol):
    time_zone: str
    starts: time
    ends: time


class Told(Protocol):
    title: str
    body: str


@dataclass(eq=False)
class UnknownKind(Invalid):
    kind: str
    known: list[str]

    def __str__(self) -> str:
        return f"There is no kind of notice {self.kind!r}. There are: {', '.join(self.known)}."


@dataclass(eq=False)
class UnknownZone(Invalid):
    time_zone: str

    def __str__(self) -> str:
        return f"There is no time zone {self.time_zone!r}. Write it like Europe/London."


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, KeyError, ValueError):
        raise UnknownZone(name) from None


def mail_from(now: datetime, quiet: Hours | None) -> datetime:
    """The first moment from `now` on at which mail may go. Hours that start and end at once are none."""
    if quiet is None or quiet.starts == quiet.ends:
        return now
    zone = zone_of(quiet.time_zone)
    here = now.astimezone(zone)
    for day in (here.date() - timedelta(days=1), here.date()):
        begins = datetime.combine(day, quiet.starts, zone)
        over = datetime.combine(day + timedelta(days=quiet.ends < quiet.starts), quiet.ends, zone)
        if begins <= here < over:
            return over.astimezone(UTC)
    return now


def mail_of(notices: Sequence[Told]) -> tuple[str, str]:
    """(title, body) of the mail for one or several notices of a person."""
    if len(notices) == 1:
        title, body = notices[0].title, notices[0].body
    else:
        title = f"{len(notices)} notices"
        body = "\n\n".join(f"{n.title}\n{n.body}" for n in notices)
    return f"Backoffice: {' '.join(title.split())}", f"{body}\n\nWhat you are mailed is chosen in your inbox.\n"
