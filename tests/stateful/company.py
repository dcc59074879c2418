"""The whole company on a real database, and what the database says of it, as plain rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from agents.contract import Answer, Asked, Command, Said, Task, encode
from agents.shipping.demo_rates import standard_rate_cards
from agents.shipping.messages import RateCardState
from coordinator import relay
from coordinator.flows.engine import FLOWS
from coordinator.registry import subscriptions
from db.audit import run
from db.orders import Order
from db.shares import shares_of
from tests.shop import TESTER, Shop
from tests.stateful.model import Model

S = TypeVar("S", bound=msgspec.Struct)
NODES = ("LON", "BER")
PRICES = {"MUG": 1250, "TRAY": 1999, "TEA": 700, "SET": 4000}
LIMITS = {"MUG": 0, "TRAY": 4, "TEA": 2}
KITS = {"SET": {"MUG": 2, "TRAY": 1}}
AT_FIRST = {("MUG", "LON"): 9, ("TRAY", "LON"): 3, ("TEA", "LON"): 6, ("MUG", "BER"): 5, ("TRAY", "BER"): 4}


COUNTED = ("on_hand", "allocated", "held", "backordered", "purchasable")
LEVELS = text("""
    SELECT l.*, sellable - allocated - held + greatest(0, backorder_limit - backordered) AS purchasable
    FROM stock_levels l JOIN variants USING (sku)
""")
LINES = text("SELECT order_id, line_no, quantity, cancelled, shipped FROM order_lines")
ORDERS = text("""
    SELECT o.id, o.status, o.payment_status, o.total - o.cancelled_total AS worth,
      ARRAY(SELECT reason FROM order_holds h WHERE h.order_id = o.id AND released_at IS NULL) AS holds,
      p.*, (SELECT count(*) FROM payment_entries e
            WHERE e.order_id = o.id AND e.state IN ('asked', 'unknown', 'pending')) AS under_way
    FROM orders o LEFT JOIN LATERAL (
      SELECT coalesce(sum(authorised), 0) AS authorised, coalesce(sum(captured), 0) AS captured,
             coalesce(sum(refunded), 0) AS refunded, count(*) AS payments
      FROM payments WHERE order_id = o.id) p ON true
