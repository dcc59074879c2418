"""The boxes of a node, how goods may lie in them, and a plan of how each fulfilment is packed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "packing_boxes",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
        sa.Column("wall_mm", sa.Integer(), nullable=False),
        sa.Column("tare_grams", sa.Integer(), nullable=False),
        sa.Column("max_grams", sa.Integer(), nullable=False),
        sa.Column("cost_amount", sa.BigInteger(), nullable=False),
        sa.Column("cost_currency", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length_mm > 0 AND width_mm > 0 AND height_mm > 0 AND wall_mm >= 0", name=op.f("ck_packing_boxes_measures")
        ),
        sa.CheckConstraint(
            "tare_grams >= 0 AND max_grams > tare_grams AND cost_amount >= 0", name=op.f("ck_packing_boxes_sane")
        ),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_packing_boxes_node")),
        sa.PrimaryKeyConstraint("node", "code", name=op.f("pk_packing_boxes")),
    )
    plain = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
    op.create_table(
        "packing_plans",
        sa.Column("fulfilment_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("inputs", plain, nullable=False),
        sa.Column("boxes", plain, nullable=False),
        sa.Column("left_out", plain, nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["fulfilment_id"], ["fulfilments.id"], name=op.f("fk_packing_plans_fulfilment_id")),
        sa.PrimaryKeyConstraint("fulfilment_id", name=op.f("pk_packing_plans")),
    )
    for name in ("keep_upright", "fragile"):
        op.add_column("variants", sa.Column(name, sa.Boolean(), server_default="false", nullable=False))
        op.alter_column("variants", name, server_default=None)
    op.add_column("parcels", sa.Column("box", sa.Text(), nullable=True))
