"""Papers of parcels over HTTP: labels, packing slips and customs forms as PDF, and what an SDR is worth."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.shipping.messages.papers import LabelPrinted, PrintLabel, PutSdrRate, SdrRateState
from db.customs import CustomsDeclaration, CustomsForm, SdrRate
from db.errors import NotFound
from db.prints import check_printable
from db.shipping import Label
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Currency, Name, Version, answer_shape, message

routes = Routes("shipping")
T = TypeVar("T")
PDF = {
    200: {
        "description": "A PDF to print",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}

DECLARATIONS = Listing(
    "CustomsDeclaration",
    CustomsDeclaration,
    fields(
        CustomsDeclaration,
        "parcel_id order_id form why contents incoterm sent_from sent_to currency value limit weight_grams lines "
        "signer made_at",
        form=CustomsForm,
    ),
    sortable=("made_at", "value"),
    sort="-made_at",
    key=("parcel_id",),
)
SDR_RATES = Listing(
    "SdrRate",
    SdrRate,
    fields(SdrRate, "currency millionths as_of source version updated_at"),
    sortable=("currency", "updated_at"),
    sort="currency",
    key=("currency",),
)
DeclarationRow, SdrRateRow = DECLARATIONS.row_shape(), SDR_RATES.row_shape()


class PrintBody(Ask):
    format: Annotated[str, Described(pattern=r"^(pdf|zpl)$")] = "pdf"


class SdrRateBody(Ask):
    millionths: Annotated[int, Described(strict=True, ge=1, le=10**15)] = Described(
        description="Of a unit of the currency, for one SDR: 1210000 is 1.21", examples=[1_210_000]
    )
    as_of: date = Described(description="The day of which the fund told it", examples=["2026-03-02"])
    source: Name = Described("International Monetary Fund", description="Who told it")
    version: Version | None = None


@routes.post("/labels/{label_id}/prints", access=Scope.write_shipping, answer=answer_shape(LabelPrinted))
async def print_label_again(request: Request, label_id: UUID, body: PrintBody) -> Response:
    """Put a label on paper, for the first time or again: the order's history counts it, and `path` says where it is."""
    asked = message(PrintLabel, body, label_id=label_id)
    return await sending(request, "shipping", asked, LabelPrinted, partition=str(label_id))


@routes.get("/labels/{label_id}/label.pdf", access=Scope.read_shipping, responses=PDF)
def read_label_pdf(request: Request, label_id: UUID) -> Response:
    """A label as PDF of 4 × 6 inches. A carrier's own label that came as ZPL is not drawn anew."""
    from paper.shipping_label import shipping_label_of, shipping_label_pdf  # what makes PDF takes a while to load

    with edge_of(request).database.reading() as session:
        label = session.get(Label, label_id)
        found = shipping_label_of(session, label_id)
        if label is None or found is None:
            raise NotFound("label", str(label_id))
        check_printable(session, label, "pdf")
        pdf = base64.b64decode(label.zpl) if label.format == "pdf" else shipping_label_pdf(found)
    return shown(pdf, f"label-{label.tracking_number}")


@routes.get("/parcels/{parcel_id}/slip.pdf", access=Scope.read_shipping, responses=PDF)
def read_packing_slip(request: Request, parcel_id: UUID, prices: bool = False) -> Response:
    """What lies in a parcel, for whoever opens it. Without prices unless they are asked for."""
    from paper.packing_slip import packing_slip_of, packing_slip_pdf

    slip = _found(request, lambda session: packing_slip_of(session, parcel_id), "parcel", parcel_id)
    return shown(packing_slip_pdf(slip, prices=prices), f"slip-{slip.parcel}")


@routes.get("/parcels/{parcel_id}/customs.pdf", access=Scope.read_shipping, responses=PDF)
def read_customs_form(request: Request, parcel_id: UUID) -> Response:
    """The customs form of a parcel that crosses a border, CN 22 or CN 23."""
    from paper.customs_form import customs_paper_of, customs_pdf

    with edge_of(request).database.reading() as session:
        paper = customs_paper_of(session, parcel_id)
        if paper is None:
            raise NotFound("customs declaration of parcel", str(parcel_id))
        return shown(customs_pdf(paper), f"customs-{paper.number or parcel_id}")


@routes.get("/customs-declarations", access=Scope.read_shipping, answer=DECLARATIONS.list_shape(DeclarationRow),
            extra=DECLARATIONS.operation())  # fmt: skip
def list_customs_declarations(request: Request) -> Response:
    """List what customs are told of parcels that cross a border, newest first."""
    return DECLARATIONS.answer(request)


@routes.get("/parcels/{parcel_id}/customs", access=Scope.read_shipping, answer=DeclarationRow)
def read_customs_declaration(request: Request, parcel_id: UUID) -> Response:
    """Show what customs are told of a parcel."""
    found = _found(
        request,
        lambda session: DECLARATIONS.one(session, CustomsDeclaration.parcel_id == parcel_id),
        "customs declaration of parcel",
        parcel_id,
    )
    return json_answer(found)


@routes.get("/sdr-rates", access=Scope.read_shipping, answer=SDR_RATES.list_shape(SdrRateRow),
            extra=SDR_RATES.operation())  # fmt: skip
def list_sdr_rates(request: Request) -> Response:
    """List what a special drawing right is worth by currency: 300 of them are the limit of CN 22."""
    return SDR_RATES.answer(request)


@routes.put("/sdr-rates/{currency}", access=Scope.write_settings, answer=answer_shape(SdrRateState))
async def put_sdr_rate(request: Request, currency: Currency, body: SdrRateBody) -> Response:
    """Put in what a special drawing right is worth, as the International Monetary Fund tells it."""
    asked = message(PutSdrRate, body, currency=currency, version=version_of(request, body.version))
    return await sending(request, "shipping", asked, SdrRateState, partition=currency)


def shown(pdf: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _found(request: Request, read: Callable[[Session], T | None], kind: str, ident: UUID) -> T:
    with edge_of(request).database.reading() as session:
        found = read(session)
    if found is None:
        raise NotFound(kind, str(ident))
    return found
