"""What each shipment of an order is worth: its share of goods, discounts, tax and shipping, to the minor unit.

The units of a line lie on a ruler. Cancelled ones are the first of it; what is shipped takes the last, in the order in
which it left; what has not left yet follows by node, and what is in no shipment lies between. A share is the difference
of two rounded running sums, so that all shares of an order, with what was cancelled, are its amounts exactly, and only
where the units are now decides, never the order in which they were split, merged, moved or cancelled.

Units of a kit's components count alike. The shipping goes with what the goods are worth.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.fulfilment import Fulfilment, FulfilmentLine, FulfilmentStatus, Parcel, ParcelLine, ParcelStatus
from db.money import part_of
from db.orders import Order, OrderLine
from db.stock import Allocation, AllocationState


class Share(NamedTuple):
    """Minor units. `goods` are without their discounts and, like `shipping`, with tax; `tax` is that of both."""

    goods: int = 0
    discount: int = 0
    shipping: int = 0
    tax: int = 0

    @property
    def total(self) -> int:
        return self.goods + self.shipping

    def plus(self, other: Share) -> Share:
        return Share(*(mine + its for mine, its in zip(self, other, strict=True)))


@dataclass(frozen=True)
class LineToShare:
    """A line of an order. `units` are what is picked for it, all components of a kit together; so are `cancelled`."""

    line_no: int
    units: int
    total: int
    tax: int
    discount: int = 0
    cancelled: int = 0
    cancelled_amount: int = 0


@dataclass(frozen=True)
class OrderToShare:
    """`shipping` is with tax. `cancelled_shipping` is what nobody has to pay of it."""

    lines: Sequence[LineToShare]
    shipping: int
    shipping_tax: int
    cancelled_shipping: int = 0


@dataclass(frozen=True)
class Part:
    """Units by line number that travel together; `parcel` is None for those of a shipment that are in none."""

    shipment: UUID
    parcel: UUID | None
    units: Mapping[int, int]


@dataclass
class Worth:
    """The share of a shipment or parcel, and of it line by line; a line has no shipping."""

    share: Share = field(default_factory=Share)
    lines: dict[int, Share] = field(default_factory=dict)
    units: Counter[int] = field(default_factory=Counter)

    def add(self, other: Worth) -> None:
        self.share = self.share.plus(other.share)
        for line_no, share in other.lines.items():
            self.lines[line_no] = self.lines.get(line_no, Share()).plus(share)
        self.units.update(other.units)


@dataclass
class OrderShares:
    """`rest` is what is in no shipment yet. Shipments, rest and cancelled together are the order."""

    shipments: dict[UUID, Worth] = field(default_factory=dict)
    parcels: dict[UUID, Worth] = field(default_factory=dict)
    rest: Worth = field(default_factory=Worth)
    cancelled: Worth = field(default_factory=Worth)


def share(order: OrderToShare, parts: Sequence[Part]) -> OrderShares:
    """Share an order out among parts, in the order in which they are given: the first takes the last units."""
    lines = {line.line_no: line for line in order.lines}
    shares = OrderShares()
    for no, line in lines.items():
        _set(shares.cancelled, no, line.cancelled, _first(line, line.cancelled))
    upto = {no: line.units for no, line in lines.items()}
    worths = [_cut(lines, upto, part.units) for part in parts]
    shares.rest = _cut(lines, upto, dict(upto))
    _ship(order, shares.cancelled, [*worths, shares.rest])
    for part, worth in zip(parts, worths, strict=True):
        shares.shipments.setdefault(part.shipment, Worth()).add(worth)
        if part.parcel is not None:
            shares.parcels[part.parcel] = worth
    return shares


def _cut(lines: Mapping[int, LineToShare], upto: dict[int, int], units: Mapping[int, int]) -> Worth:
    """Take the last units that are left of each line."""
    worth = Worth()
    for no, wanted in sorted(units.items()):
        line, high = lines[no], upto[no]
        low = max(line.cancelled, high - wanted)
        after, before = _first(line, high), _first(line, low)
        _set(worth, no, high - low, Share(*(a - b for a, b in zip(after, before, strict=True))))
        upto[no] = low
    return worth


def _set(worth: Worth, line_no: int, units: int, share: Share) -> None:
    if units:
        worth.lines[line_no], worth.units[line_no] = share, units
        worth.share = worth.share.plus(share)


def _first(line: LineToShare, units: int) -> Share:
    """The running sum: what the first `units` of a line are worth. What was cancelled is worth what was booked."""
    if not units:
        return Share()
    goods = line.cancelled_amount
    if units > line.cancelled:
        left = line.total - line.cancelled_amount
        start = part_of(line.total, line.cancelled, line.units)
        if line.total > start:  # the same as the plain running sum, unless the line was raised after a cancellation
            goods += part_of(left, part_of(line.total, units, line.units) - start, line.total - start)
        else:
            goods += part_of(left, units - line.cancelled, line.units - line.cancelled)
    return Share(goods, part_of(line.discount, units, line.units), 0, part_of(line.tax, goods, line.total))


def _ship(order: OrderToShare, cancelled: Worth, worths: Sequence[Worth]) -> None:
    """Give each its part of the shipping, by what its goods are worth; by units where all of them are free."""
    spared = order.cancelled_shipping
    spared_tax = part_of(order.shipping_tax, spared, order.shipping)
    cancelled.share = cancelled.share.plus(Share(shipping=spared, tax=spared_tax))
    by_goods = any(w.share.goods for w in worths)
    weights = [w.share.goods if by_goods else w.units.total() for w in worths]
    shipping, tax, so_far = order.shipping - spared, order.shipping_tax - spared_tax, 0
    for worth, weight in zip(worths, weights, strict=True):
        before, so_far = so_far, so_far + weight
        low, high = (part_of(shipping, n, sum(weights)) for n in (before, so_far))
        its_tax = part_of(tax, high, shipping) - part_of(tax, low, shipping)
        worth.share = worth.share.plus(Share(shipping=high - low, tax=its_tax))


def shares_of(session: Session, order: Order) -> OrderShares:
    """The shares of an order as it is now."""
    rows = list(session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)))
    cancelled = sum(n.cancelled_amount for n in rows)
    sharing = OrderToShare(
        lines=[_line(n) for n in rows],
        shipping=order.total - sum(n.total for n in rows),
        shipping_tax=order.tax - sum(n.tax for n in rows),
        cancelled_shipping=order.cancelled_total - cancelled,
    )
    return share(sharing, _parts(session, order.id))


def _line(row: OrderLine) -> LineToShare:
    per = sum(quantity for _, quantity in row.parts)
    return LineToShare(
        line_no=row.line_no,
        units=row.quantity * per,
        total=row.total,
        tax=row.tax,
        discount=row.line_discount + row.order_discount,
        cancelled=row.cancelled * per,
        cancelled_amount=row.cancelled_amount,
    )


class Held(NamedTuple):
    """Promised units in a shipment."""

    shipment: UUID
    node: str
    left_at: datetime | None
    allocation: UUID
    line_no: int
    quantity: int


def _parts(session: Session, order_id: UUID) -> list[Part]:
    """An order's shipments, each parcel by parcel, in the order in which they take their units."""
    query = (
        select(
            Fulfilment.id, Fulfilment.node, Fulfilment.shipped_at, Allocation.id, Allocation.line_no,
            Allocation.quantity,
        )
        .join(FulfilmentLine, FulfilmentLine.fulfilment_id == Fulfilment.id)
        .join(Allocation, Allocation.id == FulfilmentLine.allocation_id)
        .where(Fulfilment.order_id == order_id, Fulfilment.status != FulfilmentStatus.cancelled)
        .where(Allocation.state != AllocationState.released)
    )  # fmt: skip
    held = [Held(*row) for row in session.execute(query)]
    in_parcels = (
        select(Parcel.id, ParcelLine.allocation_id, ParcelLine.quantity)
        .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
        .where(Parcel.order_id == order_id, Parcel.status != ParcelStatus.cancelled)
        .order_by(Parcel.number, Parcel.id)
    )
    packed = [(parcel, allocation, quantity) for parcel, allocation, quantity in session.execute(in_parcels)]
    return parts_of(held, packed)


