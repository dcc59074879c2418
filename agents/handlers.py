"""Marks for an agent's methods: what they handle is read from the annotation of their message."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_type_hints

from agents.contract import Message

Style = Literal["command", "batch", "on", "set", "outside"]
F = TypeVar("F", bound=Callable[..., Any])


def command(method: F) -> F:
    """`def receive(self, tx, ask: ReceiveReturn) -> ReturnState`: one command inside the batch's transaction."""
    method.__handles__ = "command"  # type: ignore[attr-defined]
    return method


def batch_command(method: F) -> F:
    """`def place(self, tx, asks: list[PlaceOrder]) -> list[OrderState | Refusal]`: many at once, set-based.

    An answer for each, in order; a refusal of one leaves no trace and does not touch the others.
    """
    method.__handles__ = "batch"  # type: ignore[attr-defined]
    return method


def on(method: F) -> F:
    """`def paid(self, tx, event: PaymentAuthorised) -> None`: an event or task, once, in its transaction."""
    method.__handles__ = "on"  # type: ignore[attr-defined]
    return method


def on_set(method: F) -> F:
    """`def placed(self, tx, events: list[OrderPlaced], whos: list[Who]) -> None`: many of different subjects at once.

    Set-based, in one transaction; if that fails, each is heard alone. Sets `tx.who` before it writes for one.
    """
    method.__handles__ = "set"  # type: ignore[attr-defined]
    return method


def on_burst(method: F) -> F:
    """As `on_set`, and those of one subject come together too, in order.

    For what looks at a record anew whenever something happens to it: forty lines of one receipt are one look.
    """
    method.__burst__ = True  # type: ignore[attr-defined]
    return on_set(method)


def outside(method: F) -> F:
    """`def charge(self, task: CallProvider, who: Who) -> None`: talks to the world, so no transaction is open.

    It opens short ones of its own and may run twice: whatever it calls must take an idempotency key.
    """
    method.__handles__ = "outside"  # type: ignore[attr-defined]
    return method


@dataclass(frozen=True)
class Handler:
    method: str
    style: Style
    message: type[Message]
    burst: bool = False


def handlers_of(agent: type) -> dict[str, Handler]:
    """The handler table of an agent class, by message class name."""
    table: dict[str, Handler] = {}
    for name, method in inspect.getmembers(agent, inspect.isfunction):
        style = getattr(method, "__handles__", None)
        if style is None:
            continue
        hints = [t for n, t in get_type_hints(method).items() if n not in ("tx", "return", "who", "whos")]
        for message in _message_types(hints[0]):
            if message.__name__ in table:
                raise TypeError(f"{agent.__name__} handles {message.__name__} twice")
            table[message.__name__] = Handler(name, style, message, getattr(method, "__burst__", False))
    return table


def _message_types(hint: Any) -> list[type[Message]]:
    if isinstance(hint, type) and issubclass(hint, Message):
        return [hint]
    inner = [t for arg in get_args(hint) for t in _message_types(arg)]
    if not inner:
        raise TypeError(f"{hint} names no message")
    return inner
