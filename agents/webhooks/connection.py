"""One POST to an address that a customer of ours chose: guarded, bounded in time and size, no redirects."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime

import httpcore

from agents.outside import NotAllowed, asked
from agents.webhooks.rules import Answered
from db.settings import Network

WHOLE_SECONDS = 15.0
KEPT_LETTERS = 2000  # of the answer's body
READ_BYTES = 64_000


def post(
    url: str, headers: Mapping[str, str], body: bytes, *, networks: Sequence[Network], seconds: float = WHOLE_SECONDS
) -> Answered:
    """Never raises for anything that the address, its name or its server does."""
    started = time.monotonic()
    try:
        answered = _post(url, headers, body, networks, started + seconds)
    except NotAllowed as why:
        answered = Answered(None, error=str(why))
    except httpcore.TimeoutException:
        answered = Answered(None, error=f"No answer within {min(seconds, WHOLE_SECONDS):.0f} seconds.")
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError, ValueError) as error:
        answered = Answered(
            None, error=f"{_SAID.get(type(error), 'It failed')}: {error or type(error).__name__}."[:500]
        )
    return replace(answered, took_ms=round((time.monotonic() - started) * 1000))


_SAID: dict[type[Exception], str] = {
    httpcore.ConnectError: "It could not be connected to",
    httpcore.ReadError: "The connection broke off",
    httpcore.WriteError: "The connection broke off",
    httpcore.RemoteProtocolError: "It does not speak HTTP",
}


def _post(url: str, headers: Mapping[str, str], body: bytes, networks: Sequence[Network], until: float) -> Answered:
    with asked("POST", url, headers, body, networks=networks, until=until) as answer:
        told = {name.lower(): value for name, value in answer.headers}
        return Answered(answer.status, _beginning(answer), retry_after=_retry_after(told.get(b"retry-after", b"")))


def _beginning(answer: httpcore.Response) -> str:
    """The first letters of the body. That it breaks off or never ends changes nothing: the status has been said."""
    read = b""
    try:
        for piece in answer.iter_stream():
            read += piece
            if len(read) > READ_BYTES:
                break
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        pass
    return read[: 4 * KEPT_LETTERS].decode("utf-8", "replace").replace("\0", "\ufffd")[:KEPT_LETTERS]


def _retry_after(said: bytes) -> int | None:
    text = said.decode("ascii", "replace").strip()
    if text.isdigit() and len(text) < 9:
        return int(text)
    try:
        return max(0, round(parsedate_to_datetime(text).timestamp() - time.time()))
    except (ValueError, TypeError, OverflowError):
        return None
