"""What rules would have said of what was sold lately, and where the policy that it has says something else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from agents.returns.disposing import foresee
from agents.returns.judging import Judged, judge_by, judge_lines, keep_why, payer_of
from agents.returns.messages import ReturnLineAsk
from agents.returns.messages.policies import (
    ReturnPolicyTried,
    ReturnRuleAsk,
    SaidOfLine,
    TriedChange,
    TriedRule,
    TryReturnPolicy,
)
from agents.returns.money import fee_of
from agents.returns.paying import next_worth
from agents.returns.rules import check_reason, check_rules
from db.orders import Order, OrderLine
from db.returns import Sold, sold
from db.session import Transaction

MOST_CHANGES = 50


@dataclass(frozen=True)
class Tried:
    """A line under one policy."""

    of: Sold
    judged: Judged
    kept: bool

    @property
    def fee(self) -> int:
        """What is kept of what comes back; nothing where nothing may."""
        if not self.judged.verdict.allowed:
            return 0
        units = self.judged.ask.quantity
        worth = next_worth(self.of, self.judged.ask.line_no, units)
        return fee_of(worth, self.judged.fee_ppm, self.judged.fee_per_unit * units).total

    @property
    def said(self) -> SaidOfLine:
        return SaidOfLine(
            rule=self.judged.rule.name if self.judged.rule is not None else None,
            verdict=self.judged.verdict.said,
            allowed=self.judged.verdict.allowed,
            at_once=self.judged.at_once,
            kept=self.kept,
            refund_when=self.judged.refund_when,
            fee=self.fee,
        )


def try_policy(tx: Transaction, ask: TryReturnPolicy) -> ReturnPolicyTried:
    """As if everything that the last orders sent were to come back today, all of it for one reason."""
    check_rules(ask.rules)
    check_reason(0, ask.reason)
    lately = (
        select(Order.id)
        .where(Order.live, Order.id.in_(select(OrderLine.order_id).where(OrderLine.shipped > 0)))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(ask.orders)
    )
    orders = [sold(tx, order_id) for order_id in tx.scalars(lately).all()]
    now: list[Tried] = []
    then: list[Tried] = []
    for of in orders:
        asks = [
            ReturnLineAsk(line_no=n.line_no, quantity=of.returnable(n.line_no), reason=ask.reason)
            for n in of.lines.values()
            if of.returnable(n.line_no)
        ]
        now += _tried(tx, of, judge_lines(tx, of, asks)[1])
        then += _tried(tx, of, judge_by(tx, of, ask.rules, asks, since=None))
    by_rule: defaultdict[int, list[Tried]] = defaultdict(list)
    for one in then:
        by_rule[one.judged.no or 0].append(one)
    changes = [_change(a, b) for a, b in zip(now, then, strict=True) if _differs(a.said, b.said)]
    return ReturnPolicyTried(
        orders=len(orders),
        lines=len(then),
        rules=[_of_rule(no, rule, by_rule[no]) for no, rule in enumerate(ask.rules, start=1)],
        changed=len(changes),
        changes=changes[:MOST_CHANGES],
        returnable_now=sum(one.judged.ask.quantity for one in now if one.judged.verdict.allowed),
        fee_now=_fees(now),
    )


def _tried(tx: Transaction, of: Sold, judged: Sequence[Judged]) -> list[Tried]:
    payer = payer_of(judged, None)
    why = keep_why(of, judged, payer=payer, label_price=0, recovery=lambda j: foresee(tx, of, j.ask))
    return [Tried(of, j, kept=why is not None) for j in judged]


def _differs(now: SaidOfLine, then: SaidOfLine) -> bool:
    """What a rule is called makes no difference."""
    path = ("allowed", "at_once", "kept", "fee", "refund_when")
    return any(getattr(now, name) != getattr(then, name) for name in path)


def _change(now: Tried, then: Tried) -> TriedChange:
    ask, of = then.judged.ask, then.of
    return TriedChange(
        order_id=of.order.id,
        order_number=of.order.number,
        line_no=ask.line_no,
        sku=of.lines[ask.line_no].sku,
        units=ask.quantity,
        currency=of.order.currency,
        now=now.said,
        then=then.said,
    )


def _of_rule(no: int, rule: ReturnRuleAsk, decided: Sequence[Tried]) -> TriedRule:
    back = [one for one in decided if one.judged.verdict.allowed]
    return TriedRule(
        no=no,
        name=rule.name,
        lines=len(decided),
        units=_units(decided),
        returnable=_units(back),
        over=_units(one for one in decided if one.judged.verdict.over),
        final=_units(decided) if rule.final_sale else 0,
        at_once=_units(one for one in back if one.judged.at_once),
        kept=_units(one for one in back if one.kept),
        reviewed=_units(one for one in back if one.judged.review is not None),
        fee=_fees(back),
    )


def _units(of: Iterable[Tried]) -> int:
    return sum(one.judged.ask.quantity for one in of)


def _fees(of: Iterable[Tried]) -> dict[str, int]:
    fee: Counter[str] = Counter()
    for one in of:
        fee[one.of.order.currency] += one.fee
    return {currency: amount for currency, amount in fee.items() if amount}
