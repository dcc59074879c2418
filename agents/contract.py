"""What travels between the edge, the agents and the coordinator: small frozen values, as bytes."""

from __future__ import annotations

import hashlib
import pkgutil
from datetime import datetime
from importlib import import_module
from typing import Any

import msgspec

from db.errors import Refusal, Refused, Unavailable


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every command, event, task and answer. Class names are unique over the whole product."""


def messages_of(agent: str) -> list[type[Message]]:
    """Every message class that an agent's `messages` define: a module, or a package with a module for each noun."""
    top = import_module(f"agents.{agent}.messages")
    nouns = pkgutil.iter_modules(getattr(top, "__path__", ()), f"{top.__name__}.")
    return [
        value
        for module in (top, *(import_module(noun.name) for noun in nouns))
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Message) and value.__module__ == module.__name__
    ]


class Command(Message, frozen=True, kw_only=True):
    """Imperative: somebody wants something done now and waits for the answer."""


class Event(Message, frozen=True, kw_only=True):
    """Past tense: something became true. Sent to whoever subscribes, after the commit."""


class Task(Message, frozen=True, kw_only=True):
    """Imperative: one agent is asked to do something later, after the commit. Nobody waits."""


class StartFlow(Task, frozen=True, kw_only=True):
    """Start a flow (`coordinator/flows`) by name: send it to `flows`. `data` is plain JSON."""

    name: str
    data: dict[str, Any]


class State(Message, frozen=True, kw_only=True):
    """The answer to a command: how things stand now. `next` says what may happen to it."""


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """The command that takes back what was just done; after `until` it is no longer offered as an undo."""

    says: str
    kind: str
    body: dict[str, Any]
    until: datetime


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A command on its way to an agent. `body` is the command in MessagePack; `key` makes it happen once.

    `principal` scopes the key (`user:ID`, `key:ID`, `flow:ID`); `actor` is who the history names.
    """

    kind: str
    body: bytes
    actor: str
    principal: str
    key: str | None = None
    request_id: str = ""
    why: str | None = None

    def digest(self) -> bytes:
        return hashlib.blake2b(self.body, digest_size=16, person=self.kind.encode()[:16]).digest()


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What came of a command. Below 400 `body` is a `State`; from 400 on a `Said`; all in MessagePack."""

    status: int
    body: bytes
    replayed: bool = False


class Said(msgspec.Struct, frozen=True):
    """A refusal or failure in words and facts."""

    code: str
    sentence: str
    details: dict[str, Any] = {}
    retry_after: float | None = None


class Delivered(msgspec.Struct, frozen=True, array_like=True):
    """An event or task on its way to an agent; `id` is its row in `deliveries`."""

    id: int
    message_id: str
    subject: str
    kind: str
    payload: bytes  # MessagePack
    sender: str
    request_id: str
    attempts: int = 0


class Receipt(msgspec.Struct, frozen=True, array_like=True):
    """What became of a delivery: done when `error` is None. `final` errors are not tried again."""

    id: int
    error: str | None = None
    final: bool = False
    postponed: bool = False  # not tried: an earlier one of the same subject failed, or the turn was over


class Turn(msgspec.Struct, frozen=True, array_like=True):
    """What an agent says after a batch of deliveries. `pressed`: commands take most of its time."""

    receipts: list[Receipt]
    pressed: bool = False


encode = msgspec.msgpack.Encoder().encode
asked_list = msgspec.msgpack.Decoder(list[Asked])
answer_list = msgspec.msgpack.Decoder(list[Answer])
delivered_list = msgspec.msgpack.Decoder(list[Delivered])
turn = msgspec.msgpack.Decoder(Turn)


def refused(refusal: Refusal) -> Answer:
    details = msgspec.to_builtins(refusal.facts(), str_keys=True)
    status = getattr(refusal, "status_code", refusal.status)
    return Answer(status, encode(Said(refusal.code, str(refusal), details)))


def unavailable(error: Unavailable) -> Answer:
    return Answer(503, encode(Said("unavailable", str(error), {}, error.retry_after)))


def failed(request_id: str) -> Answer:
    sentence = f"Backoffice made a mistake; it has been logged under request {request_id or 'without id'}."
    return Answer(500, encode(Said("internal_error", sentence)))


class Failed(Exception):
    """The agent had a bug; the caller is not to blame."""


def unwrap(answer: Answer) -> bytes:
    """The state of an answer, in MessagePack.

    Raises:
        Refused: the business said no.
        Unavailable: a part is away for a moment.
        Failed: a bug of ours, already logged where it happened.
    """
    if answer.status < 400:
        return answer.body
    said = msgspec.msgpack.decode(answer.body, type=Said)
    if answer.status == 503:
        raise Unavailable(said.sentence, retry_after=said.retry_after or 1.0)
    if answer.status >= 500:
        raise Failed(said.sentence)
    raise Refused(said.code, answer.status, said.sentence, said.details)
