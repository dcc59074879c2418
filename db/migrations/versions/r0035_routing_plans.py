"""Plans of many open orders and what counts in them, and holds that let their units go."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_LEAST = "least(split_cost, late_cost, wait_cost, parcel_cost, far_cost, overtime_cost, least_gain, least_saving) >= 0"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE routing_plan_numbers START WITH 1")
    _plans()
    _moves()
    _weights()
    _holds()


def _holds() -> None:
    op.create_table(
        "hold_terms",
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.CheckConstraint("hours > 0", name=op.f("ck_hold_terms_hours")),
        sa.PrimaryKeyConstraint("reason", name=op.f("pk_hold_terms")),
    )
    op.add_column("allocations", sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_allocations_parked",
        "allocations",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("parked_at IS NOT NULL"),
    )


def _plans() -> None:
    op.create_table(
        "routing_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("ask", postgresql.JSONB(), nullable=False),
        sa.Column("weights", postgresql.JSONB(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("stage_no", sa.Integer(), nullable=False),
        sa.Column("stages", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("left_out", postgresql.JSONB(), nullable=False),
        sa.Column("cost_now", sa.BigInteger(), nullable=False),
        sa.Column("cost_planned", sa.BigInteger(), nullable=False),
        sa.Column("bound", sa.BigInteger(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("moving", sa.Integer(), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "bound <= cost_planned AND cost_planned <= cost_now", name=op.f("ck_routing_plans_never_dearer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_plans")),
        sa.UniqueConstraint("number", name=op.f("uq_routing_plans_number")),
    )
    op.create_index("ix_routing_plans_created", "routing_plans", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_routing_plans_under_way",
        "routing_plans",
        ["status"],
        unique=True,
        postgresql_where=sa.text("status = 'planning'"),
    )


def _moves() -> None:
    op.create_table(
        "routing_plan_moves",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("slice_no", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("cost_now", sa.BigInteger(), nullable=False),
        sa.Column("cost_planned", sa.BigInteger(), nullable=False),
        sa.Column("saved", sa.BigInteger(), nullable=False),
        sa.Column("from_nodes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("to_nodes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("moves", postgresql.JSONB(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("next_best", sa.Text(), nullable=True),
        sa.Column("next_dearer", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("saved = cost_now - cost_planned AND units > 0", name=op.f("ck_routing_plan_moves_adds_up")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["routing_plans.id"], name=op.f("fk_routing_plan_moves_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", "row_no", name=op.f("pk_routing_plan_moves")),
    )
    op.create_index("ix_routing_plan_moves_order", "routing_plan_moves", ["order_id", "plan_id"], unique=False)
    op.create_index("ix_routing_plan_moves_slice", "routing_plan_moves", ["plan_id", "slice_no"], unique=False)


def _weights() -> None:
    amounts = ("split_cost", "late_cost", "wait_cost", "parcel_cost", "far_cost", "overtime_cost")
    op.create_table(
        "routing_weights",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in amounts),
        sa.Column("promise_days", sa.Integer(), nullable=False),
        sa.Column("loads", postgresql.JSONB(), nullable=False),
        sa.Column("cover_days", sa.Integer(), nullable=False),
        sa.Column("margin_ppm", sa.Integer(), nullable=False),
        sa.Column("most_orders", sa.Integer(), nullable=False),
        sa.Column("least_age_minutes", sa.Integer(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("least_gain", sa.BigInteger(), nullable=False),
        sa.Column("least_saving", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.CheckConstraint(_LEAST, name=op.f("ck_routing_weights_not_negative")),
        sa.CheckConstraint(
            "every_minutes IS NULL OR every_minutes >= 5", name=op.f("ck_routing_weights_not_too_often")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_routing_weights")),
    )
