"""What may be heard of outside: complete, true to the classes, and documented."""

from __future__ import annotations

import re
import time
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from agents.contract import Event, messages_of
from agents.webhooks.catalogue import BY_KIND, EVENTS, PATTERNS, markdown, matching
from agents.webhooks.rules import signature
from coordinator.registry import AGENTS
from serve.events import scope_by_kind
from serve.scopes import ALL_SCOPES

ROOT = Path(__file__).parent.parent.parent
DOCS = (ROOT / "docs" / "webhooks.md").read_text()
INTERNAL = {
    "BulkProgressed": "for the screen of who asked for it alone",
    "RoutingPlanProgressed": "for the screen of a plan alone",
    "BulkFinished": "for the screen of who asked for it alone",
    "NoticeGiven": "for the inbox of one person",
    "NoticesRead": "for the inbox of one person",
}
"""Events that nobody outside hears of, and why."""

each = pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.name)


def test_every_event_is_published_or_is_kept_in_the_house_for_a_reason() -> None:
    kinds = {m.__name__ for spec in AGENTS for m in messages_of(spec.name) if issubclass(m, Event)}
    assert kinds - INTERNAL.keys() == BY_KIND.keys(), "add it to agents/webhooks/catalogue.py"
    assert len(BY_KIND) == len({e.name for e in EVENTS}) == len(EVENTS)


@each
def test_it_needs_the_scope_that_live_events_need(event) -> None:
    assert event.scope == scope_by_kind()[event.kind]
    assert {event.scope, *event.personal.values()} <= ALL_SCOPES


@each
def test_its_example_is_what_the_class_and_the_schema_say(event) -> None:
    example, schema = event.example(), event.schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(example)
    assert set(example) == set(schema["properties"])
    said = msgspec.convert(example, event.message, strict=False)
    told, needs = event.told(msgspec.to_builtins(said), ALL_SCOPES)
    assert told == example
    assert set(needs) == {event.scope, *event.personal.values()}
    bare, _ = event.told(msgspec.to_builtins(said), frozenset({event.scope}))
    assert set(bare) == set(example) - set(event.personal)
    Draft202012Validator(schema).validate(bare)


@each
def test_its_name_says_group_and_what_happened(event) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", event.name)
    assert f"{event.name.partition('.')[0]}.*" in PATTERNS


def test_groups_and_names_mean_what_they_say() -> None:
    assert matching(["*"]) == list(EVENTS)
    assert {e.name for e in matching(["order.*"])} == {e.name for e in EVENTS if e.name.startswith("order.")}
    labels = ["label.bought", "label.not_sold", "label.refund_settled", "label.voided"]
    assert sorted(e.name for e in matching(["stock.changed", "label.*"])) == [*labels, "stock.changed"]
    assert matching(["order"]) == matching(["order.place*"]) == matching([]) == []


def test_the_documentation_shows_the_catalogue_as_it_is() -> None:
    assert markdown() in DOCS, "regenerate the table at the end of docs/webhooks.md"


def test_the_snippet_of_the_documentation_verifies_what_we_sign() -> None:
    code = re.search(r"<!-- verify -->\n```python\n(.*?)```", DOCS, re.DOTALL)
    assert code is not None
    there: dict[str, object] = {}
    exec(code[1], there)
    is_genuine = there["is_genuine"]
    now, body = int(time.time()), b'{"id": 1}'
    headers = {
        "Backoffice-Timestamp": str(now),
        "Backoffice-Signature": signature(["whsec_new", "whsec_old"], now, body),
    }
    assert is_genuine("whsec_new", headers, body)  # type: ignore[operator]
    assert is_genuine("whsec_old", headers, body)  # type: ignore[operator]
    assert not is_genuine("whsec_other", headers, body)  # type: ignore[operator]
    assert not is_genuine("whsec_new", headers, body + b" ")  # type: ignore[operator]
    late = {"Backoffice-Timestamp": str(now - 301), "Backoffice-Signature": signature(["whsec_new"], now - 301, body)}
    assert not is_genuine("whsec_new", late, body)  # type: ignore[operator]
