"""What may be said to the notifications agent, and what it says."""

from __future__ import annotations

from uuid import UUID

from agents.contract import Command, Event, State, Task


class SendMail(Task, frozen=True, kw_only=True):
    notification_id: UUID


class ResendNotification(Command, frozen=True, kw_only=True):
    notification_id: UUID


class NotificationView(State, frozen=True, kw_only=True):
    id: UUID
    state: str
    next: list[str]


class NotificationFailed(Event, frozen=True, kw_only=True):
    notification_id: UUID
    why: str
