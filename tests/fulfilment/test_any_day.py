"""A day at random: whatever happens in whatever order, the books add up and nothing is promised twice."""

from __future__ import annotations

import random
from uuid import UUID

import pytest
from sqlalchemy import select, text

from agents.fulfilment.messages import PackParcel, ParcelState, PickListState, ShortPick, Unpack
from agents.fulfilment.messages.waves import (
    CancelWave,
    FulfilmentsReleased,
    PlanWave,
    PutReleasePolicy,
    ReleaseFulfilments,
    ReleasePolicyState,
    ReleaseWave,
    WaveFilter,
    WaveState,
)
from db.allocations import Part
from db.audit import run
from db.audit.waves import WAVE_CHECKS
from db.errors import Refused
from db.fulfilment import Fulfilment, FulfilmentStatus, Parcel, PickTask
from db.orders import Order
from db.stock import Allocation, AllocationState
from db.waves import Wave
from tests.fulfilment.makers import (
    Promise,
    a_list,
    a_released_order,
    cancel,
    hold,
    label,
    lift,
    pick,
    send,
    the_books_add_up,
)
from tests.shop import Shop

pytestmark = pytest.mark.thorough


class Day:
    """Steps that people take; a refusal is a fine answer, a mistake of ours is not."""

    def __init__(self, shop: Shop, seed: int, *more: str) -> None:
        """`more` are steps that are taken besides, as often as they are named."""
        self.shop, self.dice, self.more = shop, random.Random(seed), more
        self.orders: list[Order] = []
        self.held: set[UUID] = set()
        self.refused = 0

    def step(self) -> None:
        name = self.dice.choice(
            ["cancel", "hold", "unpack", "short"]
            + ["order", "walk", "lift", "pack"] * 2
            + ["send"] * 3
            + ["pick"] * 6
            + list(self.more)
        )
        try:
            getattr(self, name)()
        except Refused:
            self.refused += 1

    def one(self, model, *where):  # type: ignore[no-untyped-def]
        with self.shop.db.reading() as session:
            rows = list(session.scalars(select(model).where(*where).order_by(model.id)))
        return self.dice.choice(rows) if rows else None

    def order(self) -> None:
        node = self.dice.choice(["LON", "BER"])
        level = self.shop.level("MUG", node)
        free = level.sellable - level.allocated
        if free:
            units = self.dice.randint(1, min(free, 6))
            self.orders.append(a_released_order(self.shop, Promise("MUG", units, node)))

    def walk(self) -> None:
        a_list(self.shop, node=self.dice.choice(["LON", "BER"]), limit=self.dice.randint(1, 3))

    def pick(self) -> None:
        if task := self.one(PickTask, PickTask.done.is_(False)):
            pick(self.shop, {"id": str(task.id)}, self.dice.randint(1, task.quantity - task.picked))

    def short(self) -> None:
        if task := self.one(PickTask, PickTask.done.is_(False)):
            self.shop.do("fulfilment", ShortPick(task_id=task.id), PickListState)
            self.shop.pump()

    def pack(self) -> None:
        if row := self.one(Fulfilment, Fulfilment.status == FulfilmentStatus.picked):
            self.shop.do("fulfilment", PackParcel(fulfilment_id=row.id), ParcelState)

    def unpack(self) -> None:
        if row := self.one(Parcel):
            self.shop.do("fulfilment", Unpack(parcel_id=row.id, reason="dented"), ParcelState)

    def send(self) -> None:
        if row := self.one(Fulfilment, Fulfilment.status == FulfilmentStatus.packed):
            for parcel in self._unlabelled(row.id):
                label(self.shop, parcel)
            send(self.shop, row)

    def _unlabelled(self, fulfilment_id: UUID):  # type: ignore[no-untyped-def]
        with self.shop.db.reading() as session:
            return session.scalars(
                select(Parcel).where(
                    Parcel.fulfilment_id == fulfilment_id,
                    Parcel.status == "packed",
                    text("NOT EXISTS (SELECT 1 FROM labels l WHERE l.parcel_id = parcels.id AND l.state = 'live')"),
                )
            ).all()

    def cancel(self) -> None:
        row = self.one(Allocation, Allocation.state.in_((AllocationState.allocated, AllocationState.backordered)))
        if row:
            order = next(o for o in self.orders if o.id == row.order_id)
            part = Part(row.id, self.dice.randint(1, row.quantity))
            cancel(self.shop, order, part, told=self.dice.random() < 0.7)

    def hold(self) -> None:
        free = [o for o in self.orders if o.id not in self.held]
        if free:
            order = self.dice.choice(free)
            self.held.add(order.id)
            hold(self.shop, order, told=self.dice.random() < 0.7)

    def wave(self) -> None:
        most = self.dice.choice([None, 1, 2, 5])
        want = WaveFilter(most_orders=most, lines=self.dice.choice([None, None, "single", "multi"]))
        asked = PlanWave(node="LON", name="A wave", filter=want, release=self.dice.random() < 0.5)
        self.shop.do("fulfilment", asked, WaveState)

    def release(self) -> None:
        if row := self.one(Wave):
            self.shop.do("fulfilment", ReleaseWave(wave_id=row.id), WaveState)

    def give_back(self) -> None:
        if row := self.one(Wave):
            self.shop.do("fulfilment", CancelWave(wave_id=row.id, reason="the van is late"), WaveState)

    def urgent(self) -> None:
        if row := self.one(Fulfilment):
            asked = ReleaseFulfilments(fulfilments=[row.id], reason="they called")
            self.shop.do("fulfilment", asked, FulfilmentsReleased)

    def walk_a_wave(self) -> None:
        if row := self.one(Wave, Wave.status == "released"):
            a_list(self.shop, wave=row.id, limit=self.dice.randint(1, 3))

    def lift(self) -> None:
        if self.held:
            ident = self.dice.choice(sorted(self.held))
            self.held.discard(ident)
            lift(self.shop, next(o for o in self.orders if o.id == ident))


