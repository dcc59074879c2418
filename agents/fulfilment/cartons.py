"""How a fulfilment is to be packed: worked out, checked, kept, and done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from agents.fulfilment.fulfilments import check_workable, is_workable, lock_with_order, state_of
from agents.fulfilment.messages import (
    FulfilmentState,
    PackAsPlanned,
    PackedLine,
    PackingPlanState,
    PackParcel,
    PlanPacking,
    RefreshPackingPlan,
)
from agents.fulfilment.packing import put_in
from agents.fulfilment.progress import settle
from agents.fulfilment.refusals import NothingLeftToPack, NothingPlanned, NotPicked, PlanIsStale
from db.fulfilment import LIVE_FULFILMENTS, Fulfilment, FulfilmentStatus
from db.packing import PackingPlan, asked_of
from db.session import Transaction
from ml.cartonisation.check import check
from ml.cartonisation.goods import ANY_SIDE, OWN_CARTON, THIS_SIDE_UP, Box, Filled, Goods, Plan, Terms
from ml.cartonisation.plan import plan


def plan_packing(tx: Transaction, ask: PlanPacking) -> PackingPlanState:
    """Raises NotFound; NothingLeftToPack when everything was packed without a plan."""
    _, fulfilment = lock_with_order(tx, ask.fulfilment_id)
    row = _current(tx, fulfilment)
    if row is None:
        raise NothingLeftToPack(fulfilment.number)
    return plan_state(row)


def refresh_plan(tx: Transaction, task: RefreshPackingPlan) -> None:
    _, fulfilment = lock_with_order(tx, task.fulfilment_id)
    if fulfilment.status in LIVE_FULFILMENTS:
        _current(tx, fulfilment)


def _current(tx: Transaction, fulfilment: Fulfilment) -> PackingPlan | None:
    """The plan for what is left to pack as everything is now; the one that is there when nothing has changed.

    Where nothing is left to pack it is the plan that was packed by, if any.
    """
    row = tx.get(PackingPlan, fulfilment.id, with_for_update=True, populate_existing=True)
    asked = asked_of(tx, fulfilment)
    if not asked.inputs["goods"] or (row is not None and row.digest == asked.digest):
        return row
    found = worked_out(asked.inputs)
    if row is None:
        row = PackingPlan(fulfilment_id=fulfilment.id, version=0)
        tx.add(row)
    row.digest, row.inputs = asked.digest, asked.inputs
    row.boxes = [_told(filled) for filled in found.boxes]
    row.left_out = [out._asdict() for out in found.left_out]
    row.price_amount, row.price_currency = found.price, asked.inputs["currency"]
    row.version, row.made_at, row.followed_at = row.version + 1, tx.now, None
    tx.flush()
    return row


def worked_out(inputs: Mapping[str, Any]) -> Plan:
    """A plan that the checker lets pass. Raises AssertionError for one that it does not: that is our bug."""
    goods, boxes, terms = problem_of(inputs)
    found = plan(goods, boxes, terms)
    if faults := check(goods, boxes, terms, found):
        raise AssertionError(f"a plan that cannot be packed: {'; '.join(faults[:3])}")
    return found


def problem_of(inputs: Mapping[str, Any]) -> tuple[list[Goods], list[Box], Terms]:
    goods = [
        Goods(
            g["sku"], tuple(g["size"]), g["grams"], g["quantity"], THIS_SIDE_UP if g["upright"] else ANY_SIDE,
            g["fragile"], g["hazard"], g["temperature"], g["bears"], g["alone"],
        )
        for g in inputs["goods"]
    ]  # fmt: skip
    boxes = [
        Box(b["code"], tuple(b["size"]), b["most"], b["tare"], b["cost"], b["wall"], b["padding"])
        for b in inputs["boxes"]
    ]
    return goods, boxes, Terms(inputs["divisor"], inputs["kilogram"])


def _told(filled: Filled) -> dict[str, Any]:
    outer = dict(zip(("length_mm", "width_mm", "height_mm"), filled.box.outer, strict=True))
    inner = dict(zip(("inner_length_mm", "inner_width_mm", "inner_height_mm"), filled.box.size, strict=True))
    return {
        "box": filled.box.code,
        **outer,
        **inner,
        "grams": filled.grams,
        "use": round(filled.use, 3),
        "pieces": [piece._asdict() for piece in filled.pieces],
    }


def pack_as_planned(tx: Transaction, ask: PackAsPlanned) -> FulfilmentState:
    """All parcels of the plan at once. What it leaves out stays to be packed otherwise."""
    order, fulfilment = lock_with_order(tx, ask.fulfilment_id)
    check_workable(tx, order)
    if fulfilment.status != FulfilmentStatus.picked:
        raise NotPicked(fulfilment.number, fulfilment.status)
    row = tx.get(PackingPlan, fulfilment.id, with_for_update=True, populate_existing=True)
    if row is None or ask.version not in (None, row.version) or row.digest != asked_of(tx, fulfilment).digest:
        raise PlanIsStale(fulfilment.number)
    if not row.boxes:
        raise NothingPlanned(fulfilment.number, row.left_out[0]["because"])
    for box in row.boxes:
        units = Counter(piece["sku"] for piece in box["pieces"])
        lines = [PackedLine(sku=sku, quantity=quantity) for sku, quantity in sorted(units.items())]
        measures = {n: box[n] for n in ("length_mm", "width_mm", "height_mm")} if box["box"] == OWN_CARTON else {}
        parcel = PackParcel(fulfilment_id=fulfilment.id, lines=lines, box=box["box"] or None, **measures)
        put_in(tx, fulfilment, parcel)
    row.followed_at = tx.now
    settle(tx, [fulfilment])
    return state_of(tx, fulfilment, workable=is_workable(tx, order))


def plan_state(row: PackingPlan) -> PackingPlanState:
    return PackingPlanState(
        fulfilment_id=row.fulfilment_id,
        version=row.version,
        boxes=row.boxes,
        left_out=row.left_out,
        price_amount=row.price_amount,
        price_currency=row.price_currency,
        made_at=row.made_at,
        followed_at=row.followed_at,
        current=True,
    )
