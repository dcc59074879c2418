"""The benchmark's tools as calls of our API. A refusal of ours is a `Refused` with its sentence; nothing changes then.

What is mapped, where the two do not say the same:

- Items are changed by an edit: preview, then applied with what pays the difference. Where the order gets cheaper the
  money goes back the way it was paid; another way cannot be named, and there is no need to.
- An exchange is asked for with the new goods at the catalogue's price, and with what pays if they cost more.
- A return gives the money back the way it was paid. Onto a gift card that did not pay it cannot go, only to the
  customer's store credit: `Different`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.client import Client, Refused
from bench.tau2_data import Action, address_of
from bench.tau2_shop import Copy, address_to, email_of

Row = dict[str, Any]


class Different(Exception):
    """We have no such thing, and this is what we have in its place."""


async def act(client: Client, copy: Copy, action: Action, no: int) -> None:
    """Raises Refused, Different."""
    told, key = action.arguments, f"{copy.task.id}:{no}"
    if action.name == "modify_user_address":
        await _user_address(client, copy, told)
        return
    order = copy.orders[told["order_id"]]
    match action.name:
        case "cancel_pending_order":
            await client.post(f"/orders/{order}/cancel", {"reason": told["reason"]}, key=key)
        case "modify_pending_order_address":
            user = copy.world.users[copy.world.orders[told["order_id"]].user]
            body = {"shipping_address": address_to(address_of(told), user)}
            await _edit(client, order, body, None, key)
        case "modify_pending_order_items":
            await _items(client, copy, order, told, key)
        case "modify_pending_order_payment":
            await client.post(f"/orders/{order}/payments/change", copy.pays(told["payment_method_id"]), key=key)
        case "exchange_delivered_order_items":
            await _exchange(client, copy, order, told, key)
        case "return_delivered_order_items":
            await _return(client, copy, order, told, key)
        case _:
            raise ValueError(f"{action.name} changes nothing")


async def _user_address(client: Client, copy: Copy, told: Mapping[str, Any]) -> None:
    user = copy.world.users[told["user_id"]]
    body = {"email": email_of(user, copy.task), "addresses": [address_to(address_of(told), user)]}
    await client.call("PUT", f"/customers/{copy.customers[user.id]}", body=body)


async def _edit(client: Client, order: str, body: Row, pays: Row | None, key: str) -> None:
    preview = await client.post(f"/orders/{order}/edits", body, key=f"{key}:edit")
    path = f"/orders/{order}/edits/{preview['id']}"
    try:
        await client.post(f"{path}/apply", {"payment": pays} if pays else {}, key=f"{key}:apply")
    except Refused:
        await client.post(f"{path}/discard", {}, key=f"{key}:discard")
        raise


async def _items(client: Client, copy: Copy, order: str, told: Mapping[str, Any], key: str) -> None:
    lines = await _lines(client, order, told["item_ids"])
    changes = [{"line_no": n, "quantity": 0} for n in lines]
    changes += [{"sku": sku, "quantity": 1} for sku in told["new_item_ids"]]
    await _edit(client, order, {"lines": changes}, copy.pays(told["payment_method_id"]), key)


async def _exchange(client: Client, copy: Copy, order: str, told: Mapping[str, Any], key: str) -> None:
    lines = await _lines(client, order, told["item_ids"])
    body = {
        "order": order,
        "lines": [{"line_no": n, "quantity": 1, "reason": "changed_mind"} for n in lines],
        "goods": [{"sku": sku, "quantity": 1} for sku in told["new_item_ids"]],
        **copy.pays(told["payment_method_id"]),
    }
    await client.post("/exchanges", body, key=key)


async def _return(client: Client, copy: Copy, order: str, told: Mapping[str, Any], key: str) -> None:
    paid = copy.world.orders[told["order_id"]].paid[0].method
    if told["payment_method_id"] != paid:
        raise Different(f"paid with {paid}, so the money goes back there or becomes store credit")
    lines = await _lines(client, order, told["item_ids"])
    body = {"order": order, "lines": [{"line_no": n, "quantity": 1, "reason": "changed_mind"} for n in lines]}
    await client.post("/returns", body, key=key)


async def _lines(client: Client, order: str, skus: list[str]) -> list[int]:
    """A line of its own for each unit, as the order stands. What is on no line gets a number that no line has."""
    found = await client.get(f"/orders/{order}")
    left = [(n["line_no"], n["sku"]) for n in found["lines"] if n["quantity"] > n["cancelled"]]
    chosen: list[int] = []
    for no, sku in enumerate(skus):
        line = next((n for n, s in left if s == sku and n not in chosen), 90_000 + no)
        chosen.append(line)
    return chosen
