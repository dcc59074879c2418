"""What becomes of a purchase once its carrier has told, whoever brings the news and however late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.shipping import purchases, quotes
from agents.shipping.issuing import IN_THE_HOUSE, announce_bought, live_label, want_refund
from agents.shipping.providers import NEVER_SOLD, Rate, Sale, SaleStatus
from db.carriers import CarrierAccount, LabelPurchase, PurchaseState
from db.fulfilment import Parcel
from db.money import UnknownCurrency, format_money, minor_digits, rate_of
from db.session import Transaction
from db.shipping import Label, LabelState

FIRST_LOOK = timedelta(seconds=15)  # after no answer; doubled each time
LONGEST_PAUSE = timedelta(hours=1)
WATCHED_FOR = timedelta(days=7)  # one that was given up


class Under(NamedTuple):
    """What a carrier was asked to sell, and under which key."""

    purchase_id: UUID
    key: str
    account: str
    rate: Rate


def settle(tx: Transaction, asked: Under, sale: Sale) -> bool:
    """Book what the carrier told, once; returns whether it settled the purchase. A sale that comes when nobody waits
    for it any more is given back."""
    purchase = purchases.locked(tx, asked.purchase_id)
    if sale.status is SaleStatus.sold and not _makes_sense(sale):
        sale = Sale(status=SaleStatus.unknown, code="garbage", message="The carrier's answer makes no sense.")
    if not _waits_for(purchase, asked, sale):
        if sale.status is SaleStatus.sold:
            _too_late(tx, purchase, asked, sale)
        return False
    if sale.status is SaleStatus.sold:
        _sold(tx, purchase, sale)
    elif sale.status is SaleStatus.unknown:
        _unknown(tx, purchase, sale)
    elif purchase.status == PurchaseState.given_up:
        purchases.move(tx, purchase, PurchaseState.refused, why=sale.message)
        purchase.settled_at = tx.now
    else:
        _not_sold(tx, purchase, sale)
    tx.flush()
    return True


def _waits_for(purchase: LabelPurchase, asked: Under, sale: Sale) -> bool:
    """Whether this is what the purchase waits for: by its key, or a sale of the very offer that it buys now."""
    if purchase.status not in (PurchaseState.buying, PurchaseState.unknown, PurchaseState.given_up):
        return False
    if purchase.key == asked.key:
        return True
    same = purchase.account == asked.account and (purchase.rate or {}).get("ref") == asked.rate.ref
    return same and sale.status is SaleStatus.sold


def _too_late(tx: Transaction, purchase: LabelPurchase, asked: Under, sale: Sale) -> None:
    """It was looked up and not found, and is sold all the same: a label of its own, which is given back."""
    known = select(Label.id).where(Label.account == asked.account, Label.provider_ref == sale.ref)
    if tx.scalar(known) is not None:
        return
    late = LabelPurchase(
        parcel_id=purchase.parcel_id,
        order_id=purchase.order_id,
        status=PurchaseState.given_up,
        account=asked.account,
        rate=msgspec.to_builtins(asked.rate),
        key=asked.key,
        why="sold after it had been looked up in vain",
        asked_at=tx.now,
        due_at=tx.now,
    )
    tx.add(late)
    tx.flush()
    _sold(tx, late, sale)


def _makes_sense(sale: Sale) -> bool:
    try:
        minor_digits(sale.currency)
    except UnknownCurrency:
        return False
    return bool(sale.tracking_number and sale.ref and sale.label) and sale.amount >= 0


def _sold(tx: Transaction, purchase: LabelPurchase, sale: Sale) -> None:
    """The label exists, wanted or not; at most one of a parcel is live, the others are given back."""
    parcel = tx.get_one(Parcel, purchase.parcel_id)
    rate = msgspec.convert(purchase.rate, Rate)
    given_up = purchase.status == PurchaseState.given_up
    wanted = not given_up and parcel.status in IN_THE_HOUSE and live_label(tx, parcel.id) is None
    why = f"{purchase.why or ''}{_dearer(tx, purchase, rate, sale)}"
    purchases.move(tx, purchase, PurchaseState.bought, why=sale.tracking_number)
    purchase.settled_at = tx.now
    label = Label(
        id=purchase.id,
        parcel_id=purchase.parcel_id,
        order_id=purchase.order_id,
        carrier=rate.carrier,
        service=rate.service,
        tracking_number=sale.tracking_number,
        amount=sale.amount,
        currency=sale.currency,
        state=LabelState.live if wanted else LabelState.voided,
        why=why,
        choice_id=purchase.choice_id,
        parts=_parts(rate, sale),
        zpl=sale.label,
        format=sale.format,
        account=purchase.account,
        provider_ref=sale.ref,
        created_at=tx.now,
        voided_at=None if wanted else tx.now,
    )
    tx.add(label)
    tx.flush()
    if wanted:
        announce_bought(tx, label)
        return
    gone = "nobody waited for it any more" if given_up else f"the parcel is {parcel.status}"
    tx.note(f"order:{label.order_id}", to_status="label given back", why=f"{label.tracking_number}: {gone}")
    want_refund(tx, label)


def _parts(rate: Rate, sale: Sale) -> list[Any]:
    """What was offered, and as a part of its own what the carrier took beyond it."""
    parts = msgspec.to_builtins(rate.parts) or [{"kind": "base", "amount": rate.amount, "why": "as offered"}]
    if rate.currency == sale.currency and sale.amount != rate.amount:
        parts.append(
            {"kind": "correction", "amount": sale.amount - rate.amount, "why": "the carrier took another price"}
        )
    return list(parts)


def _dearer(tx: Transaction, purchase: LabelPurchase, rate: Rate, sale: Sale) -> str:
    """What to add to the reason when the carrier took more than was agreed to; the label is sold all the same."""
    account = tx.get_one(CarrierAccount, purchase.account)
    most = rate.amount + rate_of(rate.amount, account.tolerance_ppm)
    if sale.currency == rate.currency and sale.amount <= most:
        return ""
    took, offered = format_money(sale.amount, sale.currency), format_money(rate.amount, rate.currency)
    said = f"offered for {offered} and sold for {took}"
    tx.note(f"order:{purchase.order_id}", to_status="label dearer than offered", why=f"{rate.name}: {said}")
    return f"; {said}"


def _unknown(tx: Transaction, purchase: LabelPurchase, sale: Sale) -> None:
    """It may be sold: looked up again and again, and nothing else is bought for the parcel meanwhile."""
    if purchase.status == PurchaseState.given_up:
        purchase.due_at = tx.now + LONGEST_PAUSE
        if tx.now - purchase.asked_at > WATCHED_FOR:
            purchases.move(tx, purchase, PurchaseState.refused, why="the carrier never said")
            purchase.settled_at = tx.now
        return
    purchases.move(tx, purchase, PurchaseState.unknown, why=sale.message)
    purchase.due_at = tx.now + min(FIRST_LOOK * 2 ** min(purchase.attempts - 1, 10), LONGEST_PAUSE)
    purchase.attempts += 1


def _not_sold(tx: Transaction, purchase: LabelPurchase, sale: Sale) -> None:
    """Decide again: without this service if the carrier will not sell it, at a new price if the old one ran out."""
    rate = msgspec.convert(purchase.rate, Rate)
    again = sale.code in (NEVER_SOLD, purchases.NOT_REACHED)
    expired = sale.status is SaleStatus.expired
    tried = {
        "name": f"{purchase.account} {rate.name}",
        "amount": rate.amount,
        "currency": rate.currency,
        "why": sale.message or sale.code,
        "final": not (again or expired),
        "expired": expired,
        "at": tx.now.isoformat(),
    }
    purchase.tries = [*purchase.tries, tried]
    purchase.attempts, purchase.checked_at = 0, None
    if expired and purchase.account is not None:
        quotes.forget(tx, purchase.parcel_id, [purchase.account])
    purchases.move(tx, purchase, PurchaseState.asked, why=f"not sold: {tried['why']}")
    purchase.due_at = tx.now + purchases.STALE
