"""Who is calling: an API key (`Authorization: Bearer bo_live_…`) or a person's session cookie.

Secrets are 32 random bytes; only their SHA-256 digests are stored, which is enough for what cannot be
guessed. A caller that was recognised is remembered for a few seconds, so that most requests ask no
database, and a key that is revoked dies within that time.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import or_, select, update
from starlette.requests import Request

from db.base import utc_now
from db.errors import Forbidden, Refusal, Unavailable
from db.people import ApiKey, PersonSession, Role, User, live_key
from db.session import Database, Who
from serve.edge import Caller, EdgeSettings
from serve.scopes import ALL_SCOPES

COOKIE = "backoffice_session"
CSRF_COOKIE = "backoffice_csrf"
CSRF_HEADER = "x-csrf-token"
KEY_START = "bo_live_"
_BEARER = f"Bearer {KEY_START}".encode()
SHOWN = 12  # characters of a key that lists show
MARK_EVERY = timedelta(minutes=1)  # how often "last used" is written

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MOST_REMEMBERED = 10_000
_DOOR = Who("system:door")
_NOBODY = (None, 0.0)


@dataclass(eq=False)
class NotSignedIn(Refusal):
    status: ClassVar[int] = 401

    def __str__(self) -> str:
        return "Send a valid API key (Authorization: Bearer bo_live_…), or sign in."


@dataclass(eq=False)
class WrongCsrfToken(Forbidden):
    def __str__(self) -> str:
        return "Changes from a browser need the session's token in the header X-CSRF-Token."


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def new_secret(start: str = "") -> str:
    """32 random bytes in base 62 (43 characters), after `start`."""
    number = int.from_bytes(secrets.token_bytes(32))
    letters = []
    for _ in range(43):
        number, rest = divmod(number, 62)
        letters.append(_ALPHABET[rest])
    return start + "".join(letters)


class Door:
    def __init__(
        self,
        database: Database,
        settings: EdgeSettings,
        *,
        clock: Callable[[], datetime] = utc_now,
        ticks: Callable[[], float],
    ) -> None:
        self._db, self._settings, self._clock, self._ticks = database, settings, clock, ticks
        self._known: dict[bytes, tuple[Caller, float]] = {}
        self._strangers: dict[bytes, float] = {}  # apart, so that a flood of them makes nobody forgotten
        self._asking: dict[bytes, asyncio.Task[Caller | None]] = {}

    async def recognise(self, request: Request) -> Caller:
        """Who calls. Raises NotSignedIn, WrongCsrfToken, Unavailable (the database is away)."""
        bearer = request.headers.get("authorization")
        if bearer is not None:
            kind, _, secret = bearer.partition(" ")
            if kind.lower() != "bearer" or not secret.startswith(KEY_START) or not secret.isascii():
                raise NotSignedIn()
            return await self._find(digest(secret), self._key)
        cookie = request.cookies.get(COOKIE)
        if not cookie or not cookie.isascii():
            raise NotSignedIn()
        caller = await self._find(digest(cookie), self._session)
        if request.method not in _SAFE_METHODS:
            token = request.headers.get(CSRF_HEADER, "")
            if not secrets.compare_digest(token.encode(), (caller.csrf or "").encode()):
                raise WrongCsrfToken()
        return caller

    async def still(self, request: Request) -> Caller | None:
        """Who sent a request that is still open, as of now; None when they would not be let in any more.

        It is not use of the key or session: somebody who only listens becomes idle. Raises Unavailable.
        """
        bearer = request.headers.get("authorization")
        if bearer is not None:
            return await asyncio.to_thread(self._key, digest(bearer.partition(" ")[2]), use=False)
        return await asyncio.to_thread(self._session, digest(request.cookies.get(COOKIE, "")), use=False)

    def remembered(self, authorization: bytes) -> Caller | None:
        """Who sends this header, if that was found out a moment ago; None has to ask `recognise`."""
        if not authorization.startswith(_BEARER):
            return None
        caller, until = self._known.get(hashlib.sha256(authorization[len("Bearer ") :]).digest(), _NOBODY)
        if caller is None or until <= self._ticks():
            return None
        return None if caller.expires_at is not None and caller.expires_at <= self._clock() else caller

    def forget(self) -> None:
        """Ask the database anew from now on: people or keys were changed through this process."""
        self._known.clear()
        self._strangers.clear()

    async def _find(self, secret: bytes, look_up: Callable[[bytes], Caller | None]) -> Caller:
        caller, until = self._known.get(secret, (None, self._strangers.get(secret, 0.0)))
        if until <= self._ticks():
            caller = await self._ask_once(secret, look_up)
        if caller is None or (caller.expires_at is not None and caller.expires_at <= self._clock()):
            raise NotSignedIn()
        return caller

    async def _ask_once(self, secret: bytes, look_up: Callable[[bytes], Caller | None]) -> Caller | None:
        """However many requests ask for the same caller at a time, the database is asked once."""
        task = self._asking.get(secret)
        if task is None:
            if len(self._asking) >= self._settings.lookups and secret not in self._known:
                raise Unavailable("Too many callers that nobody knows yet came at once.", retry_after=1.0)
            task = asyncio.create_task(self._ask(secret, look_up))
            self._asking[secret] = task
            task.add_done_callback(lambda done: self._done(secret, done))
        return await asyncio.shield(task)

    def _done(self, secret: bytes, task: asyncio.Task[Caller | None]) -> None:
        self._asking.pop(secret, None)
        if not task.cancelled():
            task.exception()  # its waiters raise it; without one asyncio would complain

    async def _ask(self, secret: bytes, look_up: Callable[[bytes], Caller | None]) -> Caller | None:
        caller = await asyncio.to_thread(look_up, secret)
        until = self._ticks() + self._settings.caller_cache_seconds
        for remembered in (self._known, self._strangers):
            if len(remembered) >= _MOST_REMEMBERED:
                remembered.clear()
        if caller is None:
            self._known.pop(secret, None)
            self._strangers[secret] = until
        else:
            self._known[secret] = (caller, until)
        return caller

    def _key(self, secret: bytes, *, use: bool = True) -> Caller | None:
        now = self._clock()
        with self._db.reading() as session:
            found = live_key(session, ApiKey.digest == secret, now=now)
        if found is None:
            return None
        key, scopes = found
        if use and (key.last_used_at is None or key.last_used_at <= now - MARK_EVERY):
            stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - MARK_EVERY)
            with self._db.transaction(_DOOR, now=now) as tx:
                tx.execute(update(ApiKey).where(ApiKey.id == key.id, stale).values(last_used_at=now))
        return Caller(f"key:{key.id}", key.name, scopes & ALL_SCOPES, expires_at=key.expires_at)

    def _session(self, secret: bytes, *, use: bool = True) -> Caller | None:
        now = self._clock()
        query = (
            select(PersonSession, User, Role)
            .join(User, User.id == PersonSession.user_id)
            .join(Role, Role.name == User.role)
            .where(PersonSession.digest == secret)
        )
        with self._db.reading() as session:
            row = session.execute(query).one_or_none()
        if row is None:
            return None
        signed_in, user, role = row
        if not user.active or signed_in.expires_at <= now or signed_in.seen_at <= now - self._settings.session_idle:
            return None
        if use and signed_in.seen_at <= now - MARK_EVERY:
            with self._db.transaction(_DOOR, now=now) as tx:
                tx.execute(update(PersonSession).where(PersonSession.digest == secret).values(seen_at=now))
        return Caller(
            f"user:{user.id}",
            user.name,
            frozenset(role.scopes) & ALL_SCOPES,
            role=role.name,
            csrf=signed_in.csrf,
            expires_at=signed_in.expires_at,
        )
