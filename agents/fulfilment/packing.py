"""Picked units into parcels, and out again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from agents.fulfilment.fulfilments import (
    check_workable,
    lines_of,
    live_parcels,
    lock_fulfilments,
    lock_orders,
    lock_with_order,
    parcel_lines,
)
from agents.fulfilment.messages import PackParcel, ParcelPacked, ParcelState, ParcelUnpacked
from agents.fulfilment.progress import settle
from agents.fulfilment.refusals import CancelledMeanwhile, NegativeMeasure, NotPicked
from agents.fulfilment.rules import Unpacked, fill_parcel
from db.catalog import Variant
from db.errors import NotFound
from db.fulfilment import (
    PARCEL_MOVES,
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    Parcel,
    ParcelLine,
    ParcelStatus,
)
from db.packing import PackingBox
from db.session import Transaction
from db.shipping import Label, LabelState
from db.stock import Allocation, AllocationState


def pack_parcel(tx: Transaction, ask: PackParcel) -> ParcelState:
    order, fulfilment = lock_with_order(tx, ask.fulfilment_id)
    check_workable(tx, order)
    if fulfilment.status not in (FulfilmentStatus.picked, FulfilmentStatus.packed):
        raise NotPicked(fulfilment.number, fulfilment.status)
    parcel = put_in(tx, fulfilment, ask)
    settle(tx, [fulfilment])
    return parcel_state(tx, parcel)


def put_in(tx: Transaction, fulfilment: Fulfilment, ask: PackParcel) -> Parcel:
    """A parcel of picked units; the fulfilment is locked and has to be settled afterwards."""
    lines = {line.allocation_id: line for line in lines_of(tx, [fulfilment.id])}
    left = [
        Unpacked(line.allocation_id, line.line_no, line.sku, line.lot, line.picked - line.packed)
        for line in lines.values()
        if line.picked > line.packed
    ]
    units = fill_parcel(fulfilment.number, left, ask.lines)
    _still_picked(tx, units)
    parcel = _new_parcel(tx, fulfilment, ask, units)
    for unit in units:
        lines[unit.allocation_id].packed += unit.quantity
    tx.flush()
    tx.announce(
        f"order:{fulfilment.order_id}",
        ParcelPacked(parcel_id=parcel.id, fulfilment_id=fulfilment.id, order_id=fulfilment.order_id),
    )
    return parcel


def _still_picked(tx: Transaction, units: Sequence[Unpacked]) -> None:
    ids = [u.allocation_id for u in units]
    picked = set(
        tx.scalars(select(Allocation.id).where(Allocation.id.in_(ids), Allocation.state == AllocationState.picked))
    )
    for unit in units:
        if unit.allocation_id not in picked:
            raise CancelledMeanwhile(unit.sku, 0, unit.quantity)


def _new_parcel(tx: Transaction, fulfilment: Fulfilment, ask: PackParcel, units: Sequence[Unpacked]) -> Parcel:
    measures = _measures(tx, fulfilment, ask, units)
    for field, value in measures.items():
        if value < 0:
            raise NegativeMeasure(field, value)
    before = tx.scalar(select(func.count()).where(Parcel.fulfilment_id == fulfilment.id)) or 0
    parcel = Parcel(
        fulfilment_id=fulfilment.id,
        order_id=fulfilment.order_id,
        node=fulfilment.node,
        number=before + 1,
        status=ParcelStatus.packed,
        box=ask.box,
        created_at=tx.now,
        updated_at=tx.now,
        **measures,
    )
    tx.add(parcel)
    tx.flush()
    tx.note(f"parcel:{parcel.id}", to_status=ParcelStatus.packed)
    for u in units:
        lots = [{"lot": u.lot, "quantity": u.quantity}]
        line = ParcelLine(parcel_id=parcel.id, allocation_id=u.allocation_id, sku=u.sku, quantity=u.quantity, lots=lots)
        tx.add(line)
    return parcel


def _measures(tx: Transaction, fulfilment: Fulfilment, ask: PackParcel, units: Sequence[Unpacked]) -> dict[str, int]:
    """What is said of weight and size, or else what follows from the goods and the box, where one is named."""
    measures = {"length_mm": ask.length_mm, "width_mm": ask.width_mm, "height_mm": ask.height_mm}
    tare = 0
    if ask.box is not None:
        box = tx.get(PackingBox, (fulfilment.node, ask.box))
        if box is None:
            raise NotFound("box", f"{fulfilment.node}/{ask.box}")
        tare = box.tare_grams
        if not any(measures.values()):
            measures = dict(zip(measures, box.outer_mm, strict=True))
    weight = _weight(tx, units) + tare if ask.weight_grams is None else ask.weight_grams
    return {"weight_grams": weight, **measures}


def _weight(tx: Transaction, units: Sequence[Unpacked]) -> int:
    """Grams of the goods alone."""
    rows = tx.execute(select(Variant.sku, Variant.weight_grams).where(Variant.sku.in_({u.sku for u in units})))
    grams = dict(rows.all())
    return sum(grams[u.sku] * u.quantity for u in units)


def unpack(tx: Transaction, parcel_id: UUID, reason: str) -> ParcelState:
    parcel = tx.get(Parcel, parcel_id)
    if parcel is None:
        raise NotFound("parcel", str(parcel_id))
    lock_orders(tx, [parcel.order_id])
    fulfilment = lock_fulfilments(tx, [parcel.fulfilment_id])[0]
    parcel = tx.get_one(Parcel, parcel_id, with_for_update=True, populate_existing=True)
    take_out(tx, parcel, reason)
    settle(tx, [fulfilment])
    return parcel_state(tx, parcel)


def unpack_all_with(tx: Transaction, fulfilment: Fulfilment, allocation_id: UUID, *, why: str) -> None:
    """Open every parcel that holds units of an allocation: some of them must not be sent."""
    for parcel in live_parcels(tx, fulfilment.id):
        if tx.get(ParcelLine, (parcel.id, allocation_id)) is not None:
            take_out(tx, parcel, why)


def take_out(tx: Transaction, parcel: Parcel, why: str) -> None:
    """The parcel is cancelled and keeps its lines as history; its units wait to be packed again."""
    tx.move(parcel, ParcelStatus.cancelled, moves=PARCEL_MOVES, subject=f"parcel:{parcel.id}", why=why)
    parcel.updated_at = tx.now
    for row in tx.scalars(select(ParcelLine).where(ParcelLine.parcel_id == parcel.id)):
        line = tx.get(FulfilmentLine, row.allocation_id)
        if line is not None:
            line.packed -= row.quantity
    tx.flush()
    tx.announce(f"order:{parcel.order_id}", ParcelUnpacked(parcel_id=parcel.id, order_id=parcel.order_id))


def label_changed(tx: Transaction, parcel_id: UUID) -> None:
    """Let a parcel show whether it has a live label; what has left or was unpacked stays as it is."""
    parcel = tx.get(Parcel, parcel_id, with_for_update=True, populate_existing=True)
    if parcel is None or parcel.status not in (ParcelStatus.packed, ParcelStatus.labelled):
        return
    live = tx.scalar(select(Label.id).where(Label.parcel_id == parcel_id, Label.state == LabelState.live))
    to = ParcelStatus.labelled if live else ParcelStatus.packed
    if parcel.status != to:
        tx.move(parcel, to, moves=PARCEL_MOVES, subject=f"parcel:{parcel.id}")
        parcel.updated_at = tx.now


def parcel_state(tx: Transaction, parcel: Parcel) -> ParcelState:
    tx.flush()
    return ParcelState(
        id=parcel.id,
        fulfilment_id=parcel.fulfilment_id,
        number=parcel.number,
        status=parcel.status,
        weight_grams=parcel.weight_grams,
        lines=parcel_lines(tx, [parcel.id])[parcel.id],
        version=parcel.version,
        next=sorted(s.value for s in PARCEL_MOVES[ParcelStatus(parcel.status)]),
    )
