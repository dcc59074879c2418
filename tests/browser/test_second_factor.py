"""Somebody sets up a second factor, loses nothing on the way, and signs in with it."""

from __future__ import annotations

import re
from typing import Any

import pyotp
from playwright.sync_api import expect

from cli.api import Api
from tests.at_the_door import Company
from tests.browser.desk import PASSWORD, Desk

EMAIL = "careful@example.org"


def test_a_second_factor_is_set_up_and_asked_for_at_the_door(company: Company, browser: Any) -> None:
    with Api(company.url, company.key) as api:
        body = {"email": EMAIL, "name": "Careful Person", "role": "support", "password": PASSWORD}
        api.post("/users", body, key="careful")
    with Desk.opened(browser, company, role="", signed_in=False) as desk:
        page = desk.page
        enter(desk)
        desk.sees("Orders")
        desk.goes("/account")
        page.get_by_role("button", name="Set up").click()
        page.get_by_label("Your password").fill("not it at all")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("alert")).to_contain_text("do not belong together")
        assert page.get_by_role("heading", name="Sign in again").count() == 0, "a wrong password ends no session"
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_alt_text("QR code for an authenticator app")).to_be_visible()
        secret = re.sub(r"\s", "", page.get_by_role("dialog").locator("code").inner_text())
        assert desk.violations() == []
        page.get_by_label("The six digits it shows").fill(pyotp.TOTP(secret).now())
        page.get_by_role("button", name="Turn on").click()
        sheet = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
        expect(sheet).to_have_count(10)
        codes = sheet.all_inner_texts()
        assert desk.violations() == []
        page.get_by_role("button", name="I have them").click()
        expect(page.get_by_text("10 recovery codes are left")).to_be_visible()
    with Desk.opened(browser, company, role="", signed_in=False) as desk:
        page = desk.page
        enter(desk)
        expect(page.get_by_label("Code")).to_be_focused()
        page.keyboard.type("000000")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("not the code of this moment")
        page.get_by_label("Code").fill(codes[0])
        page.keyboard.press("Enter")
        desk.sees("Orders")


def enter(desk: Desk) -> None:
    desk.page.goto("/orders")
    desk.page.get_by_label("E-mail").fill(EMAIL)
    desk.page.get_by_label("Password").fill(PASSWORD)
    desk.page.keyboard.press("Enter")
