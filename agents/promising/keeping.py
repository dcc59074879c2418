"""Promised days of those who wait: worked out when anything changes that they rest on, kept with their history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from agents.promising.messages import AcceptPromise, OrderRepromised, PlaceAsk, PromiseState, Repromise
from agents.promising.queueing import lock_waiting, queue_at
from agents.promising.reading import EMPTY, Facts, Lateness, read
from agents.stock.fairness import Waiting
from agents.stock.rules import check_words
from db.errors import NotFound
from db.ledger import Place, lock_levels
from db.orders import Order
from db.promising import BackorderPromise, PromiseChange, open_promises
from db.session import Transaction
from db.stock import Allocation, AllocationState
from db.wire import Statement
from ml.promising.available import PROMISED, Promise, Standing, promise

WORTH_TELLING = timedelta(days=2)  # later by less is within what "about" means to a customer
AT_ONCE = 50  # places in one transaction
NAMED = 20  # sources that are kept with a promise: of more it is plain enough where the units come from

_OF_PURCHASE = """
    SELECT DISTINCT l.sku, l.node FROM purchase_lines n JOIN purchase_orders o ON o.id = n.purchase_id
    JOIN stock_levels l ON l.sku = n.sku AND l.node = o.node
    WHERE n.purchase_id = ANY(%(ids)s::uuid[]) AND l.backordered > 0
"""
_OF_NOTICE = """
    SELECT DISTINCT l.sku, l.node FROM advance_notice_lines n JOIN advance_notices o ON o.id = n.notice_id
    JOIN stock_levels l ON l.sku = n.sku AND l.node = o.node
    WHERE n.notice_id = ANY(%(ids)s::uuid[]) AND l.backordered > 0
"""
_OF_ORDERS = """
    SELECT DISTINCT sku, node FROM backorder_promises WHERE ended_at IS NULL AND order_id = ANY(%(ids)s::uuid[])
    UNION SELECT sku, node FROM allocations WHERE state = 'backordered' AND order_id = ANY(%(ids)s::uuid[])
"""
_ALL = """
    SELECT DISTINCT sku, node FROM backorder_promises WHERE ended_at IS NULL
    UNION SELECT sku, node FROM allocations WHERE state = 'backordered'
