"""Every page of the console: what the navigation leads to, and the first detail of each list."""

from __future__ import annotations

from playwright.sync_api import TimeoutError

from tests.browser.desk import Desk


def screens(desk: Desk) -> list[tuple[str, str]]:
    """(name, address) of each screen in the navigation."""
    links = desk.page.locator("nav.nav a.nav-link")
    return [(str(a.inner_text()).strip(), str(a.get_attribute("href"))) for a in links.all()]


def first_detail(desk: Desk) -> str | None:
    """The address of the first record in the list that is shown, opened by its keys; None where there is none."""
    if desk.page.locator("main tbody tr").count() == 0:
        return None
    before = desk.page.url
    desk.presses("j", "Enter")
    try:
        desk.page.wait_for_url(lambda url: url != before, timeout=1500)
    except TimeoutError:
        return None
    return desk.page.url.removeprefix(desk.company.url)


def file_name(name: str) -> str:
    return "-".join(name.lower().split())
