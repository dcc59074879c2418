"""What a company should be like, in plain Python: no SQL, no routing, no clock.

It counts units and knows who has a claim on them. Which node serves an order it does not decide: it takes
that from the answer, and says whether it may be. `Wrong` is raised when it may not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

Place = tuple[str, str]
"""(sku, node)"""


class Wrong(AssertionError):
    """The company did what the model says can not be."""


def must(true: bool, *what: object) -> None:
    if not true:
        raise Wrong(" ".join(str(w) for w in what))


@dataclass
class Line:
    """`parts` are units of each SKU for one unit of the line; one part unless it is a kit."""

    sku: str
    price: int
    parts: Mapping[str, int]
    ordered: int
    cancelled: int = 0
    heard: int = 0  # units that the order knows to have left
    open: Counter[Place] = field(default_factory=Counter)  # promised and not left, picked ones included
    picked: Counter[Place] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)  # of each part

    def cancellable(self) -> int:
        """Units of which no part was touched."""
        touched = Counter(self.left)
        for (sku, _), units in self.picked.items():
            touched[sku] += units
        return self.ordered - self.cancelled - max(-(-touched[sku] // per) for sku, per in self.parts.items())

    def gone(self) -> int:
        """Units of which every part has left."""
        return min(self.left[sku] // per for sku, per in self.parts.items())

    def check(self) -> None:
        for sku, per in self.parts.items():
            still = sum(units for (s, _), units in self.open.items() if s == sku)
            must(
                still + self.left[sku] == (self.ordered - self.cancelled) * per,
                f"{self.sku}: {still} {sku} promised and {self.left[sku]} gone of {self.ordered} ordered,"
                f" {self.cancelled} cancelled",
            )
        for place, units in self.picked.items():
            must(0 <= units <= self.open[place], f"{units} picked at {place}, {self.open[place]} promised")


@dataclass
class Order:
    lines: dict[int, Line]
    shipping: int
    token: str | None
    ship_complete: bool
    holds: set[str] = field(default_factory=set)
    parcels: dict[UUID, bool] = field(default_factory=dict)  # fulfilments that have left: delivered?
    recalled: bool = False  # called back, and the flow has not had its turn
    freed: bool = False  # somebody let it go without the money

    @property
    def worth(self) -> int:
        """In minor units, without what was cancelled. The shipping is owed while anything is."""
        if self.over():
            return 0
        return self.shipping + sum((n.ordered - n.cancelled) * n.price for n in self.lines.values())

    def over(self) -> bool:
        return all(n.ordered == n.cancelled for n in self.lines.values())

    def complete(self) -> bool:
        """All that is wanted has left, as far as the order has heard."""
        return all(n.ordered == n.cancelled + n.heard for n in self.lines.values())

    def touched(self) -> bool:
        return any(n.picked.total() or n.left.total() for n in self.lines.values())

    def status(self) -> str:
        """What it is called once everybody has heard of everything."""
        if self.over():
            return "cancelled"
        if self.complete():
            return "delivered" if all(self.parcels.values()) else "shipped"
        if self.holds:
            return "held"
        return "partly_shipped" if self.parcels else "released"

    def places(self) -> set[Place]:
        return {place for n in self.lines.values() for place in n.open}

    def take_over(self, allocations: Iterable[Any]) -> set[Place]:
        """Learn where the order is served from now; returns the places where that changed."""
        before = self._by_place()
        for n in self.lines.values():
            n.open = Counter()
        for a in allocations:
            if a.state in ("allocated", "backordered", "picked"):
                self.lines[a.line_no].open[(a.sku, a.node)] += a.quantity
        for n in self.lines.values():
            n.check()
        after = self._by_place()
        return {p for p in before | after if before[p] != after[p]}

    def _by_place(self) -> Counter[Place]:
        return sum((n.open for n in self.lines.values()), Counter())


@dataclass
class Hold:
    """A checkout's; `born` orders them by age."""

    units: Counter[Place]
    expires_at: datetime
    born: int


