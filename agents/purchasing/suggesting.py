"""What a plan suggests. Another run on the same numbers changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text

from agents.purchasing.deciding import new_run
from agents.purchasing.messages.replenishment import PlanReplenishment, ReplenishmentPlanned
from agents.purchasing.planning import Planned, from_other_nodes, left_to_buy, plan_places
from db.base import uuid7
from db.replenishment import (
    SUGGESTION_MOVES,
    WAITING,
    ReplenishmentPlan,
    ReplenishmentRun,
    RunStatus,
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
)
from db.session import Transaction

Key = tuple[str, str, str, str]
"""(node, sku, kind, the node that sends or nothing)"""


@dataclass(frozen=True)
class Wanted:
    planned: Planned
    kind: SuggestionKind
    from_node: str | None
    quantity: int
    why: str

    @property
    def key(self) -> Key:
        sku, node = self.planned.place
        return node, sku, self.kind, self.from_node or ""


def make_plan(tx: Transaction, task: PlanReplenishment) -> None:
    run = tx.get(ReplenishmentRun, task.run_id) if task.run_id is not None else None
    if run is None:
        run = new_run(tx)
        tx.add(run)
    # Whoever orders what was suggested comes before the plan, which then counts it, or after it: never in between.
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('replenishment'))"))
    there = _all_waiting(tx)
    planned = plan_places(tx)
    _write_plans(tx, run.id, planned)
    wanted = _wanted(planned)
    _write_suggestions(tx, run.id, wanted, {_key(row): row for row in there})
    run.status, run.done_at, run.places = RunStatus.done, tx.now, len(planned)
    run.to_buy = sum(w.kind == SuggestionKind.buy for w in wanted)
    run.to_transfer = len(wanted) - run.to_buy
    said = ReplenishmentPlanned(run_id=run.id, places=len(planned), to_buy=run.to_buy, to_transfer=run.to_transfer)
    tx.announce("replenishment:plan", said)


def _wanted(planned: Sequence[Planned]) -> list[Wanted]:
    """Transfers first, then what they leave to be bought. Nothing for a place that somebody has put to sleep."""
    found, sent = [], dict[tuple[str, str], int]()
    for p, node, units in from_other_nodes(planned):
        sent[p.place] = sent.get(p.place, 0) + units
        why = f"{p.why} {node} has {units} more than it needs."
        found.append(Wanted(p, SuggestionKind.transfer, node, units, why))
    for p in planned:
        rest = left_to_buy(p, sent.get(p.place, 0))
        if rest.suggested:
            come = f" {sent[p.place]} come from other nodes." if p.place in sent else ""
            found.append(Wanted(rest, SuggestionKind.buy, None, rest.suggested, p.why + come))
    return found


def _write_plans(tx: Transaction, run_id: UUID, planned: Sequence[Planned]) -> None:
    tx.execute(delete(ReplenishmentPlan))
    rows = [
        {"sku": p.place[0], "node": p.place[1], **p.numbers, "suggested": p.suggested, "why": p.why, "run_id": run_id,
         "at": tx.now}
        for p in planned
    ]  # fmt: skip
    tx.insert_all(ReplenishmentPlan, rows)


def _write_suggestions(tx: Transaction, run_id: UUID, wanted: Sequence[Wanted], there: dict[Key, Suggestion]) -> None:
    today = tx.now.date()
    names = (Suggestion.node, Suggestion.sku, Suggestion.kind, Suggestion.from_node, Suggestion.rule_key)
    rejected = select(*names).where(Suggestion.status == SuggestionStatus.rejected, Suggestion.reviewed_on == today)
    refused = {tuple(row) for row in tx.execute(rejected)}
    fresh = []
    for w in wanted:
        asleep = w.planned.terms.snoozed_until is not None and w.planned.terms.snoozed_until > today
        if asleep:
            continue
        if (row := there.pop(w.key, None)) is not None:
            _renew(tx, row, run_id, w)
        elif (*w.key[:3], w.from_node, w.planned.terms.key) not in refused:
            fresh.append(_row(tx, run_id, w))
    for row in there.values():
        tx.move(row, SuggestionStatus.gone, moves=SUGGESTION_MOVES, subject=_subject(row), why="no longer needed")
        row.updated_at = tx.now
    for values in fresh:
        tx.note(f"suggestion:{values['id']}", to_status=SuggestionStatus.open, why=values["why"])
    tx.insert_all(Suggestion, fresh)


def _all_waiting(tx: Transaction) -> list[Suggestion]:
    wanted = select(Suggestion).where(Suggestion.status.in_(WAITING)).order_by(Suggestion.id)
    return list(tx.scalars(wanted.with_for_update().execution_options(populate_existing=True)))


def _renew(tx: Transaction, row: Suggestion, run_id: UUID, w: Wanted) -> None:
    """The numbers of today; what a person chose stays chosen."""
    for name, value in w.planned.numbers.items():
        setattr(row, name, value)
    if row.quantity != w.quantity:
        row.version += 1
    row.quantity, row.why, row.rule_key = w.quantity, w.why, w.planned.terms.key
    row.run_id, row.reviewed_on = run_id, tx.now.date()
    if row.status == SuggestionStatus.snoozed and row.snoozed_until is not None and row.snoozed_until <= tx.now.date():
        tx.move(row, SuggestionStatus.open, moves=SUGGESTION_MOVES, subject=_subject(row), why="its day has come")
        row.updated_at = tx.now


def _row(tx: Transaction, run_id: UUID, w: Wanted) -> dict[str, Any]:
    sku, node = w.planned.place
    return {
        "id": uuid7(), "kind": w.kind, "status": SuggestionStatus.open, "node": node, "sku": sku,
        "from_node": w.from_node, **w.planned.numbers, "quantity": w.quantity, "why": w.why,
        "rule_key": w.planned.terms.key, "reviewed_on": tx.now.date(), "version": 1, "run_id": run_id,
        "created_at": tx.now, "updated_at": tx.now,
    }  # fmt: skip


def _key(row: Suggestion) -> Key:
    return row.node, row.sku, row.kind, row.from_node or ""


def _subject(row: Suggestion) -> str:
    return f"suggestion:{row.id}"
