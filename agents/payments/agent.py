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
from agents.orders.messages import LinesCancelled, OrderCancelled, OrderEdited, OrderPlaced, PaymentGiven
from agents.payments import changing, ledger, limits, own_money, parcels, returning, rules, securing, storing, webhooks
from agents.payments.messages import (
    AuthorisePayment,
    CallProvider,
    CapturePayment,
    ChangeTender,
    PayDifference,
    PaymentView,
    ReconcilePayments,
    RecordManualPayment,
    RefundLimitState,
    RefundParcel,
    RefundPayment,
    RefundReturn,
    RenewHolds,
    SetRefundLimit,
    SettleReturns,
    SettleSecurity,
    TakeWebhook,
    VoidPayment,
    WebhookTaken,
)
from agents.payments.messages.stored_value import (
    AdjustStoredValue,
    BlockGiftCard,
    CodeGiftCard,
    ExpireStoredValues,
    GiveStoreCredit,
    IssueGiftCard,
    StoredValueState,
)
from agents.payments.providers import Outcome
from agents.payments.providers.choose import BOOKED, choose
from agents.payments.refusals import (
    AmountNotPositive,
    MoreThanHeld,
    MoreThanOwed,
    MoreThanRefundable,
    NoCustomer,
    NothingHeld,
    OtherCurrency,
    ProviderNotSetUp,
    TenderDeclined,
    UnknownProvider,
)
from agents.payments.settling import Request, not_possible, settle, take_up
from agents.payments.telling import say_money, say_sums, view
from db.errors import Invalid, NotFound, Refusal, Unavailable
from db.payments import OWN, EntryKind, OrderWorth, Payment, PaymentState, open_entries, order_worth, payments_of
from db.session import Transaction, Who
from db.settings import Settings, settings
from db.stored_value import StoredValue, credit_of

log = structlog.get_logger()

