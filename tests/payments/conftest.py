from __future__ import annotations

from collections.abc import Iterator

import pytest

from agents.payments.agent import PaymentsAgent
from tests.payments.makers import SETTINGS
from tests.shop import Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    """A company where only the payments agent works."""
    company = Shop(db_url, only=("payments",))
    agent = company.agent("payments")
    assert isinstance(agent, PaymentsAgent)
    agent.use(SETTINGS)
    yield company
    company.close()
