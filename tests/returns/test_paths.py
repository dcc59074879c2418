"""Which way a return takes: who looks at it, who pays the label, what stays with the customer."""

from __future__ import annotations

import pytest

from agents.customers.messages import CustomerState, PutCustomer
from agents.returns import rules
from agents.returns.messages.policies import ReturnPolicyTried, ReturnRuleAsk, TryReturnPolicy
from agents.returns.refusals import BadRule, NoCatchAll
from db.errors import Refused
from db.orders import Order
from db.returns import lines_of
from tests.returns.makers import (
    a_delivered_order,
    approve,
    ask,
    lies,
    line,
    money,
    policy,
    preview,
    receive,
    the_books_add_up,
    the_order,
    the_return,
    timeline,
)
from tests.shop import Shop

EVERYTHING = ReturnRuleAsk(name="Everything", window_days=30, auto_approve=True, fee_ppm=100_000)


def customer(shop: Shop, email: str, of_class: str) -> CustomerState:
    return shop.do("customers", PutCustomer(email=email, name="Ada", class_=of_class), CustomerState)


def test_a_class_and_a_reason_have_rules_of_their_own(shop: Shop) -> None:
    policy(
        shop,
        ReturnRuleAsk(name="Too small", reason="too_small", auto_approve=True, label_paid_by="shop"),
        ReturnRuleAsk(name="Wholesale", customer_class="wholesale", window_days=5, fee_ppm=200_000),
        EVERYTHING,
    )
    trade = customer(shop, "trade@example.org", "wholesale")
    theirs, guests = a_delivered_order(shop, customer_id=trade.id), a_delivered_order(shop)
    assert [n.rule for n in preview(shop, theirs).lines] == ["Wholesale"]
    assert [n.rule for n in preview(shop, guests).lines] == ["Everything"], "who has no account is standard"
    small = preview(shop, theirs, line(reason="too_small"))
    assert ([n.rule for n in small.lines], small.label_paid_by, small.fee) == (["Too small"], "shop", 0)
    assert preview(shop, guests).label_paid_by == "customer"
    the_books_add_up(shop)


def test_a_line_says_for_which_reasons_it_may_come_back(shop: Shop) -> None:
    policy(
        shop,
        ReturnRuleAsk(name="Broken", reason="faulty", window_days=700),
        ReturnRuleAsk(name="Sale", final_sale=True),
    )
    order = a_delivered_order(shop)
    (said,) = preview(shop, order).lines
    assert (said.allowed, said.reasons) == (False, ["faulty"])
    with pytest.raises(Refused):
        ask(shop, order)
    assert ask(shop, order, line(reason="faulty")).status == "requested"


def test_what_is_worth_little_stays_with_the_customer_and_is_paid_for(shop: Shop) -> None:
    policy(shop, ReturnRuleAsk(name="Small", auto_approve=True, keep_below=1000, keep_currency="EUR"))
    order = a_delivered_order(shop)
    before = lies(shop, "MUG")
    told = preview(shop, order)
    assert told.keep_why is not None
    assert told.keep_why.startswith("rule 1 “Small”: worth ")
    made = ask(shop, order, way="label", label_price=400)
    item = the_return(shop, made)
    assert (item.status, item.way, item.label_price, item.keep_why) == ("refunded", "own", 0, told.keep_why)
    assert money(shop, order)[1] == told.total > 0
    assert lies(shop, "MUG") == before, "nothing came"
    with shop.db.reading() as session:
        assert [(n.stayed, n.open, n.credited) for n in lines_of(session, [made.id])] == [(1, 0, 1)]
    assert [to for to, _ in timeline(shop, f"return:{made.id}")] == [
        "requested", "approved", "received", "received", "refunded",
    ]  # fmt: skip
    with pytest.raises(Refused):
        receive(shop, made, (1, 1, "sellable"))
    assert preview(shop, order, line(quantity=2)).keep_why is None, "two of them are worth more"
    the_books_add_up(shop)


def test_carriage_that_costs_more_than_the_goods_bring_is_saved_where_the_shop_pays_it(shop: Shop) -> None:
    policy(shop, ReturnRuleAsk(name="Any", auto_approve=True, carriage_amount=900, keep_currency="EUR"))
    order = a_delivered_order(shop)
    broken = preview(shop, order, line(reason="faulty"))
    assert broken.keep_why is not None
    assert "carriage of €9.00 is more than the" in broken.keep_why
    assert preview(shop, order, line(reason="changed_mind")).keep_why is None, "the customer pays the way back"
    assert preview(shop, order, line(reason="wrong_item", quantity=3)).keep_why is None, "three are worth it"
    the_books_add_up(shop)


