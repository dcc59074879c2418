"""Why the webhooks agent says no."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import Conflict, Forbidden, Invalid


@dataclass(eq=False)
class UnknownEvents(Invalid):
    unknown: list[str]
    known: list[str]

    def __str__(self) -> str:
        return f"There is no event {', '.join(self.unknown)}. Choose from the catalogue, or a group such as order.*."


@dataclass(eq=False)
class BadAddress(Invalid):
    url: str
    why: str

    def __str__(self) -> str:
        return f"{self.url!r} cannot be a webhook: {self.why}"


@dataclass(eq=False)
class MayNotHear(Forbidden):
    events: list[str]
    scopes: list[str]

    def __str__(self) -> str:
        return f"You may not read what {', '.join(self.events)} tells. It takes {', '.join(self.scopes)}."


@dataclass(eq=False)
class WebhookIsDisabled(Conflict):
    id: str

    def __str__(self) -> str:
        return f"The webhook {self.id} is disabled. Enable it first."
