"""Six people at work at the same moment, each before an agent of their own: the books stay right, nobody sees a 500."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from agents.agent import Agent
from agents.contract import Asked, Command, encode
from agents.fulfilment.agent import FulfilmentAgent
from agents.fulfilment.messages import CreatePickList, DispatchFulfilment, PackParcel, Pick, ShortPick, TakeBack
from agents.inventory.agent import InventoryAgent
from agents.inventory.messages import (
    AdjustStock,
    CreateTransfer,
    HeldLine,
    HoldStock,
    ReceivedLine,
    ReceiveStock,
    ReceiveTransfer,
    SendTransfer,
    TransferLineAsk,
)
from agents.orders.agent import OrdersAgent
from agents.orders.messages import (
    CancelOrder,
    HoldOrder,
    LineQuantity,
    PaymentGiven,
    PlacedLine,
    PlaceOrder,
    RecallOrder,
    ReleaseOrder,
)
from tests.stateful.company import KITS, LIMITS, NODES, PRICES, Company
from tests.stateful.model import Model

pytestmark = pytest.mark.thorough

ON_THE_WAY = """
    SELECT t.id, n.sku FROM transfers t JOIN transfer_lines n ON n.transfer_id = t.id WHERE status = 'in_transit'
"""
MUST_SUCCEED = ("PlaceOrder", "CancelOrder", "ReceiveStock", "AdjustStock", "CreatePickList", "Pick", "PackParcel")
STEPS = 18  # of each person
DAYS = 4  # at most
PATIENCE = 5  # times that a client tries again what was answered with 503
CARD = PaymentGiven(provider="test", token="tok_ok")


class Person:
    """Does something at random, over and over; `outcomes` counts what was said to it."""

    def __init__(self, agent: Agent, seed: int) -> None:
        self.agent, self.dice = agent, random.Random(seed)
        self.outcomes: Counter[tuple[str, int]] = Counter()

    def work(self) -> None:
        for _ in range(STEPS):
            asks = [a for a in (self.something() for _ in range(self.dice.randint(1, 3))) if a is not None]
            if asks:
                self.say(asks)

    def something(self) -> Command | None:
        raise NotImplementedError

    def say(self, asks: Sequence[Command]) -> None:
        """All of them in one batch; what was turned away for the weather is asked again under its key."""
        batch = [Asked(type(a).__name__, encode(a), "user:crowd", "user:crowd", uuid4().hex) for a in asks]
        for _ in range(PATIENCE):
            answers = self.agent.work(batch)
            for asked, answer in zip(batch, answers, strict=True):
                self.outcomes[(asked.kind, answer.status)] += 1
            batch = [asked for asked, answer in zip(batch, answers, strict=True) if answer.status == 503]
            if not batch:
                return
        raise AssertionError(f"{[asked.kind for asked in batch]} never got through")

    def one(self, query: str) -> Any:
        """A row of those that are there at this moment."""
        with self.agent.db.reading() as session:
            rows = session.execute(text(query)).all()
        return self.dice.choice(rows) if rows else None

    def sku(self) -> str:
        return self.dice.choice(sorted(LIMITS))

    def node(self) -> str:
        return self.dice.choice(NODES)


class Seller(Person):
    def something(self) -> Command | None:
        order = self.one("SELECT o.id, n.line_no FROM orders o JOIN order_lines n ON n.order_id = o.id")
        kind = self.dice.choice(["place"] * 5 + ["cancel", "part", "hold", "release", "release", "recall"])
        if kind == "place" or order is None:
            return self.order()
        if kind == "part":
            line = LineQuantity(line_no=order.line_no, quantity=1)
            return CancelOrder(order_id=order.id, reason="too many", lines=[line])
        return {
            "cancel": CancelOrder(order_id=order.id, reason="changed mind"),
            "hold": HoldOrder(order_id=order.id, reason="fraud"),
            "release": ReleaseOrder(order_id=order.id),
            "recall": RecallOrder(order_id=order.id, reason="by mistake"),
        }[kind]

    def order(self) -> PlaceOrder:
        skus = self.dice.sample(sorted(PRICES), self.dice.randint(1, 3))
        return PlaceOrder(
            channel="web",
            currency="EUR",
            lines=[PlacedLine(sku=sku, quantity=self.dice.randint(1, 2)) for sku in skus],
            shipping_address={"country": "DE"},
            payment=self.dice.choice([None, None, CARD]),
            hold_reference=self.dice.choice([None, "cart-1", "cart-2"]),
        )


class Keeper(Person):
    def something(self) -> Command | None:
        sku, node, units = self.sku(), self.node(), self.dice.randint(1, 4)
        other = next(n for n in NODES if n != node)
        choices: list[Command] = [
            ReceiveStock(node=node, lines=[ReceivedLine(sku=s, quantity=units) for s in (sku, "TEA")], reference="van"),
            AdjustStock(node=node, sku=sku, quantity=-1, reason="broken"),
            HoldStock(reference=f"cart-{units % 3}", lines=[HeldLine(sku=sku, quantity=units)]),
            CreateTransfer(from_node=node, to_node=other, lines=[TransferLineAsk(sku=sku, quantity=units)]),
        ]
        if draft := self.one("SELECT id FROM transfers WHERE status = 'draft'"):
            choices.append(SendTransfer(transfer_id=draft.id))
        if sent := self.one(ON_THE_WAY):
            came = [TransferLineAsk(sku=sent.sku, quantity=self.dice.randint(0, 1))]
            choices.append(ReceiveTransfer(transfer_id=sent.id, lines=came, complete=self.dice.random() < 0.5))
        return self.dice.choice(choices)


class Picker(Person):
    def something(self) -> Command | None:
        kind = self.dice.choice(["walk"] * 3 + ["pick"] * 6 + ["pack", "send"] * 3 + ["short", "back"])
        task = self.one("SELECT id, quantity - picked - short AS rest FROM pick_tasks WHERE NOT done")
        if kind in ("pick", "short") and task:
            quantity = self.dice.randint(1, max(1, task.rest))
            return Pick(task_id=task.id, quantity=quantity) if kind == "pick" else ShortPick(task_id=task.id)
        if kind in ("pack", "send"):
            status = "picked" if kind == "pack" else "packed"
            row = self.one(f"SELECT id FROM fulfilments WHERE status = '{status}'")
            if row:
                return PackParcel(fulfilment_id=row.id) if kind == "pack" else DispatchFulfilment(fulfilment_id=row.id)
        if kind == "back" and (row := self.one("SELECT order_id FROM fulfilments WHERE status = 'picked'")):
            return TakeBack(order_id=row.order_id, reason="wrong box")
        return CreatePickList(node=self.node(), limit=self.dice.randint(1, 4))


def _carry(shop: Company, over: Event) -> None:
    """The coordinator's part: messages are carried all the time."""
    while not over.wait(0.02):
        shop.later(seconds=1)
        shop.pump(rounds=1000)


