"""Lifecycles: only known states, only legal moves, and the last line of a history is where the thing stands."""

from __future__ import annotations

from collections.abc import Iterable

from db.advance_notices import NOTICE_MOVES, ExpectedFrom, NoticeStatus
from db.audit.check import Check, legal_moves
from db.billing import INVOICE_MOVES, InvoiceStatus
from db.bulk import BULK_MOVES, BulkStatus, RowState
from db.catalog import PRODUCT_MOVES, ProductStatus
from db.fulfilment import (
    FULFILMENT_MOVES,
    PARCEL_MOVES,
    FulfilmentStatus,
    ParcelStatus,
    PickListStatus,
)
from db.imports import IMPORT_MOVES, ImportRowState, ImportStatus
from db.inbound import RECEIPT_MOVES, Condition, ReceiptStatus
from db.inspection import INSPECTION_MOVES, DispositionKind, InspectionMethod, InspectionStatus
from db.orders import ORDER_MOVES, EditState, HoldReason, OrderStatus, PaymentStatus
from db.payments import PAYMENT_MOVES, EntryKind, EntryState, PaymentState
from db.purchasing import PURCHASE_MOVES, ChargeKey, PurchaseStatus
from db.putaway import PUTAWAY_MOVES, GoodsKind, PutawayStatus, SuggestionFor
from db.replenishment import (
    SUGGESTION_MOVES,
    DemandPattern,
    PolicyKind,
    RunStatus,
    ServiceMeasure,
    SuggestionKind,
    SuggestionStatus,
)
from db.runtime import DeliveryState
from db.shipping import LabelState
from db.stock import (
    COUNT_MOVES,
    TRANSFER_MOVES,
    UNSELLABLE,
    AllocationState,
    CountStatus,
    HoldState,
    MovementKind,
    StockStatus,
    TransferStatus,
)
from db.webhooks import WEBHOOK_MOVES, PostState, WebhookState

# What each column may say: table, column, states.
COLUMNS: tuple[tuple[str, str, Iterable[str]], ...] = (
    ("advance_notices", "expected_from", ExpectedFrom),
    ("advance_notices", "status", NoticeStatus),
    ("allocations", "state", AllocationState),
    ("bin_stock", "status", StockStatus),
    ("bulk_jobs", "status", BulkStatus),
    ("bulk_rows", "state", RowState),
    ("cycle_counts", "status", CountStatus),
    ("deliveries", "state", DeliveryState),
    ("fulfilments", "status", FulfilmentStatus),
    ("dispositions", "kind", DispositionKind),
    ("import_rows", "state", ImportRowState),
    ("import_runs", "status", ImportStatus),
    ("inspection_plans", "method", InspectionMethod),
    ("inspections", "method", InspectionMethod),
    ("inspections", "status", InspectionStatus),
    ("inspections", "stock_status", UNSELLABLE),
    ("labels", "state", LabelState),
    ("order_edits", "state", EditState),
    ("order_holds", "reason", HoldReason),
    ("orders", "payment_status", PaymentStatus),
    ("orders", "status", OrderStatus),
    ("parcels", "status", ParcelStatus),
    ("payment_entries", "kind", EntryKind),
    ("payment_entries", "state", EntryState),
    ("payments", "state", PaymentState),
    ("pick_lists", "status", PickListStatus),
    ("products", "status", ProductStatus),
    ("purchase_charges", "shared_by", ChargeKey),
    ("purchase_orders", "status", PurchaseStatus),
    ("putaway_rules", "goods", GoodsKind),
    ("putaway_suggestions", "purpose", SuggestionFor),
    ("putaway_tasks", "status", PutawayStatus),
    ("receipt_lines", "condition", Condition),
    ("receipts", "status", ReceiptStatus),
    ("replenishment_classes", "policy", PolicyKind),
    ("replenishment_classes", "measured_by", ServiceMeasure),
    ("replenishment_plans", "pattern", DemandPattern),
    ("replenishment_plans", "policy", PolicyKind),
    ("replenishment_rules", "policy", PolicyKind),
    ("replenishment_runs", "status", RunStatus),
    ("stock_holds", "state", HoldState),
    ("stock_ledger", "kind", MovementKind),
    ("stock_ledger", "status", StockStatus),
    ("supplier_invoices", "status", InvoiceStatus),
    ("suggestions", "kind", SuggestionKind),
    ("suggestions", "pattern", DemandPattern),
    ("suggestions", "policy", PolicyKind),
    ("suggestions", "status", SuggestionStatus),
    ("transfers", "status", TransferStatus),
    ("variants", "status", ProductStatus),
    ("webhook_posts", "state", PostState),
    ("webhooks", "status", WebhookState),
)

