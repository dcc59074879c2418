"""Wake up when PostgreSQL says that something was written: no polling delay on the main path."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import structlog

from db.runtime import OUTBOX_CHANNEL

log = structlog.get_logger()


class Listener(threading.Thread):
    """Calls `wake` for every notification, and once after each (re)connection, as something may have been missed."""

    def __init__(self, database_url: str, wake: Callable[[], None], *, channel: str = OUTBOX_CHANNEL) -> None:
        super().__init__(name="listener", daemon=True)
        self._url, self._wake, self._channel = database_url, wake, channel
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                with psycopg.connect(
                    self._url, autocommit=True, connect_timeout=3, application_name="backoffice-listener"
                ) as connection:
                    connection.execute(f"LISTEN {self._channel}")
                    self._wake()
                    while not self._over.is_set():
                        for _ in connection.notifies(timeout=1.0, stop_after=1):
                            self._wake()
            except psycopg.OperationalError as error:
                log.warning("listening interrupted", error=error)
                self._over.wait(0.3)

    def stop(self) -> None:
        self._over.set()
