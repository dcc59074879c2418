"""What a write transaction does beside writing: rows past the unit of work, with all that `add` would have done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import select

from db.base import among, uuid7
from db.fulfilment import Fulfilment, FulfilmentLine, FulfilmentStatus
from db.runtime import AuditEntry
from db.session import Database, Transaction, Who

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA, BOB = Who("user:ada", "r-1"), Who("user:bob", "r-2")


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    database = Database(db_url, application_name="test")
    yield database
    database.close()


def fulfilment(tx: Transaction, number: str) -> Fulfilment:
    return Fulfilment(number=number, order_id=uuid7(), node="LON", created_at=tx.now, updated_at=tx.now)


def line(of: Fulfilment, **more: object) -> FulfilmentLine:
    return FulfilmentLine(allocation_id=uuid7(), fulfilment_id=of.id, line_no=1, sku="MUG", quantity=2, **more)


def test_new_rows_have_their_defaults_and_an_audit_entry_of_whoever_made_them(db: Database) -> None:
    with db.transaction(ADA, now=NOW) as tx:
        first = fulfilment(tx, "F1")
        tx.insert_new(first)
        tx.insert_new(line(first))
        tx.who = BOB
        second = fulfilment(tx, "F2")
        tx.insert_new(second)
        tx.insert_new(line(second, picked=1, bin="PACK"))
    with db.reading() as session:
        kept = {f.number: f for f in session.scalars(select(Fulfilment))}
        assert {n: (f.id, f.status, f.version, f.shipped_at) for n, f in kept.items()} == {
            "F1": (first.id, FulfilmentStatus.ready, 1, None),
            "F2": (second.id, FulfilmentStatus.ready, 1, None),
        }
        lines = {row.fulfilment_id: row for row in session.scalars(select(FulfilmentLine))}
        assert [(lines[f.id].picked, lines[f.id].bin, lines[f.id].lot) for f in (first, second)] == [
            (0, None, ""),
            (1, "PACK", ""),
        ]
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(e.actor, e.action, e.record, e.request_id) for e in entries] == [
        ("user:ada", "create", f"fulfilment:{first.id}", "r-1"),
        ("user:bob", "create", f"fulfilment:{second.id}", "r-2"),
    ]
    assert entries[0].after is not None
    assert entries[0].after["status"] == "ready"
    assert "shipped_at" not in entries[0].after


def test_a_question_sees_the_rows_that_were_inserted_before_it(db: Database) -> None:
    with db.transaction(ADA, now=NOW) as tx:
        tx.insert_new(fulfilment(tx, "F1"))
        assert tx.scalars(select(Fulfilment.number)).all() == ["F1"]
        assert tx.scalars(select(Fulfilment.number)).all() == ["F1"], "and they are written once"


def test_rows_that_others_refer_to_are_written_first_whoever_came_first(db: Database) -> None:
    with db.transaction(ADA, now=NOW) as tx:
        old = fulfilment(tx, "F1")
        tx.insert_new(old)
    with db.transaction(ADA, now=NOW) as tx:
        fresh = fulfilment(tx, "F2")
        tx.insert_new(line(old))
        tx.insert_new(fresh)
        tx.insert_new(line(fresh))
    with db.reading() as session:
        assert set(session.scalars(select(FulfilmentLine.fulfilment_id))) == {old.id, fresh.id}


def test_an_attempt_that_fails_takes_its_new_rows_back(db: Database) -> None:
    with db.transaction(ADA, now=NOW) as tx:
        with suppress(ZeroDivisionError), tx.attempt():
            tx.insert_new(fulfilment(tx, "F1"))
            raise ZeroDivisionError
        tx.insert_new(fulfilment(tx, "F2"))
    with db.reading() as session:
        assert session.scalars(select(Fulfilment.number)).all() == ["F2"]
        assert len(session.scalars(select(AuditEntry)).all()) == 1


def test_an_update_tells_only_what_it_changed(db: Database) -> None:
    with db.transaction(ADA, now=NOW) as tx:
        tx.insert_new(fulfilment(tx, "F1"))
    with db.transaction(BOB, now=NOW) as tx:
        found = tx.scalars(select(Fulfilment)).one()
        found.node, found.number = "LYS", "F1"  # the number is the one it had
    with db.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "update")).one()
    assert (entry.before, entry.after) == ({"node": "LON"}, {"node": "LYS"})


def test_any_number_of_keys_is_one_parameter(db: Database) -> None:
    with db.transaction(ADA, now=NOW) as tx:
        rows = [fulfilment(tx, f"F{n}") for n in range(300)]
        tx.insert_new(*rows)
        wanted = {row.id for row in rows[:250]}
        query = select(Fulfilment.id).where(among(Fulfilment.id, wanted))
        assert set(tx.scalars(query)) == wanted
        assert set(tx.scalars(select(Fulfilment.id).where(among(Fulfilment.id, [])))) == set()
    assert len(query.compile().params) == 1


def test_a_number_that_exists_is_refused_by_the_table(db: Database) -> None:
    with db.transaction(ADA, now=NOW) as tx:
        tx.insert_new(fulfilment(tx, "F1"))
    with pytest.raises(UniqueViolation), db.transaction(ADA, now=NOW) as tx:
        tx.insert_new(fulfilment(tx, "F1"))
