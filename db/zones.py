"""Which clock is meant: zones by name or by offset, and the zone of an address.

Most countries have one zone, or one in which nearly everybody lives (`zone.tab` of the IANA database names it first).
Where people live in several, the state or province of the address says which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC_NAME = "UTC"
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")

# ISO 3166-2 without the country; what is not named has the country's first zone.
_US = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
}
_CA = {
    "America/St_Johns": "NL",
    "America/Halifax": "NB NS PE",
    "America/Toronto": "ON QC",
    "America/Winnipeg": "MB",
    "America/Regina": "SK",
    "America/Edmonton": "AB NT",
    "America/Vancouver": "BC",
    "America/Whitehorse": "YT",
}
_AU = {
    "Australia/Sydney": "NSW ACT",
    "Australia/Melbourne": "VIC",
    "Australia/Brisbane": "QLD",
    "Australia/Adelaide": "SA",
    "Australia/Darwin": "NT",
    "Australia/Perth": "WA",
    "Australia/Hobart": "TAS",
}
_BR = {
    "America/Sao_Paulo": "DF ES GO MG PR RJ RS SC SP",
    "America/Bahia": "BA",
    "America/Fortaleza": "CE MA PB PI RN",
    "America/Recife": "PE",
    "America/Belem": "AP PA",
    "America/Maceio": "AL SE",
    "America/Araguaina": "TO",
    "America/Campo_Grande": "MS",
    "America/Cuiaba": "MT",
    "America/Manaus": "AM",
    "America/Porto_Velho": "RO",
    "America/Boa_Vista": "RR",
    "America/Rio_Branco": "AC",
}
_REGIONS = {
    country: {state: zone for zone, states in zones.items() for state in states.split()}
    for country, zones in (("US", _US), ("CA", _CA), ("AU", _AU), ("BR", _BR))
}
# Where the first zone of `zone.tab` is not where most people live.
_MOST_PEOPLE = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "DE": "Europe/Berlin",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MX": "America/Mexico_City",
    "RU": "Europe/Moscow",
    "US": "America/New_York",
}


def zone_named(name: str) -> tzinfo:
    """An IANA name, or an offset such as `+02:00`. Raises ValueError."""
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        span = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-span if sign == "-" else span)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, IsADirectoryError):
        raise ValueError(f"{name!r} is no time zone, such as Europe/Berlin or +02:00") from None


def offset_of(moment: datetime) -> str:
    """The offset that an aware moment is written with, such as `+02:00`."""
    return moment.isoformat()[-6:] if moment.utcoffset() else "+00:00"


def local(moment: datetime, zone: str | None) -> datetime:
    """The same moment on the clock of a zone; without one, or with one that is gone, in UTC."""
    try:
        return moment.astimezone(zone_named(zone or UTC_NAME))
    except ValueError:
        return moment.astimezone(zone_named(UTC_NAME))


def day_in(moment: datetime, zone: str | None) -> date:
    return local(moment, zone).date()


def zone_of_address(address: Mapping[str, object]) -> str:
    """The IANA name of the zone that an address is in; UTC where it names no country that we know."""
    country = str(address.get("country") or "").strip().upper()
    region = str(address.get("region") or "").strip().upper().removeprefix(f"{country}-")
    return _REGIONS.get(country, {}).get(region) or _first_zones().get(country, UTC_NAME)


@cache
def _first_zones() -> dict[str, str]:
    found = dict(_MOST_PEOPLE)
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            found.setdefault(country, name)
    return found
