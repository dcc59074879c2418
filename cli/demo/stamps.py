"""Ids of the past: ordered by the time they stand for, and the same for the same seed."""

from __future__ import annotations

import random
from datetime import datetime
from uuid import UUID


class Stamps:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._count = 0

    def id(self, at: datetime) -> UUID:
        """A UUID of version 7 (RFC 9562) for a moment that is over. Those of one moment rise."""
        self._count += 1
        millis = int(at.timestamp() * 1000)
        tail = self._rng.getrandbits(62)
        return UUID(int=millis << 80 | 0x7 << 76 | (self._count & 0xFFF) << 64 | 0x2 << 62 | tail)