# Open tasks never ask for more than lies in their bin, nor for more than is promised.
OVERDRAWN_BINS = """
    SELECT count(*) FROM (
        SELECT p.node, t.sku, t.bin, t.lot, sum(t.quantity - t.picked - t.short) AS wanted
        FROM pick_tasks t JOIN pick_lists p ON p.id = t.pick_list_id WHERE NOT t.done GROUP BY 1, 2, 3, 4
    ) w LEFT JOIN bin_stock b ON (b.node, b.sku, b.bin, b.lot) = (w.node, w.sku, w.bin, w.lot)
    WHERE wanted > coalesce(b.quantity, 0)
"""
LINES_WITHOUT_PROMISE = """
    SELECT count(*) FROM fulfilment_lines l JOIN fulfilments f ON f.id = l.fulfilment_id
    LEFT JOIN allocations a ON a.id = l.allocation_id
    WHERE f.status IN ('ready', 'picking', 'picked', 'packed')
      AND (a.quantity IS DISTINCT FROM l.quantity OR a.node <> f.node
           OR a.state <> CASE WHEN l.picked > 0 THEN 'picked' ELSE 'allocated' END)
"""
OPEN_TASKS_OF_IDLE_FULFILMENTS = """
    SELECT count(*) FROM pick_tasks t JOIN fulfilments f ON f.id = t.fulfilment_id
    WHERE NOT t.done AND f.status <> 'picking'
"""
OPEN_LISTS_WITHOUT_TASKS = """
    SELECT count(*) FROM pick_lists p WHERE p.status = 'open'
      AND NOT EXISTS (SELECT 1 FROM pick_tasks t WHERE t.pick_list_id = p.id AND NOT t.done)
"""
PACKED_APART_FROM_PARCELS = """
    SELECT count(*) FROM fulfilment_lines l LEFT JOIN LATERAL (
        SELECT sum(pl.quantity) AS units FROM parcel_lines pl JOIN parcels p ON p.id = pl.parcel_id
        WHERE pl.allocation_id = l.allocation_id AND p.status <> 'cancelled'
    ) x ON true WHERE l.packed <> coalesce(x.units, 0)
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_day_at_random_ends_with_books_that_add_up(shop: Shop, seed: int) -> None:
    shop.a_node("BER")
    shop.some_stock("MUG", "LON", 15)
    shop.some_stock("MUG", "LON", 10, bin="RECEIVING")
    shop.some_stock("MUG", "BER", 20)
    day = Day(shop, seed)
    for _ in range(120):
        day.step()
    for order in day.orders:  # everybody has heard of everything by the evening
        lift(shop, order)
    the_books_add_up(shop)
    with shop.db.reading() as session:
        for wrong in (
            OVERDRAWN_BINS,
            LINES_WITHOUT_PROMISE,
            OPEN_TASKS_OF_IDLE_FULFILMENTS,
            OPEN_LISTS_WITHOUT_TASKS,
            PACKED_APART_FROM_PARCELS,
        ):
            assert session.execute(text(wrong)).scalar_one() == 0, wrong
        shipped = session.execute(
            text("SELECT coalesce(sum(quantity), 0) FROM allocations WHERE state = 'shipped'")
        ).scalar_one()
        short = session.execute(text("SELECT -coalesce(sum(on_hand), 0) FROM stock_ledger WHERE kind = 'counted'"))
        left = shop.level("MUG", "LON").on_hand + shop.level("MUG", "BER").on_hand
        assert left == 55 - shipped - short.scalar_one()
    assert shop.count("pick_tasks WHERE picked > 0") > 0
    assert shop.dead() == []


@pytest.mark.parametrize("seed", range(4))
def test_a_day_with_waves_at_random_releases_nothing_twice_and_nothing_too_soon(shop: Shop, seed: int) -> None:
    shop.a_node("BER")
    shop.some_stock("MUG", "LON", 40)
    shop.some_stock("MUG", "BER", 5)
    policy = PutReleasePolicy(node="LON", mode="waves")
    shop.do("fulfilment", policy, ReleasePolicyState)
    shop.pump()
    day = Day(shop, seed, "wave", "wave", "wave", "release", "release", "give_back", "urgent", "walk_a_wave")
    for _ in range(120):
        day.step()
        if day.dice.random() < 0.1:
            with shop.db.reading() as session:
                # Of a hold that nobody has told us of yet the last check knows nothing.
                assert [r for r in run(session, checks=WAVE_CHECKS[:-1]) if r.violations] == []
    for order in day.orders:
        lift(shop, order)
    the_books_add_up(shop)
    with shop.db.reading() as session:
        assert [r for r in run(session, checks=WAVE_CHECKS) if r.violations] == []
    assert shop.count("waves WHERE released_at IS NOT NULL") > 0
    assert shop.dead() == []
