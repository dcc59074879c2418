"""What was sent and what came back of it, line by line, with all that returns are told by. Nothing here is a table.

A line's units count from the day on which the last parcel with any of them left. Orders that were brought in as history
left with nobody's parcel, and are not here. What came back are the units that were graded as here, of returns that were
neither declined nor called off, exchanges included.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Date, Text, case, cast, func, literal, select, type_coerce

from db.catalog import Product, Variant
from db.fulfilment import Fulfilment, FulfilmentLine, FulfilmentStatus, Parcel
from db.orders import Order, OrderLine
from db.return_parcels import ReturnLabel
from db.returns import NEVER_CAME, Return, ReturnLine
from db.shipping import Label, LabelState
from db.suppliers import Supplier, SupplierItem

_left = (
    select(
        Fulfilment.order_id,
        FulfilmentLine.line_no,
        func.max(Fulfilment.shipped_at).label("sent_at"),
        func.max(Label.carrier).label("carrier"),
    )
    .join(FulfilmentLine, FulfilmentLine.fulfilment_id == Fulfilment.id)
    .outerjoin(Parcel, Parcel.fulfilment_id == Fulfilment.id)
    .outerjoin(Label, (Label.parcel_id == Parcel.id) & (Label.state == LabelState.live))
    .where(Fulfilment.shipped_at.is_not(None), Fulfilment.status != FulfilmentStatus.cancelled)
    .group_by(Fulfilment.order_id, FulfilmentLine.line_no)
    .subquery()
)
_option = func.jsonb_each_text(Variant.options).table_valued("key", "value")
_size = (
    select(type_coerce(func.min(_option.c.value), Text))
    .where(func.lower(_option.c.key) == "size")
    .correlate(Variant)
    .scalar_subquery()
)
_supplier = (
    select(type_coerce(SupplierItem.supplier, Text))
    .join(Supplier, Supplier.code == SupplierItem.supplier)
    .where(SupplierItem.sku == OrderLine.sku)
    .order_by(SupplierItem.rank.asc().nulls_last(), SupplierItem.supplier)
    .limit(1)
    .correlate(OrderLine)
    .scalar_subquery()
)
_sent_on = cast(func.timezone("UTC", _left.c.sent_at), Date)
_ABOUT = (
    Order.id.label("order_id"),
    OrderLine.line_no,
    Order.number.label("order_number"),
    Order.currency,
    type_coerce(OrderLine.sku, Text).label("sku"),
    OrderLine.title,
    _size.label("size"),
    Product.category,
    _supplier.label("supplier"),
    _left.c.carrier,
    _left.c.sent_at,
    _sent_on.label("sent_on"),
    type_coerce(func.to_char(func.timezone("UTC", _left.c.sent_at), "YYYY-MM"), Text).label("month"),
)
_came = ReturnLine.sellable + ReturnLine.damaged + ReturnLine.not_as_described
_back = (
    select(
        ReturnLine.order_id,
        ReturnLine.line_no,
        func.sum(_came).label("came"),
        func.sum(ReturnLine.credited_total - ReturnLine.fee).label("refunded"),
    )
    .join(Return, Return.id == ReturnLine.return_id)
    .where(Return.status.not_in(NEVER_CAME))
    .group_by(ReturnLine.order_id, ReturnLine.line_no)
    .subquery()
)

SENT = (
    select(
        *_ABOUT,
        OrderLine.shipped.label("units"),
        type_coerce(func.coalesce(_back.c.came, 0), BigInteger).label("came"),
        type_coerce(func.coalesce(_back.c.refunded, 0), BigInteger).label("refunded"),
    )
    .select_from(OrderLine)
    .join(Order, Order.id == OrderLine.order_id)
    .join(_left, (_left.c.order_id == OrderLine.order_id) & (_left.c.line_no == OrderLine.line_no))
    .outerjoin(_back, (_back.c.order_id == OrderLine.order_id) & (_back.c.line_no == OrderLine.line_no))
    .outerjoin(Variant, Variant.sku == OrderLine.sku)
    .outerjoin(Product, Product.id == Variant.product_id)
    .where(OrderLine.shipped > 0)
    .subquery()
)
"""A row for each line of an order of which units have left."""

_units_of_return = (
    select(func.sum(ReturnLine.quantity)).where(ReturnLine.return_id == Return.id).correlate(Return).scalar_subquery()
)
_label = (
    select(func.max(ReturnLabel.amount))
    .where(
        ReturnLabel.return_id == Return.id,
        ReturnLabel.state == LabelState.live,
        ReturnLabel.currency == Return.currency,
    )
    .correlate(Return)
    .scalar_subquery()
)
_ours = func.greatest(0, func.coalesce(_label, 0) - Return.label_taken)
_leg = cast(func.round(cast(_ours, BigInteger) * ReturnLine.quantity * literal(1.0) / _units_of_return), BigInteger)
_refunded = ReturnLine.credited_total - ReturnLine.fee

RETURNED = (
    select(
        *_ABOUT,
        Return.id.label("return_id"),
        Return.number.label("return_number"),
        type_coerce(Return.status, Text).label("status"),
        Return.created_at.label("asked_at"),
        ReturnLine.reason,
        ReturnLine.quantity.label("units"),
        type_coerce(_came, BigInteger).label("came"),
        ReturnLine.sellable,
        ReturnLine.credited_total.label("worth"),
        ReturnLine.fee,
        type_coerce(_refunded, BigInteger).label("refunded"),
        _leg.label("leg"),
        type_coerce(_refunded + _leg, BigInteger).label("net"),
        type_coerce(func.greatest(0, cast(func.timezone("UTC", Return.created_at), Date) - _sent_on), BigInteger).label(
            "days"
        ),
        case((Return.exchange_id.is_not(None), True), else_=False).label("exchanged"),
    )
    .select_from(ReturnLine)
    .join(Return, Return.id == ReturnLine.return_id)
    .join(OrderLine, (OrderLine.order_id == ReturnLine.order_id) & (OrderLine.line_no == ReturnLine.line_no))
    .join(Order, Order.id == OrderLine.order_id)
    .join(_left, (_left.c.order_id == OrderLine.order_id) & (_left.c.line_no == OrderLine.line_no))
    .outerjoin(Variant, Variant.sku == OrderLine.sku)
    .outerjoin(Product, Product.id == Variant.product_id)
    .where(Return.status.not_in(NEVER_CAME))
    .subquery()
)
"""A row for each line of a return. `leg` is what its part of our label costs the shop, by units; `net` is what is given
back with it."""
