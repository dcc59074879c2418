"""The runtime over HTTP: how the agents are doing, what is stuck, and what to do about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path as InPath
from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from coordinator.registry import AGENTS
from db.errors import Conflict, NotFound
from db.runtime import AgentReplica, Delivery, DeliveryState, Flow, Leadership, Outbox, Schedule
from db.session import Transaction
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope
from serve.writing import writing

routes = Routes("runtime")

DEAD = Listing(
    "DeadLetter",
    Delivery,
    fields(Delivery, "id agent message_id subject kind payload sender request_id created_at attempts due_at error"),
    sortable=("id", "created_at", "agent"),
    sort="-id",
    key=("id",),
    where=Delivery.state == DeliveryState.dead,
)
SCHEDULES = Listing(
    "Schedule",
    Schedule,
    fields(Schedule, "name agent kind payload every_seconds next_at last_at"),
    sortable=("name", "next_at"),
    sort="name",
    key=("name",),
)
FLOWS = Listing(
    "Flow",
    Flow,
    fields(Flow, "id name subject state step data answers error attempts due_at started_at ended_at"),
    sortable=("started_at", "ended_at", "due_at"),
    sort="-started_at",
    key=("id",),
)

LetterId = Annotated[int, InPath(ge=1, le=2**63 - 1)]


class AgentRow(BaseModel):
    """`backlog` messages wait; `lag_seconds` is the age of the oldest one that is due; `dead` were given up."""

    agent: str
    replicas: int
    minimum: int
    maximum: int
    backlog: int
    retrying: int
    lag_seconds: float
    dead: int


class Agents(BaseModel):
    """`unrelayed` outbox rows wait for the coordinator, whose epoch says how often it was replaced."""

    data: list[AgentRow]
    unrelayed: int
    coordinator_epoch: int | None
    coordinator_since: datetime | None
    dashboard_url: str | None = Described(description="Of Ray, when it is known")


class LetterMoved(BaseModel):
    id: int
    state: str


class NotDead(Conflict):
    def __str__(self) -> str:
        return "The message is not a dead letter any more: it waits to be delivered."


@routes.get("/runtime/agents", access=Scope.read_runtime, answer=Agents)
def list_agents(request: Request) -> Response:
    """How every agent is doing."""
    edge = edge_of(request)
    now = edge.clock()
    waiting = Delivery.state == DeliveryState.waiting
    query = select(
        Delivery.agent,
        func.count().filter(waiting),
        func.count().filter(waiting, Delivery.attempts > 0),
        func.min(Delivery.due_at).filter(waiting, Delivery.due_at <= now),
        func.count().filter(Delivery.state == DeliveryState.dead),
    ).group_by(Delivery.agent)
    with edge.database.reading() as session:
        found = {r[0]: (r[1], r[2], r[3], r[4]) for r in session.execute(query)}
        replicas = {r.agent: r.replicas for r in session.scalars(select(AgentReplica))}
        unrelayed = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.relayed_at.is_(None)))
        leader = session.get(Leadership, "coordinator")
    rows = []
    for spec in AGENTS:
        backlog, retrying, oldest, dead = found.get(spec.name, (0, 0, None, 0))
        lag = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        rows.append(
            AgentRow(
                agent=spec.name,
                replicas=replicas.get(spec.name, 0),
                minimum=spec.minimum,
                maximum=spec.maximum,
                backlog=backlog,
                retrying=retrying,
                lag_seconds=round(lag, 3),
                dead=dead,
            ).model_dump()
        )
    return json_answer(
        {
            "data": rows,
            "unrelayed": unrelayed,
            "coordinator_epoch": leader.epoch if leader else None,
            "coordinator_since": leader.since if leader else None,
            "dashboard_url": edge.settings.dashboard_url,
        }
    )


@routes.get("/runtime/dead-letters", access=Scope.read_runtime, answer=DEAD.list_shape(DEAD.row_shape()),
            extra=DEAD.operation())  # fmt: skip
def list_dead_letters(request: Request) -> Response:
    """List messages that were given up, newest first."""
    return DEAD.answer(request)


@routes.post("/runtime/dead-letters/{letter_id}/retry", access=Scope.write_runtime, answer=LetterMoved)
def retry_dead_letter(request: Request, letter_id: LetterId) -> Response:
    """Deliver a dead letter again, from its first try on."""

    def work(tx: Transaction) -> dict[str, Any]:
        letter = _dead(tx, letter_id)
        before = {"state": letter.state, "attempts": letter.attempts, "error": letter.error}
        letter.state, letter.attempts, letter.due_at = DeliveryState.waiting, 0, tx.now
        tx.audit("retry", f"delivery:{letter_id}", before=before, after={"state": "waiting", "kind": letter.kind})
        return {"id": letter_id, "state": "waiting"}

    return writing(request, "retry_dead_letter", letter_id, work)


@routes.post("/runtime/dead-letters/{letter_id}/discard", access=Scope.write_runtime, answer=LetterMoved)
def discard_dead_letter(request: Request, letter_id: LetterId) -> Response:
    """Throw a dead letter away; the audit log keeps what it said."""

    def work(tx: Transaction) -> dict[str, Any]:
        letter = _dead(tx, letter_id)
        kept = {"agent": letter.agent, "subject": letter.subject, "kind": letter.kind, "payload": letter.payload}
        tx.audit("discard", f"delivery:{letter_id}", before={**kept, "error": letter.error})
        tx.delete(letter)
        return {"id": letter_id, "state": "discarded"}

    return writing(request, "discard_dead_letter", letter_id, work)


def _dead(tx: Transaction, letter_id: int) -> Delivery:
    letter = tx.get(Delivery, letter_id, with_for_update=True)
    if letter is None:
        raise NotFound("dead letter", str(letter_id))
    if letter.state != DeliveryState.dead:
        raise NotDead()
    return letter


@routes.get("/runtime/schedules", access=Scope.read_runtime, answer=SCHEDULES.list_shape(SCHEDULES.row_shape()),
            extra=SCHEDULES.operation())  # fmt: skip
def list_schedules(request: Request) -> Response:
    """List what happens by the clock."""
    return SCHEDULES.answer(request)


@routes.get("/runtime/flows", access=Scope.read_runtime, answer=FLOWS.list_shape(FLOWS.row_shape()),
            extra=FLOWS.operation())  # fmt: skip
def list_flows(request: Request) -> Response:
    """List processes that cross agents, newest first."""
    return FLOWS.answer(request)
