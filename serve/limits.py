"""How fast one caller may go: a token bucket for each, in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import ClassVar

from db.errors import Refusal

MOST_CALLERS = 10_000  # buckets kept; the one that was not touched for longest goes, and it is full by then


@dataclass(eq=False)
class TooManyRequests(Refusal):
    """`retry_after` in seconds."""

    limit_per_second: float
    retry_after: int

    status: ClassVar[int] = 429

    def __str__(self) -> str:
        return f"More than {self.limit_per_second:g} requests a second. Try again in {self.retry_after} s."


class Buckets:
    """A bucket holds up to `burst` tokens and gains `rate` a second; a request takes one."""

    def __init__(self, rate: float, burst: int, ticks: Callable[[], float]) -> None:
        self._rate, self._burst, self._ticks = rate, float(burst), ticks
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # caller -> tokens, at

    def take(self, caller: str) -> None:
        """Raises TooManyRequests when the caller's bucket is empty."""
        now = self._ticks()
        tokens, at = self._buckets.get(caller, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        if tokens < 1.0:
            raise TooManyRequests(self._rate, max(1, ceil((1.0 - tokens) / self._rate)))
        self._buckets[caller] = (tokens - 1.0, now)
        self._buckets.move_to_end(caller)
        if len(self._buckets) > MOST_CALLERS:
            self._buckets.popitem(last=False)
