"""`backoffice backup` and `restore`: the company as one file, proven by reading it back and auditing it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import text

from cli.layout import AlreadyRunning, DataDir
from cli.output import done, fail, out
from cli.place import DataDirOption, database_of, settings_for
from db import migrate
from db.dump import DumpFailed, dump, restore
from db.embedded import EmbeddedPostgres
from db.errors import Unavailable
from db.session import Database

_SIZE = text("""
    SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM stock_ledger) AS movements,
      (SELECT count(*) FROM payments) AS payments
""")


def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to; by default a name with the time, here.")] = None,
    data_dir: DataDirOption = None,
    check: Annotated[bool, typer.Option(help="Restore it aside and audit the copy.")] = True,
) -> None:
    """Keep the company in one file, at one moment, while it works. The copy is read back and audited."""
    file = (file or Path(f"backoffice-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup")).expanduser().resolve()
    url = database_of(data_dir).url
    begun = time.monotonic()
    with _told(), out.status(f"writing {file.name}"):
        dump(url, file)
    size = file.stat().st_size / 2**20
    done(f"{file} holds the company: {size:.1f} MB in {time.monotonic() - begun:.1f} s.")
    if check:
        with _told(), out.status("reading it back and auditing the copy"), _aside() as copy:
            restore(file, copy)
            what = _proven(copy)
        done(f"The copy was restored and audited: {what}.")


def restore_file(
    file: Annotated[Path, typer.Argument(help="What `backoffice backup` wrote.")], data_dir: DataDirOption = None
) -> None:
    """Make a company from a backup: into a new data directory, or an empty BACKOFFICE_DATABASE_URL."""
    settings = settings_for(data_dir)
    data = DataDir(settings.data_dir)
    file = file.expanduser().resolve()
    begun = time.monotonic()
    with _told():
        if settings.database_url:
            with out.status(f"restoring {file.name}"):
                restore(file, settings.database_url)
                what = _proven(settings.database_url)
        else:
            data.create()
            with data.locked(), out.status(f"restoring {file.name}"), EmbeddedPostgres(data.root) as server:
                restore(file, server.url)
                what = _proven(server.url)
    done(f"Restored and audited in {time.monotonic() - begun:.1f} s: {what}.")
    out.print(
        f"Start it with `backoffice up --data-dir {data.root}`. People sign in as before; `up` makes a new API key "
        "for this machine.\nNever let a restored copy and its original run at the same time: both would write to "
        "customers and carriers.",
        highlight=False,
    )


@contextmanager
def _told() -> Iterator[None]:
    """What stands in the way, as a sentence and not a traceback."""
    try:
        yield
    except (DumpFailed, AlreadyRunning, Unavailable, migrate.SchemaIsNewer, RuntimeError) as reason:
        fail(str(reason))
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename}")


@contextmanager
def _aside() -> Iterator[str]:
    """A server that lives for as long as it is looked at."""
    home = Path(tempfile.mkdtemp(prefix="backoffice-copy-"))
    home.chmod(0o755)  # the system user that runs PostgreSQL passes through; the cluster inside is closed
    try:
        with EmbeddedPostgres(home / "data", settings={"fsync": "off"}) as server:
            yield server.url
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _proven(url: str) -> str:
    """Bring the copy to this release's schema and audit it. Ends with a sentence when a book is wrong."""
    from db.audit import run

    migrate.upgrade(url)
    database = Database(url, pool_size=1, application_name="backoffice-cli")
    try:
        with database.reading() as session:
            results = run(session)
            size = session.execute(_SIZE).one()
    finally:
        database.close()
    broken = [f"{r.name} ({r.violations})" for r in results if r.violations]
    if broken:
        fail(f"The copy is complete, but its books are not right: {', '.join(broken)}. See `backoffice audit`.")
    return (
        f"{size.orders} orders, {size.payments} payments, {size.movements} stock movements, "
        f"{len(results)} checks without a violation"
    )
