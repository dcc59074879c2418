"""The garbage collector of a process that lives long and makes rows by the thousand."""

from __future__ import annotations

import gc

NEW_OBJECTS = 20_000  # before it looks at the young ones; Python's 700 are less than one answer of PostgreSQL makes


def calm_down() -> None:
    """Call once when a process has imported what it needs.

    Rows are in no circle, so counting references frees them. Without this their number alone makes the collector walk
    through all that was ever imported, again and again: half of the time of a set of 200 orders was spent so.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
