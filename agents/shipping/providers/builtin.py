"""The carrier of the sandbox: the options of its account decide what goes wrong, so that every fault can be tried.

It remembers nothing. What it would have to know of a label follows from the key and the options, so it may be killed
at any moment and answers as before.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from agents.shipping.labels import LabelText, zpl
from agents.shipping.messages import PricePart
from agents.shipping.providers import (
    NEVER_SOLD,
    Ability,
    CarrierTrouble,
    Manifest,
    ManifestAnswer,
    Pickup,
    PickupAnswer,
    PickupAsk,
    Rate,
    Rated,
    Sale,
    SaleStatus,
    Scan,
    Shipment,
    Voiding,
    VoidStatus,
)
from agents.shipping.rules import tracking_number
from db.money import rate_of

CARRIER = "testpost"
# service -> (days, base price, price of a started kilogram) in minor units.
SERVICES = {"economy": (4, 350, 90), "express": (1, 890, 240)}
RATE_HOLDS = timedelta(minutes=30)
DEARER_PPM = 200_000


class Rating(StrEnum):
    works = "works"
    slow = "slow"  # it answers, after half of its time limit
    hangs = "hangs"  # no answer within the time limit
    garbage = "garbage"  # an answer that nobody can read
    down = "down"  # it cannot be connected to
    nothing = "nothing"  # it takes no such parcel


class Selling(StrEnum):
    works = "works"
    refuses = "refuses"
    expired = "expired"  # the rate holds no more
    dearer = "dearer"  # it sells for a fifth more than it offered
    down = "down"
    times_out = "times_out"  # it sells, and no answer comes
    gets_lost = "gets_lost"  # it does not sell, and no answer comes
    garbage = "garbage"  # it sells, and what it answers cannot be read
    silent = "silent"  # it sells, no answer comes, and looking it up has none either


class Voids(StrEnum):
    works = "works"
    refuses = "refuses"
    late = "late"  # it has not decided, ever
    hangs = "hangs"


class Fetching(StrEnum):
    """How it takes a wish to be fetched, and one for a manifest."""

    works = "works"
    refuses = "refuses"
    down = "down"
    times_out = "times_out"  # it will come, and no answer does
    gets_lost = "gets_lost"  # it will not come, and no answer does either
    silent = "silent"  # it will come, and nothing is ever said of it
    stays = "stays"  # it will come, and does not let itself be cancelled


class Telling(StrEnum):
    """What it tells of every parcel that it is asked about."""

    nothing = "nothing"
    moves = "moves"  # it was picked up an hour ago
    delivers = "delivers"  # … and arrived just now
    garbage = "garbage"
    down = "down"


OPTIONS: Mapping[str, type[StrEnum]] = {
    "rates": Rating, "sale": Selling, "void": Voids, "pickup": Fetching, "manifest": Fetching,
    "tracking": Telling,
}  # fmt: skip
_QUIET = (Fetching.times_out, Fetching.gets_lost, Fetching.silent)
_SILENT = (Selling.times_out, Selling.gets_lost, Selling.garbage, Selling.silent)


class TestCarrier:
    """A `CarrierProvider` without network and memory. `options` name a behaviour for each of `OPTIONS`."""

    __test__ = False  # pytest: not a test class
    abilities = frozenset(Ability)

    def __init__(
        self,
        options: Mapping[str, Any],
        *,
        seconds: float,
        clock: Callable[[], datetime],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rates = Rating(options.get("rates", Rating.works))
        self._sale = Selling(options.get("sale", Selling.works))
        self._void = Voids(options.get("void", Voids.works))
        self._fetches = Fetching(options.get("pickup", Fetching.works))
        self._lists = Fetching(options.get("manifest", Fetching.works))
        self._tells = Telling(options.get("tracking", Telling.nothing))
        self._carrier = str(options.get("carrier") or CARRIER)
        self._seconds, self._clock, self._pause = seconds, clock, pause

    def rates(self, shipment: Shipment) -> Rated:
        if self._rates is Rating.down:
            raise CarrierTrouble("The test carrier cannot be reached.", surely_not_begun=True)
        if self._rates is Rating.hangs:
            self._pause(self._seconds)
            raise CarrierTrouble(f"The test carrier did not answer within {self._seconds:g} seconds.")
        if self._rates is Rating.garbage:
            raise CarrierTrouble("The test carrier answered what cannot be read: <html>502 Bad Gateway</html>.")
        if self._rates is Rating.nothing:
            return Rated(rates=[], messages=["The test carrier takes no such parcel."])
        if self._rates is Rating.slow:
            self._pause(self._seconds / 2)
        return Rated(rates=[self._rate(service, shipment) for service in SERVICES])

    def buy(self, key: str, shipment: Shipment, rate: Rate) -> Sale:
        if self._sale is Selling.down:
            raise CarrierTrouble("The test carrier cannot be reached.", surely_not_begun=True)
        if self._sale is Selling.refuses:
            return Sale(status=SaleStatus.refused, code="address", message="The test carrier does not go there.")
        if self._sale is Selling.expired:
            return Sale(status=SaleStatus.expired, code="rate_expired", message="The rate holds no more.")
        if self._sale in _SILENT:
            return Sale(status=SaleStatus.unknown, code="no_answer", message="The test carrier did not answer.")
        return self._sold(key, shipment, rate)

    def look_up(self, key: str, shipment: Shipment, rate: Rate) -> Sale:
        if self._sale is Selling.silent:
            return Sale(status=SaleStatus.unknown, code="no_answer", message="The test carrier does not say.")
        if self._sale in (Selling.times_out, Selling.garbage, Selling.works, Selling.dearer):
            return self._sold(key, shipment, rate)
        return Sale(status=SaleStatus.refused, code=NEVER_SOLD, message="The test carrier has no such label.")

    def void(self, key: str, label: str) -> Voiding:  # noqa: ARG002 - it forgets what it sold
        if self._void is Voids.refuses:
            return Voiding(status=VoidStatus.refused, code="used", message="The test carrier says it was used.")
        if self._void is Voids.late:
            return Voiding(status=VoidStatus.pending, message="The test carrier has not decided.")
        if self._void is Voids.hangs:
            return Voiding(status=VoidStatus.unknown, message="The test carrier did not answer.")
        return Voiding(status=VoidStatus.granted)

    def return_label(self, key: str, shipment: Shipment, rate: Rate) -> Sale:
        return self.buy(key, shipment, rate)

    def track(self, tracking_number: str, carrier: str) -> list[Scan]:  # noqa: ARG002 - it tells the same of all
        if self._tells is Telling.down:
            raise CarrierTrouble("The test carrier cannot be reached.", surely_not_begun=True)
        if self._tells is Telling.garbage:
            raise CarrierTrouble("The test carrier answered what cannot be read: <html>502 Bad Gateway</html>.")
        now = self._clock()
        scans = [
            Scan(event_id="1", status="picked_up", at=now - timedelta(hours=1), code="PU", place="Testville"),
            Scan(event_id="2", status="delivered", at=now, code="DL", place="Testville"),
        ]
        return scans[: {Telling.moves: 1, Telling.delivers: 2}.get(self._tells, 0)]

    def pickup(self, key: str, ask: PickupAsk) -> Pickup:  # noqa: ARG002 - it forgets what it is told
        if self._fetches is Fetching.down:
            raise CarrierTrouble("The test carrier cannot be reached.", surely_not_begun=True)
        if self._fetches is Fetching.refuses:
            return Pickup(status=PickupAnswer.refused, code="full", message="The test carrier has no van that day.")
        if self._fetches in _QUIET:
            return Pickup(status=PickupAnswer.unknown, code="no_answer", message="The test carrier did not answer.")
        return _fetched(key)

    def look_up_pickup(self, key: str, ref: str) -> Pickup:  # noqa: ARG002 - all follows from the key
        if self._fetches is Fetching.silent:
            return Pickup(status=PickupAnswer.unknown, code="no_answer", message="The test carrier does not say.")
        if self._fetches in (Fetching.works, Fetching.times_out, Fetching.stays):
            return _fetched(key)
        return Pickup(status=PickupAnswer.refused, code=NEVER_SOLD, message="The test carrier has no such pickup.")

    def cancel_pickup(self, key: str, ref: str) -> Voiding:  # noqa: ARG002 - it remembers nothing
        if self._fetches is Fetching.stays:
            return Voiding(status=VoidStatus.refused, code="on_its_way", message="The test carrier's van has left.")
        if self._fetches is Fetching.silent:
            return Voiding(status=VoidStatus.unknown, message="The test carrier did not answer.")
        return Voiding(status=VoidStatus.granted)

    def manifest(self, key: str, labels: list[str]) -> Manifest:
        if self._lists is Fetching.down:
            raise CarrierTrouble("The test carrier cannot be reached.", surely_not_begun=True)
        if self._lists is Fetching.refuses:
            return Manifest(status=ManifestAnswer.refused, message="The test carrier makes no forms.")
        if self._lists in _QUIET:
            return Manifest(status=ManifestAnswer.unknown, message="The test carrier did not answer.")
        return Manifest(status=ManifestAnswer.made, ref=f"manifest-{key}", message=f"{len(labels)} parcels")

    def look_up_manifest(self, key: str, labels: list[str]) -> Manifest:
        if self._lists is Fetching.silent:
            return Manifest(status=ManifestAnswer.unknown, message="The test carrier does not say.")
        if self._lists in (Fetching.works, Fetching.times_out, Fetching.stays):
            return Manifest(status=ManifestAnswer.made, ref=f"manifest-{key}", message=f"{len(labels)} parcels")
        return Manifest(status=ManifestAnswer.refused, message="The test carrier has no such form.")

    def _rate(self, service: str, shipment: Shipment) -> Rate:
        days, base, each = SERVICES[service]
        kilograms = -(-max(shipment.weight_grams, 1) // 1000)
        parts = [PricePart("base", base, "one parcel"), PricePart("handling", each * kilograms, f"{kilograms} kg")]
        amount = sum(part.amount for part in parts)
        currency = shipment.currency or "EUR"
        return Rate(
            carrier=self._carrier,
            service=service,
            amount=amount,
            currency=currency,
            transit_days=days,
            parts=parts,
            ref=f"{service}-{shipment.weight_grams}",
            expires_at=self._clock() + RATE_HOLDS,
        )

    def _sold(self, key: str, shipment: Shipment, rate: Rate) -> Sale:
        number = tracking_number(CARRIER, _digits(key) % 10**11)
        amount = rate.amount
        parts = list(rate.parts)
        if self._sale is Selling.dearer:
            more = rate_of(amount, DEARER_PPM)
            amount, parts = amount + more, [*parts, PricePart("peak", more, "dearer than offered")]
        return Sale(
            status=SaleStatus.sold,
            ref=f"label-{key}",
            tracking_number=number,
            amount=amount,
            currency=rate.currency,
            parts=parts,
            label=_label(number, shipment, rate),
        )


def _fetched(key: str) -> Pickup:
    return Pickup(status=PickupAnswer.booked, confirmation=f"TP-{_digits(key) % 10**8:08d}", ref=f"pickup-{key}")


def _digits(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")


def _label(number: str, shipment: Shipment, rate: Rate) -> str:
    to = shipment.to
    where = {name: getattr(to, name) for name in ("name", "company", "line1", "line2", "postcode", "city", "country")}
    return zpl(
        LabelText(
            tracking_number=number,
            carrier=f"{rate.carrier} (test)",
            service=rate.service,
            to=where,
            sender=shipment.sender.name,
            reference=shipment.reference,
            weight_grams=shipment.weight_grams,
        )
    )
