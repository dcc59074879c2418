"""Carrier accounts: putting in, taking out, and trying one on a made-up parcel."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select

from agents.shipping import health
from agents.shipping.asking import Carriers, Heard
from agents.shipping.messages.carriers import (
    CarrierAccountRemoved,
    CarrierAccountState,
    MakeTrial,
    PutCarrierAccount,
    RemoveCarrierAccount,
    TrialState,
    TryCarrierAccount,
)
from agents.shipping.providers import Shipment
from agents.shipping.providers.choose import Account, check_options
from agents.shipping.quotes import opened
from agents.shipping.refusals import AccountInUse, BadAccount
from agents.shipping.shipments import trial_shipment
from db.carriers import (
    PROVIDERS,
    AccountMode,
    CarrierAccount,
    CarrierHealth,
    CarrierQuote,
    CarrierSecret,
    LabelPurchase,
)
from db.errors import NotFound
from db.nodes import Node
from db.pickups import CarrierCalendar, Manifest, Pickup
from db.session import Transaction, check_version

_FIELDS = (
    "name", "provider", "mode", "services", "nodes", "enabled", "time_limit_ms", "calls_per_minute", "tolerance_ppm",
    "options",
)  # fmt: skip
AT_GATE = (CarrierCalendar, Pickup, Manifest)
SHORTEST_MS, LONGEST_MS = 100, 30_000


def put_account(tx: Transaction, ask: PutCarrierAccount) -> CarrierAccountState:
    _check(tx, ask)
    account = tx.get(CarrierAccount, ask.code, with_for_update=True, populate_existing=True)
    if account is None:
        account = CarrierAccount(code=ask.code, version=0, created_at=tx.now)
        tx.add(account)
    else:
        check_version(account, ask.version, kind="carrier account", id=ask.code)
    if account.provider is not None and account.provider != ask.provider:
        raise BadAccount(f"{ask.code} is an account at {account.provider}. Make another one for {ask.provider}.")
    for name in _FIELDS:
        setattr(account, name, getattr(ask, name))
    account.version, account.updated_at = account.version + 1, tx.now
    tx.flush()
    _put_secret(tx, ask)
    # Whatever was wrong may be mended now: it is asked again at once.
    tx.execute(delete(CarrierHealth).where(CarrierHealth.account == ask.code))
    return CarrierAccountState(code=account.code, version=account.version, enabled=account.enabled)


def remove_account(tx: Transaction, ask: RemoveCarrierAccount) -> CarrierAccountRemoved:
    account = tx.get(CarrierAccount, ask.code, with_for_update=True, populate_existing=True)
    if account is None:
        raise NotFound("carrier account", ask.code)
    used = tx.scalar(select(func.count()).where(LabelPurchase.account == ask.code)) or 0
    used += sum(tx.scalar(select(func.count()).where(t.account == ask.code)) or 0 for t in AT_GATE)
    if used:
        raise AccountInUse(ask.code, used)
    secret = tx.get(CarrierSecret, ask.code)
    if secret is not None:
        tx.delete(secret)
        tx.flush()
    tx.delete(account)
    tx.flush()
    return CarrierAccountRemoved(code=ask.code)


def _check(tx: Transaction, ask: PutCarrierAccount) -> None:
    facts = PROVIDERS.get(ask.provider)
    if facts is None:
        raise BadAccount(f"There is no provider {ask.provider!r}. Use one of: {', '.join(PROVIDERS)}.")
    if ask.mode not in set(AccountMode) or ask.mode not in facts.modes:
        raise BadAccount(f"{facts.title} is used in mode {' or '.join(facts.modes)}, not {ask.mode}.")
    if not SHORTEST_MS <= ask.time_limit_ms <= LONGEST_MS:
        raise BadAccount(f"A time limit is from {SHORTEST_MS} to {LONGEST_MS} milliseconds.")
    check_options(ask.provider, ask.mode, ask.options)
    known = set(tx.scalars(select(Node.code).where(Node.code.in_(ask.nodes))))
    if unknown := sorted(set(ask.nodes) - known):
        raise NotFound("node", unknown[0])


def _put_secret(tx: Transaction, ask: PutCarrierAccount) -> None:
    facts, secret = PROVIDERS[ask.provider], tx.get(CarrierSecret, ask.code)
    if ask.sealed is None:
        if facts.credentials and secret is None:
            raise BadAccount(f"{facts.title} needs {', '.join(facts.credentials)}.")
        return
    if secret is None:
        secret = CarrierSecret(account=ask.code)
        tx.add(secret)
    secret.sealed, secret.hint, secret.updated_at = ask.sealed, ask.hint, tx.now
    tx.flush()


def start_trial(tx: Transaction, ask: TryCarrierAccount) -> TrialState:
    """A row that will say what the account answered; asking it again goes on meanwhile."""
    if tx.get(CarrierAccount, ask.code) is None:
        raise NotFound("carrier account", ask.code)
    trial_shipment(tx, ask)
    quote = CarrierQuote(account=ask.code, asked_at=tx.now)
    tx.add(quote)
    tx.flush()
    tx.send("shipping", f"carrier_account:{ask.code}", MakeTrial(quote_id=quote.id, ask=ask))
    return TrialState(id=quote.id, account=ask.code)


class Trial(NamedTuple):
    """A person wants to know, so it is asked even while it rests, and what it says is not held against it."""

    quote_id: UUID
    account: Account
    shipment: Shipment

    def ask(self, carriers: Carriers) -> Heard:
        return carriers.rates([self.account], self.shipment)[0]

    def book(self, tx: Transaction, heard: Heard) -> None:
        quote = tx.get(CarrierQuote, self.quote_id, with_for_update=True, populate_existing=True)
        if quote is None:
            return
        quote.rates, quote.messages = msgspec.to_builtins(heard.rates), heard.messages
        quote.error, quote.took_ms, quote.answered_at = heard.error, heard.took_ms, tx.now
        health.book(tx, heard.account.code, error=heard.error, fault=False)


def trial_step(tx: Transaction, task: MakeTrial) -> Trial | None:
    quote, account = tx.get(CarrierQuote, task.quote_id), tx.get(CarrierAccount, task.ask.code)
    if quote is None or account is None or quote.answered_at is not None:
        return None
    return Trial(quote.id, opened(tx, account), trial_shipment(tx, task.ask))
