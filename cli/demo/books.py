"""The demo shop's past as rows of the books, as the agents would have left them: nothing in it waits for anybody but
the orders of the last days."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from agents.shipping.demo_rates import standard_rate_cards
from cli.demo.catalogue import KITS, SEED, TAX_PPM, Good
from cli.demo.moneys import Money, amounts
from cli.demo.past import Line, Package, Past, PastOrder
from cli.demo.people import customer_row
from cli.demo.places import PACKING, SITES
from cli.demo.stamps import Stamps
from db.stock import StockStatus

TAG = "demo"
CLOSED_AFTER = timedelta(days=30)
TOLD = timedelta(days=21)  # of the last weeks everything is kept: each step of the floor, each mail
SHOP = "system:demo shop"
Row = dict[str, Any]
Tables = dict[str, list[Row]]

_DEPOTS = {site.code: site.depot for site in SITES}
_CARRIERS = (("parcelpost", "standard", "PA"), ("swiftway", "express", "SW"), ("greenroute", "saver", "GR"))


class Books:
    """Fills `tables`. Numbers are counted on from those that are given out already."""

    def __init__(self, past: Past, now: datetime, goods: tuple[Good, ...], *, order: int, fulfilment: int, label: int):
        self._past, self._now = past, now
        self._titles = {g.sku: g.title for g in goods} | {sku: title for sku, (title, _, _) in KITS.items()}
        self._grams = {g.sku: g.grams for g in goods}
        self._order, self._fulfilment, self._label = order, fulfilment, label
        self._rng = random.Random(SEED + 2)  # noqa: S311 - a believable shop, no secret
        self._stamps = Stamps(self._rng)
        self._fees = {
            (c.carrier, r.country, r.max_weight_grams): r.amount for c in standard_rate_cards() for r in c.rates
        }
        self._brackets = sorted({most for _, _, most in self._fees})
        self._offers: dict[tuple[str, int], tuple[int, str, int]] = {}
        self.tables: Tables = defaultdict(list)

    def write(self) -> Tables:
        self.tables["customers"] = [customer_row(one, TAG) for one in self._past.people]
        for order in self._past.orders:
            self._one(order)
        self.tables["stock_ledger"] = [{**e._asdict(), "lot": ""} for e in self._past.entries]
        self._stock()
        for name, by in (("transitions", "at"), ("tracking_events", "at")):
            self.tables[name].sort(key=lambda row: row[by])
        return self.tables

    @property
    def last_numbers(self) -> dict[str, int]:
        return {"order_numbers": self._order, "fulfilment_numbers": self._fulfilment, "label_serials": self._label}

    def _add(self, table: str, **row: Any) -> None:
        self.tables[table].append(row)

    def _one(self, order: PastOrder) -> None:
        self._order += 1
        number = str(self._order)
        money = amounts(order, self._now)
        self._placed(order, number, money)
        packed = [self._package(order, number, package) for package in order.packages]
        self._pay(order, money, packed)
        self._after(order, money)

    def _placed(self, order: PastOrder, number: str, money: Money) -> None:
        status, delivered_at = self._stands(order)
        total, cancelled = money.priced.total, order.cancelled is not None
        left = total - money.refunded if not cancelled else 0
        changes = [order.at, *(m for p in order.packages for m in (p.shipped_at, p.delivered_at) if m)]
        changes += [order.returned[0]] if order.returned else []
        self._add(
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
        self._told(order.id, order.at, SHOP, None, "placed", f"placed through {order.channel}")
        if order.hold:
            at, reason, note = order.hold
            hold = {"id": self._stamps.id(at), "order_id": order.id, "reason": reason, "note": note}
            self._add("order_holds", **hold, placed_by=SHOP, placed_at=at)
            self._told(order.id, at, SHOP, "placed", "held", f"on hold for {reason}: {note}")
        else:
            self._told(
                order.id, order.at + timedelta(seconds=2), "agent:orders", "placed", "released", "payment authorised"
            )
        if order.cancelled:
            at, why = order.cancelled
            self._told(order.id, at, SHOP, "released", "cancelled", why)
        if self._is_recent(order.at):
            self._mail(order, "placed", order.id, order.at, f"Your order {number}", money.thanks(number))

    def _line(self, order: PastOrder, line_no: int, line: Line, priced: Any, unit: int) -> None:
        cancelled = line.quantity if order.cancelled else 0
        gone = [p.shipped_at is not None for p in order.packages if any(n == line_no for n, _, _ in p.units)]
        kit = [{"sku": sku, "quantity": n // line.quantity} for sku, n in line.parts] if line.sku in KITS else None
        self._add(
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
            return ("closed" if last < self._now - CLOSED_AFTER else "delivered"), last
        if len(gone) == len(order.packages):
            return "shipped", None
        return ("partly_shipped" if gone else "released"), None

    def _package(self, order: PastOrder, number: str, package: Package) -> UUID | None:
        """Allocations, and unless the order was held or cancelled the fulfilment; returns the id of the latter."""
        state = "released" if order.cancelled else "shipped" if package.shipped_at else "allocated"
        since = order.cancelled[0] if order.cancelled else package.shipped_at or order.at
        allocations = []
        for line_no, sku, quantity in package.units:
            allocations.append(self._stamps.id(order.at))
            self._add(
                "allocations", id=allocations[-1], order_id=order.id, line_no=line_no, sku=sku, node=package.node,
                quantity=quantity, state=state, why=package.why, created_at=order.at, updated_at=since,
            )  # fmt: skip
        if order.cancelled or order.hold:
            return None
        ident, at = self._stamps.id(order.at), order.at + timedelta(seconds=3)
        self._fulfilment += 1
        name = f"F{100_000 + self._fulfilment}"
        status = "delivered" if package.delivered_at else "shipped" if package.shipped_at else "ready"
        self._add(
            "fulfilments", id=ident, number=name, order_id=order.id, node=package.node, status=status,
            version=1 if status == "ready" else 6, created_at=at,
            updated_at=package.delivered_at or package.shipped_at or at,
            shipped_at=package.shipped_at, delivered_at=package.delivered_at,
        )  # fmt: skip
        done = package.shipped_at is not None
        for (line_no, sku, quantity), allocation in zip(package.units, allocations, strict=True):
            self._add(
                "fulfilment_lines", allocation_id=allocation, fulfilment_id=ident, line_no=line_no, sku=sku,
                quantity=quantity, picked=quantity if done else 0, packed=quantity if done else 0,
                bin=PACKING if done else None, lot="",
            )  # fmt: skip
        if self._is_recent(order.at):
            self._told(ident, at, "agent:fulfilment", None, "ready", None, kind="fulfilment")
            self._fulfilment_told(order, ident, at, "ready", f"{name} at {package.node}")
        if done:
            self._parcel(order, number, ident, name, package, allocations)
        return ident

    def _parcel(
        self, order: PastOrder, number: str, ident: UUID, name: str, package: Package, allocations: list[UUID]
    ) -> None:
        at, arrived = package.shipped_at, package.delivered_at
        assert at is not None  # noqa: S101 - what did not leave has no parcel
        packed_at = at - timedelta(minutes=self._rng.randint(12, 90))
        parcel = self._stamps.id(packed_at)
        grams = 150 + sum(self._grams[sku] * q for _, sku, q in package.units)
        self._add(
            "parcels", id=parcel, fulfilment_id=ident, order_id=order.id, node=package.node, number=1,
            status="delivered" if arrived else "shipped", weight_grams=grams, length_mm=0, width_mm=0, height_mm=0,
            version=3 if arrived else 2, created_at=packed_at, updated_at=arrived or at,
        )  # fmt: skip
        for (_, sku, quantity), allocation in zip(package.units, allocations, strict=True):
            lots = [{"lot": "", "quantity": quantity}]
            self._add("parcel_lines", parcel_id=parcel, allocation_id=allocation, sku=sku, quantity=quantity, lots=lots)
        tracking = self._carry(order, number, parcel, package, grams, packed_at)
        if self._is_recent(order.at):
            steps = (
                ("ready", "picking", 60),
                ("picking", "picked", 35),
                ("picked", "packed", 0),
                ("packed", "shipped", None),
            )
            for before, after, earlier in steps:
                moment = (
                    at
                    if earlier is None
                    else max(order.at + timedelta(seconds=5), packed_at - timedelta(minutes=earlier))
                )
                why = tracking if after == "shipped" else None
                self._told(ident, moment, "agent:fulfilment", before, after, why, kind="fulfilment")
            if arrived:
                self._told(ident, arrived, "agent:fulfilment", "shipped", "delivered", None, kind="fulfilment")
            self._mail(
                order, "shipped", ident, at, f"Your order {number} is on its way",
                f"A parcel of your order {number} has left us.\n\nTracking number: {tracking}\n",
            )  # fmt: skip
        self._fulfilment_told(order, ident, at, "shipped", f"{name} at {package.node}: {tracking}")

    def _carry(self, order: PastOrder, number: str, parcel: UUID, package: Package, grams: int, at: datetime) -> str:
        fee, carrier, offers = self._cheapest(order.shopper.address["country"], grams)
        service, letters = next((s, p) for c, s, p in _CARRIERS if c == carrier)
        self._label += 1
        tracking = f"{letters}{self._label:011d}{_check_digit(self._label)}"
        self._add(
            "labels", id=self._stamps.id(at), parcel_id=parcel, order_id=order.id, carrier=carrier, service=service,
            tracking_number=tracking, amount=fee, currency="EUR", state="live",
            why=f"cheapest of {offers}: {carrier} {service} €{fee / 100:.2f}",
            zpl=f"^XA\n^CI28\n^FO40,40^A0N,56,56^FD{carrier.upper()}^FS\n"
                f"^FO40,170^A0N,40,40^FD{order.shopper.name}^FS\n"
                f"^FO60,620^BY3,3,260^BCN,260,Y,N,N^FD{tracking}^FS\n^FO40,1000^A0N,30,30^FD{number}^FS\n^XZ\n",
            created_at=at,
        )  # fmt: skip
        left, arrived = package.shipped_at, package.delivered_at
        assert left is not None  # noqa: S101 - it has a label because it left
        if self._is_recent(left):
            self._scan(tracking, "in_transit", left + timedelta(hours=4), _DEPOTS[package.node])
        if arrived:
            self._scan(tracking, "delivered", arrived, order.shopper.address["city"])
        elif self._label % 40 == 0:
            self._scan(tracking, "exception", left + timedelta(hours=22), "nobody at the door")
        return tracking

    def _cheapest(self, country: str, grams: int) -> tuple[int, str, int]:
        """Fee, carrier, and how many would have taken it."""
        bracket = next((most for most in self._brackets if most >= grams), self._brackets[-1])
        if (country, bracket) not in self._offers:
            fees: dict[str, int] = {}
            for (carrier, to, most), fee in self._fees.items():
                if to == country and most >= bracket:
                    fees[carrier] = min(fee, fees.get(carrier, fee))
            offers = sorted((fee, carrier) for carrier, fee in fees.items()) or [(5290, "parcelpost")]
            self._offers[(country, bracket)] = (*offers[0], len(offers))
        return self._offers[(country, bracket)]

    def _scan(self, tracking: str, status: str, at: datetime, place: str) -> None:
        if at <= self._now:
            event = {"tracking_number": tracking, "event_id": f"{tracking}-{status}", "status": status}
            self._add("tracking_events", **event, at=at, place=place, received_at=at)

    def _pay(self, order: PastOrder, money: Money, packed: list[UUID | None]) -> None:
        at, total, currency = order.at + timedelta(seconds=1), money.priced.total, order.shopper.currency
        payment, entry = self._stamps.id(at), self._stamps.id(at)
        provider = "external" if order.channel == "marketplace" else "test"
        reference = f"test.tok_ok.{currency}.{total}.{entry}" if provider == "test" else f"payout {order.shopper.email}"
        changed = order.returned[0] if order.returned else money.taken_at or (order.cancelled or (at,))[0]
        self._add(
            "payments", id=payment, order_id=order.id, provider=provider,
            token="tok_ok" if provider == "test" else None, provider_ref=reference, currency=currency, amount=total,
            authorised=total, captured=money.captured,
            refunded=money.refunded, state=money.payment_state, version=2, created_at=at, updated_at=changed,
        )  # fmt: skip
        same = {"payment_id": payment, "order_id": order.id, "currency": currency, "provider_ref": reference}
        self._entry(same, entry, "authorise", total, f"order:{order.id}", at)
        detail = {"amount": total, "currency": currency, "payment_id": str(payment)}
        self._told(
            order.id, at, "agent:payments", "payment pending", "payment authorised", f"order:{order.id}", detail=detail
        )
        if order.cancelled:
            then = order.cancelled[0]
            self._entry(same, self._stamps.id(then), "void", total, f"cancel:{order.id}", then)
            self._told(
                order.id, then, "agent:payments", "payment authorised", "payment voided", "the order was cancelled"
            )
        if money.taken_at:
            for amount, package, fulfilment in zip(money.shares, order.packages, packed, strict=True):
                if package.shipped_at and amount:
                    cause = f"shipment:{fulfilment}"
                    self._entry(same, self._stamps.id(package.shipped_at), "capture", amount, cause, package.shipped_at)
            first = min(p.shipped_at for p in order.packages if p.shipped_at)
            self._told(order.id, first, "agent:payments", "payment authorised", "payment captured", "a parcel has left")
        if order.returned:
            then = order.returned[0]
            self._entry(same, self._stamps.id(then), "refund", money.refunded, f"return:{order.id}", then)

    def _entry(self, same: Row, ident: UUID, kind: str, amount: int, cause: str, at: datetime) -> None:
        self._add(
            "payment_entries", **same, id=ident, kind=kind, state="succeeded", amount=amount, attempts=1, cause=cause,
            follows_total=False, actor="agent:payments", at=at, checked_at=at, settled_at=at,
        )  # fmt: skip

    def _after(self, order: PastOrder, money: Money) -> None:
        """What the order's history says of parcels, arrival, returns and the end of it."""
        if order.cancelled or order.hold:
            return
        shipped = sorted((p.shipped_at, p.node) for p in order.packages if p.shipped_at)
        before = "released"
        for n, (at, node) in enumerate(shipped, 1):
            to = "shipped" if n == len(order.packages) else "partly_shipped"
            if to != before:
                self._told(order.id, at, "agent:orders", before, to, f"shipped from {node}")
            before = to
        status, arrived = self._stands(order)
        if arrived is None:
            return
        self._told(order.id, arrived, "agent:orders", "shipped", "delivered", "everything has arrived")
        if order.returned:
            at, line_no, units, why = order.returned
            line = order.lines[line_no - 1]
            text = f"payment {money.status}: {units} × {line.sku} came back, {why}"
            self._told(
                order.id, at, "agent:orders", "delivered", "delivered", text, detail={"refunded": money.refunded}
            )
        if status == "closed":
            self._told(
                order.id,
                arrived + CLOSED_AFTER,
                "agent:orders",
                "delivered",
                "closed",
                "delivered more than 30 days ago",
            )

    def _told(
        self, ident: UUID, at: datetime, actor: str, before: str | None, after: str, why: str | None, *,
        kind: str = "order", detail: Row | None = None,
    ) -> None:  # fmt: skip
        self._add(
            "transitions", subject=f"{kind}:{ident}", at=at, actor=actor, from_status=before, to_status=after, why=why,
            detail=detail, request_id="",
        )  # fmt: skip

    def _fulfilment_told(self, order: PastOrder, ident: UUID, at: datetime, status: str, why: str) -> None:
        detail = {"fulfilment_id": str(ident)}
        self._told(order.id, at, "agent:fulfilment", None, f"fulfilment {status}", why, detail=detail)

    def _mail(self, order: PastOrder, template: str, about: UUID, at: datetime, title: str, body: str) -> None:
        self._add(
            "notifications", id=self._stamps.id(at), key=f"{template}:{about}", subject=f"order:{order.id}",
            template=template, recipient=order.shopper.email, title=title, body=body, state="kept", attempts=1,
            edition=1, created_at=at,
        )  # fmt: skip

    def _is_recent(self, at: datetime) -> bool:
        return self._now - at < TOLD

    def _stock(self) -> None:
        """Levels and bins are the sums of the ledger."""
        levels: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        bins: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
        moved: dict[tuple[str, str], datetime] = {}
        for e in self._past.entries:
            moved[(e.node, e.sku)] = e.at
            level = levels[(e.node, e.sku)]
            level[0] += e.on_hand
            level[1] += e.on_hand if e.status == StockStatus.sellable else 0
            level[2] += e.allocated
            if e.bin and e.on_hand:
                bins[(e.node, e.sku, e.bin, str(e.status))] += e.on_hand
        for (node, sku), (on_hand, sellable, allocated) in sorted(levels.items()):
            self._add(
                "stock_levels", node=node, sku=sku, on_hand=on_hand, sellable=sellable, allocated=allocated, held=0,
                backordered=0, updated_at=moved[(node, sku)],
            )  # fmt: skip
        for (node, sku, bin, status), quantity in sorted(bins.items()):
            if quantity:
                self._add("bin_stock", node=node, sku=sku, bin=bin, lot="", status=status, quantity=quantity)


def _check_digit(serial: int) -> int:
    weighted = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(f"{serial:011d}")))
    return -weighted % 10
