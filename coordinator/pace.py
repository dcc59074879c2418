"""How much may wait in front of an agent: so much as it will have done before a caller loses patience."""

from __future__ import annotations

from dataclasses import dataclass

PATIENCE = 0.35  # seconds of work that may wait; who comes later is turned away at once
NEVER_TURNED_AWAY = 128  # commands; so few are a batch, whatever the last one took
MEMORY = 0.2  # weight of the newest call in what is expected of the next


@dataclass
class Pace:
    """Seconds that one command takes at present, learnt from the calls that came back."""

    seconds: float = 0.0

    def learn(self, seconds: float, commands: int) -> None:
        """A call with so many commands took so long."""
        taken = seconds / commands
        self.seconds = taken if not self.seconds else (1 - MEMORY) * self.seconds + MEMORY * taken

    def too_long(self, waiting: int) -> float | None:
        """None to let one more in behind `waiting` commands; else the seconds after which there may be room."""
        if waiting < NEVER_TURNED_AWAY or waiting * self.seconds <= PATIENCE:
            return None
        return max(1.0, waiting * self.seconds)
