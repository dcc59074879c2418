"""What bins can hold and what goods need: weight, room, dangerous goods, temperature."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NEW: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("bins", sa.Column("level", sa.Integer(), server_default="0", nullable=False)),
    ("bins", sa.Column("hazard_classes", postgresql.JSONB(), server_default="[]", nullable=False)),
    ("bins", sa.Column("temperature", sa.Text(), server_default="ambient", nullable=False)),
    ("bins", sa.Column("mixes_skus", sa.Boolean(), server_default="true", nullable=False)),
    ("bins", sa.Column("mixes_lots", sa.Boolean(), server_default="true", nullable=False)),
    ("bins", sa.Column("blocked", sa.Boolean(), server_default="false", nullable=False)),
    ("variants", sa.Column("temperature", sa.Text(), server_default="ambient", nullable=False)),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column in NEW:
        op.add_column(table, column)
        op.alter_column(table, column.name, server_default=None)
    op.add_column("bins", sa.Column("capacity_grams", sa.Integer(), nullable=True))
    op.add_column("bins", sa.Column("capacity_cm3", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_bins_limits"), "bins", "capacity_grams > 0 AND capacity_cm3 > 0 AND level >= 0")
    op.add_column("variants", sa.Column("hazard_class", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_variants_hazard"), "variants", "hazard_class IS NULL OR hazmat")
