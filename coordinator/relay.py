"""From the outbox to the agents: every message at least once, those of one subject in order.

The outbox is fanned out into `deliveries`, a row for each agent that subscribes. A subject's rows share a
lane; a lane belongs to one replica at a time, which is handed its due rows in order and has one batch in
hand. The agent deletes a delivery in the transaction that handles it; what is left here are failures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from agents.contract import Delivered, Receipt, encode
from db.session import Transaction

FANOUT = 1000  # outbox rows in one statement
BATCH = 200  # messages in one call of an agent
MOST_COUNTED = 10_000  # messages of one agent: more would not be treated otherwise, and counting them takes its time
GIVE_UP_AFTER = 8  # tries, spread over about two minutes
BACK_OFF_SECONDS = (0.2, 0.5, 1, 2, 5, 15, 30, 60)

# The ids are an array, found once: as a join, the planner of a table that has just filled up found them anew for each
# of its rows (5 s for 200 of 45,000).
_FAN_OUT = text("""
    WITH marked AS (
        UPDATE outbox SET relayed_at = :now
        WHERE id = ANY(ARRAY(SELECT id FROM outbox WHERE relayed_at IS NULL ORDER BY id LIMIT :limit))
          AND relayed_at IS NULL
        RETURNING *
    ), routed AS (
        SELECT m.*, coalesce(m.to_agent, s.agent) AS agent
        FROM marked m LEFT JOIN (SELECT * FROM unnest(:kinds, :agents) UNION SELECT kind, agent FROM interests)
          AS s(kind, agent) ON m.to_agent IS NULL AND s.kind = m.kind
    ), sent AS (
        INSERT INTO deliveries (agent, lane, message_id, subject, kind, payload, sender, request_id,
                                created_at, state, attempts, due_at)
        SELECT agent, hashtext(subject) & 2147483647, message_id, subject, kind, payload, sender, request_id,
               at, 'waiting', 0, :now
        FROM routed WHERE agent IS NOT NULL ORDER BY id, agent
        RETURNING agent
    )
    SELECT (SELECT count(*) FROM marked) AS relayed, ARRAY(SELECT DISTINCT agent FROM sent) AS agents
""").bindparams(bindparam("kinds", type_=ARRAY(Text)), bindparam("agents", type_=ARRAY(Text)))

# What was never tried is due whatever the clock says, and no pause is longer than the longest: a clock that steps back
# neither stops a message nor lets a later one of its subject pass it.
_PAUSES = "{0}.attempts > 0 AND {0}.due_at > :now AND {0}.due_at <= :latest"

# `coalesce` keeps the planner from guessing that one lane in two hundred fits, and from sorting all that waits for it.
_DUE = text(f"""
    SELECT d.id, d.message_id, d.subject, d.kind, d.payload, d.sender, d.request_id, d.attempts
    FROM deliveries d
    WHERE d.agent = :agent AND d.state = 'waiting' AND coalesce(d.lane % :replicas = :replica, false)
      AND NOT ({_PAUSES.format("d")})
      AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.agent = d.agent AND e.subject = d.subject
                      AND e.state = 'waiting' AND e.id < d.id AND {_PAUSES.format("e")})
    ORDER BY d.id LIMIT :limit
""")  # noqa: S608 - constants of this file

_BACKLOG = text(f"""
    SELECT a.agent, least(:most, t.waiting - p.paused) AS waiting FROM unnest(:agents) AS a(agent),
      LATERAL (SELECT count(*) AS waiting FROM (SELECT FROM deliveries d WHERE d.agent = a.agent
               AND d.state = 'waiting' LIMIT :most + 1000) w) t,
      LATERAL (SELECT count(*) AS paused FROM deliveries d WHERE d.agent = a.agent
               AND d.state = 'waiting' AND {_PAUSES.format("d")}) p
    WHERE t.waiting > p.paused
""").bindparams(bindparam("agents", type_=ARRAY(Text)))  # noqa: S608 - constants of this file

_OLDEST = text("""
    SELECT least((SELECT at FROM outbox WHERE relayed_at IS NULL ORDER BY id LIMIT 1),
                 (SELECT created_at FROM deliveries WHERE state = 'waiting' AND attempts = 0 ORDER BY id LIMIT 1))
""")

_FAILED = text("""
    UPDATE deliveries SET attempts = attempts + 1, error = :error, state = :state, due_at = :due_at WHERE id = :id
""")

_EPOCH = text("SELECT 1 FROM leadership WHERE role = 'coordinator' AND epoch = :epoch FOR SHARE")


class Deposed(Exception):
    """Another coordinator is in office; this one must stop at once."""


def check_epoch(tx: Session, epoch: int) -> None:
    """Fence a write of the coordinator. Raises `Deposed` when its epoch is over."""
    if tx.execute(_EPOCH, {"epoch": epoch}).first() is None:
        raise Deposed(f"epoch {epoch} is over")


def fan_out(tx: Transaction, subscriptions: Sequence[tuple[str, str]], *, limit: int = FANOUT) -> tuple[int, list[str]]:
    """Turn fresh outbox rows into deliveries; returns how many rows, and which agents have new work."""
    row = tx.execute(
        _FAN_OUT,
        {
            "limit": limit,
            "now": tx.now,
            "kinds": [k for k, _ in subscriptions],
            "agents": [a for _, a in subscriptions],
        },
    ).one()
    return row.relayed, list(row.agents)


def due(
    session: Session, agent: str, *, now: datetime, replica: int = 0, replicas: int = 1, limit: int = BATCH
) -> list[Delivered]:
    """What one replica of an agent should do next, in order. A subject behind a retry waits for it."""
    of = {"agent": agent, "replica": replica, "replicas": replicas, "limit": limit}
    rows = session.execute(_DUE, {**of, "now": now, "latest": _latest(now)})
    return [
        Delivered(
            r.id,
            str(r.message_id),
            r.subject,
            r.kind,
            encode(r.payload),
            r.sender,
            r.request_id,
            r.attempts,
        )
        for r in rows
    ]


def backlog(session: Session, agents: Iterable[str], *, now: datetime) -> dict[str, int]:
    """How many messages each agent could work on now, counted to `MOST_COUNTED`; agents without any are absent."""
    asked = {"agents": list(agents), "now": now, "latest": _latest(now), "most": MOST_COUNTED}
    return {r.agent: r.waiting for r in session.execute(_BACKLOG, asked)}


def behind(session: Session, *, now: datetime) -> float:
    """Seconds since the oldest message was written that nobody has looked at yet; 0 when there is none."""
    oldest = session.scalar(_OLDEST)
    return max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0


def settle(tx: Transaction, sent: Sequence[Delivered], receipts: Sequence[Receipt]) -> int:
    """Book the failures of a batch: later again, or dead. Returns how many died."""
    attempts = {d.id: d.attempts for d in sent}
    dead = 0
    for r in receipts:
        if r.error is None:
            continue
        tried = attempts[r.id] + 1
        gone = r.final or tried >= GIVE_UP_AFTER
        dead += gone
        wait = BACK_OFF_SECONDS[min(tried - 1, len(BACK_OFF_SECONDS) - 1)]
        tx.execute(
            _FAILED,
            {
                "id": r.id,
                "error": r.error[:2000],
                "state": "dead" if gone else "waiting",
                "due_at": tx.now + timedelta(seconds=wait),
            },
        )
    return dead


def _latest(now: datetime) -> datetime:
    return now + timedelta(seconds=max(BACK_OFF_SECONDS))
