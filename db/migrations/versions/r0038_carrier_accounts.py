"""Carrier accounts with their secrets, health and quotes, purchases of labels, and what comes back for voided ones."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _account(*, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column("account", sa.Text(), nullable=nullable)


def _of_account(table: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account")
    return sa.ForeignKeyConstraint(["account"], ["carrier_accounts.code"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "carrier_accounts",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("nodes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("time_limit_ms", sa.Integer(), nullable=False),
        sa.Column("calls_per_minute", sa.Integer(), nullable=True),
        sa.Column("tolerance_ppm", sa.Integer(), nullable=False),
        sa.Column("options", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        sa.CheckConstraint(
            "time_limit_ms BETWEEN 100 AND 30000 AND calls_per_minute > 0", name=op.f("ck_carrier_accounts_limits")
        ),
        sa.CheckConstraint("tolerance_ppm BETWEEN 0 AND 1000000", name=op.f("ck_carrier_accounts_tolerance")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_carrier_accounts")),
    )
    op.create_table(
        "carrier_secrets",
        _account(),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        _moment("updated_at", nullable=False),
        _of_account("carrier_secrets", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_carrier_secrets")),
    )
    op.create_table(
        "carrier_health",
        _account(),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("rests_until"),
        _moment("answered_at"),
        _moment("failed_at"),
        sa.Column("error", sa.Text(), nullable=True),
        _moment("minute"),
        sa.Column("calls", sa.Integer(), nullable=False),
        _of_account("carrier_health", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_carrier_health")),
    )
    op.create_table(
        "carrier_quotes",
        sa.Column("id", sa.Uuid(), nullable=False),
        _account(),
        sa.Column("parcel_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        _moment("asked_at", nullable=False),
        _moment("answered_at"),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        _moment("expires_at"),
        sa.Column("rates", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("messages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        _of_account("carrier_quotes", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_quotes")),
    )
    op.create_index("ix_carrier_quotes_asked", "carrier_quotes", ["asked_at"], unique=False)
    op.create_index(
        "ix_carrier_quotes_parcel",
        "carrier_quotes",
        ["parcel_id", "account"],
        unique=True,
        postgresql_where=sa.text("parcel_id IS NOT NULL"),
    )
    op.create_table(
        "label_purchases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("wanted_carrier", sa.Text(), nullable=True),
        sa.Column("wanted_service", sa.Text(), nullable=True),
        sa.Column("wanted_why", sa.Text(), nullable=True),
        sa.Column("wanted_by", sa.Text(), nullable=True),
        _account(nullable=True),
        sa.Column("rate", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("choice_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("tries", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("asked_at", nullable=False),
        _moment("checked_at"),
        _moment("due_at", nullable=False),
        _moment("settled_at"),
        _of_account("label_purchases"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_purchases")),
    )
    op.create_index(
        "ix_label_purchases_due",
        "label_purchases",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('asked', 'buying', 'unknown', 'given_up')"),
    )
    op.create_index(
        "ix_label_purchases_open",
        "label_purchases",
        ["parcel_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('asked', 'buying', 'unknown')"),
    )
    op.create_index("ix_label_purchases_order", "label_purchases", ["order_id"], unique=False)
    op.add_column("labels", sa.Column("format", sa.Text(), server_default="zpl", nullable=False))
    op.add_column("labels", _account(nullable=True))
    op.add_column("labels", sa.Column("provider_ref", sa.Text(), nullable=True))
    op.add_column("labels", sa.Column("refund", sa.Text(), server_default="none", nullable=False))
    op.add_column("labels", sa.Column("refund_why", sa.Text(), nullable=True))
    op.add_column("labels", _moment("refund_due_at"))
    for column in ("format", "refund"):
        op.alter_column("labels", column, server_default=None)
    op.create_index(
        "ix_labels_refund", "labels", ["refund_due_at"], unique=False, postgresql_where=sa.text("refund = 'asked'")
    )
