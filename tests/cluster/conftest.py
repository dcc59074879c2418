from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.company import Company


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """One running company for all tests of a module; each makes SKUs of its own."""
    one = Company()
    try:
        one.up()
        yield one
    finally:
        one.end()
