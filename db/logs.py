"""Structured logs of every process: one event a line, with request ids; never the values of local variables."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up(style: str = "console", *, process: str = "") -> None:
    """Call once in each process. `style` is `console` for people or `json` for machines.

    Tracebacks are plain: a pretty one prints local variables, among them database URLs and tokens.
    """
    json = style == "json"
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    if json:
        processors.append(structlog.processors.JSONRenderer())
    else:
        plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        processors.append(plain)
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.clear_contextvars()
    if process:
        structlog.contextvars.bind_contextvars(process=process)
