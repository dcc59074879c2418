"""Bring a database's schema to this release's. Safe to run at any time and by several processes at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from db.session import sqlalchemy_url

# "backoffic" in ASCII, the number of the advisory lock that lets one migrator in at a time.
MIGRATION_LOCK = 0x6261636B6F66


class SchemaIsNewer(RuntimeError):
    """The database was written by a newer release."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str:
    """The revision this release expects."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise RuntimeError("the migrations folder is empty")
    return revision


def current(url: str) -> str | None:
    """The revision a database is at, None for an empty one."""
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(url: str, *, to: str = "head") -> None:
    """Run every migration that is missing, in one transaction.

    Raises:
        SchemaIsNewer: the database has a revision that this release does not know.
    """
    config = _config()
    known = {s.revision for s in ScriptDirectory.from_config(config).walk_revisions()}
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
        at = MigrationContext.configure(connection).get_current_revision()
        if at is not None and at not in known:
            raise SchemaIsNewer(
                f"The database is at schema {at}, which this release of Backoffice does not know. "
                "It was written by a newer release: start that one, or restore a backup from before the upgrade."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, to)
