"""The instances of Snyder and Shen, Fundamentals of Supply Chain Theory, solved to the answers that the book prints.

The parameters come from the data set `stockpyl_instances`, in BACKOFFICE_DATA or in ../shared/data. What of it our
policies do not cover is listed with the reason in docs/features/F01-replenishment.md.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from ml.replenishment.lotsize import Break, all_units, eoq, eoq_with_backorders, yearly_cost
from ml.replenishment.optimal import (
    best_point_lot_poisson,
    best_point_up_to_poisson,
    point_lot_cost,
    power_approximation,
)
from ml.replenishment.policies import (
    newsvendor_normal,
    newsvendor_normal_cost,
    newsvendor_poisson,
    newsvendor_poisson_cost,
)
from ml.replenishment.reorder import normal_point

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("BACKOFFICE_DATA", ROOT.parent / "shared" / "data"))
FILE = FOLDER / "stockpyl_instances" / "instances.json.gz"
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not FILE.exists(), reason=f"the textbook's instances are not in {FOLDER}"),
]


@pytest.fixture(scope="module")
def book():
    return {i["name"]: i["data"] for i in json.loads(gzip.decompress(FILE.read_bytes()))}


def test_example_3_1_economic_order_quantity(book):
    given = book["example_3_1"]
    costs = {"order_cost": given["fixed_cost"], "holding_cost": given["holding_cost"]}
    lot = eoq(given["demand_rate"], **costs)
    assert lot == pytest.approx(304.0467800264368)
    assert yearly_cost(lot, given["demand_rate"], **costs) == pytest.approx(68.410525505948272)


def test_example_3_5_discounts_on_all_units(book):
    given = book["example_3_5"]
    breaks = [Break(q, c) for q, c in zip(given["breakpoints"], given["unit_costs"], strict=True)]
    best = all_units(
        given["demand_rate"], breaks, order_cost=given["fixed_cost"], holding_rate=given["holding_cost_rate"]
    )
    assert (best.quantity, best.unit_price) == (800, 0.68)
    assert best.cost == pytest.approx(978.6)


def test_example_3_8_customers_who_wait(book):
    given = book["example_3_8"]
    found = eoq_with_backorders(
        given["demand_rate"], order_cost=given["fixed_cost"], holding_cost=given["holding_cost"],
        backorder_cost=given["stockout_cost"],
    )  # fmt: skip
    assert found == pytest.approx((310.8125551589646, 0.043062200956938, 66.921363550973254))


def season(given, over, under, periods=1):
    return {
        "mean": given["demand_mean"] * periods, "deviation": given["demand_sd"] * periods**0.5, "over": over,
        "under": under,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["example_4_1", "example_4_3"])
def test_examples_4_1_and_4_3_newsvendor(book, name):
    given = book[name]
    costs = season(given, given["holding_cost"], given["stockout_cost"])
    assert newsvendor_normal(**costs) == pytest.approx((56.603955927433887, 1.997605193176645))
    assert newsvendor_normal_cost(40, **costs) == pytest.approx(7.356131552870388)


def test_example_4_1_as_a_network_of_one_node(book):
    node = book["example_4_1_network"]["_nodes"][0]
    source = node["demand_source"]
    units, _ = newsvendor_normal(
        mean=source["mean"], deviation=source["standard_deviation"], over=node["local_holding_cost"],
        under=node["stockout_cost"],
    )  # fmt: skip
    assert round(units, 1) == node["_inventory_policy"]["base_stock_level"]


def test_example_4_2_newsvendor_with_prices(book):
    given = book["example_4_2"]
    over, under = given["purchase_cost"] - given["salvage_value"], given["revenue"] - given["purchase_cost"]
    assert newsvendor_normal(**season(given, over, under))[0] == pytest.approx(56.603955927433887)


def test_example_4_4_filling_up_over_a_lead_time(book):
    given = book["example_4_4"]
    costs = season(given, given["holding_cost"], given["stockout_cost"], periods=given["lead_time"] + 1)
    assert newsvendor_normal(**costs) == pytest.approx((264.7668943741548, 4.466781004149578))
    assert newsvendor_normal_cost(180, **costs) == pytest.approx(49.000164748034095)


def test_example_4_7_point_and_up_to_for_poisson_demand(book):
    given = book["example_4_7"]
    point, up_to, cost = best_point_up_to_poisson(
        mean=given["demand_mean"], holding=given["holding_cost"], backorder=given["stockout_cost"],
        order=given["fixed_cost"],
    )  # fmt: skip
    assert (point, up_to) == (4, 10)
    assert cost == pytest.approx(8.034111561471644)


def test_example_4_7_without_a_cost_of_ordering(book):
    given = book["example_4_7"]
    costs = {"mean": given["demand_mean"], "over": given["holding_cost"], "under": given["stockout_cost"]}
    assert newsvendor_poisson(**costs) == pytest.approx((8, 3.570106945770946))
    assert newsvendor_poisson_cost(5, **costs) == pytest.approx(6.590296024616344)


@pytest.mark.parametrize(
    ("mean", "point", "up_to", "cost"),
    [(15, 10, 49, 42.698), (21, 15, 65, 50.406), (40, 33, 87, 64.512), (64, 55, 74, 78.402), (75, 67, 86, 79.554)],
)
def test_the_table_of_zheng_and_federgruen(mean, point, up_to, cost):
    found = best_point_up_to_poisson(mean=mean, holding=1, backorder=9, order=64)
    assert found[:2] == (point, up_to)
    assert found[2] == pytest.approx(cost, abs=5e-4)


def test_example_4_8_power_approximation(book):
    given = book["example_4_8"]
    found = power_approximation(
        mean=given["demand_mean"], deviation=given["demand_sd"], lead_time=0, holding=given["holding_cost"],
        backorder=given["stockout_cost"], order=given["fixed_cost"],
    )  # fmt: skip
    assert found == pytest.approx((40.194616956474071, 74.290170109805786))


def test_examples_5_1_and_5_5_point_and_lot(book):
    given = book["example_5_1"]
    costs = {"holding": given["holding_cost"], "backorder": given["stockout_cost"], "order": given["fixed_cost"]}
    demand = {"mean": given["demand_mean"], "deviation": given["demand_sd"], "lead_time": given["lead_time"]}
    assert point_lot_cost(126.8, 328.5, **demand, **costs) == pytest.approx(78.071162509282942, rel=1e-5)
    lot = eoq(given["demand_mean"], order_cost=given["fixed_cost"], holding_cost=given["holding_cost"])
    point = normal_point(
        given["demand_mean"] * given["lead_time"], given["demand_sd"] * given["lead_time"] ** 0.5,
        given["stockout_cost"] / (given["stockout_cost"] + given["holding_cost"]),
    )  # fmt: skip
    assert (point, lot) == pytest.approx((190.3369965715624, 304.0467800264368))


def test_example_5_8_point_and_lot_for_poisson_demand(book):
    given = book["example_5_8"]
    point, lot, cost = best_point_lot_poisson(
        mean=given["demand_mean"], lead_time=given["lead_time"], holding=given["holding_cost"],
        backorder=given["stockout_cost"], order=given["fixed_cost"],
    )  # fmt: skip
    assert (point, lot) == (3, 5)
    assert cost == pytest.approx(107.9235806331498)
