"""HAProxy's configuration as Serve writes it, amended: Serve has no setting for what matters here.

HAProxy's metrics and statistics pages would listen on every address. A replica that dies would be answered with 500, as
if it were a bug, and a HAProxy that has just started and knows no replica yet would answer every path with 404, as if
there were none; in both cases a caller should be told to come back in a moment.

And everything that comes would be handed on at once, so that a crowd waits where an order is being placed. A replica is
given `AT_ONCE` requests; who has waited `PATIENCE_MS` for a place is told to come back, which costs HAProxy next to
nothing and keeps callers who do not do as they are told from calling again at once. Live streams stay open for hours
and would use up the places: they have a way of their own to the same replicas.

Who sends a request a letter at a time is not waited for longer than `WHOLE_SECONDS`, and keeps no place meanwhile: a
request is handed on when it is whole, or when there is as much of it as HAProxy holds (16 kB).

Run by the wrapper that Serve starts instead of HAProxy, at every change of replicas: nothing but `re` is imported.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

AT_ONCE = 192
PATIENCE_MS = 500
WHOLE_SECONDS = 10
STREAMS = "/api/v1/events"
_SECTION = re.compile(r"^(?=(?:global|defaults|frontend|backend|listen)\b)", re.MULTILINE)
_SERVER = re.compile(r"^( *server (\S+) \S+ check.*)$", re.MULTILINE)


def amend(config: str, away: str, *, at_once: int = AT_ONCE, whole_seconds: int = WHOLE_SECONDS) -> str:
    """`away` is the file with the whole answer for those who have to come back. Amending twice changes nothing more."""
    if "-live if " in config:
        return config
    sections = [_amended(section, away, at_once, whole_seconds) for section in _SECTION.split(config)]
    return "".join(sections) + "".join(map(_for_streams, sections))


def _amended(section: str, away: str, at_once: int, whole_seconds: int) -> str:
    if re.match(r"frontend prometheus|listen stats", section):
        section = re.sub(r"(?m)^( *bind )(?:\*)?:", r"\g<1>127.0.0.1:", section)
    if section.startswith("frontend http"):
        whole = f"    timeout http-request {whole_seconds}s\n    option http-buffer-request\n"
        section = re.sub(r"\n", f"\n{whole}", section, count=1)
    section = re.sub(
        r"(?m)^.*http-request return status 404 .*not found.*$",
        f"    http-request return status 503 errorfile {away}",
        section,
    )
    section = re.sub(r"(?m)^ *errorfile (\d+) .*$", rf"    errorfile \1 {away}", section)
    section = re.sub(
        r"(?m)^ *use_backend (\S+) if is_(\S+)$",
        rf"    use_backend \1-live if is_\2 {{ path {STREAMS} }}\n\g<0>",
        section,
    )
    if _is_of_replicas(section):
        section = _SERVER.sub(rf"\1 maxconn {at_once}", section)
        section = re.sub(r"(?m)^ *timeout queue .*\n", "", section)
        section = re.sub(r"\n", f"\n    timeout queue {PATIENCE_MS}ms\n", section, count=1)
    return section


def _for_streams(section: str) -> str:
    """The same replicas without a limit; whether they live is told by the checks of the first."""
    if not _is_of_replicas(section):
        return ""
    name = section.split(None, 2)[1]
    servers = re.findall(r"(?m)^ *server (\S+) (\S+) check.*?(backup)?(?: maxconn \d+)?$", section)
    lines = [f"    server {s} {at} track {name}/{s} {backup}".rstrip() for s, at, backup in servers]
    kept = [line for line in section.splitlines() if re.match(r" *(timeout (?!queue)|http-reuse|log )", line)]
    return "\n".join([f"backend {name}-live", *kept, *lines, ""])


def _is_of_replicas(section: str) -> bool:
    return section.startswith("backend ") and _SERVER.search(section) is not None


if __name__ == "__main__":
    path, answer = sys.argv[1:]
    written = Path(path).read_text()
    Path(path).write_text(amend(written, answer))
