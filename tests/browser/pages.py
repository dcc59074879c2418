"""Every page of the console: what the navigation leads to, and the first detail of each list."""

from __future__ import annotations

from tests.browser.desk import Desk

FIRST = "main table tbody a[href^='/'], main .table a[href^='/']"


def screens(desk: Desk) -> list[tuple[str, str]]:
    """(name, address) of each screen in the navigation."""
    links = desk.page.locator("nav.nav a.nav-link")
    return [(str(a.inner_text()).strip(), str(a.get_attribute("href"))) for a in links.all()]


def first_detail(desk: Desk, path: str) -> str | None:
    """The address of the first record in the list that is shown, below the list's own address."""
    if path == "/":
        return None
    for link in desk.page.locator(FIRST).all():
        href = str(link.get_attribute("href"))
        if href.startswith(f"{path}/"):
            return href
    return None


def file_name(name: str) -> str:
    return "-".join(name.lower().split())
