"""Whose an API key is: the person who made it, also when they made it with another key of theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("api_keys", sa.Column("owner_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_api_keys_owner_id"), "api_keys", "users", ["owner_id"], ["id"])
    op.create_index("ix_api_keys_owner", "api_keys", ["owner_id"])
    op.execute(
        """
        WITH RECURSIVE behind (key_id, owner_id) AS (
            SELECT k.id, u.id FROM api_keys k JOIN users u ON k.created_by = 'user:' || u.id
            UNION ALL
            SELECT k.id, b.owner_id FROM api_keys k JOIN behind b ON k.created_by = 'key:' || b.key_id
        )
        UPDATE api_keys SET owner_id = behind.owner_id FROM behind WHERE behind.key_id = api_keys.id
        """
    )
