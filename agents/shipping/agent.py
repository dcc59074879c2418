"""Finds a carrier for every parcel and follows it to the door. The only writer of its tables."""

from __future__ import annotations

from sqlalchemy import update

from agents.agent import Agent
from agents.customers.messages import CustomerErased
from agents.fulfilment.messages import ParcelPacked, ParcelUnpacked
from agents.handlers import command, on, outside
from agents.shipping.labelling import buy_label, buy_when_packed, compare_offers, void_label, void_of_unpacked
from agents.shipping.learning import keep, learn_now
from agents.shipping.messages import (
    BuyLabel,
    CompareOffers,
    LabelView,
    LearnCarriers,
    OffersState,
    PolicyState,
    PutPolicy,
    PutRateCard,
    RateCardState,
    RecordTracking,
    TrackingState,
    VoidLabel,
)
from agents.shipping.offers import put_policy
from agents.shipping.rating import put_rate_card
from agents.shipping.tracking import record
from db.session import Transaction, Who
from db.shipping import Label


class ShippingAgent(Agent):
    """At most one live label a parcel, whoever asks and how often."""

    name = "shipping"

    @command
    def put_rate_card(self, tx: Transaction, ask: PutRateCard) -> RateCardState:
        return put_rate_card(tx, ask)

    @command
    def put_policy(self, tx: Transaction, ask: PutPolicy) -> PolicyState:
        return put_policy(tx, ask)

    @command
    def compare(self, tx: Transaction, ask: CompareOffers) -> OffersState:
        return compare_offers(tx, ask.parcel_id)

    @outside
    def learn(self, _task: LearnCarriers, who: Who) -> None:
        """Reading and fitting take seconds and hold nothing; what was found is kept at the end."""
        with self.db.reading() as session:
            found, parcels = learn_now(session, self.clock())
        with self.db.transaction(who, now=self.clock()) as tx:
            keep(tx, found, parcels)

    @on
    def label_packed(self, tx: Transaction, event: ParcelPacked) -> None:
        buy_when_packed(tx, event.parcel_id, event.order_id)

    @on
    def void_unpacked(self, tx: Transaction, event: ParcelUnpacked) -> None:
        void_of_unpacked(tx, event.parcel_id)

    @on
    def forget(self, tx: Transaction, event: CustomerErased) -> None:
        """Labels of somebody who was erased: number and price stay, what was printed on them goes."""
        tx.execute(update(Label).where(Label.order_id.in_(event.orders)).values(zpl=""))

    @command
    def buy(self, tx: Transaction, ask: BuyLabel) -> LabelView:
        return buy_label(tx, ask)

    @command
    def void(self, tx: Transaction, ask: VoidLabel) -> LabelView:
        return void_label(tx, ask.label_id, ask.reason)

    @command
    def record(self, tx: Transaction, ask: RecordTracking) -> TrackingState:
        return record(tx, ask)
