"""`backoffice up` and `backoffice down`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel

from cli.console_build import ensure_console
from cli.first_run import Access, first_run, read_access
from cli.layout import AlreadyRunning, DataDir, alive
from cli.output import done, fail, out
from cli.place import DataDirOption, settings_for

STARTS_WITHIN = 300.0


def up(
    data_dir: DataDirOption = None,
    port: Annotated[int | None, typer.Option(help="Port of API and console (BACKOFFICE_PORT; 8100).")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (BACKOFFICE_HOST; 127.0.0.1).")] = None,
    replicas: Annotated[int, typer.Option(help="Replicas of the gateway.")] = 1,
    empty: Annotated[bool, typer.Option("--empty", help="Without the demo shop on an empty database.")] = False,
    console: Annotated[bool, typer.Option(help="Build the console when its sources changed.")] = True,
    detach: Annotated[bool, typer.Option("--detach", help="Run in the background.")] = False,
    background: Annotated[bool, typer.Option("--background", hidden=True)] = False,
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
            supervisor = Supervisor(settings, data, Options(host=host or settings.host, replicas=replicas), _progress)
            supervisor.clear_away()
            supervisor.check()
            if console:
                ensure_console(data.root, _progress)
            supervisor.obey_signals()
            try:
                supervisor.start()
                if not supervisor.over.is_set():
                    access = first_run(supervisor.database_url, data, supervisor.url, empty=empty, progress=_progress)
                    supervisor.write_run(ready=True)
                    if not background:  # what the parent prints must not end up in a log
                        _welcome(data, access)
                        out.print("[dim]Ctrl-C stops it.[/dim]")
                    supervisor.watch()
            finally:
                supervisor.stop()
    except (AlreadyRunning, CannotStart) as reason:
        fail(str(reason))
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename or data.root}")
    except RuntimeError as error:
        fail(f"{error}\nMore in {data.logs} and `backoffice logs gateway`.")
    done("Stopped.")


_begun = time.monotonic()


def _progress(what: str) -> None:
    with suppress(OSError):  # a full disk takes no word of it, and the work goes on
        out.print(f"[dim]{time.monotonic() - _begun:5.1f} s[/dim]  {what}", highlight=False)


def _welcome(data: DataDir, access: Access) -> None:
    facts = data.read_run() or {}
    url = facts["url"]
    curl = (
        f"curl -s {url}/api/v1/orders \\\n"
        f"  -H 'Authorization: Bearer {access.api_key or 'YOUR_KEY'}' -H 'Content-Type: application/json' \\\n"
        f"  -d '{access.example_order}'"
    )
    key = f"{access.api_key}   [dim](also in {data.secret_path('api_key')})[/dim]"
    lines = [
        f"[bold]Console[/bold]   {url}",
        f"[bold]Sign in[/bold]   {access.email}   {access.password or 'with the password that was set'}",
        f"[bold]API key[/bold]   {key if access.api_key else 'revoked; make others with backoffice keys add'}",
        f"[bold]API[/bold]       {url}/api/v1/openapi.json",
        f"[bold]Ray[/bold]       {facts['dashboard_url']}   [dim]token in {data.secret_path('ray_token')}[/dim]",
    ]
    out.print(Panel("\n".join(lines), title="Backoffice is up", border_style="green", expand=False), highlight=False)
    out.print("Place an order:", highlight=False)
    out.print(curl, highlight=False, soft_wrap=True, markup=False)


def _in_background(data: DataDir) -> None:
    words = [a for a in sys.argv[1:] if a != "--detach"]
    log = data.logs / "up.log"
    told = log.stat().st_size if log.exists() else 0
    with log.open("ab") as sink:
        child = subprocess.Popen(  # noqa: S603 - our own words again
            [sys.executable, "-m", "cli.main", *words, "--background"],
            stdout=sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "COLUMNS": "200"},
        )
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        told = _pass_on(log, told)
        facts = data.read_run()
        if facts and facts["pid"] == child.pid and facts.get("ready"):
            break
        if child.poll() is not None:
            _pass_on(log, told)
            raise typer.Exit(child.returncode or 1)
        if time.monotonic() > deadline:
            fail(f"It has not come up within {STARTS_WITHIN:.0f} s; see {log}.")
        time.sleep(0.1)
    _welcome(data, read_access(str(facts["database_url"]), data))
    done(f"Running in the background as process {child.pid}. Stop it with `backoffice down`.")


def _pass_on(log: Path, told: int) -> int:
    with log.open("rb") as source:
        source.seek(told)
        fresh = source.read()
    if fresh:
        out.print(fresh.decode(errors="replace"), end="", markup=False, highlight=False, soft_wrap=True)
    return told + len(fresh)


def down(data_dir: DataDirOption = None) -> None:
    """Stop the company that runs on this data directory; requests under way finish first.

    What an `up` that was killed has left working is ended too: nothing that was acknowledged is lost by that.
    """
    from cli.ray_node import end_left_behind
    from db.embedded import end_server_left_behind

    data = DataDir(settings_for(data_dir).data_dir)
    pid = data.holder()
    if pid is None:
        ended = end_left_behind(data) + end_server_left_behind(data.root)
        data.run_file.unlink(missing_ok=True)
        done(f"Ended {ended} processes that a killed `up` had left." if ended else f"Nothing runs on {data.root}.")
        return
    os.kill(pid, signal.SIGTERM)
    with out.status("stopping"):
        deadline = time.monotonic() + 60
        while alive(pid):
            if time.monotonic() > deadline:
                fail(f"Process {pid} has not stopped within 60 s; see {data.logs}.")
            time.sleep(0.1)
    done("Stopped.")
