"""What a busy shop does all day, by callers who write down every answer they were given."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

SKUS = [f"CHAOS-{n:02}" for n in range(40)]
NODES = ("NORTH", "SOUTH")
FAIR = frozenset({409, 404, 422})  # a rule said no, which is an answer
LATER = frozenset({429, 503})
TOKENS = ("tok_ok", "tok_ok", "tok_ok", "tok_declined", "tok_timeout", "tok_late", "tok_twice")
Row = dict[str, Any]
_IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Said:
    """An acknowledged write: the same request again has to get the same answer."""

    path: str
    key: str
    body: Row
    answer: Row


@dataclass
class Load:
    """`acknowledged` are all 2xx answers to writes; `wrong` is what no caller should ever have seen."""

    http: httpx.AsyncClient
    seed: int
    acknowledged: list[Said] = field(default_factory=list)
    done_at: list[float] = field(default_factory=list)  # monotonic seconds of each acknowledgement
    answers: Counter[int] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    lost_calls: int = 0  # no answer at all; repeated under the same key
    cut_off: int = 0  # of them, those that had been taken
    orders: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _counter: int = 0

    async def run(self, callers: int) -> None:
        """Until `over` is set; every request that was begun is brought to an answer first."""
        async with asyncio.TaskGroup() as group:
            for n in range(callers):
                group.create_task(self._caller(random.Random(f"{self.seed}:{n}")))

    async def _caller(self, dice: random.Random) -> None:
        deeds = (self._place, self._edit, self._cancel, self._hold, self._work, self._receive, self._transfer)
        weights = (8, 2, 2, 2, 5, 2, 1)
        while not self.over.is_set():
            await dice.choices(deeds, weights)[0](dice)

    async def write(self, path: str, body: Row) -> Row | None:
        """The answer, or None when a rule said no. The same key until there is one."""
        self._counter += 1
        key = f"chaos-{self.seed}-{self._counter}"
        if path == "/orders":
            body = {**body, "external_ref": key}
        if path == "/stock/receipts":
            body = {**body, "reference": key}
        answer = await self.ask("POST", path, key=key, body=body)
        if answer is None or answer.status_code >= 300:
            return None
        told: Row = answer.json()
        self.acknowledged.append(Said(path, key, body, told))
        self.done_at.append(time.monotonic())
        return told

    async def ask(self, method: str, path: str, *, key: str = "", body: Row | None = None) -> httpx.Response | None:
        headers = {"Idempotency-Key": key} if key else {}
        while True:
            try:
                answer = await self.http.request(method, path, json=body, headers=headers)
            except httpx.TransportError as trouble:
                self.lost_calls += 1
                self.cut_off += not isinstance(trouble, httpx.ConnectError)
                await asyncio.sleep(0.2)
                continue
            status = answer.status_code
            self.answers[status] += 1
            if status in LATER:
                if "Retry-After" not in answer.headers:
                    self._note(f"{status} without Retry-After: {method} {path.split('/')[1]}")
                await asyncio.sleep(0.2)
                continue
            if not answer.headers.get("content-type", "").startswith("application/json"):
                self._note(f"{status} and no JSON: {method} {path.split('/')[1]}: {answer.text[:160]!r}")
                return None
            if status >= 500 or (status >= 400 and status not in FAIR):
                self._note(f"{status} {method} {path.split('/')[1]}: {answer.text[:160]}")
                return None
            return answer

    def _note(self, what: str) -> None:
        """One line for each kind of mistake, with the ids left out of it."""
        self.wrong[_IDS.sub("…", what)] += 1

    # Deeds

    async def _place(self, dice: random.Random) -> None:
        lines = [{"sku": sku, "quantity": dice.randint(1, 3)} for sku in dice.sample(SKUS, dice.randint(1, 3))]
        body: Row = {"channel": "web", "currency": "EUR", "lines": lines, "email": "chaos@example.com",
                     "shipping_address": {"name": "Chaos", "country": "GB"}}  # fmt: skip
        if dice.random() < 0.5:
            body["payment"] = {"provider": "test", "token": dice.choice(TOKENS)}
        placed = await self.write("/orders", body)
        if placed:
            self.orders.append(placed["id"])

    async def _edit(self, dice: random.Random) -> None:
        if not self.orders:
            return
        order = dice.choice(self.orders[-200:])
        change = {"lines": [{"sku": dice.choice(SKUS), "quantity": 1}, {"line_no": 1, "quantity": dice.randint(0, 3)}]}
        edit = await self.write(f"/orders/{order}/edits", change)
        if edit:
            await self.write(f"/orders/{order}/edits/{edit['id']}/{dice.choice(('apply', 'apply', 'discard'))}", {})

    async def _cancel(self, dice: random.Random) -> None:
        if self.orders:
            body: Row = {"reason": "chaos"}
            if dice.random() < 0.6:
                body["lines"] = [{"line_no": 1, "quantity": 1}]
            await self.write(f"/orders/{dice.choice(self.orders[-200:])}/cancel", body)

    async def _hold(self, dice: random.Random) -> None:
        if self.orders:
            order = dice.choice(self.orders[-200:])
            if await self.write(f"/orders/{order}/hold", {"reason": "manual"}):
                await self.write(f"/orders/{order}/release", {"reason": "manual"})

    async def _work(self, dice: random.Random) -> None:
        """Pick, pack, label, dispatch and deliver something that waits for it; now and then give money back."""
        listed = await self.ask("GET", "/fulfilments?status_eq=ready&limit=20")
        ready = listed.json()["data"] if listed else []
        if not ready:
            return
        one = dice.choice(ready)
        walk = await self.write("/pick-lists", {"node": one["node"], "fulfilments": [one["id"]]})
        for task in (walk or {}).get("tasks", []):
            await self.write(f"/pick-tasks/{task['id']}/pick", {"quantity": task["quantity"]})
        path = f"/fulfilments/{one['id']}"
        parcel = await self.write(f"{path}/parcels", {})
        if (
            parcel
            and await self.write(f"/parcels/{parcel['id']}/label", {})
            and await self.write(f"{path}/dispatch", {})
        ):
            await self.write(f"{path}/deliver", {})
            paid = await self.ask("GET", f"/payments?order_id_eq={one['order_id']}")
            for payment in paid.json()["data"] if paid else []:
                await self.write(f"/payments/{payment['id']}/refund", {"amount": 100, "reason": "goodwill"})

    async def _receive(self, dice: random.Random) -> None:
        lines = [{"sku": sku, "quantity": dice.randint(5, 30)} for sku in dice.sample(SKUS, 3)]
        await self.write("/stock/receipts", {"node": dice.choice(NODES), "lines": lines})

    async def _transfer(self, dice: random.Random) -> None:
        there, back = dice.sample(NODES, 2)
        body = {"from_node": there, "to_node": back, "lines": [{"sku": dice.choice(SKUS), "quantity": 2}]}
        moved = await self.write("/transfers", body)
        if moved and await self.write(f"/transfers/{moved['id']}/send", {}):
            await self.write(f"/transfers/{moved['id']}/receive", {})
