"""Carriers' invoices held against what labels were quoted: what is flagged, why, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from agents.parcels.judging import Allowed, Charge, Quote, Verdict, judge
from agents.parcels.messages.invoices import (
    AcceptCharges,
    BilledLine,
    CarrierInvoiceState,
    ChargesState,
    CreditCharge,
    DisputeCharges,
    EnterCarrierInvoice,
)
from db.carrier_invoices import CarrierCharge, ChargeReason, ChargeState
from db.errors import Refused
from tests.parcels.makers import a_parcel, terms
from tests.parcels.test_exceptions import healthy
from tests.shop import Shop

R = ChargeReason
QUOTE = Quote(
    service="standard", zone="1", billed_grams=1000, currency="EUR", amount=600, parts={"base": 500, "fuel": 100}
)


def charge(no: int, amount: int, kind: str = "base", **more: Any) -> Charge:
    return Charge(no, kind, amount, "EUR", **more)


def flags(verdicts: list[Verdict]) -> list[tuple[int, str | None]]:
    return [(v.over, v.reason) for v in verdicts]


def test_what_was_quoted_is_fair_however_it_is_split() -> None:
    assert flags(judge(QUOTE, [charge(1, 500), charge(2, 100, "fuel")], Allowed())) == [(0, None), (0, None)]
    assert flags(judge(QUOTE, [charge(1, 600, "total")], Allowed())) == [(0, None)]
    assert flags(judge(QUOTE, [charge(1, 450), charge(2, 150, "fuel")], Allowed())) == [(0, None), (0, None)]


@pytest.mark.parametrize(
    ("quote", "charges", "expected"),
    [
        (None, [charge(1, 500)], [(500, R.unknown_parcel)]),
        (replace(QUOTE, voided=True), [charge(1, 500)], [(500, R.voided_label)]),
        (replace(QUOTE, currency="GBP"), [charge(1, 500)], [(500, R.currency)]),
        (QUOTE, [charge(1, 500), charge(2, 500), charge(3, 100, "fuel")], [(0, None), (500, R.duplicate), (0, None)]),
        (
            QUOTE,
            [charge(1, 500), charge(2, 100, "fuel"), charge(3, 250, "peak")],
            [(0, None)] * 2 + [(250, R.surcharge)],
        ),
        (QUOTE, [charge(1, 500), charge(2, 180, "fuel")], [(0, None), (80, R.surcharge)]),
        (QUOTE, [charge(1, 800, billed_grams=2400), charge(2, 100, "fuel")], [(300, R.weight), (0, None)]),
        (QUOTE, [charge(1, 800, zone="4"), charge(2, 100, "fuel")], [(300, R.zone), (0, None)]),
        (QUOTE, [charge(1, 900, service="express"), charge(2, 100, "fuel")], [(400, R.service), (0, None)]),
        (QUOTE, [charge(1, 520), charge(2, 100, "fuel")], [(20, R.price), (0, None)]),
        (QUOTE, [charge(1, 450), charge(2, 200, "fuel")], [(0, None), (50, R.surcharge)]),  # net of what was cheaper
        (replace(QUOTE, used={"total": 600}), [charge(1, 600, "total")], [(600, R.duplicate)]),
        (replace(QUOTE, used={"base": 500}), [charge(1, 100, "fuel")], [(0, None)]),
    ],
)
def test_each_reason_is_told_with_its_amount(
    quote: Quote | None, charges: list[Charge], expected: list[tuple[int, str | None]]
) -> None:
    assert flags(judge(quote, charges, Allowed())) == expected


def test_a_difference_within_the_tolerance_is_let_through_whole() -> None:
    heavier = [charge(1, 530, billed_grams=1100), charge(2, 100, "fuel")]
    assert flags(judge(QUOTE, heavier, Allowed(amount=30))) == [(0, None), (0, None)]
    assert flags(judge(QUOTE, heavier, Allowed(ppm=50_000))) == [(0, None), (0, None)]
    assert flags(judge(QUOTE, heavier, Allowed(amount=29))) == [(30, R.weight), (0, None)]


CHARGES = st.lists(
    st.tuples(st.sampled_from(["base", "fuel", "peak", "total"]), st.integers(-1000, 2000)), min_size=1, max_size=6
).map(lambda rows: [charge(n, amount, kind) for n, (kind, amount) in enumerate(rows, 1)])


@given(CHARGES, st.integers(0, 300), st.booleans())
def test_charged_without_what_is_flagged_is_within_quote_and_tolerance(
    charges: list[Charge], amount: int, voided: bool
) -> None:
    quote = replace(QUOTE, voided=voided)
    verdicts = judge(quote, charges, Allowed(amount=amount))
    by_no = {v.no: v for v in verdicts}
    kept = sum(c.amount - by_no[c.no].over for c in charges)
    assert kept <= (0 if voided else quote.amount + amount)
    if not voided:
        # Never more than the whole difference is disputed.
        assert sum(v.over for v in verdicts) <= max(0, sum(c.amount for c in charges) - quote.amount)
    assert all((v.over == 0) == (v.reason is None) and v.over >= 0 for v in verdicts)


# Through the agent


def bill(shop: Shop, *lines: BilledLine, number: str = "I-1", carrier: str) -> CarrierInvoiceState:
    ask = EnterCarrierInvoice(
        carrier=carrier, number=number, billed_on=date(2026, 3, 2), currency="EUR", lines=list(lines)
    )
    return shop.do("parcels", ask, CarrierInvoiceState)


def charges_of(shop: Shop) -> list[CarrierCharge]:
    with shop.db.reading() as session:
        return list(session.scalars(select(CarrierCharge).order_by(CarrierCharge.invoice, CarrierCharge.no)))


def test_an_invoice_is_matched_by_number_or_by_the_order_and_billed_twice_is_seen(shop: Shop) -> None:
    order, label = a_parcel(shop)
    first = bill(
        shop,
        BilledLine(no=2, tracking_number=label.tracking_number, amount=label.amount),
        BilledLine(no=3, tracking_number="STRANGER", amount=700),
        carrier=label.carrier,
    )
    assert (first.lines, first.total, first.over, first.flagged) == (2, label.amount + 700, 700, 1)
    second = bill(
        shop,
        BilledLine(no=2, tracking_number="", reference=order.number, amount=label.amount),
        number="I-2",
        carrier=label.carrier,
    )
    assert (second.over, second.flagged) == (label.amount, 1)
    assert [(c.reason, c.state) for c in charges_of(shop)] == [
        (None, ChargeState.fair),
        (R.unknown_parcel, ChargeState.open),
        (R.duplicate, ChargeState.open),
    ]
    with pytest.raises(Refused) as no:
        bill(shop, BilledLine(no=2, tracking_number="x", amount=1), carrier=label.carrier)
    assert no.value.code == "carrier_invoice_known"
    healthy(shop)


def test_the_tolerance_of_the_carriers_terms_is_used(shop: Shop) -> None:
    _, label = a_parcel(shop)
    terms(shop, label.carrier, tolerance_amount=50)
    let = bill(
        shop, BilledLine(no=2, tracking_number=label.tracking_number, amount=label.amount + 50), carrier=label.carrier
    )
    assert (let.over, let.flagged) == (0, 0)
    healthy(shop)


def test_what_is_too_much_is_disputed_credited_or_accepted(shop: Shop) -> None:
    _, label = a_parcel(shop)
    bill(
        shop,
        BilledLine(no=2, tracking_number=label.tracking_number, amount=label.amount + 100),
        BilledLine(no=3, tracking_number="STRANGER", amount=700),
        carrier=label.carrier,
    )
    ids: list[UUID] = [c.id for c in charges_of(shop)]
    said = shop.do("parcels", DisputeCharges(charge_ids=ids, note="mail of today"), ChargesState)
    assert [(c.state, c.next) for c in said.charges] == [("disputed", ["credit", "accept"])] * 2
    with pytest.raises(Refused) as no:
        shop.do("parcels", CreditCharge(charge_id=ids[0], note="CN-1", amount=101), ChargesState)
    assert no.value.code == "credit_too_much"
    shop.do("parcels", CreditCharge(charge_id=ids[0], note="CN-1", amount=60), ChargesState)
    shop.do("parcels", AcceptCharges(charge_ids=[ids[1]], note="a gift"), ChargesState)
    assert [(c.state, c.credited) for c in charges_of(shop)] == [("credited", 60), ("accepted", 0)]
    with pytest.raises(Refused) as no:
        shop.do("parcels", DisputeCharges(charge_ids=ids, note="again"), ChargesState)
    assert no.value.code == "illegal_move"
    assert [c.state for c in charges_of(shop)] == ["credited", "accepted"]
    healthy(shop)
