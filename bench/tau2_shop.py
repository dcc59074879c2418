"""The benchmark's catalogue, users and orders as a shop of ours, through its API.

Each task starts from the same database, so each has its own copy of the users that it names, with all of their orders,
payments and gift cards: `T12` before the keys of task 12. The catalogue is shared: what is not available there is
discontinued here, with no unit left, and of everything else there is enough for everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bench import floor
from bench.client import Client, at_once, drained
from bench.tau2_data import Address, Item, Order, Product, Task, User, World, users_of
from bench.tau2_rules import REASONS

CURRENCY, NODE, CHANNEL = "USD", "DENVER", "web"
COUNTRY = {"USA": "US"}
GRAMS = 400
SPARE = 40  # units of what can be ordered, beside those on the orders that are loaded
POLICY = {"name": "Everything, whenever it was delivered", "auto_approve": True}
Row = dict[str, Any]


@dataclass
class Copy:
    """What became of a task's world: ids of ours by the benchmark's."""

    task: Task
    world: World
    customers: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)  # of gift cards

    def key(self, id: str) -> str:
        return f"T{self.task.id}:{id}"

    def pays(self, method: str) -> dict[str, str]:
        """What our payments are asked with. The benchmark's ids are tokens that its cards and accounts would have."""
        if method in self.cards:
            return {"provider": "gift_card", "token": self.cards[method]}
        return {"provider": "test", "token": f"tok_ok:{method}"}


def email_of(user: User, task: Task) -> str:
    name, _, host = user.email.partition("@")
    return f"{name}+t{task.id}@{host}"


def address_to(address: Address, user: User) -> dict[str, str]:
    line1, line2, city, state, code, country = address
    told = {"line1": line1, "line2": line2, "city": city, "region": state, "postcode": code}
    return {"name": f"{user.first} {user.last}", **{k: v for k, v in told.items() if v}, "country": COUNTRY[country]}


def address_from(told: Row) -> Address:
    back = {ours: theirs for theirs, ours in COUNTRY.items()}
    line1, line2, city, state, code = (told.get(k) or "" for k in ("line1", "line2", "city", "region", "postcode"))
    return line1, line2, city, state, code, back.get(told.get("country") or "", str(told.get("country")))


async def open_shop(client: Client, world: World, tasks: Iterable[Task]) -> list[Copy]:
    """The catalogue, and for each task its own users and orders in the states that they have in the benchmark."""
    copies = [Copy(t, world.of(users_of(world, t))) for t in tasks]
    await _set_up(client)
    await at_once(6, lambda p: _put_product(client, p, p.variants.values()), world.products.values())
    await _receive(client, world, copies)
    await at_once(4, lambda c: _bring(client, c), copies)
    await drained(client, within=300)
    await _lead(client, copies)
    gone = [(p, [v for v in p.variants.values() if not v.available]) for p in world.products.values()]
    await at_once(6, lambda one: _put_product(client, *one, status="discontinued"), [one for one in gone if one[1]])
    await drained(client, within=300)
    return copies


async def _set_up(client: Client) -> None:
    address = {"company": "Shop", "line1": "1 Depot Road", "city": "Denver", "postcode": "80202", "country": "US"}
    body = {"name": "Denver", "time_zone": "America/Denver", "rank": 10, "address": address}
    await client.call("PUT", f"/nodes/{NODE}", body=body)
    rates = [{"country": "*", "max_weight_grams": 30_000, "amount": 790}]
    await client.call("PUT", "/rate-cards/post/parcel", body={"currency": CURRENCY, "transit_days": 2, "rates": rates})
    await client.post("/return-policies", {"rules": [POLICY]}, key="policy")


async def _put_product(client: Client, product: Product, variants: Iterable[Item], *, status: str = "active") -> None:
    told = [
        {
            "sku": v.id,
            "title": ", ".join(value for _, value in v.options) or product.name,
            "options": dict(v.options),
            "weight_grams": GRAMS,
            "prices": {CURRENCY: v.price},
            "status": status,
        }
        for v in variants
    ]
    await client.call("PUT", f"/products/{product.id}", body={"title": product.name, "variants": told})


