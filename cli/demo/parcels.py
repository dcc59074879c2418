"""Parcels of the demo shop's past: what was promised from where, packed, labelled, carried."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from agents.shipping.demo_rates import standard_rate_cards
from cli.demo.catalogue import Good
from cli.demo.past import Package, PastOrder
from cli.demo.pen import Pen
from cli.demo.places import PACKING, SITES
from db.zones import zone_of_address

_DEPOTS = {site.code: site.depot for site in SITES}
_CARRIERS = (("parcelpost", "standard", "PA"), ("swiftway", "express", "SW"), ("greenroute", "saver", "GR"))


class Parcels:
    """Numbers are counted on from those that are given out already."""

    def __init__(self, pen: Pen, goods: tuple[Good, ...], *, fulfilment: int, label: int) -> None:
        self._pen = pen
        self._grams = {g.sku: g.grams for g in goods}
        self.fulfilment, self.label = fulfilment, label
        self._fees = {
            (c.carrier, r.country, r.max_weight_grams): r.amount for c in standard_rate_cards() for r in c.rates
        }
        self._brackets = sorted({most for _, _, most in self._fees})
        self._offers: dict[tuple[str, int], tuple[int, str, int]] = {}

    def package(self, order: PastOrder, number: str, package: Package) -> UUID | None:
        """Allocations, and unless the order was held or cancelled the fulfilment; returns the id of the latter."""
        state = "released" if order.cancelled else "shipped" if package.shipped_at else "allocated"
        since = order.cancelled[0] if order.cancelled else package.shipped_at or order.at
        allocations = []
        for line_no, sku, quantity in package.units:
            allocations.append(self._pen.stamps.id(order.at))
            self._pen.add(
                "allocations", id=allocations[-1], order_id=order.id, line_no=line_no, sku=sku, node=package.node,
                quantity=quantity, state=state, why=package.why, passed=0, created_at=order.at, updated_at=since,
            )  # fmt: skip
        if order.cancelled or order.hold:
            return None
        ident, at = self._pen.stamps.id(order.at), order.at + timedelta(seconds=3)
        self.fulfilment += 1
        name = f"F{100_000 + self.fulfilment}"
        status = "delivered" if package.delivered_at else "shipped" if package.shipped_at else "ready"
        self._pen.add(
            "fulfilments", id=ident, number=name, order_id=order.id, node=package.node, status=status,
            version=1 if status == "ready" else 6, created_at=at,
            updated_at=package.delivered_at or package.shipped_at or at,
            shipped_at=package.shipped_at, delivered_at=package.delivered_at,
            released_at=at, released_why="as soon as it was ready",
        )  # fmt: skip
        done = package.shipped_at is not None
        for (line_no, sku, quantity), allocation in zip(package.units, allocations, strict=True):
            self._pen.add(
                "fulfilment_lines", allocation_id=allocation, fulfilment_id=ident, line_no=line_no, sku=sku,
                quantity=quantity, picked=quantity if done else 0, packed=quantity if done else 0,
                bin=PACKING if done else None, lot="",
            )  # fmt: skip
        if self._pen.is_recent(order.at):
            self._pen.told(ident, at, "agent:fulfilment", None, "ready", None, kind="fulfilment")
            self._fulfilment_told(order, ident, at, "ready", f"{name} at {package.node}")
        if done:
            self._parcel(order, number, ident, name, package, allocations)
        return ident

    def _parcel(
        self, order: PastOrder, number: str, ident: UUID, name: str, package: Package, allocations: list[UUID]
    ) -> None:
        at, arrived = package.shipped_at, package.delivered_at
        assert at is not None  # noqa: S101 - what did not leave has no parcel
        packed_at = at - timedelta(minutes=self._pen.rng.randint(12, 90))
        parcel = self._pen.stamps.id(packed_at)
        grams = 150 + sum(self._grams[sku] * q for _, sku, q in package.units)
        self._pen.add(
            "parcels", id=parcel, fulfilment_id=ident, order_id=order.id, node=package.node, number=1,
            status="delivered" if arrived else "shipped", weight_grams=grams, length_mm=0, width_mm=0, height_mm=0,
            version=3 if arrived else 2, created_at=packed_at, updated_at=arrived or at,
        )  # fmt: skip
        for (_, sku, quantity), allocation in zip(package.units, allocations, strict=True):
            lots = [{"lot": "", "quantity": quantity}]
            self._pen.add(
                "parcel_lines", parcel_id=parcel, allocation_id=allocation, sku=sku, quantity=quantity, lots=lots
            )
        tracking = self._carry(order, number, parcel, package, grams, packed_at)
        if self._pen.is_recent(order.at):
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
                self._pen.told(ident, moment, "agent:fulfilment", before, after, why, kind="fulfilment")
            if arrived:
                self._pen.told(ident, arrived, "agent:fulfilment", "shipped", "delivered", None, kind="fulfilment")
            self._pen.mail(
                order, "shipped", ident, at, f"Your order {number} is on its way",
                f"A parcel of your order {number} has left us.\n\nTracking number: {tracking}\n",
            )  # fmt: skip
        self._fulfilment_told(order, ident, at, "shipped", f"{name} at {package.node}: {tracking}")

    def _carry(self, order: PastOrder, number: str, parcel: UUID, package: Package, grams: int, at: datetime) -> str:
        fee, carrier, offers = self._cheapest(order.shopper.address["country"], grams)
        service, letters = next((s, p) for c, s, p in _CARRIERS if c == carrier)
        self.label += 1
        tracking = f"{letters}{self.label:011d}{_check_digit(self.label)}"
        label = self._pen.stamps.id(at)
        self._pen.add(
            "labels", id=label, parcel_id=parcel, order_id=order.id, carrier=carrier, service=service,
            tracking_number=tracking, amount=fee, currency="EUR", state="live",
            why=f"cheapest of {offers}: {carrier} {service} €{fee / 100:.2f}",
            parts=[{"kind": "base", "amount": fee, "why": f"zone {order.shopper.address['country']}"}],
            zpl=f"^XA\n^CI28\n^FO40,40^A0N,56,56^FD{carrier.upper()}^FS\n"
                f"^FO40,170^A0N,40,40^FD{order.shopper.name}^FS\n"
                f"^FO60,620^BY3,3,260^BCN,260,Y,N,N^FD{tracking}^FS\n^FO40,1000^A0N,30,30^FD{number}^FS\n^XZ\n",
            format="zpl", prints=1, refund="none", created_at=at,
        )  # fmt: skip
        left, arrived = package.shipped_at, package.delivered_at
        failed = not arrived and self.label % 40 == 0
        assert left is not None  # noqa: S101 - it has a label because it left
        if self._pen.is_recent(left):
            self._scan(tracking, "in_transit", left + timedelta(hours=4), _DEPOTS[package.node])
        if arrived:
            self._scan(tracking, "delivered", arrived, order.shopper.address["city"])
        elif failed:
            self._scan(tracking, "delivery_failed", left + timedelta(hours=22), "at the door", "not_home")
        self._follow(order, parcel, label, tracking, carrier, service, package, failed=failed)
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

    def _follow(
        self, order: PastOrder, parcel: UUID, label: UUID, tracking: str, carrier: str, service: str, package: Package,
        *, failed: bool,
    ) -> None:  # fmt: skip
        """Where the parcel stands, as its events say; what nobody scanned in time is found by whoever looks."""
        left, arrived = package.shipped_at, package.delivered_at
        assert left is not None  # noqa: S101 - it has a label because it left
        zone = zone_of_address(order.shopper.address)
        tried = left + timedelta(hours=22)
        scanned = left + timedelta(hours=4) if self._pen.is_recent(left) else arrived
        scanned = scanned if scanned and scanned <= self._pen.now else None
        arrived = arrived if arrived and arrived <= self._pen.now else None
        failed = failed and tried <= self._pen.now
        status = "delivered" if arrived else "delivery_failed" if failed else "in_transit" if scanned else "pending"
        self._pen.add(
            "tracks", tracking_number=tracking, label_id=label, parcel_id=parcel, order_id=order.id, carrier=carrier,
            service=service, status=status, incident="not_home" if failed else None, time_zone=zone,
            handed_over_at=left, promised_on=None, scanned_at=scanned or (tried if failed else None),
            last_at=arrived or (tried if failed else scanned), delivered_at=arrived,
            delivered_zone=zone if arrived else None, late_days=None,
            updated_at=arrived or (tried if failed else scanned) or left,
        )  # fmt: skip

    def _scan(self, tracking: str, status: str, at: datetime, place: str, incident: str | None = None) -> None:
        if at <= self._pen.now:
            event = {"tracking_number": tracking, "event_id": f"{tracking}-{status}", "status": status}
            self._pen.add("tracking_events", **event, at=at, place=place, incident=incident, received_at=at)

    def _fulfilment_told(self, order: PastOrder, ident: UUID, at: datetime, status: str, why: str) -> None:
        detail = {"fulfilment_id": str(ident)}
        self._pen.told(order.id, at, "agent:fulfilment", None, f"fulfilment {status}", why, detail=detail)


def _check_digit(serial: int) -> int:
    weighted = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(f"{serial:011d}")))
    return -weighted % 10
