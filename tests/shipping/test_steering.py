"""Rules, trying and drift the whole way: from the desk that writes them to the label, the trial and the audit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from agents.shipping.drifting import keep_drifts, look
from agents.shipping.messages import CompareOffers, LabelView, OffersState, PricedOffers
from agents.shipping.messages.choosing import (
    ActivateCarrierRules,
    CarrierRule,
    CarrierRulesState,
    CarrierRulesTried,
    PolicyOnTrial,
    PriceParcel,
    PutCarrierRules,
    RetireCarrierRules,
    TryCarrierRules,
)
from agents.shipping.trying import again
from db.audit import run as audit
from db.carrier_rules import CarrierDrift, CarrierRuleSet, DriftState
from db.errors import Refused
from db.fulfilment import Fulfilment
from db.orders import Order
from db.shipping import CarrierChoice, Label, TrackingEvent
from tests.fulfilment.makers import Promise, a_released_order, pack, pick_all, send, the_fulfilment
from tests.shipping.test_agent import a_card, a_packed_order, a_policy, buy, learn, scan, void
from tests.shop import TESTER, Shop

CHECKS = ("labels_are_of_the_best_offer", "choices_are_repeatable", "trying_keeps_to_its_budget")


def in_force(shop: Shop, *rules: CarrierRule, name: str = "ours") -> CarrierRulesState:
    draft = shop.do("shipping", PutCarrierRules(name=name, rules=list(rules)), CarrierRulesState)
    return shop.do("shipping", ActivateCarrierRules(rule_set_id=draft.id), CarrierRulesState)


def the_choice(shop: Shop, label: LabelView) -> CarrierChoice:
    with shop.db.reading() as session:
        choice_id = session.get_one(Label, label.id).choice_id
        return session.get_one(CarrierChoice, choice_id)


def holds(shop: Shop) -> None:
    """The audit finds nothing, and every choice made again from what is kept is the same."""
    with shop.db.reading() as session:
        assert {r.name: r.violations for r in audit(session) if r.name in CHECKS} == dict.fromkeys(CHECKS, 0)
        for choice in session.scalars(select(CarrierChoice).where(CarrierChoice.explored.is_(None))):
            found = again(choice)
            assert found.choice is not None
            assert found.choice.offer.name == choice.chosen
            if choice.asked is None:
                assert found.choice.why == choice.why


def two_cards(shop: Shop) -> None:
    a_card(shop, "post", 490)
    a_card(shop, "swift", 990, days=1)


def test_a_rule_in_force_chooses_and_the_choice_keeps_what_it_was_made_from(shop: Shop) -> None:
    two_cards(shop)
    rules = in_force(shop, CarrierRule(kind="forbid", services=["post"], countries=["DE"], note="strike"))
    _, parcel = a_packed_order(shop)
    label = buy(shop, parcel)
    kept = the_choice(shop, label)
    assert label.carrier == "swift"
    assert "forbidden by rule 1 of version" in label.why
    assert (kept.rule_set, [each["no"] for each in kept.rules]) == (rules.number, [1])
    assert (kept.facts["channel"], kept.facts["country"], kept.facts["grams"]) == ("web", "DE", 1050)
    assert "postcode" not in kept.facts or not kept.facts["postcode"]
    holds(shop)


def test_when_rules_leave_nothing_the_parcel_waits_and_is_told_by_which(shop: Shop) -> None:
    two_cards(shop)
    rules = in_force(shop, CarrierRule(kind="forbid", services=["post", "swift"]))
    _, parcel = a_packed_order(shop)
    with pytest.raises(Refused, match=f"forbidden by rule 1 of version {rules.number}") as no:
        buy(shop, parcel)
    assert no.value.facts()["ruled"]
    assert shop.count("labels") == 0


def test_a_person_names_another_with_a_reason_and_what_was_best_is_said_beside_it(shop: Shop) -> None:
    two_cards(shop)
    _, parcel = a_packed_order(shop)
    void(shop, buy(shop, parcel))
    label = buy(shop, parcel, carrier="swift", service="standard", reason="the customer called")
    kept = the_choice(shop, label)
    assert kept.asked is not None
    assert (kept.asked["carrier"], kept.asked["reason"]) == ("swift", "the customer called")
    assert "the customer called; else cheapest of 2: post standard" in label.why
    holds(shop)


def test_rules_are_tried_on_past_parcels_and_nothing_changes(shop: Shop) -> None:
    two_cards(shop)
    for _ in range(2):
        buy(shop, a_packed_order(shop)[1])
    before = (shop.count("carrier_choices"), shop.count("labels"))
    ask = TryCarrierRules(rules=[CarrierRule(kind="require", services=["swift"])])
    tried = shop.do("shipping", ask, CarrierRulesTried)
    assert (tried.now.amount, tried.tried.amount, tried.changed, tried.left_out) == (980, 1980, 2, 0)
    assert tried.says == "Would have cost €10.00 (102.0%) more."
    assert [row.tried.service for row in tried.rows] == ["swift standard"] * 2
    assert (shop.count("carrier_choices"), shop.count("labels")) == before
    dear = PolicyOnTrial(forbidden=["post"])
    by_policy = shop.do("shipping", TryCarrierRules(policy=dear), CarrierRulesTried)
    assert by_policy.tried.amount == 1980
    nothing = shop.do("shipping", TryCarrierRules(), CarrierRulesTried)
    assert (nothing.changed, nothing.says) == (0, "Would have cost the same price.")


def test_a_trial_adds_up_in_the_currency_that_prices_are_in_and_not_in_the_orders(shop: Shop) -> None:
    two_cards(shop)
    for currency in ("GBP", "EUR"):
        order = a_released_order(shop, Promise("MUG", 3))
        with shop.db.transaction(TESTER, now=shop.now) as tx:
            tx.get_one(Order, order.id).currency = currency
        pick_all(shop)
        parcel = pack(shop, the_fulfilment(shop, order))
        shop.pump()
        assert the_choice(shop, buy(shop, parcel)).facts["currency"] == currency
    ask = TryCarrierRules(rules=[CarrierRule(kind="require", services=["swift"])])
    tried = shop.do("shipping", ask, CarrierRulesTried)
    assert (tried.currency, tried.now.amount, tried.left_out) == ("EUR", 980, 0)
    assert tried.says == "Would have cost €10.00 (102.0%) more."


def test_versions_follow_one_another_and_what_was_in_force_stays_as_it_is(shop: Shop) -> None:
    two_cards(shop)
    first = in_force(shop, CarrierRule(kind="prefer", services=["swift"]))
    second = in_force(shop, CarrierRule(kind="prefer", services=["post"]))
    with shop.db.reading() as session:
        assert session.scalars(select(CarrierRuleSet.status).order_by(CarrierRuleSet.number)).all() == [
            "retired",
            "active",
        ]
    with pytest.raises(Refused, match="stays as it is"):
        shop.do("shipping", PutCarrierRules(name="x", rules=[], rule_set_id=first.id), CarrierRulesState)
    shop.do("shipping", RetireCarrierRules(rule_set_id=second.id, reason="peak is over"), CarrierRulesState)
    _, parcel = a_packed_order(shop)
    assert the_choice(shop, buy(shop, parcel)).rule_set is None


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (CarrierRule(kind="cheapest"), "there are forbid"),
        (CarrierRule(kind="prefer"), "name at least one carrier"),
        (CarrierRule(kind="prefer", services=["ghost"]), "no rate card is of ghost"),
        (CarrierRule(kind="most_above"), "say how much above"),
        (CarrierRule(kind="most_late"), "how many of a million"),
        (CarrierRule(kind="weigh"), "what lateness or loss costs"),
        (CarrierRule(kind="weigh", late_cost=5), "amounts need a currency"),
        (CarrierRule(kind="forbid", services=["post"], countries=["Germany"]), "is no country"),
        (CarrierRule(kind="forbid", services=["post"], postcodes=["1"]), "postcodes need one country"),
        (CarrierRule(kind="forbid", services=["post"], nodes=["MAD"]), "there is no node MAD"),
        (CarrierRule(kind="forbid", services=["post"], over_grams=5, up_to_grams=5), "nothing has grams"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(shop: Shop, rule: CarrierRule, why: str) -> None:
    a_card(shop)
    with pytest.raises(Refused, match=why):
        shop.do("shipping", PutCarrierRules(name="x", rules=[rule]), CarrierRulesState)
    assert shop.count("carrier_rule_sets") == 0


def test_a_day_promised_from_the_order_on_is_kept_while_a_service_can(shop: Shop) -> None:
    two_cards(shop)
    a_policy(shop, promise_days=1, promise_from="placed", late_cost=0, loss_ppm=0)
    _, parcel = a_packed_order(shop)
    found = shop.do("shipping", CompareOffers(parcel_id=parcel.id), OffersState)
    assert found.chosen == "swift standard"
    assert found.promised_on is not None
    assert [o.refused_by for o in found.offers] == ["promise", None]


def test_carbon_has_a_price_and_is_told_apart(shop: Shop) -> None:
    a_card(shop, "post", 490, co2_grams_per_parcel=4000)
    a_card(shop, "green", 500, co2_grams_per_parcel=500)
    a_policy(shop, carbon_price=10_000, late_cost=0, loss_ppm=0)
    _, parcel = a_packed_order(shop)
    found = shop.do("shipping", CompareOffers(parcel_id=parcel.id), OffersState)
    assert [(o.carrier, o.carbon_cost, o.expected) for o in found.offers] == [("green", 5, 505), ("post", 40, 530)]
    assert "€0.05 for 0.50 kg CO2e" in found.why


def test_a_made_up_parcel_is_priced_by_all_cards_or_one(shop: Shop) -> None:
    two_cards(shop)
    ask = PriceParcel(weight_grams=900, country="DE")
    every = shop.do("shipping", ask, PricedOffers)
    assert [o.amount for o in every.offers] == [490, 990]
    one = shop.do(
        "shipping", PriceParcel(weight_grams=2001, country="DE", card=every.offers[0].rate_card_id), PricedOffers
    )
    assert [o.refused for o in one.offers] == ["takes no 2001 g to zone DE"]
    assert shop.count("carrier_choices") == 0


def gone(shop: Shop, *, days: int | None, late_ppm: int, due: int = 3) -> UUID:
    """A parcel that left with the post, what was foreseen of it, and after how many days it came, if it did."""
    order, parcel = a_packed_order(shop)
    label = buy(shop, parcel)
    send(shop, the_fulfilment(shop, order))
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        kept = tx.get_one(CarrierChoice, tx.get_one(Label, label.id).choice_id)
        kept.late_ppm, kept.due_days = late_ppm, due
        left = tx.scalars(select(Fulfilment.shipped_at).where(Fulfilment.order_id == order.id)).one()
        if days is not None and left is not None:
            tx.add(
                TrackingEvent(
                    tracking_number=label.tracking_number, event_id="there", status="delivered",
                    at=left + timedelta(days=days), received_at=shop.now,
                )
            )  # fmt: skip
    return label.id


def test_a_service_that_became_slower_is_noticed_once_and_ends_when_it_is_over(shop: Shop) -> None:
    a_card(shop)
    for _ in range(3):
        gone(shop, days=9, late_ppm=20_000)
    with shop.db.reading() as session:
        assert look(session, shop.now + timedelta(days=20)) == []  # three may be an accident
    shop.some_stock("MUG", "LON", 100)
    for _ in range(10):
        gone(shop, days=None, late_ppm=20_000)
    shop.later(days=20)
    for _ in range(2):
        with shop.db.reading() as session:
            drifts = look(session, shop.now)
        with shop.db.transaction(TESTER, now=shop.now) as tx:
            keep_drifts(tx, drifts)
    with shop.db.reading() as session:
        (drift,) = session.scalars(select(CarrierDrift))
    assert (drift.direction, drift.parcels, drift.late, drift.late_meant) == ("slower", 13, 13, 260)
    assert drift.why.startswith("13 of 13 parcels were late where 0.3 were foreseen: more than chance explains")
    assert len(shop.said("CarrierDrifted")) == 1
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        keep_drifts(tx, [])
    with shop.db.reading() as session:
        assert session.scalars(select(CarrierDrift.state)).all() == [DriftState.ended]


def test_trying_spends_no_more_than_its_budget(shop: Shop) -> None:
    """Both services keep their day; with every parcel that may be tried, the budget takes one and not two."""
    shop.some_stock("MUG", "LON", 100)
    a_card(shop, "post", 490, days=3)
    for _ in range(2):
        order, parcel = a_packed_order(shop)
        label = buy(shop, parcel)
        send(shop, the_fulfilment(shop, order))
        shop.later(days=1)
        scan(shop, label.tracking_number, f"there-{label.id}", "delivered")
    learn(shop)
    a_card(shop, "swift", 500, days=1)
    a_policy(shop, promise_days=60, explore_ppm=100_000, explore_budget=15, late_cost=100, loss_ppm=0)
    tried: list[Any] = []
    for _ in range(30):
        _, parcel = a_packed_order(shop)
        tried.append(the_choice(shop, buy(shop, parcel)))
    spent = [c.explored["extra"] for c in tried if c.explored]
    assert sum(spent) <= 15
    assert all(c.explored["share_ppm"] < 100_000 for c in tried if c.explored)
    holds(shop)
