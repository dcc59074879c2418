"""Where a town is, well enough to say which warehouse is nearer. Made by `bench/atlas.py` from GeoNames (CC BY 4.0).

Addresses here hold no coordinates, and a table of the world's post-codes is a hundred times as large: so an address
is where its town is, else where the people of its country live.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any, NamedTuple

_FILE = Path(__file__).with_name("atlas.tsv.gz")
_EARTH_KM = 6371.0088  # mean radius, IUGG
_SPELLED = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"})
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


class Spot(NamedTuple):
    """Hundredths of a degree; `by` says what it was found by: `town` or `country`."""

    latitude: int
    longitude: int
    by: str


def plain_name(name: str) -> str:
    """A town's name without accents, case and punctuation: `St. Gallen` and `st gallen` are one."""
    bare = unicodedata.normalize("NFKD", name.translate(_SPELLED)).lower()
    return _NOT_A_LETTER.sub(" ", "".join(c for c in bare if not unicodedata.combining(c))).strip()


@cache
def _atlas() -> dict[str, dict[str, tuple[int, int]]]:
    """By country and plain name; read when a rule first asks for a distance."""
    known: dict[str, dict[str, tuple[int, int]]] = {}
    for line in gzip.decompress(_FILE.read_bytes()).decode().splitlines():
        country, name, latitude, longitude = line.split("\t")
        known.setdefault(country, {})[name] = (int(latitude), int(longitude))
    return known


def spot_of(address: Mapping[str, Any]) -> Spot | None:
    """Where an address is; None without a country, or with one that has no town in the atlas."""
    return _spot(str(address.get("country") or "").upper(), str(address.get("city") or ""))


@lru_cache(maxsize=10_000)
def _spot(country: str, city: str) -> Spot | None:
    towns = _atlas().get(country)
    if towns is None:
        return None
    town = towns.get(plain_name(city) or "-")
    return Spot(*town, "town") if town else Spot(*towns[""], "country")


@lru_cache(maxsize=50_000)
def kilometres(one: Spot, other: Spot) -> int:
    """Along the surface, rounded (haversine)."""
    lat1, lon1, lat2, lon2 = (radians(c / 100) for c in (*one[:2], *other[:2]))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * _EARTH_KM * asin(min(1.0, sqrt(half))))
