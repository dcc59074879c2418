"""Knows what lies where. The only writer of nodes, bins, holds, transfers and counts.

Each verb is in the file of its noun; the order of locks is the same everywhere: the transfer or count, then
levels by node and SKU, then holds and allocations, then bins.
"""

from __future__ import annotations

from agents.agent import Agent
from agents.handlers import command, on
from agents.inventory import counting, holds, places, receiving, transfers, undoing
from agents.inventory.messages import (
    AdjustStock,
    BinState,
    CancelTransfer,
    CountState,
    CreateTransfer,
    ExpireHolds,
    HoldStock,
    HoldView,
    KeepGoods,
    LetGoodsGo,
    MoveStock,
    NodeState,
    OpenCount,
    PlanTransfer,
    PostCount,
    PutBin,
    PutNode,
    PutZone,
    ReceiveStock,
    ReceiveTransfer,
    ReleaseHold,
    SendTransfer,
    StockState,
    TransferState,
    UndoStock,
    ZoneState,
)
from db.session import Transaction


class InventoryAgent(Agent):
    """Books goods; whoever was promised units that are not there is told in the same transaction."""

    name = "inventory"

    @command
    def put_node(self, tx: Transaction, ask: PutNode) -> NodeState:
        return places.put_node(tx, ask)

    @command
    def put_zone(self, tx: Transaction, ask: PutZone) -> ZoneState:
        return places.put_zone(tx, ask)

    @command
    def put_bin(self, tx: Transaction, ask: PutBin) -> BinState:
        return places.put_bin(tx, ask)

    @command
    def receive_stock(self, tx: Transaction, ask: ReceiveStock) -> StockState:
        return receiving.receive_stock(tx, ask)

    @command
    def move_stock(self, tx: Transaction, ask: MoveStock) -> StockState:
        return receiving.move_stock(tx, ask)

    @command
    def adjust_stock(self, tx: Transaction, ask: AdjustStock) -> StockState:
        return receiving.adjust_stock(tx, ask)

    @command
    def undo_stock(self, tx: Transaction, ask: UndoStock) -> StockState:
        return undoing.undo_stock(tx, ask)

    @command
    def hold_stock(self, tx: Transaction, ask: HoldStock) -> HoldView:
        return holds.hold_stock(tx, ask)

    @command
    def release_hold(self, tx: Transaction, ask: ReleaseHold) -> HoldView:
        return holds.release_hold(tx, ask)

    @on
    def keep_goods(self, tx: Transaction, task: KeepGoods) -> None:
        holds.keep_goods(tx, task)

    @on
    def let_goods_go(self, tx: Transaction, task: LetGoodsGo) -> None:
        holds.let_goods_go(tx, task)

    @on
    def expire_holds(self, tx: Transaction, task: ExpireHolds) -> None:
        holds.expire_holds(tx, task)

    @command
    def create_transfer(self, tx: Transaction, ask: CreateTransfer) -> TransferState:
        return transfers.create_transfer(tx, ask)

    @on
    def plan_transfer(self, tx: Transaction, task: PlanTransfer) -> None:
        transfers.create_transfer(tx, task)

    @command
    def send_transfer(self, tx: Transaction, ask: SendTransfer) -> TransferState:
        return transfers.send_transfer(tx, ask)

    @command
    def receive_transfer(self, tx: Transaction, ask: ReceiveTransfer) -> TransferState:
        return transfers.receive_transfer(tx, ask)

    @command
    def cancel_transfer(self, tx: Transaction, ask: CancelTransfer) -> TransferState:
        return transfers.cancel_transfer(tx, ask)

    @command
    def open_count(self, tx: Transaction, ask: OpenCount) -> CountState:
        return counting.open_count(tx, ask)

    @command
    def post_count(self, tx: Transaction, ask: PostCount) -> CountState:
        return counting.post_count(tx, ask)
