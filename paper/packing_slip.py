"""What lies in a parcel, for whoever opens it: goods and units, the order's number as bars, prices when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A5
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Spacer, Table, TableStyle
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.catalog import Variant
from db.fulfilment import Fulfilment, Parcel, ParcelLine
from db.money import to_decimal_string
from db.nodes import Node
from db.orders import Order, OrderLine
from db.stock import Allocation
from paper.drawing import address, address_of, bars_of, paragraph
from paper.lettering import USUAL, usual

MARGIN = 12 * mm
WIDTH = A5[0] - 2 * MARGIN
RULE = HexColor("#c9ced6")


class SlipLine(NamedTuple):
    """`amount` is the price of one unit as ordered; None for what came in a kit, whose price is the kit's."""

    sku: str
    title: str
    units: int
    amount: int | None


@dataclass(frozen=True)
class PackingSlip:
    order: str
    parcel: str
    parcels: int
    currency: str
    sender: Sequence[str]
    to: Sequence[str]
    lines: Sequence[SlipLine]


def packing_slip_of(session: Session, parcel_id: UUID) -> PackingSlip | None:
    parcel = session.get(Parcel, parcel_id)
    if parcel is None:
        return None
    order, fulfilment = session.get_one(Order, parcel.order_id), session.get_one(Fulfilment, parcel.fulfilment_id)
    node = session.get(Node, parcel.node)
    of_fulfilment = select(func.count()).select_from(Parcel).where(Parcel.fulfilment_id == fulfilment.id)
    return PackingSlip(
        order=order.number,
        parcel=f"{fulfilment.number}-{parcel.number}",
        parcels=session.scalar(of_fulfilment.where(Parcel.status != "cancelled")) or 1,
        currency=order.currency,
        sender=address_of(node) if node else [parcel.node],
        to=address(order.shipping_address),
        lines=_lines(session, parcel_id),
    )


def packing_slip_pdf(slip: PackingSlip, *, prices: bool = False) -> bytes:
    """The same slip gives the same bytes; as many pages of A5 as the goods need."""
    usual()
    out = BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A5, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=f"Packing slip {slip.parcel}", invariant=1,
    )  # fmt: skip

    def footer(canvas: Any, _document: Any) -> None:
        canvas.setFont(USUAL, 8)
        canvas.drawString(MARGIN, 6 * mm, f"Order {slip.order}, parcel {slip.parcel}")
        canvas.drawRightString(A5[0] - MARGIN, 6 * mm, f"Page {canvas.getPageNumber()}")

    units = sum(line.units for line in slip.lines)
    counted = f"{units} {'unit' if units == 1 else 'units'} in this parcel"
    more = f"; the shipment is of {slip.parcels} parcels" if slip.parcels > 1 else ""
    story = [*_head(slip), Spacer(0, 5 * mm), _goods(slip, prices), Spacer(0, 3 * mm), paragraph(f"{counted}{more}.")]
    document.build(story, onFirstPage=footer, onLaterPages=footer)
    return out.getvalue()


def _lines(session: Session, parcel_id: UUID) -> list[SlipLine]:
    rows = session.execute(
        select(ParcelLine.sku, Variant.title, OrderLine.sku, OrderLine.unit_amount, func.sum(ParcelLine.quantity))
        .join(Allocation, Allocation.id == ParcelLine.allocation_id)
        .join(OrderLine, (OrderLine.order_id == Allocation.order_id) & (OrderLine.line_no == Allocation.line_no))
        .outerjoin(Variant, Variant.sku == ParcelLine.sku)
        .where(ParcelLine.parcel_id == parcel_id)
        .group_by(OrderLine.line_no, ParcelLine.sku, Variant.title, OrderLine.sku, OrderLine.unit_amount)
        .order_by(OrderLine.line_no, ParcelLine.sku)
    )
    return [
        SlipLine(sku, title or sku, int(n), amount if sku == sold else None) for sku, title, sold, amount, n in rows
    ]


def _head(slip: PackingSlip) -> list[Any]:
    code = bars_of(slip.order, width=WIDTH / 2, height=12 * mm)
    title = [paragraph("Packing slip", size=16), paragraph(f"Order {slip.order}, parcel {slip.parcel}", size=10)]
    top = Table([[title, code]], colWidths=[WIDTH / 2] * 2, style=TableStyle([("ALIGN", (1, 0), (1, 0), "RIGHT")]))
    told = (("To", slip.to), ("From", slip.sender))
    sides = [[paragraph(name, size=8), *map(paragraph, lines)] for name, lines in told]
    addresses = Table([sides], colWidths=[WIDTH / 2] * 2, style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return [top, Spacer(0, 4 * mm), addresses]


def _goods(slip: PackingSlip, prices: bool) -> Table:
    heads = ["Item", "SKU", "Units", *([f"Each, {slip.currency}"] if prices else [])]
    rows = [[paragraph(head, size=8, right=n > 1) for n, head in enumerate(heads)]]
    for line in slip.lines:
        cells = [paragraph(line.title), paragraph(line.sku), paragraph(str(line.units), right=True)]
        if prices:
            told = "in a set" if line.amount is None else to_decimal_string(line.amount, slip.currency)
            cells.append(paragraph(told, right=True))
        rows.append(cells)
    widths = [WIDTH - 34 * mm - 14 * mm - (24 * mm if prices else 0), 34 * mm, 14 * mm, *([24 * mm] if prices else [])]
    style = TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE), ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("LEFTPADDING", (0, 0), (-1, -1), 1), ("RIGHTPADDING", (0, 0), (-1, -1), 1)])  # fmt: skip
    return Table(rows, colWidths=widths, repeatRows=1, style=style)
