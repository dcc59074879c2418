"""Nothing of WCAG 2.2 AA that axe can find is broken on any page, light and dark, wide and on a tablet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.at_the_door import Company
from tests.browser.desk import Desk
from tests.browser.pages import first_detail, screens

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(company: Company, browser: Any, look: str) -> None:
    found: dict[str, list[str]] = {}
    with Desk.opened(browser, company, role="admin", color_scheme=look) as desk:
        named = screens(desk)
        assert {"Orders", "Pick", "Pack", "Dispatch"} <= {name for name, _ in named}
        for _, path in named:
            desk.goes(path)
            found[path] = desk.violations()
            detail = first_detail(desk)
            if detail:
                desk.comes_to_rest()
                found[detail] = desk.violations()
    assert {path: said for path, said in found.items() if said} == {}


def test_no_page_is_wider_than_a_tablet(company: Company, browser: Any) -> None:
    wide = []
    with Desk.opened(browser, company, role="admin", viewport={"width": 820, "height": 1180}) as desk:
        for _, path in screens(desk):
            desk.goes(path)
            if desk.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(path)
    assert wide == []
