"""Goods that leave first in an exchange are secured by a hold on a card."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("payments", sa.Column("security", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("renews", sa.Uuid(), nullable=True))
    op.add_column("payments", sa.Column("holds_until", sa.DateTime(timezone=True), nullable=True))
    held = sa.text("security = 'held'")
    op.create_index("ix_payments_security", "payments", ["holds_until"], unique=False, postgresql_where=held)
    op.add_column("exchanges", sa.Column("secured", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("exchanges", "secured", server_default=None)
    op.add_column("exchanges", sa.Column("secured_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("exchanges", sa.Column("security_taken_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_exchanges_secured"), "exchanges", "secured >= 0 AND secured <= new_total")
    waits = sa.text("secured_until IS NOT NULL AND security_taken_at IS NULL AND status = 'approved'")
    op.create_index("ix_exchanges_secured", "exchanges", ["secured_until"], unique=False, postgresql_where=waits)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_exchanges_secured", table_name="exchanges")
    op.drop_constraint(op.f("ck_exchanges_secured"), "exchanges")
    for column in ("security_taken_at", "secured_until", "secured"):
        op.drop_column("exchanges", column)
    op.drop_index("ix_payments_security", table_name="payments")
    for column in ("holds_until", "renews", "security"):
        op.drop_column("payments", column)
