"""The audit log keeps nothing that somebody may ask to be forgotten: what it has of earlier releases is masked."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PERSONAL = {
    "order": ("email", "shipping_address", "billing_address"),
    "order_note": ("body",),
    "label": ("zpl",),
    "customer": ("external_ref", "tags"),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE audit_log DISABLE TRIGGER append_only")
    for kind, columns in PERSONAL.items():
        for column in columns:
            op.execute(f"""
                UPDATE audit_log SET
                  before = CASE WHEN before ? '{column}' THEN before || '{{"{column}": "***"}}' ELSE before END,
                  after = CASE WHEN after ? '{column}' THEN after || '{{"{column}": "***"}}' ELSE after END
                WHERE record LIKE '{kind}:%' AND (before ? '{column}' OR after ? '{column}')
            """)  # noqa: S608 - constants of this file
    op.execute("ALTER TABLE audit_log ENABLE TRIGGER append_only")
