"""The migrated schema is the models', and a database gets there from wherever it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from threading import Barrier, Thread
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg.types.json import Jsonb
from sqlalchemy import create_engine, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from agents.shipping.pricing import Consignment, quote
from agents.shipping.rating import tariffs_of
from db import migrate
from db.base import Base
from db.schema import metadata
from db.session import Database, Who, sqlalchemy_url
from db.shipping import RateCard
from tests.conftest import _created
from tests.db.rows import PER_TABLE, columns, contents, fill

CATALOG = {
    "columns": """
        SELECT table_name, column_name, data_type, udt_name, is_nullable, is_identity FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'
          AND conrelid::regclass::text <> 'alembic_version'
    """,
    "indexes": """
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    """,
    "sequences": """
        SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public'
    """,
    "storage": """
        SELECT relname, reloptions::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL
    """,
}


TRIGGERS = "SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal"
REVISIONS = [s.revision for s in reversed(list(ScriptDirectory.from_config(migrate._config()).walk_revisions()))]
# By the migration that makes them: one for each rate, lot of stock, or line of which something has come.
MADE_OF_OTHERS = {
    "rate_zones": "rates", "lots": "stock_ledger", "cost_entries": "purchase_lines", "unit_costs": "purchase_lines",
    "tracks": "labels",
}  # fmt: skip


@pytest.fixture
def empty(database_url: str) -> Iterator[str]:
    with _created(database_url, "CREATE DATABASE {}", prefix="empty") as url:
        yield url


def catalog(url: str) -> dict[str, set[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        return {name: set(connection.execute(query).fetchall()) for name, query in CATALOG.items()}


def triggers(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return sorted(connection.execute(TRIGGERS).fetchall())


def test_the_migrated_schema_equals_the_models(db_url: str, empty: str) -> None:
    engine = create_engine(sqlalchemy_url(empty), poolclass=NullPool)
    metadata.create_all(engine)
    migrated, modelled = catalog(db_url), catalog(empty)
    for name in CATALOG:
        assert migrated[name] == modelled[name], name
        assert name == "storage" or modelled[name]


@pytest.mark.thorough
@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgrade_from_any_release_keeps_every_row_and_ends_at_the_models(
    db_url: str, empty: str, revision: str
) -> None:
    migrate.upgrade(empty, to=revision)
    assert migrate.current(empty) == revision
    fill(empty)
    had = columns(empty)
    before = contents(empty, had)
    assert {len(rows) for rows in before.values()} == {PER_TABLE}

    migrate.upgrade(empty)

    assert migrate.current(empty) == migrate.head() == REVISIONS[-1]
    assert contents(empty, had) == before
    assert catalog(empty) == catalog(db_url)
    assert triggers(empty) == triggers(db_url) != []
    database = Database(empty, pool_size=1)
    with database.reading() as session:
        for mapper in Base.registry.mappers:
            read = session.scalars(select(mapper)).all()
            name = mapper.local_table.name  # type: ignore[attr-defined]
            assert len(read) == (PER_TABLE if MADE_OF_OTHERS.get(name, name) in had else 0), name
    database.close()


def test_what_earlier_releases_wrote_of_people_into_the_audit_log_is_masked(empty: str) -> None:
    migrate.upgrade(empty, to="0009")
    entry = """INSERT INTO audit_log (at, actor, action, record, before, after, request_id)
               VALUES (now(), 'user:1', 'update', %s, %s, %s, 'r')"""
    with psycopg.connect(empty) as connection:
        told = Jsonb({"email": "ada@example.com", "total": 5})
        connection.execute(entry, ("order:1", told, told))
        connection.execute(entry, ("user:2", None, told))
    migrate.upgrade(empty)
    with psycopg.connect(empty) as connection:
        rows = connection.execute("SELECT before, after FROM audit_log ORDER BY id").fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            connection.execute("DELETE FROM audit_log")
    masked = {"email": "***", "total": 5}
    assert rows == [(masked, masked), (None, {"email": "ada@example.com", "total": 5})]


def test_a_rate_card_by_country_becomes_one_with_a_zone_for_each_country(empty: str) -> None:
    migrate.upgrade(empty, to="0013")
    with psycopg.connect(empty) as connection:
        card = uuid4()
        connection.execute(
            """INSERT INTO rate_cards (id, carrier, service, currency, transit_days, valid_from, active, version)
               VALUES (%s, 'post', 'standard', 'EUR', 2, now(), true, 1)""",
            (card,),
        )
        for country, grams, amount in (("DE", 1000, 390), ("DE", 2000, 490), ("*", 1000, 990)):
            connection.execute("INSERT INTO rates VALUES (%s, %s, %s, %s)", (card, country, grams, amount))
    migrate.upgrade(empty)
    database = Database(empty, pool_size=1)
    with database.transaction(Who("user:1")) as tx:
        (tariff,) = tariffs_of(tx, tx.scalars(select(RateCard)).all())
    database.close()
    asked = [Consignment(grams, to, date(2026, 3, 2)) for grams, to in ((1000, "DE"), (1001, "DE"), (9, "US"))]
    assert [found.amount for one in asked if (found := quote(tariff, one))] == [390, 490, 990]
    assert quote(tariff, Consignment(2001, "DE", date(2026, 3, 2))) is None


def test_policies_lose_their_commas_also_in_views_that_people_keep(empty: str) -> None:
    migrate.upgrade(empty, to="0022")
    views = (
        ("replenishment-rules", {"policy_eq": "s,S", "why_cont": "s,S", "class_policy_not_eq": "R,S"}),
        ("suggestions", {"policy_eq": "min/max"}),
        ("orders", {"policy_eq": "s,S"}),
    )
    with psycopg.connect(empty) as connection:
        for code, policy in (("AX", "s,Q"), ("AY", "fixed")):
            connection.execute(
                """INSERT INTO replenishment_classes (code, policy, service_ppm, measured_by, review_days, order_cost,
                   holding_ppm, version, updated_at) VALUES (%s, %s, 950000, 'fill', 1, 1000, 250000, 1, now())""",
                (code, policy),
            )
        for name, filters in views:
            connection.execute(
                """INSERT INTO saved_views (id, list, name, owner, shared, filters, columns, position, version,
                   created_at, updated_at) VALUES (%s, %s, 'v', 'user:1', false, %s, '{}', 0, 1, now(), now())""",
                (uuid4(), name, Jsonb(filters)),
            )
    migrate.upgrade(empty)
    with psycopg.connect(empty) as connection:
        kept = dict(connection.execute("SELECT code, policy FROM replenishment_classes").fetchall())
        shown = connection.execute("SELECT list, filters, version FROM saved_views").fetchall()
    assert kept == {"AX": "s-Q", "AY": "fixed"}
    assert {name: (filters, version) for name, filters, version in shown} == {
        "replenishment-rules": ({"policy_eq": "s-S", "why_cont": "s,S", "class_policy_not_eq": "R-S"}, 2),
        "suggestions": ({"policy_eq": "min/max"}, 1),
        "orders": ({"policy_eq": "s,S"}, 1),
    }


def test_whoever_could_judge_goods_before_it_took_a_right_of_its_own_still_can(empty: str) -> None:
    migrate.upgrade(empty, to="0018")
    held = {"dock": ["read_stock", "write_stock"], "desk": ["read_stock"]}
    with psycopg.connect(empty) as connection:
        for name, scopes in held.items():
            role = "INSERT INTO roles (name, scopes, locked, version, created_at) VALUES (%s, %s, false, 1, now())"
            connection.execute(role, (name, scopes))
        for name, scopes in held.items():
            connection.execute(
                """INSERT INTO api_keys (id, name, digest, prefix, scopes, created_by, created_at, version)
                   VALUES (%s, %s, %s, %s, %s, 'user:1', now(), 1)""",
                (uuid4(), name, name.encode(), name, scopes),
            )
    migrate.upgrade(empty)
    with psycopg.connect(empty) as connection:
        roles = dict(connection.execute("SELECT name, scopes FROM roles").fetchall())
        keys = dict(connection.execute("SELECT name, scopes FROM api_keys").fetchall())
    assert roles == keys == {"dock": ["judge_goods", "read_stock", "write_stock"], "desk": ["read_stock"]}


def test_what_suppliers_said_first_is_found_in_what_was_changed_since(empty: str) -> None:
    migrate.upgrade(empty, to="0027")
    fill(empty)
    moved = "UPDATE purchase_amendments SET line_no = %s, field = 'expected_at', old = '2026-03-10 12:00+00', "
    with psycopg.connect(empty) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE purchase_orders SET sent_at = '2026-03-01 00:00+00', currency = 'JPY'")
        connection.execute("UPDATE purchase_lines SET expected_at = '2026-04-01 12:00+00'")
        for n in (1, 2):  # the second before the supplier confirmed
            connection.execute(moved + "at = '2026-03-05' WHERE purchase_id = %s", (n, UUID(int=n)))
        confirmed = "UPDATE transitions SET subject = %s, to_status = 'confirmed', at = '2026-03-06' WHERE id = 1"
        connection.execute(confirmed, (f"purchase:{UUID(int=2)}",))
        postponed = "UPDATE audit_log SET record = %s, before = %s WHERE id = 1"
        connection.execute(postponed, (f"advance_notice:{UUID(int=1)}", Jsonb({"said_at": "2026-03-10T12:00:00Z"})))
        connection.execute("UPDATE receipts SET status = 'booked'")
    migrate.upgrade(empty)
    with psycopg.connect(empty) as connection:
        lines = connection.execute("SELECT first_promised_at::date FROM purchase_lines ORDER BY line_no").fetchall()
        notices = connection.execute("SELECT first_said_at::date FROM advance_notices ORDER BY id").fetchall()
        costs = connection.execute("SELECT receipt_id FROM cost_entries ORDER BY line_no").fetchall()
        judged = connection.execute("SELECT DISTINCT currency FROM inspections").fetchall()
    assert [day for (day,) in lines] == [date(2026, 3, 10), date(2026, 4, 1), date(2026, 4, 1)]
    assert [day for (day,) in notices] == [date(2026, 3, 10), None, None]
    assert [of for (of,) in costs] == [
        UUID(int=1),
        None,
        None,
    ]  # lines of other receipts name no line
    assert judged == [("JPY",)]


def test_two_processes_may_upgrade_at_once(empty: str) -> None:
    together, wrong = Barrier(4), []

    def upgrade() -> None:
        together.wait()
        try:
            migrate.upgrade(empty)
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=upgrade) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []
    assert migrate.current(empty) == migrate.head()


def test_a_database_of_a_newer_release_is_left_alone_with_a_sentence(db_url: str) -> None:
    with psycopg.connect(db_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(migrate.SchemaIsNewer, match="written by a newer release"):
        migrate.upgrade(db_url)


@pytest.mark.parametrize("table", ["stock_ledger", "audit_log", "transitions", "stored_value_entries"])
def test_history_cannot_be_changed_or_removed(db_url: str, table: str) -> None:
    database = Database(db_url, pool_size=1)
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"UPDATE {table} SET actor = 'somebody else'"):
        with (
            pytest.raises(ProgrammingError, match="append-only"),
            database.transaction(Who("user:mallory")) as tx,
        ):
            tx.connection().exec_driver_sql(statement)
    database.close()
