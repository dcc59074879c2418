"""CN 22 and CN 23 of the Universal Postal Union, as PDF to go onto a parcel: the same fields, each in its shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import A5, A6, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.customs import CustomsDeclaration, CustomsForm
from db.fulfilment import Parcel
from db.money import to_decimal_string
from db.nodes import Node
from db.orders import Order
from db.shipping import Label, LabelState
from paper.drawing import address, address_of, bars, paragraph, write
from paper.lettering import usual

EDGE = 6 * mm
ROWS = {CustomsForm.cn22: 9, CustomsForm.cn23: 11}  # of goods on a page
KINDS = {"merchandise": "Sale of goods", "gift": "Gift", "returned_goods": "Returned goods", "sample": "Sample"}
CERTIFIES = (
    "I certify that the particulars given in this declaration are correct and that this item contains no dangerous "
    "article, and none that postal or customs regulations prohibit."
)


@dataclass(frozen=True)
class CustomsPaper:
    """`lines` as `CustomsDeclaration` keeps them; `number` is the label's, empty while there is none."""

    told: CustomsDeclaration
    number: str
    order: str
    sender: Sequence[str]
    to: Sequence[str]
    phone: str
    on: date


def customs_paper_of(session: Session, parcel_id: UUID) -> CustomsPaper | None:
    """None where customs are told nothing of the parcel."""
    told = session.get(CustomsDeclaration, parcel_id)
    if told is None:
        return None
    parcel, order = session.get_one(Parcel, parcel_id), session.get_one(Order, told.order_id)
    live = select(Label.tracking_number).where(Label.parcel_id == parcel_id, Label.state == LabelState.live)
    node = session.get(Node, parcel.node)
    return CustomsPaper(
        told=told,
        number=session.scalar(live) or "",
        order=order.number,
        sender=address_of(node) if node else [parcel.node],
        to=address(order.shipping_address),
        phone=str(order.shipping_address.get("phone") or ""),
        on=told.made_at.astimezone(ZoneInfo(node.time_zone)).date() if node else told.made_at.date(),
    )


def customs_pdf(paper: CustomsPaper) -> bytes:
    """The same declaration gives the same bytes; more goods than fit a page go on over the next one."""
    usual()
    form = CustomsForm(paper.told.form)
    size, draw = (A6, _cn22) if form is CustomsForm.cn22 else (landscape(A5), _cn23)
    out = BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=True)
    canvas.setTitle(f"Customs declaration {form}")
    rows, many = paper.told.lines, ROWS[form]
    for start in range(0, len(rows), many):
        draw(canvas, paper, size, rows[start : start + many], start + many >= len(rows))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _cn22(canvas: Canvas, paper: CustomsPaper, size: tuple[float, float], rows: Sequence[Any], is_last: bool) -> None:
    width, top = size[0] - 2 * EDGE, size[1] - EDGE
    write(canvas, ["CN 22"], size[0] - EDGE - 18 * mm, top, width=18 * mm, size=12)
    at = write(canvas, ["Customs declaration"], EDGE, top, width=width - 20 * mm, size=13)
    sent = ["May be opened officially", f"From: {', '.join(paper.sender)}"]
    at = write(canvas, sent, EDGE, at - 1 * mm, width=width, size=7)
    at = write(canvas, [_kind(paper), _reference(paper)], EDGE, at - 2 * mm, width=width, size=8)
    widths = [width - 58 * mm, 11 * mm, 15 * mm, 19 * mm, 13 * mm]
    heads = ["Quantity and contents", "kg", paper.told.currency, "HS code", "Origin"]
    at = _table(canvas, [heads, *(_row(paper, row) for row in rows), *_total(paper, is_last)], widths, at - 2 * mm)
    _sign(canvas, paper, at - 3 * mm, width)


def _cn23(canvas: Canvas, paper: CustomsPaper, size: tuple[float, float], rows: Sequence[Any], is_last: bool) -> None:
    width, top = size[0] - 2 * EDGE, size[1] - EDGE
    half = width / 2 - 3 * mm
    write(canvas, ["CN 23"], size[0] - EDGE - 18 * mm, top, width=18 * mm, size=12)
    at = write(canvas, ["Customs declaration", "May be opened officially"], EDGE, top, width=half, size=11)
    if paper.number:
        bars(canvas, paper.number, EDGE + half, top - 12 * mm, width=half - 16 * mm, height=10 * mm)
        write(canvas, [paper.number], EDGE + half + 14 * mm, top - 12 * mm, width=half, size=8)
    at = min(at, top - 17 * mm)
    to = [*paper.to, *([f"Phone {paper.phone}"] if paper.phone else [])]
    left = write(canvas, ["From", *paper.sender], EDGE, at, width=half, size=8)
    right = write(canvas, ["To", *to], EDGE + half + 6 * mm, at, width=half, size=8)
    at = write(canvas, [f"{_kind(paper)}. {_reference(paper)}"], EDGE, min(left, right) - 2 * mm, width=width, size=8)
    widths = [width - 84 * mm, 18 * mm, 24 * mm, 26 * mm, 16 * mm]
    heads = ["Quantity and detailed description", "Net kg", f"Value, {paper.told.currency}", "HS code", "Origin"]
    at = _table(canvas, [heads, *(_row(paper, row) for row in rows), *_total(paper, is_last)], widths, at - 2 * mm)
    _sign(canvas, paper, at - 3 * mm, width)


def _kind(paper: CustomsPaper) -> str:
    return f"{KINDS.get(paper.told.contents, paper.told.contents)} ({paper.told.incoterm})"


def _reference(paper: CustomsPaper) -> str:
    return f"Order {paper.order}" + (f", item {paper.number}" if paper.number else "")


def _row(paper: CustomsPaper, row: Any) -> list[str]:
    value = to_decimal_string(int(row["value"]), paper.told.currency)
    return [f"{row['quantity']} × {row['title']}", _kg(row["weight_grams"]), value, row["hs_code"], row["origin"]]


def _total(paper: CustomsPaper, is_last: bool) -> list[list[str]]:
    if not is_last:
        return [["Continued on the next page", "", "", "", ""]]
    total = to_decimal_string(paper.told.value, paper.told.currency)
    return [["Total value; gross weight of the item", _kg(paper.told.weight_grams), total, "", ""]]


def _kg(grams: int) -> str:
    return f"{grams / 1000:.3f}"


def _table(canvas: Canvas, rows: Sequence[Sequence[str]], widths: Sequence[float], top: float) -> float:
    cells = [[paragraph(text, size=7, right=n in (1, 2)) for n, text in enumerate(row)] for row in rows]
    style = TableStyle([("GRID", (0, 0), (-1, -1), 0.4, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 2),
                        ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)])  # fmt: skip
    table = Table(cells, colWidths=list(widths), style=style)
    _, height = table.wrap(sum(widths), 400 * mm)
    table.drawOn(canvas, EDGE, top - height)
    return float(top - height)


def _sign(canvas: Canvas, paper: CustomsPaper, top: float, width: float) -> None:
    at = write(canvas, [CERTIFIES], EDGE, top, width=width, size=6.5)
    write(canvas, [f"{paper.on:%d %b %Y}, {paper.told.signer}"], EDGE, at - 2 * mm, width=width, size=8)
