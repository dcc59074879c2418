"""The shop goes on after the tasks: what waits is sent, what was to come back comes. Then the money is counted."""

from __future__ import annotations

from typing import Any

from bench import floor
from bench.client import Client, at_once, drained
from bench.tau2_data import Order
from bench.tau2_shop import NODE, Copy

Row = dict[str, Any]


async def onward(client: Client, copies: list[Copy]) -> tuple[dict[str, Any], list[str]]:
    """Returns what was done, and a sentence for each order whose money is not what its goods cost."""
    told = [(c, o) for c in copies for o in c.world.orders.values()]
    waiting = await floor.ready(client, [c.orders[o.id] for c, o in told if o.status.startswith("pending")])
    await floor.send(client, waiting)
    await drained(client, within=300)
    back = [(c, o) for c, o in told if o.returned is not None or o.exchange is not None]
    await at_once(4, lambda one: _come_back(client, *one), back)
    await drained(client, within=300)
    wrong = []
    for copy, order in told:
        wrong += [f"task {copy.task.id}: {said}" for said in await _unpaid(client, copy, order)]
    print(f"\n{len(waiting)} parcels sent and {len(back)} returns received; the money of {len(told)} orders counted")
    return {"sent": len(waiting), "came_back": len(back), "counted": len(told)}, wrong


async def _come_back(client: Client, copy: Copy, order: Order) -> None:
    """Everything that was asked for, as new."""
    rows = await client.every("/returns", order_id_in=copy.orders[order.id], status_eq="approved", expand="lines")
    for row in rows:
        units = [{"line_no": n["line_no"], "quantity": n["quantity"], "grade": "sellable"} for n in row["lines"]]
        await client.post(f"/returns/{row['id']}/receive", {"node": NODE, "units": units}, key=f"back:{row['id']}")


async def _unpaid(client: Client, copy: Copy, order: Order) -> list[str]:
    """What is kept of an order's payments against the goods that its customer has."""
    ours = copy.orders[order.id]
    kept = await _kept(client, ours)
    cost = sum(i.price for i in order.items)
    if order.status == "cancelled":
        return [] if kept == 0 else [f"{order.id} was called off and keeps {kept}"]
    if order.returned is not None:
        cost -= _worth(order, order.returned.items)
    if order.exchange is not None:
        return await _exchanged(client, copy, order, kept)
    return [] if kept == cost else [f"{order.id} keeps {kept} for goods of {cost}"]


async def _exchanged(client: Client, copy: Copy, order: Order, kept: int) -> list[str]:
    """The old order keeps what its goods cost that stayed, the new one holds what the new ones cost."""
    assert order.exchange is not None
    stayed = sum(i.price for i in order.items) - _worth(order, order.exchange.old)
    [row] = await client.every("/exchanges", order_id_in=copy.orders[order.id], status_eq="received")
    new = await client.get(f"/orders/{row['replacement_id']}")
    cost = sum(copy.world.items[i].price for i in order.exchange.new)
    paid = sum(p["authorised"] - p["refunded"] for p in new["payments"])
    said = []
    if kept != stayed:
        said.append(f"{order.id} keeps {kept} for goods of {stayed} that stayed")
    if (paid, new["total"], new["status"]) != (cost, cost, "released"):
        said.append(f"what goes out for {order.id} is {new['status']}, costs {new['total']}, holds {paid}, not {cost}")
    return said


async def _kept(client: Client, order: str) -> int:
    rows = await client.every("/payments", order_id_in=order)
    return sum(p["captured"] - p["refunded"] for p in rows)


def _worth(order: Order, items: tuple[str, ...]) -> int:
    price = {i.id: i.price for i in order.items}
    return sum(price[i] for i in items)
