"""Where goods go, and why there. Pure: no database, no clock.

Rules that people wrote come first, then a bin that holds the same goods already, then, for heavy goods, the lowest;
then a bin that takes all of it, then the one that costs least work. Work is in seconds a week: the walk of the picks to
come, a trip to the pick face for what lies in reserve, a bin more to look after. Nobody has timed the figures: they say
what is worth how many steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any, NamedTuple

from agents.stock.rules import LARGEST_QUANTITY
from db.catalog import Temperature
from db.nodes import Bin, BinType
from db.putaway import GoodsKind, PutawayRule, SuggestionFor
from db.stock import Load

HEAVY_GRAMS = 10_000  # one unit, from which on it is not lifted high
PASS_SECONDS = 1  # past one more bin and back, for each pick
TRIP_SECONDS = 120  # reserve to pick face
NEW_PLACE_SECONDS = 60  # a further bin of the SKU to count and to look into
SPECIAL_SECONDS = 600  # ordinary goods where dangerous ones may lie
NONE_OF_IT = 2


class Wares(NamedTuple):
    """One SKU and lot to be put away. `weekly` are the units that are expected to be picked in a week."""

    sku: str
    lot: str
    each: Load
    category: str | None = None
    hazmat: bool = False
    hazard_class: str | None = None
    temperature: str = Temperature.ambient
    weekly: int = 0


@dataclass
class Place:
    """A bin and what lies in it, or is on its way there: units by SKU and lot. `walk` is its place in the pick path."""

    bin: Bin
    walk: int
    inside: Load = field(default_factory=Load)
    holds: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What every SKU asks of every bin is read off the row once: a node has thousands."""
        bin = self.bin
        self.temperature, self.hazard_classes = bin.temperature, frozenset(bin.hazard_classes)
        self.mixes_skus, self.mixes_lots, self.reserve = bin.mixes_skus, bin.mixes_lots, bin.type == BinType.reserve
        mm3 = None if bin.capacity_cm3 is None else bin.capacity_cm3 * 1000
        capacities = enumerate((bin.capacity_units, bin.capacity_grams, mm3))
        self.limits = [(which, capacity) for which, capacity in capacities if capacity is not None]

    def put(self, wares: Wares, units: int) -> None:
        self.inside = self.inside.plus(times(wares.each, units))
        self.holds[(wares.sku, wares.lot)] = self.holds.get((wares.sku, wares.lot), 0) + units

    def units_of(self, sku: str) -> int:
        return sum(units for (held, _), units in self.holds.items() if held == sku)

    def lots_of(self, sku: str) -> set[str]:
        return {lot for (held, lot), units in self.holds.items() if held == sku and units > 0}


class Suggested(NamedTuple):
    """`second_seconds` is how much more work the second-best bin is than the first."""

    bin: str
    quantity: int
    purpose: SuggestionFor
    rule: str | None
    why: str
    seconds: int
    second_bin: str | None = None
    second_seconds: int | None = None
    second_why: str | None = None


class WaitedFor(NamedTuple):
    """Units that `orders` wait for, and where packing is in the pick path."""

    units: int
    orders: str
    packing: int

    def order(self, choice: _Choice) -> tuple[Any, ...]:
        return choice.rank, choice.splits, abs(choice.walk - self.packing), choice


class Placement(NamedTuple):
    suggested: list[Suggested]
    unplaced: int
    unplaced_why: str | None


def times(each: Load, units: int) -> Load:
    return Load(*(units * figure for figure in each))


# Whether goods may lie in a bin


def misfits(wares: Wares, place: Place) -> dict[str, str]:
    """What speaks against the goods in the bin, however much room there is: a word for the record, and a sentence."""
    bin, found = place.bin, {}
    if place.temperature != wares.temperature:
        found["temperature"] = f"{wares.sku} has to be {wares.temperature} and {bin.code} is {bin.temperature}"
    if wares.hazmat and (wares.hazard_class is None or wares.hazard_class not in place.hazard_classes):
        which = f"of class {wares.hazard_class}" if wares.hazard_class else "of an unknown class"
        found["hazard_class"] = f"{wares.sku} is dangerous, {which}, which may not lie in {bin.code}"
    if not place.mixes_skus and (others := {sku for (sku, _), n in place.holds.items() if n > 0 and sku != wares.sku}):
        found["mixes_skus"] = f"{bin.code} is for one SKU at a time and holds {min(others)}"
    if not place.mixes_lots and (lots := place.lots_of(wares.sku) - {wares.lot}):
        found["mixes_lots"] = f"{bin.code} is for one lot at a time and holds {min(lots)}"
    return found


