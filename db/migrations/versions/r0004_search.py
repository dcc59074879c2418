"""Misspelt names are found, where the server has the extension pg_trgm and lets us install it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXES = (
    "ix_variants_like ON variants USING gin (sku gin_trgm_ops, title gin_trgm_ops)",
    "ix_products_like ON products USING gin (title gin_trgm_ops)",
    "ix_customers_like ON customers USING gin (name gin_trgm_ops)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    connection = op.get_bind()
    savepoint = connection.begin_nested()
    try:
        connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError:
        savepoint.rollback()
        return
    savepoint.commit()
    for index in INDEXES:
        op.execute(f"CREATE INDEX {index}")
