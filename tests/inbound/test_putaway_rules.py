"""A putaway rule is tried before it holds: where what waits goes now, where it would go, and nothing is kept."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from agents.inbound.messages.putaways import PutawayRuleState, PutawayRuleTried, PutPutawayRule, TryPutawayRule
from db.putaway import PutawaySuggestion
from serve.app import create_app
from serve.keys import make_key
from tests.inbound.conftest import Dock, good
from tests.serve.conftest import error_of
from tests.shop import TESTER

WATCHED = ("putaway_rules", "putaway_tasks", "putaway_suggestions", "outbox", "audit_log", "transitions")
ONLY_R1 = TryPutawayRule(node="LON", code="mugs", goods="sku", value="MUG", bin="R1", strict=True)


@pytest.fixture
def shelves(dock: Dock) -> Dock:
    """Six mugs wait; the pick face takes four units, R1 in reserve ten, and R2 any number."""
    dock.a_bin("PICK", "pick_face", capacity_units=4, sequence=1)
    dock.a_bin("R1", capacity_units=10, sequence=5)
    dock.a_bin("R2", sequence=6)
    dock.receive(dock.sent(MUG=6).id, good(1, 6))
    dock.pump()
    assert suggested(dock) == [("R1", 6, None)]
    return dock


def suggested(dock: Dock) -> list[tuple[str, int, str | None]]:
    with dock.db.reading() as session:
        rows = session.scalars(select(PutawaySuggestion).order_by(PutawaySuggestion.no))
        return [(row.bin, row.quantity, row.rule) for row in rows]


def tries(dock: Dock, ask: TryPutawayRule) -> PutawayRuleTried:
    before = ([dock.count(table) for table in WATCHED], suggested(dock))
    tried = dock.do("inbound", ask, PutawayRuleTried)
    assert ([dock.count(table) for table in WATCHED], suggested(dock)) == before
    return tried


def bins(*placed: tuple[str | None, int]) -> list[dict[str, object]]:
    return [{"bin": bin, "units": units} for bin, units in placed]


def test_it_says_where_each_task_goes_now_and_would_go(shelves: Dock) -> None:
    tried = tries(shelves, msgspec.structs.replace(ONLY_R1, bin="R2"))
    (task,) = tried.tasks
    assert (task["before"], task["after"]) == (bins(("R1", 6)), bins(("R2", 6)))
    assert (task["by_rule"], task["changed"], tried.changed) == (True, True, 1)
    (task,) = tries(shelves, msgspec.structs.replace(ONLY_R1, units_per_bin=5)).tasks
    assert task["after"] == bins(("R1", 5), (None, 1))
    assert task["why"].startswith("1 have no place: 2 bins outside of its rules")
    (task,) = tries(shelves, msgspec.structs.replace(ONLY_R1, value="PLATE", bin="R2")).tasks
    assert (task["changed"], task["by_rule"]) == (False, False)


def test_it_says_what_would_be_without_a_rule_that_holds(shelves: Dock) -> None:
    two = msgspec.structs.replace(ONLY_R1, bin="R2")
    said = {name: value for name, value in msgspec.structs.asdict(two).items() if name != "removed"}
    shelves.do("inbound", PutPutawayRule(**said), PutawayRuleState)
    (task,) = tries(shelves, two).tasks
    assert (task["changed"], task["before"]) == (False, bins(("R2", 6)))
    (task,) = tries(shelves, msgspec.structs.replace(two, removed=True)).tasks
    assert (task["changed"], task["after"]) == (True, bins(("R1", 6)))


def test_what_could_not_be_put_cannot_be_tried(shelves: Dock) -> None:
    shelves.no(msgspec.structs.replace(ONLY_R1, bin=None), "bad_putaway_rule")
    shelves.no(msgspec.structs.replace(ONLY_R1, bin="X"), "not_found")
    shelves.no(msgspec.structs.replace(ONLY_R1, node="X"), "not_found")


def test_over_http_and_each_rule_says_how_many_bins_and_tasks_it_has(shelves: Dock) -> None:
    with shelves.db.transaction(TESTER, now=shelves.now) as tx:
        _, secret = make_key(tx, "boss", ["write_settings", "read_stock", "write_stock"])
        _, reader = make_key(tx, "reader", ["read_stock"])
    app = create_app(shelves.db, shelves, clock=lambda: shelves.now)
    client = TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)
    path, body = "/api/v1/putaway-rules/LON/mugs", {"goods": "sku", "value": "MUG", "bin": "R2", "strict": True}
    error_of(client.post(f"{path}/try", json=body, headers={"Authorization": f"Bearer {reader}"}), 403, "missing_scope")
    tried = client.post(f"{path}/try", json=body).json()
    assert (tried["changed"], tried["tasks"][0]["after"]) == (1, bins(("R2", 6)))
    assert client.put(path, json=body).status_code == 200
    client.put("/api/v1/putaway-rules/LON/all", json={"units_per_bin": 50, "priority": 200})
    assert client.post("/api/v1/putaway-tasks/plan", json={"node": "LON"}).status_code == 200
    rules = client.get("/api/v1/putaway-rules").json()["data"]
    assert [(r["code"], r["bins"], r["open_tasks"]) for r in rules] == [("mugs", 1, 1), ("all", 3, 0)]
