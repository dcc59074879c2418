"""`uv run --with pillow python -m tests.browser.screenshots`: every screen, light and dark, into docs/console/.

Starts a company of its own with a demo shop in it; takes some minutes. With `buying` behind it only the screens of
buying and of what comes in are taken, and all others stay as they are.

Screens in the middle of work are taken from what the browser tests see: with
`PICTURES=DIR uv run pytest tests/browser -n 0`, and then `… tests.browser.screenshots tests DIR`.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.api import Api
from cli.demo.loading import load_demo
from cli.demo.past import Scale
from cli.whole_file import Reading, begin, bring, follow
from db import migrate
from db.base import utc_now
from db.embedded import EmbeddedPostgres
from tests.at_the_door import Company, company_on, settled
from tests.browser import palettes, walk
from tests.browser.desk import ROLES, Desk, launched, make_people
from tests.browser.pages import file_name, first_detail, screens

INTO = Path(__file__).parents[2] / "docs" / "console"
SCALE = Scale(orders=int(os.environ.get("ORDERS", "4000")), days=400)
MOST_BYTES = 4_500_000
FLOOR = ("Pick", "Pack", "Dispatch", "Receive", "Put away")
BUYING = (
    "Replenishment",
    "Purchase orders",
    "Ship notices",
    "Supplier invoices",
    "Suppliers",
    "Inspections",
    "Putaways",
)
"""Taken by light alone, with what came of the walk in them."""
MORE = {
    "replenishment-places": "/replenishment/places",
    "replenishment-classes": "/replenishment/classes",
    "putaway-tasks": "/putaways/tasks",
    "putaway-rules": "/putaways/rules",
    "lots": "/stock/lots",
}
FROM_TESTS = {
    "routing-2-tried": "routing-rules-tried",
    "routing-3-order": "routing-order",
    "routing-4-move": "routing-move",
    "routing-drill-1": "routing-drill",
    "routing-plan-1": "routing-plan",
    "waves-2": "waves-plan",
    "waves-holds": "waves-holds",
    "packing-1": "packing-plan",
    "carriers-card": "carriers-card",
    "carriers-choice": "carriers-choice",
    "carriers-rules-tried": "carriers-rules-tried",
    "carriers-scorecard": "carriers-scorecard",
    "exceptions-2": "exceptions-detail",
    "return-2-grade": "returns-grade",
    "return-3-refunded": "returns-detail",
    "return-5-policy": "returns-policy",
    "return-insight": "returns-insight",
    "door-4-give": "return-door-give",
    "door-5-sum": "return-door-sum",
    "door-9-dock": "returns-dock",
}
"""What a test calls its picture, and what it is called here."""
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
                a_day_of_work(it)
                settled(it)
                yield it
    finally:
        shutil.rmtree(home, ignore_errors=True)


FILE = """handle,title,sku,price,currency
oak-bench,Oak bench,BENCH-OAK,79.00,EUR
ash-bench,Ash bench,BENCH-ASH,seventy,EUR
pine-bench,Pine bench,BENCH-PINE,59.00,EURO
elm-bench,Elm bench,BENCH-ELM,84.00,EUR
"""


def a_day_of_work(company: Company) -> None:
    """What the demo shop leaves out: goods on their way between nodes, a count, a webhook, a file with rows to mend."""
    with Api(company.url, company.key) as api:
        for n, (node, other) in enumerate((("LON", "RTM"), ("RTM", "TLL"))):
            levels = api.get("/stock", node_eq=node, purchasable_gt="3", sort="-purchasable", limit=3)["data"]
            lines = [{"sku": level["sku"], "quantity": 2} for level in levels]
            moved = api.post("/transfers", {"from_node": node, "to_node": other, "lines": lines}, key=f"move-{n}")
            if n:
                api.post(f"/transfers/{moved['id']}/send", {}, key=f"send-{n}")
        for place in ("A-03", "A-04"):
            api.post("/counts", {"node": "LON", "bin": place}, key=f"count-{place}")
        hook = {
            "name": "Accounting",
            "url": "https://books.example.com/hooks",
            "events": ["payment.*", "order.cancelled"],
        }
        api.post("/webhooks", hook, key="hook")
        run = begin(api, bring(api, "products", a_file(), Reading(None, {}, {})), dry_run=False)
        follow(api, run, progress=False)


def a_file() -> Path:
    path = Path(tempfile.mkdtemp(prefix="backoffice-file-")) / "new benches.csv"
    path.write_text(FILE)
    return path


def take(desk: Desk, look: str) -> None:
    for name, path in screens(desk):
        if name in FLOOR or name in BUYING:
            continue
        desk.goes(path)
        shoot(desk, file_name(name), look)
        if path == "/":
            desk.page.get_by_role("button", name="Put this note away").click()  # seen once is enough
        detail = first_detail(desk)
        if detail and detail.startswith(path):  # others lead to a screen that has a picture already
            desk.comes_to_rest()
            shoot(desk, f"{file_name(name)}-detail", look)


def take_floor(desk: Desk, look: str) -> None:
    """The stations at work: at a bin, after a wrong scan, over an open parcel."""
    desk.goes("/pick")
    desk.page.get_by_role("button", name="Put this note away").click()
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


def take_buying(desk: Desk, dock: Desk) -> None:
    """A purchase order from beginning to end, then the lists that know of it, and a replay."""

    def light(of: Desk, name: str) -> None:
        shoot(of, name, "light")

    waiting = walk.begin(desk)
    desk.goes("/")
    desk.page.get_by_role("button", name="Put this note away").click()
    order = walk.buys(desk, light)
    dock.goes("/receive")
    dock.page.get_by_role("button", name="Put this note away").click()
    walk.receives(dock, order, light)
    walk.judges(desk, order, light)
    walk.puts_away(dock, light)
    walk.sees_it_through(desk, waiting, order, light)
    bill(desk, order)
    some_rules(desk)
    for name, path in screens(desk):
        if name in BUYING:
            desk.goes(path)
            light(desk, file_name(name))
            if first_detail(desk):
                desk.comes_to_rest()
                light(desk, f"{file_name(name)}-detail")
    for name, path in MORE.items():
        desk.goes(path)
        light(desk, name)
    replayed(desk)
    light(desk, "replay")


def bill(desk: Desk, order: str) -> None:
    """What the supplier wants for it: a little more a unit than was agreed, which waits for somebody."""
    line = {"line_no": 1, "quantity": walk.ORDERED, "unit_cost": 2200}
    body = {"number": "LW-2291", "lines": [line], "total": walk.ORDERED * 2200, "billed_on": f"{utc_now():%Y-%m-%d}"}
    with desk.api as api:
        api.post(f"/purchase-orders/{order.rsplit('/', 1)[1]}/invoices", body, key="walk-bill")


def some_rules(desk: Desk) -> None:
    with desk.api as api:
        api.put("/putaway-rules/LON/lanterns", {"goods": "sku", "value": walk.SKU, "units_per_bin": 40}, key="rule-one")
        chilled = {"goods": "temperature", "value": "chilled", "units_per_bin": 200, "priority": 10}
        api.put("/putaway-rules/LON/chilled", chilled, key="rule-two")


def replayed(desk: Desk) -> None:
    """Whatever is sold most at London, with less of it on the shelf."""
    with desk.api as api:
        plan = api.get("/replenishment-plans", sort="-daily_milli", node_eq="LON", limit=1)["data"][0]
    desk.goes(f"/replenishment/places/{plan['node']}/{plan['sku']}/try")
    desk.page.get_by_role("combobox", name="Policy").click()
    desk.page.get_by_role("option", name="Min/max").click()
    desk.page.get_by_label("Minimum").fill(str(plan["point"] // 3))
    desk.page.get_by_label("Maximum").fill(str(plan["up_to"] // 2))
    desk.page.get_by_role("button", name="Try it").click()
    desk.page.get_by_role("heading", name="Side by side").wait_for()


def shoot(desk: Desk, name: str, look: str) -> None:
    desk.page.wait_for_timeout(300)
    desk.page.screenshot(path=INTO / f"{name}-{look}.png", animations="disabled")


def taken(path: Path) -> tuple[Path, int]:
    return path, path.stat().st_mtime_ns


def from_tests(folder: Path) -> int:
    for theirs, ours in FROM_TESTS.items():
        palettes.reduce(Path(shutil.copy(folder / f"{theirs}.png", INTO / f"{ours}-light.png")))
    return told()


def told() -> int:
    size = sum(picture.stat().st_size for picture in INTO.glob("*.png"))
    print(f"{len(list(INTO.glob('*.png')))} pictures, {size / 1e6:.1f} MB in {INTO}")
    return 0 if size < MOST_BYTES else 1


def main() -> int:
    INTO.mkdir(parents=True, exist_ok=True)
    if sys.argv[1:2] == ["tests"]:
        return from_tests(Path(sys.argv[2]))
    is_whole = "buying" not in sys.argv[1:]
    kept = {f"{name}-light.png" for name in FROM_TESTS.values()}
    for old in INTO.glob("*.png") if is_whole else ():
        if old.name not in kept:
            old.unlink()
    before = {taken(path) for path in INTO.glob("*.png")}
    with a_company() as company, launched() as browser:
        light = {"role": "admin", "color_scheme": "light"}
        at_desk, at_dock = (Desk.opened(browser, company, **light, **window) for window in ({}, {"viewport": TABLET}))
        with at_desk as desk, at_dock as dock:
            take_buying(desk, dock)
        for look in ("light", "dark") if is_whole else ():
            with Desk.opened(browser, company, role="admin", color_scheme=look) as desk:
                take(desk, look)
            with Desk.opened(browser, company, role="admin", color_scheme=look, viewport=TABLET) as desk:
                take_floor(desk, look)
    for picture in INTO.glob("*.png"):
        if taken(picture) not in before:
            palettes.reduce(picture)
    return told()


if __name__ == "__main__":
    sys.exit(main())
