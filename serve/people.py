"""Users and roles. Nobody gives what they do not hold, and somebody who may manage people is always left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import delete, exists, func, select
from starlette.requests import Request
from starlette.responses import Response

from db.errors import Conflict, NotFound
from db.payments import RefundLimit
from db.people import ApiKey, PersonSession, Role, SecondFactor, User
from db.purchasing import ApprovalLimit
from db.session import Transaction, check_version
from serve.edge import Caller, caller_of, edge_of
from serve.fields import field, fields
from serve.listing import Listing
from serve.passwords import LONGEST, SHORTEST, check_password, hash_password
from serve.requests import json_answer, version_of
from serve.routing import Routes, SignedIn
from serve.scopes import ALL_SCOPES, Scope, check_scopes
from serve.second_factor import take_away
from serve.shapes import Ask, Email, Flag, Name, Version
from serve.writing import writing

routes = Routes("people")

_HAS_FACTOR = exists().where(SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None)).correlate(User)

_KEYS = (
    select(func.count())
    .select_from(ApiKey)
    .where(ApiKey.owner_id == User.id, ApiKey.revoked_at.is_(None))
    .correlate(User)
    .scalar_subquery()
)

USERS = Listing(
    "User",
    User,
    fields(User, "id email name role active version created_at last_sign_in_at")
    | {"second_factor": field(_HAS_FACTOR, nullable=False), "keys": field(_KEYS, nullable=False)},
    sortable=("created_at", "email", "name", "role", "last_sign_in_at"),
    sort="email",
    key=("id",),
)
ROLES = Listing(
    "Role", Role, fields(Role, "name scopes locked version created_at"), sortable=("name", "created_at"), sort="name",
    key=("name",),
)  # fmt: skip
UserShape, RoleShape = USERS.row_shape(), ROLES.row_shape()


class NewUser(Ask):
    email: Email = Described(examples=["ada@example.com"])
    name: Name = Described(examples=["Ada King"])
    role: Name = Described(examples=["support"])
    password: str = Described(min_length=SHORTEST, max_length=LONGEST, examples=["a long sentence nobody guesses"])


class ChangedUser(Ask):
    name: Name | None = None
    role: Name | None = None
    active: Flag | None = None
    password: str | None = Described(None, min_length=SHORTEST, max_length=LONGEST)
    version: Version | None = None


class PutRole(Ask):
    scopes: list[str] = Described(max_length=64, examples=[["read_orders", "read_stock"]])
    version: Version | None = None


class Me(BaseModel):
    principal: str = Described(examples=["user:0197…", "key:0197…"])
    name: str
    role: str | None
    scopes: list[str]


class Vocabulary(BaseModel):
    scopes: list[str]


@dataclass(eq=False)
class EmailTaken(Conflict):
    email: str

    def __str__(self) -> str:
        return f"{self.email} belongs to another user already."


@dataclass(eq=False)
class RoleIsLocked(Conflict):
    role: str

    def __str__(self) -> str:
        return f"The role {self.role} holds everything, always. It cannot be changed."


@dataclass(eq=False)
class RoleInUse(Conflict):
    role: str
    users: int

    def __str__(self) -> str:
        return f"{self.users} users have the role {self.role}. Give them another one first."


@dataclass(eq=False)
class LastAdmin(Conflict):
    def __str__(self) -> str:
        return "This is the last active admin. Make somebody else an admin first."


@routes.get("/me", access=SignedIn(), answer=Me)
async def read_me(request: Request) -> Response:
    """Who you are to Backoffice, and what you may do."""
    me = caller_of(request)
    return json_answer({"principal": me.principal, "name": me.name, "role": me.role, "scopes": sorted(me.scopes)})


@routes.get("/scopes", access=SignedIn(), answer=Vocabulary)
async def list_scopes(request: Request) -> Response:  # noqa: ARG001
    """Every scope there is."""
    return json_answer({"scopes": sorted(ALL_SCOPES)})


@routes.get("/users", access=Scope.read_people, answer=USERS.list_shape(UserShape), extra=USERS.operation())
def list_users(request: Request) -> Response:
    """List users."""
    return USERS.answer(request)


@routes.get("/users/{user_id}", access=Scope.read_people, answer=UserShape)
def read_user(request: Request, user_id: UUID) -> Response:
    """Show a user."""
    with edge_of(request).database.reading() as session:
        user = USERS.one(session, User.id == user_id)
    if user is None:
        raise NotFound("user", str(user_id))
    return json_answer(user)


def make_user(tx: Transaction, *, email: str, name: str, role: str, password_hash: str) -> User:
    """A new user. Raises EmailTaken."""
    email = email.lower()
    if tx.scalar(select(User.id).where(User.email == email)) is not None:
        raise EmailTaken(email)
    user = User(email=email, name=name, role=role, password_hash=password_hash, created_at=tx.now)
    tx.add(user)
    tx.flush()
    return user


@routes.post("/users", access=Scope.write_people, answer=UserShape, status=201)
def create_user(request: Request, body: NewUser) -> Response:
    """Create a user with a role whose scopes you hold yourself."""
    check_password(body.password, body.email, body.name)
    hashed = hash_password(body.password)

    def work(tx: Transaction) -> dict[str, Any]:
        _may_give(tx, caller_of(request), body.role)
        user = make_user(tx, email=body.email, name=body.name, role=body.role, password_hash=hashed)
        return USERS.one(tx, User.id == user.id) or {}

    return writing(request, "create_user", body.model_dump(mode="json", exclude={"password"}), work, status=201)


@routes.patch("/users/{user_id}", access=Scope.write_people, answer=UserShape)
def change_user(request: Request, user_id: UUID, body: ChangedUser) -> Response:
    """Change a user's name, role or password, or switch them off.

    A new role, password or a switch ends their sessions. Their API keys do no more than their role, and stop while
    they are switched off; somebody else can take a key over (`POST /api/v1/keys/{key_id}/take-over`).
    Who holds less cannot change who holds more.
    """
    if body.password is not None:
        check_password(body.password, *_words_of(request, user_id))
    hashed = hash_password(body.password) if body.password is not None else None
    version = version_of(request, body.version)

    def work(tx: Transaction) -> dict[str, Any]:
        admins = list(tx.scalars(select(User.id).where(User.role == "admin", User.active).with_for_update()))
        user = tx.get(User, user_id, with_for_update=True)
        if user is None:
            raise NotFound("user", str(user_id))
        check_version(user, version, kind="user", id=str(user_id))
        _may_give(tx, caller_of(request), user.role)
        if body.role is not None and body.role != user.role:
            _may_give(tx, caller_of(request), body.role)
        leaves = body.active is False or (body.role or user.role) != "admin"
        if admins == [user_id] and leaves:
            raise LastAdmin()
        wanted = {"name": body.name, "role": body.role, "active": body.active, "password_hash": hashed}
        for attribute, value in wanted.items():
            if value is not None:
                setattr(user, attribute, value)
        tx.flush()
        if body.role is not None or body.active is False or hashed is not None:
            tx.execute(delete(PersonSession).where(PersonSession.user_id == user_id))
        return USERS.one(tx, User.id == user_id) or {}

    answer = writing(request, "change_user", [str(user_id), body.model_dump(mode="json", exclude={"password"})], work)
    edge_of(request).door.forget()
    return answer


@routes.post("/users/{user_id}/remove-second-factor", access=Scope.write_people, answer=UserShape)
def remove_users_second_factor(request: Request, user_id: UUID) -> Response:
    """For somebody who has lost their phone and their recovery codes: the password alone is enough again.

    Their sessions end. Make sure that it is them who ask.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        user = tx.get(User, user_id, with_for_update=True)
        if user is None:
            raise NotFound("user", str(user_id))
        _may_give(tx, caller_of(request), user.role)
        if take_away(tx, user_id):
            tx.execute(delete(PersonSession).where(PersonSession.user_id == user_id))
        tx.flush()
        return USERS.one(tx, User.id == user_id) or {}

    answer = writing(request, "remove_users_second_factor", str(user_id), work)
    edge_of(request).door.forget()
    return answer


