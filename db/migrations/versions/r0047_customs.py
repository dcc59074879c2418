"""What customs ask of goods and are told of parcels, what an SDR is worth, and how often a label was printed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

OF_GOODS = ("hs_code", "origin_country", "customs_title")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in OF_GOODS:
        op.add_column("variants", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("labels", sa.Column("prints", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("labels", "prints", server_default=None)
    op.create_table(
        "sdr_rates",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("millionths", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("millionths > 0", name=op.f("ck_sdr_rates_positive")),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_sdr_rates")),
    )
    op.create_table(
        "customs_declarations",
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("incoterm", sa.Text(), nullable=False),
        sa.Column("sent_from", sa.Text(), nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=True),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("lines", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value >= 0 AND weight_grams >= 0", name=op.f("ck_customs_declarations_sane")),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_customs_declarations")),
    )
    op.create_index("ix_customs_declarations_order", "customs_declarations", ["order_id"], unique=False)
    op.create_index("ix_customs_declarations_made", "customs_declarations", ["made_at", "parcel_id"], unique=False)


def downgrade() -> None:
    op.drop_table("customs_declarations")
    op.drop_table("sdr_rates")
    op.drop_column("labels", "prints")
    for name in OF_GOODS:
        op.drop_column("variants", name)
