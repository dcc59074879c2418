"""Judges an order to a supplier without knowing how it was made. Every sentence is something wrong with it."""

from __future__ import annotations

from agents.purchasing.joint_problem import Ask, Good, Joined, OrderLine, line_cost, unit_price


def check(ask: Ask, joined: Joined) -> list[str]:
    """What an order breaks; nothing if it may be sent. That it costs least is not judged, what it costs is."""
    goods = {g.key: g for g in ask.goods}
    keys = [n.key for n in joined.lines]
    wrong = [f"{key} is on the order twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
    wrong += [f"{key} was not asked for" for key in keys if key not in goods]
    if not joined.lines:
        return wrong if joined.because else [*wrong, "there is no order and no reason"]
    for line in joined.lines:
        if line.key in goods:
            wrong += [f"{line.key}: {sentence}" for sentence in _line(goods[line.key], line)]
    wrong += [
        f"{g.key}: {g.needed} are due and it is not on the order" for g in ask.goods if g.needed and g.key not in keys
    ]
    if not any(g.needed for g in ask.goods):
        wrong.append("nothing is due, and yet there is an order")
    total = sum(n.quantity * n.unit_minor for n in joined.lines)
    if total != joined.total_minor:
        wrong.append(f"the lines come to {total} and not to {joined.total_minor}")
    if total < ask.minimum_minor:
        wrong.append(f"{total} is below the supplier's minimum of {ask.minimum_minor}")
    cost = sum(line_cost(goods[n.key], n.quantity, ask.line_minor) for n in joined.lines if n.key in goods)
    if cost != joined.cost_milli:
        wrong.append(f"it costs {cost} and not {joined.cost_milli}")
    return wrong


def _line(good: Good, line: OrderLine) -> list[str]:
    wrong = []
    if line.quantity <= 0:
        return [f"{line.quantity} is no quantity"]
    if line.quantity % good.pack:
        wrong.append(f"{line.quantity} is not in packs of {good.pack}")
    if line.quantity < good.minimum:
        wrong.append(f"{line.quantity} is below the minimum of {good.minimum}")
    if line.quantity < good.needed:
        wrong.append(f"{line.quantity} is less than the {good.needed} that are due")
    if line.quantity > good.most:
        wrong.append(f"{line.quantity} is more than the {good.most} that are wanted")
    if line.unit_minor != unit_price(good, line.quantity):
        wrong.append(f"a unit costs {unit_price(good, line.quantity)} and not {line.unit_minor}")
    if line.early != line.quantity - good.needed:
        wrong.append(f"{line.quantity - good.needed} are early and not {line.early}")
    if not line.because:
        wrong.append("there is no reason")
    return wrong
