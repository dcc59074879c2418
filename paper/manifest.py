"""The list that is handed over with a carrier's parcels: its number as bars, every label, and room to sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Spacer, Table, TableStyle
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.fulfilment import Parcel
from db.nodes import Node
from db.orders import Order
from db.pickups import Manifest, ManifestParcel
from db.shipping import Label
from paper.drawing import address_of, bars_of, paragraph
from paper.lettering import USUAL, usual

MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN
RULE = HexColor("#c9ced6")


class ListedParcel(NamedTuple):
    tracking_number: str
    service: str
    order: str
    country: str
    weight_grams: int


@dataclass(frozen=True)
class ManifestPaper:
    number: str
    carrier: str
    on: date
    sender: Sequence[str]
    parcels: Sequence[ListedParcel]


def manifest_paper_of(session: Session, manifest_id: UUID) -> ManifestPaper | None:
    manifest = session.get(Manifest, manifest_id)
    if manifest is None:
        return None
    rows = session.execute(
        select(
            Label.tracking_number, Label.service, Order.number, Order.shipping_address["country"].astext,
            Parcel.weight_grams,
        )
        .join(ManifestParcel, ManifestParcel.label_id == Label.id)
        .join(Order, Order.id == Label.order_id)
        .join(Parcel, Parcel.id == Label.parcel_id)
        .where(ManifestParcel.manifest_id == manifest_id)
        .order_by(Label.tracking_number)
    )  # fmt: skip
    return ManifestPaper(
        number=manifest.number,
        carrier=manifest.carrier,
        on=manifest.on,
        sender=address_of(session.get_one(Node, manifest.node)),
        parcels=[
            ListedParcel(number, service, order, country or "", grams)
            for number, service, order, country, grams in rows
        ],
    )


def manifest_pdf(paper: ManifestPaper) -> bytes:
    """The same manifest gives the same bytes."""
    usual()
    out = BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=f"Manifest {paper.number}", invariant=1,
    )  # fmt: skip

    def footer(canvas: Any, _document: Any) -> None:
        canvas.setFont(USUAL, 8)
        canvas.drawString(MARGIN, 9 * mm, f"Manifest {paper.number}")
        canvas.drawRightString(A4[0] - MARGIN, 9 * mm, f"Page {canvas.getPageNumber()}")

    story = [*_head(paper), Spacer(0, 6 * mm), _parcels(paper), Spacer(0, 10 * mm), *_signed(paper)]
    document.build(story, onFirstPage=footer, onLaterPages=footer)
    return out.getvalue()


def _head(paper: ManifestPaper) -> list[Any]:
    title = [
        paragraph(f"Manifest {paper.number}", size=17),
        paragraph(f"{paper.carrier}, {paper.on:%d %b %Y}", size=11),
        *(paragraph(line, size=9) for line in paper.sender),
    ]
    code = bars_of(paper.number, width=WIDTH / 2, height=16 * mm)
    style = TableStyle([("ALIGN", (1, 0), (1, 0), "RIGHT"), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    return [Table([[title, code]], colWidths=[WIDTH / 2] * 2, style=style)]


def _parcels(paper: ManifestPaper) -> Table:
    heads = ("", "Tracking number", "Service", "Order", "To", "kg")
    rows = [[paragraph(head, size=8, right=n == 5) for n, head in enumerate(heads)]]
    for n, parcel in enumerate(paper.parcels, 1):
        told = (str(n), parcel.tracking_number, parcel.service, parcel.order, parcel.country)
        rows.append([*(paragraph(text) for text in told), paragraph(f"{parcel.weight_grams / 1000:.2f}", right=True)])
    widths = [10 * mm, 56 * mm, 40 * mm, 38 * mm, 14 * mm, WIDTH - 158 * mm]
    style = TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE), ("LEFTPADDING", (0, 0), (-1, -1), 1)])
    return Table(rows, colWidths=widths, repeatRows=1, style=style)


def _signed(paper: ManifestPaper) -> list[Any]:
    grams, many = sum(parcel.weight_grams for parcel in paper.parcels), len(paper.parcels)
    total = f"{many} {'parcel' if many == 1 else 'parcels'}, {grams / 1000:.2f} kg"
    signed = TableStyle([("LINEBELOW", (0, 0), (-1, 0), 0.6, "black"), ("FONT", (0, 1), (-1, 1), USUAL, 8)])
    heads = ["Handed over", "Taken by the carrier", "Day and time"]
    line = Table([["", "", ""], heads], colWidths=[WIDTH / 3] * 3, rowHeights=[14 * mm, 6 * mm], style=signed)
    return [paragraph(total, size=11), Spacer(0, 6 * mm), line]
