"""Returns with their lines and graded units, versions of the return policy, and what payments owe for returns."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE return_numbers START WITH 100001")
    op.create_table(
        "return_policies",
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_return_policies")),
    )
    op.create_index("ix_return_policies_from", "return_policies", ["valid_from"], unique=False)
    op.create_table(
        "return_rules",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("window_days", sa.Integer(), nullable=True),
        sa.Column("final_sale", sa.Boolean(), nullable=False),
        sa.Column("fee_ppm", sa.Integer(), nullable=False),
        sa.Column("fee_amount", sa.BigInteger(), nullable=False),
        sa.Column("fee_currency", sa.Text(), nullable=True),
        sa.Column("refund_when", sa.Text(), nullable=False),
        sa.Column("auto_approve", sa.Boolean(), nullable=False),
        sa.Column("refund_shipping", sa.Boolean(), nullable=False),
        sa.Column("refund_unsellable", sa.Boolean(), nullable=False),
        sa.CheckConstraint("no > 0 AND window_days >= 0", name=op.f("ck_return_rules_window")),
        sa.CheckConstraint("fee_ppm BETWEEN 0 AND 1000000 AND fee_amount >= 0", name=op.f("ck_return_rules_fee")),
        sa.CheckConstraint("fee_amount = 0 OR fee_currency IS NOT NULL", name=op.f("ck_return_rules_fee_currency")),
        sa.ForeignKeyConstraint(["version"], ["return_policies.version"], name=op.f("fk_return_rules_version")),
        sa.PrimaryKeyConstraint("version", "no", name=op.f("pk_return_rules")),
    )
    op.create_table(
        "returns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("label_paid_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("exception", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipping", sa.BigInteger(), nullable=False),
        sa.Column("shipping_tax", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("refund_state", sa.Text(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("refund_error", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "credit >= 0 AND refunded >= 0 AND counted >= 0 AND due >= 0", name=op.f("ck_returns_money")
        ),
        sa.CheckConstraint("shipping >= 0 AND shipping_tax BETWEEN 0 AND shipping", name=op.f("ck_returns_shipping")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_returns_order_id")),
        sa.ForeignKeyConstraint(
            ["policy_version"], ["return_policies.version"], name=op.f("fk_returns_policy_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("number", name=op.f("uq_returns_number")),
    )
    op.create_index("ix_returns_order", "returns", ["order_id"], unique=False)
    op.create_index("ix_returns_created", "returns", ["created_at", "id"], unique=False)
    op.create_index("ix_returns_status", "returns", ["status", "created_at", "id"], unique=False)
    op.create_index("ix_returns_updated", "returns", ["updated_at", "id"], unique=False)
    op.create_table(
        "return_lines",
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("rule_no", sa.Integer(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("refund_when", sa.Text(), nullable=False),
        sa.Column("fee_ppm", sa.Integer(), nullable=False),
        sa.Column("fee_per_unit", sa.BigInteger(), nullable=False),
        sa.Column("refund_shipping", sa.Boolean(), nullable=False),
        sa.Column("refund_unsellable", sa.Boolean(), nullable=False),
        sa.Column("sellable", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
        sa.Column("not_as_described", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("credited", sa.Integer(), nullable=False),
        sa.Column("credited_total", sa.BigInteger(), nullable=False),
        sa.Column("credited_tax", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("fee_tax", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND sellable >= 0 AND damaged >= 0 AND not_as_described >= 0 AND missing >= 0 "
            "AND sellable + damaged + not_as_described + missing <= quantity",
            name=op.f("ck_return_lines_graded"),
        ),
        sa.CheckConstraint("credited BETWEEN 0 AND quantity", name=op.f("ck_return_lines_credited")),
        sa.CheckConstraint(
            "credited_tax BETWEEN 0 AND credited_total AND fee BETWEEN 0 AND credited_total "
            "AND fee_tax BETWEEN 0 AND fee",
            name=op.f("ck_return_lines_money"),
        ),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_return_lines_return_id")),
        sa.ForeignKeyConstraint(
            ["order_id", "line_no"],
            ["order_lines.order_id", "order_lines.line_no"],
            name=op.f("fk_return_lines_order_id_line_no"),
        ),
        sa.PrimaryKeyConstraint("return_id", "line_no", name=op.f("pk_return_lines")),
    )
    op.create_index("ix_return_lines_order", "return_lines", ["order_id", "line_no"], unique=False)
    op.create_table(
        "return_units",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("node", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_units_positive")),
        sa.ForeignKeyConstraint(
            ["return_id", "line_no"],
            ["return_lines.return_id", "return_lines.line_no"],
            name=op.f("fk_return_units_return_id_line_no"),
        ),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_return_units_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_units")),
    )
    op.create_index("ix_return_units_return", "return_units", ["return_id", "line_no"], unique=False)
    op.create_table(
        "return_credits",
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("counted >= 0 AND counted <= credit", name=op.f("ck_return_credits_money")),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_return_credits")),
    )
    op.create_index("ix_return_credits_order", "return_credits", ["order_id"], unique=False)
    op.add_column("payment_entries", sa.Column("return_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_payment_entries_return",
        "payment_entries",
        ["return_id"],
        unique=False,
        postgresql_where=sa.text("return_id IS NOT NULL"),
    )
