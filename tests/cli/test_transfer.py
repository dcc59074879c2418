"""`backoffice import` and `backoffice export` against a company that really listens."""

from __future__ import annotations

import csv
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from cli.layout import DataDir
from cli.main import app
from cli.rows import Row, Sheet
from coordinator.client import AgentClient
from serve.app import create_app
from serve.edge import EdgeSettings
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.serve.test_imports import Interrupted
from tests.shop import TESTER, Shop


def said(result: Result) -> dict[str, Any]:
    """What a command with --json said; the company in this process logs to the same standard output."""
    return dict(json.loads(result.stdout[result.stdout.index('{\n  "kind"') :]))


class Company:
    """A shop behind a real port; `run` is the command line."""

    def __init__(self, shop: Shop, url: str, folder: Path) -> None:
        self.shop, self.url, self.folder = shop, url, folder
        self.secret = self.key(*ALL_SCOPES)

    def key(self, *scopes: str) -> str:
        with self.shop.db.transaction(TESTER, now=self.shop.now) as tx:
            _, secret = make_key(tx, "test", sorted(scopes))
        return secret

    def run(self, *words: str, key: str | None = None, **more: Any) -> Result:
        env = {"BACKOFFICE_URL": self.url, "BACKOFFICE_API_KEY": key or self.secret, "COLUMNS": "200", **more}
        return CliRunner().invoke(app, list(words), env=env)

    def counts(self, *words: str, code: int = 0) -> tuple[int, int, int, int, int]:
        """(created, updated, unchanged, skipped, rows with errors)"""
        result = self.run("import", *words, "--json")
        assert result.exit_code == code, result.output
        told = said(result)
        return tuple(told[n] for n in ("created", "updated", "unchanged", "skipped", "rows_with_errors"))  # type: ignore[return-value]

    def file(self, name: str, *lines: str) -> str:
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
        return str(path)


Open = Callable[..., Company]


