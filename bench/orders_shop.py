"""The shop of the bench: two warehouses, a thousand goods, one that everybody wants, one of which few are left."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from db.catalog import Price, Product, Variant
from db.ledger import Movement, post
from db.nodes import STANDARD_BINS, Bin, Node
from db.session import Database, Transaction, Who
from db.stock import MovementKind

ME = Who("system:bench")
NODES = ("LON", "LYS")
GOODS = [f"SKU-{n:04}" for n in range(1000)]
HOT = "HOT"
FLASH = "FLASH"
FLASH_UNITS = 200
PLENTY = 20_000_000  # units of each good at each node: no run sells out
PRICE = 1250


def order(sku: str) -> dict[str, Any]:
    """The body of `POST /orders`; what `orders.lua` sends. The money comes by another way, so nothing waits for it."""
    return {
        "channel": "web",
        "currency": "EUR",
        "lines": [{"sku": sku, "quantity": 1}],
        "email": "ada@example.com",
        "shipping": 490,
        "shipping_address": {
            "name": "Ada King", "line1": "12 Mill Lane", "city": "York", "postcode": "YO1 7EP", "country": "GB",
        },
        "payment": {"provider": "external"},
    }  # fmt: skip


def open_shop(database: Database) -> None:
    """Everything there is to sell, and the units of it."""
    with database.transaction(ME) as tx:
        for rank, code in enumerate(NODES, 1):
            tx.add(Node(code=code, name=code, time_zone="UTC", rank=rank, created_at=tx.now, updated_at=tx.now))
            tx.flush()
            for n, (name, kind) in enumerate(STANDARD_BINS.items()):
                tx.add(Bin(node=code, code=name, type=kind, sequence=n))
    for chunk in range(0, len(GOODS), 250):
        with database.transaction(ME) as tx:
            _make(tx, GOODS[chunk : chunk + 250])
            _receive(tx, GOODS[chunk : chunk + 250], PLENTY)
    with database.transaction(ME) as tx:
        _make(tx, [HOT])
        _receive(tx, [HOT], PLENTY)


def put_on_flash_sale(database: Database, sku: str) -> None:
    """A good of which there are `FLASH_UNITS`, all in the first warehouse."""
    with database.transaction(ME) as tx:
        _make(tx, [sku])
        post(tx, [_received(sku, NODES[0], FLASH_UNITS)])


def _make(tx: Transaction, skus: list[str]) -> None:
    for sku in skus:
        product = Product(handle=sku.lower(), title=sku.title(), created_at=tx.now, updated_at=tx.now)
        tx.add(product)
        tx.flush()
        made = {"created_at": tx.now, "updated_at": tx.now}
        tx.add(Variant(sku=sku, product_id=product.id, title=sku.title(), tax_rate_ppm=200_000, **made))
        tx.flush()
        tx.add(Price(sku=sku, currency="EUR", amount=PRICE))


def _receive(tx: Transaction, skus: list[str], quantity: int) -> None:
    post(tx, [_received(sku, node, quantity) for node in NODES for sku in skus])


def _received(sku: str, node: str, quantity: int) -> Movement:
    return Movement(sku, node, MovementKind.received, "receipt:bench", on_hand=quantity, bin="PICK")


def oversold(database: Database) -> int:
    """Units promised beyond what lies there, over all goods: 0, or the system is broken."""
    with database.reading() as session:
        return int(
            session.execute(
                text("""
            SELECT coalesce(sum(greatest(0, allocated + held - sellable)), 0) FROM stock_levels
        """)
            ).scalar_one()
        )
