"""Sends a file's rows to the API: several calls at a time, answers added up, rows that were left out written down."""

from __future__ import annotations

import csv
import secrets
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from cli.api import Api, ApiAway, ApiRefused
from cli.output import err
from cli.rows import ERROR, MOST_ROWS, Row, Sheet

AT_ONCE = 4  # calls under way
COUNTED = ("created", "updated", "unchanged", "skipped")


@dataclass
class Taken:
    """What became of a file so far. `rows` were answered; `failed` of them were left out."""

    rows: int = 0
    failed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    stopped: str | None = None  # why not all of it was sent


class Errors:
    """The rows that were left out, as they stood in the file, with a column that says why. Made with the first."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self.path, self._sheet = path, sheet
        self._file: IO[str] | None = None
        self._writer: Any = None
        self._kept = [i for i, name in enumerate(sheet.heading) if name != ERROR]

    def write(self, row: Row, why: str) -> None:
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file, delimiter=self._sheet.delimiter)
            self._writer.writerow([*(self._sheet.heading[i] for i in self._kept), ERROR])
        cells = [row.given[i] if i < len(row.given) else "" for i in self._kept]
        self._writer.writerow([*cells, why])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def take_in(api: Api, sheet: Sheet, errors: Errors, *, dry_run: bool = False, progress: bool = False) -> Taken:
    """Send a file that was looked through, several calls at a time. Ctrl-C and failures end it; what is done stays."""
    taken, run = Taken(), secrets.token_hex(8)
    under_way: dict[Future[dict[str, Any]], list[Row]] = {}
    with (
        _bar(enabled=progress) as bar,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        shown = bar.add_task(sheet.path.name, total=sheet.total, errors=0)

        def answered() -> None:
            bar.update(shown, completed=taken.rows, errors=taken.failed)

        def collect(*, leave: int) -> None:
            while len(under_way) > leave:
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    _add_up(taken, errors, under_way.pop(future), future.result())
                answered()

        try:
            for n, batch in enumerate(sheet.batches()):
                if len(batch) > MOST_ROWS:
                    _leave_out(taken, errors, batch, f"These {len(batch)} rows belong together, and a call takes "
                               f"{MOST_ROWS}. Split them up.")  # fmt: skip
                    continue
                collect(leave=AT_ONCE - 1 if batch else 0)
                if batch:
                    under_way[pool.submit(_send, api, sheet.kind, batch, f"import-{run}-{n}", dry_run)] = batch
            collect(leave=0)
            _leave_out(taken, errors, sheet.ragged, "A row of these has more cells than the heading. Quote values that "
                       f"contain {sheet.delimiter!r}.")  # fmt: skip
        except KeyboardInterrupt:
            taken.stopped = "Stopped."
        except (ApiRefused, ApiAway) as why:
            taken.stopped = str(why)
        for future, batch in under_way.items():  # what is under way is done, and has to be told
            try:
                _add_up(taken, errors, batch, future.result())
            except (ApiRefused, ApiAway) as why:
                taken.stopped = taken.stopped or str(why)
        answered()
    return taken


def _send(api: Api, kind: str, batch: list[Row], key: str, dry_run: bool) -> dict[str, Any]:
    body = {
        "rows": [row.cells for row in batch],
        "row_numbers": [row.number for row in batch],
        "dry_run": dry_run,
    }
    answer: dict[str, Any] = api.post(f"/imports/{kind}", body, key=key)
    return answer


def _add_up(taken: Taken, errors: Errors, batch: list[Row], answer: dict[str, Any]) -> None:
    taken.rows += len(batch)
    taken.counts.update({name: answer[name] for name in COUNTED})
    by_number = {row.number: row for row in batch}
    why: dict[int, list[str]] = {}
    for error in answer["errors"]:
        why.setdefault(error["row"], []).append(error["message"])
    taken.failed += len(why)
    for number, sentences in why.items():
        errors.write(by_number[number], " ".join(sentences))


def _leave_out(taken: Taken, errors: Errors, rows: list[Row], why: str) -> None:
    taken.rows += len(rows)
    taken.failed += len(rows)
    for row in rows:
        errors.write(row, why)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:,.0f} rows/s")


def _bar(*, enabled: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
               TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows"), _Rate(),
               TextColumn("{task.fields[errors]} errors"), TimeRemainingColumn())  # fmt: skip
    return Progress(*columns, console=err, disable=not (enabled and err.is_terminal))
