"""The tables of ISO 2859-1 as they are printed, and what lots do to how the next are looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.inbound.sampling import (
    AQLS,
    LEVELS,
    Outcome,
    Severity,
    Standing,
    outcome_of,
    sample_plan,
    switch,
)

PRINTED = [
    # lot, level, AQL, severity: letter, sample, acceptance and rejection number
    (1000, "II", "1.0", "normal", "J", 80, 2, 3),
    (1000, "II", "2.5", "normal", "J", 80, 5, 6),
    (1000, "II", "0.65", "normal", "J", 80, 1, 2),
    (1000, "II", "0.25", "normal", "H", 50, 0, 1),  # arrow up
    (1000, "II", "0.40", "normal", "K", 125, 1, 2),  # arrow down
    (1000, "II", "0.010", "normal", "Q", 1000, 0, 1),  # 1,250, more than there are
    (100, "II", "2.5", "normal", "F", 20, 1, 2),
    (500, "II", "4.0", "normal", "H", 50, 5, 6),
    (3200, "II", "2.5", "normal", "K", 125, 7, 8),
    (4000, "II", "1.5", "normal", "L", 200, 7, 8),
    (40000, "II", "1.0", "normal", "N", 500, 10, 11),
    (40000, "III", "10", "normal", "K", 125, 21, 22),  # right of the last column
    (8, "II", "6.5", "normal", "A", 2, 0, 1),
    (8, "II", "10", "normal", "C", 5, 1, 2),
    (3200, "I", "2.5", "normal", "H", 50, 3, 4),
    (3200, "S-3", "2.5", "normal", "F", 20, 1, 2),  # E, arrow down
    (1000, "II", "1.0", "tightened", "J", 80, 1, 2),
    (1000, "II", "2.5", "tightened", "J", 80, 3, 4),
    (1000, "II", "6.5", "tightened", "J", 80, 8, 9),
    (1000, "II", "0.40", "tightened", "L", 200, 1, 2),  # two arrows down
    (1000, "II", "1.0", "reduced", "J", 32, 1, 3),
    (1000, "II", "2.5", "reduced", "J", 32, 2, 5),
    (1000, "II", "0.65", "reduced", "J", 32, 0, 2),
]


@pytest.mark.parametrize(("lot", "level", "aql", "severity", "letter", "size", "accept", "reject"), PRINTED)
def test_a_plan_is_the_one_in_the_table(
    lot: int, level: str, aql: str, severity: str, letter: str, size: int, accept: int, reject: int
) -> None:
    plan = sample_plan(lot, level=level, aql=aql, severity=Severity(severity))
    assert (plan.letter, plan.size, plan.accept, plan.reject) == (letter, size, accept, reject)


judged = st.sampled_from([Severity.normal, Severity.tightened, Severity.reduced])


@given(st.integers(1, 2_000_000), st.sampled_from(LEVELS), st.sampled_from(AQLS), judged)
def test_every_lot_has_a_plan_that_can_be_carried_out(lot: int, level: str, aql: str, severity: Severity) -> None:
    plan = sample_plan(lot, level=level, aql=aql, severity=severity)
    assert 0 < plan.size <= lot
    assert 0 <= plan.accept < plan.reject
    assert plan.reject == plan.accept + 1 or severity == Severity.reduced


@given(st.integers(2, 1_000_000), st.sampled_from(LEVELS), st.sampled_from(AQLS))
def test_tightened_inspection_accepts_nothing_that_normal_does_not(lot: int, level: str, aql: str) -> None:
    normal, tight = (sample_plan(lot, level=level, aql=aql, severity=s) for s in (Severity.normal, Severity.tightened))
    assert tight.accept * normal.size <= normal.accept * tight.size


def go(*lots: Outcome, standing: Standing | None = None, reduced: bool = True) -> Standing:
    at = standing or Standing()
    for lot in lots:
        at, _ = switch(at, lot, reduced_allowed=reduced)
    return at


good, bad = (Outcome(accepted=yes, accept=2, tighter=yes) for yes in (True, False))


def test_two_of_five_lots_make_it_tight_and_five_good_ones_loosen_it() -> None:
    assert go(bad, good, good, good, good, bad).severity == Severity.normal
    assert go(bad, good, good, good, bad).severity == Severity.tightened
    assert go(bad, bad, good, good, good, good).severity == Severity.tightened
    assert go(bad, bad, *[good] * 5) == Standing()


def test_five_bad_lots_under_tightened_inspection_end_it() -> None:
    at = go(bad, bad, bad, good, bad, bad, good, bad)
    assert (at.severity, at.failed) == (Severity.tightened, 4)
    at, why = switch(at, bad, reduced_allowed=True)
    assert (at.severity, why) == (Severity.discontinued, "5 lots were not accepted under tightened inspection")
    assert go(*[good] * 40, standing=at).severity == Severity.discontinued


def test_a_score_of_thirty_makes_it_loose_where_that_is_allowed() -> None:
    small = Outcome(accepted=True, accept=0, tighter=True)
    assert go(*[good] * 9) == Standing(score=27, recent="AAAAA")
    assert go(*[good] * 10).severity == Severity.reduced
    assert go(*[small] * 14).severity == Severity.normal
    assert go(*[small] * 15).severity == Severity.reduced
    assert go(*[good] * 40, reduced=False).severity == Severity.normal
    just = Outcome(accepted=True, accept=2, tighter=False)
    assert go(*[good] * 9, just, *[good] * 9).severity == Severity.normal


def test_one_lot_that_is_not_accepted_or_only_just_ends_reduced_inspection() -> None:
    loose = Standing(Severity.reduced)
    assert go(good, standing=loose).severity == Severity.reduced
    assert go(bad, standing=loose) == Standing()
    assert go(Outcome(accepted=True, accept=1, tighter=False, gap=True), standing=loose) == Standing()


def test_what_a_lot_counts_for_is_told_by_the_stricter_plan() -> None:
    how = {"level": "II", "aql": "1.0", "severity": Severity.normal}
    plan = sample_plan(1000, **how)  # type: ignore[arg-type]
    asked = [outcome_of(plan, found, 1000, accepted=found <= 2, **how) for found in range(4)]  # type: ignore[arg-type]
    assert [o.tighter for o in asked] == [True, True, False, False]  # AQL 0.65 takes one
    assert [o.accepted for o in asked] == [True, True, True, False]
