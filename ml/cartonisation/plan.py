"""Which boxes an order costs least in: the box and what a carrier charges for it.

One box for all is looked for first, the cheapest upwards; the price of each is known before anything is put into it.
Where no single box takes all, or two could be cheaper, each box is tried as the first one of several, filled as full
as it goes, and the rest is planned likewise; then what came out is put into cheaper boxes, alone and two by two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ml.cartonisation.fill import Filler
from ml.cartonisation.goods import Box, Filled, Goods, LeftOut, Piece, Plan, Terms, all_may_share, own_carton, units

EFFORT = 60  # ways to fill a box to the end that are tried before it is given up
WORK = 20_000  # blocks that are looked at for an order; after that the first way that is found is taken
MOST_UNITS = 250  # of one order: who packs more looks at a pallet, not at a drawing


def plan(goods: Sequence[Goods], boxes: Sequence[Box], terms: Terms, *, effort: int = EFFORT) -> Plan:
    """A box for every piece, or a sentence that says why there is none. The same question has the same answer."""
    able, left_out = _sorted_out(goods, boxes)
    together = [g for g in able if not g.alone]
    packed = _Packer(boxes, terms, effort).several(together) if together else ()
    if packed is None:
        raise AssertionError("goods that fit a box alone can be packed one by one")
    boxed = (*packed, *(_by_itself(g) for g in able if g.alone for _ in range(g.quantity)))
    return Plan(boxed, tuple(left_out), sum(terms.price(f.box, f.grams) for f in boxed))


def _by_itself(goods: Goods) -> Filled:
    return Filled(own_carton(goods), (Piece(goods.sku, 0, 0, 0, *goods.size),), goods.grams)


def _sorted_out(goods: Sequence[Goods], boxes: Sequence[Box]) -> tuple[list[Goods], list[LeftOut]]:
    able: list[Goods] = []
    left_out = []
    for g in goods:
        if why := _objection(g, boxes):
            left_out.append(LeftOut(g.sku, g.quantity, why))
        else:
            able.append(g)
    if units(able) > MOST_UNITS:
        why = f"{units(able)} units are more than the {MOST_UNITS} that are planned at once"
        return [], [*left_out, *(LeftOut(g.sku, g.quantity, why) for g in able)]
    return able, left_out


def _objection(goods: Goods, boxes: Sequence[Box]) -> str | None:
    if not all(goods.size):
        return f"{goods.sku} has no dimensions: measure it"
    if not goods.grams:
        return f"{goods.sku} has no weight: weigh it"
    if goods.alone:
        return None
    if not boxes:
        return "there are no boxes here"
    fitting = [b for b in boxes if _fits(goods, b)]
    if not fitting:
        length, width, height = goods.size
        return f"{goods.sku} fits no box: it measures {length} × {width} × {height} mm"
    if all(goods.grams + b.grams > b.most_grams for b in fitting):
        return f"{goods.sku} is too heavy for every box that it fits: it weighs {goods.grams} g"
    return None


def _fits(goods: Goods, box: Box) -> bool:
    return any(all(side <= room for side, room in zip(pose, box.room, strict=True)) for pose in goods.poses())


class _Packer:
    def __init__(self, boxes: Sequence[Box], terms: Terms, effort: int) -> None:
        self.boxes = sorted(boxes, key=lambda b: (b.volume, b.cost, b.code))
        self.terms = terms
        self.effort = effort
        self.work_left = WORK
        self._singles: dict[tuple[tuple[str, int], ...], Filled | None] = {}

    def price(self, filled: Sequence[Filled]) -> int:
        return sum(self.terms.price(f.box, f.grams) for f in filled)

    def single(self, goods: Sequence[Goods]) -> Filled | None:
        """The cheapest box that is found to take all."""
        key = tuple((g.sku, g.quantity) for g in goods)
        if key not in self._singles:
            self._singles[key] = self._single(goods)
        return self._singles[key]

    def _single(self, goods: Sequence[Goods]) -> Filled | None:
        if not all_may_share(goods):
            return None
        grams = sum(g.grams * g.quantity for g in goods)
        volume = sum(g.volume * g.quantity for g in goods)
        fitting = [
            b
            for b in self.boxes
            if volume <= b.volume and grams + b.grams <= b.most_grams and all(_fits(g, b) for g in goods)
        ]
        fitting.sort(key=lambda b: self.terms.price(b, grams + b.grams))
        for box in fitting:
            filled = self._fill(box, goods, self.effort)
            if len(filled.pieces) == units(goods):
                return filled
        return None

    def several(self, goods: Sequence[Goods]) -> list[Filled] | None:
        one = self.single(goods)
        if one is not None and self._least_of_two(goods) >= self.price([one]):
            return [one]
        found = [] if one is None else [[one]]
        for first in reversed(self.boxes):
            if found and self.work_left <= 0:
                break
            if (plan := self._from(first, goods)) is not None:
                found.append(self._tidied(plan, goods))
        return min(found, key=lambda plan: (self.price(plan), len(plan)), default=None)

    def _least_of_two(self, goods: Sequence[Goods]) -> int:
        """No plan of two boxes or more costs less than this."""
        grams = sum(g.grams * g.quantity for g in goods)
        least = min(b.cost for b in self.boxes), min(b.grams for b in self.boxes)
        charged = grams + 2 * least[1]
        if self.terms.divisor is not None:
            volume = sum(g.volume * g.quantity for g in goods)
            charged = max(charged, volume // self.terms.divisor)
        return 2 * least[0] + charged * self.terms.kilogram // 1000

    def _from(self, first: Box, goods: Sequence[Goods]) -> list[Filled] | None:
        """Boxes for all with `first` filled first, then always the one whose content costs least by volume."""
        found: list[Filled] = []
        left, boxes = list(goods), [first]
        while left:
            if found and (one := self.single(left)) is not None:
                return [*found, one]
            tried: list[Filled] = []
            for box in boxes:
                if (filled := self._filled(box, left)).pieces:
                    tried.append(filled)
                if tried and self.work_left <= 0:
                    break
            if not tried:
                return None
            best = min(tried, key=lambda f: (self.terms.price(f.box, f.grams) / (f.use * f.box.volume), f.box.code))
            found.append(best)
            left, boxes = _without(left, best), self.boxes[::-1]
        return found

    def _filled(self, box: Box, goods: Sequence[Goods]) -> Filled:
        return self._fill(box, [g for g in goods if _fits(g, box)], max(4, self.effort // 8))

    def _fill(self, box: Box, goods: Sequence[Goods], effort: int) -> Filled:
        filler = Filler(box, goods)
        load = filler.best(effort if self.work_left > 0 else 1, most_work=max(1, self.work_left // 4))
        self.work_left -= filler.work
        return filler.filled(load)

    def _tidied(self, plan: list[Filled], goods: Sequence[Goods]) -> list[Filled]:
        """The same goods in cheaper boxes, each box alone and then two in one, until nothing gets cheaper."""
        plan = [self._cheaper([f], goods) or f for f in plan]
        pairs = [(a, b) for a in range(len(plan)) for b in range(a)]
        while pairs and self.work_left > 0:
            a, b = pairs.pop(0)
            if (one := self._cheaper([plan[a], plan[b]], goods)) is not None:
                plan = [f for n, f in enumerate(plan) if n not in (a, b)] + [one]
                pairs = [(len(plan) - 1, n) for n in range(len(plan) - 1)]
        return plan

    def _cheaper(self, filled: Sequence[Filled], goods: Sequence[Goods]) -> Filled | None:
        """One box with the content of these that costs less than they do."""
        one = self.single(_within(goods, filled))
        return one if one is not None and self.price([one]) < self.price(filled) else None


def _counted(filled: Sequence[Filled]) -> Counter[str]:
    return Counter(p.sku for f in filled for p in f.pieces)


def _without(goods: Sequence[Goods], filled: Filled) -> list[Goods]:
    packed = _counted([filled])
    return [replace(g, quantity=g.quantity - packed[g.sku]) for g in goods if g.quantity > packed[g.sku]]


def _within(goods: Sequence[Goods], filled: Sequence[Filled]) -> list[Goods]:
    packed = _counted(filled)
    return [replace(g, quantity=packed[g.sku]) for g in goods if packed[g.sku]]
