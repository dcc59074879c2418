"""Who may do what: users, roles, sessions, API keys. Written by the edge (`serve/auth.py`, the CLI) alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, select
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
    """`bo_live_…`, shown once; only its SHA-256 digest is kept, and the first characters for display.

    It does what it says in `scopes`, as far as the person it belongs to still holds that, and nothing once they
    are switched off. One that was made at the command line belongs to nobody and answers for itself.
    """

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
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    last_used_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (Index("ix_api_keys_owner", "owner_id"),)


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
    kind, known = _parts(principal)
    if kind == "key" and known is not None:
        found = live_key(session, ApiKey.id == known, now=now)
        return found[1] if found is not None else frozenset()
    if kind != "user" or known is None:
        return frozenset()
    person = select(Role.scopes).join(User, User.role == Role.name).where(User.id == known, User.active)
    return frozenset(session.scalar(person) or ())


def live_key(session: Session, which: ColumnElement[bool], *, now: datetime) -> tuple[ApiKey, frozenset[str]] | None:
    """A key and what it may do at this moment; None when it is unknown, revoked, expired or its owner switched off."""
    row = session.execute(
        select(ApiKey, User.active, Role.scopes)
        .outerjoin(User, User.id == ApiKey.owner_id)
        .outerjoin(Role, Role.name == User.role)
        .where(which)
    ).one_or_none()
    if row is None:
        return None
    key, is_owner_active, owners = row
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.owner_id is None:
        return key, frozenset(key.scopes)
    return (key, frozenset(key.scopes) & frozenset(owners)) if is_owner_active else None


def person_behind(session: Session, principal: str) -> UUID | None:
    """The user that `user:ID` is, or that `key:ID` belongs to; None for a key of the command line and the rest."""
    kind, known = _parts(principal)
    if kind == "key" and known is not None:
        return session.scalar(select(ApiKey.owner_id).where(ApiKey.id == known))
    return known if kind == "user" else None


def _parts(principal: str) -> tuple[str, UUID | None]:
    kind, _, ident = principal.partition(":")
    try:
        return kind, UUID(ident)
    except ValueError:
        return kind, None
