"""Where a lot lies is asked of each lot in a list."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_bin_stock_lot ON bin_stock (sku, lot) WHERE lot <> ''")
