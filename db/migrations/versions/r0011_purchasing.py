"""Suppliers and purchase orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.schema.CreateSequence(sa.Sequence("purchase_numbers", start=100001)))
    op.create_table(
        "suppliers",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("pay_days", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("order_weekdays", postgresql.JSONB(), nullable=False),
        sa.Column("closed_dates", postgresql.JSONB(), nullable=False),
        sa.Column("minimum_order", sa.BigInteger(), nullable=False),
        sa.Column("over_ppm", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "pay_days >= 0 AND lead_days >= 0 AND minimum_order >= 0 AND over_ppm >= 0", name=op.f("ck_suppliers_sane")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_suppliers")),
    )
    op.create_table(
        "supplier_items",
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("supplier_sku", sa.Text(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("breaks", postgresql.JSONB(), nullable=False),
        sa.Column("minimum_quantity", sa.Integer(), nullable=False),
        sa.Column("case_pack", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("lead_days IS NULL OR lead_days >= 0", name=op.f("ck_supplier_items_lead_days")),
        sa.CheckConstraint(
            "unit_cost >= 0 AND minimum_quantity > 0 AND case_pack > 0", name=op.f("ck_supplier_items_sane")
        ),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name=op.f("fk_supplier_items_sku")),
        sa.ForeignKeyConstraint(["supplier"], ["suppliers.code"], name=op.f("fk_supplier_items_supplier")),
        sa.PrimaryKeyConstraint("supplier", "sku", name=op.f("pk_supplier_items")),
    )
    op.create_index("ix_supplier_items_sku", "supplier_items", ["sku"], unique=False)
    op.create_table(
        "purchase_orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("charges", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("approved_total", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "subtotal >= 0 AND charges >= 0 AND total = subtotal + charges", name=op.f("ck_purchase_orders_adds_up")
        ),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_purchase_orders_node")),
        sa.ForeignKeyConstraint(["supplier"], ["suppliers.code"], name=op.f("fk_purchase_orders_supplier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_orders_number")),
    )
    op.create_index("ix_purchase_orders_created", "purchase_orders", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_purchase_orders_open",
        "purchase_orders",
        ["expected_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('approved','sent','confirmed','partly_received')"),
    )
    op.create_index("ix_purchase_orders_supplier", "purchase_orders", ["supplier", "created_at"], unique=False)
    op.create_table(
        "purchase_lines",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("supplier_sku", sa.Text(), nullable=False),
        sa.Column("case_pack", sa.Integer(), nullable=False),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("closed_short", sa.Integer(), nullable=False),
        sa.Column("over_ppm", sa.Integer(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("discount_ppm", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "closed_short >= 0 AND closed_short <= greatest(0, ordered - received)",
            name=op.f("ck_purchase_lines_closed_short"),
        ),
        sa.CheckConstraint("ordered > 0 AND received >= 0 AND case_pack > 0", name=op.f("ck_purchase_lines_sane")),
        sa.CheckConstraint(
            "unit_cost >= 0 AND total >= 0 AND discount_ppm BETWEEN 0 AND 1000000", name=op.f("ck_purchase_lines_money")
        ),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase_orders.id"], name=op.f("fk_purchase_lines_purchase_id")),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name=op.f("fk_purchase_lines_sku")),
        sa.PrimaryKeyConstraint("purchase_id", "line_no", name=op.f("pk_purchase_lines")),
    )
    op.create_index("ix_purchase_lines_sku", "purchase_lines", ["sku"], unique=False)
    op.create_table(
        "purchase_charges",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("charge_no", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("shared_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_purchase_charges_not_negative")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase_orders.id"], name=op.f("fk_purchase_charges_purchase_id")),
        sa.PrimaryKeyConstraint("purchase_id", "charge_no", name=op.f("pk_purchase_charges")),
    )
    op.create_table(
        "purchase_amendments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase_orders.id"], name=op.f("fk_purchase_amendments_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_amendments")),
    )
    op.create_index("ix_purchase_amendments_order", "purchase_amendments", ["purchase_id", "id"], unique=False)
    op.create_table(
        "over_receipts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase_orders.id"], name=op.f("fk_over_receipts_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_over_receipts")),
    )
    op.create_index("ix_over_receipts_line", "over_receipts", ["purchase_id", "line_no"], unique=False)
    op.create_table(
        "approval_limits",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_approval_limits_not_negative")),
        sa.ForeignKeyConstraint(["role"], ["roles.name"], name=op.f("fk_approval_limits_role")),
        sa.PrimaryKeyConstraint("role", "currency", name=op.f("pk_approval_limits")),
    )
    # ### end Alembic commands ###
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON purchase_amendments
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
