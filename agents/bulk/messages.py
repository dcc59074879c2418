"""What may be said to the bulk agent, and what it says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class BulkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`ask` ({"kind", "body"}) is for a row that is to be done in its own way, such as taken back."""

    id: UUID
    label: str
    ask: dict[str, Any] | None = None


class StartBulk(Command, frozen=True, kw_only=True):
    """Do one action to many records, in the background and in the name of who asks.

    `kind` and `body` are the command that is said for each record, without the record.
    """

    id: UUID
    noun: str
    action: str
    scope: str
    kind: str
    body: dict[str, Any]
    selection: dict[str, Any]
    records: list[BulkRecord]


class CancelBulk(Command, frozen=True, kw_only=True):
    """Begin no further rows; those that are handed out already are finished."""

    job_id: UUID


class UndoBulk(Command, frozen=True, kw_only=True):
    """Take back what an ended action did, row by row, as a new action with the id `id`."""

    id: UUID
    job_id: UUID


class RowDone(Task, frozen=True, kw_only=True):
    """What became of a row: done without a code, else refused or failed."""

    job_id: UUID
    row_no: int
    code: str | None = None
    sentence: str | None = None
    failed: bool = False
    undo: dict[str, Any] | None = None


class BulkState(State, frozen=True, kw_only=True):
    """`counts` are rows by state: waiting, sent, done, refused, failed, cancelled."""

    id: UUID
    noun: str
    action: str
    status: str
    total: int
    counts: dict[str, int]
    next: list[str]


class BulkProgressed(Event, frozen=True, kw_only=True):
    """Said while an action runs, about every fifty rows, to who asked for it. Subject: the action."""

    job_id: UUID
    principal: str
    status: str
    total: int
    counts: dict[str, int]


class BulkFinished(Event, frozen=True, kw_only=True):
    job_id: UUID
    principal: str
    noun: str
    action: str
    status: str
    total: int
    counts: dict[str, int]
