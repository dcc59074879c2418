"""Takes orders and leads them to their end. The only writer of orders, lines, order holds, notes and edits."""

from __future__ import annotations

from agents.agent import Agent
from agents.bulk.messages import RowDone
from agents.customers.messages import CustomerErased
from agents.fulfilment.messages import FulfilmentDelivered, FulfilmentShipped
from agents.handlers import batch_command, command, on, on_set
from agents.inventory.messages import AllocationsLost, BackordersFilled
from agents.orders import (
    cancelling,
    drafts,
    editing,
    elsewhere,
    expiring,
    forgetting,
    history,
    holding,
    judging,
    money,
    outage,
    placing,
    planned,
    reacting,
    recalling,
    remarks,
    rerouting,
    rule_sets,
    substituting,
    trying,
)
from agents.orders.messages import (
    ActivateRuleSet,
    AddNote,
    ApplyEdit,
    CancelOrder,
    CloseDelivered,
    CloseOrder,
    DiscardEdit,
    DoOrderRow,
    DrillNode,
    EditPreview,
    EmptyNode,
    HoldOrder,
    HoldTermState,
    ImportedOrders,
    ImportOrders,
    JudgeOrders,
    LetHeldUnitsGo,
    MoveOutOfNode,
    OrdersJudged,
    OrderState,
    PlaceDraft,
    PlaceOrder,
    PlanShipping,
    PreviewReroute,
    ProposeEdit,
    PutHoldTerm,
    PutRuleSet,
    RecallOrder,
    ReleaseOrder,
    RerouteOrder,
    RetireRuleSet,
    RouteMissing,
    ShipInParts,
    TagOrder,
    TakeUnitsAgain,
    TryRules,
)
from agents.orders.messages.routing import (
    EmptyingBegun,
    MovePlanned,
    NodeDrill,
    ReroutePreview,
    RuleSetState,
    RulesTried,
)
from agents.orders.messages.substitutes import CancelSubstitute, PlaceSubstitute
from agents.payments.messages import OrderMoney
from agents.rows import do_row
from db.errors import Refusal
from db.session import Transaction, Who


