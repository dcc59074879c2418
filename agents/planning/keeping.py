"""A plan's rows, and its inputs as they are kept: every array of the problem, so that the plan can be made again."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from typing import Any
from uuid import UUID

import numpy as np

from agents.planning.planning import Planned, nodes_of
from agents.planning.problem import Built
from agents.planning.window import Window, plain
from db.routing_plans import PLAN_MOVES, PlanMoveState, PlanStatus, RoutingPlan, RoutingPlanMove
from db.session import Transaction
from ml.routing.problem import Lanes, Lines, Nodes, Plan, Problem, Steps, Stock

_PARTS = {"lines": Lines, "lanes": Lanes, "nodes": Nodes, "stock": Stock}


def pack(of: Built) -> bytes:
    """Compressed; some 60 bytes an order and node."""
    problem, arrays = of.problem, dict[str, Any]()
    for part, kind in _PARTS.items():
        value = getattr(problem, part)
        arrays |= {f"{part}.{f.name}": getattr(value, f.name) for f in fields(kind) if f.name != "steps"}
    if problem.lanes.steps is not None:
        arrays |= {f"steps.{f.name}": getattr(problem.lanes.steps, f.name) for f in fields(Steps)}
    if problem.urgent is not None:
        arrays["urgent"] = problem.urgent
    arrays |= {"kg": problem.kg, "allowed": problem.allowed, "whole": problem.whole, "now": of.now}
    names = {"orders": [str(o.id) for o in of.orders], "skus": of.skus, "nodes": of.nodes,
             "split": problem.split, "most": problem.most}  # fmt: skip
    arrays["names"] = np.frombuffer(json.dumps(names).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def unpack(content: bytes) -> tuple[Problem, Plan, dict[str, Any]]:
    """The problem, the plan as things were, and the names: orders, skus and nodes in the order of their numbers."""
    with np.load(io.BytesIO(content)) as kept:
        arrays = {name: kept[name] for name in kept.files}
    names: dict[str, Any] = json.loads(arrays["names"].tobytes())

    def part(name: str) -> dict[str, Any]:
        return {key.removeprefix(f"{name}."): value for key, value in arrays.items() if key.startswith(f"{name}.")}

    steps = part("steps")
    problem = Problem(
        lines=Lines(**part("lines")),
        lanes=Lanes(**part("lanes"), steps=Steps(**steps) if steps else None),
        nodes=Nodes(**part("nodes")),
        stock=Stock(**part("stock")),
        kg=arrays["kg"],
        allowed=arrays["allowed"],
        whole=arrays["whole"],
        split=float(names["split"]),
        most=int(names["most"]),
        urgent=arrays.get("urgent"),
    )
    return problem, arrays["now"], names


def keep(tx: Transaction, plan: RoutingPlan, window: Window, of: Built, planned: Planned) -> None:
    currency = window.weights.currency
    plan.currency = currency
    plan.orders = len(of.orders)
    plan.left_out = {why: count for why, count in sorted(window.left_out.items()) if count}
    plan.cost_now, plan.cost_planned, plan.bound = planned.cost_now, planned.cost_planned, planned.bound
    plan.figures = {
        **planned.figures,
        "unpriced": of.unpriced,
        "rate_cards": [f"{t.carrier} {t.service}" for t in window.cards.tariffs if t.currency == currency],
        "rule_sets": window.rule_sets,
        "transit_model": str(window.model_id) if window.model_id else None,
    }
    plan.weights = plain(window.weights)
    plan.moving = len(planned.rows)
    plan.inputs = pack(of)
    plan.planned_at = tx.now
    plan.stage, plan.stage_no = None, plan.stages
    tx.move(plan, PlanStatus.planned, moves=PLAN_MOVES, subject=subject(plan.id), why=_in_a_sentence(planned, plan))
    tx.flush()
    tx.insert_all(RoutingPlanMove, [_row(plan.id, of, row) for row in planned.rows])


def _in_a_sentence(planned: Planned, plan: RoutingPlan) -> str:
    return f"{len(planned.rows)} of {plan.orders} orders move"


def _row(plan_id: UUID, of: Built, row: Any) -> dict[str, Any]:
    order = of.orders[row.order]
    return {
        "plan_id": plan_id,
        "row_no": row.row_no,
        "slice_no": row.slice_no,
        "whole": row.whole,
        "order_id": order.id,
        "number": order.number,
        "country": None if order.to.country == "*" else order.to.country,
        "units": row.units,
        "cost_now": row.cost_now,
        "cost_planned": row.cost_planned,
        "saved": row.cost_now - row.cost_planned,
        "from_nodes": nodes_of(row.moves, 1),
        "to_nodes": nodes_of(row.moves, 2),
        "moves": row.moves,
        "why": row.why,
        "next_best": row.next_best,
        "next_dearer": row.next_dearer,
        "state": PlanMoveState.planned.value,
        "sentence": None,
        "at": None,
    }


def subject(plan_id: UUID) -> str:
    return f"routing_plan:{plan_id}"
