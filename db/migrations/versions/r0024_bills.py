"""What units cost landed; suppliers' invoices; what is attached to mails."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _costs()
    _share_charges()
    _value_what_has_come()
    _invoices()
    _files()


def _costs() -> None:
    op.add_column("purchase_lines", sa.Column("landed", sa.BigInteger(), nullable=True))
    op.create_table(
        "unit_costs",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("average_milli", sa.BigInteger(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("units >= 0 AND average_milli >= 0", name=op.f("ck_unit_costs_not_negative")),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name=op.f("fk_unit_costs_sku")),
        sa.PrimaryKeyConstraint("sku", "currency", name=op.f("pk_unit_costs")),
    )
    op.create_table(
        "cost_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("average_milli", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "units >= 0 AND value >= 0 AND on_hand >= 0 AND average_milli >= 0",
            name=op.f("ck_cost_entries_not_negative"),
        ),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name=op.f("fk_cost_entries_sku")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase_orders.id"], name=op.f("fk_cost_entries_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_entries")),
    )
    op.create_index("ix_cost_entries_sku", "cost_entries", ["sku", "currency", "id"])
    op.create_index("ix_cost_entries_line", "cost_entries", ["purchase_id", "line_no"])


def _share_charges() -> None:
    """By largest remainder, the earlier line first among equals: what `landed` of a line has shown until now."""
    db = op.get_bind()
    op.execute("UPDATE purchase_lines SET landed = total")
    charges = defaultdict[Any, list[Any]](list)
    for charge in db.execute(
        sa.text("SELECT purchase_id, amount, shared_by FROM purchase_charges ORDER BY purchase_id, charge_no")
    ):
        charges[charge.purchase_id].append(charge)
    lines = sa.text(
        "SELECT n.line_no, n.total, n.ordered, v.weight_grams FROM purchase_lines n JOIN variants v ON v.sku = n.sku "
        "WHERE n.purchase_id = :id ORDER BY n.line_no"
    )
    write = sa.text("UPDATE purchase_lines SET landed = :landed WHERE purchase_id = :id AND line_no = :line_no")
    for id, of in charges.items():
        found = db.execute(lines, {"id": id}).all()
        landed = [line.total for line in found]
        for charge in of:
            by = {
                "quantity": [line.ordered for line in found],
                "weight": [line.ordered * line.weight_grams for line in found],
            }
            shares = _shared(charge.amount, by.get(charge.shared_by, [line.total for line in found]))
            landed = [cost + share for cost, share in zip(landed, shares, strict=True)]
        for line, cost in zip(found, landed, strict=True):
            db.execute(write, {"id": id, "line_no": line.line_no, "landed": cost})
    op.alter_column("purchase_lines", "landed", nullable=False)
    op.create_check_constraint(op.f("ck_purchase_lines_landed"), "purchase_lines", "landed >= 0")


def _shared(amount: int, weights: list[int]) -> list[int]:
    if not sum(weights):
        weights = [1] * len(weights)
    total = sum(weights)
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(parts)), key=lambda i: -(amount * weights[i] % total))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def _value_what_has_come() -> None:
    """One entry for each line, as if nothing had been sold in between: what was on hand then is not known any more."""
    db = op.get_bind()
    came = sa.text(
        "SELECT n.purchase_id, n.line_no, n.sku, o.currency, n.received, n.ordered, n.landed, "
        "coalesce(n.received_at, o.updated_at) AS at FROM purchase_lines n JOIN purchase_orders o "
        "ON o.id = n.purchase_id WHERE n.received > 0 ORDER BY at, n.purchase_id, n.line_no"
    )
    entry = sa.text(
        "INSERT INTO cost_entries (at, sku, currency, purchase_id, line_no, units, value, on_hand, average_milli) "
        "VALUES (:at, :sku, :currency, :purchase_id, :line_no, :units, :value, :on_hand, :average)"
    )
    stands: dict[tuple[str, str], tuple[int, int, Any]] = {}
    for line in db.execute(came).all():
        units, average, _ = stands.get((line.sku, line.currency), (0, 0, None))
        value = _half_up(line.landed * line.received, line.ordered)
        now = _half_up(average * units + value * 1000, units + line.received)
        db.execute(
            entry,
            {
                "at": line.at,
                "sku": line.sku,
                "currency": line.currency,
                "purchase_id": line.purchase_id,
                "line_no": line.line_no,
                "units": line.received,
                "value": value,
                "on_hand": units,
                "average": now,
            },
        )
        stands[line.sku, line.currency] = (units + line.received, now, line.at)
    stand = sa.text("INSERT INTO unit_costs VALUES (:sku, :currency, :units, :average, :at, :at)")
    for (sku, currency), (units, average, at) in stands.items():
        db.execute(stand, {"sku": sku, "currency": currency, "units": units, "average": average, "at": at})


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _invoices() -> None:
    op.create_table(
        "supplier_invoices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("purchase", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("billed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("charges", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("differences", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_why", sa.Text(), nullable=True),
        sa.Column("disputed_why", sa.Text(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("payment_reference", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "subtotal >= 0 AND charges >= 0 AND tax >= 0 AND total = subtotal + charges + tax",
            name=op.f("ck_supplier_invoices_adds_up"),
        ),
        sa.ForeignKeyConstraint(["supplier"], ["suppliers.code"], name=op.f("fk_supplier_invoices_supplier")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase_orders.id"], name=op.f("fk_supplier_invoices_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoices")),
    )
    op.create_index(
        "ix_supplier_invoices_number",
        "supplier_invoices",
        ["supplier", sa.text("upper(number)")],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index("ix_supplier_invoices_created", "supplier_invoices", ["created_at", "id"])
    op.create_index("ix_supplier_invoices_purchase", "supplier_invoices", ["purchase_id"])
    op.create_table(
        "supplier_invoice_lines",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("purchase_line", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("over_allowed", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND unit_cost >= 0 AND total >= 0 AND over_allowed >= 0",
            name=op.f("ck_supplier_invoice_lines_sane"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["supplier_invoices.id"], name=op.f("fk_supplier_invoice_lines_invoice_id")
        ),
        sa.PrimaryKeyConstraint("invoice_id", "purchase_line", name=op.f("pk_supplier_invoice_lines")),
    )
    op.create_table(
        "match_tolerances",
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_ppm", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "price_ppm >= 0 AND amount >= 0 AND units >= 0", name=op.f("ck_match_tolerances_not_negative")
        ),
        sa.PrimaryKeyConstraint("supplier", "currency", name=op.f("pk_match_tolerances")),
    )


def _files() -> None:
    op.create_table(
        "notification_files",
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notifications.id"], name=op.f("fk_notification_files_notification_id")
        ),
        sa.PrimaryKeyConstraint("notification_id", "edition", name=op.f("pk_notification_files")),
    )
