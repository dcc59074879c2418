"""`python -m tests.browser.speed DATA_DIR`: how long the console takes, before an installation that runs there.

From a key press to the painted row in each list, a turn of the page, and from the answer to whoever places an order
to its row in the list of somebody who looks at it. With an empty database it first loads the demo shop, ORDERS large.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from cli.demo.loading import load_demo
from cli.demo.past import Scale
from tests.at_the_door import Company
from tests.browser.desk import ROLES, Desk, launched, make_people

LISTS = ("orders", "customers", "products", "stock", "stock/ledger", "fulfilments", "payments", "audit")
PRESSES, TURNS, PLACED = 40, 10, 20

# Every key press, until the frame after the row that it marks was painted; and when each order number came up.
WATCH = """() => {
    window.presses = [], window.turns = [], window.seen = {};
    let pressed = null, turned = null;
    const painted = then => requestAnimationFrame(() => { const c = new MessageChannel();
        c.port1.onmessage = () => then(performance.now()); c.port2.postMessage(0); });
    addEventListener('keydown', e => { if ('jk'.includes(e.key)) pressed = e.timeStamp;
        if (e.key === ']') turned = e.timeStamp; }, true);
    new MutationObserver(changes => {
        const rows = document.querySelectorAll('main tbody tr');
        for (const row of rows) { const text = row.querySelector('td:nth-child(2)')?.textContent;
            if (text && !(text in window.seen)) window.seen[text] = Date.now(); }
        if (pressed !== null && changes.some(c => c.attributeName === 'data-marked')) {
            const since = pressed; pressed = null; painted(at => window.presses.push(at - since)); }
        if (turned !== null && changes.some(c => c.type === 'childList' && c.target.closest?.('tbody'))) {
            const since = turned; turned = null; painted(at => window.turns.push(at - since)); }
    }).observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ['data-marked']});
}"""


def told(name: str, took: list[float]) -> None:
    middle, worst = statistics.median(took), max(took)
    print(f"{name:32} {len(took):4} times  median {middle:5.0f} ms  worst {worst:5.0f} ms")


def keys(desk: Desk) -> None:
    every: list[float] = []
    for name in LISTS:
        desk.goes(f"/{name}")
        desk.page.evaluate(WATCH)
        for n in range(PRESSES):
            desk.presses("k" if n % 4 == 3 else "j")
            desk.page.wait_for_timeout(60)
        took = desk.page.evaluate("window.presses")
        for _ in range(TURNS):
            desk.presses("]")
            desk.comes_to_rest()
        told(f"{name}: key to row", took)
        if turns := desk.page.evaluate("window.turns"):
            told(f"{name}: turn of a page", turns)
        every += took
    told("all lists: key to row", every)


def live(desk: Desk) -> None:
    desk.goes("/orders")
    desk.page.wait_for_timeout(2000)
    desk.page.evaluate(WATCH)
    answered: dict[str, float] = {}
    with desk.api as api:
        sku = api.get("/stock", node_eq="LON", sort="-purchasable", limit=1)["data"][0]["sku"]
        for n in range(PLACED):
            body = {"channel": "web", "currency": "EUR", "lines": [{"sku": sku, "quantity": 1}],
                    "email": "ada@example.com", "shipping_address": {"name": "Ada", "country": "GB"},
                    "payment": {"provider": "test", "token": "tok_ok"}}  # fmt: skip
            order = api.post("/orders", body, key=f"speed-{time.time_ns()}-{n}")
            answered[order["number"]] = time.time() * 1000
            desk.page.wait_for_timeout(1500)
    seen = desk.page.evaluate("window.seen")
    told("placed to row, live", [seen[number] - at for number, at in answered.items() if number in seen])
    if lost := [number for number in answered if number not in seen]:
        print(f"not seen: {', '.join(lost)}")


def main(data_dir: Path) -> int:
    facts: dict[str, Any] = json.loads((data_dir / "run.json").read_text())
    key = (data_dir / "secrets" / "api_key").read_text().strip()
    company = Company(facts["url"], key, facts["database_url"], rest=lambda: None)
    if company.rows("SELECT 1 FROM orders LIMIT 1") == []:
        scale = Scale(orders=int(os.environ.get("ORDERS", "100000")))
        load_demo(company.url, key, company.database_url, progress=print, scale=scale)
        make_people(company.database_url, ROLES)
    print(f"{company.rows('SELECT count(*) FROM orders')[0][0]:,} orders; load {os.getloadavg()[0]:.1f}")
    with launched() as browser, Desk.opened(browser, company, role="admin") as desk:
        keys(desk)
        live(desk)
    print(f"load {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
