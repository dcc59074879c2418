"""What stands in the way of `backoffice up` is said in a sentence before anything is touched."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections import namedtuple
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from cli.layout import AlreadyRunning, DataDir
from cli.main import app
from cli.ports import free_port
from cli.ray_node import our_socket_folder, socket_folder
from cli.supervisor import CannotStart, Options, Supervisor
from db.settings import load

Usage = namedtuple("Usage", "total used free")


def supervisor(tmp_path: Path, **settings: str) -> Supervisor:
    data = DataDir(tmp_path / "data")
    data.create()
    return Supervisor(load({"BACKOFFICE_DATA_DIR": str(data.root), **settings}), data, Options(), lambda _: None)


def test_a_busy_port_is_named_with_another_one_to_try(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} is in use .* --port {port + 1}"):
            supervisor(tmp_path, BACKOFFICE_PORT=str(port)).check()


def test_a_full_disk_is_noticed_before_it_is_too_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 10 * 2**20))
    with pytest.raises(CannotStart, match=r"Only 10 MB are free .* needs 500 MB"):
        supervisor(tmp_path, BACKOFFICE_PORT=str(free_port())).check()


def test_a_database_of_a_newer_release_is_not_touched(tmp_path: Path, db_url: str) -> None:
    with psycopg.connect(db_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotStart, match="newer release"):
        supervisor(tmp_path, BACKOFFICE_DATABASE_URL=db_url).start()


def test_a_start_that_fails_is_tried_once_more_and_no_more(
    tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def fails(_: Supervisor) -> None:
        tries.append("tried")
        raise RuntimeError("a port was taken")

    monkeypatch.setattr(Supervisor, "_start_cluster", fails)
    with pytest.raises(RuntimeError, match="a port was taken"):
        supervisor(tmp_path, BACKOFFICE_DATABASE_URL=db_url).start()
    assert len(tries) == 2


def test_down_reaches_a_company_that_is_still_starting(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    data.create()
    assert data.holder() is None
    with data.locked():
        assert data.holder() == os.getpid()
    assert data.holder() is None


def test_two_cannot_hold_one_data_directory(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    data.create()
    with data.locked(), pytest.raises(AlreadyRunning, match="already running"), data.locked():
        pass


def test_the_data_directory_and_its_secrets_are_their_owners_alone(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    data.create()
    data.secret("ray_token")
    assert stat.S_IMODE(data.secret_path("ray_token").stat().st_mode) == 0o600
    assert stat.S_IMODE((data.root / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE(data.root.stat().st_mode) & 0o066 == 0


@pytest.mark.parametrize("command", [["status"], ["audit"], ["users", "list"], ["export", "orders"]])
def test_a_command_without_a_running_company_says_how_to_start_one(tmp_path: Path, command: list[str]) -> None:
    said = CliRunner().invoke(app, [*command, "--data-dir", str(tmp_path)])
    assert said.exit_code != 0
    assert "backoffice up" in " ".join(said.output.split())


def test_down_without_a_running_company_is_no_error(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["down", "--data-dir", str(tmp_path)])
    assert (said.exit_code, "Nothing runs" in said.output) == (0, True)


def test_every_command_explains_itself() -> None:
    runner = CliRunner()
    for name in (
        "up",
        "down",
        "status",
        "logs",
        "audit",
        "migrate",
        "users",
        "keys",
        "import",
        "export",
        "backup",
        "restore",
        "demo",
    ):
        said = runner.invoke(app, [name, "--help"])
        assert said.exit_code == 0, name
        assert len(said.output) > 200, name


def test_a_folder_that_somebody_else_put_in_our_place_is_not_used(tmp_path: Path) -> None:
    """In /tmp anybody may; HAProxy would run what they write there."""
    data = DataDir(tmp_path / "data")
    place, theirs = socket_folder(data), tmp_path / "theirs"
    theirs.mkdir()
    place.symlink_to(theirs)
    try:
        with pytest.raises(RuntimeError, match="belongs to somebody else"):
            our_socket_folder(data)
        place.unlink()
        place.mkdir(mode=0o777)
        assert stat.S_IMODE(our_socket_folder(data).stat().st_mode) == 0o700
    finally:
        place.rmdir()
