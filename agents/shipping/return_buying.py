"""Labels of returns from carriers that are asked: a wish first, rates asked and labels bought outside, each answer
written down once. The carriers of rate cards stand beside them, and take over where no carrier sells."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.returns.messages import ReturnApproved
from agents.shipping.asking import Carriers, Heard
from agents.shipping.choosing import Choice
from agents.shipping.messages.returning import CarryOutReturnLabel, GiveReturnLabelBack
from agents.shipping.providers import NEVER_SOLD, CarrierTrouble, Rate, Sale, SaleStatus, Shipment, Voiding, VoidStatus
from agents.shipping.providers.choose import Account
from agents.shipping.purchases import NOT_REACHED, STALE
from agents.shipping.quotes import accounts_for, opened
from agents.shipping.returning import (
    Sold,
    card_offer,
    from_card,
    goes_to,
    issue,
    not_labelled,
    return_shipment,
    still_wanted,
)
from db.base import uuid7
from db.carriers import LABEL_PURCHASE_MOVES, OPEN, REFUND_EVERY, CarrierAccount, PurchaseState
from db.errors import NotFound, Refusal, Unavailable
from db.money import format_money
from db.return_parcels import ReturnLabel, ReturnLabelPurchase, live_return_label
from db.returns import ReturnWay
from db.session import Transaction
from db.shipping import REFUND_MOVES, LabelRefund, LabelState

TRIES_EACH = 2  # of one service, where nothing says that it will not be sold
FIRST_LOOK = timedelta(seconds=15)  # after no answer; doubled each time
LONGEST_PAUSE = timedelta(hours=1)


def label_return(tx: Transaction, event: ReturnApproved) -> None:
    """Have the label of an approved return bought, once: of a rate card at once, of carriers that are asked in the
    background. Without a rate the order's history says so, and a person acts."""
    if event.way != ReturnWay.label or live_return_label(tx, event.return_id) is not None:
        return
    if open_of(tx, event.return_id) is not None:
        return
    node = goes_to(tx, event.return_id)
    if node is not None and accounts_for(tx, node.code):
        open_purchase(tx, event.return_id, event.order_id, node.code)
        return
    choice, _ = card_offer(tx, event.return_id)
    if choice is None:
        not_labelled(tx, event.return_id, f"no service takes return {event.number}")
    else:
        from_card(tx, event.return_id, choice)


def void_of_return(tx: Transaction, return_id: UUID, reason: str) -> None:
    label = live_return_label(tx, return_id)
    if label is not None:
        label.state, label.voided_at = LabelState.voided, tx.now
        tx.note(f"order:{label.order_id}", to_status="return label voided", why=f"{label.tracking_number}: {reason}")
        want_refund(tx, label)
    if (buying := open_of(tx, return_id)) is not None:
        cancel(tx, buying, reason)


def open_of(tx: Transaction, return_id: UUID) -> ReturnLabelPurchase | None:
    wanted = select(ReturnLabelPurchase).where(ReturnLabelPurchase.return_id == return_id)
    found = tx.scalars(
        wanted.where(ReturnLabelPurchase.status.in_(OPEN)), execution_options={"populate_existing": True}
    )
    return found.one_or_none()


def open_purchase(tx: Transaction, return_id: UUID, order_id: UUID, node: str) -> ReturnLabelPurchase:
    """The wish for the label of a return that has neither a live label nor an open wish."""
    purchase = ReturnLabelPurchase(
        id=uuid7(), return_id=return_id, order_id=order_id, node=node, status=PurchaseState.asked, asked_at=tx.now,
        due_at=tx.now + STALE,
    )  # fmt: skip
    tx.add(purchase)
    tx.flush()
    tx.note(f"return_label_purchase:{purchase.id}", to_status=PurchaseState.asked)
    tx.send("shipping", f"return:{return_id}", CarryOutReturnLabel(purchase_id=purchase.id))
    return purchase


class Gather(NamedTuple):
    """Ask these for rates of a return, and decide with the answers."""

    purchase_id: UUID
    accounts: list[Account]
    shipment: Shipment

    def ask(self, carriers: Carriers) -> list[Heard]:
        return carriers.rates(self.accounts, self.shipment)

    def book(self, tx: Transaction, heard: list[Heard]) -> None:
        purchase = _locked(tx, self.purchase_id)
        if purchase.status != PurchaseState.asked or not _wanted(tx, purchase):
            return
        _decide(tx, purchase, heard)


