"""Docks of nodes, the hours in which goods are taken in, and appointments, of which a dock has one at a time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE dock_appointment_numbers START WITH 100001")
    op.create_table(
        "docks",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("takes", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_docks_node")),
        sa.PrimaryKeyConstraint("node", "code", name=op.f("pk_docks")),
        sa.UniqueConstraint("node", "code", "number", name=op.f("uq_docks_node_code_number")),
    )
    op.create_table(
        "dock_hours",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("hours", postgresql.JSONB(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("slot_minutes > 0", name=op.f("ck_dock_hours_slot")),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_dock_hours_node")),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_dock_hours")),
    )
    op.create_table(
        "dock_appointments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("dock", sa.Text(), nullable=False),
        sa.Column("dock_no", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("purchase_id", sa.Uuid(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("comes_as", sa.Text(), nullable=True),
        sa.Column("packages", sa.Integer(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("booked_by", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at AND packages > 0", name=op.f("ck_dock_appointments_sane")),
        sa.ForeignKeyConstraint(
            ["node", "dock", "dock_no"],
            ["docks.node", "docks.code", "docks.number"],
            name=op.f("fk_dock_appointments_node_dock_dock_no"),
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["advance_notices.id"], name=op.f("fk_dock_appointments_notice_id")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase_orders.id"], name=op.f("fk_dock_appointments_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dock_appointments")),
        sa.UniqueConstraint("number", name=op.f("uq_dock_appointments_number")),
        # Ranges of numbers need no extension, as comparing the dock's code by itself would.
        postgresql.ExcludeConstraint(
            (sa.text("int8range(dock_no, dock_no, '[]')"), "&&"),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            where=sa.text("status IN ('booked','arrived')"),
            name=op.f("ex_dock_appointments_one_at_a_time"),
        ),
    )
    op.create_index(
        "ix_dock_appointments_notice",
        "dock_appointments",
        ["notice_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('booked','arrived')"),
    )
    op.create_index(
        "ix_dock_appointments_purchase",
        "dock_appointments",
        ["purchase_id"],
        unique=False,
        postgresql_where=sa.text("purchase_id IS NOT NULL"),
    )
    op.create_index("ix_dock_appointments_starts", "dock_appointments", ["node", "starts_at"], unique=False)
