"""An API key belongs to whoever made it: it does no more than they may, and stops when they do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.testclient import TestClient

from tests.serve.conftest import PASSWORD, Front, error_of

KEYS = "/api/v1/keys"
CLERKS = ["read_people", "write_people", "read_stock", "read_orders"]


def a_manager_of_people(front: Front, admin: TestClient, *, role: str = "clerk") -> tuple[TestClient, dict[str, Any]]:
    """Somebody signed in with few scopes, and their row."""
    admin.put(f"/api/v1/roles/{role}", json={"scopes": CLERKS}).raise_for_status()
    who = {"email": f"{role}@example.com", "name": role.title(), "role": role, "password": PASSWORD}
    row = admin.post("/api/v1/users", json=who).json()
    client = front.client()
    answer = client.post("/api/v1/session", json={"email": who["email"], "password": PASSWORD})
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return client, row


def a_key(maker: TestClient, front: Front, *scopes: str) -> tuple[TestClient, dict[str, Any]]:
    made = maker.post(KEYS, json={"name": "shop", "scopes": list(scopes or ["read_stock"])})
    assert made.status_code == 201, made.text
    return front.client(Authorization=f"Bearer {made.json()['secret']}"), made.json()


def states(admin: TestClient, state: str) -> list[str]:
    """Names of the keys that are in a state, as the list tells it."""
    rows = admin.get(f"{KEYS}?state_eq={state}").json()["data"]
    assert {row["state"] for row in rows} <= {state}
    return [row["name"] for row in rows]


def test_a_key_that_has_ended_or_was_revoked_is_live_no_more(front: Front) -> None:
    admin = front.signed_in()
    names = {"live": None, "ended": "2020-01-01T00:00:00Z", "gone": None}
    made = {
        name: admin.post(KEYS, json={"name": name, "scopes": ["read_stock"], "expires_at": ends}).json()["id"]
        for name, ends in names.items()
    }
    assert admin.post(f"{KEYS}/{made['gone']}/revoke").json()["state"] == "revoked"
    assert "live" in states(admin, "active")
    assert (states(admin, "expired"), states(admin, "revoked")) == (["ended"], ["gone"])


def later(front: Front) -> None:
    front.clock.later(seconds=6)  # who was recognised is remembered for five


def test_a_key_stops_with_its_maker_and_cannot_let_them_in_again(front: Front) -> None:
    admin = front.signed_in()
    clerk, row = a_manager_of_people(front, admin)
    key, _ = a_key(clerk, front, *CLERKS)
    of_key, made = a_key(key, front, *CLERKS)
    assert of_key.get("/api/v1/users").status_code == 200
    assert admin.get(f"/api/v1/users/{row['id']}").json()["keys"] == 2

    assert admin.patch(f"/api/v1/users/{row['id']}", json={"active": False}).status_code == 200
    later(front)
    for caller in (key, of_key):
        error_of(caller.patch(f"/api/v1/users/{row['id']}", json={"active": True}), 401, "not_signed_in")
        error_of(caller.post(KEYS, json={"name": "x", "scopes": ["read_stock"]}), 401, "not_signed_in")
    shown = admin.get(f"{KEYS}/{made['id']}").json()
    assert (shown["owner"], shown["owner_id"], shown["stopped"]) == ("Clerk", row["id"], True)
    assert len(admin.get(f"{KEYS}?stopped_eq=true").json()["data"]) == 2
    assert states(admin, "stopped") == ["shop", "shop"]
    assert "shop" not in states(admin, "active")

    admin.patch(f"/api/v1/users/{row['id']}", json={"active": True})
    later(front)
    assert of_key.get("/api/v1/users").status_code == 200


def test_a_key_does_no_more_than_its_owner_may_by_now(front: Front) -> None:
    admin = front.signed_in()
    clerk, _ = a_manager_of_people(front, admin)
    key, _ = a_key(clerk, front, "read_stock", "read_people")
    assert key.get("/api/v1/users").status_code == 200
    admin.put("/api/v1/roles/clerk", json={"scopes": ["read_stock", "read_orders"]})
    later(front)
    error_of(key.get("/api/v1/users"), 403, "missing_scope")
    assert key.get("/api/v1/stock").status_code == 200
    assert key.get("/api/v1/me").json()["scopes"] == ["read_stock"]


def test_who_takes_a_key_over_lets_it_go_on(front: Front) -> None:
    admin = front.signed_in()
    clerk, row = a_manager_of_people(front, admin)
    key, made = a_key(clerk, front)
    admin.patch(f"/api/v1/users/{row['id']}", json={"active": False})
    later(front)
    error_of(key.get("/api/v1/stock"), 401, "not_signed_in")
    taken = admin.post(f"{KEYS}/{made['id']}/take-over")
    assert (taken.status_code, taken.json()["owner"], taken.json()["stopped"]) == (200, "Admin", False)
    assert key.get("/api/v1/stock").status_code == 200
    admin.post(f"{KEYS}/{made['id']}/revoke")
    error_of(admin.post(f"{KEYS}/{made['id']}/take-over"), 409, "key_is_revoked")
    error_of(admin.post(f"{KEYS}/0199aaaa-0000-7000-8000-000000000000/take-over"), 404, "not_found")


def test_nobody_revokes_or_takes_over_a_key_that_may_more_than_they(front: Front) -> None:
    admin = front.signed_in()
    clerk, _ = a_manager_of_people(front, admin)
    shop, made = a_key(admin, front, "read_stock", "refund_payments")
    for verb in ("revoke", "take-over"):
        error = error_of(clerk.post(f"{KEYS}/{made['id']}/{verb}"), 403, "grants_more_than_held")
        assert error["details"]["missing"] == ["refund_payments"]
    later(front)
    assert shop.get("/api/v1/stock").status_code == 200
    _, lesser = a_key(admin, front, "read_stock")
    assert clerk.post(f"{KEYS}/{lesser['id']}/revoke").status_code == 200


def test_ones_own_key_is_revoked_even_when_one_may_less_by_now(front: Front) -> None:
    admin = front.signed_in()
    clerk, _ = a_manager_of_people(front, admin)
    key, made = a_key(clerk, front, "read_stock", "read_orders")
    admin.put("/api/v1/roles/clerk", json={"scopes": ["read_people", "write_people"]})
    later(front)
    assert clerk.post(f"{KEYS}/{made['id']}/revoke").status_code == 200
    later(front)
    error_of(key.get("/api/v1/stock"), 401, "not_signed_in")


def test_a_key_of_nobody_answers_for_itself(front: Front) -> None:
    first = front.key("read_stock", "write_people", "read_people")
    child, made = a_key(first, front)
    assert first.get(f"{KEYS}/{made['id']}").json()["owner_id"] is None
    assert child.get("/api/v1/stock").status_code == 200


def test_a_key_ends_when_it_was_to_end(front: Front) -> None:
    admin = front.signed_in()
    ends = (front.clock.now + timedelta(hours=1)).isoformat()
    made = admin.post(KEYS, json={"name": "for an hour", "scopes": ["read_stock"], "expires_at": ends}).json()
    key = front.client(Authorization=f"Bearer {made['secret']}")
    assert key.get("/api/v1/stock").status_code == 200
    front.clock.later(hours=1, seconds=1)
    error_of(key.get("/api/v1/stock"), 401, "not_signed_in")
