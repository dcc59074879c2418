"""A customer with a browser at the door: what they type, and what they find in their mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from PIL import Image
from starlette.testclient import TestClient

from agents.notifications.agent import NotificationsAgent
from db.orders import Order
from db.settings import load
from serve.app import create_app
from tests.notifications.mailbox import Mailbox
from tests.shop import Shop

DOOR = "/api/v1/return-door"
PUBLIC_URL = "https://returns.shop.example"
EMAIL = "ada@example.org"


@contextmanager
def mails_of(shop: Shop) -> Iterator[Mailbox]:
    """The shop's mail server, until the end."""
    with Mailbox().open() as box:
        agent = shop.agent("notifications")
        assert isinstance(agent, NotificationsAgent)
        agent.use(
            load(
                {
                    "BACKOFFICE_SMTP_URL": box.url,
                    "BACKOFFICE_MAIL_FROM": "Shop <orders@shop.example>",
                    "BACKOFFICE_PUBLIC_URL": PUBLIC_URL,
                }
            )
        )
        yield box


def browser(shop: Shop, *, address: str = "8.8.8.8") -> TestClient:
    app = create_app(shop.db, shop, clock=lambda: shop.now)
    return TestClient(app, base_url="https://testserver", client=(address, 50000), raise_server_exceptions=False)


def ask_code(client: TestClient, number: str, email: str = EMAIL) -> Any:
    return client.post(f"{DOOR}/code", json={"order": number, "email": email})


def code_in(box: Mailbox) -> str:
    """The last code that was mailed."""
    bodies = [mail.get_content() for mail in box.mails if "Your code" in str(mail["Subject"])]
    found = re.search(r"^(\d{6})\s*$", bodies[-1], re.M)
    assert found is not None
    return found[1]


def links_in(box: Mailbox) -> list[str]:
    return [secret for mail in box.mails for secret in re.findall(rf"{PUBLIC_URL}/return#([\w-]+)", mail.get_content())]


def at_door(shop: Shop, box: Mailbox, order: Order, *, email: str = EMAIL) -> TestClient:
    """Somebody who came in with a code."""
    client = browser(shop)
    asked = ask_code(client, order.number, email)
    assert asked.status_code == 202, asked.text
    shop.pump()
    given = {"challenge": asked.json()["challenge"], "code": code_in(box)}
    opened = client.post(f"{DOOR}/session", json=given)
    assert opened.status_code == 201, opened.text
    client.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    return client


def view(client: TestClient) -> dict[str, Any]:
    answer = client.get(DOOR)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def wants(*lines: tuple[int, int, str], way: str = "own") -> dict[str, Any]:
    return {"lines": [{"line_no": n, "quantity": q, "reason": reason} for n, q, reason in lines], "way": way}


def gives_back(client: TestClient, *lines: tuple[int, int, str], way: str = "own") -> dict[str, Any]:
    """Look at the sum and agree to it."""
    asked = wants(*lines, way=way)
    told = client.post(f"{DOOR}/preview", json=asked)
    assert told.status_code == 200, told.text
    price = (told.json()["label"] or {}).get("amount") or 0
    made = client.post(f"{DOOR}/returns", json=asked | {"total": told.json()["preview"]["total"], "label_price": price})
    assert made.status_code == 201, made.text
    return dict(made.json())


def a_photo(side: int = 40) -> bytes:
    out = BytesIO()
    Image.new("RGB", (side, side), "tomato").save(out, "JPEG")
    return out.getvalue()
