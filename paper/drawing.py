"""What papers are drawn of: lines of words, addresses, and bars that scanners read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from db.nodes import Node
from paper.lettering import USUAL, marked_up

_STREET = ("company", "name", "line1", "line2", "street")
_TOWN = ("postcode", "postal_code", "city", "region")
WIDEST_BAR = 0.5 * mm
QUIET = 10  # modules that stay white on each side (ISO/IEC 15417)


def address(told: Mapping[str, object]) -> list[str]:
    town = " ".join(str(told[part]) for part in _TOWN if told.get(part))
    lines = [*(str(told[part]) for part in _STREET if told.get(part)), town, str(told.get("country") or "")]
    return [line for line in lines if line]


def address_of(node: Node) -> list[str]:
    """The node's name, and what is kept of its address; nothing is said twice."""
    return list(dict.fromkeys([node.name, *address(node.address)]))


def paragraph(words: str, *, size: float = 9, right: bool = False) -> Paragraph:
    style = ParagraphStyle("words", fontName=USUAL, fontSize=size, leading=size * 1.25, splitLongWords=1)
    if right:
        style.alignment = TA_RIGHT
    return Paragraph(marked_up(words), style)


def write(canvas: Canvas, lines: Sequence[str], left: float, top: float, *, width: float, size: float) -> float:
    """Write lines below `top`; what does not fit the width is broken. The new top."""
    for line in lines:
        words = paragraph(line, size=size)
        _, height = words.wrap(width, 400 * mm)
        top -= height
        words.drawOn(canvas, left, top)
    return top


def bars(canvas: Canvas, text: str, left: float, bottom: float, *, width: float, height: float) -> None:
    """`text` as Code 128 in the middle of `width`, as wide as fits with its quiet zones."""
    code = bars_of(text, width=width, height=height)
    code.drawOn(canvas, left + (width - code.width) / 2, bottom)


def bars_of(text: str, *, width: float, height: float) -> Code128:
    probe = Code128(text, barHeight=height, barWidth=1, humanReadable=False, quiet=False)
    module = min(width / (probe.width + 2 * QUIET), WIDEST_BAR)
    return Code128(text, barHeight=height, barWidth=module, humanReadable=False, quiet=False)
