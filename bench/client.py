"""The API as a busy channel calls it: many connections, a key for everything, patience when told to wait."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
R = TypeVar("R")
TRIES = 30
LONGEST_WAIT = 5.0  # seconds


class Refused(Exception):
    """The API said no and waiting will not change it."""

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any]) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.details = status, code, details


@dataclass
class Client:
    """`waits` counts by status how often it was told to wait; `lost` the calls that got no answer and were repeated."""

    http: httpx.AsyncClient
    waits: Counter[int] = field(default_factory=Counter)
    lost: int = 0

    @classmethod
    def open(cls, url: str, key: str, connections: int) -> Client:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        headers = {"Authorization": f"Bearer {key}"}
        return cls(httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=60.0, limits=limits))

    async def close(self) -> None:
        await self.http.aclose()

    async def get(self, path: str, **query: str | int) -> Any:
        return await self.call("GET", path, query=query)

    async def post(self, path: str, body: Any, *, key: str) -> Any:
        return await self.call("POST", path, body=body, key=key)

    async def every(self, path: str, **query: str | int) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        rows: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await self.get(path, limit=200, **query, **({"cursor": cursor} if cursor else {}))
            rows += page["data"]
            cursor = page["page"]["next_cursor"]
        return rows

    async def call(
        self, method: str, path: str, *, query: dict[str, str | int] | None = None, body: Any = None, key: str = ""
    ) -> Any:
        """The decoded answer. Raises Refused, or TimeoutError after many tries."""
        headers = {"Idempotency-Key": key} if key else {}
        for _ in range(TRIES):
            try:
                answer = await self.http.request(method, path, params=query, json=body, headers=headers)
            except httpx.TransportError:
                self.lost += 1
                await asyncio.sleep(0.5)
                continue
            if answer.status_code in (429, 503):
                self.waits[answer.status_code] += 1
                await asyncio.sleep(min(float(answer.headers.get("Retry-After", 1)), LONGEST_WAIT))
                continue
            if answer.status_code >= 400:
                error = answer.json()["error"]
                raise Refused(answer.status_code, error["code"], error["message"], error["details"])
            return answer.json()
        raise TimeoutError(f"{method} {path} was not answered in {TRIES} tries")


async def at_once(count: int, work: Callable[[T], Awaitable[R]], items: Iterable[T]) -> list[R]:
    """Work on all items, in their order, `count` at a time; the first error ends it."""
    waiting = list(items)
    answers: dict[int, R] = {}
    numbers = iter(range(len(waiting)))

    async def worker() -> None:
        for n in numbers:
            answers[n] = await work(waiting[n])

    async with asyncio.TaskGroup() as group:
        for _ in range(min(count, len(waiting))):
            group.create_task(worker())
    return [answers[n] for n in range(len(waiting))]


async def drained(client: Client, *, within: float) -> float:
    """Wait until no message is under way; returns for how many seconds.

    Raises:
        TimeoutError: something is still under way.
    """
    begun = time.monotonic()
    while True:
        told = await client.get("/runtime/agents")
        backlog = sum(a["backlog"] for a in told["data"])
        if not backlog and not told["unrelayed"]:
            return time.monotonic() - begun
        if time.monotonic() - begun > within:
            busy = {a["agent"]: a["backlog"] for a in told["data"] if a["backlog"]}
            raise TimeoutError(f"after {within:.0f} s there wait {busy} and {told['unrelayed']} unrelayed")
        await asyncio.sleep(0.5)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0
