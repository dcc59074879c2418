"""Logs are whole lines in a file of the process's kind, whoever else writes there or moves it away."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from cli import layout
from cli.layout import DataDir
from db.logs import AppendedFile


def test_lines_of_several_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "gateway.log"

    def write(name: str) -> None:
        file = AppendedFile(path)
        for n in range(300):
            file.write(f"{name} {n} {'x' * 200}\n")

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for w in writers:
        w.start()
    for w in writers:
        w.join()
    lines = path.read_text().splitlines()
    assert sorted(lines) == sorted(f"{name} {n} {'x' * 200}" for name in "abc" for n in range(300))


def test_a_full_disk_stops_nobody_who_has_something_to_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, written = tmp_path / "orders.log", os.write
    file = AppendedFile(path)
    file.write("fine\n")

    def full(handle: int, line: bytes) -> int:
        if len(line) > 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(handle, line[:3])

    monkeypatch.setattr(os, "write", full)
    file.write("half\n")
    file.write("a line that finds no room\n")
    monkeypatch.setattr(os, "write", written)
    file.write("there is room again\n")
    file.write("and again\n")
    assert path.read_text().splitlines() == [
        "fine", "hal", "2 lines before this one could not be written", "there is room again", "and again",
    ]  # fmt: skip


def test_a_large_log_is_moved_away_and_the_writer_goes_on_in_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "LOG_LIMIT_BYTES", 10)
    data = DataDir(tmp_path)
    data.create()
    file = AppendedFile(data.logs / "orders.log")
    (data.logs / "postgres.log").write_text("held open by its server\n")
    file.write("a line of the first file\n")
    data.turn_logs()
    file.write("second\n")
    data.turn_logs()
    assert (data.logs / "orders.log.1").read_text() == "a line of the first file\n"
    assert (data.logs / "orders.log").read_text() == "second\n"
    assert (data.logs / "postgres.log").read_text() == "held open by its server\n"
