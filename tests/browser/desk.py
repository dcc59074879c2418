"""A person at the console: a browser window of their own, signed in, with what tests ask of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from cli.api import Api
from db.base import utc_now
from db.session import Database
from serve.passwords import hash_password
from serve.people import make_user
from serve.scopes import ensure_roles
from tests.at_the_door import Company
from tests.shop import TESTER

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PASSWORD = "a long sentence nobody guesses"
ROLES = ("admin", "manager", "support", "warehouse")
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NAME_OF_WHAT_HAS_THE_FOCUS = """(({ariaLabel, labels, innerText}) =>
    ariaLabel || labels?.[0]?.innerText || innerText || '')(document.activeElement)"""
PICTURES = os.environ.get("PICTURES")
"""A folder: then tests leave pictures of what they see there."""
PATIENCE_MS = 20_000  # on a machine that does other things too


def pictured(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@contextmanager
def launched() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


def make_people(database_url: str, roles: Iterable[str]) -> None:
    """One person a role: `support@example.org` has the role support."""
    database = Database(database_url, pool_size=1)
    with database.transaction(TESTER, now=utc_now()) as tx:
        ensure_roles(tx)
        for role in roles:
            make_user(
                tx,
                email=f"{role}@example.org",
                name=f"{role.title()} Person",
                role=role,
                password_hash=hash_password(PASSWORD),
            )
    database.close()


@dataclass
class Desk:
    page: Page
    company: Company
    mistakes: list[str] = field(default_factory=list)  # what the browser complained about
    asked: set[Any] = field(default_factory=set)  # requests that were not answered yet

    @classmethod
    @contextmanager
    def opened(
        cls, browser: Browser, company: Company, *, role: str, signed_in: bool = True, **window: Any
    ) -> Iterator[Desk]:
        context: BrowserContext = browser.new_context(
            base_url=company.url, **{"viewport": {"width": 1280, "height": 820}, "locale": "en-GB", **window}
        )
        context.set_default_timeout(PATIENCE_MS)
        desk = cls(context.new_page(), company)
        desk.page.on("pageerror", lambda error: desk.mistakes.append(str(error)))
        desk.page.on("request", desk._asks)
        for over in ("requestfinished", "requestfailed"):
            desk.page.on(over, desk._is_answered)
        try:
            if signed_in:
                desk.sign_in(role)
            yield desk
        finally:
            context.close()
        assert desk.mistakes == []

    def _asks(self, request: Any) -> None:
        self.asked.add(request)

    def _is_answered(self, request: Any) -> None:
        self.asked.discard(request)

    def sign_in(self, role: str) -> None:
        self.page.goto("/orders")
        self.page.get_by_label("E-mail").fill(f"{role}@example.org")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.sees("Orders")

    def sees(self, heading: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible()

    def goes(self, path: str) -> None:
        """To an address, until nothing is loading any more."""
        self.page.goto(path)
        self.comes_to_rest()

    def comes_to_rest(self) -> None:
        expect(self.page.get_by_role("heading", level=1).first).to_be_visible()
        for _ in range(100):
            if not any("/api/" in one.url and not one.url.endswith("/events") for one in self.asked):
                break
            self.page.wait_for_timeout(50)
        expect(self.page.get_by_role("status", name="Loading")).to_have_count(0)
        for _ in range(40):  # the page's policy lets nobody wait inside it
            if not self.page.evaluate("document.getAnimations().some(a => a.playState === 'running')"):
                return
            self.page.wait_for_timeout(50)

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tabs_to(self, name: str) -> None:
        """Tab, until what is named has the focus."""
        for _ in range(240):
            self.presses("Tab")
            if self.page.evaluate(NAME_OF_WHAT_HAS_THE_FOCUS).strip().removesuffix("*").strip() == name:
                return
        raise AssertionError(f"{name} cannot be reached with the keyboard")

    def palette_to(self, name: str) -> None:
        """To a screen, by the one box that finds everything."""
        self.presses("Control+k")
        expect(self.page.get_by_role("dialog")).to_be_visible()
        self.page.keyboard.type(name)
        chosen = self.page.locator("[role=option][aria-selected=true] .palette-label")
        expect(chosen).to_have_text(name)  # a screen that is called just that comes before all that is found
        self.presses("Enter")
        self.sees(name)
        expect(self.page.get_by_role("dialog")).to_have_count(0)  # keys of the screen are off while one is closing
        self.comes_to_rest()

    def scans(self, code: str) -> None:
        """What a scanner does: types fast, wherever the focus is, and ends with Enter."""
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def is_told(self, text: str | re.Pattern[str]) -> None:
        """In the line that says what the last scan led to."""
        expect(self.page.locator(".floor-signal")).to_contain_text(text)

    def violations(self) -> list[str]:
        """What axe finds on the page as it is, each as a sentence with the place."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "async (tags) => (await axe.run(document, {runOnly: {type: 'tag', values: tags}})).violations"
            ".map(v => `${v.id}: ${v.help} at ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', ')}`)",
            WCAG,
        )
        return list(found)

    def pictured(self, name: str) -> None:
        pictured(self.page, name)

    def looked_at(self, name: str) -> None:
        """Whoever works with a screen reader can use it too."""
        assert self.violations() == []
        self.pictured(name)

    @property
    def api(self) -> Api:
        return Api(self.company.url, self.company.key)
