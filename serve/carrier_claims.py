"""Claims to carriers over HTTP."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field as Described
from pydantic import create_model
from starlette.requests import Request
from starlette.responses import Response

from agents.contract import Command
from agents.parcels.messages.claims import (
    AcceptClaim,
    AddEvidence,
    BookClaimPayment,
    CarrierClaimState,
    FileClaim,
    RejectClaim,
    WriteOffClaim,
)
from db.carrier_claims import CLAIM_NEXT, CarrierClaim, ClaimStatus
from db.errors import NotFound
from db.parcel_exceptions import ExceptionKind
from serve.edge import edge_of
from serve.fields import fields
from serve.histories import HistoryMove, history_of
from serve.listing import Listing, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, Flag, Reason, Reference, Version, answer_shape, message

routes = Routes("shipping")
Claimed = answer_shape(CarrierClaimState)


def _next(row: Row) -> Row:
    return {**row, "next": CLAIM_NEXT[ClaimStatus(row["status"])]}


CARRIER_CLAIMS = Listing(
    "CarrierClaim",
    CarrierClaim,
    fields(
        CarrierClaim,
        "id number exception_id parcel_id order_id order_number carrier tracking_number kind status currency "
        "goods_value limit amount accepted paid evidence file_by filed_at reference decision paid_on "
        "payment_reference version created_by created_at updated_at",
        kind=ExceptionKind,
        status=ClaimStatus,
    ),
    sortable=("created_at", "updated_at", "file_by", "amount", "carrier", "status"),
    sort="-created_at",
    key=("id",),
    finish=_next,
    more={"next": (list[str], ...)},
)
ClaimRow = CARRIER_CLAIMS.row_shape()
CarrierClaimDetail = create_model("CarrierClaimDetail", __base__=ClaimRow, history=(list[HistoryMove], ...))


class ClaimEvidence(Ask):
    what: Reason = Described(examples=["photo of the torn box"])
    reference: Reference | None = Described(None, description="Where it is kept")
    version: Version | None = None


class ClaimFiled(Ask):
    reference: Reference = Described(description="The carrier's number for it")
    amount: Amount | None = Described(None, description="Null is what was worked out")
    late: Flag = Described(False, description="It is filed past its last day")
    version: Version | None = None


class ClaimAccepted(Ask):
    reason: Reason
    amount: Amount | None = Described(None, description="Null is all of it")
    version: Version | None = None


class CarrierClaimReason(Ask):
    reason: Reason
    version: Version | None = None


class ClaimPayment(Ask):
    amount: Amount
    paid_on: date
    reference: Reference = Described(description="Of the transfer")
    version: Version | None = None


@routes.get("/carrier-claims", access=Scope.read_shipping, answer=CARRIER_CLAIMS.list_shape(ClaimRow),
            extra=CARRIER_CLAIMS.operation())  # fmt: skip
def list_carrier_claims(request: Request) -> Response:
    """List claims to carriers, newest first."""
    return CARRIER_CLAIMS.answer(request)


@routes.get("/carrier-claims/{claim_id}", access=Scope.read_shipping, answer=CarrierClaimDetail)
def read_carrier_claim(request: Request, claim_id: UUID) -> Response:
    """Show a claim with its evidence."""
    with edge_of(request).database.reading() as session:
        row = CARRIER_CLAIMS.one(session, CarrierClaim.id == claim_id)
        if row is None:
            raise NotFound("carrier claim", str(claim_id))
        return json_answer(row | {"history": history_of(session, f"carrier_claim:{claim_id}")})


async def _send(request: Request, asked: Command, claim_id: UUID) -> Response:
    return await sending(request, "parcels", asked, CarrierClaimState, partition=str(claim_id))


@routes.post("/carrier-claims/{claim_id}/evidence", access=Scope.write_shipping, answer=Claimed)
async def add_claim_evidence(request: Request, claim_id: UUID, body: ClaimEvidence) -> Response:
    """Say what proves it, and where that is kept."""
    version = version_of(request, body.version)
    return await _send(request, message(AddEvidence, body, claim_id=claim_id, version=version), claim_id)


@routes.post("/carrier-claims/{claim_id}/file", access=Scope.write_shipping, answer=Claimed)
async def file_carrier_claim(request: Request, claim_id: UUID, body: ClaimFiled) -> Response:
    """It was sent to the carrier. It needs evidence, and to be in time."""
    version = version_of(request, body.version)
    return await _send(request, message(FileClaim, body, claim_id=claim_id, version=version), claim_id)


@routes.post("/carrier-claims/{claim_id}/accept", access=Scope.write_shipping, answer=Claimed)
async def accept_carrier_claim(request: Request, claim_id: UUID, body: ClaimAccepted) -> Response:
    """The carrier will pay all of it, or a part."""
    version = version_of(request, body.version)
    return await _send(request, message(AcceptClaim, body, claim_id=claim_id, version=version), claim_id)


@routes.post("/carrier-claims/{claim_id}/reject", access=Scope.write_shipping, answer=Claimed)
async def reject_carrier_claim(request: Request, claim_id: UUID, body: CarrierClaimReason) -> Response:
    """The carrier will not pay; it may be filed again."""
    version = version_of(request, body.version)
    return await _send(request, message(RejectClaim, body, claim_id=claim_id, version=version), claim_id)


@routes.post("/carrier-claims/{claim_id}/pay", access=Scope.write_payments, answer=Claimed)
async def book_claim_payment(request: Request, claim_id: UUID, body: ClaimPayment) -> Response:
    """Book the carrier's money, never more than it accepted."""
    version = version_of(request, body.version)
    return await _send(request, message(BookClaimPayment, body, claim_id=claim_id, version=version), claim_id)


@routes.post("/carrier-claims/{claim_id}/write-off", access=Scope.write_shipping, answer=Claimed)
async def write_off_carrier_claim(request: Request, claim_id: UUID, body: CarrierClaimReason) -> Response:
    """Ask no more; the parcel may be claimed anew."""
    version = version_of(request, body.version)
    return await _send(request, message(WriteOffClaim, body, claim_id=claim_id, version=version), claim_id)
