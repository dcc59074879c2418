"""Orders with their promises, as the orders agent leaves them, and short ways through the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import select, text

from agents.contract import Event
from agents.fulfilment.messages import (
    CreatePickList,
    DispatchFulfilment,
    FulfilmentState,
    PackParcel,
    ParcelState,
    Pick,
    PickListState,
)
from agents.orders.messages import LinesCancelled, OrderHeld, OrderReleased
from db.allocations import Part, Want, allocate, release
from db.fulfilment import Fulfilment, FulfilmentLine, Parcel, PickTask
from db.orders import Order, OrderHold, OrderLine, OrderStatus
from db.session import Who
from db.shipping import Label
from db.stock import Allocation, BinStock
from tests.shop import TESTER, Shop


class Promise(NamedTuple):
    """Units of one SKU at one node; `line_no` gathers the components of a kit."""

    sku: str
    quantity: int
    node: str = "LON"
    backordered: bool = False
    line_no: int | None = None


def an_order(
    shop: Shop,
    *promises: Promise,
    status: str = OrderStatus.released,
    ship_complete: bool = False,
    address: dict[str, Any] | None = None,
) -> Order:
    """An order with allocated goods that nobody has been told about yet."""
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        order = Order(
            number=str(uuid4().int)[:8],
            channel="web",
            status=status,
            currency="EUR",
            tax_inclusive=True,
            subtotal=0,
            discount=0,
            order_discount=0,
            shipping=0,
            tax=0,
            total=0,
            ship_complete=ship_complete,
            shipping_address=address or {"name": "Ada Byron", "country": "DE"},
            placed_at=tx.now,
            created_at=tx.now,
            updated_at=tx.now,
        )
        tx.add(order)
        tx.flush()
        wants = [
            Want(order.id, p.line_no or n, p.sku, p.node, p.quantity, p.backordered)
            for n, p in enumerate(promises, start=1)
        ]
        for n in sorted({w.line_no for w in wants}):
            sku, quantity = next((w.sku, w.quantity) for w in wants if w.line_no == n)
            tx.add(
                OrderLine(
                    order_id=order.id, line_no=n, sku=sku, title=sku, quantity=quantity, unit_amount=0,
                    tax_rate_ppm=0, gross=0, line_discount=0, order_discount=0, net=0, tax=0, total=0,
                )
            )  # fmt: skip
        allocate(tx, wants)
    return order


def a_released_order(shop: Shop, *promises: Promise, **order: Any) -> Order:
    """An order whose fulfilments are ready."""
    made = an_order(shop, *promises, **order)
    tell(shop, made, OrderReleased(order_id=made.id, number=made.number))
    return made


def tell(shop: Shop, order: Order, event: Event) -> None:
    with shop.db.transaction(Who("agent:orders"), now=shop.now) as tx:
        tx.announce(f"order:{order.id}", event)
    shop.pump()


def hold(shop: Shop, order: Order, *, reason: str = "fraud", told: bool = True) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(Order, order.id).status = OrderStatus.held
        tx.add(OrderHold(order_id=order.id, reason=reason, placed_by="user:tester", placed_at=tx.now))
    if told:
        tell(shop, order, OrderHeld(order_id=order.id, number=order.number, reasons=[reason]))


def lift(shop: Shop, order: Order) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(Order, order.id).status = OrderStatus.released
        tx.execute(text("UPDATE order_holds SET released_at = now() WHERE order_id = :id"), {"id": order.id})
    tell(shop, order, OrderReleased(order_id=order.id, number=order.number))


def cancel(shop: Shop, order: Order, *parts: Part, told: bool = True) -> None:
    """Release promised units as a cancellation does."""
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        gone = [row.id for row in release(tx, parts, why="cancelled")]
    if told:
        tell(
            shop,
            order,
            LinesCancelled(
                order_id=order.id, number=order.number, lines=[], currency="EUR", amount=0, total_now=0,
                released=gone, reason="changed mind",
            ),
        )  # fmt: skip


def label(shop: Shop, parcel: ParcelState) -> str:
    """A live label, as the shipping agent leaves it."""
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        row = tx.get_one(Parcel, parcel.id)
        made = Label(
            parcel_id=parcel.id, order_id=row.order_id, carrier="post", service="standard",
            tracking_number=f"TN{uuid4().hex[:10]}", amount=490, currency="EUR", why="test", zpl="", created_at=tx.now,
        )  # fmt: skip
        tx.add(made)
        tx.flush()
        return made.tracking_number


# The way through the warehouse


def a_list(shop: Shop, *, node: str = "LON", fulfilments: Sequence[UUID] = (), **ask: Any) -> PickListState:
    return shop.do("fulfilment", CreatePickList(node=node, fulfilments=list(fulfilments), **ask), PickListState)


def pick(shop: Shop, task: dict[str, Any], quantity: int | None = None) -> PickListState:
    taken = task["quantity"] if quantity is None else quantity
    return shop.do("fulfilment", Pick(task_id=UUID(task["id"]), quantity=taken), PickListState)


def pick_all(shop: Shop, *, node: str = "LON") -> None:
    for task in a_list(shop, node=node).tasks:
        pick(shop, task)


def pack(shop: Shop, fulfilment: Fulfilment, **ask: Any) -> ParcelState:
    return shop.do("fulfilment", PackParcel(fulfilment_id=fulfilment.id, **ask), ParcelState)


def send(shop: Shop, fulfilment: Fulfilment) -> FulfilmentState:
    return shop.do("fulfilment", DispatchFulfilment(fulfilment_id=fulfilment.id), FulfilmentState)


# Looking


def fulfilments(shop: Shop, order: Order) -> list[Fulfilment]:
    with shop.db.reading() as session:
        return list(
            session.scalars(select(Fulfilment).where(Fulfilment.order_id == order.id).order_by(Fulfilment.number))
        )


def the_fulfilment(shop: Shop, order: Order) -> Fulfilment:
    (one,) = fulfilments(shop, order)
    return one


def lines(shop: Shop, fulfilment: Fulfilment) -> list[tuple[str, int, int]]:
    """(sku, quantity, picked), biggest first."""
    with shop.db.reading() as session:
        rows = session.scalars(select(FulfilmentLine).where(FulfilmentLine.fulfilment_id == fulfilment.id))
        return sorted(((r.sku, r.quantity, r.picked) for r in rows), key=lambda r: (r[0], -r[1]))


def tasks(shop: Shop, fulfilment: Fulfilment, *, done: bool = False) -> list[PickTask]:
    with shop.db.reading() as session:
        query = select(PickTask).where(PickTask.fulfilment_id == fulfilment.id, PickTask.done.is_(done))
        return list(session.scalars(query.order_by(PickTask.sequence)))


def bins(shop: Shop, sku: str, node: str = "LON") -> dict[str, int]:
    with shop.db.reading() as session:
        rows = session.scalars(select(BinStock).where(BinStock.sku == sku, BinStock.node == node))
        found: dict[str, int] = {}
        for row in rows:
            found[row.bin] = found.get(row.bin, 0) + row.quantity
        return found


def states(shop: Shop, order: Order) -> list[tuple[str, str, int, str]]:
    """(sku, node, units, state) of the order's allocations."""
    with shop.db.reading() as session:
        rows = session.scalars(select(Allocation).where(Allocation.order_id == order.id))
        return sorted((r.sku, r.node, r.quantity, r.state) for r in rows)


def the_books_add_up(shop: Shop) -> None:
    """Levels are the sum of the ledger and of the bins; promises are the sum of open allocations."""
    with shop.db.reading() as session:
        levels = session.execute(text("SELECT node, sku, on_hand, sellable, allocated FROM stock_levels")).all()
        for level in levels:
            place = {"node": level.node, "sku": level.sku}
            ledger = session.execute(
                text("SELECT sum(on_hand), sum(allocated) FROM stock_ledger WHERE node = :node AND sku = :sku"), place
            ).one()
            in_bins = session.execute(
                text("SELECT coalesce(sum(quantity), 0) FROM bin_stock WHERE node = :node AND sku = :sku"), place
            ).scalar_one()
            promised = session.execute(
                text(
                    "SELECT coalesce(sum(quantity), 0) FROM allocations WHERE node = :node AND sku = :sku "
                    "AND state IN ('allocated', 'picked')"
                ),
                place,
            ).scalar_one()
            assert (level.on_hand, level.allocated) == tuple(ledger)
            assert level.on_hand == in_bins
            assert level.allocated == promised
