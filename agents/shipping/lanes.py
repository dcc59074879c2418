"""What the way from a node to an address costs by the cards in force, before there is a parcel; for whoever routes.

A box is not known yet, so goods count by their weight, or by their size where that is more: their volume over the least
divisor of the cards. What is heavier than any bracket goes as several parcels.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from agents.shipping.choosing import is_po_box
from agents.shipping.pricing import Consignment, Quote, Tariff, offered, plain_postcode
from agents.shipping.rating import tariffs_of
from agents.shipping.rules import destination
from db.session import Transaction
from db.shipping import RateCard
from db.wire import Row, Statement

_VALID = """
    SELECT id FROM rate_cards WHERE active AND valid_from <= %(now)s AND (valid_to IS NULL OR valid_to > %(now)s)
    ORDER BY carrier, service
"""
MOST_LADDERS = 50_000


class Way(NamedTuple):
    """Where something goes, as far as cards ask."""

    country: str
    postcode: str = ""
    residential: bool = True
    po_box: bool = False


class Goods(NamedTuple):
    """What goes: billed grams, and what may keep a card from taking it. `value` in minor units of `currency`."""

    grams: int
    hazmat: bool = False
    value: int = 0
    currency: str = ""


class Rung(NamedTuple):
    """Up to so many grams for so much, with the card that asks least."""

    upto: int
    amount: int
    service: str
    days: int


class Carriage(NamedTuple):
    """What sending costs; of several parcels together. `service` and `days` are of the last of them."""

    amount: int
    service: str
    days: int
    parcels: int


@dataclass(frozen=True)
class Ladder:
    """The least prices on one way, rising with weight. No rungs: no card takes anything there."""

    rungs: tuple[Rung, ...]

    @cached_property
    def _limits(self) -> list[int]:
        return [rung.upto for rung in self.rungs]

    def carriage(self, grams: int) -> Carriage | None:
        if not self.rungs:
            return None
        heaviest = self.rungs[-1]
        full, rest = divmod(max(grams, 1), heaviest.upto)
        if not rest:
            full, rest = full - 1, heaviest.upto
        rung = self.rungs[bisect_left(self._limits, rest)]
        return Carriage(full * heaviest.amount + rung.amount, rung.service, rung.days, full + 1)

    def upto(self, grams: int) -> list[tuple[int, int]]:
        """(grams, amount) of every step as far as so many grams; beyond the heaviest bracket it begins anew."""
        if not self.rungs:
            return []
        heaviest, found, full = self.rungs[-1], [], 0
        while True:
            for rung in self.rungs:
                found.append((full * heaviest.upto + rung.upto, full * heaviest.amount + rung.amount))
                if found[-1][0] >= grams:
                    return found
            full += 1


def way_to(address: Mapping[str, object]) -> Way:
    return Way(
        destination(address),
        plain_postcode(address.get("postcode")),
        residential=not address.get("company"),
        po_box=is_po_box(address),
    )


def billed(grams: int, sides_mm: tuple[int, int, int], divisor: int | None) -> int:
    """Grams that a unit counts for; a unit that was not measured has no size."""
    length, width, height = sides_mm
    return grams if divisor is None else max(grams, -(-length * width * height // divisor))


@dataclass
class Rates:
    """The cards in force, all of one currency, asked again and again: each way is reckoned once."""

    tariffs: Sequence[Tariff]
    currency: str
    _ladders: dict[tuple[object, ...], Ladder] = field(default_factory=dict, repr=False)

    @cached_property
    def divisor(self) -> int | None:
        return min((t.dimensional_divisor for t in self.tariffs if t.dimensional_divisor is not None), default=None)

    @cached_property
    def _told_apart(self) -> int:
        """Letters of a postcode that any card looks at."""
        bounds = [place.postcode_from for t in self.tariffs for place in t.places]
        bounds += [surcharge.postcode_from for t in self.tariffs for surcharge in t.surcharges]
        return max(map(len, bounds), default=0)

    def ladder(self, node: str, to: Way, goods: Goods, on: date, *, forbidden: frozenset[str] = frozenset()) -> Ladder:
        """`forbidden` are carriers, or `carrier service`, that a policy does not let take it."""
        near = to._replace(postcode=to.postcode[: self._told_apart])
        taking = tuple(n for n, t in enumerate(self.tariffs) if _takes(t, to, goods, forbidden))
        key = (node, near, on, taking)
        if key not in self._ladders:
            if len(self._ladders) >= MOST_LADDERS:
                self._ladders.clear()
            self._ladders[key] = _ladder([self.tariffs[n] for n in taking], node, near, on)
        return self._ladders[key]


def _takes(tariff: Tariff, to: Way, goods: Goods, forbidden: frozenset[str]) -> bool:
    too_dear = tariff.max_value is not None and goods.currency == tariff.currency and goods.value > tariff.max_value
    return not (
        (goods.hazmat and not tariff.takes_hazmat)
        or (to.po_box and not tariff.takes_po_box)
        or too_dear
        or tariff.carrier in forbidden
        or tariff.name in forbidden
    )


def _ladder(tariffs: Sequence[Tariff], node: str, to: Way, on: date) -> Ladder:
    """The least of the cards' prices at every weight at which one of them changes."""
    stairs = [stair for tariff in tariffs if (stair := _stairs(tariff, node, to, on))]
    rungs: list[Rung] = []
    for limit in sorted({rung.upto for stair in stairs for rung in stair}):
        asked = (next((rung for rung in stair if rung.upto >= limit), None) for stair in stairs)
        best = min((r for r in asked if r is not None), key=lambda r: (r.amount, r.days, r.service))
        rungs.append(best._replace(upto=limit))
    return Ladder(tuple(rungs))


