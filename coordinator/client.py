"""How the edge reaches an agent. One implementation over Ray, one in this process (tests, tools)."""

from __future__ import annotations

from typing import Protocol

from agents.contract import Answer, Asked


class AgentClient(Protocol):
    async def ask(self, agent: str, asked: Asked, *, partition: str) -> Answer:
        """Send one command and wait for its answer.

        `partition` (an order id, a node code, …) chooses the replica. The answer may be a refusal or a
        failure: see `agents.contract.unwrap`.

        Raises:
            Unavailable: no replica answered in time; the command may or may not have been done, and
                repeating it with the same key is safe.
        """
        ...
