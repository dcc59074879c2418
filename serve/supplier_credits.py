"""Suppliers' credit notes, and what suppliers still owe, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import cast
from sqlalchemy.types import BigInteger
from starlette.requests import Request
from starlette.responses import Response

from agents.purchasing.messages.credits import (
    AcceptSupplierCredit,
    ApproveSupplierCredit,
    CancelSupplierCredit,
    DisputeSupplierCredit,
    EnterSupplierCredit,
    SettleSupplierCredit,
    SupplierCreditState,
)
from db.claims import claims
from db.credits import CREDIT_NEXT, CreditStatus, SupplierCredit, SupplierCreditLine
from db.errors import NotFound
from db.purchasing import PurchaseLine, PurchaseOrder
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, QuantityOrNone, Reason, Reference, Version, answer_shape, message

routes = Routes("purchasing")
Credited = answer_shape(SupplierCreditState)


def _next(row: Row) -> Row:
    return {**row, "next": sorted(s.value for s in CREDIT_NEXT[CreditStatus(row["status"])])}


CREDITS = Listing(
    "SupplierCredit",
    SupplierCredit,
    fields(
        SupplierCredit,
        "id number supplier purchase_id purchase invoice_id invoice currency status credited_on subtotal charges other "
        "tax total differences approved_by approved_at accepted_why disputed_why settled_on settlement_reference "
        "version created_by created_at updated_at",
        status=CreditStatus,
    ),
    sortable=("created_at", "updated_at", "number", "supplier", "total", "status"),
    sort="-created_at",
    key=("id",),
    expand={
        "lines": Related(
            SupplierCreditLine.credit_id,
            fields(SupplierCreditLine, "no purchase_line sku quantity unit_cost total"),
            (SupplierCreditLine.no,),
        )
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
_CLAIM, _LINES = claims()
CLAIMS = Listing(
    "SupplierClaim",
    _LINES,
    {
        **fields(PurchaseOrder, "supplier number node currency"),
        **fields(PurchaseLine, "purchase_id line_no sku received"),
        "billed": field(_CLAIM.billed, nullable=False),
        "kept": field(_CLAIM.kept, nullable=False),
        "given_back": field(_CLAIM.credited, nullable=False),
        "owed_units": field(_CLAIM.owed_units, nullable=False),
        "owed_for_units": field(cast(_CLAIM.owed_total, BigInteger), nullable=False),
        "owed_of_price": field(_CLAIM.owed_price, nullable=False),
        "owed": field(cast(_CLAIM.owed_total + _CLAIM.owed_price, BigInteger), nullable=False),
    },
    sortable=("number", "supplier", "sku"),
    sort="-number",
    key=("purchase_id", "line_no"),
    where=_CLAIM.owed_units + _CLAIM.owed_price > 0,
)
CreditRow = CREDITS.row_shape()
CreditNumber = Annotated[Reference, Described(max_length=64, examples=["GS-2026-0417"])]


class CreditedLine(Ask):
    """Units at what is given back for each; without units an amount off the price of the line."""

    line_no: Annotated[int, Described(strict=True, ge=1, le=1000)] = Described(description="Of the purchase order")
    quantity: QuantityOrNone = 0
    unit_cost: Amount = 0
    total: Amount | None = Described(None, description="Null is quantity times unit cost")


class NewSupplierCredit(Ask):
    """Amounts are above zero: what the supplier gives back."""

    number: CreditNumber
    credited_on: date
    invoice_id: UUID | None = Described(None, description="The invoice that it names; null is of the order")
    lines: list[CreditedLine] = Described([], max_length=1000)
    charges: Amount = 0
    other: Amount = Described(0, description="Of no line and no charge, such as a bonus")
    tax: Amount = 0
    total: Amount = Described(description="As printed: what the lines and the rest have to add up to")


class CreditVersion(Ask):
    version: Version | None = None


class CreditReason(Ask):
    reason: Reason
    version: Version | None = None


class CreditSettlement(Ask):
    settled_on: date
    reference: Reference = Described(description="Of the transfer, or of the payment that it was taken off")
    version: Version | None = None


@routes.get("/supplier-credits", access=Scope.read_purchasing, answer=CREDITS.list_shape(CreditRow),
            extra=CREDITS.operation())  # fmt: skip
def list_supplier_credits(request: Request) -> Response:
    """List suppliers' credit notes, newest first."""
    return CREDITS.answer(request)


