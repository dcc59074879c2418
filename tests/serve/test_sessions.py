"""Signing in: cookies, tokens, throttling, and sessions that end."""

from __future__ import annotations

from contextlib import ExitStack

from serve.auth import COOKIE
from serve.passwords import PLACES, a_place
from tests.serve.conftest import PASSWORD, Front, MakeFront, error_of


def sign_in(front: Front, email: str, password: str = PASSWORD, base: str = "http://testserver"):
    client = front.client()
    client.base_url = base
    return client, client.post("/api/v1/session", json={"email": email, "password": password})


def test_who_signs_in_gets_a_cookie_that_scripts_cannot_read_and_learns_their_scopes(front: Front) -> None:
    client, answer = sign_in(front, front.person("support"))
    assert answer.status_code == 201
    cookies = answer.headers.get_list("set-cookie")
    session = next(c for c in cookies if c.startswith(COOKIE))
    assert "HttpOnly" in session
    assert "samesite=lax" in session.lower()
    assert "secure" not in session.lower()
    assert "write_orders" in answer.json()["scopes"]
    assert "refund_payments" not in answer.json()["scopes"]
    assert client.get("/api/v1/me").json()["role"] == "support"


def test_over_https_the_cookie_is_secure(front: Front) -> None:
    _, answer = sign_in(front, front.person(), base="https://testserver")
    assert all("secure" in c.lower() for c in answer.headers.get_list("set-cookie"))


def test_behind_a_proxy_with_tls_cookies_are_secure_and_browsers_keep_to_https(make_front: MakeFront) -> None:
    front = make_front(behind_https=True)
    _, answer = sign_in(front, front.person())
    assert all("secure" in c.lower() for c in answer.headers.get_list("set-cookie"))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert front.client().get("/").headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in make_front().client().get("/").headers


def test_a_change_without_the_sessions_token_is_refused_and_nothing_is_written(front: Front) -> None:
    client = front.signed_in()
    good = client.headers.pop("X-CSRF-Token")
    body = {"scopes": ["read_orders"]}
    error_of(client.put("/api/v1/roles/clerk", json=body), 403, "wrong_csrf_token")
    error_of(client.put("/api/v1/roles/clerk", json=body, headers={"X-CSRF-Token": "x"}), 403, "wrong_csrf_token")
    assert "clerk" not in [r["name"] for r in client.get("/api/v1/roles").json()["data"]]
    assert client.put("/api/v1/roles/clerk", json=body, headers={"X-CSRF-Token": good}).status_code == 200


def test_signing_out_ends_the_session_at_once_even_for_who_kept_the_cookie(front: Front) -> None:
    client = front.signed_in()
    cookie = client.cookies[COOKIE]
    assert client.delete("/api/v1/session").status_code == 204
    thief = front.client(Cookie=f"{COOKIE}={cookie}")
    error_of(thief.get("/api/v1/me"), 401, "not_signed_in")


def test_an_unused_session_ends_after_half_a_day_and_a_used_one_after_a_week(front: Front) -> None:
    idle, busy = front.signed_in(), front.signed_in()
    for _ in range(14):
        front.clock.later(hours=11)
        assert busy.get("/api/v1/me").status_code == 200
    error_of(idle.get("/api/v1/me"), 401, "not_signed_in")
    front.clock.later(hours=11)
    assert busy.get("/api/v1/me").status_code == 200
    front.clock.later(hours=4)
    error_of(busy.get("/api/v1/me"), 401, "not_signed_in")


def test_five_wrong_passwords_close_the_door_for_that_address_alone_until_the_window_has_passed(front: Front) -> None:
    mine, other = front.person(), front.person()
    for _ in range(5):
        error_of(sign_in(front, mine, "wrong")[1], 401, "wrong_credentials")
    _, answer = sign_in(front, mine)
    error_of(answer, 429, "too_many_failures")
    assert 800 < int(answer.headers["Retry-After"]) <= 901
    assert sign_in(front, other)[1].status_code == 201
    front.clock.later(minutes=16)
    assert sign_in(front, mine)[1].status_code == 201


