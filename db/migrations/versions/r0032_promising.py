"""What may be promised by when: buffers of channels, who is served first and who was, promised days of backorders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "backorder_promises",
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("likely_on", sa.Date(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("safe_on", sa.Date(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("accepted_why", sa.Text(), nullable=True),
        sa.Column("sources", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(likely_on IS NULL) = (promised_on IS NULL) AND (promised_on IS NULL) = (safe_on IS NULL)",
            name=op.f("ck_backorder_promises_all_or_none"),
        ),
        sa.CheckConstraint(
            "likely_on <= promised_on AND promised_on <= safe_on", name=op.f("ck_backorder_promises_rising")
        ),
        sa.CheckConstraint("units > 0 AND ahead >= 0 AND changes >= 0", name=op.f("ck_backorder_promises_sane")),
        sa.PrimaryKeyConstraint("allocation_id", name=op.f("pk_backorder_promises")),
    )
    op.create_index(
        "ix_backorder_promises_open",
        "backorder_promises",
        ["sku", "node"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_backorder_promises_order", "backorder_promises", ["order_id"], unique=False)
    op.create_table(
        "channel_buffers",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("ppm", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("units >= 0 AND ppm BETWEEN 0 AND 1000000", name=op.f("ck_channel_buffers_sane")),
        sa.PrimaryKeyConstraint("channel", "sku", "node", name=op.f("pk_channel_buffers")),
    )
    op.create_table(
        "fill_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("policy", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "given > 0 AND given <= free AND given <= waiting", name=op.f("ck_fill_decisions_conserves")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fill_decisions")),
    )
    op.create_index("ix_fill_decisions_at", "fill_decisions", ["at", "id"], unique=False)
    op.create_index("ix_fill_decisions_place", "fill_decisions", ["sku", "node", "at"], unique=False)
    op.create_table(
        "fill_policies",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("ranking", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("classes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("most_passed", sa.Integer(), nullable=False),
        sa.Column("most_days", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "most_passed >= 0 AND most_days >= 0 AND cardinality(ranking) > 0", name=op.f("ck_fill_policies_sane")
        ),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_fill_policies")),
    )
    op.create_table(
        "promise_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before_on", sa.Date(), nullable=True),
        sa.Column("after_on", sa.Date(), nullable=True),
        sa.Column("likely_on", sa.Date(), nullable=True),
        sa.Column("safe_on", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_changes")),
    )
    op.create_index("ix_promise_changes_allocation", "promise_changes", ["allocation_id", "id"], unique=False)
    op.create_index("ix_promise_changes_at", "promise_changes", ["at", "id"], unique=False)
    op.create_table(
        "fill_shares",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("class_no", sa.Integer(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "wanted > 0 AND given >= 0 AND given <= wanted AND passed >= 0 AND kept >= 0",
            name=op.f("ck_fill_shares_sane"),
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["fill_decisions.id"], name=op.f("fk_fill_shares_decision_id")),
        sa.PrimaryKeyConstraint("decision_id", "no", name=op.f("pk_fill_shares")),
    )
    op.create_index("ix_fill_shares_allocation", "fill_shares", ["allocation_id"], unique=False)
    op.add_column("allocations", sa.Column("passed", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("allocations", "passed", server_default=None)
    op.add_column("allocations", sa.Column("moved_up_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("allocations", sa.Column("moved_up_why", sa.Text(), nullable=True))
    op.add_column("variants", sa.Column("release_on", sa.Date(), nullable=True))
