"""What may be said to the notices agent, and what it says."""

from __future__ import annotations

from datetime import time
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class TellPeople(Task, frozen=True, kw_only=True):
    """Tell one person (`principal`, `user:ID`) or, without, everybody who holds the kind's scope.

    `key` is what it is about, `mark` which occurrence of it: the same two are told once.
    """

    kind: str
    subject: str
    title: str
    body: str
    key: str
    mark: str
    principal: str | None = None


class LookForTrouble(Task, frozen=True, kw_only=True):
    """Find what nobody announces: dead letters, stuck flows, payments unknown for too long. Sent by a schedule.

    Also sends the mail that quiet hours held back.
    """

    payments_after_seconds: int = 900


class MarkNotices(Command, frozen=True, kw_only=True):
    """Mark some of a person's notices, or all, as read or unread."""

    user_id: UUID
    ids: list[UUID] | None = None
    read: bool = True


class KindChoice(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    shown: bool
    mail: bool


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    time_zone: str
    starts: time
    ends: time


class ChooseNotices(Command, frozen=True, kw_only=True):
    """What a person wants to hear of. Kinds that are not named stay; `quiet` None ends the quiet hours."""

    user_id: UUID
    choices: list[KindChoice]
    quiet: Quiet | None = None


class NoticesMarked(State, frozen=True, kw_only=True):
    changed: int
    unread: int


class NoticesChosen(State, frozen=True, kw_only=True):
    choices: list[KindChoice]
    quiet: Quiet | None


class NoticeGiven(Event, frozen=True, kw_only=True):
    principal: str
    id: UUID
    kind: str
    title: str
    subject: str
    unread: int


class NoticesRead(Event, frozen=True, kw_only=True):
    """In one window: the others show the new number."""

    principal: str
    unread: int
