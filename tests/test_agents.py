"""What every agent does the same way, shown on a small one that keeps the members of a club."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from agents.agent import Agent
from agents.contract import Answer, Asked, Command, Delivered, Event, Message, Said, State, Task, encode, unwrap
from agents.handlers import batch_command, command, handlers_of, on, on_burst, on_set, outside
from agents.sets import ONE_SET
from coordinator import relay
from db.customers import Customer
from db.errors import Conflict, Refusal, Refused, Unavailable
from db.session import Database, Transaction, Who

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ME = Who("user:anna", "req-1")


class Join(Command, frozen=True, kw_only=True):
    email: str


class JoinTogether(Command, frozen=True, kw_only=True):
    email: str


class Vanish(Command, frozen=True, kw_only=True):
    """Nobody handles it."""


class MemberState(State, frozen=True, kw_only=True):
    email: str
    members: int


class Joined(Event, frozen=True, kw_only=True):
    email: str


class PrintCard(Task, frozen=True, kw_only=True):
    email: str


class Remembered(Event, frozen=True, kw_only=True):
    email: str
    year: int = 1


class Counted(Event, frozen=True, kw_only=True):
    email: str
    visit: int


@dataclass(eq=False)
class Banned(Conflict):
    email: str

    def __str__(self) -> str:
        return f"{self.email} may not join."


class ClubAgent(Agent):
    """`trouble` maps an e-mail to what goes wrong with it, after everything was written."""

    name = "club"

    def set_up(self) -> None:
        self.trouble: dict[str, Exception] = {}
        self.cards: list[str] = []
        self.batches: list[int] = []
        self.meet: threading.Barrier | None = None

    @command
    def join(self, tx: Transaction, ask: Join) -> MemberState:
        if self.meet is not None:
            meet, self.meet = self.meet, None
            meet.wait(timeout=10)
        tx.add(Customer(email=ask.email, created_at=tx.now, updated_at=tx.now))
        tx.note(f"club:{ask.email}", to_status="member")
        tx.announce(f"club:{ask.email}", Joined(email=ask.email))
        tx.flush()
        self._trouble(tx, ask.email)
        return MemberState(email=ask.email, members=_members(tx))

    @batch_command
    def join_together(self, tx: Transaction, asks: list[JoinTogether], whos: list[Who]) -> list[MemberState | Refusal]:
        self.batches.append(len(asks))
        if any(a.email == "thrown" for a in asks):
            raise Banned("thrown")
        return [Banned(a.email) if a.email in self.trouble else MemberState(email=a.email, members=0) for a in asks]

    @on
    def welcome(self, tx: Transaction, event: Joined) -> None:
        tx.note(f"club:{event.email}", to_status="welcomed")
        self._trouble(tx, event.email)

    @on_set
    def celebrate(self, tx: Transaction, events: list[Remembered], whos: list[Who]) -> None:
        self.batches.append(len(events))
        for event, tx.who in zip(events, whos, strict=True):
            tx.note(f"club:{event.email}", to_status=f"year {event.year}")
            self._trouble(tx, event.email)

    @on_burst
    def count(self, tx: Transaction, events: list[Counted], whos: list[Who]) -> None:
        self.batches.append(len(events))
        for event in events:
            tx.note(f"club:{event.email}", to_status=f"visit {event.visit}")
            if event.visit == 2:
                self._trouble(tx, event.email)

    @outside
    def print_card(self, task: PrintCard, who: Who) -> None:
        self.cards.append(task.email)
        if task.email in self.trouble:
            raise self.trouble[task.email]

    def _trouble(self, tx: Transaction, email: str) -> None:
        trouble = self.trouble.get(email)
        if isinstance(trouble, ConnectionError):
            _cut(self.db, tx)
        elif trouble is not None:
            raise trouble


def _members(tx: Transaction) -> int:
    return int(tx.execute(text("SELECT count(*) FROM customers")).scalar_one())


def _cut(db: Database, tx: Transaction) -> None:
    """PostgreSQL ends the connection under a transaction, as it does when it restarts."""
    pid = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with db.transaction(ME) as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    tx.execute(text("SELECT 1"))


@pytest.fixture(autouse=True)
def log() -> Iterator[list[Any]]:
    """What was logged; a bug is an error, weather a warning, a refusal is business."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def club(db_url: str) -> Iterator[ClubAgent]:
    agent = ClubAgent(db_url, clock=lambda: NOW)
    yield agent
    agent.db.close()


