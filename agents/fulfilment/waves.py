"""Waves: looked at first, set aside, put on the floor, given back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from agents.fulfilment.fulfilments import lines_of, live_holds, lock_fulfilments, lock_orders
from agents.fulfilment.messages.waves import (
    CancelWave,
    PlanWave,
    PreviewWave,
    ReleaseWave,
    WaveFilter,
    WavePreview,
    WaveShort,
    WaveState,
)
from agents.fulfilment.refusals import NothingForWave, NoWavesHere
from agents.fulfilment.rules import Need, Pool, objection
from agents.fulfilment.tasks import shelves_at
from agents.fulfilment.to_floor import put_on_floor
from agents.fulfilment.wave_choice import MULTI, SINGLE, Candidate, Chosen, choose, load, parcels, summed
from agents.fulfilment.wave_reading import Waiting, due_of, read_boxes, read_floor, read_waiting
from agents.fulfilment.wave_rows import end_waves, lock_waves, move_wave, need_wave, say_wave, wave_state
from agents.stock.goods import need_node
from agents.stock.rules import BadField, check_words
from db.base import uuid7
from db.errors import IllegalMove
from db.fulfilment import Fulfilment, FulfilmentStatus
from db.session import Transaction
from db.waves import LIVE_WAVES, WAVE_MOVES, ReleaseMode, ReleasePolicy, Wave, WaveStatus, wave_numbers

S = FulfilmentStatus
SHOWN = 50  # fulfilments named in a preview as short
LARGEST = 100_000
LONGEST_MINUTES = 7 * 24 * 60


def preview_wave(tx: Transaction, ask: PreviewWave) -> WavePreview:
    """Raises NotFound, BadField."""
    need_node(tx, ask.node)
    check_filter(ask.filter)
    if ask.lines_per_hour is not None and not 0 < ask.lines_per_hour <= LARGEST:
        raise BadField("lines_per_hour", ask.lines_per_hour, f"it is between 1 and {LARGEST}")
    waiting, chosen = _chosen(tx, ask.node, ask.filter)
    taken = chosen.taken
    bins, short = _walk(tx, ask.node, taken)
    boxes = read_boxes(tx, ask.node)
    now_is = tx.now
    lines = sum(c.lines for c in taken)
    due = [c.due_at for c in taken if c.due_at is not None]
    return WavePreview(
        node=ask.node,
        mode=mode_of(tx, ask.node),
        orders=len({c.order_id for c in taken}),
        fulfilments=len(taken),
        lines=lines,
        units=sum(c.units for c in taken),
        grams=sum(waiting.grams[c.id] for c in taken),
        parcels=sum(parcels(waiting.volumes[c.id], waiting.grams[c.id], boxes) for c in taken),
        bins=bins,
        late=sum(1 for moment in due if moment < now_is),
        due_at=min(due, default=None),
        waiting=len(waiting.candidates) + waiting.held,
        held=waiting.held,
        unfit=chosen.unfit,
        over=chosen.over,
        hours=round(lines / ask.lines_per_hour, 2) if ask.lines_per_hour else None,
        load=load(due_of(taken), read_floor(tx, ask.node), now=now_is, lines_per_hour=ask.lines_per_hour),
        short=short[:SHOWN],
        chosen=[c.id for c in taken],
    )


def plan_wave(tx: Transaction, ask: PlanWave, *, template: str | None = None) -> WaveState:
    """Raises NotFound, BadField, NoWavesHere, NothingForWave."""
    need_node(tx, ask.node)
    check_words("name", ask.name)
    check_filter(ask.filter)
    _, chosen = _chosen(tx, ask.node, ask.filter)
    taken = _take(tx, chosen.taken)
    if not taken:
        if mode_of(tx, ask.node) == ReleaseMode.streaming:
            raise NoWavesHere(ask.node)
        raise NothingForWave(ask.node, chosen.unfit)
    by_id = {c.id: c for c in chosen.taken}
    wave = Wave(
        id=uuid7(),
        number=f"W{tx.scalar(wave_numbers.next_value())}",
        node=ask.node,
        name=ask.name.strip(),
        status=WaveStatus.planned,
        template=template,
        filter=msgspec.to_builtins(ask.filter),
        planned=dict(summed([by_id[f.id] for f in taken])),
        taken=len(taken),
        gone=0,
        version=1,
        created_at=tx.now,
        created_by=tx.who.actor,
        updated_at=tx.now,
        due_at=min((f.due_at for f in taken if f.due_at is not None), default=None),
    )
    tx.add(wave)
    tx.flush()
    tx.note(f"wave:{wave.id}", to_status=WaveStatus.planned, why=f"{len(taken)} fulfilments")
    for one in taken:
        one.wave_id, one.updated_at = wave.id, tx.now
        tx.note(f"fulfilment:{one.id}", to_status=one.status, why=f"set aside for wave {wave.number}")
    tx.flush()
    if ask.release:
        put_on_floor(tx, taken, why=f"wave {wave.number}")
        move_wave(tx, wave, WaveStatus.released)
    else:
        say_wave(tx, wave)
    tx.flush()
    return wave_state(wave)


def release_wave(tx: Transaction, ask: ReleaseWave) -> WaveState:
    """Raises NotFound, and IllegalMove for one that is cancelled."""
    members = _lock_members(tx, ask.wave_id)
    (wave,) = lock_waves(tx, [ask.wave_id])
    if wave.status in (WaveStatus.released, WaveStatus.done):
        return wave_state(wave)
    if wave.status != WaveStatus.planned:
        raise _illegal(wave, WaveStatus.released)
    put_on_floor(tx, members, why=f"wave {wave.number}")
    move_wave(tx, wave, WaveStatus.released)
    end_waves(tx, [wave.id])
    return wave_state(wave)


def cancel_wave(tx: Transaction, ask: CancelWave) -> WaveState:
    """Raises NotFound, and IllegalMove for one that has ended."""
    check_words("reason", ask.reason)
    members = _lock_members(tx, ask.wave_id)
    (wave,) = lock_waves(tx, [ask.wave_id])
    if wave.status == WaveStatus.cancelled:
        return wave_state(wave)
    if wave.status not in LIVE_WAVES:
        raise _illegal(wave, WaveStatus.cancelled)
    begun = {line.fulfilment_id for line in lines_of(tx, [f.id for f in members]) if line.picked}
    back = [f for f in members if f.status == S.ready and f.id not in begun]
    for one in back:
        one.wave_id = one.released_at = one.released_why = None
        one.updated_at = tx.now
        tx.note(f"fulfilment:{one.id}", to_status=one.status, why=f"wave {wave.number} was cancelled: {ask.reason}")
    wave.gone += len(back)
    rest = wave.taken - wave.gone
    move_wave(tx, wave, WaveStatus.cancelled, why=ask.reason + (f"; {rest} begun go on" if rest else ""))
    tx.flush()
    return wave_state(wave)


def check_filter(want: WaveFilter) -> None:
    if want.lines not in (None, SINGLE, MULTI):
        raise BadField("lines", want.lines, f"it is {SINGLE}, {MULTI} or nothing")
    if want.due_by is not None and want.due_by.tzinfo is None:
        raise BadField("due_by", want.due_by.isoformat(), "say its time zone")
    for name in ("most_orders", "most_lines", "most_units"):
        limit = getattr(want, name)
        if limit is not None and not 0 < limit <= LARGEST:
            raise BadField(name, limit, f"it is between 1 and {LARGEST}")
    minutes = want.due_within_minutes
    if minutes is not None and not 0 <= minutes <= LONGEST_MINUTES:
        raise BadField("due_within_minutes", minutes, f"it is between 0 and {LONGEST_MINUTES}, which are a week")
    for name in ("services", "zones", "tags", "channels"):
        for word in getattr(want, name):
            check_words(name, word)


def mode_of(tx: Transaction, node: str) -> str:
    return tx.scalar(select(ReleasePolicy.mode).where(ReleasePolicy.node == node)) or ReleaseMode.streaming.value


def _chosen(tx: Transaction, node: str, want: WaveFilter) -> tuple[Waiting, Chosen]:
    waiting = read_waiting(tx, node, zones=bool(want.zones))
    return waiting, choose(waiting.candidates, want, now=tx.now)


def _take(tx: Transaction, chosen: Sequence[Candidate]) -> list[Fulfilment]:
    """Lock what was chosen; what others took, held or began meanwhile is left out."""
    orders = lock_orders(tx, {c.order_id for c in chosen})
    holds = live_holds(tx, orders)
    may = {o.id for o in orders.values() if objection(o.number, o.status, holds[o.id]) is None}
    rows = lock_fulfilments(tx, [c.id for c in chosen])
    return [
        f for f in rows if f.status == S.ready and f.released_at is None and f.wave_id is None and f.order_id in may
    ]


def _lock_members(tx: Transaction, wave_id: UUID) -> list[Fulfilment]:
    """What is in a wave, with its orders, before the wave itself is locked: nothing is ever added to one. NotFound."""
    need_wave(tx, wave_id)
    mine = dict(tx.execute(select(Fulfilment.id, Fulfilment.order_id).where(Fulfilment.wave_id == wave_id)).all())
    lock_orders(tx, mine.values())
    return [f for f in lock_fulfilments(tx, mine) if f.wave_id == wave_id]


def _illegal(wave: Wave, to: WaveStatus) -> IllegalMove:
    legal = sorted(s.value for s in WAVE_MOVES[WaveStatus(wave.status)])
    return IllegalMove("wave", wave.number, wave.status, to.value, legal)


_NEEDS = text("""
    SELECT l.fulfilment_id, l.allocation_id, l.sku, l.quantity - l.picked AS quantity FROM fulfilment_lines l
    WHERE l.fulfilment_id = ANY(:ids) AND l.picked < l.quantity ORDER BY l.line_no, l.sku, l.allocation_id
""")


def _walk(tx: Transaction, node: str, taken: Sequence[Candidate]) -> tuple[int, list[WaveShort]]:
    """How many bins a walk for all of it visits, and what cannot be found in any. Nothing is set aside."""
    needs: dict[UUID, list[Need]] = {c.id: [] for c in taken}
    for row in tx.execute(_NEEDS, {"ids": list(needs)}):
        needs[row.fulfilment_id].append(Need(row.fulfilment_id, row.allocation_id, row.sku, row.quantity))
    skus = {n.sku for rows in needs.values() for n in rows}
    pool = Pool(shelves_at(tx, node, skus))
    bins: set[str] = set()
    short = []
    for one in taken:
        before = {n.sku: pool.free(n.sku) for n in needs[one.id]}
        found = pool.take_all(needs[one.id])
        if found is not None:
            bins |= {grab.shelf.bin for grab in found}
            continue
        wanted: dict[str, int] = {}
        for need in needs[one.id]:
            wanted[need.sku] = wanted.get(need.sku, 0) + need.quantity
        sku = max(wanted, key=lambda s: (wanted[s] - before[s], s))
        short.append(WaveShort(fulfilment=one.number, sku=sku, wanted=wanted[sku], found=max(0, before[sku])))
    return len(bins), short
