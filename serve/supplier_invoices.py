"""Suppliers' invoices, matched with orders and receipts, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.purchasing.messages.invoices import (
    AcceptDifferences,
    ApproveSupplierInvoice,
    CancelSupplierInvoice,
    DisputeSupplierInvoice,
    EnterSupplierInvoice,
    MatchToleranceState,
    PaySupplierInvoice,
    SetMatchTolerance,
    SupplierInvoiceState,
)
from db.billing import INVOICE_NEXT, InvoiceStatus, MatchTolerance, SupplierInvoice, SupplierInvoiceLine
from db.errors import NotFound
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Amount,
    Ask,
    Code,
    Currency,
    Ppm,
    Quantity,
    QuantityOrNone,
    Reason,
    Reference,
    Version,
    answer_shape,
    message,
)

routes = Routes("purchasing")
Invoiced = answer_shape(SupplierInvoiceState)
Tolerated = answer_shape(MatchToleranceState)


def _next(row: Row) -> Row:
    return {**row, "next": sorted(s.value for s in INVOICE_NEXT[InvoiceStatus(row["status"])])}


INVOICES = Listing(
    "SupplierInvoice",
    SupplierInvoice,
    fields(
        SupplierInvoice,
        "id number supplier purchase_id purchase currency status billed_on due_on subtotal charges tax total "
        "differences approved_by approved_at accepted_why disputed_why paid_on payment_reference version created_by "
        "created_at updated_at",
        status=InvoiceStatus,
    ),
    sortable=("created_at", "updated_at", "number", "supplier", "total", "status"),
    sort="-created_at",
    key=("id",),
    expand={
        "lines": Related(
            SupplierInvoiceLine.invoice_id,
            fields(SupplierInvoiceLine, "purchase_line sku quantity unit_cost total over_allowed taken_back"),
            (SupplierInvoiceLine.purchase_line,),
        )
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
TOLERANCES = Listing(
    "MatchTolerance",
    MatchTolerance,
    fields(MatchTolerance, "supplier currency price_ppm amount units version updated_at"),
    sortable=("supplier", "currency"),
    sort="supplier",
    key=("supplier", "currency"),
)
InvoiceRow = INVOICES.row_shape()
InvoiceNumber = Annotated[Reference, Described(max_length=64, examples=["RE-2026-1181"])]


class InvoicedLine(Ask):
    line_no: Annotated[int, Described(strict=True, ge=1, le=1000)] = Described(description="Of the purchase order")
    quantity: Quantity
    unit_cost: Amount
    total: Amount | None = Described(None, description="Null is quantity times unit cost; less with a discount")


class NewSupplierInvoice(Ask):
    number: InvoiceNumber
    billed_on: date
    due_on: date | None = Described(None, description="Null is after the supplier's days to pay")
    lines: list[InvoicedLine] = Described(min_length=1, max_length=1000)
    charges: Amount = 0
    tax: Amount = 0
    total: Amount = Described(description="As printed: what the lines, charges and tax have to add up to")


class InvoiceVersion(Ask):
    version: Version | None = None


class InvoiceReason(Ask):
    reason: Reason
    version: Version | None = None


class InvoicePayment(Ask):
    paid_on: date
    reference: Reference = Described(description="Of the transfer")
    version: Version | None = None


class ToleranceBody(Ask):
    price_ppm: Ppm = 0
    amount: Amount = Described(0, description="Of a line or of the charges, however much it is of them")
    units: QuantityOrNone = Described(0, description="That may be billed before they have come")
    version: Version | None = None


@routes.get("/supplier-invoices", access=Scope.read_purchasing, answer=INVOICES.list_shape(InvoiceRow),
            extra=INVOICES.operation())  # fmt: skip
def list_supplier_invoices(request: Request) -> Response:
    """List suppliers' invoices, newest first."""
    return INVOICES.answer(request)


@routes.post("/purchase-orders/{purchase_id}/invoices", access=Scope.write_purchasing, answer=Invoiced, status=201)
async def enter_supplier_invoice(request: Request, purchase_id: UUID, body: NewSupplierInvoice) -> Response:
    """Enter what a supplier bills of an order. A number that is known already is refused."""
    asked = message(EnterSupplierInvoice, body, purchase_id=purchase_id)
    return await sending(request, "purchasing", asked, SupplierInvoiceState, partition=str(purchase_id), status=201)


