"""Decides when and who, never what: relays messages, runs schedules and flows, starts, scales and heals agents.

One Ray actor; its loop is one thread, so nothing here needs a lock but the inbox of things to look at.
It can be killed at any moment: everything it does is read from PostgreSQL again.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import replace
from typing import Any
from zlib import crc32

import psycopg
import ray
import structlog
from sqlalchemy import text

from agents.contract import Answer, Asked, answer_list, encode
from coordinator import relay
from coordinator.flows.catalogue import FLOWS
from coordinator.flows.engine import FLOWS as FLOW_AGENT
from coordinator.flows.engine import FlowEngine
from coordinator.housekeeping import clear_out
from coordinator.leadership import Leadership
from coordinator.listen import Listener
from coordinator.registry import AGENTS, BY_NAME, GIVES_WAY, sized, subscriptions
from coordinator.replicas import ReplicaSet
from coordinator.scaling import AT_WORK_SECONDS, BEHIND_SECONDS, PROCESSOR, Pressure, idle_processors, wanted
from coordinator.schedule import run_due, write_schedules
from db import collector, logs
from db.base import utc_now
from db.errors import Unavailable
from db.session import Database, Who
from db.settings import settings

log = structlog.get_logger()
ME = Who("system:coordinator")
LOOK_EVERY = 1.0  # seconds between looks at retries, schedules and backlogs; fresh work does not wait for it
SCALE_EVERY = 2.0
CLEAR_OUT_EVERY = 3600.0
REST_SECONDS = 0.8  # between two batches in a rush: what follows from a hundred orders takes half of that
LATE_SECONDS = 15.0  # what follows may be so late; from then on it rests a quarter as long and keeps up with orders
RUSH_FANOUT = 200  # outbox rows then
RUSH_SECONDS = 1.5  # that one agent's word of being pressed counts: it is heard of with its next batch
LISTENS_EVERY = 0.05  # while somebody rests

_PUBLISH = text("""
    INSERT INTO agent_replicas (agent, replicas, version, epoch, changed_at) VALUES (:agent, :replicas, 1, :epoch, :now)
    ON CONFLICT (agent) DO UPDATE SET replicas = excluded.replicas, version = agent_replicas.version + 1,
      epoch = excluded.epoch, changed_at = excluded.changed_at
    WHERE agent_replicas.epoch <= excluded.epoch
