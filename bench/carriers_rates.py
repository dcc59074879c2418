"""The tariff of a postal service through our rate cards: is every price of the table what the card asks?"""

from __future__ import annotations

import gzip
from csv import DictReader
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from agents.shipping.cards import places_of, rates_of
from agents.shipping.messages import PutRateCard, RateRow, ZoneRow
from agents.shipping.pricing import Consignment, Tariff, quote

GRAMS_A_POUND = Decimal("453.59237")
TABLE = Path("usps_retail_2025", "usps_notice123_2025_10_05.csv.gz")
DAY = date(2026, 3, 2)


def measured(data: Path) -> dict[str, Any]:
    """Every price of the table asked at its own weight, and one gram above it, where the next bracket begins."""
    found = {"prices": 0, "equal": 0, "steps": 0, "equal_steps": 0}
    for rows in services(data).values():
        tariff = tariff_of(rows)
        table = {(row["zone"], _grams(row)): _cents(row) for row in rows}
        limits = sorted({grams for _, grams in table})
        for row in rows:
            found["prices"] += 1
            found["equal"] += _asked(tariff, row["zone"], _grams(row)) == _cents(row)
        for zone, grams in table:
            after = next((limit for limit in limits if limit > grams), None)
            found["steps"] += 1
            found["equal_steps"] += _asked(tariff, zone, grams + 1) == (table[zone, after] if after else None)
    return found


def services(data: Path) -> dict[str, list[dict[str, str]]]:
    with gzip.open(data / TABLE, "rt", newline="") as file:
        found: dict[str, list[dict[str, str]]] = {}
        for row in DictReader(file):
            found.setdefault(row["service"], []).append(row)
    return found


def tariff_of(rows: list[dict[str, str]]) -> Tariff:
    """A service as a rate card; zone N is where postcodes begin with N."""
    zones = sorted({row["zone"] for row in rows})
    rates = {(row["zone"], _grams(row)): _cents(row) for row in rows}
    card = PutRateCard(
        carrier="usps",
        service=rows[0]["service"],
        currency="USD",
        transit_days=3,
        rates=[RateRow(zone=zone, max_weight_grams=grams, amount=cents) for (zone, grams), cents in rates.items()],
        zones=[ZoneRow(zone=zone, country="US", postcode_from=zone) for zone in zones],
    )
    places = places_of(card)
    return Tariff(
        id=UUID(int=1),
        carrier=card.carrier,
        service=card.service,
        currency=card.currency,
        transit_days=card.transit_days,
        rates=rates_of(card, places),
        places=tuple(places),
    )


def _grams(row: dict[str, str]) -> int:
    """The heaviest parcel in whole grams that the bracket takes."""
    return int(Decimal(row["max_weight_oz"]) * GRAMS_A_POUND / 16)


def _cents(row: dict[str, str]) -> int:
    return int(Decimal(row["price_usd"]) * 100)


def _asked(tariff: Tariff, zone: str, grams: int) -> int | None:
    found = quote(tariff, Consignment(grams, "US", DAY, postcode=f"{zone}0001"))
    return found.amount if found else None
