"""Carriers are asked where their parcels are: those whose labels were bought from an account.

A carrier that posts its events by itself is asked all the same; what was posted is known already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import update

from agents.shipping import health
from agents.shipping.asking import Carriers
from agents.shipping.hearing import take_events
from agents.shipping.messages.tracking import CarrierEvent
from agents.shipping.providers import CarrierTrouble, Scan
from agents.shipping.providers.choose import Account
from agents.shipping.quotes import opened
from agents.shipping.tracking import standing
from db.carriers import CarrierAccount
from db.errors import Refusal, Unavailable
from db.return_parcels import ReturnLabel
from db.session import Transaction
from db.shipping import Label, LabelState
from db.tracking import OVER

log = structlog.get_logger()

EVERY = timedelta(hours=4)
OLD = timedelta(days=14)  # what is on its way for longer is asked about once a day
EVERY_OLD = timedelta(days=1)
ASKED_FOR = timedelta(days=60)  # from the label on; beyond it nobody tells any more
AFTER_TROUBLE = timedelta(minutes=30)


class Heard(NamedTuple):
    """What a carrier told of a parcel. `fault`: it is the carrier that failed, so that it may need a rest."""

    scans: Sequence[Scan] = ()
    error: str | None = None
    fault: bool = False


class AskNews(NamedTuple):
    kind: type[Label | ReturnLabel]
    label_id: UUID
    number: str
    carrier: str
    account: Account

    def ask(self, carriers: Carriers) -> Heard:
        try:
            return Heard(carriers.open(self.account).track(self.number, self.carrier))
        except CarrierTrouble as trouble:
            return Heard(error=str(trouble), fault=not trouble.is_ours)
        except (Refusal, Unavailable) as error:
            return Heard(error=str(error))

    def book(self, tx: Transaction, heard: Heard) -> None:
        label = _locked(tx, self.kind, self.label_id)
        if label is None or label.news_due_at is None:
            return
        if heard.scans:
            take_events(tx, self.carrier, [_told(self.number, scan) for scan in heard.scans])
        health.book(tx, self.account.code, error=heard.error, fault=heard.fault)
        if heard.error is not None:
            log.info("a carrier did not tell where a parcel is", account=self.account.code, error=heard.error)
            return  # it is due again by what the step before it wrote
        pause = EVERY if tx.now - label.created_at < OLD else EVERY_OLD
        _ask_at(tx, label, None if _is_over(tx, label) else tx.now + pause)


def news_step(tx: Transaction, kind: type[Label | ReturnLabel], label_id: UUID) -> AskNews | None:
    label = _locked(tx, kind, label_id)
    if label is None or label.news_due_at is None or label.news_due_at > tx.now:
        return None
    account = tx.get(CarrierAccount, label.account) if label.account is not None else None
    if account is None or _is_over(tx, label) or tx.now - label.created_at > ASKED_FOR:
        _ask_at(tx, label, None)
        return None
    _ask_at(tx, label, tx.now + AFTER_TROUBLE)
    if health.take_turn(tx, account) is not None:
        return None
    return AskNews(kind, label.id, label.tracking_number, label.carrier, opened(tx, account))


def _ask_at(tx: Transaction, label: Label | ReturnLabel, at: datetime | None) -> None:
    """Past the audit log: nothing about the label changes, and it would be told of six times a day."""
    kind = type(label)
    tx.execute(
        update(kind).where(kind.id == label.id).values(news_due_at=at),
        execution_options={"synchronize_session": False},
    )


def _is_over(tx: Transaction, label: Label | ReturnLabel) -> bool:
    return label.state != LabelState.live or standing(tx, label.tracking_number).status in OVER


def _told(number: str, scan: Scan) -> CarrierEvent:
    return CarrierEvent(
        tracking_number=number,
        at=scan.at.isoformat(),
        code=scan.code or None,
        status=scan.status,
        event_id=scan.event_id,
        place=scan.place,
    )


def _locked(tx: Transaction, kind: type[Label | ReturnLabel], label_id: UUID) -> Label | ReturnLabel | None:
    if kind is Label:
        return tx.get(Label, label_id, with_for_update=True, populate_existing=True)
    return tx.get(ReturnLabel, label_id, with_for_update=True, populate_existing=True)