""")


class Coordinator:
    """The conductor. `routes` and `wake` are what clients ask; the loop does the rest."""

    def __init__(self, database_url: str, namespace: str) -> None:
        logs.set_up(settings().log_format, process="coordinator", folder=settings().log_dir)
        collector.calm_down()
        self._url, self._namespace = database_url, namespace
        self._db = Database(database_url, pool_size=3, application_name="backoffice-coordinator")
        self._bell = threading.Event()
        self._finished: deque[tuple[str, int, Future[bytes]]] = deque()
        self._asked_for: set[str] = set()
        self._over = threading.Event()
        specs = sized(AGENTS, settings().minimum_replicas)
        self._sets = {s.name: ReplicaSet(s, database_url, namespace) for s in specs}
        self._calm_since: dict[str, float] = {}
        self._pings: dict[str, tuple[float, Future[Any]]] = {}
        self._heard_after: dict[str, float] = {}
        self._rush_until = self._fans_out_at = 0.0
        self._behind = 0.0  # seconds
        self._idle_processors = idle_processors()
        self._flows = FlowEngine(self._db, self._ask, FLOWS)
        self._epoch = 0
        self._reasons: dict[str, str] = {}
        Listener(database_url, self._bell.set).start()
        self._thread = threading.Thread(target=self._live, name="conductor", daemon=True)
        self._thread.start()
        self._flow_bell = threading.Event()
        threading.Thread(target=self._run_flows, name="flows", daemon=True).start()

    # What clients ask

    def routes(self) -> dict[str, int]:
        """How many replicas each agent has, by name."""
        return {name: len(s.hands) for name, s in self._sets.items()}

    def wake(self, agent: str) -> int:
        """Start an agent that sleeps; returns its number of replicas once it has one, or 0 after 15 s.

        Raises:
            KeyError: there is no such agent.
        """
        replicas = self._sets[agent]
        self._asked_for.add(agent)
        self._bell.set()
        deadline = time.monotonic() + 15
        while not replicas.hands and time.monotonic() < deadline:
            time.sleep(0.01)
        return len(replicas.hands)

    def status(self) -> dict[str, Any]:
        return {
            "epoch": self._epoch,
            "alive": self._thread.is_alive(),
            "agents": {
                name: {
                    "replicas": len(s.hands),
                    "busy": sum(h.busy for h in s.hands),
                    "heard_after": self._heard_after.get(name, 0.0),
                    "because": self._reasons.get(name, ""),
                }
                for name, s in self._sets.items()
            },
        }

    def stop(self, *, agents: bool = True) -> None:
        """Leave office; with `agents` end every replica too."""
        self._over.set()
        self._bell.set()
        self._thread.join(timeout=5)
        if agents:
            for replicas in self._sets.values():
                for hand in replicas.hands:
                    ray.kill(hand.actor)

    # The loop

    def _live(self) -> None:
        os.nice(GIVES_WAY)  # of this thread alone: `routes` and `wake` are on the way of commands
        while not self._over.is_set():
            try:
                with Leadership(self._url, utc_now()) as lead:
                    self._epoch = lead.epoch
                    log.info("in office", epoch=lead.epoch)
                    self._take_over()
                    self._conduct(lead)
            except (psycopg.OperationalError, Unavailable, relay.Deposed) as trouble:
                log.warning("out of office", trouble=trouble)
                self._over.wait(0.3)
            except Exception:
                log.exception("the conductor stumbled")
                self._over.wait(1.0)

    def _take_over(self) -> None:
        for replicas in self._sets.values():
            if not replicas.hands:
                replicas.adopt()
            replicas.wanted = max(len(replicas.hands), replicas.spec.minimum)
            replicas.resize()
            self._publish(replicas)
        with self._db.transaction(ME) as tx:
            relay.check_epoch(tx, self._epoch)
            write_schedules(tx)

    def _conduct(self, lead: Leadership) -> None:
        looked = scaled = 0.0
        busy: set[str] = set(BY_NAME)  # after taking office look at everybody once
        while not self._over.is_set():
            self._bell.wait(timeout=LOOK_EVERY if not busy else LISTENS_EVERY)
            self._bell.clear()
            busy |= self._take_back()
            busy |= self._fan_out()
            now = time.monotonic()
            if now - looked >= LOOK_EVERY:
                looked = now
                lead.check()
                self._idle_processors = idle_processors()
                backlog = self._look()
                busy |= backlog.keys()
                if now - scaled >= SCALE_EVERY:
                    scaled = now
                    self._scale(backlog)
            if FLOW_AGENT in busy:
                self._flow_bell.set()
            busy &= BY_NAME.keys()
            for name in self._asked_for & BY_NAME.keys():
                self._asked_for.discard(name)
                self._start(self._sets[name], "somebody asked for it")
            busy = {name for name in busy if self._hand_out(self._sets[name])}

    def _fan_out(self) -> set[str]:
        """Relay what is new; in a rush only some of it at a time, because agents are handed no more than that."""
        touched: set[str] = set()
        rush = time.monotonic() < self._rush_until
        if rush and time.monotonic() < self._fans_out_at:
            return touched
        self._fans_out_at = time.monotonic() + self._rest()
        limit = RUSH_FANOUT if rush else relay.FANOUT
        while True:
            with self._db.transaction(ME) as tx:
                relay.check_epoch(tx, self._epoch)
                count, agents = relay.fan_out(tx, subscriptions(), limit=limit)
            touched.update(agents)
            if count < limit or rush:
                return touched

    def _look(self) -> dict[str, int]:
        with self._db.transaction(ME) as tx:
            relay.check_epoch(tx, self._epoch)
            run_due(tx)
        self._flow_bell.set()
        with self._db.reading() as session:
            self._behind = relay.behind(session, now=utc_now())
            return relay.backlog(session, self._sets, now=utc_now())

    def _hand_out(self, replicas: ReplicaSet) -> bool:
        """Give every free replica its next batch; returns whether to look here again soon, whatever happens."""
        if replicas.resize():
            self._publish(replicas)
        if not replicas.hands:
            self._start(replicas, "messages wait")
        n, resting = len(replicas.hands), False
        for index, hand in enumerate(replicas.hands):
            if hand.busy or replicas.wanted != n:
                continue
            if time.monotonic() < hand.rests_until:
                resting = True
                continue
            with self._db.reading() as session:
                batch = relay.due(session, replicas.spec.name, now=utc_now(), replica=index, replicas=n)
            if batch:
                replicas.give(index, batch, self._done)
        return resting or replicas.wanted != n

    def _done(self, agent: str, index: int, future: Future[bytes]) -> None:
        self._finished.append((agent, index, future))
        self._bell.set()

    def _take_back(self) -> set[str]:
        touched: set[str] = set()
        while self._finished:
            agent, index, future = self._finished.popleft()
            replicas = self._sets[agent]
            batch, said = replicas.take_back(index, future)
            touched.add(agent)
            self._give_way(replicas, index, said.pressed)
            if any(r.error is not None for r in said.receipts):
                with self._db.transaction(ME) as tx:
                    relay.check_epoch(tx, self._epoch)
                    relay.settle(tx, batch, said.receipts)
        return touched

    def _give_way(self, replicas: ReplicaSet, index: int, pressed: bool) -> None:
        """While commands that somebody waits for want all of a busy machine, events are handed out with pauses."""
        now = time.monotonic()
        if pressed and not replicas.spec.niceness and self._idle_processors < PROCESSOR:
            self._rush_until = now + RUSH_SECONDS
        if now < self._rush_until:
            replicas.hands[index].rests_until = now + self._rest()

    def _rest(self) -> float:
        return REST_SECONDS if self._behind < LATE_SECONDS else REST_SECONDS / 4

    # Flows have a thread of their own: a step waits for its answer.

    def _run_flows(self) -> None:
        cleared = time.monotonic()
        while not self._over.is_set():
            self._flow_bell.wait(timeout=5)
            self._flow_bell.clear()
            try:
                self._flows.take_in()
                self._flows.advance_due()
                if time.monotonic() - cleared > CLEAR_OUT_EVERY:
                    cleared = time.monotonic()
                    log.info("cleared out", **clear_out(self._db, keep_days=settings().keep_days))
            except Unavailable as trouble:
                log.warning("flows wait", trouble=trouble)
            except Exception:
                log.exception("a flow stumbled")

    def _ask(self, agent: str, asked: Asked, partition: str) -> Answer:
        number = self.wake(agent)
        if not number:
            raise Unavailable(f"{agent} is still starting.")
        actor = self._sets[agent].hands[crc32(partition.encode()) % number].actor
        try:
            return answer_list.decode(ray.get(actor.ask.remote(encode([asked])), timeout=60))[0]
        except ray.exceptions.RayError as error:
            raise Unavailable(f"{agent} did not answer.") from error

    # Scaling

    def _start(self, replicas: ReplicaSet, why: str) -> None:
        if replicas.wanted == 0:
            replicas.wanted = 1
            self._reasons[replicas.spec.name] = why
        if replicas.resize():
            replicas.last_used = time.monotonic()
            self._publish(replicas)

    def _publish(self, replicas: ReplicaSet) -> None:
        with self._db.transaction(ME) as tx:
            values = {"agent": replicas.spec.name, "replicas": len(replicas.hands), "epoch": self._epoch, "now": tx.now}
            tx.execute(_PUBLISH, values)
        log.info("replicas", agent=replicas.spec.name, replicas=len(replicas.hands))

    def _scale(self, backlog: dict[str, int]) -> None:
        for name, replicas in self._sets.items():
            pressure = Pressure(
                backlog=backlog.get(name, 0),
                heard_after=self._ping(name, replicas),
                idle_for=replicas.idle_for,
                calm_for=0.0,
                seconds_each=replicas.seconds_each,
                idle_processors=self._idle_processors,
            )
            pressure = replace(pressure, calm_for=self._calm_for(name, pressure))
            number, why = wanted(replicas.spec, len(replicas.hands), pressure)
            if number != replicas.wanted:
                log.info("scaling", agent=name, now=len(replicas.hands), wanted=number, because=why)
                replicas.wanted, self._reasons[name] = number, why
            if replicas.resize():
                self._publish(replicas)

    def _calm_for(self, name: str, pressure: Pressure) -> float:
        now = time.monotonic()
        slow = pressure.heard_after > 0.1 and pressure.idle_for < AT_WORK_SECONDS
        if pressure.behind > BEHIND_SECONDS or slow:
            self._calm_since[name] = now
        return now - self._calm_since.setdefault(name, now)

    def _ping(self, name: str, replicas: ReplicaSet) -> float:
        """Seconds a ping of replica 0 waited; pings show the load of commands, which do not pass through here."""
        asked, future = self._pings.get(name, (0.0, None))
        if future is not None and not future.done():
            self._heard_after[name] = time.monotonic() - asked
        elif replicas.hands:
            started = time.monotonic()
            answer = replicas.hands[0].actor.idle_for.remote().future()
            answer.add_done_callback(lambda f: self._heard(name, started, f))
            self._pings[name] = (started, answer)
        return self._heard_after.get(name, 0.0)

    def _heard(self, name: str, started: float, future: Future[float]) -> None:
        self._heard_after[name] = time.monotonic() - started
        try:
            replicas = self._sets[name]
            replicas.last_used = max(replicas.last_used, time.monotonic() - future.result())
        except Exception as error:
            log.warning("no answer to a ping", agent=name, error=error)


CoordinatorActor = ray.remote(Coordinator)
