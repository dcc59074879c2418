"""The short way of an order and the long one: whoever asks cannot tell which it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.testclient import TestClient

from agents.contract import Answer, encode
from agents.orders.messages import PlaceOrder
from serve.hot_orders import LARGEST, PATH, HotOrders, _order
from serve.orders import NewOrder
from serve.shapes import message
from tests.serve.conftest import Front, MakeFront, error_of
from tests.serve.test_company import Company, company, ok, set_up  # noqa: F401 - a fixture

BODY = {"channel": "web", "currency": "EUR", "lines": [{"sku": "MUG", "quantity": 1}], "email": "ada@example.com"}
HEADERS = {"Content-Type": "application/json"}


class Ways:
    """The same caller by both ways; `passed` counts what the short way has left to the long one."""

    def __init__(self, app: Any, authorization: str) -> None:
        self.passed = 0

        async def long_way(scope: Any, receive: Any, send: Any) -> None:
            self.passed += 1
            await app(scope, receive, send)

        headers = {"Authorization": authorization}
        self.long = TestClient(app, headers=headers, raise_server_exceptions=False)
        self.short = TestClient(HotOrders(long_way), headers=headers, raise_server_exceptions=False)
        self.long.get("/api/v1/orders?limit=1")  # the door remembers the caller from here on


@pytest.fixture(autouse=True)
def _closed_again() -> Iterator[None]:
    yield
    HotOrders.edge = None


def ways(front: Front, *scopes: str) -> Ways:
    HotOrders.edge = front.app.state.edge
    return Ways(front.app, front.key(*scopes).headers["Authorization"])


def same(one: Any, other: Any) -> None:
    """Equal answers, but for the request's id and for what is an order's own."""
    assert one.status_code == other.status_code, (one.text, other.text)
    own = {"x-request-id", "content-length"}
    names = [{n: v for n, v in a.headers.items() if n not in own} for a in (one, other)]
    assert names[0] == names[1]
    bodies = [a.json() for a in (one, other)]
    for body in bodies:
        body.get("error", {}).pop("request_id", None)
    assert bodies[0] == bodies[1]


def test_both_ways_give_the_same_answer_and_the_same_order(company: Company) -> None:  # noqa: F811
    caller = company.caller()
    set_up(caller)
    HotOrders.edge = company.app.state.edge
    way = Ways(company.app, caller.headers["Authorization"])
    first = way.short.post(PATH, json=BODY, headers={"Idempotency-Key": "k1"})
    placed = ok(first, 201)
    assert way.passed == 0
    again = way.long.post(PATH, json=BODY, headers={"Idempotency-Key": "k1"})  # the stored answer, by the other way
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == placed
    third = way.short.post(PATH, json=BODY, headers={"Idempotency-Key": "k1"})
    same(again, third)
    other = ok(way.long.post(PATH, json=BODY), 201)
    assert other.keys() == placed.keys()
    assert {k: v for k, v in other.items() if k not in ("id", "number", "allocations", "placed_at")} == {
        k: v for k, v in placed.items() if k not in ("id", "number", "allocations", "placed_at")
    }
    sold_out = {**BODY, "lines": [{"sku": "MUG", "quantity": 9}]}
    refused = way.short.post(PATH, json=sold_out)
    error_of(refused, 409, "out_of_stock")
    same(refused, way.long.post(PATH, json=sold_out))
    changed = way.short.post(PATH, json=sold_out, headers={"Idempotency-Key": "k1"})
    same(changed, way.long.post(PATH, json=sold_out, headers={"Idempotency-Key": "k1"}))
    assert changed.status_code == 422 or changed.status_code == 409
    assert way.passed == 0


def test_what_an_agent_cannot_do_is_told_alike(front: Front) -> None:
    from db.errors import Unavailable

    way = ways(front)
    failed = encode(msgspec.structs.replace(_said(), code="internal_error", sentence="A mistake."))
    for says in (Unavailable("The orders agent is restarting.", retry_after=1.0), Answer(500, failed)):
        front.agents.says = says
        same(way.short.post(PATH, json=BODY), way.long.post(PATH, json=BODY))
    front.agents.says = RuntimeError("nobody foresaw it")
    answer = way.short.post(PATH, json=BODY)
    assert error_of(answer, 500, "internal_error")
    assert way.passed == 0


def _said() -> Any:
    from agents.contract import Said

    return Said("", "")


def test_every_doubt_goes_the_long_way(make_front: MakeFront) -> None:
    front = make_front()
    way = ways(front)
    front.agents.says = Answer(409, encode(msgspec.structs.replace(_said(), code="out_of_stock", sentence="None.")))
    doubts: list[dict[str, Any]] = [
        {"content": b"{", "headers": HEADERS},
        {"content": b"[]", "headers": HEADERS},
        {"json": {**BODY, "surprise": 1}},
        {"json": {**BODY, "lines": []}},
        {"json": {**BODY, "email": "a\u0000b@example.com"}},
        {"json": {**BODY, "currency": "EUR\n"}},
        {"json": BODY, "headers": {"Idempotency-Key": "with space"}},
        {"json": BODY, "headers": [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]},
        {"json": {**BODY, "tags": ["x" * 64] * 1200}},
        {"content": msgspec.json.encode(BODY), "headers": {"Content-Type": "text/plain"}},
        {"json": {**BODY, "email": "ä" * LARGEST}},
    ]
    for number, doubt in enumerate(doubts, 1):
        same(way.short.post(PATH, **doubt), way.long.post(PATH, **doubt))
        assert way.passed == number, doubt


def test_only_callers_who_are_known_and_may_place_orders_take_the_short_way(front: Front) -> None:
    reader = ways(front, "read_orders")
    error_of(reader.short.post(PATH, json=BODY), 403, "missing_scope")
    nobody = Ways(front.app, "Bearer bo_live_nobody")
    error_of(nobody.short.post(PATH, json=BODY), 401, "not_signed_in")
    writer = ways(front)
    front.clock.later(seconds=6)  # the door has forgotten: the long way finds out again
    front.agents.says = Answer(409, encode(msgspec.structs.replace(_said(), code="out_of_stock", sentence="None.")))
    writer.short.post(PATH, json=BODY)
    assert (reader.passed, nobody.passed, writer.passed) == (1, 1, 1)


def test_a_caller_who_is_too_fast_is_told_so(make_front: MakeFront) -> None:
    front = make_front(rate_per_second=1.0, rate_burst=3)
    way = ways(front)
    front.agents.says = Answer(409, encode(msgspec.structs.replace(_said(), code="out_of_stock", sentence="None.")))
    statuses = [way.short.post(PATH, json=BODY).status_code for _ in range(3)]
    assert statuses == [409, 409, 429]


texts = st.text(max_size=8) | st.sampled_from(["web", "EUR", "EUR\n", "MUG", "a@b.c", "a@b.c\n", " ", "\x85", "x" * 70])
numbers = st.integers(-2, 3) | st.sampled_from([10**6, 10**6 + 1, 10**12, 10**12 + 1, 2**63, 2**64])
odd = st.none() | st.booleans() | texts | numbers | st.floats() | st.lists(texts, max_size=2)
lines = st.lists(
    st.fixed_dictionaries(
        {"sku": texts | st.just("MUG"), "quantity": numbers | odd},
        optional={"unit_amount": odd, "discount": odd, "tax_rate_ppm": odd, "more": odd},
    )
    | odd,
    max_size=3,
)
addresses = st.dictionaries(st.sampled_from(["name", "country", "line1", "planet"]), odd | st.just("GB"), max_size=3)
bodies = st.fixed_dictionaries(
    {"channel": st.just("web") | odd, "currency": st.just("EUR") | odd, "lines": lines},
    optional={
        "external_ref": odd,
        "customer_id": odd | st.uuids().map(str) | st.uuids().map(lambda u: u.hex),
        "email": odd,
        "shipping_address": addresses | odd,
        "billing_address": addresses | odd,
        "tax_inclusive": odd,
        "order_discount": odd,
        "shipping": odd,
        "payment": st.fixed_dictionaries({"provider": texts | odd}, optional={"token": odd, "reference": odd}) | odd,
        "tags": st.lists(texts, max_size=2) | odd,
        "draft": odd,
    },
)


@pytest.mark.thorough
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies)
def test_what_the_short_way_reads_the_long_way_reads_the_same(body: dict[str, Any]) -> None:
    raw = msgspec.json.encode(body)
    read = _order(raw)
    if read is None:
        return
    try:
        long = message(PlaceOrder, NewOrder.model_validate(msgspec.json.decode(raw)))
    except ValidationError as error:
        raise AssertionError(f"only the short way takes {raw!r}") from error
    assert encode(read) == encode(long)


def test_the_short_way_reads_orders_in_full() -> None:
    address = {"name": "Ada King", "line1": "12 Mill Lane", "city": "York", "country": "GB"}
    line = {"sku": "MUG", "quantity": 2, "unit_amount": 1250, "discount": 10, "tax_rate_ppm": 200_000}
    full = {
        **BODY,
        "lines": [line],
        "external_ref": "W-1",
        "customer_id": "01a204b0-4a6a-7000-af09-6d058ac635cb",
        "shipping_address": address,
        "billing_address": {**address, "company": None},
        "tax_inclusive": False,
        "order_discount": 5,
        "shipping": 490,
        "shipping_tax_ppm": 1,
        "payment": {"provider": "test", "token": "tok_ok"},
        "hold_reference": "cart",
        "ship_complete": True,
        "tags": ["vip"],
        "draft": True,
    }
    read = _order(msgspec.json.encode(full))
    assert read is not None
    assert encode(read) == encode(message(PlaceOrder, NewOrder.model_validate(full)))