@dataclass
class Model:
    limits: Mapping[str, int]  # what may be promised beyond stock at one node, by SKU
    kits: Mapping[str, Mapping[str, int]]
    prices: Mapping[str, int]
    nodes: tuple[str, ...]
    on_hand: Counter[Place] = field(default_factory=Counter)
    waiting: Counter[Place] = field(default_factory=Counter)  # promised units that do not lie there
    transit: Counter[Place] = field(default_factory=Counter)
    orders: dict[UUID, Order] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    came: Counter[str] = field(default_factory=Counter)  # into the company
    shipped: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    # Counting

    def places(self, skus: Iterable[str] | None = None) -> list[Place]:
        return [(sku, node) for sku in sorted(set(skus or self.limits)) for node in self.nodes]

    def parts(self, sku: str) -> Mapping[str, int]:
        return self.kits.get(sku, {sku: 1})

    def promised(self, place: Place) -> int:
        return sum(n.open[place] for o in self.orders.values() for n in o.lines.values())

    def picked(self, place: Place) -> int:
        return sum(n.picked[place] for o in self.orders.values() for n in o.lines.values())

    def held(self, place: Place) -> int:
        return sum(h.units[place] for h in self.holds.values())

    def allocated(self, place: Place) -> int:
        return self.promised(place) - self.waiting[place]

    def free(self, place: Place) -> int:
        return self.on_hand[place] - self.allocated(place) - self.held(place)

    def room(self, place: Place) -> int:
        return max(0, self.limits[place[0]] - self.waiting[place])

    def in_pick_face(self, place: Place) -> int:
        return self.on_hand[place] - self.picked(place)

    def level(self, place: Place) -> dict[str, int]:
        return {
            "on_hand": self.on_hand[place],
            "allocated": self.allocated(place),
            "held": self.held(place),
            "backordered": self.waiting[place],
            "purchasable": self.free(place) + self.room(place),
        }

    def explode(self, wanted: Iterable[tuple[str, int]]) -> Counter[str]:
        units: Counter[str] = Counter()
        for sku, quantity in wanted:
            for part, per in self.parts(sku).items():
                units[part] += per * quantity
        return units

    # What follows from the counts

    def serve(self, places: Iterable[Place]) -> None:
        """Who waits gets what lies there and nobody holds."""
        for place in places:
            self.waiting[place] = max(0, self.promised(place) - (self.on_hand[place] - self.held(place)))

    def enough(self, wanted: Counter[str], *, reference: str | None = None) -> bool:
        """Whether an order for so many units can be taken, with what its checkout holds."""
        own = self.holds[reference].units if reference in self.holds else Counter[Place]()
        return all(
            units <= sum(self.free(p) + self.room(p) + own[p] for p in self.places([sku]))
            for sku, units in wanted.items()
        )

    def make_room(self, place: Place, units: int, *, now: datetime) -> None:
        """Before units go missing, checkouts give way: lapsed ones, then the youngest."""
        short = units - self.free(place)
        if short <= 0:
            return
        here = sorted((h for h in self.holds.values() if h.units[place]), key=lambda h: -h.born)
        for hold in [h for h in here if h.expires_at <= now]:
            short -= hold.units.pop(place)
        for hold in here:
            if short > 0:
                short -= hold.units.pop(place, 0)

    def change(self, place: Place, units: int, *, now: datetime) -> None:
        """So many more, or fewer, lie in the pick face; whoever loses by it waits, whoever waited is served."""
        if units < 0:
            self.make_room(place, -units, now=now)
            self.lost[place[0]] -= units
        else:
            self.came[place[0]] += units
        self.on_hand[place] += units
        self.serve([place])

    def lapse(self, places: Iterable[Place], *, now: datetime) -> None:
        """Checkouts whose time is over give back what they hold at the places."""
        places = list(places)
        ended = [h for h in self.holds.values() if h.expires_at <= now]
        if sum(h.units.pop(place, 0) for h in ended for place in places):
            self.serve(places)

    def conserved(self) -> None:
        """Nothing comes from nowhere and nothing goes there."""
        for sku in self.limits:
            inside = sum(self.on_hand[p] + self.transit[p] for p in self.places([sku]))
            must(
                inside == self.came[sku] - self.shipped[sku] - self.lost[sku],
                f"{inside} {sku} inside; {self.came[sku]} came, {self.shipped[sku]} left, {self.lost[sku]} were lost",
            )
        for order in self.orders.values():
            for n in order.lines.values():
                n.check()

    def hold(self, reference: str, wanted: Counter[str], *, now: datetime) -> bool:
        """Make room for a checkout's hold; False when not all of it is free. Try it on a copy."""
        self.holds.pop(reference, None)
        if self._all_free(wanted):
            return True
        self.lapse([p for p in self.places(wanted) if self.held(p)], now=now)
        return self._all_free(wanted)

    def _all_free(self, wanted: Counter[str]) -> bool:
        return all(units <= sum(self.free(p) for p in self.places([sku])) for sku, units in wanted.items())

    def leave(self, node: str, wanted: Counter[str], *, now: datetime) -> bool:
        """Free units for another node leave this one; False when they are not free. Try it on a copy."""
        places = {(sku, node): units for sku, units in wanted.items()}
        self.lapse([p for p, units in places.items() if self.free(p) < units and self.held(p)], now=now)
        if any(self.free(p) < units for p, units in places.items()):
            return False
        for place, units in places.items():
            self.on_hand[place] -= units
        self.serve(places)
        return True
