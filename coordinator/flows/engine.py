"""Runs flows step by step. Finished steps are rows: a coordinator that takes over goes on where the last one stopped.

Each step is a command with the key `FLOW:step:do`, so a step that was sent twice is done once. A refusal
turns the flow round: finished steps are undone in reverse. Weather is retried with a growing pause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from agents.contract import Answer, Asked, Command, Failed, StartFlow, encode, unwrap
from coordinator.flows.flow import FlowSpec, Step
from db.base import utc_now
from db.errors import Refusal, Unavailable
from db.masking import in_short
from db.runtime import Delivery, Flow, Inbox
from db.session import Database, Who

log = structlog.get_logger()
ME = Who("system:flows")
FLOWS = "flows"
"""The name under which the engine receives tasks, as agents do."""
PAUSES = (0.2, 1, 5, 15, 60)

Ask = Callable[[str, Asked, str], Answer]


class FlowEngine:
    """`ask(agent, asked, partition)` sends a command and blocks for the answer."""

    def __init__(self, database: Database, ask: Ask, specs: Mapping[str, FlowSpec]) -> None:
        self._db, self._ask, self._specs = database, ask, specs

    def take_in(self, *, now: datetime | None = None) -> int:
        """Start the flows that were asked for; returns how many."""
        started = 0
        with self._db.transaction(ME, now=now) as tx:
            rows = tx.scalars(select(Delivery).where(Delivery.agent == FLOWS, Delivery.state == "waiting")).all()
            for row in rows:
                told = self._understand(row)
                if told is None:
                    continue
                first = tx.execute(
                    pg_insert(Inbox)
                    .values(agent=FLOWS, message_id=row.message_id, at=tx.now)
                    .on_conflict_do_nothing()
                    .returning(Inbox.message_id)
                ).first()
                if first is not None:
                    flow = Flow(
                        name=told.name,
                        subject=row.subject,
                        state="running",
                        step=0,
                        data=told.data,
                        answers={},
                        due_at=tx.now,
                        started_at=tx.now,
                    )
                    tx.add(flow)
                    tx.note(row.subject, to_status=f"{told.name}: started")
                    started += 1
                tx.execute(delete(Delivery).where(Delivery.id == row.id))
        return started

    def _understand(self, row: Delivery) -> StartFlow | None:
        """What is to be started; None, and the delivery dead, when this release cannot know."""
        try:
            told = msgspec.convert(row.payload, type=StartFlow)
        except msgspec.ValidationError as error:
            row.state, row.error = "dead", f"{row.kind} is no start of a flow: {error}"
            return None
        if told.name not in self._specs:
            row.state, row.error = "dead", f"there is no flow {told.name}"
            return None
        return told

    def advance_due(self, *, now: datetime | None = None) -> int:
        """Take every due flow as far as it goes; returns how many steps were done or undone."""
        with self._db.reading() as session:
            due = session.scalars(
                select(Flow.id).where(Flow.state.in_(("running", "undoing")), Flow.due_at <= (now or utc_now()))
            ).all()
        return sum(self._advance(flow_id, now) for flow_id in due)

    def _advance(self, flow_id: UUID, now: datetime | None) -> int:
        steps = 0
        while True:
            with self._db.reading() as session:
                flow = session.get_one(Flow, flow_id)
            if flow.state not in ("running", "undoing") or flow.due_at > (now or utc_now()):
                return steps
            self._one_step(flow, now)
            steps += 1

    def _one_step(self, flow: Flow, now: datetime | None) -> None:
        spec = self._specs.get(flow.name)
        if spec is None:
            return self._save(flow, now, state="stuck", error=f"this release has no flow {flow.name}", note="stuck")
        undoing = flow.state == "undoing"
        if not undoing and flow.step >= len(spec.steps):
            return self._save(flow, now, state="done", note="done")
        if undoing and flow.step < 0:
            return self._save(flow, now, state="undone", note=f"taken back: {flow.error}")
        step = spec.steps[flow.step]
        make = step.undo if undoing else step.do
        onward = flow.step + (-1 if undoing else 1)
        if make is None or (undoing and step.name not in flow.answers):
            return self._save(flow, now, step=onward)  # there was nothing to do, so nothing is taken back
        try:
            command = make({**flow.data, **flow.answers})
            if command is None:
                return self._save(flow, now, step=onward)
            answer = msgspec.msgpack.decode(unwrap(self._send(flow, step, command, undoing=undoing)))
        except Unavailable as weather:
            return self._again(flow, now, str(weather))
        except Failed as bug:
            return self._again(flow, now, str(bug))
        except Refusal as refusal:
            return self._refused(flow, spec, now, refusal, undoing=undoing)
        except Exception as bug:  # of ours; the other flows go on
            log.error("flow step failed", flow=flow.name, id=str(flow.id), step=step.name, of=flow.data, exc_info=bug)
            return self._again(flow, now, in_short(bug))
        answers = flow.answers if undoing else {**flow.answers, step.name: msgspec.to_builtins(answer)}
        verb = "undone" if undoing else "done"
        return self._save(flow, now, step=onward, answers=answers, note=f"{step.name} {verb}")

    def _send(self, flow: Flow, step: Step, command: Command, *, undoing: bool) -> Answer:
        key = f"{flow.id}:{step.name}:{'undo' if undoing else 'do'}"
        asked = Asked(
            type(command).__name__, encode(command), f"flow:{flow.name}", f"flow:{flow.id}", key, str(flow.id)
        )
        return self._ask(step.agent, asked, flow.subject)

    def _refused(self, flow: Flow, spec: FlowSpec, now: datetime | None, why: Refusal, *, undoing: bool) -> None:
        done = spec.steps[: flow.step]
        if undoing or any(s.undo is None and s.name in flow.answers for s in done):
            # Neither forward nor back by itself: a person has to look.
            return self._save(flow, now, state="stuck", error=str(why), note=f"stuck: {why}")
        return self._save(flow, now, state="undoing", step=flow.step - 1, error=str(why), note=f"turned round: {why}")

    def _again(self, flow: Flow, now: datetime | None, why: str) -> None:
        pause = PAUSES[min(flow.attempts, len(PAUSES) - 1)]
        due = (now or utc_now()) + timedelta(seconds=pause)
        return self._save(flow, now, attempts=flow.attempts + 1, error=why, due_at=due)

    def _save(self, flow: Flow, now: datetime | None, *, note: str | None = None, **changes: Any) -> None:
        with self._db.transaction(ME, now=now) as tx:
            row = tx.get_one(Flow, flow.id, with_for_update=True)
            if (row.state, row.step, row.attempts) != (flow.state, flow.step, flow.attempts):
                return  # another coordinator was here
            if "attempts" not in changes:
                changes["attempts"] = 0
            for name, value in changes.items():
                setattr(row, name, value)
            if row.state in ("done", "undone", "stuck"):
                row.ended_at = tx.now
            if note:
                tx.note(row.subject, to_status=f"{row.name}: {note}"[:500])
