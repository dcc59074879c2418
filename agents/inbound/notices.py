"""Suppliers say what is on its way; people say where it is. What came of it is counted in `announced`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from biip.checksums import gs1_standard_check_digit as numeric_check_digit

from agents.inbound.announced import move, say_moved
from agents.inbound.expecting import Expected, expect
from agents.inbound.messages.notices import (
    AnnounceDelivery,
    CancelNotice,
    CloseNotice,
    DeliveryAnnounced,
    NoticeState,
    PackageAsk,
    PostponeNotice,
    ReportArrival,
    ShipNotice,
)
from agents.inbound.refusals import AnnouncedAlready, BadSscc, NotOfThisNotice, NotOnItsWay, PackageElsewhere
from agents.stock.rules import BadField, check_quantity, check_words
from db.advance_notices import (
    NOTICE_NEXT,
    ON_THE_WAY,
    AdvanceNotice,
    AdvanceNoticeLine,
    AdvanceNoticePackage,
    NoticeStatus,
    announced_elsewhere,
    days_late,
    days_taken,
    lock_notice,
    new_notice_number,
    notice_by_reference,
    notice_lines,
    notice_packages,
    notices_with_packages,
    what_next,
)
from db.base import uuid7
from db.errors import IllegalMove, NotFound
from db.nodes import Node
from db.purchasing import RECEIVING, PurchaseLine, PurchaseOrder, lines_of, lock_purchase
from db.session import Transaction, check_version
from db.suppliers import Supplier

SSCC_DIGITS = 18
SAID_SINCE, SAID_UNTIL = timedelta(days=2 * 365), timedelta(days=5 * 365)  # from now, as nobody means any other date


def announce_delivery(tx: Transaction, ask: AnnounceDelivery) -> NoticeState:
    """Raises NotFound, AnnouncedAlready, NotOfThisNotice, NotOnItsWay, BadSscc, PackageElsewhere, BadField."""
    _check(ask)
    if tx.get(Supplier, ask.supplier) is None:
        raise NotFound("supplier", ask.supplier)
    if tx.get(Node, ask.node) is None:
        raise NotFound("node", ask.node)
    orders = [lock_purchase(tx, id) for id in sorted({line.purchase_id for line in ask.lines})]
    # One after the other for a supplier: the same reference said twice at once is then refused with its number.
    tx.get_one(Supplier, ask.supplier, with_for_update={"key_share": True}, populate_existing=True)
    if (known := notice_by_reference(tx, ask.supplier, ask.reference)) is not None:
        raise AnnouncedAlready(ask.supplier, ask.reference, known.number)
    for order in orders:
        _check_order(order, ask)
    notice = AdvanceNotice(
        id=uuid7(),
        number=new_notice_number(tx),
        supplier=ask.supplier,
        reference=ask.reference,
        node=ask.node,
        status=NoticeStatus.announced,
        carrier=ask.carrier,
        tracking=ask.tracking,
        note=ask.note,
        announced_by=tx.who.actor,
        announced_at=tx.now,
        version=1,
        updated_at=tx.now,
    )
    _expect(tx, notice, orders, ask.said_at)
    tx.add(notice)
    tx.flush()
    lines = _lines(tx, notice, orders, ask)
    tx.add_all(lines)
    tx.add_all(_packages(tx, notice, lines, ask.packages))
    tx.note(f"advance_notice:{notice.id}", to_status=NoticeStatus.announced, why=ask.reference)
    tx.announce(
        f"advance_notice:{notice.id}",
        DeliveryAnnounced(
            notice_id=notice.id,
            number=notice.number,
            supplier=notice.supplier,
            reference=notice.reference,
            node=notice.node,
            units=sum(line.units for line in lines),
            expected_at=notice.expected_at,
        ),
    )
    return _state(tx, notice)


def ship_notice(tx: Transaction, ask: ShipNotice) -> NoticeState:
    notice = _locked(tx, ask)
    move(tx, notice, NoticeStatus.in_transit, why="handed over")
    notice.shipped_at = tx.now
    notice.carrier, notice.tracking = ask.carrier or notice.carrier, ask.tracking or notice.tracking
    if ask.said_at is not None:
        _expect(tx, notice, _orders(tx, notice), ask.said_at)
    return _state(tx, notice)


def postpone_notice(tx: Transaction, ask: PostponeNotice) -> NoticeState:
    """Raises IllegalMove once the goods are there."""
    check_words("reason", ask.reason)
    notice = _locked(tx, ask)
    if notice.status not in ON_THE_WAY:
        next_ = sorted(s.value for s in NOTICE_NEXT[NoticeStatus(notice.status)])
        raise IllegalMove("advance_notice", notice.number, notice.status, "expected at another time", next_)
    before = notice.said_at or notice.expected_at
    _expect(tx, notice, _orders(tx, notice), ask.said_at)
    notice.updated_at = tx.now
    why = f"expected {before:%Y-%m-%d} → {ask.said_at:%Y-%m-%d}: {ask.reason}"
    tx.note(f"advance_notice:{notice.id}", from_status=notice.status, to_status=notice.status, why=why)
    say_moved(tx, notice, why=why)
    return _state(tx, notice)


def report_arrival(tx: Transaction, ask: ReportArrival) -> NoticeState:
    notice = _locked(tx, ask)
    move(tx, notice, NoticeStatus.arrived, why="at the node")
    notice.arrived_at = tx.now
    return _state(tx, notice)


def close_notice(tx: Transaction, ask: CloseNotice) -> NoticeState:
    check_words("reason", ask.reason)
    notice = _locked(tx, ask)
    move(tx, notice, NoticeStatus.closed, why=ask.reason)
    return _state(tx, notice)


def cancel_notice(tx: Transaction, ask: CancelNotice) -> NoticeState:
    """Its packages may be on another notice then. Raises IllegalMove once the goods are there."""
    check_words("reason", ask.reason)
    notice = _locked(tx, ask)
    move(tx, notice, NoticeStatus.cancelled, why=ask.reason)
    for package in notice_packages(tx, notice.id):
        package.live = False
    return _state(tx, notice)


def check_sscc(sscc: str) -> None:
    """GS1 General Specifications, 7.9: 18 digits, the last of which is worked out of the others."""
    if len(sscc) != SSCC_DIGITS or not (sscc.isascii() and sscc.isdigit()):
        raise BadSscc(sscc, f"it has {SSCC_DIGITS} digits")
    if (ends := str(numeric_check_digit(sscc[:-1]))) != sscc[-1]:
        raise BadSscc(sscc, f"by its check digit it would end in {ends}")


def _check(ask: AnnounceDelivery) -> None:
    check_words("reference", ask.reference)
    for name in ("carrier", "tracking", "note"):
        check_words(name, getattr(ask, name), needed=False)
    if not ask.lines:
        raise BadField("lines", [], "say what is on its way")
    for line in ask.lines:
        check_quantity(f"line {line.line_no}", line.units)
        check_words("lot", line.lot, needed=False)
        check_words("expiry", line.expiry, needed=False)
    for package in ask.packages:
        check_sscc(package.sscc)
    for sscc, times in Counter(package.sscc for package in ask.packages).items():
        if times > 1:
            raise BadField("packages", sscc, "each is named once")


def _check_order(order: PurchaseOrder, ask: AnnounceDelivery) -> None:
    if order.supplier != ask.supplier:
        raise NotOfThisNotice(ask.reference, order.number, "supplier", ask.supplier, order.supplier)
    if order.node != ask.node:
        raise NotOfThisNotice(ask.reference, order.number, "node", ask.node, order.node)
    if order.status not in RECEIVING:
        raise NotOnItsWay(order.number, order.status)


def _lines(
    tx: Transaction, notice: AdvanceNotice, orders: Sequence[PurchaseOrder], ask: AnnounceDelivery
) -> list[AdvanceNoticeLine]:
    """Units are announced beyond an order where other notices and these are more than are still to come of it."""
    ordered: dict[tuple[Any, int], PurchaseLine] = {}
    left: dict[tuple[Any, int], int] = {}
    for order in orders:
        others = announced_elsewhere(tx, order.id, but=notice.id)
        for line in lines_of(tx, order.id):
            ordered[(order.id, line.line_no)] = line
            left[(order.id, line.line_no)] = max(0, line.open - others.get(line.line_no, 0))
    lines = []
    for no, said in enumerate(ask.lines, start=1):
        place = (said.purchase_id, said.line_no)
        if place not in ordered:
            raise NotFound("line", f"{said.purchase_id}/{said.line_no}")
        expected = min(said.units, left[place])
        left[place] -= expected
        lines.append(
            AdvanceNoticeLine(
                notice_id=notice.id,
                no=no,
                purchase_id=said.purchase_id,
                purchase_line=said.line_no,
                sku=ordered[place].sku,
                units=said.units,
                received=0,
                beyond=said.units - expected,
                lot=said.lot,
                expiry=said.expiry,
            )
        )
    return lines


def _packages(
    tx: Transaction, notice: AdvanceNotice, lines: Sequence[AdvanceNoticeLine], asked: Sequence[PackageAsk]
) -> list[AdvanceNoticePackage]:
    for sscc, number in notices_with_packages(tx, [package.sscc for package in asked], but=notice.id).items():
        raise PackageElsewhere(sscc, number)
    announced = {line.no: line.units for line in lines}
    packed: Counter[int] = Counter()
    for package in asked:
        for inside in package.contents:
            check_quantity(f"line {inside.line}", inside.units)
            packed[inside.line] += inside.units
    for no, units in packed.items():
        if units > announced.get(no, 0):
            raise BadField(f"packages of line {no}", units, f"{announced.get(no, 0)} are announced of it")
    return [
        AdvanceNoticePackage(
            notice_id=notice.id,
            sscc=package.sscc,
            contents=[{"line": inside.line, "units": inside.units} for inside in package.contents],
            live=True,
        )
        for package in asked
    ]


def _orders(tx: Transaction, notice: AdvanceNotice) -> list[PurchaseOrder]:
    return [tx.get_one(PurchaseOrder, id) for id in sorted({line.purchase_id for line in notice_lines(tx, notice.id)})]


def _expect(
    tx: Transaction, notice: AdvanceNotice, orders: Sequence[PurchaseOrder], said_at: datetime | None
) -> Expected:
    if said_at is not None and not tx.now - SAID_SINCE <= said_at <= tx.now + SAID_UNTIL:
        why = "it is at most two years before and five years after today"
        raise BadField("said_at", said_at.isoformat(), why)
    notice.first_said_at = notice.first_said_at or said_at
    known = expect(
        said_at=said_at,
        first_said_at=notice.first_said_at,
        since=max((order.sent_at for order in orders if order.sent_at is not None), default=tx.now),
        now=tx.now,
        node=notice.node,
        late=days_late(tx, notice.supplier, tx.now),
        took=days_taken(tx, notice.supplier, tx.now),
        lead_days=tx.get_one(Supplier, notice.supplier).lead_days,
    )
    notice.said_at = said_at
    notice.expected_at, notice.expected_late_at = known.at, known.late_at
    notice.expected_from, notice.expected_why, notice.observations = known.rests_on, known.why, known.observations
    return known


def _locked(
    tx: Transaction, ask: ShipNotice | PostponeNotice | ReportArrival | CloseNotice | CancelNotice
) -> AdvanceNotice:
    notice = lock_notice(tx, ask.notice_id)
    check_version(notice, ask.version, kind="advance_notice", id=notice.number)
    return notice


def _state(tx: Transaction, notice: AdvanceNotice) -> NoticeState:
    tx.flush()
    copied = ("id", "number", "supplier", "reference", "node", "status", "said_at", "expected_at", "expected_late_at",
              "expected_from", "expected_why", "observations", "version")  # fmt: skip
    return NoticeState(
        **{name: getattr(notice, name) for name in copied},
        lines=[_line(line) for line in notice_lines(tx, notice.id)],
        packages=[package.sscc for package in notice_packages(tx, notice.id)],
        next=what_next(notice.status),
    )


def _line(line: AdvanceNoticeLine) -> dict[str, Any]:
    said = ("no", "purchase_id", "purchase_line", "sku", "units", "received", "beyond", "lot", "expiry")
    told = {name: getattr(line, name) for name in said}
    return told | {"short": max(0, line.units - line.received), "over": max(0, line.received - line.units)}
