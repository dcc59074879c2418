"""What the runtime remembers: outbox, deliveries, inbox, idempotent answers, history, audit, schedules, flows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, SerialKey, UuidKey

OUTBOX_CHANNEL = "backoffice_outbox"
"""NOTIFY channel: something was written to the outbox."""


class Outbox(Base):
    """Events and tasks, written in the transaction that caused them. Append-only, pruned by age.

    `to_agent` is null for an event (whoever subscribes gets it) and set for a task.
    """

    __tablename__ = "outbox"
    id: Mapped[SerialKey]
    message_id: Mapped[UUID]
    subject: Mapped[str]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    sender: Mapped[str]
    to_agent: Mapped[str | None]
    request_id: Mapped[str]
    at: Mapped[datetime]
    relayed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_outbox_unrelayed", "id", postgresql_where=text("relayed_at IS NULL")),
        Index("ix_outbox_at", "at"),
        Index("ix_outbox_subject", "subject", "id"),
    )


class Interest(Base):
    """Kinds of events that an agent hears for as long as it says so, beside those that it always hears."""

    __tablename__ = "interests"
    agent: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)


class DeliveryState(StrEnum):
    waiting = "waiting"
    dead = "dead"  # given up; an operator retries or discards it


class Delivery(Base):
    """One message on its way to one agent. Deleted by the agent in the transaction that handles it."""

    __tablename__ = "deliveries"
    id: Mapped[SerialKey]
    agent: Mapped[str]
    lane: Mapped[int] = mapped_column(Integer)  # hash of the subject: one lane, one replica, one order
    message_id: Mapped[UUID]
    subject: Mapped[str]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    sender: Mapped[str]
    request_id: Mapped[str]
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=DeliveryState.waiting)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    error: Mapped[str | None]
    __table_args__ = (
        Index("ix_deliveries_due", "agent", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_deliveries_dead", "id", postgresql_where=text("state = 'dead'")),
        Index("ix_deliveries_retrying", "agent", "subject", postgresql_where=text("attempts > 0")),
    )


class Inbox(Base):
    """Messages that an agent has handled: the same message twice is the same thing once."""

    __tablename__ = "inbox"
    agent: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    __table_args__ = (Index("ix_inbox_at", "at"),)


class IdempotentAnswer(Base):
    """The first answer to a key, replayed for every repetition. 5xx answers are never kept."""

    __tablename__ = "idempotent_answers"
    principal: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    __table_args__ = (Index("ix_idempotent_answers_at", "at"),)


class Transition(Base):
    """The history line of every lifecycle: who moved what, when, why."""

    __tablename__ = "transitions"
    id: Mapped[SerialKey]
    subject: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    why: Mapped[str | None]
    detail: Mapped[dict[str, Any] | None]
    request_id: Mapped[str]
    __table_args__ = (Index("ix_transitions_subject", "subject", "id"),)


class AuditEntry(Base):
    """Every write: who, when, what, before and after, why. Append-only; a trigger refuses changes."""

    __tablename__ = "audit_log"
    id: Mapped[SerialKey]
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    record: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    why: Mapped[str | None]
    request_id: Mapped[str]
    __table_args__ = (
        Index("ix_audit_log_record", "record", "id"),
        Index("ix_audit_log_actor", "actor", "id"),
        Index("ix_audit_log_at", "at"),
    )


class Leadership(Base):
    """One row: the epoch of the coordinator in office. Its writes carry the epoch and are checked against it."""

    __tablename__ = "leadership"
    role: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
    holder: Mapped[str]
    since: Mapped[datetime]


class AgentReplica(Base):
    """The routing table that the coordinator publishes; clients cache it by `version`."""

    __tablename__ = "agent_replicas"
    agent: Mapped[str] = mapped_column(primary_key=True)
    replicas: Mapped[int]
    version: Mapped[int] = mapped_column(BigInteger)
    epoch: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime]


class Schedule(Base):
    __tablename__ = "schedules"
    name: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    every_seconds: Mapped[int]
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]


class Flow(Base):
    """A process that crosses agents: which steps are done, what they answered, which way it goes."""

    __tablename__ = "flows"
    id: Mapped[UuidKey]
    name: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str]  # running, undoing, done, undone, stuck
    step: Mapped[int]  # index of the next step to do, or to undo
    data: Mapped[dict[str, Any]]
    answers: Mapped[dict[str, Any]]
    error: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_flows_due", "due_at", postgresql_where=text("state IN ('running','undoing')")),
        Index("ix_flows_subject", "subject"),
    )
