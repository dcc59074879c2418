"""Answers what can be promised, from where and by when, for many questions at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from agents.promising.messages import (
    AskAvailability,
    AvailabilityAnswer,
    AvailabilityQuestion,
    AvailabilityState,
    AvailableStep,
    NodeAvailability,
    QuestionRefused,
)
from agents.promising.queueing import coming
from agents.promising.reading import EMPTY, Facts, Goods, House, Lateness, read
from agents.promising.refusals import TooManyAnswers, TooManyQuestions
from db.promising import ANY, kept_from
from db.session import Transaction
from ml.promising.available import (
    LIKELY,
    PROMISED,
    SAFE,
    Promise,
    Standing,
    Step,
    added,
    latest,
    promise,
    steps,
    together,
)

MOST_QUESTIONS = 1000
MOST_LINES = 5000  # pairs of SKU and node in an answer


def answer(tx: Transaction, ask: AskAvailability, lateness: Lateness) -> AvailabilityState:
    """Raises TooManyQuestions, TooManyAnswers. What is wrong with a question is its own answer's `error`."""
    if len(ask.questions) > MOST_QUESTIONS:
        raise TooManyQuestions(len(ask.questions), MOST_QUESTIONS)
    facts = read(tx, {q.sku for q in ask.questions}, {q.channel for q in ask.questions if q.channel}, lateness, tx.now)
    ships = sum(house.ships for house in facts.nodes.values())
    lines = sum(1 if q.node else ships for q in ask.questions)
    if lines > MOST_LINES:
        raise TooManyAnswers(lines, MOST_LINES)
    return AvailabilityState(as_of=tx.now, answers=[answered(q, facts) for q in ask.questions])


@dataclass(frozen=True)
class Case:
    """So many of one SKU, sold through a channel, now."""

    goods: Goods
    quantity: int
    channel: str | None
    facts: Facts

    def standing(self, sku: str, house: House) -> Standing:
        """What lies at a node of a SKU that is sold as itself or in a kit, and what is coming of it."""
        place = (sku, house.code)
        held = self.facts.levels.get(place, EMPTY)
        # What is discontinued sells what is left and is not promised beyond it.
        supplies = () if self.goods.status == "discontinued" else self.facts.supplies.get(place, ())
        kept = kept_from(self.facts.buffers, self.channel or ANY, place, held.sellable)
        return Standing(held.free, held.waiting, kept, supplies)

    def leaves(self, house: House) -> date:
        """The first day on which goods that lie there may leave: not before that of their release."""
        return max([house.ships_now, *(house.work.first(day) for day in self.releases)])

    @property
    def releases(self) -> list[date]:
        """Of the goods and, of a kit, of what goes into it."""
        skus = {self.goods.sku, *(sku for sku, _ in self.goods.parts)}
        return [day for sku in sorted(skus) if (day := self.facts.goods[sku].release_on) is not None]

    def promise(self, house: House) -> Promise:
        """When all of it leaves a node, if it is ordered now."""
        return latest([
            promise(self.standing(sku, house), self.quantity * per, house.work, self.leaves(house))
            for sku, per in self.goods.parts
        ])  # fmt: skip

    def steps(self, house: House, which: int = PROMISED) -> list[Step]:
        return together([
            (steps(self.standing(sku, house), house.work, self.leaves(house), which), per)
            for sku, per in self.goods.parts
        ])  # fmt: skip


def answered(question: AvailabilityQuestion, facts: Facts) -> AvailabilityAnswer:
    goods = facts.goods.get(question.sku)
    refused = _refused(question, goods, facts)
    if refused is not None or goods is None:
        return AvailabilityAnswer(
            sku=question.sku, quantity=question.quantity, channel=question.channel, error=refused, units_now=0,
            orderable=0, node=None, splits=False, likely_on=None, promised_on=None, safe_on=None, release_on=None,
            nodes=[],
        )  # fmt: skip
    houses = [facts.nodes[question.node]] if question.node else [h for h in facts.nodes.values() if h.ships]
    case = Case(goods, question.quantity, question.channel, facts)
    nodes = [_at(case, house) for house in houses]
    best, splits, whole = _whole(case, nodes, houses)
    return AvailabilityAnswer(
        sku=question.sku,
        quantity=question.quantity,
        channel=question.channel,
        error=None,
        units_now=sum(n.units_now for n in nodes),
        orderable=sum(n.orderable for n in nodes),
        node=best,
        splits=splits,
        likely_on=whole.likely_on,
        promised_on=whole.promised_on,
        safe_on=whole.safe_on,
        release_on=max(case.releases, default=None),
        nodes=nodes,
    )


def _refused(question: AvailabilityQuestion, goods: Goods | None, facts: Facts) -> QuestionRefused | None:
    if goods is None:
        return QuestionRefused(code="unknown_sku", message=f"There is no SKU {question.sku}.")
    if goods.status == "draft":
        return QuestionRefused(code="not_sellable", message=f"{question.sku} is a draft and not for sale.")
    if question.quantity < 1:
        return QuestionRefused(code="bad_quantity", message="Ask for one unit or more.")
    if question.node is None:
        return None
    if question.node not in facts.nodes:
        return QuestionRefused(code="unknown_node", message=f"There is no node {question.node}.")
    if not facts.nodes[question.node].ships:
        return QuestionRefused(code="does_not_ship", message=f"{question.node} does not send orders.")
    return None


def _at(case: Case, house: House) -> NodeAvailability:
    there = [(sku, per, case.standing(sku, house)) for sku, per in case.goods.parts]
    days = case.promise(house)
    by = case.steps(house)
    return NodeAvailability(
        node=house.code,
        units_now=min(at.now // per for _, per, at in there),
        orderable=min(_orderable(case, sku, house, at) // per for sku, per, at in there),
        waiting=max(at.before for *_, at in there),
        kept=max(at.kept for *_, at in there),
        ships_on=by[0].on,
        likely_on=days.likely_on,
        promised_on=days.promised_on,
        safe_on=days.safe_on,
        short=days.short,
        by=[AvailableStep(on=step.on, units=step.units) for step in by],
        coming=[
            coming(sku, supply)
            for sku, _, at in there
            for supply in sorted(at.supplies, key=lambda s: s.days[PROMISED])
        ],
    )  # fmt: skip


def _orderable(case: Case, sku: str, house: House, at: Standing) -> int:
    """As placing sees it: beyond stock there is room where the SKU is kept, up to its limit."""
    is_promised_beyond = case.goods.status == "active" and (sku, house.code) in case.facts.levels
    room = max(0, case.facts.goods[sku].backorder_limit - at.before) if is_promised_beyond else 0
    return max(0, at.free - at.kept) + room


def _whole(case: Case, nodes: Sequence[NodeAvailability], houses: Sequence[House]) -> tuple[str | None, bool, Promise]:
    """The node that could send all of it first (the first of equals has the better rank), or several, if sooner."""
    able = [n for n in nodes if n.promised_on is not None]
    best = min(able, key=attrgetter("promised_on"), default=None)
    if len(nodes) > 1:
        days = []
        for which in (LIKELY, PROMISED, SAFE):
            pooled = added([case.steps(house, which) for house in houses])
            days.append(next((step.on for step in pooled if step.units >= case.quantity), None))
        if days[PROMISED] is not None and (best is None or days[PROMISED] < best.promised_on):  # type: ignore[operator]
            return None, True, Promise(days[0], days[1], days[2])
    if best is None:
        return None, False, Promise(None, None, None)
    return best.node, False, Promise(best.likely_on, best.promised_on, best.safe_on)