def parts_of(held: Iterable[Held], packed: Sequence[tuple[UUID, UUID, int]]) -> list[Part]:
    """`packed` are (parcel, allocation, units), first parcels first."""
    by_shipment: defaultdict[UUID, list[Held]] = defaultdict(list)
    for row in held:
        by_shipment[row.shipment].append(row)
    parts = []
    for shipment, rows in sorted(by_shipment.items(), key=lambda each: _turn(*each)):
        line_of = {row.allocation: row.line_no for row in rows}
        loose = Counter[int]()
        for row in rows:
            loose[row.line_no] += row.quantity
        parcels: defaultdict[UUID, Counter[int]] = defaultdict(Counter)
        for parcel, allocation, quantity in packed:
            line_no = line_of.get(allocation)
            if line_no is not None:
                parcels[parcel][line_no] += quantity
                loose[line_no] -= quantity
        parts += [Part(shipment, parcel, dict(units)) for parcel, units in parcels.items()]
        parts.append(Part(shipment, None, +loose))
    return parts


def _turn(shipment: UUID, rows: Sequence[Held]) -> tuple[bool, float, str, list[tuple[int, int]], UUID]:
    """What has left by when it left, the others by node and what is in them."""
    first, content = rows[0], Counter[int]()
    for row in rows:
        content[row.line_no] -= row.quantity  # of two at one node the one with more of the first line comes first
    left = first.left_at
    return left is None, left.timestamp() if left else 0.0, first.node, sorted(content.items()), shipment
