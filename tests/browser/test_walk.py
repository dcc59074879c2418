"""A purchase order by hand, screen after screen, until the order that waited has its units."""

from __future__ import annotations

from typing import Any

import pytest

from tests.at_the_door import Company
from tests.browser import walk
from tests.browser.desk import Desk
from tests.browser.test_receive import TABLET

pytestmark = pytest.mark.thorough


def test_a_purchase_order_is_followed_from_what_is_missing_to_the_order_that_waited(
    desk: Desk, company: Company, browser: Any
) -> None:
    waiting = walk.begin(desk)
    order = walk.buys(desk, Desk.looked_at)
    with Desk.opened(browser, company, role="warehouse", **TABLET) as dock:
        walk.receives(dock, order, Desk.looked_at)
        assert walk.level(desk)["backordered"] == walk.WAITED  # nobody has looked at the goods yet
        walk.judges(desk, order, Desk.looked_at)
        after = walk.level(desk)
        assert (after["backordered"], after["allocated"], after["sellable"]) == (0, walk.WAITED + 1, walk.ORDERED + 1)
        walk.puts_away(dock, Desk.looked_at)
    walk.sees_it_through(desk, waiting, order, Desk.looked_at)
    with desk.api as api:
        notice = api.get("/advance-notices", purchase_id_eq=order.rsplit("/", 1)[1])["data"][0]
        lies = api.get("/stock/bins", sku_eq=walk.SKU, node_eq="LON")["data"]
    assert notice["status"] == "received"
    assert {row["status"] for row in lies} == {"sellable"}
    assert not any(row["bin"] == "RECEIVING" for row in lies)
