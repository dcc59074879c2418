"""Shipments share an order's money to the minor unit, and only where its units are decides who has which."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from agents.returns.money import SoldLine, worth_of
from db.money import LineIn, OrderIn, portion, price
from db.shares import LineToShare, OrderShares, OrderToShare, Part, Share, Worth, share

A, B, C = (UUID(int=n) for n in (1, 2, 3))


def whole(shares: OrderShares) -> Share:
    total = shares.cancelled.share.plus(shares.rest.share)
    for worth in shares.shipments.values():
        total = total.plus(worth.share)
    return total


@st.composite
def orders(draw: st.DrawFn) -> OrderToShare:
    """Orders as they are priced, partly cancelled, some raised after that."""
    lines = tuple(
        LineIn(
            quantity=(quantity := draw(st.integers(1, 9))),
            unit_amount=(unit := draw(st.integers(0, 9_999))),
            tax_rate_ppm=draw(st.sampled_from([0, 70_000, 77_125, 200_000])),
            discount=draw(st.integers(0, quantity * unit)),
        )
        for _ in range(draw(st.integers(1, 4)))
    )
    left = sum(n.quantity * n.unit_amount - n.discount for n in lines)
    ask = OrderIn(
        "EUR",
        lines,
        order_discount=draw(st.integers(0, left)),
        shipping_amount=draw(st.integers(0, 1_500)),
        shipping_tax_ppm=draw(st.sampled_from([0, 200_000])),
        tax_inclusive=draw(st.booleans()),
    )
    priced = price(ask)
    rows = []
    for no, (line, cost) in enumerate(zip(lines, priced.lines, strict=True), start=1):
        per = draw(st.sampled_from([1, 1, 3]))
        cancelled = draw(st.integers(0, line.quantity))
        worth = portion(cost.total, line.quantity, 0, cancelled)
        if cancelled and draw(st.booleans()):  # raised after the cancellation: what was booked for it stays
            worth = min(cost.total, worth + draw(st.integers(0, 3)))
        rows.append(
            LineToShare(
                line_no=no,
                units=line.quantity * per,
                total=cost.total,
                tax=cost.tax,
                discount=cost.discount + cost.order_discount,
                cancelled=cancelled * per,
                cancelled_amount=worth if cancelled < line.quantity else cost.total,
            )
        )
    spared = priced.shipping_total if all(n.cancelled == n.units for n in rows) else 0
    return OrderToShare(rows, priced.shipping_total, priced.shipping_tax, spared)


def a_split(data: st.DataObject, order: OrderToShare) -> list[Part]:
    left = {n.line_no: n.units - n.cancelled for n in order.lines}
    parts = []
    for shipment in (A, B, C):
        for parcel in (UUID(int=shipment.int * 10), None):
            units = {no: data.draw(st.integers(0, most), label=f"{shipment.int}, {no}") for no, most in left.items()}
            left = {no: most - units[no] for no, most in left.items()}
            parts.append(Part(shipment, parcel, units))
    return parts


@given(orders(), st.data())
def test_however_an_order_is_split_its_shares_are_the_order_to_the_cent(
    order: OrderToShare, data: st.DataObject
) -> None:
    shares = share(order, a_split(data, order))
    goods, tax = sum(n.total for n in order.lines), sum(n.tax for n in order.lines) + order.shipping_tax
    assert whole(shares) == Share(goods, sum(n.discount for n in order.lines), order.shipping, tax)
    assert shares.cancelled.share.goods == sum(n.cancelled_amount for n in order.lines)
    assert shares.cancelled.share.shipping == order.cancelled_shipping
    for worth in [*shares.shipments.values(), *shares.parcels.values(), shares.rest]:
        assert min(worth.share) >= 0
        by_line = sum(n.goods for n in worth.lines.values())
        assert by_line == worth.share.goods
    units = sum((w.units for w in [*shares.shipments.values(), shares.rest, shares.cancelled]), Counter[int]())
    assert units == +Counter({n.line_no: n.units for n in order.lines})


@given(orders(), st.data())
def test_a_shipment_is_worth_its_parcels_and_merging_two_neighbours_changes_no_other_cent(
    order: OrderToShare, data: st.DataObject
) -> None:
    parts = a_split(data, order)
    apart = share(order, parts)
    merged = share(order, [Part(A if p.shipment == B else p.shipment, p.parcel, p.units) for p in parts])
    assert merged.shipments[A].share == apart.shipments[A].share.plus(apart.shipments[B].share)
    assert (merged.shipments[C].share, merged.rest.share) == (apart.shipments[C].share, apart.rest.share)
    assert apart.parcels.keys() == {UUID(int=10), UUID(int=20), UUID(int=30)}


@given(orders(), st.data())
def test_what_has_left_keeps_the_worth_of_its_goods_whatever_is_cancelled_of_the_rest(
    order: OrderToShare, data: st.DataObject
) -> None:
    untouched = OrderToShare([_as_ordered(n) for n in order.lines], order.shipping, order.shipping_tax)
    gone = {n.line_no: data.draw(st.integers(0, n.units - n.cancelled)) for n in order.lines}
    whole_kits = OrderToShare([_booked(n) for n in order.lines], order.shipping, order.shipping_tax)
    before, after = (share(o, [Part(A, None, gone)]).shipments[A] for o in (untouched, whole_kits))
    assert before.lines == after.lines


def _as_ordered(line: LineToShare) -> LineToShare:
    return LineToShare(line.line_no, line.units, line.total, line.tax, line.discount)


def _booked(line: LineToShare) -> LineToShare:
    worth = portion(line.total, line.units, 0, line.cancelled)
    return LineToShare(line.line_no, line.units, line.total, line.tax, line.discount, line.cancelled, worth)


@given(st.integers(1, 9), st.integers(0, 9_999), st.data())
def test_who_sends_the_first_shipment_back_gets_what_it_was_worth(
    quantity: int, total: int, data: st.DataObject
) -> None:
    tax, units = total // 6, data.draw(st.integers(1, quantity))
    order = OrderToShare([LineToShare(1, quantity, total, tax)], 0, 0)
    sent = share(order, [Part(A, None, {1: units})]).shipments[A].share
    back = worth_of(SoldLine(quantity, total, tax), units)
    assert (sent.goods, sent.tax) == (back.total, back.tax)


def test_three_for_ten_euros_in_three_parcels() -> None:
    order = OrderToShare([LineToShare(1, 3, 1000, 167, discount=200)], shipping=500, shipping_tax=83)
    shares = share(order, [Part(A, None, {1: 1}), Part(B, None, {1: 1})])
    assert shares.shipments[A].share == Share(333, 67, 167, 84)
    assert shares.shipments[B].share == Share(334, 66, 167, 82)
    assert shares.rest == Worth(Share(333, 67, 166, 84), {1: Share(333, 67, 0, 56)}, Counter({1: 1}))


def test_free_goods_share_the_shipping_by_units() -> None:
    shares = share(OrderToShare([LineToShare(1, 3, 0, 0)], 300, 0), [Part(A, None, {1: 1}), Part(B, None, {1: 2})])
    assert [w.share.shipping for w in shares.shipments.values()] == [100, 200]
