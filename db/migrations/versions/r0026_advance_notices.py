"""Advance notices of suppliers with their lines and packages; receipts say on which notice goods came."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE advance_notice_numbers START WITH 100001")
    op.create_table(
        "advance_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("tracking", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_late_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_from", sa.Text(), nullable=False),
        sa.Column("expected_why", sa.Text(), nullable=False),
        sa.Column("observations", sa.Integer(), nullable=False),
        sa.Column("announced_by", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "expected_late_at >= expected_at AND observations >= 0", name=op.f("ck_advance_notices_expected")
        ),
        sa.ForeignKeyConstraint(["supplier"], ["suppliers.code"], name=op.f("fk_advance_notices_supplier")),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_advance_notices_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance_notices")),
        sa.UniqueConstraint("number", name=op.f("uq_advance_notices_number")),
    )
    op.create_index(
        "ix_advance_notices_reference",
        "advance_notices",
        ["supplier", "reference"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index("ix_advance_notices_announced", "advance_notices", ["announced_at", "id"], unique=False)
    op.create_index(
        "ix_advance_notices_coming",
        "advance_notices",
        ["expected_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('announced','in_transit','arrived','receiving')"),
    )
    op.create_table(
        "advance_notice_lines",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("purchase_line", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("beyond", sa.Integer(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("expiry", sa.Text(), nullable=False),
        sa.CheckConstraint("units > 0 AND received >= 0 AND beyond >= 0", name=op.f("ck_advance_notice_lines_sane")),
        sa.ForeignKeyConstraint(["notice_id"], ["advance_notices.id"], name=op.f("fk_advance_notice_lines_notice_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id", "purchase_line"],
            ["purchase_lines.purchase_id", "purchase_lines.line_no"],
            name=op.f("fk_advance_notice_lines_purchase_id_purchase_line"),
        ),
        sa.PrimaryKeyConstraint("notice_id", "no", name=op.f("pk_advance_notice_lines")),
    )
    op.create_index(
        "ix_advance_notice_lines_purchase", "advance_notice_lines", ["purchase_id", "purchase_line"], unique=False
    )
    op.create_table(
        "advance_notice_packages",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("sscc", sa.Text(), nullable=False),
        sa.Column("contents", postgresql.JSONB(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["advance_notices.id"], name=op.f("fk_advance_notice_packages_notice_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", "sscc", name=op.f("pk_advance_notice_packages")),
    )
    op.create_index(
        "ix_advance_notice_packages_sscc",
        "advance_notice_packages",
        ["sscc"],
        unique=True,
        postgresql_where=sa.text("live"),
    )
    op.add_column("receipts", sa.Column("notice_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_receipts_notice_id"), "receipts", "advance_notices", ["notice_id"], ["id"])
    op.create_index(
        "ix_receipts_notice",
        "receipts",
        ["notice_id"],
        unique=False,
        postgresql_where=sa.text("notice_id IS NOT NULL"),
    )
    op.create_index("ix_receipts_supplier", "receipts", ["supplier", "received_at"], unique=False)
    op.create_index("ix_purchase_orders_sent", "purchase_orders", ["sent_at", "id"], unique=False)
    op.add_column("receipt_lines", sa.Column("notice_line", sa.Integer(), nullable=True))
