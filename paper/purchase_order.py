"""A purchase order as its supplier reads it, in PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from sqlalchemy.orm import Session

from db.catalog import variants_by_sku
from db.errors import NotFound
from db.money import to_decimal_string
from db.nodes import Node
from db.purchasing import (
    PurchaseCharge,
    PurchaseLine,
    PurchaseOrder,
    PurchaseStatus,
    charges_of,
    lines_of,
    revision_of,
)
from db.suppliers import Supplier, SupplierItem, items_of
from paper.lettering import USUAL, marked_up, usual

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
COLUMNS = [9 * mm, 28 * mm, 51 * mm, 22 * mm, 22 * mm, 22 * mm, 20 * mm]
GREY = HexColor("#5b6472")
RULE = HexColor("#c9ced6")
NOT_AN_ORDER = {
    PurchaseStatus.draft: "Draft: this is not an order yet.",
    PurchaseStatus.approved: "Approved, and not sent yet.",
    PurchaseStatus.cancelled: "Cancelled: please do not deliver.",
}
ADDRESS = (("company",), ("name",), ("line1",), ("line2",), ("postcode", "city"), ("region",), ("country",))


@dataclass(frozen=True)
class PurchasePaper:
    """`titles` by SKU; `breaks` by line number: from how many units on the line's price holds."""

    order: PurchaseOrder
    supplier: Supplier
    node: Node
    lines: Sequence[PurchaseLine]
    charges: Sequence[PurchaseCharge]
    titles: Mapping[str, str]
    breaks: Mapping[int, int]
    revision: int


def paper_of(session: Session, purchase_id: UUID) -> PurchasePaper:
    """The order as it stands. Raises NotFound."""
    order = session.get(PurchaseOrder, purchase_id)
    if order is None:
        raise NotFound("purchase order", str(purchase_id))
    lines = lines_of(session, purchase_id)
    skus = [line.sku for line in lines]
    items = items_of(session, order.supplier, skus)
    reached = {line.line_no: _break_of(line, items.get(line.sku)) for line in lines}
    return PurchasePaper(
        order=order,
        supplier=session.get_one(Supplier, order.supplier),
        node=session.get_one(Node, order.node),
        lines=lines,
        charges=charges_of(session, purchase_id),
        titles={sku: variant.title for sku, variant in variants_by_sku(session, skus).items()},
        breaks={line_no: quantity for line_no, quantity in reached.items() if quantity is not None},
        revision=revision_of(session, order),
    )


def purchase_order_pdf(paper: PurchasePaper) -> bytes:
    """The same order gives the same bytes."""
    usual()
    file = BytesIO()
    name = f"Purchase order {paper.order.number}"
    document = SimpleDocTemplate(
        file, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=name, invariant=1,
    )  # fmt: skip

    def footer(canvas: Any, _document: Any) -> None:
        canvas.setFont(USUAL, 8)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN, 10 * mm, _heading(paper))
        canvas.drawRightString(A4[0] - MARGIN, 10 * mm, f"Page {canvas.getPageNumber()}")

    story = [*_head(paper), Spacer(0, 6 * mm), _lines(paper), Spacer(0, 4 * mm), _totals(paper), *_foot(paper)]
    document.build(story, onFirstPage=footer, onLaterPages=footer)
    return file.getvalue()


def _break_of(line: PurchaseLine, item: SupplierItem | None) -> int | None:
    """From how many units on the price list has the price of the line, when it is a break's."""
    breaks = item.breaks if item is not None else []
    return max(
        (b["from"] for b in breaks if b["unit_cost"] == line.unit_cost and b["from"] <= line.ordered), default=None
    )


def _heading(paper: PurchasePaper) -> str:
    revision = f", revision {paper.revision}" if paper.revision > 1 else ""
    return f"Purchase order {paper.order.number}{revision}"


