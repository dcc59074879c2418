"""The boxes that a node packs into, and how each fulfilment is to be packed. Written by the fulfilment agent alone."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import CheckConstraint, ForeignKey, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base
from db.catalog import Variant
from db.fulfilment import Fulfilment, FulfilmentLine
from db.orders import Order


class PackingBox(Base):
    """Inner measures. There are always enough of them."""

    __tablename__ = "packing_boxes"
    __audited__ = True
    __kind__ = "packing_box"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    wall_mm: Mapped[int] = mapped_column(default=0)  # thickness of the board: carriers measure the outside
    padding_mm: Mapped[int] = mapped_column(default=0)  # void fill along every side, the floor and the lid
    tare_grams: Mapped[int] = mapped_column(default=0)
    max_grams: Mapped[int]  # with itself
    cost_amount: Mapped[Amount] = mapped_column(default=0)
    cost_currency: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0 AND wall_mm >= 0", name="measures"),
        CheckConstraint("tare_grams >= 0 AND max_grams > tare_grams AND cost_amount >= 0", name="sane"),
        CheckConstraint("padding_mm >= 0", name="padding"),
    )

    @property
    def outer_mm(self) -> tuple[int, int, int]:
        board = 2 * self.wall_mm
        return self.length_mm + board, self.width_mm + board, self.height_mm + board


class PackingPlan(Base):
    """How what is left of a fulfilment is to be packed, with all that was asked when it was worked out.

    `boxes` are told in the order in which they are packed, each with its pieces in the order in which they go in:
    `[{"box": "S", "grams": 900, …, "pieces": [{"sku": "MUG", "x": 0, …}]}]`.
    """

    __tablename__ = "packing_plans"
    fulfilment_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilments.id"), primary_key=True)
    digest: Mapped[str]  # of `inputs`: another one makes the plan stale
    inputs: Mapped[dict[str, Any]]
    boxes: Mapped[list[Any]]
    left_out: Mapped[list[Any]]  # [{"sku": …, "quantity": …, "because": …}]
    price_amount: Mapped[Amount]
    price_currency: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    followed_at: Mapped[datetime | None]  # when the parcels were made as it says


class Asked(NamedTuple):
    """What a plan is worked out from, as plain values, and their digest."""

    inputs: dict[str, Any]
    digest: str


PACKER = 2
"""Another number makes every plan stale: the packer, or a rule that it holds to, has changed."""


def asked_of(session: Session, fulfilment: Fulfilment) -> Asked:
    """Everything that a plan for what is in no parcel yet depends on."""
    boxes = _boxes(session, fulfilment.node)
    currency = boxes[0]["cost_currency"] if boxes else None
    inputs = {
        "packer": PACKER,
        "goods": _goods(session, fulfilment.id),
        "boxes": [box for box in boxes if box["cost_currency"] == currency],
        "currency": currency,
        **_terms(session, currency, fulfilment),
    }
    return Asked(inputs, hashlib.sha256(msgspec.json.encode(inputs, order="sorted")).hexdigest()[:32])


def _goods(session: Session, fulfilment_id: UUID) -> list[dict[str, Any]]:
    left = func.sum(FulfilmentLine.quantity - FulfilmentLine.packed)
    rows = session.execute(
        select(Variant, left)
        .join(FulfilmentLine, FulfilmentLine.sku == Variant.sku)
        .where(FulfilmentLine.fulfilment_id == fulfilment_id)
        .group_by(Variant.sku)
        .having(left > 0)
        .order_by(Variant.sku)
    )
    return [
        {
            "sku": variant.sku,
            "quantity": int(quantity),
            "size": [variant.length_mm, variant.width_mm, variant.height_mm],
            "grams": variant.weight_grams,
            "upright": variant.keep_upright,
            "fragile": variant.fragile,
            "bears": variant.load_bearing_grams,
            "alone": variant.ships_alone,
            "hazard": (variant.hazard_class or "?") if variant.hazmat else None,
            "temperature": variant.temperature,
        }
        for variant, quantity in rows
    ]


def _boxes(session: Session, node: str) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(PackingBox).where(PackingBox.node == node, PackingBox.active).order_by(PackingBox.code)
    )
    return [
        {
            "code": box.code,
            "size": [box.length_mm, box.width_mm, box.height_mm],
            "wall": box.wall_mm,
            "padding": box.padding_mm,
            "tare": box.tare_grams,
            "most": box.max_grams,
            "cost": box.cost_amount,
            "cost_currency": box.cost_currency,
        }
        for box in rows
    ]


_LANES = text("""
    WITH lanes AS (
        SELECT c.id, r.zone, min(c.dimensional_divisor) AS divisor,
               (max(r.amount) - min(r.amount)) * 1000 / nullif(max(r.max_weight_grams) - min(r.max_weight_grams), 0)
               AS kilogram
        FROM rate_cards c JOIN rates r ON r.rate_card_id = c.id
        WHERE c.active AND c.currency = :currency GROUP BY c.id, r.zone),
    there AS (
        SELECT DISTINCT ON (z.rate_card_id) z.rate_card_id, z.zone FROM rate_zones z
        WHERE z.origin IN ('*', :node) AND z.country IN ('*', :country)
          AND (z.postcode_from = '' OR left(:postcode, length(z.postcode_from)) >= z.postcode_from)
          AND (z.postcode_to = '' OR left(:postcode, length(z.postcode_to)) <= z.postcode_to)
        ORDER BY z.rate_card_id, z.origin <> '*' DESC, z.country <> '*' DESC, length(z.postcode_from) DESC, z.zone),
    its AS (SELECT l.* FROM lanes l JOIN there t ON t.rate_card_id = l.id AND t.zone = l.zone)
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY kilogram) AS kilogram, min(divisor) AS divisor
    FROM (SELECT * FROM its UNION ALL SELECT * FROM lanes WHERE NOT EXISTS (SELECT 1 FROM its)) AS found
""")


def _terms(session: Session, currency: str | None, fulfilment: Fulfilment) -> dict[str, int | None]:
    """What a kilogram more costs on the way that the parcel takes, and the least cm³ that count as one.

    Of the rate cards that go there the middle one, since a plan does not wait for the carrier; where none goes there,
    the middle one of all lanes. Of a card's zones the most exact one is meant: by node, then country, then postcode.
    """
    address = session.scalar(select(Order.shipping_address).where(Order.id == fulfilment.order_id)) or {}
    way = {"node": fulfilment.node, "country": address.get("country") or "", "postcode": _postcode(address)}
    row = session.execute(_LANES, {"currency": currency, **way}).one()
    return {"kilogram": int(row.kilogram or 0), "divisor": row.divisor}


def _postcode(address: dict[str, Any]) -> str:
    """As rate cards compare it: letters and digits alone."""
    return "".join(c for c in str(address.get("postcode") or "").upper() if c.isalnum())


def nodes_with_boxes(session: Session, nodes: Collection[str]) -> set[str]:
    return set(session.scalars(select(PackingBox.node).where(PackingBox.node.in_(nodes)).distinct()))
