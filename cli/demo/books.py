"""The demo shop's past as rows of the books, as the agents would have left them: nothing in it waits for anybody but
the orders of the last days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cli.demo.catalogue import KITS, TAX_PPM, Good
from cli.demo.levels import shelve
from cli.demo.moneys import Money, amounts
from cli.demo.parcels import Parcels
from cli.demo.past import Line, Past, PastOrder
from cli.demo.payments import pay
from cli.demo.pen import SHOP, Pen, Tables
from cli.demo.people import customer_row

TAG = "demo"
TERMS = "30 days net, as the demo shop buys"
CLOSED_AFTER = timedelta(days=30)


class Books:
    """Fills tables. Numbers are counted on from those that are given out already."""

    def __init__(self, past: Past, now: datetime, goods: tuple[Good, ...], *, order: int, fulfilment: int, label: int):
        self._past, self._pen = past, Pen(now)
        self._titles = {g.sku: g.title for g in goods} | {sku: title for sku, (title, _, _) in KITS.items()}
        self._order = order
        self._parcels = Parcels(self._pen, goods, fulfilment=fulfilment, label=label)

    def write(self) -> Tables:
        self._pen.tables["customers"] = [customer_row(one, TAG) for one in self._past.people]
        for order in self._past.orders:
            self._one(order)
        shelve(self._pen, self._past)
        for name, by in (("transitions", "at"), ("tracking_events", "at")):
            self._pen.tables[name].sort(key=lambda row: row[by])
        return self._pen.tables

    @property
    def last_numbers(self) -> dict[str, int]:
        return {
            "order_numbers": self._order,
            "fulfilment_numbers": self._parcels.fulfilment,
            "label_serials": self._parcels.label,
        }

    def _one(self, order: PastOrder) -> None:
        self._order += 1
        number = str(self._order)
        money = amounts(order, self._pen.now)
        self._placed(order, number, money)
        packed = [self._parcels.package(order, number, package) for package in order.packages]
        pay(self._pen, order, money, packed)
        self._after(order, money)

    def _placed(self, order: PastOrder, number: str, money: Money) -> None:
        status, delivered_at = self._stands(order)
        total, cancelled = money.priced.total, order.cancelled is not None
        left = total - money.refunded if not cancelled else 0
        changes = [order.at, *(m for p in order.packages for m in (p.shipped_at, p.delivered_at) if m)]
        changes += [order.returned[0]] if order.returned else []
        self._pen.add(
            "orders", id=order.id, number=number, channel=order.channel, external_ref=f"DEMO-{number}", status=status,
            payment_status=money.status, live=True, customer_id=order.shopper.id, email=order.shopper.email,
            shipping_address=order.shopper.address, currency=order.shopper.currency, tax_inclusive=True,
            subtotal=money.priced.subtotal, discount=money.priced.discount, order_discount=money.discount,
            shipping=money.priced.shipping, shipping_tax_ppm=TAX_PPM, tax=money.priced.tax, total=total,
            cancelled_total=total if cancelled else 0, covered=left, captured=left if money.captured else 0,
            ship_complete=False, tags=sorted([TAG, *order.tags]), version=2 + 2 * len(order.packages),
            placed_at=order.at, delivered_at=delivered_at, created_at=order.at, updated_at=max(changes),
        )  # fmt: skip
        for n, (line, priced, unit) in enumerate(zip(order.lines, money.priced.lines, money.units, strict=True), 1):
            self._line(order, n, line, priced, unit)
        self._pen.told(order.id, order.at, SHOP, None, "placed", f"placed through {order.channel}")
        if order.hold:
            at, reason, note = order.hold
            hold = {"id": self._pen.stamps.id(at), "order_id": order.id, "reason": reason, "note": note}
            self._pen.add("order_holds", **hold, placed_by=SHOP, placed_at=at)
            self._pen.told(order.id, at, SHOP, "placed", "held", f"on hold for {reason}: {note}")
        else:
            self._pen.told(
                order.id, order.at + timedelta(seconds=2), "agent:orders", "placed", "released", "payment authorised"
            )
        if order.cancelled:
            at, why = order.cancelled
            self._pen.told(order.id, at, SHOP, "released", "cancelled", why)
        if self._pen.is_recent(order.at):
            self._pen.mail(order, "placed", order.id, order.at, f"Your order {number}", money.thanks(number))

    def _line(self, order: PastOrder, line_no: int, line: Line, priced: Any, unit: int) -> None:
        cancelled = line.quantity if order.cancelled else 0
        gone = [p.shipped_at is not None for p in order.packages if any(n == line_no for n, _, _ in p.units)]
        kit = [{"sku": sku, "quantity": n // line.quantity} for sku, n in line.parts] if line.sku in KITS else None
        self._pen.add(
            "order_lines", order_id=order.id, line_no=line_no, sku=line.sku, title=self._titles[line.sku],
            quantity=line.quantity, cancelled=cancelled, shipped=line.quantity if all(gone) and not cancelled else 0,
            components=kit, unit_amount=unit, tax_rate_ppm=TAX_PPM, gross=priced.gross, line_discount=priced.discount,
            order_discount=priced.order_discount, net=priced.net, tax=priced.tax, total=priced.total,
            cancelled_amount=priced.total if cancelled else 0,
        )  # fmt: skip

    def _stands(self, order: PastOrder) -> tuple[str, datetime | None]:
        if order.cancelled:
            return "cancelled", None
        if order.hold:
            return "held", None
        gone = [p.shipped_at for p in order.packages if p.shipped_at]
        arrived = [p.delivered_at for p in order.packages if p.delivered_at]
        if len(arrived) == len(order.packages):
            last = max(arrived)
            return ("closed" if last < self._pen.now - CLOSED_AFTER else "delivered"), last
        if len(gone) == len(order.packages):
            return "shipped", None
        return ("partly_shipped" if gone else "released"), None

    def _after(self, order: PastOrder, money: Money) -> None:
        """What the order's history says of parcels, arrival, returns and the end of it."""
        if order.cancelled or order.hold:
            return
        shipped = sorted((p.shipped_at, p.node) for p in order.packages if p.shipped_at)
        before = "released"
        for n, (at, node) in enumerate(shipped, 1):
            to = "shipped" if n == len(order.packages) else "partly_shipped"
            if to != before:
                self._pen.told(order.id, at, "agent:orders", before, to, f"shipped from {node}")
            before = to
        status, arrived = self._stands(order)
        if arrived is None:
            return
        self._pen.told(order.id, arrived, "agent:orders", "shipped", "delivered", "everything has arrived")
        if order.returned:
            at, line_no, units, why = order.returned
            line = order.lines[line_no - 1]
            text = f"payment {money.status}: {units} × {line.sku} came back, {why}"
            self._pen.told(
                order.id, at, "agent:orders", "delivered", "delivered", text, detail={"refunded": money.refunded}
            )
        if status == "closed":
            self._pen.told(
                order.id,
                arrived + CLOSED_AFTER,
                "agent:orders",
                "delivered",
                "closed",
                "delivered more than 30 days ago",
            )
