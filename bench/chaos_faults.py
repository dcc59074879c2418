"""What can go wrong with a machine, done on purpose to one company and to nothing else."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg

from bench.installation import Installation
from cli.ray_node import end_session, processes
from coordinator.registry import AGENTS

FROZEN_SECONDS = 6.0


@dataclass(frozen=True)
class Fault:
    """`do` returns when the harm is done and, where it has an end, over. Says whether there was anything to harm."""

    name: str
    do: Callable[[Installation], bool]


def faults(*, closed_seconds: float) -> list[Fault]:
    """One of each kind; the agents are those that the registry knows."""
    return [
        *(Fault(f"kill -9 of the {spec.name} agent", _kill(f"ray::{spec.path.partition(':')[2]}")) for spec in AGENTS),
        Fault("kill -9 of the coordinator", _kill("ray::Coordinator")),
        Fault("kill -9 of the API's replica", _kill("ray::ServeReplica")),
        Fault("kill -9 of the ingress", _kill("haproxy", anywhere=True)),
        Fault("kill -9 of PostgreSQL", _kill_postgres),
        Fault("kill -9 of the Ray node", _kill_node),
        Fault("kill -9 of everything, then `up`", _kill_everything),
        Fault(f"the orders agent frozen for {FROZEN_SECONDS:.0f} s", _freeze("ray::OrdersAgent")),
        Fault(f"the coordinator frozen for {FROZEN_SECONDS:.0f} s", _freeze("ray::Coordinator")),
        Fault(f"PostgreSQL refuses connections for {closed_seconds:.0f} s", _close_database(closed_seconds)),
    ]


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