class Buy(NamedTuple):
    """Buy this rate under this key, or tell what became of that."""

    purchase_id: UUID
    account: Account
    key: str
    shipment: Shipment
    rate: Rate
    look_up: bool

    def ask(self, carriers: Carriers) -> Sale:
        try:
            provider = carriers.open(self.account)
            return (provider.look_up if self.look_up else provider.return_label)(self.key, self.shipment, self.rate)
        except CarrierTrouble as trouble:
            status = SaleStatus.unknown if self.look_up or not trouble.surely_not_begun else SaleStatus.refused
            return Sale(status=status, code=NOT_REACHED, message=str(trouble))
        except (Refusal, Unavailable) as error:  # its credentials cannot be opened: nothing was sent
            status = SaleStatus.unknown if self.look_up else SaleStatus.refused
            return Sale(status=status, code=NOT_REACHED, message=str(error))

    def book(self, tx: Transaction, sale: Sale) -> None:
        purchase = _locked(tx, self.purchase_id)
        if purchase.key != self.key or purchase.status not in (PurchaseState.buying, PurchaseState.unknown):
            return
        if sale.status is SaleStatus.sold and sale.tracking_number and sale.ref and sale.label:
            _sold(tx, purchase, self.rate, sale)
        elif sale.status in (SaleStatus.sold, SaleStatus.unknown):
            _move(tx, purchase, PurchaseState.unknown, why=sale.message or "the carrier's answer makes no sense")
            purchase.due_at = tx.now + min(FIRST_LOOK * 2 ** min(purchase.attempts - 1, 10), LONGEST_PAUSE)
        else:
            again = sale.code in (NEVER_SOLD, NOT_REACHED) or sale.status is SaleStatus.expired
            why = sale.message or sale.code
            name = f"{self.account.code} {self.rate.name}"
            purchase.tries = [*purchase.tries, {"name": name, "why": why, "final": not again}]
            _move(tx, purchase, PurchaseState.asked, why=f"not sold: {why}")
            purchase.attempts, purchase.due_at = 0, tx.now
        tx.flush()


class AskRefund(NamedTuple):
    label_id: UUID
    account: Account
    ref: str

    def ask(self, carriers: Carriers) -> Voiding:
        try:
            return carriers.open(self.account).void(str(self.label_id), self.ref)
        except (CarrierTrouble, Refusal, Unavailable) as trouble:
            return Voiding(status=VoidStatus.unknown, message=str(trouble))

    def book(self, tx: Transaction, told: Voiding) -> None:
        label = _locked_label(tx, self.label_id)
        if label.refund != LabelRefund.asked:
            return
        label.refund_why = told.message or told.code or None
        settled = {VoidStatus.granted: LabelRefund.granted, VoidStatus.refused: LabelRefund.refused}.get(told.status)
        if settled is None or settled not in REFUND_MOVES[LabelRefund.asked]:
            label.refund_due_at = tx.now + REFUND_EVERY
            return
        label.refund, label.refund_due_at = settled, None
        said = f"{label.tracking_number}: {label.refund_why or settled}"
        tx.note(f"order:{label.order_id}", to_status=f"return label refund {settled}", why=said)
        tx.flush()


def next_step(tx: Transaction, purchase_id: UUID) -> Gather | Buy | None:
    """What to ask of the world now; None when there is nothing, or somebody else is about it."""
    purchase = _locked(tx, purchase_id)
    status = PurchaseState(purchase.status)
    if status is PurchaseState.asked:
        return _gather(tx, purchase) if _wanted(tx, purchase) else None
    if status not in (PurchaseState.buying, PurchaseState.unknown) or purchase.account is None or purchase.key is None:
        return None
    fresh = status is PurchaseState.buying and not purchase.attempts
    if not fresh and purchase.due_at > tx.now:
        return None
    if status is PurchaseState.buying and not fresh:
        _move(tx, purchase, PurchaseState.unknown, why="whoever bought it did not come back")
    purchase.attempts, purchase.due_at = purchase.attempts + 1, tx.now + STALE
    account = opened(tx, tx.get_one(CarrierAccount, purchase.account))
    rate, shipment = msgspec.convert(purchase.rate, Rate), return_shipment(tx, purchase.return_id, purchase.node)
    return Buy(purchase.id, account, purchase.key, shipment, rate, not fresh)


def refund_step(tx: Transaction, label_id: UUID) -> AskRefund | None:
    label = _locked_label(tx, label_id)
    if label.refund != LabelRefund.asked or label.account is None or label.provider_ref is None:
        return None
    if label.refund_due_at is not None and label.refund_due_at > tx.now:
        return None
    label.refund_due_at = tx.now + REFUND_EVERY
    return AskRefund(label.id, opened(tx, tx.get_one(CarrierAccount, label.account)), label.provider_ref)


def want_refund(tx: Transaction, label: ReturnLabel) -> None:
    if label.account is None:
        return
    label.refund, label.refund_due_at = LabelRefund.asked, tx.now
    tx.send("shipping", f"return:{label.return_id}", GiveReturnLabelBack(label_id=label.id))
    tx.flush()


def cancel(tx: Transaction, purchase: ReturnLabelPurchase, why: str) -> None:
    """The return is off. What may have been sold is settled, and then given back."""
    if purchase.status == PurchaseState.asked:
        _end(tx, purchase, PurchaseState.cancelled, why=why)


