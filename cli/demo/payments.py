"""Payments of the demo shop's past, entry by entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from cli.demo.moneys import Money
from cli.demo.past import PastOrder
from cli.demo.pen import Pen, Row


def pay(pen: Pen, order: PastOrder, money: Money, packed: list[UUID | None]) -> None:
    at, total, currency = order.at + timedelta(seconds=1), money.priced.total, order.shopper.currency
    payment, entry = pen.stamps.id(at), pen.stamps.id(at)
    provider = "external" if money.booked else "test"
    reference = f"payout {order.shopper.email}" if money.booked else f"test.tok_ok.{currency}.{total}.{entry}"
    then = (order.cancelled or (at,))[0]
    changed = order.returned[0] if order.returned else then if money.booked else money.taken_at or then
    pen.add(
        "payments", id=payment, order_id=order.id, provider=provider,
        token=None if money.booked else "tok_ok", provider_ref=reference, currency=currency, amount=total,
        authorised=total, captured=money.captured,
        refunded=money.refunded, state=money.payment_state, replaces=False, let_go=False, version=2,
        created_at=at, updated_at=changed,
    )  # fmt: skip
    same = {"payment_id": payment, "order_id": order.id, "currency": currency, "provider_ref": reference}
    detail = {"amount": total, "currency": currency, "payment_id": str(payment)}
    if money.booked:
        _booked(pen, order, money, same, entry, detail)
    else:
        _asked(pen, order, money, same, entry, detail, packed)
    if order.returned:
        then = order.returned[0]
        _entry(pen, same, pen.stamps.id(then), "refund", money.refunded, f"return:{order.id}", then)


def _booked(pen: Pen, order: PastOrder, money: Money, same: Row, entry: UUID, detail: Row) -> None:
    """The channel has the money when it hands the order over, and gives it back itself."""
    at, cause = order.at + timedelta(seconds=1), f"order:{order.id}"
    _entry(pen, same, entry, "capture", money.priced.total, cause, at)
    pen.told(order.id, at, "agent:payments", "payment pending", "payment captured", cause, detail=detail)
    if order.cancelled:
        then = order.cancelled[0]
        _entry(pen, same, pen.stamps.id(then), "refund", money.priced.total, f"cancel:{order.id}", then)
        pen.told(order.id, then, "agent:payments", "payment captured", "payment refunded", "the order was cancelled")


def _asked(
    pen: Pen, order: PastOrder, money: Money, same: Row, entry: UUID, detail: Row, packed: list[UUID | None]
) -> None:
    """A card: held when the order comes, taken parcel by parcel."""
    at, total = order.at + timedelta(seconds=1), money.priced.total
    _entry(pen, same, entry, "authorise", total, f"order:{order.id}", at)
    pen.told(
        order.id, at, "agent:payments", "payment pending", "payment authorised", f"order:{order.id}", detail=detail
    )
    if order.cancelled:
        then = order.cancelled[0]
        _entry(pen, same, pen.stamps.id(then), "void", total, f"cancel:{order.id}", then)
        pen.told(order.id, then, "agent:payments", "payment authorised", "payment voided", "the order was cancelled")
    if money.taken_at:
        for amount, package, fulfilment in zip(money.shares, order.packages, packed, strict=True):
            if package.shipped_at and amount:
                cause = f"shipment:{fulfilment}"
                _entry(pen, same, pen.stamps.id(package.shipped_at), "capture", amount, cause, package.shipped_at)
        first = min(p.shipped_at for p in order.packages if p.shipped_at)
        pen.told(order.id, first, "agent:payments", "payment authorised", "payment captured", "a parcel has left")


def _entry(pen: Pen, same: Row, ident: UUID, kind: str, amount: int, cause: str, at: datetime) -> None:
    pen.add(
        "payment_entries", **same, id=ident, kind=kind, state="succeeded", amount=amount, attempts=1, cause=cause,
        follows_total=False, goodwill=False, actor="agent:payments", at=at, checked_at=at, settled_at=at,
    )  # fmt: skip
