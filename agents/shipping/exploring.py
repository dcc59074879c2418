"""A small share of parcels goes with the second best, where little is known of it and no promised day is at risk. Pure.

Which parcels do is told by their ids and not drawn, so that a choice made again is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from agents.shipping.choosing import Weights
from agents.shipping.messages import Offer
from agents.shipping.messages.choosing import Explored

THIN = 30  # parcels of its own below which little is known of a service on a lane
MOST_OF_PARCELS = 100_000  # ppm, one in ten: the most that a policy may try
_MILLION = 1_000_000


def share_of(parcel_id: UUID) -> int:
    """Where a parcel falls, evenly between 0 and 999,999."""
    return int.from_bytes(sha256(parcel_id.bytes).digest()[:8], "big") % _MILLION


def explored(ranked: Sequence[Offer], weights: Weights, share_ppm: int, left: int) -> tuple[str, Explored] | None:
    """The second of the offers to try, or None: with a share below the policy's, in 95 of 100 cases in time, and
    within what is left of the budget."""
    if share_ppm >= weights.explore_ppm or len(ranked) < 2:
        return None
    best, second = ranked[:2]
    extra = second.expected - best.expected
    if second.seen >= THIN or extra > left or not is_safe(second):
        return None
    told = Explored(
        instead_of=best.name, extra=extra, share_ppm=share_ppm, cap_ppm=weights.explore_ppm, left=left,
        seen=second.seen,
    )  # fmt: skip
    return second.name, told


def is_safe(offer: Offer) -> bool:
    """Whether its day is kept in 95 of 100; what nobody has learned anything of is not."""
    return offer.promises is not None and offer.due_days is not None and offer.promises[-1] <= offer.due_days
