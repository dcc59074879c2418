"""Rules of operators, the promised day and trying, without a database."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.shipping.carrier_rules import CarrierRules, fits, weighed
from agents.shipping.choosing import Weights, in_order
from agents.shipping.deciding import Decided, Room, decide, unsteered
from agents.shipping.exploring import share_of
from agents.shipping.leaving import Calendar, co2_grams, distance, leaves_on
from agents.shipping.messages import Offer
from agents.shipping.messages.choosing import CarrierRule, Facts
from agents.shipping.pricing import Consignment
from tests.shipping.test_choosing import a_tariff

MONDAY = date(2026, 3, 2)
FRIDAY = date(2026, 3, 6)


def facts(**more: Any) -> Facts:
    told: dict[str, Any] = {
        "channel": "web", "country": "DE", "node": "LON", "grams": 1000, "value": 5000, "currency": "EUR", "on": MONDAY,
    }  # fmt: skip
    return Facts(**told | more)


def offer(name: str, amount: int, **more: Any) -> Offer:
    told: dict[str, Any] = {"currency": "EUR", "transit_days": 3, "expected": amount, "leaves_on": MONDAY} | more
    return Offer(carrier=name, service="std", rate_card_id=UUID(int=1), amount=amount, **told)


def rule(kind: str, **more: Any) -> CarrierRule:
    return CarrierRule(kind=kind, **more)


def decided(offers: list[Offer], *rules: CarrierRule, known: Facts | None = None, **how: Any) -> Decided:
    of = known or facts()
    fitting = CarrierRules(7, rules).fitting(of)
    weights = weighed(how.pop("weights", Weights()), fitting, of.currency)
    return decide(offers, of, weights, fitting, number=7, **how)


def chosen(found: Decided) -> str | None:
    return found.choice.offer.carrier if found.choice else None


CHEAP, MIDDLE, DEAR = offer("cheap", 400), offer("middle", 500), offer("dear", 900)
ALL = [CHEAP, MIDDLE, DEAR]


@pytest.mark.parametrize(
    ("condition", "fitting", "other"),
    [
        ({"channels": ["store", "web"]}, {}, {"channel": "marketplace"}),
        ({"tags": ["vip"]}, {"tags": ["new", "vip"]}, {"tags": ["new"]}),
        ({"countries": ["DE"]}, {}, {"country": "FR"}),
        ({"countries": ["DE"], "postcodes": ["27 4", "258"]}, {"postcode": "27498"}, {"postcode": "20095"}),
        ({"nodes": ["LON"]}, {}, {"node": "BER"}),
        ({"over_grams": 1000}, {"grams": 1001}, {"grams": 1000}),
        ({"up_to_grams": 1000}, {"grams": 1000}, {"grams": 1001}),
        ({"over_value": 5000, "currency": "EUR"}, {"value": 5001}, {"value": 5001, "currency": "GBP"}),
        ({"up_to_value": 5000, "currency": "EUR"}, {"value": 5000}, {"value": 5001}),
        ({"hazmat": True}, {"hazmat": True}, {"hazmat": False}),
        ({"fragile": False}, {"fragile": False}, {"fragile": True}),
        ({"within_days": 2}, {"promised_on": date(2026, 3, 4)}, {"promised_on": date(2026, 3, 5)}),
        ({"within_days": 2}, {"promised_on": MONDAY}, {"promised_on": None}),
    ],
)
def test_a_rule_fits_where_its_conditions_hold(
    condition: dict[str, Any], fitting: dict[str, Any], other: dict[str, Any]
) -> None:
    one = rule("forbid", services=["cheap"], **condition)
    assert fits(one, facts(**fitting))
    assert not fits(one, facts(**other))


def test_what_is_forbidden_takes_nothing_and_the_reason_names_the_rule() -> None:
    found = decided(ALL, rule("forbid", services=["cheap std"], note="loses parcels"))
    assert chosen(found) == "middle"
    assert found.offers[0].refused == "forbidden by rule 1 of version 7 (loses parcels)"
    assert found.choice is not None
    assert found.choice.why.endswith("; left out: cheap std (forbidden by rule 1 of version 7 (loses parcels))")
    assert decided([CHEAP], rule("forbid", services=["cheap"])).choice is None


def test_the_first_rule_that_requires_counts_and_is_hard() -> None:
    rules = (rule("require", services=["dear"]), rule("require", services=["cheap"]))
    assert chosen(decided(ALL, *rules)) == "dear"
    assert decided([CHEAP, MIDDLE], *rules).choice is None


def test_what_is_preferred_goes_first_while_it_costs_little_more() -> None:
    prefer = {"services": ["dear"], "currency": "EUR"}
    assert chosen(decided(ALL, rule("prefer", limit_amount=500, **prefer))) == "dear"
    assert chosen(decided(ALL, rule("prefer", limit_amount=499, **prefer))) == "cheap"
    assert chosen(decided(ALL, rule("prefer", **prefer))) == "dear"
    found = decided(ALL, rule("prefer", **prefer))
    assert found.choice is not None
    assert "preferred of 3: dear std" in found.choice.why
    assert "; by rule 1 of version 7" in found.choice.why


def test_a_price_is_capped_above_the_cheapest_of_what_is_left() -> None:
    cap = rule("most_above", limit_ppm=200_000)
    prefer = rule("prefer", services=["dear"])
    assert chosen(decided(ALL, cap, prefer)) == "cheap"
    late = [msgspec.structs.replace(CHEAP, refused="no", refused_by="card"), MIDDLE, DEAR]
    assert chosen(decided(late, rule("most_above", limit_amount=400, currency="EUR"), prefer)) == "dear"


def test_weights_of_a_rule_stand_in_place_of_the_policy() -> None:
    base = Weights(code="everyday", currency="EUR", late_cost=100, loss_ppm=5)
    fitting = CarrierRules(7, (rule("weigh", late_cost=900, currency="EUR"),)).fitting(facts())
    assert weighed(base, fitting, "EUR") == Weights(code="everyday", currency="EUR", late_cost=900, loss_ppm=5)
    late = CarrierRules(7, (rule("most_late", limit_ppm=10), rule("most_late", limit_ppm=20))).fitting(facts())
    assert weighed(base, late, "EUR").most_late_ppm == 10


def test_a_service_that_cannot_keep_the_promised_day_is_refused_while_another_can() -> None:
    slow, quick = offer("slow", 400, likely_days=5), offer("quick", 900, likely_days=2)
    promised = facts(promised_on=date(2026, 3, 5))
    found = decided([slow, quick], known=promised)
    assert chosen(found) == "quick"
    assert found.offers[0].refused == "likely comes on 07 Mar and 05 Mar is promised"
    assert chosen(decided([slow], known=promised)) == "slow"
    assert chosen(decided([slow, quick])) == "slow"


def test_what_is_packed_after_the_cut_off_leaves_on_the_next_open_day() -> None:
    card = a_tariff("a", 1, cut_off=time(16, 0))
    week = (0, 1, 2, 3, 4)
    assert leaves_on(card, FRIDAY, Calendar(16 * 60, week)) == FRIDAY
    assert leaves_on(card, FRIDAY, Calendar(16 * 60 + 1, week)) == date(2026, 3, 9)
    assert leaves_on(card, FRIDAY, Calendar(17 * 60, week, frozenset({"2026-03-09"}))) == date(2026, 3, 10)
    assert leaves_on(a_tariff("a", 1), FRIDAY, Calendar(23 * 60, week)) == FRIDAY


def test_carbon_is_tonnes_times_kilometres_or_what_the_carrier_tells() -> None:
    parcel = Consignment(2000, "DE", MONDAY)
    assert co2_grams(a_tariff("a", 1, co2_grams_per_tkm=100), parcel, 900) == 180
    assert co2_grams(a_tariff("a", 1, co2_grams_per_tkm=100, co2_grams_per_parcel=7), parcel, 900) == 7
    assert co2_grams(a_tariff("a", 1, co2_grams_per_tkm=100), parcel, None) is None
    assert co2_grams(a_tariff("a", 1), parcel, 900) is None
    assert distance({"city": "London", "country": "GB"}, {"city": "Berlin", "country": "DE"}) == pytest.approx(
        932, abs=15
    )
    assert distance({}, {"country": "DE"}) is None


BEST = offer("best", 500, promises=[1, 2, 2, 3], due_days=5, seen=900)
SECOND = offer("second", 520, promises=[2, 3, 4, 5], due_days=5, seen=4)
TRIES = Weights(code="t", currency="EUR", late_cost=100, explore_ppm=50_000, explore_budget=1000)


def test_the_second_best_is_tried_where_little_is_known_of_it_and_its_day_is_safe() -> None:
    found = decided([BEST, SECOND], weights=TRIES, room=Room(share_ppm=49_999, left=20))
    assert chosen(found) == "second"
    assert found.explored is not None
    assert (found.explored.instead_of, found.explored.extra, found.explored.seen) == ("best std", 20, 4)
    assert found.choice is not None
    assert "tried to learn more of second std, of which 4 parcels are known" in found.choice.why


@pytest.mark.parametrize(
    ("_case", "second", "room", "rules"),
    [
        ("its day is at risk", {"promises": [2, 3, 4, 6]}, {}, ()),
        ("enough is known of it", {"seen": 30}, {}, ()),
        ("nothing was learned", {"promises": None}, {}, ()),
        ("the budget is spent", {}, {"left": 19}, ()),
        ("its id falls elsewhere", {}, {"share_ppm": 50_000}, ()),
        ("a rule prefers another", {}, {}, (rule("prefer", services=["best"]),)),
    ],
)
def test_nothing_is_tried_when(_case: str, second: dict[str, Any], room: dict[str, int], rules: Any) -> None:
    other = msgspec.structs.replace(SECOND, **second)
    found = decided([BEST, other], *rules, weights=TRIES, room=Room(**{"share_ppm": 0, "left": 500} | room))
    assert chosen(found) == "best"
    assert found.explored is None


def test_the_share_that_tries_is_the_policys_and_the_same_every_time() -> None:
    ids = [uuid4() for _ in range(20_000)]
    tries = [i for i in ids if share_of(i) < 50_000]
    assert 0.04 < len(tries) / len(ids) < 0.06
    assert tries == [i for i in ids if share_of(i) < 50_000]


prices = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(1, 2000), st.none() | st.integers(0, 10**6), st.integers(0, 9)),
    min_size=1, max_size=6, unique_by=lambda row: row[0],
)  # fmt: skip
some_rules = st.lists(
    st.one_of(
        st.builds(rule, st.sampled_from(["forbid", "require", "prefer"]),
                  services=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3)),
        st.builds(rule, st.just("most_above"), limit_ppm=st.integers(0, 1_000_000)),
        st.builds(rule, st.just("most_late"), limit_ppm=st.integers(0, 1_000_000)),
        st.builds(rule, st.just("weigh"), late_cost=st.integers(0, 5000), currency=st.just("EUR")),
    ),
    max_size=5,
)  # fmt: skip


@given(prices, some_rules, st.booleans())
def test_a_choice_made_again_from_what_is_kept_is_the_same(
    rows: list[tuple[str, int, int | None, int]], rules: list[CarrierRule], promised: bool
) -> None:
    of = facts(promised_on=date(2026, 3, 5) if promised else None)
    weights = Weights(code="p", currency="EUR", late_cost=700)
    offers = [offer(n, a, late_ppm=late, transit_days=d, likely_days=d) for n, a, late, d in rows]
    fitting = CarrierRules(3, tuple(rules)).fitting(of)
    with_rules = weighed(weights, fitting, "EUR")
    first = decide(unsteered(offers, of, with_rules), of, with_rules, fitting, number=3)
    kept = msgspec.convert(msgspec.to_builtins(first.offers), list[Offer])
    again = decide(unsteered(kept, of, with_rules), of, with_rules, fitting, number=3)
    assert again == first
    forbidden = {s for r in rules if r.kind == "forbid" for s in r.services}
    if first.choice is not None:
        assert first.choice.offer.carrier not in forbidden
        assert in_order(first.offers, "EUR")[0] == first.choice.offer
