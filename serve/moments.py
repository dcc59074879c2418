"""Times that move with the clock, for filters that are kept: `today-7d@Europe/London`, `now-24h`, `this_month`.

`today`, `this_week` (from Monday), `this_month` and `this_year` are their first moment, in the zone named after
the `@`, or in UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

GRAMMAR = "now, today, this_week, this_month or this_year, with +3d or -24h (m, h, d, w), in a zone: @Europe/London"
_RELATIVE = re.compile(
    r"(now|today|this_week|this_month|this_year)(?:([+\- ])([0-9]{1,5})([mhdw]))?"
    r"(?:@([A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+)*))?"
)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def relative(text: str, *, now: datetime) -> datetime | None:
    """The moment that `text` means at `now`, in UTC; None when it is no relative time.

    Raises:
        ValueError: there is no such zone.
        OverflowError: no calendar goes that far.
    """
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return None
    start, sign, count, unit, name = found.groups()
    try:
        zone = ZoneInfo(name or "UTC")
    except (OSError, KeyError):
        raise ValueError(f"there is no time zone {name}") from None
    # A plus that was not percent-encoded arrives as a space.
    step = timedelta(**{_UNITS[unit]: int(count) * (-1 if sign == "-" else 1)}) if count else timedelta()
    here = _start_of(start, now.astimezone(zone))
    if unit in ("d", "w"):
        return (here + step).astimezone(UTC)  # in local days: midnight stays midnight when the clocks change
    return here.astimezone(UTC) + step


def _start_of(name: str, here: datetime) -> datetime:
    if name == "now":
        return here
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    match name:
        case "this_week":
            return midnight - timedelta(days=midnight.weekday())
        case "this_month":
            return midnight.replace(day=1)
        case "this_year":
            return midnight.replace(month=1, day=1)
    return midnight
