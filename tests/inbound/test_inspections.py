"""Goods that somebody has to look at: by sample or each, decided on in parts, never sold before, disposed of once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from agents.inbound.messages.inspections import (
    CharacteristicAsk,
    DecideUnits,
    DisposeUnits,
    InspectionPlanRemoved,
    InspectionPlanState,
    InspectionState,
    PutInspectionPlan,
    RecordSample,
    RemoveInspectionPlan,
    RestartSampling,
    ResultAsk,
    StandingState,
    UnitAsk,
)
from agents.inbound.messages.receipts import ReceiptState, TakeGoodsBack
from agents.inventory.messages import AdjustStock, CountedLine, CountState, MoveStock, OpenCount, PostCount, StockState
from agents.orders.messages import OrderState, PaymentGiven, PlacedLine, PlaceOrder
from db.errors import Refused
from db.inspection import SupplierStanding
from serve.app import create_app
from serve.inspections import InspectionRow
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.inbound.conftest import Dock, good
from tests.serve.conftest import error_of
from tests.shop import TESTER


def plan(dock: Dock, **how: object) -> InspectionPlanState:
    ask = PutInspectionPlan(**({"supplier": "HANSA", "sku": "MUG"} | how))  # type: ignore[arg-type]
    return dock.do("inbound", ask, InspectionPlanState)


def came(dock: Dock, units: int, condition: str = "good", *, sku: str = "MUG", reason: str = "") -> UUID:
    """The inspection of units of an order that came."""
    order = dock.sent(**{sku: units})
    made: ReceiptState = dock.receive(order.id, good(1, units, condition=condition, reason=reason))
    (inspection,) = made.inspections
    return UUID(str(inspection["id"]))


def sample(dock: Dock, inspection: UUID, size: int, *, bad: int = 0) -> InspectionState:
    units = [UnitAsk(unit=n, conforming=n > bad) for n in range(1, size + 1)]
    return dock.do("inbound", RecordSample(inspection_id=inspection, units=units), InspectionState)


def decide(
    dock: Dock, inspection: UUID, accept: int = 0, reject: int = 0, reason: str | None = None
) -> InspectionState:
    ask = DecideUnits(inspection_id=inspection, accept=accept, reject=reject, reason=reason)
    return dock.do("inbound", ask, InspectionState)


def dispose(dock: Dock, inspection: UUID, kind: str, quantity: int, discount: int = 0) -> InspectionState:
    ask = DisposeUnits(inspection_id=inspection, kind=kind, quantity=quantity, reason="glaze", discount=discount)
    return dock.do("inbound", ask, InspectionState)


def units(dock: Dock) -> tuple[int, int]:
    level = dock.level("MUG", "LON")
    return level.on_hand, level.sellable


def test_goods_under_a_plan_are_kept_whatever_who_unloads_them_says(dock: Dock) -> None:
    plan(dock, aql="2.5")
    inspection = came(dock, 100)
    assert units(dock) == (100, 0)
    with dock.db.reading() as session:
        row = session.execute(text("SELECT method, letter, sample_size, accept_number, plan FROM inspections")).one()
    assert tuple(row) == ("sample", "F", 20, 1, "inspection plan of supplier HANSA, SKU MUG")
    assert sample(dock, inspection, 19).verdict is None
    done = sample(dock, inspection, 20, bad=1)
    assert (done.verdict, done.status, done.accepted, done.rejected) == ("accepted", "decided", 99, 1)
    assert units(dock) == (100, 99)
    assert dispose(dock, inspection, "return_to_vendor", 1).status == "closed"
    assert units(dock) == (99, 99)


def test_a_lot_with_too_many_bad_units_is_rejected_and_may_be_sorted(dock: Dock) -> None:
    plan(dock, aql="2.5")
    inspection = came(dock, 100)
    judged = sample(dock, inspection, 2, bad=2)
    assert (judged.verdict, judged.awaiting, judged.next) == ("rejected", 100, ["decide"])
    assert judged.verdict_why == "2 nonconforming units of 2, 2 are too many"
    assert units(dock) == (100, 0)
    dock.no(RecordSample(inspection_id=inspection, units=[UnitAsk(unit=3, conforming=True)]), "judged_already")
    part = decide(dock, inspection, accept=40, reject=10)
    assert (part.status, part.accepted, part.awaiting, part.to_dispose) == ("inspecting", 40, 50, 10)
    assert decide(dock, inspection, reject=50).status == "decided"
    assert units(dock) == (100, 40)
    [told] = dock.said("LotJudged")
    assert (told["verdict"], told["quantity"]) == ("rejected", 100)


def test_what_is_measured_is_judged_by_its_limits_and_one_critical_failure_rejects_the_lot(dock: Dock) -> None:
    wall = CharacteristicAsk(name="Wall", kind="measured", unit="mm", low="3.8", high="4.2")
    lead = CharacteristicAsk(name="Free of lead", critical=True)
    plan(dock, aql="10", characteristics=[wall, lead])
    inspection = came(dock, 50)

    def looked(unit: int, thick: str, *, ok: bool = True) -> UnitAsk:
        return UnitAsk(unit=unit, results=[ResultAsk(no=1, value=thick), ResultAsk(no=2, ok=ok)])

    asked = [looked(1, "4.2"), looked(2, "3.79"), looked(3, "3.80")]
    state = dock.do("inbound", RecordSample(inspection_id=inspection, units=asked), InspectionState)
    assert (state.sampled, state.nonconforming, state.verdict) == (3, 1, None)
    for wrong in (
        UnitAsk(unit=4),
        UnitAsk(unit=4, results=[ResultAsk(no=1, value="4")]),
        UnitAsk(unit=4, results=[ResultAsk(no=1, value="NaN"), ResultAsk(no=2, ok=True)]),
        UnitAsk(unit=4, results=[ResultAsk(no=3, ok=True)]),
        UnitAsk(unit=999, conforming=True),
    ):
        dock.no(RecordSample(inspection_id=inspection, units=[wrong]), "bad_inspection_field")
    again = dock.do("inbound", RecordSample(inspection_id=inspection, units=[looked(2, "3.9")]), InspectionState)
    assert (again.sampled, again.nonconforming) == (3, 0)
    ended = dock.do(
        "inbound", RecordSample(inspection_id=inspection, units=[looked(4, "4.0", ok=False)]), InspectionState
    )
    assert (ended.verdict, ended.verdict_why) == ("rejected", "a unit failed a critical characteristic")


def test_units_of_a_sample_are_not_accepted_before_it_was_judged_unless_somebody_says_why(dock: Dock) -> None:
    plan(dock, aql="2.5")
    inspection = came(dock, 100)
    refused = dock.no(DecideUnits(inspection_id=inspection, accept=10), "sample_first")
    assert refused.facts()["sample_size"] == 20
    assert decide(dock, inspection, accept=10, reason="the shop is empty").accepted == 10
    dock.no(DecideUnits(inspection_id=inspection, accept=91, reason="all"), "more_than_awaits")
    dock.no(DecideUnits(inspection_id=inspection), "bad_inspection_field")


def test_a_hundred_now_and_two_hundred_later_and_whoever_waits_is_served_at_once(dock: Dock) -> None:
    dock.some_stock("MUG", "LON", 1)
    ask = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=4)],
                     payment=PaymentGiven(provider="test", token="tok_ok"))  # fmt: skip
    dock.do("orders", ask, OrderState)
    dock.pump()
    inspection = came(dock, 10, "inspect", reason="opened boxes")
    assert dock.level("MUG", "LON").backordered == 3
    assert decide(dock, inspection, accept=2).filled == 2
    assert decide(dock, inspection, accept=5, reject=1).filled == 1
    assert decide(dock, inspection, accept=2).status == "decided"


def test_rejected_units_are_disposed_of_once_and_the_claim_is_what_they_cost(dock: Dock) -> None:
    inspection = came(dock, 10, "damaged", sku="PLATE", reason="crushed")  # 3.33 a piece
    dock.no(DecideUnits(inspection_id=inspection, accept=1), "more_than_awaits")
    assert dispose(dock, inspection, "return_to_vendor", 3).claim == 999
    assert dispose(dock, inspection, "scrap", 2).claim == 1665
    dock.no(
        DisposeUnits(inspection_id=inspection, kind="accept_at_discount", quantity=1, reason="x"),
        "bad_inspection_field",
    )
    sold = dispose(dock, inspection, "accept_at_discount", 2, discount=100)
    assert (sold.claim, sold.to_dispose, sold.status) == (1865, 3, "decided")
    dock.no(DisposeUnits(inspection_id=inspection, kind="scrap", quantity=4, reason="x"), "more_than_awaits")
    assert dispose(dock, inspection, "rework", 3).status == "closed"
    level = dock.level("PLATE", "LON")
    assert (level.on_hand, level.sellable) == (5, 2)
    with dock.db.reading() as session:
        again = session.execute(text("SELECT id FROM inspections WHERE parent_id IS NOT NULL")).scalar_one()
    assert decide(dock, again, accept=3).status == "closed"
    assert dock.level("PLATE", "LON").sellable == 5
    assert [d["kind"] for d in dock.said("UnitsDisposed")] == [
        "return_to_vendor", "scrap", "accept_at_discount", "rework",
    ]  # fmt: skip


def test_nobody_gets_units_out_of_quarantine_past_the_inspection(dock: Dock) -> None:
    inspection = came(dock, 10, "inspect", reason="opened boxes")
    out = {"node": "LON", "sku": "MUG", "from_bin": "QUARANTINE", "to_bin": "PICK", "from_status": "quarantine"}
    refused = dock.no(MoveStock(quantity=1, **out), "kept_for_inspection", "inventory")  # type: ignore[arg-type]
    assert refused.facts()["kept"] == 10
    gone = AdjustStock(node="LON", sku="MUG", quantity=-1, reason="lost", bin="QUARANTINE", status="quarantine")
    dock.no(gone, "kept_for_inspection", "inventory")
    elsewhere = MoveStock(node="LON", sku="MUG", quantity=4, from_bin="QUARANTINE", to_bin="RECEIVING",
                          from_status="quarantine", to_status="quarantine")  # fmt: skip
    dock.do("inventory", elsewhere, StockState)
    assert decide(dock, inspection, accept=10).status == "closed"  # out of both bins
    assert units(dock) == (10, 10)


def test_units_that_a_count_does_not_find_are_written_off_as_missing(dock: Dock) -> None:
    inspection = came(dock, 10, "inspect", reason="opened boxes")
    count = dock.do("inventory", OpenCount(node="LON", bin="QUARANTINE"), CountState)
    dock.do("inventory", PostCount(count_id=count.id, lines=[CountedLine(sku="MUG", counted=8)]), CountState)
    dock.no(DecideUnits(inspection_id=inspection, accept=10), "not_in_bin")
    decide(dock, inspection, accept=8, reject=2)
    done = dispose(dock, inspection, "missing", 2)
    assert (done.status, done.claim) == ("closed", 800)
    assert units(dock) == (8, 8)


def test_a_receipt_is_taken_back_with_its_inspections_until_somebody_has_looked(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    lines = good(1, 4, condition="inspect"), good(1, 2, condition="damaged", reason="wet")
    first = dock.receive(order.id, *lines)
    dock.back(first.id)
    assert units(dock) == (0, 0)
    second = dock.receive(order.id, *lines, scan="S2")
    looked_at = UUID(str(second.inspections[0]["id"]))
    dock.no(DecideUnits(inspection_id=UUID(str(first.inspections[0]["id"])), accept=1), "inspection_over")
    decide(dock, looked_at, accept=1)
    dock.no(TakeGoodsBack(receipt_id=second.id, reason="oops"), "inspected_already")


def test_the_narrowest_plan_counts_and_an_exception_may_be_made(dock: Dock) -> None:
    plan(dock, supplier="", sku="", method="every_unit")
    plan(dock, supplier="HANSA", sku="", aql="0.65")
    plan(dock, supplier="", sku="PLATE", method="nothing")
    order = dock.sent(MUG=10, PLATE=4)
    made = dock.receive(order.id, good(1, 10), good(2, 4))
    assert [(i["sku"], i["method"]) for i in made.inspections] == [("MUG", "sample")]
    dock.do("inbound", RemoveInspectionPlan(supplier="HANSA"), InspectionPlanRemoved)
    later = dock.receive(dock.sent(MUG=1).id, good(1, 1), scan="S2")
    assert [i["method"] for i in later.inspections] == ["every_unit"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "guess"}, {"level": "IV"}, {"aql": "3"},
        {"characteristics": [CharacteristicAsk(name="Wall", kind="measured")]},
        {"characteristics": [CharacteristicAsk(name="Wall", low="1")]},
        {"characteristics": [CharacteristicAsk(name="Wall", kind="measured", low="5", high="4")]},
        {"characteristics": [CharacteristicAsk(name="Wall", kind="measured", low="thin")]},
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_carried_out_is_refused(dock: Dock, wrong: dict[str, object]) -> None:
    dock.no(PutInspectionPlan(supplier="HANSA", sku="MUG", **wrong), "bad_inspection_field")  # type: ignore[arg-type]


def standing(dock: Dock) -> tuple[str, int, str]:
    with dock.db.reading() as session:
        row = session.get(SupplierStanding, ("HANSA", "MUG"))
        assert row is not None
        return row.severity, row.lots, row.why


def test_a_suppliers_lots_decide_how_its_next_ones_are_looked_at(dock: Dock) -> None:
    plan(dock, aql="2.5")
    for _ in range(2):
        sample(dock, came(dock, 100), 2, bad=2)
    severity, lots, why = standing(dock)
    assert (severity, lots) == ("tightened", 2)
    assert why.startswith("2 of 2 lots in a row were not accepted (QC")
    for _ in range(5):
        tight = came(dock, 100)
        with dock.db.reading() as session:
            found = session.execute(
                text("SELECT severity, sample_size, accept_number FROM inspections WHERE id = :id"), {"id": tight}
            ).one()
        assert tuple(found) == ("tightened", 32, 1)
        sample(dock, tight, 2, bad=2)
    assert standing(dock)[:2] == ("discontinued", 7)
    every = came(dock, 100)
    dock.no(RecordSample(inspection_id=every, units=[UnitAsk(unit=1, conforming=True)]), "not_sampled")
    again = dock.do("inbound", RestartSampling(supplier="HANSA", sku="MUG", reason="new kiln"), StandingState)
    assert (again.severity, again.why) == ("tightened", "started again: new kiln")
    dock.no(RestartSampling(supplier="HANSA", sku="MUG", reason="again"), "not_discontinued")


def test_two_people_at_one_lot_accept_each_unit_once(dock: Dock) -> None:
    inspection = came(dock, 40, "inspect", reason="opened boxes")

    def one(_: int) -> int:
        try:
            return decide(dock, inspection, accept=3).accepted and 3
        except Refused:
            return 0

    with ThreadPoolExecutor(8) as people:
        taken = sum(people.map(one, range(20)))
    assert taken == 39
    assert units(dock) == (40, 39)


def test_over_http(dock: Dock) -> None:
    with dock.db.transaction(TESTER, now=dock.now) as tx:
        _, secret = make_key(tx, "test", sorted(ALL_SCOPES))
        _, reader = make_key(tx, "reader", ["read_stock", "read_purchasing"])
        _, unloader = make_key(tx, "unloader", sorted(ALL_SCOPES - {"judge_goods"}))
        _, judge = make_key(tx, "judge", ["judge_goods"])
    app = create_app(dock.db, dock, clock=lambda: dock.now)
    client = TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)
    wall = {"name": "Wall", "kind": "measured", "low": "3.8"}
    body = {"aql": "10", "level": "S-1", "characteristics": [wall]}
    as_reader = {"Authorization": f"Bearer {reader}"}
    error_of(client.put("/api/v1/inspection-plans/any/MUG", json=body, headers=as_reader), 403, "missing_scope")
    assert client.put("/api/v1/inspection-plans/any/MUG", json=body).json()["created"] is True
    assert client.get("/api/v1/inspection-plans/any/MUG").json()["characteristics"][0]["low"] == "3.8"
    error_of(client.get("/api/v1/inspection-plans/HANSA/MUG"), 404, "not_found")
    inspection = came(dock, 8)
    path = f"/api/v1/inspections/{inspection}"
    shown = client.get(path).json()
    assert (shown["awaiting"], shown["sample_size"], shown["next"]) == (8, 5, ["sample", "decide"])
    assert shown["currency"] == "EUR"  # whoever judges says a discount in it and need not read the order
    measured = [{"unit": n, "results": [{"no": 1, "value": "3.9"}]} for n in range(1, 6)]
    as_unloader, as_judge = ({"Authorization": f"Bearer {key}"} for key in (unloader, judge))
    dispose_of = {"kind": "scrap", "quantity": 1, "reason": "glaze"}
    for verb, said in (("sample", {"units": measured}), ("decide", {"reject": 1}), ("dispose", dispose_of)):
        refused = error_of(client.post(f"{path}/{verb}", json=said, headers=as_unloader), 403, "missing_scope")
        assert refused["details"]["scope"] == "judge_goods"
    judged = client.post(f"{path}/sample", json={"units": measured}, headers=as_judge)
    assert judged.json()["verdict"] == "accepted"
    shown = client.get(path).json()
    InspectionRow.model_validate(shown)
    (characteristic,), first = shown["characteristics"], shown["findings"][0]
    assert (characteristic["name"], characteristic["low"], characteristic["high"]) == ("Wall", "3.8", None)
    assert first["results"] == [{"no": 1, "ok": True, "value": "3.9"}]
    assert (shown["status"], shown["next"], len(shown["findings"])) == ("closed", [], 5)
    error_of(client.post(f"{path}/decide", json={"accept": 1}), 409, "inspection_over")
    listed = client.get("/api/v1/inspections?status_eq=closed&sort=-created_at").json()["data"]
    assert [row["id"] for row in listed] == [str(inspection)]
    assert client.get("/api/v1/supplier-standings").json()["data"][0]["lots"] == 1
    error_of(client.post("/api/v1/supplier-standings/HANSA/MUG/restart", json={"reason": "x"}), 409, "not_discontinued")
    assert client.delete("/api/v1/inspection-plans/any/MUG").status_code == 200
