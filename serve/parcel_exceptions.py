"""Parcels in trouble over HTTP: the queue, what is proposed, and what is done."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field as Described
from pydantic import create_model
from starlette.requests import Request
from starlette.responses import Response

from agents.parcels.messages import (
    ActOnException,
    ExceptionState,
    OpenException,
    ProposeAgain,
    ReleaseException,
    ReopenException,
    TakeException,
)
from db.errors import NotFound
from db.parcel_exceptions import ExceptionAction, ExceptionKind, ExceptionStatus, ParcelException, actions_of
from db.tracking import Cause
from serve.edge import caller_of, edge_of
from serve.fields import fields
from serve.histories import HistoryMove, history_of
from serve.listing import Listing, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import MissingScope, Scope
from serve.shapes import Amount, Ask, Moment, Reason, Reference, Version, answer_shape, message

routes = Routes("shipping")
Excepted = answer_shape(ExceptionState)
# What an action does beyond the queue itself needs the right to do it by hand as well.
NEEDS = {ExceptionAction.reship: Scope.write_orders, ExceptionAction.refund: Scope.refund_payments}


def _next(row: Row) -> Row:
    known = ParcelException(
        status=row["status"],
        kind=row["kind"],
        assigned_to=row["assigned_to"],
        replacement_id=row["replacement_id"],
        refund_asked=row["refund_asked"],
    )
    return {**row, "next": [str(step) for step in actions_of(known)]}


EXCEPTIONS = Listing(
    "ParcelException",
    ParcelException,
    fields(
        ParcelException,
        "id number parcel_id order_id order_number tracking_number carrier kind status why cause assigned_to due_at "
        "currency goods_value goods_cost proposed proposal action action_error replacement_id replacement_number "
        "refund_asked refunded contacted_at resolution resolved_by resolved_at reopened version opened_at updated_at",
        kind=ExceptionKind,
        status=ExceptionStatus,
        cause=Cause,
        proposed=ExceptionAction,
    ),
    sortable=("due_at", "opened_at", "updated_at", "goods_value", "kind", "carrier", "status"),
    sort="due_at",
    key=("id",),
    finish=_next,
    more={"next": (list[str], ...)},
)
ExceptionRow = EXCEPTIONS.row_shape()
ParcelExceptionDetail = create_model("ParcelExceptionDetail", __base__=ExceptionRow, history=(list[HistoryMove], ...))


class NewException(Ask):
    kind: ExceptionKind
    why: Reason


class ExceptionPerson(Ask):
    person: Reference | None = Described(None, description="`user:ID`; null is the caller")
    version: Version | None = None


class ExceptionVersion(Ask):
    version: Version | None = None


class ExceptionReason(Ask):
    reason: Reason
    version: Version | None = None


class ExceptionDone(Ask):
    """`reship` needs `write_orders` as well, `refund` needs `refund_payments`."""

    action: ExceptionAction
    reason: Reason
    amount: Amount | None = Described(None, description="Of a refund; null is what the goods were paid with")
    until: Moment | None = Described(None, description="Of waiting; null is two days")
    words: str | None = Described(None, max_length=2000, description="What the customer is asked")
    version: Version | None = None


@routes.get("/parcel-exceptions", access=Scope.read_shipping, answer=EXCEPTIONS.list_shape(ExceptionRow),
            extra=EXCEPTIONS.operation())  # fmt: skip
def list_parcel_exceptions(request: Request) -> Response:
    """List parcels in trouble, what is due first."""
    return EXCEPTIONS.answer(request)


@routes.get("/parcel-exceptions/{exception_id}", access=Scope.read_shipping, answer=ParcelExceptionDetail)
def read_parcel_exception(request: Request, exception_id: UUID) -> Response:
    """Show a parcel in trouble with every action and what it is expected to cost."""
    with edge_of(request).database.reading() as session:
        row = EXCEPTIONS.one(session, ParcelException.id == exception_id)
        if row is None:
            raise NotFound("parcel exception", str(exception_id))
        return json_answer(row | {"history": history_of(session, f"parcel_exception:{exception_id}")})


@routes.post("/parcels/{parcel_id}/exception", access=Scope.write_shipping, answer=Excepted, status=201)
async def open_parcel_exception(request: Request, parcel_id: UUID, body: NewException) -> Response:
    """Say that a parcel which has left is in trouble."""
    asked = message(OpenException, body, parcel_id=parcel_id)
    return await sending(request, "parcels", asked, ExceptionState, partition=str(parcel_id), status=201)


@routes.post("/parcel-exceptions/{exception_id}/take", access=Scope.write_shipping, answer=Excepted)
async def take_parcel_exception(request: Request, exception_id: UUID, body: ExceptionPerson) -> Response:
    """Look after it, or let somebody else."""
    version = version_of(request, body.version)
    asked = TakeException(exception_id=exception_id, person=body.person, version=version)
    return await sending(request, "parcels", asked, ExceptionState, partition=str(exception_id))


@routes.post("/parcel-exceptions/{exception_id}/release", access=Scope.write_shipping, answer=Excepted)
async def release_parcel_exception(request: Request, exception_id: UUID, body: ExceptionVersion) -> Response:
    """Look after it no more; it is open for others."""
    asked = ReleaseException(exception_id=exception_id, version=version_of(request, body.version))
    return await sending(request, "parcels", asked, ExceptionState, partition=str(exception_id))


@routes.post("/parcel-exceptions/{exception_id}/act", access=Scope.write_shipping, answer=Excepted)
async def act_on_parcel_exception(request: Request, exception_id: UUID, body: ExceptionDone) -> Response:
    """Wait, ask the customer, send again, give money back, claim from the carrier, or close."""
    needed = NEEDS.get(body.action)
    if needed is not None and needed not in caller_of(request).scopes:
        raise MissingScope(needed)
    version = version_of(request, body.version)
    asked = message(ActOnException, body, exception_id=exception_id, version=version)
    return await sending(request, "parcels", asked, ExceptionState, partition=str(exception_id))


@routes.post("/parcel-exceptions/{exception_id}/reopen", access=Scope.write_shipping, answer=Excepted)
async def reopen_parcel_exception(request: Request, exception_id: UUID, body: ExceptionReason) -> Response:
    """It is not over."""
    version = version_of(request, body.version)
    asked = ReopenException(exception_id=exception_id, reason=body.reason, version=version)
    return await sending(request, "parcels", asked, ExceptionState, partition=str(exception_id))


@routes.post("/parcel-exceptions/{exception_id}/propose", access=Scope.write_shipping, answer=Excepted)
async def propose_again(request: Request, exception_id: UUID) -> Response:
    """Work the proposal out anew, by what is known now."""
    asked = ProposeAgain(exception_id=exception_id)
    return await sending(request, "parcels", asked, ExceptionState, partition=str(exception_id))
