"""Rules for the choice of carriers, what a choice was made from, carbon, cut-offs, and services that drifted."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE carrier_rule_set_numbers START WITH 1")
    op.create_table(
        "carrier_rule_sets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_from", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_rule_sets")),
        sa.UniqueConstraint("number", name=op.f("uq_carrier_rule_sets_number")),
    )
    op.create_index(
        "ix_carrier_rule_sets_active",
        "carrier_rule_sets",
        ["status"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index("ix_carrier_rule_sets_created", "carrier_rule_sets", ["created_at", "id"], unique=False)
    op.create_table(
        "carrier_drifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("parcels", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("late_meant", sa.Integer(), nullable=False),
        sa.Column("statistic", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "parcels > 0 AND late BETWEEN 0 AND parcels AND late_meant >= 0", name=op.f("ck_carrier_drifts_sane")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_drifts")),
    )
    op.create_index(
        "ix_carrier_drifts_open",
        "carrier_drifts",
        ["carrier", "service", "direction"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_carrier_drifts_noticed", "carrier_drifts", ["noticed_at", "id"], unique=False)

    op.add_column("rate_cards", sa.Column("cut_off", sa.Time(), nullable=True))
    op.add_column("rate_cards", sa.Column("co2_grams_per_tkm", sa.Integer(), nullable=True))
    op.add_column("rate_cards", sa.Column("co2_grams_per_parcel", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_rate_cards_co2"), "rate_cards", "co2_grams_per_tkm >= 0 AND co2_grams_per_parcel >= 0"
    )

    _new("shipping_policies", "promise_from", sa.Text(), "'sent'")
    _new("shipping_policies", "carbon_price", sa.BigInteger(), "0")
    _new("shipping_policies", "explore_ppm", sa.Integer(), "0")
    _new("shipping_policies", "explore_budget", sa.BigInteger(), "0")
    op.create_check_constraint(
        op.f("ck_shipping_policies_explores"),
        "shipping_policies",
        "carbon_price >= 0 AND explore_budget >= 0 AND explore_ppm BETWEEN 0 AND 100000",
    )

    _new("carrier_choices", "facts", postgresql.JSONB(), "'{}'")
    _new("carrier_choices", "rules", postgresql.JSONB(), "'[]'")
    op.add_column("carrier_choices", sa.Column("rule_set", sa.Integer(), nullable=True))
    op.add_column("carrier_choices", sa.Column("asked", postgresql.JSONB(), nullable=True))
    op.add_column("carrier_choices", sa.Column("explored", postgresql.JSONB(), nullable=True))
    op.add_column("carrier_choices", sa.Column("due_days", sa.Integer(), nullable=True))
    op.add_column("carrier_choices", sa.Column("late_ppm", sa.Integer(), nullable=True))
    op.add_column("carrier_choices", sa.Column("promises", postgresql.ARRAY(sa.Integer()), nullable=True))
    op.add_column("carrier_choices", sa.Column("co2_grams", sa.Integer(), nullable=True))
    op.create_index("ix_carrier_choices_at", "carrier_choices", ["at", "id"], unique=False)


def _new(table: str, column: str, kind: sa.types.TypeEngine[Any], start: str) -> None:
    """A column that rows of before have a value for; those of now say theirs."""
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=sa.text(start)))
    op.alter_column(table, column, server_default=None)
