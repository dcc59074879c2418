"""What becomes of units that came back, the terms by which it is reckoned, and what speaks for looking twice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("return_units", sa.Column("booked_as", sa.Text(), nullable=True))
    op.execute(
        "UPDATE return_units SET booked_as = CASE grade WHEN 'sellable' THEN 'sellable' WHEN 'damaged' THEN 'damaged' "
        "WHEN 'not_as_described' THEN 'quarantine' END"
    )
    op.create_table(
        "disposition_terms",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("vendors", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_disposition_terms")),
    )
    op.create_table(
        "disposition_rules",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("share_ppm", sa.Integer(), nullable=False),
        sa.Column("chance_ppm", sa.Integer(), nullable=False),
        sa.Column("cost_ppm", sa.Integer(), nullable=False),
        sa.Column("cost_amount", sa.BigInteger(), nullable=False),
        sa.Column("freight_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("no > 0", name=op.f("ck_disposition_rules_no")),
        sa.CheckConstraint(
            "share_ppm BETWEEN 0 AND 1000000 AND chance_ppm BETWEEN 0 AND 1000000 AND cost_ppm BETWEEN 0 AND 1000000",
            name=op.f("ck_disposition_rules_rates"),
        ),
        sa.CheckConstraint(
            "cost_amount >= 0 AND freight_amount >= 0 AND (cost_amount + freight_amount = 0 OR currency IS NOT NULL)",
            name=op.f("ck_disposition_rules_amounts"),
        ),
        sa.ForeignKeyConstraint(["version"], ["disposition_terms.version"], name=op.f("fk_disposition_rules_version")),
        sa.PrimaryKeyConstraint("version", "no", name=op.f("pk_disposition_rules")),
    )
    op.create_table(
        "return_dispositions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("units_id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("best", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("weighed", JSON, nullable=False),
        sa.Column("terms_version", sa.Integer(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("goods", JSON, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_why", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_dispositions_positive")),
        sa.CheckConstraint("choice = best OR why IS NOT NULL", name=op.f("ck_return_dispositions_explained")),
        sa.CheckConstraint(
            "choice <> 'restock' OR grade = 'sellable'", name=op.f("ck_return_dispositions_restocked_as_new")
        ),
        sa.CheckConstraint(
            "choice <> 'vendor' OR supplier IS NOT NULL", name=op.f("ck_return_dispositions_vendor_named")
        ),
        sa.CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name=op.f("ck_return_dispositions_done")),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_return_dispositions_node")),
        sa.ForeignKeyConstraint(["units_id"], ["return_units.id"], name=op.f("fk_return_dispositions_units_id")),
        sa.ForeignKeyConstraint(
            ["return_id", "line_no"],
            ["return_lines.return_id", "return_lines.line_no"],
            name=op.f("fk_return_dispositions_return_id_line_no"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_dispositions")),
        sa.UniqueConstraint("units_id", name=op.f("uq_return_dispositions_units_id")),
    )
    op.create_index("ix_return_dispositions_return", "return_dispositions", ["return_id", "line_no"])
    op.create_index("ix_return_dispositions_status", "return_dispositions", ["status", "created_at", "id"])
    op.create_index("ix_return_dispositions_created", "return_dispositions", ["created_at", "id"])
    op.create_table(
        "return_signals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("set_aside_by", sa.Text(), nullable=True),
        sa.Column("set_aside_at", MOMENT, nullable=True),
        sa.Column("set_aside_why", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("line_no >= 0", name=op.f("ck_return_signals_line")),
        sa.CheckConstraint(
            "(status = 'set_aside') = (set_aside_at IS NOT NULL)", name=op.f("ck_return_signals_set_aside")
        ),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_return_signals_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_signals")),
    )
    op.create_index("ix_return_signals_once", "return_signals", ["return_id", "kind", "line_no", "about"], unique=True)
    op.create_index("ix_return_signals_order", "return_signals", ["order_id"])
    op.create_index("ix_return_signals_customer", "return_signals", ["customer_id", "created_at"])
    op.create_index("ix_return_signals_created", "return_signals", ["created_at", "id"])
    op.create_index("ix_return_signals_status", "return_signals", ["status", "created_at", "id"])
