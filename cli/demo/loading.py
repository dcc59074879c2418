"""Loads the demo shop: goods and places through the API, the past into the books, today's orders through the API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import text

from agents.shipping.demo_rates import standard_rate_cards
from cli.api import Api, ApiRefused
from cli.demo.books import TAG, TERMS
from cli.demo.catalogue import Supplier, goods, kits, products
from cli.demo.copying import analyze, put_past
from cli.demo.floor import Floor
from cli.demo.past import Scale
from cli.demo.people import BUYERS
from cli.demo.places import BINS, BOXES, SITES, ZONES
from cli.demo.today import HOLDS, HOW_MANY, Fate, Planned, morning_truck, planned_orders
from db.base import utc_now
from db.session import Database

AT_ONCE = 6  # requests under way
MINIMUM_ORDER = 25_000  # cents
CASE_PACK = 6
CARRIER_ACCOUNT = "testpost"
SETTLED_WITHIN = 15.0  # seconds that payments and fulfilments get to follow their orders
Row = dict[str, Any]

_OTHERS = text("""
    SELECT (SELECT count(*) FROM products WHERE attributes ->> 'demo' IS DISTINCT FROM 'true') AS products,
      (SELECT count(*) FROM orders WHERE NOT tags @> ARRAY[:tag]) AS orders,
      (SELECT count(*) FROM products WHERE attributes ->> 'demo' = 'true') AS demo
""")


_LEFT_TODAY = text("""
    SELECT count(DISTINCT f.order_id) FROM fulfilments f JOIN orders o ON o.id = f.order_id
    WHERE o.external_ref LIKE 'DEMO-TODAY-%' AND f.shipped_at IS NOT NULL
""")


class NotEmpty(RuntimeError):
    """The company has goods or orders of its own."""


def load_demo(
    api_url: str,
    key: str,
    database_url: str,
    *,
    progress: Callable[[str], None],
    scale: Scale = Scale(),  # noqa: B008 - frozen
) -> None:
    """Fill an empty company with the demo shop. The same again changes nothing; what was broken off is finished.

    Raises:
        NotEmpty: there is a company already, and no demo shop in it.
        RuntimeError: the API refused something or went away.
    """
    database = Database(database_url, pool_size=1, application_name="backoffice-demo")
    try:
        _check_empty(database)
        if _is_loaded(database):
            progress("the demo shop is in already")
            return
        with Api(api_url, key, connections=AT_ONCE) as api, ThreadPoolExecutor(AT_ONCE) as people:
            loader = _Loader(api, people, scale, progress)
            loader.furnish()
            put_past(database, utc_now(), scale, progress=progress)
            analyze(database)
            loader.open_today()
    except ApiRefused as no:
        raise RuntimeError(f"The demo shop could not be loaded: {no}") from no
    finally:
        database.close()


def _check_empty(database: Database) -> None:
    with database.reading() as session:
        found = session.execute(_OTHERS, {"tag": TAG}).one()
    if (found.products or found.orders) and not found.demo:
        raise NotEmpty(
            f"There are {found.products} products and {found.orders} orders here. The demo shop goes into an empty "
            "company: start another one with --data-dir."
        )


def _is_loaded(database: Database) -> bool:
    """Whether the last step was done: today's parcels have left."""
    with database.reading() as session:
        left = session.execute(_LEFT_TODAY).scalar_one()
    return int(left) >= HOW_MANY[Fate.shipped] + HOW_MANY[Fate.partly_shipped]


