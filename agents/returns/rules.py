"""What a policy says of units that somebody wants to give back. Pure functions: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from agents.returns.refusals import BadReturnField, BadRule, NoCatchAll
from db.customers import CLASSES
from db.money import format_money, minor_digits
from db.return_policies import RefundWhen
from db.returns import SHOPS_FAULT, Grade, LabelPaidBy, RefundState, ReturnParcelState, ReturnReason, ReturnWay

LONGEST_WINDOW = 3650
MOST_RULES = 200
FEWEST_BOUGHT = 10
UNDER = " > "  # between a category and what is under it


class Rule(Protocol):
    """A rule of a policy, in force or only tried."""

    @property
    def name(self) -> str: ...
    @property
    def category(self) -> str | None: ...
    @property
    def channel(self) -> str | None: ...
    @property
    def country(self) -> str | None: ...
    @property
    def customer_class(self) -> str | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def window_days(self) -> int | None: ...
    @property
    def final_sale(self) -> bool: ...
    @property
    def fee_ppm(self) -> int: ...
    @property
    def fee_amount(self) -> int: ...
    @property
    def fee_currency(self) -> str | None: ...
    @property
    def refund_when(self) -> str: ...
    @property
    def auto_approve(self) -> bool: ...
    @property
    def refund_shipping(self) -> bool: ...
    @property
    def refund_unsellable(self) -> bool: ...
    @property
    def credit_bonus_ppm(self) -> int: ...
    @property
    def instant_exchange(self) -> bool: ...
    @property
    def label_paid_by(self) -> str | None: ...
    @property
    def keep_below(self) -> int: ...
    @property
    def carriage_amount(self) -> int: ...
    @property
    def keep_currency(self) -> str | None: ...
    @property
    def limit_returns(self) -> int | None: ...
    @property
    def limit_ppm(self) -> int | None: ...
    @property
    def limit_days(self) -> int: ...


VerdictCode = Literal["open", "over", "final", "on_its_way", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """`until` is the last day on which the units may be given back, where the customer lives."""

    allowed: bool
    why: str
    until: date | None = None
    said: VerdictCode = "open"

    @property
    def over(self) -> bool:
        """Whether the window is."""
        return self.said == "over"


def rule_for(
    rules: Sequence[Rule],
    *,
    category: str | None,
    channel: str,
    country: str | None,
    customer_class: str = "standard",
    reason: str = ReturnReason.other,
) -> tuple[int, Rule]:
    """The first rule that fits, with its number from 1. A policy ends with one that fits everything."""
    for no, rule in enumerate(rules, start=1):
        fits = (
            rule.channel in (None, channel)
            and rule.country in (None, country)
            and rule.customer_class in (None, customer_class)
            and rule.reason in (None, reason)
            and (rule.category is None or f"{category or ''}{UNDER}".startswith(f"{rule.category}{UNDER}"))
        )
        if fits:
            return no, rule
    raise LookupError("a policy without a rule that fits everything")


def judge(
    no: int, rule: Rule, *, since: datetime | None, delivered_at: datetime | None, now: datetime, country: str | None
) -> Verdict:
    """Whether units may come back today. `since` is when the rule came into force; None for one that is only tried."""
    named = f"rule {no} \u201c{rule.name}\u201d" + (f", in force since {since.date()}," if since is not None else "")
    if rule.final_sale:
        return Verdict(False, f"{named} says final sale", said="final")
    if rule.window_days is None:
        return Verdict(True, f"{named} lets it come back without an end")
    if delivered_at is None:
        why = f"{named} counts {rule.window_days} days from the delivery, which is still to come"
        return Verdict(True, why, said="on_its_way")
    until, ends = window_end(delivered_at, rule.window_days, country)
    if now >= ends:
        return Verdict(False, f"{named} gives {rule.window_days} days, which ended on {until}", until, said="over")
    return Verdict(True, f"{named} gives {rule.window_days} days, until {until}", until)


def window_end(delivered_at: datetime, days: int, country: str | None) -> tuple[date, datetime]:
    """The last day, and the moment at which it is over where the customer lives.

    The day of delivery does not count. Of a country's time zones it is the one where the window ends last: an
    address does not tell which it is, and the customer is not to lose by that.
    """
    ends = []
    for zone in zones_of(country):
        last = delivered_at.astimezone(zone).date() + timedelta(days=days)
        ends.append((datetime.combine(last + timedelta(days=1), time.min, zone), last))
    end, last = max(ends)
    return last, end


def zones_of(country: str | None) -> list[ZoneInfo]:
    from babel.core import get_global

    known = get_global("territory_zones").get(country or "", [])
    return [ZoneInfo(name) for name in known] or [ZoneInfo("UTC")]


def over_limit(rule: Rule, *, returns: int, back: int, bought: int, more: int) -> str | None:
    """Why a person looks at a return of `more` units by somebody who gave back so much; it is never refused for that.

    A share is only judged of who bought `FEWEST_BOUGHT` units: one of one is everything, and says nothing.
    """
    if rule.limit_returns is not None and returns >= rule.limit_returns:
        return f"{returns} returns in {rule.limit_days} days, of which {rule.limit_returns} go by rule"
    if rule.limit_ppm is not None and bought >= FEWEST_BOUGHT and (back + more) * 1_000_000 > rule.limit_ppm * bought:
        share = f"{rule.limit_ppm / 10_000:g} %"
        return f"{back + more} of {bought} units bought in {rule.limit_days} days would be back, {share} go by rule"
    return None


def keeps(rule: Rule, *, worth: int, carriage: int, recovery: int | None, currency: str) -> str | None:
    """Why units of a line stay with the customer: they are worth too little, or cost more to bring than they return.

    `carriage` is what bringing them costs us, `recovery` what they are expected to bring here; None: nobody knows.
    """
    if rule.keep_currency != currency:
        return None
    if worth <= rule.keep_below:
        return f"worth {format_money(worth, currency)}, and up to {format_money(rule.keep_below, currency)} stays"
    if recovery is not None and carriage > 0 and recovery < carriage:
        return (
            f"carriage of {format_money(carriage, currency)} is more than the "
            f"{format_money(recovery, currency)} that it would bring"
        )
    return None


def fee_terms(rule: Rule, reason: str, currency: str) -> tuple[int, int]:
    """(ppm, amount for each unit). Whose fault it is decides first; an amount is for its own currency."""
    if reason in SHOPS_FAULT:
        return 0, 0
    return rule.fee_ppm, rule.fee_amount if rule.fee_currency == currency else 0


def is_paid(grade: str, reason: str, *, refund_unsellable: bool) -> bool:
    """Whether a unit of this grade is paid for without asking a person."""
    if grade == Grade.missing:
        return False
    return grade == Grade.sellable or reason in SHOPS_FAULT or refund_unsellable


def label_charge(way: str, payer: str, price: int) -> int:
    """What a label takes off the refund: the price that was told, where it is ours and the customer pays for it."""
    return price if way == ReturnWay.label and payer == LabelPaidBy.customer else 0


def credit_of(gross: int, before: int, label_price: int) -> int:
    """What is owed for units worth `gross`, less the label, as far as they are worth it; never less than `before`."""
    return max(before, gross - min(label_price, gross))


def further(now: str, seen: str) -> bool:
    """Whether a parcel has come further than anybody knew; tracking comes in any order, and never turns back."""
    order = list(ReturnParcelState)
    return order.index(ReturnParcelState(seen)) > order.index(ReturnParcelState(now))


def label_payer(reasons: Iterable[str], said: str | None, ruled: Iterable[str | None] = ()) -> LabelPaidBy:
    """Whoever a person says; else the shop, where it is at fault for a line or a line's rule says so."""
    if said is not None:
        return LabelPaidBy(said)
    shops = any(reason in SHOPS_FAULT for reason in reasons) or LabelPaidBy.shop in set(ruled)
    return LabelPaidBy.shop if shops else LabelPaidBy.customer


