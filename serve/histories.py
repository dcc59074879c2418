"""What happened to one thing, as its page shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.runtime import Transition


class HistoryMove(BaseModel):
    """A step in a thing's life, or a word on it (`from_status` and `to_status` are the same then)."""

    at: datetime
    actor: str
    from_status: str | None
    to_status: str
    why: str | None


def history_of(session: Session, subject: str) -> list[dict[str, Any]]:
    """The latest first."""
    columns = (getattr(Transition, name) for name in HistoryMove.model_fields)
    wanted = select(*columns).where(Transition.subject == subject).order_by(Transition.id.desc())
    return [dict(move) for move in session.execute(wanted).mappings()]
