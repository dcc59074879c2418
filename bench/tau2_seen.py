"""Orders, users and gift cards as the benchmark would write them down: of its own world, and of our company.

Ours is read through the API, but for the tokens that pay exchanges, which no list shows: SQL looks for those.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text

from bench.client import Client
from bench.tau2_data import Order, User, World
from bench.tau2_rules import MODIFIED
from bench.tau2_shop import Copy, address_from
from db.session import Database

Row = dict[str, Any]
Facts = dict[str, Any]
STATES = {
    "placed": "pending",
    "released": "pending",
    "partly_shipped": "processed",
    "shipped": "processed",
    "delivered": "delivered",
    "closed": "delivered",
    "cancelled": "cancelled",
}
"""Of ours to theirs. A held order is neither: it waits for something, and nothing is to wait in the end."""
ASKED = ("requested", "approved")


def told(world: World) -> dict[str, Facts]:
    """The benchmark's own state, by order and user."""
    return {o.id: order_facts(o) for o in world.orders.values()} | {u.id: user_facts(u) for u in world.users.values()}


def order_facts(order: Order) -> Facts:
    return {
        "status": order.status,
        "items": Counter((i.id, i.price, i.options) for i in order.items),
        "address": order.address,
        "money": _sums((p.method, 0 if p.given else p.amount, p.amount if p.given else 0) for p in order.paid),
        "reason": order.reason,
        "returned": (order.returned.items, order.returned.method) if order.returned else None,
        "exchange": (order.exchange.old, order.exchange.new, order.exchange.difference, order.exchange.method)
        if order.exchange
        else None,
    }


def user_facts(user: User) -> Facts:
    return {"address": user.address, "cards": dict(user.cards)}


def differences(wanted: Mapping[str, Facts], found: Mapping[str, Facts]) -> list[str]:
    """One sentence for each fact that is not the same."""
    said = []
    for key in sorted(wanted.keys() | found.keys()):
        a, b = wanted.get(key, {}), found.get(key, {})
        said += [
            f"{key} {n}: {b.get(n)} and not {a.get(n)}" for n in sorted(a.keys() | b.keys()) if a.get(n) != b.get(n)
        ]
    return said


