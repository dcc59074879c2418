"""How long held orders keep their units, over HTTP: hours, or null, which is an answer and not a gap."""

from __future__ import annotations

from tests.serve.conftest import error_of
from tests.serve.desk import open_shop


def test_hours_are_set_and_taken_away_again(db_url: str) -> None:
    with open_shop(db_url) as shop:
        client = shop.caller()
        set_to = client.put("/api/v1/hold-terms/fraud", json={"hours": 48, "version": 0})
        assert (set_to.status_code, set_to.json()["hours"], set_to.json()["version"]) == (200, 48, 1)
        never = client.put("/api/v1/hold-terms/fraud", json={"hours": None}, headers={"If-Match": '"1"'})
        assert (never.status_code, never.json()["hours"], never.json()["version"]) == (200, None, 2)
        terms = {row["reason"]: row["hours"] for row in client.get("/api/v1/hold-terms").json()["rows"]}
        assert terms["fraud"] is None

        error_of(client.put("/api/v1/hold-terms/fraud", json={"hours": 2, "version": 1}), 409, "stale_version")
        error_of(client.put("/api/v1/hold-terms/fraud", json={}), 422, "invalid_request")
