"""Tracking with incidents and zones, parcels in trouble, claims to carriers, and carriers' invoices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE parcel_exception_numbers START WITH 100001")
    op.execute("CREATE SEQUENCE carrier_claim_numbers START WITH 100001")
    op.create_table(
        "carrier_invoices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("billed_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("quoted", sa.BigInteger(), nullable=False),
        sa.Column("over", sa.BigInteger(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("tolerance_ppm", sa.Integer(), nullable=False),
        sa.Column("tolerance_amount", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_invoices")),
    )
    op.create_index("ix_carrier_invoices_created", "carrier_invoices", ["created_at", "id"], unique=False)
    op.create_index("ix_carrier_invoices_number", "carrier_invoices", ["carrier", "number"], unique=True)
    op.create_table(
        "carrier_terms",
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("silent_days", sa.Integer(), nullable=False),
        sa.Column("lost_days", sa.Integer(), nullable=False),
        sa.Column("claim_days", sa.Integer(), nullable=False),
        sa.Column("claim_limit", sa.BigInteger(), nullable=True),
        sa.Column("effort", sa.BigInteger(), nullable=False),
        sa.Column("tolerance_ppm", sa.Integer(), nullable=False),
        sa.Column("tolerance_amount", sa.BigInteger(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "claim_limit >= 0 AND effort >= 0 AND tolerance_ppm >= 0 AND tolerance_amount >= 0",
            name=op.f("ck_carrier_terms_money"),
        ),
        sa.CheckConstraint(
            "silent_days > 0 AND lost_days >= silent_days AND claim_days > 0", name=op.f("ck_carrier_terms_days")
        ),
        sa.PrimaryKeyConstraint("carrier", name=op.f("pk_carrier_terms")),
    )
    op.create_table(
        "delivery_mail",
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("news", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer", name=op.f("pk_delivery_mail")),
    )
    op.create_table(
        "tracking_codes",
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("means", sa.Text(), nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("ck_tracking_codes_code")),
        sa.PrimaryKeyConstraint("carrier", "code", name=op.f("pk_tracking_codes")),
    )
    op.create_table(
        "tracks",
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("label_id", sa.Uuid(), nullable=False),
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_zone", sa.Text(), nullable=True),
        sa.Column("late_days", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tracking_number", name=op.f("pk_tracks")),
    )
    op.create_index("ix_tracks_carrier", "tracks", ["carrier", "scanned_at"], unique=False)
    op.create_index(
        "ix_tracks_on_the_way",
        "tracks",
        ["handed_over_at"],
        unique=False,
        postgresql_where=sa.text("status NOT IN ('delivered', 'return_to_sender', 'cancelled')"),
    )
    op.create_index("ix_tracks_order", "tracks", ["order_id"], unique=False)
    op.create_index("ix_tracks_parcel", "tracks", ["parcel_id"], unique=False)
    op.create_table(
        "carrier_charges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("invoice", sa.Text(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("billed_grams", sa.Integer(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("label_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("quoted", sa.BigInteger(), nullable=False),
        sa.Column("quoted_grams", sa.Integer(), nullable=True),
        sa.Column("over", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'fair') = (over = 0) AND (over = 0) = (reason IS NULL)", name=op.f("ck_carrier_charges_flagged")
        ),
        sa.CheckConstraint(
            "over >= 0 AND quoted >= 0 AND credited BETWEEN 0 AND over", name=op.f("ck_carrier_charges_money")
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["carrier_invoices.id"], name=op.f("fk_carrier_charges_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_charges")),
    )
    op.create_index(
        "ix_carrier_charges_flagged",
        "carrier_charges",
        ["carrier", "state", "id"],
        unique=False,
        postgresql_where=sa.text("state <> 'fair'"),
    )
    op.create_index("ix_carrier_charges_invoice", "carrier_charges", ["invoice_id", "no"], unique=True)
    op.create_index("ix_carrier_charges_label", "carrier_charges", ["label_id"], unique=False)
    op.create_index("ix_carrier_charges_tracking", "carrier_charges", ["tracking_number"], unique=False)
    op.create_table(
        "parcel_exceptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("assigned_to", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("goods_value", sa.BigInteger(), nullable=False),
        sa.Column("goods_cost", sa.BigInteger(), nullable=False),
        sa.Column("proposed", sa.Text(), nullable=True),
        sa.Column("proposal", postgresql.JSONB(), nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("action_error", sa.Text(), nullable=True),
        sa.Column("replacement_id", sa.Uuid(), nullable=True),
        sa.Column("replacement_number", sa.Text(), nullable=True),
        sa.Column("refund_asked", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'resolved') = (resolved_at IS NOT NULL)", name=op.f("ck_parcel_exceptions_resolved")
        ),
        sa.CheckConstraint("goods_value >= 0 AND goods_cost >= 0", name=op.f("ck_parcel_exceptions_worth")),
        sa.CheckConstraint("refunded >= 0 AND refunded <= refund_asked", name=op.f("ck_parcel_exceptions_refund")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcels.id"], name=op.f("fk_parcel_exceptions_parcel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_exceptions")),
        sa.UniqueConstraint("number", name=op.f("uq_parcel_exceptions_number")),
        sa.UniqueConstraint("parcel_id", name=op.f("uq_parcel_exceptions_parcel_id")),
    )
    op.create_index("ix_parcel_exceptions_opened", "parcel_exceptions", ["opened_at", "id"], unique=False)
    op.create_index("ix_parcel_exceptions_order", "parcel_exceptions", ["order_id"], unique=False)
    op.create_index(
        "ix_parcel_exceptions_queue",
        "parcel_exceptions",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_index("ix_parcel_exceptions_replacement", "parcel_exceptions", ["replacement_id"], unique=False)
    op.create_table(
        "carrier_claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("exception_id", sa.Uuid(), nullable=False),
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("goods_value", sa.BigInteger(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("file_by", sa.Date(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("payment_reference", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'paid') = (paid_on IS NOT NULL)", name=op.f("ck_carrier_claims_paid")),
        sa.CheckConstraint(
            "amount > 0 AND accepted BETWEEN 0 AND amount AND paid BETWEEN 0 AND accepted",
            name=op.f("ck_carrier_claims_money"),
        ),
        sa.ForeignKeyConstraint(
            ["exception_id"], ["parcel_exceptions.id"], name=op.f("fk_carrier_claims_exception_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_claims")),
        sa.UniqueConstraint("number", name=op.f("uq_carrier_claims_number")),
    )
    op.create_index("ix_carrier_claims_created", "carrier_claims", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_carrier_claims_live",
        "carrier_claims",
        ["parcel_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'written_off'"),
    )
    op.create_index("ix_carrier_claims_order", "carrier_claims", ["order_id"], unique=False)
    op.create_index("ix_carrier_claims_status", "carrier_claims", ["status", "file_by", "id"], unique=False)
    op.add_column("tracking_events", sa.Column("code", sa.Text(), nullable=True))
    op.add_column("tracking_events", sa.Column("incident", sa.Text(), nullable=True))
    op.add_column("tracking_events", sa.Column("time_zone", sa.Text(), nullable=True))
    # What was called an exception until now stands still until somebody does something.
    op.execute("UPDATE tracking_events SET status = 'on_hold' WHERE status = 'exception'")
    # Parcels that are known already: where they stand by their events, in UTC.
    op.execute(
        """
        INSERT INTO tracks (tracking_number, label_id, parcel_id, order_id, carrier, service, status, time_zone,
                            handed_over_at, scanned_at, last_at, delivered_at, delivered_zone, updated_at)
        SELECT l.tracking_number, l.id, l.parcel_id, l.order_id, l.carrier, l.service,
               CASE WHEN e.delivered_at IS NOT NULL THEN 'delivered' ELSE coalesce(e.status, 'pending') END,
               'UTC', f.shipped_at, e.scanned_at, e.last_at, e.delivered_at,
               CASE WHEN e.delivered_at IS NOT NULL THEN 'UTC' END, coalesce(e.last_at, l.created_at)
        FROM labels l JOIN parcels p ON p.id = l.parcel_id JOIN fulfilments f ON f.id = p.fulfilment_id
        LEFT JOIN (
            SELECT tracking_number, min(at) AS scanned_at, max(at) AS last_at,
                   min(at) FILTER (WHERE status = 'delivered') AS delivered_at,
                   (array_agg(status ORDER BY at DESC, id DESC))[1] AS status
            FROM tracking_events GROUP BY tracking_number
        ) e USING (tracking_number)
        WHERE f.shipped_at IS NOT NULL OR e.last_at IS NOT NULL
        """
    )
