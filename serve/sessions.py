"""Signing in and out: a cookie that scripts cannot read, and a token that other sites cannot send."""

from __future__ import annotations

import secrets
from datetime import datetime

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import delete, select, update
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.catalog import demo_shop
from db.people import PersonSession, Role, User
from db.session import Who
from serve import second_factor
from serve.auth import COOKIE, CSRF_COOKIE, digest, new_secret
from serve.edge import Edge, caller_of, edge_of, request_id_of, who_of
from serve.passwords import LONGEST, SHORTEST, a_place, check_password, hash_password, password_fits
from serve.proving import WrongCredentials, count_attempt, forgive, prove_again
from serve.requests import json_answer
from serve.routing import Public, Routes, SignedIn
from serve.shapes import Ask, Email

routes = Routes("sessions")


class SignIn(Ask):
    email: Email = Described(examples=["ada@example.com"])
    password: str = Described(min_length=1, max_length=LONGEST, examples=["a long sentence nobody guesses"])
    code: str | None = Described(
        None, min_length=6, max_length=20, description="Of the second factor, where there is one", examples=["492039"]
    )


class SessionShape(BaseModel):
    """`csrf_token` goes into the header X-CSRF-Token of every change."""

    user_id: str | None
    name: str
    role: str | None
    scopes: list[str]
    csrf_token: str | None
    expires_at: datetime | None
    demo: bool = Described(description="The company holds the demo shop, whose orders and goods are made up")


@routes.post("/session", access=Public("This is how one becomes known"), answer=SessionShape, status=201)
def sign_in(request: Request, body: SignIn) -> Response:
    """Sign in with e-mail and password, and the code of your second factor if you have set one up.

    Sets the session's cookie. Where a code is needed and none was sent the refusal is `second_factor_needed`. Five
    failures in 15 minutes close an e-mail's door for the rest of them.
    """
    with a_place():
        return _signed_in(request, body)


def _signed_in(request: Request, body: SignIn) -> Response:
    edge = edge_of(request)
    email = body.email.lower()
    count_attempt(edge, email, request)
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
        second_factor.check(tx, user.id, body.code)
        forgive(tx, email)
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
    new_password: str = Described(min_length=SHORTEST, max_length=LONGEST)


@routes.put("/session/password", access=SignedIn(), status=204)
def change_password(request: Request, body: ChangePassword) -> Response:
    """Change your own password. Every other session of yours ends."""
    edge, user = edge_of(request), prove_again(request, body.old_password)
    check_password(body.new_password, user.email, user.name, field="new_password")
    hashed = hash_password(body.new_password)
    mine = digest(request.cookies.get(COOKIE, ""))
    with edge.database.transaction(who_of(request), now=edge.clock()) as tx:
        tx.get_one(User, user.id).password_hash = hashed
        forgive(tx, user.email)
        tx.execute(delete(PersonSession).where(PersonSession.user_id == user.id, PersonSession.digest != mine))
    edge.door.forget()
    return Response(status_code=204)
