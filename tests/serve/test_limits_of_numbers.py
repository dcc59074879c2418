"""Numbers that no database or message can hold are refused at the door."""

from __future__ import annotations

from typing import Any

import pytest

from tests.serve.conftest import Front, error_of


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/v1/nodes/LON", {"name": "London", "open_weekdays": [2**70]}, "open_weekdays.0"),
        ("/api/v1/nodes/LON", {"name": "London", "open_weekdays": [7]}, "open_weekdays.0"),
        ("/api/v1/variants/MUG/prices", {"prices": {"EUR": 2**70}}, "prices.EUR"),
        ("/api/v1/variants/MUG/prices", {"prices": {"EUR": True}}, "prices.EUR"),
        ("/api/v1/variants/MUG/prices", {"prices": {"EUR": "10"}}, "prices.EUR"),
        ("/api/v1/variants/MUG/prices", {"prices": {"EUR": 10.5}}, "prices.EUR"),
    ],
)
def test_a_number_out_of_range_names_its_field(front: Front, path: str, body: dict[str, Any], field: str) -> None:
    error = error_of(front.key().put(path, json=body), 422, "invalid_request")
    assert any(f["field"].startswith(field) for f in error["fields"])
    assert front.agents.asked == []
