"""Claims to carriers: one at a time, in time, with evidence, and never more than the carrier is liable for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from agents.parcels.messages.claims import (
    AcceptClaim,
    AddEvidence,
    BookClaimPayment,
    CarrierClaimState,
    FileClaim,
    RejectClaim,
    WriteOffClaim,
)
from db.carrier_claims import ClaimStatus
from db.errors import Refused
from tests.parcels.makers import a_parcel, act, need, scan, terms
from tests.parcels.test_exceptions import healthy
from tests.shop import Shop


def a_claim(shop: Shop, **agreed: int) -> CarrierClaimState:
    order, label = a_parcel(shop)
    terms(shop, label.carrier, **agreed)
    scan(shop, label, "on_hold", incident="damaged")
    claim_id = act(shop, need(shop, order).id, "claim").claim_id
    assert claim_id is not None
    return shop.do("parcels", AddEvidence(claim_id=claim_id, what="a photo", reference="photos/1"), CarrierClaimState)


def refused(shop: Shop, ask: object) -> str:
    with pytest.raises(Refused) as no:
        shop.do("parcels", ask, CarrierClaimState)  # type: ignore[arg-type]
    return no.value.code


def test_a_claim_goes_to_the_carrier_and_its_money_is_booked(shop: Shop) -> None:
    claim = a_claim(shop, claim_limit=2000, claim_days=10)
    assert (claim.amount, claim.limit, claim.status) == (2000, 2000, ClaimStatus.draft)
    assert claim.file_by == shop.now.date() + timedelta(days=10)
    assert refused(shop, FileClaim(claim_id=claim.id, reference="C-1", amount=2001)) == "claim_too_much"
    shop.do("parcels", FileClaim(claim_id=claim.id, reference="C-1"), CarrierClaimState)
    assert refused(shop, AcceptClaim(claim_id=claim.id, reason="yes", amount=2001)) == "claim_too_much"
    shop.do("parcels", AcceptClaim(claim_id=claim.id, reason="a part", amount=1500), CarrierClaimState)
    paid = BookClaimPayment(claim_id=claim.id, amount=1501, paid_on=date(2026, 3, 20), reference="T-1")
    assert refused(shop, paid) == "claim_too_much"
    done = BookClaimPayment(claim_id=claim.id, amount=1500, paid_on=date(2026, 3, 20), reference="T-1")
    said = shop.do("parcels", done, CarrierClaimState)
    assert (said.status, said.paid, said.next) == (ClaimStatus.paid, 1500, [])
    assert len(shop.said("CarrierClaimPaid")) == 1
    healthy(shop)


def test_a_claim_needs_evidence_and_to_be_in_time(shop: Shop) -> None:
    order, label = a_parcel(shop)
    scan(shop, label, "on_hold", incident="damaged")
    found = need(shop, order)
    claim_id = act(shop, found.id, "claim").claim_id
    assert claim_id is not None
    assert refused(shop, FileClaim(claim_id=claim_id, reference="C-1")) == "no_evidence"
    shop.do("parcels", AddEvidence(claim_id=claim_id, what="a photo"), CarrierClaimState)
    shop.later(days=31)
    assert refused(shop, FileClaim(claim_id=claim_id, reference="C-1")) == "claim_too_late"
    late = shop.do("parcels", FileClaim(claim_id=claim_id, reference="C-1", late=True), CarrierClaimState)
    assert late.status == ClaimStatus.filed


def test_a_parcel_has_one_live_claim_and_a_rejected_one_may_be_filed_again(shop: Shop) -> None:
    claim = a_claim(shop)
    with pytest.raises(Refused) as no:
        act(shop, claim.exception_id, "claim")
    assert no.value.code == "claim_live"
    shop.do("parcels", FileClaim(claim_id=claim.id, reference="C-1"), CarrierClaimState)
    shop.do("parcels", RejectClaim(claim_id=claim.id, reason="no photo of the inside"), CarrierClaimState)
    again = shop.do("parcels", FileClaim(claim_id=claim.id, reference="C-2"), CarrierClaimState)
    assert again.status == ClaimStatus.filed
    shop.do("parcels", WriteOffClaim(claim_id=claim.id, reason="too small"), CarrierClaimState)
    anew = act(shop, claim.exception_id, "claim")
    assert anew.claim_id not in (None, claim.id)
    healthy(shop)
