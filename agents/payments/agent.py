"""Moves money through providers, and is the only writer of payments and their ledger.

What is wanted is written first and asked of the provider after the commit, with the entry's id as key. An
answer that does not come is unknown, never failed: reconciliation looks it up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog

from agents.agent import Agent
from agents.fulfilment.messages import FulfilmentShipped
from agents.handlers import command, on, on_set, outside
from agents.orders.messages import LinesCancelled, OrderCancelled, OrderEdited, OrderPlaced
from agents.payments import ledger, rules, webhooks
from agents.payments.messages import (
    AuthorisePayment,
    CallProvider,
    CapturePayment,
    PaymentView,
    ReconcilePayments,
    RecordManualPayment,
    RefundPayment,
    TakeWebhook,
    VoidPayment,
    WebhookTaken,
)
from agents.payments.providers import Outcome
from agents.payments.providers.choose import BOOKED, choose
from agents.payments.refusals import (
    AmountNotPositive,
    MoreThanHeld,
    MoreThanOwed,
    MoreThanRefundable,
    NothingHeld,
    OtherCurrency,
    ProviderNotSetUp,
    UnknownProvider,
)
from agents.payments.settling import Request, not_possible, settle, take_up
from agents.payments.telling import say_money, say_sums, view
from db.errors import Invalid, NotFound, Refusal, Unavailable
from db.payments import EntryKind, OrderWorth, Payment, open_entries, order_worth, payments_of
from db.session import Transaction, Who
from db.settings import Settings, settings

log = structlog.get_logger()

LOOK_UPS = 20  # in one turn: each may take as long as the provider is slow


class PaymentsAgent(Agent):
    name = "payments"

    def set_up(self) -> None:
        self.use(settings())

    def use(self, settings: Settings) -> None:
        """Which providers there are."""
        self._settings = settings

    # What happens to orders

    @on_set
    def placed(self, tx: Transaction, events: list[OrderPlaced], whos: list[Who]) -> None:
        for event, tx.who in zip(events, whos, strict=True):
            self._take_on(tx, event)

    @on
    def shipped(self, tx: Transaction, event: FulfilmentShipped) -> None:
        """The first shipment captures what the order is worth now; later ones what became missing since."""
        self._straighten(tx, ledger.account(tx, event.order_id), f"shipment:{event.fulfilment_id}", shipped=True)

    @on
    def lines_cancelled(self, tx: Transaction, event: LinesCancelled) -> None:
        self._straighten(tx, ledger.account(tx, event.order_id), f"cancel:{event.order_id}")

    @on
    def cancelled(self, tx: Transaction, event: OrderCancelled) -> None:
        self._straighten(tx, ledger.account(tx, event.order_id), f"cancel:{event.order_id}")

    @on
    def edited(self, tx: Transaction, event: OrderEdited) -> None:
        self._straighten(tx, ledger.account(tx, event.order_id), f"edit:{event.order_id}")

    # Providers

    @outside
    def call(self, task: CallProvider, who: Who) -> None:
        with self.db.transaction(who, now=self.clock()) as tx:
            request = take_up(tx, task.entry_id)
        if request is None:
            return
        outcome = self._ask_provider(request, look_up=False)
        with self.db.transaction(who, now=self.clock()) as tx:
            settle(tx, task.entry_id, outcome)

    @outside
    def reconcile(self, task: ReconcilePayments, who: Who) -> None:
        """Settle what was never answered, each by itself; a provider that is away is left for the next time."""
        before = self.clock() - timedelta(seconds=task.older_than_seconds)
        with self.db.reading() as session:
            found = open_entries(session, before=before, limit=LOOK_UPS * 10, without=BOOKED)
        due = [(e.id, name) for e, name in found if rules.worth_a_look(e.at, e.checked_at, self.clock())]
        away: set[str] = set()
        for entry_id, name in due[:LOOK_UPS]:
            if name in away:
                continue
            with self.db.transaction(who, now=self.clock()) as tx:
                request = take_up(tx, entry_id)
            if request is None:
                continue
            try:
                outcome = self._ask_provider(request, look_up=request.attempts > 1)
            except (Unavailable, Refusal) as error:
                log.warning("reconciliation postponed", provider=name, entry=str(entry_id), error=error)
                away.add(name)
                continue
            with self.db.transaction(who, now=self.clock()) as tx:
                settle(tx, entry_id, outcome)

    # Commands

    @command
    def authorise(self, tx: Transaction, ask: AuthorisePayment) -> PaymentView:
        choose(ask.provider, self._settings)
        order = self._order(tx, ask)
        held = ledger.account(tx, ask.order_id)
        most = rules.owed(held.standings(tx), order.worth)
        if ask.amount > most:
            raise MoreThanOwed(ask.amount, most, order.currency)
        payment = ledger.open_payment(
            tx,
            ask.order_id,
            provider=ask.provider,
            token=ask.token,
            amount=ask.amount,
            currency=ask.currency,
            cause=tx.who.actor,
        )
        return self._answer(tx, payment)

    @command
    def record(self, tx: Transaction, ask: RecordManualPayment) -> PaymentView:
        """Whatever came is written down, even if it is more than was asked for."""
        self._order(tx, ask)
        payment = ledger.open_payment(
            tx,
            ask.order_id,
            provider="manual",
            token=None,
            amount=ask.amount,
            currency=ask.currency,
            cause=tx.who.actor,
            reference=ask.reference,
        )
        return self._answer(tx, payment)

    @command
    def capture(self, tx: Transaction, ask: CapturePayment) -> PaymentView:
        held, payment, stands = self._standing(tx, ask)
        if not stands.capturable:
            raise NothingHeld(str(payment.id), payment.state)
        amount = stands.capturable if ask.amount is None else _positive(ask.amount)
        if amount > stands.capturable:
            raise MoreThanHeld(str(payment.id), amount, stands.capturable, payment.currency)
        ledger.ask(tx, payment, EntryKind.capture, amount, cause=tx.who.actor)
        return self._answer(tx, payment, held)

    @command
    def void(self, tx: Transaction, ask: VoidPayment) -> PaymentView:
        held, payment, stands = self._standing(tx, ask)
        if not stands.voidable:
            raise NothingHeld(str(payment.id), payment.state)
        ledger.ask(tx, payment, EntryKind.void, payment.authorised, cause=f"{tx.who.actor}: {ask.reason}")
        return self._answer(tx, payment, held)

    @command
    def refund(self, tx: Transaction, ask: RefundPayment) -> PaymentView:
        held, payment, stands = self._standing(tx, ask)
        if _positive(ask.amount) > stands.refundable:
            raise MoreThanRefundable(str(payment.id), ask.amount, stands.refundable, payment.currency)
        why = f"{tx.who.actor}: {ask.reason}"
        ledger.ask(tx, payment, EntryKind.refund, ask.amount, cause=why, goodwill=ask.goodwill)
        return self._answer(tx, payment, held)

    @command
    def webhook(self, tx: Transaction, ask: TakeWebhook) -> WebhookTaken:
        event = choose(ask.provider, self._settings).read_webhook(ask.body, ask.headers, tx.now)
        return WebhookTaken(known=webhooks.take(tx, ask.provider, event))

    # Shared by the above

    def _take_on(self, tx: Transaction, event: OrderPlaced) -> None:
        """The payment that an order came with. Asks the database nothing: hundreds are taken on together."""
        given = event.payment
        if given is None:
            return
        if event.total == 0:
            say_sums(tx, event.order_id, [], event.currency)
            return
        about: dict[str, Any] = {"provider": given.provider, "amount": event.total, "currency": event.currency}
        try:
            if given.provider not in BOOKED:
                choose(given.provider, self._settings)
        except (ProviderNotSetUp, UnknownProvider) as refusal:
            payment = ledger.refuse_payment(tx, event.order_id, **about, why=str(refusal))
            say_sums(tx, event.order_id, [payment], event.currency)
            return
        payment = ledger.open_payment(
            tx,
            event.order_id,
            **about,
            token=given.token,
            cause=f"order:{event.order_id}",
            reference=given.reference,
        )
        if payment.provider in BOOKED:
            say_sums(tx, event.order_id, [payment], event.currency)

    def _ask_provider(self, request: Request, *, look_up: bool) -> Outcome:
        """No transaction is open here: it may take as long as it takes."""
        provider = choose(request.provider, self._settings)
        try:
            return request.look_up(provider) if look_up else request.send(provider)
        except Invalid as refusal:
            return not_possible(refusal, refusal.code)

    def _straighten(self, tx: Transaction, held: ledger.Account, cause: str, *, shipped: bool = False) -> None:
        if ledger.straighten(tx, held, cause=cause, shipped=shipped):
            say_money(tx, held.order_id, held.payments, held.payments[0].currency)

    def _order(self, tx: Transaction, ask: AuthorisePayment | RecordManualPayment) -> OrderWorth:
        """The order, locked so that two payments cannot both pay the same rest."""
        _positive(ask.amount)
        order = order_worth(tx, ask.order_id, lock=True)
        if order is None:
            raise NotFound("order", str(ask.order_id))
        if ask.currency != order.currency:
            raise OtherCurrency(ask.currency, order.currency)
        return order

    def _standing(
        self, tx: Transaction, ask: CapturePayment | VoidPayment | RefundPayment
    ) -> tuple[ledger.Account, Payment, rules.Standing]:
        held = ledger.account_of(tx, ask.payment_id)
        stands = next(s for s in held.standings(tx) if s.id == ask.payment_id)
        return held, held[ask.payment_id], stands

    def _answer(self, tx: Transaction, payment: Payment, held: ledger.Account | None = None) -> PaymentView:
        payments = held.payments if held is not None else payments_of(tx, payment.order_id)
        say_money(tx, payment.order_id, payments, payment.currency)
        return view(tx, payment)


def _positive(amount: int) -> int:
    if amount <= 0:
        raise AmountNotPositive(amount)
    return amount
