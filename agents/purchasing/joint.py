"""Joins what is due from one supplier into the order that costs least and that the supplier takes."""

from __future__ import annotations

from agents.purchasing.joint_problem import MILLI, Ask, Good, Joined, OrderLine, least, line_cost, unit_price

SECONDS = 5.0
MOST_CHOICES = 160


def join(ask: Ask, *, seconds: float = SECONDS) -> Joined:
    """The cheapest order with all that is due. With nothing due there is none, however cheap it would be.

    Prices, packs and minima as in `joint_problem`; the least cost is proven unless `seconds` run out, after which the
    best order found is taken. `agents.purchasing.joint_check.check` judges the answer without knowing how it was made.
    """
    if not any(g.needed for g in ask.goods):
        return Joined((), 0, 0, "nothing is due")
    for good in ask.goods:
        if good.needed and not choices(good):
            return Joined((), 0, 0, f"{good.key}: {least(good)} units are the least that can be ordered, and "
                          f"{good.most} the most that are wanted")  # fmt: skip
    picked = _solve(ask, [choices(g) for g in ask.goods], seconds)
    if picked is None:
        return Joined((), 0, 0, f"all that is wanted stays below the supplier's minimum of {ask.minimum_minor}")
    lines = [_line(ask, g, q) for g, q in zip(ask.goods, picked, strict=True) if q]
    total = sum(n.quantity * n.unit_minor for n in lines)
    cost = sum(line_cost(g, q, ask.line_minor) for g, q in zip(ask.goods, picked, strict=True))
    return Joined(tuple(lines), total, cost, f"{len(lines)} lines for {total}")


def choices(good: Good) -> list[int]:
    """Sizes that a line may have, rising; 0 among them if it is not due.

    Beyond some hundred packs only every few are looked at, and always those at which the price changes.
    """
    first = least(good)
    packs = max(0, (good.most - first) // good.pack)
    stride = good.pack * (packs // MOST_CHOICES + 1)
    sizes = set(range(first, good.most + 1, stride))
    sizes |= {q for b in good.breaks if first <= (q := -(-b.from_quantity // good.pack) * good.pack) <= good.most}
    last = first + packs * good.pack
    sizes |= {last} if last <= good.most else set()
    return sorted(sizes if good.needed else sizes | {0})


def _solve(ask: Ask, sizes: list[list[int]], seconds: float) -> list[int] | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    value, cost, taken = [], [], []
    for good, of in zip(ask.goods, sizes, strict=True):
        chosen = [model.new_bool_var(f"{good.key} {q}") for q in of]
        model.add_exactly_one(chosen)
        taken.append(chosen)
        value += [x * (q * unit_price(good, q)) for x, q in zip(chosen, of, strict=True) if q]
        cost += [x * line_cost(good, q, ask.line_minor) for x, q in zip(chosen, of, strict=True) if q]
    model.add(sum(value) >= ask.minimum_minor)
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1  # so that the same question has the same answer
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return [
        next(q for x, q in zip(xs, of, strict=True) if solver.value(x)) for xs, of in zip(taken, sizes, strict=True)
    ]


def _line(ask: Ask, good: Good, quantity: int) -> OrderLine:
    price, early = unit_price(good, quantity), quantity - good.needed
    return OrderLine(good.key, quantity, price, early, _because(ask, good, quantity, early))


def _because(ask: Ask, good: Good, quantity: int, early: int) -> str:
    if not early:
        return f"{good.needed} are due"
    due = f"{good.needed} are due" if good.needed else "not due yet"
    if quantity == least(good):
        if good.needed:
            return f"{due}; minimum {good.minimum} and packs of {good.pack} make it {quantity}"
        return f"{due}; {quantity} come along so that the order reaches the supplier's minimum of {ask.minimum_minor}"
    small, price = unit_price(good, least(good)), unit_price(good, quantity)
    if price < small:
        held = line_cost(good, quantity, 0) - good.needed * price * MILLI
        start = next(b.from_quantity for b in reversed(good.breaks) if quantity >= b.from_quantity)
        return f"{due}; from {start} on a unit costs {price}, not {small}, and holding {early} early {held // MILLI}"
    return f"{due}; {early} more so that the order reaches the supplier's minimum of {ask.minimum_minor}"
