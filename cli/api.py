"""Calls the API as any client may: with a key, patiently, and each thing once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

TRIES = 8  # of a call that is told to wait, or that gets no answer
LONGEST_WAIT = 5.0  # seconds between two tries


class ApiRefused(Exception):
    """The API said no: `status`, the error's `code`, its sentence and its `details`."""

    def __init__(self, status: int, code: str, sentence: str, details: dict[str, Any]) -> None:
        super().__init__(sentence)
        self.status, self.code, self.details = status, code, details


class ApiAway(RuntimeError):
    """No answer after several tries."""


class Api:
    """May be used by several threads at once."""

    def __init__(
        self, url: str, key: str, *, connections: int = 8, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._sleep = sleep
        self._client = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30.0,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: str | int) -> Any:
        return self._call("GET", path, query=query)

    def put(self, path: str, body: dict[str, Any], *, key: str | None = None) -> Any:
        return self._call("PUT", path, body=body, key=key)

    def post(self, path: str, body: dict[str, Any] | None = None, *, key: str) -> Any:
        """`key` makes it happen once, however often it is sent."""
        return self._call("POST", path, body=body, key=key)

    def put_bytes(self, path: str, content: bytes) -> Any:
        """Sending the same again is fine."""
        return _read(self._answer("PUT", path, content=content, headers={"Content-Type": "application/octet-stream"}))

    def get_bytes(self, path: str) -> bytes:
        answer = self._answer("GET", path)
        if answer.status_code >= 400:
            _read(answer)
        return answer.content

    def every(self, path: str, **query: str | int) -> Iterator[dict[str, Any]]:
        """All rows of a list, page by page."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, limit=200, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["data"]
            cursor = page["page"]["next_cursor"]

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str | int] | None = None,
        body: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> Any:
        """The decoded answer.

        Raises:
            ApiRefused: it answered with an error that waiting does not cure.
            ApiAway: it did not answer, or went on asking to wait.
        """
        headers = {"Idempotency-Key": key} if key else {}
        return _read(self._answer(method, path, params=query, json=body, headers=headers))

    def _answer(self, method: str, path: str, **more: Any) -> httpx.Response:
        why = ""
        for attempt in range(TRIES):
            try:
                answer = self._client.request(method, path, **more)
            except httpx.TransportError as error:
                why = f"{type(error).__name__} {error}".strip()
                self._sleep(min(0.2 * 2**attempt, LONGEST_WAIT))
                continue
            if answer.status_code not in (429, 503):
                return answer
            why = answer.text
            self._sleep(min(float(answer.headers.get("Retry-After", 1)), LONGEST_WAIT))
        raise ApiAway(f"{method} {path} got no answer: {why}")


def _read(answer: httpx.Response) -> Any:
    if answer.status_code < 400:
        return answer.json() if answer.content else None
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError):
        raise ApiRefused(answer.status_code, "unreadable", answer.text[:200], {}) from None
    raise ApiRefused(answer.status_code, error["code"], error["message"], error["details"] or {})
