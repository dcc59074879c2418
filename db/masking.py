"""Logs without people and secrets: how an error is written down, and what is blotted out of every line.

Values of a database's row, a body or a mail end up in messages of exceptions: a violated constraint prints the row, a
failed conversion what it could not convert. What such a message says besides is worth keeping; the traceback shows
where it was.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

import msgspec
import psycopg
from sqlalchemy.exc import DBAPIError

BLOT = "***"
DATA_EXCEPTION = "22"  # the class of SQLSTATE whose messages quote values

# Names of what a message says about a person, wherever in it: everything below them is theirs.
PERSONAL = frozenset(
    {"email", "name", "phone", "recipient", "shipping_address", "billing_address", "addresses", "address", "token"}
    | {"body", "note", "reference", "password", "secret"}
)
SHORTEST = 3  # letters; a country's two are nobody's, and would be found everywhere

_SECRET = re.compile(
    r"bo_live_\w+|whsec_\w+|\b[sr]k_(?:live|test)_\w+|(?<=Bearer )[^\s'\"]+|(?<=://)[^\s/:@]{1,256}:[^\s/@]{1,256}(?=@)"
)
# Each begins where a word does, and gives nothing back: a line of any length is read once, whatever is in it.
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)+")
_PHONE = re.compile(r"\+\d[\d ()/.-]{5,}\d")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # begin a line of their own, or tell a terminal what to do
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def blotted(text: str, private: Iterable[str] = ()) -> str:
    """`text` without secrets, e-mail addresses, telephone numbers and the words that are `private`."""
    for pattern in (_SECRET, _EMAIL, _PHONE):
        text = pattern.sub(BLOT, text)
    for word in sorted(private, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", BLOT, text)
    return text


def in_short(error: BaseException) -> str:
    """What kind of error it is and what it says, as far as that is not about somebody."""
    if isinstance(error, DBAPIError):
        return f"{in_short(error.orig)} in {error.statement}" if error.orig else type(error).__name__
    kind = type(error).__qualname__
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        quotes = error.sqlstate.startswith(DATA_EXCEPTION)
        return kind if quotes else f"{kind}: {error.diag.message_primary}"
    said = str(error)
    if isinstance(error, (ValueError, LookupError)):
        said = _QUOTED.sub(f"'{BLOT}'", said)
    return f"{kind}: {blotted(said)}" if said else kind


def in_full(error: BaseException) -> str:
    """The traceback with what led to it, each error as `in_short` says it; never the values of local variables."""
    return "".join(_told(error, set())).rstrip("\n")


def _told(error: BaseException, told: set[int]) -> Iterator[str]:
    told.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in told:
        yield from _told(before, told)
        yield "\nwhich led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield on_one_line(in_short(error)) + "\n"
    for one in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield "\namong them:\n\n"
        yield from _told(one, told)


def private_words(said: Any) -> frozenset[str]:
    """What a message, as it travels or decoded, says about people."""
    if isinstance(said, bytes):
        try:
            said = msgspec.msgpack.decode(said)
        except msgspec.DecodeError:
            return frozenset()
    return frozenset(_words(msgspec.to_builtins(said), personal=False))


def _words(said: Any, *, personal: bool) -> Iterator[str]:
    if isinstance(said, dict):
        for name, value in said.items():
            yield from _words(value, personal=personal or name in PERSONAL)
    elif isinstance(said, list):
        for value in said:
            yield from _words(value, personal=personal)
    elif personal and isinstance(said, str) and len(said) >= SHORTEST:
        yield said


def on_one_line(text: str) -> str:
    """Control characters as they are written in a program, so that nobody can forge a line or paint the screen."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def mask(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The processor of structlog. `of` is the message that a line is about; it is not written, but what it says of
    people is blotted out."""
    private = private_words(line.pop("of", None))
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line["exception"] = in_full(error)
    return {name: _clean(value, private, lines=name == "exception") for name, value in line.items()}


def _clean(value: Any, private: frozenset[str], *, lines: bool = False) -> Any:
    """`lines` keeps the line breaks of a traceback."""
    if isinstance(value, BaseException):
        value = in_short(value)
    if isinstance(value, str):
        said = blotted(value, private)
        return "\n".join(map(on_one_line, said.split("\n"))) if lines else on_one_line(said)
    if isinstance(value, dict):
        return {name: _clean(inside, private) for name, inside in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(inside, private) for inside in value]
    return value
