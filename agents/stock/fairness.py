"""Who gets units that came free, and why. Pure: the same queue, units and policy give the same answer.

Nobody keeps units back: all that somebody waiting may have is given. A policy ranks those who wait; a person may move
one up; and over both stands a bound, so that no ranking lets anybody wait for ever: who was passed over as often as
the policy allows goes first, the longest waiting of them before the others. To be passed over is to have got less than
was waited for while somebody who came later got units that one could have had. So nobody is ever passed over more
often than the bound: from then on only those are served before who came before, and they are not later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from db.promising import FillRule, Ranking


class Policy(NamedTuple):
    """`classes` are (of, tag): a tag of the `customer` or the `order`, or a customer's `class`; the best one first."""

    ranking: tuple[str, ...] = (Ranking.placed,)
    classes: tuple[tuple[str, str], ...] = ()
    most_passed: int = 3
    most_days: int | None = None

    def class_of(self, customer: Iterable[str], order: Iterable[str], group: str | None = None) -> int:
        tags: dict[str, set[str]] = {"customer": set(customer), "order": set(order), "class": {group or ""}}
        found = (n for n, (of, tag) in enumerate(self.classes) if tag in tags.get(of, ()))
        return next(found, len(self.classes))

    def told(self) -> dict[str, Any]:
        classes = [{"of": of, "tag": tag} for of, tag in self.classes]
        return {"ranking": list(self.ranking), "classes": classes, "most_passed": self.most_passed,
                "most_days": self.most_days}  # fmt: skip


FIRST_COME = Policy()
"""Where nobody has written another one."""


class Waiting(NamedTuple):
    """Units of an order that wait at the place.

    `promised_on` is the day that was said first: later ones follow from where one stands, and where one stands may not
    follow from them. `elsewhere` are units that the order waits for at other places, `kept` those that are not sold
    through its channel.
    """

    allocation_id: UUID
    order_id: UUID
    quantity: int
    placed_at: datetime
    promised_on: date | None = None
    class_no: int = 0
    passed: int = 0
    moved_up_at: datetime | None = None
    moved_up_why: str | None = None
    elsewhere: int = 0
    kept: int = 0

    @property
    def turn(self) -> tuple[datetime, UUID]:
        return self.placed_at, self.allocation_id


class Share(NamedTuple):
    """`given` units for one who waits; 0 for one who was passed over."""

    to: Waiting
    given: int
    rule: FillRule
    why: str


@dataclass
class _Purse:
    left: int
    policy: Policy
    given: dict[UUID, int] = field(default_factory=dict)
    shares: dict[UUID, Share] = field(default_factory=dict)  # in the order in which they were served

    def could_have(self, one: Waiting) -> int:
        wanted = one.quantity - self.given.get(one.allocation_id, 0)
        return max(0, min(wanted, self.left - one.kept))

    def give(self, one: Waiting, units: int, rule: FillRule, why: str) -> None:
        units = min(units, self.could_have(one))
        if not units:
            return
        self.left -= units
        self.given[one.allocation_id] = given = self.given.get(one.allocation_id, 0) + units
        before = self.shares.get(one.allocation_id)
        first_rule, first_why = (before.rule, before.why) if before is not None else (rule, why)
        self.shares[one.allocation_id] = Share(one, given, first_rule, first_why)


def decide(waiting: Sequence[Waiting], free: int, policy: Policy, now: datetime) -> list[Share]:
    """Shares in the order in which they are served, then those who were passed over, with 0 or less than they want."""
    purse = _Purse(free, policy)
    overdue = [w for w in waiting if _is_overdue(w, policy, now)]
    for one in sorted(overdue, key=lambda w: w.turn):
        purse.give(one, one.quantity, FillRule.overdue, _why_overdue(one, policy, now))
    rest = [w for w in waiting if not _is_overdue(w, policy, now)]
    moved = [(w.moved_up_at, w.turn, w) for w in rest if w.moved_up_at is not None]
    for *_, one in sorted(moved):
        purse.give(one, one.quantity, FillRule.moved_up, f"moved up: {one.moved_up_why}")
    _serve([w for w in rest if w.moved_up_at is None], policy.ranking, purse)
    served = list(purse.shares.values())
    late = passed_over(waiting, {s.to.allocation_id: s.given for s in served}, free)
    unserved = [w for w in waiting if w.allocation_id in late and w.allocation_id not in purse.given]
    return served + [Share(w, 0, FillRule.in_turn, "passed over") for w in sorted(unserved, key=lambda w: w.turn)]


