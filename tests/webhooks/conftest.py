"""A company that tells receivers on this machine what happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from agents.contract import Asked, Command, encode, unwrap
from agents.orders.messages import OrderState, PaymentGiven, PlacedLine, PlaceOrder
from agents.webhooks.agent import WebhooksAgent
from agents.webhooks.messages import CreateWebhook, WebhookView
from db.settings import Settings
from db.webhooks import Webhook, WebhookAttempt, WebhookPost
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.shop import TESTER, Shop
from tests.webhooks.receiver import LOOPBACK, Receiver


class Told:
    """The shop, its webhooks agent, and callers with the scopes a test names."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.agent: WebhooksAgent = shop.agent("webhooks")  # type: ignore[assignment]
        self.agent.use(Settings(webhook_networks=LOOPBACK))
        self.everybody = self.a_key()

    def a_key(self, *scopes: str) -> str:
        with self.shop.db.transaction(TESTER, now=self.shop.now) as tx:
            key, _ = make_key(tx, "test", sorted(scopes or ALL_SCOPES))
        return f"key:{key.id}"

    def do(self, command: Command, answer: Any, *, by: str = "") -> Any:
        by = by or self.everybody
        asked = Asked(type(command).__name__, encode(command), by, by)
        return msgspec.msgpack.decode(unwrap(self.shop.ask_now("webhooks", asked)), type=answer)

    def a_webhook(self, url: str, *events: str, by: str = "") -> WebhookView:
        return self.do(CreateWebhook(name="ERP", url=url, events=list(events or ("*",))), WebhookView, by=by)

    def an_order(self, *, email: str | None = "ada@example.com", units: int = 1) -> OrderState:
        placed = self.shop.do(
            "orders",
            PlaceOrder(
                channel="web",
                currency="EUR",
                lines=[PlacedLine(sku="MUG", quantity=units)],
                email=email,
                payment=PaymentGiven(provider="test", token="tok_ok"),
            ),
            OrderState,
        )
        self.shop.pump()
        assert self.shop.dead() == []
        return placed

    def send(self) -> int:
        return self.agent.postman.send_due()

    def hook(self, id: UUID) -> Webhook:
        with self.shop.db.reading() as session:
            return session.get_one(Webhook, id)

    def posts(self, event: str = "") -> list[WebhookPost]:
        with self.shop.db.reading() as session:
            rows = session.scalars(select(WebhookPost).order_by(WebhookPost.serial))
            return [r for r in rows if event in ("", r.event)]

    def attempts(self, post: WebhookPost) -> list[WebhookAttempt]:
        with self.shop.db.reading() as session:
            query = select(WebhookAttempt).where(WebhookAttempt.post_id == post.id).order_by(WebhookAttempt.number)
            return list(session.scalars(query))


@pytest.fixture
def told(shop: Shop) -> Iterator[Told]:
    shop.a_node()
    shop.a_sku()
    shop.some_stock("MUG", "LON", 1000)
    company = Told(shop)
    yield company
    company.agent.postman.close()


@pytest.fixture
def a_receiver() -> Iterator[Callable[..., Receiver]]:
    opened: list[Receiver] = []

    def make(habit: int | str = 200) -> Receiver:
        opened.append(Receiver(habit))
        return opened[-1]

    yield make
    for receiver in opened:
        receiver.close()