def _head(paper: PurchasePaper) -> list[Any]:
    order, supplier, node = paper.order, paper.supplier, paper.node
    said = NOT_AN_ORDER.get(PurchaseStatus(order.status))
    to = [supplier.name, *([supplier.email] if supplier.email else [])]
    about = [
        ("Ordered", _day(order.sent_at or order.created_at, node)),
        ("Wanted by", _day(order.expected_at, node)),
        ("Terms", order.terms),
        ("Your number", order.reference),
        ("Currency", order.currency),
    ]
    blocks = [
        [_small("Supplier"), _small("Deliver to"), _small("About")],
        [
            [_text(line) for line in to],
            [_text(line) for line in _address(node)],
            [_text(f"{name}: {value}") for name, value in about if value],
        ],
    ]
    table = Table(blocks, colWidths=[WIDTH / 3] * 3, style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return [_text(_heading(paper), size=17), *([_small(said)] if said else []), Spacer(0, 5 * mm), table]


def _lines(paper: PurchasePaper) -> Table:
    heads = ("", "Your item", "Our item", "Wanted", "Quantity", "Unit price", "Total")
    rows = [[_small(head, right=n > 3) for n, head in enumerate(heads)]]
    rows += [_row(paper, line) for line in paper.lines]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
    return Table(rows, colWidths=COLUMNS, repeatRows=1, style=TableStyle(style))


def _row(paper: PurchasePaper, line: PurchaseLine) -> list[Any]:
    currency = paper.order.currency
    packs = [_small(f"{line.ordered // line.case_pack} × {line.case_pack}", right=True)] if line.case_pack > 1 else []
    short = [_small(f"{line.closed_short} not any more", right=True)] if line.closed_short else []
    price = []
    if line.line_no in paper.breaks:
        price.append(_small(f"from {paper.breaks[line.line_no]} units", right=True))
    if line.discount_ppm:
        price.append(_small(f"less {_percent(line.discount_ppm)}", right=True))
    return [
        _small(str(line.line_no)),
        _text(line.supplier_sku),
        [_text(paper.titles.get(line.sku, line.sku)), _small(line.sku)],
        _text(_day(line.expected_at, paper.node)),
        [_text(str(line.ordered), right=True), *packs, *short],
        [_text(to_decimal_string(line.unit_cost, currency), right=True), *price],
        _text(to_decimal_string(line.total, currency), right=True),
    ]


def _totals(paper: PurchasePaper) -> Table:
    order = paper.order
    sums = [("Goods", order.subtotal), *((c.name, c.amount) for c in paper.charges)]
    rows = [[_text(name), _text(to_decimal_string(amount, order.currency), right=True)] for name, amount in sums]
    total = f"{to_decimal_string(order.total, order.currency)} {order.currency}"
    rows.append([_text("Total", size=11), _text(total, right=True, size=11)])
    style = TableStyle([("LINEABOVE", (0, -1), (-1, -1), 0.8, GREY), ("RIGHTPADDING", (0, 0), (-1, -1), 2)])
    return Table(rows, colWidths=[40 * mm, 40 * mm], hAlign="RIGHT", style=style)


def _foot(paper: PurchasePaper) -> list[Any]:
    words = f"Please write {paper.order.number} on the delivery note and on the invoice."
    return [Spacer(0, 6 * mm), _small(words)]


def _address(node: Node) -> list[str]:
    """The node's name, and what is kept of its address; nothing is said twice."""
    parts = [" ".join(str(node.address[key]) for key in keys if node.address.get(key)) for keys in ADDRESS]
    return list(dict.fromkeys([node.name, *(part for part in parts if part)]))


def _day(moment: datetime | None, node: Node) -> str:
    """The day at the node where the goods go."""
    return f"{moment.astimezone(ZoneInfo(node.time_zone)):%d %b %Y}" if moment is not None else ""


def _percent(ppm: int) -> str:
    return f"{(Decimal(ppm) / 10_000).normalize():f} %"


def _text(words: str, *, size: float = 9, right: bool = False) -> Paragraph:
    style = ParagraphStyle("text", fontName=USUAL, fontSize=size, leading=size * 1.35, splitLongWords=1)
    if right:
        style.alignment = TA_RIGHT
    return Paragraph(marked_up(words), style)


def _small(words: str, *, right: bool = False) -> Paragraph:
    style = ParagraphStyle("small", fontName=USUAL, fontSize=7.5, leading=10, textColor=GREY)
    if right:
        style.alignment = TA_RIGHT
    return Paragraph(marked_up(words), style)
