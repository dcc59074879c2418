"""A mail that is to be written, and what is put into it only while it is sent: secrets are kept nowhere."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from agents.notifications.post import Attached
from agents.notifications.templates import render
from db.notifications import Addressee
from db.return_door import DoorLink
from db.session import Transaction

LINK = "[a link of their own]"
"""Stands in a kept mail where the link is: each sending makes a new one, of which only the digest is kept."""
LINK_LASTS = timedelta(days=60)
NO_LINK = "Our page for returns asks for the number of your order and this e-mail address."
CODE_TEMPLATE, CODE_MASK = "return_code", "••••••"


class Letter(NamedTuple):
    """A mail that is to be written; one with a `key` that was used before is not."""

    key: str
    subject: str  # what it is about: `order:ID`
    template: str
    recipient: str
    title: str
    body: str
    attached: Attached | None = None


def about(to: Addressee, order_id: UUID, template: str, key: str, **values: str) -> Letter:
    title, body = render(template, number=to.number, **values)
    return Letter(key, f"order:{order_id}", template, to.email, title, body)


def own_link(tx: Transaction, subject: str, body: str, public_url: str | None) -> str:
    """The body with a link to the returns of its order. The link's secret is in the part that no server sees."""
    if LINK not in body:
        return body
    if public_url is None:
        return body.replace(LINK, NO_LINK)
    secret = secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).digest()
    order_id = UUID(subject.partition(":")[2])
    tx.add(DoorLink(digest=digest, order_id=order_id, created_at=tx.now, expires_at=tx.now + LINK_LASTS))
    return body.replace(LINK, f"{public_url}/return#{secret}")
