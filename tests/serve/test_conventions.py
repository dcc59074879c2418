"""What holds for every route: who may call it, the shape of errors, request ids, once-only, limits."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from fastapi.routing import APIRoute
from structlog.testing import capture_logs

from agents.contract import Answer, Said, encode
from agents.orders.messages import CloseOrder, HoldOrder, OrderState
from db.base import uuid7
from db.errors import Unavailable
from serve.routing import AtDoor, EdgeRoute, Public, SignedIn
from serve.scopes import FIRST_ROLES, Scope
from tests.serve.conftest import Front, MakeFront, error_of
from tests.serve.matrix import operations

ORDER_ID = uuid7()


def an_order_state(**changed: Any) -> OrderState:
    facts: dict[str, Any] = {
        "id": ORDER_ID, "number": "100001", "status": "placed", "payment_status": "none", "currency": "EUR",
        "subtotal": 2000, "discount": 0, "shipping": 0, "tax": 0, "total": 2000, "total_now": 2000, "version": 1,
        "lines": [], "allocations": [], "holds": [], "next": ["cancel"],
    }  # fmt: skip
    return OrderState(**{**facts, **changed})


def routes_of(front: Front) -> list[APIRoute]:
    return [r for r in front.app.routes if isinstance(r, APIRoute)]


def url_of(route: APIRoute) -> str:
    def fill(found: re.Match[str]) -> str:
        return "1" if found[1] == "letter_id" else str(uuid4()) if found[1].endswith("_id") else "X"

    return re.sub(r"\{(\w+)\}", fill, route.path)


def test_every_route_says_who_may_call_it_and_the_description_says_so_too(front: Front) -> None:
    routes = routes_of(front)
    assert len(routes) > 100
    assert all(isinstance(r, EdgeRoute) for r in routes)
    assert all(isinstance(r.endpoint.__access__, (Scope, Public, SignedIn, AtDoor)) for r in routes)
    described = {(o.method, o.path): (o.scope, o.public) for o in operations(front.app.openapi())}
    said = {(next(iter(r.methods)), r.path): r.endpoint.__access__ for r in routes}
    assert described == {
        route: (access.value if isinstance(access, Scope) else None, isinstance(access, Public))
        for route, access in said.items()
    }


def test_a_route_that_does_not_say_who_may_call_it_cannot_be_built() -> None:
    with pytest.raises(TypeError, match="does not say who may call it"):
        EdgeRoute("/x", lambda: None, methods=["GET"])


# Too long or too secret for an address, and nothing is written.
ASKED_BY_POST = {
    "/api/v1/availability",
    "/api/v1/backorders/simulate",
    "/api/v1/carrier-rule-sets/try",
    "/api/v1/gift-cards/check",
    "/api/v1/rate-cards/price",
    "/api/v1/returns/{return_id}/weigh",
    "/api/v1/variants/{sku}/release/preview",
    "/api/v1/waves/preview",
}


def test_changes_need_a_scope_that_writes_and_questions_one_that_reads(front: Front) -> None:
    for route in routes_of(front):
        scope = route.endpoint.__access__
        if isinstance(scope, Scope):
            reads = route.methods == {"GET"} or route.path in ASKED_BY_POST
            assert scope.value.startswith("read_") == reads, route.path


def test_without_a_key_every_route_that_is_not_public_is_closed(front: Front) -> None:
    stranger = front.client()
    for route in routes_of(front):
        access = route.endpoint.__access__
        if not isinstance(access, Public):
            code = "not_at_door" if isinstance(access, AtDoor) else "not_signed_in"
            error_of(stranger.request(next(iter(route.methods)), url_of(route)), 401, code)
    assert front.agents.asked == []


def test_support_may_sell_and_not_give_money_back() -> None:
    assert "write_orders" in FIRST_ROLES["support"]
    assert "refund_payments" not in FIRST_ROLES["support"]
    assert not any(s.startswith(("write_", "refund_")) for s in FIRST_ROLES["analyst"])


def test_who_unloads_goods_does_not_judge_them() -> None:
    assert "write_stock" in FIRST_ROLES["warehouse"]
    assert "judge_goods" not in FIRST_ROLES["warehouse"]
    assert {"judge_goods", "write_stock"} & FIRST_ROLES["quality"] == {"judge_goods"}


# Keys


def test_a_revoked_key_works_for_five_seconds_at_most_in_another_process(make_front: MakeFront) -> None:
    here, there = make_front(), make_front()
    client = here.key("read_people", "write_people")
    elsewhere = there.client(**{"Authorization": client.headers["Authorization"]})
    assert elsewhere.get("/api/v1/me").status_code == 200
    key_id = client.get("/api/v1/keys").json()["data"][0]["id"]
    assert client.post(f"/api/v1/keys/{key_id}/revoke").json()["revoked_at"] is not None
    error_of(client.get("/api/v1/me"), 401, "not_signed_in")
    assert elsewhere.get("/api/v1/me").status_code == 200
    there.clock.later(seconds=5.1)
    error_of(elsewhere.get("/api/v1/me"), 401, "not_signed_in")


def test_a_key_that_ended_is_no_key(front: Front) -> None:
    admin = front.key()
    ends = "2026-03-02T09:10:00Z"
    made = admin.post("/api/v1/keys", json={"name": "Short", "scopes": ["read_stock"], "expires_at": ends}).json()
    client = front.client(Authorization=f"Bearer {made['secret']}")
    assert client.get("/api/v1/me").json()["scopes"] == ["read_stock"]
    front.clock.later(minutes=11)
    error_of(client.get("/api/v1/me"), 401, "not_signed_in")


def test_a_key_shows_its_secret_once_and_only_its_beginning_afterwards(front: Front) -> None:
    admin = front.key()
    body, key = {"name": "Shop", "scopes": ["write_orders"]}, {"Idempotency-Key": "make-it"}
    first = admin.post("/api/v1/keys", json=body, headers=key)
    again = admin.post("/api/v1/keys", json=body, headers=key)
    secret = first.json()["secret"]
    assert re.fullmatch(r"bo_live_[0-9A-Za-z]{43}", secret)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == {**first.json(), "secret": None}
    listed = admin.get("/api/v1/keys?name_eq=Shop").json()["data"]
    assert [k["prefix"] for k in listed] == [secret[:12]]
    assert secret not in admin.get("/api/v1/audit").text + admin.get("/api/v1/keys").text


def test_last_use_is_marked_once_a_minute(front: Front) -> None:
    client = front.key("read_people")
    seen = []
    for _ in range(4):
        seen.append(client.get("/api/v1/keys").json()["data"][0]["last_used_at"])
        front.clock.later(seconds=25)
    assert seen == ["2026-03-02T09:00:00Z"] * 3 + ["2026-03-02T09:01:15Z"]


@pytest.mark.parametrize("header", ["Basic abc", "Bearer nonsense", "Bearer bo_live_x", "bo_live_x", ""])
def test_what_is_not_a_key_opens_nothing(front: Front, header: str) -> None:
    answer = front.client(Authorization=header).get("/api/v1/me")
    error_of(answer, 401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_flood_of_made_up_keys_is_turned_away_and_who_is_known_is_let_in(make_front: MakeFront) -> None:
    front = make_front(lookups=1)
    known = front.key("read_people")
    assert known.get("/api/v1/me").status_code == 200
    front.clock.later(seconds=6)  # to be looked up anew
    door, going = front.app.state.edge.door, threading.Event()
    look_up = door._key

    def slowly(secret: bytes, **_: Any) -> None:
        going.wait(10)

    door._key = slowly
    with ThreadPoolExecutor() as crowd:
        first = crowd.submit(front.client(Authorization="Bearer bo_live_made_up").get, "/api/v1/me")
        while not door._asking:
            time.sleep(0.01)
        error_of(front.client(Authorization="Bearer bo_live_another").get("/api/v1/me"), 503, "unavailable")
        door._key = look_up
        assert known.get("/api/v1/me").status_code == 200
        going.set()
        error_of(first.result(), 401, "not_signed_in")


# Errors


def test_a_refusal_of_an_agent_keeps_its_status_code_sentence_and_facts(front: Front) -> None:
    said = Said("order_is_shipped", "The order has left already.", {"number": "100001"})
    front.agents.says = Answer(409, encode(said))
    error = error_of(front.key().post(f"/api/v1/orders/{ORDER_ID}/close"), 409, "order_is_shipped")
    assert error["message"] == said.sentence
    assert error["details"] == said.details


def test_weather_is_503_with_a_time_to_try_again(front: Front) -> None:
    front.agents.says = Unavailable("No replica answered.", retry_after=2.4)
    answer = front.key().post(f"/api/v1/orders/{ORDER_ID}/close")
    error_of(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "3"


def test_a_bug_is_500_logged_with_its_traceback_and_tells_nothing(front: Front) -> None:
    front.agents.says = RuntimeError("the secret is swordfish")
    client = front.key()
    with capture_logs() as logs:
        answer = client.post(f"/api/v1/orders/{ORDER_ID}/close")
    error = error_of(answer, 500, "internal_error")
    assert "swordfish" not in answer.text
    assert error["request_id"] in error["message"]
    assert "swordfish" in str([e["exc_info"] for e in logs if e["log_level"] == "error"])


def test_a_bug_of_an_agent_is_500_too(front: Front) -> None:
    front.agents.says = Answer(500, encode(Said("internal_error", "Backoffice made a mistake.")))
    error_of(front.key().post(f"/api/v1/orders/{ORDER_ID}/close"), 500, "internal_error")


def test_wrong_fields_are_named_by_their_path(front: Front) -> None:
    body = {"channel": "web", "currency": "eur", "lines": [{"sku": "MUG", "quantity": 0}], "colour": "red"}
    error = error_of(front.key().post("/api/v1/orders", json=body), 422, "invalid_request")
    assert {f["field"] for f in error["fields"]} == {"currency", "lines.0.quantity", "colour"}
    assert front.agents.asked == []


def test_a_code_that_cannot_be_is_answered_with_a_sentence(front: Front) -> None:
    answer = front.key().put("/api/v1/match-tolerances/eur", json={})
    error = error_of(answer, 422, "invalid_request")
    assert error["message"] == "currency: A currency is three capital letters, such as EUR."


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"a": NaN}', b'{"a": 1e999}', b'{"reason": "\\ud800"}', b"[" * 100_000, b"\xff\xfe", b'{"a":1,}'],
)
def test_what_is_not_json_is_400(front: Front, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = front.key().post(f"/api/v1/orders/{ORDER_ID}/hold", content=body, headers=headers)
    error_of(answer, 400, "malformed_json")


def test_the_character_nul_is_refused_wherever_it_stands(front: Front) -> None:
    client = front.key()
    body = {"reason": "manual", "note": "a\0b"}
    error_of(client.post(f"/api/v1/orders/{ORDER_ID}/hold", json=body), 400, "unreadable_request")
    error_of(client.get("/api/v1/orders?number_eq=a%00b"), 400, "unreadable_request")
    error_of(client.get("/api/v1/orders/a%00b"), 400, "unreadable_request")


def test_a_backslash_before_u0000_is_only_text(front: Front) -> None:
    front.agents.says = an_order_state()
    body = {"reason": "manual", "note": "\\u0000"}
    assert front.key().post(f"/api/v1/orders/{ORDER_ID}/hold", json=body).status_code == 200
    assert front.agents.command(HoldOrder).note == "\\u0000"


def test_a_body_over_the_limit_is_413_announced_or_not(make_front: MakeFront) -> None:
    front = make_front(body_limit_bytes=1000)
    client = front.key()
    headers = {"Content-Type": "application/json"}
    url = f"/api/v1/orders/{ORDER_ID}/notes"
    error_of(client.post(url, content=b" " * 1001, headers=headers), 413, "body_too_large")
    error_of(client.post(url, content=iter([b" " * 600] * 2), headers=headers), 413, "body_too_large")


def test_a_body_that_never_ends_is_not_waited_for(make_front: MakeFront) -> None:
    front = make_front(body_seconds=0.1)
    client = front.key()

    async def slowly() -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b" ", "more_body": True}

        async def send(message: Any) -> None:
            said.append(message)

        headers = [(b"authorization", client.headers["Authorization"].encode()), (b"content-type", b"application/json")]
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "root_path": "",
            "path": f"/api/v1/orders/{ORDER_ID}/hold", "raw_path": b"", "query_string": b"", "headers": headers,
            "client": ("127.0.0.1", 1), "server": ("testserver", 80),
        }  # fmt: skip
        await asyncio.wait_for(front.app(scope, receive, send), 5)
        return said

    start, body = asyncio.run(slowly())
    assert start["status"] == 400
    assert b"was not here within 0.1 seconds" in body["body"]
    assert front.agents.asked == []


def test_unknown_paths_and_methods_have_the_same_shape(front: Front) -> None:
    error_of(front.client().get("/api/v1/unicorns"), 404, "not_found")
    answer = front.client().delete("/api/v1/orders")
    error_of(answer, 405, "method_not_allowed")
    assert "Allow" in answer.headers


# Request ids, headers, once-only, versions, limits


def test_a_sane_request_id_comes_back_and_travels_to_the_agent_and_another_is_replaced(front: Front) -> None:
    front.agents.says = an_order_state()
    client = front.key()
    answer = client.post(f"/api/v1/orders/{ORDER_ID}/close", headers={"X-Request-Id": "abc-123"})
    assert answer.headers["X-Request-Id"] == front.agents.asked[-1][1].request_id == "abc-123"
    odd = client.post(f"/api/v1/orders/{ORDER_ID}/close", headers={"X-Request-Id": "x" * 65})
    assert re.fullmatch(r"[0-9a-f]{32}", odd.headers["X-Request-Id"])


def test_answers_carry_headers_that_keep_browsers_careful(front: Front) -> None:
    headers = front.client().get("/api/v1/openapi.json").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "access-control-allow-origin" not in headers


def test_other_origins_are_let_in_only_when_they_are_named(make_front: MakeFront) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    assert make_front().client().options("/api/v1/orders", headers=asked).status_code == 405
    open_front = make_front(cors_origins=("https://shop.example",))
    answer = open_front.client().options("/api/v1/orders", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in answer.headers


def test_the_idempotency_key_travels_with_the_caller_and_a_stored_answer_is_marked(front: Front) -> None:
    front.agents.says, front.agents.replayed = an_order_state(), True
    client = front.key()
    answer = client.post(f"/api/v1/orders/{ORDER_ID}/close", headers={"Idempotency-Key": "once"})
    assert answer.headers["Idempotency-Replayed"] == "true"
    agent, asked, partition = front.agents.asked[-1]
    assert (agent, asked.key, partition) == ("orders", "once", str(ORDER_ID))
    assert asked.principal == asked.actor == client.get("/api/v1/me").json()["principal"]
    assert front.agents.command(CloseOrder) == CloseOrder(order_id=UUID(str(ORDER_ID)))


def test_of_two_idempotency_keys_none_is_believed(front: Front) -> None:
    headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    answer = front.key().post(f"/api/v1/orders/{ORDER_ID}/close", headers=headers)
    error_of(answer, 400, "bad_idempotency_key")
    assert front.agents.asked == []


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é".encode("latin-1")])
def test_an_idempotency_key_that_is_not_printable_is_400(front: Front, key: Any) -> None:
    answer = front.key().post(f"/api/v1/orders/{ORDER_ID}/close", headers={"Idempotency-Key": key})
    error_of(answer, 400, "bad_idempotency_key")
    assert front.agents.asked == []


def test_the_edges_own_writes_happen_once_for_a_key_and_another_body_is_refused(front: Front) -> None:
    client = front.key()
    key = {"Idempotency-Key": "k1"}
    first = client.put("/api/v1/roles/clerk", json={"scopes": ["read_stock"]}, headers=key)
    again = client.put("/api/v1/roles/clerk", json={"scopes": ["read_stock"]}, headers=key)
    assert (first.status_code, again.json(), again.headers["Idempotency-Replayed"]) == (200, first.json(), "true")
    other = client.put("/api/v1/roles/clerk", json={"scopes": ["read_orders"]}, headers=key)
    error_of(other, 422, "key_reused")
    stranger = front.key().put("/api/v1/roles/clerk", json={"scopes": ["read_orders"]}, headers=key)
    assert (stranger.status_code, stranger.json()["version"]) == (200, 2)


def test_the_version_may_come_as_if_match(front: Front) -> None:
    client = front.key()
    client.put("/api/v1/roles/clerk", json={"scopes": ["read_stock"]})
    put = {"scopes": ["read_orders"]}
    error_of(client.put("/api/v1/roles/clerk", json=put, headers={"If-Match": '"7"'}), 409, "stale_version")
    error_of(client.put("/api/v1/roles/clerk", json=put, headers={"If-Match": "x"}), 400, "bad_if_match")
    assert client.put("/api/v1/roles/clerk", json=put, headers={"If-Match": '"1"'}).json()["version"] == 2


def test_who_calls_too_fast_is_told_when_to_come_back_and_others_are_not_touched(make_front: MakeFront) -> None:
    front = make_front(rate_per_second=1.0, rate_burst=3)
    fast, other = front.key(), front.key()
    assert [fast.get("/api/v1/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = fast.get("/api/v1/me")
    error_of(answer, 429, "too_many_requests")
    assert answer.headers["Retry-After"] == "1"
    assert other.get("/api/v1/me").status_code == 200
    front.clock.later(seconds=2)
    assert [fast.get("/api/v1/me").status_code for _ in range(3)] == [200, 200, 429]


# Health and description


def test_ready_means_that_the_database_answers_with_this_releases_schema(front: Front) -> None:
    assert front.client().get("/health/live").json() == {"status": "ok"}
    assert front.client().get("/health/ready").json()["status"] == "ok"
    with front.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    error_of(front.client().get("/health/ready"), 503, "unavailable")


def test_counters_are_for_this_machine_or_for_who_may_read_the_runtime(front: Front) -> None:
    from starlette.testclient import TestClient

    near = TestClient(front.app, client=("127.0.0.1", 5000), base_url="http://127.0.0.1:8100")
    for name in ("127.0.0.1:8100", "localhost:8100", "localhost", "[::1]:8100", "[::1]"):
        assert "python_info" in near.get("/metrics", headers={"Host": name}).text
    for name in ("rebound.example", "127.0.0.1.rebound.example", ""):
        error_of(near.get("/metrics", headers={"Host": name}), 401, "not_signed_in")
    error_of(near.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}), 401, "not_signed_in")
    error_of(front.client().get("/metrics"), 401, "not_signed_in")
    error_of(front.key("read_orders").get("/metrics"), 403, "missing_scope")
    assert front.key("read_runtime").get("/metrics").status_code == 200


def test_the_description_is_complete_and_loads_nothing_from_elsewhere(front: Front) -> None:
    schema = front.client().get("/api/v1/openapi.json").json()
    operations = [o for methods in schema["paths"].values() for o in methods.values()]
    ids = [o["operationId"] for o in operations]
    assert len(ids) == len(set(ids)) > 100
    for operation in operations:
        assert operation["summary"]
        assert operation["tags"]
        assert {"400", "401", "403", "404", "409", "413", "422", "429", "500", "503"} <= set(operation["responses"])
        assert "security" in operation
    parameters = {p["name"] for p in schema["paths"]["/api/v1/orders"]["get"]["parameters"]}
    assert {"status_in", "placed_at_gteq", "tags_cont", "customer_id_null", "sort", "cursor", "expand"} <= parameters
    assert set(schema["components"]["securitySchemes"]) == {"key", "return_door", "session"}
    page = front.client().get("/api/v1/docs")
    assert "write_orders" in page.text
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page.text)


def test_shapes_have_names_of_their_own(front: Front) -> None:
    """Two of one name in two modules are told apart by the modules' names, which then are in everybody's client."""
    shapes = front.app.openapi()["components"]["schemas"]
    assert [name for name in shapes if "__" in name] == []


def test_answers_of_agents_are_decoded_whole(front: Front) -> None:
    front.agents.says = an_order_state(total=1999, total_now=1999)
    answer = front.key().post(f"/api/v1/orders/{ORDER_ID}/close").json()
    assert answer["display"]["total"] == "19.99"
    assert {k: v for k, v in answer.items() if k != "display"} == msgspec.json.decode(
        msgspec.json.encode(front.agents.says)
    )
