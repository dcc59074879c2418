"""How many replicas an agent should have: from its own backlog and from how long it takes to be heard."""

from __future__ import annotations

import math
from dataclasses import dataclass

import psutil

from coordinator.registry import AgentSpec

BEHIND_SECONDS = 5.0  # of work that waits for a replica: more than this asks for another
PROCESSOR = 1.0  # that must be idle: on a machine that is busy another process only takes from those who work
CALM_SECONDS = 60.0  # without pressure before a replica is taken away
SLOW_SECONDS = 0.5  # to be heard: more than this asks for another replica
AT_WORK_SECONDS = 5.0  # since the last message: an agent without work that answers late has a slow machine


@dataclass(frozen=True)
class Pressure:
    """What an agent looks like from outside.

    `backlog` counts waiting deliveries, of which one takes `seconds_each`; `heard_after` is how many seconds a ping
    waited behind other work; `idle_for` and `calm_for` are seconds without any message, and without pressure.
    `idle_processors` is how many of the coordinator's machine nobody uses.
    """

    backlog: int
    heard_after: float
    idle_for: float
    calm_for: float
    seconds_each: float = 0.0
    idle_processors: float = math.inf

    @property
    def behind(self) -> float:
        """Seconds of work that wait."""
        return self.backlog * self.seconds_each

    @property
    def slow(self) -> bool:
        return self.heard_after > SLOW_SECONDS and self.idle_for < AT_WORK_SECONDS


def idle_processors() -> float:
    """Since the last time it was asked, of this machine. 0 the first time."""
    count = psutil.cpu_count() or 1
    times = psutil.cpu_times_percent()
    return float(count * (times.idle + getattr(times, "iowait", 0.0)) / 100)


def wanted(spec: AgentSpec, now: int, pressure: Pressure) -> tuple[int, str]:
    """The number of replicas, and why. Up at once, down one by one after a calm while, never beyond the limits."""
    if now == 0:
        if spec.minimum > 0:
            return spec.minimum, f"at least {spec.minimum}"
        if pressure.backlog > 0:
            return 1, f"{pressure.backlog} messages wait"
        return 0, "nobody has asked"
    by_backlog = math.ceil(pressure.behind / BEHIND_SECONDS)
    if now < spec.maximum and pressure.idle_processors >= PROCESSOR:
        if by_backlog > now:
            return min(by_backlog, spec.maximum), f"{pressure.behind:.0f} s of work wait"
        if pressure.slow:
            return now + 1, f"answers only after {pressure.heard_after:.1f} s"
    if spec.minimum == 0 and pressure.backlog == 0 and pressure.idle_for > spec.idle_seconds:
        return 0, f"idle for {pressure.idle_for:.0f} s"
    if now > max(spec.minimum, 1) and pressure.calm_for > CALM_SECONDS and by_backlog < now:
        return now - 1, f"calm for {pressure.calm_for:.0f} s"
    return now, "fits"
