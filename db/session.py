"""The database and the one kind of write transaction: rows, history, audit and outbox commit together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache, cached_property
from typing import Any, Protocol, cast
from uuid import UUID

import msgspec
import psycopg
from sqlalchemy import ColumnDefault, Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from db.base import Base, metadata, utc_now, uuid7
from db.errors import IllegalMove, StaleVersion, Unavailable
from db.runtime import OUTBOX_CHANNEL, AuditEntry, Outbox, Transition
from db.wire import Row, Statement, ask_all, insertion, tell_all


@dataclass(frozen=True)
class Who:
    """On whose behalf a transaction writes. `actor` is `user:ID`, `key:ID`, `agent:NAME` or `system`."""

    actor: str
    request_id: str = ""
    why: str | None = None


class HasStatus(Protocol):
    status: Any


@dataclass
class _Pending:
    outbox: list[dict[str, Any]] = field(default_factory=list)
    transitions: list[dict[str, Any]] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)
    fresh: dict[type[Base], list[dict[str, Any]]] = field(default_factory=dict)  # rows of `insert_new`
    statements: list[Statement] = field(default_factory=list)  # put off until something else is said or asked

    def marks(self) -> tuple[int, int, int]:
        return len(self.outbox), len(self.transitions), len(self.audit)

    def cut(self, marks: tuple[int, int, int]) -> None:
        del self.outbox[marks[0] :], self.transitions[marks[1] :], self.audit[marks[2] :]
        self.fresh.clear()
        self.statements.clear()

    def write_fresh(self) -> None:
        """Make statements of what `insert_new` gathered, model by model, those that others refer to first."""
        if not self.fresh:
            return
        fresh, self.fresh = self.fresh, {}
        first = _dependencies(len(metadata.tables))
        for model in sorted(fresh, key=lambda m: first[m.__tablename__]):
            self.statements.append(insertion(model.__tablename__, fresh[model]))


@cache
def _dependencies(_tables: int) -> dict[str, int]:
    """Where each table stands when those that foreign keys name come first; made anew when more are loaded."""
    return {table.name: n for n, table in enumerate(metadata.sorted_tables)}


class Transaction(Session):
    """A SQLAlchemy session with what every write here needs beside rows.

    Changes to rows of models with `__audited__ = True` write their audit entries by themselves.
    `who` may be set anew for each message of a batch; `now` is the transaction's one moment.
    """

    who: Who
    now: datetime
    pending: _Pending

    def announce(self, subject: str, message: msgspec.Struct) -> None:
        """Say an event, once the transaction commits, to whoever subscribes to its kind."""
        self._post(subject, message, to_agent=None)

    def send(self, agent: str, subject: str, message: msgspec.Struct) -> None:
        """Ask `agent` to do a task, once the transaction commits. In order with the subject's events."""
        self._post(subject, message, to_agent=agent)

    def _post(self, subject: str, message: msgspec.Struct, *, to_agent: str | None) -> None:
        self.pending.outbox.append(
            {
                "message_id": uuid7(),
                "subject": subject,
                "kind": type(message).__name__,
                "payload": message,
                "sender": self.who.actor,
                "to_agent": to_agent,
                "request_id": self.who.request_id,
                "at": self.now,
            }
        )

    def move(
        self,
        record: HasStatus,
        to: StrEnum,
        *,
        moves: Mapping[Any, frozenset[Any]],
        subject: str,
        why: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Change a lifecycle's status along its table of legal moves and write the history line.

        Raises:
            IllegalMove: the table does not have the move; it names what is possible instead.
        """
        now_at = type(to)(record.status)
        if to not in moves[now_at]:
            kind, _, ident = subject.partition(":")
            raise IllegalMove(kind, ident, now_at.value, to.value, sorted(s.value for s in moves[now_at]))
        self.note(subject, from_status=now_at.value, to_status=to.value, why=why, detail=detail)
        record.status = to.value

    def note(
        self,
        subject: str,
        *,
        to_status: str,
        from_status: str | None = None,
        why: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Write a history line for `subject` (`order:ID`), without a lifecycle check."""
        self.pending.transitions.append(
            {
                "subject": subject,
                "at": self.now,
                "actor": self.who.actor,
                "from_status": from_status,
                "to_status": to_status,
                "why": why or self.who.why,
                "detail": detail,
                "request_id": self.who.request_id,
            }
        )

    def audit(
        self,
        action: str,
        record: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        why: str | None = None,
    ) -> None:
        self.pending.audit.append(
            {
                "at": self.now,
                "actor": self.who.actor,
                "action": action,
                "record": record,
                "before": before,
                "after": after,
                "why": why or self.who.why,
                "request_id": self.who.request_id,
            }
        )

    def insert_all(self, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows in one statement with one parameter, in order; every row names the same columns.

        By column and not through the model: writes no audit entries and fills in no defaults. JSON is how
        the rows travel, so bytes do not. See `put_off`.
        """
        if rows:
            self.pending.write_fresh()
            self.pending.statements.append(insertion(model.__tablename__, rows))

    def insert_new(self, *rows: Base) -> None:
        """Insert rows with their defaults and audit entries, as `add` would, past the unit of work.

        For sets of many: it takes a third of the time. The objects stay outside of the session, so nothing that is
        done to them later is written, and their keys are made here, not by the database. Bytes do not travel so.
        """
        for row in rows:
            _fill_in(row)
            values = {name: getattr(row, key) for key, name, _ in _columns_of(type(row))}
            self.pending.fresh.setdefault(type(row), []).append(values)
            if getattr(row, "__audited__", False):
                self._audit_new(row)

    def _audit_new(self, row: Base) -> None:
        after = {c.key: plain(getattr(row, c.key)) for c in inspect(row).mapper.column_attrs}
        self.audit("create", _record(row), after=_masked(row, {k: v for k, v in after.items() if v is not None}))

    def put_off(self, sql: str, values: dict[str, Any]) -> None:
        """Run a statement whose outcome nobody waits for: it travels with the next one, or with the commit.

        Whatever is asked or written through this transaction afterwards comes after it.
        """
        self.pending.write_fresh()
        self.pending.statements.append(Statement(sql, values))

    def ask_together(self, *questions: Statement) -> list[list[Row]]:
        """The rows of each question as tuples, in one round trip, past SQLAlchemy's work for each."""
        self.pending.write_fresh()
        before, self.pending.statements = self.pending.statements, []
        return ask_all(self.wire, [*before, *questions])[len(before) :]

    def catch_up(self) -> None:
        """Run what was put off."""
        self.pending.write_fresh()
        if self.pending.statements:
            statements, self.pending.statements = self.pending.statements, []
            tell_all(self.wire, statements)

    @cached_property
    def wire(self) -> psycopg.Connection[Any]:
        """The driver's connection of this transaction; a `Transaction` is used for one only."""
        return cast("psycopg.Connection[Any]", self.connection().connection.driver_connection)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint: an exception undoes what was done inside, its words included, and goes on up."""
        self.catch_up()
        marks = self.pending.marks()
        savepoint = self.begin_nested()
        try:
            yield
            self.flush()
            self.catch_up()
        except BaseException:
            savepoint.rollback()
            self.pending.cut(marks)
            raise
        savepoint.commit()

    def conclude(self) -> None:
        """Write outbox, history and audit rows that were gathered, and commit: one round trip for all of it."""
        self.flush()
        p = self.pending
        p.write_fresh()
        for model, rows in ((Transition, p.transitions), (AuditEntry, p.audit), (Outbox, p.outbox)):
            self.insert_all(model, rows)
        if p.outbox:
            self.put_off(f"NOTIFY {OUTBOX_CHANNEL}", {})
        if p.statements:
            tell_all(self.wire, p.statements, commit=True)
        self.pending = _Pending()
        self.commit()  # SQLAlchemy's own end of it; the driver has nothing left to send


def check_version(record: Any, expected: int | None, *, kind: str, id: str) -> None:
    """Optimistic locking: raise `StaleVersion` when the caller saw another version; None skips the check."""
    if expected is not None and record.version != expected:
        raise StaleVersion(kind, id, expected, record.version)


def plain(value: Any) -> Any:
    """A column's value as JSON knows it."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return value


def _audit_rows(session: Session, *_: Any) -> None:
    if not isinstance(session, Transaction):
        return
    meant = session.who
    for row in session.new:
        if getattr(row, "__audited__", False):
            session.who = inspect(row).info.get("who", meant)
            session._audit_new(row)
    session.who = meant
    for row in session.dirty:
        if not getattr(row, "__audited__", False):
            continue
        state = inspect(row)
        untouched = state.unmodified
        changed = {
            a.key: state.attrs[a.key].history
            for a in state.mapper.column_attrs
            if a.key not in untouched and state.attrs[a.key].history.has_changes()
        }
        if changed:
            if hasattr(row, "version") and "version" not in changed:
                row.version += 1
            before = {k: plain(h.deleted[0]) if h.deleted else None for k, h in changed.items()}
            after = {k: plain(h.added[0]) if h.added else None for k, h in changed.items()}
            session.audit("update", _record(row), before=_masked(row, before), after=_masked(row, after))
    for row in session.deleted:
        if getattr(row, "__audited__", False):
            before = {c.key: plain(getattr(row, c.key)) for c in inspect(row).mapper.column_attrs}
            session.audit("delete", _record(row), before=_masked(row, before))


def _say_whose(session: Session, row: Any) -> None:
    """Rows that are written together may have been made for different people."""
    if isinstance(session, Transaction) and getattr(row, "__audited__", False):
        inspect(row).info["who"] = session.who


def _masked(row: Base, values: dict[str, Any]) -> dict[str, Any]:
    secret: frozenset[str] = getattr(row, "__secret__", frozenset())
    return {k: "***" if k in secret else v for k, v in values.items()}


@cache
def _columns_of(model: type[Base]) -> list[tuple[str, str, ColumnDefault | None]]:
    """Of each column: the attribute's name, the column's, and the default that we know."""
    pairs = [(attribute.key, attribute.columns[0]) for attribute in model.__mapper__.column_attrs]
    return [(key, c.name, c.default if isinstance(c.default, ColumnDefault) else None) for key, c in pairs]


def _fill_in(row: Base, *, keys: Collection[str] | None = None) -> None:
    """Apply client-side defaults, of some attributes or of all, to what was never set: SQLAlchemy does so only when it
    inserts, and then not on the object that a caller looks at meanwhile."""
    for key, _, default in _columns_of(type(row)):
        if default is not None and key not in row.__dict__ and (keys is None or key in keys):
            setattr(row, key, default.arg(None) if default.is_callable else default.arg)


def _record(row: Base) -> str:
    state = inspect(row)
    _fill_in(row, keys=[state.mapper.get_property_by_column(c).key for c in state.mapper.primary_key])
    ident = "/".join(str(v) for v in state.mapper.primary_key_from_instance(row))
    return f"{getattr(row, '__kind__', row.__tablename__)}:{ident}"


def _catch_up(session: Session) -> None:
    if isinstance(session, Transaction):
        session.catch_up()


event.listen(Session, "transient_to_pending", _say_whose)
event.listen(Session, "before_flush", _audit_rows)
event.listen(Session, "before_flush", lambda session, *_: _catch_up(session))
event.listen(Session, "do_orm_execute", lambda state: _catch_up(state.session))


def sqlalchemy_url(url: str) -> str:
    """A libpq URL with the psycopg 3 driver named, as SQLAlchemy wants it."""
    return url if "+psycopg" in url else url.replace("postgresql://", "postgresql+psycopg://", 1)


class Database:
    """A pool of connections to the truth. Engines and sessions never travel between processes: URLs do."""

    def __init__(self, url: str, *, pool_size: int = 5, application_name: str = "backoffice") -> None:
        self.url = url
        self.engine: Engine = create_engine(
            sqlalchemy_url(url),
            hide_parameters=True,  # they would be in the message of every error
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 3,
                "application_name": application_name,
                "options": "-c timezone=UTC -c statement_timeout=30000 -c lock_timeout=10000 "
                "-c idle_in_transaction_session_timeout=60000",
            },
        )
        # Said by BEGIN itself, which saves a statement.
        self._for_reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def transaction(self, who: Who, *, now: datetime | None = None) -> Iterator[Transaction]:
        """One write transaction, committed at the end of the block, rolled back by an exception.

        Raises:
            Unavailable: PostgreSQL is away, restarting, full or overloaded; nothing was decided by us.
        """
        tx = Transaction(self.engine, expire_on_commit=False)
        tx.who, tx.now, tx.pending = who, now or utc_now(), _Pending()
        try:
            with weather():
                yield tx
                tx.conclude()
        finally:
            with weather():
                tx.close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for questions; everything it sees is of one moment, and it can write nothing."""
        with weather(), Session(self._for_reading, expire_on_commit=False) as session:
            yield session

    @property
    def connections_in_use(self) -> int:
        return self.engine.pool.checkedout()  # type: ignore[attr-defined, no-any-return]

    def close(self) -> None:
        self.engine.dispose()


TRANSIENT_STATES = frozenset(
    {
        "40001", "40P01",  # serialization failure, deadlock
        "55P03",  # lock not available
        "57014",  # statement time-out
        "57P01", "57P02", "57P03",  # shutdown, crash shutdown, cannot connect now
        "53100", "53200", "53300",  # disk full, out of memory, too many connections
        "25P03", "25006",  # idle in transaction time-out, read-only (failing over)
        "08000", "08003", "08006", "08001", "08004",
    }
)  # fmt: skip


def is_weather(error: BaseException) -> bool:
    """Whether an error of the database will pass by itself."""
    if isinstance(error, (InterfaceError, psycopg.InterfaceError)):
        return True
    if isinstance(error, psycopg.Error):  # of a statement that went past SQLAlchemy
        lost = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
        return lost or error.sqlstate in TRANSIENT_STATES
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        return (
            error.connection_invalidated
            or state in TRANSIENT_STATES
            or (isinstance(error, OperationalError) and state is None)
        )
    # The pool is exhausted: `sqlalchemy.exc.TimeoutError`.
    return type(error).__module__ == "sqlalchemy.exc" and type(error).__name__ == "TimeoutError"


@contextmanager
def weather() -> Iterator[None]:
    """Turn the database's passing troubles into `Unavailable`; everything else goes on up."""
    try:
        yield
    except Exception as error:
        if is_weather(error):
            raise Unavailable("The database is not answering at the moment.", retry_after=1.0) from error
        raise
