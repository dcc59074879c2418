"""When the console is built, with which node, and what is said when it cannot be. No node runs here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli import console_build
from cli.console_build import ensure_console, hash_of, is_built, is_new_enough


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / "src" / "main.tsx").write_text("1")
    return folder


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a node and an npm that write down how they were called; npm fails while `broken` is there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    _script(folder / "node", 'echo "${NODE_SAYS:-v22.12.0}"')
    _script(
        folder / "npm",
        f"""echo "$@" >> {tmp_path}/calls
env | grep -c BACKOFFICE_ >> {tmp_path}/settings_seen
if [ -e {tmp_path}/broken ]; then echo 'npm error code ENOTFOUND' >&2; exit 1; fi
if [ "$1" = run ]; then mkdir -p dist; echo page > dist/index.html; fi""",
    )
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("BACKOFFICE_STRIPE_KEY", "secret")
    return tmp_path


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _calls(tools: Path) -> list[str]:
    path = tools / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_it_is_built_once_and_again_when_its_sources_change(web: Path, tools: Path) -> None:
    said: list[str] = []
    assert ensure_console(tools, said.append, web)
    assert ensure_console(tools, said.append, web)
    assert len(_calls(tools)) == 2, "npm ci and npm run build, and then nothing"
    assert len(said) == 2
    (web / "src" / "main.tsx").write_text("2")
    assert not is_built(web, hash_of(web))
    assert ensure_console(tools, said.append, web)
    assert len(_calls(tools)) == 4
    assert set((tools / "settings_seen").read_text().split()) == {"0"}, "npm sees none of our settings"


def test_a_test_file_is_no_source(web: Path) -> None:
    before = hash_of(web)
    (web / "src" / "main.test.ts").write_text("1")
    assert hash_of(web) == before


def test_moving_a_file_is_a_change(web: Path) -> None:
    before = hash_of(web)
    (web / "src" / "main.tsx").rename(web / "src" / "start.tsx")
    assert hash_of(web) != before


def test_when_the_registry_is_away_that_is_said_and_nothing_else_happens(web: Path, tools: Path) -> None:
    (tools / "broken").touch()
    said: list[str] = []
    assert not ensure_console(tools, said.append, web)
    assert said[-1] == (
        "The console was not built: its packages could not be fetched from npm's registry. "
        "(npm error code ENOTFOUND) The API works without it."
    )
    assert not (web / "dist").exists()


def test_an_earlier_build_stays_when_the_next_one_fails(web: Path, tools: Path) -> None:
    said: list[str] = []
    ensure_console(tools, said.append, web)
    (web / "src" / "main.tsx").write_text("2")
    (tools / "broken").touch()
    assert not ensure_console(tools, said.append, web)
    assert said[-1].endswith("The console of the last build is served.")
    assert (web / "dist" / "index.html").read_text() == "page\n"


def test_an_installation_without_sources_builds_nothing(tmp_path: Path) -> None:
    assert not ensure_console(tmp_path, pytest.fail, tmp_path / "none")


def test_an_old_node_is_left_alone_and_another_one_fetched(
    web: Path, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_SAYS", "v18.20.0")
    _script(tools / "bin" / "uv", f'echo "$@" >> {tools}/calls; echo "no route" >&2; exit 1')
    said: list[str] = []
    assert not ensure_console(tools, said.append, web)
    assert _calls(tools) == [f"pip install --quiet --target {tools}/node {console_build.NODE_PACKAGE}"]
    assert "node for the console's build could not be fetched from PyPI. (no route)" in said[-1]


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("v20.19.0", True),
        ("v20.18.3", False),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("", False),
        ("node", False),
    ],
)
def test_which_node_is_new_enough(version: str, good: bool) -> None:
    assert is_new_enough(version) is good
