"""What becomes of units that came back: the arithmetic, what goes on sale, and what is done with the rest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from agents.purchasing.messages.suppliers import PutSupplier, PutSupplierItem, SupplierItemState, SupplierState
from agents.returns.messages import GradedAsk, ReceiveReturn, ReturnState
from agents.returns.messages.dispositions import (
    AddDispositionTerms,
    ChangeDisposition,
    DispositionRuleAsk,
    DispositionState,
    DispositionTermsState,
    DoDisposition,
    ReturnChoices,
    WeighReturn,
)
from agents.returns.weighing import best_of, weigh
from db.errors import Refused
from db.return_dispositions import FIRST_TERMS, GoodsChoice, ReturnDisposition, Taker
from tests.returns.makers import a_delivered_order, approved, lies, line, receive, say, the_books_add_up
from tests.shop import Shop

RULE = DispositionRuleAsk(grade="damaged", choice="refurbish", share_ppm=800_000, chance_ppm=500_000, cost_ppm=100_000)


def weighed(*rules: DispositionRuleAsk, resale: int = 1000, grade: str = "damaged", **more: Any) -> dict[str, Any]:
    told = weigh(rules, category=more.get("category"), grade=grade, currency=more.get("currency", "EUR"),
                 resale=resale, taker=more.get("taker"))  # fmt: skip
    return {w.choice: w for w in told}


def test_a_value_is_what_it_sells_for_by_its_chance_less_work_and_freight() -> None:
    terms = DispositionRuleAsk(
        grade="damaged", choice="refurbish", currency="EUR", share_ppm=800_000, chance_ppm=500_000, cost_ppm=100_000,
        cost_amount=30, freight_amount=20,
    )  # fmt: skip
    found = weighed(terms)["refurbish"]
    assert (found.of, found.gets, found.cost, found.freight, found.value) == (1000, 400, 130, 20, 250)
    assert weighed(terms, currency="USD")["refurbish"].why == "no terms are set for this grade"


def test_a_vendor_credits_what_it_cost_and_only_where_one_takes_it_back() -> None:
    terms = DispositionRuleAsk(grade="damaged", choice="vendor", share_ppm=1_000_000, chance_ppm=900_000)
    assert weighed(terms)["vendor"].why == "no supplier takes it back"
    found = weighed(terms, taker=Taker("HANSA", 400))["vendor"]
    assert (found.of, found.value, found.supplier) == (400, 360, "HANSA")


def test_the_first_rule_of_a_category_decides() -> None:
    shoes = DispositionRuleAsk(grade="damaged", choice="outlet", category="Shoes", share_ppm=100_000)
    other = DispositionRuleAsk(grade="damaged", choice="outlet", share_ppm=500_000)
    assert weighed(shoes, other, category="Shoes > Boots")["outlet"].value == 100
    assert weighed(shoes, other, category="Shoestrings")["outlet"].value == 500


rates = st.integers(0, 1_000_000)
terms_of = st.builds(
    DispositionRuleAsk,
    grade=st.sampled_from(["sellable", "damaged", "not_as_described"]),
    choice=st.sampled_from(list(GoodsChoice)),
    currency=st.just("EUR"),
    share_ppm=rates,
    chance_ppm=rates,
    cost_ppm=rates,
    cost_amount=st.integers(0, 10_000),
    freight_amount=st.integers(0, 10_000),
)


@given(
    st.lists(terms_of, max_size=12),
    st.integers(0, 1_000_000),
    st.sampled_from(["sellable", "damaged", "not_as_described"]),
    st.none() | st.builds(Taker, st.just("HANSA"), st.integers(0, 100_000)),
)
def test_whatever_the_terms_the_best_that_can_be_chosen_comes_first(
    rules: list[DispositionRuleAsk], resale: int, grade: str, taker: Taker | None
) -> None:
    told = weigh(rules, category=None, grade=grade, currency="EUR", resale=resale, taker=taker)
    assert sorted(w.choice for w in told) == sorted(GoodsChoice)
    known = [w for w in told if w.value is not None]
    best = best_of(told)
    assert best.value == max(w.value for w in known if w.value is not None)
    for w in known:
        assert w.value == w.gets - w.cost - w.freight
        assert 0 <= w.gets <= w.of, "nothing sells for more than it is worth"
    assert grade == "sellable" or not any(w.choice == "restock" for w in known)
    assert taker is not None or not any(w.choice == "vendor" for w in known)


@pytest.mark.parametrize("resale", [0, 1, 999, 100_000])
def test_a_shop_begins_by_restocking_what_is_as_new(resale: int) -> None:
    told = weigh(FIRST_TERMS, category=None, grade="sellable", currency="EUR", resale=resale, taker=None)
    assert best_of(told).choice == "restock"


# Through the company


def terms(shop: Shop, *rules: DispositionRuleAsk, **more: Any) -> int:
    return shop.do("returns", AddDispositionTerms(rules=list(rules), **more), DispositionTermsState).version


def became(shop: Shop, made: ReturnState) -> list[ReturnDisposition]:
    with shop.db.reading() as session:
        of_it = select(ReturnDisposition).where(ReturnDisposition.return_id == made.id)
        return list(session.scalars(of_it.order_by(ReturnDisposition.id)))


def done(shop: Shop, one: ReturnDisposition, **more: Any) -> DispositionState:
    told = shop.do("returns", DoDisposition(disposition_id=one.id, **more), DispositionState)
    shop.pump()
    return told


def test_only_what_is_restocked_goes_on_sale_and_the_rest_when_it_is_put_right(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = approved(shop, order, line(quantity=3))
    before = lies(shop, "MUG")
    receive(shop, made, (1, 1, "sellable"), (1, 1, "damaged"), (1, 1, "not_as_described"))
    restocked, broken, other = became(shop, made)
    assert [(d.choice, d.status) for d in (restocked, broken, other)] == [
        ("restock", "done"), ("refurbish", "waiting"), ("outlet", "waiting"),
    ]  # fmt: skip
    assert restocked.weighed[0]["choice"] == "restock"
    assert restocked.value == restocked.weighed[0]["value"]
    sellable = {bin: n for (bin, status), n in lies(shop, "MUG").items() if status == "sellable"}
    assert sum(sellable.values()) == sum(n for (_, status), n in before.items() if status == "sellable") + 1
    told = done(shop, broken)
    assert (told.status, told.next) == ("done", [])
    done(shop, other, note="sold to the market")
    now = lies(shop, "MUG")
    assert sum(n for (_, status), n in now.items() if status != "sellable") == 0
    assert sum(now.values()) == sum(before.values()) + 2, "one restocked, one put right, one gone"
    with pytest.raises(Refused) as refused:
        done(shop, broken)
    assert refused.value.code == "illegal_move"
    the_books_add_up(shop)


def test_what_is_as_new_and_not_worth_restocking_waits_in_quarantine(shop: Shop) -> None:
    cheap = [
        DispositionRuleAsk(grade="sellable", choice="restock", currency="EUR", share_ppm=1_000_000, cost_amount=99_900),
        DispositionRuleAsk(grade="sellable", choice="recycle", share_ppm=10_000),
    ]
    assert terms(shop, *cheap, note="handling is dear") == 1
    order = a_delivered_order(shop)
    made = approved(shop, order)
    free = lies(shop, "MUG")
    receive(shop, made, (1, 1, "sellable"))
    (one,) = became(shop, made)
    assert (one.choice, one.best, one.terms_version, one.goods[0]["status"]) == ("recycle", "recycle", 1, "quarantine")
    change = ChangeDisposition(disposition_id=one.id, choice="restock", reason="a shop asked for it")
    assert shop.do("returns", change, DispositionState).choice == "restock"
    done(shop, one)
    assert sum(lies(shop, "MUG").values()) == sum(free.values()) + 1
    the_books_add_up(shop)


def test_somebody_may_choose_otherwise_and_says_why(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = approved(shop, order, line(quantity=2))
    graded = GradedAsk(line_no=1, quantity=1, grade="damaged", disposition="destroy")

    def receiving(asked: GradedAsk) -> ReceiveReturn:
        return ReceiveReturn(return_id=made.id, node="LON", units=[asked])

    with pytest.raises(Refused) as refused:
        say(shop, receiving(graded))
    assert refused.value.facts()["field"] == "disposition_why"
    with pytest.raises(Refused) as refused:
        say(shop, receiving(GradedAsk(line_no=1, quantity=1, grade="damaged", disposition="restock")))
    assert str(refused.value) == "They cannot become restock: only what is as new goes on sale again."
    assert became(shop, made) == []
    say(
        shop,
        receiving(GradedAsk(line_no=1, quantity=1, grade="damaged", disposition="destroy", disposition_why="mould")),
    )
    (one,) = became(shop, made)
    assert (one.choice, one.best, one.why) == ("destroy", "refurbish", "mould")
    the_books_add_up(shop)


def test_goods_go_back_to_a_supplier_that_takes_them(shop: Shop) -> None:
    shop.do("purchasing", PutSupplier(code="HANSA", name="Hansa", currency="EUR"), SupplierState)
    shop.do("purchasing", PutSupplierItem(supplier="HANSA", sku="MUG", unit_cost=700), SupplierItemState)
    back = DispositionRuleAsk(grade="damaged", choice="vendor", share_ppm=1_000_000, chance_ppm=900_000)
    with pytest.raises(Refused):
        terms(shop, back, vendors=["NOBODY"])
    terms(shop, back, RULE, vendors=["HANSA"])
    order = a_delivered_order(shop)
    made = approved(shop, order)
    told = shop.do("returns", WeighReturn(return_id=made.id), ReturnChoices)
    (best,) = [g.choices[0] for g in told.grades if g.grade == "damaged"]
    assert (best.choice, best.value, best.supplier) == ("vendor", 630, "HANSA")
    receive(shop, made, (1, 1, "damaged"))
    (one,) = became(shop, made)
    assert (one.choice, one.value, one.supplier) == ("vendor", 630, "HANSA")
    done(shop, one)
    assert not any(status == "damaged" for _, status in lies(shop, "MUG"))
    the_books_add_up(shop)


def test_a_set_is_put_right_in_its_parts(shop: Shop) -> None:
    order = a_delivered_order(shop, lines={"SET": 1})
    made = approved(shop, order)
    receive(shop, made, (1, 1, "damaged"))
    (one,) = became(shop, made)
    assert [(g["sku"], g["units"]) for g in one.goods] == [("MUG", 2), ("PLATE", 1)]
    done(shop, one)
    the_books_add_up(shop)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"grade": "missing"}, "grade"),
        ({"choice": "burn"}, "choice"),
        ({"choice": "restock"}, "choice"),
        ({"share_ppm": 1_000_001}, "share_ppm"),
        ({"cost_amount": 5}, "cost_amount"),
    ],
)
def test_terms_that_say_nonsense_are_refused_by_their_field(shop: Shop, wrong: dict[str, Any], field: str) -> None:
    said = {"grade": "damaged", "choice": "outlet", **wrong}
    with pytest.raises(Refused) as refused:
        terms(shop, DispositionRuleAsk(**said))
    assert (refused.value.code, refused.value.facts()["field"]) == ("bad_rule", field)
