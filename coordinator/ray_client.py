"""How a Serve replica reaches agents: straight to the actor, many commands in one call.

The coordinator is asked only where agents are (and to wake one that sleeps); commands never pass through it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import ray
import structlog
from ray.exceptions import ActorDiedError, ActorUnavailableError, GetTimeoutError, RayError

from agents.contract import Answer, Asked, answer_list, encode
from coordinator.pace import Pace
from coordinator.replicas import actor_name
from db.errors import Unavailable

log = structlog.get_logger()

COORDINATOR = "coordinator"
BATCH = 128  # commands in one actor call
IN_FLIGHT = 2  # calls under way to one replica: one works, the next one waits at its door
WORTH_A_CALL = 32  # commands: with fewer the second call only makes both batches small, and small ones cost more
ANSWER_WITHIN = 20.0  # seconds
ROUTES_FOR = 5.0  # seconds a routing table is believed


@dataclass
class Door:
    """What waits in front of one replica. Runs on the event loop of its process; no locks."""

    actor: Any
    waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = field(default_factory=deque)
    pace: Pace = field(default_factory=Pace)
    under_way: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def enter(self, asked: Asked) -> asyncio.Future[Answer]:
        if (again := self.pace.too_long(len(self.waiting))) is not None:
            raise Unavailable("Too many requests are waiting; try again in a moment.", retry_after=again)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.waiting.append((asked, future))
        if self._may_carry():
            self.under_way += 1
            task = asyncio.create_task(self._carry())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return future

    def _may_carry(self) -> bool:
        return not self.under_way or (self.under_way < IN_FLIGHT and len(self.waiting) >= WORTH_A_CALL)

    async def _carry(self) -> None:
        try:
            await asyncio.sleep(0)  # whoever else is ready in this turn of the loop comes along
            while self.waiting and (self.under_way == 1 or len(self.waiting) >= WORTH_A_CALL):
                batch = [self.waiting.popleft() for _ in range(min(BATCH, len(self.waiting)))]
                await self._call(batch)
        finally:
            self.under_way -= 1

    async def _call(self, batch: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        begun, beside = time.monotonic(), self.under_way
        try:
            ref = self.actor.ask.remote(encode([asked for asked, _ in batch]))
            answers = answer_list.decode(await asyncio.wait_for(ref, ANSWER_WITHIN))
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        self.pace.learn((time.monotonic() - begun) / beside, len(batch))  # it waits for the call before it
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)


class RayClient:
    """Finds agents through the coordinator's routing table and gathers commands in front of each replica."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._coordinator: Any = None
        self._routes: dict[str, int] = {}
        self._routes_at = 0.0
        self._doors: dict[tuple[str, int], Door] = {}

    async def ask(self, agent: str, asked: Asked, *, partition: str) -> Answer:
        """See `AgentClient.ask`. A replica that died is looked for once more; with its key that is safe."""
        for attempt in (1, 2):
            try:
                door = await self._door(agent, partition)
                return await door.enter(asked)
            except (ActorDiedError, ActorUnavailableError) as error:
                log.warning("agent is away", agent=agent, attempt=attempt, error=type(error).__name__)
                self._forget(agent)
                if attempt == 2 or asked.key is None:
                    raise Unavailable(f"The {agent} agent is restarting.", retry_after=1.0) from error
            except (TimeoutError, GetTimeoutError) as error:
                raise Unavailable(f"The {agent} agent did not answer in time.", retry_after=2.0) from error
            except RayError as error:
                self._forget(agent)
                raise Unavailable(f"The {agent} agent cannot be reached.", retry_after=1.0) from error
        raise Unavailable(f"The {agent} agent cannot be reached.")

    async def _door(self, agent: str, partition: str) -> Door:
        if time.monotonic() - self._routes_at > ROUTES_FOR:
            await self._refresh()
        number = self._routes.get(agent, 0)
        if number == 0:
            number = await self._call_coordinator("wake", agent)
            if not number:
                raise Unavailable(f"The {agent} agent is still starting.", retry_after=2.0)
            self._routes[agent] = number
        index = crc32(partition.encode()) % number
        door = self._doors.get((agent, index))
        if door is None:
            door = Door(await self._actor(agent, index))
            door = self._doors.setdefault((agent, index), door)
        return door

    async def _actor(self, agent: str, index: int) -> Any:
        try:
            return await asyncio.to_thread(ray.get_actor, actor_name(agent, index), self._namespace)
        except ValueError as error:
            self._routes.pop(agent, None)
            raise Unavailable(f"The {agent} agent is restarting.") from error

    async def _refresh(self) -> None:
        self._routes_at = time.monotonic()
        try:
            self._routes = await self._call_coordinator("routes")
        except Unavailable:
            if not self._routes:
                raise
            # Yesterday's table is better than none: agents go on working while the coordinator restarts.

    async def _call_coordinator(self, method: str, *arguments: Any) -> Any:
        try:
            if self._coordinator is None:
                self._coordinator = await asyncio.to_thread(ray.get_actor, COORDINATOR, self._namespace)
            return await asyncio.wait_for(getattr(self._coordinator, method).remote(*arguments), ANSWER_WITHIN)
        except (RayError, ValueError, TimeoutError) as error:
            self._coordinator = None
            raise Unavailable("The coordinator is restarting.", retry_after=1.0) from error

    def _forget(self, agent: str) -> None:
        self._routes_at = 0.0
        for key in [k for k in self._doors if k[0] == agent]:
            del self._doors[key]
