"""A PostgreSQL for the tests: one server a session, one fresh and migrated database a test."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

# Read when Ray is imported: under `uv run` it would start every worker through uv, in a copy of the folder.
os.environ["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"

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


@pytest.fixture(scope="session")
def template_database(database_url: str) -> Iterator[str]:
    """The name of a migrated database that the others are copied from; nothing stays connected to it."""
    with _created(database_url, "CREATE DATABASE {}", prefix="template") as url:
        if find_spec("db.migrate"):
            import_module("db.migrate").upgrade(url)
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture(scope="session")
def fresh_database(database_url: str, template_database: str) -> FreshDatabase:
    """Call it for a database of your own in any scope: `with fresh_database() as url`."""
    statement = f"CREATE DATABASE {{}} TEMPLATE {template_database} STRATEGY FILE_COPY"
    return lambda: _created(database_url, statement, prefix="test")


@pytest.fixture
def db_url(fresh_database: FreshDatabase) -> Iterator[str]:
    """The URL of a migrated, empty database that is this test's alone."""
    with fresh_database() as url:
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
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    """The whole company in this process, over a fresh database."""
    company = Shop(db_url)
    yield company
    company.close()
