"""What can go wrong with a machine, done on purpose to one company and to nothing else."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.installation import Installation
from cli.ray_node import end_session, processes
from coordinator.registry import AGENTS

FROZEN_SECONDS = 6.0
FULL_SECONDS = 8.0
HANDED_OUT_AGAIN = 300  # messages

# Messages that were handled, once more, the newest first.
_AGAIN = """
    INSERT INTO deliveries (agent, lane, message_id, subject, kind, payload, sender, request_id, created_at, state,
                            attempts, due_at)
    SELECT i.agent, hashtext(o.subject) & 2147483647, o.message_id, o.subject, o.kind, o.payload, o.sender,
           o.request_id, o.at, 'waiting', 0, now()
    FROM (SELECT * FROM outbox WHERE relayed_at IS NOT NULL ORDER BY id DESC LIMIT %(limit)s) o
      JOIN inbox i ON i.message_id = o.message_id
    ORDER BY o.id DESC
"""


@dataclass(frozen=True)
class Fault:
    """`do` returns when the harm is done and, where it has an end, over. Says whether there was anything to harm.

    `gentle` is what an operator does on purpose: no request that was taken may stay without an answer.
    """

    name: str
    do: Callable[[Installation], bool]
    gentle: bool = False


def faults(disk: Path | None, *, closed_seconds: float) -> list[Fault]:
    """One of each kind that this machine has the means for; the agents are those that the registry knows."""
    return [
        *(Fault(f"kill -9 of the {spec.name} agent", _kill(f"ray::{spec.path.partition(':')[2]}")) for spec in AGENTS),
        Fault("kill -9 of the coordinator", _kill("ray::Coordinator")),
        Fault("kill -9 of the API's replica", _kill("ray::ServeReplica")),
        Fault("kill -9 of the ingress", _kill("haproxy", anywhere=True)),
        Fault("kill -9 of PostgreSQL", _kill_postgres),
        Fault("kill -9 of the Ray node", _kill_node),
        Fault("kill -9 of everything, then `up`", _kill_everything),
        Fault("`down`, then `up`", _down_and_up, gentle=True),
        Fault(f"the orders agent frozen for {FROZEN_SECONDS:.0f} s", _freeze("ray::OrdersAgent")),
        Fault(f"the coordinator frozen for {FROZEN_SECONDS:.0f} s", _freeze("ray::Coordinator")),
        Fault(f"PostgreSQL refuses connections for {closed_seconds:.0f} s", _close_database(closed_seconds)),
        Fault(f"{HANDED_OUT_AGAIN} messages delivered again, backwards", _hand_out_again),
        *([Fault(f"the disk full for {FULL_SECONDS:.0f} s", _fill(disk))] if disk else []),
    ]


def both(one: Fault, other: Fault) -> Fault:
    """The second before the company has recovered from the first."""

    def do(company: Installation) -> bool:
        first = one.do(company)
        return other.do(company) or first

    return Fault("two of these at once", do)


def plan(known: list[Fault], number: int, dice: random.Random) -> list[Fault]:
    """Every kind in turn, and for every sixth fault two at once, in an order that the dice give."""
    quick = [f for f in known if not f.name.startswith(("the disk", "kill -9 of everything", "`down`"))]
    pairs = [both(*dice.sample(quick, 2)) for _ in range(number // 6)]
    told = [*pairs, *(known[n % len(known)] for n in range(number - len(pairs)))]
    dice.shuffle(told)
    return told


def _found(company: Installation, title: str, *, anywhere: bool = False) -> list[int]:
    wanted = title.encode()
    session = processes(int(company.facts()["ray_pid"]))
    return [pid for pid, command in session if (wanted in command if anywhere else command.startswith(wanted))]


def _kill(title: str, *, anywhere: bool = False) -> Callable[[Installation], bool]:
    def do(company: Installation) -> bool:
        pids = _found(company, title, anywhere=anywhere)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(pids)

    return do


def _freeze(title: str) -> Callable[[Installation], bool]:
    """A process that stands still long enough for others to think it is gone, and then goes on."""

    def do(company: Installation) -> bool:
        pids = _found(company, title)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(FROZEN_SECONDS)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return bool(pids)

    return do


def _kill_postgres(company: Installation) -> bool:
    """The postmaster dies without warning; what was not on disk is gone."""
    pid = (company.data_dir / "postgres" / "postmaster.pid").read_text().split()[0]
    os.kill(int(pid), signal.SIGKILL)
    return True


def _kill_node(company: Installation) -> bool:
    end_session(int(company.facts()["ray_pid"]))
    return True


def _kill_everything(company: Installation) -> bool:
    facts = company.facts()
    os.kill(int(facts["pid"]), signal.SIGKILL)
    end_session(int(facts["ray_pid"]))
    _kill_postgres(company)
    company.start_again()
    return True


def _down_and_up(company: Installation) -> bool:
    company.stop()
    company.start_again()
    return True


def _close_database(seconds: float) -> Callable[[Installation], bool]:
    def do(company: Installation) -> bool:
        beside = urlsplit(company.database_url)._replace(path="/postgres").geturl()
        with psycopg.connect(beside, autocommit=True) as connection:
            connection.execute("ALTER DATABASE backoffice ALLOW_CONNECTIONS false")
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'backoffice'")
            time.sleep(seconds)
            connection.execute("ALTER DATABASE backoffice ALLOW_CONNECTIONS true")
        return True

    return do


def _hand_out_again(company: Installation) -> bool:
    with psycopg.connect(company.database_url, autocommit=True) as connection:
        return bool(connection.execute(_AGAIN, {"limit": HANDED_OUT_AGAIN}).rowcount)


def _fill(disk: Path) -> Callable[[Installation], bool]:
    """Not a byte is left, for PostgreSQL, Ray and the logs alike; then somebody makes room."""

    def do(_: Installation) -> bool:
        filler = disk / "filler"
        with filler.open("wb") as file:
            over, taken = time.monotonic() + FULL_SECONDS, 0
            try:
                while time.monotonic() < over:  # what others give back is taken too
                    for size in (2**28, 2**24, 2**20, 2**12):
                        with suppress(OSError):
                            while True:
                                os.posix_fallocate(file.fileno(), taken, size)
                                taken += size
                    time.sleep(0.2)
            finally:
                filler.unlink()
        return True

    return do
