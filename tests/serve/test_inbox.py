"""The inbox over HTTP: a person's own, and nobody else's."""

from __future__ import annotations

from datetime import time

from agents.notices.messages import ChooseNotices, KindChoice, MarkNotices, NoticesChosen, NoticesMarked, Quiet
from db.base import uuid7
from db.notices import Notice
from db.people import User
from tests.serve.conftest import Front, error_of, names_of
from tests.shop import TESTER


def given(front: Front, email_of: str, *, read: bool = False) -> str:
    with front.database.transaction(TESTER, now=front.clock.now) as tx:
        user = tx.query(User).filter(User.name == email_of).one()
        row = Notice(
            id=uuid7(), user_id=user.id, kind="dead_letter", key=str(uuid7()), mark="1", subject="delivery:1",
            title="Given up", body="why", created_at=tx.now, updated_at=tx.now, read_at=tx.now if read else None,
        )  # fmt: skip
        tx.add(row)
        tx.flush()
        return str(row.id)


def test_people_see_their_own_notices_and_how_many_are_unread(front: Front) -> None:
    admin, support = front.signed_in("admin"), front.signed_in("support")
    mine, read, _ = given(front, "Admin"), given(front, "Admin", read=True), given(front, "Support")
    rows = admin.get("/api/v1/inbox?sort=created_at").json()["data"]
    assert sorted(names_of(rows, "id")) == sorted([mine, read])
    assert names_of(admin.get("/api/v1/inbox?read_eq=false").json()["data"], "id") == [mine]
    assert {row.split(",")[0] for row in admin.get("/api/v1/exports/inbox.csv").text.splitlines()} == {"id", mine, read}
    assert admin.get("/api/v1/inbox/unread").json() == support.get("/api/v1/inbox/unread").json() == {"unread": 1}


def test_marking_says_whose_inbox_it_is_by_who_is_signed_in(front: Front) -> None:
    admin = front.signed_in()
    front.agents.says = NoticesMarked(changed=1, unread=0)
    ident = given(front, "Admin")
    assert admin.post("/api/v1/inbox/read", json={"ids": [ident]}).json() == {"changed": 1, "unread": 0}
    command = front.agents.command(MarkNotices)
    assert f"user:{command.user_id}" == admin.get("/api/v1/me").json()["principal"]
    admin.post("/api/v1/inbox/unread", json={})
    assert (front.agents.command(MarkNotices).read, front.agents.command(MarkNotices).ids) == (False, None)


def test_preferences_show_the_kinds_that_ones_scopes_reach(front: Front) -> None:
    admin, support = front.signed_in("admin"), front.signed_in("support")
    kinds = {k["kind"]: k["mail"] for k in admin.get("/api/v1/inbox/preferences").json()["kinds"]}
    assert kinds["dead_letter"] is True
    assert "dead_letter" not in names_of(support.get("/api/v1/inbox/preferences").json()["kinds"], "kind")
    chosen = KindChoice(kind="dead_letter", shown=True, mail=False)
    quiet = Quiet(time_zone="Europe/London", starts=time(20), ends=time(7))
    front.agents.says = NoticesChosen(choices=[chosen], quiet=quiet)
    body = {
        "kinds": [{"kind": "dead_letter", "shown": True, "mail": False}],
        "quiet": {"time_zone": "Europe/London", "starts": "20:00", "ends": "07:00"},
    }
    answer = admin.put("/api/v1/inbox/preferences", json=body).json()
    assert {k["kind"]: k["mail"] for k in answer["kinds"]}["dead_letter"] is False
    assert answer["quiet"] == {"time_zone": "Europe/London", "starts": "20:00:00", "ends": "07:00:00"}
    assert front.agents.command(ChooseNotices).choices == [chosen]


def test_a_key_has_no_inbox(front: Front) -> None:
    client = front.key()
    for path in ("", "/unread", "/preferences"):
        error_of(client.get(f"/api/v1/inbox{path}"), 403, "no_inbox")
    error_of(client.post("/api/v1/inbox/read", json={}), 403, "no_inbox")