EXCHANGE = "exchange"
TENDERS = tuple(name for name in OWN if name != EXCHANGE)  # that anybody may name; an exchange names its own
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

    @on
    def pay_difference(self, tx: Transaction, task: PayDifference) -> None:
        """What is missing by now; nothing when it was paid or taken back in the meantime."""
        order = order_worth(tx, task.order_id, lock=True)
        held = ledger.account(tx, task.order_id)
        missing = min(task.amount, rules.owed(held.standings(tx), order.worth)) if order is not None else 0
        if order is None or missing <= 0:
            return
        about: dict[str, Any] = {"provider": task.provider, "amount": missing, "currency": order.currency}
        try:
            self._check_provider(task.provider)
        except (ProviderNotSetUp, UnknownProvider) as refusal:
            ledger.refuse_payment(tx, task.order_id, **about, why=str(refusal))
        else:
            ledger.open_payment(tx, task.order_id, **about, token=task.token, cause=f"edit:{task.order_id}")
        say_money(tx, task.order_id, payments_of(tx, task.order_id), order.currency)

    @on
    def settle_returns(self, tx: Transaction, task: SettleReturns) -> None:
        held = ledger.account(tx, task.order_id)
        returning.settle_returns(tx, held)
        if held.payments:
            say_money(tx, held.order_id, held.payments, held.payments[0].currency)

    @on
    def settle_security(self, tx: Transaction, task: SettleSecurity) -> None:
        held = ledger.account(tx, task.order_id)
        if securing.settle_security(tx, held, task):
            held = ledger.account(tx, task.order_id)
            say_money(tx, held.order_id, held.payments, held.payments[0].currency)

    @on
    def renew_holds(self, tx: Transaction, _task: RenewHolds) -> None:
        securing.renew(tx)

    @on
    def refund_return(self, tx: Transaction, task: RefundReturn) -> None:
        held = ledger.account(tx, task.order_id)
        if returning.refund_return(tx, held, task):
            say_money(tx, held.order_id, held.payments, held.payments[0].currency)

    @on
    def refund_parcel(self, tx: Transaction, task: RefundParcel) -> None:
        held = ledger.account(tx, task.order_id)
        if parcels.refund_parcel(tx, held, task):
            say_money(tx, held.order_id, held.payments, held.payments[0].currency)

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
        self._check_provider(ask.provider)
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
        if payment.provider in OWN and payment.state == PaymentState.declined:
            raise TenderDeclined(payment.error or "")
        return self._answer(tx, payment)

    @command
    def change_tender(self, tx: Transaction, ask: ChangeTender) -> PaymentView:
        self._check_provider(ask.provider)
        return self._answer(tx, changing.change_tender(tx, ask))

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
        if ask.goodwill:
            limits.check_goodwill(tx, held, ask.amount, payment.currency)
        value = self._store_credit(tx, payment) if ask.to_credit else None
        ledger.ask(tx, payment, EntryKind.refund, ask.amount, cause=why, goodwill=ask.goodwill, value=value)
        return self._answer(tx, payment, held)

    @command
    def set_refund_limit(self, tx: Transaction, ask: SetRefundLimit) -> RefundLimitState:
        return limits.set_limit(tx, ask)

    # Gift cards and store credit

    @command
    def issue(self, tx: Transaction, ask: IssueGiftCard) -> StoredValueState:
        return storing.issue(tx, ask)

    @command
    def give_code(self, tx: Transaction, ask: CodeGiftCard) -> StoredValueState:
        return storing.give_code(tx, ask)

    @command
    def adjust(self, tx: Transaction, ask: AdjustStoredValue) -> StoredValueState:
        return storing.adjust(tx, ask)

    @command
    def give_credit(self, tx: Transaction, ask: GiveStoreCredit) -> StoredValueState:
        return storing.give_credit(tx, ask)

    @command
    def block(self, tx: Transaction, ask: BlockGiftCard) -> StoredValueState:
        return storing.block(tx, ask)

    @on
    def expire(self, tx: Transaction, _task: ExpireStoredValues) -> None:
        storing.expire(tx)

    @command
    def webhook(self, tx: Transaction, ask: TakeWebhook) -> WebhookTaken:
        event = choose(ask.provider, self._settings).read_webhook(ask.body, ask.headers, tx.now)
        return WebhookTaken(known=webhooks.take(tx, ask.provider, event))

    # Shared by the above

    def _take_on(self, tx: Transaction, event: OrderPlaced) -> None:
        """The payments that an order came with. Asks the database nothing of those that providers hold: hundreds are
        taken on together."""
        given = [event.payment] if event.payment is not None else event.tenders
        if not given:
            return
        if event.total == 0:
            say_sums(tx, event.order_id, [], event.currency)
            return
        payments, left = [], event.total
        for no, tender in enumerate(given, 1):
            amount = self._amount_of(tx, event, tender, left, is_last=no == len(given))
            if amount > 0:
                payments.append(self._tendered(tx, event, tender, amount))
                left -= amount
        if any(p.provider in (*BOOKED, *OWN) or p.state == PaymentState.declined for p in payments):
            say_sums(
                tx, event.order_id, payments, event.currency, unanswered=sum(p.state == "pending" for p in payments)
            )

    def _amount_of(self, tx: Transaction, event: OrderPlaced, tender: PaymentGiven, left: int, *, is_last: bool) -> int:
        """What a tender pays of what is left: what was said; of our own books as much as is there; else all of it."""
        if tender.amount is not None:
            return min(left, tender.amount)
        if tender.provider in OWN and (tender.provider == EXCHANGE or not is_last):
            free = own_money.free(tx, tender.provider, tender.token, order_id=event.order_id, currency=event.currency)
            return min(left, free)
        return left

    def _tendered(self, tx: Transaction, event: OrderPlaced, tender: PaymentGiven, amount: int) -> Payment:
        about: dict[str, Any] = {"provider": tender.provider, "amount": amount, "currency": event.currency}
        try:
            if tender.provider != EXCHANGE:
                self._check_provider(tender.provider, booked=True)
        except (ProviderNotSetUp, UnknownProvider) as refusal:
            return ledger.refuse_payment(tx, event.order_id, **about, why=str(refusal))
        return ledger.open_payment(
            tx,
            event.order_id,
            **about,
            token=tender.token,
            cause=f"order:{event.order_id}",
            reference=tender.reference,
            security=tender.security,
        )

    def _check_provider(self, provider: str, *, booked: bool = False) -> None:
        """Raises UnknownProvider, ProviderNotSetUp."""
        if provider in TENDERS or (booked and provider in BOOKED):
            return
        choose(provider, self._settings)

    def _store_credit(self, tx: Transaction, payment: Payment) -> StoredValue:
        order = order_worth(tx, payment.order_id)
        if order is None or order.customer_id is None:
            raise NoCustomer(order.number if order is not None else str(payment.order_id))
        return credit_of(tx, order.customer_id, payment.currency)

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