# The kind before the colon of a history's subject, and the moves it may show.
LIFECYCLES = (
    ("advance_notice", NOTICE_MOVES),
    ("bulk", BULK_MOVES),
    ("count", COUNT_MOVES),
    ("fulfilment", FULFILMENT_MOVES),
    ("import", IMPORT_MOVES),
    ("inspection", INSPECTION_MOVES),
    ("order", ORDER_MOVES),
    ("parcel", PARCEL_MOVES),
    ("payment", PAYMENT_MOVES),
    ("product", PRODUCT_MOVES),
    ("purchase", PURCHASE_MOVES),
    ("putaway", PUTAWAY_MOVES),
    ("receipt", RECEIPT_MOVES),
    ("sku", PRODUCT_MOVES),
    ("suggestion", SUGGESTION_MOVES),
    ("supplier_invoice", INVOICE_MOVES),
    ("transfer", TRANSFER_MOVES),
    ("webhook", WEBHOOK_MOVES),
)

_FOUND = " UNION ALL ".join(
    f"SELECT '{table}' AS \"table\", '{column}' AS \"column\", {column} AS said, count(*) AS times "  # noqa: S608 - constants of this file
    f"FROM {table} WHERE {column} IS NOT NULL GROUP BY {column}"
    for table, column, _ in COLUMNS
)

HISTORY_CHECKS = (
    Check(
        "states_are_known",
        "Every state in every table is one of its lifecycle.",
        "F3-4d",
        f"""
        SELECT f.* FROM ({_FOUND}) f WHERE NOT EXISTS (
            SELECT 1 FROM unnest(:tables, :columns, :states) AS k(t, c, s)
            WHERE (k.t, k.c, k.s) = (f."table", f."column", f.said))
        """,  # noqa: S608 - constants of this file
        {
            "tables": [table for table, _, states in COLUMNS for _ in states],
            "columns": [column for _, column, states in COLUMNS for _ in states],
            "states": [str(state) for _, _, states in COLUMNS for state in states],
        },
    ),
    Check(
        "moves_are_legal",
        "Every move in a history is one that its lifecycle allows.",
        "Y24",
        """
        SELECT t.id, t.subject, t.from_status, t.to_status, t.actor
        FROM (SELECT id, subject, from_status, to_status, actor,
                     CASE WHEN from_status LIKE 'payment %' THEN 'payment' ELSE split_part(subject, ':', 1) END AS kind,
                     regexp_replace(from_status, '^payment ', '') AS before,
                     regexp_replace(to_status, '^payment ', '') AS after
              FROM transitions WHERE from_status <> to_status) t
        WHERE t.kind = ANY(:known_kinds) AND NOT EXISTS (
            SELECT 1 FROM unnest(:kinds, :froms, :tos) AS m(kind, before, after)
            WHERE (m.kind, m.before, m.after) = (t.kind, t.before, t.after))
        """,
        {k: v for k, v in legal_moves(LIFECYCLES).items() if k != "known"},
    ),
    Check(
        "status_is_the_last_move",
        "Where a thing stands is where its history says it went last.",
        "F3-4d",
        """
        WITH things AS (
            SELECT 'order:' || id AS subject, status FROM orders
            UNION ALL SELECT 'fulfilment:' || id, status FROM fulfilments
            UNION ALL SELECT 'parcel:' || id, status FROM parcels
            UNION ALL SELECT 'transfer:' || id, status FROM transfers
            UNION ALL SELECT 'count:' || id, status FROM cycle_counts
            UNION ALL SELECT 'product:' || id, status FROM products
            UNION ALL SELECT 'bulk:' || id, status FROM bulk_jobs
            UNION ALL SELECT 'import:' || id, status FROM import_runs
            UNION ALL SELECT 'webhook:' || id, status FROM webhooks
            UNION ALL SELECT 'purchase:' || id, status FROM purchase_orders
            UNION ALL SELECT 'supplier_invoice:' || id, status FROM supplier_invoices
            UNION ALL SELECT 'receipt:' || id, status FROM receipts
            UNION ALL SELECT 'advance_notice:' || id, status FROM advance_notices
            UNION ALL SELECT 'inspection:' || id, status FROM inspections
            UNION ALL SELECT 'putaway:' || id, status FROM putaway_tasks
            UNION ALL SELECT 'suggestion:' || id, status FROM suggestions
        ), last AS (
            SELECT DISTINCT ON (t.subject) t.subject, t.to_status
            FROM transitions t JOIN unnest(:known_kinds, :known) AS k(kind, status)
              ON k.kind = split_part(t.subject, ':', 1) AND k.status = t.to_status
            ORDER BY t.subject, t.id DESC
        )
        SELECT subject, status, to_status AS last_move FROM things JOIN last USING (subject) WHERE status <> to_status
        """,
        {k: v for k, v in legal_moves(LIFECYCLES).items() if k in ("known_kinds", "known")},
    ),
)
