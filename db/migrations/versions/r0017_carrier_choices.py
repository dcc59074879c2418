"""Policies of what lateness and loss cost, what was learned of carriers, and every offer a label was chosen from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("rate_cards", sa.Column("max_value", sa.BigInteger(), nullable=True))
    for name in ("takes_hazmat", "takes_po_box"):
        op.add_column("rate_cards", sa.Column(name, sa.Boolean(), server_default="true", nullable=False))
        op.alter_column("rate_cards", name, server_default=None)
    op.add_column("labels", sa.Column("choice_id", sa.Uuid(), nullable=True))
    op.create_table(
        "shipping_policies",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("customer_tag", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("promise_days", sa.Integer(), nullable=True),
        sa.Column("late_cost", sa.BigInteger(), nullable=False),
        sa.Column("loss_ppm", sa.Integer(), nullable=False),
        sa.Column("most_late_ppm", sa.Integer(), nullable=True),
        sa.Column("forbidden", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("late_cost >= 0 AND loss_ppm >= 0", name=op.f("ck_shipping_policies_sane")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_shipping_policies")),
    )
    op.create_table(
        "transit_models",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parcels", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transit_models")),
    )
    op.create_table(
        "carrier_choices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("policy", postgresql.JSONB(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=True),
        sa.Column("offers", postgresql.JSONB(), nullable=False),
        sa.Column("chosen", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_choices")),
    )
    op.create_index("ix_carrier_choices_order", "carrier_choices", ["order_id"], unique=False)
    op.create_index("ix_carrier_choices_parcel", "carrier_choices", ["parcel_id"], unique=False)
