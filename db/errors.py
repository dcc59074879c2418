"""Three kinds of failure: a refusal is business, unavailable is weather, anything else is our bug.

A refusal is part of an answer, so it crosses processes as data: `facts()` and `str()` travel, and the
caller gets a `Refused` with the same code, status and sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar


class Refusal(Exception):
    """The business says no. Subclasses are frozen facts whose `str()` is a sentence for a person.

    `code` is the class name in snake case; `status` is the HTTP status that fits.
    """

    status: ClassVar[int] = 422

    @property
    def code(self) -> str:
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))

    def facts(self) -> dict[str, Any]:
        """The fields of the refusal, for `details` in the answer; a number that no message can carry as its digits."""
        try:
            facts = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
        except TypeError:
            return {}
        return {n: str(v) if isinstance(v, int) and abs(v) >= 2**63 else v for n, v in facts.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions with several constructor arguments do not unpickle by themselves.
        return (_rebuild, (type(self), dict(self.__dict__)))


def _rebuild(kind: type[Refusal], state: dict[str, Any]) -> Refusal:
    refusal = kind.__new__(kind)
    refusal.__dict__.update(state)
    return refusal


class Invalid(Refusal):
    """What was asked makes no sense as asked."""

    status = 422


class Conflict(Refusal):
    """What was asked does not fit the present state."""

    status = 409


class Missing(Refusal):
    """There is no such thing."""

    status = 404


class Forbidden(Refusal):
    """The caller may not."""

    status = 403


@dataclass(eq=False)
class NotFound(Missing):
    kind: str
    id: str

    def __str__(self) -> str:
        return f"There is no {self.kind} {self.id}."


@dataclass(eq=False)
class StaleVersion(Conflict):
    """`changes` say what happened since, oldest first, where that is known."""

    kind: str
    id: str
    expected: int
    actual: int
    changes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        since = f" Since then: {'; '.join(self.changes)}." if self.changes else ""
        return (
            f"The {self.kind} {self.id} was changed by somebody else: you have version {self.expected}, "
            f"it is at {self.actual}.{since} Load it again and repeat your change."
        )


@dataclass(eq=False)
class IllegalMove(Conflict):
    kind: str
    id: str
    status_now: str
    wanted: str
    next: list[str]

    def __str__(self) -> str:
        may = ", ".join(self.next) or "nothing, it is finished"
        return f"The {self.kind} {self.id} is {self.status_now} and cannot become {self.wanted}. It may become: {may}."


@dataclass(eq=False)
class KeyReused(Refusal):
    """The same idempotency key with another body."""

    key: str

    status: ClassVar[int] = 422

    def __str__(self) -> str:
        return f"The idempotency key {self.key!r} was used before for a different request. Use a new key."


class Refused(Refusal):
    """A refusal that came from another process; keeps code, status, sentence and facts."""

    def __init__(self, code: str, status: int, sentence: str, details: dict[str, Any]) -> None:
        super().__init__(sentence)
        self._code, self._status, self._sentence, self._details = code, status, sentence, details

    @property
    def code(self) -> str:
        return self._code

    @property
    def status_code(self) -> int:
        return self._status

    def facts(self) -> dict[str, Any]:
        return self._details

    def __str__(self) -> str:
        return self._sentence


class Unavailable(Exception):
    """Weather: a part is away for a moment. Callers may try again after `retry_after` seconds."""

    def __init__(self, sentence: str, *, retry_after: float = 1.0) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        return (_unavailable, (str(self), self.retry_after))


def _unavailable(sentence: str, retry_after: float) -> Unavailable:
    return Unavailable(sentence, retry_after=retry_after)
