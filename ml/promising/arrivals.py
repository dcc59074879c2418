"""When goods that are on their way have come: a day for each confidence, from what was said and what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from ml.replenishment.leadtime import LeadTime, learn

CONFIDENCES = (0.5, 0.8, 0.95)
"""In this order everywhere: likely, promised, safe."""

LONGEST = 365.0  # days; who is later than that has forgotten
NORMAL = (0.0, 0.8416, 1.2816, 1.6449)  # standard normal quantiles at .5, .8, .9 and .95

Days = tuple[int, int, int]


def days_to_come(
    *, sent_days_ago: float, quoted_days: float, late: Sequence[float] = (), took: Sequence[float] = ()
) -> Days:
    """Days from now until an order that has not come yet has come, for each confidence; at least 0.

    `quoted_days` run from its sending to the date that was said, or are the supplier's usual ones. `late` are days by
    which earlier deliveries came after the date said of them, where one was said of this order; else `took` are those
    from sending to coming. Few deliveries are joined by made-up ones around the quoted time (`learn`), so that the
    first delivery of a supplier neither rules nor makes every date look certain.
    """
    actual = [max(0.0, quoted_days + days) for days in late] if late else list(took)
    lead = learn(actual, quoted_days=max(0.0, quoted_days))
    return _days(_still_to_come(lead, sent_days_ago, quoted_days))


def days_between(half: float, nine_of_ten: float) -> Days:
    """The same from two quantiles that are known, the spread between them taken for that of a normal distribution."""
    spread = max(0.0, nine_of_ten - half) / NORMAL[2]
    return _days([half, half + NORMAL[1] * spread, half + NORMAL[3] * spread])


def days_of_trip(took: Sequence[float], *, gone: float, usual: float) -> Days:
    """Days until a transfer that left `gone` days ago has come, after others between the same nodes."""
    lead = learn(list(took), quoted_days=usual)
    return _days(_still_to_come(lead, gone, usual))


def _still_to_come(lead: LeadTime, gone: float, quoted: float) -> list[float]:
    """What has not come by now comes as those came that took longer than that."""
    left = lead.days > gone
    if left.any():
        kept = LeadTime(lead.days[left], lead.weights[left] / lead.weights[left].sum())
        return [min(LONGEST, float(day) - gone) for day in kept.at(CONFIDENCES)]
    # Later than anything that was ever seen: nothing is known but how late it is already, and then the chance to wait
    # as long again is one in two (the rule of Lindy, a Pareto tail with exponent one).
    late = max(1.0, gone - quoted)
    return [min(LONGEST, late * c / (1 - c)) for c in CONFIDENCES]


def _days(days: Sequence[float]) -> Days:
    whole = np.maximum.accumulate([max(0, ceil(min(day, LONGEST) - 1e-9)) for day in days])
    return (int(whole[0]), int(whole[1]), int(whole[2]))
