"""The steps of a purchase: ask carriers for rates, decide, buy, look up. What a step asks, it asks outside.

Each begins and ends in a short transaction, so that whoever dies between two leaves a row that says how far it came,
and the next one looks the label up before anything is bought again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from agents.shipping import purchases, quotes
from agents.shipping.asking import Carriers, Heard
from agents.shipping.choosing import Asked
from agents.shipping.declaring import declare
from agents.shipping.issuing import IN_THE_HOUSE, label_from_card, live_label
from agents.shipping.messages.carriers import LabelNotSold
from agents.shipping.offers import Compared, Held, compare, remember
from agents.shipping.providers import CarrierTrouble, Rate, Sale, SaleStatus, Shipment
from agents.shipping.providers.choose import Account
from agents.shipping.refusals import CustomsDataMissing
from agents.shipping.settling import Under, settle
from agents.shipping.shipments import shipment_of
from db.base import uuid7
from db.carriers import CarrierAccount, LabelPurchase, PurchaseState
from db.errors import Refusal, Unavailable
from db.fulfilment import Parcel
from db.orders import Order
from db.session import Transaction

TRIES_EACH = 2  # of one service, where nothing says that it will not be sold
POSTPONED = 6  # times, while no carrier can be reached
FIRST_PAUSE = timedelta(seconds=30)  # doubled each time


class Gather(NamedTuple):
    """Ask these for rates."""

    purchase_id: UUID
    accounts: list[Account]
    shipment: Shipment
    digest: str

    def ask(self, carriers: Carriers) -> list[Heard]:
        return carriers.rates(self.accounts, self.shipment)

    def book(self, tx: Transaction, heard: list[Heard]) -> None:
        purchase = purchases.locked(tx, self.purchase_id)
        quotes.keep(tx, purchase.parcel_id, heard, self.digest)


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
            return (provider.look_up if self.look_up else provider.buy)(self.key, self.shipment, self.rate)
        except CarrierTrouble as trouble:
            status = SaleStatus.unknown if self.look_up or not trouble.surely_not_begun else SaleStatus.refused
            return Sale(status=status, code=purchases.NOT_REACHED, message=str(trouble))
        except (Refusal, Unavailable) as error:  # its credentials cannot be opened: nothing was sent
            status = SaleStatus.unknown if self.look_up else SaleStatus.refused
            return Sale(status=status, code=purchases.NOT_REACHED, message=str(error))

    def book(self, tx: Transaction, sale: Sale) -> None:
        settle(tx, Under(self.purchase_id, self.key, self.account.code, self.rate), sale)


class GatherFor(NamedTuple):
    """Ask these for rates that a person wants to see; nothing is bought."""

    parcel_id: UUID
    accounts: list[Account]
    shipment: Shipment
    digest: str

    def ask(self, carriers: Carriers) -> list[Heard]:
        return carriers.rates(self.accounts, self.shipment)

    def book(self, tx: Transaction, heard: list[Heard]) -> None:
        quotes.keep(tx, self.parcel_id, heard, self.digest)


Step = Gather | Buy


def next_step(tx: Transaction, purchase_id: UUID) -> Step | None:
    """What to ask of the world now; None when there is nothing, or somebody else is about it."""
    purchase = purchases.locked(tx, purchase_id)
    parcel = tx.get_one(Parcel, purchase.parcel_id)
    order = tx.get_one(Order, purchase.order_id, populate_existing=True)
    status = PurchaseState(purchase.status)
    if status is PurchaseState.asked:
        if purchase.checked_at is not None and purchase.checked_at > tx.now:
            return None  # postponed
        return _decide(tx, purchase, parcel, order)
    if status not in (PurchaseState.buying, PurchaseState.unknown, PurchaseState.given_up):
        return None
    if purchase.due_at > tx.now or purchase.account is None or purchase.key is None:
        return None
    if status is PurchaseState.buying:
        purchases.move(tx, purchase, PurchaseState.unknown, why="whoever bought it did not come back")
    purchase.checked_at, purchase.due_at = tx.now, tx.now + purchases.STALE
    account = tx.get_one(CarrierAccount, purchase.account)
    rate = msgspec.convert(purchase.rate, Rate)
    return Buy(purchase.id, quotes.opened(tx, account), purchase.key, shipment_of(tx, parcel, order), rate, True)


def _decide(tx: Transaction, purchase: LabelPurchase, parcel: Parcel, order: Order) -> Step | None:
    if parcel.status not in IN_THE_HOUSE or live_label(tx, parcel.id) is not None:
        purchases.end(tx, purchase, PurchaseState.cancelled, why=f"the parcel is {parcel.status}")
        return None
    try:
        declare(tx, parcel, order)
    except CustomsDataMissing as missing:
        _wait_for_a_person(tx, purchase, str(missing))
        return None
    asked = Asked(carrier=purchase.wanted_carrier, service=purchase.wanted_service, reason=purchase.wanted_why)
    by = purchase.wanted_by or ""
    accounts = quotes.accounts_for(tx, parcel.node, asked)
    since = max(purchase.asked_at, purchase.checked_at or purchase.asked_at)
    digest = quotes.digest_of(parcel, order)
    unasked = quotes.to_ask(tx, parcel.id, accounts, since=since, digest=digest)
    if unasked:
        purchase.due_at = tx.now + purchases.STALE
        return Gather(purchase.id, unasked, shipment_of(tx, parcel, order), digest)
    found = compare(tx, parcel, order, asked, by=by, not_sold=_not_sold(purchase.tries), stays=_held(tx, purchase))
    if found.choice is None:
        _nobody(tx, purchase, found)
        return None
    purchase.why, purchase.choice_id = found.choice.why, remember(tx, parcel, found, asked, by=by)
    purchase.degraded = bool(quotes.missing(found.answers))
    chosen = found.rate
    if chosen is None:
        purchases.end(tx, purchase, PurchaseState.bought, why=found.choice.why)
        label_from_card(tx, parcel, order, found.choice, purchase.choice_id, id=purchase.id)
        return None
    account = next(a for a in accounts if a.code == chosen.account)
    purchase.account, purchase.rate = account.code, msgspec.to_builtins(chosen.rate)
    purchase.key, purchase.attempts = str(uuid7()), 1
    purchase.checked_at, purchase.due_at = tx.now, tx.now + purchases.STALE
    purchases.move(tx, purchase, PurchaseState.buying, why=f"{account.name}: {found.choice.why}")
    return Buy(
        purchase.id, quotes.opened(tx, account), purchase.key, shipment_of(tx, parcel, order), chosen.rate, False
    )


def _not_sold(tries: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """By `bought_from`: what will not be tried again, and why."""
    names = [str(t["name"]) for t in tries]
    return {
        str(t["name"]): f"was not sold: {t['why']}"
        for t in tries
        if t["final"] or names.count(str(t["name"])) >= TRIES_EACH
    }


def _held(tx: Transaction, purchase: LabelPurchase) -> Held | None:
    """The last thing tried, when it failed because its rate had run out."""
    last = purchase.tries[-1] if purchase.tries else None
    if last is None or not last.get("expired") or purchase.account is None:
        return None
    tolerance = tx.get_one(CarrierAccount, purchase.account).tolerance_ppm
    return Held(str(last["name"]), int(last["amount"]), str(last["currency"]), tolerance)


def _nobody(tx: Transaction, purchase: LabelPurchase, found: Compared) -> None:
    """Nothing can be bought: later again while carriers are away, else the parcel waits for a person."""
    passing = [str(t["why"]) for t in purchase.tries if not t["final"] and not t.get("postponed")]
    without = quotes.missing(found.answers) + passing
    refused = "; ".join(dict.fromkeys(f"{o.name} {o.refused}" for o in found.offers if o.refused))
    before = [t for t in purchase.tries if t.get("postponed")]
    if without and len(before) < POSTPONED:
        purchase.checked_at = purchase.due_at = tx.now + FIRST_PAUSE * 2 ** len(before)
        why = f"No carrier sells one at the moment: {' '.join(without)} Asked again at {purchase.due_at:%H:%M} UTC."
        again = {"name": "", "why": why, "final": False, "postponed": True, "at": tx.now.isoformat()}
        purchase.tries = [t for t in purchase.tries if t["final"] or t.get("postponed")] + [again]
        purchase.why = why
        tx.flush()
        return
    why = "; ".join(part for part in (refused, *without) if part) or "no carrier and no rate card takes this parcel"
    _wait_for_a_person(tx, purchase, why)


def _wait_for_a_person(tx: Transaction, purchase: LabelPurchase, why: str) -> None:
    purchases.end(tx, purchase, PurchaseState.refused, why=why)
    tx.note(f"order:{purchase.order_id}", to_status="not labelled", why=why)
    not_sold = LabelNotSold(
        purchase_id=purchase.id, parcel_id=purchase.parcel_id, order_id=purchase.order_id, why=why[:500], at=tx.now
    )
    tx.announce(f"order:{purchase.order_id}", not_sold)


def rates_step(tx: Transaction, parcel_id: UUID, *, since: datetime) -> GatherFor | None:
    """Who has not answered for a parcel since then."""
    parcel = tx.get(Parcel, parcel_id)
    if parcel is None or parcel.status not in IN_THE_HOUSE:
        return None
    order = tx.get_one(Order, parcel.order_id)
    digest = quotes.digest_of(parcel, order)
    accounts = quotes.to_ask(tx, parcel_id, quotes.accounts_for(tx, parcel.node), since=since, digest=digest)
    if not accounts:
        return None
    return GatherFor(parcel_id, accounts, shipment_of(tx, parcel, order), digest)