@routes.get("/supplier-invoices/{invoice_id}", access=Scope.read_purchasing, answer=InvoiceRow)
def read_supplier_invoice(request: Request, invoice_id: UUID) -> Response:
    """Show an invoice with its lines and how it differs."""
    with edge_of(request).database.reading() as session:
        row = INVOICES.one(session, SupplierInvoice.id == invoice_id, expand=("lines",))
    if row is None:
        raise NotFound("supplier invoice", str(invoice_id))
    return json_answer(row)


@routes.post("/supplier-invoices/{invoice_id}/approve", access=Scope.write_purchasing, answer=Invoiced)
async def approve_supplier_invoice(request: Request, invoice_id: UUID, body: InvoiceVersion) -> Response:
    """Approve an invoice that matches, up to the limit of one's role."""
    asked = ApproveSupplierInvoice(invoice_id=invoice_id, version=version_of(request, body.version))
    return await sending(request, "purchasing", asked, SupplierInvoiceState, partition=str(invoice_id))


@routes.post("/supplier-invoices/{invoice_id}/accept", access=Scope.accept_differences, answer=Invoiced)
async def accept_differences(request: Request, invoice_id: UUID, body: InvoiceReason) -> Response:
    """Approve an invoice that asks for more than was ordered. What has not come is not paid for."""
    version = version_of(request, body.version)
    asked = AcceptDifferences(invoice_id=invoice_id, reason=body.reason, version=version)
    return await sending(request, "purchasing", asked, SupplierInvoiceState, partition=str(invoice_id))


@routes.post("/supplier-invoices/{invoice_id}/dispute", access=Scope.write_purchasing, answer=Invoiced)
async def dispute_supplier_invoice(request: Request, invoice_id: UUID, body: InvoiceReason) -> Response:
    """Do not pay it before the supplier has answered."""
    version = version_of(request, body.version)
    asked = DisputeSupplierInvoice(invoice_id=invoice_id, reason=body.reason, version=version)
    return await sending(request, "purchasing", asked, SupplierInvoiceState, partition=str(invoice_id))


@routes.post("/supplier-invoices/{invoice_id}/pay", access=Scope.write_purchasing, answer=Invoiced)
async def pay_supplier_invoice(request: Request, invoice_id: UUID, body: InvoicePayment) -> Response:
    """Write down that an approved invoice was paid."""
    version = version_of(request, body.version)
    asked = message(PaySupplierInvoice, body, invoice_id=invoice_id, version=version)
    return await sending(request, "purchasing", asked, SupplierInvoiceState, partition=str(invoice_id))


@routes.post("/supplier-invoices/{invoice_id}/cancel", access=Scope.write_purchasing, answer=Invoiced)
async def cancel_supplier_invoice(request: Request, invoice_id: UUID, body: InvoiceReason) -> Response:
    """It was entered wrongly, or the supplier took it back; its number is free again."""
    version = version_of(request, body.version)
    asked = CancelSupplierInvoice(invoice_id=invoice_id, reason=body.reason, version=version)
    return await sending(request, "purchasing", asked, SupplierInvoiceState, partition=str(invoice_id))


@routes.get("/match-tolerances", access=Scope.read_purchasing, answer=TOLERANCES.list_shape(TOLERANCES.row_shape()),
            extra=TOLERANCES.operation())  # fmt: skip
def list_match_tolerances(request: Request) -> Response:
    """List how far invoices may differ from their orders unasked."""
    return TOLERANCES.answer(request)


@routes.put("/match-tolerances/{currency}", access=Scope.write_settings, answer=Tolerated)
async def set_match_tolerance(request: Request, currency: Currency, body: ToleranceBody) -> Response:
    """Say how far invoices of suppliers without a tolerance of their own may differ."""
    version = version_of(request, body.version)
    asked = message(SetMatchTolerance, body, supplier="", currency=currency, version=version)
    return await sending(request, "purchasing", asked, MatchToleranceState, partition=currency)


@routes.put("/match-tolerances/{currency}/{supplier}", access=Scope.write_settings, answer=Tolerated)
async def set_supplier_tolerance(request: Request, currency: Currency, supplier: Code, body: ToleranceBody) -> Response:
    """Say how far invoices of one supplier may differ."""
    version = version_of(request, body.version)
    asked = message(SetMatchTolerance, body, supplier=supplier, currency=currency, version=version)
    return await sending(request, "purchasing", asked, MatchToleranceState, partition=supplier)
