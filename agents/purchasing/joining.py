"""Suggestions become orders: one to each supplier for each node, in the packs and sums that the supplier takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select

from agents.inventory.messages import PlanTransfer, TransferLineAsk
from agents.purchasing.deciding import decide, waiting
from agents.purchasing.joint import join
from agents.purchasing.joint_check import check
from agents.purchasing.joint_problem import Ask, Good, Joined, PriceBreak
from agents.purchasing.messages.orders import CreatePurchase, PurchaseLineAsk, PurchaseState
from agents.purchasing.messages.replenishment import OrderSuggestions, SuggestionsState
from agents.purchasing.ordering import create_purchase
from agents.purchasing.refusals import NobodySells
from db.base import uuid7
from db.replenishment import (
    ReplenishmentClass,
    ReplenishmentPlan,
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
    classes,
)
from db.session import Transaction
from db.suppliers import Supplier, SupplierItem, items_of

DAYS_A_YEAR = 365
EARLY_DAYS = 90  # of demand that a line may hold beyond what is due
MOST_COMPANIONS = 40  # SKUs that are looked at when an order is too small for its supplier


def order_suggestions(tx: Transaction, ask: OrderSuggestions) -> SuggestionsState:
    """All or none. What no order can be made of within the supplier's terms is drafted as it is, for a person to see.

    Raises NotFound, SuggestionIsOver, NobodySells.
    """
    rows = waiting(tx, ask.suggestions)
    for row in rows:
        if row.kind == SuggestionKind.buy and row.supplier is None:
            raise NobodySells(row.sku, row.node)
    buys, moves = (
        defaultdict[tuple[str, str], list[Suggestion]](list),
        defaultdict[tuple[str, str], list[Suggestion]](list),
    )
    for row in rows:
        if row.kind == SuggestionKind.buy:
            buys[row.supplier or "", row.node].append(row)
        else:
            moves[row.from_node or "", row.node].append(row)
    transfers = [_transfer(tx, *between, of) for between, of in sorted(moves.items())]
    purchases = [_purchase(tx, *at, of) for at, of in sorted(buys.items())]
    return SuggestionsState(
        suggestions=[row.id for row in rows],
        status=SuggestionStatus.ordered,
        purchases=purchases,
        transfers=transfers,
    )


def _transfer(tx: Transaction, from_node: str, node: str, rows: Sequence[Suggestion]) -> dict[str, Any]:
    made, lines = uuid7(), [TransferLineAsk(sku=row.sku, quantity=row.units) for row in rows]
    tx.send(
        "inventory",
        f"transfer:{made}",
        PlanTransfer(transfer_id=made, from_node=from_node, to_node=node, lines=lines),
    )
    for row in rows:
        row.transfer_id = made
        decide(tx, row, SuggestionStatus.ordered, f"from {from_node}")
    return {"id": made, "from_node": from_node, "to_node": node, "lines": len(lines)}


def _purchase(tx: Transaction, code: str, node: str, rows: Sequence[Suggestion]) -> dict[str, Any]:
    supplier = tx.get_one(Supplier, code)
    joined = _joined(tx, supplier, node, rows)
    if joined.lines:
        lines = [
            PurchaseLineAsk(sku=n.key, quantity=n.quantity, unit_cost=n.unit_minor, why=n.because) for n in joined.lines
        ]
    else:
        lines = [PurchaseLineAsk(sku=row.sku, quantity=row.units, why=row.why[:500]) for row in rows]
    # What cannot be ordered as the supplier wants it says so on its draft.
    note = None if joined.lines else joined.because
    made: PurchaseState = create_purchase(tx, CreatePurchase(supplier=code, node=node, lines=lines, note=note))
    for row in rows:
        row.purchase_id = made.id
        decide(tx, row, SuggestionStatus.ordered, made.number)
    return {
        "id": made.id, "number": made.number, "supplier": code, "node": node, "currency": made.currency,
        "total": made.total, "lines": len(made.lines), "why": note,
    }  # fmt: skip


def _joined(tx: Transaction, supplier: Supplier, node: str, rows: Sequence[Suggestion]) -> Joined:
    kept, due = classes(tx), {row.sku for row in rows}
    items = items_of(tx, supplier.code, due)
    goods = [_good(row, items[row.sku], row.units, kept) for row in rows if row.sku in items]
    if supplier.minimum_order > sum(row.units * items[row.sku].unit_cost for row in rows if row.sku in items):
        goods += _companions(tx, supplier, node, due, kept)
    line_cost = max(kept[row.class_code].order_cost for row in rows)
    ask = Ask(goods=tuple(goods), minimum_minor=supplier.minimum_order, line_minor=line_cost)
    joined = join(ask)
    if wrong := check(ask, joined):
        raise AssertionError(f"the solver's order for {supplier.code} is none: {wrong}")
    return joined


def _companions(
    tx: Transaction, supplier: Supplier, node: str, due: set[str], kept: dict[str, ReplenishmentClass]
) -> list[Good]:
    """What the supplier sells and the node will need next: those nearest to their point first."""
    there = tx.scalars(
        select(ReplenishmentPlan)
        .where(ReplenishmentPlan.supplier == supplier.code, ReplenishmentPlan.node == node)
        .where(ReplenishmentPlan.suggested == 0, ReplenishmentPlan.daily_milli > 0, ReplenishmentPlan.policy != "none")
        .order_by((ReplenishmentPlan.position - ReplenishmentPlan.point) * 1000 / ReplenishmentPlan.daily_milli)
    )
    near = list(islice((p for p in there if p.sku not in due), MOST_COMPANIONS))
    items = items_of(tx, supplier.code, [p.sku for p in near])
    return [_good(p, items[p.sku], 0, kept) for p in near if p.sku in items and items[p.sku].active]


def _good(
    of: Suggestion | ReplenishmentPlan, item: SupplierItem, needed: int, kept: dict[str, ReplenishmentClass]
) -> Good:
    daily = of.daily_milli / 1000
    due = -(-max(needed, item.minimum_quantity) // item.case_pack) * item.case_pack if needed else 0
    most = max(due, max(needed, of.up_to - of.position) + round(EARLY_DAYS * daily))
    breaks = (PriceBreak(1, item.unit_cost), *(PriceBreak(b["from"], b["unit_cost"]) for b in item.breaks))
    return Good(
        key=of.sku,
        needed=needed,
        most=most,
        minimum=item.minimum_quantity,
        pack=item.case_pack,
        breaks=breaks,
        daily_units=daily,
        holding_ppm_a_day=round(kept[of.class_code].holding_ppm / DAYS_A_YEAR),
    )
