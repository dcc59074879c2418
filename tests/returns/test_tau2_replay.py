"""Some tasks of the public benchmark through our API, over agents in this process; all of them: `bench.tau2_replay`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bench import tau2_onward, tau2_replay, tau2_shop
from bench.tau2_data import read
from tests.returns.benched import company_here
from tests.returns.makers import the_books_add_up

DATA = Path(os.environ.get("BACKOFFICE_DATA", Path(__file__).parents[3] / "shared" / "data")) / "tau2_retail"
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not (DATA / "db.json.gz").exists(), reason=f"the benchmark is not in {DATA}"),
]
TASKS = ("16", "20", "58", "105")
"""Cancelled and returned, several items paid by a gift card, an exchange, and one that is refused."""


def test_the_end_of_each_task_is_the_benchmarks_own(db_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world, tasks = read(DATA)
    with company_here(db_url, monkeypatch, tau2_replay, tau2_shop, tau2_onward) as here:
        replay = tau2_replay.replay(here, world, [t for t in tasks if t.id in TASKS])  # type: ignore[arg-type]
        figures, wrong = asyncio.run(replay)
        assert wrong == []
        assert (figures["tasks_done"], figures["refused_as_there"]) == (len(TASKS), 1)
        assert figures["tasks_equal_but_for_a_fault_of_the_benchmark"] == ["20"]
        assert here.shop.dead() == []
        the_books_add_up(here.shop)
