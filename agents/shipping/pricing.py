"""What a rate card asks for a parcel, part by part: zone, weight or size, surcharges. Pure; amounts are minor units.

The order in which carriers reckon: the zone of the way, the heavier of weight and dimensional weight, the smallest
bracket that takes it, then surcharges, fuel last because it may be a percentage of the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

import msgspec

from agents.shipping.messages import PricePart
from db.money import rate_of
from db.shipping import SurchargeKind

ANYWHERE = "*"
_NOT_IN_A_POSTCODE = re.compile(r"[^A-Z0-9]")


class Consignment(NamedTuple):
    """A parcel as carriers price it. A side of 0 mm was not measured; `on` is the day at the node it leaves from."""

    weight_grams: int
    country: str
    on: date
    postcode: str = ""
    origin: str = ""  # code of the node
    residential: bool = True
    sides_mm: tuple[int, int, int] = (0, 0, 0)

    @property
    def longest_mm(self) -> int:
        return max(self.sides_mm)

    @property
    def length_and_girth_mm(self) -> int:
        """The longest side plus twice the two others."""
        return 2 * sum(self.sides_mm) - self.longest_mm


class Place(NamedTuple):
    """Where a zone is. Postcodes are compared as far as the bounds are long: 010 to 019 takes 01999 in."""

    zone: str
    country: str = ANYWHERE
    postcode_from: str = ""
    postcode_to: str = ""
    origin: str = ANYWHERE

    def takes(self, parcel: Consignment, postcode: str) -> bool:
        return (
            self.country in (ANYWHERE, parcel.country)
            and self.origin in (ANYWHERE, parcel.origin)
            and between(postcode, self.postcode_from, self.postcode_to)
        )

    @property
    def exactness(self) -> tuple[bool, bool, int]:
        """Of several zones the most exact one is meant: by origin, then country, then postcode."""
        return (self.origin != ANYWHERE, self.country != ANYWHERE, len(self.postcode_from))


class Surcharge(NamedTuple):
    """Applies when all of its conditions do; None and "" are no condition."""

    kind: SurchargeKind
    amount: int = 0
    ppm: int = 0  # of the base rate
    on_surcharges: bool = False  # … and of the other surcharges
    country: str = ANYWHERE
    postcode_from: str = ""
    postcode_to: str = ""
    over_length_mm: int | None = None
    over_length_and_girth_mm: int | None = None
    over_weight_grams: int | None = None
    from_date: date | None = None
    to_date: date | None = None  # the last day

    def applies(self, parcel: Consignment, postcode: str) -> bool:
        if self.kind == SurchargeKind.residential and not parcel.residential:
            return False
        return (
            self.country in (ANYWHERE, parcel.country)
            and between(postcode, self.postcode_from, self.postcode_to)
            and (self.from_date is None or self.from_date <= parcel.on)
            and (self.to_date is None or parcel.on <= self.to_date)
            and self._is_over(parcel)
        )

    def _is_over(self, parcel: Consignment) -> bool:
        """Any of the measures is enough; without measures there is nothing to be over."""
        over = [
            measure > limit
            for measure, limit in (
                (parcel.longest_mm, self.over_length_mm),
                (parcel.length_and_girth_mm, self.over_length_and_girth_mm),
                (parcel.weight_grams, self.over_weight_grams),
            )
            if limit is not None
        ]
        return not over or any(over)


class Tariff(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    """A rate card as it is asked for prices. `rates` are (zone, up to grams) -> amount."""

    id: UUID
    carrier: str
    service: str
    currency: str
    transit_days: int
    rates: Mapping[tuple[str, int], int]
    places: tuple[Place, ...]
    surcharges: tuple[Surcharge, ...] = ()
    dimensional_divisor: int | None = None  # cm³ that count as a kilogram
    max_length_mm: int | None = None
    max_length_and_girth_mm: int | None = None
    max_value: int | None = None
    takes_hazmat: bool = True
    takes_po_box: bool = True
    cut_off: time | None = None
    co2_grams_per_tkm: int | None = None
    co2_grams_per_parcel: int | None = None

    @property
    def name(self) -> str:
        return f"{self.carrier} {self.service}"

    @cached_property
    def brackets(self) -> dict[str, list[tuple[int, int]]]:
        """(up to grams, amount) of each zone, lightest first."""
        found: dict[str, list[tuple[int, int]]] = {}
        for (zone, limit), amount in sorted(self.rates.items()):
            found.setdefault(zone, []).append((limit, amount))
        return found

    @cached_property
    def ranked(self) -> list[Place]:
        return sorted(self.places, key=lambda place: place.exactness, reverse=True)


class Quote(NamedTuple):
    tariff: Tariff
    amount: int
    zone: str
    billed_grams: int
    parts: tuple[PricePart, ...]


def plain_postcode(text: object) -> str:
    """A postcode as it is compared: capital letters and digits alone."""
    return _NOT_IN_A_POSTCODE.sub("", str(text or "").upper())


def between(postcode: str, first: str, last: str) -> bool:
    """Whether a plain postcode lies from `first` to `last`, each compared as far as it is long; "" is no bound."""
    if not first and not last:
        return True
    return bool(postcode) and first <= postcode[: len(first) or None] and postcode[: len(last)] <= (last or postcode)


def quote(tariff: Tariff, parcel: Consignment) -> Quote | None:
    """The price with its parts; None when the card does not take the parcel."""
    found = offered(tariff, parcel)
    return found if isinstance(found, Quote) else None


def offered(tariff: Tariff, parcel: Consignment) -> Quote | str:
    """The price, or why the card does not take the parcel: size, zone or weight."""
    postcode = plain_postcode(parcel.postcode)
    if too_big := _too_big(tariff, parcel):
        return too_big
    zone = next((place.zone for place in tariff.ranked if place.takes(parcel, postcode)), None)
    if zone is None:
        return f"does not go to {'an unnamed country' if parcel.country == ANYWHERE else parcel.country}"
    grams = billed_grams(tariff, parcel)
    bracket = next((b for b in tariff.brackets.get(zone, ()) if b[0] >= grams), None)
    if bracket is None:
        return f"takes no {grams} g to zone {zone}"
    base = PricePart("base", bracket[1], _why_base(zone, bracket[0], grams, parcel))
    parts = (base, *_surcharged(tariff.surcharges, parcel, postcode, base.amount))
    return Quote(tariff, sum(part.amount for part in parts), zone, grams, parts)


def _too_big(tariff: Tariff, parcel: Consignment) -> str | None:
    if tariff.max_length_mm is not None and parcel.longest_mm > tariff.max_length_mm:
        return f"takes nothing longer than {tariff.max_length_mm} mm"
    girth = tariff.max_length_and_girth_mm
    if girth is not None and parcel.length_and_girth_mm > girth:
        return f"takes nothing over {girth} mm in length and girth"
    return None


def billed_grams(tariff: Tariff, parcel: Consignment) -> int:
    """The heavier of weight and dimensional weight. A parcel that was not measured has no volume."""
    if tariff.dimensional_divisor is None:
        return parcel.weight_grams
    length, width, height = parcel.sides_mm
    # mm³ / (cm³ for each kilogram) are grams; carriers round up.
    return max(parcel.weight_grams, -(-length * width * height // tariff.dimensional_divisor))


def _why_base(zone: str, limit: int, grams: int, parcel: Consignment) -> str:
    by_size = f", {grams} g by its size" if grams > parcel.weight_grams else ""
    return f"zone {zone} up to {limit} g{by_size}"


def _surcharged(surcharges: Sequence[Surcharge], parcel: Consignment, postcode: str, base: int) -> list[PricePart]:
    """Of one kind the dearest that applies counts, once. Percentages of surcharges come last."""
    applying = [s for s in surcharges if s.applies(parcel, postcode)]
    found: dict[str, PricePart] = {}
    for surcharge in sorted(applying, key=lambda s: s.on_surcharges):
        of = base
        if surcharge.on_surcharges:
            of += sum(part.amount for kind, part in found.items() if kind != surcharge.kind)
        amount = surcharge.amount + rate_of(of, surcharge.ppm)
        if surcharge.kind not in found or amount > found[surcharge.kind].amount:
            found[surcharge.kind] = PricePart(surcharge.kind, amount, _why(surcharge))
    return list(found.values())


def _why(surcharge: Surcharge) -> str:
    told = []
    if surcharge.ppm:
        told.append(f"{surcharge.ppm / 10_000:g} % of the {'price' if surcharge.on_surcharges else 'base rate'}")
    if surcharge.postcode_from or surcharge.postcode_to:
        told.append(f"postcodes {surcharge.postcode_from or 'up'} to {surcharge.postcode_to or 'the last'}")
    for limit, words in (
        (surcharge.over_length_mm, "mm long"),
        (surcharge.over_length_and_girth_mm, "mm in length and girth"),
        (surcharge.over_weight_grams, "g"),
    ):
        if limit is not None:
            told.append(f"over {limit} {words}")
    if surcharge.from_date or surcharge.to_date:
        told.append(f"from {surcharge.from_date or 'ever'} to {surcharge.to_date or 'further notice'}")
    return ", ".join(told) or surcharge.kind.replace("_", " ")
