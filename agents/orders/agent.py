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
    forgetting,
    history,
    holding,
    judging,
    placing,
    reacting,
    recalling,
    remarks,
)
from agents.orders.messages import (
    AddNote,
    ApplyEdit,
    CancelOrder,
    CloseDelivered,
    CloseOrder,
    DiscardEdit,
    DoOrderRow,
    EditPreview,
    HoldOrder,
    ImportedOrders,
    ImportOrders,
    JudgeOrders,
    OrdersJudged,
    OrderState,
    PlaceDraft,
    PlaceOrder,
    ProposeEdit,
    RecallOrder,
    ReleaseOrder,
    TagOrder,
)
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
    def close(self, tx: Transaction, ask: CloseOrder) -> OrderState:
        return remarks.close(tx, ask)

    @command
    def bring_in(self, tx: Transaction, ask: ImportOrders) -> ImportedOrders:
        return history.bring_in(tx, ask)

    @command
    def judge(self, tx: Transaction, ask: JudgeOrders) -> OrdersJudged:
        return judging.judge(tx, ask)

    @on
    def row(self, tx: Transaction, task: DoOrderRow) -> None:
        tx.send("bulk", f"bulk:{task.job_id}", RowDone(**do_row(self, tx, task)))

    @on_set
    def hear_money(self, tx: Transaction, events: list[OrderMoney], whos: list[Who]) -> None:
        reacting.hear_money(tx, events, whos)

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
