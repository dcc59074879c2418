"""The customers' own door: an order's number and e-mail get a code by mail, the code or a mailed link a session.

A session is good for the returns of its one order. What is asked and answered is the same whether an order is known
or not, so that nobody learns here who ordered what.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text
from starlette.requests import Request
from starlette.responses import Response

from agents.notifications.messages import WriteDoorCode
from db.base import uuid7
from db.errors import Forbidden, Refusal
from db.return_door import DoorCode, DoorLink, DoorSession, order_at_door
from db.session import Transaction, Who
from serve.edge import Caller, edge_of, request_id_of

COOKIE = "backoffice_return"
PATH = "/api/v1/return-door"
CSRF_HEADER = "x-csrf-token"
CODE_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=2)
TRIES = 5  # of one code
WINDOW = timedelta(hours=1)
CODES_OF_ORDER, CODES_OF_EMAIL, CODES_OF_ADDRESS = 10, 10, 60
"""So many codes in an hour: with five tries each nobody guesses one of a million in a year."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DOOR = "system:return-door"


@dataclass(eq=False)
class NotAtDoor(Refusal):
    status: ClassVar[int] = 401

    def __str__(self) -> str:
        return "Enter the number of your order and your e-mail address again: you have been away for a while."


@dataclass(eq=False)
class WrongDoorToken(Forbidden):
    def __str__(self) -> str:
        return "Changes need the session's token in the header X-CSRF-Token."


@dataclass(eq=False)
class WrongCode(Refusal):
    """`tries_left` of the code; none left is as good as a code that is over."""

    tries_left: int

    status: ClassVar[int] = 401

    def __str__(self) -> str:
        if not self.tries_left:
            return "This code is over. Ask for a new one."
        left = "1 try" if self.tries_left == 1 else f"{self.tries_left} tries"
        return f"This is not the code. You have {left} left."


@dataclass(eq=False)
class LinkIsOver(Refusal):
    status: ClassVar[int] = 401

    def __str__(self) -> str:
        return "This link is over. Enter the number of your order and your e-mail address instead."


@dataclass(eq=False)
class TooManyCodes(Refusal):
    retry_after: int

    status: ClassVar[int] = 429

    def __str__(self) -> str:
        return f"Too many codes were asked for. Try again in {-(-self.retry_after // 60)} min."


@dataclass(frozen=True)
class Opened:
    """What a browser is given: the secret goes into its cookie."""

    secret: str
    csrf: str
    order_id: UUID
    expires_at: datetime


def customer_at_door(request: Request) -> Caller:
    """Who calls at the door. Raises NotAtDoor, WrongDoorToken."""
    edge, secret = edge_of(request), request.cookies.get(COOKIE, "")
    with edge.database.reading() as session:
        found = session.get(DoorSession, _digest(secret)) if secret else None
    if found is None or found.expires_at <= edge.clock():
        raise NotAtDoor()
    if request.method not in _SAFE_METHODS:
        token = request.headers.get(CSRF_HEADER, "")
        if not secrets.compare_digest(token.encode(), found.csrf.encode()):
            raise WrongDoorToken()
    return Caller(f"customer:{found.order_id}", "customer", frozenset(), csrf=found.csrf, expires_at=found.expires_at)


def ask_for_code(request: Request, number: str, email: str) -> tuple[str, datetime]:
    """(the secret that the code belongs to, until when it is good). Raises TooManyCodes."""
    edge, now = edge_of(request), edge_of(request).clock()
    number, email = number.strip(), email.strip().lower()
    secret, code = secrets.token_urlsafe(32), f"{secrets.randbelow(1_000_000):06d}"
    said = {"order": _digest(f"order:{number.lower()}"), "email": _digest(f"email:{email}")}
    with edge.database.transaction(Who(_DOOR, request_id_of(request)), now=now) as tx:
        address = _address(request)
        _count(tx, said["order"], said["email"], address)
        order = order_at_door(tx, number, email)
        row = DoorCode(
            id=uuid7(),
            challenge=_digest(secret),
            code=_sealed(secret, code),
            order_id=order.id if order is not None else None,
            order_said=said["order"],
            email_said=said["email"],
            address=address,
            tries=0,
            at=now,
            expires_at=now + CODE_LASTS,
        )
        tx.add(row)
        if order is not None:
            mail = WriteDoorCode(code_id=row.id, order_id=order.id, number=order.number, recipient=email, code=code)
            tx.send("notifications", f"order:{order.id}", mail)
    return secret, now + CODE_LASTS