def _all_at_once(shop: Company, people: Sequence[Person]) -> None:
    start, over = Barrier(len(people)), Event()

    def at_work(person: Person) -> None:
        start.wait()
        person.work()

    with ThreadPoolExecutor(len(people) + 1) as pool:
        carrying = pool.submit(_carry, shop, over)
        try:
            for done in [pool.submit(at_work, person) for person in people]:
                done.result()
        finally:
            over.set()
        carrying.result()


@pytest.mark.parametrize("seed", range(2))
def test_people_at_work_at_once_leave_books_that_are_right(db_url: str, seed: int) -> None:
    shop = Company(db_url)
    shop.furnish(Model(LIMITS, KITS, PRICES, NODES))
    kinds: list[tuple[type[Person], Callable[..., Agent]]] = [
        (Seller, OrdersAgent),
        (Keeper, InventoryAgent),
        (Picker, FulfilmentAgent),
    ]
    people = [kind(agent(db_url, clock=lambda: shop.now), 100 * seed + n) for n, (kind, agent) in enumerate(kinds * 2)]
    try:
        for seller in (p for p in people if isinstance(p, Seller)):  # so that there is something to pick
            seller.say([seller.order() for _ in range(4)])
        shop.pump()
        said: Counter[tuple[str, int]] = Counter()
        for _ in range(DAYS):  # who comes first is chance: a day may end before anything was picked whole
            _all_at_once(shop, people)
            shop.later(minutes=5)
            shop.pump(rounds=1000)
            said = sum((p.outcomes for p in people), Counter[tuple[str, int]]())
            if all(said[(kind, 200)] for kind in MUST_SUCCEED):
                break
        assert [o for o in said if o[1] >= 500 and o[1] != 503] == [], said
        for kind in MUST_SUCCEED:
            assert said[(kind, 200)], f"nobody got through with {kind}: {said}"
        assert shop.dead() == []
        assert shop.count("deliveries") == shop.count("outbox WHERE relayed_at IS NULL") == 0
        assert shop.violations() == []
    finally:
        for person in people:
            person.agent.db.close()
        shop.close()
