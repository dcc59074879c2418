"""Labels on paper: which of them may be printed, in which format, and that every print is counted."""

from __future__ import annotations

from agents.shipping.messages.papers import LabelPrinted, PrintLabel
from agents.shipping.refusals import LabelIsVoided
from db.errors import NotFound
from db.prints import check_printable
from db.session import Transaction
from db.shipping import Label, LabelState


def print_label(tx: Transaction, ask: PrintLabel) -> LabelPrinted:
    """Count a print, and say where the label is. Raises NotFound, LabelIsVoided, LabelForgotten, NoSuchPrint."""
    label = tx.get(Label, ask.label_id, with_for_update=True, populate_existing=True)
    if label is None:
        raise NotFound("label", str(ask.label_id))
    if label.state != LabelState.live:
        raise LabelIsVoided(label.tracking_number)
    check_printable(tx, label, ask.format)
    label.prints += 1
    said = f"{label.tracking_number} as {ask.format.upper()}"
    if label.prints > 1:
        said += f", for the {_nth(label.prints)} time"
    tx.note(f"order:{label.order_id}", to_status="label printed", why=said)
    tx.flush()
    return LabelPrinted(
        label_id=label.id,
        tracking_number=label.tracking_number,
        format=ask.format,
        prints=label.prints,
        path=f"/api/v1/labels/{label.id}/label.{ask.format}",
    )


def _nth(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
