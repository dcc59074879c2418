"""What a parcel in trouble is expected to cost, action by action."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agents.parcels.messages import Option
from agents.parcels.proposing import MILLION, Case, Learned, claim_amount, propose
from db.parcel_exceptions import ExceptionKind

K = ExceptionKind
LOST = Case(
    kind=K.lost, currency="EUR", value=10_000, cost=4_000, postage=500, late_cost=0, refundable=10_000,
    claim_limit=6_000, effort=300,
)  # fmt: skip
MONEY = st.integers(0, 10**7)
CASES = st.builds(
    Case,
    kind=st.sampled_from(list(K)),
    currency=st.just("EUR"),
    value=MONEY,
    cost=MONEY,
    postage=MONEY,
    late_cost=MONEY,
    refundable=MONEY,
    claim_limit=st.none() | MONEY,
    effort=MONEY,
    short=st.none() | st.just("not in stock"),
    helped=st.none() | st.just("sent again"),
    claimed=st.booleans(),
    claimable=st.booleans(),
)


def named(options: list[Option], action: str) -> Option:
    return next(o for o in options if o.action == action)


def test_goods_that_cost_less_than_they_were_sold_for_are_sent_again() -> None:
    options = propose(LOST)
    reship = named(options, "reship")
    # 4000 for the goods and 500 postage; 95 in 100 do not arrive, and then 7 in 10 of 6000 less a letter come back.
    assert reship.expected == 4_000 + 500 - round(0.95 * (0.7 * 6_000 - 300))
    assert [o.action for o in options if o.refused is None] == ["reship", "refund"]
    assert named(options, "refund").expected == 10_000 - round(0.95 * 3_900)
    assert named(options, "wait").refused == "it does not come by itself any more"


def test_what_is_not_there_cannot_be_sent_and_what_was_not_captured_cannot_be_given_back() -> None:
    options = propose(replace(LOST, short="not in stock: 1 of MUG", refundable=0))
    assert named(options, "reship").refused == "not in stock: 1 of MUG"
    assert named(options, "refund").refused == "nothing is left of what was captured"
    assert all(o.refused for o in options)


def test_a_late_parcel_is_waited_for_until_lateness_costs_more() -> None:
    late = replace(LOST, kind=K.late)
    assert propose(late)[0].action == "wait"
    assert propose(replace(late, late_cost=20_000))[0].action == "reship"


def test_a_letter_is_worth_it_where_the_customer_can_help() -> None:
    failed = replace(LOST, kind=K.failed, effort=10)
    options = propose(failed)
    assert options[0].action == "contact"
    assert named(options, "contact").expected < named(options, "wait").expected
    assert "contact" not in [o.action for o in propose(LOST)]


def test_once_the_customer_is_helped_only_the_carrier_is_left() -> None:
    options = propose(replace(LOST, helped="sent again as 100002"))
    assert [o.action for o in options] == ["claim", "close"]
    assert options[0].expected == 300 - 4_200
    gone = propose(replace(LOST, helped="sent again", claimable=False))
    assert (gone[0].action, named(gone, "claim").refused) == ("close", "the last day for a claim is over")


def test_what_was_seen_outweighs_the_guess() -> None:
    assert Learned().chance(600_000) == 600_000
    assert Learned(0, 90).chance(600_000) == 60_000
    assert Learned(90, 90).chance(0) == 900_000


@given(CASES)
def test_the_expected_cost_is_its_parts_and_the_cheapest_possible_comes_first(case: Case) -> None:
    options = propose(case)
    possible = [o.expected for o in options if o.refused is None]
    assert possible == sorted(possible)
    assert [o.refused is None for o in options] == sorted((o.refused is None for o in options), reverse=True)
    for o in options:
        parts = sum(p["amount"] * p["chance_ppm"] / MILLION for p in o.parts)
        assert abs(o.expected - parts) <= len(o.parts)
    claim = claim_amount(case.value, case.claim_limit)
    assert claim <= case.value
    assert case.claim_limit is None or claim <= case.claim_limit
