"""What customs are told of parcels, and what a special drawing right is worth. Written by the shipping agent alone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Amount, Base


class CustomsForm(StrEnum):
    """The forms of the Universal Postal Union: which of the two is told by what the contents are worth."""

    cn22 = "CN 22"
    cn23 = "CN 23"


class SdrRate(Base):
    """What one special drawing right of the International Monetary Fund is worth in a currency, as somebody put it in.

    The fund tells it every day; customs forms need it to the nearest few per cent.
    """

    __tablename__ = "sdr_rates"
    __audited__ = True
    __kind__ = "sdr_rate"
    currency: Mapped[str] = mapped_column(primary_key=True)
    millionths: Mapped[int] = mapped_column(BigInteger)  # of a unit of the currency
    as_of: Mapped[date]
    source: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("millionths > 0", name="positive"),)


class CustomsDeclaration(Base):
    """What was told of a parcel when its label was wished for; a later label of the same parcel tells it anew.

    `lines` are [{"sku", "title", "hs_code", "origin", "quantity", "value", "weight_grams"}], value and weight of all
    units of the line.
    """

    __tablename__ = "customs_declarations"
    __audited__ = True
    __kind__ = "customs_declaration"
    parcel_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    form: Mapped[str]
    why: Mapped[str]  # this form and not the other
    contents: Mapped[str]  # merchandise
    incoterm: Mapped[str]  # DAP: the receiver pays duties, DDP: we do
    sent_from: Mapped[str]  # countries, ISO 3166 alpha-2
    sent_to: Mapped[str]
    currency: Mapped[str]
    value: Mapped[Amount]
    limit: Mapped[Amount | None]  # of CN 22 in this currency; null: nobody put in what an SDR is worth
    weight_grams: Mapped[int]  # of the parcel
    lines: Mapped[list[Any]]
    signer: Mapped[str]
    made_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("value >= 0 AND weight_grams >= 0", name="sane"),
        Index("ix_customs_declarations_order", "order_id"),
        Index("ix_customs_declarations_made", "made_at", "parcel_id"),
    )
