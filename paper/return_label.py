"""The label for goods that come back, as a customer prints it: the label itself, and a slip for inside the parcel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.nodes import Node
from db.orders import Order, OrderLine
from db.return_parcels import live_return_label
from db.returns import Return, lines_of
from paper.drawing import address, address_of, bars, write
from paper.lettering import usual

MARGIN = 18 * mm
LABEL = (100 * mm, 140 * mm)
WIDTH = LABEL[0] - 12 * mm


@dataclass(frozen=True)
class ReturnPaper:
    number: str
    order: str
    carrier: str
    service: str
    tracking_number: str
    to: Sequence[str]
    sender: Sequence[str]
    goods: Sequence[str]


def return_paper_of(session: Session, return_id: UUID) -> ReturnPaper | None:
    """None where the return has no live label."""
    label = live_return_label(session, return_id)
    if label is None:
        return None
    item, order = session.get_one(Return, return_id), session.get_one(Order, label.order_id)
    rows = lines_of(session, [return_id])
    named = select(OrderLine.line_no, OrderLine.title).where(OrderLine.order_id == order.id)
    titles = {row.line_no: row.title for row in session.execute(named)}
    return ReturnPaper(
        number=item.number,
        order=order.number,
        carrier=label.carrier,
        service=label.service,
        tracking_number=label.tracking_number,
        to=address_of(session.get_one(Node, label.node)),
        sender=address(order.shipping_address),
        goods=[f"{row.quantity} × {titles[row.line_no]}" for row in rows],
    )


def return_label_pdf(paper: ReturnPaper) -> bytes:
    """One page of A4: the label above the fold, the slip below."""
    usual()
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setTitle(f"Return {paper.number}")
    left, top = MARGIN, A4[1] - MARGIN
    _label(canvas, paper, left, top)
    cut = top - LABEL[1] - 8 * mm
    canvas.setDash(2, 3)
    canvas.line(0, cut, A4[0], cut)
    canvas.setDash()
    _slip(canvas, paper, left, cut - 10 * mm)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _label(canvas: Canvas, paper: ReturnPaper, left: float, top: float) -> None:
    width, height = LABEL
    canvas.rect(left, top - height, width, height)
    inside = left + 6 * mm
    at = write(canvas, [paper.carrier.upper()], inside, top - 6 * mm, width=WIDTH, size=20)
    at = write(canvas, [paper.service], inside, at - 1 * mm, width=WIDTH, size=11)
    at = write(canvas, ["From:", *paper.sender], inside, at - 4 * mm, width=WIDTH, size=9)
    write(canvas, paper.to, inside, at - 5 * mm, width=WIDTH, size=14)
    bars(canvas, paper.tracking_number, left, top - height + 20 * mm, width=width, height=24 * mm)
    write(canvas, [paper.tracking_number], inside, top - height + 17 * mm, width=WIDTH, size=12)
    write(canvas, [f"Return {paper.number}"], inside, top - height + 10 * mm, width=WIDTH, size=9)


def _slip(canvas: Canvas, paper: ReturnPaper, left: float, top: float) -> None:
    code = QrCodeWidget(paper.number, barLevel="M")
    x1, y1, x2, y2 = code.getBounds()
    side = 34 * mm
    drawing = Drawing(side, side, transform=[side / (x2 - x1), 0, 0, side / (y2 - y1), 0, 0])
    drawing.add(code)
    drawing.drawOn(canvas, A4[0] - MARGIN - side, top - side)
    at = write(canvas, ["Put this slip into the parcel"], left, top, width=WIDTH, size=14)
    at = write(canvas, [f"Return {paper.number} of order {paper.order}"], left, at - 2 * mm, width=WIDTH, size=11)
    write(canvas, paper.goods[:12], left, at - 3 * mm, width=WIDTH, size=10)
