"""Which deliveries are heard together, and for how long before commands have their turn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.contract import Delivered
from agents.handlers import Handler


class Span(NamedTuple):
    """How long deliveries may keep commands waiting: after `seconds` no new set is begun, and none is larger than
    `at_most`, because its transaction is waited for to its end."""

    seconds: float
    at_most: int = 50


ONE_SET = Span(0.0)  # commands take much of the agent's time
SHORT = Span(0.05)
LONG = Span(0.25, at_most=200)  # no command has come since the last turn; a large set costs half of what small ones do
TO_THE_END = Span(math.inf)


def in_sets(
    messages: Sequence[Delivered], handlers: dict[str, Handler], *, at_most: int = TO_THE_END.at_most
) -> Iterator[list[Delivered]]:
    """Deliveries as they are heard: one by one, or many for one `on_set` method.

    Those of one subject stay in order, and only an `on_burst` method hears two of them at once; those of different
    subjects need not stay in order.
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
            fits = same and message.subject not in seen and len(together) < at_most
            (together if fits else later).append(message)
            if not (fits and first.burst):
                seen.add(message.subject)
        left = later
        yield together
