"""Money for labels that were given back: asked of the carrier outside, for as long as it has not decided."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from agents.shipping.asking import Carriers
from agents.shipping.messages.carriers import AskRefundAgain, GiveLabelBack, LabelRefundSettled, RefundAsked
from agents.shipping.providers import CarrierTrouble, Voiding, VoidStatus
from agents.shipping.providers.choose import Account
from agents.shipping.quotes import opened
from agents.shipping.refusals import NoRefundDue
from db.carriers import REFUND_EVERY, CarrierAccount
from db.errors import NotFound, Refusal, Unavailable
from db.session import Transaction
from db.shipping import REFUND_MOVES, Label, LabelRefund


class AskRefund(NamedTuple):
    label_id: UUID
    account: Account
    provider_ref: str

    def ask(self, carriers: Carriers) -> Voiding:
        try:
            return carriers.open(self.account).void(str(self.label_id), self.provider_ref)
        except (CarrierTrouble, Refusal, Unavailable) as trouble:
            return Voiding(status=VoidStatus.unknown, message=str(trouble))

    def book(self, tx: Transaction, told: Voiding) -> None:
        label = _locked(tx, self.label_id)
        if label.refund != LabelRefund.asked:
            return
        label.refund_why = told.message or told.code or None
        settled = {VoidStatus.granted: LabelRefund.granted, VoidStatus.refused: LabelRefund.refused}.get(told.status)
        if settled is None:
            label.refund_due_at = tx.now + REFUND_EVERY
            return
        _move(tx, label, settled, why=label.refund_why or "")
        label.refund_due_at = None
        tx.announce(
            f"order:{label.order_id}",
            LabelRefundSettled(
                label_id=label.id,
                order_id=label.order_id,
                refund=settled,
                amount=label.amount,
                currency=label.currency,
                why=label.refund_why or "",
            ),
        )


def refund_step(tx: Transaction, label_id: UUID) -> AskRefund | None:
    label = _locked(tx, label_id)
    if label.refund != LabelRefund.asked or label.account is None or label.provider_ref is None:
        return None
    if label.refund_due_at is not None and label.refund_due_at > tx.now:
        return None
    label.refund_due_at = tx.now + REFUND_EVERY
    account = tx.get_one(CarrierAccount, label.account)
    return AskRefund(label.id, opened(tx, account), label.provider_ref)


def ask_again(tx: Transaction, ask: AskRefundAgain) -> RefundAsked:
    label = _locked(tx, ask.label_id)
    if label.refund != LabelRefund.refused:
        raise NoRefundDue(str(label.id), label.refund)
    _move(tx, label, LabelRefund.asked, why=ask.reason)
    label.refund_due_at = tx.now
    tx.send("shipping", f"label:{label.id}", GiveLabelBack(label_id=label.id))
    tx.flush()
    return RefundAsked(id=label.id, refund=label.refund)


def _move(tx: Transaction, label: Label, to: LabelRefund, *, why: str) -> None:
    now_at = LabelRefund(label.refund)
    if to not in REFUND_MOVES[now_at]:
        raise ValueError(f"a refund that is {now_at} cannot become {to}")
    tx.note(f"order:{label.order_id}", from_status=f"label refund {now_at}", to_status=f"label refund {to}",
            why=f"{label.tracking_number}: {why}")  # fmt: skip
    label.refund = to


def _locked(tx: Transaction, label_id: UUID) -> Label:
    label = tx.get(Label, label_id, with_for_update=True, populate_existing=True)
    if label is None:
        raise NotFound("label", str(label_id))
    return label
