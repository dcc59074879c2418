"""Rate cards in versions, one live label a parcel, and events from carriers in any order."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import select, text

from agents.fulfilment.messages import DispatchFulfilment, FulfilmentState, PackParcel, ParcelState, Unpack
from agents.shipping.choosing import choose
from agents.shipping.demo_rates import standard_rate_cards
from agents.shipping.messages import (
    BuyLabel,
    CompareOffers,
    LabelView,
    LearnCarriers,
    Offer,
    OffersState,
    PolicyState,
    PutPolicy,
    PutRateCard,
    RateCardState,
    RateRow,
    RecordTracking,
    TrackingState,
    VoidLabel,
)
from db.audit import run as audit
from db.errors import Refused
from db.fulfilment import FulfilmentStatus, Parcel, ParcelStatus
from db.orders import Order
from db.shipping import CarrierChoice, Label, RateCard
from tests.fulfilment.makers import Promise, a_released_order, pack, pick_all, send, the_fulfilment
from tests.shop import TESTER, Shop


def a_card(shop: Shop, carrier: str = "post", amount: int = 490, *, days: int = 3, **more: object) -> RateCardState:
    ask = {
        "service": "standard",
        "currency": "EUR",
        "rates": [RateRow(country="DE", max_weight_grams=2000, amount=amount)],
    }
    card = PutRateCard(carrier=carrier, transit_days=days, **{**ask, **more})  # type: ignore[arg-type]
    return shop.do("shipping", card, RateCardState)


def a_packed_order(shop: Shop, **order: object) -> tuple[Order, ParcelState]:
    """Its parcel is packed, and everybody has heard of it."""
    made = a_released_order(shop, Promise("MUG", 3), **order)
    pick_all(shop)
    parcel = pack(shop, the_fulfilment(shop, made))
    shop.pump()
    return made, parcel


def buy(shop: Shop, parcel: ParcelState, **ask: str) -> LabelView:
    return shop.do("shipping", BuyLabel(parcel_id=parcel.id, **ask), LabelView)


def void(shop: Shop, label: LabelView) -> LabelView:
    return shop.do("shipping", VoidLabel(label_id=label.id, reason="wrong service"), LabelView)


def parcel_status(shop: Shop, parcel: ParcelState) -> str:
    with shop.db.reading() as session:
        return session.get_one(Parcel, parcel.id).status


def test_a_packed_parcel_is_labelled_by_itself_with_the_cheapest_service(shop: Shop) -> None:
    a_card(shop, "dear", 990, days=1)
    a_card(shop, "post", 490)
    _, parcel = a_packed_order(shop)
    assert parcel_status(shop, parcel) == ParcelStatus.labelled
    label = buy(shop, parcel)
    assert (label.carrier, label.amount, label.currency, label.next) == ("post", 490, "EUR", ["voided"])
    assert label.why == "cheapest of 2: post standard €4.90, 3 days; not dear standard €9.90, 1 day"
    assert f"^FD{label.tracking_number}^FS" in label.zpl
    assert shop.count("labels") == 1
    assert len(shop.said("LabelBought")) == 1


def test_without_a_rate_the_parcel_waits_and_the_history_says_why(shop: Shop) -> None:
    order, parcel = a_packed_order(shop, address={"country": "US"})
    a_card(shop)
    assert parcel_status(shop, parcel) == ParcelStatus.packed
    with shop.db.reading() as session:
        told = text("SELECT why FROM transitions WHERE subject = :s AND to_status = 'not labelled'")
        why = session.execute(told, {"s": f"order:{order.id}"}).scalar_one()
    assert why == "No rate fits a parcel of 1050 g to US. Put in a rate card that does."
    with pytest.raises(Refused, match="1050 g to US") as no:
        buy(shop, parcel)
    assert no.value.facts() == {"weight_grams": 1050, "country": "US", "asked": "", "ruled": ""}
    with pytest.raises(Refused, match="No rate of ghost fits"):
        buy(shop, parcel, carrier="ghost")
    assert shop.dead() == []
    assert shop.said("LabelBought") == []


def test_an_address_without_a_country_is_anywhere_else(shop: Shop) -> None:
    a_card(shop, rates=[RateRow(country="*", max_weight_grams=5000, amount=2000)])
    _, parcel = a_packed_order(shop, address={"name": "Ada"})
    assert buy(shop, parcel).amount == 2000


def test_a_service_may_be_named_but_not_beside_a_live_label(shop: Shop) -> None:
    a_card(shop, "post", 490)
    a_card(shop, "dear", 990)
    _, parcel = a_packed_order(shop)
    with pytest.raises(Refused, match="has a label of post standard already"):
        buy(shop, parcel, carrier="dear")
    void(shop, buy(shop, parcel))
    assert buy(shop, parcel, carrier="dear", service="standard").carrier == "dear"


def test_a_voided_label_makes_room_for_another_with_a_number_of_its_own(shop: Shop) -> None:
    a_card(shop)
    _, parcel = a_packed_order(shop)
    first = buy(shop, parcel)
    voided = void(shop, first)
    shop.pump()
    assert (voided.state, voided.next) == ("voided", [])
    assert parcel_status(shop, parcel) == ParcelStatus.packed
    with pytest.raises(Refused, match="is voided and cannot become voided"):
        void(shop, first)
    second = buy(shop, parcel)
    assert second.tracking_number != first.tracking_number
    assert len(shop.said("LabelVoided")) == 1


def test_no_label_is_voided_once_the_parcel_has_left(shop: Shop) -> None:
    a_card(shop)
    order, parcel = a_packed_order(shop)
    label = buy(shop, parcel)
    send(shop, the_fulfilment(shop, order))
    with pytest.raises(Refused, match="The parcel is shipped"):
        void(shop, label)
    assert buy(shop, parcel).next == []


def test_a_voided_label_does_not_let_a_parcel_leave_though_nobody_told_the_warehouse(shop: Shop) -> None:
    a_card(shop)
    order, parcel = a_packed_order(shop)
    void(shop, buy(shop, parcel))
    assert parcel_status(shop, parcel) == ParcelStatus.labelled
    with pytest.raises(Refused, match="has no live label"):
        send(shop, the_fulfilment(shop, order))


def test_an_unpacked_parcel_gives_its_label_back(shop: Shop) -> None:
    a_card(shop)
    _, parcel = a_packed_order(shop)
    shop.do("fulfilment", Unpack(parcel_id=parcel.id, reason="wrong box"), ParcelState)
    shop.pump()
    with shop.db.reading() as session:
        (label,) = session.scalars(select(Label))
        assert label.state == "voided"
    with pytest.raises(Refused, match="The parcel is cancelled"):
        buy(shop, parcel)
    assert parcel_status(shop, parcel) == ParcelStatus.cancelled


def test_a_new_rate_card_ends_the_one_before_it(shop: Shop) -> None:
    a_card(shop, amount=490)
    tomorrow = shop.now + timedelta(days=1)
    a_card(shop, amount=590, valid_from=tomorrow)
    a_card(shop, amount=540, valid_from=shop.now + timedelta(hours=1))
    with shop.db.reading() as session:
        spans = [(c.valid_from, c.valid_to) for c in session.scalars(select(RateCard).order_by(RateCard.valid_from))]
    hour = shop.now + timedelta(hours=1)
    assert spans == [(shop.now, hour), (hour, tomorrow), (tomorrow, None)]
    _, parcel = a_packed_order(shop)
    prices = []
    for later in (timedelta(0), timedelta(hours=2), timedelta(days=1)):
        shop.now += later
        label = buy(shop, parcel)
        void(shop, label)
        prices.append(label.amount)
    assert prices == [490, 540, 590]
    with pytest.raises(Refused, match="has a rate card from 2026-03-03"):
        a_card(shop, valid_from=tomorrow)


def test_a_card_in_no_known_currency_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused) as no:
        a_card(shop, currency="BTC")
    assert no.value.code == "unknown_currency"
    assert shop.count("rate_cards") == 0


def test_the_standard_cards_price_a_mug_to_berlin_and_to_boston(shop: Shop) -> None:
    for card in standard_rate_cards():
        shop.do("shipping", card, RateCardState)
    _, parcel = a_packed_order(shop)
    assert (buy(shop, parcel).carrier, buy(shop, parcel).amount) == ("greenroute", 390)
    _, abroad = a_packed_order(shop, address={"country": "US"})
    assert (buy(shop, abroad).carrier, buy(shop, abroad).amount) == ("parcelpost", 2190)


# Tracking


def scan(shop: Shop, number: str, event_id: str, status: str, **delta: float) -> TrackingState:
    at = shop.now + timedelta(**delta)
    ask = RecordTracking(tracking_number=number, event_id=event_id, status=status, at=at, place="Leipzig")
    return shop.do("shipping", ask, TrackingState)


def test_events_come_twice_late_and_in_any_order_without_turning_time_back(shop: Shop) -> None:
    a_card(shop)
    order, parcel = a_packed_order(shop)
    number = buy(shop, parcel).tracking_number
    send(shop, the_fulfilment(shop, order))
    assert scan(shop, number, "e2", "out_for_delivery", hours=20).status == "out_for_delivery"
    late = scan(shop, number, "e1", "in_transit", hours=3)
    assert (late.status, [e["event_id"] for e in late.events]) == ("out_for_delivery", ["e1", "e2"])
    assert scan(shop, number, "e3", "delivered", hours=22).status == "delivered"
    assert scan(shop, number, "e4", "on_hold", hours=30).status == "delivered"
    again = scan(shop, number, "e3", "delivered", hours=22)
    assert (again.known, len(again.events)) == (True, 4)
    shop.pump()
    assert len(shop.said("ParcelDelivered")) == 1
    assert the_fulfilment(shop, order).status == FulfilmentStatus.delivered


def test_an_unknown_number_status_or_clock_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused, match="There is no tracking number TN-1"):
        scan(shop, "TN-1", "e1", "delivered")
    with pytest.raises(Refused, match="'teleported' is no tracking status"):
        scan(shop, "TN-1", "e1", "teleported")
    naive = RecordTracking(tracking_number="TN-1", event_id="e", status="delivered", at=shop.now.replace(tzinfo=None))
    with pytest.raises(Refused, match="needs a time zone"):
        shop.do("shipping", naive, TrackingState)
    assert shop.count("tracking_events") == 0


def test_a_delivery_on_a_voided_label_is_kept_but_moves_no_parcel(shop: Shop) -> None:
    a_card(shop)
    order, parcel = a_packed_order(shop)
    label = buy(shop, parcel)
    void(shop, label)
    scan(shop, label.tracking_number, "e1", "delivered")
    shop.pump()
    assert shop.said("ParcelDelivered") == []
    assert the_fulfilment(shop, order).status == FulfilmentStatus.packed


def test_there_is_no_label_for_a_parcel_that_does_not_exist(shop: Shop) -> None:
    for ask in (BuyLabel(parcel_id=uuid4()), VoidLabel(label_id=uuid4(), reason="x")):
        with pytest.raises(Refused) as no:
            shop.do("shipping", ask, LabelView)
        assert no.value.code == "not_found"


def test_a_parcel_leaves_in_the_same_breath_as_its_label_is_bought(shop: Shop) -> None:
    a_card(shop)
    order = a_released_order(shop, Promise("MUG", 3))
    pick_all(shop)
    one = the_fulfilment(shop, order)
    parcel = shop.do("fulfilment", PackParcel(fulfilment_id=one.id), ParcelState)
    buy(shop, parcel)  # nobody has delivered a message yet
    assert parcel_status(shop, parcel) == ParcelStatus.packed
    left = shop.do("fulfilment", DispatchFulfilment(fulfilment_id=one.id), FulfilmentState)
    assert left.status == FulfilmentStatus.shipped
    shop.pump()
    assert parcel_status(shop, parcel) == ParcelStatus.shipped
    assert shop.count("labels") == 1


# Choosing


def a_policy(shop: Shop, **more: object) -> PolicyState:
    told = {"code": "everyday", "currency": "EUR", "late_cost": 500, "loss_ppm": 1_000_000, **more}
    return shop.do("shipping", PutPolicy(**told), PolicyState)  # type: ignore[arg-type]


def learn(shop: Shop) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.send("shipping", "schedule:learn carriers", LearnCarriers())
    shop.pump()


def a_delivery(shop: Shop, *, days: int) -> None:
    """A parcel of the only carrier goes and arrives; afterwards it is the evening of that day."""
    order, parcel = a_packed_order(shop)
    number = buy(shop, parcel).tracking_number
    send(shop, the_fulfilment(shop, order))
    shop.later(days=days)
    scan(shop, number, f"there-{number}", "delivered")
    shop.pump()


def test_every_offer_and_reason_is_kept_and_choosing_again_from_them_is_the_same_choice(shop: Shop) -> None:
    a_card(shop, "post", 490)
    a_card(shop, "dear", 990, takes_po_box=False)
    a_card(shop, "tiny", 90, rates=[RateRow(country="DE", max_weight_grams=10, amount=90)])
    a_policy(shop)
    _, parcel = a_packed_order(shop)
    label = buy(shop, parcel)
    with shop.db.reading() as session:
        (kept,) = session.scalars(select(CarrierChoice))
    assert [(o["name"], o["refused"]) for o in kept.offers] == [
        ("dear standard", None),
        ("post standard", None),
        ("tiny standard", "takes no 1050 g to zone DE"),
    ]
    assert (kept.chosen, kept.policy["code"], kept.why) == ("post standard", "everyday", label.why)
    stored = msgspec.convert([{k: v for k, v in o.items() if k != "name"} for o in kept.offers], list[Offer])
    again = choose(stored, currency="EUR", price_alone=False)
    assert again is not None
    assert (again.offer.name, again.why) == (kept.chosen, kept.why)


def test_offers_are_shown_without_buying_anything(shop: Shop) -> None:
    order, parcel = a_packed_order(shop)
    a_card(shop)
    found = shop.do("shipping", CompareOffers(parcel_id=parcel.id), OffersState)
    assert (found.chosen, [o.amount for o in found.offers]) == ("post standard", [490])
    assert (shop.count("labels"), shop.count("carrier_choices")) == (0, 0)
    with pytest.raises(Refused, match="no parcel"):
        shop.do("shipping", CompareOffers(parcel_id=order.id), OffersState)


def test_the_policy_of_the_channel_or_the_customers_tag_is_meant_before_that_for_all(shop: Shop) -> None:
    a_card(shop)
    a_policy(shop)
    a_policy(shop, code="market", channel="marketplace", rank=10)
    _, web = a_packed_order(shop)
    assert shop.do("shipping", CompareOffers(parcel_id=web.id), OffersState).policy == "everyday"
    a_policy(shop, code="web", channel="web", rank=20, forbidden=["post"])
    told = shop.do("shipping", CompareOffers(parcel_id=web.id), OffersState)
    assert (told.policy, told.chosen) == ("web", None)
    assert [o.refused for o in told.offers] == ["not allowed by policy web"]
    with pytest.raises(Refused) as no:
        a_policy(shop, version=7)
    assert no.value.code == "stale_version"


def test_a_carrier_that_turns_out_slow_loses_to_one_that_is_dearer(shop: Shop) -> None:
    shop.some_stock("MUG", "LON", 100)
    a_card(shop, "post", 490, days=2)
    for _ in range(12):
        a_delivery(shop, days=8)
    a_card(shop, "swift", 690, days=2, valid_from=shop.now)
    a_policy(shop, promise_days=3)
    _, before = a_packed_order(shop)
    assert buy(shop, before).carrier == "post"
    learn(shop)
    _, parcel = a_packed_order(shop)
    label = buy(shop, parcel)
    assert label.carrier == "swift"
    assert label.why.startswith("least expected cost of 2: swift standard €6.90 + ")
    assert shop.dead() == []
    with shop.db.reading() as session:
        assert [r.violations for r in audit(session) if r.name == "labels_are_of_the_best_offer"] == [0]
