"""Who waits at a place and who is next; what a person may change about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from agents.promising.messages import (
    BackorderState,
    ComingSupply,
    FillPolicyState,
    MoveBackBackorder,
    MoveUpBackorder,
    PriorityClass,
    QueuedShare,
    QueueState,
    ShowQueue,
    SimulateFill,
)
from agents.promising.reading import EMPTY, Facts, Lateness, read
from agents.promising.refusals import BadPromising, WaitsNoLonger
from agents.stock.fairness import Policy, Share, Waiting, decide
from agents.stock.filling import read_rules, read_waiting
from agents.stock.goods import need_node, need_skus
from agents.stock.rules import check_words
from db.allocations import lock_allocations, move_up
from db.errors import NotFound
from db.ledger import Place
from db.orders import Order
from db.promising import ANY, BackorderPromise, open_promises
from db.session import Transaction
from db.stock import Allocation, AllocationState
from ml.promising.available import LIKELY, PROMISED, SAFE, Supply

MOST_UNITS = 1_000_000


class Queue(NamedTuple):
    """Those who wait in the order in which they are served, when enough comes for all."""

    shares: list[Share]
    policy: Policy
    policy_of: str | None  # the node whose policy it is, `*` for every node's; None: nobody wrote one


def queue_at(tx: Transaction, place: Place, facts: Facts) -> Queue:
    rules = read_rules(tx, [place])
    waiting = read_waiting(tx, place, rules, facts.levels.get(place, EMPTY).sellable)
    policy = rules.at(place[1])
    of = place[1] if place[1] in rules.policies else ANY if ANY in rules.policies else None
    return Queue(in_turn(waiting, policy, tx.now), policy, of)


def in_turn(waiting: Sequence[Waiting], policy: Policy, now: datetime) -> list[Share]:
    """As if all they want came at once, and what is kept from channels beside it."""
    enough = sum(w.quantity for w in waiting) + max((w.kept for w in waiting), default=0)
    return decide(waiting, enough, policy, now)


def show_queue(tx: Transaction, ask: ShowQueue, lateness: Lateness) -> QueueState:
    return _state(tx, ask.sku, ask.node, None, lateness)


def simulate(tx: Transaction, ask: SimulateFill, lateness: Lateness) -> QueueState:
    """Raises BadPromising, NotFound."""
    if not 0 < ask.units <= MOST_UNITS:
        raise BadPromising("units", f"a number from 1 to {MOST_UNITS}")
    return _state(tx, ask.sku, ask.node, ask.units, lateness)


def _state(tx: Transaction, sku: str, node: str, units: int | None, lateness: Lateness) -> QueueState:
    need_skus(tx, [sku])
    need_node(tx, node)
    place = (sku, node)
    facts = read(tx, [sku], [], lateness, tx.now)
    queue = queue_at(tx, place, facts)
    level = facts.levels.get(place, EMPTY)
    waiting = [s.to for s in queue.shares]
    # Units that come join those that lie there for nobody.
    served = {s.to.allocation_id: s for s in decide(waiting, level.free + units, queue.policy, tx.now)} if units else {}
    known = open_promises(tx, [place])
    orders = _orders(tx, [w.order_id for w in waiting])
    shown = [_shown(served.get(s.to.allocation_id, s._replace(given=0)), queue.policy, known, orders)
             for s in _in_order(queue.shares, served)]  # fmt: skip
    return QueueState(
        sku=sku,
        node=node,
        units=units or 0,
        free=level.free,
        waiting=sum(w.quantity for w in waiting),
        given=sum(one.given for one in shown),
        policy=_policy(queue),
        policy_of=queue.policy_of,
        queue=shown,
        coming=[
            coming(sku, supply) for supply in sorted(facts.supplies.get(place, ()), key=lambda s: s.days[PROMISED])
        ],
    )


def _in_order(shares: Sequence[Share], served: Mapping[UUID, Share]) -> list[Share]:
    """Who gets some before who gets none; else as they stand."""
    first = [s for s in served.values() if s.given]
    return first + [s for s in shares if not (served.get(s.to.allocation_id) and served[s.to.allocation_id].given)]


def coming(sku: str, supply: Supply) -> ComingSupply:
    return ComingSupply(
        sku=sku,
        source=supply.source,
        units=supply.units,
        likely_on=supply.days[LIKELY],
        promised_on=supply.days[PROMISED],
        safe_on=supply.days[SAFE],
    )


def _orders(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = tx.execute(select(Order.id, Order.number, Order.channel).where(Order.id.in_(ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


def _shown(
    share: Share, policy: Policy, known: Mapping[UUID, BackorderPromise], orders: Mapping[UUID, tuple[str, str]]
) -> QueuedShare:
    one, promise = share.to, known.get(share.to.allocation_id)
    number, channel = orders[one.order_id]
    return QueuedShare(
        allocation_id=one.allocation_id,
        order_id=one.order_id,
        order_number=number,
        channel=channel,
        wanted=one.quantity,
        given=share.given,
        rule=share.rule.value,
        why=share.why,
        placed_at=one.placed_at,
        likely_on=promise.likely_on if promise else None,
        promised_on=promise.promised_on if promise else None,
        safe_on=promise.safe_on if promise else None,
        passed=one.passed,
        moved_up_at=one.moved_up_at,
        moved_up_why=one.moved_up_why,
        class_name=policy.classes[one.class_no][1] if one.class_no < len(policy.classes) else None,
    )


def _policy(queue: Queue) -> FillPolicyState:
    return FillPolicyState(
        node=queue.policy_of or ANY,
        ranking=list(queue.policy.ranking),
        classes=[PriorityClass(tag=tag, of=of) for of, tag in queue.policy.classes],
        most_passed=queue.policy.most_passed,
        most_days=queue.policy.most_days,
        version=0,
    )


def move_up_backorder(tx: Transaction, ask: MoveUpBackorder) -> BackorderState:
    """Raises NotFound, WaitsNoLonger."""
    check_words("reason", ask.reason)
    return _moved(tx, ask.allocation_id, "moved up in the queue", ask.reason, why=ask.reason.strip())


def move_back_backorder(tx: Transaction, ask: MoveBackBackorder) -> BackorderState:
    check_words("reason", ask.reason)
    return _moved(tx, ask.allocation_id, "back in its turn", ask.reason, why=None)


def lock_waiting(tx: Transaction, allocation_id: UUID) -> Allocation:
    """Raises NotFound, WaitsNoLonger."""
    row = lock_allocations(tx, [allocation_id]).get(allocation_id)
    if row is None:
        raise NotFound("backorder", str(allocation_id))
    if row.state != AllocationState.backordered:
        raise WaitsNoLonger(str(allocation_id), row.state)
    return row


def _moved(tx: Transaction, allocation_id: UUID, said: str, reason: str, *, why: str | None) -> BackorderState:
    row = lock_waiting(tx, allocation_id)
    move_up(tx, row, why=why)
    detail = {"allocation_id": str(row.id), "sku": row.sku, "node": row.node, "units": row.quantity}
    tx.note(f"order:{row.order_id}", to_status=said, why=reason.strip(), detail=detail)
    tx.audit("update", f"allocation:{row.id}", after={"moved_up_why": why}, why=reason.strip())
    return BackorderState(
        allocation_id=row.id,
        order_id=row.order_id,
        sku=row.sku,
        node=row.node,
        units=row.quantity,
        moved_up_at=row.moved_up_at,
        moved_up_why=row.moved_up_why,
    )
