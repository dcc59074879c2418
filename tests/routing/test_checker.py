"""The checker finds each thing that can be wrong with a plan, and the price of a plan is what its parts say."""

from __future__ import annotations

import numpy as np
import pytest

from ml.routing.checker import check
from ml.routing.measure import measure
from ml.routing.rivals import nearest, ranked
from tests.routing.windows import a_window

OF = a_window(
    [{0: 2}, {0: 1, 1: 1}], [[2, 1], [1, 0]], capacity=[2, 1], easy=[1, 1],
    allowed=[[True, True], [True, False], [True, True]],
)  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "wrong"),
    [
        ([[2, 0, 0], [0, 0, 1], [1, 0, 0]], None),
        ([[1, 0, 0], [0, 0, 1], [1, 0, 0]], "asked for 2"),
        ([[3, 0, -1], [0, 0, 1], [1, 0, 0]], "asked for 2"),
        ([[2, 0, 0], [0, 1, 0], [1, 0, 0]], "node 1 may not send SKU 0"),
        ([[2, 0, 0], [1, 0, 0], [1, 0, 0]], "3 of SKU 0 are taken from node 0, which has 2"),
        ([[0, 1, 1], [1, 0, 0], [0, 1, 0]], "node 1 would send 2 parcels and can send 1"),
    ],
)
def test_what_is_wrong_is_said(plan, wrong):
    said = check(OF, np.array(plan))
    assert said == [] if wrong is None else any(wrong in sentence for sentence in said)


def test_an_order_comes_from_no_more_sources_than_it_may():
    plan = np.array([[1, 1, 0]])
    assert check(a_window([{0: 2}], [[1, 1]]), plan) == []
    assert check(a_window([{0: 2}], [[1, 1]], most=1), plan) == ["order 0 comes from 2 sources"]
    assert check(a_window([{0: 2}], [[1, 1]], whole=True), plan) == ["order 0 comes from 2 sources"]


def test_a_price_is_the_sum_of_its_causes():
    of = a_window(
        [{0: 2, 1: 1}, {0: 1}],
        [[2, 0], [0, 3]],
        fixed=[[5, 6, 7], [5, 6, 7]],
        per_kg=2,
        late=[[0.5, 0.2, 1], [0.1, 0, 1]],
        late_cost=10,
        easy=[0, 5],
        overtime=3,
        wait=20,
        split=4,
        last=[[[9, 1], [0, 0]], [[0, 0], [8, 8]]],
    )
    cost = measure(of, np.array([[2, 0, 0], [0, 1, 0], [0, 0, 1]]))
    assert cost.lane.tolist() == [5 + 2 * 2 + 6 + 2, 7 + 2]
    assert cost.split.tolist() == [4, 0]
    assert cost.late == pytest.approx([10 * (1 - 0.5 * 0.8), 10])
    assert cost.wait.tolist() == [0, 20]
    assert cost.load.tolist() == [3, 0]
    assert cost.last.tolist() == [10, 0]  # one of three is gone of SKU 1, and it was none of the last two
    assert cost.total == pytest.approx(sum(part.sum() for part in vars(cost).values()))


def test_the_nearest_and_the_ranked_node_that_have_all_send_it_and_else_the_fewest():
    far = a_window([{0: 1}, {0: 2, 1: 1}], [[1, 4], [0, 1]], fixed=[[5, 9, 9], [5, 9, 9]])
    assert nearest(far).tolist() == [[1, 0, 0], [0, 2, 0], [0, 1, 0]]
    assert ranked(far, [2, 1]).tolist() == [[0, 1, 0], [0, 2, 0], [0, 1, 0]]
    halves = a_window([{0: 3, 1: 1}], [[1, 2], [1, 0]], fixed=[[5, 9, 9]])
    assert nearest(halves).tolist() == [[1, 2, 0], [1, 0, 0]]
    assert nearest(a_window([{0: 3, 1: 1}], [[1, 2], [1, 0]], most=1))[:, 2].tolist() == [3, 1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"late": np.zeros((1, 4))}, "shape"),
        ({"last": [[[1.0, 2.0], [0.0, 0.0]]]}, "worth no less"),
        ({"easy": 200, "capacity": 100}, "within capacity"),
        ({"split": -1.0}, "cheaper than free"),
        ({"most": 0}, "at least one source"),
    ],
)
def test_a_window_that_means_nothing_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        a_window([{0: 1}], [[1, 1]], **changes)