@pytest.fixture
def open_company(shop: Shop, tmp_path: Path) -> Iterator[Open]:
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(agents: AgentClient | None = None, *, works: bool = False, **settings: Any) -> Company:
        """`works`: its gateway works on whole files, as one that is really up does."""
        front = create_app(shop.db, agents or shop, settings=EdgeSettings(**settings), clock=lambda: shop.now)
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(front, log_level="error", lifespan="on" if works else "off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        servers.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        return Company(shop, f"http://127.0.0.1:{listening.getsockname()[1]}", tmp_path)

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join()


@pytest.fixture
def company(open_company: Open) -> Company:
    return open_company()


@pytest.mark.thorough
def test_a_new_company_moves_in_and_the_same_files_again_change_nothing(company: Company) -> None:
    company.shop.a_node()
    goods = ("set;Gift set;SET;25.00;EUR;MUG=2", "mug;Mug;MUG;12.50;EUR;", "tee;Tee;TEE;8;EUR;")
    products = company.file("products.csv", "Handle;Title;SKU;Price;Currency;Components", *goods)
    stock = company.file("stock.csv", "item,on shelf", "MUG,48", "TEE,7")
    customers = company.file("customers.csv", "email,name", *(f"{n}@example.com,Customer {n}" for n in range(250)))
    orders = company.file("orders.csv", "order,placed_at,currency,sku,quantity,unit_price",
                          *(f"A-{n % 300},2025-11-03,EUR,S{n},1,1.50" for n in range(900)))  # fmt: skip
    moving_in: list[tuple[list[str], int]] = [
        (["products", products], 3),
        (["stock", stock, "--map", "item=sku", "--map", "on shelf=quantity", "--set", "node=LON"], 2),
        (["customers", customers], 250),
        (["orders", orders, "--set", "channel=web"], 300),
    ]
    for words, things in moving_in:
        before = {t: company.shop.count(t) for t in ("products", "bin_stock", "customers", "orders")}
        company.run("import", *words, "--dry-run")
        assert {t: company.shop.count(t) for t in before} == before
        assert company.counts(*words) == (things, 0, 0, 0, 0)
        again = company.counts(*words)
        assert again == ((0, 0, 0, things, 0) if words[0] == "orders" else (0, 0, things, 0, 0))
    assert company.shop.count("order_lines") == 900
    assert company.shop.level("MUG", "LON").on_hand == 48
    assert list(company.folder.glob("*.errors.csv")) == []


def test_rows_that_were_left_out_are_mended_in_their_own_file_and_imported_again(company: Company) -> None:
    path = company.file("orders.csv", "Order;channel;placed_at;currency;sku;quantity;unit_price;Note",
                        "A-1;web;2025-11-03;EUR;MUG;1;12,50;keep", "A-2;web;2025-11-03;EUR;MUG;1;12.50;",
                        "A-1;web;2025-11-03;EUR;TEE;2;8.00;this")  # fmt: skip
    result = company.run("import", "orders", path, "--map", "Note=")
    assert result.exit_code == 1
    left_out = company.folder / "orders.errors.csv"
    assert f"2 rows were left out. Mend them in {left_out}" in result.stderr
    text = left_out.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    assert [(r["Order"], r["unit_price"], r["Note"]) for r in rows] == [
        ("A-1", "12,50", "keep"),
        ("A-1", "8.00", "this"),
    ]
    assert "'12,50' is not an amount in EUR. Write plain digits with a dot" in rows[0]["error"]
    assert rows[1]["error"].startswith("Left out because of row 2: the rows of order A-1 of web are taken together")
    left_out.write_text(text.replace("12,50;keep", "12.50;keep"), encoding="utf-8-sig")
    assert company.run("import", "orders", str(left_out), "--map", "Note=", "--errors", str(left_out)).exit_code == 1
    assert company.counts("orders", str(left_out), "--map", "Note=") == (1, 0, 0, 0, 0)
    assert company.shop.count("order_lines") == 3


def test_a_dry_run_and_a_key_without_the_scope_change_nothing(company: Company) -> None:
    path = company.file("customers.csv", "email", "ada@example.com")
    dry = company.run("import", "customers", path, "--dry-run")
    assert dry.exit_code == 0
    assert "This was a dry run: nothing was changed." in dry.stdout
    refused = company.run("import", "customers", path, key=company.key("write_orders"))
    assert refused.exit_code == 1
    assert "This needs the scope write_customers, which you do not hold." in refused.stderr
    assert company.shop.count("customers") == 0


@pytest.mark.thorough
def test_weather_is_waited_for_and_nothing_is_doubled(open_company: Open, shop: Shop) -> None:
    company = open_company(Interrupted(shop, lost=True), rate_per_second=5.0, rate_burst=1)
    path = company.file("customers.csv", "email", *(f"{n}@example.com" for n in range(250)))
    result = company.run("import", "customers", path, "--json")
    told = said(result)
    assert (result.exit_code, told["rows"], told["rows_with_errors"]) == (0, 250, 0)
    assert told["created"] + told["unchanged"] == 250
    assert shop.count("customers") == 250


@pytest.mark.thorough
def test_ctrl_c_says_that_what_was_sent_is_done(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Sheet.batches

    def interrupted(sheet: Sheet) -> Iterator[list[Row]]:
        yield next(whole(sheet))
        raise KeyboardInterrupt

    path = company.file("customers.csv", "email", *(f"{n}@example.com" for n in range(250)))
    with monkeypatch.context() as patched:
        patched.setattr(Sheet, "batches", interrupted)
        result = company.run("import", "customers", path)
    assert result.exit_code == 130
    assert (
        "Stopped. 100 rows were answered and what they say is done; 150 were not. Import the same file again for the "
        "rest: nothing is done twice." in result.stderr
    )
    assert company.shop.count("customers") == 100
    assert company.counts("customers", path) == (150, 0, 100, 0, 0)


def test_an_export_goes_to_a_file_or_to_standard_output_and_comes_in_again(company: Company) -> None:
    path = company.file("orders.csv", "order,channel,placed_at,currency,sku,quantity,unit_price",
                        *(f"A-{n},web,2025-11-0{1 + n % 9},EUR,=S{n},1,1.50" for n in range(40)))  # fmt: skip
    company.counts("orders", path)
    target = company.folder / "out.csv"
    assert company.run("export", "orders", "--out", str(target)).exit_code == 0
    assert company.counts("orders", str(target)) == (0, 0, 0, 40, 0)
    some = company.run("export", "orders", "--filter", "external_ref_in=A-1,A-2")
    assert [row["sku"] for row in csv.DictReader(some.stdout.splitlines())] == ["'=S1", "'=S2"]


def test_an_export_that_is_refused_leaves_no_file_and_says_why(company: Company) -> None:
    target = company.folder / "out.csv"
    bad = company.run("export", "orders", "--out", str(target), "--filter", "status_eq=lost")
    assert bad.exit_code == 1
    assert "status_eq: 'lost' is not one of draft, placed, held" in bad.stderr
    unknown = company.run("export", "unicorns")
    assert "There is no export of unicorns. Known: orders, order_lines, products" in unknown.stderr
    refused = company.run("export", "payments", "--out", str(target), key=company.key("read_orders"))
    assert "This needs the scope read_payments" in refused.stderr
    assert list(company.folder.iterdir()) == []


def test_the_running_installation_and_its_first_key_are_found_in_the_data_directory(
    company: Company, tmp_path: Path
) -> None:
    import os

    data = DataDir(tmp_path / "home")
    data.create()
    path = company.file("customers.csv", "email", "ada@example.com")
    words = ["import", "customers", path, "--data-dir", str(data.root)]
    nowhere = CliRunner().invoke(app, words)
    assert "Backoffice is not running on" in nowhere.stderr
    data.write_run({"pid": os.getpid(), "url": company.url})
    data.write_private(data.secret_path("api_key"), company.secret)
    assert CliRunner().invoke(app, words).exit_code == 0
    assert company.shop.count("customers") == 1


def test_the_demo_shop_says_what_to_do_when_the_first_key_is_revoked_or_gone(
    company: Company, tmp_path: Path, db_url: str
) -> None:
    import os

    data = DataDir(tmp_path / "home")
    data.create()
    data.write_run({"pid": os.getpid(), "url": company.url, "database_url": db_url})
    words = ["demo", "load", "--data-dir", str(data.root)]
    for kept in (None, "bo_live_revoked"):
        if kept:
            data.write_private(data.secret_path("api_key"), kept)
        refused = CliRunner().invoke(app, words, env={"COLUMNS": "400"})
        assert refused.exit_code == 1
        assert "`backoffice keys add demo --all --days 1`, and give it: --api-key" in refused.stderr
    little = CliRunner().invoke(app, [*words, "--api-key", company.key("read_stock")], env={"COLUMNS": "400"})
    assert "The demo shop takes a key that may everything" in little.stderr


def test_words_that_make_no_sense_are_told(company: Company) -> None:
    path = company.file("customers.csv", "email", "ada@example.com")
    assert "There is no import of 'unicorns'. Known: orders, products" in company.run("import", "unicorns").stderr
    assert "--map email has no `=` in it." in company.run("import", "customers", path, "--map", "email").stderr
    assert "external_ref" in company.run("import", "customers").stdout
    away = company.run("export", "orders", BACKOFFICE_URL="http://127.0.0.1:9")
    assert "The export broke off (ConnectError)" in away.stderr
