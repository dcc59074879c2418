"""What somebody at a dock asks: what is to come on this order, and what is this that I have scanned?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.advance_notices import NoticeStatus, live_notices
from db.catalog import Tracking, Variant, barcode_owners, variants_by_sku
from db.errors import Conflict, Missing, NotFound
from db.inbound import Condition, Receipt, ReceiptLine, ReceiptStatus
from db.lots import day_at, expiries_of
from db.purchasing import RECEIVING, PurchaseLine, PurchaseOrder, lines_of
from serve.edge import edge_of
from serve.package_scans import PackageFound, find_package, scan_of
from serve.requests import json_answer
from serve.routing import Routes
from serve.scans import Scan, read_scan
from serve.scopes import Scope
from serve.shapes import Code

routes = Routes("purchasing")


class ExpectedLine(BaseModel):
    """`over` came beyond what was ordered, `short` is still to come; what was closed short is expected no more."""

    line_no: int
    sku: str
    title: str
    barcode: str | None
    supplier_sku: str
    tracking: Tracking
    case_pack: int
    ordered: int
    received: int
    short: int
    closed_short: int
    over: int
    good: int
    inspect: int
    damaged: int


class WrongGoods(BaseModel):
    sku: str
    title: str
    quantity: int


class ReceivingTotals(BaseModel):
    ordered: int
    received: int
    short: int
    closed_short: int
    over: int
    damaged: int
    wrong: int


class LiveNotice(BaseModel):
    id: UUID
    number: str
    reference: str
    status: NoticeStatus
    expected_at: datetime


class Receiving(BaseModel):
    """`notices` are those on which something of the order is still to come: a receipt may name one of them."""

    id: UUID
    number: str
    supplier: str
    node: str
    status: str
    lines: list[ExpectedLine]
    wrong: list[WrongGoods]
    totals: ReceivingTotals
    notices: list[LiveNotice]


class WaitingLine(BaseModel):
    purchase_id: UUID
    number: str
    line_no: int
    short: int


class ScanAnswer(BaseModel):
    """What a scan is. `scan` is an id to book it under when the label has one of its own (a pallet's number).

    A package that a notice announces has no SKU, and in `package` what is in it. `lot` is the lot or the serial number,
    as the SKU is tracked; it is null when the barcode does not say. `quantity`
    is what the label counts, or a case's units. `waiting` are the lines of open orders at the node, the oldest first.
    """

    sku: str | None
    title: str
    tracking: Tracking
    line_no: int | None
    quantity: int
    lot: str | None
    expires_on: date | None
    expired: bool
    sscc: str | None
    scan: str | None
    waiting: list[WaitingLine]
    package: PackageFound | None = None


@dataclass(eq=False)
class UnknownBarcode(Missing):
    scanned: str

    def __str__(self) -> str:
        return f"No product has the barcode {self.scanned}. Add it to its product, or keep the goods aside."


@dataclass(eq=False)
class NotOnThisOrder(Conflict):
    purchase: str
    sku: str
    title: str
    tracking: str
    lot: str | None

    def __str__(self) -> str:
        return f"{self.title} ({self.sku}) was not ordered on {self.purchase}. Receive it as a wrong item, or leave it."


@dataclass(eq=False)
class CaseSizeUnknown(Conflict):
    sku: str
    title: str

    def __str__(self) -> str:
        return f"This is a case of {self.title} ({self.sku}), and nobody knows how many are in it. Scan one unit of it."


@routes.get("/purchase-orders/{purchase_id}/receiving", access=Scope.read_purchasing, answer=Receiving)
def read_receiving(request: Request, purchase_id: UUID) -> Response:
    """Show what is to come of an order and what has come: short, over, damaged, wrong."""
    with edge_of(request).database.reading() as session:
        order = session.get(PurchaseOrder, purchase_id)
        if order is None:
            raise NotFound("purchase order", str(purchase_id))
        return json_answer(_receiving(session, order))


def _receiving(session: Session, order: PurchaseOrder) -> dict[str, Any]:
    lines = lines_of(session, order.id)
    came: defaultdict[int | None, Counter[str]] = defaultdict(Counter)
    wrong: Counter[str] = Counter()
    rows = session.execute(
        select(ReceiptLine.purchase_line, ReceiptLine.condition, ReceiptLine.sku, func.sum(ReceiptLine.quantity))
        .join(Receipt, Receipt.id == ReceiptLine.receipt_id)
        .where(Receipt.purchase_id == order.id, Receipt.status == ReceiptStatus.booked)
        .group_by(ReceiptLine.purchase_line, ReceiptLine.condition, ReceiptLine.sku)
    )
    for line_no, condition, sku, units in rows:
        came[line_no][condition] += int(units)
        if condition == Condition.wrong:
            wrong[sku] += int(units)
    variants = variants_by_sku(session, [*wrong, *(line.sku for line in lines)])
    told = [_line(line, variants[line.sku], came[line.line_no]) for line in lines]
    counted = ("ordered", "received", "short", "closed_short", "over", "damaged")
    return {
        **{n: getattr(order, n) for n in ("id", "number", "supplier", "node", "status")},
        "lines": told,
        "wrong": [{"sku": s, "title": variants[s].title, "quantity": n} for s, n in sorted(wrong.items())],
        "totals": {n: sum(line[n] for line in told) for n in counted} | {"wrong": wrong.total()},
        "notices": [{n: getattr(one, n) for n in LiveNotice.model_fields} for one in live_notices(session, order.id)],
    }


def _line(line: PurchaseLine, variant: Variant, came: Counter[str]) -> dict[str, Any]:
    return {
        **{n: getattr(line, n) for n in ("line_no", "sku", "supplier_sku", "case_pack", "ordered", "received")},
        "title": variant.title,
        "barcode": variant.barcode,
        "tracking": variant.tracking,
        "short": line.open,
        "closed_short": line.closed_short,
        "over": max(0, line.received - line.ordered),
        **{c: came[c] for c in (Condition.good, Condition.inspect, Condition.damaged)},
    }


@routes.get("/receiving/scan", access=Scope.read_purchasing, answer=ScanAnswer)
def read_receiving_scan(
    request: Request,
    code: Annotated[str, Query(min_length=1, max_length=512)],
    purchase_id: UUID | None = None,
    node: Code | None = None,
) -> Response:
    """Tell what a scanned barcode is: of which line of the order, with the lot, expiry and count that its label says.

    Without an order, which open orders wait for it. A GS1 barcode may come as a scanner types it, with | for the
    separator, or as it is printed, with its brackets.
    """
    with edge_of(request).database.reading() as session:
        order = session.get(PurchaseOrder, purchase_id) if purchase_id else None
        if purchase_id and order is None:
            raise NotFound("purchase order", str(purchase_id))
        lines = lines_of(session, order.id) if order else []
        found = _article(session, code.strip(), lines)
        if isinstance(found, str):
            return json_answer(find_package(session, found, order))
        variant, scan, is_case = found
        line = next((each for each in lines if each.sku == variant.sku), None)
        if order is not None and line is None:
            raise NotOnThisOrder(order.number, variant.sku, variant.title, *_label(variant, scan))
        at = order.node if order else node
        told = _told(session, variant, scan, line, at, is_case=is_case, now=edge_of(request).clock())
        if order is not None and scan.sscc:
            told["scan"], _ = scan_of(session, scan.sscc, order)
        return json_answer(told)


def _article(session: Session, code: str, lines: Sequence[PurchaseLine]) -> tuple[Variant, Scan, bool] | str:
    """The SKU that a code belongs to, what else it says, and whether it is that of a whole case; or a package's SSCC.

    A code of our own or of the supplier's is looked for as it is first: it need be no GTIN.
    """
    if (sku := _own(session, code, lines)) is not None:
        return session.get_one(Variant, sku), Scan(barcodes=(code,)), False
    scan = read_scan(code)
    if not scan.barcodes and scan.sscc:
        return scan.sscc
    owners = barcode_owners(session, [*scan.barcodes, *scan.unit_barcodes])
    for numbers, is_case in ((scan.barcodes, False), (scan.unit_barcodes, True)):
        for number in numbers:
            if number in owners:
                return session.get_one(Variant, owners[number]), scan, is_case
    raise UnknownBarcode(scan.barcodes[0])


def _own(session: Session, code: str, lines: Sequence[PurchaseLine]) -> str | None:
    if (owner := barcode_owners(session, [code]).get(code)) is not None:
        return owner
    named = code.upper()
    for line in lines:
        if named in (line.sku.upper(), line.supplier_sku.upper()):
            return line.sku
    return next(iter(variants_by_sku(session, [code, named])), None)


def _label(variant: Variant, scan: Scan) -> tuple[str, str | None]:
    """How the SKU is tracked, and its lot or serial number as the label says it."""
    said = {Tracking.none: None, Tracking.lot: scan.lot, Tracking.serial: scan.serial}
    return variant.tracking, said[Tracking(variant.tracking)]


def _told(
    session: Session,
    variant: Variant,
    scan: Scan,
    line: PurchaseLine | None,
    node: str | None,
    *,
    is_case: bool,
    now: datetime,
) -> dict[str, Any]:
    _, lot = _label(variant, scan)
    expires_on = None
    if lot is not None:
        # What the label says goes first: booking it tells when the lot has another date.
        expires_on = scan.expires_on or expiries_of(session, [(variant.sku, lot)]).get((variant.sku, lot))
    case = line.case_pack if line is not None and is_case else 1
    if is_case and line is not None and case == 1 and scan.count is None:
        raise CaseSizeUnknown(variant.sku, variant.title)
    return {
        "sku": variant.sku,
        "title": variant.title,
        "tracking": variant.tracking,
        "line_no": line.line_no if line else None,
        "quantity": 1 if variant.tracking == Tracking.serial else scan.count or case,
        "lot": lot,
        "expires_on": expires_on,
        "expired": expires_on is not None and node is not None and expires_on < day_at(session, node, now),
        "sscc": scan.sscc,
        "scan": f"sscc {scan.sscc}" if scan.sscc else None,
        "waiting": _waiting(session, variant.sku, node),
        "package": None,
    }


def _waiting(session: Session, sku: str, node: str | None) -> list[dict[str, Any]]:
    wanted = (
        select(PurchaseOrder.id, PurchaseOrder.number, PurchaseLine.line_no,
               PurchaseLine.ordered - PurchaseLine.received - PurchaseLine.closed_short)
        .join(PurchaseLine, PurchaseLine.purchase_id == PurchaseOrder.id)
        .where(PurchaseLine.sku == sku, PurchaseOrder.status.in_(RECEIVING))
        .where(PurchaseLine.ordered > PurchaseLine.received + PurchaseLine.closed_short)
        .order_by(PurchaseOrder.sent_at, PurchaseOrder.id)
        .limit(20)
    )  # fmt: skip
    if node is not None:
        wanted = wanted.where(PurchaseOrder.node == node)
    names = ("purchase_id", "number", "line_no", "short")
    return [dict(zip(names, row, strict=True)) for row in session.execute(wanted)]