def asked(message: Command, *, key: str | None = None, principal: str = "user:anna") -> Asked:
    return Asked(type(message).__name__, encode(message), principal, principal, key, "req-1")


def join(email: str, *, key: str | None = None, principal: str = "user:anna") -> Asked:
    return asked(Join(email=email), key=key, principal=principal)


def statuses(answers: list[Answer]) -> list[int]:
    return [a.status for a in answers]


def said(answer: Answer) -> Said:
    return msgspec.msgpack.decode(answer.body, type=Said)


def rows(club: ClubAgent, table: str) -> int:
    with club.db.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def everything(club: ClubAgent) -> dict[str, int]:
    tables = ("customers", "transitions", "outbox", "audit_log", "idempotent_answers", "inbox", "deliveries")
    return {table: rows(club, table) for table in tables}


def history(club: ClubAgent) -> list[tuple[str, str]]:
    with club.db.reading() as session:
        found = session.execute(text("SELECT subject, to_status FROM transitions ORDER BY id"))
        return [(r.subject.removeprefix("club:"), r.to_status) for r in found]


# Commands


def test_a_command_writes_its_row_its_history_its_audit_and_its_event_in_one_go(club: ClubAgent) -> None:
    [answer] = club.work([join("ada@x.org", key="k1")])
    assert msgspec.msgpack.decode(unwrap(answer), type=MemberState) == MemberState(email="ada@x.org", members=1)
    one = dict.fromkeys(("customers", "transitions", "outbox", "audit_log", "idempotent_answers"), 1)
    assert everything(club) == {**one, "inbox": 0, "deliveries": 0}
    with club.db.reading() as session:
        line = session.execute(text("SELECT actor, at, request_id FROM transitions")).one()
    assert (line.actor, line.at, line.request_id) == ("user:anna", NOW, "req-1")


def test_the_same_key_is_answered_with_the_first_answer_and_nothing_is_done_again(club: ClubAgent) -> None:
    [first] = club.work([join("ada@x.org", key="k1")])
    club.work([join("bob@x.org")])
    before = everything(club)
    [again] = club.work([join("ada@x.org", key="k1")])
    assert (again.status, again.body, again.replayed) == (first.status, first.body, True)
    assert not first.replayed
    assert everything(club) == before


def test_a_refusal_is_replayed_too_even_when_it_would_succeed_by_now(club: ClubAgent) -> None:
    club.trouble["ada@x.org"] = Banned("ada@x.org")
    club.work([join("ada@x.org", key="k1")])
    club.trouble.clear()
    [again] = club.work([join("ada@x.org", key="k1")])
    assert (again.status, again.replayed) == (409, True)
    assert rows(club, "customers") == 0


def test_a_key_with_another_body_is_refused(club: ClubAgent) -> None:
    club.work([join("ada@x.org", key="k1")])
    [answer] = club.work([join("bob@x.org", key="k1")])
    assert (answer.status, said(answer).code) == (422, "key_reused")
    assert rows(club, "customers") == 1


def test_a_key_with_another_kind_of_command_is_refused(club: ClubAgent) -> None:
    club.work([join("ada@x.org", key="k1")])
    [answer] = club.work([asked(JoinTogether(email="ada@x.org"), key="k1")])
    assert said(answer).code == "key_reused"


def test_a_key_belongs_to_the_one_who_uses_it(club: ClubAgent) -> None:
    answers = club.work([join("ada@x.org", key="k1"), join("bob@x.org", key="k1", principal="user:ben")])
    assert statuses(answers) == [200, 200]
    assert rows(club, "customers") == 2