async def _receive(client: Client, world: World, copies: list[Copy]) -> None:
    demand = Counter(i.id for c in copies for o in c.world.orders.values() for i in o.items)
    units = {id: demand[id] + (SPARE if item.available else 0) for id, item in world.items.items()}
    lines = [{"sku": id, "quantity": n} for id, n in sorted(units.items()) if n]
    await client.post("/stock/receipts", {"node": NODE, "reference": "OPENING", "lines": lines}, key="opening")


async def _bring(client: Client, copy: Copy) -> None:
    """Customers, gift cards and orders. What is on a card now is what is left of it after its orders."""
    for user in copy.world.users.values():
        body = {
            "external_ref": copy.key(user.id),
            "email": email_of(user, copy.task),
            "name": f"{user.first} {user.last}",
            "addresses": [address_to(user.address, user)],
        }
        made = await client.post("/customers", body, key=copy.key(user.id))
        copy.customers[user.id] = made["id"]
        for card, balance in user.cards.items():
            await _issue(client, copy, card, balance + _spent(copy.world, card))
    for order in copy.world.orders.values():
        await _place(client, copy, order)


def _spent(world: World, card: str) -> int:
    return sum(p.amount for o in world.orders.values() for p in o.paid if p.method == card and not p.given)


async def _issue(client: Client, copy: Copy, card: str, amount: int) -> None:
    body = {"amount": max(1, amount), "currency": CURRENCY, "note": copy.key(card)}
    made = await client.post("/gift-cards", body, key=copy.key(card))
    copy.cards[card] = made["id"]
    if not amount:
        body = {"amount": -1, "reason": "there was nothing on it"}
        await client.post(f"/stored-values/{made['id']}/adjust", body, key=copy.key(f"empty:{card}"))


async def _place(client: Client, copy: Copy, order: Order) -> None:
    """One line for each unit, as the benchmark has it."""
    user = copy.world.users[order.user]
    paid = next(p for p in order.paid if not p.given)
    body = {
        "channel": CHANNEL,
        "currency": CURRENCY,
        "external_ref": copy.key(order.id),
        "customer_id": copy.customers[user.id],
        "email": email_of(user, copy.task),
        "shipping_address": address_to(order.address, user),
        "lines": [{"sku": i.id, "quantity": 1, "unit_amount": i.price} for i in order.items],
        "payment": copy.pays(paid.method),
    }
    placed = await client.post("/orders", body, key=copy.key(order.id))
    copy.orders[order.id] = placed["id"]


async def _lead(client: Client, copies: list[Copy]) -> None:
    """Each order into the state that it has there: called off, handed over, or delivered."""
    told = [(c, o) for c in copies for o in c.world.orders.values()]

    async def call_off(one: tuple[Copy, Order]) -> None:
        copy, order = one
        key, body = copy.key(f"gone:{order.id}"), {"reason": REASONS[0]}
        await client.post(f"/orders/{copy.orders[order.id]}/cancel", body, key=key)
        for paid in order.paid:  # on the card it is not, there: its balance was drawn without it
            if paid.given and paid.method in copy.cards:
                await drained(client, within=120)
                body = {"amount": -paid.amount, "reason": "spent elsewhere"}
                path = f"/stored-values/{copy.cards[paid.method]}/adjust"
                await client.post(path, body, key=copy.key(f"spent:{order.id}"))

    await at_once(4, call_off, [(c, o) for c, o in told if o.status == "cancelled"])
    leave = [c.orders[o.id] for c, o in told if o.status in ("processed", "delivered")]
    arrive = {c.orders[o.id] for c, o in told if o.status == "delivered"}
    sent = await floor.ready(client, leave)
    await floor.send(client, sent)
    await floor.deliver(client, [f for f in sent if f["order_id"] in arrive])
    await drained(client, within=300)
