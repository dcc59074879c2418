"""The edge over a working company in this process, for what is told in more than one request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.testclient import TestClient

from agents.orders.messages import OrderState, PlacedLine, PlaceOrder
from db.session import Database
from serve.app import create_app
from serve.edge import EdgeSettings
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.shop import TESTER, Shop


class OpenShop(Shop):
    """A shop with a front door. `caller` gives a client that holds the scopes named, or all."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self.edge_database = Database(database_url)
        settings = EdgeSettings(rate_burst=10_000)
        self.app = create_app(self.edge_database, self, settings=settings, clock=self.clock, ticks=lambda: 0.0)

    def caller(self, *scopes: str) -> TestClient:
        with self.db.transaction(TESTER, now=self.now) as tx:
            _, secret = make_key(tx, "test", sorted(scopes or ALL_SCOPES))
        return TestClient(self.app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)

    def orders(self, count: int, **more: object) -> list[OrderState]:
        ask = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=1)], **more)  # type: ignore[arg-type]
        return [self.do("orders", ask, OrderState) for _ in range(count)]


@contextmanager
def open_shop(url: str) -> Iterator[OpenShop]:
    shop = OpenShop(url)
    shop.a_node()
    shop.a_sku()
    shop.some_stock("MUG", "LON", 500)
    try:
        yield shop
    finally:
        shop.edge_database.close()
        shop.close()