""")
DEAD = text("SELECT error FROM deliveries WHERE state = 'dead'")


class Books(NamedTuple):
    """`lines` are (ordered, cancelled, shipped) by order and line number; `orders` have their money with them."""

    levels: dict[tuple[str, str], dict[str, int]]
    lines: dict[tuple[UUID, int], tuple[int, int, int]]
    orders: dict[UUID, Any]
    dead: list[str]


class Heard(NamedTuple):
    """What was asked, and the answer to it."""

    agent: str
    asked: Asked
    answer: Answer


class Company(Shop):
    """Every command carries a key, and every answer is remembered, so that any may be asked again."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self.heard: list[Heard] = []

    def tell(self, agent: str, command: Command, answer: type[S]) -> tuple[S | None, str]:
        """The state and "", or None and the code of the refusal. A bug of ours fails the test."""
        key = f"k{len(self.heard)}"
        asked = Asked(type(command).__name__, encode(command), TESTER.actor, TESTER.actor, key, "req")
        got = self.ask_now(agent, asked)
        self.heard.append(Heard(agent, asked, got))
        return read(got, answer, command)

    def send(self, agent: str, task: Task) -> None:
        with self.db.transaction(TESTER, now=self.now) as tx:
            tx.send(agent, f"schedule:{type(task).__name__}", task)

    def furnish(self, model: Model) -> None:
        """Two nodes, three SKUs and a kit, some stock, and rates for parcels."""
        for rank, node in enumerate(NODES):
            self.a_node(node, rank=10 * rank + 10)
        for sku, limit in LIMITS.items():
            self.a_sku(sku, price=PRICES[sku], weight_grams=300, backorder_limit=limit)
        for sku, parts in KITS.items():
            self.a_kit(sku, parts, price=PRICES[sku])
        for sku in LIMITS:
            for node in NODES:
                units = AT_FIRST.get((sku, node), 1)
                self.some_stock(sku, node, units)
                model.on_hand[(sku, node)] = units
                model.came[sku] += units
        for card in standard_rate_cards():
            self.do("shipping", card, RateCardState)

    # Looking

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.db.reading() as session:
            return list(session.execute(text(query), values))

    def look(self) -> Books:
        """Levels, order lines, orders and dead letters, all of one moment."""
        with self.db.reading() as session:
            levels, lines, orders, dead = (list(session.execute(q)) for q in (LEVELS, LINES, ORDERS, DEAD))
        return Books(
            {(r.sku, r.node): {n: getattr(r, n) for n in COUNTED} for r in levels},
            {(r.order_id, r.line_no): (r.quantity, r.cancelled, r.shipped) for r in lines},
            {r.id: r for r in orders},
            [r.error for r in dead],
        )

    def pump(self, *, rounds: int = 100) -> int:
        """As of `LocalCluster`, but who has nothing to do is not asked: most have not, most of the time."""
        handled = 0
        for _ in range(rounds):
            with self.db.transaction(TESTER, now=self.now) as tx:
                relayed, _agents = relay.fan_out(tx, subscriptions(self.specs))
                due = tx.scalars(text("SELECT DISTINCT agent FROM deliveries WHERE state = 'waiting' ORDER BY 1")).all()
            delivered = sum(self._deliver(name) for name in due if name != FLOWS)
            if FLOWS in due:
                delivered += self._flows.take_in(now=self.now)
            delivered += self._flows.advance_due(now=self.now)
            handled += delivered
            if relayed == 0 and delivered == 0:
                return handled
        raise RuntimeError(f"still busy after {rounds} rounds")

    def allocations_of(self, order_id: UUID) -> list[Any]:
        return self.rows("SELECT * FROM allocations WHERE order_id = :id", id=order_id)

    def tasks(self) -> list[Any]:
        """Pick tasks, closed ones too, with the order and line that they are for."""
        return self.rows("""
            SELECT t.*, f.order_id, f.node, l.line_no, a.state, a.quantity AS promised
            FROM pick_tasks t JOIN fulfilments f ON f.id = t.fulfilment_id
            JOIN allocations a ON a.id = t.allocation_id
            JOIN order_lines l ON l.order_id = a.order_id AND l.line_no = a.line_no ORDER BY t.id
        """)

    def fulfilments(self, *statuses: str) -> list[Any]:
        return self.rows(
            "SELECT * FROM fulfilments WHERE status = ANY(:s) OR :all ORDER BY id", s=list(statuses), all=not statuses
        )

    def parcels(self) -> list[Any]:
        return self.rows("SELECT * FROM parcels ORDER BY id")

    def violations(self) -> list[Any]:
        with self.db.reading() as session:
            return [r for r in run(session) if r.violations]

    def unequal_shares(self) -> list[Any]:
        """Orders whose shipments, rest and cancelled units are not worth what they are, to the cent."""
        wrong = []
        with self.db.reading() as session:
            for order in session.scalars(select(Order)):
                shares = shares_of(session, order)
                parts = [*(w.share for w in shares.shipments.values()), shares.rest.share, shares.cancelled.share]
                found = tuple(sum(amounts) for amounts in zip(*parts, strict=True))
                shipping = order.total - sum(part.goods for part in parts)
                told = (order.total - shipping, order.discount, shipping, order.tax)
                if found != told or shares.cancelled.share.total != order.cancelled_total:
                    wrong.append((order.id, found, told, shares.cancelled.share, order.cancelled_total))
        return wrong

    def handled(self) -> list[Any]:
        """Messages that an agent, or the flows, have handled."""
        return self.rows("SELECT i.agent, o.* FROM inbox i JOIN outbox o USING (message_id) ORDER BY o.id, i.agent")

    def deliver_again(self, row: Any) -> None:
        """As a relay does that died between its commit and its mark."""
        with self.db.transaction(TESTER, now=self.now) as tx:
            tx.execute(
                text("""
                    INSERT INTO deliveries (agent, lane, message_id, subject, kind, payload, sender, request_id,
                                            created_at, state, attempts, due_at)
                    SELECT :agent, hashtext(subject) & 2147483647, message_id, subject, kind, payload, sender,
                           request_id, at, 'waiting', 0, :now FROM outbox WHERE message_id = :id
                """),
                {"agent": row.agent, "id": row.message_id, "now": self.now},
            )


def read(got: Answer, answer: type[S], asked: object) -> tuple[S | None, str]:
    if got.status < 400:
        return msgspec.msgpack.decode(got.body, type=answer), ""
    said = msgspec.msgpack.decode(got.body, type=Said)
    assert got.status < 500, f"{asked} was answered with {got.status}: {said.sentence}"
    return None, said.code


def units_of(allocations: Sequence[Any], sku: str, node: str, state: str) -> int:
    return sum(a.quantity for a in allocations if (a.sku, a.node, a.state) == (sku, node, state))
