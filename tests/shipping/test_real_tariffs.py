"""Tariffs that carriers published, put in as rate cards: the data sets `usps_retail_2025` and `karrio_carrier_sheets`.

They are looked for in BACKOFFICE_DATA or in ../shared/data.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from agents.shipping.messages import PutRateCard, RateRow, ZoneRow
from agents.shipping.pricing import Consignment, quote
from bench.carriers_rates import TABLE, measured
from db.money import parse_decimal
from tests.shipping.test_pricing import a_tariff

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("BACKOFFICE_DATA", ROOT.parent / "shared" / "data"))
SHEETS = FOLDER / "karrio_carrier_sheets" / "services_all_carriers.csv.gz"
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not (FOLDER / TABLE).exists(), reason=f"the tariffs are not in {FOLDER}"),
]


def test_every_price_of_a_postal_tariff_is_the_cards() -> None:
    assert measured(FOLDER) == {"prices": 1998, "equal": 1998, "steps": 1971, "equal_steps": 1971}


def test_service_sheets_of_many_carriers_become_cards_that_ask_what_the_sheet_says() -> None:
    services: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    with gzip.open(SHEETS, "rt", newline="") as file:
        for row in csv.DictReader(file):
            if Decimal(row["rate"] or 0) > 0 and row["weight_unit"] in ("", "KG", "kg") and row["max_weight"]:
                services[row["carrier"], row["service_code"]].append(row)
    asked = 0
    for (carrier, service), rows in services.items():
        zones = {row["zone_label"]: row["country_codes"] for row in rows}
        prices = {(row["zone_label"], _grams(row)): parse_decimal(row["rate"], row["currency"]) for row in rows}
        card = PutRateCard(
            carrier=carrier,
            service=service,
            currency=rows[0]["currency"],
            transit_days=1,
            rates=[RateRow(zone=z, max_weight_grams=g, amount=a) for (z, g), a in prices.items()],
            zones=[ZoneRow(zone=z, country=c) for z, codes in zones.items() for c in (codes or "*").split(",")],
        )
        tariff = a_tariff(card)
        for (zone, grams), amount in prices.items():
            country = (zones[zone] or "AQ").split(",")[0]
            found = quote(tariff, Consignment(grams, country, date(2026, 3, 2)))
            assert found is not None
            assert found.amount == amount, (carrier, service, zone, grams)
            asked += 1
    assert asked > 100


def _grams(row: dict[str, str]) -> int:
    return int(Decimal(row["max_weight"]) * 1000)
