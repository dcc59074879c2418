"""How many commands may wait in front of an agent depends on how fast it is."""

from __future__ import annotations

import pytest

from coordinator.pace import NEVER_TURNED_AWAY, PATIENCE, Pace


def test_nobody_is_turned_away_before_the_first_call_came_back() -> None:
    assert Pace().too_long(100_000) is None


def test_as_much_may_wait_as_is_done_in_time_and_a_fast_agent_has_a_longer_queue() -> None:
    slow, fast = Pace(), Pace()
    slow.learn(PATIENCE, 250)
    fast.learn(PATIENCE, 2000)
    assert slow.too_long(249) is None
    assert slow.too_long(251) is not None
    assert fast.too_long(1999) is None
    assert fast.too_long(2001) is not None


def test_a_batch_may_always_wait_however_slow_the_last_one_was() -> None:
    pace = Pace()
    pace.learn(10.0, 1)
    assert pace.too_long(NEVER_TURNED_AWAY - 1) is None
    assert pace.too_long(NEVER_TURNED_AWAY) is not None


def test_who_is_turned_away_hears_when_the_queue_will_be_over_and_not_before_a_second() -> None:
    pace = Pace()
    pace.learn(0.6, 60)
    assert pace.too_long(500) == pytest.approx(5.0)
    pace = Pace()
    pace.learn(PATIENCE, 200)
    assert pace.too_long(201) == 1.0


def test_one_slow_call_among_fast_ones_closes_no_door() -> None:
    pace = Pace()
    for _ in range(20):
        pace.learn(0.05, 100)
    pace.learn(0.2, 100)
    assert pace.too_long(400) is None
    for _ in range(20):
        pace.learn(0.2, 100)
    assert pace.too_long(500) is not None
