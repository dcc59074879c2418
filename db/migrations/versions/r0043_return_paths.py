"""Return rules by customer class and reason, goods that customers keep, and limits that lead to a person."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("customer_class", "reason", "label_paid_by", "keep_currency"):
        op.add_column("return_rules", sa.Column(name, sa.Text(), nullable=True))
    for name in ("limit_returns", "limit_ppm"):
        op.add_column("return_rules", sa.Column(name, sa.Integer(), nullable=True))
    given = (
        sa.Column("keep_below", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("carriage_amount", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("limit_days", sa.Integer(), nullable=False, server_default="365"),
    )
    for column in given:
        op.add_column("return_rules", column)
        op.alter_column("return_rules", column.name, server_default=None)
    op.create_check_constraint(
        op.f("ck_return_rules_keep"),
        "return_rules",
        "keep_below >= 0 AND carriage_amount >= 0 AND (keep_below + carriage_amount = 0 OR keep_currency IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f("ck_return_rules_limit"),
        "return_rules",
        "limit_returns > 0 AND limit_ppm BETWEEN 0 AND 1000000 AND limit_days > 0",
    )
    op.add_column("returns", sa.Column("keep_why", sa.Text(), nullable=True))
    op.add_column("returns", sa.Column("review", sa.Text(), nullable=True))
    op.add_column("return_lines", sa.Column("stayed", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("return_lines", "stayed", server_default=None)
    op.drop_constraint(op.f("ck_return_lines_graded"), "return_lines")
    op.create_check_constraint(
        op.f("ck_return_lines_graded"),
        "return_lines",
        "quantity > 0 AND sellable >= 0 AND damaged >= 0 AND not_as_described >= 0 AND missing >= 0 AND stayed >= 0 "
        "AND sellable + damaged + not_as_described + missing + stayed <= quantity",
    )
