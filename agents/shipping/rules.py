"""Where a parcel goes, and the number on its label.

Pure: no database, no clock. Weights are grams, amounts minor units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.shipping.pricing import ANYWHERE

_COUNTRY = re.compile(r"[A-Z]{2}")


def destination(address: Mapping[str, object]) -> str:
    """The country of an address as ISO 3166 alpha-2, or `*` when it names none."""
    country = str(address.get("country") or "").strip().upper()
    return country if _COUNTRY.fullmatch(country) else ANYWHERE


def tracking_number(carrier: str, serial: int) -> str:
    """Two letters of the carrier, eleven digits and a check digit (GS1 General Specifications, 7.9)."""
    letters = re.sub(r"[^A-Z]", "", carrier.upper())[:2].ljust(2, "X")
    digits = f"{serial:011d}"
    weighted = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return f"{letters}{digits}{-weighted % 10}"
