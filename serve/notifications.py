"""What was said to customers, over HTTP."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, true
from starlette.requests import Request
from starlette.responses import Response

from agents.notifications.messages import NotificationView, ResendNotification
from db.errors import NotFound
from db.notifications import Notification, NotificationState
from serve.edge import Caller, caller_of, edge_of
from serve.fields import fields
from serve.listing import Listing
from serve.requests import json_answer, sending
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import answer_shape

routes = Routes("notifications")

NOTIFICATIONS = Listing(
    "Notification",
    Notification,
    fields(
        Notification,
        "id key subject template recipient title body state attempts error created_at sent_at",
        state=NotificationState,
    ),
    sortable=("created_at", "sent_at", "state"),
    sort="-created_at",
    key=("id",),
)
NotificationRow = NOTIFICATIONS.row_shape()


def told(caller: Caller) -> ColumnElement[bool]:
    """What a caller may read of them: what goes to suppliers is no business of who only talks to customers."""
    return true() if Scope.read_purchasing in caller.scopes else Notification.subject.not_like("purchase:%")


@routes.get("/notifications", access=Scope.read_notifications, answer=NOTIFICATIONS.list_shape(NotificationRow),
            extra=NOTIFICATIONS.operation())  # fmt: skip
def list_notifications(request: Request) -> Response:
    """List notifications, newest first; those to suppliers take `read_purchasing` too."""
    return NOTIFICATIONS.answer(request, told(caller_of(request)))


@routes.get("/notifications/{notification_id}", access=Scope.read_notifications, answer=NotificationRow)
def read_notification(request: Request, notification_id: UUID) -> Response:
    """Show a notification."""
    with edge_of(request).database.reading() as session:
        row = NOTIFICATIONS.one(session, and_(Notification.id == notification_id, told(caller_of(request))))
    if row is None:
        raise NotFound("notification", str(notification_id))
    return json_answer(row)


@routes.post(
    "/notifications/{notification_id}/resend", access=Scope.write_notifications, answer=answer_shape(NotificationView)
)
async def resend_notification(request: Request, notification_id: UUID) -> Response:
    """Send a notification again."""
    asked = ResendNotification(notification_id=notification_id)
    return await sending(request, "notifications", asked, NotificationView, partition=str(notification_id))
