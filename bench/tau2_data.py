"""The retail domain of tau2-bench as it comes: users, orders, products, and what each task is to do.

Amounts are cents. The folder has `db.json.gz` and `tasks_dev.json.gz` (sierra-research/tau2-bench, MIT).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

Address = tuple[str, str, str, str, str, str]
"""address1, address2, city, state, zip, country: as the benchmark writes them"""
ADDRESS = ("address1", "address2", "city", "state", "zip", "country")
WRITES = frozenset(
    {
        "cancel_pending_order",
        "modify_pending_order_address",
        "modify_pending_order_items",
        "modify_pending_order_payment",
        "exchange_delivered_order_items",
        "return_delivered_order_items",
        "modify_user_address",
    }
)
READS = frozenset(
    {
        "find_user_id_by_email",
        "find_user_id_by_name_zip",
        "get_user_details",
        "get_order_details",
        "get_product_details",
        "get_item_details",
    }
)
ELSEWHERE = frozenset({"calculate", "transfer_to_human_agents"})  # nothing of it is the shop's


@dataclass(frozen=True)
class Item:
    """One unit of a variant, as it stands on an order or in the catalogue."""

    id: str
    product: str
    price: int
    options: tuple[tuple[str, str], ...]
    available: bool = True


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    variants: Mapping[str, Item]


@dataclass(frozen=True)
class Paid:
    """A line of an order's payment history: `given` is a refund."""

    method: str
    amount: int
    given: bool = False


@dataclass(frozen=True)
class Exchange:
    old: tuple[str, ...]  # item ids, sorted
    new: tuple[str, ...]
    difference: int  # what the customer pays; below zero: gets
    method: str


@dataclass(frozen=True)
class Returned:
    items: tuple[str, ...]  # item ids, sorted
    method: str


@dataclass(frozen=True)
class Order:
    id: str
    user: str
    address: Address
    items: tuple[Item, ...]
    status: str
    paid: tuple[Paid, ...]
    reason: str | None = None  # of a cancellation
    returned: Returned | None = None
    exchange: Exchange | None = None


@dataclass(frozen=True)
class User:
    """`methods` are the ids of credit cards and accounts; gift cards are in `cards`, with what is on them."""

    id: str
    first: str
    last: str
    email: str
    address: Address
    orders: tuple[str, ...]
    methods: tuple[str, ...]
    cards: Mapping[str, int]


@dataclass
class World:
    """All there is. `of_task` gives one that may be changed without changing this one."""

    products: Mapping[str, Product]
    users: dict[str, User]
    orders: dict[str, Order]
    items: Mapping[str, Item] = field(default_factory=dict)  # every variant of the catalogue

    def __post_init__(self) -> None:
        self.items = {i.id: i for p in self.products.values() for i in p.variants.values()}

    def of(self, users: Iterable[str]) -> World:
        """A world of its own of some users and their orders, with the whole catalogue."""
        mine = {u: replace(self.users[u], cards=dict(self.users[u].cards)) for u in users}
        return World(self.products, mine, {o: self.orders[o] for u in mine.values() for o in u.orders})


@dataclass(frozen=True)
class Action:
    name: str
    arguments: Mapping[str, Any]

    @property
    def writes(self) -> bool:
        return self.name in WRITES


@dataclass(frozen=True)
class Task:
    id: str
    actions: tuple[Action, ...]

    @property
    def writes(self) -> list[Action]:
        return [a for a in self.actions if a.writes]


def read(folder: Path) -> tuple[World, list[Task]]:
    """Raises FileNotFoundError when the folder has not the two files, ValueError for an action that nobody knows."""
    told = _load(folder / "db.json.gz")
    products = {p["product_id"]: _product(p) for p in told["products"].values()}
    users = {u["user_id"]: _user(u) for u in told["users"].values()}
    orders = {o["order_id"]: _order(o) for o in told["orders"].values()}
    return World(products, users, orders), [_task(t) for t in _load(folder / "tasks_dev.json.gz")]


def users_of(world: World, task: Task) -> list[str]:
    """The users that a task names, by their id, an order of theirs, their e-mail or their name and zip."""
    found: set[str] = set()
    for action in task.actions:
        told = action.arguments
        order = world.orders.get(told.get("order_id", ""))
        found |= {order.user} if order is not None else set()
        found |= {u.id for u in world.users.values() if _names(u, told)}
    return sorted(found)


def _names(user: User, told: Mapping[str, Any]) -> bool:
    if "first_name" in told:
        said = (told["first_name"].lower(), told["last_name"].lower(), told["zip"])
        return said == (user.first.lower(), user.last.lower(), user.address[4])
    return user.id == told.get("user_id") or user.email == told.get("email")


def cents(amount: float) -> int:
    return int((Decimal(str(amount)) * 100).quantize(Decimal(1)))


def address_of(told: Mapping[str, Any]) -> Address:
    line1, line2, city, state, code, country = (str(told[name]) for name in ADDRESS)
    return line1, line2, city, state, code, country


def _load(file: Path) -> Any:
    with gzip.open(file, "rt", encoding="utf-8") as text:
        return json.load(text)


def _item(told: Mapping[str, Any], product: str) -> Item:
    options = tuple(sorted(told["options"].items()))
    return Item(told["item_id"], product, cents(told["price"]), options, told.get("available", True))


def _product(told: Mapping[str, Any]) -> Product:
    variants = {v["item_id"]: _item(v, told["product_id"]) for v in told["variants"].values()}
    return Product(told["product_id"], told["name"], variants)


def _user(told: Mapping[str, Any]) -> User:
    methods = told["payment_methods"].values()
    return User(
        id=told["user_id"],
        first=told["name"]["first_name"],
        last=told["name"]["last_name"],
        email=told["email"],
        address=address_of(told["address"]),
        orders=tuple(told["orders"]),
        methods=tuple(m["id"] for m in methods if m["source"] != "gift_card"),
        cards={m["id"]: cents(m["balance"]) for m in methods if m["source"] == "gift_card"},
    )


def _order(told: Mapping[str, Any]) -> Order:
    return Order(
        id=told["order_id"],
        user=told["user_id"],
        address=address_of(told["address"]),
        items=tuple(_item(i, i["product_id"]) for i in told["items"]),
        status=told["status"],
        paid=tuple(
            Paid(p["payment_method_id"], cents(p["amount"]), p["transaction_type"] == "refund")
            for p in told["payment_history"]
        ),
    )


def _task(told: Mapping[str, Any]) -> Task:
    actions = tuple(Action(a["name"], a["arguments"]) for a in told["evaluation_criteria"]["actions"] or [])
    unknown = {a.name for a in actions} - WRITES - READS - ELSEWHERE
    if unknown:
        raise ValueError(f"Task {told['id']} has actions that nobody here knows: {', '.join(sorted(unknown))}.")
    return Task(told["id"], actions)