def refund_state(
    *, credit: int, heard: int, due: int, open: int, unknown: bool, declined: bool, nothing_left: bool, waits: int = 0
) -> RefundState:
    """`credit` is what we asked for, `heard` what payments knew of when they spoke, `waits` what is set aside."""
    if not credit:
        return RefundState.none
    if open or waits or heard < credit:
        return RefundState.unknown if unknown else RefundState.asked
    if due and not nothing_left:
        return RefundState.failed if declined else RefundState.short
    return RefundState.settled


def check_reason(line_no: int, reason: str) -> None:
    if reason not in list(ReturnReason):
        raise BadReturnField(f"reason of line {line_no}", f"{reason!r} is not one of {', '.join(ReturnReason)}")


def check_way(way: str, label_price: int) -> None:
    if way not in list(ReturnWay):
        raise BadReturnField("way", f"it is one of {', '.join(ReturnWay)}")
    if label_price < 0:
        raise BadReturnField("label_price", "it is not below zero")


def check_rules(rules: Sequence[Rule]) -> None:
    """Raises BadRule, NoCatchAll."""
    if not 0 < len(rules) <= MOST_RULES:
        raise BadReturnField("rules", f"there are 1 to {MOST_RULES} of them")
    for no, rule in enumerate(rules, start=1):
        if not rule.name.strip():
            raise BadRule(no, "name", "it cannot be empty")
        if rule.window_days is not None and not 0 <= rule.window_days <= LONGEST_WINDOW:
            raise BadRule(no, "window_days", f"it is a number from 0 to {LONGEST_WINDOW}")
        if not 0 <= rule.fee_ppm <= 1_000_000:
            raise BadRule(no, "fee_ppm", "it is a number from 0 to 1000000")
        if not 0 <= rule.credit_bonus_ppm <= 1_000_000:
            raise BadRule(no, "credit_bonus_ppm", "it is a number from 0 to 1000000")
        if rule.fee_amount < 0 or (rule.fee_amount > 0) is not (rule.fee_currency is not None):
            raise BadRule(no, "fee_amount", "an amount above zero has a currency, and a currency has an amount")
        if rule.fee_currency is not None:
            minor_digits(rule.fee_currency)
        if rule.refund_when not in list(RefundWhen):
            raise BadRule(no, "refund_when", f"it is one of {', '.join(RefundWhen)}")
        _check_path(no, rule)
    last = rules[-1]
    if any((last.category, last.channel, last.country, last.customer_class, last.reason)):
        raise NoCatchAll()


