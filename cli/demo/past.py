"""Two years of the demo shop, made up day by day: people order what they like, as long as it lies there."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from cli.demo.catalogue import KIT_PARTS, KITS, SEED, Good, goods, kits
from cli.demo.people import Crowd, Shopper
from cli.demo.places import SITES
from cli.demo.routes import route
from cli.demo.seasons import KINDS, appeal, promotion, volume
from cli.demo.shelves import REVIEW_DAYS, Delivery, Entry, Shelves
from cli.demo.stamps import Stamps

CHANNELS = ("web", "marketplace", "store")
OPEN_DAYS = 6  # so long ago the oldest order is that somebody still has to look at
HELD_EVERY = 29  # of the orders of those days
CANCELLED = 0.026
RETURNED = 0.065
HOLDS = (
    ("fraud", "delivery and card are in different countries"),
    ("address", "the house number is missing"),
    ("manual", "asked to wait until they are back from their holiday"),
)
_REASONS = ("the customer changed their mind", "ordered twice by mistake", "found it cheaper", "arrives too late")
_RETURNS = ("does not fit the room", "another colour after all", "arrived broken", "was a present", "too small")
_HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 12, 12, 11, 10, 10, 10, 11, 12, 14, 16, 15, 10, 5)


@dataclass(frozen=True)
class Scale:
    """How large a past: orders over days, of the first so many product families."""

    orders: int = 20_000
    days: int = 730
    families: int | None = None


@dataclass(slots=True)
class Line:
    sku: str
    quantity: int
    parts: tuple[tuple[str, int], ...]  # units of each SKU that are picked for the line


@dataclass(slots=True)
class Package:
    """What one node sends of an order: (line_no, sku, units, bin it was taken from)."""

    node: str
    why: str
    units: list[tuple[int, str, int]]
    due: datetime  # when it leaves, or would
    bins: list[str] = field(default_factory=list)
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    arrives: datetime | None = None


@dataclass(slots=True)
class PastOrder:
    id: UUID
    at: datetime
    shopper: Shopper
    channel: str
    lines: list[Line]
    percent: int  # off the goods
    tags: list[str]
    packages: list[Package]
    cancelled: tuple[datetime, str] | None = None
    hold: tuple[datetime, str, str] | None = None
    returned: tuple[datetime, int, int, str] | None = None  # when, line_no, units, why


@dataclass(frozen=True)
class Past:
    orders: list[PastOrder]
    entries: list[Entry]
    people: list[Shopper]


def two_years(now: datetime, scale: Scale = Scale()) -> Past:
    """The same for the same moment: everything is before it, the last orders are minutes old and wait to be picked."""
    return _Years(now, scale).lived()


class _Years:
    def __init__(self, now: datetime, scale: Scale) -> None:
        self._rng = random.Random(SEED + 1)  # noqa: S311 - a believable shop, no secret
        self._now, self._scale = now, scale
        self._goods = tuple(g for g in goods(scale.families) if not g.is_new)
        self._kits = kits(scale.families)
        self._stamps = Stamps(self._rng)
        self._crowd = Crowd(self._rng, self._stamps)
        self._first = (now - timedelta(days=scale.days)).date()
        units = scale.orders * 2.9 / scale.days
        whole = sum(g.weight for g in self._goods)
        rates = {g.sku: units * 0.75 * g.weight / whole for g in self._goods}
        self._shelves = Shelves(self._rng, self._goods, rates)
        self._soon: list[tuple[datetime, int, Any]] = []
        self._turn = 0
        self._orders: list[PastOrder] = []
        self._recent = 0

    def lived(self) -> Past:
        self._shelves.open(_at(self._first, 6))
        for day, many in self._days():
            self._stock_up(day)
            for moment in sorted(self._moment(day) for _ in range(many)):
                self._until(moment)
                self._order(moment)
            self._until(min(_at(day + timedelta(days=1)), self._now))
        entries = sorted(self._shelves.entries, key=lambda e: e.at)
        return Past(self._orders, entries, self._crowd.people)

    def _days(self) -> Iterator[tuple[date, int]]:
        """Each day with the number of its orders; they add up to what was asked for."""
        last = self._now.date()
        days = [self._first + timedelta(days=n) for n in range((last - self._first).days + 1)]
        busy = [volume(d, days[0], last) * self._rng.uniform(0.82, 1.18) for d in days]
        busy[-1] *= sum(_HOURS[: self._now.hour]) / sum(_HOURS)
        done = 0
        for day, until in zip(days, accumulate(busy), strict=True):
            upto = round(self._scale.orders * until / sum(busy))
            yield day, upto - done
            done = upto

    def _moment(self, day: date) -> datetime:
        open_hours = _HOURS[: self._now.hour] if day == self._now.date() else _HOURS
        hour = self._rng.choices(range(len(open_hours)), open_hours)[0] if sum(open_hours) else 0
        at = _at(day, hour) + timedelta(seconds=self._rng.uniform(0, 3600))
        return min(at, self._now - timedelta(minutes=2, seconds=self._rng.uniform(0, 600)))

    def _later(self, at: datetime, what: Any) -> None:
        self._turn += 1
        heapq.heappush(self._soon, (at, self._turn, what))

    def _until(self, moment: datetime) -> None:
        """Let everything happen that is due by then."""
        while self._soon and self._soon[0][0] <= moment:
            at, _, what = heapq.heappop(self._soon)
            if isinstance(what, Delivery):
                self._shelves.receive(what)
            else:
                what(at)

    def _stock_up(self, day: date) -> None:
        for n, shelf in enumerate(self._shelves):
            if n % REVIEW_DAYS == day.toordinal() % REVIEW_DAYS:
                self._shelves.learn(shelf)
                delivery = self._shelves.reorder(_at(day, 9), shelf)
                if delivery:
                    self._later(delivery.due, delivery)
        if day.day == 28:
            self._later(_at(day, 16), self._shelves.write_off)
        liked = {kind: appeal(kind, day) for kind in KINDS}
        self._pull = list(accumulate(g.weight * liked[g.season] for g in self._goods))

    def _order(self, at: datetime) -> None:
        rng, day = self._rng, at.date()
        ago = (self._now - at).days / self._scale.days
        shopper = self._crowd.somebody(at, returning=0.68 - 0.3 * ago)
        wanted = self._basket(shopper)
        plan = route([n.parts for n in wanted], self._shelves.free, [s.code for s in SITES])
        lines = [line for line, parts in zip(wanted, plan.by_line, strict=True) if parts]
        if not lines:
            return  # nothing of it was there: a sale that did not come about
        on = promotion(day)
        order = PastOrder(
            id=self._stamps.id(at), at=at, shopper=shopper, lines=lines,
            channel=rng.choices(CHANNELS, (70, 22, 8))[0],
            percent=on.percent if on and rng.random() < 0.7 else 0,
            tags=[on.name] if on else [], packages=[],
        )  # fmt: skip
        kept = [parts for parts in plan.by_line if parts]
        for node in sorted({node for parts in kept for node, _, _ in parts}, key=[s.code for s in SITES].index):
            units = [(n, sku, q) for n, parts in enumerate(kept, 1) for at_node, sku, q in parts if at_node == node]
            order.packages.append(Package(node, plan.why(node), units, due=self._leaves(at)))
        for package in order.packages:
            for _, sku, quantity in package.units:
                self._shelves.promise(at, sku, package.node, quantity, f"order:{order.id}", package.why)
        self._orders.append(order)
        self._decide(order)

    def _decide(self, order: PastOrder) -> None:
        rng, due = self._rng, min(p.due for p in order.packages)
        if self._now - order.at < timedelta(days=OPEN_DAYS):
            self._recent += 1
            if self._recent % HELD_EVERY == 7:
                reason, note = HOLDS[self._recent // HELD_EVERY % len(HOLDS)]
                order.hold = (min(order.at + timedelta(minutes=4), self._now), reason, note)
                return
        if rng.random() < CANCELLED:
            self._later(order.at + (due - order.at) * rng.uniform(0.1, 0.8), lambda at: self._cancel(order, at))
            return
        for package in order.packages:
            self._later(package.due, lambda at, package=package: self._ship(order, package, at))

    def _cancel(self, order: PastOrder, at: datetime) -> None:
        why = self._rng.choice(_REASONS)
        order.cancelled = (at, why)
        for package in order.packages:
            for _, sku, quantity in package.units:
                self._shelves.give_back(at, sku, package.node, quantity, f"order:{order.id}", why)

    def _ship(self, order: PastOrder, package: Package, at: datetime) -> None:
        package.shipped_at = at
        cause = f"order:{order.id}"
        package.bins = [self._shelves.ship(at, sku, package.node, q, cause) for _, sku, q in package.units]
        home = order.shopper.address["country"] in {"GB", "DE", "NL"}
        days = self._rng.choices((1, 2, 3, 4, 6, 9), (30, 30, 20, 11, 7, 2))[0] + (0 if home else 2)
        package.arrives = at + timedelta(days=days, hours=self._rng.uniform(-7, 3))
        self._later(package.arrives, lambda then: self._arrive(order, package, then))

    def _arrive(self, order: PastOrder, package: Package, at: datetime) -> None:
        package.delivered_at = at
        if package is order.packages[-1] and self._rng.random() < RETURNED:
            self._later(at + timedelta(days=self._rng.uniform(3, 17)), lambda then: self._return(order, package, then))

    def _return(self, order: PastOrder, package: Package, at: datetime) -> None:
        line_no, sku, units = self._rng.choice(package.units)
        line = order.lines[line_no - 1]
        if sku != line.sku or units != line.quantity:
            return  # part of a kit, or of a line that came in two parcels: kept
        back, why = self._rng.randint(1, units), self._rng.choice(_RETURNS)
        order.returned = (at, line_no, back, why)
        self._shelves.take_back(
            at, sku, package.node, back, damaged="broken" in why, cause=f"return:{order.id}", why=why
        )

    def _basket(self, shopper: Shopper) -> list[Line]:
        rng = self._rng
        chosen: list[Good] = []
        for _ in range(rng.choices((1, 2, 3, 4, 6), (44, 28, 16, 9, 3))[0]):
            good = self._liked(chosen[0].category.split(" > ")[1] if chosen and rng.random() < 0.6 else None)
            if good not in chosen:
                chosen.append(good)
        lines = [Line(g.sku, n, ((g.sku, n),)) for g in chosen for n in [self._how_many(g, shopper)]]
        if self._kits and rng.random() < 0.03:
            kit = rng.choice(self._kits)
            if not {line.sku for line in lines} & set(KIT_PARTS[kit]):
                lines.append(Line(kit, 1, tuple(KIT_PARTS[kit].items())))
        return lines

    def _liked(self, room: str | None) -> Good:
        for _ in range(6):
            good: Good = self._rng.choices(self._goods, cum_weights=self._pull)[0]
            if room is None or good.category.split(" > ")[1] == room:
                return good
        return good

    def _how_many(self, good: Good, shopper: Shopper) -> int:
        if shopper.kind == "wholesale":
            return self._rng.choice((6, 6, 12, 12, 24))
        if good.cents < 2000 and self._rng.random() < 0.4:
            return self._rng.choice((2, 2, 3, 4, 4, 6))
        return 1 if self._rng.random() < 0.88 else 2

    def _leaves(self, at: datetime) -> datetime:
        """Before three on a working day it leaves the same afternoon, else on the next."""
        day = at.date() if at.hour < 15 else at.date() + timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
        return _at(day, 15) + timedelta(minutes=self._rng.uniform(5, 105))


def _at(day: date, hour: int = 0) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=UTC)


def unit_price(sku: str, currency: str, at: datetime, now: datetime) -> int:
    """What a SKU cost then: the year before last everything was a little cheaper."""
    amount = _PRICES[sku][currency]
    return amount if at.year >= now.year - 1 or amount < 1000 else round(amount * 0.95 / 50) * 50


_PRICES = {g.sku: g.prices for g in goods()} | {
    sku: {"EUR": cents, "GBP": round(cents * 87 / 5_000) * 50} for sku, (_, cents, _) in KITS.items()
}
