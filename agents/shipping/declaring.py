"""The customs declaration of a parcel that crosses a border: read from its goods, checked, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select

from agents.shipping import customs
from agents.shipping.customs import Good, Sold, crosses_a_border
from agents.shipping.messages.papers import PutSdrRate, SdrRateState
from agents.shipping.providers import Customs
from agents.shipping.refusals import BadSdrRate
from agents.shipping.rules import destination
from db.catalog import prices_of, variants_by_sku
from db.customs import CustomsDeclaration, SdrRate
from db.fulfilment import Parcel, ParcelLine
from db.money import UnknownCurrency, minor_digits
from db.nodes import Node
from db.orders import Order, OrderLine
from db.session import Transaction, check_version
from db.stock import Allocation

MERCHANDISE, RETURNED, DUTIES_ON_RECEIVER = "merchandise", "returned_goods", "DAP"


def declare(tx: Transaction, parcel: Parcel, order: Order) -> CustomsDeclaration | None:
    """Keep what customs are told of the parcel, in place of what they were told before; None within one territory.

    Raises CustomsDataMissing.
    """
    node = tx.get(Node, parcel.node)
    sender, to = destination(node.address if node else {}), destination(order.shipping_address)
    if "*" in (sender, to) or not crosses_a_border(sender, to):
        return None
    told = customs_of(tx, parcel, order)
    customs.check(told, sender, to)
    value, currency = customs.total_of(told), order.currency
    rate = tx.get(SdrRate, currency)
    form = customs.form_for(value, currency, parcel.weight_grams, rate.millionths if rate else None)
    row = tx.get(CustomsDeclaration, parcel.id, populate_existing=True)
    if row is None:
        row = CustomsDeclaration(parcel_id=parcel.id, order_id=order.id)
        tx.add(row)
    row.form, row.why, row.limit = form.form, form.why, form.limit
    row.contents, row.incoterm, row.signer = told.contents, told.incoterm, told.signer
    row.sent_from, row.sent_to = sender, to
    row.currency, row.value, row.weight_grams = currency, value, parcel.weight_grams
    row.lines = [
        {
            "sku": item.sku,
            "title": item.title,
            "hs_code": item.hs_code,
            "origin": item.origin,
            "quantity": item.quantity,
            "value": item.value * item.quantity,
            "weight_grams": item.weight_grams * item.quantity,
        }
        for item in told.items
    ]
    row.made_at = tx.now
    tx.flush()
    return row


def customs_of(tx: Transaction, parcel: Parcel, order: Order) -> Customs:
    """What is in the parcel in the words of customs, with gaps where nobody put anything in."""
    inside = [
        (row.line_no, row.sku, int(row.units))
        for row in tx.execute(
            select(Allocation.line_no, ParcelLine.sku, func.sum(ParcelLine.quantity).label("units"))
            .join(Allocation, Allocation.id == ParcelLine.allocation_id)
            .where(ParcelLine.parcel_id == parcel.id)
            .group_by(Allocation.line_no, ParcelLine.sku)
            .order_by(Allocation.line_no, ParcelLine.sku)
        )
    ]
    lines = _sold(tx, order.id, {no for no, _, _ in inside})
    goods = _goods(tx, {sku for _, sku, _ in inside} | {sku for sold in lines.values() for sku, _ in sold.parts}, order)
    node = tx.get(Node, parcel.node)
    return Customs(
        items=customs.items_of(inside, lines, goods, order.currency),
        incoterm=DUTIES_ON_RECEIVER,
        contents=MERCHANDISE,
        signer=str((node.address.get("company") if node else None) or (node.name if node else parcel.node)),
    )


def returned_customs(tx: Transaction, order: Order, lines: Mapping[int, int]) -> Customs:
    """Units of lines of an order that come back, in the words of customs; the customer signs."""
    sold = _sold(tx, order.id, set(lines))
    inside = [(no, sku, units * lines[no]) for no, each in sorted(sold.items()) for sku, units in each.parts]
    goods = _goods(tx, {sku for _, sku, _ in inside}, order)
    signer = str(order.shipping_address.get("name") or "")
    items = customs.items_of(inside, sold, goods, order.currency)
    return Customs(items=items, incoterm=DUTIES_ON_RECEIVER, contents=RETURNED, signer=signer)


def _sold(tx: Transaction, order_id: UUID, line_nos: set[int]) -> dict[int, Sold]:
    rows = tx.scalars(select(OrderLine).where(OrderLine.order_id == order_id, OrderLine.line_no.in_(line_nos)))
    return {row.line_no: Sold(row.line_no, row.quantity, row.net, row.parts) for row in rows}


def _goods(tx: Transaction, skus: set[str], order: Order) -> dict[str, Good]:
    known, prices = variants_by_sku(tx, skus), prices_of(tx, skus)
    found = {}
    for sku in skus:
        variant, price = known.get(sku), prices.get((sku, order.currency))
        found[sku] = Good(
            title=(variant.customs_title or variant.title) if variant else sku,
            hs_code=(variant.hs_code if variant else None) or "",
            origin=(variant.origin_country if variant else None) or "",
            weight_grams=variant.weight_grams if variant else 0,
            price=price.amount if price else None,
        )
    return found


def put_sdr_rate(tx: Transaction, ask: PutSdrRate) -> SdrRateState:
    """Raises BadSdrRate."""
    try:
        minor_digits(ask.currency)
    except UnknownCurrency:
        raise BadSdrRate(f"{ask.currency} is no currency. Use a code of ISO 4217, such as EUR.") from None
    if ask.millionths <= 0:
        raise BadSdrRate("An SDR is worth something: give the value of one in millionths, such as 1210000 for 1.21.")
    if ask.as_of > tx.now.date():
        raise BadSdrRate(f"{ask.as_of} is not here yet. Give the day of which the fund told the value.")
    row = tx.get(SdrRate, ask.currency, with_for_update=True, populate_existing=True)
    if row is None:
        row = SdrRate(currency=ask.currency, version=0)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="SDR rate", id=ask.currency)
    row.millionths, row.as_of, row.source = ask.millionths, ask.as_of, ask.source
    row.version, row.updated_at = row.version + 1, tx.now
    tx.flush()
    return SdrRateState(currency=row.currency, millionths=row.millionths, as_of=row.as_of, version=row.version)
