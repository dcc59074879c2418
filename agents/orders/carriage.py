"""What carriers would ask for an order from each node: its whole weight, by the rate cards in force.

It is a fact about nodes like their distance: that of the order as a whole, also where only a part is still to be
placed. Cards are read when they change and not with every order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from agents.orders.routing_rules import NodeFacts
from agents.shipping.lanes import Cards, Goods, billed, cards_from, way_to
from db.session import Transaction
from db.wire import Row, Statement

if TYPE_CHECKING:
    from agents.orders.router import Destination

_WEIGHTS = """
    SELECT sku, weight_grams, length_mm, width_mm, height_mm, hazmat FROM variants WHERE sku = ANY(%(skus)s::text[])
"""


class Weighed(NamedTuple):
    grams: int
    sides_mm: tuple[int, int, int]
    hazmat: bool


@dataclass(frozen=True)
class Carriage:
    cards: Cards
    weighed: Mapping[str, Weighed]
    on: date

    def told(self, nodes: Mapping[str, NodeFacts], to: Destination, units: Mapping[str, int]) -> dict[str, NodeFacts]:
        """The nodes with what sending all of it from there costs; without cards they stay as they are."""
        rates = self.cards.rates(to.currency)
        if rates is None:
            return dict(nodes)
        known = [(self.weighed[sku], count) for sku, count in units.items() if sku in self.weighed]
        grams = sum(count * billed(one.grams, one.sides_mm, rates.divisor) for one, count in known)
        goods = Goods(grams, hazmat=any(one.hazmat for one, _ in known))
        way, found = way_to(to.address), {}
        for code, node in nodes.items():
            price = rates.ladder(code, way, goods, self.on).carriage(grams)
            found[code] = (
                node
                if price is None
                else node._replace(carriage=price.amount, carriage_in=rates.currency, carrier=price.service)
            )
        return found


def question_of_weights(skus: Iterable[str]) -> Statement:
    return Statement(_WEIGHTS, {"skus": sorted(set(skus))})


def carriage_from(tx: Transaction, cards: Iterable[Row], weights: Iterable[Row]) -> Carriage:
    """From the answers to `question_of_cards` and `question_of_weights`."""
    weighed = {sku: Weighed(grams, (x, y, z), hazmat) for sku, grams, x, y, z, hazmat in weights}
    return Carriage(cards_from(tx, cards), weighed, tx.now.date())
