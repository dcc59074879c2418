"""Passwords as argon2id hashes, with the parameters of OWASP's cheat sheet (19 MiB, two passes, one lane)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from db.errors import Unavailable

SHORTEST, LONGEST = 12, 200  # characters

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_at_once = BoundedSemaphore(2)  # hashing is slow on purpose: more at once would starve the rest of the process
PLACES = 8  # those who hash and those who wait for it; each keeps one of the process's forty threads
_places = BoundedSemaphore(PLACES)


@contextmanager
def a_place() -> Iterator[None]:
    """Somebody proves who they are. A crowd of strangers is turned away at once instead of taking every thread.

    Raises:
        Unavailable: all places are taken.
    """
    if not _places.acquire(blocking=False):
        raise Unavailable("Too many people are signing in at this moment.", retry_after=1.0)
    try:
        yield
    finally:
        _places.release()


def hash_password(password: str) -> str:
    with _at_once:
        return _hasher.hash(password)


def password_fits(password: str, stored: str | None) -> bool:
    """Whether it is the password. Without a stored hash (nobody by that name) it takes as long and says no."""
    with _at_once:
        try:
            fits = _hasher.verify(stored or _nobodys(), password)
        except (VerifyMismatchError, InvalidHashError):
            return False
    return fits and stored is not None


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
