"""A PostgreSQL for the tests: one server a session, one fresh and migrated database a test."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import Engine, event

# Read when Ray is imported: under `uv run` it would start every worker through uv, in a copy of the folder.
os.environ["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"

import db.session
from db import migrate
from db.embedded import EmbeddedPostgres
from tests.shop import Shop

# Nothing here outlives the session, so nothing needs to reach the disk.
IN_A_HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# Copying a database costs half a second on a disk and a fiftieth of it in memory, and every test wants its own.
MEMORY, ROOM_NEEDED = Path("/dev/shm"), 2**31

FreshDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A server where databases may be created: BACKOFFICE_TEST_DATABASE_URL, or one of our own."""
    given = os.environ.get("BACKOFFICE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Not under pytest's tmp_path: that is closed to the system user PostgreSQL runs as when we are root.
    home = Path(tempfile.mkdtemp(prefix="backoffice-test-", dir=_memory()))
    home.chmod(0o755)
    try:
        with EmbeddedPostgres(home / "data", shared_buffers_mb=128, settings=IN_A_HURRY) as server:
            yield server.url
    finally:
        shutil.rmtree(home)


class Engines:
    """SQLAlchemy's engines, used for one test's database after the other: what one has compiled the next need not.

    All that open the same database share its engine, with room for as many connections as they want.
    """

    def __init__(self, make: Callable[..., Engine]) -> None:
        self._make = make
        self._free: list[Engine] = []
        self._of: dict[str, Engine] = {}  # by the name of the database
        self._names: dict[int, str] = {}
        self._close: dict[int, Callable[[], None]] = {}
        self.ours: set[str] = set()

    def __call__(self, url: str, **options: Any) -> Engine:
        """In place of `create_engine`."""
        name = urlsplit(url).path.removeprefix("/")
        if name not in self.ours:
            return self._make(url, **options)
        if name not in self._of:
            self._of[name] = engine = self._free.pop() if self._free else self._one(url, options)
            self._names[id(engine)] = name
        return self._of[name]

    def _one(self, url: str, options: dict[str, Any]) -> Engine:
        engine = self._make(url, **{**options, "max_overflow": -1})

        @event.listens_for(engine, "do_connect")
        def point(_dialect: Any, _record: Any, _args: Any, options: dict[str, Any]) -> None:
            options["dbname"] = self._names[id(engine)]

        # The first who closes it must not close it for the others.
        self._close[id(engine)], engine.dispose = engine.dispose, lambda close=True: None  # type: ignore[method-assign]
        return engine

    def let_go(self, url: str) -> None:
        """Close every connection to a test's database, as the end of its processes would; it may be opened again."""
        if engine := self._of.get(urlsplit(url).path.removeprefix("/")):
            self._close[id(engine)]()

    def give_back(self, name: str) -> None:
        self.ours.discard(name)
        if engine := self._of.pop(name, None):
            self._close[id(engine)]()
            self._free.append(engine)


ENGINES = Engines(db.session.create_engine)
db.session.create_engine = ENGINES


@pytest.fixture(scope="session")
def template_database(database_url: str) -> Iterator[str]:
    """The name of a migrated database that the others are copied from; nothing stays connected to it."""
    with _created(database_url, "CREATE DATABASE {}", prefix="template") as url:
        migrate.upgrade(url)
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture(scope="session")
def fresh_database(database_url: str, template_database: str) -> FreshDatabase:
    """Call it for a database of your own in any scope: `with fresh_database() as url`."""
    statement = f"CREATE DATABASE {{}} TEMPLATE {template_database} STRATEGY FILE_COPY"
    return lambda: _created(database_url, statement, prefix="test")


# Of what is not ours only: a thread that still listens, a transaction that somebody left open.
_EMPTY = """
    SET lock_timeout = '1s';
    SET session_replication_role = replica;
    DO $$
    DECLARE filled text;
    BEGIN
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND (state <> 'idle' OR query LIKE 'LISTEN%');
        FOR filled IN SELECT relname FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
              AND pg_relation_size(oid) > 0
        LOOP
            EXECUTE format('DELETE FROM %I', filled);
        END LOOP;
        PERFORM setval(seqrelid::regclass, seqstart, false) FROM pg_sequence;
    END $$
"""
_SCHEMA = """
    SELECT (SELECT array_agg(version_num) FROM alembic_version),
      (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
      (SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
      (SELECT count(*) FROM pg_trigger WHERE tgenabled = 'O')
"""


@pytest.fixture(scope="session")
def spare_databases(fresh_database: FreshDatabase) -> Iterator[Callable[[], AbstractContextManager[str]]]:
    """Databases that go from one test to the next: emptying one costs less than making another."""
    spare: list[tuple[str, Any, ExitStack]] = []

    @contextmanager
    def one() -> Iterator[str]:
        if spare:
            url, schema, made = spare.pop()
        else:
            made = ExitStack()
            url = made.enter_context(fresh_database())
            with psycopg.connect(url) as connection:
                schema = connection.execute(_SCHEMA).fetchone()
        yield url
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_EMPTY)
            if connection.execute(_SCHEMA).fetchone() == schema:
                spare.append((url, schema, made))
                return
        made.close()  # somebody still holds on to something in it, or has changed more than rows

    yield one
    for *_, made in spare:
        made.close()


@pytest.fixture
def db_url(spare_databases: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The URL of a migrated, empty database that is this test's alone, as long as the test leaves its tables be."""
    with spare_databases() as url:
        yield url


def _memory() -> Path | None:
    """A file system in memory with room for a session's databases; None where there is none (containers often)."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free >= ROOM_NEEDED else None
    except OSError:
        return None


@contextmanager
def _created(server_url: str, statement: str, *, prefix: str) -> Iterator[str]:
    name = f"{prefix}_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement.format(name))
    ENGINES.ours.add(name)
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        ENGINES.give_back(name)
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    """The whole company in this process, over a fresh database."""
    company = Shop(db_url)
    yield company
    company.close()
