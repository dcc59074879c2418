"""The living replicas of one agent: starting, handing out work, stopping. Here alone agents become Ray actors."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import ray

from agents.contract import Delivered, Receipt, Turn, encode, turn
from coordinator.registry import AgentSpec, load
from db.settings import settings


def actor_name(agent: str, index: int) -> str:
    return f"{agent}/{index}"


def start_actor(spec: AgentSpec, index: int, *, database_url: str, namespace: str) -> Any:
    """Find or make one replica: detached and restarted by Ray for ever, its state being all in PostgreSQL."""
    return (
        ray.remote(load(spec))
        .options(
            name=actor_name(spec.name, index),
            namespace=namespace,
            lifetime="detached",
            get_if_exists=True,
            max_restarts=-1,
            # A call that was under way when the actor died is repeated; keys and the inbox make that harmless.
            max_task_retries=-1,
            # Next to nothing, but not nothing: actors that ask for no resource at all are placed at random.
            num_cpus=0.001,
            scheduling_strategy="SPREAD",
            enable_task_events=False,
            max_concurrency=spec.at_once,
        )
        .remote(database_url, log_style=settings().log_format, log_folder=settings().log_dir, niceness=spec.niceness)
    )


@dataclass
class Hand:
    """One replica and the one batch it has in hand."""

    actor: Any
    batch: list[Delivered] = field(default_factory=list)
    since: float = 0.0
    rests_until: float = 0.0

    @property
    def busy(self) -> bool:
        return bool(self.batch)


@dataclass
class ReplicaSet:
    """All replicas of one agent. Not thread-safe: the coordinator's loop alone touches it."""

    spec: AgentSpec
    database_url: str
    namespace: str
    hands: list[Hand] = field(default_factory=list)
    wanted: int = 0
    last_used: float = field(default_factory=time.monotonic)
    seconds_each: float = 0.0  # of late, for a message

    @property
    def idle_for(self) -> float:
        return time.monotonic() - self.last_used

    def resize(self) -> bool:
        """Move towards `wanted`; only between batches, as the number decides which replica owns a lane.

        Returns whether the number of replicas changed.
        """
        if len(self.hands) == self.wanted or any(h.busy for h in self.hands):
            return False
        while len(self.hands) < self.wanted:
            index = len(self.hands)
            actor = start_actor(self.spec, index, database_url=self.database_url, namespace=self.namespace)
            self.hands.append(Hand(actor))
        while len(self.hands) > self.wanted:
            ray.kill(self.hands.pop().actor)
        return True

    def adopt(self) -> None:
        """Take over replicas that an earlier coordinator of this release left behind."""
        index = len(self.hands)
        while index < self.spec.maximum:
            try:
                actor = ray.get_actor(actor_name(self.spec.name, index), namespace=self.namespace)
            except ValueError:
                return
            self.hands.append(Hand(actor))
            index += 1

    def give(self, index: int, batch: list[Delivered], done: Callable[[str, int, Future[bytes]], None]) -> None:
        hand = self.hands[index]
        hand.batch, hand.since = batch, time.monotonic()
        self.last_used = hand.since
        future: Future[bytes] = hand.actor.deliver.remote(encode(batch)).future()
        future.add_done_callback(lambda f: done(self.spec.name, index, f))

    def take_back(self, index: int, future: Future[bytes]) -> tuple[list[Delivered], Turn]:
        """The batch a replica had, and what it said; of a replica that died the receipts say so."""
        hand = self.hands[index]
        batch, hand.batch = hand.batch, []
        self.last_used = time.monotonic()
        try:
            said = turn.decode(future.result())
        except Exception as error:  # whatever Ray raises for a dead or unreachable actor
            why = f"{self.spec.name} did not answer: {error!r}"[:500]
            return batch, Turn([Receipt(d.id, why) for d in batch])
        handled = sum(not r.postponed for r in said.receipts)
        each = (self.last_used - hand.since) / max(1, handled)
        self.seconds_each = each if not self.seconds_each else 0.8 * self.seconds_each + 0.2 * each
        return batch, said
