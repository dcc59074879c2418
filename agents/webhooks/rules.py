"""What is judged of webhooks: addresses, signatures, what an answer means, and when to try again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from agents.outside import may_connect
from db.settings import Network

RETRY_AFTER = (10, 60, 600, 3600, 21_600)
"""Seconds from one attempt at an event to the next: five retries over some seven hours."""

GIVE_UP_AFTER = len(RETRY_AFTER) + 1
DISABLE_AFTER = 15  # failures in a row of one webhook, whatever the event
PAUSE_AFTER = 3  # failures in a row, after which the whole webhook waits between attempts
LONGEST_PAUSE = 3600
LONGEST_URL = 2000


def wrong_with(url: str, networks: Sequence[Network]) -> str | None:
    """Why an address cannot be a webhook, or None. Where a name leads to is judged when it is connected to."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is not an address."
    if len(url) > LONGEST_URL or not url.isascii() or any(c <= " " for c in url):
        return f"it has spaces or letters that addresses cannot have, or more than {LONGEST_URL} of them."
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        return "it must look like https://example.com/hooks."
    if parts.scheme == "http" and not networks:
        return "it must begin with https://, because what is sent must not be readable on its way."
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "it must not have a user, a password or a # in it."
    if _is_address(parts.hostname) and not may_connect(parts.hostname, networks, encrypted=parts.scheme == "https"):
        return "it leads to an address that is not one of the internet."
    return None


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 of `timestamp.body` under the secret, in hexadecimal digits."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def signature(secrets: Sequence[str], timestamp: int, body: bytes) -> str:
    """The header: one `v1=` for each secret that is valid."""
    return ",".join(f"v1={sign(secret, timestamp, body)}" for secret in secrets)


@dataclass(frozen=True)
class Answered:
    """What came of one request. `status` None: nothing did, and `error` says why."""

    status: int | None
    body: str | None = None
    error: str | None = None
    retry_after: int | None = None
    took_ms: int = 0

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The address asks not to be told any more."""
        return self.status == 410

    @property
    def why(self) -> str | None:
        if self.delivered:
            return None
        if self.status is None:
            return self.error
        moved = 300 <= self.status < 400
        return f"It answered {self.status}." + (" Redirects are not followed; change the address." if moved else "")


def retry_in(attempts: int, answer: Answered, luck: float) -> timedelta | None:
    """When to try an event again after so many attempts; None gives it up. `luck` from 0 to 1 spreads them.

    An address that asks for more time (Retry-After) gets it, up to an hour.
    """
    if attempts >= GIVE_UP_AFTER:
        return None
    seconds = RETRY_AFTER[attempts - 1] * (0.8 + 0.4 * luck)
    return timedelta(seconds=max(seconds, min(answer.retry_after or 0, LONGEST_PAUSE)))


def pause(failures: int, luck: float) -> timedelta | None:
    """How long a webhook rests after so many failures in a row. Until it answers it is asked one event at a time."""
    if failures < PAUSE_AFTER:
        return None
    seconds = min(RETRY_AFTER[0] * 2 ** (failures - PAUSE_AFTER), LONGEST_PAUSE)
    return timedelta(seconds=seconds * (0.8 + 0.4 * luck))
