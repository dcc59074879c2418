"""Signing in and out: a cookie that scripts cannot read, and a token that other sites cannot send."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import delete, func, select, text, update
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.catalog import demo_shop
from db.errors import Refusal
from db.people import PersonSession, Role, SignInAttempt, User
from db.session import Who
from serve.auth import COOKIE, CSRF_COOKIE, digest, new_secret
from serve.edge import Edge, caller_of, edge_of, request_id_of, who_of
from serve.passwords import LONGEST, hash_password, password_fits
from serve.requests import json_answer
from serve.routing import Public, Routes, SignedIn
from serve.shapes import Ask, Email

routes = Routes("sessions")


class SignIn(Ask):
    email: Email = Described(examples=["ada@example.com"])
    password: str = Described(min_length=1, max_length=LONGEST, examples=["a long sentence nobody guesses"])


class SessionShape(BaseModel):
    """`csrf_token` goes into the header X-CSRF-Token of every change."""

    user_id: str | None
    name: str
    role: str | None
    scopes: list[str]
    csrf_token: str | None
    expires_at: datetime | None
    demo: bool = Described(description="The company holds the demo shop, whose orders and goods are made up")


@dataclass(eq=False)
class WrongCredentials(Refusal):
    status: ClassVar[int] = 401

    def __str__(self) -> str:
        return "The e-mail and the password do not belong together."


@dataclass(eq=False)
class TooManyFailures(Refusal):
    retry_after: int

    status: ClassVar[int] = 429

    def __str__(self) -> str:
        return f"Too many attempts to sign in. Try again in {self.retry_after} s."


@routes.post("/session", access=Public("This is how one becomes known"), answer=SessionShape, status=201)
def sign_in(request: Request, body: SignIn) -> Response:
    """Sign in with e-mail and password.

    Sets the session's cookie. Five failures in 15 minutes close an e-mail's door for the rest of them.
    """
    edge = edge_of(request)
    email = body.email.lower()
    _count_attempt(edge, email, request)
    with edge.database.reading() as session:
        found = session.execute(select(User, Role).join(Role, Role.name == User.role).where(User.email == email))
        row = found.one_or_none()
        demo = demo_shop(session)
    user, role = row if row is not None else (None, None)
    fits = password_fits(body.password, user.password_hash if user else None)
    if user is None or role is None or not fits or not user.active:
        raise WrongCredentials()
    secret, csrf = new_secret(), secrets.token_urlsafe(24)
    now = edge.clock()
    expires_at = now + edge.settings.session_lifetime
    with edge.database.transaction(Who(f"user:{user.id}", request_id_of(request)), now=now) as tx:
        tx.execute(delete(SignInAttempt).where(SignInAttempt.email == email))
        tx.execute(delete(PersonSession).where(PersonSession.expires_at <= now))
        tx.execute(update(User).where(User.id == user.id).values(last_sign_in_at=now))
        address = request.client.host if request.client else None
        tx.add(
            PersonSession(
                digest=digest(secret),
                user_id=user.id,
                csrf=csrf,
                created_at=now,
                seen_at=now,
                expires_at=expires_at,
                address=address,
            )
        )
        tx.audit("sign_in", f"user:{user.id}")
    shown = SessionShape(
        user_id=str(user.id), name=user.name, role=role.name, scopes=sorted(role.scopes), csrf_token=csrf,
        expires_at=expires_at, demo=demo,
    )  # fmt: skip
    answer = json_answer(shown.model_dump(), 201)
    for name, value, hidden in ((COOKIE, secret, True), (CSRF_COOKIE, csrf, False)):
        answer.set_cookie(
            name, value, max_age=int(edge.settings.session_lifetime.total_seconds()), path="/",
            secure=_https(request, edge), httponly=hidden, samesite="lax",
        )  # fmt: skip
    return answer


def _count_attempt(edge: Edge, email: str, request: Request) -> None:
    """Count the attempt before it is judged, so that many at once cannot slip past the limit together."""
    now = edge.clock()
    since = now - edge.settings.sign_in_window
    mine = (SignInAttempt.email == email, SignInAttempt.at > since)
    with edge.database.transaction(Who("system:door", request_id_of(request)), now=now) as tx:
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('sign_in'), hashtext(:email))"), {"email": email})
        count, oldest = tx.execute(select(func.count(), func.min(SignInAttempt.at)).where(*mine)).one()
        if count >= edge.settings.sign_in_failures:
            wait = oldest + edge.settings.sign_in_window - now
            raise TooManyFailures(max(1, int(wait.total_seconds()) + 1))
        tx.execute(delete(SignInAttempt).where(SignInAttempt.at <= since))
        tx.add(SignInAttempt(email=email, address=request.client.host if request.client else None, at=now))


def _https(request: Request, edge: Edge) -> bool:
    return edge.settings.behind_https or request.url.scheme == "https"


@routes.get("/session", access=SignedIn(), answer=SessionShape)
async def read_session(request: Request) -> Response:
    """Who is signed in, and what they may do."""
    caller = caller_of(request)
    shown = SessionShape(
        user_id=str(caller.user_id) if caller.user_id else None, name=caller.name, role=caller.role,
        scopes=sorted(caller.scopes), csrf_token=caller.csrf, expires_at=caller.expires_at,
        demo=await run_in_threadpool(_is_demo, edge_of(request)),
    )  # fmt: skip
    return json_answer(shown.model_dump())


def _is_demo(edge: Edge) -> bool:
    with edge.database.reading() as session:
        return demo_shop(session)


@routes.delete("/session", access=SignedIn(), status=204)
def sign_out(request: Request) -> Response:
    """Sign out: the cookie is worth nothing from now on."""
    edge = edge_of(request)
    cookie = request.cookies.get(COOKIE)
    if cookie:
        with edge.database.transaction(who_of(request), now=edge.clock()) as tx:
            tx.execute(delete(PersonSession).where(PersonSession.digest == digest(cookie)))
    edge.door.forget()
    answer = Response(status_code=204)
    for name in (COOKIE, CSRF_COOKIE):
        answer.delete_cookie(name, path="/")
    return answer


class ChangePassword(Ask):
    old_password: str = Described(min_length=1, max_length=LONGEST)
    new_password: str = Described(min_length=12, max_length=LONGEST)


@dataclass(eq=False)
class OnlyForPeople(Refusal):
    status: ClassVar[int] = 403

    def __str__(self) -> str:
        return "An API key has no password."


@routes.put("/session/password", access=SignedIn(), status=204)
def change_password(request: Request, body: ChangePassword) -> Response:
    """Change your own password. Every other session of yours ends."""
    edge, user_id = edge_of(request), caller_of(request).user_id
    if user_id is None:
        raise OnlyForPeople()
    with edge.database.reading() as session:
        stored = session.scalar(select(User.password_hash).where(User.id == user_id))
        email = session.scalar(select(User.email).where(User.id == user_id)) or ""
    _count_attempt(edge, email, request)
    if not password_fits(body.old_password, stored):
        raise WrongCredentials()
    hashed = hash_password(body.new_password)
    mine = digest(request.cookies.get(COOKIE, ""))
    with edge.database.transaction(who_of(request), now=edge.clock()) as tx:
        tx.get_one(User, user_id).password_hash = hashed
        tx.execute(delete(SignInAttempt).where(SignInAttempt.email == email))
        tx.execute(delete(PersonSession).where(PersonSession.user_id == user_id, PersonSession.digest != mine))
    edge.door.forget()
    return Response(status_code=204)
