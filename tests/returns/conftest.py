from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.returns.makers import open_shop
from tests.shop import Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = open_shop(db_url)
    yield company
    company.close()