def _wanted(tx: Transaction, purchase: ReturnLabelPurchase) -> bool:
    if still_wanted(tx, purchase.return_id) and live_return_label(tx, purchase.return_id) is None:
        return True
    _end(tx, purchase, PurchaseState.cancelled, why="the return waits for no label any more")
    return False


def _gather(tx: Transaction, purchase: ReturnLabelPurchase) -> Gather | None:
    if purchase.attempts and purchase.due_at > tx.now:
        return None
    purchase.attempts, purchase.due_at = purchase.attempts + 1, tx.now + STALE
    accounts = [opened(tx, account) for account in accounts_for(tx, purchase.node)]
    return Gather(purchase.id, accounts, return_shipment(tx, purchase.return_id, purchase.node))


def _decide(tx: Transaction, purchase: ReturnLabelPurchase, heard: list[Heard]) -> None:
    """The cheapest in the order's currency, of the carriers that answered and of the rate cards."""
    choice, currency = card_offer(tx, purchase.return_id)
    spent = [str(t["name"]) for t in purchase.tries]
    final = {str(t["name"]) for t in purchase.tries if t["final"]}
    allowed = {a.code: set(a.services) for a in accounts_for(tx, purchase.node)}
    rates = [
        (answer.account.code, rate)
        for answer in heard
        for rate in answer.rates
        if rate.currency == currency
        and (not allowed.get(answer.account.code) or {rate.carrier, rate.name} & allowed[answer.account.code])
        and (name := f"{answer.account.code} {rate.name}") not in final
        and spent.count(name) < TRIES_EACH
    ]
    best = min(rates, key=lambda each: (each[1].amount, each[1].transit_days or 99, each[1].name), default=None)
    silent = "; ".join(answer.error for answer in heard if answer.error)
    without = f"; decided without: {silent}" if silent else ""
    if best is not None and (choice is None or best[1].amount <= choice.offer.amount):
        account, rate = best
        against = len(rates) - 1 + (choice is not None)
        told = f"cheapest of {against + 1}: {rate.name} {format_money(rate.amount, rate.currency)}{without}"
        purchase.account, purchase.rate, purchase.key = account, msgspec.to_builtins(rate), str(uuid7())
        purchase.attempts, purchase.due_at, purchase.why = 0, tx.now, told
        _move(tx, purchase, PurchaseState.buying, why=told)
    elif choice is not None:
        why = f"{choice.why}{without}"
        _end(tx, purchase, PurchaseState.bought, why=why)
        from_card(tx, purchase.return_id, Choice(choice.offer, why), id=purchase.id)
    else:
        tried = "; ".join(f"{t['name']}: {t['why']}" for t in purchase.tries)
        why = "; ".join(part for part in (tried, silent) if part) or "no carrier and no rate card takes it"
        _end(tx, purchase, PurchaseState.refused, why=why)
        not_labelled(tx, purchase.return_id, why)
    tx.flush()


def _sold(tx: Transaction, purchase: ReturnLabelPurchase, rate: Rate, sale: Sale) -> None:
    """The label exists, wanted or not; one that nobody waits for any more is given back."""
    wanted = still_wanted(tx, purchase.return_id) and live_return_label(tx, purchase.return_id) is None
    why = purchase.why or ""
    if (sale.amount, sale.currency) != (rate.amount, rate.currency):
        took, offered = format_money(sale.amount, sale.currency), format_money(rate.amount, rate.currency)
        why += f"; offered for {offered} and sold for {took}"
    _end(tx, purchase, PurchaseState.bought, why=sale.tracking_number)
    label = issue(
        tx,
        purchase.return_id,
        Sold(
            id=purchase.id, node=purchase.node, carrier=rate.carrier, service=rate.service,
            tracking_number=sale.tracking_number, amount=sale.amount, currency=sale.currency, why=why,
            parts=msgspec.to_builtins(sale.parts or rate.parts), label=sale.label, format=sale.format,
            account=purchase.account, provider_ref=sale.ref,
        ),
        live=wanted,
    )  # fmt: skip
    if not wanted:
        want_refund(tx, label)


def _end(tx: Transaction, purchase: ReturnLabelPurchase, to: PurchaseState, *, why: str) -> None:
    _move(tx, purchase, to, why=why)
    purchase.settled_at = tx.now
    if to is not PurchaseState.bought:
        purchase.why = why
    tx.flush()


def _move(tx: Transaction, purchase: ReturnLabelPurchase, to: PurchaseState, *, why: str) -> None:
    if purchase.status != to:
        subject = f"return_label_purchase:{purchase.id}"
        tx.move(purchase, to, moves=LABEL_PURCHASE_MOVES, subject=subject, why=why)


def _locked(tx: Transaction, purchase_id: UUID) -> ReturnLabelPurchase:
    found = tx.get(ReturnLabelPurchase, purchase_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("return label purchase", str(purchase_id))
    return found


def _locked_label(tx: Transaction, label_id: UUID) -> ReturnLabel:
    found = tx.get(ReturnLabel, label_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("return label", str(label_id))
    return found
