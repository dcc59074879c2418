"""Carriers of tests: accounts of the built-in one, packed parcels, and a look at what was bought."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from agents.fulfilment.messages import ParcelState
from agents.shipping.messages import BuyLabel, LabelView, PutRateCard, RateCardState, RateRow
from agents.shipping.messages.carriers import CarrierAccountState, PutCarrierAccount, ReconcileLabels
from db.audit import run as audit
from db.carriers import CarrierQuote, LabelPurchase
from db.orders import Order
from db.runtime import Transition
from db.shipping import Label
from tests.fulfilment.makers import Promise, a_released_order, pack, pick_all, the_fulfilment
from tests.shop import TESTER, Shop


def an_account(shop: Shop, code: str = "testpost", **more: Any) -> CarrierAccountState:
    """An account of the test carrier; `rates`, `sale` and `void` say how it behaves."""
    options = {name: more.pop(name) for name in ("rates", "sale", "void", "carrier") if name in more}
    told = {"name": code.title(), "provider": "test", "mode": "test", "time_limit_ms": 100, "options": options, **more}
    return shop.do("shipping", PutCarrierAccount(code=code, **told), CarrierAccountState)


def a_rate_card(shop: Shop, carrier: str = "post", amount: int = 990, *, days: int = 3) -> RateCardState:
    rates = [RateRow(country="DE", max_weight_grams=5000, amount=amount)]
    card = PutRateCard(carrier=carrier, service="standard", currency="EUR", transit_days=days, rates=rates)
    return shop.do("shipping", card, RateCardState)


def a_packed_parcel(shop: Shop, *, heard: bool = True) -> tuple[Order, ParcelState]:
    """Three mugs of 350 g to Germany; `heard`: everybody has heard of it, so that its label is being bought."""
    order = a_released_order(shop, Promise("MUG", 3))
    pick_all(shop)
    parcel = pack(shop, the_fulfilment(shop, order))
    if heard:
        shop.pump()
    return order, parcel


def buy(shop: Shop, parcel: ParcelState, **ask: str) -> LabelView:
    return shop.do("shipping", BuyLabel(parcel_id=parcel.id, **ask), LabelView)


def labels(shop: Shop) -> list[Label]:
    with shop.db.reading() as session:
        return list(session.scalars(select(Label).order_by(Label.created_at, Label.id)))


def live(shop: Shop) -> list[Label]:
    return [label for label in labels(shop) if label.state == "live"]


def purchases(shop: Shop) -> list[LabelPurchase]:
    with shop.db.reading() as session:
        return list(session.scalars(select(LabelPurchase).order_by(LabelPurchase.asked_at, LabelPurchase.id)))


def quotes(shop: Shop) -> list[CarrierQuote]:
    with shop.db.reading() as session:
        return list(session.scalars(select(CarrierQuote).order_by(CarrierQuote.account)))


def reconcile(shop: Shop, **later: float) -> None:
    if later:
        shop.later(**later)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.send("shipping", "schedule:reconcile labels", ReconcileLabels())
    shop.pump()


def nothing_wrong(shop: Shop) -> None:
    """No message is dead, and every check of the books about labels holds."""
    assert shop.dead() == []
    with shop.db.reading() as session:
        wrong = {r.name: r.rows for r in audit(session) if r.violations and "label" in r.name}
    assert wrong == {}


def history(shop: Shop, subject: str, to: str) -> list[str | None]:
    """Why a subject came to a state, each time."""
    with shop.db.reading() as session:
        found = select(Transition.why).where(Transition.subject == subject, Transition.to_status == to)
        return list(session.scalars(found.order_by(Transition.id)))
