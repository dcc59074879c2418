"""Proving that one is who one says: every attempt is counted before it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import delete, func, select, text
from starlette.requests import Request

from db.errors import Refusal
from db.people import SignInAttempt, User
from db.session import Transaction, Who
from serve.edge import Edge, caller_of, edge_of, request_id_of
from serve.passwords import password_fits


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


@dataclass(eq=False)
class OnlyForPeople(Refusal):
    status: ClassVar[int] = 403

    def __str__(self) -> str:
        return "An API key has neither a password nor a second factor."


def count_attempt(edge: Edge, email: str, request: Request) -> None:
    """Count the attempt before it is judged, so that many at once cannot slip past the limit together.

    Raises:
        TooManyFailures: this e-mail's door is closed for the rest of the window.
    """
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


def forgive(tx: Transaction, email: str) -> None:
    """The attempts of somebody who has proved it."""
    tx.execute(delete(SignInAttempt).where(SignInAttempt.email == email))


def prove_again(request: Request, password: str) -> User:
    """Who is signed in, once they have said their password again. The attempt counts until `forgive`.

    Raises:
        OnlyForPeople: an API key calls.
        WrongCredentials, TooManyFailures: it is not their password, or they have tried too often.
    """
    edge, user_id = edge_of(request), caller_of(request).user_id
    if user_id is None:
        raise OnlyForPeople()
    with edge.database.reading() as session:
        user = session.get_one(User, user_id)
    count_attempt(edge, user.email, request)
    if not password_fits(password, user.password_hash):
        raise WrongCredentials()
    return user
