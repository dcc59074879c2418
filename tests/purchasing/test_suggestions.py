"""From what was asked for to what is ordered: plans, suggestions, decisions, and nothing ordered twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from agents.purchasing.demand import HISTORY_DAYS, read_past
from agents.purchasing.messages.replenishment import (
    AskForPlan,
    EditSuggestion,
    OrderSuggestions,
    PlanReplenishment,
    PutReplenishmentClass,
    PutReplenishmentRule,
    RejectSuggestions,
    ReplenishmentClassState,
    ReplenishmentRuleState,
    RunState,
    SnoozeSuggestions,
    SuggestionsState,
    SuggestionState,
)
from agents.purchasing.messages.suppliers import PriceBreak, PutSupplier, SupplierState
from agents.purchasing.planning import point_parts
from agents.purchasing.positions import read_positions
from agents.purchasing.sources import read_sources, source_of
from db.audit import run
from db.base import uuid7
from db.deliveries import read_actuals
from db.ledger import Movement, post
from db.orders import Order
from db.stock import Allocation, AllocationState, MovementKind
from tests.purchasing.conftest import Office
from tests.shop import TESTER

DAYS = 120
OURS = ("purchase", "on_order", "over_receipts", "suggest", "replenish", "no_status")


@pytest.fixture
def office(db_url: str) -> Iterator[Office]:
    """As elsewhere, but for orders that are made up and have no history: of the audit only what is said of plans."""
    company = Office(db_url)
    company.a_node()
    company.a_sku("MUG", weight_grams=300)
    company.a_sku("PLATE", weight_grams=500)
    company.a_supplier()
    company.sells("MUG", case_pack=6, minimum_quantity=12, breaks=[PriceBreak(from_quantity=60, unit_cost=350)])
    company.sells("PLATE", unit_cost=333)
    yield company
    with company.db.reading() as session:
        found = [r for r in run(session) if r.violations and r.name.startswith(OURS)]
    assert found == []
    company.close()


def sold(office: Office, sku: str, units: int, *, node: str = "LON", days: int = DAYS) -> None:
    """So many units a day asked for at the node over the last days, all shipped."""
    with office.db.transaction(TESTER, now=office.now) as tx:
        for back in range(days, 0, -1):
            at, ident = office.now - timedelta(days=back), uuid7()
            tx.add(
                Order(
                    id=ident,
                    number=str(ident),
                    channel="web",
                    status="closed",
                    currency="EUR",
                    tax_inclusive=True,
                    subtotal=0,
                    discount=0,
                    order_discount=0,
                    shipping=0,
                    tax=0,
                    total=0,
                    placed_at=at,
                    created_at=at,
                    updated_at=at,
                )
            )
            tx.add(
                Allocation(
                    order_id=ident, line_no=1, sku=sku, node=node, quantity=units, state=AllocationState.shipped,
                    created_at=at, updated_at=at,
                )
            )  # fmt: skip


def planned(office: Office) -> list[dict[str, Any]]:
    """Plan, and what is waiting afterwards."""
    with office.db.transaction(TESTER, now=office.now) as tx:
        tx.send("purchasing", "replenishment:plan", PlanReplenishment())
    office.pump()
    return waiting(office)


def waiting(office: Office) -> list[dict[str, Any]]:
    with office.db.reading() as session:
        rows = session.execute(
            text("SELECT * FROM suggestions WHERE status IN ('open', 'snoozed') ORDER BY sku, node, kind")
        )
        return [dict(r) for r in rows.mappings()]


def plan_of(office: Office, sku: str, node: str = "LON") -> dict[str, Any]:
    with office.db.reading() as session:
        row = session.execute(
            text("SELECT * FROM replenishment_plans WHERE sku = :sku AND node = :node"), {"sku": sku, "node": node}
        )
        return dict(row.mappings().one())


def test_what_sells_is_suggested_in_packs_with_its_arithmetic(office: Office) -> None:
    sold(office, "MUG", 4)
    office.some_stock("MUG", "LON", 10)
    (found,) = planned(office)
    assert (found["sku"], found["kind"], found["supplier"], found["status"]) == ("MUG", "buy", "HANSA", "open")
    assert found["quantity"] % 6 == 0
    assert found["quantity"] >= 12
    assert found["daily_milli"] == pytest.approx(4000, rel=0.05)
    assert found["position"] == 10
    assert found["point"] * 1000 == found["ahead_milli"] + found["safety_milli"]
    assert found["ahead_milli"] > 4000 * 14 * 0.95
    assert found["out_on"] == office.now.date() + timedelta(days=2)
    assert found["at_risk"] > 0
    assert found["why"].startswith("Position 10, reorder point ")
    assert plan_of(office, "MUG")["suggested"] == found["quantity"]


def test_a_run_on_the_same_numbers_changes_nothing_and_what_was_ordered_is_not_ordered_again(office: Office) -> None:
    sold(office, "MUG", 4)
    office.some_stock("MUG", "LON", 10)
    first = planned(office)
    again = planned(office)
    assert [(r["id"], r["quantity"], r["version"]) for r in again] == [
        (r["id"], r["quantity"], r["version"]) for r in first
    ]
    made = office.do("purchasing", OrderSuggestions(suggestions=[first[0]["id"]]), SuggestionsState)
    assert [(p["supplier"], p["node"]) for p in made.purchases] == [("HANSA", "LON")]
    assert planned(office) == []
    assert office.count("purchase_orders") == 1
    with office.db.reading() as session:
        (line,) = session.execute(text("SELECT sku, ordered, why FROM purchase_lines")).all()
    assert (line.sku, line.ordered >= first[0]["quantity"]) == ("MUG", True)
    assert line.why


def test_a_suggestion_is_decided_on_once(office: Office) -> None:
    sold(office, "MUG", 4)
    office.some_stock("MUG", "LON", 10)
    (found,) = planned(office)
    order = OrderSuggestions(suggestions=[found["id"]])
    office.do("purchasing", order, SuggestionsState)
    refused = office.refused(order, "suggestion_is_over")
    assert refused.facts()["status_now"] == "ordered"
    office.refused(RejectSuggestions(suggestions=[found["id"]], reason="no"), "suggestion_is_over")
    office.refused(OrderSuggestions(suggestions=[uuid7()]), "not_found")
    office.refused(OrderSuggestions(suggestions=[]), "bad_purchase_field")


def test_what_is_chosen_stays_chosen_through_the_next_run(office: Office) -> None:
    sold(office, "MUG", 4)
    office.some_stock("MUG", "LON", 10)
    (found,) = planned(office)
    edit = EditSuggestion(suggestion_id=found["id"], quantity=13, reason="trade fair")
    assert office.refused(edit, "not_whole_cases").facts()["nearest"] == 18
    office.do("purchasing", EditSuggestion(suggestion_id=found["id"], quantity=180, reason="fair"), SuggestionState)
    (after,) = planned(office)
    assert (after["quantity"], after["chosen"], after["chosen_why"]) == (found["quantity"], 180, "fair")
    office.do("purchasing", OrderSuggestions(suggestions=[found["id"]]), SuggestionsState)
    assert office.coming() == 0  # a draft is not on order for the buyer,
    with office.db.reading() as session:
        assert read_positions(session)["MUG", "LON"].on_order >= 180  # but the plan counts it


def test_snoozed_and_rejected_ones_stay_away_until_their_day(office: Office) -> None:
    sold(office, "MUG", 4)
    sold(office, "PLATE", 2)
    for sku in ("MUG", "PLATE"):
        office.some_stock(sku, "LON", 5)
    mug, plate = planned(office)
    until = office.now.date() + timedelta(days=3)
    office.do(
        "purchasing", SnoozeSuggestions(suggestions=[mug["id"]], until=until, reason="fair first"), SuggestionsState
    )
    office.do("purchasing", RejectSuggestions(suggestions=[plate["id"]], reason="leaves the range"), SuggestionsState)
    assert [(r["id"], r["status"]) for r in planned(office)] == [(mug["id"], "snoozed")]
    office.later(days=1)
    assert [(r["sku"], r["status"]) for r in planned(office)] == [("MUG", "snoozed"), ("PLATE", "open")]
    office.later(days=2)
    assert [(r["sku"], r["status"]) for r in planned(office)] == [("MUG", "open"), ("PLATE", "open")]
    past = SnoozeSuggestions(suggestions=[mug["id"]], until=office.now.date(), reason="x")
    office.refused(past, "bad_purchase_field")


def test_stock_of_another_node_is_sent_before_anything_is_bought(office: Office) -> None:
    office.a_node("BER")
    sold(office, "MUG", 4)
    office.some_stock("MUG", "LON", 10)
    office.some_stock("MUG", "BER", 5000)
    (found,) = planned(office)
    assert (found["kind"], found["from_node"], found["node"]) == ("transfer", "BER", "LON")
    assert found["quantity"] == found["up_to"] - found["position"]
    made = office.do("purchasing", OrderSuggestions(suggestions=[found["id"]]), SuggestionsState)
    assert planned(office) == []  # it counts although nothing has written the transfer yet
    assert made.transfers[0]["from_node"] == "BER"


def test_a_discontinued_sku_a_kit_and_one_put_to_sleep_are_not_suggested(office: Office) -> None:
    for sku in ("MUG", "PLATE"):
        sold(office, sku, 4)
        office.some_stock(sku, "LON", 1)
    with office.db.transaction(TESTER, now=office.now) as tx:
        tx.execute(text("UPDATE variants SET status = 'discontinued' WHERE sku = 'PLATE'"))
    rule = PutReplenishmentRule(node="LON", sku="MUG", snoozed_until=office.now.date() + timedelta(days=9))
    office.do("purchasing", rule, ReplenishmentRuleState)
    assert planned(office) == []


def test_a_rule_beats_the_class(office: Office) -> None:
    sold(office, "MUG", 4)
    office.some_stock("MUG", "LON", 100)
    rule = PutReplenishmentRule(node="LON", sku="MUG", policy="min/max", minimum=101, maximum=160, why="shop window")
    office.do("purchasing", rule, ReplenishmentRuleState)
    (found,) = planned(office)
    assert (found["policy"], found["point"], found["up_to"], found["quantity"]) == ("min/max", 101, 160, 60)
    office.refused(PutReplenishmentRule(node="LON", sku="MUG", policy="min/max"), "bad_purchase_field")
    office.refused(PutReplenishmentRule(node="LON", sku="MUG", policy="weekly"), "bad_purchase_field")
    office.refused(PutReplenishmentRule(node="NIX", sku="MUG"), "not_found")
    none = PutReplenishmentRule(node="LON", sku="MUG", policy="none")
    office.do("purchasing", none, ReplenishmentRuleState)
    assert planned(office) == []


def test_more_service_asks_for_more_stock(office: Office) -> None:
    sold(office, "MUG", 4)
    office.some_stock("MUG", "LON", 10)
    (found,) = planned(office)
    low = found["point"]
    better = PutReplenishmentClass(code=found["class_code"], policy="s-S", service_ppm=999_000)
    assert office.do("purchasing", better, ReplenishmentClassState).version == 2
    assert planned(office)[0]["point"] > low
    office.refused(PutReplenishmentClass(code="QQ", policy="s-S", service_ppm=900_000), "not_found")
    office.refused(PutReplenishmentClass(code="AX", policy="s-S", service_ppm=400_000), "bad_purchase_field")


def test_an_order_too_small_for_its_supplier_takes_along_what_is_needed_next(office: Office) -> None:
    sold(office, "MUG", 4)
    sold(office, "PLATE", 4)
    office.some_stock("MUG", "LON", 10)
    office.some_stock("PLATE", "LON", 150)
    (found,) = planned(office)
    needs = found["quantity"] * 350 + 20_000
    terms = PutSupplier(code="HANSA", name="Hansa", currency="EUR", minimum_order=needs)
    office.do("purchasing", terms, SupplierState)
    (made,) = office.do("purchasing", OrderSuggestions(suggestions=[found["id"]]), SuggestionsState).purchases
    assert made["total"] >= needs
    with office.db.reading() as session:
        lines = session.execute(text("SELECT sku, why FROM purchase_lines ORDER BY sku")).all()
    assert all(line.why for line in lines)


def test_nobody_who_sells_it_is_said_and_not_guessed(office: Office) -> None:
    office.a_sku("BOWL")
    sold(office, "BOWL", 3)
    office.some_stock("BOWL", "LON", 1)
    (found,) = planned(office)
    assert (found["supplier"], found["unit_cost"]) == (None, 0)
    office.refused(OrderSuggestions(suggestions=[found["id"]]), "nobody_sells")


def test_days_without_stock_are_not_days_without_demand(office: Office) -> None:
    with office.db.transaction(TESTER, now=office.now - timedelta(days=30)) as tx:
        post(tx, [Movement("MUG", "LON", MovementKind.received, "receipt:test", on_hand=5, bin="PICK")])
    with office.db.transaction(TESTER, now=office.now - timedelta(days=20)) as tx:
        post(tx, [Movement("MUG", "LON", MovementKind.adjusted, "adjustment:x", on_hand=-5, bin="PICK")])
    office.some_stock("MUG", "LON", 7)
    with office.db.reading() as session:
        past = read_past(session, [("MUG", "LON")], {("MUG", "LON"): 7}, office.now.date())
    assert past.censored[0, HISTORY_DAYS - 20 :].all()
    assert not past.censored[0, : HISTORY_DAYS - 20].any()
    assert (past.sold[0, HISTORY_DAYS - 30 :] == 0).all()
    assert (past.sold[0, : HISTORY_DAYS - 30] != past.sold[0, : HISTORY_DAYS - 30]).all()  # NaN: not kept there yet


def test_lead_times_are_learned_from_what_came(office: Office) -> None:
    made = office.sent(MUG=12)
    office.later(days=9)
    office.came(made.id, 1, 6)
    office.later(days=2)
    office.came(made.id, 1, 6)
    office.sent(MUG=12)
    office.later(days=5)
    with office.db.reading() as session:
        found = read_actuals(session, office.now)["HANSA"]
    assert ([s.days for s in found.took], found.ages, [s.days for s in found.out]) == ([11.0], [5.0], [5.0])


def test_a_plan_before_the_holidays_orders_more_and_says_why(office: Office) -> None:
    sold(office, "MUG", 4)
    office.some_stock("MUG", "LON", 40)
    planned(office)
    before = plan_of(office, "MUG")
    away = [(office.now.date() + timedelta(days=n)).isoformat() for n in range(3, 13)]
    office.a_supplier(closed_dates=away)
    planned(office)
    after = plan_of(office, "MUG")
    assert after["lead_days"] == before["lead_days"] + 10
    assert after["point"] >= before["point"] + 4 * 10 * 0.9
    assert "HANSA is closed on 10 days until then." in after["why"]
    office.a_supplier(closed_dates=[office.now.date().isoformat()], order_weekdays=[(office.now.weekday() + 1) % 7])
    planned(office)
    tomorrow = office.now.date() + timedelta(days=1)
    assert f"HANSA takes orders again on {tomorrow}." in plan_of(office, "MUG")["why"]


def test_closed_days_of_the_past_are_not_learned_as_slowness(office: Office) -> None:
    away = [(office.now.date() + timedelta(days=n)).isoformat() for n in range(2, 7)]
    office.a_supplier(closed_dates=away)
    for _ in range(30):
        made = office.sent(MUG=12)
        office.later(days=12)
        office.came(made.id, 1, 12)
        office.later(days=-12)
    office.later(days=12)
    with office.db.reading() as session:
        mean = source_of(read_sources(session, ["MUG"], office.now), "MUG", None).lead.mean
    assert mean == pytest.approx(7 + (14 - 7) * 4 / 34, abs=0.5)


def test_a_plan_can_be_asked_for_and_says_when_it_is_done(office: Office) -> None:
    office.some_stock("MUG", "LON", 10)
    asked = office.do("purchasing", AskForPlan(), RunState)
    assert asked.status == "asked"
    office.pump()
    with office.db.reading() as session:
        (row,) = session.execute(text("SELECT status, places, to_buy, to_transfer FROM replenishment_runs")).all()
    assert tuple(row) == ("done", 1, 0, 0)


@given(point=st.integers(0, 1_000_000), below=st.floats(1e-7, 1.0))
@example(point=2, below=0.0003)
def test_a_point_above_the_mean_is_above_it_in_thousandths_too_and_is_the_sum_of_its_parts(
    point: int, below: float
) -> None:
    ahead, safety = point_parts(point, max(0.0, point - below))
    assert ahead + safety == point * 1000
    assert point == 0 or ahead < point * 1000
