"""`python -m tests.browser.screenshots`: a picture of every screen, light and dark, into docs/console/.

Starts a company of its own with a demo shop in it; takes two minutes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.demo.loading import load_demo
from cli.demo.past import Scale
from db import migrate
from db.embedded import EmbeddedPostgres
from tests.at_the_door import Company, company_on, settled
from tests.browser.desk import ROLES, Desk, launched, make_people
from tests.browser.pages import file_name, first_detail, screens

INTO = Path(__file__).parents[2] / "docs" / "console"
SCALE = Scale(orders=int(os.environ.get("ORDERS", "4000")), days=400)
MOST_BYTES = 6_000_000
FLOOR = ("Pick", "Pack", "Dispatch")
TABLET = {"width": 820, "height": 1100}


@contextmanager
def a_company() -> Iterator[Company]:
    home = Path(tempfile.mkdtemp(prefix="backoffice-pictures-"))
    home.chmod(0o755)
    try:
        with EmbeddedPostgres(home / "data", settings={"fsync": "off"}) as server:
            migrate.upgrade(server.url)
            with company_on(server.url) as it:
                load_demo(it.url, it.key, server.url, progress=print, scale=SCALE)
                settled(it)
                make_people(server.url, ROLES)
                yield it
    finally:
        shutil.rmtree(home, ignore_errors=True)


def take(desk: Desk, look: str) -> None:
    for name, path in screens(desk):
        if name in FLOOR:
            continue
        desk.goes(path)
        shoot(desk, file_name(name), look)
        detail = first_detail(desk)
        if detail:
            desk.comes_to_rest()
            shoot(desk, f"{file_name(name)}-detail", look)


def take_floor(desk: Desk, look: str) -> None:
    """The stations at work: at a bin, after a wrong scan, over an open parcel."""
    desk.goes("/pick")
    desk.page.get_by_role("button", name="London").press("Enter")
    desk.presses("Enter")
    step = desk.page.locator(".floor-huge").first
    step.wait_for()
    shoot(desk, "pick-bin", look)
    desk.scans(step.inner_text())
    desk.is_told("Bin")
    desk.scans("2904000000000")
    desk.is_told("Expected")
    shoot(desk, "pick-wrong-scan", look)
    desk.goes("/pack")
    desk.page.get_by_text("to pack").first.wait_for()
    desk.presses("Enter")  # the oldest
    desk.page.locator(".floor-units").first.wait_for()
    desk.scans(desk.page.locator(".floor-name .mono").first.inner_text())
    desk.is_told("×")
    shoot(desk, "pack", look)
    desk.goes("/dispatch")
    desk.page.get_by_text("wait to leave").wait_for()
    shoot(desk, "dispatch", look)


def shoot(desk: Desk, name: str, look: str) -> None:
    desk.page.wait_for_timeout(300)
    desk.page.screenshot(path=INTO / f"{name}-{look}.png", animations="disabled")


def main() -> int:
    INTO.mkdir(parents=True, exist_ok=True)
    for old in INTO.glob("*.png"):
        old.unlink()
    with a_company() as company, launched() as browser:
        for look in ("light", "dark"):
            with Desk.opened(browser, company, role="admin", color_scheme=look) as desk:
                take(desk, look)
            with Desk.opened(browser, company, role="admin", color_scheme=look, viewport=TABLET) as desk:
                take_floor(desk, look)
    size = sum(picture.stat().st_size for picture in INTO.glob("*.png"))
    print(f"{len(list(INTO.glob('*.png')))} pictures, {size / 1e6:.1f} MB in {INTO}")
    return 0 if size < MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
