"""From a planned step to an agent and back: what is said in the caller's name, once each, and what came of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Protocol

import msgspec

from agents.contract import Asked, Command, Failed, encode, unwrap
from coordinator.client import AgentClient
from db.errors import Refusal, Refused
from serve.importing.sheet import Step, Verdict

AT_ONCE = 8  # commands of one call under way at a time

Told = Verdict | Refusal | str
"""What came of a step: done, a refusal, or a sentence that says why not."""


class Versioned(Protocol):
    version: int


class Sender:
    """Speaks in somebody's name. What is repeated under the same `call` says the same under the same keys."""

    def __init__(self, client: AgentClient, principal: str, *, call: str, request_id: str = "") -> None:
        self._client, self._principal, self._call, self._request_id = client, principal, call, request_id
        self._free = asyncio.Semaphore(AT_ONCE)

    async def ask(self, agent: str, command: Command, *, partition: str, state: str = "") -> bytes | Refusal:
        """The agent's state in MessagePack, or its refusal.

        Raises:
            Unavailable: a part is away for a moment.
        """
        body = encode(command)
        key = hashlib.blake2b(b"\0".join((self._call.encode(), state.encode(), body)), digest_size=16).hexdigest()
        asked = Asked(
            type(command).__name__,
            body,
            self._principal,
            self._principal,
            f"import:{key}",
            self._request_id,
        )
        async with self._free:
            answer = await self._client.ask(agent, asked, partition=partition)
        try:
            return unwrap(answer)
        except Refusal as refusal:
            return refusal
        except Failed as bug:  # one row that we stumble over keeps no other row out
            return Refused("internal_error", 500, str(bug), {})

    async def each(self, agent: str, steps: Sequence[Step], state: type[msgspec.Struct] | None = None) -> list[Told]:
        """A command for each step. `state` with a version tells what was changed from what was not."""
        answers = await asyncio.gather(
            *(self.ask(agent, s.payload, partition=s.partition, state=s.state) for s in steps), return_exceptions=True
        )
        told: list[Told] = []
        for step, answer in zip(steps, answers, strict=True):
            if isinstance(answer, BaseException) and not isinstance(answer, Refusal):
                raise answer  # only now, when no other command of ours is under way
            if isinstance(answer, Refusal):
                told.append(answer)
                continue
            same = state is not None and step.seen is not None and _version(answer, state) == step.seen
            told.append(Verdict.unchanged if same else step.verdict)
        return told


def _version(answer: bytes, state: type[msgspec.Struct]) -> int | None:
    version: int | None = getattr(msgspec.msgpack.decode(answer, type=state), "version", None)
    return version