class OrdersAgent(Agent):
    """Holds no truth: kill it and PostgreSQL still knows. The work of each verb is in the file of its noun."""

    name = "orders"

    @batch_command
    def place(self, tx: Transaction, asks: list[PlaceOrder], whos: list[Who]) -> list[OrderState | Refusal]:
        return placing.place(tx, asks, whos)

    @on
    def place_substitute(self, tx: Transaction, task: PlaceSubstitute) -> None:
        substituting.place_substitute(tx, task)

    @on
    def cancel_substitute(self, tx: Transaction, task: CancelSubstitute) -> None:
        substituting.cancel_substitute(tx, task)

    @command
    def place_draft(self, tx: Transaction, ask: PlaceDraft) -> OrderState:
        return drafts.place_draft(tx, ask)

    @command
    def hold(self, tx: Transaction, ask: HoldOrder) -> OrderState:
        return holding.hold(tx, ask)

    @command
    def release(self, tx: Transaction, ask: ReleaseOrder) -> OrderState:
        return holding.let_go(tx, ask)

    @command
    def cancel(self, tx: Transaction, ask: CancelOrder) -> OrderState:
        return cancelling.cancel(tx, ask)

    @command
    def recall(self, tx: Transaction, ask: RecallOrder) -> OrderState:
        return recalling.recall(tx, ask)

    @command
    def propose_edit(self, tx: Transaction, ask: ProposeEdit) -> EditPreview:
        return editing.propose(tx, ask)

    @command
    def apply_edit(self, tx: Transaction, ask: ApplyEdit) -> OrderState:
        return editing.apply(tx, ask)

    @command
    def discard_edit(self, tx: Transaction, ask: DiscardEdit) -> OrderState:
        return editing.discard(tx, ask)

    @command
    def add_note(self, tx: Transaction, ask: AddNote) -> OrderState:
        return remarks.add_note(tx, ask)

    @command
    def tag(self, tx: Transaction, ask: TagOrder) -> OrderState:
        return remarks.tag(tx, ask)

    @command
    def ship_in_parts(self, tx: Transaction, ask: ShipInParts) -> OrderState:
        return remarks.ship_in_parts(tx, ask)

    @command
    def plan_shipping(self, tx: Transaction, ask: PlanShipping) -> OrderState:
        return remarks.plan_shipping(tx, ask)

    @command
    def close(self, tx: Transaction, ask: CloseOrder) -> OrderState:
        return remarks.close(tx, ask)

    @command
    def bring_in(self, tx: Transaction, ask: ImportOrders) -> ImportedOrders:
        return history.bring_in(tx, ask)

    @command
    def put_rule_set(self, tx: Transaction, ask: PutRuleSet) -> RuleSetState:
        return rule_sets.put(tx, ask)

    @command
    def activate_rule_set(self, tx: Transaction, ask: ActivateRuleSet) -> RuleSetState:
        return rule_sets.activate(tx, ask)

    @command
    def retire_rule_set(self, tx: Transaction, ask: RetireRuleSet) -> RuleSetState:
        return rule_sets.retire(tx, ask)

    @command
    def try_rules(self, tx: Transaction, ask: TryRules) -> RulesTried:
        return trying.try_rules(tx, ask)

    @command
    def preview_reroute(self, tx: Transaction, ask: PreviewReroute) -> ReroutePreview:
        return rerouting.preview(tx, ask)

    @command
    def reroute(self, tx: Transaction, ask: RerouteOrder) -> OrderState:
        return rerouting.reroute(tx, ask)

    @command
    def drill_node(self, tx: Transaction, ask: DrillNode) -> NodeDrill:
        return outage.drill(tx, ask)

    @command
    def empty_node(self, tx: Transaction, ask: EmptyNode) -> EmptyingBegun:
        return outage.empty(tx, ask)

    @on
    def route_missing(self, tx: Transaction, task: RouteMissing) -> None:
        elsewhere.route_missing(tx, task)

    @on
    def move_out(self, tx: Transaction, task: MoveOutOfNode) -> None:
        outage.move_out(tx, task)

    @command
    def put_hold_term(self, tx: Transaction, ask: PutHoldTerm) -> HoldTermState:
        return expiring.put_term(tx, ask)

    @on
    def let_held_units_go(self, tx: Transaction, task: LetHeldUnitsGo) -> None:
        expiring.let_go(tx, task)

    @on
    def take_units_again(self, tx: Transaction, task: TakeUnitsAgain) -> None:
        expiring.take_again(tx, task.order_id)

    @on
    def move_planned(self, tx: Transaction, task: MovePlanned) -> None:
        planned.move_planned(tx, task)

    @command
    def judge(self, tx: Transaction, ask: JudgeOrders) -> OrdersJudged:
        return judging.judge(tx, ask)

    @on
    def row(self, tx: Transaction, task: DoOrderRow) -> None:
        tx.send("bulk", f"bulk:{task.job_id}", RowDone(**do_row(self, tx, task)))

    @on_set
    def hear_money(self, tx: Transaction, events: list[OrderMoney], whos: list[Who]) -> None:
        money.hear_money(tx, events, whos)

    @on
    def hear_shipped(self, tx: Transaction, event: FulfilmentShipped) -> None:
        reacting.hear_shipped(tx, event)

    @on
    def hear_delivered(self, tx: Transaction, event: FulfilmentDelivered) -> None:
        reacting.hear_delivered(tx, event)

    @on
    def hear_lost(self, tx: Transaction, event: AllocationsLost) -> None:
        reacting.hear_lost(tx, event)

    @on
    def hear_filled(self, tx: Transaction, event: BackordersFilled) -> None:
        reacting.hear_filled(tx, event)

    @on
    def forget(self, tx: Transaction, event: CustomerErased) -> None:
        forgetting.forget(tx, event)

    @on
    def close_delivered(self, tx: Transaction, task: CloseDelivered) -> None:
        reacting.close_delivered(tx, task)