def fits(wares: Wares, place: Place, most: int | None = None) -> int:
    """Units for which there is room; `most` is what a rule allows of the SKU in one bin."""
    rooms = [most - place.units_of(wares.sku)] if most is not None else []
    for which, capacity in place.limits:
        if wares.each[which] > 0:
            rooms.append((capacity - place.inside[which]) // wares.each[which])
    return max(0, min(rooms, default=LARGEST_QUANTITY))


# Rules


def applies(rule: PutawayRule, wares: Wares) -> bool:
    match GoodsKind(rule.goods):
        case GoodsKind.everything:
            return True
        case GoodsKind.sku:
            return rule.value == wares.sku
        case GoodsKind.category:
            category = wares.category or ""
            return category == rule.value or category.startswith(f"{rule.value} > ")
        case GoodsKind.hazard_class:
            return wares.hazmat and rule.value == wares.hazard_class
        case GoodsKind.temperature:
            return rule.value == wares.temperature


def covers(rule: PutawayRule, bin: Bin) -> bool:
    return rule.bin in (None, bin.code) and rule.zone in (None, bin.zone)


def rule_of(rules: Sequence[PutawayRule], bin: Bin) -> tuple[int, PutawayRule | None]:
    """The first of the goods' rules that covers the bin, and its place among them."""
    if not rules:
        return 0, None
    return next(((n, rule) for n, rule in enumerate(rules) if covers(rule, bin)), (len(rules), None))


def breaks_rules(rules: Sequence[PutawayRule], wares: Wares, place: Place, units: int) -> str | None:
    """Why the goods' rules are against so many more of them in a bin, or None. `rules` are all of the node."""
    mine = [r for r in rules if applies(r, wares)]
    _, rule = rule_of(mine, place.bin)
    if rule is None:
        strict = [r.code for r in mine if r.strict]
        return f"rule {strict[0]} lets {wares.sku} lie nowhere but where it says" if strict else None
    most, there = rule.units_per_bin, place.units_of(wares.sku)
    if most is not None and there + units > most:
        return f"rule {rule.code} lets {most} units of {wares.sku} lie in {place.bin.code}, and {there} do already"
    return None


# The best of them


class _Choice(NamedTuple):
    """Compared field by field, less is better."""

    rank: int
    stranger: int  # 0 with the same SKU and lot, 1 with another lot of it, NONE_OF_IT
    level: int  # of heavy goods
    splits: int
    seconds: int
    walk: int
    code: str


_BEHIND = ("it comes after a rule", "less of {sku} lies there", "it is higher up", "it does not take all",
           "it is more work", "it is further to walk", "")  # fmt: skip
_BEHIND_FOR_ORDERS = ("it comes after a rule", "it does not take all", "it is further from packing", "")


def place_wares(
    wares: Wares, units: int, places: Sequence[Place], rules: Iterable[PutawayRule], waited_for: WaitedFor | None = None
) -> Placement:
    """Share out units over bins, and note in the places what is then on its way there.

    `rules` are those of the node in their order. Units that are `waited_for` go to a pick face next to packing, or stay
    and are picked from where they lie; they do not go to reserve.
    """
    sharing = _Sharing(wares, [rule for rule in rules if applies(rule, wares)])
    stays, first, why = 0, 0, []
    if waited_for is not None:
        first = min(units, waited_for.units)
        stays = sharing.fill(first, [p for p in places if not p.reserve], waited_for)
        if stays:
            why.append(f"{stays} for {waited_for.orders} stay to be picked from here: no pick face takes them")
    if left := sharing.fill(units - first, places):
        why.append(f"{left} have no place: {why_not(wares, places, sharing.mine)}")
    return Placement(sharing.suggested, stays + left, "; ".join(why) or None)


def why_not(wares: Wares, places: Sequence[Place], mine: Sequence[PutawayRule]) -> str:
    """Why no bin takes any more of the goods: each reason with the number of bins, the most frequent first."""
    if not places:
        return "the node has no open pick face or reserve bin"
    counts: dict[str, int] = {}
    for place in places:
        wrong = misfits(wares, place)
        if any(r.strict for r in mine) and rule_of(mine, place.bin)[1] is None:
            reason = "outside of its rules"
        elif wrong:
            reason = _SAID[next(iter(wrong))]
        else:
            reason = "full"
        counts[reason] = counts.get(reason, 0) + 1
    return ", ".join(f"{n} bins {reason}" for reason, n in sorted(counts.items(), key=lambda c: (-c[1], c[0])))


_SAID = {
    "temperature": "of another temperature",
    "hazard_class": "not for such dangerous goods",
    "mixes_skus": "kept for another SKU",
    "mixes_lots": "kept for another lot",
}


@dataclass
class _Sharing:
    wares: Wares
    mine: list[PutawayRule]
    suggested: list[Suggested] = field(default_factory=list)

    def fill(self, units: int, places: Sequence[Place], waited_for: WaitedFor | None = None) -> int:
        """Fill the best bin, and the next with what is left; returns what has no place."""
        order = waited_for.order if waited_for is not None else tuple
        found = [_Found(*one, place) for place in places if (one := _choice(self.wares, place, self.mine))]
        left = units
        while left > 0 and found:
            first, *others = nsmallest(2, found, key=lambda each: order(each.for_units(left)))
            second = others[0].for_units(left) if others else None
            left -= self._suggest(first.for_units(left), first.place, second, left, waited_for)
            found.remove(first)  # full, or nothing is left
        return left

    def _suggest(
        self, best: _Choice, place: Place, second: _Choice | None, left: int, waited_for: WaitedFor | None
    ) -> int:
        _, rule = rule_of(self.mine, place.bin)
        quantity = min(left, fits(self.wares, place, rule.units_per_bin if rule else None))
        told = _why(self.wares, place, rule, best, takes_all=quantity == left)
        if waited_for is not None:
            told = f"{waited_for.orders} wait for it; {told}"
        made = Suggested(
            bin=place.bin.code,
            quantity=quantity,
            purpose=SuggestionFor.store if waited_for is None else SuggestionFor.cross_dock,
            rule=rule.code if rule else None,
            why=told,
            seconds=best.seconds,
        )
        if second is not None:
            made = made._replace(
                second_bin=second.code,
                second_seconds=second.seconds - best.seconds,
                second_why=_behind(self.wares, best, second, waited_for),
            )
        self.suggested.append(made)
        place.put(self.wares, quantity)
        return quantity


class _Found(NamedTuple):
    choice: _Choice
    room: int
    place: Place

    def for_units(self, units: int) -> _Choice:
        return self.choice if self.room >= units else self.choice._replace(splits=1)


def _choice(wares: Wares, place: Place, mine: Sequence[PutawayRule]) -> tuple[_Choice, int] | None:
    """How good a place is, and its room; None where the goods may not lie or nothing fits."""
    rank, rule = rule_of(mine, place.bin)
    if (rule is None and any(r.strict for r in mine)) or misfits(wares, place):
        return None
    room = fits(wares, place, rule.units_per_bin if rule else None)
    if room == 0:
        return None
    same = place.holds.get((wares.sku, wares.lot))
    stranger = 0 if same else 1 if place.units_of(wares.sku) else NONE_OF_IT
    level = place.bin.level if wares.each.grams >= HEAVY_GRAMS else 0
    seconds = _seconds(wares, place, new=stranger == NONE_OF_IT)
    return _Choice(rank, stranger, level, 0, seconds, place.walk, place.bin.code), room


def _seconds(wares: Wares, place: Place, *, new: bool) -> int:
    """What is picked at all is picked once a week at least, so that nearer is better where nothing is known."""
    work = max(1, wares.weekly) * PASS_SECONDS * place.walk
    if place.reserve:
        work += TRIP_SECONDS
    if place.hazard_classes and not wares.hazmat:
        work += SPECIAL_SECONDS
    return work + (NEW_PLACE_SECONDS if new else 0)


def _why(wares: Wares, place: Place, rule: PutawayRule | None, best: _Choice, *, takes_all: bool) -> str:
    said = [f"rule {rule.code}"] if rule is not None else []
    if best.stranger < NONE_OF_IT:
        said.append(f"{wares.sku} lies here" if best.stranger == 0 else f"another lot of {wares.sku} lies here")
    elif place.inside.units == 0:
        said.append("it is empty")
    if wares.hazmat:
        said.append(f"it may hold class {wares.hazard_class}")
    if wares.temperature != Temperature.ambient:
        said.append(f"it is {wares.temperature}")
    if wares.each.grams >= HEAVY_GRAMS:
        said.append(f"heavy goods lie low, this is level {place.bin.level}")
    said.append("it takes all" if takes_all else "it takes a part")
    return "; ".join(said)


def _behind(wares: Wares, best: _Choice, second: _Choice, waited_for: WaitedFor | None) -> str:
    """The first thing in which the second is worse than the best."""
    order, words = (tuple, _BEHIND) if waited_for is None else (waited_for.order, _BEHIND_FOR_ORDERS)
    differs = (a != b for a, b in zip(order(best), order(second), strict=True))
    return next(word for word, so in zip(words, differs, strict=True) if so).format(sku=wares.sku)
