"""Rate cards by zone and size, with surcharges. A card by country becomes one with a zone for each country."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("dimensional_divisor", "max_length_mm", "max_length_and_girth_mm"):
        op.add_column("rate_cards", sa.Column(name, sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_rate_cards_divisor"), "rate_cards", "dimensional_divisor > 0")
    op.create_table(
        "rate_zones",
        sa.Column("rate_card_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("postcode_from", sa.Text(), nullable=False),
        sa.Column("postcode_to", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["rate_card_id"], ["rate_cards.id"], name=op.f("fk_rate_zones_rate_card_id")),
        sa.PrimaryKeyConstraint(
            "rate_card_id", "origin", "country", "postcode_from", "postcode_to", name=op.f("pk_rate_zones")
        ),
    )
    op.execute(
        "INSERT INTO rate_zones (rate_card_id, origin, country, postcode_from, postcode_to, zone) "
        "SELECT DISTINCT rate_card_id, '*', country, '', '', country FROM rates"
    )
    op.alter_column("rates", "country", new_column_name="zone")
    op.create_table(
        "rate_surcharges",
        sa.Column("rate_card_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("ppm", sa.Integer(), nullable=False),
        sa.Column("on_surcharges", sa.Boolean(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("postcode_from", sa.Text(), nullable=False),
        sa.Column("postcode_to", sa.Text(), nullable=False),
        sa.Column("over_length_mm", sa.Integer(), nullable=True),
        sa.Column("over_length_and_girth_mm", sa.Integer(), nullable=True),
        sa.Column("over_weight_grams", sa.Integer(), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.CheckConstraint("amount >= 0 AND ppm >= 0", name=op.f("ck_rate_surcharges_sane")),
        sa.ForeignKeyConstraint(["rate_card_id"], ["rate_cards.id"], name=op.f("fk_rate_surcharges_rate_card_id")),
        sa.PrimaryKeyConstraint("rate_card_id", "no", name=op.f("pk_rate_surcharges")),
    )
    op.add_column("labels", sa.Column("parts", postgresql.JSONB(), server_default="[]", nullable=False))
    op.alter_column("labels", "parts", server_default=None)
