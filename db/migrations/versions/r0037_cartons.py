"""Void fill of boxes, and goods that bear only so much or bring their own carton."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("packing_boxes", sa.Column("padding_mm", sa.Integer(), server_default="0", nullable=False))
    op.alter_column("packing_boxes", "padding_mm", server_default=None)
    op.create_check_constraint(op.f("ck_packing_boxes_padding"), "packing_boxes", "padding_mm >= 0")
    op.add_column("variants", sa.Column("load_bearing_grams", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_variants_bears"), "variants", "load_bearing_grams >= 0")
    op.add_column("variants", sa.Column("ships_alone", sa.Boolean(), server_default="false", nullable=False))
    op.alter_column("variants", "ships_alone", server_default=None)
