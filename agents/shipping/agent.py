"""Finds a carrier for every parcel and follows it to the door. The only writer of its tables."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import select, update

from agents.agent import Agent
from agents.customers.messages import CustomerErased
from agents.fulfilment.messages import FulfilmentShipped, ParcelPacked, ParcelUnpacked
from agents.handlers import command, on, outside
from agents.returns.messages import ReturnApproved, ReturnCancelled
from agents.shipping import booking, made_up, manifests, pickups, polling, return_buying, rule_sets, trying
from agents.shipping.accounts import put_account, remove_account, start_trial, trial_step
from agents.shipping.asking import Carriers
from agents.shipping.buying import next_step, rates_step
from agents.shipping.calendars import put_calendar
from agents.shipping.declaring import put_sdr_rate
from agents.shipping.drifting import keep_drifts, look
from agents.shipping.errands import Errands
from agents.shipping.hearing import put_codes, take_events, take_post
from agents.shipping.labelling import (
    ask_carriers,
    buy_label,
    buy_when_packed,
    compare_offers,
    void_label,
    void_of_unpacked,
)
from agents.shipping.learning import keep, learn_now
from agents.shipping.messages import (
    BuyLabel,
    CompareOffers,
    LabelView,
    LearnCarriers,
    OffersState,
    PolicyState,
    PricedOffers,
    PutPolicy,
    PutRateCard,
    QuoteReturnLabel,
    RateCardState,
    RecordTracking,
    ReturnLabelQuote,
    TrackingState,
    VoidLabel,
)
from agents.shipping.messages.carriers import (
    AskCarriers,
    AskRefundAgain,
    CarrierAccountRemoved,
    CarrierAccountState,
    CarryOutPurchase,
    GatherRates,
    GiveLabelBack,
    GiveUpPurchase,
    MakeTrial,
    PurchaseGivenUp,
    PutCarrierAccount,
    RatesAsked,
    ReconcileLabels,
    RefundAsked,
    RemoveCarrierAccount,
    TrialState,
    TryCarrierAccount,
)
from agents.shipping.messages.choosing import (
    ActivateCarrierRules,
    CarrierRulesState,
    CarrierRulesTried,
    PriceParcel,
    PutCarrierRules,
    RetireCarrierRules,
    TryCarrierRules,
)
from agents.shipping.messages.papers import LabelPrinted, PrintLabel, PutSdrRate, SdrRateState
from agents.shipping.messages.pickups import (
    AskManifestAgain,
    BookPickup,
    CancelPickup,
    CarrierCalendarState,
    CarryOutManifest,
    CarryOutPickup,
    CloseManifest,
    GiveUpPickup,
    LookAfterPickups,
    ManifestState,
    PickupState,
    PutCarrierCalendar,
)
from agents.shipping.messages.returning import CarryOutReturnLabel, GiveReturnLabelBack
from agents.shipping.messages.tracking import (
    AskForNews,
    PutTrackingCodes,
    TakePolledTracking,
    TakeTracking,
    TrackingCodesState,
    TrackingTaken,
)
from agents.shipping.policies import put_policy
from agents.shipping.printing import print_label
from agents.shipping.purchases import give_up
from agents.shipping.rating import put_rate_card
from agents.shipping.refunds import ask_again, refund_step
from agents.shipping.return_buying import label_return, void_of_return
from agents.shipping.returning import quote_return
from agents.shipping.tracking import record
from agents.shipping.tracks import hand_over
from db.carriers import WATCHED, LabelPurchase
from db.pickups import due_at_gate
from db.return_parcels import ReturnLabel, due_returns, news_due
from db.session import Transaction, Who
from db.settings import Settings, settings
from db.shipping import Label, LabelRefund

IN_ONE_LOOK = 100  # purchases, and refunds


class ShippingAgent(Agent):
    """At most one live label a parcel, whoever asks and how often."""

    name = "shipping"

    def __init__(self, database_url: str, *, log_style: str | None = None, **process: Any) -> None:
        super().__init__(database_url, log_style=log_style, **process)
        if log_style is not None:  # in a process of its own; elsewhere errands are done at once
            self.errands.start()

    def set_up(self) -> None:
        self.use(settings())

    def use(self, settings: Settings) -> None:
        """How credentials are opened, and where carriers are."""
        self.errands = Errands(self.db, self.clock, Carriers(settings, self.clock))

    def idle_for(self) -> float:
        return 0.0 if self.errands.busy else super().idle_for()

    # Carriers that are asked

    @command
    def put_account(self, tx: Transaction, ask: PutCarrierAccount) -> CarrierAccountState:
        return put_account(tx, ask)

    @command
    def remove_account(self, tx: Transaction, ask: RemoveCarrierAccount) -> CarrierAccountRemoved:
        return remove_account(tx, ask)

    @command
    def try_account(self, tx: Transaction, ask: TryCarrierAccount) -> TrialState:
        return start_trial(tx, ask)

    @command
    def ask_carriers(self, tx: Transaction, ask: AskCarriers) -> RatesAsked:
        return ask_carriers(tx, ask.parcel_id)

    @command
    def give_up(self, tx: Transaction, ask: GiveUpPurchase) -> PurchaseGivenUp:
        return give_up(tx, ask)

    @command
    def ask_refund_again(self, tx: Transaction, ask: AskRefundAgain) -> RefundAsked:
        return ask_again(tx, ask)

    @outside
    def make_trial(self, task: MakeTrial, who: Who) -> None:
        self.errands.run(task.quote_id, partial(trial_step, task=task), who)

    @outside
    def gather_rates(self, task: GatherRates, who: Who) -> None:
        self.errands.run(task.parcel_id, partial(rates_step, parcel_id=task.parcel_id, since=self.clock()), who)

    @outside
    def carry_out(self, task: CarryOutPurchase, who: Who) -> None:
        self.errands.run(task.purchase_id, partial(next_step, purchase_id=task.purchase_id), who)

    @outside
    def give_label_back(self, task: GiveLabelBack, who: Who) -> None:
        self.errands.run(task.label_id, partial(refund_step, label_id=task.label_id), who)

    @outside
    def carry_out_return_label(self, task: CarryOutReturnLabel, who: Who) -> None:
        step = partial(return_buying.next_step, purchase_id=task.purchase_id)
        self.errands.run(task.purchase_id, step, who)

    @outside
    def give_return_label_back(self, task: GiveReturnLabelBack, who: Who) -> None:
        self.errands.run(task.label_id, partial(return_buying.refund_step, label_id=task.label_id), who)

    @outside
    def reconcile(self, _task: ReconcileLabels, who: Who) -> None:
        """Purchases and refunds that are due: whoever began them is gone, or their carrier had not decided."""
        now = self.clock()
        with self.db.reading() as session:
            purchases = session.scalars(
                select(LabelPurchase.id)
                .where(LabelPurchase.status.in_(WATCHED), LabelPurchase.due_at <= now)
                .order_by(LabelPurchase.due_at)
                .limit(IN_ONE_LOOK)
            ).all()
            labels = session.scalars(
                select(Label.id)
                .where(Label.refund == LabelRefund.asked, Label.refund_due_at <= now)
                .order_by(Label.refund_due_at)
                .limit(IN_ONE_LOOK)
            ).all()
            returns, given_back = due_returns(session, now, limit=IN_ONE_LOOK)
        for purchase_id in returns:
            self.errands.run(purchase_id, partial(return_buying.next_step, purchase_id=purchase_id), who)
        for label_id in given_back:
            self.errands.run(label_id, partial(return_buying.refund_step, label_id=label_id), who)
        for purchase_id in purchases:
            self.errands.run(purchase_id, partial(next_step, purchase_id=purchase_id), who)
        for label_id in labels:
            self.errands.run(label_id, partial(refund_step, label_id=label_id), who)

    # Rates, labels and tracking

    @command
    def put_rate_card(self, tx: Transaction, ask: PutRateCard) -> RateCardState:
        return put_rate_card(tx, ask)

    @command
    def put_policy(self, tx: Transaction, ask: PutPolicy) -> PolicyState:
        return put_policy(tx, ask)

    @command
    def put_rules(self, tx: Transaction, ask: PutCarrierRules) -> CarrierRulesState:
        return rule_sets.put(tx, ask)

    @command
    def activate_rules(self, tx: Transaction, ask: ActivateCarrierRules) -> CarrierRulesState:
        return rule_sets.activate(tx, ask)

    @command
    def retire_rules(self, tx: Transaction, ask: RetireCarrierRules) -> CarrierRulesState:
        return rule_sets.retire(tx, ask)

    @command
    def try_rules(self, tx: Transaction, ask: TryCarrierRules) -> CarrierRulesTried:
        return trying.try_rules(tx, ask)

    @command
    def price(self, tx: Transaction, ask: PriceParcel) -> PricedOffers:
        return made_up.price(tx, ask)

    @command
    def compare(self, tx: Transaction, ask: CompareOffers) -> OffersState:
        return compare_offers(tx, ask.parcel_id)

    @outside
    def learn(self, _task: LearnCarriers, who: Who) -> None:
        """Reading and fitting take seconds and hold nothing; what was found is kept at the end."""
        with self.db.reading() as session:
            found, parcels = learn_now(session, self.clock())
            drifts = look(session, self.clock())
        with self.db.transaction(who, now=self.clock()) as tx:
            keep(tx, found, parcels)
            keep_drifts(tx, drifts)

    @on
    def label_packed(self, tx: Transaction, event: ParcelPacked) -> None:
        buy_when_packed(tx, event.parcel_id, event.order_id)

    @on
    def void_unpacked(self, tx: Transaction, event: ParcelUnpacked) -> None:
        void_of_unpacked(tx, event.parcel_id)

    @command
    def quote_return(self, tx: Transaction, ask: QuoteReturnLabel) -> ReturnLabelQuote:
        return quote_return(tx, ask)

    @on
    def label_approved_return(self, tx: Transaction, event: ReturnApproved) -> None:
        label_return(tx, event)

    @on
    def void_cancelled_return(self, tx: Transaction, event: ReturnCancelled) -> None:
        void_of_return(tx, event.return_id, event.reason)

    @on
    def forget(self, tx: Transaction, event: CustomerErased) -> None:
        """Labels of somebody who was erased: number and price stay, what was printed on them goes."""
        tx.execute(update(Label).where(Label.order_id.in_(event.orders)).values(zpl=""))
        tx.execute(update(ReturnLabel).where(ReturnLabel.order_id.in_(event.orders)).values(zpl=""))

    @command
    def buy(self, tx: Transaction, ask: BuyLabel) -> LabelView:
        return buy_label(tx, ask)

    @command
    def void(self, tx: Transaction, ask: VoidLabel) -> LabelView:
        return void_label(tx, ask.label_id, ask.reason)

    # Carriers at the gate

    @command
    def put_calendar(self, tx: Transaction, ask: PutCarrierCalendar) -> CarrierCalendarState:
        return put_calendar(tx, ask)

    @command
    def book_pickup(self, tx: Transaction, ask: BookPickup) -> PickupState:
        return pickups.book(tx, ask)

    @command
    def cancel_pickup(self, tx: Transaction, ask: CancelPickup) -> PickupState:
        return pickups.cancel(tx, ask)

    @command
    def give_up_pickup(self, tx: Transaction, ask: GiveUpPickup) -> PickupState:
        return pickups.give_up(tx, ask)

    @command
    def close_manifest(self, tx: Transaction, ask: CloseManifest) -> ManifestState:
        return manifests.close(tx, ask)

    @command
    def ask_manifest_again(self, tx: Transaction, ask: AskManifestAgain) -> ManifestState:
        return manifests.ask_again(tx, ask)

    @outside
    def carry_out_pickup(self, task: CarryOutPickup, who: Who) -> None:
        self.errands.run(task.pickup_id, partial(booking.next_step, pickup_id=task.pickup_id), who)

    @outside
    def carry_out_manifest(self, task: CarryOutManifest, who: Who) -> None:
        self.errands.run(task.manifest_id, partial(manifests.next_step, manifest_id=task.manifest_id), who)

    @outside
    def look_after_pickups(self, _task: LookAfterPickups, who: Who) -> None:
        """What is to be booked today, and what is due: whoever began it is gone, or the carrier had not said."""
        with self.db.transaction(who, now=self.clock()) as tx:
            booking.book_daily(tx)
        with self.db.reading() as session:
            due_pickups, due_manifests = due_at_gate(session, self.clock(), limit=IN_ONE_LOOK)
        for pickup_id in due_pickups:
            self.errands.run(pickup_id, partial(booking.next_step, pickup_id=pickup_id), who)
        for manifest_id in due_manifests:
            self.errands.run(manifest_id, partial(manifests.next_step, manifest_id=manifest_id), who)

    # Papers

    @command
    def print_label(self, tx: Transaction, ask: PrintLabel) -> LabelPrinted:
        return print_label(tx, ask)

    @command
    def put_sdr_rate(self, tx: Transaction, ask: PutSdrRate) -> SdrRateState:
        return put_sdr_rate(tx, ask)

    @command
    def record(self, tx: Transaction, ask: RecordTracking) -> TrackingState:
        return record(tx, ask)

    @command
    def hear(self, tx: Transaction, ask: TakeTracking) -> TrackingTaken:
        return take_post(tx, ask)

    @outside
    def ask_for_news(self, _task: AskForNews, who: Who) -> None:
        with self.db.reading() as session:
            due = news_due(session, self.clock(), limit=IN_ONE_LOOK)
        for kind, label_id in due:
            self.errands.run(label_id, partial(polling.news_step, kind=kind, label_id=label_id), who)

    @on
    def polled(self, tx: Transaction, task: TakePolledTracking) -> None:
        take_events(tx, task.carrier, task.events)

    @command
    def put_codes(self, tx: Transaction, ask: PutTrackingCodes) -> TrackingCodesState:
        return put_codes(tx, ask)

    @on
    def shipped(self, tx: Transaction, event: FulfilmentShipped) -> None:
        hand_over(tx, event.tracking)
