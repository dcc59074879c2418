"""The garbage collector of a process that lives long and makes rows by the thousand."""

from __future__ import annotations

import gc

# Before it looks at the young ones. A batch of 128 orders makes more than 20,000, and until it is answered all of them
# live: a look in the middle of it finds nothing and takes a tenth of its time. Between batches there is little to see.
NEW_OBJECTS = 100_000


def calm_down() -> None:
    """Call once when a process has imported what it needs.

    Rows are in no circle, so counting references frees them. Without this their number alone makes the collector walk
    through all that was ever imported, again and again: half of the time of a set of 200 orders was spent so.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
