"""Claims to carriers: at most one live one a parcel, never for more than the carrier is liable for."""

from __future__ import annotations

from datetime import timedelta

from agents.parcels.messages.claims import (
    AcceptClaim,
    AddEvidence,
    BookClaimPayment,
    CarrierClaimFiled,
    CarrierClaimPaid,
    CarrierClaimState,
    FileClaim,
    RejectClaim,
    WriteOffClaim,
)
from agents.parcels.proposing import claim_amount
from agents.parcels.refusals import (
    BadParcelField,
    ClaimLive,
    ClaimTooLate,
    ClaimTooMuch,
    NoEvidence,
    NothingToClaim,
    NotNow,
)
from agents.parcels.telling import claim_of, remark
from agents.stock.rules import check_words
from db.base import uuid7
from db.carrier_claims import (
    CLAIM_MOVES,
    CLAIM_NEXT,
    CarrierClaim,
    ClaimStatus,
    lock_claim,
    new_claim_number,
)
from db.money import format_money
from db.parcel_exceptions import ParcelException
from db.session import Transaction, check_version
from db.tracking import Track, terms_of
from db.zones import day_in

_S = ClaimStatus
CLAIM_DAYS = 30
MOST_EVIDENCE = 50


def open_claim(tx: Transaction, found: ParcelException, why: str) -> CarrierClaim:
    """A draft for a parcel in trouble, at the goods' value up to what the carrier is liable for.

    Raises:
        ClaimLive: the parcel has one that was not written off.
        NothingToClaim
    """
    live = claim_of(tx, found)
    if live is not None:
        raise ClaimLive(found.number, live.number, live.status)
    terms = terms_of(tx, found.carrier)
    limit = terms.claim_limit if terms is not None and terms.currency == found.currency else None
    amount = claim_amount(found.goods_value, limit)
    if amount <= 0:
        raise NothingToClaim(found.number)
    track = tx.get(Track, found.tracking_number)
    handed = track.handed_over_at if track is not None and track.handed_over_at is not None else found.opened_at
    claim = CarrierClaim(
        id=uuid7(),
        number=new_claim_number(tx),
        exception_id=found.id,
        parcel_id=found.parcel_id,
        order_id=found.order_id,
        order_number=found.order_number,
        carrier=found.carrier,
        tracking_number=found.tracking_number,
        kind=found.kind,
        status=_S.draft,
        currency=found.currency,
        goods_value=found.goods_value,
        limit=limit,
        amount=amount,
        accepted=0,
        paid=0,
        evidence=[],
        file_by=day_in(handed, None) + timedelta(days=terms.claim_days if terms is not None else CLAIM_DAYS),
        version=1,
        created_by=tx.who.actor,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.add(claim)
    tx.flush()
    tx.note(_subject(claim), to_status=_S.draft, why=why)
    remark(tx, found, f"claim {claim.number} to {claim.carrier} of {format_money(amount, claim.currency)}: {why}")
    return claim


def add_evidence(tx: Transaction, ask: AddEvidence) -> CarrierClaimState:
    check_words("what", ask.what)
    claim = _locked(tx, ask)
    if "evidence" not in CLAIM_NEXT[ClaimStatus(claim.status)]:
        raise NotNow(claim.number, "given evidence", CLAIM_NEXT[ClaimStatus(claim.status)])
    if len(claim.evidence) >= MOST_EVIDENCE:
        raise BadParcelField("evidence", f"is at most {MOST_EVIDENCE} pieces")
    piece = {"what": ask.what, "reference": ask.reference, "by": tx.who.actor, "at": tx.now.isoformat()}
    claim.evidence = [*claim.evidence, piece]
    claim.updated_at = tx.now
    tx.note(_subject(claim), from_status=claim.status, to_status=claim.status, why=f"evidence: {ask.what}")
    return claim_state(tx, claim)


def file_claim(tx: Transaction, ask: FileClaim) -> CarrierClaimState:
    """Raises NoEvidence, ClaimTooLate, ClaimTooMuch, IllegalMove."""
    check_words("reference", ask.reference)
    claim = _locked(tx, ask)
    if not claim.evidence:
        raise NoEvidence(claim.number)
    if day_in(tx.now, None) > claim.file_by and not ask.late:
        raise ClaimTooLate(claim.number, claim.file_by.isoformat())
    most = claim_amount(claim.goods_value, claim.limit)
    amount = claim.amount if ask.amount is None else ask.amount
    if not 0 < amount <= most:
        raise ClaimTooMuch(claim.number, amount, most, claim.currency)
    claim.amount, claim.accepted = amount, 0
    claim.reference, claim.filed_at, claim.decision = ask.reference, tx.now, None
    _move(tx, claim, _S.filed, f"filed under {ask.reference}")
    tx.announce(
        _subject(claim),
        CarrierClaimFiled(
            claim_id=claim.id,
            number=claim.number,
            order_id=claim.order_id,
            carrier=claim.carrier,
            tracking_number=claim.tracking_number,
            amount=amount,
            currency=claim.currency,
        ),
    )
    return claim_state(tx, claim)


def accept_claim(tx: Transaction, ask: AcceptClaim) -> CarrierClaimState:
    """Raises ClaimTooMuch, IllegalMove."""
    check_words("reason", ask.reason)
    claim = _locked(tx, ask)
    amount = claim.amount if ask.amount is None else ask.amount
    if not 0 < amount <= claim.amount:
        raise ClaimTooMuch(claim.number, amount, claim.amount, claim.currency)
    claim.accepted, claim.decision = amount, ask.reason
    _move(tx, claim, _S.accepted, f"{format_money(amount, claim.currency)} will be paid: {ask.reason}")
    return claim_state(tx, claim)


def reject_claim(tx: Transaction, ask: RejectClaim) -> CarrierClaimState:
    check_words("reason", ask.reason)
    claim = _locked(tx, ask)
    claim.decision = ask.reason
    _move(tx, claim, _S.rejected, ask.reason)
    return claim_state(tx, claim)


def book_payment(tx: Transaction, ask: BookClaimPayment) -> CarrierClaimState:
    """Raises ClaimTooMuch for more than was accepted, IllegalMove."""
    check_words("reference", ask.reference)
    claim = _locked(tx, ask)
    if claim.status == _S.accepted and not 0 < ask.amount <= claim.accepted:
        raise ClaimTooMuch(claim.number, ask.amount, claim.accepted, claim.currency)
    claim.paid, claim.paid_on, claim.payment_reference = ask.amount, ask.paid_on, ask.reference
    _move(tx, claim, _S.paid, f"{format_money(ask.amount, claim.currency)} came, {ask.reference}")
    tx.announce(
        _subject(claim),
        CarrierClaimPaid(
            claim_id=claim.id,
            number=claim.number,
            order_id=claim.order_id,
            carrier=claim.carrier,
            amount=ask.amount,
            currency=claim.currency,
            reference=ask.reference,
        ),
    )
    return claim_state(tx, claim)


def write_off(tx: Transaction, ask: WriteOffClaim) -> CarrierClaimState:
    check_words("reason", ask.reason)
    claim = _locked(tx, ask)
    claim.decision = ask.reason
    _move(tx, claim, _S.written_off, ask.reason)
    return claim_state(tx, claim)


def claim_state(tx: Transaction, claim: CarrierClaim) -> CarrierClaimState:
    tx.flush()
    return CarrierClaimState(
        id=claim.id,
        number=claim.number,
        exception_id=claim.exception_id,
        carrier=claim.carrier,
        status=claim.status,
        currency=claim.currency,
        amount=claim.amount,
        limit=claim.limit,
        accepted=claim.accepted,
        paid=claim.paid,
        evidence=claim.evidence,
        file_by=claim.file_by,
        filed_at=claim.filed_at,
        version=claim.version,
        next=CLAIM_NEXT[ClaimStatus(claim.status)],
    )


Asked = AddEvidence | FileClaim | AcceptClaim | RejectClaim | BookClaimPayment | WriteOffClaim


def _locked(tx: Transaction, ask: Asked) -> CarrierClaim:
    claim = lock_claim(tx, ask.claim_id)
    check_version(claim, ask.version, kind="carrier claim", id=claim.number)
    return claim


def _move(tx: Transaction, claim: CarrierClaim, to: ClaimStatus, why: str) -> None:
    tx.move(claim, to, moves=CLAIM_MOVES, subject=_subject(claim), why=why)
    claim.updated_at = tx.now
    tx.note(f"order:{claim.order_id}", to_status="claim", why=f"claim {claim.number} {to.replace('_', ' ')}: {why}")


def _subject(claim: CarrierClaim) -> str:
    return f"carrier_claim:{claim.id}"