class _Loader:
    def __init__(self, api: Api, people: ThreadPoolExecutor, scale: Scale, progress: Callable[[str], None]) -> None:
        self._api, self._people, self._scale, self._say = api, people, scale, progress
        self._floor = Floor(api)

    def furnish(self) -> None:
        """Places, goods and what carriers ask: what the past refers to."""
        self._put_nodes()
        self._put_goods()
        self._put_suppliers()
        self._put_carriers()

    def open_today(self) -> None:
        self._receive()
        customers = self._customers()
        planned = planned_orders(self._scale.families)
        self._say(f"placing today's {len(planned)} orders")
        orders = self._place_all(planned, customers)
        self._wait_for_money([orders[p.reference]["id"] for p in planned if _gets_released(p)])
        self._say("picking, packing and shipping some of them")
        self._steer(planned, orders)
        self._fulfil(planned, orders)
        self._say("planning what to buy")
        self._api.post("/replenishment-runs", {}, key="demo:plan")

    def _all(self, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        return list(self._people.map(work, items))

    def _put(self, path: str, body: Row) -> Row:
        """Once: what people changed since is left as it is."""
        digest = sha256(msgspec.json.encode(body)).hexdigest()[:12]
        answer: Row = self._api.put(path, body, key=f"demo:put:{path}:{digest}")
        return answer

    def _put_nodes(self) -> None:
        for site in SITES:
            body = {"name": site.name, "time_zone": site.time_zone, "rank": site.rank, "address": site.address}
            self._put(f"/nodes/{site.code}", body)
        codes = [site.code for site in SITES]
        self._all(
            lambda p: self._put(f"/nodes/{p[0]}/zones/{p[1][0]}", {"name": p[1][1], "sequence": p[1][2]}),
            [(code, zone) for code in codes for zone in ZONES],
        )
        self._all(
            lambda p: self._put(
                f"/nodes/{p[0]}/bins/{p[1][0]}", {"zone": p[1][1], "type": p[1][2], "sequence": p[1][3]}
            ),
            [(code, bin) for code in codes for bin in BINS],
        )
        self._all(lambda p: self._put_box(*p), [(code, box) for code in codes for box in BOXES])

    def _put_carriers(self) -> None:
        """What lateness costs, and a carrier that is asked and carries nothing, at one of the sites."""
        policy = {"currency": "EUR", "late_cost": 400, "loss_ppm": 1_000_000, "promise_days": 5}
        self._put("/shipping-policies/everyday", policy)
        account = {"name": "Test carrier", "provider": "test", "mode": "test", "nodes": [SITES[-1].code]}
        self._put(f"/carrier-accounts/{CARRIER_ACCOUNT}", account)

    def _put_box(self, node: str, box: tuple[str, str, tuple[int, int, int], int, int, int]) -> None:
        code, name, (length, width, height), tare, most, cents = box
        body = {"name": name, "length_mm": length, "width_mm": width, "height_mm": height, "wall_mm": 3}
        body |= {"tare_grams": tare, "max_grams": most, "cost_amount": cents, "cost_currency": "EUR"}
        self._put(f"/nodes/{node}/boxes/{code}", body)

    def _put_goods(self) -> None:
        families = self._scale.families
        found, sets = products(families), len(kits(families))
        self._say(f"{len(found)} products at {len(SITES)} nodes")
        self._all(lambda p: self._put(f"/products/{p[0]}", p[1]), found[: len(found) - sets])
        for handle, body in found[len(found) - sets :]:
            self._put(f"/products/{handle}", body)
        known = {(c["carrier"], c["service"]) for c in self._api.get("/rate-cards", limit=200)["data"]}
        for card in standard_rate_cards():
            if (card.carrier, card.service) not in known:
                body = {"currency": card.currency, "transit_days": card.transit_days}
                self._put(
                    f"/rate-cards/{card.carrier}/{card.service}", {**body, "rates": msgspec.to_builtins(card.rates)}
                )

    def _put_suppliers(self) -> None:
        """Who makes the goods, with the longest time that any of their kinds takes."""
        sold = goods(self._scale.families)
        makers: dict[str, Supplier] = {}
        for good in sold:
            known = makers.get(good.supplier.code)
            if known is None or known.lead_days < good.supplier.lead_days:
                makers[good.supplier.code] = good.supplier
        self._say(f"{len(makers)} suppliers")
        for code, maker in sorted(makers.items()):
            terms = {"currency": "EUR", "lead_days": maker.lead_days, "minimum_order": MINIMUM_ORDER, "terms": TERMS}
            self._put(f"/suppliers/{code}", {"name": maker.name, **terms})
        self._all(
            lambda g: self._put(
                f"/suppliers/{g.supplier.code}/items/{g.sku}",
                {
                    "unit_cost": g.cost,
                    "lead_days": g.supplier.lead_days,
                    "case_pack": CASE_PACK,
                    "minimum_quantity": CASE_PACK,
                },
            ),
            sold,
        )

    def _receive(self) -> None:
        for node, mine in groupby(morning_truck(self._scale.families), key=lambda one: one[0]):
            receipt = {"node": node, "reference": f"DEMO-TODAY-{node}", "lines": [line for _, line in mine]}
            self._api.post("/stock/receipts", receipt, key=f"demo:truck:{node}")

    def _customers(self) -> dict[str, str]:
        """Ids by e-mail."""

        def put(buyer: Any) -> tuple[str, str]:
            body = {"email": buyer.email, "name": buyer.name, "addresses": [buyer.address], "tags": [TAG]}
            return buyer.email, self._api.post("/customers", body, key=f"demo:customer:{buyer.email}")["id"]

        return dict(self._all(put, BUYERS))

    def _place_all(self, planned: list[Planned], customers: dict[str, str]) -> dict[str, Row]:
        """By reference. Those that compete for the last units come one after the other, so that it is always the
        same ones that wait."""

        def place(one: Planned) -> tuple[str, Row]:
            body = {**one.body, "customer_id": customers[one.body["email"]]}
            return one.reference, self._api.post("/orders", body, key=f"demo:{one.reference}")

        waiting = [p for p in planned if p.fate is Fate.backordered]
        others = [p for p in planned if p.fate is not Fate.backordered]
        return dict([*self._all(place, others), *map(place, waiting)])

    def _wait_for_money(self, ids: list[str]) -> None:
        """Until none of these waits for its payment, or for as long as that may take."""
        deadline = time.monotonic() + SETTLED_WITHIN
        while time.monotonic() < deadline:
            waiting = self._api.get("/orders", id_in=",".join(ids), hold_eq="payment", limit=1)["data"]
            if not waiting:
                return
            time.sleep(0.3)

    def _steer(self, planned: list[Planned], orders: dict[str, Row]) -> None:
        holds = iter(HOLDS)
        for one in planned:
            path, key = f"/orders/{orders[one.reference]['id']}", f"demo:{one.reference}"
            if one.fate is Fate.held:
                reason, note = next(holds)
                self._api.post(f"{path}/hold", {"reason": reason, "note": note}, key=f"{key}:hold")
            elif one.fate is Fate.cancelled:
                self._api.post(f"{path}/cancel", {"reason": "the customer changed their mind"}, key=f"{key}:cancel")
            elif one.fate is Fate.partly_cancelled:
                body = {"reason": "one is enough", "lines": [{"line_no": 1, "quantity": 2}]}
                self._api.post(f"{path}/cancel", body, key=f"{key}:cancel")

    def _fulfil(self, planned: list[Planned], orders: dict[str, Row]) -> None:
        fates = {orders[p.reference]["id"]: p.fate for p in planned if p.fate in _ON_THE_FLOOR}
        waiting = self._fulfilments(list(fates))
        self._all(lambda rows: self._bring(rows, fates[rows[0]["order_id"]]), waiting)

    def _fulfilments(self, order_ids: list[str]) -> list[list[Row]]:
        """The fulfilments of each order, once every order has one."""
        deadline = time.monotonic() + SETTLED_WITHIN
        while True:
            rows = self._api.get("/fulfilments", order_id_in=",".join(order_ids), limit=200)["data"]
            rows.sort(key=lambda f: (f["order_id"], f["number"]))
            found = [list(mine) for _, mine in groupby(rows, key=lambda f: f["order_id"])]
            if len(found) == len(order_ids) or time.monotonic() > deadline:
                return found
            time.sleep(0.3)

    def _bring(self, rows: list[Row], fate: Fate) -> None:
        """Take an order's fulfilments as far as its fate says; what was begun before stays as it is."""
        for f in rows[:1] if fate is Fate.partly_shipped else rows:
            if f["status"] != "ready" or not self._floor.pick(f["node"], f, take=fate is not Fate.picking):
                continue
            if fate in (Fate.picking, Fate.picked):
                continue
            parcel = self._floor.pack(f)
            if fate is Fate.packed:
                continue
            tracking = self._floor.ship(f, parcel)
            self._floor.scanned(tracking, "in_transit", "sorting centre")


_ON_THE_FLOOR = {Fate.shipped, Fate.packed, Fate.picked, Fate.picking, Fate.partly_shipped}


def _gets_released(planned: Planned) -> bool:
    return planned.fate not in (Fate.declined, Fate.timeout, Fate.draft)
