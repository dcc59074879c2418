"""Carriers' terms and invoices over HTTP: what was agreed, what was billed, and what of it is disputed."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from starlette.requests import Request
from starlette.responses import Response

from agents.parcels.messages.invoices import (
    AcceptCharges,
    CarrierInvoiceState,
    CarrierTermsState,
    ChargesState,
    CreditCharge,
    DisputeCharges,
    EnterCarrierInvoice,
    PutCarrierTerms,
    RotateTrackingSecret,
)
from db.carrier_invoices import (
    CHARGE_NEXT,
    COLUMNS,
    CarrierCharge,
    CarrierInvoice,
    ChargeReason,
    ChargeState,
)
from db.catalog import Variant
from db.errors import NotFound
from db.fulfilment import ParcelLine
from db.money import to_decimal_string
from db.shipping import Label
from db.tracking import CarrierTerms, terms_of
from serve.carrier_bill_csv import lines_of
from serve.edge import edge_of
from serve.fields import fields
from serve.importing.cells import guard
from serve.listing import Listing, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, Code, Currency, Name, Ppm, Reason, Reference, Sku, Version, answer_shape, message

routes = Routes("shipping")
Termed = answer_shape(CarrierTermsState)
Decided = answer_shape(ChargesState)
DISPUTE_COLUMNS = (
    "invoice", "line", "tracking_number", "charge", "billed", "quoted", "too_much", "currency", "reason", "because",
)  # fmt: skip
CarrierOrAll = Annotated[str, Described(min_length=1, max_length=32, pattern=r"^([A-Za-z0-9_.\-]+|\*)$")]
Days = Annotated[int, Described(strict=True, ge=1, le=365)]


def _next(row: Row) -> Row:
    return {**row, "next": CHARGE_NEXT[ChargeState(row["state"])]}


TERMS = Listing(
    "CarrierTerms",
    CarrierTerms,
    fields(
        CarrierTerms,
        "carrier currency time_zone silent_days lost_days claim_days claim_limit effort tolerance_ppm tolerance_amount "
        "columns version updated_at",
    ),
    sortable=("carrier",),
    sort="carrier",
    key=("carrier",),
)
CARRIER_INVOICES = Listing(
    "CarrierInvoice",
    CarrierInvoice,
    fields(
        CarrierInvoice,
        "id carrier number billed_on currency lines total quoted over flagged tolerance_ppm tolerance_amount "
        "created_by created_at",
    ),
    sortable=("created_at", "billed_on", "carrier", "total", "over"),
    sort="-created_at",
    key=("id",),
)
CHARGES = Listing(
    "CarrierCharge",
    CarrierCharge,
    fields(
        CarrierCharge,
        "id invoice_id carrier invoice no tracking_number kind service zone billed_grams currency amount label_id "
        "order_id quoted quoted_grams over reason why state credited note version created_at updated_at",
        reason=ChargeReason,
        state=ChargeState,
    ),
    sortable=("id", "no", "over", "amount", "carrier", "reason", "updated_at"),
    sort="-over",
    key=("id",),
    finish=_next,
    more={"next": (list[str], ...)},
)
InvoiceRow = CARRIER_INVOICES.row_shape()
TermsRow = TERMS.row_shape()


class TermsBody(Ask):
    currency: Currency
    time_zone: Name | None = Described(None, description="Of events that come without one", examples=["Europe/Berlin"])
    silent_days: Days = Described(3, description="Without a scan, until somebody looks")
    lost_days: Days = Described(14, description="Without a scan, until it counts as lost")
    claim_days: Days = Described(30, description="From the hand-over, within which a claim is filed")
    claim_limit: Amount | None = Described(None, description="Liability a parcel; null: the goods' value")
    effort: Amount = Described(0, description="What a letter or a claim costs us")
    tolerance_ppm: Ppm = 0
    tolerance_amount: Amount = Described(0, description="By which a parcel's charges may pass its quote")
    columns: dict[str, str] = Described(
        default_factory=dict, description=f"Our field to the carrier's column: {', '.join(COLUMNS)}"
    )
    version: Version | None = None


class CarrierInvoiceFile(Ask):
    number: Reference
    billed_on: date
    currency: Currency
    csv: str = Described(
        min_length=1, max_length=8_000_000, description="The carrier's file, by the columns of its terms"
    )


class ChargesNoted(Ask):
    charge_ids: list[UUID] = Described(min_length=1, max_length=500)
    note: Reason


class ChargeCredited(Ask):
    note: Reason = Described(description="The carrier's credit note")
    amount: Amount | None = Described(None, description="Null is all that was too much")
    version: Version | None = None


class ChargeSum(BaseModel):
    """Of flagged charges of one carrier, reason, state and currency."""

    carrier: str
    reason: str
    state: str
    currency: str
    charges: int
    over: int
    credited: int


class ChargeSums(BaseModel):
    data: list[ChargeSum]


class WeightHint(BaseModel):
    """What carriers weighed a unit of a SKU at, in parcels with nothing else in them. `grams` is the median a unit."""

    sku: str
    product_grams: int
    grams: int
    parcels: int
    over: int
    currency: str
    says: str


class WeightHints(BaseModel):
    data: list[WeightHint]


@routes.get("/carrier-terms", access=Scope.read_shipping, answer=TERMS.list_shape(TermsRow), extra=TERMS.operation())
def list_carrier_terms(request: Request) -> Response:
    """List what was agreed with carriers."""
    return TERMS.answer(request)


@routes.put("/carrier-terms/{carrier}", access=Scope.write_settings, answer=Termed)
async def put_carrier_terms(request: Request, carrier: CarrierOrAll, body: TermsBody) -> Response:
    """Keep what was agreed with a carrier; `*` is for all without terms of their own."""
    version = version_of(request, body.version)
    asked = message(PutCarrierTerms, body, carrier=carrier, version=version)
    return await sending(request, "parcels", asked, CarrierTermsState, partition=carrier)


@routes.post("/carrier-terms/{carrier}/secret", access=Scope.write_settings, answer=Termed)
async def rotate_tracking_secret(request: Request, carrier: Code) -> Response:
    """Make the secret that a carrier signs its events with. It is shown once; the one before is worth nothing."""
    asked = RotateTrackingSecret(carrier=carrier)
    return await sending(request, "parcels", asked, CarrierTermsState, partition=carrier)


@routes.get("/carrier-invoices", access=Scope.read_shipping, answer=CARRIER_INVOICES.list_shape(InvoiceRow),
            extra=CARRIER_INVOICES.operation())  # fmt: skip
def list_carrier_invoices(request: Request) -> Response:
    """List carriers' invoices, newest first."""
    return CARRIER_INVOICES.answer(request)


