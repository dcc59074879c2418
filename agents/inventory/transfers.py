"""Transfers between nodes in two legs: out of one, in transit to the other, and in."""

from __future__ import annotations

from collections import Counter, defaultdict
from uuid import UUID

from sqlalchemy import select

from agents.inventory.messages import (
    CancelTransfer,
    CreateTransfer,
    PlanTransfer,
    ReceiveTransfer,
    SendTransfer,
    TransferState,
)
from agents.inventory.rules import MoreThanSent, OutOfStock, Piece, spread
from agents.stock.booking import book, lapse_holds, settle
from agents.stock.goods import Goods, check_lots, lock_targets, need_bin_of, need_node, need_skus
from agents.stock.rules import BadField, check_quantity
from db.base import uuid7
from db.errors import NotFound
from db.ledger import Movement, NotInBin, Place, lock_levels
from db.nodes import Bin, BinType
from db.session import Transaction, check_version
from db.stock import (
    TRANSFER_MOVES,
    BinStock,
    MovementKind,
    StockLedger,
    StockStatus,
    Transfer,
    TransferLine,
    TransferStatus,
)

SENT_FROM = (BinType.pick_face, BinType.reserve)


def create_transfer(tx: Transaction, ask: CreateTransfer | PlanTransfer) -> TransferState:
    """A draft keeps no stock. Equal lines are added up."""
    need_node(tx, ask.from_node)
    need_node(tx, ask.to_node)
    if ask.from_node == ask.to_node:
        raise BadField("to_node", ask.to_node, "a transfer needs two nodes")
    if not ask.lines:
        raise BadField("lines", [], "say what to send")
    wanted: defaultdict[tuple[str, str], int] = defaultdict(int)
    for line in ask.lines:
        check_quantity(line.sku, line.quantity)
        wanted[(line.sku, line.lot)] += line.quantity
    variants = need_skus(tx, (sku for sku, _ in wanted))
    check_lots(tx, variants, [(sku, lot, units) for (sku, lot), units in wanted.items()], arriving=False)
    transfer = Transfer(
        id=ask.transfer_id if isinstance(ask, PlanTransfer) else uuid7(),
        from_node=ask.from_node,
        to_node=ask.to_node,
        status=TransferStatus.draft,
        version=1,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.add(transfer)
    tx.flush()
    for n, ((sku, lot), units) in enumerate(wanted.items(), start=1):
        tx.add(TransferLine(transfer_id=transfer.id, line_no=n, sku=sku, lot=lot, quantity=units, received=0, lost=0))
    tx.note(_subject(transfer), to_status=TransferStatus.draft)
    return _state(tx, transfer)


def send_transfer(tx: Transaction, ask: SendTransfer) -> TransferState:
    """First leg: free units leave the pick faces and reserve bins, in the order of the pick path.

    Raises:
        OutOfStock: fewer units are free at the node than are to be sent.
        NotInBin: enough are free, but they do not lie in a pick face or reserve bin.
    """
    transfer, lines = _locked(tx, ask.transfer_id, ask.version)
    _move(tx, transfer, TransferStatus.in_transit, f"sent to {transfer.to_node}")
    arriving_at = need_bin_of(tx, transfer.to_node, BinType.receiving)
    _check_free(tx, transfer, lines)
    movements: list[Movement] = []
    for line in lines:
        for piece in _pieces(tx, transfer, line):
            movements.append(_leg(transfer, line, MovementKind.transferred_out, -piece.quantity, piece.place))
        movements.append(
            _leg(transfer, line, MovementKind.transferred_in, line.quantity, arriving_at, status=StockStatus.transit)
        )
    book(tx, movements, why="sent to another node")
    return _state(tx, transfer)


def receive_transfer(tx: Transaction, ask: ReceiveTransfer) -> TransferState:
    """Second leg: what came goes to the pick face; what is still missing is written off when `complete`.

    Raises:
        MoreThanSent: more came of a line than is on its way.
    """
    transfer, lines = _locked(tx, ask.transfer_id, ask.version)
    came = _arrived(ask, lines)
    awaited = sum(line.quantity - line.received - line.lost for line in lines) - sum(came.values())
    if transfer.status != TransferStatus.in_transit or ask.complete or awaited == 0:
        _move(tx, transfer, TransferStatus.received, "everything has come, or is written off")
    else:
        transfer.updated_at = tx.now
        transfer.version += 1
    lock_levels(tx, {(line.sku, transfer.to_node) for line in lines})
    into = need_bin_of(tx, transfer.to_node, BinType.pick_face)
    came_in: Counter[Goods] = Counter()
    for (sku, _), units in came.items():
        came_in[(into, sku)] += units
    lock_targets(tx, transfer.to_node, came_in)
    movements: list[Movement] = []
    for line in lines:
        units = came.get((line.sku, line.lot), 0)
        lost = line.quantity - line.received - line.lost - units if ask.complete else 0
        movements += _second_leg(tx, transfer, line, units=units, lost=lost, into=into)
        line.received += units
        line.lost += lost
    if movements:
        book(tx, movements, why="transfer arrived")
    return _state(tx, transfer)


def cancel_transfer(tx: Transaction, ask: CancelTransfer) -> TransferState:
    """A draft only: what is on its way arrives, or is written off."""
    transfer, _ = _locked(tx, ask.transfer_id, None)
    _move(tx, transfer, TransferStatus.cancelled, "cancelled before it was sent")
    return _state(tx, transfer)


def _subject(transfer: Transfer) -> str:
    return f"transfer:{transfer.id}"


def _move(tx: Transaction, transfer: Transfer, to: TransferStatus, why: str) -> None:
    tx.move(transfer, to, moves=TRANSFER_MOVES, subject=_subject(transfer), why=why)
    transfer.updated_at = tx.now


def _locked(tx: Transaction, transfer_id: UUID, version: int | None) -> tuple[Transfer, list[TransferLine]]:
    transfer = tx.get(Transfer, transfer_id, with_for_update=True)
    if transfer is None:
        raise NotFound("transfer", str(transfer_id))
    check_version(transfer, version, kind="transfer", id=str(transfer_id))
    lines = tx.scalars(
        select(TransferLine)
        .where(TransferLine.transfer_id == transfer_id)
        .order_by(TransferLine.line_no)
        .execution_options(populate_existing=True)
    )
    return transfer, list(lines)


def _check_free(tx: Transaction, transfer: Transfer, lines: list[TransferLine]) -> None:
    """Locks the levels at both nodes."""
    wanted: defaultdict[Place, int] = defaultdict(int)
    for line in lines:
        wanted[(line.sku, transfer.from_node)] += line.quantity
    everywhere = {*wanted, *((sku, transfer.to_node) for sku, _ in wanted)}
    levels = lock_levels(tx, everywhere)
    tight = [p for p, units in wanted.items() if p in levels and levels[p].free < units and levels[p].held]
    if tight and lapse_holds(tx, tight):
        settle(tx, tight)  # who waits for stock comes before a transfer
        levels = lock_levels(tx, everywhere)
    free = {place: levels[place].free if place in levels else 0 for place in wanted}
    short = [
        {"sku": sku, "wanted": units, "free": free[(sku, node)], "purchasable": max(0, free[(sku, node)])}
        for (sku, node), units in sorted(wanted.items())
        if free[(sku, node)] < units
    ]
    if short:
        raise OutOfStock(short)


def _pieces(tx: Transaction, transfer: Transfer, line: TransferLine) -> list[Piece]:
    rows = tx.execute(
        select(BinStock.bin, BinStock.quantity)
        .join(Bin, (Bin.node == BinStock.node) & (Bin.code == BinStock.bin))
        .where(BinStock.node == transfer.from_node, BinStock.sku == line.sku, BinStock.lot == line.lot)
        .where(BinStock.status == StockStatus.sellable, Bin.type.in_(SENT_FROM), Bin.active)
        .order_by(Bin.sequence, Bin.code)
    )
    pieces = spread(line.quantity, [Piece(r.bin, r.quantity) for r in rows])
    found = sum(p.quantity for p in pieces)
    if found < line.quantity:
        kinds = " or ".join(k.value for k in SENT_FROM)
        raise NotInBin(line.sku, transfer.from_node, kinds, line.lot, StockStatus.sellable, line.quantity, found)
    return pieces


def _arrived(ask: ReceiveTransfer, lines: list[TransferLine]) -> dict[tuple[str, str], int]:
    came: defaultdict[tuple[str, str], int] = defaultdict(int)
    for told in ask.lines:
        check_quantity(told.sku, told.quantity, least=0)
        came[(told.sku, told.lot)] += told.quantity
    expected = {(line.sku, line.lot): line.quantity - line.received - line.lost for line in lines}
    for (sku, lot), units in came.items():
        if units > expected.get((sku, lot), 0):
            raise MoreThanSent(sku, lot, expected.get((sku, lot), 0), units)
    return dict(came)


def _second_leg(
    tx: Transaction, transfer: Transfer, line: TransferLine, *, units: int, lost: int, into: str
) -> list[Movement]:
    """Out of transit, from where this transfer's units were booked in, into the pick face or off the books."""
    if not units and not lost:
        return []
    at = tx.scalars(
        select(StockLedger.bin).where(
            StockLedger.cause == _subject(transfer),
            StockLedger.kind == MovementKind.transferred_in,
            StockLedger.sku == line.sku,
            StockLedger.lot == line.lot,
        )
    ).one()
    legs: list[Movement] = []
    if units:
        legs.append(_leg(transfer, line, MovementKind.moved, -units, at, status=StockStatus.transit))
        legs.append(_leg(transfer, line, MovementKind.moved, units, into))
    if lost:
        legs.append(
            _leg(transfer, line, MovementKind.adjusted, -lost, at, status=StockStatus.transit, why="lost in transit")
        )
    return legs


def _leg(
    transfer: Transfer,
    line: TransferLine,
    kind: MovementKind,
    units: int,
    bin: str | None,
    *,
    status: StockStatus = StockStatus.sellable,
    why: str | None = None,
) -> Movement:
    node = transfer.from_node if kind is MovementKind.transferred_out else transfer.to_node
    return Movement(
        line.sku, node, kind, _subject(transfer), on_hand=units, bin=bin, lot=line.lot, status=status, why=why
    )


def _state(tx: Transaction, transfer: Transfer) -> TransferState:
    tx.flush()
    lines = tx.scalars(
        select(TransferLine).where(TransferLine.transfer_id == transfer.id).order_by(TransferLine.line_no)
    )
    names = ("line_no", "sku", "lot", "quantity", "received", "lost")
    return TransferState(
        id=transfer.id,
        from_node=transfer.from_node,
        to_node=transfer.to_node,
        status=transfer.status,
        version=transfer.version,
        lines=[{name: getattr(line, name) for name in names} for line in lines],
        next=sorted(s.value for s in TRANSFER_MOVES[TransferStatus(transfer.status)]),
    )
