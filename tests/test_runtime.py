"""What the coordinator does between agents: relaying, schedules, office, scaling, flows. Without Ray."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from agents.agent import Agent
from agents.contract import Answer, Asked, Command, Delivered, Event, Receipt, StartFlow, State, Task
from agents.handlers import command
from agents.inventory.messages import ExpireHolds
from agents.orders.messages import CloseDelivered
from coordinator import relay
from coordinator.flows.engine import FlowEngine
from coordinator.flows.flow import Data, FlowSpec, Step
from coordinator.leadership import Leadership
from coordinator.registry import AgentSpec
from coordinator.scaling import Pressure, wanted
from coordinator.schedule import RECURRING, Recurring, run_due, write_schedules
from db.errors import Conflict, Unavailable
from db.session import Database, Who

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ME = Who("user:tester")


class Rang(Event, frozen=True, kw_only=True):
    n: int


class PickUp(Task, frozen=True, kw_only=True):
    n: int


@pytest.fixture(autouse=True)
def log() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    database = Database(db_url)
    yield database
    database.close()


def say(db: Database, *said: tuple[str, int]) -> None:
    """`Rang` events by (subject, number), committed."""
    with db.transaction(ME, now=NOW) as tx:
        for subject, n in said:
            tx.announce(subject, Rang(n=n))


def fan_out(db: Database, *agents: str, limit: int = relay.FANOUT) -> tuple[int, list[str]]:
    with db.transaction(ME, now=NOW) as tx:
        count, touched = relay.fan_out(tx, [("Rang", a) for a in agents], limit=limit)
        return count, sorted(touched)


def due(db: Database, agent: str = "a", *, after: float = 0.0, **lanes: int) -> list[Delivered]:
    with db.reading() as session:
        return relay.due(session, agent, now=NOW + timedelta(seconds=after), **lanes)


def numbers(batch: list[Delivered]) -> list[int]:
    return [msgspec.msgpack.decode(d.payload)["n"] for d in batch]


def settle(db: Database, batch: list[Delivered], *receipts: Receipt, after: float = 0.0) -> int:
    with db.transaction(ME, now=NOW + timedelta(seconds=after)) as tx:
        return relay.settle(tx, batch, receipts)


def values(db: Database, query: str) -> list[Any]:
    with db.reading() as session:
        return [r[0] if len(r) == 1 else tuple(r) for r in session.execute(text(query))]


# Relaying


def test_an_event_goes_to_whoever_subscribes_and_a_task_to_the_one_it_names(db: Database) -> None:
    say(db, ("bell:1", 1))
    with db.transaction(ME, now=NOW) as tx:
        tx.send("b", "bell:1", PickUp(n=2))
        tx.announce("bell:1", Unheard())
    assert fan_out(db, "a", "b") == (3, ["a", "b"])
    assert numbers(due(db, "a")) == [1]
    assert numbers(due(db, "b")) == [1, 2]
    assert fan_out(db, "a", "b") == (0, [])
    assert values(db, "SELECT count(*) FROM outbox WHERE relayed_at IS NULL") == [0]


class Unheard(Event, frozen=True, kw_only=True):
    pass


def test_the_outbox_is_taken_oldest_first_in_portions(db: Database) -> None:
    say(db, *(("bell:1", n) for n in range(5)))
    assert [fan_out(db, "a", limit=2)[0] for _ in range(4)] == [2, 2, 1, 0]
    assert numbers(due(db)) == [0, 1, 2, 3, 4]


def test_two_who_relay_at_the_same_moment_relay_once(db: Database) -> None:
    say(db, ("bell:1", 1), ("bell:2", 2))
    second: list[tuple[int, list[str]]] = []
    with db.transaction(ME, now=NOW) as tx:
        assert relay.fan_out(tx, [("Rang", "a")])[0] == 2
        thread = threading.Thread(target=lambda: second.append(fan_out(db, "a")))
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()  # it waits for the rows
    thread.join()
    assert second == [(0, [])]
    assert numbers(due(db)) == [1, 2]


def test_lanes_spread_the_subjects_and_keep_the_order_of_each(db: Database) -> None:
    say(db, *((f"bell:{n % 10}", n) for n in range(40)))
    fan_out(db, "a")
    batches = [due(db, replica=i, replicas=3) for i in range(3)]
    assert sorted(n for b in batches for n in numbers(b)) == list(range(40))
    owners = [{d.subject for d in b} for b in batches]
    assert owners[0].isdisjoint(owners[1] | owners[2])
    assert owners[1].isdisjoint(owners[2])
    for batch in batches:
        assert numbers(batch) == sorted(numbers(batch))
    assert min(len(o) for o in owners) > 0


def test_a_failed_message_backs_off_and_only_its_subject_waits_behind_it(db: Database) -> None:
    say(db, ("bell:1", 1), ("bell:2", 2), ("bell:1", 3))
    fan_out(db, "a")
    batch = due(db)
    # 1 fails, 2 succeeds (its agent deletes it), 3 was not tried.
    failed, fine, postponed = batch
    with db.transaction(ME) as tx:
        tx.execute(text("DELETE FROM deliveries WHERE id = :id"), {"id": fine.id})
    receipts = (Receipt(failed.id, "boom"), Receipt(fine.id), Receipt(postponed.id, postponed=True))
    assert settle(db, batch, *receipts) == 0
    say(db, ("bell:2", 4))
    fan_out(db, "a")
    assert numbers(due(db)) == [4]
    assert numbers(due(db, after=0.19)) == [4]
    assert numbers(due(db, after=0.2)) == [1, 3, 4]
    assert [d.attempts for d in due(db, after=0.2)] == [1, 0, 0]
    assert values(db, "SELECT error FROM deliveries WHERE attempts > 0") == ["boom"]


def test_the_pauses_grow_until_a_message_is_given_up_and_its_subject_goes_on_without_it(db: Database) -> None:
    say(db, ("bell:1", 1), ("bell:1", 2))
    fan_out(db, "a")
    at, pauses = 0.0, []
    for _ in range(relay.GIVE_UP_AFTER - 1):
        batch = due(db, after=at)
        assert numbers(batch) == [1, 2]
        assert settle(db, batch, Receipt(batch[0].id, "boom"), after=at) == 0
        [when] = values(db, "SELECT due_at FROM deliveries WHERE attempts > 0")
        pauses.append((when - NOW).total_seconds() - at)
        at += pauses[-1]
    assert pauses == pytest.approx(relay.BACK_OFF_SECONDS[:-1])
    batch = due(db, after=at)
    assert settle(db, batch, Receipt(batch[0].id, "boom"), after=at) == 1
    assert numbers(due(db, after=at)) == [2]
    assert values(db, "SELECT state, attempts FROM deliveries ORDER BY id") == [("dead", 8), ("waiting", 0)]


def test_a_clock_that_steps_back_neither_stops_a_message_nor_lets_a_later_one_pass_it(db: Database) -> None:
    say(db, ("bell:1", 1), ("bell:2", 2))
    fan_out(db, "a")
    batch = due(db)
    assert settle(db, batch, Receipt(batch[0].id, "boom"), Receipt(batch[1].id, postponed=True)) == 0
    say(db, ("bell:1", 3), ("bell:2", 4))
    fan_out(db, "a")
    assert numbers(due(db, after=-3600)) == [1, 2, 3, 4]
    assert numbers(due(db, after=-59)) == [2, 4], "a pause that may be a true one is kept"
    with db.reading() as session:
        assert relay.backlog(session, ("a", "b"), now=NOW - timedelta(hours=1)) == {"a": 4}
        assert relay.backlog(session, ("a",), now=NOW - timedelta(seconds=59)) == {"a": 3}


def test_how_far_behind_is_told_from_what_nobody_has_looked_at(db: Database) -> None:
    def behind(after: float) -> float:
        with db.reading() as session:
            return relay.behind(session, now=NOW + timedelta(seconds=after))

    assert behind(5) == 0
    say(db, ("bell:1", 1))
    assert behind(5) == 5
    fan_out(db, "a")
    assert behind(6) == 6
    assert behind(-60) == 0, "the clock stepped back"
    (only,) = due(db)
    settle(db, [only], Receipt(only.id, "boom"))
    assert behind(7) == 0, "a retry waits for its own time"


def test_what_was_refused_is_dead_at_once(db: Database) -> None:
    say(db, ("bell:1", 1), ("bell:1", 2))
    fan_out(db, "a")
    batch = due(db)
    assert settle(db, batch, Receipt(batch[0].id, "no", final=True), Receipt(batch[1].id, postponed=True)) == 1
    assert numbers(due(db)) == [2]


# Schedules

HOURLY = Recurring("hourly", "orders", CloseDelivered(after_days=7), 3600)
TEN = Recurring("ten", "inventory", ExpireHolds(), 10)


def write(db: Database, *recurring: Recurring, at: float = 0.0) -> None:
    with db.transaction(ME, now=NOW + timedelta(seconds=at)) as tx:
        write_schedules(tx, recurring)


def run(db: Database, at: float) -> int:
    with db.transaction(ME, now=NOW + timedelta(seconds=at)) as tx:
        return run_due(tx)


def test_each_due_time_sends_its_task_once(db: Database) -> None:
    write(db, HOURLY, TEN)
    assert [run(db, at) for at in (9, 10, 10, 19, 20)] == [0, 1, 0, 0, 1]
    assert (
        values(db, "SELECT to_agent, kind, subject FROM outbox") == [("inventory", "ExpireHolds", "schedule:ten")] * 2
    )
    assert run(db, 3600) == 2
    [payload] = values(db, "SELECT payload FROM outbox WHERE kind = 'CloseDelivered'")
    assert payload == {"after_days": 7}


def test_times_missed_while_nobody_was_in_office_are_made_up_once(db: Database) -> None:
    write(db, TEN)
    assert run(db, 10_000) == 1
    assert run(db, 10_009) == 0
    assert run(db, 10_010) == 1


def test_a_new_coordinator_keeps_the_times_and_a_new_release_its_own_schedules(db: Database) -> None:
    write(db, HOURLY, TEN)
    write(db, HOURLY, TEN, at=3000)
    assert run(db, 3600) == 2
    write(db, Recurring("hourly", "orders", CloseDelivered(after_days=30), 60), at=3601)
    assert values(db, "SELECT name, every_seconds, payload FROM schedules") == [("hourly", 60, {"after_days": 30})]


def test_two_coordinators_at_the_same_moment_send_it_once(db: Database) -> None:
    write(db, TEN)
    with db.transaction(ME, now=NOW + timedelta(seconds=10)) as first:
        assert run_due(first) == 1
        assert run(db, 10) == 0
    assert run(db, 10) == 0
    assert values(db, "SELECT count(*) FROM outbox") == [1]


def test_whatever_this_release_schedules_can_be_written_and_sent(db: Database) -> None:
    write(db, *RECURRING)
    assert run(db, 366 * 86400) == len(RECURRING)


# Office


def test_every_change_of_office_has_its_epoch(db_url: str) -> None:
    with Leadership(db_url, NOW) as first:
        assert first.epoch == 1
        first.check()
    with Leadership(db_url, NOW) as second:
        assert second.epoch == 2


def test_the_second_waits_until_the_first_leaves(db_url: str) -> None:
    epochs: list[int] = []

    def take_office() -> None:
        with Leadership(db_url, NOW) as second:
            epochs.append(second.epoch)

    with Leadership(db_url, NOW) as first:
        thread = threading.Thread(target=take_office)
        thread.start()
        thread.join(timeout=0.5)
        assert (thread.is_alive(), epochs, first.epoch) == (True, [], 1)
    thread.join(timeout=10)
    assert epochs == [2]


def test_who_lost_the_office_notices_and_can_write_no_more(db: Database, db_url: str) -> None:
    with suppress(psycopg.OperationalError), Leadership(db_url, NOW) as first:
        end_office(db_url)
        with Leadership(db_url, NOW) as second, db.transaction(ME) as tx:
            relay.check_epoch(tx, second.epoch)
            with pytest.raises(relay.Deposed):
                relay.check_epoch(tx, first.epoch)
        with pytest.raises(psycopg.OperationalError):
            first.check()


def test_a_new_one_does_not_take_over_in_the_middle_of_a_write_of_the_old_one(db: Database, db_url: str) -> None:
    epochs: list[int] = []

    def take_office() -> None:
        with Leadership(db_url, NOW) as second:
            epochs.append(second.epoch)

    with Leadership(db_url, NOW) as first:
        epoch = first.epoch
        with db.transaction(ME) as tx:
            relay.check_epoch(tx, epoch)
            end_office(db_url)
            thread = threading.Thread(target=take_office)
            thread.start()
            thread.join(timeout=0.5)
            assert (thread.is_alive(), epochs) == (True, [])
        thread.join(timeout=10)
    assert epochs == [epoch + 1]


def end_office(db_url: str) -> None:
    """Cut the connection of whoever is in office, as a network would."""
    with psycopg.connect(db_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


# Scaling

SLEEPER = AgentSpec("x", "x:X", partition="x", minimum=0, maximum=4, idle_seconds=300)
STANDING = AgentSpec("x", "x:X", partition="x", minimum=1, maximum=4, idle_seconds=300)


@pytest.mark.parametrize(
    ("spec", "now", "pressure", "number", "because"),
    [
        (STANDING, 0, Pressure(0, 0, 0, 0), 1, "at least 1"),
        (SLEEPER, 0, Pressure(0, 0, 999, 999), 0, "nobody has asked"),
        (SLEEPER, 0, Pressure(3, 0, 999, 999), 1, "3 messages wait"),
        (SLEEPER, 1, Pressure(100, 0, 0, 0, seconds_each=0.05), 1, "fits"),
        (SLEEPER, 1, Pressure(120, 0, 0, 0, seconds_each=0.05), 2, "6 s of work wait"),
        (SLEEPER, 1, Pressure(350, 0, 0, 0, seconds_each=0.05), 4, "18 s of work wait"),
        (SLEEPER, 2, Pressure(9999, 0, 0, 0, seconds_each=0.05), 4, "500 s of work wait"),
        (SLEEPER, 1, Pressure(9999, 0, 0, 0, seconds_each=0.05, idle_processors=0.4), 1, "fits"),
        (STANDING, 1, Pressure(0, 0.6, 0, 0, idle_processors=0.4), 1, "fits"),
        (STANDING, 1, Pressure(0, 0.6, 0, 0), 2, "answers only after 0.6 s"),
        (STANDING, 4, Pressure(0, 9.0, 0, 0), 4, "fits"),
        (STANDING, 1, Pressure(0, 9.0, 6, 0), 1, "fits"),  # nobody asked it for anything: the machine is slow
        (STANDING, 3, Pressure(0, 0, 0, 59), 3, "fits"),
        (STANDING, 3, Pressure(0, 0, 0, 61), 2, "calm for 61 s"),
        (STANDING, 3, Pressure(250, 0, 0, 61, seconds_each=0.05), 3, "fits"),
        (STANDING, 1, Pressure(0, 0, 9999, 9999), 1, "fits"),
        (SLEEPER, 1, Pressure(0, 0, 299, 299), 1, "fits"),
        (SLEEPER, 3, Pressure(0, 0, 301, 301), 0, "idle for 301 s"),
        (SLEEPER, 1, Pressure(1, 0, 301, 301), 1, "fits"),
    ],
)
def test_replicas_follow_the_work(spec: AgentSpec, now: int, pressure: Pressure, number: int, because: str) -> None:
    assert wanted(spec, now, pressure) == (number, because)


# Flows: a bicycle is built by a workshop, step by step.


class Work(Command, frozen=True, kw_only=True):
    what: str


class Worked(State, frozen=True, kw_only=True):
    what: str
    turn: int


@dataclass(eq=False)
class NoParts(Conflict):
    what: str

    def __str__(self) -> str:
        return f"There are no parts for: {self.what}."


class WorkshopAgent(Agent):
    name = "workshop"

    def set_up(self) -> None:
        self.worked: list[str] = []
        self.trouble: dict[str, Exception] = {}

    @command
    def work_on(self, tx: Any, ask: Work) -> Worked:
        if ask.what in self.trouble:
            raise self.trouble[ask.what]
        self.worked.append(ask.what)
        return Worked(what=ask.what, turn=len(self.worked))


def frame(data: Data) -> Work:
    return Work(what=f"{data['colour']} frame")


def basket(data: Data) -> Work | None:
    return Work(what="basket") if data.get("with_basket") else None


BUILD = FlowSpec(
    "build",
    (
        Step("frame", "workshop", do=frame, undo=lambda _: Work(what="take frame apart")),
        Step("basket", "workshop", do=basket, undo=lambda _: Work(what="take basket off")),
        Step("wheels", "workshop", do=lambda _: Work(what="wheels"), undo=lambda _: Work(what="take wheels off")),
        Step("sell", "workshop", do=lambda d: Work(what=f"sell, wheels were turn {d['wheels']['turn']}")),
        Step("deliver", "workshop", do=lambda _: Work(what="deliver")),
    ),
)
BROKEN = FlowSpec("broken", (Step("frame", "workshop", do=lambda d: Work(what=d["no such fact"])),))


class Yard:
    """An engine, a workshop and a clock."""

    def __init__(self, url: str, *specs: FlowSpec) -> None:
        self.db, self.shop, self.now = Database(url), WorkshopAgent(url), NOW
        self.engine = FlowEngine(self.db, self.ask, {s.name: s for s in specs or (BUILD, BROKEN)})
        self.sent: list[str] = []

    def ask(self, agent: str, asked: Asked, partition: str) -> Answer:
        self.sent.append(f"{agent} {partition}")
        return self.shop.work([asked])[0]

    def start(self, name: str = "build", **data: Any) -> None:
        with self.db.transaction(ME, now=self.now) as tx:
            tx.send("flows", "bike:1", StartFlow(name=name, data={"colour": "red", **data}))
        self.relay()

    def relay(self) -> None:
        with self.db.transaction(ME, now=self.now) as tx:
            relay.fan_out(tx, ())

    def go(self, *, later: float = 0.0) -> int:
        self.now += timedelta(seconds=later)
        self.engine.take_in(now=self.now)
        return self.engine.advance_due(now=self.now)

    def flows(self) -> list[tuple[str, int, str | None]]:
        return values(self.db, "SELECT state, step, error FROM flows ORDER BY started_at, id")

    def close(self) -> None:
        self.shop.db.close()
        self.db.close()


@pytest.fixture
def yard(db_url: str) -> Iterator[Yard]:
    place = Yard(db_url)
    yield place
    place.close()


def test_a_flow_goes_forward_and_later_steps_see_what_earlier_ones_answered(yard: Yard) -> None:
    yard.start(with_basket=True)
    yard.go()
    assert yard.shop.worked == ["red frame", "basket", "wheels", "sell, wheels were turn 3", "deliver"]
    assert yard.flows() == [("done", 5, None)]
    assert yard.sent == ["workshop bike:1"] * 5
    history = values(yard.db, "SELECT to_status FROM transitions WHERE subject = 'bike:1' ORDER BY id")
    assert history[0] == "build: started"
    assert history[-2:] == ["build: deliver done", "build: done"]
    assert yard.go() == 0


def test_a_flow_that_was_asked_for_once_is_started_once(yard: Yard) -> None:
    yard.start()
    assert yard.engine.take_in(now=NOW) == 1
    assert yard.engine.take_in(now=NOW) == 0
    assert values(yard.db, "SELECT count(*) FROM deliveries") == [0]


def test_a_refusal_turns_the_flow_round_and_takes_finished_steps_back_in_reverse(yard: Yard) -> None:
    yard.shop.trouble["sell, wheels were turn 3"] = NoParts("selling")
    yard.start(with_basket=True)
    yard.go()
    undone = ["take wheels off", "take basket off", "take frame apart"]
    assert yard.shop.worked == ["red frame", "basket", "wheels", *undone]
    assert yard.flows() == [("undone", -1, "There are no parts for: selling.")]


def test_a_step_that_had_nothing_to_do_is_not_taken_back(yard: Yard) -> None:
    yard.shop.trouble["wheels"] = NoParts("wheels")
    yard.start()
    yard.go()
    assert yard.shop.worked == ["red frame", "take frame apart"]


def test_weather_is_waited_for_with_growing_pauses(yard: Yard) -> None:
    yard.shop.trouble["wheels"] = Unavailable("The workshop is closed.")
    yard.start()
    yard.go()
    assert yard.flows() == [("running", 2, "The workshop is closed.")]
    sent = len(yard.sent)
    yard.go(later=0.1)
    assert len(yard.sent) == sent  # not due yet
    yard.go(later=0.1)
    yard.go(later=0.9)
    assert len(yard.sent) == sent + 1
    yard.shop.trouble.clear()
    yard.go(later=0.1)
    assert yard.shop.worked == ["red frame", "wheels", "sell, wheels were turn 2", "deliver"]
    assert [f[0] for f in yard.flows()] == ["done"]


def test_a_step_whose_answer_was_lost_is_sent_again_and_done_once(yard: Yard) -> None:
    def lose_the_answer(agent: str, asked: Asked, partition: str) -> Answer:
        yard.ask(agent, asked, partition)
        raise Unavailable("The line went dead.")

    yard.start()
    yard.engine.take_in(now=NOW)
    FlowEngine(yard.db, lose_the_answer, {"build": BUILD}).advance_due(now=NOW)
    yard.go(later=0.2)
    assert yard.shop.worked == ["red frame", "wheels", "sell, wheels were turn 2", "deliver"]


def test_a_coordinator_that_takes_over_goes_on_where_the_last_one_died(yard: Yard) -> None:
    class Death(BaseException):
        pass

    def die_at_the_wheels(agent: str, asked: Asked, partition: str) -> Answer:
        if b"wheels" in asked.body:
            raise Death
        return yard.ask(agent, asked, partition)

    yard.start()
    yard.engine.take_in(now=NOW)
    with pytest.raises(Death):
        FlowEngine(yard.db, die_at_the_wheels, {"build": BUILD}).advance_due(now=NOW)
    assert (yard.shop.worked, yard.flows()) == (["red frame"], [("running", 2, None)])
    yard.go()
    assert yard.shop.worked == ["red frame", "wheels", "sell, wheels were turn 2", "deliver"]


def test_two_coordinators_at_one_flow_do_every_step_once(yard: Yard) -> None:
    def while_another_finishes_it(agent: str, asked: Asked, partition: str) -> Answer:
        yard.engine.advance_due(now=NOW)
        return yard.ask(agent, asked, partition)

    yard.start()
    yard.engine.take_in(now=NOW)
    FlowEngine(yard.db, while_another_finishes_it, {"build": BUILD}).advance_due(now=NOW)
    assert yard.shop.worked == ["red frame", "wheels", "sell, wheels were turn 2", "deliver"]
    assert yard.flows() == [("done", 5, None)]


def test_after_the_point_of_no_return_a_refusal_waits_for_a_person(yard: Yard) -> None:
    yard.shop.trouble["deliver"] = NoParts("delivery")
    yard.start()
    yard.go()
    assert yard.flows() == [("stuck", 4, "There are no parts for: delivery.")]
    assert "take wheels off" not in yard.shop.worked
    assert yard.go(later=3600) == 0


def test_a_way_back_that_is_refused_waits_for_a_person_too(yard: Yard) -> None:
    yard.shop.trouble["wheels"] = NoParts("wheels")
    yard.shop.trouble["take frame apart"] = NoParts("taking apart")
    yard.start()
    yard.go()
    assert yard.flows() == [("stuck", 0, "There are no parts for: taking apart.")]


def test_a_flow_that_nobody_knows_can_be_tried_again_by_a_release_that_knows_it(yard: Yard, db_url: str) -> None:
    other = Yard(db_url, BROKEN)
    other.start("build")
    other.go()
    assert values(yard.db, "SELECT state, error FROM deliveries") == [("dead", "there is no flow build")]
    other.close()
    with yard.db.transaction(ME) as tx:
        tx.execute(text("UPDATE deliveries SET state = 'waiting'"))
    yard.go()
    assert [f[0] for f in yard.flows()] == ["done"]


def test_a_flow_that_a_later_release_does_not_know_any_more_waits_for_a_person(yard: Yard) -> None:
    yard.start()
    yard.engine.take_in(now=NOW)
    FlowEngine(yard.db, yard.ask, {}).advance_due(now=NOW)
    assert yard.flows() == [("stuck", 0, "this release has no flow build")]


def test_neither_a_malformed_start_nor_a_step_with_a_bug_holds_up_other_flows(yard: Yard) -> None:
    with yard.db.transaction(ME, now=NOW) as tx:
        tx.send("flows", "bike:0", PickUp(n=1))
    yard.start("broken")
    yard.start()
    yard.go()
    assert [f[0] for f in yard.flows()] == ["running", "done"]
    assert "KeyError" in (yard.flows()[0][2] or "")
    [(state, error)] = values(yard.db, "SELECT state, error FROM deliveries")
    assert (state, "missing required field" in error) == ("dead", True)


def test_a_flow_has_an_id_that_its_commands_carry(yard: Yard) -> None:
    yard.start()
    yard.go()
    [flow] = values(yard.db, "SELECT id FROM flows")
    keys = values(yard.db, "SELECT key FROM idempotent_answers WHERE principal LIKE 'flow:%'")
    assert sorted(keys) == sorted(f"{flow}:{s}:do" for s in ("frame", "wheels", "sell", "deliver"))
    assert isinstance(flow, UUID)
