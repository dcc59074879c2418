"""Where goods belong, as people say it: rules of a node, by SKU or class of goods."""

from __future__ import annotations

from typing import Any

from agents.inbound.finding import Found, find_places
from agents.inbound.messages.putaways import (
    PutawayRuleRemoved,
    PutawayRuleState,
    PutawayRuleTried,
    PutPutawayRule,
    RemovePutawayRule,
    TryPutawayRule,
)
from agents.inbound.putaway import MOST_LOOKED_AT
from agents.inbound.refusals import BadPutawayRule
from agents.stock.goods import need_bins, need_node, need_skus
from agents.stock.rules import LARGEST_QUANTITY, check_code, check_words
from db.catalog import HazardClass, Temperature
from db.errors import NotFound
from db.nodes import Zone
from db.putaway import PUT_INTO, GoodsKind, PutawayRule, open_putaways, rules_at
from db.session import Transaction, check_version

FIELDS = ("goods", "value", "priority", "zone", "bin", "units_per_bin", "strict")
LARGEST_PRIORITY = 1_000_000
CLASSES = {GoodsKind.hazard_class: tuple(HazardClass), GoodsKind.temperature: tuple(Temperature)}


def put_putaway_rule(tx: Transaction, ask: PutPutawayRule) -> PutawayRuleState:
    """Tasks that are open keep their suggestions until places are looked for anew."""
    need_node(tx, ask.node)
    _check(tx, ask)
    rule = tx.get(PutawayRule, (ask.node, ask.code), with_for_update=True, populate_existing=True)
    created = rule is None
    if rule is None:
        if ask.version is not None:
            raise NotFound("putaway rule", f"{ask.node}/{ask.code}")
        rule = PutawayRule(node=ask.node, code=ask.code, version=1, created_at=tx.now)
        tx.add(rule)
    else:
        check_version(rule, ask.version, kind="putaway rule", id=f"{ask.node}/{ask.code}")
    for name in FIELDS:
        setattr(rule, name, getattr(ask, name))
    rule.updated_at = tx.now
    tx.flush()
    told = {name: getattr(rule, name) for name in FIELDS}
    return PutawayRuleState(node=rule.node, code=rule.code, version=rule.version, created=created, **told)


def try_putaway_rule(tx: Transaction, ask: TryPutawayRule) -> PutawayRuleTried:
    """Where open tasks of the node would go with the rule, beside where they go now; nothing is written.

    Both are looked for in the same order, each as if nothing were suggested yet, so that the rule alone differs.
    """
    need_node(tx, ask.node)
    tasks = open_putaways(tx, ask.node, lock=False)[:MOST_LOOKED_AT]
    now = rules_at(tx, ask.node)
    without = [rule for rule in now if rule.code != ask.code]
    then = without
    if not ask.removed:
        _check(tx, ask)
        # Never added to the session: it is looked at and thrown away.
        tried = PutawayRule(node=ask.node, code=ask.code, **{name: getattr(ask, name) for name in FIELDS})
        then = sorted([*without, tried], key=lambda rule: (rule.priority, rule.code))
    before = {found.task.id: found for found in find_places(tx, ask.node, tasks, now)}
    rows = []
    for found in find_places(tx, ask.node, tasks, then):
        old = before[found.task.id]
        rows.append(
            {n: getattr(found.task, n) for n in ("id", "number", "sku", "lot", "left")}
            | {
                "by_rule": any(s.rule == ask.code for s in found.placement.suggested),
                "changed": _bins(found) != _bins(old),
                "before": _bins(old),
                "after": _bins(found),
                "why": found.placement.unplaced_why or next((s.why for s in found.placement.suggested), None),
            }
        )
    return PutawayRuleTried(node=ask.node, code=ask.code, tasks=rows, changed=sum(row["changed"] for row in rows))


def _bins(found: Found) -> list[dict[str, Any]]:
    placed = [{"bin": s.bin, "units": s.quantity} for s in found.placement.suggested]
    return placed + ([{"bin": None, "units": found.placement.unplaced}] if found.placement.unplaced else [])


def remove_putaway_rule(tx: Transaction, ask: RemovePutawayRule) -> PutawayRuleRemoved:
    rule = tx.get(PutawayRule, (ask.node, ask.code), with_for_update=True, populate_existing=True)
    if rule is None:
        raise NotFound("putaway rule", f"{ask.node}/{ask.code}")
    check_version(rule, ask.version, kind="putaway rule", id=f"{ask.node}/{ask.code}")
    tx.delete(rule)
    return PutawayRuleRemoved(node=ask.node, code=ask.code)


def _check(tx: Transaction, ask: PutPutawayRule | TryPutawayRule) -> None:
    check_code("rule", ask.code)
    check_words("value", ask.value, needed=False)
    if ask.goods not in list(GoodsKind):
        raise BadPutawayRule("goods", f"{ask.goods!r} is not one of {', '.join(GoodsKind)}")
    if (ask.goods == GoodsKind.everything) == bool(ask.value.strip()):
        raise BadPutawayRule("value", "say which goods, and leave it out for everything")
    known = CLASSES.get(GoodsKind(ask.goods))
    if known is not None and ask.value not in known:
        raise BadPutawayRule("value", f"{ask.value!r} is not one of {', '.join(known)}")
    if ask.goods == GoodsKind.sku:
        need_skus(tx, [ask.value])
    if not 0 <= ask.priority <= LARGEST_PRIORITY:
        raise BadPutawayRule("priority", f"it is a number from 0 to {LARGEST_PRIORITY}; lower comes first")
    if ask.units_per_bin is not None and not 0 < ask.units_per_bin <= LARGEST_QUANTITY:
        raise BadPutawayRule("units_per_bin", f"it is a number from 1 to {LARGEST_QUANTITY}")
    if ask.zone is not None and tx.get(Zone, (ask.node, ask.zone)) is None:
        raise NotFound("zone", f"{ask.node}/{ask.zone}")
    if ask.bin is not None:
        bin = need_bins(tx, ask.node, [ask.bin])[ask.bin]
        if bin.type not in PUT_INTO:
            raise BadPutawayRule("bin", f"{ask.bin} is a {bin.type} bin, and goods go into pick faces and reserve")
        if ask.zone not in (None, bin.zone):
            raise BadPutawayRule("bin", f"{ask.bin} is not in zone {ask.zone}")
    if ask.zone is None and ask.bin is None and ask.units_per_bin is None:
        raise BadPutawayRule("zone", "name a zone, a bin or how many units a bin may hold, else the rule says nothing")
