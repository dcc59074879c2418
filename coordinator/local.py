"""The whole company in one process, without Ray: the same agents, relay and rules, for tests and tools."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING

from agents.contract import Answer, Asked
from coordinator import relay
from coordinator.flows.catalogue import FLOWS
from coordinator.flows.engine import FlowEngine
from coordinator.registry import AGENTS, BY_NAME, load, subscriptions
from db.base import utc_now
from db.session import Database, Who

if TYPE_CHECKING:
    from agents.agent import Agent

ME = Who("system:local")


class LocalCluster:
    """Agents are made on first use. `pump` does what the coordinator would do in the background."""

    def __init__(
        self, database_url: str, *, clock: Callable[[], datetime] = utc_now, only: Collection[str] | None = None
    ) -> None:
        """`only` limits the company to some agents; what the others would hear stays in the outbox."""
        self.db = Database(database_url, pool_size=2)
        self.specs = tuple(s for s in AGENTS if only is None or s.name in only)
        self.clock = clock
        self._agents: dict[str, Agent] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._flows = FlowEngine(self.db, lambda agent, asked, _: self.ask_now(agent, asked), FLOWS)

    def agent(self, name: str) -> Agent:
        if name not in self._agents:
            self._agents[name] = load(BY_NAME[name])(self.db.url, clock=self.clock)
        return self._agents[name]

    async def ask(self, agent: str, asked: Asked, *, partition: str) -> Answer:  # noqa: ARG002 - one replica
        lock = self._locks.setdefault(agent, asyncio.Lock())
        async with lock:
            return (await asyncio.to_thread(self.agent(agent).work, [asked]))[0]

    def ask_now(self, agent: str, asked: Asked) -> Answer:
        return self.agent(agent).work([asked])[0]

    def pump(self, *, rounds: int = 100) -> int:
        """Relay and deliver until nothing is due; returns how many messages were handled.

        Raises:
            RuntimeError: still not quiet after `rounds`: two agents answer each other for ever.
        """
        handled = 0
        for _ in range(rounds):
            with self.db.transaction(ME, now=self.clock()) as tx:
                relayed, _agents = relay.fan_out(tx, subscriptions(self.specs))
            delivered = sum(self._deliver(spec.name) for spec in self.specs)
            delivered += self._flows.take_in(now=self.clock()) + self._flows.advance_due(now=self.clock())
            handled += delivered
            if relayed == 0 and delivered == 0:
                return handled
        raise RuntimeError(f"still busy after {rounds} rounds")

    def _deliver(self, name: str) -> int:
        with self.db.reading() as session:
            batch = relay.due(session, name, now=self.clock())
        if not batch:
            return 0
        receipts = self.agent(name).take(batch)
        with self.db.transaction(ME, now=self.clock()) as tx:
            relay.settle(tx, batch, receipts)
        return sum(1 for r in receipts if not r.postponed)

    def close(self) -> None:
        for agent in self._agents.values():
            agent.db.close()
        self.db.close()
