"""Actions that the benchmark refuses in the state that it is in: what a shop must not do, asked for on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.tau2_data import ADDRESS, Action, Item, Order, World
from bench.tau2_rules import MODIFIED, REASONS, No, play

NOT_OURS = (
    "an order whose items were changed once may be changed again, and called off",
    "items of an order may be changed for those of another product, which costs what it costs",
    "units of an order of which others are on a return or an exchange already may be given back too",
    "what has left and is not delivered yet may be announced as a return",
    "an order is called off for any reason that is said",
    "an order takes units of what is sold no more, where an order that changed has left some",
)
"""What the benchmark refuses and we do: a shop wants it, and the money follows."""


def probes(world: World) -> list[tuple[Action, str]]:
    """What to ask for, and why the benchmark refuses it; nothing that we do on purpose (`NOT_OURS`)."""
    found = []
    for order in world.orders.values():
        for action in _asked(world, order):
            try:
                play(world.of(world.users), action)
            except No as why:
                found.append((action, str(why)))
    return found


def _asked(world: World, order: Order) -> Iterator[Action]:
    """One of each kind that is out of place."""
    method = order.paid[0].method
    old, new = order.items[0], _other(world, order.items[0], available=True)
    gone = _other(world, order.items[0], available=False)
    pending = order.status in ("pending", MODIFIED)
    if not pending:
        yield _action("cancel_pending_order", order, reason=REASONS[0])
        yield _action("modify_pending_order_address", order, **dict(zip(ADDRESS, _ADDRESS, strict=True)))
        other = next((m for m in _methods(world, order) if m != method), method)
        yield _action("modify_pending_order_payment", order, payment_method_id=other)
    if not pending and new is not None:
        yield _swap("modify_pending_order_items", order, old, new, method)
    if pending or order.status == "cancelled":
        yield _action("return_delivered_order_items", order, item_ids=[old.id], payment_method_id=method)
        if new is not None:
            yield _swap("exchange_delivered_order_items", order, old, new, method)
    if order.status == "delivered":
        too_many = [old.id] * (1 + sum(i.id == old.id for i in order.items))
        yield _action("return_delivered_order_items", order, item_ids=too_many, payment_method_id=method)
        if gone is not None:
            yield _swap("exchange_delivered_order_items", order, old, gone, method)
    if order.returned is not None:
        again = list(order.returned.items)
        yield _action("return_delivered_order_items", order, item_ids=again, payment_method_id=order.paid[0].method)
    yield from _too_little(world, order)


def _too_little(world: World, order: Order) -> Iterator[Action]:
    """Gift cards that do not pay for it."""
    for card, balance in world.users[order.user].cards.items():
        if order.status == "pending" and card != order.paid[0].method:
            yield _action("modify_pending_order_payment", order, payment_method_id=card)
        for old in order.items:
            dearest = max(world.products[old.product].variants.values(), key=lambda v: (v.available, v.price))
            name = {"pending": "modify_pending_order_items", "delivered": "exchange_delivered_order_items"}
            if order.status in name and dearest.available and dearest.price - old.price > balance:
                yield _swap(name[order.status], order, old, dearest, card)


def _methods(world: World, order: Order) -> tuple[str, ...]:
    user = world.users[order.user]
    return (*user.methods, *user.cards)


def _other(world: World, item: Item, *, available: bool) -> Item | None:
    variants = world.products[item.product].variants.values()
    return next((v for v in variants if v.available is available and v.id != item.id), None)


def _swap(name: str, order: Order, old: Item, new: Item, method: str) -> Action:
    return _action(name, order, item_ids=[old.id], new_item_ids=[new.id], payment_method_id=method)


def _action(name: str, order: Order, **told: Any) -> Action:
    return Action(name, {"order_id": order.id, **told})


_ADDRESS = ("1 Other Street", "", "Boulder", "CO", "80301", "USA")
