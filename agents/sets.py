"""Which deliveries are heard together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.contract import Delivered
from agents.handlers import Handler

AT_MOST = 50  # deliveries in one transaction: a command that comes meanwhile waits for all of them


def in_sets(messages: Sequence[Delivered], handlers: dict[str, Handler]) -> Iterator[list[Delivered]]:
    """Deliveries as they are heard: one by one, or many for one `on_set` method, never two of one subject.

    Those of one subject stay in order; those of different subjects need not.
    """
    left = list(messages)
    while left:
        first = handlers.get(left[0].kind)
        if first is None or first.style != "set":
            yield [left.pop(0)]
            continue
        together: list[Delivered] = []
        later: list[Delivered] = []
        seen: set[str] = set()
        for message in left:
            handler = handlers.get(message.kind)
            same = handler is not None and handler.method == first.method
            fits = same and message.subject not in seen and len(together) < AT_MOST
            (together if fits else later).append(message)
            seen.add(message.subject)
        left = later
        yield together
