"""The audit log: every write, who, when, what, before and after. It can be read and nothing else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from db.runtime import AuditEntry
from serve.fields import fields
from serve.listing import Listing
from serve.routing import Routes
from serve.scopes import Scope

routes = Routes("audit")

AUDIT = Listing(
    "AuditEntry",
    AuditEntry,
    fields(AuditEntry, "id at actor action record before after why request_id"),
    sortable=("id", "at"),
    sort="-id",
    key=("id",),
)


@routes.get("/audit", access=Scope.read_audit, answer=AUDIT.list_shape(AUDIT.row_shape()), extra=AUDIT.operation())
def list_audit(request: Request) -> Response:
    """List audit entries, newest first."""
    return AUDIT.answer(request)
