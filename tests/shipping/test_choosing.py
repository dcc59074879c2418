"""Offers, scores and the choice, without a database."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.shipping.choosing import ANOTHER_ASKED, Asked, Goods, Weights, choose, is_po_box, offers_of
from agents.shipping.deciding import decide
from agents.shipping.messages import Offer
from agents.shipping.messages.choosing import Facts
from agents.shipping.pricing import Consignment, Place, Tariff
from ml.carriers.forecasts import Forecasts, Sent, from_plain, learn_from, to_plain

MONDAY = date(2026, 3, 2)
MUGS = Goods(value=10_000, currency="EUR")


def an_offer(name: str, amount: int, *, currency: str = "EUR", days: int = 3, **more: Any) -> Offer:
    told: dict[str, Any] = {"expected": amount, **more}
    return Offer(
        carrier=name,
        service="standard",
        currency=currency,
        transit_days=days,
        rate_card_id=uuid4(),
        amount=amount,
        **told,
    )


def a_tariff(name: str, amount: int, *, days: int = 3, **more: Any) -> Tariff:
    return Tariff(
        id=uuid4(), carrier=name, service="standard", currency="EUR", transit_days=days,
        rates={("DE", 2000): amount}, places=(Place("DE", "DE"),), **more,
    )  # fmt: skip


def offers(*tariffs: Tariff, known: Forecasts | None = None, **how: Any) -> list[Offer]:
    told: dict[str, Any] = {"po_box": False, "weights": Weights(), "asked": Asked(), **how}
    parcel, goods = told.pop("parcel", Consignment(1000, "DE", MONDAY, origin="LON")), told.pop("goods", MUGS)
    found = offers_of(tariffs, parcel, goods, known=known, **told)
    return decide(found, the_facts(parcel, goods), told["weights"]).offers


def the_facts(parcel: Consignment, goods: Goods) -> Facts:
    return Facts(
        channel="web", country=parcel.country, node=parcel.origin, grams=parcel.weight_grams, value=goods.value,
        currency=goods.currency, on=parcel.on,
    )  # fmt: skip


def sent(service: str, days: int, count: int, **more: Any) -> list[Sent]:
    told: dict[str, Any] = {"arrived": True, **more}
    return [Sent(service, "DE", "LON", n % 5, 100 + n % 50, days, **told) for n in range(count)]


def test_the_cheapest_wins_and_the_reason_names_what_was_compared() -> None:
    found = [an_offer("slow", 490, days=5), an_offer("dear", 990, days=1), an_offer("quick", 490, days=2)]
    choice = choose(found, currency="EUR", price_alone=True)
    assert choice is not None
    assert choice.offer.carrier == "quick"
    assert choice.why == (
        "fastest of the cheapest of 3: quick standard €4.90, 2 days; "
        "not slow standard €4.90, 5 days; dear standard €9.90, 1 day"
    )
    assert choose(list(reversed(found)), currency="EUR", price_alone=True) == choice
    assert choose([], currency="EUR", price_alone=True) is None
    only = choose(found[:1], currency="EUR", price_alone=True)
    assert only is not None
    assert only.why == "the only service that fits: slow standard €4.90, 5 days"


def test_amounts_are_compared_within_one_currency() -> None:
    found = [an_offer("yen", 800, currency="JPY"), an_offer("euro", 990), an_offer("also", 995)]
    ours, theirs = (choose(found, currency=c, price_alone=True) for c in ("EUR", "USD"))
    assert ours is not None
    assert theirs is not None
    assert ours.offer.carrier == "euro"
    assert ours.why.startswith("cheapest of 2")
    assert theirs.offer.currency == "EUR"


def test_a_cheap_service_that_is_often_late_costs_more_than_a_dear_one_that_is_not() -> None:
    cheap, dear = a_tariff("cheap", 400), a_tariff("dear", 520)
    known = learn_from(sent("cheap standard", 6, 200) + sent("dear standard", 2, 200), {})
    weights = Weights(code="everyday", currency="EUR", late_cost=500, loss_ppm=1_000_000)
    found = offers(cheap, dear, known=known, weights=weights)
    choice = choose(found, currency="EUR", price_alone=False)
    assert choice is not None
    assert choice.offer.carrier == "dear"
    late = {o.carrier: o.late_ppm or 0 for o in found}
    assert late["cheap"] > 900_000 > 50_000 > late["dear"]
    for o in found:
        assert o.expected == o.amount + o.late_cost + o.loss_cost
    assert choice.why.startswith("least expected cost of 2: dear standard €5.20 + ")
    by_price = choose(offers(cheap, dear, known=known), currency="EUR", price_alone=True)
    assert by_price is not None
    assert by_price.offer.carrier == "cheap"


def test_what_loses_parcels_is_dear_for_dear_goods_alone() -> None:
    loses, keeps = a_tariff("loses", 400), a_tariff("keeps", 500)
    lost = sent("loses standard", 0, 40, lost=True, arrived=False)
    known = learn_from(sent("loses standard", 2, 400) + lost + sent("keeps standard", 2, 400), {})
    weights = Weights(code="everyday", currency="EUR", loss_ppm=1_000_000)
    chosen = []
    for value in (500, 50_000):
        found = offers(loses, keeps, known=known, weights=weights, goods=Goods(value=value, currency="EUR"))
        choice = choose(found, currency="EUR", price_alone=False)
        assert choice is not None
        chosen.append(choice.offer.carrier)
    assert chosen == ["loses", "keeps"]


@pytest.mark.parametrize(
    ("tariff", "how", "why"),
    [
        (a_tariff("a", 1, takes_hazmat=False), {"goods": Goods(value=1, currency="EUR", hazmat=True)}, "hazardous"),
        (a_tariff("a", 1, takes_po_box=False), {"po_box": True}, "no PO box"),
        (a_tariff("a", 1, max_value=9_999), {}, "worth more than €99.99"),
        (a_tariff("a", 1), {"parcel": Consignment(2001, "DE", MONDAY)}, "takes no 2001 g"),
        (a_tariff("a", 1), {"parcel": Consignment(1, "FR", MONDAY)}, "does not go to FR"),
        (a_tariff("a", 1, max_length_mm=10), {"parcel": Consignment(1, "DE", MONDAY, sides_mm=(11, 1, 1))}, "longer"),
        (a_tariff("a", 1), {"weights": Weights(code="gentle", forbidden=["a"])}, "not allowed by policy gentle"),
        (a_tariff("a", 1), {"weights": Weights(code="gentle", forbidden=["a standard"])}, "not allowed by policy"),
        (a_tariff("a", 1), {"asked": Asked(carrier="b")}, ANOTHER_ASKED),
    ],
)
def test_no_price_makes_up_for_a_broken_constraint(tariff: Tariff, how: dict[str, Any], why: str) -> None:
    (offer,) = offers(tariff, **how)
    assert why in (offer.refused or "")
    assert choose([offer], currency="EUR", price_alone=True) is None
    (taken,) = offers(a_tariff("a", 1, max_value=10_000))
    assert taken.refused is None


def test_what_is_too_likely_to_be_late_is_left_out_while_there_is_another() -> None:
    slow, quick = a_tariff("slow", 100), a_tariff("quick", 900)
    known = learn_from(sent("slow standard", 9, 200) + sent("quick standard", 1, 200), {})
    weights = Weights(code="promise", currency="EUR", most_late_ppm=300_000)
    both = {o.carrier: o.refused for o in offers(slow, quick, known=known, weights=weights)}
    assert both == {"slow": "more likely to be late than 30 %", "quick": None}
    (alone,) = offers(slow, known=known, weights=weights)
    assert alone.refused is None


def test_a_service_without_deliveries_is_believed_what_it_quotes_until_it_has_some() -> None:
    known = learn_from(sent("old standard", 7, 300), {"new standard": 2, "old standard": 2})
    by = {name: known.transit((f"{name} standard", "DE", "LON"), 0) for name in ("new", "old")}
    assert by["new"].late(3) < 0.35
    assert by["old"].late(3) > 0.9


def test_what_was_learned_is_the_same_after_it_was_kept() -> None:
    known = learn_from(sent("a standard", 2, 50) + sent("b standard", 5, 3), {"a standard": 2})
    again = from_plain(msgspec.json.decode(msgspec.json.encode(to_plain(known))))
    for levels in (("a standard", "DE", "LON"), ("b standard", "FR", "LON"), ("c", "DE", "LON")):
        one, other = known.transit(levels, 2), again.transit(levels, 2)
        assert list(one.by) == pytest.approx(list(other.by), abs=1e-4)
        assert known.loss(levels) == pytest.approx(again.loss(levels))


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.integers(0, 500), st.booleans(), st.integers(0, 3)),
        min_size=1, max_size=8, unique_by=lambda row: row[0],
    ),
    st.randoms(),
)  # fmt: skip
def test_the_choice_costs_least_of_what_is_possible_and_is_the_same_in_any_order(
    rows: list[tuple[str, int, bool, int]], chance: Any
) -> None:
    found = [an_offer(n, a, days=d, refused="no" if r else None) for n, a, r, d in rows]
    choice = choose(found, currency="EUR", price_alone=False)
    possible = [o for o in found if o.refused is None]
    if not possible:
        assert choice is None
        return
    assert choice is not None
    assert choice.offer in possible
    assert choice.offer.expected == min(o.expected for o in possible)
    chance.shuffle(found)
    assert choose(found, currency="EUR", price_alone=False) == choice


@pytest.mark.parametrize(
    ("line", "box"),
    [
        ("PO Box 12", True),
        ("p.o. box 7", True),
        ("Postfach 100", True),
        ("12 Poboxer Street", False),
        ("Box Lane 3", False),
    ],
)
def test_a_po_box_is_told_from_a_street(line: str, box: bool) -> None:
    assert is_po_box({"line1": line}) is box
