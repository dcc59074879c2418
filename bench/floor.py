"""A warehouse that sends what is ready: picks by lists of a few orders, packs, labels, hands over, and delivers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.client import Client, at_once

Row = dict[str, Any]
A_WALK = 3  # fulfilments of one pick list; each pick answers with the whole list
PICKERS = 8


async def ready(client: Client, orders: Sequence[str]) -> list[Row]:
    """The fulfilments of these orders that nobody has begun."""
    found: list[Row] = []
    for at in range(0, len(orders), 100):
        found += await client.every("/fulfilments", order_id_in=",".join(orders[at : at + 100]))
    return [f for f in found if f["status"] == "ready"]


async def send(client: Client, fulfilments: Iterable[Row]) -> int:
    """Pick, pack, label and hand these over to a carrier; returns the picks."""
    waiting = list(fulfilments)
    walks: list[list[Row]] = []
    for node in sorted({f["node"] for f in waiting}):
        mine = [f for f in waiting if f["node"] == node]
        walks += [mine[at : at + A_WALK] for at in range(0, len(mine), A_WALK)]

    async def walk(of: list[Row]) -> int:
        return await _walk(client, of)

    async def hand_over(one: Row) -> None:
        await _hand_over(client, one)

    picks = await at_once(PICKERS, walk, walks)
    await at_once(PICKERS, hand_over, waiting)
    return sum(picks)


async def deliver(client: Client, fulfilments: Iterable[Row]) -> None:
    async def one(f: Row) -> None:
        await client.post(f"/fulfilments/{f['id']}/deliver", {}, key=f"deliver:{f['id']}")

    await at_once(PICKERS, one, fulfilments)


async def _walk(client: Client, fulfilments: list[Row]) -> int:
    ids = [f["id"] for f in fulfilments]
    body = {"node": fulfilments[0]["node"], "fulfilments": ids}
    walk = await client.post("/pick-lists", body, key=f"walk:{ids[0]}")
    for task in walk["tasks"]:
        body = {"quantity": task["quantity"]}
        await client.post(f"/pick-tasks/{task['id']}/pick", body, key=f"pick:{task['id']}")
    return len(walk["tasks"])


async def _hand_over(client: Client, fulfilment: Row) -> None:
    path = f"/fulfilments/{fulfilment['id']}"
    parcel = await client.post(f"{path}/parcels", {}, key=f"pack:{fulfilment['id']}")
    await client.post(f"/parcels/{parcel['id']}/label", {}, key=f"label:{parcel['id']}")
    await client.post(f"{path}/dispatch", {}, key=f"dispatch:{fulfilment['id']}")
