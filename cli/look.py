"""`backoffice status`, `logs` and `audit`: how the company is doing, and whether its books are right."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import text

from cli.layout import DataDir
from cli.output import as_json, done, err, fail, out, table
from cli.place import DataDirOption, database_of, settings_for
from cli.ray_node import left_behind
from coordinator.registry import AGENTS
from db import migrate
from db.errors import Unavailable
from db.session import Database

JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]

_AGENTS = text("""
    SELECT r.agent, r.replicas, r.changed_at,
      count(d.id) FILTER (WHERE d.state = 'waiting') AS backlog,
      coalesce(extract(epoch FROM now() - min(d.due_at)
        FILTER (WHERE d.state = 'waiting' AND d.due_at < now())), 0)::float AS lag_seconds,
      count(d.id) FILTER (WHERE d.state = 'dead') AS dead
    FROM agent_replicas r LEFT JOIN deliveries d USING (agent) GROUP BY r.agent, r.replicas, r.changed_at ORDER BY 1
""")
_NUMBERS = text("""
    SELECT (SELECT count(*) FROM outbox WHERE relayed_at IS NULL) AS unrelayed,
      (SELECT count(*) FROM deliveries WHERE state = 'dead') AS dead_letters,
      (SELECT count(*) FROM flows WHERE state IN ('running', 'undoing')) AS flows_running,
      (SELECT count(*) FROM flows WHERE state = 'stuck') AS flows_stuck,
      (SELECT epoch FROM leadership WHERE role = 'coordinator') AS epoch,
      (SELECT count(*) FROM orders) AS orders,
      (SELECT setting FROM pg_settings WHERE name = 'server_version') AS postgresql
""")


def status_of(database: Database) -> dict[str, Any]:
    """Agents with replicas, backlog, lag and dead letters; numbers of the runtime; versions."""
    with database.reading() as session:
        agents = [dict(r._mapping) for r in session.execute(_AGENTS)]
        numbers = dict(session.execute(_NUMBERS).one()._mapping)
    return {"agents": agents, **numbers, "schema": migrate.current(database.url), "schema_expected": migrate.head()}


def status(data_dir: DataDirOption = None, json: JsonOption = False) -> None:
    """Agents, replicas, backlog, lag, dead letters, versions."""
    settings = settings_for(data_dir)
    data = DataDir(settings.data_dir)
    facts = data.read_run()
    left = left_behind(data) if facts is None else []
    if facts is None and not settings.database_url:
        if json:
            as_json({"running": False, "left_behind": left})
            raise typer.Exit(3)
        if left:
            fail(
                f"Its `backoffice up` was killed, and {len(left)} processes work on without it, the API among them. "
                "`backoffice up` takes over, `backoffice down` ends them.",
                code=3,
            )
        fail(f"Backoffice is not running on {settings.data_dir}. Start it with `backoffice up`.", code=3)
    database = database_of(data_dir)
    try:
        found = status_of(database)
    except Unavailable as error:
        fail(f"{error} See `backoffice logs postgres`.", code=4)
    known = (
        {k: facts[k] for k in ("url", "pid", "release", "dashboard_url", "metrics_url", "restarts")} if facts else {}
    )
    if json:
        as_json({"running": facts is not None, **known, **found})
        return
    if facts:
        up_for = time.time() - float(facts["started_at"])
        out.print(f"[green]up[/green] for {up_for / 60:.0f} min at {facts['url']}  (process {facts['pid']})")
        out.print(f"[dim]Ray dashboard {facts['dashboard_url']}   metrics {facts['metrics_url']}[/dim]")
    table(
        "Agents",
        ["agent", "replicas", "backlog", "lag s", "dead letters"],
        [[a["agent"], a["replicas"], a["backlog"], round(a["lag_seconds"], 1), a["dead"]] for a in found["agents"]],
    )
    table(
        "Runtime",
        ["what", "value"],
        [[k.replace("_", " "), v] for k, v in found.items() if k != "agents"],
    )


def logs(
    part: Annotated[str, typer.Argument(help="up, postgres, ray, gateway, coordinator, an agent, or agents.")] = "up",
    data_dir: DataDirOption = None,
    lines: Annotated[int, typer.Option("-n", help="How many lines from the end.")] = 50,
    follow: Annotated[bool, typer.Option("-f", help="Go on as lines come.")] = False,
) -> None:
    """The end of a log."""
    data = DataDir(settings_for(data_dir).data_dir)
    files = log_files(data, part)
    if not files:
        known = ", ".join(["agents", *sorted(path.stem for path in data.logs.glob("*.log"))])
        fail(f"There is no log {part!r} under {data.logs}. There are: {known}.")
    sizes: dict[Path, int] = {}
    for path in files:
        content = path.read_text(errors="replace").splitlines()[-lines:]
        for line in content:
            out.print(line, markup=False, highlight=False, soft_wrap=True)
        sizes[path] = path.stat().st_size
    while follow:
        time.sleep(0.3)
        for path in files:
            with path.open("rb") as source:
                source.seek(sizes[path])
                fresh = source.read()
                sizes[path] = source.tell()
            if fresh:
                out.print(fresh.decode(errors="replace"), end="", markup=False, highlight=False, soft_wrap=True)


def log_files(data: DataDir, part: str) -> list[Path]:
    """The files of one part; `agents` are all of them with the coordinator, and what Ray caught of their end."""
    if part == "agents":
        names = [spec.name for spec in AGENTS] + ["coordinator"]
        ours = [path for name in names if (path := data.logs / f"{name}.log").exists()]
        caught = sorted((data.ray_session / "logs").glob("worker-*.err"))
        return ours + [path for path in caught if path.stat().st_size]
    return [path for path in [data.logs / f"{part}.log"] if path.exists()]


def audit(
    data_dir: DataDirOption = None,
    json: JsonOption = False,
    rows: Annotated[int, typer.Option(help="Offending rows to show of each check.")] = 5,
) -> None:
    """Prove the books: every invariant as a check over all rows. Exit code 1 when one is violated."""
    from db.audit import run

    database = database_of(data_dir)
    started = time.monotonic()
    try:
        with database.reading() as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))
            results = run(session, limit=rows)
    except Unavailable as error:
        fail(str(error), code=4)
    broken = [r for r in results if r.violations]
    if json:
        as_json(
            {
                "ok": not broken,
                "seconds": round(time.monotonic() - started, 3),
                "checks": [
                    {"name": r.name, "what": r.what, "violations": r.violations, "rows": r.rows} for r in results
                ],
            }
        )
        raise typer.Exit(1 if broken else 0)
    table(
        "Audit",
        ["", "check", "violations", "what must hold"],
        [["✗" if r.violations else "✓", r.name, r.violations, r.what] for r in results],
    )
    for r in broken:
        err.print(f"\n[red]{r.name}[/red]: {r.what}")
        for row in r.rows:
            err.print(f"  {row}", highlight=False, markup=False, soft_wrap=True)
    if broken:
        raise typer.Exit(1)
    done(f"{len(results)} checks, no violation, in {time.monotonic() - started:.1f} s.")
