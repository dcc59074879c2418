"""The console's files over HTTP: its page for every address of its own, files that never change, no inline script."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from serve import console
from serve.edge import EdgeSettings
from serve.errors import handle_errors
from serve.requests import Envelope

PAGE = '<!doctype html><title>Console</title><style nonce="__NONCE__"></style><script src="/assets/a-1.js"></script>'
SCRIPT = b"console.log('a')"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text(PAGE)
    (dist / ".sources").write_text("hash")
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / "assets" / "a-1.js").write_bytes(SCRIPT)
    (dist / "assets" / "a-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "secret").write_text("not for you")
    return dist


def _over(dist: Path) -> TestClient:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.edge = SimpleNamespace(settings=EdgeSettings())  # all that the envelope looks at
    console.attach(app, dist)
    handle_errors(app)
    app.add_middleware(Envelope)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/orders", "/orders/0197-abc", "/stock/ledger?sku_eq=MUG", "/index.html"])
def test_every_address_of_a_screen_is_the_page(built: Path, path: str) -> None:
    answer = _over(built).get(path)
    assert answer.status_code == 200
    assert "<title>Console</title>" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_each_page_has_a_nonce_of_its_own_and_no_script_but_files(built: Path) -> None:
    client = _over(built)
    nonces = set()
    for _ in range(2):
        answer = client.get("/")
        policy = answer.headers["content-security-policy"]
        found = re.search(r"style-src 'self' 'nonce-([\w-]{20,})'", policy)
        assert found is not None
        assert f'nonce="{found[1]}"' in answer.text
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        nonces.add(found[1])
    assert len(nonces) == 2


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/health/nothing"])
def test_a_mistyped_address_of_the_api_is_an_error_of_its_shape(built: Path, path: str) -> None:
    client = _over(built)
    assert client.get(path).json()["error"]["code"] == "not_found"
    assert client.post(path).status_code == 404


def test_files_with_a_hash_in_their_name_are_kept_for_ever_and_sent_packed(built: Path) -> None:
    client = _over(built)
    plain = client.get("/assets/a-1.js", headers={"accept-encoding": "identity"})
    packed = client.get("/assets/a-1.js", headers={"accept-encoding": "br, gzip;q=0.8"})
    assert (plain.content, packed.content) == (SCRIPT, SCRIPT)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    for answer in (plain, packed):
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
    assert client.get("/favicon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/assets/gone-2.js", "/assets/%2e%2e/%2e%2e/secret", "/assets/..%2f..%2fsecret"])
def test_only_what_was_built_is_sent(built: Path, path: str) -> None:
    answer = _over(built).get(path)
    assert answer.status_code == 404
    assert "not for you" not in answer.text


def test_the_mark_of_the_build_is_no_file_of_the_console(built: Path) -> None:
    assert "hash" not in _over(built).get("/.sources").text


def test_without_a_build_a_plain_page_says_where_the_api_is(tmp_path: Path) -> None:
    client = _over(tmp_path / "none")
    answer = client.get("/")
    assert "/api/v1/docs" in answer.text
    assert client.get("/orders").status_code == 404
    assert client.delete("/").status_code == 405


def test_a_console_that_is_built_anew_is_served_without_a_restart(built: Path) -> None:
    client = _over(built)
    assert "/assets/a-1.js" in client.get("/").text
    (built / "assets" / "a-1.js").unlink()
    (built / "index.html").unlink()
    assert "/assets/a-1.js" in client.get("/").text  # the build is under way: better the old page than none
    (built / "assets" / "b-2.js").write_bytes(b"console.log('b')")
    (built / "index.html").write_text(PAGE.replace("a-1", "b-2"))
    assert "/assets/b-2.js" in client.get("/orders").text
    assert client.get("/assets/b-2.js").content == b"console.log('b')"
    assert client.get("/assets/a-1.js").status_code == 404


def test_a_console_that_is_built_after_the_start_is_served(built: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    client = _over(later)
    assert "/api/v1/docs" in client.get("/").text
    built.rename(later)
    assert "<title>Console</title>" in client.get("/orders").text
