"""`backoffice import --preset` and `--background`: the company gets the whole file and works on it by itself."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cli.api import Api, ApiAway, ApiRefused
from cli.output import err
from cli.rows import ERROR, BadFile
from cli.sending import COUNTED, Taken
from serve.importing.presets import PRESETS

AUTO = "auto"
PART = 1_500_000  # bytes; the API takes two million at a time
LOOK_EVERY = 0.4  # seconds
WORKING = ("checking", "running")

Run = dict[str, Any]


def presets_of(kind: str) -> list[str]:
    return [p.name for p in PRESETS if p.kind == kind]


@dataclass(frozen=True)
class Reading:
    """How the file's columns become ours. `renamed` maps theirs to ours, "" leaves one out."""

    preset: str | None
    renamed: Mapping[str, str]
    constants: Mapping[str, str]

    def mapping(self, run: Run) -> dict[str, dict[str, str]]:
        """Where each of our columns comes from, on top of what the company suggests. Raises BadFile."""
        theirs = [column["name"] for column in run["columns"]]
        if strangers := [name for name in self.renamed if name not in theirs]:
            raise BadFile(f"The file has no column {', '.join(strangers)} to map. It has: {', '.join(theirs)}.")
        mapping = dict(run["mapping"]) if self.preset in (None, AUTO) else self._by_preset(run)
        if self.preset == AUTO and run["preset"] is None:
            raise BadFile(
                f"No preset knows this file: it has {', '.join(theirs)}. Name one of "
                f"{', '.join(presets_of(run['kind']))}, or leave --preset out and say --map THEIRS=OURS."
            )
        for name, ours in self.renamed.items():
            mapping = {o: source for o, source in mapping.items() if source != {"take": name}}
            if ours:
                mapping[ours] = {"take": name}
        taken = {source.get("take") for source in mapping.values()}
        if self.preset is None and (lost := [n for n in theirs if n and n not in {*taken, *self.renamed, ERROR}]):
            raise BadFile(
                f"The import of {run['kind']} knows no column {', '.join(lost)}. Say what it is with "
                f"--map {lost[0]}=OURS, or leave it out with --map {lost[0]}=."
            )
        return mapping | {ours: {"value": value} for ours, value in self.constants.items()}

    def _by_preset(self, run: Run) -> dict[str, dict[str, str]]:
        theirs = [column["name"] for column in run["columns"]]
        preset = next(p for p in PRESETS if p.name == self.preset)
        lacking = [" or ".join(names) for names in preset.needs if not any(name in theirs for name in names)]
        if lacking:
            raise BadFile(
                f"This is not a file of {preset.title}: it has no column {', '.join(lacking)}. It has: "
                f"{', '.join(theirs)}."
            )
        return {ours: {"preset": preset.name} for ours in preset.columns}


def bring(api: Api, kind: str, file: Path, reading: Reading) -> Run:
    """Upload a file, have it read, and say which column is which; nothing is imported yet.

    Raises:
        BadFile: it cannot be read here, or its columns do not fit.
        ApiRefused, ApiAway: the company does not take it.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadFile(f"{file} cannot be read: {error.strerror}.") from None
    run: Run = api.post("/import-runs", {"kind": kind, "file_name": file.name[-200:]}, key=_fresh())
    path = f"/import-runs/{run['id']}"
    try:
        for number, start in enumerate(range(0, max(len(content), 1), PART)):
            api.put_bytes(f"{path}/parts/{number}", content[start : start + PART])
        run = api.post(f"{path}/read", {}, key=_fresh())
        mapping = reading.mapping(run)
        if mapping != run["mapping"]:
            run = api.put(f"{path}/mapping", {"mapping": mapping}, key=_fresh())
        if run["missing"]:
            first = run["missing"][0]
            raise BadFile(
                f"The file does not say {', '.join(run['missing'])}. Give one value for all rows with "
                f"--set {first}=VALUE, or say which column it is with --map THEIRS={first}."
            )
    except BaseException:
        with suppress(ApiRefused, ApiAway):
            api.post(f"{path}/cancel", key=_fresh())  # what was half brought is nobody's work
        raise
    return run


def begin(api: Api, run: Run, *, dry_run: bool) -> Run:
    began: Run = api.post(f"/import-runs/{run['id']}/{'check' if dry_run else 'start'}", key=_fresh())
    return began


def follow(api: Api, run: Run, *, progress: bool, sleep: Callable[[float], None] = time.sleep) -> tuple[Run, bool]:
    """Wait until the run ends. Ctrl-C has the company stop after the rows in hand; the second answer tells of it."""
    stopped = False
    with _bar(enabled=progress) as bar:
        shown = bar.add_task(run["file_name"], total=run["total_rows"], errors=0)
        while run["status"] in WORKING:
            try:
                sleep(LOOK_EVERY)
                run = api.get(f"/import-runs/{run['id']}")
            except KeyboardInterrupt:
                if stopped:
                    raise
                stopped = True
                run = api.post(f"/import-runs/{run['id']}/cancel", key=_fresh())
            bar.update(shown, completed=run["looked_at"], errors=run["rows"]["failed"])
        while stopped and run["in_hand"]:  # or until its half minute is over, if the process has died
            sleep(LOOK_EVERY)
            run = api.get(f"/import-runs/{run['id']}")
    return run, stopped


def became(run: Run, *, dry_run: bool, stopped: bool) -> Taken:
    """What became of a run that has ended, as of a file that was sent row by row."""
    counts = run["dry_counts" if dry_run else "counts"] or {}
    why = "Stopped." if stopped else run["why"]
    rows = run["total_rows"] if not why else run["looked_at"]
    return Taken(rows, run["rows"]["failed"], Counter({name: counts.get(name, 0) for name in COUNTED}), why)


def keep_left_out(api: Api, run: Run, target: Path) -> None:
    """The rows that were left out, as they stood in the file, with a column that says why."""
    target.write_bytes(api.get_bytes(f"/import-runs/{run['id']}/failed.csv"))


def _fresh() -> str:
    return f"import-{secrets.token_hex(8)}"


def _bar(*, enabled: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
               TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows"),
               TextColumn("{task.fields[errors]} errors"), TimeRemainingColumn())  # fmt: skip
    return Progress(*columns, console=err, disable=not (enabled and err.is_terminal))
