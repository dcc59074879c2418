"""What is in a scanned package, as the notice it is on says: its units can be received by one scan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.advance_notices import (
    RECEIVABLE,
    AdvanceNotice,
    AdvanceNoticeLine,
    AdvanceNoticePackage,
    NoticeStatus,
    notice_lines,
)
from db.catalog import Tracking, Variant, variants_by_sku
from db.errors import Conflict
from db.inbound import Receipt, ReceiptStatus
from db.lots import expiries_of
from db.purchasing import PurchaseLine, PurchaseOrder


class LineInPackage(BaseModel):
    line_no: int
    sku: str
    title: str
    quantity: int
    lot: str
    expires_on: date | None


class PackedElsewhere(BaseModel):
    purchase_id: UUID
    number: str
    units: int


class PackageFound(BaseModel):
    """Lines of the order that was asked about; `elsewhere` are units in it of others.

    `notice_id` is null when nothing more is received on the notice. `receipt` has booked this package already.
    """

    sscc: str
    notice_id: UUID | None
    notice: str
    notice_status: NoticeStatus
    lines: list[LineInPackage]
    elsewhere: list[PackedElsewhere]
    receipt: str | None


@dataclass(eq=False)
class PalletNotAnnounced(Conflict):
    sscc: str

    def __str__(self) -> str:
        return f"Nobody has said what is on the pallet {self.sscc}. Scan the goods on it."


@dataclass(eq=False)
class ContentsNotSaid(Conflict):
    sscc: str
    notice: str

    def __str__(self) -> str:
        return f"{self.notice} announces the package {self.sscc}, and not what is in it. Scan the goods in it."


@dataclass(eq=False)
class PackageOfOtherOrder(Conflict):
    sscc: str
    purchase: str
    notice: str
    of: list[str]

    def __str__(self) -> str:
        return f"By {self.notice} nothing in {self.sscc} is of {self.purchase}. It is of {', '.join(self.of)}."


@dataclass(eq=False)
class PackageNeedsScans(Conflict):
    sscc: str
    sku: str
    tracking: str
    notice: str

    def __str__(self) -> str:
        return f"{self.sku} is tracked by {self.tracking}, and {self.notice} does not say which. Scan the goods in it."


def find_package(session: Session, sscc: str, order: PurchaseOrder | None) -> dict[str, Any]:
    """What a scan of a package says, as `ScanAnswer` has it.

    Raises PalletNotAnnounced, ContentsNotSaid, PackageOfOtherOrder, PackageNeedsScans.
    """
    package = session.scalar(
        select(AdvanceNoticePackage).where(AdvanceNoticePackage.sscc == sscc, AdvanceNoticePackage.live)
    )
    if package is None:
        raise PalletNotAnnounced(sscc)
    notice = session.get_one(AdvanceNotice, package.notice_id)
    inside = _inside(session, package)
    if not inside:
        raise ContentsNotSaid(sscc, notice.number)
    numbers = _numbers(session, {line.purchase_id for line, _ in inside})
    mine = [(line, units) for line, units in inside if order is not None and line.purchase_id == order.id]
    if order is not None and not mine:
        raise PackageOfOtherOrder(sscc, order.number, notice.number, sorted(numbers.values()))
    variants = variants_by_sku(session, [line.sku for line, _ in inside])
    others: Counter[UUID] = Counter()
    for line, units in inside:
        if order is None or line.purchase_id != order.id:
            others[line.purchase_id] += units
    scan, receipt = scan_of(session, sscc, order) if order is not None else (f"sscc {sscc}", None)
    return {
        "sku": None,
        "title": f"Package {sscc}",
        "tracking": Tracking.none,
        "line_no": None,
        "quantity": sum(units for _, units in (mine if order is not None else inside)),
        "lot": None,
        "expires_on": None,
        "expired": False,
        "sscc": sscc,
        "scan": scan,
        "waiting": [] if order is not None else _waiting(session, inside, numbers),
        "package": {
            "sscc": sscc,
            "notice_id": notice.id if notice.status in RECEIVABLE else None,
            "notice": notice.number,
            "notice_status": notice.status,
            "lines": [
                _line(session, notice, line, units, variant=variants[line.sku], sscc=sscc) for line, units in mine
            ],
            "elsewhere": [
                {"purchase_id": id, "number": numbers[id], "units": units} for id, units in sorted(others.items())
            ],
            "receipt": receipt,
        },
    }


def scan_of(session: Session, sscc: str, order: PurchaseOrder) -> tuple[str, str | None]:
    """The id under which a package is booked, so that two devices book it once, and the receipt that has it already.

    One that was taken back is booked anew, under the next id.
    """
    first = f"sscc {sscc}"
    rows = session.execute(
        select(Receipt.number, Receipt.status).where(
            Receipt.purchase_id == order.id, Receipt.scan.startswith(first, autoescape=True)
        )
    ).all()
    booked = next((number for number, status in rows if status == ReceiptStatus.booked), None)
    before = sum(1 for _, status in rows if status == ReceiptStatus.taken_back)
    return (f"{first} again {before}" if before else first), booked


def _inside(session: Session, package: AdvanceNoticePackage) -> list[tuple[AdvanceNoticeLine, int]]:
    lines = {line.no: line for line in notice_lines(session, package.notice_id)}
    units: Counter[int] = Counter()
    for each in package.contents:
        units[each["line"]] += each["units"]
    return [(lines[no], count) for no, count in sorted(units.items())]


def _numbers(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    wanted = select(PurchaseOrder.id, PurchaseOrder.number).where(PurchaseOrder.id.in_(sorted(ids)))
    return dict(session.execute(wanted).all())


def _waiting(
    session: Session, inside: Sequence[tuple[AdvanceNoticeLine, int]], numbers: dict[UUID, str]
) -> list[dict[str, Any]]:
    found = []
    for line, _ in inside:
        ordered = session.get_one(PurchaseLine, (line.purchase_id, line.purchase_line))
        found.append(
            {"purchase_id": line.purchase_id, "number": numbers[line.purchase_id], "line_no": line.purchase_line,
             "short": ordered.open}
        )  # fmt: skip
    return sorted(found, key=lambda each: (each["short"] == 0, each["number"]))


def _line(
    session: Session, notice: AdvanceNotice, line: AdvanceNoticeLine, units: int, *, variant: Variant, sscc: str
) -> dict[str, Any]:
    if variant.tracking == Tracking.serial or (variant.tracking == Tracking.lot and not line.lot):
        raise PackageNeedsScans(sscc, variant.sku, variant.tracking, notice.number)
    lot = line.lot if variant.tracking == Tracking.lot else ""
    return {
        "line_no": line.purchase_line,
        "sku": variant.sku,
        "title": variant.title,
        "quantity": units,
        "lot": lot,
        "expires_on": _expiry(line.expiry) or expiries_of(session, [(variant.sku, lot)]).get((variant.sku, lot))
        if lot
        else None,
    }


def _expiry(said: str) -> date | None:
    """The supplier writes what it likes; a day of the calendar is understood, and all else is left to the label."""
    try:
        return date.fromisoformat(said.strip())
    except ValueError:
        return None
