"""The demo shop's stock while its past is made up: what lies where, what is on order, and each movement of it."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import NamedTuple

from cli.demo.catalogue import Good
from cli.demo.places import CROWDED, QUARANTINE, SITES, face_of, reserve_of
from cli.demo.seasons import appeal
from db.stock import MovementKind, StockStatus

REVIEW_DAYS = 7
SAFETY_DAYS = 12
LEARNS = 0.3  # how much the last week counts for what the next one will sell


class Entry(NamedTuple):
    """A row of the stock ledger to be."""

    at: datetime
    sku: str
    node: str
    kind: str
    on_hand: int
    allocated: int
    bin: str | None
    status: str
    cause: str
    actor: str
    why: str | None


class Delivery(NamedTuple):
    """Goods on their way from a supplier."""

    due: datetime
    good: Good
    node: str
    quantity: int
    number: str
    days_late: int


class Shelf:
    """One SKU at one node. `free` is what may be promised; the units lie in its face and its reserve."""

    __slots__ = ("coming", "face", "face_bin", "free", "good", "node", "rate", "reserve", "reserve_bin", "sold")

    def __init__(self, good: Good, node: str, place: int, rate: float) -> None:
        self.good, self.node, self.rate = good, node, rate
        self.face_bin, self.reserve_bin = face_of(good, place), reserve_of(place)
        self.free = self.face = self.reserve = self.coming = self.sold = 0


class Shelves:
    """`rates` are units a day that a SKU is expected to sell, before anything is known."""

    def __init__(self, rng: random.Random, goods: tuple[Good, ...], rates: dict[str, float]) -> None:
        self._rng = rng
        self.entries: list[Entry] = []
        self._purchases = 24_000
        self._on: dict[tuple[str, str], Shelf] = {}
        self._of: defaultdict[str, list[Shelf]] = defaultdict(list)
        self.damaged: defaultdict[tuple[str, str], int] = defaultdict(int)
        ranks = [site.code for site in SITES]
        for place, good in enumerate(goods):
            for n, node in enumerate(sorted(good.nodes, key=ranks.index)):
                shelf = Shelf(good, node, place, rates[good.sku] * (1.0 if n == 0 else 0.2))
                self._on[(good.sku, node)] = shelf
                self._of[good.sku].append(shelf)

    def __iter__(self):  # type: ignore[no-untyped-def]  # of shelves, in the order of the catalogue
        return iter(self._on.values())

    def free(self, sku: str, node: str) -> int:
        shelf = self._on.get((sku, node))
        return shelf.free if shelf else 0

    def nodes_of(self, sku: str) -> list[str]:
        return [shelf.node for shelf in self._of[sku]]

    def promise(self, at: datetime, sku: str, node: str, quantity: int, cause: str, why: str) -> None:
        shelf = self._on[(sku, node)]
        shelf.free -= quantity
        shelf.sold += quantity
        self._write(at, shelf, MovementKind.allocated, 0, quantity, None, cause, "agent:orders", why)

    def give_back(self, at: datetime, sku: str, node: str, quantity: int, cause: str, why: str) -> None:
        shelf = self._on[(sku, node)]
        shelf.free += quantity
        self._write(at, shelf, MovementKind.released, 0, -quantity, None, cause, "agent:orders", why)

    def ship(self, at: datetime, sku: str, node: str, quantity: int, cause: str) -> str:
        """Take promised units out of the face, which is filled up from the reserve before; returns the bin."""
        shelf = self._on[(sku, node)]
        if shelf.face < quantity:
            self._refill(at - timedelta(hours=2), shelf, quantity)
        shelf.face -= quantity
        self._write(
            at, shelf, MovementKind.shipped, -quantity, -quantity, shelf.face_bin, cause, "agent:fulfilment", None
        )
        return shelf.face_bin

    def _refill(self, at: datetime, shelf: Shelf, needed: int) -> None:
        quantity = min(shelf.reserve, max(CROWDED, needed) - shelf.face)
        cause = f"move:{shelf.node}-{shelf.good.sku}-{at:%y%m%d%H%M}"
        shelf.reserve, shelf.face = shelf.reserve - quantity, shelf.face + quantity
        why = "the face ran low"
        self._write(at, shelf, MovementKind.moved, -quantity, 0, shelf.reserve_bin, cause, "agent:inventory", why)
        self._write(at, shelf, MovementKind.moved, quantity, 0, shelf.face_bin, cause, "agent:inventory", why)

    def receive(self, delivery: Delivery) -> None:
        shelf = self._on[(delivery.good.sku, delivery.node)]
        shelf.coming -= delivery.quantity
        late = f", {delivery.days_late} days late" if delivery.days_late else ""
        self._put(delivery.due, shelf, delivery.quantity, delivery.number, f"from {delivery.good.supplier.name}{late}")

    def open(self, at: datetime) -> None:
        """The first stock of everything."""
        for shelf in self:
            quantity = max(6, round(shelf.rate * (shelf.good.supplier.lead_days + 3 * SAFETY_DAYS)))
            self._put(at, shelf, quantity, f"DEMO-OPENING-{shelf.node}", "opening stock")

    def _put(self, at: datetime, shelf: Shelf, quantity: int, number: str, why: str) -> None:
        to_face = min(quantity, max(0, CROWDED - shelf.face))
        shelf.free += quantity
        shelf.face += to_face
        shelf.reserve += quantity - to_face
        parts = ((shelf.face_bin, to_face), (shelf.reserve_bin, quantity - to_face))
        for bin, units in parts:
            if units:
                self._write(
                    at, shelf, MovementKind.received, units, 0, bin, f"receipt:{number}", "agent:inventory", why
                )

    def take_back(
        self, at: datetime, sku: str, node: str, quantity: int, *, damaged: bool, cause: str, why: str
    ) -> None:
        """A customer's return: back to the face, or to quarantine when nobody can buy it any more."""
        shelf = self._on[(sku, node)]
        status = StockStatus.damaged if damaged else StockStatus.sellable
        if damaged:
            self.damaged[(sku, node)] += quantity
        else:
            shelf.free, shelf.face = shelf.free + quantity, shelf.face + quantity
        bin = QUARANTINE if damaged else shelf.face_bin
        self._write(at, shelf, MovementKind.returned, quantity, 0, bin, cause, "agent:inventory", why, status=status)

    def write_off(self, at: datetime) -> None:
        """What lies damaged is thrown away."""
        for (sku, node), units in sorted(self.damaged.items()):
            shelf = self._on[(sku, node)]
            self._write(
                at, shelf, MovementKind.adjusted, -units, 0, QUARANTINE, f"adjustment:{node}-{at:%y%m}",
                "agent:inventory", "damaged, thrown away", status=StockStatus.damaged,
            )  # fmt: skip
        self.damaged.clear()

    def learn(self, shelf: Shelf) -> None:
        """What sold in the last week changes what is expected; a week without stock teaches nothing."""
        if shelf.free > 0 or shelf.sold:
            shelf.rate = max(0.02, (1 - LEARNS) * shelf.rate + LEARNS * shelf.sold / REVIEW_DAYS)
        shelf.sold = 0

    def reorder(self, at: datetime, shelf: Shelf) -> Delivery | None:
        """Order from the supplier what will be missing by the time it can be here."""
        supplier, day = shelf.good.supplier, at.date()
        ahead = appeal(shelf.good.season, day + timedelta(days=supplier.lead_days)) / appeal(shelf.good.season, day)
        rate = shelf.rate * min(3.0, max(0.4, ahead))
        position = shelf.free + shelf.coming
        if position > rate * (supplier.lead_days + SAFETY_DAYS) + 1:
            return None
        wanted = rate * (supplier.lead_days + SAFETY_DAYS + 35) - position
        pack = 6 if shelf.good.cents < 6000 else 2
        quantity = max(1, -int(-wanted // pack)) * pack
        late = self._rng.randint(4, 24) if self._rng.random() < supplier.late else 0
        shelf.coming += quantity
        self._purchases += 1
        due = _morning(day + timedelta(days=supplier.lead_days + late), self._rng)
        return Delivery(due, shelf.good, shelf.node, quantity, f"PO-{self._purchases}", late)

    def _write(
        self, at: datetime, shelf: Shelf, kind: str, on_hand: int, allocated: int, bin: str | None, cause: str,
        actor: str, why: str | None, *, status: str = StockStatus.sellable,
    ) -> None:  # fmt: skip
        self.entries.append(
            Entry(at, shelf.good.sku, shelf.node, kind, on_hand, allocated, bin, status, cause, actor, why)
        )


def _morning(day: date, rng: random.Random) -> datetime:
    from datetime import UTC

    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 7, rng.randint(0, 59), rng.randint(0, 59), tzinfo=UTC)
