"""Saved views: personal and shared, never saved broken, and times that move with the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from db.views import SavedView
from serve.fields import Kind
from serve.lists import LISTS
from serve.moments import relative
from tests.serve.conftest import Front, error_of, names_of
from tests.shop import TESTER

HELD = {"list": "orders", "name": "Held", "filters": {"status_eq": "held", "created_at_lt": "today-7d"}}


def keep(client: TestClient, **more: Any) -> Any:
    return client.post("/api/v1/views", json={**HELD, **more})


def test_a_view_is_kept_shown_and_is_its_owners_alone(front: Front) -> None:
    me, other = front.key(), front.key()
    made = keep(me, columns=["number", "status", "display"], sort="-created_at").json()
    assert (made["may_change"], made["is_default"], made["broken"], made["shared"]) == (True, False, None, False)
    assert names_of(me.get("/api/v1/views?list_eq=orders").json()["data"], "name") == ["Held"]
    assert other.get("/api/v1/views").json()["data"] == []
    error_of(other.get(f"/api/v1/views/{made['id']}"), 404, "not_found")
    error_of(other.patch(f"/api/v1/views/{made['id']}", json={"name": "Mine"}), 404, "not_found")


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"filters": {"colour_eq": "red"}}, "unknown_filter"),
        ({"filters": {"status_eq": "lost"}}, "bad_value"),
        ({"filters": {"created_at_lt": "today-7d@Atlantis"}}, "bad_value"),
        ({"filters": {"limit": "5"}}, "unknown_filter"),
        ({"columns": ["secret"]}, "unknown_name"),
        ({"sort": "email"}, "unknown_name"),
        ({"sort": ""}, "unknown_name"),
    ],
)
def test_no_view_can_be_saved_broken_new_or_changed(front: Front, broken: dict[str, Any], code: str) -> None:
    client = front.key()
    error_of(keep(client, **broken), 422, code)
    view = keep(client).json()["id"]
    error_of(client.patch(f"/api/v1/views/{view}", json=broken), 422, code)
    assert client.get(f"/api/v1/views/{view}").json()["filters"] == HELD["filters"]


def test_what_a_later_release_does_not_know_any_more_says_so_and_can_be_mended(front: Front) -> None:
    client = front.key()
    view = keep(client).json()["id"]
    with front.database.transaction(TESTER) as tx:
        tx.execute(update(SavedView).values(filters={"colour_eq": "red"}))
    assert "colour_eq" in client.get(f"/api/v1/views/{view}").json()["broken"]
    mended = client.patch(f"/api/v1/views/{view}", json={"filters": {"status_eq": "held"}})
    assert mended.json()["broken"] is None


def test_sharing_needs_its_scope_and_others_may_look_and_not_touch(front: Front) -> None:
    error_of(keep(front.key("read_orders"), shared=True), 403, "missing_scope")
    view = keep(front.key("read_orders", "share_views"), shared=True).json()["id"]
    reader = front.key("read_orders")
    shown = reader.get("/api/v1/views").json()["data"]
    assert [(v["id"], v["may_change"]) for v in shown] == [(view, False)]
    error_of(reader.patch(f"/api/v1/views/{view}", json={"name": "X"}), 403, "missing_scope")
    error_of(reader.delete(f"/api/v1/views/{view}"), 403, "missing_scope")
    assert front.key("read_stock").get("/api/v1/views").json()["data"] == []
    error_of(front.key("read_stock").get(f"/api/v1/views/{view}"), 403, "missing_scope")


def test_a_view_of_a_list_one_may_not_read_cannot_be_kept(front: Front) -> None:
    refused = error_of(keep(front.key("read_stock")), 403, "missing_scope")
    assert refused["details"] == {"scope": "read_orders"}
    error_of(keep(front.key(), list="unicorns"), 404, "not_found")


def test_names_are_taken_once_by_each_person_and_once_among_the_shared(front: Front) -> None:
    me, other = front.key(), front.key()
    keep(me)
    error_of(keep(me), 409, "name_taken")
    assert keep(other).status_code == 201
    shared = keep(me, shared=True)
    assert shared.status_code == 201
    error_of(keep(other, shared=True), 409, "name_taken")
    mine = other.get("/api/v1/views?shared_eq=false").json()["data"][0]["id"]
    error_of(other.patch(f"/api/v1/views/{mine}", json={"shared": True}), 409, "name_taken")


def test_one_view_of_a_list_is_the_first_of_each_person(front: Front) -> None:
    me, other = front.key(), front.key()
    first, second = keep(me, shared=True).json()["id"], keep(me, name="Late").json()["id"]
    me.put(f"/api/v1/views/{first}/default")
    me.put(f"/api/v1/views/{second}/default")
    other.put(f"/api/v1/views/{first}/default")
    defaults = {v["id"]: v["is_default"] for v in me.get("/api/v1/views").json()["data"]}
    assert defaults == {first: False, second: True}
    assert other.get(f"/api/v1/views/{first}").json()["is_default"] is True
    assert me.delete(f"/api/v1/views/{second}/default").json()["is_default"] is False
    assert me.delete(f"/api/v1/views/{first}").status_code == 204
    assert other.get("/api/v1/views").json()["data"] == []


def test_tabs_stand_in_the_order_they_were_given(front: Front) -> None:
    client = front.key()
    for name, position in (("C", 3), ("A", 1), ("B", 2)):
        keep(client, name=name, position=position)
    assert names_of(client.get("/api/v1/views").json()["data"], "name") == ["A", "B", "C"]


def test_two_people_who_change_one_view_do_not_overwrite_each_other(front: Front) -> None:
    client = front.key()
    view = keep(client).json()
    client.patch(f"/api/v1/views/{view['id']}", json={"name": "Held long", "version": view["version"]})
    late = client.patch(f"/api/v1/views/{view['id']}", json={"name": "X", "version": view["version"]})
    error_of(late, 409, "stale_version")


def test_every_list_has_columns_that_a_view_can_filter_and_its_usual_sort_is_one_of_its_own() -> None:
    for name, known in LISTS.items():
        known.listing.check({}, columns=list(known.listing.columns), sort=known.listing.sort)
        assert any(f.kind is not Kind.other for f in known.listing.filterable.values()), name


# Times that move

NOW = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)  # a Sunday; in London, whose clocks moved that night, Monday 00:30


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("now-24h", NOW - timedelta(hours=24)),
        ("now+90m", NOW + timedelta(minutes=90)),
        ("today", datetime(2026, 3, 29, tzinfo=UTC)),
        ("today-7d", datetime(2026, 3, 22, tzinfo=UTC)),
        ("today@Europe/London", datetime(2026, 3, 29, 23, 0, tzinfo=UTC)),
        ("today-1d@Europe/London", datetime(2026, 3, 29, 0, 0, tzinfo=UTC)),
        ("this_week", datetime(2026, 3, 23, tzinfo=UTC)),
        ("this_week@Europe/London", datetime(2026, 3, 29, 23, 0, tzinfo=UTC)),
        ("this_month-1w", datetime(2026, 2, 22, tzinfo=UTC)),
        ("this_year@America/New_York", datetime(2026, 1, 1, 5, 0, tzinfo=UTC)),
        ("today 1d", datetime(2026, 3, 30, tzinfo=UTC)),
        ("2026-03-01T00:00:00Z", None),
        ("yesterday", None),
        ("today-", None),
        ("today-7y", None),
    ],
)
def test_relative_times_are_told_from_the_clock_in_their_zone(text: str, moment: datetime | None) -> None:
    assert relative(text, now=NOW) == moment


@pytest.mark.parametrize("text", ["today@", "today@../../etc/passwd", "today@Mars/Base", "today@Europe"])
def test_a_zone_or_a_time_that_is_not_there_is_refused_in_a_sentence(front: Front, text: str) -> None:
    answer = front.key().get("/api/v1/orders", params={"created_at_gteq": text})
    assert "one like today-7d" in error_of(answer, 422, "bad_value")["message"]
