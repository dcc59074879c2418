"""Credit notes of suppliers; paid units that proved not to have come; the receipt of a cost, the currency of an
inspection."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _credits()
    op.add_column(
        "supplier_invoice_lines", sa.Column("taken_back", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.alter_column("supplier_invoice_lines", "taken_back", server_default=None)
    op.create_check_constraint(
        op.f("ck_supplier_invoice_lines_taken_back"),
        "supplier_invoice_lines",
        "taken_back >= 0 AND taken_back <= quantity",
    )
    op.add_column("cost_entries", sa.Column("receipt_id", sa.Uuid(), nullable=True))
    _which_receipt()
    op.add_column("inspections", sa.Column("currency", sa.Text(), nullable=True))
    op.execute("""
        UPDATE inspections i SET currency = o.currency FROM receipts r JOIN purchase_orders o ON o.id = r.purchase_id
        WHERE r.id = i.receipt_id
    """)
    op.alter_column("inspections", "currency", nullable=False)
    _first_dates()


def _which_receipt() -> None:
    """Only where there is no doubt: the one receipt that the line has had, and not in parts."""
    op.execute("""
        UPDATE cost_entries e SET receipt_id = sole.receipt_id FROM (
            SELECT r.purchase_id, l.purchase_line, min(r.id::text)::uuid AS receipt_id FROM receipts r
            JOIN receipt_lines l ON l.receipt_id = r.id WHERE r.status = 'booked' AND l.purchase_line IS NOT NULL
            GROUP BY r.purchase_id, l.purchase_line HAVING count(DISTINCT r.id) = 1) sole
        WHERE (sole.purchase_id, sole.purchase_line) = (e.purchase_id, e.line_no) AND NOT EXISTS (
            SELECT 1 FROM cost_entries other
            WHERE (other.purchase_id, other.line_no) = (e.purchase_id, e.line_no) AND other.id <> e.id)
    """)


def _credits() -> None:
    op.create_table(
        "supplier_credits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("purchase", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("invoice", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("credited_on", sa.Date(), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("charges", sa.BigInteger(), nullable=False),
        sa.Column("other", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("differences", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_why", sa.Text(), nullable=True),
        sa.Column("disputed_why", sa.Text(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("settlement_reference", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "subtotal >= 0 AND charges >= 0 AND other >= 0 AND tax >= 0 "
            "AND total = subtotal + charges + other + tax AND total > 0",
            name=op.f("ck_supplier_credits_adds_up"),
        ),
        sa.ForeignKeyConstraint(["supplier"], ["suppliers.code"], name=op.f("fk_supplier_credits_supplier")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase_orders.id"], name=op.f("fk_supplier_credits_purchase_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["supplier_invoices.id"], name=op.f("fk_supplier_credits_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_credits")),
    )
    op.create_index(
        "ix_supplier_credits_number",
        "supplier_credits",
        ["supplier", sa.text("upper(number)")],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index("ix_supplier_credits_created", "supplier_credits", ["created_at", "id"])
    op.create_index("ix_supplier_credits_purchase", "supplier_credits", ["purchase_id"])
    op.create_index("ix_supplier_credits_invoice", "supplier_credits", ["invoice_id"])
    op.create_table(
        "supplier_credit_lines",
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("purchase_line", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity >= 0 AND unit_cost >= 0 AND total >= 0 AND quantity + total > 0",
            name=op.f("ck_supplier_credit_lines_sane"),
        ),
        sa.ForeignKeyConstraint(
            ["credit_id"], ["supplier_credits.id"], name=op.f("fk_supplier_credit_lines_credit_id")
        ),
        sa.PrimaryKeyConstraint("credit_id", "no", name=op.f("pk_supplier_credit_lines")),
    )


def _first_dates() -> None:
    """What a supplier said first, as the scorecard found it until now in what was changed since."""
    op.add_column("purchase_lines", sa.Column("first_promised_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("""
        UPDATE purchase_lines n SET first_promised_at = coalesce((
            SELECT coalesce(a.old, a.new)::timestamptz FROM purchase_amendments a
            WHERE a.purchase_id = n.purchase_id AND a.line_no = n.line_no AND a.field = 'expected_at'
              AND a.at > coalesce((SELECT min(t.at) FROM transitions t
                                   WHERE t.subject = 'purchase:' || o.id AND t.to_status = 'confirmed'), o.sent_at)
            ORDER BY a.id LIMIT 1), n.expected_at)
        FROM purchase_orders o WHERE o.id = n.purchase_id AND o.sent_at IS NOT NULL
    """)
    op.add_column("advance_notices", sa.Column("first_said_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("""
        UPDATE advance_notices n SET first_said_at = coalesce((
            SELECT (a.before ->> 'said_at')::timestamptz FROM audit_log a
            WHERE a.record = 'advance_notice:' || n.id AND a.before ->> 'said_at' IS NOT NULL
            ORDER BY a.id LIMIT 1), n.said_at)
    """)
