"""What a unit that came back is expected to bring, by what becomes of it. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.returns.messages.dispositions import WeighedChoice
from agents.returns.rules import UNDER
from db.money import half_up, rate_of
from db.return_dispositions import GoodsChoice, Taker, Terms
from db.returns import Grade

MILLION = 1_000_000


def weigh(
    terms: Sequence[Terms], *, category: str | None, grade: str, currency: str, resale: int, taker: Taker | None
) -> list[WeighedChoice]:
    """All choices, those that can be chosen first and the best of them before all; equals in their order."""
    told = [
        _one(choice, _fitting(terms, category, grade, choice, currency), grade, resale, taker) for choice in GoodsChoice
    ]
    order = list(GoodsChoice)
    return sorted(told, key=lambda w: (w.value is None, -(w.value or 0), order.index(GoodsChoice(w.choice))))


def best_of(weighed: Iterable[WeighedChoice]) -> WeighedChoice:
    """The first, which is the best. Destroying is always possible."""
    return next(w for w in weighed if w.value is not None)


def resale_of(total: int, tax: int, quantity: int) -> int:
    """What a unit of a line was sold for, without its tax."""
    return half_up(total - tax, quantity) if quantity else 0


def _one(choice: GoodsChoice, terms: Terms | None, grade: str, resale: int, taker: Taker | None) -> WeighedChoice:
    if choice == GoodsChoice.restock and grade != Grade.sellable:
        return WeighedChoice(choice=choice, why="only what is as new goes on sale again")
    if choice == GoodsChoice.vendor and taker is None:
        return WeighedChoice(choice=choice, why="no supplier takes it back")
    if terms is None and choice != GoodsChoice.destroy:
        return WeighedChoice(choice=choice, why="no terms are set for this grade")
    if terms is None:
        return WeighedChoice(choice=choice, of=resale, value=0, why="no terms are set for it; it is always possible")
    of = taker.cost if choice == GoodsChoice.vendor and taker is not None else resale
    gets = half_up(of * terms.share_ppm * terms.chance_ppm, MILLION * MILLION)
    cost = rate_of(resale, terms.cost_ppm) + terms.cost_amount
    return WeighedChoice(
        choice=choice,
        of=of,
        share_ppm=terms.share_ppm,
        chance_ppm=terms.chance_ppm,
        gets=gets,
        cost=cost,
        freight=terms.freight_amount,
        value=gets - cost - terms.freight_amount,
        supplier=taker.supplier if choice == GoodsChoice.vendor and taker is not None else None,
    )


def _fitting(terms: Sequence[Terms], category: str | None, grade: str, choice: str, currency: str) -> Terms | None:
    for one in terms:
        under = one.category is None or f"{category or ''}{UNDER}".startswith(f"{one.category}{UNDER}")
        if under and one.grade == grade and one.choice == choice and one.currency in (None, currency):
            return one
    return None
