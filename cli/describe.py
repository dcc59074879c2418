"""`backoffice openapi`: the API's description without a server, for whoever generates code from it."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from coordinator.client import AgentClient


class _Nobody(AgentClient):
    """The description asks no agent."""

    async def ask(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


def openapi() -> None:
    """Print the API's OpenAPI description; needs neither a server nor a database."""
    from db.session import Database
    from serve.app import create_app
    from serve.docs import schema

    # The engine connects when it is first used, and nothing here uses it.
    app = create_app(Database("postgresql://nobody@127.0.0.1:1/none", pool_size=1), _Nobody())
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(schema(app), order="sorted"), indent=1).decode() + "\n")