def open_by_code(request: Request, secret: str, code: str) -> Opened:
    """Every try is counted before it is judged, and a code opens once. Raises WrongCode."""
    edge, now = edge_of(request), edge_of(request).clock()
    with edge.database.transaction(Who(_DOOR, request_id_of(request)), now=now) as tx:
        wanted = select(DoorCode).where(DoorCode.challenge == _digest(secret)).with_for_update()
        row = tx.scalars(wanted).one_or_none()
        over = row is None or row.used_at is not None or row.expires_at <= now or row.tries >= TRIES
        if row is not None and not over:
            row.tries += 1
        if (
            row is not None
            and not over
            and row.order_id is not None
            and hmac.compare_digest(row.code, _sealed(secret, code.strip()))
        ):
            row.used_at = now
            return _open(tx, request, row.order_id)
        left = 0 if row is None or over else TRIES - row.tries
    raise WrongCode(left)


def open_by_link(request: Request, secret: str) -> Opened:
    """Raises LinkIsOver."""
    edge, now = edge_of(request), edge_of(request).clock()
    with edge.database.transaction(Who(_DOOR, request_id_of(request)), now=now) as tx:
        link = tx.get(DoorLink, _digest(secret))
        if link is not None and link.expires_at > now:
            return _open(tx, request, link.order_id)
    raise LinkIsOver()


def leave(request: Request) -> None:
    edge = edge_of(request)
    with edge.database.transaction(Who(_DOOR, request_id_of(request)), now=edge.clock()) as tx:
        tx.execute(delete(DoorSession).where(DoorSession.digest == _digest(request.cookies.get(COOKIE, ""))))


def with_cookie(request: Request, opened: Opened, answer: Response) -> Response:
    edge = edge_of(request)
    answer.set_cookie(
        COOKIE, opened.secret, max_age=int(SESSION_LASTS.total_seconds()), path=PATH, httponly=True,
        secure=edge.settings.behind_https or request.url.scheme == "https", samesite="strict",
    )  # fmt: skip
    return answer


def _open(tx: Transaction, request: Request, order_id: UUID) -> Opened:
    opened = Opened(secrets.token_urlsafe(32), secrets.token_urlsafe(24), order_id, tx.now + SESSION_LASTS)
    tx.execute(delete(DoorSession).where(DoorSession.expires_at <= tx.now))
    tx.execute(delete(DoorLink).where(DoorLink.expires_at <= tx.now))
    tx.add(
        DoorSession(
            digest=_digest(opened.secret),
            order_id=order_id,
            csrf=opened.csrf,
            created_at=tx.now,
            expires_at=opened.expires_at,
            address=_address(request),
        )
    )
    tx.note(f"order:{order_id}", to_status="return door opened", why="by the customer")
    return opened


def _count(tx: Transaction, order: bytes, email: bytes, address: str | None) -> None:
    """Raises TooManyCodes. Many at once cannot slip past together: who counts the same waits for another."""
    limits: Sequence[tuple[str, ColumnElement[bool], int]] = (
        (order.hex(), DoorCode.order_said == order, CODES_OF_ORDER),
        (email.hex(), DoorCode.email_said == email, CODES_OF_EMAIL),
        *([(address, DoorCode.address == address, CODES_OF_ADDRESS)] if address is not None else []),
    )
    for lock in sorted(name for name, _, _ in limits):
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('return_door'), hashtext(:name))"), {"name": lock})
    for _, mine, most in limits:
        wanted = select(func.count(), func.min(DoorCode.at)).where(mine, DoorCode.at > tx.now - WINDOW)
        count, oldest = tx.execute(wanted).one()
        if count >= most:
            raise TooManyCodes(max(1, int((oldest + WINDOW - tx.now).total_seconds()) + 1))
    tx.execute(delete(DoorCode).where(DoorCode.at <= tx.now - WINDOW))


def _address(request: Request) -> str | None:
    """Of a caller from the internet. One of our own networks is a proxy, which stands for everybody behind it."""
    host = request.client.host if request.client else ""
    try:
        return host if ipaddress.ip_address(host).is_global else None
    except ValueError:
        return None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _sealed(secret: str, code: str) -> bytes:
    """A code alone would be found by trying a million; the secret that seals it is nowhere but in one browser."""
    return hmac.digest(secret.encode(), code.encode(), "sha256")
