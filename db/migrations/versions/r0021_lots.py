"""Lots keep their date of expiry, receipts take in what was not ordered, and photos of what came."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "lots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name=op.f("fk_lots_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
    )
    op.create_index("ix_lots_code", "lots", ["sku", "code"], unique=True)
    op.create_index("ix_lots_created", "lots", ["created_at", "id"], unique=False)
    op.create_index("ix_lots_expires", "lots", ["expires_on"], unique=False)
    # What lies there or was ever booked is known from now on; of its dates nobody has said anything.
    op.execute("""
        INSERT INTO lots (id, sku, code, version, created_at, updated_at)
        SELECT gen_random_uuid(), k.sku, k.lot, 1, now(), now()
        FROM (SELECT sku, lot FROM bin_stock WHERE lot <> '' UNION SELECT sku, lot FROM stock_ledger WHERE lot <> '') k
        JOIN variants v ON v.sku = k.sku
    """)
    op.add_column("receipt_lines", sa.Column("expires_on", sa.Date(), nullable=True))
    op.alter_column("receipt_lines", "purchase_line", existing_type=sa.Integer(), nullable=True)
    op.create_check_constraint(
        op.f("ck_receipt_lines_of_an_order"), "receipt_lines", "purchase_line IS NOT NULL OR condition = 'wrong'"
    )
    op.create_table(
        "receipt_photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_id", "line_no"],
            ["receipt_lines.receipt_id", "receipt_lines.no"],
            name=op.f("fk_receipt_photos_receipt_id_line_no"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_photos")),
    )
    op.create_index("ix_receipt_photos_once", "receipt_photos", ["receipt_id", "line_no", "digest"], unique=True)
    op.create_table(
        "receipt_photo_contents",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["receipt_photos.id"],
            name=op.f("fk_receipt_photo_contents_photo_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_receipt_photo_contents")),
    )
