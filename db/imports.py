"""Files that are brought in: the run, and every row with what became of it. Written by the edge alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UuidKey


class ImportStatus(StrEnum):
    uploading = "uploading"  # parts of the file arrive
    ready = "ready"  # read; columns can be mapped, rows mended, and it can be tried or run
    checking = "checking"  # a dry run is under way
    running = "running"
    done = "done"  # every row was taken in or has an error
    cancelled = "cancelled"  # by a person, or because its owner may not any more; what was taken in stays


_S = ImportStatus
IMPORT_MOVES = {
    _S.uploading: frozenset({_S.ready, _S.cancelled}),
    _S.ready: frozenset({_S.checking, _S.running, _S.cancelled}),
    _S.checking: frozenset({_S.ready, _S.cancelled}),
    _S.running: frozenset({_S.done, _S.cancelled}),
    _S.done: frozenset({_S.running}),  # what was left out was mended
    _S.cancelled: frozenset({_S.ready, _S.running}),
}


class ImportRowState(StrEnum):
    waiting = "waiting"
    done = "done"
    failed = "failed"


class ImportRun(Base):
    """`mapping` has for each of our columns where it comes from: `{"take": "Their heading"}`, `{"value": "web"}` or
    `{"preset": "shopify_orders"}`. `turn` counts dry runs, runs and retries: a row is looked at once in each."""

    __tablename__ = "import_runs"
    __audited__ = True
    __kind__ = "import"
    id: Mapped[UuidKey]
    kind: Mapped[str]
    file_name: Mapped[str]
    status: Mapped[str] = mapped_column(default=ImportStatus.uploading)
    why: Mapped[str | None]
    owner: Mapped[str]
    preset: Mapped[str | None]
    mapping: Mapped[dict[str, Any]]
    heading: Mapped[list[str]]
    delimiter: Mapped[str | None]
    encoding: Mapped[str | None]
    size_bytes: Mapped[int] = mapped_column(default=0)
    total_rows: Mapped[int] = mapped_column(default=0)
    turn: Mapped[int] = mapped_column(default=0)
    dry_counts: Mapped[dict[str, Any] | None]  # of the last dry run, which a change of the mapping makes void
    counts: Mapped[dict[str, Any]]
    taken_by: Mapped[UUID | None]  # the process that works on it, until then
    taken_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        Index("ix_import_runs_active", "created_at", postgresql_where=text("status IN ('checking', 'running')")),
        Index("ix_import_runs_created", "created_at"),
    )


class ImportPart(Base):
    """A piece of the file on its way in; gone when the file was read."""

    __tablename__ = "import_parts"
    run_id: Mapped[UUID] = mapped_column(ForeignKey("import_runs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Base):
    """`given` are the cells as they stand in the file, or as somebody mended them."""

    __tablename__ = "import_rows"
    run_id: Mapped[UUID] = mapped_column(ForeignKey("import_runs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # as a spreadsheet counts: 2 is below the heading
    given: Mapped[list[str]]
    state: Mapped[str] = mapped_column(default=ImportRowState.waiting)
    turn: Mapped[int] = mapped_column(default=0)  # of the run, when it was last looked at
    place: Mapped[int] = mapped_column(default=0)  # rows with one place are one thing and go in one call
    late: Mapped[bool] = mapped_column(default=False)  # kits come after their parts
    errors: Mapped[list[Any] | None]
    mended: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index("ix_import_rows_place", "run_id", "late", "place", "number"),
        Index("ix_import_rows_failed", "run_id", "number", postgresql_where=text("state = 'failed'")),
    )
