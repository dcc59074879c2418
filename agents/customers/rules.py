"""What a customer may be called. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable

from agents.customers.refusals import NotAnEmail, UnknownClass
from db.customers import CLASSES, clean_email


def checked_email(email: str) -> str:
    """In lower case. Raises NotAnEmail."""
    clean = clean_email(email)
    if clean is None:
        raise NotAnEmail(email[:80])
    return clean


def checked_class(given: str) -> str:
    """Raises UnknownClass."""
    if given not in CLASSES:
        raise UnknownClass(given[:40], list(CLASSES))
    return given


def tidy_tags(tags: Iterable[str]) -> list[str]:
    """Without blanks around them, each once, in order of the alphabet."""
    return sorted({tag.strip() for tag in tags} - {""})
