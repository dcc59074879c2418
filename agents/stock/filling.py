"""Units that came free go to those who wait for them, as the node's policy says; the decision is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from agents.stock.fairness import FIRST_COME, Policy, Share, Waiting, decide, passed_over
from db.allocations import Grant, grant, pass_over
from db.base import uuid7
from db.ledger import Level, Place, lock_levels
from db.promising import ANY, Buffer, FillDecision, FillShare, buffers_from, kept_from
from db.session import Transaction
from db.stock import Allocation
from db.wire import Statement

_POLICIES = "SELECT node, ranking, classes, most_passed, most_days FROM fill_policies"
_BUFFERS = """
    SELECT channel, sku, node, units, ppm FROM channel_buffers
    WHERE sku = ANY(%(skus)s::text[]) AND node = ANY(%(nodes)s::text[])
"""
_WAITING = """
    SELECT a.id, a.order_id, a.quantity, a.created_at, p.first_on, a.passed, a.moved_up_at, a.moved_up_why,
      coalesce(o.channel, ''), coalesce(o.tags, '{}'), coalesce(c.tags, '{}'), c.class,
      CASE WHEN %(elsewhere)s THEN (
        SELECT coalesce(sum(x.quantity), 0) FROM allocations x
        WHERE x.order_id = a.order_id AND x.state = 'backordered' AND (x.sku, x.node) <> (a.sku, a.node)) ELSE 0 END
    FROM allocations a LEFT JOIN orders o ON o.id = a.order_id LEFT JOIN customers c ON c.id = o.customer_id
    LEFT JOIN backorder_promises p ON p.allocation_id = a.id AND p.ended_at IS NULL
    WHERE a.state = 'backordered' AND a.parked_at IS NULL AND a.sku = %(sku)s AND a.node = %(node)s
    ORDER BY a.created_at, a.id
"""


class Rules(NamedTuple):
    policies: dict[str, Policy]
    buffers: list[Buffer]

    def at(self, node: str) -> Policy:
        return self.policies.get(node) or self.policies.get(ANY) or FIRST_COME


def read_rules(tx: Transaction, places: Iterable[Place]) -> Rules:
    wanted = list(places)
    asked = {"skus": sorted({*(sku for sku, _ in wanted), ANY}), "nodes": sorted({*(n for _, n in wanted), ANY})}
    policies, buffers = tx.ask_together(Statement(_POLICIES, {}), Statement(_BUFFERS, asked))
    return Rules({node: policy_from(*told) for node, *told in policies}, buffers_from(buffers))


def policy_from(
    ranking: Sequence[str], classes: Sequence[dict[str, str]], most_passed: int, most_days: int | None
) -> Policy:
    return Policy(tuple(ranking), tuple((c["of"], c["tag"]) for c in classes), most_passed, most_days)


def read_waiting(tx: Transaction, place: Place, rules: Rules, sellable: int) -> list[Waiting]:
    """Who waits at a place, the longest waiting first, with what the policy asks about them."""
    sku, node = place
    policy = rules.at(node)
    asked = {"sku": sku, "node": node, "elsewhere": "complete" in policy.ranking}
    (rows,) = tx.ask_together(Statement(_WAITING, asked))
    return [
        Waiting(
            ident,
            order_id,
            quantity,
            created_at,
            promised_on,
            policy.class_of(customer_tags, order_tags, group),
            passed,
            moved_up_at,
            moved_up_why,
            int(elsewhere),
            kept_from(rules.buffers, channel, place, sellable) if rules.buffers else 0,
        )
        for (
            ident, order_id, quantity, created_at, promised_on, passed, moved_up_at, moved_up_why, channel, order_tags,
            customer_tags, group, elsewhere,
        ) in rows
    ]  # fmt: skip


def fill_waiting(tx: Transaction, places: Iterable[Place]) -> list[Allocation]:
    """Promise free units to those who wait; returns the rows that have units now, in the order they were served.

    A row that can be filled in part only is split.
    """
    wanted = sorted(set(places))
    levels = lock_levels(tx, wanted)
    due = [p for p in wanted if p in levels and levels[p].backordered > 0 and levels[p].free > 0]
    if not due:
        return []
    rules = read_rules(tx, due)
    grants: list[Grant] = []
    passed: set[UUID] = set()
    for place in due:
        level = levels[place]
        waiting = read_waiting(tx, place, rules, level.sellable)
        shares = decide(waiting, level.free, rules.at(place[1]), tx.now)
        served = [s for s in shares if s.given]
        if not served:
            continue
        grants += [Grant(s.to.allocation_id, s.given, f"stock arrived; {s.why}") for s in served]
        passed |= passed_over(waiting, {s.to.allocation_id: s.given for s in served}, level.free)
        _keep(tx, place, level, rules.at(place[1]), shares)
    pass_over(tx, passed)
    return grant(tx, grants)


def _keep(tx: Transaction, place: Place, level: Level, policy: Policy, shares: Sequence[Share]) -> None:
    decision = uuid7()
    sku, node = place
    row = {
        "id": decision, "at": tx.now, "sku": sku, "node": node, "free": level.free,
        "given": sum(s.given for s in shares), "waiting": level.backordered, "policy": policy.told(),
        "actor": tx.who.actor,
    }  # fmt: skip
    tx.insert_all(FillDecision, [row])
    tx.insert_all(FillShare, [
        {
            "decision_id": decision, "no": no, "allocation_id": s.to.allocation_id, "order_id": s.to.order_id,
            "class_no": s.to.class_no, "placed_at": s.to.placed_at, "promised_on": s.to.promised_on,
            "passed": s.to.passed, "wanted": s.to.quantity, "given": s.given, "kept": s.to.kept, "rule": s.rule.value,
            "why": s.why,
        }
        for no, s in enumerate(shares, 1)
    ])  # fmt: skip
