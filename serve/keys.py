"""API keys: made once with fixed scopes, shown once, revoked for good.

A key belongs to the person who made it, also when they made it with another key of theirs: it does no more than
they may, and stops when they are switched off. Somebody else takes it over to let it go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import case, exists, func, select
from starlette.requests import Request
from starlette.responses import Response

from db.errors import Conflict, NotFound
from db.people import ApiKey, User, person_behind
from db.session import Transaction
from serve.auth import KEY_START, SHOWN, digest, new_secret
from serve.edge import caller_of, edge_of
from serve.fields import field, fields
from serve.listing import Listing
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope, check_scopes
from serve.shapes import Ask, Moment, Name
from serve.writing import writing

routes = Routes("keys")

_OWNER = User.id == ApiKey.owner_id


class KeyState(StrEnum):
    active = "active"
    stopped = "stopped"  # whoever it belongs to is switched off
    expired = "expired"
    revoked = "revoked"


_STATE = case(
    (ApiKey.revoked_at.is_not(None), KeyState.revoked.value),
    (exists().where(_OWNER, ~User.active), KeyState.stopped.value),
    (ApiKey.expires_at <= func.now(), KeyState.expired.value),
    else_=KeyState.active.value,
)
KEYS = Listing(
    "ApiKey",
    ApiKey,
    fields(
        ApiKey,
        "id name prefix scopes created_by owner_id created_at expires_at revoked_at revoked_by last_used_at version",
    )
    | {
        "owner": field(select(User.name).where(_OWNER).scalar_subquery(), nullable=True),
        "stopped": field(exists().where(_OWNER, ~User.active), nullable=False),
        "state": field(_STATE, choices=KeyState, nullable=False),
    },
    sortable=("created_at", "name", "last_used_at", "expires_at"),
    sort="-created_at",
    key=("id",),
)
KeyShape = KEYS.row_shape()


class NewKey(Ask):
    name: Name = Described(examples=["Web shop"])
    scopes: list[str] = Described(min_length=1, max_length=64, examples=[["read_stock", "write_orders"]])
    expires_at: Moment | None = None


@dataclass(eq=False)
class KeyIsRevoked(Conflict):
    name: str

    def __str__(self) -> str:
        return f"The key {self.name} is revoked for good. Make a new one."


class MadeKey(BaseModel):
    """`secret` is shown this once; in the replay of an idempotent request it is null."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    secret: str | None


def make_key(tx: Transaction, name: str, scopes: list[str], *, expires_at: Any = None) -> tuple[ApiKey, str]:
    """A new key and its secret, which nothing else will ever show again. Scopes are trusted as given."""
    secret = new_secret(KEY_START)
    key = ApiKey(
        name=name, prefix=secret[:SHOWN], digest=digest(secret), scopes=scopes, created_by=tx.who.actor,
        owner_id=person_behind(tx, tx.who.actor), created_at=tx.now, expires_at=expires_at,
    )  # fmt: skip
    tx.add(key)
    tx.flush()
    return key, secret


@routes.get("/keys", access=Scope.read_people, answer=KEYS.list_shape(KeyShape), extra=KEYS.operation())
def list_keys(request: Request) -> Response:
    """List API keys; of their secrets only the first characters exist."""
    return KEYS.answer(request)


@routes.post("/keys", access=Scope.write_people, answer=MadeKey, status=201)
def create_key(request: Request, body: NewKey) -> Response:
    """Make an API key with scopes that you hold yourself; its secret is shown this once."""
    scopes = check_scopes(body.scopes, held=caller_of(request).scopes)

    def work(tx: Transaction) -> dict[str, Any]:
        key, secret = make_key(tx, body.name, scopes, expires_at=body.expires_at)
        return {"id": key.id, "name": key.name, "prefix": key.prefix, "scopes": scopes, "secret": secret}

    return writing(request, "create_key", body.model_dump(mode="json"), work, status=201, secret=("secret",))


@routes.get("/keys/{key_id}", access=Scope.read_people, answer=KeyShape)
def read_key(request: Request, key_id: UUID) -> Response:
    """Show an API key, without its secret."""
    with edge_of(request).database.reading() as session:
        key = KEYS.one(session, ApiKey.id == key_id)
    if key is None:
        raise NotFound("API key", str(key_id))
    return json_answer(key)


@routes.post("/keys/{key_id}/revoke", access=Scope.write_people, answer=KeyShape)
def revoke_key(request: Request, key_id: UUID) -> Response:
    """Revoke an API key for good: one of your own, or one that may no more than you.

    It dies within five seconds everywhere; revoked twice is revoked once.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        key = _held(tx, key_id)
        if key.owner_id is None or key.owner_id != person_behind(tx, tx.who.actor):
            check_scopes(key.scopes, held=caller_of(request).scopes)
        if key.revoked_at is None:
            key.revoked_at, key.revoked_by = tx.now, tx.who.actor
            tx.flush()
        return KEYS.one(tx, ApiKey.id == key_id) or {}

    answer = writing(request, "revoke_key", str(key_id), work)
    edge_of(request).door.forget()
    return answer


@routes.post("/keys/{key_id}/take-over", access=Scope.write_people, answer=KeyShape)
def take_over_key(request: Request, key_id: UUID) -> Response:
    """Let an API key go on in your name, when whoever made it leaves or may less. You hold all its scopes yourself."""

    def work(tx: Transaction) -> dict[str, Any]:
        key = _held(tx, key_id)
        if key.revoked_at is not None:
            raise KeyIsRevoked(key.name)
        check_scopes(key.scopes, held=caller_of(request).scopes)
        key.owner_id = person_behind(tx, tx.who.actor)
        tx.flush()
        return KEYS.one(tx, ApiKey.id == key_id) or {}

    answer = writing(request, "take_over_key", str(key_id), work)
    edge_of(request).door.forget()
    return answer


def _held(tx: Transaction, key_id: UUID) -> ApiKey:
    key = tx.get(ApiKey, key_id, with_for_update=True)
    if key is None:
        raise NotFound("API key", str(key_id))
    return key
