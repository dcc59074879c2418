"""Pages of orders that stay as fast as the first ones: by channel, by payment, and what changed last."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_orders_channel", "orders", ["channel", "created_at", "id"], unique=False)
    op.create_index("ix_orders_payment", "orders", ["payment_status", "created_at", "id"], unique=False)
    op.create_index("ix_orders_updated", "orders", ["updated_at", "id"], unique=False)