"""


def places_of_purchases(tx: Transaction, ids: Iterable[UUID]) -> list[Place]:
    return _places(tx, Statement(_OF_PURCHASE, {"ids": list(ids)}))


def places_of_notices(tx: Transaction, ids: Iterable[UUID]) -> list[Place]:
    return _places(tx, Statement(_OF_NOTICE, {"ids": list(ids)}))


def places_of_orders(tx: Transaction, ids: Iterable[UUID]) -> list[Place]:
    return _places(tx, Statement(_OF_ORDERS, {"ids": list(ids)}))


def all_places(tx: Transaction) -> list[Place]:
    return _places(tx, Statement(_ALL, {}))


def repromise_all(tx: Transaction) -> None:
    """In portions, so that nobody who places an order waits for the levels of all."""
    places = [PlaceAsk(sku=sku, node=node) for sku, node in all_places(tx)]
    why = "time has passed, and what was to come has not"
    for n in range(0, len(places), AT_ONCE):
        portion = places[n : n + AT_ONCE]
        tx.send("promising", f"sku:{portion[0].sku}", Repromise(places=portion, why=why))


def _places(tx: Transaction, question: Statement) -> list[Place]:
    (rows,) = tx.ask_together(question)
    return sorted((sku, node) for sku, node in rows)


def asked(places: Iterable[PlaceAsk]) -> list[Place]:
    return [(p.sku, p.node) for p in places]


@dataclass(frozen=True)
class Due:
    """One who waits, the units that are served before, and the day that comes of it."""

    to: Waiting
    ahead: int
    promise: Promise


def repromise(tx: Transaction, places: Iterable[Place], lateness: Lateness, *, why: str) -> None:
    """Bring the promises at the places to what is true now; customers hear of days that slip."""
    wanted = sorted(set(places), key=lambda p: (p[1], p[0]))
    if not wanted:
        return
    # Under the locks of the levels, as every change of the queue: the day and what it rests on are of one moment.
    lock_levels(tx, wanted)
    facts = read(tx, {sku for sku, _ in wanted}, [], lateness, tx.now)
    known = open_promises(tx, wanted)
    due = {one.to.allocation_id: (place, one) for place in wanted for one in due_of(tx, place, facts)}
    lines = _lines(tx, due)
    slipped: list[tuple[BackorderPromise, date, str]] = []
    for ident, (place, one) in due.items():
        row = known.get(ident)
        if row is None:
            row = _new(tx, place, one, lines[ident])
        said = _bring(tx, row, one, why)
        if said is not None:
            slipped.append((row, said, why))
    _end(tx, [row for ident, row in known.items() if ident not in due])
    tx.flush()
    _tell(tx, slipped)


def due_of(tx: Transaction, place: Place, facts: Facts) -> list[Due]:
    queue = queue_at(tx, place, facts)
    house = facts.nodes[place[1]]
    level = facts.levels.get(place, EMPTY)
    goods = facts.goods[place[0]]
    leaves = house.ships_now
    if goods.release_on is not None:
        leaves = max(leaves, house.work.first(goods.release_on))
    supplies = facts.supplies.get(place, ())
    found, ahead = [], 0
    for share in queue.shares:
        one = share.to
        standing = Standing(level.free, ahead, one.kept, supplies)
        found.append(Due(one, ahead, promise(standing, one.quantity, house.work, leaves)))
        ahead += one.quantity
    return found


def _lines(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, int]:
    rows = tx.execute(select(Allocation.id, Allocation.line_no).where(Allocation.id.in_(sorted(ids))))
    return {row[0]: row[1] for row in rows}


def _new(tx: Transaction, place: Place, due: Due, line_no: int) -> BackorderPromise:
    # One that ended and begins again (units were lost once more) keeps its history under a promise of its own kind.
    row = tx.get(BackorderPromise, due.to.allocation_id, populate_existing=True)
    if row is not None:
        row.ended_at = row.ended_why = None
        return row
    row = BackorderPromise(
        allocation_id=due.to.allocation_id, order_id=due.to.order_id, line_no=line_no, sku=place[0], node=place[1],
        units=due.to.quantity, ahead=due.ahead, sources=[], why="", changes=0, made_at=tx.now, updated_at=tx.now,
    )  # fmt: skip
    tx.add(row)
    return row


def _bring(tx: Transaction, row: BackorderPromise, due: Due, why: str) -> date | None:
    """Write the promise as it is now; returns the day that the customer has been told, if it has slipped from that."""
    new, before = due.promise, row.promised_on
    is_new = row.why == ""
    row.units, row.ahead = due.to.quantity, due.ahead
    row.likely_on, row.promised_on, row.safe_on = new.days
    row.sources = [
        {"source": s.source, "units": s.units, "on": s.days[PROMISED].isoformat()} for s in new.counted[-NAMED:]
    ]
    row.why = _why(due)
    row.first_on = row.first_on or new.promised_on
    if not is_new and before == new.promised_on:
        return None
    row.updated_at = tx.now
    row.changes += 0 if is_new else 1
    tx.add(
        PromiseChange(
            allocation_id=row.allocation_id, order_id=row.order_id, at=tx.now, before_on=before,
            after_on=new.promised_on, likely_on=new.likely_on, safe_on=new.safe_on, why=why,
        )
    )  # fmt: skip
    told = row.told_on
    if told is None:
        row.told_on = new.promised_on
        return None
    if new.promised_on is not None and new.promised_on < told + WORTH_TELLING:
        return None
    row.told_on = new.promised_on or told
    return told


def _why(due: Due) -> str:
    ahead = f"{due.ahead} units go to others first; " if due.ahead else ""
    if due.promise.promised_on is None:
        return f"{ahead}for {due.promise.short} units nothing is on its way"
    if not due.promise.counted:
        return f"{ahead}the units lie there"
    last = due.promise.counted[-1]
    return f"{ahead}the last of them come with {last.source}, by {last.days[PROMISED]:%Y-%m-%d} four times of five"


def _end(tx: Transaction, rows: Iterable[BackorderPromise]) -> None:
    ending = {row.allocation_id: row for row in rows}
    states = tx.execute(select(Allocation.id, Allocation.state).where(Allocation.id.in_(sorted(ending))))
    found = {row[0]: row[1] for row in states}
    for ident, row in ending.items():
        row.ended_at = row.updated_at = tx.now
        row.ended_why = "released" if found.get(ident) == AllocationState.released else "filled"


def _tell(tx: Transaction, slipped: Iterable[tuple[BackorderPromise, date, str]]) -> None:
    rows = list(slipped)
    wanted = select(Order.id, Order.number).where(Order.id.in_({row.order_id for row, *_ in rows}))
    numbers = {found[0]: found[1] for found in tx.execute(wanted)}
    for row, before, why in rows:
        after = row.promised_on
        said = f"{before:%Y-%m-%d} → {f'{after:%Y-%m-%d}' if after else 'nobody knows when'}"
        detail = {"allocation_id": str(row.allocation_id), "sku": row.sku, "units": row.units}
        tx.note(f"order:{row.order_id}", to_status="promise moved", why=f"{said}: {why}", detail=detail)
        tx.announce(
            f"order:{row.order_id}",
            OrderRepromised(
                order_id=row.order_id, number=numbers[row.order_id], allocation_id=row.allocation_id, sku=row.sku,
                node=row.node, units=row.units, before_on=before, after_on=after, likely_on=row.likely_on,
                safe_on=row.safe_on, why=why,
            ),
        )  # fmt: skip


def accept_promise(tx: Transaction, ask: AcceptPromise) -> PromiseState:
    """Raises NotFound, WaitsNoLonger."""
    check_words("reason", ask.reason)
    lock_waiting(tx, ask.allocation_id)
    row = tx.get(BackorderPromise, ask.allocation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("promise", str(ask.allocation_id))
    row.accepted_on, row.accepted_why, row.updated_at = row.promised_on, ask.reason.strip(), tx.now
    detail = {"allocation_id": str(row.allocation_id), "sku": row.sku, "units": row.units}
    day = f"{row.promised_on:%Y-%m-%d}" if row.promised_on else "until stock comes"
    tx.note(f"order:{row.order_id}", to_status="waits on", why=f"{day}: {ask.reason.strip()}", detail=detail)
    tx.flush()
    return PromiseState(
        allocation_id=row.allocation_id, order_id=row.order_id, sku=row.sku, node=row.node, units=row.units,
        promised_on=row.promised_on, accepted_on=row.accepted_on,
    )  # fmt: skip
