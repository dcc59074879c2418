"""Waves by the clock, and the cut-offs of the carriers that fetch at a node."""

from __future__ import annotations

import re
from datetime import time

import msgspec
from sqlalchemy import select, text

from agents.fulfilment.due import next_run
from agents.fulfilment.messages.waves import (
    CarrierCutOffState,
    PlanWave,
    PutCarrierCutOff,
    PutWaveTemplate,
    ReviewRelease,
    WaveFilter,
    WaveTemplateState,
)
from agents.fulfilment.timings import houses
from agents.fulfilment.waves import check_filter, plan_wave
from agents.stock.goods import need_node
from agents.stock.rules import BadField, check_code, check_words
from db.errors import NotFound, Refusal
from db.session import Transaction, check_version
from db.waves import CarrierCutOff, WaveTemplate

MOST_TIMES = 48
LONGEST_MINUTES = 7 * 24 * 60
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_CUT_OFF_FIELDS = ("carrier", "service", "minutes_before", "channel", "tag", "country", "rank", "active")

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:kind || ':' || :node || '/' || :code, 0))")


def put_template(tx: Transaction, ask: PutWaveTemplate) -> WaveTemplateState:
    """Raises NotFound, BadField, StaleVersion."""
    check_code("code", ask.code)
    check_words("name", ask.name)
    check_filter(ask.filter)
    if not 0 < len(ask.times) <= MOST_TIMES:
        raise BadField("times", ask.times, f"name between 1 and {MOST_TIMES} times of day")
    for at in ask.times:
        check_clock("times", at)
    tx.execute(_ONE_AT_A_TIME, {"kind": "wave_template", "node": ask.node, "code": ask.code})
    need_node(tx, ask.node)
    row = tx.get(WaveTemplate, (ask.node, ask.code), with_for_update=True, populate_existing=True)
    created = row is None
    if row is None:
        if ask.version is not None:
            raise NotFound("wave template", f"{ask.node}/{ask.code}")
        row = WaveTemplate(node=ask.node, code=ask.code, version=1, created_at=tx.now)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="wave template", id=f"{ask.node}/{ask.code}")
    row.name, row.filter = ask.name.strip(), msgspec.to_builtins(ask.filter)
    row.times, row.releases, row.active = sorted(set(ask.times)), ask.releases, ask.active
    row.next_at = next_run(houses(tx, [ask.node])[ask.node].work, row.times, tx.now) if ask.active else None
    row.updated_at = tx.now
    tx.flush()
    return WaveTemplateState(
        node=row.node, code=row.code, name=row.name, filter=row.filter, times=row.times, releases=row.releases,
        active=row.active, next_at=row.next_at, version=row.version, created=created,
    )  # fmt: skip


def run_templates(tx: Transaction) -> int:
    """Make the waves whose time has come, and set the next one. Nothing to take is no error; a time that was missed
    is made up once."""
    due = select(WaveTemplate).where(WaveTemplate.active, WaveTemplate.next_at <= tx.now)
    rows = tx.scalars(due.order_by(WaveTemplate.node, WaveTemplate.code).with_for_update(skip_locked=True)).all()
    for row in rows:
        try:
            with tx.attempt():
                want = msgspec.convert(row.filter, type=WaveFilter, strict=False)
                ask = PlanWave(node=row.node, name=row.name, filter=want, release=row.releases)
                made = plan_wave(tx, ask, template=row.code)
                row.last_said = f"{made.number}: {made.taken} fulfilments"
        except Refusal as refusal:
            row.last_said = str(refusal)
        row.last_at = row.updated_at = tx.now
        row.next_at = next_run(houses(tx, [row.node])[row.node].work, row.times, tx.now)
    tx.flush()
    return len(rows)


def put_cut_off(tx: Transaction, ask: PutCarrierCutOff) -> CarrierCutOffState:
    """Fulfilments that are ready already keep the cut-off that they are promised for; when they come to the floor for
    it is looked at anew. Raises NotFound, BadField, StaleVersion."""
    check_code("code", ask.code)
    for name in ("carrier", "service", "channel", "tag", "country"):
        check_words(name, getattr(ask, name))
    check_clock("cut_off", ask.cut_off)
    if not 0 <= ask.minutes_before <= LONGEST_MINUTES:
        raise BadField("minutes_before", ask.minutes_before, f"it is between 0 and {LONGEST_MINUTES}, which are a week")
    if not 0 <= ask.rank <= 1_000_000:
        raise BadField("rank", ask.rank, "it is between 0 and 1000000")
    tx.execute(_ONE_AT_A_TIME, {"kind": "carrier_cut_off", "node": ask.node, "code": ask.code})
    need_node(tx, ask.node)
    row = tx.get(CarrierCutOff, (ask.node, ask.code), with_for_update=True, populate_existing=True)
    created = row is None
    if row is None:
        if ask.version is not None:
            raise NotFound("carrier cut-off", f"{ask.node}/{ask.code}")
        row = CarrierCutOff(node=ask.node, code=ask.code, version=1)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="carrier cut-off", id=f"{ask.node}/{ask.code}")
    for name in _CUT_OFF_FIELDS:
        setattr(row, name, getattr(ask, name))
    row.cut_off, row.updated_at = time.fromisoformat(ask.cut_off), tx.now
    tx.flush()
    tx.send("fulfilment", f"node:{ask.node}", ReviewRelease(node=ask.node))
    told = {name: getattr(row, name) for name in _CUT_OFF_FIELDS}
    return CarrierCutOffState(
        node=row.node, code=row.code, cut_off=f"{row.cut_off:%H:%M}", version=row.version, created=created, **told
    )


def check_clock(field: str, said: str) -> None:
    if not _CLOCK.fullmatch(said):
        raise BadField(field, said, "a time of day is written 15:00")
