"""Calendars of carriers, pickups that are booked with them, manifests, and return labels that carriers sell."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _list(name: str) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False)


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE pickup_numbers START WITH 1")
    op.execute("CREATE SEQUENCE manifest_numbers START WITH 1")
    op.create_table(
        "carrier_calendars",
        _text("node"),
        _text("carrier"),
        _list("week"),
        _list("closed_dates"),
        _text("account", nullable=True),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _number("version"),
        _moment("updated_at"),
        sa.CheckConstraint("NOT daily OR account IS NOT NULL", name=op.f("ck_carrier_calendars_books")),
        _of("carrier_calendars", "node", "nodes.code"),
        _of("carrier_calendars", "account", "carrier_accounts.code"),
        sa.PrimaryKeyConstraint("node", "carrier", name=op.f("pk_carrier_calendars")),
    )
    op.create_table(
        "pickups",
        sa.Column("id", sa.Uuid(), nullable=False),
        _text("number"),
        _text("node"),
        _text("carrier"),
        _text("account", nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        _moment("earliest"),
        _moment("latest"),
        _text("status"),
        sa.Column("daily", sa.Boolean(), nullable=False),
        _number("parcels"),
        _text("key"),
        _text("confirmation", nullable=True),
        _text("provider_ref", nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        _text("currency", nullable=True),
        _text("note", nullable=True),
        _text("why", nullable=True),
        _number("attempts"),
        _text("asked_by"),
        _moment("asked_at"),
        _moment("due_at"),
        _moment("settled_at", nullable=True),
        _number("version"),
        sa.CheckConstraint("latest > earliest AND parcels >= 0", name=op.f("ck_pickups_sane")),
        _of("pickups", "node", "nodes.code"),
        _of("pickups", "account", "carrier_accounts.code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickups")),
        sa.UniqueConstraint("number", name=op.f("uq_pickups_number")),
    )
    open_ones = sa.text("status IN ('asked', 'booking', 'unknown', 'booked', 'cancelling')")
    op.create_index("ix_pickups_open", "pickups", ["node", "carrier", "on"], unique=True, postgresql_where=open_ones)
    watched = sa.text("status IN ('asked', 'booking', 'unknown', 'cancelling')")
    op.create_index("ix_pickups_due", "pickups", ["due_at"], unique=False, postgresql_where=watched)
    op.create_index("ix_pickups_on", "pickups", ["on", "id"], unique=False)
    op.create_table(
        "manifests",
        sa.Column("id", sa.Uuid(), nullable=False),
        _text("number"),
        _text("node"),
        _text("carrier"),
        _text("account", nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        _text("status"),
        _number("parcels"),
        _number("weight_grams"),
        _text("key"),
        _text("provider_ref", nullable=True),
        _text("document", nullable=True),
        _text("why", nullable=True),
        _number("attempts"),
        _text("closed_by"),
        _moment("closed_at"),
        _moment("due_at"),
        _moment("settled_at", nullable=True),
        _number("version"),
        sa.CheckConstraint("parcels > 0", name=op.f("ck_manifests_parcels")),
        _of("manifests", "node", "nodes.code"),
        _of("manifests", "account", "carrier_accounts.code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifests")),
        sa.UniqueConstraint("number", name=op.f("uq_manifests_number")),
    )
    op.create_index("ix_manifests_on", "manifests", ["on", "id"], unique=False)
    asked = sa.text("status IN ('asked', 'unknown')")
    op.create_index("ix_manifests_due", "manifests", ["due_at"], unique=False, postgresql_where=asked)
    op.create_table(
        "manifest_parcels",
        sa.Column("label_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        _text("tracking_number"),
        _of("manifest_parcels", "manifest_id", "manifests.id"),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_manifest_parcels")),
    )
    op.create_index(
        "ix_manifest_parcels_manifest", "manifest_parcels", ["manifest_id", "tracking_number"], unique=False
    )
    _return_labels()


def _return_labels() -> None:
    for column in (
        sa.Column("format", sa.Text(), nullable=False, server_default="zpl"),
        sa.Column("refund", sa.Text(), nullable=False, server_default="none"),
    ):
        op.add_column("return_labels", column)
        op.alter_column("return_labels", column.name, server_default=None)
    for column in (
        _text("account", nullable=True),
        _text("provider_ref", nullable=True),
        _text("refund_why", nullable=True),
        _moment("refund_due_at", nullable=True),
    ):
        op.add_column("return_labels", column)
    refunds = sa.text("refund = 'asked'")
    op.create_index(
        "ix_return_labels_refund", "return_labels", ["refund_due_at"], unique=False, postgresql_where=refunds
    )
    op.create_table(
        "return_label_purchases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        _text("node"),
        _text("status"),
        _text("account", nullable=True),
        sa.Column("rate", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        _text("key", nullable=True),
        _text("why", nullable=True),
        _list("tries"),
        _number("attempts"),
        _moment("asked_at"),
        _moment("due_at"),
        _moment("settled_at", nullable=True),
        _of("return_label_purchases", "account", "carrier_accounts.code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_label_purchases")),
    )
    open_ones = sa.text("status IN ('asked', 'buying', 'unknown')")
    op.create_index(
        "ix_return_label_purchases_open",
        "return_label_purchases",
        ["return_id"],
        unique=True,
        postgresql_where=open_ones,
    )
    op.create_index(
        "ix_return_label_purchases_due", "return_label_purchases", ["due_at"], unique=False, postgresql_where=open_ones
    )
    op.create_index("ix_return_label_purchases_order", "return_label_purchases", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_table("return_label_purchases")
    op.drop_index("ix_return_labels_refund", "return_labels")
    for name in ("format", "refund", "account", "provider_ref", "refund_why", "refund_due_at"):
        op.drop_column("return_labels", name)
    for table in ("manifest_parcels", "manifests", "pickups", "carrier_calendars"):
        op.drop_table(table)
    op.execute("DROP SEQUENCE pickup_numbers")
    op.execute("DROP SEQUENCE manifest_numbers")
