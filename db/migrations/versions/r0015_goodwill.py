"""Refunds by hand count towards what is owed for cancelled units, unless they are goodwill. Earlier ones did not."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("payment_entries", sa.Column("goodwill", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE payment_entries SET goodwill = true WHERE kind = 'refund' AND NOT follows_total")
    op.alter_column("payment_entries", "goodwill", server_default=None)
