"""What came is counted against what was announced, and the notice stands where its lines say."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agents.inbound.at_dock import called_off, came
from agents.inbound.messages.notices import AnnouncedDeliveryMoved
from agents.inbound.refusals import NoticeOver, NotOfThisNotice
from db.advance_notices import (
    NOTICE_MOVES,
    NOTICE_NEXT,
    ON_THE_WAY,
    RECEIVABLE,
    AdvanceNotice,
    AdvanceNoticeLine,
    NoticeStatus,
    any_booked,
    lock_notice,
    notice_lines,
)
from db.errors import IllegalMove
from db.inbound import Receipt, ReceiptLine
from db.purchasing import PurchaseOrder
from db.session import Transaction


def notice_to_receive(tx: Transaction, notice_id: UUID | None, order: PurchaseOrder) -> AdvanceNotice | None:
    """Locks the notice that goods of an order came on. Raises NotFound, NotOfThisNotice, NoticeOver."""
    if notice_id is None:
        return None
    notice = lock_notice(tx, notice_id)
    if notice.supplier != order.supplier:
        raise NotOfThisNotice(notice.number, order.number, "supplier", notice.supplier, order.supplier)
    if notice.node != order.node:
        raise NotOfThisNotice(notice.number, order.number, "node", notice.node, order.node)
    if notice.status not in RECEIVABLE:
        raise NoticeOver(notice.number, notice.status)
    return notice


def count_in(tx: Transaction, notice: AdvanceNotice, receipt: Receipt, lines: Sequence[ReceiptLine]) -> None:
    """Each line of a receipt counts on one of the notice's, or on none where nothing of it was announced."""
    announced = notice_lines(tx, notice.id)
    for line in lines:
        found = line_for(announced, receipt.purchase_id, line)
        if found is not None:
            line.notice_line = found.no
            found.received += line.quantity
    settle(tx, notice, announced, why=receipt.number)


def count_out(tx: Transaction, notice: AdvanceNotice, receipt: Receipt, lines: Sequence[ReceiptLine]) -> None:
    announced = {line.no: line for line in notice_lines(tx, notice.id)}
    for line in lines:
        if line.notice_line is not None:
            announced[line.notice_line].received -= line.quantity
    settle(tx, notice, list(announced.values()), why=f"{receipt.number} taken back")


def line_for(announced: Sequence[AdvanceNoticeLine], purchase_id: UUID, line: ReceiptLine) -> AdvanceNoticeLine | None:
    """Of the same line of the order: the same lot first, then one that is still short, then the first."""
    same = [a for a in announced if (a.purchase_id, a.purchase_line) == (purchase_id, line.purchase_line)]
    return min(same, key=lambda a: (a.lot != line.lot, a.received >= a.units, a.no), default=None)


def standing(notice: AdvanceNotice, announced: Sequence[AdvanceNoticeLine], *, counted: bool) -> NoticeStatus:
    """`counted`: something lies on a booked receipt of the notice, of an announced line or not."""
    if all(line.received >= line.units for line in announced):
        return NoticeStatus.received
    if counted:
        return NoticeStatus.receiving
    if notice.arrived_at is not None:
        return NoticeStatus.arrived
    return NoticeStatus.in_transit if notice.shipped_at is not None else NoticeStatus.announced


def settle(tx: Transaction, notice: AdvanceNotice, announced: Sequence[AdvanceNoticeLine], *, why: str) -> None:
    tx.flush()
    to = standing(notice, announced, counted=any_booked(tx, notice.id))
    if to != notice.status:
        _go(tx, notice, to, why=why)
    notice.updated_at = tx.now


def move(tx: Transaction, notice: AdvanceNotice, to: NoticeStatus, *, why: str) -> None:
    """Where people say that it is. Raises IllegalMove for what only a receipt that is taken back brings."""
    may = NOTICE_NEXT[NoticeStatus(notice.status)]
    if to not in may:
        raise IllegalMove("advance_notice", notice.number, notice.status, to.value, sorted(s.value for s in may))
    _go(tx, notice, to, why=why)
    notice.updated_at = tx.now


def _go(tx: Transaction, notice: AdvanceNotice, to: NoticeStatus, *, why: str) -> None:
    was_on_the_way = notice.status in ON_THE_WAY
    tx.move(notice, to, moves=NOTICE_MOVES, subject=f"advance_notice:{notice.id}", why=why)
    say_moved(tx, notice, why=why)
    if to == NoticeStatus.cancelled:
        called_off(tx, notice, why=f"{notice.number} was cancelled: {why}")
    elif was_on_the_way and to not in ON_THE_WAY:
        came(tx, notice, why=f"{notice.number} is there: {why}")


def say_moved(tx: Transaction, notice: AdvanceNotice, *, why: str) -> None:
    """It stands elsewhere now, or is expected at another time."""
    tx.announce(
        f"advance_notice:{notice.id}",
        AnnouncedDeliveryMoved(
            notice_id=notice.id,
            number=notice.number,
            supplier=notice.supplier,
            node=notice.node,
            status=notice.status,
            why=why,
        ),
    )
