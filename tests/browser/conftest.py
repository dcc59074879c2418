"""A browser in front of one company with a small demo shop: Debian's Chromium, or every test is skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.demo.loading import load_demo
from cli.demo.past import Scale
from tests.at_the_door import Company, company_on, settled
from tests.browser.desk import AXE, ROLES, Desk, launched, make_people
from tests.conftest import FreshDatabase

BUILT = Path(__file__).parents[2] / "web" / "dist" / "index.html"
SCALE = Scale(orders=260, days=60, families=24)


def _missing() -> str | None:
    if not shutil.which("chromium"):
        return "There is no browser here: apt-get install chromium."
    if not (BUILT.exists() and AXE.exists()):
        return "The console is not built: npm ci && npm run build in web/."
    return None


@pytest.fixture(scope="session", autouse=True)
def _browser_or_skip() -> None:
    if missing := _missing():
        pytest.skip(missing)


@pytest.fixture(scope="session")
def company(fresh_database: FreshDatabase) -> Iterator[Company]:
    """One for all tests: each works on orders and bins of its own choice."""
    with fresh_database() as url, company_on(url) as it:
        load_demo(it.url, it.key, url, progress=lambda _: None, scale=SCALE)
        settled(it)
        make_people(url, ROLES)
        yield it


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with launched() as it:
        yield it


@pytest.fixture
def desk(company: Company, browser: Any) -> Iterator[Desk]:
    """Somebody with every right at a desk of their own."""
    with Desk.opened(browser, company, role="admin") as it:
        yield it