def _check_path(no: int, rule: Rule) -> None:
    for name, said, known in (
        ("customer_class", rule.customer_class, CLASSES),
        ("reason", rule.reason, tuple(ReturnReason)),
        ("label_paid_by", rule.label_paid_by, tuple(LabelPaidBy)),
    ):
        if said is not None and said not in known:
            raise BadRule(no, name, f"it is one of {', '.join(known)}, or empty")
    amounts = {"keep_below": rule.keep_below, "carriage_amount": rule.carriage_amount}
    for name, amount in amounts.items():
        if amount < 0 or (amount > 0 and rule.keep_currency is None):
            raise BadRule(no, name, "it is not below zero, and above zero it has a keep_currency")
    if rule.keep_currency is not None:
        if not any(amounts.values()):
            raise BadRule(no, "keep_currency", "it is for keep_below or carriage_amount, and both are zero")
        minor_digits(rule.keep_currency)
    if rule.limit_returns is not None and rule.limit_returns < 1:
        raise BadRule(no, "limit_returns", "it is at least 1, or empty")
    if rule.limit_ppm is not None and not 0 <= rule.limit_ppm <= 1_000_000:
        raise BadRule(no, "limit_ppm", "it is a number from 0 to 1000000, or empty")
    if not 1 <= rule.limit_days <= LONGEST_WINDOW:
        raise BadRule(no, "limit_days", f"it is a number from 1 to {LONGEST_WINDOW}")
