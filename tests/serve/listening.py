"""Somebody who listens to the live stream of an application in this process; a test client waits for ends."""

from __future__ import annotations

import asyncio
import json
import threading
from queue import Queue
from types import TracebackType
from typing import Any, Self

from fastapi import FastAPI
from starlette.testclient import TestClient

PATIENCE = 10.0


class Listener:
    """`next()` is an event, or None when the application has ended the stream. From the first event there is."""

    def __init__(self, app: FastAPI, client: TestClient) -> None:
        request = client.build_request("GET", "/api/v1/events", headers={"Last-Event-ID": "0"})
        self._app = app
        self._scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": request.url.path,
            "raw_path": request.url.raw_path, "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
            "server": ("testserver", 80), "headers": [(k.lower(), v) for k, v in request.headers.raw],
        }  # fmt: skip
        self._events: Queue[Any] = Queue()
        self._open, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._open.wait(PATIENCE)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        self._app.state.live.stop()

    def next(self) -> Any:
        return self._events.get(timeout=PATIENCE)

    async def _live(self) -> None:
        listening = asyncio.create_task(self._listen())
        await asyncio.to_thread(self._over.wait)
        listening.cancel()

    async def _listen(self) -> None:
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                assert message["status"] == 200, message
                self._open.set()
            for line in message.get("body", b"").decode().splitlines():
                if line.startswith("data: "):
                    self._events.put(json.loads(line.removeprefix("data: ")))

        await self._app(self._scope, receive, send)
        self._events.put(None)
