"""Waves as rows: locking them, leaving them, and how they end. Lock order: after the fulfilments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import func, select

from agents.fulfilment.messages.waves import WaveChanged, WaveState
from db.errors import NotFound
from db.fulfilment import LIVE_FULFILMENTS, Fulfilment, FulfilmentStatus
from db.session import Transaction
from db.waves import LIVE_WAVES, WAVE_MOVES, Wave, WaveStatus

GONE_OUT = (FulfilmentStatus.shipped, FulfilmentStatus.delivered)


def lock_waves(tx: Transaction, ids: Collection[UUID]) -> list[Wave]:
    if not ids:
        return []
    rows = select(Wave).where(Wave.id.in_(ids)).order_by(Wave.id).with_for_update()
    return list(tx.scalars(rows.execution_options(populate_existing=True)))


def need_wave(tx: Transaction, wave_id: UUID) -> Wave:
    row = tx.get(Wave, wave_id, populate_existing=True)
    if row is None:
        raise NotFound("wave", str(wave_id))
    return row


def move_wave(tx: Transaction, wave: Wave, to: WaveStatus, *, why: str | None = None) -> None:
    tx.move(wave, to, moves=WAVE_MOVES, subject=f"wave:{wave.id}", why=why)
    wave.updated_at = tx.now
    if to is WaveStatus.released:
        wave.released_at = tx.now
    else:
        wave.closed_at = tx.now
    say_wave(tx, wave)


def say_wave(tx: Transaction, wave: Wave) -> None:
    tx.announce(
        f"wave:{wave.id}", WaveChanged(wave_id=wave.id, number=wave.number, node=wave.node, status=str(wave.status))
    )


def leave_waves(tx: Transaction, fulfilments: Iterable[Fulfilment], *, why: str) -> None:
    """Take fulfilments, which are locked, out of their waves; a wave that nothing is left of ends."""
    leaving = [f for f in fulfilments if f.wave_id is not None]
    if not leaving:
        return
    gone = Counter(f.wave_id for f in leaving)
    for wave in lock_waves(tx, [i for i in gone if i is not None]):
        wave.gone += gone[wave.id]
        wave.updated_at = tx.now
        for one in leaving:
            if one.wave_id == wave.id:
                one.wave_id = None
                tx.note(f"fulfilment:{one.id}", to_status=one.status, why=f"left wave {wave.number}: {why}")
    tx.flush()
    end_waves(tx, gone)


def end_waves(tx: Transaction, ids: Iterable[UUID | None]) -> None:
    """End the live waves of these that have nothing in the house any more."""
    tx.flush()
    for wave in lock_waves(tx, {i for i in ids if i is not None}):
        if wave.status not in LIVE_WAVES:
            continue
        here, out = tx.execute(
            select(
                func.count().filter(Fulfilment.status.in_(LIVE_FULFILMENTS)),
                func.count().filter(Fulfilment.status.in_(GONE_OUT)),
            ).where(Fulfilment.wave_id == wave.id)
        ).one()
        if here:
            continue
        if out and wave.status == WaveStatus.released:
            move_wave(tx, wave, WaveStatus.done, why="everything has left")
        else:
            move_wave(tx, wave, WaveStatus.cancelled, why="nothing is left of it")
    tx.flush()


def wave_state(wave: Wave) -> WaveState:
    return WaveState(
        id=wave.id,
        number=wave.number,
        node=wave.node,
        name=wave.name,
        status=wave.status,
        taken=wave.taken,
        gone=wave.gone,
        planned=wave.planned,
        due_at=wave.due_at,
        released_at=wave.released_at,
        version=wave.version,
        next=sorted(s.value for s in WAVE_MOVES[WaveStatus(wave.status)] if s is not WaveStatus.done),
    )
