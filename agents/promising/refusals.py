"""Why the promising agent says no."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Invalid


@dataclass(eq=False)
class TooManyQuestions(Invalid):
    asked: int
    most: int

    def __str__(self) -> str:
        return f"{self.asked} questions were asked; {self.most} are answered at once."


@dataclass(eq=False)
class TooManyAnswers(Invalid):
    lines: int
    most: int

    def __str__(self) -> str:
        return (
            f"The answer would be about {self.lines} pairs of SKU and node; {self.most} are answered at once. "
            "Name nodes, or ask fewer questions."
        )


@dataclass(eq=False)
class BadPromising(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.field}: {self.why}."


@dataclass(eq=False)
class WaitsNoLonger(Conflict):
    allocation_id: str
    state: str

    def __str__(self) -> str:
        return f"These units are {self.state} and wait for nothing. Load the list again."