def _words_of(request: Request, user_id: UUID) -> list[str]:
    with edge_of(request).database.reading() as session:
        user = session.get(User, user_id)
    return [user.email, user.name] if user is not None else []


def _may_give(tx: Transaction, caller: Caller, role: str) -> None:
    found = tx.get(Role, role)
    if found is None:
        raise NotFound("role", role)
    check_scopes(found.scopes, held=caller.scopes)


@routes.get("/roles", access=Scope.read_people, answer=ROLES.list_shape(RoleShape), extra=ROLES.operation())
def list_roles(request: Request) -> Response:
    """List roles and their scopes."""
    return ROLES.answer(request)


@routes.put("/roles/{name}", access=Scope.write_people, answer=RoleShape)
def put_role(request: Request, name: Name, body: PutRole) -> Response:
    """Create or change a role, with scopes that you hold yourself."""
    held = caller_of(request).scopes
    scopes = check_scopes(body.scopes, held=held)
    version = version_of(request, body.version)

    def work(tx: Transaction) -> dict[str, Any]:
        role = tx.get(Role, name, with_for_update=True)
        if role is None:
            tx.add(Role(name=name, scopes=scopes, created_at=tx.now))
        else:
            if role.locked:
                raise RoleIsLocked(name)
            check_version(role, version, kind="role", id=name)
            check_scopes(role.scopes, held=held)
            role.scopes = scopes
        tx.flush()
        return ROLES.one(tx, Role.name == name) or {}

    answer = writing(request, "put_role", [name, body.model_dump(mode="json")], work)
    edge_of(request).door.forget()
    return answer


@routes.delete("/roles/{name}", access=Scope.write_people, status=204)
def delete_role(request: Request, name: Name) -> Response:
    """Remove a role that nobody has, and its approval limits."""

    def work(tx: Transaction) -> dict[str, Any]:
        role = tx.get(Role, name, with_for_update=True)
        if role is None:
            raise NotFound("role", name)
        if role.locked:
            raise RoleIsLocked(name)
        check_scopes(role.scopes, held=caller_of(request).scopes)
        users = tx.scalar(select(func.count()).select_from(User).where(User.role == name)) or 0
        if users:
            raise RoleInUse(name, users)
        for kind in (ApprovalLimit, RefundLimit):
            for limit in tx.scalars(select(kind).where(kind.role == name)):
                tx.delete(limit)
        tx.flush()
        tx.delete(role)
        return {}

    replayed = writing(request, "delete_role", name, work).headers.get("Idempotency-Replayed")
    return Response(status_code=204, headers={"Idempotency-Replayed": replayed} if replayed else {})