def test_over_its_limit_a_customer_is_looked_at_and_not_refused(shop: Shop) -> None:
    policy(shop, ReturnRuleAsk(name="Any", auto_approve=True, refund_when="approval", limit_returns=1, limit_days=30))
    first = a_delivered_order(shop)
    assert ask(shop, first).status == "approved"
    second = a_delivered_order(shop)
    told = preview(shop, second)
    assert told.review == "1 returns in 30 days, of which 1 go by rule"
    assert (told.allowed, told.approved_at_once, told.lines[0].refund_when) == (True, False, "receipt")
    made = ask(shop, second)
    assert (made.status, made.review) == ("requested", told.review)
    assert approve(shop, made).credit == 0, "it is looked at before it is paid for"
    other = a_delivered_order(shop, email="grace@example.org")
    assert preview(shop, other).review is None
    the_books_add_up(shop)


def rule(**what: object) -> ReturnRuleAsk:
    return ReturnRuleAsk(name="A rule", **what)  # type: ignore[arg-type]


def test_a_share_is_judged_of_who_bought_enough() -> None:
    half = rule(limit_ppm=500_000)
    assert rules.over_limit(half, returns=3, back=9, bought=9, more=1) is None
    assert rules.over_limit(half, returns=3, back=4, bought=10, more=1) is None
    said = rules.over_limit(half, returns=3, back=5, bought=10, more=1)
    assert said == "6 of 10 units bought in 365 days would be back, 50 % go by rule"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"customer_class": "golden"}, "customer_class"),
        ({"reason": "bored"}, "reason"),
        ({"label_paid_by": "nobody"}, "label_paid_by"),
        ({"keep_below": 100}, "keep_below"),
        ({"carriage_amount": -1, "keep_currency": "EUR"}, "carriage_amount"),
        ({"keep_currency": "EUR"}, "keep_currency"),
        ({"limit_returns": 0}, "limit_returns"),
        ({"limit_ppm": 1_000_001}, "limit_ppm"),
        ({"limit_days": 0}, "limit_days"),
    ],
)
def test_a_rule_that_says_nonsense_is_refused_by_its_field(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(BadRule) as refused:
        rules.check_rules([rule(**wrong), rule()])
    assert (refused.value.no, refused.value.field) == (1, field)


@pytest.mark.parametrize("condition", [{"customer_class": "priority"}, {"reason": "late"}])
def test_the_last_rule_fits_everybody_and_every_reason(condition: dict[str, object]) -> None:
    with pytest.raises(NoCatchAll):
        rules.check_rules([rule(**condition)])


def test_a_trial_shows_where_rules_say_something_else(shop: Shop) -> None:
    policy(shop, EVERYTHING)
    orders: list[Order] = [a_delivered_order(shop), a_delivered_order(shop, country="FR")]
    german = ReturnRuleAsk(name="Germany", country="DE", window_days=30, auto_approve=True)

    def tried(*asked: ReturnRuleAsk, reason: str = "changed_mind") -> ReturnPolicyTried:
        return shop.do("returns", TryReturnPolicy(rules=list(asked), reason=reason), ReturnPolicyTried)

    assert tried(EVERYTHING).changed == 0, "another name makes no difference, nor does the same"
    told = tried(german, EVERYTHING)
    (change,) = told.changes
    assert (told.lines, told.changed, change.order_number) == (2, 1, orders[0].number)
    paid = the_order(shop, orders[0].id).total
    assert (change.now.rule, change.now.fee, change.then.rule, change.then.fee) == (
        "Everything", round(paid / 10), "Germany", 0,
    )  # fmt: skip
    assert told.fee_now["EUR"] == 2 * change.now.fee
    assert tried(german, EVERYTHING, reason="faulty").changed == 0, "the shop is at fault: no fee either way"
    keep = ReturnRuleAsk(name="Keep", auto_approve=True, keep_below=100_000, keep_currency="EUR")
    assert [n.kept for n in tried(keep).rules] == [6], "three mugs of each order"
    the_books_add_up(shop)
