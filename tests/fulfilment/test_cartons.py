"""Boxes and plans: what goes into what is worked out at picking, kept while it holds, and done in one go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from agents.contract import Failed
from agents.fulfilment import cartons
from agents.fulfilment.messages import (
    FulfilmentState,
    PackAsPlanned,
    PackedLine,
    PackingBoxState,
    PackingPlanState,
    PackParcel,
    ParcelState,
    PlanPacking,
    PutBox,
    Unpack,
)
from agents.shipping.messages import PutRateCard, RateCardState, RateRow, ZoneRow
from db.audit import run
from db.errors import Refused
from db.fulfilment import Fulfilment, FulfilmentStatus, Parcel
from db.packing import PackingPlan
from ml.cartonisation.goods import Plan
from serve.app import create_app
from serve.keys import make_key
from tests.fulfilment.makers import Promise, a_released_order, fulfilments, pack, pick_all, the_fulfilment
from tests.shop import TESTER, Shop

MEASURES = {"length_mm": 120, "width_mm": 90, "height_mm": 100}


@pytest.fixture
def house(db_url: str) -> Iterator[Shop]:
    """A warehouse with mugs that are measured, and two boxes: four mugs go into the small one."""
    company = Shop(db_url, only=("fulfilment",))
    company.a_node("LON")
    company.a_sku("MUG", weight_grams=350, **MEASURES)
    company.a_sku("VASE")
    company.some_stock("MUG", "LON", 40)
    company.some_stock("VASE", "LON", 5)
    a_box(company, "S", 250, 190, 110, cost=40, tare=100)
    a_box(company, "L", 600, 400, 400, cost=180, tare=700)
    yield company
    assert company.dead() == []
    company.close()


def a_box(shop: Shop, code: str, *inside: int, cost: int = 0, tare: int = 0, **more: Any) -> PackingBoxState:
    length, width, height = inside
    ask = PutBox(
        node="LON", code=code, length_mm=length, width_mm=width, height_mm=height, wall_mm=3, tare_grams=tare,
        max_grams=20_000, cost_amount=cost, cost_currency="EUR", **more,
    )  # fmt: skip
    return shop.do("fulfilment", ask, PackingBoxState)


def picked(shop: Shop, *promises: Promise) -> Fulfilment:
    order = a_released_order(shop, *promises)
    pick_all(shop)
    shop.pump()
    return the_fulfilment(shop, order)


def stored(shop: Shop, fulfilment: Fulfilment) -> PackingPlan | None:
    with shop.db.reading() as session:
        return session.get(PackingPlan, fulfilment.id)


def asked_for(shop: Shop, fulfilment: Fulfilment) -> PackingPlanState:
    return shop.do("fulfilment", PlanPacking(fulfilment_id=fulfilment.id), PackingPlanState)


def followed(shop: Shop, fulfilment: Fulfilment, version: int | None = None) -> FulfilmentState:
    return shop.do("fulfilment", PackAsPlanned(fulfilment_id=fulfilment.id, version=version), FulfilmentState)


def parcels(shop: Shop, fulfilment: Fulfilment) -> list[tuple[Any, ...]]:
    with shop.db.reading() as session:
        rows = session.query(Parcel).filter_by(fulfilment_id=fulfilment.id, status="packed").order_by(Parcel.number)
        return [(p.box, p.weight_grams, p.length_mm, p.width_mm, p.height_mm) for p in rows]


def boxes(plan: PackingPlan | PackingPlanState | None) -> list[tuple[str, int]]:
    assert plan is not None
    return [(box["box"], len(box["pieces"])) for box in plan.boxes]


def test_a_picked_fulfilment_has_its_plan_before_anybody_asks(house: Shop) -> None:
    fulfilment = picked(house, Promise("MUG", 3))
    plan = stored(house, fulfilment)
    assert boxes(plan) == [("S", 3)]
    assert plan is not None
    assert (plan.version, plan.left_out, plan.price_currency) == (1, [], "EUR")
    assert asked_for(house, fulfilment).version == 1  # asked again it is the same one


def test_packed_as_planned_makes_all_parcels_with_their_measures(house: Shop) -> None:
    fulfilment = picked(house, Promise("MUG", 4))
    done = followed(house, fulfilment, version=1)
    assert done.status == FulfilmentStatus.packed
    assert parcels(house, fulfilment) == [("S", 4 * 350 + 100, 256, 196, 116)]
    assert len(house.said("ParcelPacked")) == 1
    plan = stored(house, fulfilment)
    assert plan is not None
    assert plan.followed_at is not None
    assert boxes(asked_for(house, fulfilment)) == [("S", 4)]  # the plan that it was packed by


def test_several_parcels_come_of_one_word(house: Shop) -> None:
    a_box(house, "L", 600, 400, 400, cost=900, tare=700)
    fulfilment = picked(house, Promise("MUG", 7))
    assert boxes(stored(house, fulfilment)) == [("S", 4), ("S", 3)]
    assert len(followed(house, fulfilment).parcels) == 2
    assert [weight for _, weight, *_ in parcels(house, fulfilment)] == [1500, 1150]


def test_goods_with_a_carton_of_their_own_become_a_parcel_each(house: Shop) -> None:
    house.a_sku("LAMP", weight_grams=4_000, length_mm=900, width_mm=300, height_mm=200, ships_alone=True)
    house.some_stock("LAMP", "LON", 2)
    fulfilment = picked(house, Promise("MUG", 1), Promise("LAMP", 2))
    assert boxes(stored(house, fulfilment)) == [("S", 1), ("", 1), ("", 1)]
    followed(house, fulfilment)
    assert parcels(house, fulfilment)[1:] == [(None, 4_000, 900, 300, 200)] * 2
    with house.db.reading() as session:
        assert [r for r in run(session) if r.violations and r.name.startswith("packing_plans")] == []


def test_padding_changes_the_plan_and_leaves_room(house: Shop) -> None:
    fulfilment = picked(house, Promise("MUG", 4))
    assert boxes(asked_for(house, fulfilment)) == [("S", 4)]
    a_box(house, "S", 250, 190, 110, cost=40, tare=100, padding_mm=5)
    assert boxes(asked_for(house, fulfilment)) == [("S", 4)]
    a_box(house, "S", 250, 190, 110, cost=40, tare=100, padding_mm=6)
    assert boxes(asked_for(house, fulfilment)) == [("S", 2), ("S", 2)]
    refused = {"code": "S", "length_mm": 250, "width_mm": 190, "height_mm": 110, "max_grams": 9, "cost_currency": "EUR"}
    with pytest.raises(Refused, match="it leaves room between two sides"):
        house.do("fulfilment", PutBox(node="LON", padding_mm=55, **refused), PackingBoxState)  # type: ignore[arg-type]


def test_a_plan_is_priced_by_the_way_that_its_parcels_take(db_url: str) -> None:
    """To Germany a kilogram more costs 1.00, to Bavaria 3.00 and anywhere else 9.00."""
    shop = Shop(db_url, only=("fulfilment", "shipping"))
    shop.a_node("LON")
    shop.a_sku("MUG", weight_grams=350, **MEASURES)
    shop.some_stock("MUG", "LON", 9)
    a_box(shop, "S", 250, 190, 110)
    zones = [
        ZoneRow(zone="DE", country="DE"),
        ZoneRow(zone="BY", country="DE", postcode_from="80", postcode_to="87"),
        ZoneRow(zone="FAR", country="*"),
    ]
    rates = [
        RateRow(zone=zone, max_weight_grams=grams, amount=300 + slope * (grams - 1000) // 1000)
        for zone, slope in (("DE", 100), ("BY", 300), ("FAR", 900))
        for grams in (1_000, 5_000)
    ]
    card = PutRateCard(
        carrier="post", service="parcel", currency="EUR", transit_days=2, zones=zones, rates=rates, valid_from=shop.now
    )
    shop.do("shipping", card, RateCardState)
    ways = {("DE", "10115"): 100, ("DE", "80 331"): 300, ("FR", "75001"): 900}
    for (country, postcode), kilogram in ways.items():
        order = a_released_order(shop, Promise("MUG", 1), address={"country": country, "postcode": postcode})
        pick_all(shop)
        shop.pump()
        row = stored(shop, the_fulfilment(shop, order))
        assert row is not None
        assert row.inputs["kilogram"] == kilogram, (country, postcode)
    shop.close()


def test_what_cannot_be_planned_is_said_and_stays_to_be_packed(house: Shop) -> None:
    fulfilment = picked(house, Promise("MUG", 1), Promise("VASE", 2))
    plan = stored(house, fulfilment)
    assert plan is not None
    assert plan.left_out == [{"sku": "VASE", "quantity": 2, "because": "VASE has no dimensions: measure it"}]
    assert followed(house, fulfilment).status == FulfilmentStatus.picked
    house.pump()
    rest = stored(house, fulfilment)
    assert rest is not None
    assert (rest.boxes, rest.version, rest.followed_at) == ([], 2, None)
    with pytest.raises(Refused, match="No box was found for anything of F100001: VASE has no dimensions"):
        followed(house, fulfilment)
    pack(house, fulfilment)  # a person knows better
    assert the_fulfilment_status(house, fulfilment) == FulfilmentStatus.packed


def the_fulfilment_status(shop: Shop, fulfilment: Fulfilment) -> str:
    with shop.db.reading() as session:
        return session.get_one(Fulfilment, fulfilment.id).status


def test_a_packer_may_do_otherwise_and_the_plan_is_for_the_rest(house: Shop) -> None:
    fulfilment = picked(house, Promise("MUG", 5))
    one = [PackedLine(sku="MUG", quantity=1)]
    by_hand = house.do("fulfilment", PackParcel(fulfilment_id=fulfilment.id, lines=one, box="S"), ParcelState)
    assert by_hand.weight_grams == 450
    with pytest.raises(Refused, match="not to be packed as it was planned any more"):
        followed(house, fulfilment, version=1)
    house.pump()
    assert boxes(stored(house, fulfilment)) == [("S", 4)]
    house.do("fulfilment", Unpack(parcel_id=by_hand.id, reason="wrong box"), ParcelState)
    house.pump()
    assert sum(units for _, units in boxes(stored(house, fulfilment))) == 5


def test_a_plan_is_made_anew_when_goods_or_boxes_change(house: Shop) -> None:
    fulfilment = picked(house, Promise("MUG", 4))
    a_box(house, "S", 250, 190, 110, cost=40, tare=100)  # said again: nothing has changed
    assert asked_for(house, fulfilment).version == 1
    a_box(house, "S", 250, 190, 110, cost=40, tare=100, active=False)
    with pytest.raises(Refused, match="ask for the plan again"):
        followed(house, fulfilment, version=1)
    plan = asked_for(house, fulfilment)
    assert (boxes(plan), plan.version) == ([("L", 4)], 2)
    with house.db.transaction(TESTER, now=house.now) as tx:
        tx.execute(text("UPDATE variants SET fragile = true WHERE sku = 'MUG'"))
    assert asked_for(house, fulfilment).version == 3


def test_nothing_is_packed_as_planned_before_it_is_picked(house: Shop) -> None:
    order = a_released_order(house, Promise("MUG", 2))
    (fulfilment,) = fulfilments(house, order)
    assert boxes(asked_for(house, fulfilment)) == [("S", 2)]
    with pytest.raises(Refused, match="is ready"):
        followed(house, fulfilment)
    assert house.said("ParcelPacked") == []


def test_a_box_that_is_not_there_is_refused(house: Shop) -> None:
    fulfilment = picked(house, Promise("MUG", 1))
    with pytest.raises(Refused, match="LON/XXL"):
        house.do("fulfilment", PackParcel(fulfilment_id=fulfilment.id, box="XXL"), ParcelState)


def test_without_boxes_no_plan_is_made_unless_somebody_asks(shop: Shop) -> None:
    fulfilment = picked(shop, Promise("MUG", 1))
    assert stored(shop, fulfilment) is None
    assert [out["because"] for out in asked_for(shop, fulfilment).left_out] == ["MUG has no dimensions: measure it"]


def test_a_plan_that_the_checker_objects_to_is_not_kept(house: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(*_: object, **__: object) -> Plan:
        return Plan((), (), 0)

    monkeypatch.setattr(cartons, "plan", careless)
    order = a_released_order(house, Promise("MUG", 2))
    (fulfilment,) = fulfilments(house, order)
    with pytest.raises(Failed):
        asked_for(house, fulfilment)
    assert stored(house, fulfilment) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"length_mm": 0}, "between 1 and 5000"),
        ({"wall_mm": -1}, "between 0 and"),
        ({"tare_grams": 30_000}, "more than the box itself weighs"),
        ({"cost_currency": "XXX"}, "XXX"),
        ({"cost_amount": -1}, "between 0 and"),
        ({"code": " S"}, "printable"),
    ],
)
def test_a_box_that_cannot_be_is_refused(house: Shop, wrong: dict[str, Any], why: str) -> None:
    right = {"node": "LON", "code": "M", **MEASURES, "max_grams": 20_000, "cost_currency": "EUR"}
    with pytest.raises(Refused, match=why):
        house.do("fulfilment", PutBox(**(right | wrong)), PackingBoxState)
    with pytest.raises(Refused, match="BER"):
        house.do("fulfilment", PutBox(**(right | {"node": "BER"})), PackingBoxState)
    assert house.count("packing_boxes") == 2


def test_boxes_and_plans_over_http(house: Shop) -> None:
    fulfilment = picked(house, Promise("MUG", 4))
    with house.db.transaction(TESTER, now=house.now) as tx:
        _, secret = make_key(tx, "test", ["read_fulfilment", "write_fulfilment", "write_settings"])
    at = f"/api/v1/fulfilments/{fulfilment.id}/packing-plan"
    with TestClient(create_app(house.db, house, clock=lambda: house.now)) as client:
        client.headers["Authorization"] = f"Bearer {secret}"
        told = client.get(at).json()
        assert (told["current"], told["boxes"][0]["box"], told["boxes"][0]["length_mm"]) == (True, "S", 256)
        body = {"length_mm": 260, "width_mm": 200, "height_mm": 110, "max_grams": 9000, "cost_currency": "EUR"}
        made = client.put("/api/v1/nodes/LON/boxes/M", json=body)
        assert (made.status_code, made.json()["created"]) == (200, True)
        assert [b["code"] for b in client.get("/api/v1/boxes?sort=code").json()["data"]] == ["L", "M", "S"]
        assert client.put("/api/v1/nodes/LON/boxes/M", json={**body, "version": 7}).status_code == 409
        assert client.get(at).json()["current"] is False
        anew = client.post(at).json()
        assert (anew["version"], anew["current"], anew["boxes"][0]["box"]) == (2, True, "M")
        assert (
            client.get("/api/v1/fulfilments/" + "0" * 8 + "-0000-0000-0000-000000000000/packing-plan").status_code
            == 404
        )
        done = client.post(f"{at}/packed", json={"version": 2})
        assert (done.status_code, done.json()["status"]) == (201, "packed")
        assert client.get(at).json()["current"] is True
        (parcel,) = client.get(f"/api/v1/parcels?fulfilment_id_eq={fulfilment.id}").json()["data"]
        assert (parcel["box"], parcel["weight_grams"], parcel["height_mm"]) == ("M", 1400, 110)
