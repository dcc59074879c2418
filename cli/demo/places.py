"""Where the demo shop keeps its goods: three warehouses in three time zones, each with a walk along its bins."""

from __future__ import annotations

from typing import NamedTuple

from cli.demo.catalogue import BRAND, Good


class Site(NamedTuple):
    code: str
    name: str
    time_zone: str
    rank: int
    line1: str
    city: str
    postcode: str
    country: str
    depot: str  # of the carrier, where parcels are seen first

    @property
    def address(self) -> dict[str, str]:
        return {
            "company": BRAND,
            "line1": self.line1,
            "city": self.city,
            "postcode": self.postcode,
            "country": self.country,
        }


SITES = (
    Site("LON", "London", "Europe/London", 10, "12 Wharf Road", "London", "E3 3AA", "GB", "depot Coventry"),
    Site("RTM", "Rotterdam", "Europe/Amsterdam", 20, "Waalhaven 88", "Rotterdam", "3087 BM", "NL", "depot Tiel"),
    Site("TLL", "Tallinn", "Europe/Tallinn", 30, "Peterburi tee 46", "Tallinn", "11415", "EE", "depot Jüri"),
)
ZONES = (("A", "Small things", 1), ("B", "Large and soft things", 2), ("R", "Reserve", 3))
FACES = {"A": 24, "B": 12}
RESERVES = 8
BINS = (
    *((f"{zone}-{n:02d}", zone, "pick_face", 100 * i + n) for i, (zone, many) in enumerate(FACES.items(), 1)
      for n in range(1, many + 1)),
    *((f"R-{n:02d}", "R", "reserve", 300 + n) for n in range(1, RESERVES + 1)),
)  # fmt: skip
"""code, zone, type, place in the pick path"""
BOXES = (
    ("S", "Small carton", (220, 170, 110), 110, 8_000, 32),
    ("M", "Carton", (310, 230, 160), 210, 12_000, 52),
    ("L", "Large carton", (400, 300, 250), 380, 20_000, 84),
    ("XL", "Crate-size carton", (600, 400, 350), 740, 30_000, 148),
    ("FLAT", "Flat carton", (480, 360, 80), 300, 15_000, 66),
    ("LONG", "Long carton", (1100, 320, 270), 900, 30_000, 240),
    ("CUBE", "Furniture carton", (660, 640, 570), 1_500, 31_000, 320),
)
"""code, name, inside in mm, its weight and what it carries in grams, cents: the same at every node"""
PACKING = "PACK"  # every node has it from its creation, and these
QUARANTINE = "QUARANTINE"
CROWDED = 36  # units in a face; what comes beyond goes into reserve


def face_of(good: Good, place: int) -> str:
    """The bin a SKU is picked from, by its place in the catalogue: what is bought together lies together."""
    zone = "B" if good.is_large else "A"
    return f"{zone}-{place * 7 // 5 % FACES[zone] + 1:02d}"


def reserve_of(place: int) -> str:
    return f"R-{place % RESERVES + 1:02d}"
