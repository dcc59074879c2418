"""Who gets units that came free: the rules alone, against what they promise."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.stock.fairness import FIRST_COME, Policy, Share, Waiting, decide, passed_over
from db.promising import FillRule, Ranking
from tests.shop import START

VIP = Policy(("priority", "placed"), (("customer", "vip"),))
POLICIES = [
    FIRST_COME,
    VIP,
    Policy(("promised", "placed")),
    Policy(("priority", "complete", "placed"), (("order", "rush"),), most_passed=1),
    Policy(("priority", "share", "placed"), (("customer", "vip"),), most_passed=2),
    Policy(("complete", "share"), most_passed=0),
    Policy(("complete", "promised"), most_days=3),
]


def wants(n: int, quantity: int, **how: object) -> Waiting:
    """The n-th to come."""
    known = {"placed_at": START + timedelta(hours=n), "order_id": UUID(int=1000 + n)}
    return Waiting(**{"allocation_id": UUID(int=n), "quantity": quantity, **known, **how})  # type: ignore[arg-type]


def got(shares: list[Share]) -> dict[int, int]:
    return {s.to.allocation_id.int: s.given for s in shares}


def later(hours: float = 100) -> datetime:
    return START + timedelta(hours=hours)


def test_first_come_is_first_served_and_the_last_gets_a_part() -> None:
    shares = decide([wants(2, 5), wants(1, 3), wants(3, 4)], 10, FIRST_COME, later())
    assert list(got(shares).items()) == [(1, 3), (2, 5), (3, 2)]
    assert [s.why for s in shares] == [f"waits since 2026-03-02 {hour}:00" for hour in (10, 11, 12)]


def test_a_better_class_is_served_before_and_the_reason_says_so() -> None:
    shares = decide([wants(1, 3, class_no=1), wants(2, 3)], 4, VIP, later())
    assert got(shares) == {2: 3, 1: 1}
    assert [s.why.split(",")[0] for s in shares] == ["class vip", "no class"]


def test_who_has_everything_with_these_units_goes_before_who_waits_for_more() -> None:
    policy = Policy(("complete", "placed"))
    queue = [wants(1, 9), wants(2, 2, elsewhere=1), wants(3, 2), wants(4, 3)]
    assert list(got(decide(queue, 5, policy, later())).items()) == [(3, 2), (4, 3), (1, 0), (2, 0)]
    two_lines = [wants(1, 2, order_id=UUID(int=7)), wants(2, 4), wants(3, 2, order_id=UUID(int=7))]
    assert got(decide(two_lines, 4, policy, later())) == {1: 2, 3: 2, 2: 0}


def test_equals_share_units_one_by_one() -> None:
    policy = Policy(("share",))
    assert got(decide([wants(1, 9), wants(2, 1), wants(3, 9)], 8, policy, later())) == {1: 4, 2: 1, 3: 3}


def test_an_earlier_promise_goes_first_and_none_goes_last() -> None:
    queue = [wants(1, 1), wants(2, 1, promised_on=date(2026, 3, 9)), wants(3, 1, promised_on=date(2026, 3, 5))]
    assert list(got(decide(queue, 2, POLICIES[2], later())).items()) == [(3, 1), (2, 1), (1, 0)]


def test_who_was_passed_over_as_often_as_may_be_goes_before_everybody() -> None:
    queue = [wants(1, 2, class_no=1, passed=3), wants(2, 2, moved_up_at=START, moved_up_why="wedding"), wants(3, 2)]
    shares = decide(queue, 4, VIP, later())
    assert [(s.to.allocation_id.int, s.rule) for s in shares] == [(1, FillRule.overdue), (2, FillRule.moved_up)]
    assert shares[0].why == "was passed over 3 times, as often as may be"
    assert shares[1].why == "moved up: wedding"


def test_who_has_waited_as_long_as_may_be_goes_before_everybody() -> None:
    policy = VIP._replace(most_days=2)
    queue = [wants(1, 2, class_no=1), wants(2, 2)]
    assert list(got(decide(queue, 2, policy, later(48)))) == [2, 1]
    assert decide(queue, 2, policy, later(49))[0].why == "has waited 2 days; after 2 one goes first"


def test_what_is_kept_from_a_channel_is_for_those_of_other_channels_and_passes_nobody_over() -> None:
    queue = [wants(1, 5, kept=3), wants(2, 5)]
    shares = decide(queue, 4, FIRST_COME, later())
    assert got(shares) == {1: 1, 2: 3}
    assert passed_over(queue, {UUID(int=1): 1, UUID(int=2): 3}, 4) == set()


@st.composite
def queues(draw: st.DrawFn) -> list[Waiting]:
    rows = []
    for n in range(1, draw(st.integers(1, 9)) + 1):
        one = wants(n, draw(st.integers(1, 6)), class_no=draw(st.integers(0, 1)), passed=draw(st.integers(0, 3)))
        if draw(st.booleans()):
            one = one._replace(order_id=UUID(int=1000 + draw(st.integers(1, 3))))
        if draw(st.integers(0, 5)) == 0:
            one = one._replace(moved_up_at=START + timedelta(hours=draw(st.integers(0, 9))), moved_up_why="x")
        if draw(st.booleans()):
            one = one._replace(promised_on=date(2026, 3, draw(st.integers(1, 9))), elsewhere=draw(st.integers(0, 1)))
        rows.append(one)
    return draw(st.permutations(rows))


@given(queues(), st.integers(0, 60), st.sampled_from(POLICIES))
def test_every_unit_that_somebody_wants_is_given_and_no_more(queue: list[Waiting], free: int, policy: Policy) -> None:
    shares = decide(queue, free, policy, later(30))
    assert sum(s.given for s in shares) == min(free, sum(w.quantity for w in queue))
    assert all(0 <= s.given <= s.to.quantity for s in shares)
    assert max(Counter(s.to.allocation_id for s in shares).values(), default=1) == 1
    assert decide(list(reversed(queue)), free, policy, later(30)) == shares


@given(queues(), st.integers(0, 60), st.sampled_from(POLICIES))
def test_no_later_one_of_an_equal_class_is_served_while_an_older_one_waits_but_for_a_reason_that_is_kept(
    queue: list[Waiting], free: int, policy: Policy
) -> None:
    shares = {s.to.allocation_id: s for s in decide(queue, free, policy, later(30))}
    for older in queue:
        mine = shares[older.allocation_id].given if older.allocation_id in shares else 0
        for share in shares.values():
            one = share.to
            if mine < older.quantity and share.given and one.turn > older.turn and one.class_no == older.class_no:
                asked_for = Ranking.promised in policy.ranking
                by_rule = share.rule in (FillRule.moved_up, FillRule.overdue, FillRule.complete, FillRule.share)
                assert asked_for or by_rule


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])  # a long day takes many draws
@given(st.data(), st.sampled_from(POLICIES))
def test_nobody_is_passed_over_more_often_than_the_policy_allows(data: st.DataObject, policy: Policy) -> None:
    """Arrivals for as long as later, better ones keep coming: the bound holds for each that ever waited."""
    queue = [w._replace(passed=0) for w in data.draw(queues())]
    for n in range(10, 30):
        free = data.draw(st.integers(1, 4))
        given_to = {s.to.allocation_id: s.given for s in decide(queue, free, policy, START)}
        late = passed_over(queue, given_to, free)
        queue = [
            w._replace(
                quantity=w.quantity - given_to.get(w.allocation_id, 0), passed=w.passed + (w.allocation_id in late)
            )
            for w in queue
        ]
        queue = [w for w in queue if w.quantity]
        assert all(w.passed <= policy.most_passed for w in queue)
        queue.append(data.draw(newcomers(n)))


@st.composite
def newcomers(draw: st.DrawFn, n: int) -> Waiting:
    """The n-th to come, of the better class: as often as not with a nearer promise, moved up, or complete with it."""
    one = wants(n, draw(st.integers(1, 5)), elsewhere=draw(st.integers(0, 1)))
    if draw(st.booleans()):
        one = one._replace(promised_on=date(2026, 3, 1))
    if draw(st.booleans()):
        one = one._replace(moved_up_at=START, moved_up_why="x")
    return one


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])  # a long day takes many draws
@given(st.data(), st.sampled_from(POLICIES), st.integers(1, 6))
def test_who_has_waited_longest_has_everything_after_as_many_arrivals_as_the_policy_and_the_units_say(
    data: st.DataObject, policy: Policy, quantity: int
) -> None:
    """Whatever better ones come: an arrival either passes over the oldest, or gives them a unit at least."""
    queue = [wants(1, quantity, class_no=9)]
    arrivals = 0
    while any(w.allocation_id.int == 1 for w in queue):
        queue.append(data.draw(newcomers(10 + arrivals)))
        free = data.draw(st.integers(1, 4))
        given_to = {s.to.allocation_id: s.given for s in decide(queue, free, policy, START)}
        late = passed_over(queue, given_to, free)
        queue = [
            w._replace(
                quantity=w.quantity - given_to.get(w.allocation_id, 0), passed=w.passed + (w.allocation_id in late)
            )
            for w in queue
            if w.quantity > given_to.get(w.allocation_id, 0)
        ]
        arrivals += 1
        assert arrivals <= policy.most_passed + quantity


def test_the_bound_is_reached_so_the_test_above_can_fail() -> None:
    old, passed = wants(1, 9, class_no=1), []
    for n in range(2, 9):
        new = wants(n, 1)
        shares = decide([old, new], 1, VIP, START)
        late = passed_over([old, new], {s.to.allocation_id: s.given for s in shares}, 1)
        old = old._replace(passed=old.passed + len(late))
        passed.append(old.passed)
    assert passed == [1, 2, 3, 3, 3, 3, 3]
