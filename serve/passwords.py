"""Passwords as argon2id hashes, with the parameters of OWASP's cheat sheet (19 MiB, two passes, one lane)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from db.errors import Invalid, Unavailable

SHORTEST, LONGEST = 12, 200  # characters

GOOD_ENOUGH = 3  # of 4: some hundred million guesses and more
_READ = 72  # characters that zxcvbn looks at

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_at_once = BoundedSemaphore(2)  # hashing is slow on purpose: more at once would starve the rest of the process
PLACES = 8  # those who hash and those who wait for it; each keeps one of the process's forty threads
_places = BoundedSemaphore(PLACES)


@dataclass(eq=False)
class WeakPassword(Invalid):
    """`field` is where it was given; `hint` is zxcvbn's."""

    field: str
    hint: str

    def __str__(self) -> str:
        return f"The password is too easy to guess. {self.hint}".rstrip()


def check_password(password: str, *about: str, field: str = "password") -> None:
    """Refuse what is guessed first: common passwords, rows of keys, repeats, and words `about` the person.

    Raises:
        WeakPassword: by the estimate of zxcvbn (Wheeler, USENIX Security 2016).
    """
    told = zxcvbn(password[:_READ], user_inputs=list(about))
    if told["score"] < GOOD_ENOUGH:
        raise WeakPassword(
            field, " ".join(filter(None, (told["feedback"]["warning"], *told["feedback"]["suggestions"])))
        )


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