def passed_over(waiting: Sequence[Waiting], given: dict[UUID, int], free: int) -> set[UUID]:
    """Who would have got more, had those who came later got nothing."""
    late: set[UUID] = set()
    before = 0  # units for those who came earlier, and for the one who is looked at
    total = sum(given.values())
    for one in sorted(waiting, key=lambda w: w.turn):
        got = given.get(one.allocation_id, 0)
        before += got
        if got < one.quantity and total > before and free - one.kept - before > 0:
            late.add(one.allocation_id)
    return late


def _is_overdue(one: Waiting, policy: Policy, now: datetime) -> bool:
    too_long = policy.most_days is not None and now - one.placed_at >= timedelta(days=policy.most_days)
    return one.passed >= policy.most_passed or too_long


def _why_overdue(one: Waiting, policy: Policy, now: datetime) -> str:
    if one.passed and one.passed >= policy.most_passed:
        return f"was passed over {one.passed} times, as often as may be"
    if policy.most_days is not None:
        return f"has waited {(now - one.placed_at).days} days; after {policy.most_days} one goes first"
    return "first come, first served: nobody may be passed over"


def _serve(rows: Sequence[Waiting], ranking: Sequence[str], purse: _Purse) -> None:
    if not rows or purse.left <= 0:
        return
    if not ranking:
        for one in sorted(rows, key=lambda w: w.turn):
            purse.give(one, one.quantity, FillRule.in_turn, _why_in_turn(one, purse.policy))
        return
    first, *rest = ranking
    if first == Ranking.complete:
        _serve(_after_complete(rows, rest, purse), rest, purse)
    elif first == Ranking.share:
        _share(sorted(rows, key=_key(rest)), purse)
    else:
        key = _KEYS[first]
        for _, equals in groupby(sorted(rows, key=key), key=key):
            _serve(list(equals), rest, purse)


def _after_complete(rows: Sequence[Waiting], ranking: Sequence[str], purse: _Purse) -> list[Waiting]:
    """Serve the orders that have everything then; the others are left."""
    of_order: dict[UUID, list[Waiting]] = {}
    for one in sorted(rows, key=_key(ranking)):
        of_order.setdefault(one.order_id, []).append(one)
    left = []
    for mine in of_order.values():
        needed, kept = sum(w.quantity for w in mine), max(w.kept for w in mine)
        if any(w.elsewhere for w in mine) or needed > purse.left - kept:
            left += mine
            continue
        for one in mine:
            purse.give(one, one.quantity, FillRule.complete, "has everything with these units")
    return left


def _share(rows: Sequence[Waiting], purse: _Purse) -> None:
    """A unit each in turn, until there are no more; as many rounds at once as all can take part in."""
    why = f"a share of what is for {len(rows)} equals" if len(rows) > 1 else "nobody else is equal"
    while active := [w for w in rows if purse.could_have(w)]:
        each = max(1, min(*(purse.could_have(w) for w in active), purse.left // len(active)))
        for one in active:
            purse.give(one, each, FillRule.share, why)


_KEYS: dict[str, Callable[[Waiting], Any]] = {
    Ranking.priority: lambda w: w.class_no,
    Ranking.promised: lambda w: w.promised_on or date.max,
    Ranking.placed: lambda w: w.turn,
}


def _key(ranking: Sequence[str]) -> Callable[[Waiting], Any]:
    keys = [_KEYS[name] for name in ranking if name in _KEYS]
    return lambda w: (*(key(w) for key in keys), w.turn)


def _why_in_turn(one: Waiting, policy: Policy) -> str:
    said = []
    for name in policy.ranking:
        if name == Ranking.priority and policy.classes:
            known = one.class_no < len(policy.classes)
            said.append(f"class {policy.classes[one.class_no][1]}" if known else "no class")
        elif name == Ranking.promised:
            said.append(f"promised {one.promised_on}" if one.promised_on else "without a promised day")
    return ", then ".join([*said, f"waits since {one.placed_at:%Y-%m-%d %H:%M}"])
