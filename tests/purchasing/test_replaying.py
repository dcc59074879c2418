"""A policy is tried over the days that were before it is switched on: figures worked by hand, and nothing written."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from agents.purchasing import replaying
from agents.purchasing.messages.replenishment import PlanReplenishment
from tests.purchasing.test_routes import Desk
from tests.purchasing.test_suggestions import Office, office, sold
from tests.serve.conftest import error_of
from tests.shop import TESTER

__all__ = ["office"]
RULE = "/api/v1/replenishment-rules/LON/PLATE"
CURRENT = {"policy": "min/max", "minimum": 5, "maximum": 20}
PROPOSED = {"policy": "min/max", "minimum": 0, "maximum": 10}


@pytest.fixture
def desk(office: Office) -> Desk:
    """Four plates a day for 120 days, and a supplier who brings them overnight."""
    office.a_supplier(lead_days=0)
    sold(office, "PLATE", 4)
    office.some_stock("PLATE", "LON", 10)
    return Desk(office)


def plan(desk: Desk) -> None:
    with desk.office.db.transaction(TESTER, now=desk.office.now) as tx:
        tx.send("purchasing", "replenishment:plan", PlanReplenishment())
    desk.office.pump()


def replayed(desk: Desk, path: str, proposed: dict[str, Any], days: int = 90) -> dict[str, Any]:
    answer = desk.all.post(f"{path}/replay", json={"proposed": proposed, "days": days})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_figures_are_those_worked_by_hand(desk: Desk) -> None:
    """Now: from 20 down by 4 to 4, then 16 more: four days. Proposed: 10, 6, 2, where 2 are short, then 12 more."""
    desk.all.put(RULE, json=CURRENT)
    plan(desk)
    found = replayed(desk, RULE, PROPOSED)
    now, then = found["current"], found["proposed"]
    assert (found["demand"], found["warm_up_days"], found["censored_days"]) == (360, 1, 0)
    assert [d["stock"] for d in now["path"][:5]] == [12, 8, 4, 16, 12]
    assert [d["ordered"] for d in now["path"][:5]] == [0, 0, 16, 0, 0]
    names = ("fill_ppm", "short", "stock_out_days", "orders", "average_milli", "point", "up_to")
    assert [now[n] for n in names] == [1_000_000, 0, 0, 22, 12_000, 5, 20]
    assert [d["stock"] for d in then["path"][:5]] == [2, 0, 6, 2, 0]
    assert [d["short"] for d in then["path"][:5]] == [0, 2, 0, 0, 2]
    assert [then[n] for n in names] == [833_333, 60, 30, 30, 4_333, 0, 10]
    # 12 plates of 333 for 90 days at a quarter of their cost a year, and 22 order lines at 1000
    assert now["costs"] == [
        {"currency": "EUR", "holding": 246, "ordering": 22_000, "total": 22_246, "stock": 3996, "short": 0}
    ]
    assert then["costs"][0]["short"] == 60 * 333
    assert found["lead_times"] == [{"supplier": "HANSA", "mean_days": 0, "late_days": 0, "places": 1}]
    assert (found["since"], found["until"]) == (now["path"][0]["day"], now["path"][-1]["day"])
    assert replayed(desk, RULE, PROPOSED) == found


def test_the_policy_that_holds_proposed_again_gives_the_same_curve(desk: Desk) -> None:
    plan(desk)
    same = replayed(desk, RULE, {})
    assert same["current"] == same["proposed"]
    assert replayed(desk, RULE, {"service_ppm": 999_000})["proposed"]["point"] > same["current"]["point"]
    desk.all.put(RULE, json={"policy": "R-S", "review_days": 7})
    same = replayed(desk, RULE, {"policy": "R-S", "review_days": 7})
    assert same["current"] == same["proposed"]
    ordered = [n for n, day in enumerate(same["current"]["path"]) if day["ordered"]]
    assert {after - before for before, after in pairwise(ordered)} == {7}


def test_nothing_is_written_and_what_makes_no_sense_is_refused(desk: Desk) -> None:
    error_of(desk.all.post(f"{RULE}/replay", json={"proposed": {}, "days": 90}), 409, "not_planned")
    plan(desk)
    buyer, reader = desk.key("write_purchasing"), desk.key("read_purchasing")
    before = [desk.office.count(t) for t in ("replenishment_rules", "suggestions", "outbox", "audit_log")]
    assert buyer.post(f"{RULE}/replay", json={"proposed": PROPOSED, "days": 90}).status_code == 200
    few = error_of(desk.all.post(f"{RULE}/replay", json={"proposed": {}, "days": 180}), 409, "too_little_past")
    assert (few["details"]["known_days"], few["details"]["days"]) == (120, 180)
    for body in ({"proposed": {}, "days": 89}, {"proposed": {}, "days": 366}, {"proposed": {"policy": "min/max"}}):
        assert desk.all.post(f"{RULE}/replay", json=body).status_code == 422
    error_of(reader.post(f"{RULE}/replay", json={"proposed": {}}), 403, "missing_scope")
    assert [desk.office.count(t) for t in ("replenishment_rules", "suggestions", "outbox", "audit_log")] == before


def test_a_class_is_the_sum_of_its_places_or_of_a_sample_that_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold(desk.office, "MUG", 4)
    desk.office.some_stock("MUG", "LON", 10)
    plan(desk)
    codes = {r["sku"]: r["class_code"] for r in desk.all.get("/api/v1/replenishment-plans").json()["data"]}
    code = codes["MUG"]
    alike = [sku for sku in sorted(codes) if codes[sku] == code]
    path, none = f"/api/v1/replenishment-classes/{code}", {"policy": "none", "service_ppm": 900_000}
    found = replayed(desk, path, none)
    assert (found["places"], found["places_of"], found["sku"]) == (len(alike), len(alike), None)
    assert found["proposed"]["orders"] == 0
    assert found["proposed"]["short"] > 0
    each = [replayed(desk, f"/api/v1/replenishment-rules/LON/{sku}", {})["current"] for sku in alike]
    for name in ("served", "short", "orders", "ordered"):
        assert found["current"][name] == sum(one[name] for one in each)
    monkeypatch.setattr(replaying, "MOST_PLACES", 1)
    sample = replayed(desk, path, none)
    assert (sample["places"], sample["places_of"]) == (1, len(alike))
    assert any(c.startswith(f"A sample: 1 of {len(alike)}") for c in sample["caveats"]) == (len(alike) > 1)
    error_of(desk.all.post("/api/v1/replenishment-classes/QQ/replay", json={"proposed": none}), 404, "not_found")


def test_a_rule_that_is_made_again_is_another_than_the_one_that_was_removed(desk: Desk) -> None:
    rule = {"policy": "min/max", "minimum": 50, "maximum": 90}
    desk.all.put(RULE, json=rule)
    plan(desk)
    [first] = desk.all.get("/api/v1/suggestions?status_eq=open").json()["data"]
    assert first["why"].startswith("Position 10, reorder point 50 as somebody said, ")
    desk.all.post("/api/v1/suggestions/reject", json={"suggestions": [first["id"]], "reason": "no"})
    plan(desk)
    assert desk.all.get("/api/v1/suggestions?status_eq=open").json()["data"] == []
    desk.all.delete(RULE)
    desk.office.later(seconds=1)
    desk.all.put(RULE, json=rule)
    plan(desk)
    assert [s["sku"] for s in desk.all.get("/api/v1/suggestions?status_eq=open").json()["data"]] == ["PLATE"]
