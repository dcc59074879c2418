"""Buys. The only writer of suppliers and purchase orders; units that come in are counted by `db.purchasing`.

Each verb is in the file of its noun. The order is locked before anything that belongs to it.
"""

from __future__ import annotations

from agents.agent import Agent
from agents.handlers import command, on, on_burst
from agents.inbound.messages.inspections import UnitsDisposed
from agents.inbound.messages.receipts import GoodsReceived, GoodsTakenBack
from agents.purchasing import (
    crediting,
    deciding,
    following,
    invoicing,
    ordering,
    policies,
    progress,
    suppliers,
    tolerating,
)
from agents.purchasing.messages.credits import (
    AcceptSupplierCredit,
    ApproveSupplierCredit,
    CancelSupplierCredit,
    DisputeSupplierCredit,
    EnterSupplierCredit,
    SettleSupplierCredit,
    SupplierCreditState,
)
from agents.purchasing.messages.invoices import (
    AcceptDifferences,
    ApproveSupplierInvoice,
    CancelSupplierInvoice,
    DisputeSupplierInvoice,
    EnterSupplierInvoice,
    MatchToleranceState,
    MatchWaiting,
    PaySupplierInvoice,
    SetMatchTolerance,
    SupplierInvoiceState,
)
from agents.purchasing.messages.orders import (
    AmendPurchase,
    ApprovalLimitState,
    ApprovePurchase,
    CancelPurchase,
    ConfirmPurchase,
    CreatePurchase,
    PurchaseOrderAmended,
    PurchaseOrderCancelled,
    PurchaseOrderShortClosed,
    PurchaseState,
    SendPurchase,
    SetApprovalLimit,
    ShortClosePurchase,
)
from agents.purchasing.messages.replays import ReplayClass, ReplayRule, ReplayState
from agents.purchasing.messages.replenishment import (
    AskForPlan,
    EditSuggestion,
    OrderSuggestions,
    PlanReplenishment,
    PutReplenishmentClass,
    PutReplenishmentRule,
    RejectSuggestions,
    RemoveReplenishmentRule,
    ReplenishmentClassState,
    ReplenishmentRuleRemoved,
    ReplenishmentRuleState,
    RunState,
    SnoozeSuggestions,
    SuggestionsState,
    SuggestionState,
)
from agents.purchasing.messages.suppliers import (
    PreferSupplier,
    PutSupplier,
    PutSupplierItem,
    RemoveSupplierItem,
    SupplierItemRemoved,
    SupplierItemState,
    SupplierState,
)
from db.session import Transaction, Who


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
    def remove_supplier_item(self, tx: Transaction, ask: RemoveSupplierItem) -> SupplierItemRemoved:
        return suppliers.remove_supplier_item(tx, ask)

    @command
    def prefer_supplier(self, tx: Transaction, ask: PreferSupplier) -> SupplierItemState:
        return suppliers.prefer_supplier(tx, ask)

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
    def enter_supplier_invoice(self, tx: Transaction, ask: EnterSupplierInvoice) -> SupplierInvoiceState:
        return invoicing.enter_invoice(tx, ask)

    @command
    def approve_supplier_invoice(self, tx: Transaction, ask: ApproveSupplierInvoice) -> SupplierInvoiceState:
        return invoicing.approve_invoice(tx, ask)

    @command
    def accept_differences(self, tx: Transaction, ask: AcceptDifferences) -> SupplierInvoiceState:
        return invoicing.accept_differences(tx, ask)

    @command
    def dispute_supplier_invoice(self, tx: Transaction, ask: DisputeSupplierInvoice) -> SupplierInvoiceState:
        return invoicing.dispute_invoice(tx, ask)

    @command
    def pay_supplier_invoice(self, tx: Transaction, ask: PaySupplierInvoice) -> SupplierInvoiceState:
        return invoicing.pay_invoice(tx, ask)

    @command
    def cancel_supplier_invoice(self, tx: Transaction, ask: CancelSupplierInvoice) -> SupplierInvoiceState:
        return invoicing.cancel_invoice(tx, ask)

    @command
    def enter_supplier_credit(self, tx: Transaction, ask: EnterSupplierCredit) -> SupplierCreditState:
        return crediting.enter_credit(tx, ask)

    @command
    def approve_supplier_credit(self, tx: Transaction, ask: ApproveSupplierCredit) -> SupplierCreditState:
        return crediting.approve_credit(tx, ask)

    @command
    def accept_supplier_credit(self, tx: Transaction, ask: AcceptSupplierCredit) -> SupplierCreditState:
        return crediting.accept_credit(tx, ask)

    @command
    def dispute_supplier_credit(self, tx: Transaction, ask: DisputeSupplierCredit) -> SupplierCreditState:
        return crediting.dispute_credit(tx, ask)

    @command
    def settle_supplier_credit(self, tx: Transaction, ask: SettleSupplierCredit) -> SupplierCreditState:
        return crediting.settle_credit(tx, ask)

    @command
    def cancel_supplier_credit(self, tx: Transaction, ask: CancelSupplierCredit) -> SupplierCreditState:
        return crediting.cancel_credit(tx, ask)

    @command
    def set_match_tolerance(self, tx: Transaction, ask: SetMatchTolerance) -> MatchToleranceState:
        return tolerating.set_tolerance(tx, ask)

    @on
    def match_waiting(self, tx: Transaction, task: MatchWaiting) -> None:
        tolerating.match_waiting(tx, task)

    # What waits for goods is matched when they come, and anew when they go or the order changes.

    @on_burst
    def match_moved(
        self,
        tx: Transaction,
        events: list[
            GoodsReceived | GoodsTakenBack | PurchaseOrderAmended | PurchaseOrderShortClosed | PurchaseOrderCancelled
        ],
        whos: list[Who],
    ) -> None:
        following.match_moved(tx, events, whos)

    @on_burst
    def match_disposed(self, tx: Transaction, events: list[UnitsDisposed], whos: list[Who]) -> None:
        following.match_disposed(tx, events, whos)

    # The arithmetic of replenishment needs numpy and OR-tools: loaded when first asked for, so that whoever only wants
    # to know what this agent handles is spared them.

    @command
    def put_replenishment_class(self, tx: Transaction, ask: PutReplenishmentClass) -> ReplenishmentClassState:
        return policies.put_class(tx, ask)

    @command
    def put_replenishment_rule(self, tx: Transaction, ask: PutReplenishmentRule) -> ReplenishmentRuleState:
        return policies.put_rule(tx, ask)

    @command
    def remove_replenishment_rule(self, tx: Transaction, ask: RemoveReplenishmentRule) -> ReplenishmentRuleRemoved:
        return policies.remove_rule(tx, ask)

    @command
    def replay_rule(self, tx: Transaction, ask: ReplayRule) -> ReplayState:
        from agents.purchasing import replaying

        return replaying.replay_rule(tx, ask)

    @command
    def replay_class(self, tx: Transaction, ask: ReplayClass) -> ReplayState:
        from agents.purchasing import replaying

        return replaying.replay_class(tx, ask)

    @command
    def ask_for_plan(self, tx: Transaction, _ask: AskForPlan) -> RunState:
        return deciding.ask_for_plan(tx)

    @on
    def make_plan(self, tx: Transaction, task: PlanReplenishment) -> None:
        from agents.purchasing import suggesting

        suggesting.make_plan(tx, task)

    @command
    def edit_suggestion(self, tx: Transaction, ask: EditSuggestion) -> SuggestionState:
        return deciding.edit_suggestion(tx, ask)

    @command
    def order_suggestions(self, tx: Transaction, ask: OrderSuggestions) -> SuggestionsState:
        from agents.purchasing import joining

        return joining.order_suggestions(tx, ask)

    @command
    def snooze_suggestions(self, tx: Transaction, ask: SnoozeSuggestions) -> SuggestionsState:
        return deciding.snooze_suggestions(tx, ask)

    @command
    def reject_suggestions(self, tx: Transaction, ask: RejectSuggestions) -> SuggestionsState:
        return deciding.reject_suggestions(tx, ask)

    @command
    def cancel_purchase(self, tx: Transaction, ask: CancelPurchase) -> PurchaseState:
        return progress.cancel_purchase(tx, ask)
