"""What carriers answered for a parcel: who still has to be asked, what is kept, and rates judged like any price."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agents.shipping import health
from agents.shipping.asking import Heard
from agents.shipping.choosing import Asked
from agents.shipping.messages import CarrierAnswer
from agents.shipping.pricing import Quote, Tariff
from agents.shipping.providers import Rate
from agents.shipping.providers.choose import Account
from db.base import uuid7
from db.carriers import AccountMode, CarrierAccount, CarrierQuote, CarrierSecret
from db.fulfilment import Parcel
from db.orders import Order
from db.session import Transaction

HOLDS = timedelta(hours=1)  # a rate whose carrier names no end
SLOW_DAYS = 7  # a service whose carrier names no days


class Quoted(NamedTuple):
    """A rate of an account, as a quote that is judged beside those of rate cards; `quote.tariff.id` names it."""

    quote: Quote
    rate: Rate
    account: str
    at: datetime
    expires_at: datetime


def accounts_for(session: Session, node: str, asked: Asked | None = None) -> list[CarrierAccount]:
    """Accounts in use at a node, by code; while one of them is live, tests are left out."""
    rows = session.scalars(
        select(CarrierAccount)
        .where(CarrierAccount.enabled, (CarrierAccount.nodes == []) | CarrierAccount.nodes.contains([node]))
        .order_by(CarrierAccount.code)
    ).all()
    live = [a for a in rows if a.mode == AccountMode.live]
    return [a for a in live or rows if asked is None or _may_have(a, asked)]


def opened(session: Session, account: CarrierAccount) -> Account:
    """An account as it crosses to a thread that calls it."""
    sealed = session.scalar(select(CarrierSecret.sealed).where(CarrierSecret.account == account.code))
    seconds = account.time_limit_ms / 1000
    return Account(account.code, account.name, account.provider, account.mode, seconds, account.options, sealed)


def digest_of(parcel: Parcel, order: Order) -> str:
    """Rates hold for a parcel as it was asked about: not for another address, weight or size."""
    asked = (
        order.shipping_address,
        parcel.node,
        parcel.weight_grams,
        parcel.length_mm,
        parcel.width_mm,
        parcel.height_mm,
    )
    return hashlib.blake2b(msgspec.json.encode(asked, order="deterministic"), digest_size=16).hexdigest()


def to_ask(
    tx: Transaction, parcel_id: UUID, accounts: Sequence[CarrierAccount], *, since: datetime, digest: str
) -> list[Account]:
    """Accounts without a rate that holds and without an answer since then. One that may not be asked has its message
    written down at once, and counts as asked."""
    known = _quotes(tx, parcel_id)
    found = []
    for account in accounts:
        quote = known.get(account.code)
        if quote is not None and (
            _holds(quote, tx.now, digest) or (quote.asked_at >= since and quote.error is not None)
        ):
            continue
        refused = health.take_turn(tx, account)
        if refused is None:
            found.append(opened(tx, account))
        else:
            _write(tx, parcel_id, account.code, error=refused)
    return found


def mark_asked(tx: Transaction, parcel_id: UUID, accounts: Sequence[CarrierAccount]) -> None:
    """They are about to be asked anew, whatever they said before."""
    for account in accounts:
        _write(tx, parcel_id, account.code, answered=False)


def keep(tx: Transaction, parcel_id: UUID, answers: Sequence[Heard], digest: str) -> None:
    for heard in answers:
        health.book(tx, heard.account.code, error=heard.error, fault=heard.fault)
        ends = [rate.expires_at or tx.now + HOLDS for rate in heard.rates]
        _write(
            tx,
            parcel_id,
            heard.account.code,
            rates=msgspec.to_builtins(heard.rates),
            messages=heard.messages,
            error=heard.error,
            took_ms=heard.took_ms,
            digest=digest,
            expires_at=min(ends, default=tx.now + HOLDS) if heard.error is None else None,
        )


def forget(tx: Transaction, parcel_id: UUID, accounts: Collection[str] | None = None) -> None:
    """What these said of a parcel holds no more; None: whatever anybody said."""
    gone = delete(CarrierQuote).where(CarrierQuote.parcel_id == parcel_id)
    tx.execute(gone if accounts is None else gone.where(CarrierQuote.account.in_(accounts)))


def quoted(
    session: Session, parcel_id: UUID, accounts: Sequence[CarrierAccount], now: datetime, digest: str
) -> list[Quoted]:
    """Rates that hold now, of services that the accounts are used for."""
    known = _quotes(session, parcel_id)
    found = []
    for account in accounts:
        quote = known.get(account.code)
        if quote is None or not _holds(quote, now, digest) or quote.answered_at is None or quote.expires_at is None:
            continue
        for rate in msgspec.convert(quote.rates, list[Rate]):
            if not account.services or {rate.carrier, rate.name} & set(account.services):
                found.append(Quoted(_judged(rate), rate, account.code, quote.answered_at, quote.expires_at))
    return found


def answers(
    session: Session, parcel_id: UUID, accounts: Sequence[CarrierAccount], now: datetime, digest: str
) -> list[CarrierAnswer]:
    known = _quotes(session, parcel_id)
    return [_answer(account, known.get(account.code), now, digest) for account in accounts]


def missing(answered: Sequence[CarrierAnswer]) -> list[str]:
    """What is to be said of accounts that have no rates that hold."""
    return [a.message or f"{a.name} was not asked" for a in answered if a.state != "answered"]


def _answer(account: CarrierAccount, quote: CarrierQuote | None, now: datetime, digest: str) -> CarrierAnswer:
    if quote is None:
        return CarrierAnswer(account=account.code, name=account.name, state="not_asked")
    state = "answered" if _holds(quote, now, digest) else "expired"
    message = "; ".join(quote.messages) or None
    if quote.error is not None:
        state, message = "failed", quote.error
    elif quote.answered_at is None:
        state = "asking"
    elif state == "expired":
        ran_out = quote.expires_at is not None and quote.expires_at <= now
        why = f"held until {quote.expires_at:%H:%M} UTC" if ran_out else "are of another address, weight or size"
        message = f"The rates of {account.name} {why}; it is asked again when a label is bought."
    return CarrierAnswer(
        account=account.code,
        name=account.name,
        state=state,
        rates=len(quote.rates),
        message=message,
        asked_at=quote.asked_at,
        expires_at=quote.expires_at,
        took_ms=quote.took_ms,
    )


def _may_have(account: CarrierAccount, asked: Asked) -> bool:
    """Whether what somebody named can be among the account's services."""
    carriers = {service.partition(" ")[0] for service in account.services}
    return asked.carrier is None or not carriers or asked.carrier in carriers


