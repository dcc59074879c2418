"""Where goods go, by rules alone: the reasons, the second best, and never more than there is room for."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.inbound.placing import HEAVY_GRAMS, Place, Placement, WaitedFor, Wares, misfits, place_wares
from db.nodes import Bin, BinType
from db.putaway import GoodsKind, PutawayRule, SuggestionFor
from db.stock import Load


def a_place(
    code: str, walk: int = 0, *, type: str = "reserve", holds: dict[Any, int] | None = None, **bin: Any
) -> Place:
    limits = dict.fromkeys(("capacity_units", "capacity_grams", "capacity_cm3"))
    kept = {"hazard_classes": [], "temperature": "ambient", "mixes_skus": True, "mixes_lots": True, "level": 0}
    row = Bin(node="LON", code=code, type=type, blocked=False, active=True, **(limits | kept | {"zone": None} | bin))
    place = Place(row, walk)
    for (sku, lot), units in (holds or {}).items():
        place.put(wares(sku, lot), units)
    return place


def wares(sku: str = "MUG", lot: str = "", *, grams: int = 300, mm3: int = 1000, **more: Any) -> Wares:
    return Wares(sku, lot, Load(1, grams, mm3), **more)


def a_rule(code: str, goods: str = "everything", value: str = "", **where: Any) -> PutawayRule:
    nothing = {"zone": None, "bin": None, "units_per_bin": None, "strict": False}
    return PutawayRule(node="LON", code=code, priority=1, goods=goods, value=value, **(nothing | where))


def bins(found: Placement) -> list[tuple[str, int]]:
    return [(s.bin, s.quantity) for s in found.suggested]


def test_the_bin_with_the_same_goods_comes_before_a_nearer_one() -> None:
    found = place_wares(wares(), 5, [a_place("A", 0), a_place("B", 9, holds={("MUG", ""): 1})], [])
    (best,) = found.suggested
    assert (best.bin, best.second_bin, best.second_why) == ("B", "A", "less of MUG lies there")
    assert (best.why, best.seconds, best.second_seconds) == ("MUG lies here; it takes all", 129, 120 + 60 - 129)


def test_what_one_bin_does_not_take_goes_to_the_next_and_the_rest_is_told_with_the_reasons() -> None:
    places = [
        a_place("A", 0, capacity_units=4),
        a_place("B", 1, capacity_grams=1000),
        a_place("C", 2, capacity_cm3=2),
        a_place("D", 3, temperature="frozen"),
    ]
    found = place_wares(wares(), 12, places, [])
    assert bins(found) == [("A", 4), ("B", 3), ("C", 2)]
    assert (found.unplaced, found.unplaced_why) == (3, "3 have no place: 3 bins full, 1 bins of another temperature")


def test_a_bin_that_takes_all_comes_before_two_that_take_half_each() -> None:
    found = place_wares(wares(), 6, [a_place("A", 0, capacity_units=4), a_place("B", 50)], [])
    (best,) = found.suggested
    assert (best.bin, best.second_why) == ("B", "it does not take all")


def test_heavy_goods_lie_low_and_light_ones_near() -> None:
    places = [a_place("HIGH", 0, level=4), a_place("LOW", 30, level=0)]
    assert bins(place_wares(wares(grams=HEAVY_GRAMS), 1, places, [])) == [("LOW", 1)]
    assert bins(place_wares(wares(), 1, [a_place("HIGH", 0, level=4), a_place("LOW", 30)], [])) == [("HIGH", 1)]


def test_what_is_picked_often_is_worth_a_pick_face_and_what_is_not_a_short_walk() -> None:
    places = lambda: [a_place("FACE", 40, type="pick_face"), a_place("RESERVE", 0)]  # noqa: E731
    assert bins(place_wares(wares(weekly=1), 1, places(), [])) == [("FACE", 1)]  # 40 s against a trip of 120
    assert bins(place_wares(wares(weekly=10), 1, places(), [])) == [("RESERVE", 1)]  # 400 s against 120


def test_goods_lie_only_where_they_may() -> None:
    acid = wares("ACID", hazmat=True, hazard_class="8")
    shelf, cage = a_place("SHELF"), a_place("CAGE", 5, hazard_classes=["8", "3"])
    assert bins(place_wares(acid, 1, [shelf, cage], [])) == [("CAGE", 1)]
    assert bins(place_wares(wares(), 1, [shelf, cage], [])) == [("SHELF", 1)]
    unknown = place_wares(acid._replace(hazard_class=None), 1, [shelf, cage], [])
    assert unknown.unplaced_why == "1 have no place: 2 bins not for such dangerous goods"
    assert set(misfits(wares(temperature="chilled"), shelf)) == {"temperature"}


def test_bins_that_do_not_mix_are_not_mixed() -> None:
    one_sku = a_place("A", mixes_skus=False, holds={("PLATE", ""): 1})
    one_lot = a_place("B", mixes_lots=False, holds={("MUG", "L1"): 1})
    assert bins(place_wares(wares(lot="L2"), 2, [one_sku, one_lot, a_place("C", 9)], [])) == [("C", 2)]
    assert bins(place_wares(wares(lot="L1"), 2, [one_sku, one_lot, a_place("C", 9)], [])) == [("B", 2)]


def test_rules_come_first_in_their_order_and_fill_up_to_their_number() -> None:
    places = lambda: [a_place("A", 0), a_place("B", 1, zone="COLD"), a_place("C", 2, zone="COLD")]  # noqa: E731
    rules = [a_rule("mugs", "sku", "MUG", bin="C", units_per_bin=3), a_rule("cold", zone="COLD", units_per_bin=4)]
    found = place_wares(wares(), 10, places(), rules)
    assert bins(found) == [("C", 3), ("B", 4), ("A", 3)]
    assert [s.rule for s in found.suggested] == ["mugs", "cold", None]
    assert found.suggested[0].second_why == "it comes after a rule"
    strict = [a_rule("cold", zone="COLD", units_per_bin=4, strict=True)]
    assert place_wares(wares(), 10, places(), strict).unplaced == 2


def test_rules_are_about_a_sku_a_category_and_what_is_below_it_or_a_class() -> None:
    goods = wares(category="Home > Kitchen > Mugs", temperature="chilled", hazmat=True, hazard_class="3")
    for rule, counts in (
        (a_rule("a", GoodsKind.sku, "MUG", bin="A"), True),
        (a_rule("a", GoodsKind.sku, "PLATE", bin="A"), False),
        (a_rule("a", GoodsKind.category, "Home > Kitchen", bin="A"), True),
        (a_rule("a", GoodsKind.category, "Home > Kit", bin="A"), False),
        (a_rule("a", GoodsKind.hazard_class, "3", bin="A"), True),
        (a_rule("a", GoodsKind.hazard_class, "8", bin="A"), False),
        (a_rule("a", GoodsKind.temperature, "chilled", bin="A"), True),
        (a_rule("a", GoodsKind.temperature, "frozen", bin="A"), False),
    ):
        place = a_place("A", temperature="chilled", hazard_classes=["3"])
        (suggested,) = place_wares(goods, 1, [place], [rule]).suggested
        assert (suggested.rule == "a") == counts, (rule.goods, rule.value)


def test_what_orders_wait_for_goes_next_to_packing_and_never_to_reserve() -> None:
    places = [
        a_place("FAR", 0, type="pick_face", capacity_units=4),
        a_place("NEAR", 8, type="pick_face", capacity_units=3),
        a_place("RESERVE", 9, holds={("MUG", ""): 5}),
    ]
    waited_for = WaitedFor(4, "orders 100301 (4)", packing=9)
    found = place_wares(wares(), 10, places, [], waited_for)
    told = [(s.bin, s.quantity, s.purpose) for s in found.suggested]
    # The far face takes all four at once; the other six go where mugs lie.
    assert told == [("FAR", 4, SuggestionFor.cross_dock), ("RESERVE", 6, SuggestionFor.store)]
    assert found.suggested[0].why.startswith("orders 100301 (4) wait for it")
    only_near = [a_place("NEAR", 8, type="pick_face", capacity_units=3), a_place("RESERVE", 9)]
    found = place_wares(wares(), 10, only_near, [], waited_for)
    assert bins(found) == [("NEAR", 3), ("RESERVE", 6)]
    assert found.unplaced_why == "1 for orders 100301 (4) stay to be picked from here: no pick face takes them"


LIMIT = st.none() | st.integers(1, 40)
PLACES = st.lists(
    st.tuples(LIMIT, LIMIT, LIMIT, st.sampled_from([t.value for t in (BinType.pick_face, BinType.reserve)]),
              st.integers(0, 5), st.booleans(), st.integers(0, 12)),
    max_size=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    PLACES,
    st.integers(1, 60),
    st.integers(0, 30),
    st.integers(0, 4),
    st.integers(0, 2000),
    st.none() | st.integers(1, 9),
)
def test_no_bin_is_filled_beyond_a_limit_and_nothing_is_left_that_fits(
    limits: list[Any], units: int, for_orders: int, grams: int, mm3: int, per_bin: int | None
) -> None:
    places = [
        a_place(f"B{n}", n, type=type, level=level, mixes_skus=mixes,
                capacity_units=u, capacity_grams=g, capacity_cm3=c,
                holds={("MUG" if n % 2 else "PLATE", ""): held} if held else None)
        for n, (u, g, c, type, level, mixes, held) in enumerate(limits)
    ]  # fmt: skip
    before = [p.inside for p in places]
    goods = wares(grams=grams, mm3=mm3)
    rules = [a_rule("few", units_per_bin=per_bin)] if per_bin else []
    waited_for = WaitedFor(for_orders, "orders 1", 3) if for_orders else None
    found = place_wares(goods, units, places, rules, waited_for)
    assert sum(s.quantity for s in found.suggested) + found.unplaced == units
    took = {code for code, _ in bins(found)}
    for place, was in zip(places, before, strict=True):
        if place.inside == was:
            continue
        assert place.bin.code in took
        limits_of = (place.bin.capacity_units, place.bin.capacity_grams, (place.bin.capacity_cm3 or 10**9) * 1000)
        for limit, inside, at_first in zip(limits_of, place.inside, was, strict=True):
            # What weighs nothing fits where it is too heavy already.
            assert inside == at_first or inside <= (limit or 10**9)
        assert place.bin.mixes_skus or place.units_of("PLATE") == 0
        assert per_bin is None or place.units_of("MUG") <= per_bin
    if found.unplaced:
        # Only what orders wait for may be left while a reserve bin has room.
        nowhere = [p for p in places if p.bin.type == BinType.pick_face or not for_orders]
        assert bins(place_wares(goods, 1, nowhere, rules)) == []
