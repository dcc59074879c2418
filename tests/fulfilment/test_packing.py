"""Parcels: what is in them, what they weigh, and the moment they leave."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text

from agents.fulfilment.messages import (
    ConfirmDelivery,
    DispatchFulfilment,
    FulfilmentState,
    PackedLine,
    ParcelState,
    Unpack,
)
from agents.shipping.messages import LabelBought, LabelVoided, ParcelDelivered
from db.allocations import Part
from db.errors import Refused
from db.fulfilment import FulfilmentStatus, Parcel, ParcelStatus
from db.orders import Order
from tests.fulfilment.makers import (
    Promise,
    a_list,
    a_released_order,
    bins,
    cancel,
    label,
    pack,
    pick_all,
    send,
    states,
    tell,
    the_books_add_up,
    the_fulfilment,
)
from tests.shop import TESTER, Shop


def a_picked_order(shop: Shop, *promises: Promise) -> Order:
    order = a_released_order(shop, *promises)
    pick_all(shop)
    return order


def parcel_status(shop: Shop, parcel: ParcelState) -> str:
    with shop.db.reading() as session:
        return session.get_one(Parcel, parcel.id).status


def test_without_lines_everything_that_is_left_is_packed_and_weighed(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    parcel = pack(shop, the_fulfilment(shop, order))
    assert (parcel.number, parcel.weight_grams, parcel.status) == (1, 1050, ParcelStatus.packed)
    assert parcel.lines == [{"sku": "MUG", "quantity": 3, "lots": [{"lot": "", "quantity": 3}]}]
    assert the_fulfilment(shop, order).status == FulfilmentStatus.packed
    assert len(shop.said("ParcelPacked")) == 1


def test_a_fulfilment_may_leave_in_several_parcels(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    one = pack(shop, the_fulfilment(shop, order), lines=[PackedLine(sku="MUG", quantity=2)], weight_grams=900)
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picked
    two = pack(shop, the_fulfilment(shop, order))
    assert (one.number, one.weight_grams, two.number, two.weight_grams) == (1, 900, 2, 350)
    assert the_fulfilment(shop, order).status == FulfilmentStatus.packed


def test_no_more_is_packed_than_was_picked(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    one = the_fulfilment(shop, order)
    for ask, sentence in (
        (PackedLine(sku="MUG", quantity=4), "4 MUG cannot be packed: 3 of F100001 are left"),
        (PackedLine(sku="MUG", quantity=0), "0 MUG cannot be packed"),
        (PackedLine(sku="TEE", quantity=1), "1 TEE cannot be packed: 0 of"),
        (PackedLine(sku="MUG", quantity=1, line_no=9), "1 MUG cannot be packed: 0 of"),
    ):
        with pytest.raises(Refused, match=sentence):
            pack(shop, one, lines=[ask])
    with pytest.raises(Refused, match="weight_grams is -1"):
        pack(shop, one, weight_grams=-1)
    pack(shop, one)
    with pytest.raises(Refused, match="packed already"):
        pack(shop, one)
    assert shop.count("parcels") == 1


def test_what_is_not_picked_cannot_be_packed(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 3))
    a_list(shop)
    with pytest.raises(Refused, match="F100001 is picking"):
        pack(shop, the_fulfilment(shop, order))


def test_units_taken_back_before_the_message_arrives_are_not_packed(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    cancel(shop, order, Part(shop.allocations(order.id)[0].id), told=False)
    with pytest.raises(Refused, match="cancelled meanwhile"):
        pack(shop, the_fulfilment(shop, order))


def test_an_unpacked_parcel_frees_its_units_to_be_packed_again(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    parcel = pack(shop, the_fulfilment(shop, order))
    ended = shop.do("fulfilment", Unpack(parcel_id=parcel.id, reason="wrong box"), ParcelState)
    assert (ended.status, ended.next) == (ParcelStatus.cancelled, [])
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picked
    assert len(shop.said("ParcelUnpacked")) == 1
    assert pack(shop, the_fulfilment(shop, order)).number == 2
    with pytest.raises(Refused, match="is cancelled and cannot become cancelled"):
        shop.do("fulfilment", Unpack(parcel_id=parcel.id, reason="again"), ParcelState)


def test_a_parcel_shows_whether_it_has_a_label(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    parcel = pack(shop, the_fulfilment(shop, order))
    label(shop, parcel)
    bought = LabelBought(label_id=uuid4(), parcel_id=parcel.id, order_id=order.id, tracking_number="TN")
    tell(shop, order, bought)
    assert parcel_status(shop, parcel) == ParcelStatus.labelled
    with shop.db.transaction(TESTER) as tx:
        tx.execute(text("UPDATE labels SET state = 'voided'"))
    tell(shop, order, LabelVoided(label_id=uuid4(), parcel_id=parcel.id, order_id=order.id))
    assert parcel_status(shop, parcel) == ParcelStatus.packed
    tell(shop, order, bought)  # late: what counts is the label itself
    assert parcel_status(shop, parcel) == ParcelStatus.packed


def test_dispatched_units_leave_the_books_and_the_promise_together(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3), Promise("MUG", 1))
    number = label(shop, pack(shop, the_fulfilment(shop, order)))
    left = send(shop, the_fulfilment(shop, order))
    assert (left.status, left.next) == (FulfilmentStatus.shipped, [FulfilmentStatus.delivered])
    assert left.parcels[0]["status"] == ParcelStatus.shipped
    level = shop.level("MUG", "LON")
    assert (level.on_hand, level.sellable, level.allocated) == (6, 6, 0)
    assert bins(shop, "MUG") == {"PICK": 6}
    assert {s for *_, s in states(shop, order)} == {"shipped"}
    (said,) = shop.said("FulfilmentShipped")
    assert said["tracking"] == [number]
    assert said["lines"] == [
        {"line_no": 1, "sku": "MUG", "quantity": 3},
        {"line_no": 2, "sku": "MUG", "quantity": 1},
    ]
    the_books_add_up(shop)


def test_a_kit_leaves_as_its_components_lot_by_lot(shop: Shop) -> None:
    shop.a_sku("JAM", tracking="lot", weight_grams=200)
    shop.some_stock("JAM", "LON", 1, lot="L1")
    shop.some_stock("JAM", "LON", 5, lot="L2")
    order = a_picked_order(shop, Promise("MUG", 2, line_no=1), Promise("JAM", 2, line_no=1))
    parcel = pack(shop, the_fulfilment(shop, order))
    lots = sorted(lot["lot"] for line in parcel.lines if line["sku"] == "JAM" for lot in line["lots"])
    assert lots == ["L1", "L2"]
    label(shop, parcel)
    assert {tuple(line["lots"]) for line in send(shop, the_fulfilment(shop, order)).lines} == {(), ("L1", "L2")}
    (said,) = shop.said("FulfilmentShipped")
    assert said["lines"] == [
        {"line_no": 1, "sku": "JAM", "quantity": 2},
        {"line_no": 1, "sku": "MUG", "quantity": 2},
    ]
    assert bins(shop, "JAM") == {"PICK": 4}
    the_books_add_up(shop)


def test_nothing_leaves_before_every_parcel_is_packed_and_labelled(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    one = pack(shop, the_fulfilment(shop, order), lines=[PackedLine(sku="MUG", quantity=2)])
    with pytest.raises(Refused, match="F100001 is picked; it can be dispatched once"):
        send(shop, the_fulfilment(shop, order))
    pack(shop, the_fulfilment(shop, order))
    label(shop, one)
    with pytest.raises(Refused, match="Parcel 2 of F100001 has no live label"):
        send(shop, the_fulfilment(shop, order))
    assert shop.level("MUG", "LON").on_hand == 10
    assert shop.said("FulfilmentShipped") == []


def test_a_fulfilment_leaves_once_and_not_for_a_caller_with_an_old_picture(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    label(shop, pack(shop, the_fulfilment(shop, order)))
    one = the_fulfilment(shop, order)
    with pytest.raises(Refused) as stale:
        shop.do("fulfilment", DispatchFulfilment(fulfilment_id=one.id, version=one.version - 1), FulfilmentState)
    assert stale.value.code == "stale_version"
    shop.do("fulfilment", DispatchFulfilment(fulfilment_id=one.id, version=one.version), FulfilmentState)
    with pytest.raises(Refused, match="is shipped and cannot become shipped"):
        send(shop, one)
    assert len(shop.said("FulfilmentShipped")) == 1


def test_a_fulfilment_is_delivered_with_its_last_parcel(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    parcels = [pack(shop, the_fulfilment(shop, order), lines=[PackedLine(sku="MUG", quantity=q)]) for q in (1, 2)]
    for parcel in parcels:
        label(shop, parcel)
    send(shop, the_fulfilment(shop, order))
    at = shop.later(days=2)
    for parcel in (parcels[0], parcels[0]):
        tell(shop, order, ParcelDelivered(parcel_id=parcel.id, order_id=order.id, at=at))
    assert the_fulfilment(shop, order).status == FulfilmentStatus.shipped
    tell(shop, order, ParcelDelivered(parcel_id=parcels[1].id, order_id=order.id, at=at))
    arrived = the_fulfilment(shop, order)
    assert (arrived.status, arrived.delivered_at) == (FulfilmentStatus.delivered, at)
    assert len(shop.said("FulfilmentDelivered")) == 1


def test_a_delivery_may_be_confirmed_by_hand_and_that_twice_is_once(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    one = the_fulfilment(shop, order)
    with pytest.raises(Refused, match="cannot become delivered"):
        shop.do("fulfilment", ConfirmDelivery(fulfilment_id=one.id), FulfilmentState)
    parcel = pack(shop, one)
    label(shop, parcel)
    send(shop, one)
    for _ in range(2):
        state = shop.do("fulfilment", ConfirmDelivery(fulfilment_id=one.id), FulfilmentState)
        assert (state.status, state.next) == (FulfilmentStatus.delivered, [])
    assert parcel_status(shop, parcel) == ParcelStatus.delivered
    assert len(shop.said("FulfilmentDelivered")) == 1


def test_a_parcel_that_arrives_before_it_left_here_changes_nothing_but_the_history(shop: Shop) -> None:
    order = a_picked_order(shop, Promise("MUG", 3))
    parcel = pack(shop, the_fulfilment(shop, order))
    tell(shop, order, ParcelDelivered(parcel_id=parcel.id, order_id=order.id, at=shop.now))
    assert the_fulfilment(shop, order).status == FulfilmentStatus.packed
    assert shop.dead() == []
    assert shop.count("transitions WHERE to_status = 'delivered early'") == 1
