"""Processor time of a company: says more than seconds do on a machine that others use too."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> float:
    """User and system time of a process and all that descend from it and live, in seconds; ended ones count
    as far as their parent has waited for them. Linux."""
    return sum(cpu_by_process(root).values())


def cpu_by_process(root: int) -> dict[str, float]:
    """The same, by the name that each process gives itself (the first word of its command line)."""
    children: dict[int, list[int]] = defaultdict(list)
    used: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # The name in brackets may contain anything; the numbers begin after it.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children[int(fields[1])].append(int(entry.name))
        used[int(entry.name)] = sum(int(n) for n in fields[11:15])  # own and waited-for children's
    by_name: dict[str, float] = defaultdict(float)
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if pid in used:
            by_name[_name(pid)] += used[pid] / TICKS
        waiting += children[pid]
    return by_name


def _name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").split()
    except (FileNotFoundError, ProcessLookupError):
        return "ended"
    if not words:
        return "kernel"
    # Ray's workers are called `ray::Class` at rest and `ray::Class.method` at work.
    return words[0].decode(errors="replace").rpartition("/")[2].partition(".")[0]