def _quotes(session: Session, parcel_id: UUID) -> dict[str, CarrierQuote]:
    rows = select(CarrierQuote).where(CarrierQuote.parcel_id == parcel_id).execution_options(populate_existing=True)
    return {quote.account: quote for quote in session.scalars(rows)}


def _holds(quote: CarrierQuote, now: datetime, digest: str) -> bool:
    return quote.error is None and quote.digest == digest and quote.expires_at is not None and quote.expires_at > now


def _judged(rate: Rate) -> Quote:
    tariff = Tariff(
        id=uuid7(),
        carrier=rate.carrier,
        service=rate.service,
        currency=rate.currency,
        transit_days=SLOW_DAYS if rate.transit_days is None else rate.transit_days,
        rates={},
        places=(),
    )
    return Quote(tariff, rate.amount, "", 0, tuple(rate.parts))


def _write(
    tx: Transaction,
    parcel_id: UUID,
    account: str,
    *,
    rates: list[object] | None = None,
    messages: list[str] | None = None,
    error: str | None = None,
    took_ms: int | None = None,
    expires_at: datetime | None = None,
    answered: bool = True,
    digest: str | None = None,
) -> None:
    forget(tx, parcel_id, [account])
    tx.add(
        CarrierQuote(
            account=account,
            parcel_id=parcel_id,
            digest=digest,
            asked_at=tx.now,
            answered_at=tx.now if answered and error is None else None,
            took_ms=took_ms,
            expires_at=expires_at,
            rates=rates or [],
            messages=messages or [],
            error=error,
        )
    )
    tx.flush()