@routes.get("/carrier-invoices/{invoice_id}", access=Scope.read_shipping, answer=InvoiceRow)
def read_carrier_invoice(request: Request, invoice_id: UUID) -> Response:
    """Show a carrier's invoice."""
    with edge_of(request).database.reading() as session:
        row = CARRIER_INVOICES.one(session, CarrierInvoice.id == invoice_id)
    if row is None:
        raise NotFound("carrier invoice", str(invoice_id))
    return json_answer(row)


@routes.post("/carriers/{carrier}/invoices", access=Scope.write_shipping, answer=answer_shape(CarrierInvoiceState),
             status=201)  # fmt: skip
async def enter_carrier_invoice(request: Request, carrier: Code, body: CarrierInvoiceFile) -> Response:
    """Bring a carrier's invoice and hold each line against its label. It is taken whole or not at all."""
    with edge_of(request).database.reading() as session:
        terms = terms_of(session, carrier)
        columns = {ours: str(theirs) for ours, theirs in terms.columns.items()} if terms is not None else {}
    asked = EnterCarrierInvoice(
        carrier=carrier,
        number=body.number,
        billed_on=body.billed_on,
        currency=body.currency,
        lines=lines_of(body.csv, columns, body.currency),
    )
    return await sending(request, "parcels", asked, CarrierInvoiceState, partition=carrier, status=201)


@routes.get("/carrier-charges", access=Scope.read_shipping, answer=CHARGES.list_shape(CHARGES.row_shape()),
            extra=CHARGES.operation())  # fmt: skip
def list_carrier_charges(request: Request) -> Response:
    """List lines of carriers' invoices, what is most too much first."""
    return CHARGES.answer(request)


@routes.post("/carrier-charges/dispute", access=Scope.write_shipping, answer=Decided)
async def dispute_carrier_charges(request: Request, body: ChargesNoted) -> Response:
    """Tell the carrier that charges are too much: all of them or none."""
    asked = message(DisputeCharges, body)
    return await sending(request, "parcels", asked, ChargesState, partition=str(body.charge_ids[0]))


