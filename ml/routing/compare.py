"""Why an order is served so: what its way costs, what the next best one would, and where the difference lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ml.routing.problem import Plan, Problem
from ml.routing.room import Choice, Room, takes_of

CAUSES = {
    "lane": "way", "split": "splits", "late": "lateness", "wait": "waiting", "load": "load", "last": "last units",
}  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """`others` begin with the cheapest; all are with the other orders left where they are."""

    chosen: Choice
    others: list[Choice]

    @property
    def next_best(self) -> Choice | None:
        """None if there is no other way, which is so for an order that can only wait."""
        return self.others[0] if self.others else None

    @property
    def dearer(self) -> float | None:
        """Money that the next best costs more; not below zero in a plan of `optimise`, which has moved such orders."""
        return self.others[0].total - self.chosen.total if self.others else None

    def differences(self) -> dict[str, float]:
        """Of the next best against the chosen one, by cause; what is equal is left out."""
        if not self.others:
            return {}
        found = {name: getattr(self.others[0], name) - getattr(self.chosen, name) for name in CAUSES}
        return {name: money for name, money in found.items() if abs(money) > 1e-9}

    def says(self, names: Sequence[str]) -> str:
        """For people; `names` are those of the sources, waiting being the last."""
        if self.next_best is None or self.dearer is None:
            return "there is no other way"
        where = " and ".join(names[source] for source in self.next_best.sources)
        parts = ", ".join(f"{CAUSES[name]} {money:+.2f}" for name, money in self.differences().items())
        head = f"next best from {where}: {abs(self.dearer):.2f} {'more' if self.dearer >= 0 else 'less'}"
        return f"{head} ({parts})" if parts else head


def compare(of: Problem, plan: Plan, order: int, *, room: Room | None = None) -> Compared:
    """`room` is that of the plan, for whoever asks about many orders; it is left as it was."""
    room = room or Room(of, plan)
    now = takes_of(of, plan, order)
    room.take(now, back=-1)
    chosen = room.costs(order, now)
    others = [choice for choice in room.choices(order) if choice.sources != chosen.sources]
    room.take(now)
    return Compared(chosen, others)