def test_a_key_twice_in_one_batch_is_done_once_and_answered_twice(club: ClubAgent) -> None:
    batch = [join("ada@x.org", key="k1"), join("ada@x.org", key="k1"), join("bob@x.org", key="k1")]
    first, again, other = club.work(batch)
    assert (first.status, first.replayed) == (200, False)
    assert (again.body, again.replayed) == (first.body, True)
    assert said(other).code == "key_reused"
    assert rows(club, "customers") == 1


def test_two_replicas_with_the_same_key_at_the_same_moment_do_it_once(club: ClubAgent, db_url: str) -> None:
    twin = ClubAgent(db_url, clock=lambda: NOW)
    club.meet = twin.meet = threading.Barrier(2)
    answers: list[Answer] = []

    def work(replica: ClubAgent) -> None:
        answers.extend(replica.work([join("ada@x.org", key="k1")]))

    both = [threading.Thread(target=work, args=(replica,)) for replica in (club, twin)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    twin.db.close()
    assert sorted(a.replayed for a in answers) == [False, True]
    assert answers[0].body == answers[1].body
    assert rows(club, "customers") == 1


def test_a_refusal_leaves_no_rows_and_no_words_and_the_rest_of_the_batch_goes_on(club: ClubAgent) -> None:
    club.trouble["bob@x.org"] = Banned("bob@x.org")
    answers = club.work([join("ada@x.org"), join("bob@x.org"), join("cyd@x.org")])
    assert statuses(answers) == [200, 409, 200]
    assert said(answers[1]) == Said("banned", "bob@x.org may not join.", {"email": "bob@x.org"})
    assert history(club) == [("ada@x.org", "member"), ("cyd@x.org", "member")]
    assert (rows(club, "customers"), rows(club, "outbox"), rows(club, "audit_log")) == (2, 2, 2)
    with pytest.raises(Refused, match="may not join"):
        unwrap(answers[1])


def test_a_bug_in_one_command_is_a_500_for_it_alone(club: ClubAgent, log: list[Any]) -> None:
    club.trouble["bob@x.org"] = ZeroDivisionError()
    answers = club.work([join("ada@x.org", key="a"), join("bob@x.org", key="b"), join("cyd@x.org", key="c")])
    assert statuses(answers) == [200, 500, 200]
    assert "req-1" in said(answers[1]).sentence
    assert (rows(club, "customers"), rows(club, "outbox"), rows(club, "idempotent_answers")) == (2, 2, 2)
    club.trouble.clear()
    assert [(line["event"], line["log_level"]) for line in log] == [("failed", "error")]
    assert statuses(club.work([join("bob@x.org", key="b")])) == [200]  # a 500 is not kept under the key


def test_a_command_that_nobody_handles_is_our_bug(club: ClubAgent) -> None:
    assert statuses(club.work([join("ada@x.org"), asked(Vanish())])) == [200, 500]


def test_weather_is_a_503_and_the_key_may_be_used_again(club: ClubAgent, log: list[Any]) -> None:
    club.trouble["ada@x.org"] = Unavailable("The printer is away.", retry_after=7.0)
    [answer] = club.work([join("ada@x.org", key="k1")])
    assert (answer.status, said(answer).sentence, said(answer).retry_after) == (503, "The printer is away.", 7.0)
    assert set(everything(club).values()) == {0}
    assert [(line["event"], line["log_level"]) for line in log] == [("unavailable", "warning")]
    club.trouble.clear()
    assert statuses(club.work([join("ada@x.org", key="k1")])) == [200]


def test_postgresql_going_away_under_a_command_is_weather_and_not_a_bug(club: ClubAgent) -> None:
    club.trouble["bob@x.org"] = ConnectionError()
    answers = club.work([join("ada@x.org"), join("bob@x.org")])
    assert statuses(answers) == [200, 503]
    assert rows(club, "customers") == 1


def test_neighbours_of_a_kind_are_worked_together_and_everyone_gets_his_own_answer(club: ClubAgent) -> None:
    club.trouble["b"] = Banned("b")
    together = [asked(JoinTogether(email=e), key=e) for e in "abc"]
    answers = club.work([*together, join("d"), asked(JoinTogether(email="e"))])
    assert club.batches == [3, 1]
    assert statuses(answers) == [200, 409, 200, 200, 200]
    assert statuses(club.work(together)) == [200, 409, 200]
    assert club.batches == [3, 1]


def test_a_refusal_thrown_out_of_a_batch_is_the_answer_of_the_one_who_caused_it(club: ClubAgent) -> None:
    answers = club.work([asked(JoinTogether(email=e), key=e) for e in ("a", "thrown", "c")])
    assert statuses(answers) == [200, 409, 200]
    assert said(answers[1]).code == "banned"


def test_answers_cross_as_bytes_in_the_order_of_the_asks(club: ClubAgent) -> None:
    answers = msgspec.msgpack.decode(club.ask(encode([join("ada@x.org"), join("bob@x.org")])), type=list[Answer])
    assert [msgspec.msgpack.decode(a.body)["email"] for a in answers] == ["ada@x.org", "bob@x.org"]


# Deliveries


def mailed(club: ClubAgent, *messages: Message) -> list[Delivered]:
    """What the coordinator would hand over after these were said; the subject is the member's."""
    with club.db.transaction(ME, now=NOW) as tx:
        for message in messages:
            subject = f"club:{message.email}"  # type: ignore[attr-defined]
            tx.send("club", subject, message)
    with club.db.transaction(ME, now=NOW) as tx:
        relay.fan_out(tx, ())
    return waiting(club)


def waiting(club: ClubAgent) -> list[Delivered]:
    with club.db.reading() as session:
        return relay.due(session, "club", now=NOW)


def joined(*emails: str) -> list[Joined]:
    return [Joined(email=e) for e in emails]


def test_a_turn_that_is_over_gives_the_rest_back_untried_and_in_order(club: ClubAgent) -> None:
    batch = mailed(club, *joined("ada", "bob", "cyd"))
    assert [(r.error, r.postponed) for r in club.take(batch, span=ONE_SET)] == [
        (None, False),
        (None, True),
        (None, True),
    ]
    assert (history(club), rows(club, "inbox")) == ([("ada", "welcomed")], 1)
    while left := waiting(club):
        club.take(left)
    assert history(club) == [("ada", "welcomed"), ("bob", "welcomed"), ("cyd", "welcomed")]


def test_a_delivery_is_handled_and_gone_with_one_commit(club: ClubAgent) -> None:
    receipts = club.take(mailed(club, *joined("ada", "bob")))
    assert [(r.error, r.postponed) for r in receipts] == [(None, False)] * 2
    assert history(club) == [("ada", "welcomed"), ("bob", "welcomed")]
    assert (rows(club, "deliveries"), rows(club, "inbox")) == (0, 2)


def test_a_delivery_twice_is_once(club: ClubAgent) -> None:
    batch = mailed(club, *joined("ada"))
    club.take(batch)
    [receipt] = club.take(batch)
    assert receipt.error is None
    assert history(club) == [("ada", "welcomed")]


def test_a_delivery_twice_in_one_batch_is_once(club: ClubAgent) -> None:
    batch = mailed(club, *joined("ada"))
    receipts = club.take([*batch, *batch])
    assert [r.error for r in receipts] == [None, None]
    assert history(club) == [("ada", "welcomed")]


def test_when_one_fails_the_later_ones_of_its_subject_wait_and_other_subjects_go_on(club: ClubAgent) -> None:
    batch = mailed(club, *joined("ada", "bob", "ada", "cyd", "ada"))
    club.trouble["ada"] = ZeroDivisionError()
    receipts = club.take(batch)
    assert [(r.error, r.postponed) for r in receipts] == [
        ("ZeroDivisionError", False),
        (None, False),
        (None, True),
        (None, False),
        (None, True),
    ]
    assert history(club) == [("bob", "welcomed"), ("cyd", "welcomed")]
    assert [d.id for d in waiting(club)] == [batch[0].id, batch[2].id, batch[4].id]
    club.trouble.clear()
    assert [r.error for r in club.take(waiting(club))] == [None] * 3
    assert rows(club, "inbox") == 5


def test_a_refused_delivery_is_final_and_the_subject_goes_on_without_it(club: ClubAgent) -> None:
    batch = mailed(club, *joined("ada", "ada"))
    club.trouble["ada"] = Banned("ada")
    receipts = club.take(batch)
    assert [(r.error, r.final) for r in receipts] == [("banned: ada may not join.", True)] * 2
    assert (history(club), rows(club, "inbox"), rows(club, "deliveries")) == ([], 0, 2)


def test_a_delivery_that_nobody_handles_does_not_hold_up_the_others(club: ClubAgent) -> None:
    receipts = club.take(mailed(club, *joined("ada"), Banana(email="bob"), *joined("cyd")))
    assert [r.error is None for r in receipts] == [True, False, True]
    assert history(club) == [("ada", "welcomed"), ("cyd", "welcomed")]


class Banana(Event, frozen=True, kw_only=True):
    email: str


def test_weather_postpones_a_delivery_and_it_succeeds_later(club: ClubAgent) -> None:
    batch = mailed(club, *joined("ada", "ada", "bob"))
    club.trouble["ada"] = Unavailable("The printer is away.")
    receipts = club.take(batch)
    assert [(r.error, r.final, r.postponed) for r in receipts] == [
        ("The printer is away.", False, False),
        (None, False, True),
        (None, False, False),
    ]
    club.trouble.clear()
    club.take(waiting(club))
    assert history(club) == [("bob", "welcomed"), ("ada", "welcomed"), ("ada", "welcomed")]


def test_postgresql_going_away_under_a_delivery_is_weather(club: ClubAgent, log: list[Any]) -> None:
    batch = mailed(club, *joined("ada", "bob"))
    club.trouble["ada"] = ConnectionError()
    errors = [r.error for r in club.take(batch)]
    assert errors == ["The database is not answering at the moment.", None]
    assert {line["log_level"] for line in log} == {"warning"}
    assert history(club) == [("bob", "welcomed")]


def test_what_talks_to_the_world_runs_with_no_transaction_open_and_is_not_repeated_when_done(club: ClubAgent) -> None:
    batch = mailed(club, PrintCard(email="ada"))
    assert [r.error for r in club.take(batch)] == [None]
    assert [r.error for r in club.take(batch)] == [None]
    assert club.cards == ["ada"]
    assert (rows(club, "deliveries"), rows(club, "inbox")) == (0, 1)


def test_what_talks_to_the_world_may_run_twice_when_it_failed_after_it_had_spoken(club: ClubAgent) -> None:
    batch = mailed(club, PrintCard(email="ada"), *joined("ada"), PrintCard(email="bob"))
    club.trouble["ada"] = Unavailable("The line went dead.")
    receipts = club.take(batch)
    assert [(r.error, r.postponed) for r in receipts] == [("The line went dead.", False), (None, True), (None, False)]
    club.trouble.clear()
    assert [r.error for r in club.take(waiting(club))] == [None, None]
    assert club.cards == ["ada", "bob", "ada"]
    assert history(club) == [("ada", "welcomed")]


# Deliveries that are heard together


def remembered(*emails: str, year: int = 1) -> list[Remembered]:
    return [Remembered(email=e, year=year) for e in emails]


def test_deliveries_of_different_subjects_share_a_transaction_and_those_of_one_stay_in_order(club: ClubAgent) -> None:
    batch = mailed(club, *remembered("ada", "bob"), *joined("ada"), *remembered("ada", "cyd", year=2))
    assert [r.error for r in club.take(batch)] == [None] * 5
    assert club.batches == [3, 1]  # what Ada hears second must not come before what she joined
    assert [h for h in history(club) if h[0] == "ada"] == [("ada", "year 1"), ("ada", "welcomed"), ("ada", "year 2")]
    assert {h for h in history(club) if h[0] != "ada"} == {("bob", "year 1"), ("cyd", "year 2")}
    assert (rows(club, "deliveries"), rows(club, "inbox")) == (0, 5)


def test_one_that_fails_in_a_set_fails_alone_and_the_later_ones_of_its_subject_wait(club: ClubAgent) -> None:
    batch = mailed(club, *remembered("ada", "bob", "cyd"), *remembered("bob", year=2))
    club.trouble["bob"] = ZeroDivisionError()
    receipts = club.take(batch)
    assert [(r.error, r.postponed) for r in receipts] == [
        (None, False),
        ("ZeroDivisionError", False),
        (None, False),
        (None, True),
    ]
    assert set(history(club)) == {("ada", "year 1"), ("cyd", "year 1")}
    club.trouble.clear()
    club.take(waiting(club))
    assert [h for h in history(club) if h[0] == "bob"] == [("bob", "year 1"), ("bob", "year 2")]
    assert (rows(club, "deliveries"), rows(club, "inbox")) == (0, 4)


def test_a_set_of_which_some_were_heard_before_hears_the_others_only(club: ClubAgent) -> None:
    batch = mailed(club, *remembered("ada", "bob", "cyd"))
    club.take(batch[:1])
    club.take(batch)
    assert club.batches == [1, 2]
    assert len(history(club)) == 3


def counted(email: str, *visits: int) -> list[Counted]:
    return [Counted(email=email, visit=n) for n in visits]


def test_a_burst_of_one_subject_is_heard_at_once_and_stays_in_order(club: ClubAgent) -> None:
    batch = mailed(club, *counted("ada", 1, 2), *counted("bob", 1), *joined("ada"), *counted("ada", 3))
    assert [r.error for r in club.take(batch)] == [None] * 5
    assert club.batches == [3, 1]
    assert [h[1] for h in history(club) if h[0] == "ada"] == ["visit 1", "visit 2", "welcomed", "visit 3"]


def test_when_one_of_a_burst_fails_what_comes_after_it_of_its_subject_waits(club: ClubAgent) -> None:
    batch = mailed(club, *counted("ada", 1, 2, 3), *counted("bob", 1))
    club.trouble["ada"] = ZeroDivisionError()
    receipts = club.take(batch)
    assert [(r.error, r.postponed) for r in receipts] == [
        (None, False),
        ("ZeroDivisionError", False),
        (None, True),
        (None, False),
    ]
    assert history(club) == [("ada", "visit 1"), ("bob", "visit 1")]
    club.trouble.clear()
    club.take(waiting(club))
    assert [h[1] for h in history(club) if h[0] == "ada"] == ["visit 1", "visit 2", "visit 3"]
    assert (rows(club, "deliveries"), rows(club, "inbox")) == (0, 4)


# Marks


def test_an_agent_knows_what_it_handles_from_its_annotations() -> None:
    assert {kind: h.style for kind, h in ClubAgent.handlers.items()} == {
        "Join": "command",
        "JoinTogether": "batch",
        "Joined": "on",
        "Remembered": "set",
        "Counted": "set",
        "PrintCard": "outside",
    }


def test_a_message_handled_twice_or_no_message_at_all_is_noticed_when_the_class_is_made() -> None:
    class Twice:
        @on
        def one(self, tx: Any, event: Joined) -> None: ...

        @on
        def two(self, tx: Any, event: Joined) -> None: ...

    class Nothing:
        @on
        def one(self, tx: Any, event: int) -> None: ...

    with pytest.raises(TypeError, match="handles Joined twice"):
        handlers_of(Twice)
    with pytest.raises(TypeError, match="names no message"):
        handlers_of(Nothing)
