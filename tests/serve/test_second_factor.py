"""Six digits from a phone at sign-in: asked for, used once, replaced by paper, taken away by who may."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pyotp
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from serve.auth import COOKIE
from tests.serve.conftest import PASSWORD, Front, error_of

PATH = "/api/v1/session/second-factor"


class Phone:
    """An app that was shown the secret, with the clock of the shop."""

    def __init__(self, front: Front, secret: str) -> None:
        self.front, self.totp = front, pyotp.TOTP(secret)

    def code(self, *, steps: int = 0) -> str:
        return self.totp.at(self.front.clock.now, counter_offset=steps)


def person_with_factor(front: Front, role: str = "admin") -> tuple[str, TestClient, Phone, list[str]]:
    """E-mail, signed-in client, phone, recovery codes."""
    email = front.person(role)
    client = front.client()
    answer = client.post("/api/v1/session", json={"email": email, "password": PASSWORD})
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    begun = client.post(PATH, json={"password": PASSWORD})
    assert begun.status_code == 201, begun.text
    phone = Phone(front, begun.json()["secret"])
    confirmed = client.post(f"{PATH}/confirm", json={"code": phone.code()})
    assert confirmed.status_code == 200, confirmed.text
    front.clock.later(seconds=60)  # the code of the confirmation is used up
    return email, client, phone, confirmed.json()["recovery_codes"]


def sign_in(front: Front, email: str, code: str | None = None) -> Any:
    body = {"email": email, "password": PASSWORD} | ({"code": code} if code else {})
    return front.client().post("/api/v1/session", json=body)


def test_with_a_second_factor_the_password_alone_is_not_enough(front: Front) -> None:
    email, client, phone, _ = person_with_factor(front)
    assert client.get(PATH).json()["active"] is True
    error = error_of(sign_in(front, email), 401, "second_factor_needed")
    assert "six digits" in error["message"]
    assert not front.client().cookies.get(COOKIE)
    error_of(sign_in(front, email, "000000"), 401, "wrong_code")
    assert sign_in(front, email, phone.code()).status_code == 201


def test_who_has_the_wrong_password_does_not_learn_of_it(front: Front) -> None:
    email, _, phone, _ = person_with_factor(front)
    body = {"email": email, "password": "another long sentence", "code": phone.code()}
    error_of(front.client().post("/api/v1/session", json=body), 401, "wrong_credentials")
    assert sign_in(front, email, phone.code()).status_code == 201, "and the code was not used up by it"


def test_a_code_is_good_once_and_no_earlier_one_after_it(front: Front) -> None:
    email, _, phone, _ = person_with_factor(front)
    code, before = phone.code(), phone.code(steps=-1)
    assert sign_in(front, email, code).status_code == 201
    error_of(sign_in(front, email, code), 401, "wrong_code")
    error_of(sign_in(front, email, before), 401, "wrong_code")
    front.clock.later(seconds=30)
    assert sign_in(front, email, f"{phone.code()[:3]} {phone.code()[3:]}").status_code == 201


def test_a_phone_may_be_half_a_minute_off_and_no_more(front: Front) -> None:
    email, _, phone, _ = person_with_factor(front)
    error_of(sign_in(front, email, phone.code(steps=2)), 401, "wrong_code")
    error_of(sign_in(front, email, phone.code(steps=-2)), 401, "wrong_code")
    assert sign_in(front, email, phone.code(steps=1)).status_code == 201


def test_guessing_codes_closes_the_door_as_guessing_passwords_does(front: Front) -> None:
    email, _, phone, _ = person_with_factor(front)
    for n in range(5):
        error_of(sign_in(front, email, f"{n:06}"), 401, "wrong_code")
    error_of(sign_in(front, email, phone.code()), 429, "too_many_failures")
    front.clock.later(minutes=16)
    assert sign_in(front, email, phone.code()).status_code == 201


def test_a_code_from_paper_is_good_for_one_sign_in(front: Front) -> None:
    email, client, phone, paper = person_with_factor(front)
    assert len(set(paper)) == 10
    assert sign_in(front, email, paper[0].upper()).status_code == 201
    error_of(sign_in(front, email, paper[0]), 401, "wrong_code")
    assert client.get(PATH).json()["recovery_codes_left"] == 9
    fresh = client.post(f"{PATH}/recovery-codes", json={"password": PASSWORD, "code": phone.code()}).json()
    assert not set(fresh["recovery_codes"]) & set(paper)
    error_of(sign_in(front, email, paper[1]), 401, "wrong_code")
    assert sign_in(front, email, fresh["recovery_codes"][0].replace("-", "")).status_code == 201


def test_setting_it_up_needs_the_password_and_ends_other_sessions(front: Front) -> None:
    email = front.person()
    other, client = front.client(), front.client()
    for one in (other, client):
        answer = one.post("/api/v1/session", json={"email": email, "password": PASSWORD})
        one.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    error_of(client.post(PATH, json={"password": "not mine at all"}), 401, "wrong_credentials")
    begun = client.post(PATH, json={"password": PASSWORD}).json()
    assert other.get("/api/v1/me").status_code == 200
    assert sign_in(front, email).status_code == 201, "it does not count before it was confirmed"
    error_of(client.post(f"{PATH}/confirm", json={"code": "000000"}), 401, "wrong_code")
    phone = Phone(front, begun["secret"])
    assert client.post(f"{PATH}/confirm", json={"code": phone.code()}).status_code == 200
    error_of(other.get("/api/v1/me"), 401, "not_signed_in")
    assert client.get("/api/v1/me").status_code == 200
    error_of(client.post(PATH, json={"password": PASSWORD}), 409, "factor_there")


def test_the_picture_is_of_the_address_that_apps_read(front: Front) -> None:
    client = front.signed_in()
    begun = client.post(PATH, json={"password": PASSWORD}).json()
    assert begun["address"].startswith("otpauth://totp/Backoffice:")
    assert f"secret={begun['secret']}" in begun["address"]
    kind, _, content = begun["picture"].partition(",")
    assert kind.startswith("data:image/svg+xml")
    assert ElementTree.fromstring(unquote(content)).tag.endswith("svg")


def test_it_is_removed_with_password_and_code_and_nothing_less(front: Front) -> None:
    email, client, phone, _ = person_with_factor(front)
    error_of(client.post(f"{PATH}/remove", json={"password": PASSWORD, "code": "000000"}), 401, "wrong_code")
    error_of(client.post(f"{PATH}/remove", json={"password": "x", "code": phone.code()}), 401, "wrong_credentials")
    assert client.post(f"{PATH}/remove", json={"password": PASSWORD, "code": phone.code()}).status_code == 204
    assert sign_in(front, email).status_code == 201
    error_of(client.post(f"{PATH}/remove", json={"password": PASSWORD, "code": phone.code()}), 409, "no_factor")


def test_an_admin_takes_it_from_who_lost_their_phone_but_nobody_from_who_holds_more(front: Front) -> None:
    email, client, _, _ = person_with_factor(front, "support")
    admin = front.signed_in()
    (user,) = admin.get("/api/v1/users", params={"email_eq": email}).json()["data"]
    assert user["second_factor"] is True
    taken = admin.post(f"/api/v1/users/{user['id']}/remove-second-factor")
    assert (taken.status_code, taken.json()["second_factor"]) == (200, False)
    error_of(client.get("/api/v1/me"), 401, "not_signed_in")
    assert sign_in(front, email).status_code == 201
    boss, _, _, _ = person_with_factor(front)
    (theirs,) = admin.get("/api/v1/users", params={"email_eq": boss}).json()["data"]
    helper = front.key("read_people", "write_people")
    error_of(helper.post(f"/api/v1/users/{theirs['id']}/remove-second-factor"), 403, "grants_more_than_held")
    error_of(sign_in(front, boss), 401, "second_factor_needed")


@pytest.mark.parametrize("path", ["", "/confirm", "/recovery-codes", "/remove"])
def test_a_key_has_none(front: Front, path: str) -> None:
    body = {"": {"password": "x"}, "/confirm": {"code": "123456"}}.get(path, {"password": "x", "code": "123456"})
    error_of(front.key().post(PATH + path, json=body), 403, "only_for_people")


def test_neither_secret_nor_codes_are_in_the_audit_log_or_legible_in_the_database(front: Front) -> None:
    email, client, phone, paper = person_with_factor(front)
    assert sign_in(front, email, paper[3]).status_code == 201
    with front.database.reading() as session:
        written = str(session.execute(text("SELECT before::text, after::text FROM audit_log")).all())
        kept = str(session.execute(text("SELECT recovery FROM second_factors")).all())
    assert "second_factor" not in written or phone.totp.secret not in written
    assert phone.totp.secret not in written
    assert not any(code in written or code in kept or code.replace("-", "") in kept for code in paper)
    assert client.get(PATH).json().keys() == {"active", "since", "recovery_codes_left"}
