"""A process that crosses agents, as a list with a way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents.contract import Command

Data = dict[str, Any]
"""What the flow was started with, and the answers of finished steps under their names; plain JSON."""


@dataclass(frozen=True)
class Step:
    """`do` says which command to send (None: nothing to do); `undo` how to take it back.

    A step without `undo` that was done is a point of no return: from there the flow only goes forward.
    """

    name: str
    agent: str
    do: Callable[[Data], Command | None]
    undo: Callable[[Data], Command | None] | None = None


@dataclass(frozen=True)
class FlowSpec:
    name: str
    steps: tuple[Step, ...]
