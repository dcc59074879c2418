"""A person's inbox over HTTP: what they were told, what they want to hear of, and when mail may wake them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

import msgspec
from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from agents.notices.messages import ChooseNotices, KindChoice, MarkNotices, NoticesChosen, NoticesMarked, Quiet
from db.errors import Forbidden
from db.notices import NOTICE_KINDS, Notice, NoticeChoice, QuietHours
from serve.edge import Caller, caller_of, edge_of
from serve.fields import field, fields
from serve.listing import Listing
from serve.requests import asking, json_answer, sending
from serve.routing import Routes, SignedIn
from serve.shapes import Ask, Flag, answer_shape

routes = Routes("inbox")

INBOX = Listing(
    "Notice",
    Notice,
    {
        **fields(Notice, "id kind subject title body times created_at updated_at read_at mailed_at"),
        "read": field(Notice.read_at.is_not(None), nullable=False),
    },
    sortable=("updated_at", "created_at"),
    sort="-updated_at",
    key=("id",),
)


class Unread(BaseModel):
    unread: int


class Some(Ask):
    ids: list[UUID] | None = Described(None, min_length=1, max_length=500, description="Null: all")


class Preference(BaseModel):
    kind: str
    what: str
    shown: bool
    mail: bool


class Hours(Ask):
    """In the person's zone; `ends` before `starts` is over midnight."""

    time_zone: str = Described(max_length=64, examples=["Europe/London"])
    starts: time = Described(examples=["20:00"])
    ends: time = Described(examples=["07:00"])


class Preferences(BaseModel):
    """Of the kinds that your scopes reach."""

    kinds: list[Preference]
    quiet: Hours | None


class Choice(Ask):
    kind: str = Described(max_length=64)
    shown: Flag
    mail: Flag


class PutPreferences(Ask):
    kinds: list[Choice] = Described(default_factory=list, max_length=50, description="Those not named stay")
    quiet: Hours | None = Described(None, description="Null: mail may come at any time")


@dataclass(eq=False)
class NoInbox(Forbidden):
    def __str__(self) -> str:
        return "An API key has no inbox. Sign in as a person."


def person_of(caller: Caller) -> UUID:
    if caller.user_id is None:
        raise NoInbox()
    return caller.user_id


@routes.get("/inbox", access=SignedIn(), answer=INBOX.list_shape(INBOX.row_shape()), extra=INBOX.operation())
def list_inbox(request: Request) -> Response:
    """List what you were told, newest first."""
    return INBOX.answer(request, Notice.user_id == person_of(caller_of(request)))


@routes.get("/inbox/unread", access=SignedIn(), answer=Unread)
def count_unread(request: Request) -> Response:
    """Count what you have not read."""
    mine = select(func.count()).where(Notice.user_id == person_of(caller_of(request)), Notice.read_at.is_(None))
    with edge_of(request).database.reading() as session:
        return json_answer({"unread": session.scalar(mine) or 0})


@routes.post("/inbox/read", access=SignedIn(), answer=answer_shape(NoticesMarked))
async def mark_read(request: Request, body: Some) -> Response:
    """Mark notices as read, or all."""
    return await _mark(request, body, read=True)


@routes.post("/inbox/unread", access=SignedIn(), answer=answer_shape(NoticesMarked))
async def mark_unread(request: Request, body: Some) -> Response:
    """Mark notices as unread again."""
    return await _mark(request, body, read=False)


async def _mark(request: Request, body: Some, *, read: bool) -> Response:
    person = person_of(caller_of(request))
    asked = MarkNotices(user_id=person, ids=body.ids, read=read)
    return await sending(request, "notices", asked, NoticesMarked, partition=str(person))


@routes.get("/inbox/preferences", access=SignedIn(), answer=Preferences)
def read_preferences(request: Request) -> Response:
    """Show what you hear of, what is mailed, and your quiet hours."""
    return json_answer(_preferences(request))


@routes.put("/inbox/preferences", access=SignedIn(), answer=Preferences)
async def put_preferences(request: Request, body: PutPreferences) -> Response:
    """Choose what you hear of, what is mailed, and when not."""
    person = person_of(caller_of(request))
    quiet = Quiet(**body.quiet.model_dump()) if body.quiet else None
    choices = [KindChoice(**choice.model_dump()) for choice in body.kinds]
    told = await asking(
        request, "notices", ChooseNotices(user_id=person, choices=choices, quiet=quiet), partition=str(person)
    )
    state = msgspec.msgpack.decode(told.body, type=NoticesChosen)
    said = {c.kind: c for c in state.choices}
    hours = msgspec.structs.asdict(state.quiet) if state.quiet else None
    return json_answer({"kinds": _kinds(caller_of(request), said), "quiet": hours}, replayed=told.replayed)


def _preferences(request: Request) -> dict[str, Any]:
    caller = caller_of(request)
    person = person_of(caller)
    with edge_of(request).database.reading() as session:
        said = {c.kind: c for c in session.scalars(select(NoticeChoice).where(NoticeChoice.user_id == person))}
        quiet = session.get(QuietHours, person)
    hours = {"time_zone": quiet.time_zone, "starts": quiet.starts, "ends": quiet.ends} if quiet else None
    return {"kinds": _kinds(caller, said), "quiet": hours}


def _kinds(caller: Caller, said: Any) -> list[dict[str, Any]]:
    return [
        {
            "kind": name,
            "what": kind.what,
            "shown": said[name].shown if name in said else True,
            "mail": said[name].mail if name in said else kind.mail,
        }
        for name, kind in NOTICE_KINDS.items()
        if kind.scope is None or kind.scope in caller.scopes
    ]
