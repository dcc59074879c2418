"""A company is kept in one file and comes back from it as it was, or the file is refused."""

from __future__ import annotations

import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from agents.orders.messages import OrderState, PlacedLine, PlaceOrder
from cli.layout import DataDir
from cli.main import app
from db.dump import DumpFailed, dump, restore
from db.embedded import EmbeddedPostgres
from db.session import Database
from tests.conftest import FreshDatabase
from tests.shop import Shop

pytestmark = pytest.mark.thorough

BOOKS = ("orders", "order_lines", "allocations", "stock_ledger", "stock_levels", "outbox", "audit_log")


@pytest.fixture
def orders(shop: Shop) -> Shop:
    """A company with five orders, three of them waiting for stock, and an event that was not relayed yet."""
    shop.a_node("LON")
    shop.a_sku("MUG", backorder_limit=10)
    shop.some_stock("MUG", "LON", 4)
    for n in range(5):
        ask = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=2)])
        shop.do("orders", ask, OrderState, key=f"order-{n}")
    return shop


def backoffice(*words: str | Path, database: str = "", data: Path | None = None) -> Result:
    where = {"BACKOFFICE_DATABASE_URL": database, "BACKOFFICE_DATA_DIR": str(data or "")}
    env = {name: value or None for name, value in where.items()}
    return CliRunner().invoke(app, [str(w) for w in words], env={**env, "COLUMNS": "400"})


def contents(url: str) -> dict[str, str]:
    """A digest of every row of the books."""
    database = Database(url, pool_size=1, application_name="test")
    try:
        with database.reading() as session:
            return {
                t: session.scalar(text(f"SELECT md5(string_agg(x::text, '|' ORDER BY x::text)) FROM {t} x"))
                for t in BOOKS
            }
    finally:
        database.close()


@pytest.fixture
def new_home() -> Iterator[Path]:
    """Where PostgreSQL's system user can reach, unlike pytest's tmp_path."""
    home = Path(tempfile.mkdtemp(prefix="backoffice-test-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home)


def test_a_backup_is_private_proven_and_comes_back_row_by_row(orders: Shop, tmp_path: Path, new_home: Path) -> None:
    file = tmp_path / "monday.backup"
    kept = backoffice("backup", file, database=orders.db.url, data=tmp_path / "none")
    assert kept.exit_code == 0, kept.output
    assert "The copy was restored and audited: 5 orders, 0 payments, " in kept.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    back = backoffice("restore", file, data=new_home / "data")
    assert back.exit_code == 0, back.output
    assert "5 orders" in back.output
    assert f"backoffice up --data-dir {new_home / 'data'}" in back.output
    with EmbeddedPostgres(DataDir(new_home / "data").root) as server:
        assert contents(server.url) == contents(orders.db.url)


def test_the_moment_is_one_while_orders_come_in(orders: Shop, tmp_path: Path, fresh_database: FreshDatabase) -> None:
    dump(orders.db.url, tmp_path / "a")
    before = contents(orders.db.url)
    ask = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=1)])
    orders.do("orders", ask, OrderState, key="later")
    with fresh_database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        restore(tmp_path / "a", url)
        assert contents(url) == before != contents(orders.db.url)


def test_nothing_is_overwritten(orders: Shop, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("of value")
    said = backoffice("backup", file, database=orders.db.url, data=tmp_path / "none")
    assert (said.exit_code, file.read_text()) == (1, "of value")
    assert f"{file} is there already" in said.output
    dump(orders.db.url, tmp_path / "good")
    before = contents(orders.db.url)
    said = backoffice("restore", tmp_path / "good", database=orders.db.url, data=tmp_path / "none")
    assert said.exit_code == 1
    assert "never overwrites" in said.output
    assert contents(orders.db.url) == before


@pytest.mark.parametrize("cut", [0, 20, 5000])
def test_a_file_that_was_cut_short_is_refused_whole(
    orders: Shop, tmp_path: Path, fresh_database: FreshDatabase, cut: int
) -> None:
    dump(orders.db.url, tmp_path / "whole")
    (tmp_path / "cut").write_bytes((tmp_path / "whole").read_bytes()[:cut])
    with fresh_database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        with pytest.raises(DumpFailed):
            restore(tmp_path / "cut", url)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_place_that_cannot_be_written_is_named_and_no_half_file_stays(orders: Shop, tmp_path: Path) -> None:
    said = backoffice("backup", tmp_path / "no" / "file", database=orders.db.url, data=tmp_path / "none")
    assert said.exit_code == 1
    assert "cannot be written: No such file or directory. Choose another place." in said.output
    with pytest.raises(DumpFailed, match="pg_dump failed"):
        dump(orders.db.url + "_that_is_not_there", tmp_path / "half")
    assert list(tmp_path.iterdir()) == []


def test_the_password_is_in_nobodys_process_list(orders: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    seen: list[str] = []
    run = subprocess.run

    def watched(command: list[object], **how: object) -> object:
        seen.append(f"{command} {how.get('env')}")
        return run(command, **how)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", watched)
    dump(orders.db.url, tmp_path / "a")
    password = orders.db.url.split(":")[2].split("@")[0]
    assert len(seen) == 1
    assert password not in seen[0]
