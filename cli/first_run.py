"""What a new installation gets: an administrator, an API key and, on an empty database, something to look at."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from cli.layout import DataDir
from db.catalog import Price, Product
from db.orders import Order
from db.people import ApiKey, User
from db.session import Database, Transaction, Who
from serve.auth import digest, new_secret
from serve.passwords import hash_password
from serve.scopes import ALL_SCOPES, ensure_roles

ADMIN = "admin@backoffice.local"
ME = Who("system:first run")


@dataclass(frozen=True)
class Access:
    email: str
    password: str | None  # None when it was set before
    api_key: str | None  # None when it was revoked
    example_order: str


def first_run(url: str, data: DataDir, api: str, *, empty: bool, progress: Callable[[str], None]) -> Access:
    """Make what is missing; the same again changes nothing."""
    database = Database(url, pool_size=1, application_name="backoffice-cli")
    try:
        with database.transaction(ME) as tx:
            ensure_roles(tx)
            password = _administrator(tx, data)
            key = _api_key(tx, data)
        with database.reading() as session:
            is_empty = session.scalar(select(Product.id).limit(1)) is None and (
                session.scalar(select(Order.id).limit(1)) is None
            )
        if is_empty and not empty and key is not None:
            from cli.demo.loading import load_demo

            progress("loading the demo shop")
            load_demo(api, key, url, progress=progress)
        return Access(ADMIN, password, key, _example(database))
    finally:
        database.close()


def read_access(url: str, data: DataDir) -> Access:
    """What `first_run` made, read again by the process that shows it."""
    database = Database(url, pool_size=1, application_name="backoffice-cli")
    try:
        kept = data.secret_path("admin_password")
        password = kept.read_text() if kept.exists() else None
        with database.reading() as session:
            known, secret = _kept_key(session, data)
        is_live = known is not None and known.revoked_at is None
        return Access(ADMIN, password, secret if is_live else None, _example(database))
    finally:
        database.close()


def _administrator(tx: Transaction, data: DataDir) -> str | None:
    user = tx.scalar(select(User).where(User.email == ADMIN))
    if user is None:
        password = secrets.token_urlsafe(12)
        tx.add(
            User(
                email=ADMIN,
                name="Administrator",
                role="admin",
                password_hash=hash_password(password),
                created_at=tx.now,
            )
        )
        data.write_private(data.secret_path("admin_password"), password)
    kept = data.secret_path("admin_password")
    return kept.read_text() if kept.exists() else None


def _api_key(tx: Transaction, data: DataDir) -> str | None:
    """The first key; a new one where there is none yet. One that was revoked is not made again."""
    known, secret = _kept_key(tx, data)
    if known is not None:
        return secret if known.revoked_at is None else None
    secret = new_secret("bo_live_")
    tx.add(
        ApiKey(
            name="first key",
            prefix=secret[:12],
            digest=digest(secret),
            scopes=sorted(ALL_SCOPES),
            created_by=tx.who.actor,
            created_at=tx.now,
        )
    )
    data.write_private(data.secret_path("api_key"), secret)
    return secret


def _kept_key(session: Session, data: DataDir) -> tuple[ApiKey | None, str]:
    path = data.secret_path("api_key")
    secret = path.read_text().strip() if path.exists() else ""
    return session.scalar(select(ApiKey).where(ApiKey.digest == digest(secret))), secret


def _example(database: Database) -> str:
    """A small order of whatever this shop sells, as JSON for the welcome text."""
    with database.reading() as session:
        price = session.scalar(select(Price).order_by(Price.amount, Price.sku).limit(1))
    order = {
        "channel": "web",
        "currency": price.currency if price else "EUR",
        "lines": [{"sku": price.sku if price else "YOUR-SKU", "quantity": 1}],
        "email": "ada@example.com",
        "shipping_address": {"name": "Ada", "country": "GB"},
    }
    return msgspec.json.encode(order).decode()
