"""What people see of classes and rules: what each is an exception from, how many places it keeps, and the way back."""

from __future__ import annotations

from typing import Any

import pytest

from agents.purchasing.messages.replenishment import PlanReplenishment, RemoveReplenishmentRule
from tests.purchasing.conftest import Office
from tests.purchasing.test_routes import Desk
from tests.serve.conftest import error_of
from tests.shop import TESTER

RULE = "/api/v1/replenishment-rules/LON/MUG"


@pytest.fixture
def desk(office: Office) -> Desk:
    """MUG and PLATE lie in LON, and nobody has asked for either."""
    office.some_stock("MUG", "LON", 10)
    office.some_stock("PLATE", "LON", 10)
    return Desk(office)


def plan(desk: Desk) -> None:
    with desk.office.db.transaction(TESTER, now=desk.office.now) as tx:
        tx.send("purchasing", "replenishment:plan", PlanReplenishment())
    desk.office.pump()


def listed(desk: Desk, what: str, **query: Any) -> list[dict[str, Any]]:
    answer = desk.all.get(f"/api/v1/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


def test_a_rule_shows_the_class_that_it_is_an_exception_from(desk: Desk) -> None:
    desk.all.put(RULE, json={"policy": "min/max", "minimum": 5, "maximum": 20})
    before = listed(desk, "replenishment-rules")[0]
    assert (before["class_code"], before["class_policy"], before["point"]) == (None, None, None)
    plan(desk)
    [rule] = listed(desk, "replenishment-rules", class_policy_eq="s-S")
    assert (rule["class_code"], rule["class_policy"], rule["class_service_ppm"]) == ("CZ", "s-S", 900_000)
    assert (rule["policy"], rule["position"], rule["point"], rule["up_to"]) == ("min/max", 10, 5, 20)
    assert listed(desk, "replenishment-rules", class_code_eq="AX") == []


def test_places_of_a_class_are_counted_and_opened(desk: Desk) -> None:
    plan(desk)
    places = {row["code"]: row["places"] for row in listed(desk, "replenishment-classes")}
    assert len(places) == 9
    assert {code: n for code, n in places.items() if n} == {"CZ": 2}
    assert [row["sku"] for row in listed(desk, "replenishment-plans", class_code_eq="CZ")] == ["MUG", "PLATE"]


def test_a_rule_that_is_removed_leaves_the_place_to_its_class(desk: Desk) -> None:
    desk.all.put(RULE, json={"policy": "none", "why": "a fair"})
    plan(desk)
    assert [(r["sku"], r["policy"]) for r in listed(desk, "replenishment-plans", ruled_eq="true")] == [("MUG", "none")]
    desk.office.refused(RemoveReplenishmentRule(node="LON", sku="MUG", version=9), "stale_version")
    error_of(desk.key("read_purchasing").delete(RULE), 403, "missing_scope")
    assert desk.all.delete(RULE, headers={"If-Match": '"1"'}).json() == {"node": "LON", "sku": "MUG"}
    plan(desk)
    assert listed(desk, "replenishment-plans", ruled_eq="true") == []
    assert [r["policy"] for r in listed(desk, "replenishment-plans", sku_eq="MUG")] == ["s-S"]
    error_of(desk.all.delete(RULE), 404, "not_found")


def test_several_policies_are_asked_for_at_once(desk: Desk) -> None:
    desk.all.put(RULE, json={"policy": "R-S", "review_days": 7})
    desk.all.put(RULE.replace("MUG", "PLATE"), json={"policy": "min/max", "minimum": 50, "maximum": 90})
    plan(desk)
    for what in ("replenishment-rules", "replenishment-plans"):
        assert [r["sku"] for r in listed(desk, what, policy_in="R-S,s-Q")] == ["MUG"], what
        assert [r["sku"] for r in listed(desk, what, policy_in="R-S,min/max")] == ["MUG", "PLATE"], what
    assert [s["sku"] for s in listed(desk, "suggestions", policy_in="s-S,min/max")] == ["PLATE"]
    refused = error_of(desk.all.get("/api/v1/suggestions?policy_eq=R,S"), 422, "bad_value")
    assert "R-S, s-S, s-Q, min/max, fixed, none" in refused["message"]


def test_a_rule_may_leave_the_policy_to_the_class_and_the_auditor_finds_nothing_wrong_with_it(desk: Desk) -> None:
    assert desk.all.put("/api/v1/replenishment-rules/LON/MUG", json={"review_days": 14}).json()["policy"] is None
    desk.office.audited()
