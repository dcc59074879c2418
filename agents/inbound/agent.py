"""Takes in what was bought: receipts. The only writer of them.

Locks are taken in one order: the purchase order, the receipt, levels by node and SKU, allocations, bins.
"""

from __future__ import annotations

from agents.agent import Agent
from agents.handlers import command
from agents.inbound import arrivals
from agents.inbound.messages import ReceiptState, ReceiveGoods, TakeGoodsBack
from db.session import Transaction


class InboundAgent(Agent):
    """What has come is counted on its order, booked and promised to whoever waits in one transaction."""

    name = "inbound"

    @command
    def receive_goods(self, tx: Transaction, ask: ReceiveGoods) -> ReceiptState:
        return arrivals.receive_goods(tx, ask)

    @command
    def take_goods_back(self, tx: Transaction, ask: TakeGoodsBack) -> ReceiptState:
        return arrivals.take_goods_back(tx, ask)
