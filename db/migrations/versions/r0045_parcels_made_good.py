"""Parcels in trouble are made good by claims."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("order_claims", sa.Column("kept_shipping", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("order_claims", "kept_shipping", server_default=None)
    op.add_column("order_claims", sa.Column("exception_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(
        op.f("ck_order_claims_kept_shipping"),
        "order_claims",
        "kept_shipping BETWEEN 0 AND kept AND kept_shipping <= shipping",
    )
    op.create_index(
        "ix_order_claims_exception",
        "order_claims",
        ["exception_id"],
        unique=True,
        postgresql_where=sa.text("exception_id IS NOT NULL AND status NOT IN ('denied', 'cancelled')"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_order_claims_exception", table_name="order_claims")
    op.drop_constraint(op.f("ck_order_claims_kept_shipping"), "order_claims")
    op.drop_column("order_claims", "exception_id")
    op.drop_column("order_claims", "kept_shipping")
