"""Judging goods takes a right of its own: whoever could until now, because they may write stock, still can."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("roles", "api_keys"):
        op.execute(f"""
            UPDATE {table} SET scopes = ARRAY(SELECT unnest(array_append(scopes, 'judge_goods')) ORDER BY 1)
            WHERE 'write_stock' = ANY (scopes) AND NOT 'judge_goods' = ANY (scopes)
        """)  # noqa: S608 - constants of this file
