"""Carriers are asked where the parcels are whose labels were bought from them."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

TABLES = ("labels", "return_labels")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.add_column(table, sa.Column("news_due_at", sa.DateTime(timezone=True), nullable=True))
        op.create_index(
            f"ix_{table}_news", table, ["news_due_at"], unique=False,
            postgresql_where=sa.text("news_due_at IS NOT NULL"),
        )  # fmt: skip


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_news", table_name=table)
        op.drop_column(table, "news_due_at")
