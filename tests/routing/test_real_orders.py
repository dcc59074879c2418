"""Windows of real orders, if the data sets `olist` and `geonames_cities` are in BACKOFFICE_DATA or ../shared/data."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bench.routing_data import NODES, kilometres, of_few_goods, read, window
from ml.routing.checker import check
from ml.routing.measure import measure
from ml.routing.optimise import optimise
from ml.routing.rivals import nearest, ranked
from ml.routing.rolling import one_by_one

FOLDER = Path(os.environ.get("BACKOFFICE_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not (FOLDER / "olist" / "orders.parquet").exists(), reason=f"no orders in {FOLDER}"),
]


@pytest.fixture(scope="module")
def world():
    return read(FOLDER)


def test_nearly_every_town_is_found_and_a_longer_way_costs_more(world):
    assert world.placed["town"] > 0.98
    assert sum(world.placed.values()) > 0.995
    lane = world.lane
    assert min(lane.base, lane.per_km, lane.per_kg, lane.per_kg_km) > 0
    sao_paulo, rio = np.array([-23.55, -46.63]), np.array([-22.91, -43.17])
    assert kilometres(sao_paulo, rio) == pytest.approx(361, abs=3)


@pytest.mark.parametrize("kind", ["as they are", "few goods", "by threes"])
def test_a_window_is_planned_near_its_bound_and_below_every_rival(world, kind):
    of = {
        "as they are": lambda: window(world, 0, 400),
        "few goods": lambda: window(of_few_goods(world), 0, 400),
        "by threes": lambda: window(world, 0, 130, together=3),
    }[kind]()
    rivals = [nearest(of), ranked(of, range(NODES)), one_by_one(of)]
    found = optimise(of, rivals)
    assert [check(of, plan) for plan in (found.plan, *rivals)] == [[], [], [], []]
    assert found.bound <= found.cost < min(measure(of, plan).total for plan in rivals)
    assert found.gap < 0.02
