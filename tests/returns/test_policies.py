"""What a return policy lets come back, until when, and which of its versions counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from agents.returns import rules
from agents.returns.messages.policies import (
    AddReturnPolicy,
    ReturnPolicyState,
    ReturnPolicyTried,
    ReturnRuleAsk,
    TryReturnPolicy,
)
from db.errors import Refused
from tests.returns.makers import (
    a_delivered_order,
    approve,
    ask,
    line,
    place,
    policy,
    preview,
    ship,
    the_books_add_up,
    the_return,
)
from tests.shop import Shop

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ALL = ReturnRuleAsk(name="Everything", window_days=14)


def rule(**what: object) -> ReturnRuleAsk:
    return ReturnRuleAsk(name="A rule", **what)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("category", "channel", "country", "no"),
    [
        ("Home > Kitchen > Mugs", "web", "DE", 1),
        ("Home > Kitchen", "web", "DE", 1),
        ("Home > Kitchenware", "web", "DE", 3),
        (None, "store", "DE", 2),
        (None, "web", "GB", 4),
        ("Home > Kitchen", "store", "GB", 1),
    ],
)
def test_the_first_rule_that_fits_decides(category: str | None, channel: str, country: str, no: int) -> None:
    known = [rule(category="Home > Kitchen"), rule(channel="store"), rule(country="DE"), rule()]
    assert rules.rule_for(known, category=category, channel=channel, country=country)[0] == no


@pytest.mark.parametrize(
    ("delivered", "country", "until", "ends"),
    [
        # Half past midnight on the 11th in Berlin, while the day before still goes on in London.
        (datetime(2026, 3, 10, 23, 30, tzinfo=UTC), "DE", date(2026, 3, 25), datetime(2026, 3, 25, 23, tzinfo=UTC)),
        (datetime(2026, 3, 10, 23, 30, tzinfo=UTC), "GB", date(2026, 3, 24), datetime(2026, 3, 25, tzinfo=UTC)),
        # The clocks go forward on the 29th.
        (datetime(2026, 3, 20, 12, tzinfo=UTC), "DE", date(2026, 4, 3), datetime(2026, 4, 3, 22, tzinfo=UTC)),
        (NOON, None, date(2026, 3, 24), datetime(2026, 3, 25, tzinfo=UTC)),
    ],
)
def test_a_window_is_counted_in_days_where_the_customer_lives(
    delivered: datetime, country: str | None, until: date, ends: datetime
) -> None:
    assert rules.window_end(delivered, 14, country) == (until, ends)
    told = {"since": NOON, "delivered_at": delivered, "country": country}
    assert rules.judge(1, ALL, now=ends - timedelta(seconds=1), **told).allowed  # type: ignore[arg-type]
    late = rules.judge(1, ALL, now=ends, **told)  # type: ignore[arg-type]
    assert (late.allowed, late.over) == (False, True)
    assert late.why == f"rule 1 “Everything”, in force since 2026-03-10, gives 14 days, which ended on {until}"


def test_of_a_wide_country_the_last_zone_counts() -> None:
    _, end = rules.window_end(NOON, 1, "US")
    assert end == datetime(2026, 3, 12, 10, tzinfo=UTC), "midnight in Honolulu"


def test_a_refusal_says_which_rule_and_its_date_and_a_person_may_let_it_in(shop: Shop) -> None:
    shop.later(hours=1)
    policy(shop, window_days=14, auto_approve=True)
    order = a_delivered_order(shop)
    shop.later(days=30)
    with pytest.raises(Refused) as refused:
        ask(shop, order)
    (said,) = refused.value.facts()["lines"]
    assert (refused.value.code, said["rule_no"], said["policy_version"]) == ("against_policy", 1, 1)
    assert "gives 14 days, which ended on 2026-03-17" in said["why"]
    made = ask(shop, order, exception="was in hospital")
    assert made.status == "requested", "an exception is never approved by a rule"
    assert the_return(shop, made).exception == "was in hospital"
    assert approve(shop, made).status == "approved"
    the_books_add_up(shop)


def test_final_sale_is_refused_and_what_is_let_in_by_rule_needs_nobody(shop: Shop) -> None:
    policy(
        shop, ReturnRuleAsk(name="Web", channel="web", final_sale=True), ReturnRuleAsk(name="Else", auto_approve=True)
    )
    with pytest.raises(Refused) as refused:
        ask(shop, a_delivered_order(shop))
    assert "“Web”, in force since 2026-03-02, says final sale" in str(refused.value)
    made = ask(shop, a_delivered_order(shop, channel="store"))
    assert made.status == "approved"
    assert the_return(shop, made).decided_by == "policy:1"


def test_the_policy_of_the_purchase_counts_whatever_came_later(shop: Shop) -> None:
    policy(shop, window_days=30, fee_ppm=0)
    shop.later(hours=1)
    order = a_delivered_order(shop)
    shop.later(hours=1)
    policy(shop, final_sale=True)
    shop.later(hours=1)
    later = a_delivered_order(shop)
    told = preview(shop, order)
    assert (told.policy_version, told.allowed, told.total) == (1, True, 1000)
    assert (preview(shop, later).policy_version, preview(shop, later).allowed) == (2, False)
    assert ask(shop, order).policy_version == 1
    the_books_add_up(shop)


def test_an_amount_of_a_fee_is_for_each_unit_and_never_more_than_it_is_worth(shop: Shop) -> None:
    policy(shop, fee_ppm=100_000, fee_amount=250, fee_currency="EUR")
    order = a_delivered_order(shop, lines={"MUG": 3})
    assert [preview(shop, order, line(1, n)).fee for n in (1, 2)] == [350, 700]
    policy(shop, fee_amount=5000, fee_currency="EUR")
    shop.later(seconds=1)
    dear = preview(shop, a_delivered_order(shop))
    assert (dear.fee, dear.total, dear.tax) == (1000, 0, 0)
    policy(shop, fee_amount=500, fee_currency="USD")
    shop.later(seconds=1)
    assert preview(shop, a_delivered_order(shop)).fee == 0


def test_shipping_is_kept_where_the_rule_says_so(shop: Shop) -> None:
    policy(shop, refund_shipping=False)
    order = a_delivered_order(shop, lines={"MUG": 1}, shipping=490)
    assert (preview(shop, order).shipping, preview(shop, order).total) == (0, 1000)


def test_without_a_policy_a_person_decides(shop: Shop) -> None:
    told = preview(shop, a_delivered_order(shop))
    assert (told.policy_version, told.allowed, told.approved_at_once) == (None, True, False)


def test_before_the_delivery_the_window_has_not_begun(shop: Shop) -> None:
    policy(shop, window_days=1)
    order = place(shop)
    ship(shop, order)
    shop.later(days=20)
    assert preview(shop, order).lines[0].why.endswith("counts 1 days from the delivery, which is still to come")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ([rule(country="DE")], "no_catch_all"),
        ([rule(fee_amount=5)], "bad_rule"),
        ([rule(refund_when="never")], "bad_rule"),
        ([rule(window_days=-1)], "bad_rule"),
        ([rule(fee_amount=5, fee_currency="ABC")], "unknown_currency"),
        ([], "bad_return_field"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(shop: Shop, bad: list[ReturnRuleAsk], code: str) -> None:
    with pytest.raises(Refused) as refused:
        shop.do("returns", AddReturnPolicy(rules=bad), ReturnPolicyState)
    assert refused.value.code == code
    assert shop.count("return_policies") == 0


def test_a_policy_cannot_begin_before_it_is_written(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        shop.do("returns", AddReturnPolicy(rules=[ALL], valid_from=shop.now - timedelta(hours=1)), ReturnPolicyState)
    assert refused.value.code == "in_the_past"


def test_rules_are_tried_on_what_was_sent_and_change_nothing(shop: Shop) -> None:
    a_delivered_order(shop, lines={"MUG": 2})
    shop.later(days=20)
    a_delivered_order(shop, lines={"MUG": 1, "PLATE": 2}, channel="store")
    place(shop)
    tried = TryReturnPolicy(
        rules=[ReturnRuleAsk(name="Web", channel="web", window_days=7), rule(fee_ppm=500_000, auto_approve=True)]
    )
    told = shop.do("returns", tried, ReturnPolicyTried)
    web, rest = told.rules
    assert told.orders == 2
    assert (web.units, web.returnable, web.over) == (2, 0, 2)
    assert (rest.lines, rest.units, rest.at_once, rest.fee) == (2, 3, 3, {"EUR": 500 + 799})
    with shop.db.reading() as session:
        assert session.execute(text("SELECT count(*) FROM returns")).scalar_one() == 0
