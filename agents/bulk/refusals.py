"""What the bulk agent says no with."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid


@dataclass(eq=False)
class NothingChosen(Invalid):
    noun: str

    def __str__(self) -> str:
        return f"No {self.noun} are chosen. Select some, or a filter that finds some."


@dataclass(eq=False)
class TooManyChosen(Invalid):
    total: int
    most: int

    def __str__(self) -> str:
        return f"{self.total} are chosen; one action takes at most {self.most}. Narrow the filter and do it in parts."


@dataclass(eq=False)
class NothingToUndo(Conflict):
    id: str

    def __str__(self) -> str:
        return f"Nothing of the action {self.id} can be taken back: no row of it was done in a way that has a way back."
