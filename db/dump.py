"""The whole database as one file and back: PostgreSQL's own dump, one consistent moment, while everything runs."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

import psycopg

from db.embedded import client_program

NOBODYS = ("--no-owner", "--no-privileges")  # whoever restores it owns it
KNOWS_EVERY_SETTING = 170_000  # the first version that knows all that pg_restore 18 sets


class DumpFailed(RuntimeError):
    """A dump or a restore that came to nothing, in a sentence that says what to do."""


def dump(url: str, file: Path) -> None:
    """Write the database at `url` into `file` (PostgreSQL's custom format, compressed, 0600), whole or not at all.

    Raises:
        DumpFailed: the file is there already or cannot be written, or pg_dump says no.
    """
    if file.exists():
        raise DumpFailed(f"{file} is there already. Choose another name, or move it away.")
    part = file.with_name(file.name + ".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise DumpFailed(f"{part} cannot be written: {error.strerror}. Choose another place.") from error
    try:
        with os.fdopen(handle, "wb") as sink:
            _run(url, "pg_dump", "--format=custom", *NOBODYS, stdout=sink)
            os.fsync(sink.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def restore(file: Path, url: str) -> None:
    """Bring an empty database to what `file` holds, in one transaction.

    Raises:
        DumpFailed: the file is not a dump, the database is not empty, or pg_restore says no. Nothing was changed.
    """
    if not file.is_file():
        raise DumpFailed(f"There is no file {file}.")
    with psycopg.connect(url) as connection:
        version = connection.info.server_version
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if tables and tables[0]:
        raise DumpFailed("The database is not empty, and a restore never overwrites. Restore into a fresh one.")
    if version >= KNOWS_EVERY_SETTING:
        _run(url, "pg_restore", "--exit-on-error", "--single-transaction", *NOBODYS, str(file))
        return
    # pg_restore 18 sets what older servers do not know, and cannot be told not to; so its script is read first.
    with tempfile.TemporaryFile() as script, tempfile.TemporaryFile() as known:
        _run(None, "pg_restore", "--file=-", *NOBODYS, str(file), stdout=script)
        script.seek(0)
        known.writelines(line for line in script if not line.startswith(b"SET transaction_timeout"))
        known.seek(0)
        _run(url, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", stdin=known)


@contextmanager
def _login(url: str) -> Iterator[tuple[str, str]]:
    """The URL without its password, and a file that has it.

    Not in the command line, which everybody on the machine can read, nor in the environment.
    """
    parts = urlsplit(url)
    with tempfile.NamedTemporaryFile("w", prefix="backoffice-pgpass-") as passfile:
        secret = unquote(parts.password or "")
        passfile.write("*:*:*:*:" + secret.replace("\\", "\\\\").replace(":", "\\:") + "\n")
        passfile.flush()
        yield parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1)).geturl(), passfile.name


def _run(
    url: str | None,
    program: str,
    *words: str,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    stdout: IO[bytes] | int = subprocess.DEVNULL,
) -> None:
    with _login(url or "") as (where, passfile):
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [client_program(program), *([f"--dbname={where}"] if url else []), *words],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env={"PATH": os.defpath, "LC_ALL": "C", "PGPASSFILE": passfile},
            check=False,
        )
    if done.returncode != 0:
        raise DumpFailed(_sentence(program, done.stderr.decode(errors="replace").strip().splitlines()))


def _sentence(program: str, said: list[str]) -> str:
    everything = " ".join(said)
    if "No space left on device" in everything or "could not write" in everything:
        return "The disk is full. Free some space, or choose another place."
    if "does not appear to be a valid archive" in everything or "unsupported version" in everything:
        return "The file is not a backup that `backoffice backup` wrote, or it was cut short."
    if "server version mismatch" in everything:
        return "The server's PostgreSQL is newer than this release's pg_dump. Use that server's own pg_dump."
    return f"{program} failed: {' | '.join(said[-3:]) or 'without a word'}"
