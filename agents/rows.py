"""One row of an action on many records, done by the agent that owns the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import msgspec
import structlog

from agents import metrics
from agents.contract import Said, failed
from db.errors import Refusal, Unavailable
from db.session import Transaction, Who, is_weather

if TYPE_CHECKING:
    from agents.agent import Agent

log = structlog.get_logger()


class Row(Protocol):
    @property
    def job_id(self) -> UUID: ...

    @property
    def row_no(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def body(self) -> dict[str, Any]: ...

    @property
    def actor(self) -> str: ...


def do_row(agent: Agent, tx: Transaction, row: Row) -> dict[str, Any]:
    """Say the row's command to `agent` in the name of who asked; what `RowDone` tells of it.

    A refusal or a mistake leaves no trace but its sentence. Raises what passes by itself, to be tried again.
    """
    before = tx.who
    outcome: dict[str, Any] = {"job_id": row.job_id, "row_no": row.row_no}
    handler = agent.handlers[row.kind]
    tx.who = Who(row.actor, before.request_id, f"one of many: action {row.job_id}")
    try:
        with tx.attempt():
            state = getattr(agent, handler.method)(tx, msgspec.convert(row.body, type=handler.message))
    except Refusal as refusal:
        tx.expire_all()
        return {**outcome, "code": refusal.code, "sentence": str(refusal)}
    except Exception as error:
        if isinstance(error, Unavailable) or is_weather(error):
            raise
        tx.expire_all()
        metrics.bug(agent.name)
        log.error("row failed", agent=agent.name, kind=row.kind, job=str(row.job_id), of=row.body, exc_info=error)
        said = msgspec.msgpack.decode(failed(before.request_id).body, type=Said)
        return {**outcome, "code": said.code, "sentence": said.sentence, "failed": True}
    finally:
        tx.who = before
    undo = getattr(state, "undo", None)
    return {**outcome, "undo": {"kind": undo.kind, "body": undo.body} if undo else None}
