"""What a customer at the door is shown of their order and its returns. Nothing of what staff write to each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.returns.messages import PreviewLine
from db.catalog import Product, Variant
from db.nodes import Node, NodeKind
from db.orders import OrderLine
from db.return_photos import photos_of_return
from db.returns import (
    Grade,
    Return,
    ReturnLine,
    ReturnParcelState,
    ReturnReason,
    ReturnStatus,
    ReturnWay,
    Sold,
    lines_of,
)
from db.runtime import Transition
from db.shipping import TrackingEvent

PHOTOS_WHILE = (ReturnStatus.requested, ReturnStatus.approved)


class DoorLine(BaseModel):
    """`paid` is what the returnable units are worth with their tax; `verdict` is why they may come back, or not."""

    line_no: int
    title: str
    options: dict[str, str] = Described(description="Such as size and colour")
    image: str | None
    ordered: int
    shipped: int
    returnable: int
    allowed: bool
    verdict: str = Described(description="open, over, final, on_its_way, undecided, not_sent, returned")
    until: str | None = Described(description="The last day, where the customer lives")
    reasons: list[ReturnReason] = Described(description="For which it may come back")
    paid: int
    fee: int


class DoorPhoto(BaseModel):
    id: UUID
    line_no: int


class DoorReturnLine(BaseModel):
    line_no: int
    title: str
    quantity: int
    reason: ReturnReason
    came: int
    missing: int


class DoorStep(BaseModel):
    """`what` is a status of the return, or of its parcel, that it came to."""

    at: datetime
    what: str


class DoorReturn(BaseModel):
    """`refunded` has gone back, `credit` is all that is owed for it so far, after fee and label."""

    id: UUID
    number: str
    status: ReturnStatus
    way: ReturnWay
    parcel: ReturnParcelState
    carrier: str | None
    tracking_number: str | None
    label_price: int
    credit: int
    refunded: int
    declined_because: str | None
    keeps: bool = Described(description="The customer keeps the goods, and is paid all the same")
    lines: list[DoorReturnLine]
    photos: list[DoorPhoto]
    steps: list[DoorStep]
    send_to: list[str] = Described(description="The address for goods that come without a label of ours")
    next: list[str] = Described(description="cancel, photo, label")
    version: int


class DoorView(BaseModel):
    """`csrf_token` goes into the header X-CSRF-Token of every change. `ways` are how goods may be sent."""

    number: str
    currency: str
    placed_at: datetime | None
    csrf_token: str
    expires_at: datetime
    lines: list[DoorLine]
    returns: list[DoorReturn]
    reasons: list[ReturnReason]
    ways: list[ReturnWay]


def door_lines(session: Session, of: Sold, judged: Sequence[PreviewLine]) -> list[dict[str, Any]]:
    """`judged` is what the policy says of all units of each line that may still come back."""
    said = {line.line_no: line for line in judged}
    pictures = _pictures(session, of.lines.values())
    return [_line(of, n, said.get(n.line_no), pictures.get(n.sku, ({}, None))) for n in of.lines.values()]


def _line(
    of: Sold, line: OrderLine, said: PreviewLine | None, picture: tuple[dict[str, Any], str | None]
) -> dict[str, Any]:
    options, image = picture
    shown = {
        "line_no": line.line_no,
        "title": line.title,
        "options": {str(name): str(value) for name, value in options.items()},
        "image": image,
        "ordered": line.quantity - line.cancelled,
        "shipped": line.shipped,
        "returnable": of.returnable(line.line_no),
    }
    if said is None:
        why = "returned" if line.shipped else "not_sent"
        return shown | {"allowed": False, "verdict": why, "until": None, "reasons": [], "paid": 0, "fee": 0}
    told = {name: getattr(said, name) for name in ("verdict", "until", "reasons", "paid", "fee")}
    # What may not come back for a change of mind may where the shop is at fault.
    return shown | told | {"allowed": bool(said.reasons)}


def _pictures(session: Session, lines: Any) -> dict[str, tuple[dict[str, Any], str | None]]:
    wanted = select(Variant.sku, Variant.options, Product.images).join(Product, Product.id == Variant.product_id)
    rows = session.execute(wanted.where(Variant.sku.in_(sorted({n.sku for n in lines}))))
    return {sku: (options, next(filter(_is_safe, images), None)) for sku, options, images in rows}


def _is_safe(image: str) -> bool:
    return image.startswith("https://")


def returns_of(session: Session, of: Sold, send_to: list[str]) -> list[dict[str, Any]]:
    """Every return of the order, the last first, those that were declined or called off too."""
    found = session.scalars(select(Return).where(Return.order_id == of.order.id).order_by(Return.id.desc())).all()
    rows = lines_of(session, [item.id for item in found])
    return [_return(session, of, item, [r for r in rows if r.return_id == item.id], send_to) for item in found]


def _return(session: Session, of: Sold, item: Return, rows: list[ReturnLine], send_to: list[str]) -> dict[str, Any]:
    return {
        **{
            name: getattr(item, name)
            for name in ("id", "number", "status", "way", "parcel", "carrier", "tracking_number", "label_price")
        },
        "credit": item.credit,
        "refunded": item.refunded + item.counted,
        "keeps": item.keep_why is not None,
        "declined_because": item.decision if item.status == ReturnStatus.declined else None,
        "lines": [
            {
                "line_no": row.line_no,
                "title": of.lines[row.line_no].title,
                "quantity": row.quantity,
                "reason": row.reason,
                "came": row.came,
                "missing": getattr(row, Grade.missing),
            }
            for row in rows
        ],
        "photos": [{"id": photo.id, "line_no": photo.line_no} for photo in photos_of_return(session, item.id)],
        "steps": _steps(session, item),
        "send_to": send_to if item.way == ReturnWay.own and item.status == ReturnStatus.approved else [],
        "next": _next(item),
        "version": item.version,
    }


def _next(item: Return) -> list[str]:
    may = []
    if item.status in (ReturnStatus.requested, ReturnStatus.approved) and item.parcel == ReturnParcelState.awaited:
        may += ["cancel"] if not item.credit else []
    if item.status in PHOTOS_WHILE:
        may.append("photo")
    if item.status == ReturnStatus.approved and item.tracking_number is not None:
        may.append("label")
    return may


def _steps(session: Session, item: Return) -> list[dict[str, Any]]:
    moved = select(Transition.at, Transition.to_status).where(
        Transition.subject == f"return:{item.id}",
        (Transition.from_status.is_(None)) | (Transition.from_status != Transition.to_status),
    )
    steps = [(at, to) for at, to in session.execute(moved.order_by(Transition.id))]
    if item.tracking_number is not None:
        seen = select(TrackingEvent.at, TrackingEvent.status).where(
            TrackingEvent.tracking_number == item.tracking_number
        )
        steps += [(at, f"parcel_{status}") for at, status in session.execute(seen)]
    return [{"at": at, "what": what} for at, what in sorted(steps, key=itemgetter(0))]


def counters(session: Session) -> bool:
    """Whether there is a counter of ours that goods could be brought to."""
    return session.scalar(select(Node.code).where(Node.kind == NodeKind.store).limit(1)) is not None
