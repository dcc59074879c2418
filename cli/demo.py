"""`backoffice demo`: a small made-up shop to look at, people who work in it, and the way to be rid of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, Any

import msgspec
import typer

from agents.shipping.demo_rates import standard_rate_cards
from cli.api import Api, ApiAway, ApiRefused
from cli.demo_clear import Mixed, clear_database, counted, database_at_rest
from cli.demo_floor import Floor
from cli.demo_goods import BINS, BUYERS, NODES, ZONES, products
from cli.demo_orders import HOLDS, TAG, Fate, Planned, opening_stock, past_orders, planned_orders
from cli.demo_work import work_until
from cli.layout import DataDir
from cli.output import done, fail, out
from cli.place import DataDirOption, running, settings_for

demo = typer.Typer(help="The demo shop: load it, watch it work, clear it away.", no_args_is_help=True)

AT_ONCE = 6  # requests under way
SETTLED_WITHIN = 15.0  # seconds that payments and fulfilments get to follow their orders
Row = dict[str, Any]


def load_demo(api_url: str, key: str, *, progress: Callable[[str], None]) -> None:
    """Fill an empty company with the demo shop, through its API alone. The same again changes nothing.

    Raises:
        RuntimeError: the API refused something or went away.
    """
    with Api(api_url, key, connections=AT_ONCE) as api, ThreadPoolExecutor(AT_ONCE) as people:
        try:
            _Loader(api, people, progress).load()
        except ApiRefused as no:
            raise RuntimeError(f"The demo shop could not be loaded: {no}") from no


class _Loader:
    def __init__(self, api: Api, people: ThreadPoolExecutor, progress: Callable[[str], None]) -> None:
        self._api, self._people, self._say = api, people, progress
        self._floor = Floor(api)

    def load(self) -> None:
        self._put_nodes()
        self._put_goods()
        self._receive()
        customers = self._customers()
        planned = planned_orders()
        self._say(f"placing {len(planned)} orders")
        orders = self._place_all(planned, customers)
        past = past_orders(datetime.now(UTC))
        self._api.post("/orders/import", {"orders": past}, key=f"demo:past:{datetime.now(UTC):%Y-%m-%d}")
        self._wait_for_money([orders[p.reference]["id"] for p in planned if _gets_released(p)])
        self._say("picking, packing and shipping some of them")
        self._steer(planned, orders)
        self._fulfil(planned, orders)

    def _all(self, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        return list(self._people.map(work, items))

    def _put_nodes(self) -> None:
        for code, name, zone, rank, line1, city, postcode, country in NODES:
            address = {"company": "Larch & Loom", "line1": line1, "city": city, "postcode": postcode}
            body = {"name": name, "time_zone": zone, "rank": rank, "address": {**address, "country": country}}
            self._api.put(f"/nodes/{code}", body)
        codes = [node[0] for node in NODES]
        self._all(
            lambda p: self._api.put(f"/nodes/{p[0]}/zones/{p[1][0]}", {"name": p[1][1], "sequence": p[1][2]}),
            [(code, zone) for code in codes for zone in ZONES],
        )
        self._all(
            lambda p: self._api.put(
                f"/nodes/{p[0]}/bins/{p[1][0]}", {"zone": p[1][1], "type": p[1][2], "sequence": p[1][3]}
            ),
            [(code, bin) for code in codes for bin in BINS],
        )

    def _put_goods(self) -> None:
        *plain, kit = products()
        self._say(f"{len(plain) + 1} products at {len(NODES)} nodes")
        self._all(lambda p: self._api.put(f"/products/{p[0]}", p[1]), plain)
        self._api.put(f"/products/{kit[0]}", kit[1])
        known = {(c["carrier"], c["service"]) for c in self._api.get("/rate-cards", limit=200)["data"]}
        for card in standard_rate_cards():
            if (card.carrier, card.service) not in known:
                body = {"currency": card.currency, "transit_days": card.transit_days}
                self._api.put(
                    f"/rate-cards/{card.carrier}/{card.service}", {**body, "rates": msgspec.to_builtins(card.rates)}
                )

    def _receive(self) -> None:
        lines = sorted(opening_stock(), key=lambda one: one[0])
        for node, mine in groupby(lines, key=lambda one: one[0]):
            receipt = {"node": node, "reference": f"DEMO-OPENING-{node}", "lines": [line for _, line in mine]}
            self._api.post("/stock/receipts", receipt, key=f"demo:opening:{node}")

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
            if fate is Fate.picking:
                continue
            parcel = self._floor.pack(f)
            if fate is Fate.packed:
                continue
            tracking = self._floor.ship(f, parcel)
            self._floor.scanned(tracking, "in_transit", "sorting centre")
            if fate is Fate.delivered:
                self._floor.scanned(tracking, "delivered", "at the door")


_ON_THE_FLOOR = {Fate.delivered, Fate.shipped, Fate.packed, Fate.picking, Fate.partly_shipped}


def _gets_released(planned: Planned) -> bool:
    return planned.fate not in (Fate.declined, Fate.timeout, Fate.draft)


def _api_of(data_dir: Any) -> tuple[str, str]:
    """Address and key of the installation that runs here."""
    _, data, facts = running(data_dir)
    return str(facts["url"]), data.secret_path("api_key").read_text().strip()


def _line(text: str) -> None:
    out.print(text, highlight=False, markup=False, soft_wrap=True)


@demo.command()
def load(data_dir: DataDirOption = None) -> None:
    """Put the demo shop into the running company. Its products and orders are marked as demo."""
    url, key = _api_of(data_dir)
    begun = time.monotonic()
    try:
        load_demo(url, key, progress=_line)
    except (RuntimeError, ApiAway) as error:
        fail(str(error))
    done(f"The demo shop is in, after {time.monotonic() - begun:.0f} s. Watch it work: backoffice demo work")


@demo.command()
def work(
    per_minute: Annotated[float, typer.Option(min=0.1, max=600, help="Orders placed a minute.")] = 6.0,
    minutes: Annotated[float | None, typer.Option(min=0.01, help="Stop after so many minutes.")] = None,
    data_dir: DataDirOption = None,
) -> None:
    """Work in the demo shop until Ctrl-C: orders come in, the warehouses pick, pack and ship, parcels arrive."""
    url, key = _api_of(data_dir)
    out.print("[dim]Ctrl-C stops it.[/dim]")
    try:
        shipped = work_until(url, key, _line, per_minute=per_minute, seconds=minutes * 60 if minutes else None)
    except ValueError as reason:
        fail(str(reason))
    except (ApiRefused, ApiAway) as error:
        fail(f"{error} See `backoffice status`.")
    done(f"Closing time: {shipped} parcels have left.")


@demo.command()
def clear(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, data_dir: DataDirOption = None
) -> None:
    """Remove the demo shop, if there is nothing else. People, roles and API keys stay."""
    settings = settings_for(data_dir)
    with database_at_rest(settings, DataDir(settings.data_dir)) as url:
        try:
            found = counted(url)
        except Mixed as mixed:
            fail(str(mixed))
        if not found.products and not found.orders:
            done("There is no demo shop.")
            return
        what = f"{found.orders} orders and {found.products} products of the demo shop, with all that belongs to them"
        if not yes and not typer.confirm(f"Remove {what}?"):
            raise typer.Exit(1)
        clear_database(url)
    done(f"Removed {what}. `backoffice up --empty` starts with an empty company.")
