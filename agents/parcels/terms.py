"""What was agreed with carriers, and the secrets that they sign with."""

from __future__ import annotations

import secrets

from agents.parcels.messages.invoices import CarrierTermsState, PutCarrierTerms, RotateTrackingSecret
from agents.parcels.refusals import BadColumns, BadParcelField
from agents.stock.rules import check_words
from db.carrier_invoices import COLUMNS
from db.errors import NotFound
from db.money import minor_digits
from db.session import Transaction, check_version
from db.tracking import ANY_CARRIER, CarrierTerms
from db.zones import zone_named

MOST_DAYS = 365
_KEPT = (
    "currency", "time_zone", "silent_days", "lost_days", "claim_days", "claim_limit", "effort", "tolerance_ppm",
    "tolerance_amount", "columns",
)  # fmt: skip


def put(tx: Transaction, ask: PutCarrierTerms) -> CarrierTermsState:
    """Raises BadParcelField, BadColumns, UnknownCurrency."""
    minor_digits(ask.currency)
    if not 0 < ask.silent_days <= ask.lost_days <= MOST_DAYS:
        raise BadParcelField("lost_days", f"are at least silent_days, which are at least 1, and at most {MOST_DAYS}")
    if not 0 < ask.claim_days <= MOST_DAYS:
        raise BadParcelField("claim_days", f"are from 1 to {MOST_DAYS}")
    if ask.time_zone is not None:
        try:
            zone_named(ask.time_zone)
        except ValueError as error:
            raise BadParcelField("time_zone", f"is wrong: {error}") from error
    if unknown := sorted(ask.columns.keys() - COLUMNS.keys()):
        raise BadColumns(unknown, sorted(COLUMNS))
    for ours, theirs in ask.columns.items():
        check_words(f"columns.{ours}", theirs)
    found = tx.get(CarrierTerms, ask.carrier, with_for_update=True, populate_existing=True)
    if found is None:
        found = CarrierTerms(carrier=ask.carrier, version=0)
        tx.add(found)
    else:
        check_version(found, ask.version, kind="carrier terms", id=ask.carrier)
    for name in _KEPT:
        setattr(found, name, getattr(ask, name))
    found.version, found.updated_at = found.version + 1, tx.now
    tx.flush()
    return _state(found)


def rotate(tx: Transaction, ask: RotateTrackingSecret) -> CarrierTermsState:
    """Raises NotFound, BadParcelField for the terms of all."""
    if ask.carrier == ANY_CARRIER:
        raise BadParcelField("carrier", "is one carrier: each signs with a secret of its own")
    found = tx.get(CarrierTerms, ask.carrier, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("carrier terms", ask.carrier)
    found.secret = f"trk_{secrets.token_urlsafe(32)}"
    found.version, found.updated_at = found.version + 1, tx.now
    tx.audit("rotate", f"carrier_terms:{ask.carrier}", after={"secret": "made"})
    tx.flush()
    return _state(found, shown=found.secret)


def _state(found: CarrierTerms, *, shown: str | None = None) -> CarrierTermsState:
    return CarrierTermsState(
        carrier=found.carrier,
        currency=found.currency,
        signed=found.secret is not None,
        version=found.version,
        secret=shown,
    )
