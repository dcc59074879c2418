"""Routing by rules without a database: what each rule says, who wins a tie, and that a decision can be made again."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.orders.deciding import again, decide, replayed
from agents.orders.messages.routing import RoutingRule
from agents.orders.refusals import OutOfStock
from agents.orders.router import days_to_dispatch
from agents.orders.routing import Need, Piece, Pool, ShippingNode, route
from agents.orders.routing_rules import Facts, Judge, NodeFacts, Place, RuleSet
from db.atlas import kilometres, spot_of
from db.routing import RuleKind

SKUS = ("MUG", "TEA")
NODES = ("BER", "LON", "MAD")
KM = {"BER": 10, "LON": 900, "MAD": 1800}


def rules(*which: RoutingRule) -> RuleSet:
    return RuleSet(None, 1, "*", which)


def rule(kind: str, **more: Any) -> RoutingRule:
    return RoutingRule(kind=kind, **more)


def facts(nodes: tuple[str, ...] = NODES, *, country: str | None = "DE", **each: dict[str, Any]) -> Facts:
    """Three nodes of equal rank, at 10, 900 and 1800 km."""
    countries = {"BER": "DE", "LON": "GB", "MAD": "ES"}
    known = {
        n: NodeFacts(n, 100, countries[n], KM[n], "town")._replace(**each.get(n, {}))  # type: ignore[arg-type]
        for n in nodes
    }
    return Facts(known, country)


def pool(free: dict[Place, int], room: dict[Place, int] | None = None) -> Pool:
    return Pool([ShippingNode(100, n) for n in NODES], dict(free), dict(room or {}))


def where(pieces: list[Piece]) -> list[tuple[str, str, int]]:
    return [(p.sku, p.node, p.quantity) for p in pieces]


def everywhere(quantity: int = 5) -> dict[Place, int]:
    return {(sku, node): quantity for sku in SKUS for node in NODES}


NEAR = rule("nearest", limit=50)
WHOLE = rule("fewest_splits")


def test_the_nearest_node_ships_and_says_how_near_it_is() -> None:
    pieces = route([Need(1, "MUG", 2)], pool(everywhere()), judge=Judge(rules(NEAR), facts()))
    assert where(pieces) == [("MUG", "BER", 2)]
    assert pieces[0].why == "whole order from BER: nearest, 10 km and LON 900 km"


def test_rules_are_asked_in_their_order() -> None:
    free = {("MUG", "BER"): 1, ("MUG", "LON"): 3}
    needs = [Need(1, "MUG", 2)]
    near_first = route(needs, pool(free), judge=Judge(rules(NEAR, WHOLE), facts()))
    assert where(near_first) == [("MUG", "BER", 1), ("MUG", "LON", 1)]
    whole_first = route(needs, pool(free), judge=Judge(rules(WHOLE, NEAR), facts()))
    assert where(whole_first) == [("MUG", "LON", 2)]
    assert whole_first[0].why == "whole order from LON: fewest splits, has all and BER lacks 1"


def test_within_a_band_the_next_rule_decides() -> None:
    near = facts(LON={"km": 12})
    ranked = rule("ranked", nodes=["LON", "BER"])
    assert where(route([Need(1, "MUG", 1)], pool(everywhere()), judge=Judge(rules(NEAR, ranked), near))) == [
        ("MUG", "LON", 1)
    ]
    exact = rule("nearest", limit=1)
    assert where(route([Need(1, "MUG", 1)], pool(everywhere()), judge=Judge(rules(exact, ranked), near))) == [
        ("MUG", "BER", 1)
    ]


def test_without_a_rule_that_tells_them_apart_rank_and_code_do() -> None:
    better = facts(MAD={"rank": 1})
    pieces = route([Need(1, "MUG", 1)], pool(everywhere()), judge=Judge(rules(), better))
    assert where(pieces) == [("MUG", "MAD", 1)]
    assert pieces[0].why == "whole order from MAD: rank 1, as the rules tell it from none"
    assert where(route([Need(1, "MUG", 1)], pool(everywhere()), judge=Judge(rules(), facts()))) == [("MUG", "BER", 1)]


def test_an_unknown_distance_comes_after_every_known_one() -> None:
    unknown = facts(BER={"km": None, "by": None})
    pieces = route([Need(1, "MUG", 1)], pool(everywhere()), judge=Judge(rules(NEAR), unknown))
    assert where(pieces) == [("MUG", "LON", 1)]
    assert pieces[0].why == "whole order from LON: nearest, 900 km and MAD 1800 km"


def test_by_country_alone_the_customers_own_comes_first() -> None:
    by_country = facts(BER={"km": 240, "by": "country"}, LON={"km": 200, "by": "country"}, MAD={"by": "country"})
    judged = Judge(rules(NEAR), by_country)
    assert where(route([Need(1, "MUG", 1)], pool(everywhere()), judge=judged)) == [("MUG", "BER", 1)]


def test_a_rule_that_is_off_says_nothing() -> None:
    off = RoutingRule(kind="nearest", limit=1, active=False)
    ranked = rule("ranked", nodes=["MAD"])
    assert where(route([Need(1, "MUG", 1)], pool(everywhere()), judge=Judge(rules(off, ranked), facts()))) == [
        ("MUG", "MAD", 1)
    ]


@pytest.mark.parametrize(
    ("which", "known", "excluded"),
    [
        (rule("only_nodes", nodes=["LON", "MAD"]), facts(), {"BER": "is not among the nodes of this channel"}),
        (rule("serves", by_node={"BER": ["AT"], "LON": ["DE"]}), facts(), {"BER": "does not serve DE"}),
        (
            rule("serves", by_node={"BER": ["AT"]}),
            facts(country=None),
            {"BER": "serves some countries, and the address names none"},
        ),
        (rule("dispatch_within", limit=1), facts(BER={"days": 2}), {"BER": "hands over in 2 days and has a day"}),
        (rule("dispatch_within", limit=2), facts(BER={"days": 2}), {}),
    ],
)
def test_what_a_rule_excludes_ships_nothing_whatever_else_speaks_for_it(
    which: RoutingRule, known: Facts, excluded: dict[str, str]
) -> None:
    judge = Judge(rules(NEAR, which), known)
    assert judge.excluded == excluded
    nodes = {p.node for p in route([Need(1, "MUG", 2)], pool(everywhere(2)), judge=judge)}
    assert nodes == ({"LON"} if excluded else {"BER"})


def test_stock_that_may_not_be_shipped_there_is_no_stock() -> None:
    judge = Judge(rules(rule("serves", by_node={"BER": ["AT"], "LON": ["GB"], "MAD": ["ES"]})), facts())
    free = everywhere()
    mine = pool(free)
    with pytest.raises(OutOfStock, match="2 wanted, 0 available"):
        route([Need(1, "MUG", 2)], mine, judge=judge, held={("MUG", "BER"): 2})
    assert mine.free == free


def test_dangerous_goods_leave_from_where_they_may_and_the_rest_from_the_nearest() -> None:
    known = Facts(facts().nodes, "DE", hazards={"TEA": "2.1"})
    judge = Judge(rules(NEAR, rule("no_hazard", by_node={"BER": ["2"]})), known)
    pieces = route([Need(1, "MUG", 1), Need(2, "TEA", 1)], pool(everywhere()), judge=judge)
    assert where(pieces) == [("MUG", "BER", 1), ("TEA", "LON", 1)]
    assert judge.barred == {("TEA", "BER"): "TEA is of class 2.1, which BER does not ship"}


def test_a_market_of_several_countries_counts_as_home() -> None:
    known = facts(country="AT")
    at_home = rule("same_market", markets=[["DE", "AT"]])
    far = rule("ranked", nodes=["MAD", "LON", "BER"])
    judged = Judge(rules(at_home, far), known)
    assert where(route([Need(1, "MUG", 1)], pool(everywhere()), judge=judged)) == [("MUG", "BER", 1)]


def test_a_node_that_would_run_low_is_spared() -> None:
    daily = {("MUG", "BER"): 1000, ("MUG", "LON"): 1000}  # one a day
    known = Facts(facts().nodes, "DE", daily=daily)
    judge = Judge(rules(rule("cover", limit=4), NEAR), known)
    free = {("MUG", "BER"): 5, ("MUG", "LON"): 6}
    assert where(route([Need(1, "MUG", 1)], pool(free), judge=judge)) == [("MUG", "BER", 1)]
    assert where(route([Need(1, "MUG", 2)], pool(free), judge=judge)) == [("MUG", "LON", 2)]


def test_the_node_with_least_to_do_ships_in_bands() -> None:
    busy = facts(BER={"load": 59}, LON={"load": 40}, MAD={"load": 12})
    assert where(
        route([Need(1, "MUG", 1)], pool(everywhere()), judge=Judge(rules(rule("least_load", limit=50), NEAR), busy))
    ) == [("MUG", "LON", 1)]


def test_what_no_node_has_waits_where_the_rules_say() -> None:
    room = {("MUG", "BER"): 1, ("MUG", "MAD"): 9}
    pieces = route([Need(1, "MUG", 4)], pool({("MUG", "LON"): 1}, room), judge=Judge(rules(NEAR), facts()))
    assert [(p.node, p.quantity, p.backordered) for p in pieces] == [
        ("LON", 1, False),
        ("BER", 1, True),
        ("MAD", 2, True),
    ]


def test_the_decision_says_what_would_have_been_next_best_and_what_it_would_have_cost() -> None:
    judge = Judge(rules(WHOLE, NEAR), facts())
    free = {("MUG", "BER"): 3, ("MUG", "LON"): 1, ("MUG", "MAD"): 1}
    _, decision = decide([Need(1, "MUG", 2)], pool(free), judge)
    told = decision.outcome
    assert told["order"] == ["BER", "LON", "MAD"]
    assert told["next"]["says"] == "from LON and MAD: 1 parcel more, 2690 km further"
    _, last = decide([Need(1, "MUG", 3)], pool(free), judge)
    assert last.outcome["next"]["says"] == "without BER the order could not be promised"


def test_a_node_is_open_again_after_its_cut_off_its_weekend_and_its_holidays() -> None:
    thursday = datetime(2026, 12, 24, 13, 30, tzinfo=UTC)
    week = [0, 1, 2, 3, 4]
    assert days_to_dispatch(thursday, "UTC", week, [], time(14)) == 0
    assert days_to_dispatch(thursday, "Europe/Berlin", week, [], time(14)) == 1
    assert days_to_dispatch(thursday, "Europe/Berlin", week, ["2026-12-25"], time(14)) == 4
    assert days_to_dispatch(thursday, "UTC", [], [], time(14)) == 60


def test_an_address_is_where_its_town_is_else_where_its_country_is() -> None:
    berlin = spot_of({"country": "DE", "city": "Berlin"})
    munich = spot_of({"country": "DE", "city": "München"})
    assert berlin is not None
    assert munich is not None
    assert spot_of({"country": "de", "city": "munich"}) == munich
    assert 495 <= kilometres(berlin, munich) <= 515
    nowhere = spot_of({"country": "DE", "city": "Entenhausen"})
    assert nowhere is not None
    assert nowhere.by == "country"
    assert spot_of({"country": "DE"}) == nowhere
    assert spot_of({"city": "Berlin"}) is None
    assert spot_of({"country": "XX"}) is None


places = st.tuples(st.sampled_from(SKUS), st.sampled_from(NODES))
amounts = st.dictionaries(places, st.integers(0, 5))
SOFT = [
    rule("fewest_splits"),
    rule("nearest", limit=100),
    rule("cheapest", limit=50),
    rule("same_market"),
    rule("ranked", nodes=["MAD", "BER"]),
    rule("soonest"),
    rule("cover", limit=3),
    rule("least_load", limit=10),
]
HARD = [
    rule("only_nodes", nodes=["BER", "LON"]),
    rule("serves", by_node={"BER": ["AT"]}),
    rule("no_hazard", by_node={"LON": ["3"]}),
    rule("dispatch_within", limit=2),
]
some_rules = st.lists(st.sampled_from([*SOFT, *HARD]), unique_by=lambda r: r.kind).map(tuple)
a_node = st.builds(
    lambda rank, km, days, load: {"rank": rank, "km": km, "by": "town" if km else None, "days": days, "load": load},
    st.integers(1, 3),
    st.sampled_from([None, 40, 60, 500]),
    st.integers(0, 4),
    st.integers(0, 30),
)


@given(
    needs=st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 6)), min_size=1, max_size=4),
    free=amounts,
    room=amounts,
    held=amounts,
    which=some_rules,
    nodes=st.fixed_dictionaries(dict.fromkeys(NODES, a_node)),
    daily=st.dictionaries(places, st.integers(1, 3000)),
)
def test_by_any_rules_units_are_conserved_nothing_excluded_ships_and_the_kept_facts_give_the_same_plan(
    needs: list[tuple[str, int]],
    free: dict[Place, int],
    room: dict[Place, int],
    held: dict[Place, int],
    which: tuple[RoutingRule, ...],
    nodes: dict[str, dict[str, Any]],
    daily: dict[Place, int],
) -> None:
    asked = [Need(n, sku, quantity) for n, (sku, quantity) in enumerate(needs, 1)]
    judge = Judge(rules(*which), Facts(facts(**nodes).nodes, "DE", {"TEA": "3"}, daily))
    mine = Pool([ShippingNode(nodes[n]["rank"], n) for n in NODES], dict(free), dict(room))
    there = {
        sku: sum(part.get((sku, n), 0) for part in (free, room, held) for n in NODES if judge.may(sku, n))
        for sku in SKUS
    }
    if any(sum(n.quantity for n in asked if n.sku == sku) > there[sku] for sku in SKUS):
        with pytest.raises(OutOfStock):
            route(asked, mine, held=held, judge=judge)
        assert (mine.free, mine.room) == (free, room)
        return
    pieces, decision = decide(asked, mine, judge, held=held)
    for need in asked:
        assert sum(p.quantity for p in pieces if p.line_no == need.line_no) == need.quantity
    for sku in SKUS:
        for node in NODES:
            lying = sum(p.quantity for p in pieces if (p.sku, p.node, p.backordered) == (sku, node, False))
            waits = sum(p.quantity for p in pieces if (p.sku, p.node, p.backordered) == (sku, node, True))
            place = (sku, node)
            assert judge.may(*place) or not lying + waits
            assert lying <= free.get(place, 0) + held.get(place, 0)
            assert waits == room.get(place, 0) - mine.room.get(place, 0)
            assert 0 <= mine.free.get(place, 0) <= free.get(place, 0)
    assert replayed(decision.inputs, judge.rules) == decision.outcome["plan"]
    assert again(decision.inputs, judge.rules)[2].excluded == judge.excluded


@given(
    needs=st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 6)), min_size=1, max_size=4),
    free=amounts,
    ranks=st.fixed_dictionaries({n: st.integers(1, 3) for n in NODES}),
)
def test_fewest_splits_alone_ships_from_as_few_nodes_as_routing_without_rules(
    needs: list[tuple[str, int]], free: dict[Place, int], ranks: dict[str, int]
) -> None:
    asked = [Need(n, sku, quantity) for n, (sku, quantity) in enumerate(needs, 1)]
    judge = Judge(rules(WHOLE), facts(**{n: {"rank": r} for n, r in ranks.items()}))
    without, ruled = (Pool([ShippingNode(ranks[n], n) for n in NODES], dict(free), {}) for _ in range(2))
    try:
        plain = route(asked, without)
    except OutOfStock:
        with pytest.raises(OutOfStock):
            route(asked, ruled, judge=judge)
        return
    assert where(route(asked, ruled, judge=judge)) == where(plain)


def test_every_kind_of_rule_can_be_asked() -> None:
    """A kind without its words or its rank would fail when the first order comes."""
    for kind in RuleKind:
        which = next(r for r in [*SOFT, *HARD] if r.kind == kind)
        assert route([Need(1, "MUG", 1)], pool(everywhere()), judge=Judge(rules(which), facts()))