@routes.post("/carrier-charges/accept", access=Scope.accept_differences, answer=Decided)
async def accept_carrier_charges(request: Request, body: ChargesNoted) -> Response:
    """Pay charges that are too much all the same."""
    asked = message(AcceptCharges, body)
    return await sending(request, "parcels", asked, ChargesState, partition=str(body.charge_ids[0]))


@routes.post("/carrier-charges/{charge_id}/credit", access=Scope.write_shipping, answer=Decided)
async def credit_carrier_charge(request: Request, charge_id: UUID, body: ChargeCredited) -> Response:
    """The carrier gave back what was too much, or a part of it."""
    version = version_of(request, body.version)
    asked = message(CreditCharge, body, charge_id=charge_id, version=version)
    return await sending(request, "parcels", asked, ChargesState, partition=str(charge_id))


@routes.get("/carrier-charge-sums", access=Scope.read_shipping, answer=ChargeSums)
def sum_carrier_charges(request: Request) -> Response:
    """What carriers billed too much, by carrier, reason, state and currency."""
    columns = (CarrierCharge.carrier, CarrierCharge.reason, CarrierCharge.state, CarrierCharge.currency)
    sums = (func.count(), func.sum(CarrierCharge.over), func.sum(CarrierCharge.credited))
    with edge_of(request).database.reading() as session:
        rows = session.execute(
            select(*columns, *sums).where(CarrierCharge.over > 0).group_by(*columns).order_by(*columns)
        ).all()
    names = ("carrier", "reason", "state", "currency", "charges", "over", "credited")
    return json_answer({"data": [dict(zip(names, (*r[:4], *map(int, r[4:])), strict=True)) for r in rows]})


@routes.get(
    "/carriers/{carrier}/disputes.csv",
    access=Scope.read_shipping,
    responses={200: {"description": "Done", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def download_disputes(request: Request, carrier: Code) -> Response:
    """What is disputed with a carrier, for it: one row for each charge."""
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(DISPUTE_COLUMNS)
    with edge_of(request).database.reading() as session:
        wanted = select(CarrierCharge).where(
            CarrierCharge.carrier == carrier, CarrierCharge.state == ChargeState.disputed
        )
        for c in session.scalars(wanted.order_by(CarrierCharge.invoice, CarrierCharge.no)):
            money = [to_decimal_string(amount, c.currency) for amount in (c.amount, c.quoted, c.over)]
            row = [c.invoice, c.no, c.tracking_number, c.kind, *money, c.currency, c.reason or "", c.why]
            writer.writerow([guard(str(cell)) for cell in row])
    name = f"{carrier}-disputes.csv"
    return Response(
        told.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@routes.get("/variants/{sku}/weight-hints", access=Scope.read_catalog, answer=WeightHints)
def hint_weights(request: Request, sku: Sku) -> Response:
    """What carriers weighed a SKU at, where parcels had nothing else in them and were billed heavier than quoted."""
    alone, other = aliased(ParcelLine), aliased(ParcelLine)
    mixed = select(other.parcel_id).where(other.parcel_id == Label.parcel_id, other.sku != sku).exists()
    units = select(func.sum(alone.quantity)).where(alone.parcel_id == Label.parcel_id).scalar_subquery()
    with edge_of(request).database.reading() as session:
        variant = session.get(Variant, sku)
        if variant is None:
            raise NotFound("variant", sku)
        rows = session.execute(
            select(CarrierCharge.billed_grams, units, CarrierCharge.over, CarrierCharge.currency)
            .join(Label, Label.id == CarrierCharge.label_id)
            .join(ParcelLine, ParcelLine.parcel_id == Label.parcel_id)
            .where(ParcelLine.sku == sku, CarrierCharge.reason == ChargeReason.weight, ~mixed)
            .where(CarrierCharge.billed_grams.is_not(None))
            .order_by(CarrierCharge.id.desc())
            .limit(200)
        ).all()
        product_grams = variant.weight_grams or 0
    data = []
    for currency in sorted({r[3] for r in rows}):
        each = sorted(int(grams) // max(1, int(count)) for grams, count, _, money in rows if money == currency)
        over = sum(r[2] for r in rows if r[3] == currency)
        grams = each[len(each) // 2]
        says = f"Billed {grams / 1000:g} kg, product says {product_grams / 1000:g}."
        data.append(
            {"sku": sku, "product_grams": product_grams, "grams": grams, "parcels": len(each), "over": over,
             "currency": currency, "says": says}
        )  # fmt: skip
    return json_answer({"data": data})
