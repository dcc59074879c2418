"""Release to the floor: how nodes release work, cut-offs of carriers, waves and their templates. Orders may wait for
their other units until a day, and checkout holds say through which channel is bought."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
FLOOR = "status = 'ready' AND released_at IS NOT NULL"
WAITING = "status = 'ready' AND released_at IS NULL"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE wave_numbers START WITH 1")
    _settings()
    _waves()
    op.add_column("fulfilments", sa.Column("due_at", MOMENT, nullable=True))
    op.add_column("fulfilments", sa.Column("service", sa.Text(), nullable=True))
    op.add_column("fulfilments", sa.Column("release_at", MOMENT, nullable=True))
    op.add_column("fulfilments", sa.Column("released_at", MOMENT, nullable=True))
    op.add_column("fulfilments", sa.Column("released_why", sa.Text(), nullable=True))
    op.add_column("fulfilments", sa.Column("wave_id", sa.Uuid(), nullable=True))
    # Whatever was ready so far could be picked at once.
    op.execute("UPDATE fulfilments SET released_at = created_at, released_why = 'as soon as it was ready'")
    op.create_foreign_key(op.f("fk_fulfilments_wave_id"), "fulfilments", "waves", ["wave_id"], ["id"])
    for name, columns, where in (
        ("ix_fulfilments_floor", ["node", "due_at", "created_at"], FLOOR),
        ("ix_fulfilments_waiting", ["node", "due_at"], WAITING),
        ("ix_fulfilments_release", ["release_at"], f"{WAITING} AND release_at IS NOT NULL"),
        ("ix_fulfilments_wave", ["wave_id"], "wave_id IS NOT NULL"),
    ):
        op.create_index(name, "fulfilments", columns, postgresql_where=sa.text(where))
    op.add_column("stock_holds", sa.Column("channel", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("waits_until", sa.Date(), nullable=True))
    op.create_index("ix_orders_waits", "orders", ["waits_until"], postgresql_where=sa.text("waits_until IS NOT NULL"))
    op.add_column("pick_lists", sa.Column("wave_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_pick_lists_wave_id"), "pick_lists", "waves", ["wave_id"], ["id"])


def _settings() -> None:
    op.create_table(
        "release_policies",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("minutes_before BETWEEN 0 AND 10080", name=op.f("ck_release_policies_minutes")),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_release_policies_node")),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_release_policies")),
    )
    op.create_table(
        "carrier_cut_offs",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("cut_off", sa.Time(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("minutes_before BETWEEN 0 AND 10080 AND rank >= 0", name=op.f("ck_carrier_cut_offs_sane")),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_carrier_cut_offs_node")),
        sa.PrimaryKeyConstraint("node", "code", name=op.f("pk_carrier_cut_offs")),
    )
    op.create_table(
        "wave_templates",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("times", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("releases", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("last_at", MOMENT, nullable=True),
        sa.Column("last_said", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_wave_templates_node")),
        sa.PrimaryKeyConstraint("node", "code", name=op.f("pk_wave_templates")),
    )
    op.create_index("ix_wave_templates_next", "wave_templates", ["next_at"], postgresql_where=sa.text("active"))


def _waves() -> None:
    op.create_table(
        "waves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("filter", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("planned", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint("taken > 0 AND gone BETWEEN 0 AND taken", name=op.f("ck_waves_counts")),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_waves_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waves")),
        sa.UniqueConstraint("number", name=op.f("uq_waves_number")),
    )
    op.create_index("ix_waves_created", "waves", ["created_at", "id"])
    op.create_index("ix_waves_live", "waves", ["node"], postgresql_where=sa.text("status IN ('planned', 'released')"))
