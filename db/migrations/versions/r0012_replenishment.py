"""Replenishment: classes, rules, plans and suggestions, and when a line's last units came."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "replenishment_classes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("service_ppm", sa.Integer(), nullable=False),
        sa.Column("measured_by", sa.Text(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("order_cost", sa.BigInteger(), nullable=False),
        sa.Column("holding_ppm", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "review_days BETWEEN 1 AND 365 AND order_cost >= 0 AND holding_ppm > 0",
            name=op.f("ck_replenishment_classes_sane"),
        ),
        sa.CheckConstraint("service_ppm BETWEEN 500000 AND 999000", name=op.f("ck_replenishment_classes_service")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_replenishment_classes")),
    )
    op.create_table(
        "replenishment_plans",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("suggested", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("inspecting", sa.Integer(), nullable=False),
        sa.Column("on_order", sa.Integer(), nullable=False),
        sa.Column("inbound", sa.Integer(), nullable=False),
        sa.Column("outbound", sa.Integer(), nullable=False),
        sa.Column("allocated", sa.Integer(), nullable=False),
        sa.Column("backordered", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("service_ppm", sa.Integer(), nullable=False),
        sa.Column("daily_milli", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("ahead_milli", sa.Integer(), nullable=False),
        sa.Column("safety_milli", sa.Integer(), nullable=False),
        sa.Column("point", sa.Integer(), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("out_on", sa.Date(), nullable=True),
        sa.Column("at_risk", sa.BigInteger(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("minimum_quantity", sa.Integer(), nullable=False),
        sa.Column("case_pack", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "position = on_hand + inspecting + on_order + inbound - outbound - allocated - backordered",
            name=op.f("ck_replenishment_plans_position"),
        ),
        sa.PrimaryKeyConstraint("node", "sku", name=op.f("pk_replenishment_plans")),
    )
    op.create_index("ix_replenishment_plans_sku", "replenishment_plans", ["sku"], unique=False)
    op.create_table(
        "replenishment_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("to_buy", sa.Integer(), nullable=True),
        sa.Column("to_transfer", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replenishment_runs")),
    )
    op.create_index("ix_replenishment_runs_asked", "replenishment_runs", ["asked_at", "id"], unique=False)
    op.create_table(
        "replenishment_rules",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("service_ppm", sa.Integer(), nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=True),
        sa.Column("maximum", sa.Integer(), nullable=True),
        sa.Column("lot", sa.Integer(), nullable=True),
        sa.Column("review_days", sa.Integer(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "minimum >= 0 AND maximum >= coalesce(minimum, 0) AND lot > 0", name=op.f("ck_replenishment_rules_levels")
        ),
        sa.CheckConstraint(
            "review_days IS NULL OR review_days BETWEEN 1 AND 365", name=op.f("ck_replenishment_rules_review")
        ),
        sa.CheckConstraint(
            "service_ppm IS NULL OR service_ppm BETWEEN 500000 AND 999000", name=op.f("ck_replenishment_rules_service")
        ),
        sa.ForeignKeyConstraint(["node"], ["nodes.code"], name=op.f("fk_replenishment_rules_node")),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name=op.f("fk_replenishment_rules_sku")),
        sa.ForeignKeyConstraint(["supplier"], ["suppliers.code"], name=op.f("fk_replenishment_rules_supplier")),
        sa.PrimaryKeyConstraint("node", "sku", name=op.f("pk_replenishment_rules")),
    )
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("from_node", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=True),
        sa.Column("chosen_why", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("rule_key", sa.Text(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("inspecting", sa.Integer(), nullable=False),
        sa.Column("on_order", sa.Integer(), nullable=False),
        sa.Column("inbound", sa.Integer(), nullable=False),
        sa.Column("outbound", sa.Integer(), nullable=False),
        sa.Column("allocated", sa.Integer(), nullable=False),
        sa.Column("backordered", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("service_ppm", sa.Integer(), nullable=False),
        sa.Column("daily_milli", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("ahead_milli", sa.Integer(), nullable=False),
        sa.Column("safety_milli", sa.Integer(), nullable=False),
        sa.Column("point", sa.Integer(), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("out_on", sa.Date(), nullable=True),
        sa.Column("at_risk", sa.BigInteger(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("minimum_quantity", sa.Integer(), nullable=False),
        sa.Column("case_pack", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'transfer') = (from_node IS NOT NULL)", name=op.f("ck_suggestions_from_node")),
        sa.CheckConstraint(
            "position = on_hand + inspecting + on_order + inbound - outbound - allocated - backordered",
            name=op.f("ck_suggestions_position"),
        ),
        sa.CheckConstraint("quantity > 0 AND chosen > 0", name=op.f("ck_suggestions_positive")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase_orders.id"], name=op.f("fk_suggestions_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
    )
    op.create_index("ix_suggestions_created", "suggestions", ["created_at", "id"], unique=False)
    op.create_index("ix_suggestions_purchase", "suggestions", ["purchase_id"], unique=False)
    op.create_index(
        "ix_suggestions_waiting",
        "suggestions",
        ["node", "sku", "kind", sa.literal_column("coalesce(from_node, '')")],
        unique=True,
        postgresql_where=sa.text("status IN ('open','snoozed')"),
    )
    op.add_column("purchase_lines", sa.Column("why", sa.Text(), nullable=True))
    op.add_column("purchase_lines", sa.Column("received_at", sa.DateTime(timezone=True), nullable=True))
