"""What the benchmark's tools do to its database, read from its policy and from what its tools are known to do.

`play` works one action; what it refuses raises `No` with the reason and changes nothing. Two things of the tools are
not in the policy: an order that was modified once may still get another address or another payment, and with
`as_published` a modification of several items gives all of them the price and the options of the last one, which is
a known fault (tau2-bench issues 317 and 318).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bench.tau2_data import Action, Exchange, Item, Order, Paid, Returned, World, address_of

REASONS = ("no longer needed", "ordered by mistake")
MODIFIED = "pending (item modified)"


class No(Exception):
    """The tool refuses, and says why."""


def play(world: World, action: Action, *, as_published: bool = False) -> None:
    """Raises No."""
    told = action.arguments
    if action.name == "modify_user_address":
        user = world.users[told["user_id"]]
        world.users[user.id] = replace(user, address=address_of(told))
        return
    order = world.orders.get(told["order_id"])
    if order is None:
        raise No(f"there is no order {told['order_id']}")
    if action.name == "modify_pending_order_items":
        after = _modify(world, order, told, as_published=as_published)
    else:
        after = _STEPS[action.name](world, order, told)
    world.orders[order.id] = after


def _cancel(world: World, order: Order, told: Mapping[str, Any]) -> Order:
    _is(order, "pending")
    if told["reason"] not in REASONS:
        raise No(f"{told['reason']!r} is no reason")
    for paid in order.paid:
        _onto(world, order, paid.method, paid.amount)
    back = tuple(replace(p, given=True) for p in order.paid)
    return replace(order, status="cancelled", reason=told["reason"], paid=order.paid + back)


def _address(_world: World, order: Order, told: Mapping[str, Any]) -> Order:
    _is(order, "pending", MODIFIED)
    return replace(order, address=address_of(told))


def _modify(world: World, order: Order, told: Mapping[str, Any], *, as_published: bool) -> Order:
    _is(order, "pending")
    old, new = _pairs(world, order, told["item_ids"], told["new_item_ids"])
    if any(a.id == b.id for a, b in zip(old, new, strict=True)):
        raise No("an item would take its own place")
    method, difference = told["payment_method_id"], _difference(old, new)
    _can_pay(world, order, method, difference)
    _onto(world, order, method, -difference)
    put = [replace(n, price=new[-1].price, options=new[-1].options) for n in new] if as_published else new
    items = list(order.items)
    for a, b in zip(old, put, strict=True):
        items[[i.id for i in items].index(a.id)] = b
    paid = (Paid(method, abs(difference), difference < 0),)
    return replace(order, status=MODIFIED, items=tuple(items), paid=order.paid + paid)


def _payment(world: World, order: Order, told: Mapping[str, Any]) -> Order:
    _is(order, "pending", MODIFIED)
    if len(order.paid) != 1 or order.paid[0].given:
        raise No("it was paid in more than one step")
    first, method = order.paid[0], told["payment_method_id"]
    _has(world, order, method)
    if method == first.method:
        raise No("it is paid so already")
    _can_pay(world, order, method, first.amount)
    _onto(world, order, method, -first.amount)
    _onto(world, order, first.method, first.amount)
    return replace(order, paid=(first, Paid(method, first.amount), replace(first, given=True)))


def _exchange(world: World, order: Order, told: Mapping[str, Any]) -> Order:
    _is(order, "delivered")
    old, new = _pairs(world, order, told["item_ids"], told["new_item_ids"])
    method, difference = told["payment_method_id"], _difference(old, new)
    _can_pay(world, order, method, difference)
    exchange = Exchange(_ids(old), _ids(new), difference, method)
    return replace(order, status="exchange requested", exchange=exchange)


def _return(world: World, order: Order, told: Mapping[str, Any]) -> Order:
    _is(order, "delivered")
    method = told["payment_method_id"]
    _has(world, order, method)
    if method not in world.users[order.user].cards and method != order.paid[0].method:
        raise No("money goes back the way it came, or onto a gift card")
    back = _on_order(order, told["item_ids"])
    return replace(order, status="return requested", returned=Returned(_ids(back), method))


_STEPS = {
    "cancel_pending_order": _cancel,
    "modify_pending_order_address": _address,
    "modify_pending_order_payment": _payment,
    "exchange_delivered_order_items": _exchange,
    "return_delivered_order_items": _return,
}


def _is(order: Order, *states: str) -> None:
    if order.status not in states:
        raise No(f"order {order.id} is {order.status}")


def _on_order(order: Order, ids: list[str]) -> list[Item]:
    there = Counter(i.id for i in order.items)
    missing = Counter(ids) - there
    if missing:
        raise No(f"order {order.id} has no {', '.join(sorted(missing))}, or not so many")
    by_id = {i.id: i for i in order.items}
    return [by_id[id] for id in ids]


def _pairs(world: World, order: Order, ids: list[str], new_ids: list[str]) -> tuple[list[Item], list[Item]]:
    old = _on_order(order, ids)
    if len(ids) != len(new_ids):
        raise No("as many items go as come")
    new = []
    for item, id in zip(old, new_ids, strict=True):
        variant = world.products[item.product].variants.get(id)
        if variant is None:
            raise No(f"{id} is no variant of the product of {item.id}")
        if not variant.available:
            raise No(f"{id} is not available")
        new.append(variant)
    return old, new


def _difference(old: Iterable[Item], new: Iterable[Item]) -> int:
    return sum(i.price for i in new) - sum(i.price for i in old)


def _ids(items: Iterable[Item]) -> tuple[str, ...]:
    return tuple(sorted(i.id for i in items))


def _has(world: World, order: Order, method: str) -> None:
    user = world.users[order.user]
    if method not in user.cards and method not in user.methods:
        raise No(f"{user.id} has no {method}")


def _can_pay(world: World, order: Order, method: str, amount: int) -> None:
    _has(world, order, method)
    on_it = world.users[order.user].cards.get(method)
    if on_it is not None and on_it < amount:
        raise No(f"{method} has {on_it} cents on it, and {amount} are needed")


def _onto(world: World, order: Order, method: str, amount: int) -> None:
    """Money onto a gift card at once; any other way it is written down only."""
    user = world.users[order.user]
    if method in user.cards:
        world.users[user.id] = replace(user, cards={**user.cards, method: user.cards[method] + amount})
