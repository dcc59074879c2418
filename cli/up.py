"""`backoffice up` and `backoffice down`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel

from cli.layout import AlreadyRunning, DataDir
from cli.output import done, err, fail, out
from cli.place import DataDirOption, settings_for

STARTS_WITHIN = 180.0


def up(
    data_dir: DataDirOption = None,
    port: Annotated[int | None, typer.Option(help="Port of API and console (BACKOFFICE_PORT; 8100).")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    replicas: Annotated[int, typer.Option(help="Replicas of the gateway.")] = 1,
    empty: Annotated[bool, typer.Option("--empty", help="Without the demo shop on an empty database.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Run in the background.")] = False,
) -> None:
    """Start the company: PostgreSQL, Ray, agents, API and console. Ctrl-C stops it."""
    settings = settings_for(data_dir, port)
    data = DataDir(settings.data_dir)
    try:
        data.create()
    except OSError as error:
        fail(f"The data directory {data.root} cannot be used: {error.strerror}. Choose another --data-dir.")
    if detach:
        _in_background(data)
        return
    from cli.supervisor import CannotStart, Options, Supervisor

    try:
        with data.locked():
            supervisor = Supervisor(settings, data, Options(host=host, replicas=replicas), _progress)
            supervisor.check()
            supervisor.obey_signals()
            try:
                supervisor.start()
                if not supervisor.over.is_set():
                    _welcome(supervisor, data, empty=empty)
                    supervisor.watch()
            finally:
                supervisor.stop()
    except (AlreadyRunning, CannotStart) as reason:
        fail(str(reason))
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename or data.root}")
    done("Stopped.")


_begun = time.monotonic()


def _progress(what: str) -> None:
    out.print(f"[dim]{time.monotonic() - _begun:5.1f} s[/dim]  {what}", highlight=False)


def _welcome(supervisor: object, data: DataDir, *, empty: bool) -> None:
    from cli.first_run import first_run
    from cli.supervisor import Supervisor

    if not isinstance(supervisor, Supervisor):
        raise TypeError("not a supervisor")
    access = first_run(supervisor.database_url, data, supervisor.url, empty=empty, progress=_progress)
    curl = (
        f"curl -s {supervisor.url}/api/v1/orders \\\n"
        f"  -H 'Authorization: Bearer {access.api_key}' -H 'Content-Type: application/json' \\\n"
        f"  -d '{access.example_order}'"
    )
    lines = [
        f"[bold]Console[/bold]   {supervisor.url}",
        f"[bold]Sign in[/bold]   {access.email}   {access.password or 'with the password that was set'}",
        f"[bold]API key[/bold]   {access.api_key}   [dim](also in {data.secret_path('api_key')})[/dim]",
        f"[bold]API[/bold]       {supervisor.url}/api/v1/openapi.json",
        f"[bold]Ray[/bold]       {supervisor.dashboard_url}   [dim]token in {data.secret_path('ray_token')}[/dim]",
    ]
    out.print(Panel("\n".join(lines), title="Backoffice is up", border_style="green", expand=False), highlight=False)
    out.print("Place an order:", highlight=False)
    out.print(curl, highlight=False, soft_wrap=True, markup=False)
    out.print("[dim]Ctrl-C stops it.[/dim]")


def _in_background(data: DataDir) -> None:
    words = [a for a in sys.argv[1:] if a != "--detach"]
    log = data.logs / "up.log"
    before = log.stat().st_size if log.exists() else 0
    with log.open("ab") as sink:
        child = subprocess.Popen(  # noqa: S603 - our own words again
            [sys.executable, "-m", "cli.main", *words],
            stdout=sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "COLUMNS": "200"},
        )
    deadline = time.monotonic() + STARTS_WITHIN
    with out.status("starting"):
        while time.monotonic() < deadline:
            facts = data.read_run()
            if facts and facts["pid"] == child.pid and "is up" in log.read_text(errors="replace")[before:]:
                break
            if child.poll() is not None:
                err.print(log.read_text(errors="replace")[before:].strip(), highlight=False, markup=False)
                raise typer.Exit(child.returncode or 1)
            time.sleep(0.2)
        else:
            fail(f"It has not come up within {STARTS_WITHIN:.0f} s; see {log}.")
    out.print(log.read_text(errors="replace")[before:].strip(), highlight=False, markup=False, soft_wrap=True)
    done(f"Running in the background as process {child.pid}. Stop it with `backoffice down`.")


def down(data_dir: DataDirOption = None) -> None:
    """Stop the company that runs on this data directory; requests under way finish first."""
    data = DataDir(settings_for(data_dir).data_dir)
    facts = data.read_run()
    if facts is None:
        done(f"Nothing runs on {data.root}.")
        return
    pid = int(facts["pid"])
    os.kill(pid, signal.SIGTERM)
    with out.status("stopping"):
        deadline = time.monotonic() + 60
        while Path(f"/proc/{pid}").exists() and data.read_run() is not None:
            if time.monotonic() > deadline:
                fail(f"Process {pid} has not stopped within 60 s; see {data.logs}.")
            time.sleep(0.1)
    done("Stopped.")
