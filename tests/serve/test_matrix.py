"""Who may do what: every operation of the description of the API, as every role and with every scope."""

from __future__ import annotations

import ast
import re
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from agents.contract import Answer, Said, encode
from serve.importing.files import FILES, UNDER_ANOTHER_NAME
from serve.lists import LISTS
from serve.scopes import ALL_SCOPES, FIRST_ROLES
from serve.search import _PATHS, _SCOPES
from tests.serve.conftest import Front, MakeFront, error_of
from tests.serve.matrix import BEYOND, BOUNDED, PAGE, PUBLIC, Operation, operations, page

BODIES: dict[str, Any] = {
    "orders_bulk": {"do": {"action": "hold", "reason": "manual"}, "ids": [str(uuid4())]},
    "products_bulk": {"do": {"action": "move", "to": "active"}, "ids": [str(uuid4())]},
}


@pytest.fixture
def busy(make_front: MakeFront) -> Front:
    """A front whose agents refuse everything: what reaches them was let in."""
    front = make_front(rate_burst=10_000)
    front.agents.says = Answer(409, encode(Said("not_now", "Not now.")))
    return front


def ask(client: TestClient, operation: Operation) -> Any:
    def fill(found: re.Match[str]) -> str:
        return "1" if found[1] == "letter_id" else str(uuid4()) if found[1].endswith("_id") else "X"

    body = next((b for name, b in BODIES.items() if operation.name.endswith(name)), {})
    return client.request(operation.method, re.sub(r"\{(\w+)\}", fill, operation.path), json=body)


def guarded(front: Front) -> list[Operation]:
    return [o for o in operations(front.app.openapi()) if o.scope is not None]


def must_be_let_in(answer: Any, operation: Operation) -> None:
    assert answer.status_code not in (401, 403, 500), (operation.name, answer.text)


def must_be_kept_out(answer: Any, operation: Operation, lacks: frozenset[str]) -> None:
    error = error_of(answer, 403, "missing_scope")
    assert error["details"]["scope"] in lacks, operation.name
    assert error["details"]["scope"] in error["message"]


def test_every_operation_is_decided_on_and_nothing_is_decided_that_is_not_there(front: Front) -> None:
    described = list(operations(front.app.openapi()))
    assert len(described) > 200
    assert {o.path for o in described if o.public} == set(PUBLIC)
    assert {o.scope for o in described} - {None} <= ALL_SCOPES
    bounded = [o for o in described if not o.scope and not o.public]
    assert {o.bounded_by for o in bounded} == set(BOUNDED.values())
    assert {o.name for o in described} >= set(BEYOND)


def test_the_page_shows_the_matrix_as_it_is(front: Front) -> None:
    assert PAGE.read_text() == page(front.app.openapi()), "uv run python -m tests.serve.matrix"


def test_what_bounds_the_others_has_a_test() -> None:
    there = {
        node.name
        for path in (PAGE.parents[1] / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    assert {test for _, test in BOUNDED.values()} - there == set()


@pytest.mark.thorough
@pytest.mark.parametrize("role", sorted(FIRST_ROLES))
def test_each_role_reaches_what_the_matrix_says_and_is_told_what_it_lacks_elsewhere(busy: Front, role: str) -> None:
    client = busy.signed_in(role)
    for operation in guarded(busy):
        asked = len(busy.agents.asked)
        answer = ask(client, operation)
        if operation.is_for(role):
            must_be_let_in(answer, operation)
        else:
            must_be_kept_out(answer, operation, operation.needs - FIRST_ROLES[role])
            assert len(busy.agents.asked) == asked, operation.name


@pytest.mark.thorough
def test_each_scope_opens_what_the_matrix_says_and_without_it_all_others_open_nothing_of_it(busy: Front) -> None:
    without = {scope: busy.key(*(ALL_SCOPES - {scope})) for scope in sorted(ALL_SCOPES)}
    enough = {o.needs: busy.key(*o.needs) for o in guarded(busy)}
    for operation in guarded(busy):
        must_be_let_in(ask(enough[operation.needs], operation), operation)
        asked = len(busy.agents.asked)
        for scope in operation.needs:
            must_be_kept_out(ask(without[scope], operation), operation, frozenset({scope}))
        assert len(busy.agents.asked) == asked, operation.name


def test_the_file_of_a_list_takes_what_the_list_takes(front: Front) -> None:
    by_path = {(o.method, o.path): o.needs for o in operations(front.app.openapi())}
    compared = set()
    for name, known in LISTS.items():
        kind = UNDER_ANOTHER_NAME.get(name, name.replace("-", "_"))
        assert FILES[kind].listing is known.listing, name
        file = by_path["GET", f"/api/v1/exports/{kind}.csv"]
        # Of several scopes any one lets in, which the edge cannot say: whoever is signed in, and the rows are bounded.
        assert file == (set(known.scopes) if len(known.scopes) == 1 else set()), name
        assert len(known.scopes) == 1 or known.bounds is not None, name
        for path in (f"/api/v1/{name}", f"/api/v1/stock/{name.removeprefix('stock-')}", f"/api/v1/runtime/{name}"):
            if ("GET", path) in by_path:
                compared.add(name)
                assert by_path["GET", path] == file, path
    assert set(LISTS) - compared == {"bin-stock", "imports"}, "which have other paths"
    assert by_path["GET", "/api/v1/stock/bins"] == by_path["GET", "/api/v1/exports/stock.csv"]


def test_what_a_search_finds_takes_what_reading_it_takes(front: Front) -> None:
    asked = {o.path: o.needs for o in operations(front.app.openapi()) if o.method == "GET"}
    for kind, path in _PATHS.items():
        start = path.partition("?")[0].removesuffix("{}")
        (needs,) = {needs for found, needs in asked.items() if re.fullmatch(re.escape(start) + r"(\{\w+\})?", found)}
        # A tracking number leads to its order, but it is the label's.
        assert {_SCOPES[kind]} == (asked["/api/v1/labels/{label_id}"] if kind == "tracking" else needs), kind
