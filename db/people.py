"""Who may do what: users, roles, sessions, API keys. Written by the edge (`serve/auth.py`, the CLI) alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import Text

from db.base import Base, UuidKey


class Role(Base):
    __tablename__ = "roles"
    __audited__ = True
    __kind__ = "role"
    name: Mapped[str] = mapped_column(primary_key=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    locked: Mapped[bool] = mapped_column(default=False)  # `admin` cannot be changed or removed
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class User(Base):
    __tablename__ = "users"
    __audited__ = True
    __secret__ = frozenset({"password_hash"})
    __kind__ = "user"
    id: Mapped[UuidKey]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(ForeignKey("roles.name"))
    password_hash: Mapped[str]  # argon2id
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]


class PersonSession(Base):
    """A signed-in browser. The cookie's secret is stored as its digest.

    It ends at `expires_at`, and before that when nobody used it for a while (`seen_at`, to the minute).
    """

    __tablename__ = "sessions"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str | None]
    __table_args__ = (Index("ix_sessions_user", "user_id"), Index("ix_sessions_expires", "expires_at"))


class SecondFactor(Base):
    """Six digits from a phone at sign-in (TOTP). It counts from `confirmed_at` on."""

    __tablename__ = "second_factors"
    __audited__ = True
    __secret__ = frozenset({"secret", "recovery", "last_step"})
    __kind__ = "second_factor"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret: Mapped[str]  # base 32
    last_step: Mapped[int] = mapped_column(default=0)  # of 30 s since 1970; no code of it or before is taken again
    recovery: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))  # SHA-256 of those not used yet
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class ApiKey(Base):
    """`bo_live_…`, shown once; only its SHA-256 digest is kept, and the first characters for display."""

    __tablename__ = "api_keys"
    __audited__ = True
    __secret__ = frozenset({"digest"})
    __kind__ = "api_key"
    id: Mapped[UuidKey]
    name: Mapped[str]
    prefix: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    last_used_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class SignInAttempt(Base):
    """Failed sign-ins of the last while, for throttling."""

    __tablename__ = "sign_in_attempts"
    id: Mapped[UuidKey]
    email: Mapped[str]
    address: Mapped[str | None]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_sign_in_attempts_email", "email", "at"),)


def scopes_of(session: Session, principal: str, *, now: datetime) -> frozenset[str]:
    """What `user:ID` or `key:ID` holds at this moment; nothing when they are switched off, revoked or unknown."""
    kind, _, ident = principal.partition(":")
    try:
        known = UUID(ident)
    except ValueError:
        return frozenset()
    found: list[str] | None = None
    if kind == "user":
        person = select(Role.scopes).join(User, User.role == Role.name).where(User.id == known, User.active)
        found = session.scalar(person)
    elif kind == "key":
        key = session.get(ApiKey, known)
        if key is not None and key.revoked_at is None and (key.expires_at is None or key.expires_at > now):
            found = key.scopes
    return frozenset(found or ())
