"""What the planning agent says no with."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid


@dataclass(eq=False)
class PlanUnderWay(Conflict):
    number: int

    def __str__(self) -> str:
        return f"Plan {self.number} is being made. Wait for it, or drop it."


@dataclass(eq=False)
class BadWeights(Invalid):
    field: str
    says: str

    def __str__(self) -> str:
        return f"{self.field}: {self.says}."


@dataclass(eq=False)
class NothingMoves(Conflict):
    number: int

    def __str__(self) -> str:
        return f"Plan {self.number} moves no order: everything is where it costs least."


@dataclass(eq=False)
class UnknownNode(Invalid):
    node: str

    def __str__(self) -> str:
        return f"There is no node {self.node}."
