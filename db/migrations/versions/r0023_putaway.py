"""Where received goods belong, the tasks to put them there, what was suggested, and what was done."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.schema.CreateSequence(sa.Sequence("putaway_numbers", start=100001)))
    op.create_table(
        "putaway_rules",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("goods", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("bin", sa.Text(), nullable=True),
        sa.Column("units_per_bin", sa.Integer(), nullable=True),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("units_per_bin IS NULL OR units_per_bin > 0", name=op.f("ck_putaway_rules_units_per_bin")),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_putaway_rules_node")),
        sa.ForeignKeyConstraint(["node", "bin"], ["bins.node", "bins.code"], name=op.f("fk_putaway_rules_node_bin")),
        sa.ForeignKeyConstraint(
            ["node", "zone"], ["zones.node", "zones.code"], name=op.f("fk_putaway_rules_node_zone")
        ),
        sa.PrimaryKeyConstraint("node", "code", name=op.f("pk_putaway_rules")),
    )
    op.create_table(
        "putaway_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("bin", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("put_away", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.Text(), nullable=True),
        sa.Column("waiting", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("unplaced", sa.Integer(), nullable=False),
        sa.Column("unplaced_why", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("put_away + withdrawn <= quantity", name=op.f("ck_putaway_tasks_conserved")),
        sa.CheckConstraint(
            "quantity > 0 AND put_away >= 0 AND withdrawn >= 0 AND unplaced >= 0",
            name=op.f("ck_putaway_tasks_not_negative"),
        ),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_putaway_tasks_node")),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name=op.f("fk_putaway_tasks_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_putaway_tasks")),
        sa.UniqueConstraint("number", name=op.f("uq_putaway_tasks_number")),
    )
    op.create_index("ix_putaway_tasks_created", "putaway_tasks", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_putaway_tasks_open",
        "putaway_tasks",
        ["node", "bin", "sku", "lot"],
        unique=True,
        postgresql_where=sa.text("status IN ('ready','started')"),
    )
    op.create_table(
        "putaway_suggestions",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("bin", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("second_bin", sa.Text(), nullable=True),
        sa.Column("second_seconds", sa.Integer(), nullable=True),
        sa.Column("second_why", sa.Text(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_putaway_suggestions_positive")),
        sa.ForeignKeyConstraint(["task_id"], ["putaway_tasks.id"], name=op.f("fk_putaway_suggestions_task_id")),
        sa.PrimaryKeyConstraint("task_id", "no", name=op.f("pk_putaway_suggestions")),
    )
    op.create_table(
        "putaways",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("bin", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("overridden", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_why", sa.Text(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_putaways_positive")),
        sa.CheckConstraint("cardinality(overridden) = 0 OR reason IS NOT NULL", name=op.f("ck_putaways_reason")),
        sa.ForeignKeyConstraint(["task_id"], ["putaway_tasks.id"], name=op.f("fk_putaways_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_putaways")),
    )
    op.create_index("ix_putaways_at", "putaways", ["at", "id"], unique=False)
    op.create_index("ix_putaways_task", "putaways", ["task_id"], unique=False)
