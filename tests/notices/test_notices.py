"""Colleagues are told what needs them: each thing once, in bounds of their scopes and wishes, not at night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from agents.bulk.messages import BulkFinished
from agents.notices.messages import (
    ChooseNotices,
    KindChoice,
    LookForTrouble,
    MarkNotices,
    NoticesChosen,
    NoticesMarked,
    Quiet,
    TellPeople,
)
from agents.notices.rules import mail_from, mail_of
from agents.webhooks.messages import WebhookDisabled
from db.base import uuid7
from db.errors import Refused
from db.notices import NOTICE_KINDS, Notice
from db.people import Role, User
from serve.scopes import ALL_SCOPES
from tests.shop import TESTER, Shop


class Office(Shop):
    def __init__(self, url: str) -> None:
        super().__init__(url, only=("notices", "notifications"))

    def somebody(self, name: str, *scopes: str) -> UUID:
        with self.db.transaction(TESTER, now=self.now) as tx:
            tx.add(Role(name=name, scopes=list(scopes), created_at=tx.now))
            tx.flush()
            user = User(email=f"{name}@example.com", name=name, role=name, password_hash="x", created_at=tx.now)
            tx.add(user)
            tx.flush()
            return user.id

    def tell(self, **what: Any) -> None:
        task = TellPeople(**{"kind": "dead_letter", "subject": "delivery:1", "title": "A message was given up",
                             "body": "why", "key": "k", "mark": "1", **what})  # fmt: skip
        with self.db.transaction(TESTER, now=self.now) as tx:
            tx.send("notices", "x:1", task)
        self.pump()
        assert self.dead() == []

    def look(self) -> None:
        with self.db.transaction(TESTER, now=self.now) as tx:
            tx.send("notices", "schedule:x", LookForTrouble())
        self.pump()

    def inbox(self, user: UUID) -> list[Notice]:
        with self.db.reading() as session:
            return list(session.scalars(select(Notice).where(Notice.user_id == user).order_by(Notice.created_at)))

    def mails(self) -> list[tuple[str, str]]:
        with self.db.reading() as session:
            found = session.execute(text("SELECT recipient, title FROM notifications ORDER BY created_at, id"))
            return [(r.recipient, r.title) for r in found]

    def choose(self, user: UUID, *choices: KindChoice, quiet: Quiet | None = None) -> NoticesChosen:
        return self.do("notices", ChooseNotices(user_id=user, choices=list(choices), quiet=quiet), NoticesChosen)

    def read(self, user: UUID, *, read: bool = True) -> NoticesMarked:
        return self.do("notices", MarkNotices(user_id=user, read=read), NoticesMarked)


@pytest.fixture
def office(db_url: str) -> Iterator[Office]:
    company = Office(db_url)
    yield company
    company.close()


def test_who_holds_the_scope_is_told_and_nobody_else(office: Office) -> None:
    ops, clerk = office.somebody("ops", "read_runtime"), office.somebody("clerk", "read_orders")
    office.tell()
    assert [n.title for n in office.inbox(ops)] == ["A message was given up"]
    assert office.inbox(clerk) == []
    (said,) = office.said("NoticeGiven")
    assert (said["principal"], said["unread"]) == (f"user:{ops}", 1)
    assert office.mails() == [("ops@example.com", "Backoffice: A message was given up")]


def test_the_same_occurrence_is_told_once_even_after_it_was_read(office: Office) -> None:
    ops = office.somebody("ops", "read_runtime")
    office.tell()
    office.read(ops)
    office.tell()
    assert len(office.inbox(ops)) == 1
    assert len(office.mails()) == 1


def test_more_of_the_same_counts_up_while_unread_and_is_new_afterwards(office: Office) -> None:
    ops = office.somebody("ops", "read_runtime")
    for mark in ("1", "2", "3"):
        office.tell(mark=mark, title=f"{mark} were given up")
    assert [(n.title, n.times) for n in office.inbox(ops)] == [("3 were given up", 3)]
    office.read(ops)
    office.tell(mark="4")
    assert [n.times for n in office.inbox(ops)] == [3, 1]
    assert len(office.mails()) == 2


def test_who_was_switched_off_is_told_nothing(office: Office) -> None:
    ops = office.somebody("ops", "read_runtime")
    with office.db.transaction(TESTER) as tx:
        tx.execute(text("UPDATE users SET active = false"))
    office.tell()
    assert office.inbox(ops) == []


def test_an_action_that_is_over_is_told_to_who_asked_with_its_counts(office: Office) -> None:
    ada, _ = office.somebody("ada", *ALL_SCOPES), office.somebody("bob", *ALL_SCOPES)
    done = BulkFinished(
        job_id=uuid7(), principal=f"user:{ada}", noun="orders", action="hold", status="done", total=5,
        counts={"done": 4, "refused": 1, "failed": 0, "cancelled": 0},
    )  # fmt: skip
    with office.db.transaction(TESTER, now=office.now) as tx:
        tx.announce(f"bulk:{done.job_id}", done)
    office.pump()
    assert office.count("notices") == 1
    assert [(n.title, n.body) for n in office.inbox(ada)] == [("Hold of 5 orders is done", "4 of 5 done, 1 refused.")]
    assert office.mails() == []


def test_an_action_of_an_api_key_has_no_inbox_to_go_to(office: Office) -> None:
    office.somebody("ada", *ALL_SCOPES)
    office.tell(kind="bulk_finished", principal=f"key:{uuid7()}")
    assert office.count("notices") == 0


def test_each_chooses_what_is_shown_and_what_is_mailed(office: Office) -> None:
    ops = office.somebody("ops", "read_runtime")
    office.choose(ops, KindChoice(kind="dead_letter", shown=True, mail=False))
    office.tell()
    assert (len(office.inbox(ops)), office.mails()) == (1, [])
    office.choose(ops, KindChoice(kind="dead_letter", shown=False, mail=True))
    office.tell(mark="2", key="other")
    assert [n.read_at is None for n in office.inbox(ops)] == [True, False]
    assert len(office.mails()) == 1
    office.choose(ops, KindChoice(kind="dead_letter", shown=False, mail=False))
    office.tell(mark="3", key="third")
    assert (len(office.inbox(ops)), len(office.mails())) == (2, 1)


def test_mail_waits_for_the_end_of_the_quiet_hours_and_comes_as_one(office: Office) -> None:
    ops = office.somebody("ops", "read_runtime")
    office.choose(ops, quiet=Quiet(time_zone="Europe/London", starts=time(8), ends=time(10)))
    office.tell(key="a")
    office.tell(key="b")
    office.look()
    assert (len(office.inbox(ops)), office.mails()) == (2, [])
    office.later(hours=1, seconds=1)
    office.look()
    office.look()
    assert office.mails() == [("ops@example.com", "Backoffice: 2 notices")]


def test_reading_and_unreading_count_and_other_windows_hear_of_it(office: Office) -> None:
    ops = office.somebody("ops", "read_runtime")
    office.tell(key="a")
    office.tell(key="b")
    assert office.read(ops) == NoticesMarked(changed=2, unread=0)
    assert office.read(ops) == NoticesMarked(changed=0, unread=0)
    assert office.read(ops, read=False) == NoticesMarked(changed=2, unread=2)
    assert [s["unread"] for s in office.said("NoticesRead")] == [0, 2]


def test_unreading_everything_keeps_one_unread_notice_of_a_thing(office: Office) -> None:
    ops = office.somebody("ops", "read_runtime")
    office.tell(mark="1")
    office.read(ops)
    office.later(minutes=1)
    office.tell(mark="2")
    office.read(ops)
    assert office.read(ops, read=False).unread == 1


def test_dead_letters_are_found_once_for_each_kind_and_again_when_more_die(office: Office) -> None:
    ops = office.somebody("ops", "read_runtime")
    letter = text("""
        INSERT INTO deliveries (agent, lane, message_id, subject, kind, payload, sender, request_id, created_at, state,
                                attempts, due_at, error)
        VALUES ('payments', 1, gen_random_uuid(), 'order:1', 'OrderPlaced', '{}', 'x', '', :now, 'dead', 8, :now,
                'it broke')
    """)
    for _ in range(2):
        with office.db.transaction(TESTER, now=office.now) as tx:
            tx.execute(letter, {"now": tx.now})
    office.look()
    office.look()
    (told,) = office.inbox(ops)
    assert (told.title, told.times) == ("2 messages were given up: OrderPlaced to payments", 1)
    assert "it broke" in told.body
    with office.db.transaction(TESTER, now=office.later(minutes=1)) as tx:
        tx.execute(letter, {"now": tx.now})
    office.look()
    assert [n.times for n in office.inbox(ops)] == [2]


def test_what_nobody_knows_or_no_zone_has_is_refused(office: Office) -> None:
    ops = office.somebody("ops", "read_runtime")
    with pytest.raises(Refused, match="no kind of notice 'unicorn'"):
        office.choose(ops, KindChoice(kind="unicorn", shown=True, mail=True))
    with pytest.raises(Refused, match="Write it like Europe/London"):
        office.choose(ops, quiet=Quiet(time_zone="Mars/Base", starts=time(8), ends=time(9)))
    assert office.count("notice_choices") == 0


@pytest.mark.parametrize(
    ("at", "free"),
    [
        ("2026-03-02T19:59:00", "2026-03-02T19:59:00"),
        ("2026-03-02T20:00:00", "2026-03-03T07:00:00"),
        ("2026-03-03T03:00:00", "2026-03-03T07:00:00"),
        ("2026-03-03T07:00:00", "2026-03-03T07:00:00"),
        ("2026-03-28T22:00:00", "2026-03-29T06:00:00"),  # the clocks go forward that night
    ],
)
def test_quiet_hours_are_those_of_the_persons_zone(at: str, free: str) -> None:
    quiet = Quiet(time_zone="Europe/London", starts=time(20), ends=time(7))
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert mail_from(moment, quiet) == datetime.fromisoformat(free).replace(tzinfo=UTC)
    assert mail_from(moment, None) == moment


def test_every_kind_needs_a_scope_that_exists_and_several_notices_are_one_mail() -> None:
    assert {k.scope for k in NOTICE_KINDS.values() if k.scope} <= ALL_SCOPES
    one = Notice(title="A\nb", body="why")
    assert mail_of([one])[0] == "Backoffice: A b"
    title, body = mail_of([one, Notice(title="C", body="d")])
    assert (title, "A\nb" in body, "C\nd" in body) == ("Backoffice: 2 notices", True, True)


def test_a_webhook_that_was_switched_off_is_told_to_who_looks_after_webhooks(office: Office) -> None:
    ops = office.somebody("ops", "read_webhooks")
    off = WebhookDisabled(webhook_id=uuid7(), name="ERP", why="It failed 15 times in a row.", failures=15)
    with office.db.transaction(TESTER, now=office.now) as tx:
        tx.announce(f"webhook:{off.webhook_id}", off)
    office.pump()
    assert [n.title for n in office.inbox(ops)] == ["The webhook ERP was switched off"]
    assert office.mails() == [("ops@example.com", "Backoffice: The webhook ERP was switched off")]
