"""The customers' own door for returns, return labels, photos of what comes back, parcels that nobody knows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE unknown_parcel_numbers START WITH 100001")
    new = (
        sa.Column("way", sa.Text(), nullable=False, server_default="own"),
        sa.Column("parcel", sa.Text(), nullable=False, server_default="awaited"),
        sa.Column("label_price", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("label_taken", sa.BigInteger(), nullable=False, server_default="0"),
    )
    for column in new:
        op.add_column("returns", column)
        op.alter_column("returns", column.name, server_default=None)
    op.execute(
        "UPDATE returns SET parcel = 'arrived' WHERE status IN ('partly_received', 'received', 'refunded', 'closed')"
    )
    op.add_column("returns", sa.Column("carrier", sa.Text(), nullable=True))
    op.add_column("returns", sa.Column("tracking_number", sa.Text(), nullable=True))
    op.create_unique_constraint("uq_returns_tracking_number", "returns", ["tracking_number"])
    op.create_check_constraint(op.f("ck_returns_label"), "returns", "label_taken BETWEEN 0 AND label_price")
    op.create_table(
        "return_door_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_said", sa.LargeBinary(), nullable=False),
        sa.Column("email_said", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_return_door_codes_tries")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_return_door_codes_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_door_codes")),
        sa.UniqueConstraint("challenge", name=op.f("uq_return_door_codes_challenge")),
    )
    op.create_index("ix_return_door_codes_address", "return_door_codes", ["address", "at"], unique=False)
    op.create_index("ix_return_door_codes_at", "return_door_codes", ["at"], unique=False)
    op.create_index("ix_return_door_codes_email", "return_door_codes", ["email_said", "at"], unique=False)
    op.create_index("ix_return_door_codes_order", "return_door_codes", ["order_said", "at"], unique=False)
    op.create_table(
        "return_door_links",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_return_door_links_order_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_return_door_links")),
    )
    op.create_index("ix_return_door_links_expires", "return_door_links", ["expires_at"], unique=False)
    op.create_index("ix_return_door_links_order", "return_door_links", ["order_id"], unique=False)
    op.create_table(
        "return_door_sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_return_door_sessions_order_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_return_door_sessions")),
    )
    op.create_index("ix_return_door_sessions_expires", "return_door_sessions", ["expires_at"], unique=False)
    op.create_index("ix_return_door_sessions_order", "return_door_sessions", ["order_id"], unique=False)
    op.create_table(
        "return_labels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("parts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("zpl", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_return_labels_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_labels")),
        sa.UniqueConstraint("tracking_number", name=op.f("uq_return_labels_tracking_number")),
    )
    op.create_index(
        "ix_return_labels_live", "return_labels", ["return_id"], unique=True, postgresql_where=sa.text("state = 'live'")
    )
    op.create_index("ix_return_labels_order", "return_labels", ["order_id"], unique=False)
    op.create_table(
        "unknown_parcels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("scanned", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("return_id", sa.Uuid(), nullable=True),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'matched') = (return_id IS NOT NULL)", name=op.f("ck_unknown_parcels_matched")),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_unknown_parcels_node")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_unknown_parcels_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unknown_parcels")),
        sa.UniqueConstraint("number", name=op.f("uq_unknown_parcels_number")),
    )
    op.create_index("ix_unknown_parcels_created", "unknown_parcels", ["created_at", "id"], unique=False)
    op.create_index("ix_unknown_parcels_return", "unknown_parcels", ["return_id"], unique=False)
    op.create_index("ix_unknown_parcels_status", "unknown_parcels", ["status", "created_at", "id"], unique=False)
    op.create_table(
        "unknown_parcel_items",
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_unknown_parcel_items_positive")),
        sa.ForeignKeyConstraint(["parcel_id"], ["unknown_parcels.id"], name=op.f("fk_unknown_parcel_items_parcel_id")),
        sa.PrimaryKeyConstraint("parcel_id", "no", name=op.f("pk_unknown_parcel_items")),
    )
    op.create_table(
        "return_photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("parcel_id", sa.Uuid(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(return_id IS NULL) = (line_no IS NULL) AND (return_id IS NULL OR parcel_id IS NULL)",
            name=op.f("ck_return_photos_of_one"),
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["unknown_parcels.id"], name=op.f("fk_return_photos_parcel_id")),
        sa.ForeignKeyConstraint(
            ["return_id", "line_no"],
            ["return_lines.return_id", "return_lines.line_no"],
            name=op.f("fk_return_photos_return_id_line_no"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_photos")),
    )
    op.create_index("ix_return_photos_line", "return_photos", ["return_id", "line_no", "digest"], unique=True)
    op.create_index("ix_return_photos_parcel", "return_photos", ["parcel_id", "digest"], unique=True)
    op.create_table(
        "return_photo_contents",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["return_photos.id"], name=op.f("fk_return_photo_contents_photo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_return_photo_contents")),
    )
