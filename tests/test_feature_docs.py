"""The pages in docs/features say what the code says: states, audit checks, API paths, files."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from db.audit import CHECKS
from db.session import Database
from serve.app import create_app

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs" / "features").glob("*.md"))
by_name = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
STATES = re.compile(r"<!-- states: ([\w.]+) -->\n\| state \| may become \|\n\|---\|---\|\n((?:\|.*\|\n)+)")
FOLDERS = "agents|cli|coordinator|db|ml|serve|tests"


@by_name
def test_tables_of_states_are_those_of_the_code(page: Path) -> None:
    text = page.read_text()
    found = STATES.findall(text)
    assert len(found) == text.count("<!-- states:")
    for path, rows in found:
        module, _, name = path.rpartition(".")
        moves = {s.value: {n.value for n in nexts} for s, nexts in getattr(import_module(module), name).items()}
        cells = [[c.strip() for c in row.strip("|").split("|")] for row in rows.splitlines()]
        assert {state: set(nexts.split(", ")) - {"—"} for state, nexts in cells} == moves, path


@by_name
def test_audit_checks_are_called_what_they_are_called(page: Path) -> None:
    known = {c.name for c in CHECKS}
    sections = re.findall(r"check of `backoffice audit`(.*?)(?:\n\n|\Z)", page.read_text(), re.DOTALL)
    named = {n for section in sections for n in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", section)}
    assert named - known == set()


@cache
def _paths() -> frozenset[str]:
    app = create_app(Database("postgresql://nobody@127.0.0.1:1/none"), None)  # type: ignore[arg-type] # never asked
    return frozenset(str(getattr(route, "path", "")) for route in app.routes)


@by_name
def test_paths_of_the_api_are_there(page: Path) -> None:
    named = set(re.findall(r"/api/v1/[\w/{}.-]+", page.read_text()))
    assert named - _paths() == set()


@by_name
def test_files_that_are_named_are_there(page: Path) -> None:
    named = re.findall(rf"`((?:{FOLDERS})/[\w/.]*)`", page.read_text())
    links = re.findall(r"\]\(([\w.-]+\.md)\)", page.read_text())
    assert [n for n in named if not (ROOT / n).exists()] == []
    assert [n for n in links if not (page.parent / n).exists()] == []


def test_there_is_a_page_for_every_feature_and_a_line_for_every_page() -> None:
    features = sorted({p.stem[:3] for p in PAGES if p.stem.startswith("F")})
    assert features == [f"F{n:02}" for n in range(1, 17)]
    index = (ROOT / "docs" / "features" / "README.md").read_text()
    assert [p.name for p in PAGES if p.name != "README.md" and p.name not in index] == []
