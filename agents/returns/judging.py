"""What the policy says of lines that somebody wants to give back, and of what path they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from agents.returns.messages import ReturnLineAsk
from agents.returns.paying import next_worth
from agents.returns.rules import Rule, Verdict, fee_terms, judge, keeps, label_payer, over_limit, rule_for
from db.orders import Order
from db.return_policies import RefundWhen, ReturnPolicy, categories_of, delivered_lines, policy_at, rules_of
from db.return_signals import open_signals
from db.return_standing import Standing, class_of, standing_of
from db.returns import LabelPaidBy, ReturnReason, Sold
from db.session import Transaction

NO_POLICY = "no policy was in force when it was ordered; a person decides"
SIGNALS_LAST = timedelta(days=365)
HISTORY = "it was brought in as history, and nobody knows when it arrived; a person decides"


@dataclass(frozen=True)
class Customer:
    """Who gives back so many units now. `stood` tells what they bought and gave back in so many days."""

    of_class: str
    units: int
    against: str | None  # signals that are open
    stood: Callable[[int], Standing]


@dataclass(frozen=True)
class Ground:
    """What all lines of an order are judged on; `since` is None for rules that are only tried."""

    rules: Sequence[Rule]
    categories: Mapping[str, str]
    delivered: Mapping[int, datetime | None]
    who: Customer
    since: datetime | None
    now: datetime


@dataclass(frozen=True)
class Judged:
    """A line that somebody wants to give back, and what the policy says of it."""

    ask: ReturnLineAsk
    no: int | None
    rule: Rule | None
    verdict: Verdict
    fee_ppm: int
    fee_per_unit: int
    reasons: list[str] = field(default_factory=lambda: list(ReturnReason))
    review: str | None = None

    @property
    def decided(self) -> bool:
        return self.verdict.allowed and self.verdict.said != "undecided" and self.review is None

    @property
    def at_once(self) -> bool:
        return self.decided and self.rule is not None and self.rule.auto_approve

    @property
    def refund_when(self) -> str:
        """What a person has to look at is not paid for before it is here."""
        return self.rule.refund_when if self.rule is not None and self.review is None else RefundWhen.receipt


def judge_lines(tx: Transaction, of: Sold, asked: Sequence[ReturnLineAsk]) -> tuple[ReturnPolicy | None, list[Judged]]:
    """What the policy at the time of the purchase says of each line."""
    policy = policy_at(tx, of.order.placed_at or of.order.created_at)
    if policy is None:
        return None, [Judged(ask, None, None, Verdict(True, NO_POLICY, said="undecided"), 0, 0) for ask in asked]
    return policy, judge_by(tx, of, rules_of(tx, policy.version), asked, since=policy.valid_from)


def judge_by(
    tx: Transaction, of: Sold, rules: Sequence[Rule], asked: Sequence[ReturnLineAsk], *, since: datetime | None
) -> list[Judged]:
    """What rules say of each line; `since` is None for rules that are only tried."""
    ground = Ground(
        rules=rules,
        categories=categories_of(tx, [of.lines[n.line_no].sku for n in asked]),
        delivered=delivered_lines(tx, of.order.id),
        who=_customer(tx, of.order, units=sum(ask.quantity for ask in asked)),
        since=since,
        now=tx.now,
    )
    return [judge_line(of, ask, ground) for ask in asked]


def _customer(tx: Transaction, order: Order, *, units: int) -> Customer:
    signals = open_signals(tx, order, tx.now - SIGNALS_LAST)
    said = ", ".join(f"{kind.replace('_', ' ')} on {number}" for kind, number in signals)
    return Customer(
        of_class=class_of(tx, order),
        units=units,
        against=f"signals are open: {said}" if said else None,
        stood=cache(lambda days: standing_of(tx, order, tx.now - timedelta(days=days))),
    )


def judge_line(of: Sold, ask: ReturnLineAsk, ground: Ground) -> Judged:
    country = of.order.shipping_address.get("country")

    def said(reason: str) -> tuple[int, Rule, Verdict]:
        no, rule = rule_for(
            ground.rules,
            category=ground.categories.get(of.lines[ask.line_no].sku),
            channel=of.order.channel,
            country=country,
            customer_class=ground.who.of_class,
            reason=reason,
        )
        delivered_at = ground.delivered.get(ask.line_no)
        told = judge(no, rule, since=ground.since, delivered_at=delivered_at, now=ground.now, country=country)
        return no, rule, told

    no, rule, verdict = said(ask.reason)
    if verdict.allowed and not of.order.live:
        verdict = Verdict(True, HISTORY, said="undecided")
    ppm, per_unit = fee_terms(rule, ask.reason, of.order.currency)
    by_reason = any(r.reason is not None for r in ground.rules)
    reasons = [reason.value for reason in ReturnReason if (said(reason)[2] if by_reason else verdict).allowed]
    return Judged(ask, no, rule, verdict, ppm, per_unit, reasons, _review(rule, ground.who))


def _review(rule: Rule, who: Customer) -> str | None:
    if rule.limit_returns is None and rule.limit_ppm is None:
        return who.against
    stood = who.stood(rule.limit_days)
    over = over_limit(rule, returns=stood.returns, back=stood.back, bought=stood.bought, more=who.units)
    return "; ".join(said for said in (over, who.against) if said is not None) or None


def review_of(judged: Iterable[Judged]) -> str | None:
    """Why a person looks at a return before any money goes back; None where nothing speaks for that."""
    return "; ".join(dict.fromkeys(j.review for j in judged if j.review is not None)) or None


def payer_of(judged: Sequence[Judged], said: str | None) -> LabelPaidBy:
    ruled = [j.rule.label_paid_by for j in judged if j.rule is not None]
    return label_payer((j.ask.reason for j in judged), said, ruled)


def keep_why(
    of: Sold, judged: Sequence[Judged], *, payer: str, label_price: int, recovery: Callable[[Judged], int | None]
) -> str | None:
    """Why the customer keeps all that a return names; None where it is to come.

    All of it stays or all of it comes. What a person has to look at comes, and so does what the customer pays to send
    unless it is worth next to nothing: it costs us no carriage.
    """
    if not judged or not all(j.decided for j in judged):
        return None
    rules = [j.rule for j in judged if j.rule is not None]
    carriage = max([label_price, *(rule.carriage_amount for rule in rules)]) if payer == LabelPaidBy.shop else 0
    known = [recovery(j) for j in judged] if carriage else []
    brings = sum(r for r in known if r is not None) if known and None not in known else None
    said = []
    for j, rule in zip(judged, rules, strict=True):
        worth = next_worth(of, j.ask.line_no, j.ask.quantity).total
        why = keeps(rule, worth=worth, carriage=carriage, recovery=brings, currency=of.order.currency)
        if why is None:
            return None
        said.append(f"rule {j.no} \u201c{rule.name}\u201d: {why}")
    return "; ".join(dict.fromkeys(said))
