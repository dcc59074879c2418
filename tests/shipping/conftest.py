from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shop import Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    """A warehouse in London with ten mugs of 350 g, its packers, and the shipping desk."""
    company = Shop(db_url, only=("fulfilment", "shipping"))
    company.a_node("LON")
    company.a_sku("MUG", weight_grams=350)
    company.some_stock("MUG", "LON", 10)
    yield company
    company.close()
