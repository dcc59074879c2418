"""One coordinator at a time: a PostgreSQL advisory lock for being it, an epoch for proving it."""

from __future__ import annotations

import os
import socket
from datetime import datetime
from types import TracebackType

import psycopg

# "coord" in ASCII.
COORDINATOR_LOCK = 0x636F6F7264

_TAKE_OFFICE = """
    INSERT INTO leadership (role, epoch, holder, since) VALUES ('coordinator', 1, %(holder)s, %(now)s)
    ON CONFLICT (role) DO UPDATE SET epoch = leadership.epoch + 1, holder = excluded.holder, since = excluded.since
    RETURNING epoch
"""


class Leadership:
    """In office while the connection lives: `with Leadership(url, now) as lead:` waits until the lock is free.

    `epoch` rises with every change of office; writes that carry an old one are refused (`relay.check_epoch`).
    """

    epoch: int

    def __init__(self, database_url: str, now: datetime) -> None:
        self._url = database_url
        self._now = now

    def __enter__(self) -> Leadership:
        self._connection = psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=3,
            application_name="backoffice-coordinator",
            # A coordinator that is gone without a word must not keep the office.
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=2,
        )
        try:
            self._connection.execute("SELECT pg_advisory_lock(%s)", (COORDINATOR_LOCK,))
            holder = f"{socket.gethostname()}:{os.getpid()}"
            row = self._connection.execute(_TAKE_OFFICE, {"holder": holder, "now": self._now}).fetchone()
        except BaseException:
            self._connection.close()
            raise
        if row is None:
            raise RuntimeError("the office has no epoch")
        self.epoch = row[0]
        return self

    def check(self) -> None:
        """Raise `psycopg.OperationalError` when the connection, and with it the lock, is lost."""
        self._connection.execute("SELECT 1")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
