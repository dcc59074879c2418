"""Whatever goes wrong with somebody's order, no log says whose it is, and no log has a secret."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from agents.notifications import agent as mailing
from agents.payments.providers.builtin import TestProvider
from db import logs
from db.customers import Customer
from db.errors import Unavailable
from serve import exports
from serve import search as searching
from serve.importing.files import FILES
from tests.serve.desk import OpenShop, open_shop

NAME, EMAIL, PHONE = "Zebedee Quillfeather", "zebedee.quill@mark.example", "+44 7700 900123"
STREET, TOWN, POSTCODE, NOTE = "17 Marmalade Lane", "Quokkaborough", "QK9 4ZZ", "leave it with Wilhelmina next door"
PASSWORD, CARD, PROVIDER_KEY = "correct marmalade staple", "tok_marmalade_4242", "sk_live_marmalade51"
ADDRESS = {"name": NAME, "line1": STREET, "city": TOWN, "postcode": POSTCODE, "country": "GB", "phone": PHONE}
MARKS = (
    NAME, "Zebedee", "Quillfeather", EMAIL, "mark.example", PHONE, "900123", STREET, "Marmalade", TOWN, POSTCODE, NOTE,
    "Wilhelmina", PASSWORD, "marmalade", "Authorization", "Bearer", "bo_live_",
)  # fmt: skip


@pytest.fixture
def shop(db_url: str) -> Iterator[OpenShop]:
    with open_shop(db_url) as opened:
        yield opened


@pytest.fixture(params=["console", "json"])
def told(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What our processes write, as they would, together with what any other logger of the process says."""
    sink = io.StringIO()
    others = logging.StreamHandler(sink)
    others.addFilter(lambda record: not record.name.startswith("httpx"))  # that is who asks, in these tests
    loggers = [logging.getLogger(name) for name in ("", "uvicorn", "uvicorn.access", "asyncio", "psycopg")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(others)
        logger.setLevel(logging.INFO)
    structlog.configure(
        processors=logs.processors(request.param),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sink),  # type: ignore[arg-type]
    )
    yield sink
    structlog.reset_defaults()
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(others)
        logger.setLevel(level)


def must_not_say_who(told: io.StringIO, *words: str) -> None:
    """`words` must be there all the same: a log without lines hides nobody."""
    said = told.getvalue()
    assert [mark for mark in MARKS if mark in said] == [], said
    assert [word for word in words if word not in said] == [], said


def an_order(**more: Any) -> dict[str, Any]:
    return {
        "channel": "web", "currency": "EUR", "email": EMAIL, "shipping_address": ADDRESS, "billing_address": ADDRESS,
        "lines": [{"sku": "MUG", "quantity": 1}], "payment": {"provider": "test", "token": CARD}, **more,
    }  # fmt: skip


def test_an_order_that_goes_well_or_is_refused_names_nobody(shop: OpenShop, told: io.StringIO) -> None:
    client = shop.caller()
    placed = client.post("/api/v1/orders", json=an_order())
    assert placed.status_code == 201, placed.text
    assert client.post(f"/api/v1/orders/{placed.json()['id']}/notes", json={"body": NOTE}).status_code == 201
    person = {"email": EMAIL, "name": NAME, "phone": PHONE, "addresses": [ADDRESS]}
    assert client.post("/api/v1/customers", json=person).status_code == 201
    shop.pump()
    refused = [
        client.post("/api/v1/customers", json={"email": f"{NAME} at home"}),
        client.post("/api/v1/orders", json=an_order(lines=[{"sku": NAME, "quantity": 1}])),
        client.get("/api/v1/orders", params={"email_eq": EMAIL, "colour_eq": NAME}),
        client.get(f"/api/v1/suppliers/{NAME}"),
        client.get(f"/api/v1/{EMAIL}"),
        client.post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD}),
        client.get("/api/v1/orders", headers={"Authorization": f"Bearer bo_live_{PASSWORD}"}),
    ]
    assert [400 <= answer.status_code < 500 for answer in refused] == [True] * len(refused)
    assert client.get("/api/v1/search", params={"q": EMAIL}).json()["hits"] != []
    must_not_say_who(told, "unknown_filter", "wrong_credentials", "not_signed_in")


def _row_that_breaks_a_rule(tx: Any, ask: Any) -> None:
    tx.add(Customer(email=ask.email, name=ask.name, phone=ask.phone, addresses=[ADDRESS], updated_at=None))
    tx.flush()


def _row_past_sqlalchemy(tx: Any, ask: Any) -> None:
    tx.wire.execute(
        "INSERT INTO customers (email, name) VALUES (%(email)s, %(name)s)", {"email": ask.email, "name": ask.name}
    )


def _value_that_does_not_convert(tx: Any, ask: Any) -> None:
    tx.execute(text("SELECT CAST(:name AS int)"), {"name": ask.name})


def _value_that_is_missing_beside_another(tx: Any, ask: Any) -> None:
    tx.execute(text("SELECT :name, :other"), {"name": ask.name})


def _bug_with_a_sentence(tx: Any, ask: Any) -> None:
    raise RuntimeError(f"no label for {ask.name}, {ask.addresses[0]['line1']}, {ask.phone}, {ask.email}")


