"""Takes rows in: reads them, plans each thing by itself, asks the agents, and tells what came of every row."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from db.errors import Invalid, Refusal
from db.session import Database
from serve.importing import buying, customers, orders, products, stock
from serve.importing.cells import unguard
from serve.importing.columns import KINDS, missing_columns, unknown_columns
from serve.importing.sender import Sender, Told
from serve.importing.sheet import Plan, Problem, Row, Step, Verdict, whole

LOOKS = 3  # at things that somebody else changed between our look and our change
_LOOK_AGAIN = frozenset({"stale_version", "unexpected"})


class Kind(Protocol):
    """`plan` only reads. `send` does the steps that have a payload, and tells of each in order."""

    @property
    def plan(self) -> Callable[[Session, Sequence[Row], datetime], Plan]: ...
    @property
    def send(self) -> Callable[[Sender, Sequence[Step]], Awaitable[list[Told]]]: ...


IMPORTERS: dict[str, Kind] = {
    "orders": orders,
    "products": products,
    "customers": customers,
    "stock": stock,
    "suppliers": buying.suppliers,
    "supplier_items": buying.supplier_items,
    "replenishment_rules": buying.replenishment_rules,
}


@dataclass(eq=False)
class UnknownColumns(Invalid):
    unknown: list[str]
    known: list[str]

    def __str__(self) -> str:
        return f"There is no column {', '.join(self.unknown)}. Known are: {', '.join(self.known)}. Rename or leave out."


@dataclass(eq=False)
class MissingColumns(Invalid):
    kind: str
    missing: list[str]

    def __str__(self) -> str:
        return f"The import of {self.kind} needs the column {', '.join(self.missing)}. Add it to every row."


@dataclass
class Result:
    counts: Counter[Verdict]
    problems: list[Problem]


def to_rows(kind: str, given: Sequence[dict[str, str | None]], numbers: Sequence[int]) -> list[Row]:
    """Raises UnknownColumns, MissingColumns."""
    named = list(dict.fromkeys(name for row in given for name in row))
    if unknown := unknown_columns(kind, named):
        raise UnknownColumns([name[:80] for name in unknown[:20]], [c.name for c in KINDS[kind]])
    if missing := missing_columns(kind, named):
        raise MissingColumns(kind, missing)
    rows = []
    for number, row in zip(numbers, given, strict=True):
        cells = {name: unguard(text.strip()) for name, text in row.items() if text and text.strip()}
        rows.append(Row(number, cells))
    return rows


async def take_in(
    database: Database, sender: Sender, kind: str, rows: Sequence[Row], *, now: Callable[[], datetime], dry_run: bool
) -> Result:
    """Bring the company to what the rows say. A dry run looks and tells, and changes nothing.

    Raises:
        Unavailable: a part is away; what was done is done, and the same call again does the rest.
    """
    importer = IMPORTERS[kind]

    def look(todo: Sequence[Row]) -> Plan:
        with database.reading() as session:
            return importer.plan(session, todo, now())

    result = Result(Counter(), [])
    todo = [row for row in rows if row.cells]
    for looks_left in reversed(range(LOOKS)):
        plan = await asyncio.to_thread(look, todo)
        result.problems += plan.problems
        to_do = [step for step in plan.steps if step.payload is not None and not dry_run]
        result.counts.update(step.verdict for step in plan.steps if step.payload is None or dry_run)
        told = await importer.send(sender, to_do) if to_do else []
        todo = []
        for step, said in zip(to_do, told, strict=True):
            if isinstance(said, Verdict):
                result.counts[said] += 1
            elif isinstance(said, Refusal) and said.code in _LOOK_AGAIN and looks_left:
                todo += step.rows
            else:
                result.problems += whole(step.what, step.rows, [Problem(step.rows[0].number, None, None, str(said))])
        if not todo:
            break
    result.problems.sort(key=lambda p: p.row)
    return result
