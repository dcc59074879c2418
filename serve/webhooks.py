"""Outgoing webhooks over HTTP: who is told, what there is to tell, and the log of every delivery."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from pydantic import BaseModel, StringConstraints, create_model
from pydantic import Field as Described
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from agents.webhooks.catalogue import BY_NAME, EVENTS, PATTERNS, envelope_example
from agents.webhooks.messages import (
    ChangeWebhook,
    CreateWebhook,
    DeleteWebhook,
    DisableWebhook,
    EnableWebhook,
    PingWebhook,
    PostView,
    Redelivered,
    RedeliverFailed,
    RedeliverPost,
    RotateWebhookSecret,
    WebhookDeleted,
    WebhookView,
)
from db.errors import NotFound
from db.webhooks import PostState, Webhook, WebhookAttempt, WebhookPost, WebhookState, webhook_next
from serve.edge import caller_of, edge_of
from serve.fields import field, fields
from serve.listing import Listing, Row
from serve.requests import asking, json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Moment, Name, Reason, Version, answer_shape, message

routes = Routes("webhooks out")


def _next(row: Row) -> Row:
    row["next"] = webhook_next(row["status"])
    return row


WEBHOOKS = Listing(
    "Webhook",
    Webhook,
    fields(
        Webhook,
        "id name url events owner status why disabled_at failures wait_until answered_at old_secret_until created_at "
        "created_by version",
        status=WebhookState,
    ),
    sortable=("created_at", "name", "answered_at"),
    sort="name",
    key=("id",),
    finish=_next,
    more={"next": (list[str], ...)},
)
WebhookRow = WEBHOOKS.row_shape()

POSTS = Listing(
    "WebhookPost",
    WebhookPost,
    {
        **fields(
            WebhookPost,
            "id webhook_id event_id event subject happened_at state attempts due_at again_of code error created_at "
            "ended_at",
            state=PostState,
        ),
        "serial": field(WebhookPost.serial),
    },
    sortable=("serial", "created_at", "ended_at"),
    sort="-serial",
    key=("id",),
)
PostRow = POSTS.row_shape()

Url = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^https?://[!-~]+$")]
EventName = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^(\*|[a-z_]+(\.(\*|[a-z_]+))?)$")]


class NewWebhook(Ask):
    name: Name = Described(examples=["ERP"])
    url: Url = Described(examples=["https://example.com/hooks/backoffice"])
    events: list[EventName] = Described(min_length=1, max_length=100, examples=[["order.*", "stock.changed"]])


class WebhookChange(Ask):
    name: Name | None = None
    url: Url | None = None
    events: list[EventName] | None = Described(None, min_length=1, max_length=100)
    version: Version | None = None


class DisableBody(Ask):
    reason: Reason = "disabled by hand"


class RotateBody(Ask):
    overlap_hours: int = Described(24, ge=0, le=168, strict=True, description="How long the old secret signs as well")


class SinceBody(Ask):
    since: Moment


# `secret` is shown this once; in the replay of an idempotent request it is null.
WithSecret: Any = create_model("WebhookWithSecret", __base__=answer_shape(WebhookView), secret=(str | None, ...))


class EventShape(BaseModel):
    """`payload_schema` is the JSON schema of `data`; `readable`: you hold what it takes to subscribe to it."""

    name: str
    group: str
    what: str
    scope: str
    personal: dict[str, str]
    readable: bool
    payload_schema: dict[str, Any]
    example: dict[str, Any]


class Catalogue(BaseModel):
    patterns: list[str]
    events: list[EventShape]


class AttemptShape(BaseModel):
    number: int
    at: datetime
    took_ms: int
    code: int | None
    error: str | None
    answer: str | None


class PostDetail(PostRow):  # type: ignore[valid-type, misc]
    """`data` and the answers of an attempt show no more than the reader's scopes allow; `hidden` names the scopes."""

    data: dict[str, Any]
    hidden: list[str]
    log: list[AttemptShape]


@routes.get("/webhook-events", access=Scope.read_webhooks, answer=Catalogue)
def read_webhook_events(request: Request) -> Response:
    """Tell every event there is to subscribe to, with the schema and an example of each."""
    held = caller_of(request).scopes
    events = [
        {
            "name": e.name,
            "group": e.name.partition(".")[0],
            "what": e.what,
            "scope": e.scope,
            "personal": dict(e.personal),
            "readable": e.scope in held,
            "payload_schema": e.schema(),
            "example": envelope_example(e),
        }
        for e in EVENTS
    ]
    return json_answer({"patterns": list(PATTERNS), "events": events})


@routes.get("/webhooks", access=Scope.read_webhooks, answer=WEBHOOKS.list_shape(WebhookRow), extra=WEBHOOKS.operation())
def list_webhooks(request: Request) -> Response:
    """List outgoing webhooks."""
    return WEBHOOKS.answer(request)


@routes.post("/webhooks", access=Scope.write_webhooks, answer=WithSecret, status=201)
async def create_webhook(request: Request, body: NewWebhook) -> Response:
    """Tell an address of events from now on. You own it: it is told what you may read, and never more."""
    return await _with_secret(request, message(CreateWebhook, body), body.name, status=201)


@routes.get("/webhooks/{webhook_id}", access=Scope.read_webhooks, answer=WebhookRow)
def read_webhook(request: Request, webhook_id: UUID) -> Response:
    """Show an outgoing webhook, without its secret."""
    with edge_of(request).database.reading() as session:
        row = WEBHOOKS.one(session, Webhook.id == webhook_id)
    if row is None:
        raise NotFound("webhook", str(webhook_id))
    return json_answer(row)