class Eyes:
    """Looks at the company. `options` of a SKU come from the catalogue, and are read once."""

    def __init__(self, client: Client, database_url: str) -> None:
        self._client = client
        self._url = database_url
        self._options: dict[str, tuple[tuple[str, str], ...]] = {}

    async def seen(self, copy: Copy) -> dict[str, Facts]:
        """As `told`, of the copy's orders and users."""
        cards = {theirs: await self._client.get(f"/gift-cards/{ours}") for theirs, ours in copy.cards.items()}
        spent = {e["payment_id"]: card for card, row in cards.items() for e in row["entries"] if e["payment_id"]}
        found: dict[str, Facts] = {}
        for id in copy.world.orders:
            found[id] = await self._order(copy, id, spent)
        for id, user in copy.world.users.items():
            row = await self._client.get(f"/customers/{copy.customers[id]}")
            balances = {c: cards[c]["balance"] for c in user.cards}
            found[id] = {"address": address_from(row["addresses"][0]), "cards": balances}
        return found

    async def order(self, copy: Copy, id: str) -> Facts:
        cards = {theirs: await self._client.get(f"/gift-cards/{ours}") for theirs, ours in copy.cards.items()}
        spent = {e["payment_id"]: card for card, row in cards.items() for e in row["entries"] if e["payment_id"]}
        return await self._order(copy, id, spent)

    async def _order(self, copy: Copy, id: str, spent: Mapping[str, str]) -> Facts:
        ours = copy.orders[id]
        row = await self._client.get(f"/orders/{ours}")
        payments = await self._client.every("/payments", order_id_in=ours, expand="entries")
        returns = await self._client.every("/returns", order_id_in=ours, expand="lines")
        exchanges = await self._client.every("/exchanges", order_id_in=ours, expand="goods")
        money = _money(row, payments, spent)
        back = [r for r in returns if r["exchange_id"] is None and r["status"] in ASKED]
        swapped = [x for x in exchanges if x["status"] in ASKED]
        return {
            "status": await self._status(row, back, swapped),
            "items": await self._items(row),
            "address": address_from(row["shipping_address"]),
            "money": money,
            "reason": await self._reason(copy, id, row),
            "returned": (_skus(row, back), _way(back, money)) if back else None,
            "exchange": await self._exchange(row, swapped, returns, copy) if swapped else None,
        }

    async def _status(self, row: Row, back: list[Row], swapped: list[Row]) -> str:
        if back or swapped:
            return "exchange requested" if swapped else "return requested"
        status = STATES.get(row["status"], row["status"])
        if status != "pending":
            return status
        edits = await self._client.every(f"/orders/{row['id']}/edits", state_eq="applied")
        return MODIFIED if any(e["changes"].get("lines") for e in edits) else status

    async def _items(self, row: Row) -> Counter[Any]:
        """Units that are still on the order; of one that was called off, those that were."""
        whole = row["status"] == "cancelled"
        found: Counter[Any] = Counter()
        for n in row["lines"]:
            units = n["quantity"] - (0 if whole else n["cancelled"])
            if units:
                found[n["sku"], n["unit_amount"], await self._options_of(n["sku"])] += units
        return found

    async def _options_of(self, sku: str) -> tuple[tuple[str, str], ...]:
        if sku not in self._options:
            row = await self._client.get(f"/variants/{sku}")
            self._options[sku] = tuple(sorted(row["options"].items()))
        return self._options[sku]

    async def _reason(self, copy: Copy, id: str, row: Row) -> str | None:
        """Why it was called off; not of orders that came so, whose reason nobody knows."""
        if row["status"] != "cancelled" or copy.world.orders[id].reason is None:
            return None
        timeline = await self._client.get(f"/orders/{row['id']}/timeline")
        ended = [e for e in timeline["data"] if e["kind"] == "move" and e["title"].endswith(" → cancelled")]
        return next((e["why"] for e in ended if not e["title"].startswith("cancelled")), None)

    async def _exchange(self, row: Row, swapped: list[Row], returns: list[Row], copy: Copy) -> Any:
        one = swapped[0]
        back = [r for r in returns if r["id"] == one["return_id"]]
        new = tuple(sorted(g["sku"] for x in swapped for g in x["goods"] for _ in range(g["quantity"])))
        method = await asyncio.to_thread(self._paid_with, one["id"])
        named = {ours: theirs for theirs, ours in copy.cards.items()}
        return (_skus(row, back), new, one["balance"], named.get(method, method.partition(":")[2]))

    def _paid_with(self, exchange_id: str) -> str:
        database = Database(self._url, pool_size=1, application_name="bench")
        try:
            with database.reading() as session:
                query = text("SELECT coalesce(token, '') FROM exchanges WHERE id = :id")
                return str(session.execute(query, {"id": exchange_id}).scalar_one())
        finally:
            database.close()


def _skus(row: Row, returns: list[Row]) -> tuple[str, ...]:
    sku = {n["line_no"]: n["sku"] for n in row["lines"]}
    return tuple(sorted(sku[n["line_no"]] for r in returns for n in r["lines"] for _ in range(n["quantity"])))


def _way(returns: list[Row], money: Mapping[str, Any]) -> str:
    """Where the money of a return goes: it is given back to what paid."""
    if any(r["refund_to"] != "original" for r in returns):
        return "store credit"
    return ", ".join(sorted(money))


def _money(row: Row, payments: list[Row], spent: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """For each method what it gave and what it got back, or will not be asked for.

    A card holds all of it until something leaves. What the order became cheaper by is then never taken, so it counts as
    given back; `bench.tau2_replay` sends the orders afterwards and looks whether that is so.
    """
    live = sorted((p for p in payments if p["state"] not in ("declined", "pending", "unknown")), key=lambda p: p["id"])
    steps = [(_method(p, spent), p["amount"], p["amount"] - p["authorised"] + p["refunded"]) for p in live]
    beyond = sum(p["authorised"] - p["refunded"] for p in live) - row["total_now"]
    held = [p for p in live if p["state"] == "authorised" and p["provider"] == "test"]
    if beyond > 0 and held:
        steps.append((_method(held[-1], spent), 0, beyond))
    return _sums(steps)


def _method(payment: Row, spent: Mapping[str, str]) -> str:
    if payment["provider"] == "test":
        return str(payment["provider_ref"]).split(".")[1].partition(":")[2]
    return spent.get(payment["id"], str(payment["provider"]))


def _sums(steps: Iterable[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for method, taken, given in steps:
        sums[method][0] += taken
        sums[method][1] += given
    return {method: (taken, given) for method, (taken, given) in sums.items()}
