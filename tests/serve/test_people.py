"""Users and roles: nobody gives what they do not hold, and an admin is always left."""

from __future__ import annotations

import pytest

from db.purchasing import ApprovalLimit
from tests.serve.conftest import PASSWORD, Front, error_of
from tests.shop import TESTER


def a_user(role: str, email: str = "new@example.com") -> dict[str, str]:
    return {"email": email, "name": "New", "role": role, "password": PASSWORD}


def test_an_admin_makes_users_who_can_sign_in_and_no_answer_shows_a_password(front: Front) -> None:
    admin = front.signed_in()
    made = admin.post("/api/v1/users", json=a_user("warehouse", "New@Example.com"))
    assert made.status_code == 201
    assert made.json()["email"] == "new@example.com"
    assert "password" not in made.text
    signed_in = front.client().post("/api/v1/session", json={"email": "NEW@example.com", "password": PASSWORD})
    assert signed_in.json()["role"] == "warehouse"
    error_of(admin.post("/api/v1/users", json=a_user("support")), 409, "email_taken")


def test_a_short_password_or_an_unknown_role_makes_no_user(front: Front) -> None:
    admin = front.signed_in()
    error_of(admin.post("/api/v1/users", json={**a_user("support"), "password": "short"}), 422, "invalid_request")
    error_of(admin.post("/api/v1/users", json=a_user("king")), 404, "not_found")
    assert len(admin.get("/api/v1/users").json()["data"]) == 1


@pytest.mark.parametrize("password", ["password1234", " " * 12, "qwertyuiop12", "new@example.com", "newcomer 1234"])
def test_a_password_that_is_guessed_at_once_makes_no_user(front: Front, password: str) -> None:
    who = {**a_user("support"), "name": "Newcomer", "password": password}
    error = error_of(front.signed_in().post("/api/v1/users", json=who), 422, "weak_password")
    assert error["fields"][0]["field"] == "password"
    assert "too easy to guess" in error["message"]


def test_a_weak_password_is_refused_when_it_is_changed_too(front: Front) -> None:
    admin = front.signed_in()
    made = admin.post("/api/v1/users", json=a_user("support")).json()
    error_of(admin.patch(f"/api/v1/users/{made['id']}", json={"password": "passwordpassword"}), 422, "weak_password")
    change = {"old_password": PASSWORD, "new_password": "passwordpassword"}
    error = error_of(admin.put("/api/v1/session/password", json=change), 422, "weak_password")
    assert error["fields"][0]["field"] == "new_password"


def test_nobody_gives_a_role_a_key_or_a_scope_that_is_more_than_they_hold(front: Front) -> None:
    front.person("support")
    clerk = front.key("write_people", "read_people", "read_stock")
    error = error_of(clerk.post("/api/v1/users", json=a_user("support")), 403, "grants_more_than_held")
    assert "write_orders" in error["details"]["missing"]
    body = {"name": "k", "scopes": ["read_stock", "refund_payments"]}
    error = error_of(clerk.post("/api/v1/keys", json=body), 403, "grants_more_than_held")
    assert error["details"]["missing"] == ["refund_payments"]
    error_of(clerk.put("/api/v1/roles/mine", json={"scopes": ["write_orders"]}), 403, "grants_more_than_held")
    error_of(clerk.put("/api/v1/roles/support", json={"scopes": ["read_stock"]}), 403, "grants_more_than_held")
    assert clerk.put("/api/v1/roles/mine", json={"scopes": ["read_stock"]}).status_code == 200


def test_who_holds_less_cannot_take_over_who_holds_more(front: Front) -> None:
    front.person("admin", email="boss@example.com")
    clerk = front.key("write_people", "read_people")
    boss = clerk.get("/api/v1/users?email_eq=boss@example.com").json()["data"][0]
    answer = clerk.patch(f"/api/v1/users/{boss['id']}", json={"password": "taken over by a clerk"})
    error_of(answer, 403, "grants_more_than_held")


def test_unknown_scopes_are_refused_with_the_known_ones(front: Front) -> None:
    error = error_of(front.key().put("/api/v1/roles/x", json={"scopes": ["fly"]}), 422, "unknown_scopes")
    assert "read_orders" in error["details"]["known"]


def test_the_admin_role_is_locked_and_a_role_in_use_stays(front: Front) -> None:
    admin = front.signed_in()
    error_of(admin.put("/api/v1/roles/admin", json={"scopes": []}), 409, "role_is_locked")
    error_of(admin.delete("/api/v1/roles/admin"), 409, "role_is_locked")
    admin.post("/api/v1/users", json=a_user("support"))
    assert error_of(admin.delete("/api/v1/roles/support"), 409, "role_in_use")["details"]["users"] == 1
    assert admin.delete("/api/v1/roles/analyst").status_code == 204
    error_of(admin.delete("/api/v1/roles/analyst"), 404, "not_found")


def test_a_role_that_goes_takes_its_approval_limits_along(front: Front) -> None:
    admin = front.signed_in()
    admin.put("/api/v1/roles/buyer", json={"scopes": ["read_stock"]})
    with front.database.transaction(TESTER, now=front.clock.now) as tx:
        tx.add(ApprovalLimit(role="buyer", currency="EUR", amount=100, version=1, updated_at=tx.now))
    assert admin.delete("/api/v1/roles/buyer").status_code == 204
    assert admin.get("/api/v1/approval-limits").json()["data"] == []


def test_the_last_admin_can_neither_leave_nor_be_switched_off(front: Front) -> None:
    admin = front.signed_in()
    me = admin.get("/api/v1/session").json()["user_id"]
    error_of(admin.patch(f"/api/v1/users/{me}", json={"active": False}), 409, "last_admin")
    error_of(admin.patch(f"/api/v1/users/{me}", json={"role": "support"}), 409, "last_admin")
    admin.post("/api/v1/users", json=a_user("admin"))
    assert admin.patch(f"/api/v1/users/{me}", json={"role": "support"}).json()["role"] == "support"


def test_a_stale_save_of_a_user_is_refused(front: Front) -> None:
    admin = front.signed_in()
    user = admin.post("/api/v1/users", json=a_user("support")).json()
    url = f"/api/v1/users/{user['id']}"
    assert admin.patch(url, json={"name": "Newer", "version": 1}).json()["version"] == 2
    error = error_of(admin.patch(url, json={"name": "Old", "version": 1}), 409, "stale_version")
    assert error["details"]["actual"] == 2


def test_a_role_that_shrinks_shrinks_its_people_within_five_seconds(front: Front) -> None:
    support, admin = front.signed_in("support"), front.key()
    assert support.get("/api/v1/orders").status_code == 200
    admin.put("/api/v1/roles/support", json={"scopes": ["read_stock"]})
    front.clock.later(seconds=5.1)
    error_of(support.get("/api/v1/orders"), 403, "missing_scope")


def test_who_did_it_is_in_the_audit_log(front: Front) -> None:
    admin = front.signed_in()
    me = admin.get("/api/v1/me").json()["principal"]
    answer = admin.put("/api/v1/roles/clerk", json={"scopes": ["read_stock"]}, headers={"X-Request-Id": "req-7"})
    assert answer.status_code == 200
    entry = admin.get("/api/v1/audit?record_eq=role:clerk").json()["data"][0]
    assert (entry["actor"], entry["action"], entry["request_id"]) == (me, "create", "req-7")
    assert entry["after"]["scopes"] == ["read_stock"]
