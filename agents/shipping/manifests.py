"""Manifests: what left a node with a carrier and is on no list yet, listed once; the carrier's own form where it has
one, asked for outside."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from agents.shipping.asking import Carriers
from agents.shipping.booking import pause_after
from agents.shipping.messages.pickups import (
    AskManifestAgain,
    CarryOutManifest,
    CloseManifest,
    ManifestClosed,
    ManifestState,
)
from agents.shipping.pickups import STALE
from agents.shipping.providers import CarrierTrouble, Manifest, ManifestAnswer
from agents.shipping.providers.choose import Account
from agents.shipping.purchases import NOT_REACHED
from agents.shipping.quotes import opened
from agents.shipping.refusals import NothingToList
from db.base import uuid7
from db.carriers import CarrierAccount
from db.errors import IllegalMove, NotFound, Refusal, Unavailable
from db.fulfilment import Parcel
from db.nodes import Node
from db.pickups import MANIFEST_MOVES, ManifestParcel, ManifestStatus, manifest_numbers, to_be_listed
from db.pickups import Manifest as ManifestRow
from db.session import Transaction
from db.shipping import Label

TRIES = 5  # to reach a carrier that nobody has told yet
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")


def close(tx: Transaction, ask: CloseManifest) -> ManifestState:
    """Raises NotFound, NothingToList. A label is on one manifest: two that are closed at once share nothing."""
    node = tx.get(Node, ask.node)
    if node is None:
        raise NotFound("node", ask.node)
    tx.execute(_ONE_AT_A_TIME, {"what": f"manifest/{ask.node}/{ask.carrier}"})
    labels = list(
        tx.scalars(
            to_be_listed(tx.now)
            .where(Parcel.node == ask.node, Label.carrier == ask.carrier)
            .where(Label.account.is_not_distinct_from(ask.account))
            .order_by(Label.tracking_number)
        )
    )
    if not labels:
        raise NothingToList(ask.node, ask.carrier)
    parcels = [label.parcel_id for label in labels]
    grams = tx.scalar(select(func.coalesce(func.sum(Parcel.weight_grams), 0)).where(Parcel.id.in_(parcels)))
    row = ManifestRow(
        id=uuid7(),
        number=f"MF{tx.execute(manifest_numbers.next_value().select()).scalar_one():06d}",
        node=ask.node,
        carrier=ask.carrier,
        account=ask.account,
        on=tx.now.astimezone(ZoneInfo(node.time_zone)).date(),
        status=ManifestStatus.asked if ask.account else ManifestStatus.closed,
        parcels=len(labels),
        weight_grams=int(grams or 0),
        key=str(uuid7()),
        closed_by=tx.who.actor,
        closed_at=tx.now,
        due_at=tx.now + STALE,
        settled_at=None if ask.account else tx.now,
    )
    tx.add(row)
    tx.flush()
    tx.add_all(ManifestParcel(label_id=n.id, manifest_id=row.id, tracking_number=n.tracking_number) for n in labels)
    tx.flush()
    tx.note(f"manifest:{row.id}", to_status=row.status, why=f"{row.parcels} parcels")
    if ask.account:
        tx.send("shipping", f"manifest:{row.id}", CarryOutManifest(manifest_id=row.id))
    tx.announce(
        f"manifest:{row.id}",
        ManifestClosed(
            manifest_id=row.id, number=row.number, node=row.node, carrier=row.carrier, on=row.on, parcels=row.parcels
        ),
    )
    return view(row)


def ask_again(tx: Transaction, ask: AskManifestAgain) -> ManifestState:
    row = locked(tx, ask.manifest_id)
    if row.status != ManifestStatus.refused:
        may = sorted(s.value for s in MANIFEST_MOVES[ManifestStatus(row.status)])
        raise IllegalMove("manifest", row.number, row.status, ManifestStatus.asked, may)
    move(tx, row, ManifestStatus.asked, why=ask.reason)
    row.attempts, row.due_at, row.settled_at = 0, tx.now, None
    tx.send("shipping", f"manifest:{row.id}", CarryOutManifest(manifest_id=row.id))
    tx.flush()
    return view(row)


class AskForm(NamedTuple):
    """Have the carrier make its form, or tell whether it has."""

    manifest_id: UUID
    account: Account
    key: str
    labels: list[str]
    look_up: bool

    def ask(self, carriers: Carriers) -> Manifest:
        try:
            provider = carriers.open(self.account)
            return (provider.look_up_manifest if self.look_up else provider.manifest)(self.key, self.labels)
        except CarrierTrouble as trouble:
            sure = trouble.surely_not_begun and not self.look_up
            status = ManifestAnswer.refused if sure else ManifestAnswer.unknown
            return Manifest(status=status, ref=NOT_REACHED if sure else "", message=str(trouble))
        except (Refusal, Unavailable) as error:
            status = ManifestAnswer.unknown if self.look_up else ManifestAnswer.refused
            return Manifest(status=status, message=str(error))

    def book(self, tx: Transaction, told: Manifest) -> None:
        row = locked(tx, self.manifest_id)
        if row.status not in (ManifestStatus.asked, ManifestStatus.unknown):
            return
        why = told.message or None
        if told.ref == NOT_REACHED and row.attempts < TRIES:
            row.why, row.due_at = why, tx.now + pause_after(row.attempts)
        elif told.status is ManifestAnswer.refused and self.look_up and row.attempts < TRIES:
            move(tx, row, ManifestStatus.asked, why=why or "")  # it was never made
            row.why, row.due_at = why or "never made", tx.now + pause_after(row.attempts)
        elif told.status is ManifestAnswer.made:
            row.provider_ref, row.document = told.ref, told.document or None
            settle(tx, row, ManifestStatus.closed, why=why or f"the carrier's form is {told.ref}")
        elif told.status is ManifestAnswer.refused:
            settle(tx, row, ManifestStatus.refused, why=f"our own list goes with the parcels: {why or 'no form'}")
        else:
            move(tx, row, ManifestStatus.unknown, why=why or "")
            row.why, row.due_at = why, tx.now + pause_after(row.attempts)
        tx.flush()


def next_step(tx: Transaction, manifest_id: UUID) -> AskForm | None:
    row = locked(tx, manifest_id)
    if row.account is None or row.status not in (ManifestStatus.asked, ManifestStatus.unknown):
        return None
    if row.attempts and row.due_at > tx.now:
        return None
    # Asked before, and nobody wrote down what came of it: a second form would be refused, so it is looked up.
    look_up = row.status == ManifestStatus.unknown or (row.attempts > 0 and row.why is None)
    row.attempts, row.due_at, row.why = row.attempts + 1, tx.now + STALE, None
    refs = select(Label.provider_ref).join(ManifestParcel, ManifestParcel.label_id == Label.id)
    labels = tx.scalars(refs.where(ManifestParcel.manifest_id == row.id).order_by(Label.tracking_number))
    account = opened(tx, tx.get_one(CarrierAccount, row.account))
    return AskForm(row.id, account, row.key, [ref for ref in labels if ref], look_up)


def settle(tx: Transaction, row: ManifestRow, to: ManifestStatus, *, why: str) -> None:
    move(tx, row, to, why=why)
    row.why, row.settled_at = why, tx.now


def move(tx: Transaction, row: ManifestRow, to: ManifestStatus, *, why: str) -> None:
    if row.status != to:
        tx.move(row, to, moves=MANIFEST_MOVES, subject=f"manifest:{row.id}", why=why)


def locked(tx: Transaction, manifest_id: UUID) -> ManifestRow:
    row = tx.get(ManifestRow, manifest_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("manifest", str(manifest_id))
    return row


def view(row: ManifestRow) -> ManifestState:
    return ManifestState(
        id=row.id,
        number=row.number,
        node=row.node,
        carrier=row.carrier,
        account=row.account,
        on=row.on,
        status=row.status,
        parcels=row.parcels,
        why=row.why,
    )
