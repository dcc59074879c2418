"""Carrier accounts, what they answered, and labels that are being bought. Written by the shipping agent alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, and_, exists, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey
from db.shipping import Label, LabelRefund


class ProviderFacts(NamedTuple):
    """`credentials` are the names of what is kept sealed."""

    title: str
    about: str
    credentials: tuple[str, ...]
    modes: tuple[str, ...]


PROVIDERS: Final[dict[str, ProviderFacts]] = {
    "easypost": ProviderFacts(
        "EasyPost",
        "One account for a hundred carriers (UPS, FedEx, USPS, DHL, Royal Mail, …) and your own contracts with them.",
        ("api_key",),
        ("test", "live"),
    ),
    "test": ProviderFacts(
        "Test carrier",
        "Made up, within this system. Its options make it slow, silent, wrong or away, to see what happens then.",
        (),
        ("test",),
    ),
}


class AccountMode(StrEnum):
    test = "test"  # its labels carry nothing
    live = "live"


class CarrierAccount(Base):
    """One account at a carrier, or at a service that speaks to many. Its credentials are in `carrier_secrets`."""

    __tablename__ = "carrier_accounts"
    __audited__ = True
    __kind__ = "carrier_account"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    provider: Mapped[str]
    mode: Mapped[str] = mapped_column(default=AccountMode.test)
    services: Mapped[list[str]] = mapped_column(default=list)  # carriers, or `carrier service`; empty: all
    nodes: Mapped[list[str]] = mapped_column(default=list)  # it is used at; empty: all
    enabled: Mapped[bool] = mapped_column(default=True)
    time_limit_ms: Mapped[int] = mapped_column(default=5000)
    calls_per_minute: Mapped[int | None]  # that the carrier allows; null: any
    tolerance_ppm: Mapped[int] = mapped_column(default=50_000)  # by which a price may rise after it was chosen
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of the provider; nothing secret
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("time_limit_ms BETWEEN 100 AND 30000 AND calls_per_minute > 0", name="limits"),
        CheckConstraint("tolerance_ppm BETWEEN 0 AND 1000000", name="tolerance"),
    )


class CarrierSecret(Base):
    """Credentials of an account, sealed (`db.sealing`). `hint` is what a person knows them by: their last letters."""

    __tablename__ = "carrier_secrets"
    __audited__ = True
    __kind__ = "carrier_secret"
    __secret__ = frozenset({"sealed"})
    account: Mapped[str] = mapped_column(ForeignKey("carrier_accounts.code", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str]
    hint: Mapped[str]
    updated_at: Mapped[datetime]


class CarrierHealth(Base):
    """How an account answers, for all replicas: after failures in a row it rests, and `minute` counts its calls."""

    __tablename__ = "carrier_health"
    account: Mapped[str] = mapped_column(ForeignKey("carrier_accounts.code", ondelete="CASCADE"), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    rests_until: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None]
    minute: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(default=0)


class CarrierQuote(Base):
    """What one account answered for one parcel, or for a trial when there is none. Names no person.

    `rates` are `providers.Rate` with their references; `answered_at` is null while it is being asked.
    """

    __tablename__ = "carrier_quotes"
    id: Mapped[UuidKey]
    account: Mapped[str] = mapped_column(ForeignKey("carrier_accounts.code", ondelete="CASCADE"))
    parcel_id: Mapped[UUID | None]
    digest: Mapped[str | None]  # of address, weight and size as they were asked about
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    took_ms: Mapped[int | None]
    expires_at: Mapped[datetime | None]
    rates: Mapped[list[Any]] = mapped_column(default=list)
    messages: Mapped[list[str]] = mapped_column(default=list)
    error: Mapped[str | None]  # why there is no answer
    __table_args__ = (
        Index("ix_carrier_quotes_parcel", "parcel_id", "account", unique=True,
              postgresql_where=text("parcel_id IS NOT NULL")),
        Index("ix_carrier_quotes_asked", "asked_at"),
    )  # fmt: skip


class PurchaseState(StrEnum):
    """Where a label that is asked of a carrier stands."""

    asked = "asked"  # wanted; carriers are asked for rates
    buying = "buying"  # asked of one carrier under a key, and not answered yet
    unknown = "unknown"  # no answer: it may be sold, and is looked up
    bought = "bought"  # there is a label with the same id
    refused = "refused"  # nobody sold one, and why
    cancelled = "cancelled"  # the parcel is not there any more
    given_up = "given_up"  # a person waits no longer; should it turn out sold, it is given back


OPEN = (PurchaseState.asked, PurchaseState.buying, PurchaseState.unknown)
LABEL_PURCHASE_MOVES = {
    PurchaseState.asked: frozenset({PurchaseState.buying, PurchaseState.bought, PurchaseState.refused,
                                    PurchaseState.cancelled}),
    PurchaseState.buying: frozenset({PurchaseState.bought, PurchaseState.unknown, PurchaseState.asked}),
    PurchaseState.unknown: frozenset({PurchaseState.bought, PurchaseState.asked, PurchaseState.buying,
                                      PurchaseState.given_up}),
    PurchaseState.bought: frozenset[PurchaseState](),
    PurchaseState.refused: frozenset[PurchaseState](),
    PurchaseState.cancelled: frozenset[PurchaseState](),
    PurchaseState.given_up: frozenset({PurchaseState.bought, PurchaseState.refused}),
}  # fmt: skip


class LabelPurchase(Base):
    """The wish for a label, written before any carrier is asked; at most one open for each parcel.

    `rate` is what is being bought (`providers.Rate`), `key` under which; `tries` are earlier ones and why they failed.
    """

    __tablename__ = "label_purchases"
    __audited__ = True
    __kind__ = "label_purchase"
    id: Mapped[UuidKey]
    parcel_id: Mapped[UUID]
    order_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(default=PurchaseState.asked)
    wanted_carrier: Mapped[str | None]
    wanted_service: Mapped[str | None]
    wanted_why: Mapped[str | None]  # the reason of who named it,
    wanted_by: Mapped[str | None]  # … and who that was
    account: Mapped[str | None] = mapped_column(ForeignKey("carrier_accounts.code"))
    rate: Mapped[dict[str, Any] | None]
    key: Mapped[str | None]
    choice_id: Mapped[UUID | None]
    why: Mapped[str | None]  # this service, or why none
    degraded: Mapped[bool] = mapped_column(default=False)  # decided though a carrier did not answer
    tries: Mapped[list[Any]] = mapped_column(default=list)  # [{"name", "amount", "currency", "why", "final"}]
    attempts: Mapped[int] = mapped_column(default=0)  # of the present key
    asked_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]  # the carrier was last asked
    due_at: Mapped[datetime]  # somebody should look at it, if nobody has meanwhile
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_label_purchases_open", "parcel_id", unique=True,
              postgresql_where=text("status IN ('asked', 'buying', 'unknown')")),
        Index("ix_label_purchases_due", "due_at",
              postgresql_where=text("status IN ('asked', 'buying', 'unknown', 'given_up')")),
        Index("ix_label_purchases_order", "order_id"),
    )  # fmt: skip


WATCHED = (*OPEN, PurchaseState.given_up)
REFUND_EVERY = timedelta(hours=1)
NEWS_AFTER = timedelta(hours=1)  # from when somebody has the parcel, or soon will: its carrier is asked where it is


def labels_waiting(session: Session, now: datetime) -> bool:
    """Whether a purchase or a refund is due to be looked at."""
    purchase = and_(LabelPurchase.status.in_(WATCHED), LabelPurchase.due_at <= now)
    refund = and_(Label.refund == LabelRefund.asked, or_(Label.refund_due_at.is_(None), Label.refund_due_at <= now))
    return any(session.scalar(select(exists().where(what))) for what in (purchase, refund))
