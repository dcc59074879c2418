"""Labels that are bought from carriers: asked outside, settled once, never two live for a parcel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.fulfilment.messages import ParcelState, Unpack
from agents.shipping.messages import CompareOffers, LabelView, OffersState, VoidLabel
from agents.shipping.messages.carriers import (
    AskCarriers,
    AskRefundAgain,
    GiveUpPurchase,
    PurchaseGivenUp,
    RatesAsked,
    RefundAsked,
)
from db.errors import Refused
from tests.shipping.makers import (
    a_packed_parcel,
    a_rate_card,
    an_account,
    buy,
    labels,
    live,
    nothing_wrong,
    purchases,
    quotes,
    reconcile,
)
from tests.shop import Shop


def offers(shop: Shop, parcel: ParcelState) -> OffersState:
    return shop.do("shipping", CompareOffers(parcel_id=parcel.id), OffersState)


def void(shop: Shop, label: LabelView) -> LabelView:
    return shop.do("shipping", VoidLabel(label_id=label.id, reason="wrong service"), LabelView)


def test_a_packed_parcel_is_asked_for_outside_and_bought_from_the_best_of_cards_and_carriers(shop: Shop) -> None:
    a_rate_card(shop, amount=990)
    an_account(shop)
    _, parcel = a_packed_parcel(shop)
    (purchase,), (label,) = purchases(shop), labels(shop)
    assert (purchase.status, purchase.account, purchase.degraded) == ("bought", "testpost", False)
    assert label.id == purchase.id
    assert (label.carrier, label.service, label.amount, label.account) == ("testpost", "economy", 530, "testpost")
    assert label.why.startswith("cheapest of 3: testpost economy €5.30, 4 days; not post standard €9.90")
    assert [part["kind"] for part in label.parts] == ["base", "handling"]
    assert f"^FD{label.tracking_number}^FS" in label.zpl
    again = buy(shop, parcel)
    assert (again.id, again.state, again.tracking_number) == (label.id, "live", label.tracking_number)
    assert len(shop.said("LabelBought")) == 1
    nothing_wrong(shop)


def test_the_wish_stands_before_anybody_is_asked_and_asking_again_is_the_same_wish(shop: Shop) -> None:
    an_account(shop)
    _, parcel = a_packed_parcel(shop, heard=False)
    first, second = buy(shop, parcel), buy(shop, parcel)
    assert first == second
    assert (first.state, first.tracking_number, first.why) == ("asked", "", "carriers are being asked")
    assert (shop.count("label_purchases"), shop.count("labels")) == (1, 0)
    shop.pump()
    assert buy(shop, parcel).id == first.id
    assert (shop.count("label_purchases"), shop.count("labels")) == (1, 1)


def test_a_rate_card_that_is_better_is_taken_beside_carriers_that_were_asked(shop: Shop) -> None:
    a_rate_card(shop, amount=390)
    an_account(shop)
    a_packed_parcel(shop)
    (label,), (purchase,) = labels(shop), purchases(shop)
    assert (label.carrier, label.account, label.id) == ("post", None, purchase.id)
    assert purchase.status == "bought"
    nothing_wrong(shop)


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ("hangs", "did not answer within 0.1 seconds"),
        ("garbage", "answered what cannot be read"),
        ("down", "cannot be reached"),
    ],
)
def test_a_carrier_that_fails_is_a_message_beside_the_others(shop: Shop, rates: str, said: str) -> None:
    an_account(shop, "broken", rates=rates)
    an_account(shop, "works")
    _, parcel = a_packed_parcel(shop)
    (label,), (purchase,) = labels(shop), purchases(shop)
    assert label.account == "works"
    assert purchase.degraded
    assert said in label.why
    shown = offers(shop, parcel)
    assert [(a.account, a.state, a.rates) for a in shown.carriers] == [
        ("broken", "failed", 0),
        ("works", "answered", 2),
    ]
    assert said in (shown.carriers[0].message or "")
    assert shown.degraded
    nothing_wrong(shop)


def test_no_answer_in_time_from_a_carrier_that_keeps_no_limit_is_no_answer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Event

    from agents.shipping import asking
    from agents.shipping.providers import Rated, builtin

    over = Event()

    def stuck(*_: object) -> Rated:
        over.wait(20)
        return Rated(rates=[])

    monkeypatch.setattr(asking, "GRACE", 0.05)
    monkeypatch.setattr(builtin.TestCarrier, "rates", stuck)
    a_rate_card(shop)
    an_account(shop)
    _, parcel = a_packed_parcel(shop)
    over.set()
    assert buy(shop, parcel).carrier == "post"
    assert purchases(shop)[0].degraded


def test_after_failures_in_a_row_a_carrier_rests_and_is_then_tried_by_one(shop: Shop) -> None:
    from db.carriers import CarrierHealth

    shop.some_stock("MUG", "LON", 100)
    a_rate_card(shop)
    an_account(shop, rates="down")
    for _ in range(3):
        a_packed_parcel(shop)
    with shop.db.reading() as session:
        health = session.get_one(CarrierHealth, "testpost")
        assert (health.failures, health.rests_until) == (3, shop.now + timedelta(seconds=30))
    calls = health.calls
    _, parcel = a_packed_parcel(shop)
    told = offers(shop, parcel).carriers[0]
    assert "failed 3 times in a row and is not asked before" in (told.message or "")
    assert live(shop)[-1].carrier == "post"
    with shop.db.reading() as session:
        assert session.get_one(CarrierHealth, "testpost").calls == calls
    shop.later(seconds=31)
    a_packed_parcel(shop)
    with shop.db.reading() as session:
        health = session.get_one(CarrierHealth, "testpost")
        assert (health.failures, health.rests_until) == (4, shop.now + timedelta(seconds=60))
    nothing_wrong(shop)


def test_a_carrier_is_asked_no_more_often_than_it_allows(shop: Shop) -> None:
    an_account(shop, calls_per_minute=1)
    a_rate_card(shop)
    a_packed_parcel(shop)
    _, second = a_packed_parcel(shop)
    assert [label.account for label in labels(shop)] == ["testpost", None]
    assert "allows 1 calls a minute" in (offers(shop, second).carriers[0].message or "")
    shop.later(minutes=1)
    a_packed_parcel(shop)
    assert labels(shop)[-1].account == "testpost"


def test_a_service_that_is_not_sold_is_left_out_and_decided_again(shop: Shop) -> None:
    an_account(shop, sale="refuses")
    a_rate_card(shop)
    a_packed_parcel(shop)
    (label,), (purchase,) = labels(shop), purchases(shop)
    assert label.carrier == "post"
    assert [(t["name"], t["final"]) for t in purchase.tries] == [("testpost testpost economy", True)]
    nothing_wrong(shop)


def test_when_nobody_sells_the_parcel_waits_and_the_history_says_why(shop: Shop) -> None:
    an_account(shop, sale="refuses")
    _, parcel = a_packed_parcel(shop)
    (purchase,) = purchases(shop)
    assert purchase.status == "refused"
    assert "was not sold: The test carrier does not go there." in (purchase.why or "")
    assert len(shop.said("LabelNotSold")) == 1
    an_account(shop, sale="works", version=1)
    assert buy(shop, parcel).state == "asked"
    shop.pump()
    assert [p.status for p in purchases(shop)] == ["refused", "bought"]
    nothing_wrong(shop)


def test_a_purchase_that_finds_every_carrier_away_is_tried_again_later(shop: Shop) -> None:
    an_account(shop, rates="down")
    a_packed_parcel(shop)
    (purchase,) = purchases(shop)
    assert (purchase.status, purchase.due_at) == ("asked", shop.now + timedelta(seconds=30))
    assert "cannot be reached" in (purchase.why or "")
    an_account(shop, rates="works", version=1)
    reconcile(shop)
    assert labels(shop) == []
    reconcile(shop, seconds=31)
    assert [label.account for label in live(shop)] == ["testpost"]
    nothing_wrong(shop)


def test_a_purchase_is_not_tried_for_ever(shop: Shop) -> None:
    an_account(shop, rates="down")
    a_packed_parcel(shop)
    for _ in range(8):
        reconcile(shop, hours=1)
    (purchase,) = purchases(shop)
    assert purchase.status == "refused"
    assert len(purchase.tries) == 6
    assert len(shop.said("LabelNotSold")) == 1


# Silence after the sale


@pytest.mark.parametrize("sale", ["times_out", "garbage"])
def test_a_label_that_was_sold_in_silence_is_found_and_bought_once(shop: Shop, sale: str) -> None:
    a_rate_card(shop)
    an_account(shop, sale=sale)
    _, parcel = a_packed_parcel(shop)
    (purchase,) = purchases(shop)
    assert purchase.status == "unknown"
    assert buy(shop, parcel).state == "unknown"
    assert labels(shop) == []
    reconcile(shop, seconds=16)
    (label,), (purchase,) = labels(shop), purchases(shop)
    assert (label.account, label.state, purchase.status) == ("testpost", "live", "bought")
    assert len(shop.said("LabelBought")) == 1
    nothing_wrong(shop)


def test_a_label_that_was_lost_on_the_way_is_tried_twice_and_then_bought_elsewhere(shop: Shop) -> None:
    a_rate_card(shop)
    an_account(shop, sale="gets_lost", services=["testpost economy"])
    a_packed_parcel(shop)
    reconcile(shop, seconds=16)
    assert [t["why"] for t in purchases(shop)[0].tries] == ["The test carrier has no such label."]
    assert labels(shop) == []
    reconcile(shop, seconds=16)
    (label,) = labels(shop)
    assert label.carrier == "post"
    nothing_wrong(shop)


def test_what_was_given_up_and_turns_out_sold_is_given_back_and_never_live(shop: Shop) -> None:
    a_rate_card(shop)
    an_account(shop, sale="silent")
    _, parcel = a_packed_parcel(shop)
    (purchase,) = purchases(shop)
    reconcile(shop, minutes=5)
    assert purchases(shop)[0].status == "unknown"
    given_up = GiveUpPurchase(purchase_id=purchase.id, reason="the carrier's desk says no")
    assert shop.do("shipping", given_up, PurchaseGivenUp).status == "given_up"
    assert buy(shop, parcel, carrier="post").state == "asked"
    shop.pump()
    assert [label.carrier for label in live(shop)] == ["post"]
    an_account(shop, sale="times_out", version=1)
    reconcile(shop, hours=2)
    mine = next(label for label in labels(shop) if label.id == purchase.id)
    assert (mine.state, mine.refund) == ("voided", "granted")
    assert [label.carrier for label in live(shop)] == ["post"]
    assert len(shop.said("LabelRefundSettled")) == 1
    nothing_wrong(shop)


def test_an_agent_that_dies_between_wish_and_answer_buys_nothing_twice(shop: Shop) -> None:
    from agents.shipping.buying import Buy, next_step

    an_account(shop)
    _, parcel = a_packed_parcel(shop, heard=False)
    wish = buy(shop, parcel)
    agent = shop.agent("shipping")
    # As far as the row that says that it is being bought, and then it is killed.
    for _ in range(2):
        with shop.db.transaction(agent_who(), now=shop.now) as tx:
            step = next_step(tx, wish.id)
        assert step is not None
        if isinstance(step, Buy):
            break
        told = step.ask(agent.errands.carriers)  # type: ignore[attr-defined]
        with shop.db.transaction(agent_who(), now=shop.now) as tx:
            step.book(tx, told)
    assert purchases(shop)[0].status == "buying"
    shop.pump()  # the task comes to the one who took over
    assert (purchases(shop)[0].status, labels(shop)) == ("buying", [])
    reconcile(shop, seconds=61)
    (label,) = labels(shop)
    assert (label.id, label.state, purchases(shop)[0].status) == (wish.id, "live", "bought")
    # The answer of the one who was thought dead comes after all.
    late = step.ask(agent.errands.carriers)  # type: ignore[attr-defined]
    with shop.db.transaction(agent_who(), now=shop.now) as tx:
        step.book(tx, late)
    assert [one.tracking_number for one in labels(shop)] == [label.tracking_number]
    nothing_wrong(shop)


def test_a_sale_that_comes_when_it_was_looked_up_in_vain_is_given_back(shop: Shop) -> None:
    from agents.shipping.buying import Buy, next_step

    a_rate_card(shop)
    an_account(shop, sale="gets_lost", services=["testpost economy"])
    _, parcel = a_packed_parcel(shop, heard=False)
    wish = buy(shop, parcel)
    carriers = shop.agent("shipping").errands.carriers  # type: ignore[attr-defined]
    with shop.db.transaction(agent_who(), now=shop.now) as tx:
        first = next_step(tx, wish.id)
    assert first is not None
    told = first.ask(carriers)
    with shop.db.transaction(agent_who(), now=shop.now) as tx:
        first.book(tx, told)  # type: ignore[arg-type]
        step = next_step(tx, wish.id)
    assert isinstance(step, Buy)
    # The one who asked is stuck; others look it up in vain, twice, and take another service.
    for _ in range(3):
        reconcile(shop, seconds=61)
    assert [label.carrier for label in live(shop)] == ["post"]
    an_account(shop, sale="works", version=1)
    with shop.db.transaction(agent_who(), now=shop.now) as tx:
        step.book(tx, carriers.open(step.account._replace(options={})).buy(step.key, step.shipment, step.rate))
    shop.pump()
    late = next(label for label in labels(shop) if label.account == "testpost")
    assert (late.state, late.refund) == ("voided", "granted")
    assert [label.carrier for label in live(shop)] == ["post"]
    nothing_wrong(shop)


def agent_who():  # type: ignore[no-untyped-def]
    from db.session import Who

    return Who("agent:shipping")


def test_a_parcel_that_is_unpacked_while_its_label_is_sold_gives_it_back(shop: Shop) -> None:
    an_account(shop, sale="times_out")
    _, parcel = a_packed_parcel(shop)
    shop.do("fulfilment", Unpack(parcel_id=parcel.id, reason="wrong box"), ParcelState)
    shop.pump()
    reconcile(shop, seconds=16)
    (label,) = labels(shop)
    assert (label.state, label.refund, label.amount) == ("voided", "granted", 530)
    nothing_wrong(shop)


def test_a_wish_for_a_parcel_that_is_unpacked_is_cancelled(shop: Shop) -> None:
    an_account(shop, rates="down")
    _, parcel = a_packed_parcel(shop)
    shop.do("fulfilment", Unpack(parcel_id=parcel.id, reason="wrong box"), ParcelState)
    shop.pump()
    assert [p.status for p in purchases(shop)] == ["cancelled"]
    reconcile(shop, minutes=2)
    assert labels(shop) == []


# Prices that run out


def test_a_rate_that_ran_out_is_asked_again_and_the_same_service_is_bought(shop: Shop) -> None:
    an_account(shop)
    _, parcel = a_packed_parcel(shop, heard=False)
    shop.do("shipping", AskCarriers(parcel_id=parcel.id), RatesAsked)
    shop.pump()
    asked_at = {q.asked_at for q in quotes(shop)}
    void(shop, buy(shop, parcel))
    shop.later(minutes=31)
    buy(shop, parcel)
    shop.pump()
    assert {q.asked_at for q in quotes(shop)} == {shop.now} != asked_at
    assert [label.service for label in live(shop)] == ["economy"]
    nothing_wrong(shop)


def test_rates_of_another_address_are_asked_again(shop: Shop) -> None:
    from db.orders import Order

    an_account(shop, rates="works")
    order, parcel = a_packed_parcel(shop, heard=False)
    shop.do("shipping", AskCarriers(parcel_id=parcel.id), RatesAsked)
    shop.pump()
    void(shop, buy(shop, parcel))
    shop.do("shipping", AskCarriers(parcel_id=parcel.id), RatesAsked)
    shop.pump()
    assert [a.state for a in offers(shop, parcel).carriers] == ["answered"]
    with shop.db.transaction(agent_who(), now=shop.now) as tx:
        tx.get_one(Order, order.id).shipping_address = {"country": "DE", "postcode": "20095"}
    (told,) = offers(shop, parcel).carriers
    assert (told.state, "another address" in (told.message or "")) == ("expired", True)
    assert buy(shop, parcel).state == "asked"
    before = quotes(shop)[0].id
    shop.pump()
    assert quotes(shop)[0].id != before
    assert len(live(shop)) == 1


def test_a_carrier_that_says_its_rate_ran_out_is_asked_again_and_then_left_out(shop: Shop) -> None:
    a_rate_card(shop)
    an_account(shop, sale="expired", services=["testpost economy"])
    a_packed_parcel(shop)
    (purchase,), (label,) = purchases(shop), labels(shop)
    assert [(t["name"], t["expired"]) for t in purchase.tries] == [("testpost testpost economy", True)] * 2
    assert label.carrier == "post"
    nothing_wrong(shop)


def test_a_label_sold_dearer_than_offered_is_kept_and_said(shop: Shop) -> None:
    an_account(shop, sale="dearer")
    a_packed_parcel(shop)
    (label,) = labels(shop)
    assert (label.amount, label.parts[-1]["kind"], label.parts[-1]["amount"]) == (636, "correction", 106)
    assert label.why.endswith("offered for €5.30 and sold for €6.36")
    nothing_wrong(shop)


# Giving back


def test_a_refund_that_is_stuck_keeps_nobody_from_another_label(shop: Shop) -> None:
    an_account(shop, void="late")
    _, parcel = a_packed_parcel(shop)
    first = buy(shop, parcel)
    assert void(shop, first).state == "voided"
    shop.pump()
    assert buy(shop, parcel).state == "asked"
    shop.pump()
    assert [(label.state, label.refund) for label in labels(shop)] == [("voided", "asked"), ("live", "none")]
    an_account(shop, void="works", version=1)
    reconcile(shop, hours=2)
    assert [(label.state, label.refund) for label in labels(shop)] == [("voided", "granted"), ("live", "none")]
    nothing_wrong(shop)


def test_a_refund_that_is_refused_is_said_and_can_be_asked_for_again(shop: Shop) -> None:
    an_account(shop, void="refuses")
    _, parcel = a_packed_parcel(shop)
    label = buy(shop, parcel)
    void(shop, label)
    shop.pump()
    (told,) = shop.said("LabelRefundSettled")
    assert (told["refund"], told["why"]) == ("refused", "The test carrier says it was used.")
    an_account(shop, version=1)
    ask = AskRefundAgain(label_id=label.id, reason="it was never used")
    assert shop.do("shipping", ask, RefundAsked).refund == "asked"
    shop.pump()
    assert labels(shop)[0].refund == "granted"
    with pytest.raises(Refused, match="The refund of this label is granted"):
        shop.do("shipping", ask, RefundAsked)
    nothing_wrong(shop)


# Looking


def test_offers_show_carriers_that_are_asked_on_purpose_with_age_and_end(shop: Shop) -> None:
    a_rate_card(shop)
    an_account(shop)
    _, parcel = a_packed_parcel(shop, heard=False)
    before = offers(shop, parcel)
    assert [(a.state, a.message) for a in before.carriers] == [("not_asked", None)]
    assert shop.do("shipping", AskCarriers(parcel_id=parcel.id), RatesAsked).accounts == 1
    assert [a.state for a in offers(shop, parcel).carriers] == ["asking"]
    shop.agent("shipping")
    shop.pump()  # the parcel is labelled as well, which uses the rates that are there
    assert [q.asked_at for q in quotes(shop)] == [shop.now]
    shown = offers(shop, parcel)
    assert {(o.name, o.account, o.quoted_at) for o in shown.offers} == {
        ("post standard", None, None),
        ("testpost economy", "testpost", shop.now),
        ("testpost express", "testpost", shop.now),
    }
    shop.later(minutes=31)
    assert [a.state for a in offers(shop, parcel).carriers] == ["expired"]


def test_there_is_nobody_to_ask_where_no_account_is_used(shop: Shop) -> None:
    shop.a_node("NYC")
    an_account(shop, nodes=["NYC"])
    _, parcel = a_packed_parcel(shop)
    with pytest.raises(Refused, match="No carrier account is in use at LON"):
        shop.do("shipping", AskCarriers(parcel_id=parcel.id), RatesAsked)
    assert purchases(shop) == []
