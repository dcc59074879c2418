"""Takes the demo shop out again: everything goes but who may come in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from cli.demo_orders import TAG
from cli.layout import AlreadyRunning, DataDir
from cli.output import fail
from db import migrate
from db.embedded import EmbeddedPostgres
from db.people import ApiKey, Role, User
from db.session import sqlalchemy_url
from db.settings import Settings

KEPT = (Role, User, ApiKey)  # in the order in which they refer to each other

_COUNT = text("""
    SELECT (SELECT count(*) FROM products) AS products,
      (SELECT count(*) FROM products WHERE attributes ->> 'demo' IS DISTINCT FROM 'true') AS other_products,
      (SELECT count(*) FROM orders) AS orders,
      (SELECT count(*) FROM orders WHERE NOT tags @> ARRAY[:tag]) AS other_orders,
      (SELECT count(*) FROM customers) AS customers,
      (SELECT count(*) FROM customers WHERE NOT tags @> ARRAY[:tag]) AS other_customers
""")
_OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
""")


@dataclass(frozen=True)
class Counted:
    products: int
    orders: int


class Mixed(Exception):
    """The database holds more than the demo shop; the text says how much."""


class InUse(RuntimeError):
    """Somebody works on the database."""


def counted(url: str) -> Counted:
    """What there is of the demo shop.

    Raises:
        Mixed: there is something without the demo mark.
    """
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        found = connection.execute(_COUNT, {"tag": TAG}).one()
    others = {noun: int(getattr(found, f"other_{noun}")) for noun in ("orders", "products", "customers")}
    if any(others.values()):
        what = ", ".join(f"{n} {noun}" for noun, n in others.items() if n)
        raise Mixed(f"Nothing was removed: beside the demo shop there are {what} without its mark.")
    return Counted(found.products, found.orders)


def clear_database(url: str) -> None:
    """Drop every table and make the schema anew; the people, roles and keys are put back in.

    Stock ledger and audit log refuse to lose rows, even all of them: so the tables go with their rows.

    Raises:
        InUse: somebody else is connected.
    """
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        others = connection.execute(_OTHERS).scalar_one()
        if others:
            raise InUse(f"{others} connections work on the database. Stop the company first: backoffice down")
        kept = _kept_rows(connection)
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.execute(text("CREATE TABLE public.kept_people (kind text, row jsonb)"))
        for kind, rows in kept.items():
            for row in rows:
                connection.execute(
                    text("INSERT INTO public.kept_people VALUES (:kind, CAST(:row AS jsonb))"),
                    {"kind": kind, "row": row},
                )
    migrate.upgrade(url)
    with engine.begin() as connection:
        _put_back(connection)


def _kept_rows(connection: Connection) -> dict[str, list[str]]:
    return {
        model.__tablename__: list(
            connection.execute(text(f"SELECT to_jsonb(t)::text FROM {model.__tablename__} t")).scalars()  # noqa: S608
        )
        for model in KEPT
    }


def _put_back(connection: Connection) -> None:
    for model in KEPT:
        table = model.__tablename__
        connection.execute(
            text(f"""
                INSERT INTO {table} SELECT r.* FROM kept_people k, jsonb_populate_record(NULL::{table}, k.row) r
                WHERE k.kind = :kind
            """),  # noqa: S608 - our own table names
            {"kind": table},
        )
    connection.execute(text("DROP TABLE kept_people"))


@contextmanager
def database_at_rest(settings: Settings, data: DataDir) -> Iterator[str]:
    """The installation's database while nothing runs on it; its own PostgreSQL is started for the time."""
    if data.read_run() is not None:
        fail("The company is running. Stop it first: backoffice down")
    if settings.database_url:
        yield settings.database_url
        return
    if not (data.root / "postgres").exists():
        fail(f"There is no installation in {data.root}.")
    try:
        with data.locked():
            server: Any = EmbeddedPostgres(data.root)
            with server:
                yield server.url
    except AlreadyRunning as reason:
        fail(str(reason))