def _stairs(tariff: Tariff, node: str, to: Way, on: date) -> list[Rung]:
    """One card's prices: its brackets there, parted where a surcharge for weight begins."""
    parcel = Consignment(0, to.country, on, to.postcode, node, to.residential)
    zone = next((place.zone for place in tariff.ranked if place.takes(parcel, to.postcode)), None)
    limits = {limit for limit, _ in tariff.brackets.get(zone or "", ())}
    if not limits:
        return []
    parted = {s.over_weight_grams for s in tariff.surcharges if s.over_weight_grams is not None}
    limits |= {grams for grams in parted if 0 < grams < max(limits)}
    found = []
    for grams in sorted(limits):
        price = offered(tariff, parcel._replace(weight_grams=grams))
        if isinstance(price, Quote):
            found.append(Rung(grams, price.amount, tariff.name, tariff.transit_days))
    return found


def question_of_cards(now: datetime) -> Statement:
    """Which cards are in force, to be asked together with others; `cards_from` reads the answer."""
    return Statement(_VALID, {"now": now})


class Cards:
    """Cards by their ids, and in one currency. What a card says never changes, so it is read once."""

    def __init__(self, tariffs: Sequence[Tariff]) -> None:
        self.tariffs = tariffs
        self._rates: dict[str, Rates] = {}

    def rates(self, currency: str) -> Rates | None:
        """Of the currency; where no card has it, of the first by code that one has. None without a card."""
        known = {t.currency for t in self.tariffs}
        if not known:
            return None
        chosen = currency if currency in known else min(known)
        if chosen not in self._rates:
            self._rates[chosen] = Rates([t for t in self.tariffs if t.currency == chosen], chosen)
        return self._rates[chosen]


_latest: dict[tuple[UUID, ...], Cards] = {}


def cards_from(tx: Transaction, rows: Iterable[Row]) -> Cards:
    """Read from the database only when the cards in force are others than last time."""
    ids = tuple(ident for (ident,) in rows)
    if ids not in _latest:
        cards = tx.scalars(select(RateCard).where(RateCard.id.in_(ids)).order_by(RateCard.carrier, RateCard.service))
        found = Cards(tariffs_of(tx, cards.all()))
        _latest.clear()
        _latest[ids] = found
    return _latest[ids]
