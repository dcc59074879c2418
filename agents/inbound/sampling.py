"""How many units of a lot are looked at, and what follows from what is found. Pure: no database, no clock.

Single sampling by attributes, indexed by acceptance quality limit (AQL): ISO 2859-1:1999 and ANSI/ASQ Z1.4, tables I
(code letters), II-A (normal), II-B (tightened), II-C (reduced). In the tables a plan depends on nothing but the sum of
the places of its code letter and its AQL: one step up in sample size is one step down in AQL. So each severity is one
row here, and an arrow of the table is a step along it.

Switching: normal to tightened after two of at most five lots in a row were not accepted; back after five accepted in a
row; from normal to reduced at a switching score of 30 (ISO 2859-1, 9.3.3), back at the first lot that is not accepted,
or accepted with more nonconforming units than the acceptance number of a reduced plan; inspection is discontinued when
five lots have not been accepted under tightened inspection.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from enum import StrEnum

AQLS = (
    "0.010", "0.015", "0.025", "0.040", "0.065", "0.10", "0.15", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0",
    "6.5", "10",
)  # fmt: skip
"""Nonconforming units per hundred, as the tables print them."""

LETTERS = "ABCDEFGHJKLMNPQR"
_SIZES = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150)  # the last: tightened only, as S
_REDUCED_SIZES = (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800)
_LOTS = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10000, 35000, 150000, 500000)  # the largest of each row
_LEVELS = {
    "S-1": "AAAABBBBCCCCDDD",
    "S-2": "AAABBBCCCDDDEEE",
    "S-3": "AABBCCDDEEFFGGH",
    "S-4": "AABCCDEEFGGHJJK",
    "I": "AABCCDEFGHJKLMN",
    "II": "ABCDEFGHJKLMNPQ",
    "III": "BCDEFGHJKLMNPQR",
}
LEVELS = tuple(_LEVELS)

_UP, _DOWN = -1, 1


class Severity(StrEnum):
    normal = "normal"
    tightened = "tightened"
    reduced = "reduced"
    discontinued = "discontinued"  # every unit is looked at until somebody starts again


# (acceptance, rejection number) or an arrow, by place of letter + place of AQL, beginning at the third of `_TABLES`.
_PLANS: dict[Severity, tuple[tuple[int, int] | int, ...]] = {
    Severity.normal: (
        (0, 1), _UP, _DOWN, (1, 2), (2, 3), (3, 4), (5, 6), (7, 8), (10, 11), (14, 15), (21, 22),
    ),
    Severity.tightened: (
        (0, 1), _DOWN, _DOWN, (1, 2), (2, 3), (3, 4), (5, 6), (8, 9), (12, 13), (18, 19),
    ),
    Severity.reduced: (
        (0, 1), _UP, _DOWN, (0, 2), (1, 3), (1, 4), (2, 5), (3, 6), (5, 8), (7, 10), (10, 13),
    ),
}  # fmt: skip
_TABLES = {
    Severity.normal: (_PLANS[Severity.normal], _SIZES[:-1], 14),
    Severity.tightened: (_PLANS[Severity.tightened], _SIZES, 15),
    Severity.reduced: (_PLANS[Severity.reduced], _REDUCED_SIZES, 14),
}

TO_REDUCED = 30  # switching score
LOOKED_BACK = 5  # lots
TO_TIGHTENED = 2  # of them not accepted
TO_NORMAL = 5  # accepted in a row
TO_DISCONTINUED = 5  # not accepted under tightened inspection


@dataclass(frozen=True)
class SamplePlan:
    """Look at `size` units; accept the lot with at most `accept` nonconforming ones, not with `reject` or more.

    Between the two (reduced inspection has such a gap) the lot is accepted and inspection becomes normal again.
    """

    letter: str
    size: int
    accept: int
    reject: int


def sample_plan(lot: int, *, level: str, aql: str, severity: Severity) -> SamplePlan:
    """The plan for a lot of so many units. A sample is never larger than the lot: then every unit is looked at.

    Raises:
        KeyError, ValueError: no such level, AQL or severity has a table.
    """
    row, sizes, first = _TABLES[severity]
    letter, quality = LETTERS.index(_LEVELS[level][bisect_left(_LOTS, lot)]), AQLS.index(aql)
    found = _at(row, letter + quality - first)
    if isinstance(found, int):
        way = range(letter, len(sizes)) if found == _DOWN else range(letter, -1, -1)
        # Where an arrow leads out of the table, the nearest plan on its other side is taken.
        others = (range(letter, -1, -1), range(letter, len(sizes)))
        letter, found = next(
            (at, plan)
            for steps in (way, *others)
            for at in steps
            if not isinstance(plan := _at(row, at + quality - first), int)
        )
    return SamplePlan((LETTERS + "S")[letter], min(sizes[letter], lot), *found)


def _at(row: tuple[tuple[int, int] | int, ...], place: int) -> tuple[int, int] | int:
    if place < 0:
        return _DOWN
    return row[place] if place < len(row) else _UP


@dataclass(frozen=True)
class Standing:
    """Where a supplier stands with a SKU. `recent` has a letter for each of the last lots: A accepted, R not."""

    severity: Severity = Severity.normal
    score: int = 0
    recent: str = ""
    failed: int = 0  # lots not accepted since tightened inspection began


@dataclass(frozen=True)
class Outcome:
    """One lot: whether it was accepted, and whether it would have been with the AQL one step tighter."""

    accepted: bool
    accept: int  # acceptance number of the plan that was used
    tighter: bool
    gap: bool = False  # accepted under reduced inspection between acceptance and rejection number


def outcome_of(
    plan: SamplePlan, nonconforming: int, lot: int, *, level: str, aql: str, severity: Severity, accepted: bool
) -> Outcome:
    place = AQLS.index(aql)
    stricter = sample_plan(lot, level=level, aql=AQLS[place - 1], severity=severity) if place else plan
    return Outcome(
        accepted=accepted,
        accept=plan.accept,
        tighter=accepted and nonconforming <= stricter.accept,
        gap=accepted and plan.accept < nonconforming < plan.reject,
    )


def switch(standing: Standing, outcome: Outcome, *, reduced_allowed: bool) -> tuple[Standing, str]:
    """Where the supplier stands after one more lot, and why, in a sentence ("" where nothing changed)."""
    recent = (standing.recent + ("A" if outcome.accepted else "R"))[-LOOKED_BACK:]
    if standing.severity == Severity.normal:
        return _from_normal(replace(standing, recent=recent), outcome, reduced_allowed=reduced_allowed)
    if standing.severity == Severity.tightened:
        failed = standing.failed + (not outcome.accepted)
        if failed >= TO_DISCONTINUED:
            return Standing(Severity.discontinued), f"{failed} lots were not accepted under tightened inspection"
        if recent == "A" * TO_NORMAL:
            return Standing(), f"{TO_NORMAL} lots in a row were accepted"
        return replace(standing, recent=recent, failed=failed), ""
    if standing.severity == Severity.reduced and (not outcome.accepted or outcome.gap):
        return Standing(), "a lot was not accepted" if not outcome.accepted else "a lot was accepted only just"
    return replace(standing, recent=recent), ""


def _from_normal(standing: Standing, outcome: Outcome, *, reduced_allowed: bool) -> tuple[Standing, str]:
    if standing.recent.count("R") >= TO_TIGHTENED:
        lots = len(standing.recent) - standing.recent.index("R")
        return Standing(Severity.tightened), f"{TO_TIGHTENED} of {lots} lots in a row were not accepted"
    if outcome.accept >= 2:
        score = standing.score + 3 if outcome.tighter else 0
    else:
        score = standing.score + 2 if outcome.accepted else 0
    if reduced_allowed and score >= TO_REDUCED:
        return Standing(Severity.reduced), f"the switching score is {score}"
    return replace(standing, score=min(score, TO_REDUCED)), ""
