"""Gift cards and store credit with their ledger, exchanges and claims whose money moves between orders."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("exchange_numbers", "claim_numbers"):
        op.execute(f"CREATE SEQUENCE {name} START WITH 100001")
    stored_value()
    payments()
    returns()
    exchanges()
    claims()
    refund_limits()


def stored_value() -> None:
    op.create_table(
        "stored_values",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("code_digest", sa.Text(), nullable=True),
        sa.Column("last_four", sa.Text(), nullable=True),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_stored_values_balance")),
        sa.CheckConstraint("kind = 'gift_card' OR code_digest IS NULL", name=op.f("ck_stored_values_code")),
        sa.CheckConstraint("kind = 'gift_card' OR customer_id IS NOT NULL", name=op.f("ck_stored_values_owner")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_stored_values_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_values")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_stored_values_code_digest")),
    )
    op.create_index(
        "ix_stored_values_credit", "stored_values", ["customer_id", "currency"], unique=True,
        postgresql_where=sa.text("kind = 'store_credit'"),
    )  # fmt: skip
    op.create_index("ix_stored_values_created", "stored_values", ["kind", "created_at", "id"], unique=False)
    op.create_index(
        "ix_stored_values_expires", "stored_values", ["expires_at"], unique=False,
        postgresql_where=sa.text("balance > 0"),
    )  # fmt: skip
    op.create_table(
        "stored_value_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("value_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("return_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount <> 0 AND balance >= 0", name=op.f("ck_stored_value_entries_amount")),
        sa.ForeignKeyConstraint(["value_id"], ["stored_values.id"], name=op.f("fk_stored_value_entries_value_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_value_entries")),
    )
    op.create_index("ix_stored_value_entries_value", "stored_value_entries", ["value_id", "id"], unique=False)
    for column in ("payment", "order"):
        op.create_index(
            f"ix_stored_value_entries_{column}", "stored_value_entries", [f"{column}_id"], unique=False,
            postgresql_where=sa.text(f"{column}_id IS NOT NULL"),
        )  # fmt: skip
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_value_entries
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def payments() -> None:
    for name in ("replaces", "let_go"):
        _add("payments", name, sa.Boolean(), "false")
    op.add_column("payment_entries", sa.Column("value_id", sa.Uuid(), nullable=True))
    op.add_column("payment_entries", sa.Column("moved_to", sa.Uuid(), nullable=True))
    for name in ("set_aside", "bonus", "bonus_given"):
        _add("return_credits", name, sa.BigInteger(), "0")
    _add("return_credits", "to_credit", sa.Boolean(), "false")
    op.drop_constraint(op.f("ck_return_credits_money"), "return_credits")
    op.create_check_constraint(
        op.f("ck_return_credits_money"),
        "return_credits",
        "counted >= 0 AND counted <= credit AND set_aside BETWEEN 0 AND credit",
    )
    op.create_check_constraint(op.f("ck_return_credits_bonus"), "return_credits", "bonus_given BETWEEN 0 AND bonus")


def returns() -> None:
    _add("return_rules", "credit_bonus_ppm", sa.Integer(), "0")
    _add("return_rules", "instant_exchange", sa.Boolean(), "false")
    op.create_check_constraint(op.f("ck_return_rules_bonus"), "return_rules", "credit_bonus_ppm BETWEEN 0 AND 1000000")
    _add("return_lines", "bonus_ppm", sa.Integer(), "0")
    _add("returns", "refund_to", sa.Text(), "'original'")
    for name in ("bonus", "kept", "moved"):
        _add("returns", name, sa.BigInteger(), "0")
    op.add_column("returns", sa.Column("exchange_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(
        op.f("ck_returns_exchange"), "returns", "bonus >= 0 AND kept >= 0 AND moved BETWEEN 0 AND refunded"
    )
    op.create_index(
        "ix_returns_exchange", "returns", ["exchange_id"], unique=True,
        postgresql_where=sa.text("exchange_id IS NOT NULL"),
    )  # fmt: skip


def exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("instant", sa.Boolean(), nullable=False),
        sa.Column("worth", sa.BigInteger(), nullable=False),
        sa.Column("shipping", sa.BigInteger(), nullable=False),
        sa.Column("new_total", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replacement_id", sa.Uuid(), nullable=True),
        sa.Column("replacement_number", sa.Text(), nullable=True),
        sa.Column("replacement_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replacement_shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("NOT instant OR provider IS NOT NULL", name=op.f("ck_exchanges_instant")),
        sa.CheckConstraint("worth >= 0 AND shipping >= 0 AND new_total >= shipping", name=op.f("ck_exchanges_money")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_exchanges_order_id")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_exchanges_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("number", name=op.f("uq_exchanges_number")),
    )
    op.create_index("ix_exchanges_created", "exchanges", ["created_at", "id"], unique=False)
    op.create_index("ix_exchanges_order", "exchanges", ["order_id"], unique=False)
    op.create_index("ix_exchanges_replacement", "exchanges", ["replacement_id"], unique=False)
    op.create_index("ix_exchanges_return", "exchanges", ["return_id"], unique=True)
    op.create_index("ix_exchanges_status", "exchanges", ["status", "created_at", "id"], unique=False)
    op.create_table(
        "exchange_lines",
        sa.Column("exchange_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_amount", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_ppm", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("for_line", sa.Integer(), nullable=True),
        sa.CheckConstraint("no > 0 AND quantity > 0", name=op.f("ck_exchange_lines_units")),
        sa.CheckConstraint(
            "total = unit_amount * quantity - discount AND total >= 0", name=op.f("ck_exchange_lines_total")
        ),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name=op.f("fk_exchange_lines_exchange_id")),
        sa.PrimaryKeyConstraint("exchange_id", "no", name=op.f("pk_exchange_lines")),
    )


def claims() -> None:
    op.create_table(
        "order_claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("refund_to", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipping", sa.BigInteger(), nullable=False),
        sa.Column("shipping_tax", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("refund_state", sa.Text(), nullable=False),
        sa.Column("refund_error", sa.Text(), nullable=True),
        sa.Column("replacement_id", sa.Uuid(), nullable=True),
        sa.Column("replacement_number", sa.Text(), nullable=True),
        sa.Column("replacement_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replacement_shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "credit >= 0 AND kept BETWEEN 0 AND credit AND refunded >= 0 AND counted >= 0",
            name=op.f("ck_order_claims_money"),
        ),
        sa.CheckConstraint("due >= 0 AND moved BETWEEN 0 AND refunded", name=op.f("ck_order_claims_moved")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_claims_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_claims")),
        sa.UniqueConstraint("number", name=op.f("uq_order_claims_number")),
    )
    op.create_index("ix_order_claims_created", "order_claims", ["created_at", "id"], unique=False)
    op.create_index("ix_order_claims_order", "order_claims", ["order_id"], unique=False)
    op.create_index("ix_order_claims_replacement", "order_claims", ["replacement_id"], unique=False)
    op.create_index("ix_order_claims_status", "order_claims", ["status", "created_at", "id"], unique=False)
    op.create_table(
        "order_claim_lines",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("replaced", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("credited", sa.Integer(), nullable=False),
        sa.Column("credited_total", sa.BigInteger(), nullable=False),
        sa.Column("credited_tax", sa.BigInteger(), nullable=False),
        sa.Column("replaced_total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "credited BETWEEN 0 AND quantity AND credited_tax BETWEEN 0 AND credited_total",
            name=op.f("ck_order_claim_lines_money"),
        ),
        sa.CheckConstraint("quantity > 0 AND replaced BETWEEN 0 AND quantity", name=op.f("ck_order_claim_lines_units")),
        sa.CheckConstraint("replaced_total BETWEEN 0 AND credited_total", name=op.f("ck_order_claim_lines_replaced")),
        sa.ForeignKeyConstraint(["claim_id"], ["order_claims.id"], name=op.f("fk_order_claim_lines_claim_id")),
        sa.ForeignKeyConstraint(
            ["order_id", "line_no"],
            ["order_lines.order_id", "order_lines.line_no"],
            name=op.f("fk_order_claim_lines_order_id_line_no"),
        ),
        sa.PrimaryKeyConstraint("claim_id", "line_no", name=op.f("pk_order_claim_lines")),
    )
    op.create_index("ix_order_claim_lines_order", "order_claim_lines", ["order_id", "line_no"], unique=False)
    op.create_table(
        "claim_photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["order_claims.id"], name=op.f("fk_claim_photos_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_photos")),
    )
    op.create_index("ix_claim_photos_claim", "claim_photos", ["claim_id"], unique=False)


def refund_limits() -> None:
    op.create_table(
        "refund_limits",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refund_limits_not_negative")),
        sa.ForeignKeyConstraint(["role"], ["roles.name"], name=op.f("fk_refund_limits_role")),
        sa.PrimaryKeyConstraint("role", "currency", name=op.f("pk_refund_limits")),
    )


def _add(table: str, name: str, kind: sa.types.TypeEngine[Any], default: str) -> None:
    """A column that is never empty: a default fills what is there, and is forgotten."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text(default)))
    op.alter_column(table, name, server_default=None)