@routes.patch("/webhooks/{webhook_id}", access=Scope.write_webhooks, answer=answer_shape(WebhookView))
async def change_webhook(request: Request, webhook_id: UUID, body: WebhookChange) -> Response:
    """Change a webhook. Who changes its address or events owns it from then on."""
    told = message(ChangeWebhook, body, webhook_id=webhook_id)
    told = msgspec.structs.replace(told, version=version_of(request, body.version))
    return await sending(request, "webhooks", told, WebhookView, partition=str(webhook_id))


@routes.delete("/webhooks/{webhook_id}", access=Scope.write_webhooks, answer=answer_shape(WebhookDeleted))
async def delete_webhook(request: Request, webhook_id: UUID) -> Response:
    """Remove a webhook with its log."""
    asked = DeleteWebhook(webhook_id=webhook_id)
    return await sending(request, "webhooks", asked, WebhookDeleted, partition=str(webhook_id))


@routes.post("/webhooks/{webhook_id}/disable", access=Scope.write_webhooks, answer=answer_shape(WebhookView))
async def disable_webhook(request: Request, webhook_id: UUID, body: DisableBody) -> Response:
    """Stop telling. What waits stays, what happens meanwhile is not kept for it."""
    asked = DisableWebhook(webhook_id=webhook_id, reason=body.reason)
    return await sending(request, "webhooks", asked, WebhookView, partition=str(webhook_id))


@routes.post("/webhooks/{webhook_id}/enable", access=Scope.write_webhooks, answer=answer_shape(WebhookView))
async def enable_webhook(request: Request, webhook_id: UUID) -> Response:
    """Begin again; what waited is sent now."""
    asked = EnableWebhook(webhook_id=webhook_id)
    return await sending(request, "webhooks", asked, WebhookView, partition=str(webhook_id))


@routes.post("/webhooks/{webhook_id}/rotate-secret", access=Scope.write_webhooks, answer=WithSecret)
async def rotate_webhook_secret(request: Request, webhook_id: UUID, body: RotateBody) -> Response:
    """Make a new secret, shown this once. The old one signs beside it for the overlap."""
    asked = RotateWebhookSecret(webhook_id=webhook_id, overlap_hours=body.overlap_hours)
    return await _with_secret(request, asked, str(webhook_id))


@routes.post("/webhooks/{webhook_id}/ping", access=Scope.write_webhooks, answer=answer_shape(PostView), status=202)
async def ping_webhook(request: Request, webhook_id: UUID) -> Response:
    """Send the event `ping`, also to a disabled webhook. It is tried once and counts as no failure."""
    asked = PingWebhook(webhook_id=webhook_id)
    return await sending(request, "webhooks", asked, PostView, partition=str(webhook_id), status=202)


@routes.post(
    "/webhooks/{webhook_id}/redeliver-failed", access=Scope.write_webhooks, answer=answer_shape(Redelivered), status=202
)
async def redeliver_failed_webhook_posts(request: Request, webhook_id: UUID, body: SinceBody) -> Response:
    """Send again what was given up since a moment, the oldest first, up to a thousand."""
    asked = RedeliverFailed(webhook_id=webhook_id, since=body.since)
    return await sending(request, "webhooks", asked, Redelivered, partition=str(webhook_id), status=202)


@routes.get("/webhook-posts", access=Scope.read_webhooks, answer=POSTS.list_shape(PostRow), extra=POSTS.operation())
def list_webhook_posts(request: Request) -> Response:
    """List deliveries, newest first: what is on its way, what arrived, what was given up."""
    return POSTS.answer(request)


@routes.get("/webhook-posts/{post_id}", access=Scope.read_webhooks, answer=PostDetail)
def read_webhook_post(request: Request, post_id: UUID) -> Response:
    """Show a delivery: what is sent, and every attempt with its answer."""
    held = caller_of(request).scopes
    with edge_of(request).database.reading() as session:
        row = POSTS.one(session, WebhookPost.id == post_id)
        post = session.get(WebhookPost, post_id)
        if row is None or post is None:
            raise NotFound("webhook post", str(post_id))
        attempts = session.scalars(
            select(WebhookAttempt).where(WebhookAttempt.post_id == post_id).order_by(WebhookAttempt.number)
        ).all()
    hidden = sorted(set(post.needs) - held)
    known = BY_NAME.get(post.event)
    data = post.data
    if known is not None:
        data = known.told(post.data, held)[0] if known.scope in held else {}
    log = [
        {
            "number": a.number,
            "at": a.at,
            "took_ms": a.took_ms,
            "code": a.code,
            "error": a.error,
            "answer": a.answer if not hidden else None,  # it may repeat what it was told
        }
        for a in attempts
    ]
    return json_answer({**row, "data": data, "hidden": hidden, "log": log})


@routes.post(
    "/webhook-posts/{post_id}/redeliver", access=Scope.write_webhooks, answer=answer_shape(PostView), status=202
)
async def redeliver_webhook_post(request: Request, post_id: UUID) -> Response:
    """Send an event again, under the same event id."""
    asked = RedeliverPost(post_id=post_id)
    return await sending(request, "webhooks", asked, PostView, partition=str(post_id), status=202)


async def _with_secret(
    request: Request, asked: CreateWebhook | RotateWebhookSecret, partition: str, *, status: int = 200
) -> Response:
    """The agent's answer and the secret, which is not in it: answers are stored, and this is shown once."""
    told = await asking(request, "webhooks", asked, partition=partition)
    view = msgspec.msgpack.decode(told.body, type=WebhookView)
    secret = None if told.replayed else _secret(request, view.id)
    return json_answer({**msgspec.to_builtins(view), "secret": secret}, status, replayed=told.replayed)


def _secret(request: Request, webhook_id: UUID) -> str | None:
    with edge_of(request).database.reading() as session:
        return session.scalar(select(Webhook.secret).where(Webhook.id == webhook_id))