def test_a_stranger_is_told_the_same_as_somebody_with_a_wrong_password_and_throttled_alike(front: Front) -> None:
    known = error_of(sign_in(front, front.person(), "wrong")[1], 401, "wrong_credentials")
    for _ in range(5):
        unknown = error_of(sign_in(front, "nobody@example.com", "wrong")[1], 401, "wrong_credentials")
    assert unknown["message"] == known["message"]
    error_of(sign_in(front, "nobody@example.com", "wrong")[1], 429, "too_many_failures")


def test_who_was_switched_off_is_signed_out_and_cannot_come_back(front: Front) -> None:
    admin, email = front.signed_in(), front.person("support")
    client, answer = sign_in(front, email)
    user_id = answer.json()["user_id"]
    assert admin.patch(f"/api/v1/users/{user_id}", json={"active": False}).status_code == 200
    error_of(client.get("/api/v1/me"), 401, "not_signed_in")
    error_of(sign_in(front, email)[1], 401, "wrong_credentials")


def test_a_new_password_ends_every_other_session(front: Front) -> None:
    email = front.person("support")
    here, answer = sign_in(front, email)
    there, _ = sign_in(front, email)
    token = {"X-CSRF-Token": answer.json()["csrf_token"]}
    new = "quite another long sentence"
    wrong = here.put("/api/v1/session/password", json={"old_password": "x", "new_password": new}, headers=token)
    error_of(wrong, 401, "wrong_credentials")
    body = {"old_password": PASSWORD, "new_password": new}
    assert here.put("/api/v1/session/password", json=body, headers=token).status_code == 204
    assert here.get("/api/v1/me").status_code == 200
    error_of(there.get("/api/v1/me"), 401, "not_signed_in")
    assert sign_in(front, email, new)[1].status_code == 201


def test_no_password_is_in_the_audit_log(front: Front) -> None:
    front.signed_in()
    rows = front.key().get("/api/v1/audit?record_start=user:&action_eq=create").json()["data"]
    assert [row["after"]["password_hash"] for row in rows] == ["***"]


def test_the_throttle_can_be_set(make_front: MakeFront) -> None:
    front = make_front(sign_in_failures=1)
    email = front.person()
    error_of(sign_in(front, email, "wrong")[1], 401, "wrong_credentials")
    error_of(sign_in(front, email)[1], 429, "too_many_failures")


def test_a_cookie_that_was_planted_before_signing_in_is_worth_nothing_afterwards(front: Front) -> None:
    victim, planted = front.client(), "A" * 43
    victim.cookies.set(COOKIE, planted)
    answer = victim.post("/api/v1/session", json={"email": front.person(), "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.cookies[COOKIE] != planted
    attacker = front.client()
    attacker.cookies.set(COOKIE, planted)
    assert attacker.get("/api/v1/me").status_code == 401


def test_a_crowd_that_signs_in_keeps_nobody_else_from_working(front: Front) -> None:
    """Each of them would hold a thread for as long as those before it hash."""
    mine, worker = front.person(), front.key()
    with ExitStack() as crowd:
        for _ in range(PLACES):
            crowd.enter_context(a_place())
        error_of(sign_in(front, mine)[1], 503, "unavailable")
        assert worker.get("/api/v1/keys").status_code == 200
    assert sign_in(front, mine)[1].status_code == 201


def test_another_site_cannot_sign_a_browser_in_with_a_form(front: Front) -> None:
    """Forms can send text, never JSON that says it is JSON."""
    body = f'{{"email": "{front.person()}", "password": "{PASSWORD}"}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None):
        headers = {"Content-Type": kind} if kind else {}
        answer = front.client().post("/api/v1/session", content=body, headers=headers)
        error_of(answer, 422, "invalid_request")
        assert "set-cookie" not in answer.headers