def _bug_of_a_lookup(tx: Any, ask: Any) -> None:
    try:
        {}[TOWN]
    except KeyError:
        int(ask.addresses[0]["postcode"])


def _statement_that_takes_too_long(tx: Any, ask: Any) -> None:
    tx.execute(text("SET LOCAL statement_timeout = '20ms'"))
    tx.execute(text("SELECT pg_sleep(5), CAST(:name AS text)"), {"name": ask.name})


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (_row_that_breaks_a_rule, ["NotNullViolation", "null value in column"]),
        (_row_past_sqlalchemy, ["NotNullViolation"]),
        (_value_that_does_not_convert, ["InvalidTextRepresentation", "SELECT CAST"]),
        (_value_that_is_missing_beside_another, ["StatementError: ", "parameters hidden"]),
        (_bug_with_a_sentence, ["RuntimeError: no label for ***, ***, ***, ***"]),
        (_bug_of_a_lookup, ["KeyError: '***'", "which led to", "ValueError: invalid literal"]),
        (_statement_that_takes_too_long, ["QueryCanceled: canceling statement", "SELECT pg_sleep"]),
    ],
)
def test_a_mistake_in_an_agent_is_told_with_its_place_and_without_the_person(
    shop: OpenShop, told: io.StringIO, monkeypatch: pytest.MonkeyPatch, trouble: Any, words: list[str]
) -> None:
    monkeypatch.setattr(shop.agent("customers"), "put", trouble)
    person = {"email": EMAIL, "name": NAME, "phone": PHONE, "addresses": [ADDRESS]}
    answer = shop.caller().post("/api/v1/customers", json=person)
    assert answer.status_code in (500, 503)
    must_not_say_who(told, "PutCustomer", *words)


def test_a_row_of_somebody_else_that_breaks_a_rule_names_nobody(
    shop: OpenShop, told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = shop.caller()
    person = {"email": EMAIL, "name": NAME, "phone": PHONE, "addresses": [ADDRESS]}
    assert client.post("/api/v1/customers", json=person).status_code == 201

    def forgets_when(tx: Any, _ask: Any) -> None:
        tx.wire.execute("UPDATE customers SET created_at = NULL")

    monkeypatch.setattr(shop.agent("customers"), "put", forgets_when)
    assert client.post("/api/v1/customers", json={"external_ref": "ERP-1"}).status_code == 500
    must_not_say_who(told, "NotNullViolation: null value in column")


def test_a_provider_and_a_mail_server_that_fail_name_nobody(
    shop: OpenShop, told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"401 for {PROVIDER_KEY}: no customer {EMAIL}, tel. {PHONE}")

    def waits(*_: Any) -> Any:
        raise Unavailable(f"The mail server asks to come back later: 450 <{EMAIL}>: greylisted")

    monkeypatch.setattr(TestProvider, "authorise", fails)
    monkeypatch.setattr(mailing, "send", waits)
    monkeypatch.setattr(
        shop.agent("notifications"),
        "_settings",
        SimpleNamespace(smtp=object(), mail_from="a@b.example", public_url=None),
    )
    assert shop.caller().post("/api/v1/orders", json=an_order()).status_code == 201
    shop.pump()
    must_not_say_who(told, "delivery failed", "401 for ***: no customer ***", "delivery postponed", "450 <***>")
    with shop.db.reading() as session:
        kept = session.scalars(text("SELECT error FROM deliveries WHERE error IS NOT NULL")).all()
    assert len(kept) == 2
    assert [mark for mark in (PROVIDER_KEY, PHONE) if mark in str(kept)] == []


def test_a_delivery_that_fails_names_nobody(shop: OpenShop, told: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_tx: Any, events: Any, _whos: Any) -> None:
        raise RuntimeError(f"nobody is {events[0].email}, {events[0].payment.token}")

    monkeypatch.setattr(shop.agent("customers"), "ordered", fails)
    assert shop.caller().post("/api/v1/orders", json=an_order()).status_code == 201
    shop.pump()
    must_not_say_who(told, "delivery failed", "nobody is ***, ***")


def test_a_mistake_at_the_edge_names_nobody_even_when_the_answer_had_begun(
    shop: OpenShop, told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = shop.caller()
    for _ in range(2):
        assert client.post("/api/v1/orders", json=an_order()).status_code == 201

    def fails(*_: Any, **__: Any) -> Any:
        raise ValueError(f"cannot look for '{NAME}', {EMAIL}")

    def rows(seen: list[int] = []) -> Any:  # noqa: B006 - counts over calls
        def cells(row: Any) -> list[str]:
            seen.append(1)
            if len(seen) > 1:
                raise LookupError(f"'{NAME}' has no column, {row['email']}")
            return [str(v) for v in row.values()]

        return cells

    monkeypatch.setattr(searching.index, "find", fails)
    assert client.get("/api/v1/search", params={"q": EMAIL}).status_code == 500
    monkeypatch.setattr(exports, "FETCHED", 1)
    kind = FILES["orders"]
    monkeypatch.setitem(exports.FILES, "orders", SimpleNamespace(**{**vars(kind), "cells": rows(), "bounds": None}))
    client.get("/api/v1/exports/orders.csv")
    must_not_say_who(told, "cannot look for '***', ***", "broken off", "'***' has no column")
