"""Structured logs of every process: one event a line, with request ids; never the values of local variables.

Where a process of ours is a Ray worker its standard output goes through Ray and, in a Serve replica, through a buffer
of a thousand lines. So a process that is given a folder writes a file of its own kind there, a line at a time.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TextIO, cast

import structlog

from db.masking import mask


class AppendedFile:
    """A log file that several processes append to, and that somebody else may rename away at any moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None
        self._lost = 0

    def write(self, line: str) -> None:
        """Append `line` in one write, so that lines of several processes do not mix.

        Never raises: whoever works must not stop because a full disk takes no word of it. The next line that finds
        room says how many did not.
        """
        lost = f"\n{self._lost} lines before this one could not be written\n" if self._lost else ""
        try:
            whole = self._append((lost + line).encode(errors="backslashreplace"))
        except OSError:
            whole = False
        self._lost = 0 if whole else self._lost + 1

    def _append(self, line: bytes) -> bool:
        """Whether all of it is written."""
        if self._handle is not None and not self._is_there(self._handle):
            os.close(self._handle)
            self._handle = None
        if self._handle is None:
            self._handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.write(self._handle, line) == len(line)

    def flush(self) -> None:
        """What is written is there already."""

    def _is_there(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False


def processors(style: str) -> list[structlog.typing.Processor]:
    """What a line goes through, `console` or `json`."""
    json = structlog.processors.JSONRenderer()
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        mask,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        json if style == "json" else structlog.dev.ConsoleRenderer(colors=False),
    ]


def set_up(style: str = "console", *, process: str = "", folder: Path | None = None) -> None:
    """Call once in each process. `style` is `console` for people or `json` for machines.

    With a `folder` lines go to `folder/PROCESS.log`, otherwise to standard output.

    Nothing that identifies a person and no secret is in a line (`db/masking.py`).
    """
    sink = cast(TextIO, AppendedFile(folder / f"{process}.log")) if folder else sys.stdout  # it writes and flushes
    structlog.configure(
        processors=processors(style),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sink),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.clear_contextvars()
    if process:
        structlog.contextvars.bind_contextvars(process=process)
