"""A way back over HTTP: the answer names the request, and the request does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serve.conftest import error_of
from tests.serve.desk import OpenShop, open_shop


@pytest.fixture
def shop(db_url: str) -> Iterator[OpenShop]:
    with open_shop(db_url) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("receipts", {"node": "LON", "reference": "GRN-9", "lines": [{"sku": "MUG", "quantity": 7}]}),
        ("adjustments", {"node": "LON", "sku": "MUG", "quantity": -7, "reason": "broken"}),
    ],
)
def test_what_was_booked_is_taken_back_by_the_request_that_the_answer_names(
    shop: OpenShop, path: str, body: dict[str, Any]
) -> None:
    client = shop.caller()
    undo = client.post(f"/api/v1/stock/{path}", json=body).json()["undo"]
    assert undo["until"] == "2026-03-03T09:00:00Z"
    assert client.get("/api/v1/stock/MUG").json()["on_hand"] != 500
    answer = client.request(undo["method"], undo["path"], json=undo["body"])
    assert (answer.status_code, answer.json()["undo"]) == (201, None)
    assert client.get("/api/v1/stock/MUG").json()["on_hand"] == 500
    error_of(client.request(undo["method"], undo["path"], json=undo["body"]), 409, "undone_already")


def test_taking_stock_back_needs_the_scope_that_booked_it(shop: OpenShop) -> None:
    error_of(shop.caller("read_stock").post("/api/v1/stock/undos", json={"entries": [1]}), 403, "missing_scope")
