"""A company in this process where a bench looks for one: its requests go through the app, messages when it waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

import httpx
import pytest

from agents.payments.agent import PaymentsAgent
from bench.client import Client
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.payments.makers import SETTINGS
from tests.shop import TESTER, Shop


@dataclass
class Here:
    """As `bench.installation.Installation`, as far as benches ask."""

    shop: Shop
    url: str
    key: str
    database_url: str


@contextmanager
def company_here(db_url: str, patch: pytest.MonkeyPatch, *modules: ModuleType) -> Iterator[Here]:
    """`modules` are those of the bench that wait until no message is under way."""
    shop = Shop(db_url)
    payments = shop.agent("payments")
    assert isinstance(payments, PaymentsAgent)
    payments.use(SETTINGS)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        _, secret = make_key(tx, "bench", sorted(ALL_SCOPES))
    app = create_app(shop.db, shop, clock=lambda: shop.now)

    async def drained(_client: Client, *, within: float) -> float:
        shop.pump()
        return 0.0

    def opened(url: str, key: str, _connections: int) -> Client:
        headers = {"Authorization": f"Bearer {key}"}
        inside = httpx.ASGITransport(app=app)
        return Client(httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, transport=inside, timeout=60))

    for module in modules:
        patch.setattr(module, "drained", drained)
    patch.setattr(Client, "open", staticmethod(opened))
    try:
        yield Here(shop, "http://here", secret, db_url)
    finally:
        shop.close()
