"""Names of policies without commas, so that a filter can name several of them, in saved views too."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = ("replenishment_classes", "replenishment_rules", "replenishment_plans", "suggestions")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.execute(f"UPDATE {table} SET policy = replace(policy, ',', '-') WHERE policy IN ('R,S', 's,S', 's,Q')")  # noqa: S608
    # Filters by policy alone: words that somebody looks for in a reason stay as they are.
    op.execute(
        """
        UPDATE saved_views SET version = version + 1, filters = (
            SELECT jsonb_object_agg(key, CASE WHEN key ~ '^(class_)?policy_' AND value IN ('"R,S"', '"s,S"', '"s,Q"')
                THEN to_jsonb(replace(value #>> '{}', ',', '-')) ELSE value END) FROM jsonb_each(filters))
        WHERE list IN ('replenishment-rules', 'replenishment-plans', 'replenishment-classes', 'suggestions')
            AND EXISTS (SELECT 1 FROM jsonb_each(filters)
                WHERE key ~ '^(class_)?policy_' AND value IN ('"R,S"', '"s,S"', '"s,Q"'))
        """
    )
