"""What a task looks up on its way, asked of our API and compared with the benchmark's own answer at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.client import Client
from bench.tau2_data import ELSEWHERE, Action, User
from bench.tau2_seen import Eyes, differences, order_facts, user_facts
from bench.tau2_shop import CURRENCY, Copy, address_from, email_of


async def look_up(client: Client, eyes: Eyes, copy: Copy, action: Action) -> list[str] | None:
    """What differs, a sentence each. None of what is not the shop's to tell."""
    if action.name in ELSEWHERE:
        return None
    told = action.arguments
    match action.name:
        case "find_user_id_by_email" | "find_user_id_by_name_zip":
            return await _user(client, copy, told)
        case "get_user_details":
            return await _details(client, copy, told["user_id"])
        case "get_order_details":
            order = copy.world.orders.get(told["order_id"])
            if order is None:  # of somebody else, or of nobody: nothing here has this reference
                found = await client.every("/orders", external_ref_eq=copy.key(told["order_id"]))
                return [f"{told['order_id']} is here"] if found else []
            return differences({order.id: order_facts(order)}, {order.id: await eyes.order(copy, order.id)})
        case "get_product_details":
            return await _product(client, copy, told["product_id"])
        case _:
            return await _item(client, copy, told["item_id"])


async def _user(client: Client, copy: Copy, told: Mapping[str, Any]) -> list[str]:
    """By e-mail, or by name and postcode among those of this task; exactly one is to be found, or none."""
    if "email" in told:
        wanted = [u for u in copy.world.users.values() if u.email == told["email"]]
        mail = email_of(wanted[0], copy.task) if wanted else told["email"]
        rows = await client.every("/customers", email_eq=mail)
    else:
        wanted = [u for u in copy.world.users.values() if _named(u, told)]
        rows = await client.every("/customers", name_eq=f"{told['first_name']} {told['last_name']}")
        rows = [r for r in rows if address_from(r["addresses"][0])[4] == told["zip"]]
    found = [r["external_ref"] for r in rows if r["external_ref"].startswith(f"T{copy.task.id}:")]
    expected = [copy.key(u.id) for u in wanted]
    return [] if found == expected else [f"{dict(told)} finds {found} and not {expected}"]


def _named(user: User, told: Mapping[str, Any]) -> bool:
    return (user.first, user.last, user.address[4]) == (told["first_name"], told["last_name"], told["zip"])


async def _details(client: Client, copy: Copy, id: str) -> list[str]:
    user = copy.world.users.get(id)
    if user is None:
        rows = await client.every("/customers", external_ref_eq=copy.key(id))
        return [f"{id} is here"] if rows else []
    row = await client.get(f"/customers/{copy.customers[id]}")
    orders = await client.every("/orders", customer_id_eq=copy.customers[id])
    cards = {card: (await client.get(f"/gift-cards/{copy.cards[card]}"))["balance"] for card in user.cards}
    found = {
        "address": address_from(row["addresses"][0]),
        "cards": cards,
        "name": row["name"],
        "orders": sorted(o["external_ref"] for o in orders),
    }
    wanted = {
        **user_facts(user),
        "name": f"{user.first} {user.last}",
        "orders": sorted(copy.key(o) for o in user.orders),
    }
    return differences({id: wanted}, {id: found})


async def _product(client: Client, copy: Copy, id: str) -> list[str]:
    product = copy.world.products.get(id)
    if product is None:
        rows = await client.every("/products", handle_eq=id)
        return [f"{id} is here"] if rows else []
    row = await client.get(f"/products/{id}")
    rows = await client.every("/variants", product_id_eq=row["id"], expand="prices")
    found = {v["sku"]: _facts(v) for v in rows}
    wanted = {v.id: {"options": dict(v.options), "price": v.price, "available": v.available}
              for v in product.variants.values()}  # fmt: skip
    named = [] if row["title"] == product.name else [f"{id} is called {row['title']} and not {product.name}"]
    return named + differences(wanted, found)


async def _item(client: Client, copy: Copy, id: str) -> list[str]:
    item = copy.world.items.get(id)
    rows = await client.every("/variants", sku_eq=id, expand="prices")
    if item is None:
        return [f"{id} is here"] if rows else []
    wanted = {"options": dict(item.options), "price": item.price, "available": item.available}
    return differences({id: wanted}, {v["sku"]: _facts(v) for v in rows})


def _facts(variant: Mapping[str, Any]) -> dict[str, Any]:
    price = next((p["amount"] for p in variant["prices"] if p["currency"] == CURRENCY), None)
    return {"options": variant["options"], "price": price, "available": variant["status"] == "active"}
