"""Looks after parcels that have left: those in trouble, claims to carriers for them, and what carriers bill.

The only writer of parcel exceptions, carrier claims, carriers' terms and carriers' invoices. Sending goods again,
giving money back and writing to customers is asked of the agents whose work it is.
"""

from __future__ import annotations

from sqlalchemy import update

from agents.agent import Agent
from agents.customers.messages import CustomerErased
from agents.handlers import command, on
from agents.parcels import acting, claiming, invoicing, looking, terms, troubles
from agents.parcels.messages import (
    ActOnException,
    ExceptionState,
    LookAfterParcels,
    OpenException,
    ProposeAgain,
    ReleaseException,
    ReopenException,
    TakeException,
)
from agents.parcels.messages.claims import (
    AcceptClaim,
    AddEvidence,
    BookClaimPayment,
    CarrierClaimState,
    FileClaim,
    RejectClaim,
    WriteOffClaim,
)
from agents.parcels.messages.invoices import (
    AcceptCharges,
    CarrierInvoiceState,
    CarrierTermsState,
    ChargesState,
    CreditCharge,
    DisputeCharges,
    EnterCarrierInvoice,
    PutCarrierTerms,
    RotateTrackingSecret,
)
from agents.payments.messages import ParcelMoney
from agents.returns.messages.claims import ParcelHelped, ParcelNotHelped
from agents.shipping.messages.tracking import ParcelTracked
from db.carrier_claims import CarrierClaim
from db.session import Transaction


class ParcelsAgent(Agent):
    """A parcel has one exception, however often it gets into trouble, and its customer is helped once."""

    name = "parcels"

    # Trouble

    @on
    def tracked(self, tx: Transaction, event: ParcelTracked) -> None:
        troubles.hear_tracked(tx, event)

    @on
    def look(self, tx: Transaction, _task: LookAfterParcels) -> None:
        looking.look(tx)

    @command
    def open(self, tx: Transaction, ask: OpenException) -> ExceptionState:
        return troubles.open_by_hand(tx, ask)

    @command
    def take_on(self, tx: Transaction, ask: TakeException) -> ExceptionState:
        return troubles.take(tx, ask)

    @command
    def release(self, tx: Transaction, ask: ReleaseException) -> ExceptionState:
        return troubles.release(tx, ask)

    @command
    def act(self, tx: Transaction, ask: ActOnException) -> ExceptionState:
        return acting.act(tx, ask)

    @command
    def reopen(self, tx: Transaction, ask: ReopenException) -> ExceptionState:
        return troubles.reopen(tx, ask)

    @command
    def propose_again(self, tx: Transaction, ask: ProposeAgain) -> ExceptionState:
        return troubles.again(tx, ask)

    @on
    def helped(self, tx: Transaction, event: ParcelHelped) -> None:
        acting.hear_helped(tx, event)

    @on
    def not_helped(self, tx: Transaction, event: ParcelNotHelped) -> None:
        acting.hear_not_helped(tx, event)

    @on
    def money(self, tx: Transaction, event: ParcelMoney) -> None:
        acting.hear_money(tx, event)

    # Claims

    @command
    def add_evidence(self, tx: Transaction, ask: AddEvidence) -> CarrierClaimState:
        return claiming.add_evidence(tx, ask)

    @command
    def file_claim(self, tx: Transaction, ask: FileClaim) -> CarrierClaimState:
        return claiming.file_claim(tx, ask)

    @command
    def accept_claim(self, tx: Transaction, ask: AcceptClaim) -> CarrierClaimState:
        return claiming.accept_claim(tx, ask)

    @command
    def reject_claim(self, tx: Transaction, ask: RejectClaim) -> CarrierClaimState:
        return claiming.reject_claim(tx, ask)

    @command
    def book_payment(self, tx: Transaction, ask: BookClaimPayment) -> CarrierClaimState:
        return claiming.book_payment(tx, ask)

    @command
    def write_off(self, tx: Transaction, ask: WriteOffClaim) -> CarrierClaimState:
        return claiming.write_off(tx, ask)

    # Terms and invoices

    @command
    def put_terms(self, tx: Transaction, ask: PutCarrierTerms) -> CarrierTermsState:
        return terms.put(tx, ask)

    @command
    def rotate_secret(self, tx: Transaction, ask: RotateTrackingSecret) -> CarrierTermsState:
        return terms.rotate(tx, ask)

    @command
    def enter_invoice(self, tx: Transaction, ask: EnterCarrierInvoice) -> CarrierInvoiceState:
        return invoicing.enter(tx, ask)

    @command
    def dispute(self, tx: Transaction, ask: DisputeCharges) -> ChargesState:
        return invoicing.dispute(tx, ask)

    @command
    def accept_charges(self, tx: Transaction, ask: AcceptCharges) -> ChargesState:
        return invoicing.accept(tx, ask)

    @command
    def credit(self, tx: Transaction, ask: CreditCharge) -> ChargesState:
        return invoicing.credit(tx, ask)

    @on
    def forget(self, tx: Transaction, event: CustomerErased) -> None:
        """What people wrote of a claim may name the person; what was claimed and paid stays."""
        tx.execute(update(CarrierClaim).where(CarrierClaim.order_id.in_(event.orders)).values(evidence=[]))
