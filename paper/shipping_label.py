"""A shipping label of our own making as PDF, for printers that know no ZPL: 4 × 6 inches, one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from reportlab.lib.colors import HexColor
from reportlab.lib.units import inch, mm
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy.orm import Session

from db.fulfilment import Fulfilment, Parcel
from db.nodes import Node
from db.orders import Order
from db.shipping import Label, LabelState
from paper.drawing import address, address_of, bars, write
from paper.lettering import USUAL, usual

SIZE = (4 * inch, 6 * inch)
EDGE = 5 * mm
INSIDE = SIZE[0] - 2 * EDGE


@dataclass(frozen=True)
class ShippingLabel:
    carrier: str
    service: str
    tracking_number: str
    weight_grams: int
    sender: Sequence[str]
    to: Sequence[str]
    reference: str
    is_void: bool


def shipping_label_of(session: Session, label_id: UUID) -> ShippingLabel | None:
    label = session.get(Label, label_id)
    if label is None:
        return None
    parcel, order = session.get_one(Parcel, label.parcel_id), session.get_one(Order, label.order_id)
    fulfilment, node = session.get_one(Fulfilment, parcel.fulfilment_id), session.get(Node, parcel.node)
    return ShippingLabel(
        carrier=label.carrier,
        service=label.service,
        tracking_number=label.tracking_number,
        weight_grams=parcel.weight_grams,
        sender=address_of(node) if node else [parcel.node],
        to=address(order.shipping_address),
        reference=f"Order {order.number}  {fulfilment.number}-{parcel.number}",
        is_void=label.state == LabelState.voided,
    )


def shipping_label_pdf(label: ShippingLabel) -> bytes:
    """The same label gives the same bytes. One that was voided has that written across it."""
    usual()
    out = BytesIO()
    canvas = Canvas(out, pagesize=SIZE, invariant=True)
    canvas.setTitle(f"Label {label.tracking_number}")
    top = SIZE[1] - EDGE
    write(canvas, [f"{label.weight_grams / 1000:.2f} kg"], SIZE[0] - EDGE - 24 * mm, top, width=24 * mm, size=12)
    at = write(canvas, [label.carrier.upper()], EDGE, top, width=INSIDE - 26 * mm, size=20)
    at = write(canvas, [label.service], EDGE, at - 1 * mm, width=INSIDE, size=12)
    at = write(canvas, [f"From: {', '.join(label.sender)}"], EDGE, at - 2 * mm, width=INSIDE, size=8)
    _rule(canvas, at - 2.5 * mm)
    write(canvas, label.to[:7], EDGE, at - 6 * mm, width=INSIDE, size=15)
    _rule(canvas, 56 * mm)
    bars(canvas, label.tracking_number, EDGE, 23 * mm, width=INSIDE, height=29 * mm)
    canvas.setFont(USUAL, 13)
    canvas.drawCentredString(SIZE[0] / 2, 16 * mm, label.tracking_number)
    write(canvas, [label.reference], EDGE, 12 * mm, width=INSIDE, size=9)
    if label.is_void:
        _void(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _rule(canvas: Canvas, at: float) -> None:
    canvas.setLineWidth(1)
    canvas.line(EDGE, at, SIZE[0] - EDGE, at)


def _void(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setFillColor(HexColor("#b3261e"))
    canvas.translate(SIZE[0] / 2, SIZE[1] / 2)
    canvas.rotate(50)
    canvas.setFont(USUAL, 90)
    canvas.drawCentredString(0, -30, "VOID")
    canvas.restoreState()
