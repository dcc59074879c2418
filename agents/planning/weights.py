"""What counts in a plan beside what carriers ask: as somebody set it, else as a new company begins."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.planning.messages import PutRoutingWeights, RoutingWeightsState
from agents.planning.refusals import BadWeights
from db.money import minor_digits
from db.nodes import Node
from db.routing_plans import MOST_PLANNED, ONE, RoutingWeights, weights_now
from db.session import Transaction, check_version

LARGEST = 10_000_000  # minor units; a price above it would drown every other
_AMOUNTS = (
    "split_cost", "late_cost", "wait_cost", "parcel_cost", "far_cost", "overtime_cost", "least_gain", "least_saving",
)  # fmt: skip
_COUNTS = {
    "promise_days": (0, 60), "cover_days": (0, 365), "margin_ppm": (0, 1_000_000), "most_orders": (1, MOST_PLANNED),
    "least_age_minutes": (0, 100_000),
}  # fmt: skip


def weights_of(session: Session) -> RoutingWeightsState:
    return _state(weights_now(session))


def put_weights(tx: Transaction, ask: PutRoutingWeights) -> RoutingWeightsState:
    """Raises BadWeights."""
    _check(tx, ask)
    row = tx.get(RoutingWeights, ONE, with_for_update=True, populate_existing=True)
    if row is None:
        row = RoutingWeights(code=ONE, version=0)
    check_version(row, ask.version, kind="routing weights", id=ONE)
    for name in (*_AMOUNTS, *_COUNTS, "currency", "every_minutes"):
        setattr(row, name, getattr(ask, name))
    row.loads = {node: msgspec.to_builtins(load) for node, load in sorted(ask.loads.items())}
    row.version, row.updated_at, row.updated_by = row.version + 1, tx.now, tx.who.actor
    tx.add(row)
    tx.flush()
    return _state(row)


def _check(tx: Transaction, ask: PutRoutingWeights) -> None:
    minor_digits(ask.currency)
    for name in _AMOUNTS:
        if not 0 <= getattr(ask, name) <= LARGEST:
            raise BadWeights(name, f"an amount is 0 to {LARGEST} minor units")
    for name, (least, most) in _COUNTS.items():
        if not least <= getattr(ask, name) <= most:
            raise BadWeights(name, f"say {least} to {most}")
    if ask.every_minutes is not None and not 5 <= ask.every_minutes <= 10_080:
        raise BadWeights("every_minutes", "say 5 to 10080, or nothing for plans by hand alone")
    for node, load in ask.loads.items():
        if not 0 <= load.easy <= load.most:
            raise BadWeights("loads", f"{node} cannot send {load.easy} parcels with ease and {load.most} at most")
    if unknown := sorted(set(ask.loads) - set(tx.scalars(select(Node.code)))):
        raise BadWeights("loads", f"there is no node {', '.join(unknown)}")


def _state(row: RoutingWeights) -> RoutingWeightsState:
    return RoutingWeightsState(**{name: getattr(row, name) for name in RoutingWeightsState.__struct_fields__})
