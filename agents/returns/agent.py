"""Takes goods back from customers, exchanges them and makes good what was wrong with them.

The only writer of returns, exchanges, claims, of parcels that nobody knows and of the return policy.

Locks are taken in one order: the order's row, the return, levels by node and SKU, lots, bins. The money is the
payments agent's: it is told what is owed, and tells what became of it.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update

from agents.agent import Agent
from agents.customers.messages import CustomerErased
from agents.handlers import command, on
from agents.inventory.messages import GoodsKept
from agents.orders.messages import LinesCancelled, OrderCancelled, OrderEdited, OrderShipped
from agents.orders.messages.substitutes import SubstitutePlaced, SubstituteRefused
from agents.payments.messages import ReturnMoney
from agents.returns import (
    claim_money,
    claiming,
    deciding,
    disposing,
    exchanging,
    making_good,
    parcels,
    policies,
    receiving,
    refunding,
    replacing,
    requesting,
    securing,
    shipping,
    signalling,
    terms,
    trying,
    unknown,
)
from agents.returns.messages import (
    ApproveReturn,
    CancelReturn,
    CloseReturn,
    CloseUnknownParcel,
    DeclineReturn,
    KeepUnknownParcel,
    MatchUnknownParcel,
    PayWithheld,
    PreviewReturn,
    ReceiveReturn,
    RefundReturnAgain,
    RequestReturn,
    ReturnPreview,
    ReturnState,
    UnknownParcelState,
)
from agents.returns.messages.claims import (
    ApproveClaim,
    CancelClaim,
    ClaimPreview,
    ClaimState,
    DenyClaim,
    MakeGood,
    OpenClaim,
    PreviewClaim,
    RefundClaimAgain,
)
from agents.returns.messages.dispositions import (
    AddDispositionTerms,
    ChangeDisposition,
    DispositionState,
    DispositionTermsState,
    DoDisposition,
    ReturnChoices,
    WeighReturn,
)
from agents.returns.messages.exchanges import (
    ApproveExchange,
    CancelExchange,
    ExchangePreview,
    ExchangeState,
    HoldForExchange,
    OrderForExchange,
    PreviewExchange,
    RequestExchange,
    TakeSecurities,
)
from agents.returns.messages.policies import AddReturnPolicy, ReturnPolicyState, ReturnPolicyTried, TryReturnPolicy
from agents.returns.messages.signals import ReturnSignalState, SetSignalAside
from agents.shipping.messages import ReturnLabelBought, ReturnParcelSeen
from db.exchanges import Exchange
from db.order_claims import ClaimPhoto, OrderClaim, OrderClaimLine
from db.return_signals import ReturnSignal
from db.returns import Return, ReturnLine, ReturnUnits
from db.session import Transaction
from db.unknown_parcels import UnknownParcel


class ReturnsAgent(Agent):
    name = "returns"

    @command
    def preview(self, tx: Transaction, ask: PreviewReturn) -> ReturnPreview:
        return requesting.preview(tx, ask)

    @command
    def request(self, tx: Transaction, ask: RequestReturn) -> ReturnState:
        return requesting.request(tx, ask)

    @command
    def approve(self, tx: Transaction, ask: ApproveReturn) -> ReturnState:
        return deciding.approve_return(tx, ask)

    @command
    def decline(self, tx: Transaction, ask: DeclineReturn) -> ReturnState:
        return deciding.decline_return(tx, ask)

    @command
    def cancel(self, tx: Transaction, ask: CancelReturn) -> ReturnState:
        return deciding.cancel_return(tx, ask)

    @command
    def receive(self, tx: Transaction, ask: ReceiveReturn) -> ReturnState:
        return receiving.receive_return(tx, ask)

    @command
    def pay_withheld(self, tx: Transaction, ask: PayWithheld) -> ReturnState:
        return refunding.pay_withheld(tx, ask)

    @command
    def refund_again(self, tx: Transaction, ask: RefundReturnAgain) -> ReturnState:
        return refunding.refund_again(tx, ask)

    @command
    def close(self, tx: Transaction, ask: CloseReturn) -> ReturnState:
        return refunding.close_return(tx, ask)

    @command
    def weigh(self, tx: Transaction, ask: WeighReturn) -> ReturnChoices:
        return disposing.weigh_return(tx, ask)

    @command
    def change_disposition(self, tx: Transaction, ask: ChangeDisposition) -> DispositionState:
        return disposing.change(tx, ask)

    @command
    def do_disposition(self, tx: Transaction, ask: DoDisposition) -> DispositionState:
        return disposing.do(tx, ask)

    @command
    def set_signal_aside(self, tx: Transaction, ask: SetSignalAside) -> ReturnSignalState:
        return signalling.set_aside(tx, ask)

    # Exchanges

    @command
    def preview_exchange(self, tx: Transaction, ask: PreviewExchange) -> ExchangePreview:
        return exchanging.preview_exchange(tx, ask)

    @command
    def request_exchange(self, tx: Transaction, ask: RequestExchange) -> ExchangeState:
        return exchanging.request_exchange(tx, ask)

    @command
    def approve_exchange(self, tx: Transaction, ask: ApproveExchange) -> ExchangeState:
        return exchanging.approve_exchange(tx, ask)

    @command
    def cancel_exchange(self, tx: Transaction, ask: CancelExchange) -> ExchangeState:
        return exchanging.cancel_exchange(tx, ask)

    @command
    def hold_goods(self, tx: Transaction, ask: HoldForExchange) -> ExchangeState:
        return exchanging.hold_goods(tx, ask)

    @on
    def take_securities(self, tx: Transaction, _task: TakeSecurities) -> None:
        securing.take_late(tx)

    @command
    def order_goods(self, tx: Transaction, ask: OrderForExchange) -> ExchangeState:
        return exchanging.order_goods(tx, ask)

    # Claims

    @command
    def preview_claim(self, tx: Transaction, ask: PreviewClaim) -> ClaimPreview:
        return claiming.preview_claim(tx, ask)

    @command
    def open_claim(self, tx: Transaction, ask: OpenClaim) -> ClaimState:
        return claiming.open_claim(tx, ask)

    @command
    def approve_claim(self, tx: Transaction, ask: ApproveClaim) -> ClaimState:
        return claiming.approve_claim(tx, ask)

    @command
    def deny_claim(self, tx: Transaction, ask: DenyClaim) -> ClaimState:
        return claiming.deny_claim(tx, ask)

    @command
    def cancel_claim(self, tx: Transaction, ask: CancelClaim) -> ClaimState:
        return claiming.cancel_claim(tx, ask)

    @command
    def refund_claim_again(self, tx: Transaction, ask: RefundClaimAgain) -> ClaimState:
        return claiming.refund_again(tx, ask)

    @on
    def make_good(self, tx: Transaction, task: MakeGood) -> None:
        making_good.make_good(tx, task)

    # What the others tell

    @on
    def goods_kept(self, tx: Transaction, event: GoodsKept) -> None:
        replacing.hear_kept(tx, event)

    @on
    def replacement_placed(self, tx: Transaction, event: SubstitutePlaced) -> None:
        source = replacing.hear_placed(tx, event)
        if isinstance(source, OrderClaim):
            claim_money.tell_parcel(tx, source)

    @on
    def replacement_refused(self, tx: Transaction, event: SubstituteRefused) -> None:
        making_good.hear_refused(tx, replacing.hear_refused(tx, event), event)

    @on
    def order_shipped(self, tx: Transaction, event: OrderShipped) -> None:
        replacing.hear_shipped(tx, event)
        claim_money.hear_shipped(tx, event)

    @on
    def order_cancelled(self, tx: Transaction, event: OrderCancelled) -> None:
        replacing.hear_cancelled(tx, event)
        claim_money.hear_cancelled(tx, event)

    @on
    def lines_cancelled(self, tx: Transaction, event: LinesCancelled) -> None:
        shipping.follow_goods(tx, event.order_id)

    @on
    def order_edited(self, tx: Transaction, event: OrderEdited) -> None:
        shipping.follow_goods(tx, event.order_id)

    @on
    def money(self, tx: Transaction, event: ReturnMoney) -> None:
        refunding.hear_money(tx, event)

    @on
    def labelled(self, tx: Transaction, event: ReturnLabelBought) -> None:
        parcels.hear_label(tx, event)

    @on
    def seen(self, tx: Transaction, event: ReturnParcelSeen) -> None:
        parcels.hear_parcel(tx, event)

    @command
    def keep_unknown(self, tx: Transaction, ask: KeepUnknownParcel) -> UnknownParcelState:
        return unknown.keep(tx, ask)

    @command
    def match_unknown(self, tx: Transaction, ask: MatchUnknownParcel) -> UnknownParcelState:
        return unknown.match(tx, ask)

    @command
    def close_unknown(self, tx: Transaction, ask: CloseUnknownParcel) -> UnknownParcelState:
        return unknown.close(tx, ask)

    @on
    def erased(self, tx: Transaction, event: CustomerErased) -> None:
        """What people wrote about it goes; what came back and what was paid stays."""
        theirs = select(Return.id).where(Return.order_id.in_(event.orders))
        tx.execute(update(Return).where(Return.order_id.in_(event.orders)).values(note=None))
        tx.execute(update(ReturnLine).where(ReturnLine.return_id.in_(theirs)).values(remark=None))
        tx.execute(update(ReturnUnits).where(ReturnUnits.return_id.in_(theirs)).values(note=None))
        tx.execute(update(Exchange).where(Exchange.order_id.in_(event.orders)).values(note=None))
        theirs_set_aside = update(ReturnSignal).where(ReturnSignal.order_id.in_(event.orders))
        tx.execute(theirs_set_aside.values(set_aside_why=None))
        claims = select(OrderClaim.id).where(OrderClaim.order_id.in_(event.orders))
        tx.execute(update(OrderClaimLine).where(OrderClaimLine.claim_id.in_(claims)).values(remark=None))
        tx.execute(update(OrderClaim).where(OrderClaim.order_id.in_(event.orders)).values(note=None))
        tx.execute(delete(ClaimPhoto).where(ClaimPhoto.claim_id.in_(claims)))
        parcels = update(UnknownParcel).where(UnknownParcel.return_id.in_(theirs))
        tx.execute(parcels.values(scanned=None, note=None))

    @command
    def add_policy(self, tx: Transaction, ask: AddReturnPolicy) -> ReturnPolicyState:
        return policies.add_policy(tx, ask)

    @command
    def try_policy(self, tx: Transaction, ask: TryReturnPolicy) -> ReturnPolicyTried:
        return trying.try_policy(tx, ask)

    @command
    def add_terms(self, tx: Transaction, ask: AddDispositionTerms) -> DispositionTermsState:
        return terms.add_terms(tx, ask)
