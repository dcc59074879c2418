"""People decide on what a plan suggests."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agents.purchasing.messages.replenishment import (
    EditSuggestion,
    PlanReplenishment,
    RejectSuggestions,
    RunState,
    SnoozeSuggestions,
    SuggestionsState,
    SuggestionState,
)
from agents.purchasing.refusals import BadPurchaseField, SuggestionIsOver
from agents.purchasing.rules import LARGEST_QUANTITY, check_number, check_sold, check_words
from db.base import uuid7
from db.errors import NotFound
from db.replenishment import (
    SUGGESTION_MOVES,
    WAITING,
    ReplenishmentRun,
    RunStatus,
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
    lock_suggestions,
)
from db.session import Transaction, check_version


def ask_for_plan(tx: Transaction) -> RunState:
    run = new_run(tx)
    tx.add(run)
    tx.send("purchasing", "replenishment:plan", PlanReplenishment(run_id=run.id))
    return RunState(id=run.id, status=run.status)


def edit_suggestion(tx: Transaction, ask: EditSuggestion) -> SuggestionState:
    """What was suggested stays beside what was chosen, with the reason."""
    check_words("reason", ask.reason)
    found = lock_suggestions(tx, [ask.suggestion_id])
    if not found:
        raise NotFound("suggestion", str(ask.suggestion_id))
    (row,) = found
    check_version(row, ask.version, kind="suggestion", id=str(row.id))
    if row.status not in WAITING:
        raise SuggestionIsOver(row.sku, row.node, row.status)
    check_number("quantity", ask.quantity, least=1, most=LARGEST_QUANTITY)
    if row.kind == SuggestionKind.buy:
        check_sold(row.supplier or "", row.sku, ask.quantity, minimum=row.minimum_quantity, case_pack=row.case_pack)
    row.chosen, row.chosen_why, row.updated_at = ask.quantity, ask.reason, tx.now
    tx.note(
        _subject(row), from_status=row.status, to_status=row.status, why=ask.reason,
        detail={"suggested": row.quantity, "chosen": ask.quantity},
    )  # fmt: skip
    row.version += 1
    tx.flush()
    return _state(row)


def snooze_suggestions(tx: Transaction, ask: SnoozeSuggestions) -> SuggestionsState:
    check_words("reason", ask.reason)
    if ask.until <= tx.now.date():
        raise BadPurchaseField("until", ask.until.isoformat(), "name a day to come")
    rows = waiting(tx, ask.suggestions)
    for row in rows:
        if row.status == SuggestionStatus.open:
            decide(tx, row, SuggestionStatus.snoozed, ask.reason)
        row.reason, row.snoozed_until = ask.reason, ask.until
    return SuggestionsState(suggestions=[row.id for row in rows], status=SuggestionStatus.snoozed)


def reject_suggestions(tx: Transaction, ask: RejectSuggestions) -> SuggestionsState:
    check_words("reason", ask.reason)
    rows = waiting(tx, ask.suggestions)
    for row in rows:
        decide(tx, row, SuggestionStatus.rejected, ask.reason)
        row.reason = ask.reason
    return SuggestionsState(suggestions=[row.id for row in rows], status=SuggestionStatus.rejected)


def waiting(tx: Transaction, ids: Sequence[UUID]) -> list[Suggestion]:
    """Locked. Raises NotFound, SuggestionIsOver: then nothing is done to any of them."""
    if not ids:
        raise BadPurchaseField("suggestions", [], "name at least one")
    rows = lock_suggestions(tx, ids)
    if missing := set(ids) - {row.id for row in rows}:
        raise NotFound("suggestion", str(min(missing)))
    for row in rows:
        if row.status not in WAITING:
            raise SuggestionIsOver(row.sku, row.node, row.status)
    return rows


def decide(tx: Transaction, row: Suggestion, to: SuggestionStatus, why: str) -> None:
    tx.move(row, to, moves=SUGGESTION_MOVES, subject=_subject(row), why=why)
    row.decided_by, row.decided_at, row.updated_at = tx.who.actor, tx.now, tx.now
    row.version += 1


def new_run(tx: Transaction) -> ReplenishmentRun:
    return ReplenishmentRun(id=uuid7(), status=RunStatus.asked, asked_by=tx.who.actor, asked_at=tx.now)


def _subject(row: Suggestion) -> str:
    return f"suggestion:{row.id}"


def _state(row: Suggestion) -> SuggestionState:
    return SuggestionState(
        id=row.id,
        status=row.status,
        quantity=row.quantity,
        chosen=row.chosen,
        version=row.version,
        next=sorted(s.value for s in SUGGESTION_MOVES[SuggestionStatus(row.status)] - {SuggestionStatus.gone}),
    )
