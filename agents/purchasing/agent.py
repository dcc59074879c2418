"""Buys. The only writer of suppliers and purchase orders; units that come in are counted by `db.purchasing`.

Each verb is in the file of its noun. The order is locked before anything that belongs to it.
"""

from __future__ import annotations

from agents.agent import Agent
from agents.handlers import command
from agents.purchasing import ordering, progress, suppliers
from agents.purchasing.messages import (
    AmendPurchase,
    ApprovalLimitState,
    ApprovePurchase,
    CancelPurchase,
    ConfirmPurchase,
    CreatePurchase,
    PurchaseState,
    PutSupplier,
    PutSupplierItem,
    SendPurchase,
    SetApprovalLimit,
    ShortClosePurchase,
    SupplierItemState,
    SupplierState,
)
from db.session import Transaction


class PurchasingAgent(Agent):
    """Nothing is ordered that nobody with a limit for it has approved."""

    name = "purchasing"

    @command
    def put_supplier(self, tx: Transaction, ask: PutSupplier) -> SupplierState:
        return suppliers.put_supplier(tx, ask)

    @command
    def put_supplier_item(self, tx: Transaction, ask: PutSupplierItem) -> SupplierItemState:
        return suppliers.put_supplier_item(tx, ask)

    @command
    def set_approval_limit(self, tx: Transaction, ask: SetApprovalLimit) -> ApprovalLimitState:
        return suppliers.set_approval_limit(tx, ask)

    @command
    def create_purchase(self, tx: Transaction, ask: CreatePurchase) -> PurchaseState:
        return ordering.create_purchase(tx, ask)

    @command
    def amend_purchase(self, tx: Transaction, ask: AmendPurchase) -> PurchaseState:
        return ordering.amend_purchase(tx, ask)

    @command
    def approve_purchase(self, tx: Transaction, ask: ApprovePurchase) -> PurchaseState:
        return progress.approve_purchase(tx, ask)

    @command
    def send_purchase(self, tx: Transaction, ask: SendPurchase) -> PurchaseState:
        return progress.send_purchase(tx, ask)

    @command
    def confirm_purchase(self, tx: Transaction, ask: ConfirmPurchase) -> PurchaseState:
        return progress.confirm_purchase(tx, ask)

    @command
    def short_close_purchase(self, tx: Transaction, ask: ShortClosePurchase) -> PurchaseState:
        return progress.short_close_purchase(tx, ask)

    @command
    def cancel_purchase(self, tx: Transaction, ask: CancelPurchase) -> PurchaseState:
        return progress.cancel_purchase(tx, ask)
