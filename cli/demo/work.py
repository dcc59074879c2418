"""A day at the demo shop: customers order, three warehouses work off what is ready, carriers deliver."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from uuid import uuid4

from cli.api import Api, ApiRefused
from cli.demo.catalogue import LOTS, goods
from cli.demo.floor import Floor, Row, Say
from cli.demo.places import SITES
from cli.demo.today import an_order

STEP = 0.5  # seconds between two steps of the floor: slow enough to read along
DOOR_AFTER = 45.0  # seconds from dispatch to delivery
REFILL = 24  # units that come in of what has run out


def work_until(
    url: str,
    key: str,
    say: Say,
    *,
    per_minute: float,
    seconds: float | None = None,
    step: float = STEP,
    families: int | None = None,
    ticks: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Work until `seconds` are over, or Ctrl-C; returns how many parcels have left.

    Raises:
        ValueError: the company has products that are not of the demo shop; those are not to be shipped by us.
        ApiRefused, ApiAway: the API says no to what should be possible, or is gone.
    """
    with Api(url, key) as api:
        day = _Day(api, say, ticks, families)
        day.check()
        end = ticks() + seconds if seconds is not None else None
        next_order = ticks()
        try:
            while end is None or ticks() < end:
                if ticks() >= next_order:
                    day.customer()
                    next_order += 60 / per_minute
                day.floor_step()
                day.carrier()
                sleep(step)
        except KeyboardInterrupt:
            pass
        return day.shipped


class _Day:
    def __init__(self, api: Api, say: Say, ticks: Callable[[], float], families: int | None) -> None:
        self._api, self._say, self._ticks, self._families = api, say, ticks, families
        self._floor = Floor(api, say)
        self._rng = random.Random()  # noqa: S311 - every day is another
        self._turns = deque(site.code for site in SITES)
        self._depots = {site.code: site.depot for site in SITES}
        self._kept_at = {good.sku: good.nodes[0] for good in goods(families)}
        self._on_the_road: deque[tuple[float, str]] = deque()
        self._left_alone: set[str] = set()
        self.shipped = 0

    def check(self) -> None:
        found = 0
        for product in self._api.every("/products"):
            found += 1
            if product["attributes"].get("demo") is not True:
                raise ValueError(
                    f"{product['title']} is not of the demo shop. `demo work` ships whatever is ready, "
                    "so it works in a company that has demo products only."
                )
        if not found:
            raise ValueError("There is nothing to sell yet. Load the demo shop first: backoffice demo load")

    def customer(self) -> None:
        """Somebody orders; what has run out comes in from the supplier first."""
        reference = f"DEMO-{uuid4().hex[:10].upper()}"
        body = an_order(self._rng, reference, families=self._families)
        try:
            placed = self._api.post("/orders", body, key=reference)
        except ApiRefused as no:
            self._say(f"shop no order: {no}")
            for short in no.details.get("shortfalls", []):
                self._refill(short["sku"])
            return
        titles = ", ".join(f"{n['quantity']} × {n['title']}" for n in placed["lines"])
        name, currency = body["shipping_address"]["name"], body["currency"]
        self._say(f"shop order {placed['number']} from {name}: {titles}, {placed['display']['total']} {currency}")

    def _refill(self, sku: str) -> None:
        line = {"sku": sku, "quantity": REFILL, "lot": LOTS[sku][-1] if sku in LOTS else ""}
        node = self._kept_at[sku]
        reference = f"DEMO-TRUCK-{uuid4().hex[:8]}"
        body = {"node": node, "reference": reference, "lines": [line]}
        state = self._api.post("/stock/receipts", body, key=reference)
        self._say(f"{node}  a truck brings {REFILL} {sku}; {state['filled']} units go to orders that waited")

    def floor_step(self) -> None:
        """One piece of work at the next warehouse that has some: ship before packing, pack before picking."""
        for _ in range(len(self._turns)):
            node = self._turns[0]
            self._turns.rotate(-1)
            try:
                if self._work_at(node):
                    return
            except ApiRefused as no:  # a hold or a cancellation that came between two steps
                self._say(f"{node}  {no}")

    def _work_at(self, node: str) -> bool:
        for status, act in (("packed", self._ship), ("picked", self._floor.pack)):
            for fulfilment in self._oldest(node, status):
                try:
                    act(fulfilment)
                except ApiRefused as no:  # on hold since it was packed, for one
                    self._left_alone.add(fulfilment["id"])
                    self._say(f"{node}  {fulfilment['number']} stays: {no}")
                return True
        for walk in self._api.get("/pick-lists", node_eq=node, status_eq="open", expand="tasks", limit=1)["data"]:
            self._floor.walk(node, walk["tasks"])
            return True
        return self._floor.pick_oldest(node, limit=3)

    def _oldest(self, node: str, status: str) -> list[Row]:
        query: dict[str, str | int] = {"node_eq": node, "status_eq": status, "sort": "created_at", "limit": 20}
        rows = self._api.get("/fulfilments", **query)["data"]
        return [f for f in rows if f["id"] not in self._left_alone][:1]

    def _ship(self, fulfilment: Row) -> None:
        parcels = self._api.get("/parcels", fulfilment_id_eq=fulfilment["id"], status_not_eq="cancelled")["data"]
        for parcel in parcels:
            tracking = self._floor.ship(fulfilment, parcel)
            self._floor.scanned(tracking, "in_transit", self._depots[fulfilment["node"]])
            self._on_the_road.append((self._ticks(), tracking))
            self.shipped += 1

    def carrier(self) -> None:
        while self._on_the_road and self._ticks() - self._on_the_road[0][0] > DOOR_AFTER:
            _, tracking = self._on_the_road.popleft()
            self._floor.scanned(tracking, "delivered", "at the door")
            self._say(f"door {tracking} delivered")