@routes.get("/supplier-claims", access=Scope.read_purchasing, answer=CLAIMS.list_shape(CLAIMS.row_shape()),
            extra=CLAIMS.operation())  # fmt: skip
def list_supplier_claims(request: Request) -> Response:
    """List what suppliers still owe: lines of orders that were billed, not kept and not given back."""
    return CLAIMS.answer(request)


@routes.post("/purchase-orders/{purchase_id}/credits", access=Scope.write_purchasing, answer=Credited, status=201)
async def enter_supplier_credit(request: Request, purchase_id: UUID, body: NewSupplierCredit) -> Response:
    """Enter what a supplier gives back of an order. A number that is known already is refused."""
    asked = message(EnterSupplierCredit, body, purchase_id=purchase_id)
    return await sending(request, "purchasing", asked, SupplierCreditState, partition=str(purchase_id), status=201)


@routes.get("/supplier-credits/{credit_id}", access=Scope.read_purchasing, answer=CreditRow)
def read_supplier_credit(request: Request, credit_id: UUID) -> Response:
    """Show a credit note with its lines and how it differs from what is owed."""
    with edge_of(request).database.reading() as session:
        row = CREDITS.one(session, SupplierCredit.id == credit_id, expand=("lines",))
    if row is None:
        raise NotFound("credit note", str(credit_id))
    return json_answer(row)


@routes.post("/supplier-credits/{credit_id}/approve", access=Scope.write_purchasing, answer=Credited)
async def approve_supplier_credit(request: Request, credit_id: UUID, body: CreditVersion) -> Response:
    """Take what gives back what is owed: so much less is owed from then on."""
    asked = ApproveSupplierCredit(credit_id=credit_id, version=version_of(request, body.version))
    return await sending(request, "purchasing", asked, SupplierCreditState, partition=str(credit_id))


@routes.post("/supplier-credits/{credit_id}/accept", access=Scope.accept_differences, answer=Credited)
async def accept_supplier_credit(request: Request, credit_id: UUID, body: CreditReason) -> Response:
    """Take a credit note that differs from what is owed. Nothing is given back twice."""
    version = version_of(request, body.version)
    asked = AcceptSupplierCredit(credit_id=credit_id, reason=body.reason, version=version)
    return await sending(request, "purchasing", asked, SupplierCreditState, partition=str(credit_id))


@routes.post("/supplier-credits/{credit_id}/dispute", access=Scope.write_purchasing, answer=Credited)
async def dispute_supplier_credit(request: Request, credit_id: UUID, body: CreditReason) -> Response:
    """Do not take it before the supplier has answered."""
    version = version_of(request, body.version)
    asked = DisputeSupplierCredit(credit_id=credit_id, reason=body.reason, version=version)
    return await sending(request, "purchasing", asked, SupplierCreditState, partition=str(credit_id))


@routes.post("/supplier-credits/{credit_id}/settle", access=Scope.write_purchasing, answer=Credited)
async def settle_supplier_credit(request: Request, credit_id: UUID, body: CreditSettlement) -> Response:
    """Write down that the money has come, or was taken off a payment."""
    version = version_of(request, body.version)
    asked = message(SettleSupplierCredit, body, credit_id=credit_id, version=version)
    return await sending(request, "purchasing", asked, SupplierCreditState, partition=str(credit_id))


@routes.post("/supplier-credits/{credit_id}/cancel", access=Scope.write_purchasing, answer=Credited)
async def cancel_supplier_credit(request: Request, credit_id: UUID, body: CreditReason) -> Response:
    """It was entered wrongly, or the supplier took it back; its number is free again."""
    version = version_of(request, body.version)
    asked = CancelSupplierCredit(credit_id=credit_id, reason=body.reason, version=version)
    return await sending(request, "purchasing", asked, SupplierCreditState, partition=str(credit_id))
