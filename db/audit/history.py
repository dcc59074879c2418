"""Lifecycles: only known states, only legal moves, and the last line of a history is where the thing stands."""

from __future__ import annotations

from collections.abc import Iterable

from db.advance_notices import NOTICE_MOVES, ExpectedFrom, NoticeStatus
from db.audit.check import Check, legal_moves
from db.billing import INVOICE_MOVES, InvoiceStatus
from db.bulk import BULK_MOVES, BulkStatus, RowState
from db.carrier_claims import CLAIM_MOVES, ClaimStatus
from db.carrier_invoices import CHARGE_MOVES, ChargeReason, ChargeState
from db.carrier_rules import DriftState
from db.carriers import LABEL_PURCHASE_MOVES, AccountMode, PurchaseState
from db.catalog import PRODUCT_MOVES, ProductStatus
from db.credits import CREDIT_MOVES, CreditStatus
from db.customs import CustomsForm
from db.docks import APPOINTMENT_MOVES, AppointmentStatus, Takes
from db.exchanges import EXCHANGE_MOVES, ExchangeStatus
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
from db.order_claims import CLAIM_MOVES as ORDER_CLAIM_MOVES
from db.order_claims import ClaimReason, ClaimResolution
from db.order_claims import ClaimStatus as OrderClaimStatus
from db.orders import ORDER_MOVES, EditState, HoldReason, OrderStatus, PaymentStatus
from db.parcel_exceptions import EXCEPTION_MOVES, ExceptionAction, ExceptionKind, ExceptionStatus
from db.payments import PAYMENT_MOVES, EntryKind, EntryState, PaymentState, Security
from db.pickups import MANIFEST_MOVES, PICKUP_MOVES, ManifestStatus, PickupStatus
from db.promising import FillRule
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
from db.return_dispositions import DISPOSITION_MOVES, DispositionStatus, GoodsChoice
from db.return_policies import RefundWhen
from db.return_signals import SIGNAL_MOVES, SignalKind, SignalStatus
from db.returns import (
    RETURN_MOVES,
    Grade,
    LabelPaidBy,
    RefundState,
    RefundTo,
    ReturnParcelState,
    ReturnReason,
    ReturnStatus,
    ReturnWay,
)
from db.routing import RULE_SET_MOVES, RoutedFor, RuleSetStatus
from db.routing_plans import PLAN_MOVES, PlanMoveState, PlanStatus
from db.runtime import DeliveryState
from db.shipping import LabelRefund, LabelState, PromiseFrom
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
from db.stored_value import ValueKind, ValueMove
from db.tracking import Incident, TrackingStatus
from db.unknown_parcels import UNKNOWN_PARCEL_MOVES, UnknownParcelStatus
from db.waves import WAVE_MOVES, ReleaseMode, WaveStatus
from db.webhooks import WEBHOOK_MOVES, PostState, WebhookState

# What each column may say: table, column, states.
COLUMNS: tuple[tuple[str, str, Iterable[str]], ...] = (
    ("advance_notices", "expected_from", ExpectedFrom),
    ("advance_notices", "status", NoticeStatus),
    ("allocations", "state", AllocationState),
    ("bin_stock", "status", StockStatus),
    ("bulk_jobs", "status", BulkStatus),
    ("bulk_rows", "state", RowState),
    ("carrier_charges", "reason", ChargeReason),
    ("carrier_charges", "state", ChargeState),
    ("carrier_claims", "kind", ExceptionKind),
    ("carrier_claims", "status", ClaimStatus),
    ("customs_declarations", "form", CustomsForm),
    ("cycle_counts", "status", CountStatus),
    ("deliveries", "state", DeliveryState),
    ("dock_appointments", "comes_as", Takes),
    ("dock_appointments", "status", AppointmentStatus),
    ("docks", "takes", Takes),
    ("fill_shares", "rule", FillRule),
    ("exchanges", "status", ExchangeStatus),
    ("fulfilments", "status", FulfilmentStatus),
    ("dispositions", "kind", DispositionKind),
    ("import_rows", "state", ImportRowState),
    ("import_runs", "status", ImportStatus),
    ("inspection_plans", "method", InspectionMethod),
    ("inspections", "method", InspectionMethod),
    ("inspections", "status", InspectionStatus),
    ("inspections", "stock_status", UNSELLABLE),
    ("carrier_accounts", "mode", AccountMode),
    ("label_purchases", "status", PurchaseState),
    ("labels", "state", LabelState),
    ("labels", "refund", LabelRefund),
    ("order_claim_lines", "reason", ClaimReason),
    ("order_claims", "refund_state", RefundState),
    ("order_claims", "refund_to", RefundTo),
    ("order_claims", "resolution", ClaimResolution),
    ("payments", "security", Security),
    ("order_claims", "status", OrderClaimStatus),
    ("order_edits", "state", EditState),
    ("order_holds", "reason", HoldReason),
    ("orders", "payment_status", PaymentStatus),
    ("orders", "status", OrderStatus),
    ("parcel_exceptions", "action", ExceptionAction),
    ("parcel_exceptions", "kind", ExceptionKind),
    ("parcel_exceptions", "proposed", ExceptionAction),
    ("parcel_exceptions", "status", ExceptionStatus),
    ("parcels", "status", ParcelStatus),
    ("payment_entries", "kind", EntryKind),
    ("payment_entries", "state", EntryState),
    ("payments", "state", PaymentState),
    ("pick_lists", "status", PickListStatus),
    ("manifests", "status", ManifestStatus),
    ("pickups", "status", PickupStatus),
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
    ("disposition_rules", "choice", GoodsChoice),
    ("disposition_rules", "grade", Grade),
    ("return_dispositions", "best", GoodsChoice),
    ("return_dispositions", "choice", GoodsChoice),
    ("return_dispositions", "grade", Grade),
    ("return_dispositions", "status", DispositionStatus),
    ("return_lines", "reason", ReturnReason),
    ("return_lines", "refund_when", RefundWhen),
    ("return_label_purchases", "status", PurchaseState),
    ("return_labels", "refund", LabelRefund),
    ("return_labels", "state", LabelState),
    ("return_rules", "refund_when", RefundWhen),
    ("return_rules", "label_paid_by", LabelPaidBy),
    ("return_rules", "reason", ReturnReason),
    ("return_signals", "kind", SignalKind),
    ("return_signals", "status", SignalStatus),
    ("return_units", "booked_as", StockStatus),
    ("return_units", "grade", Grade),
    ("returns", "label_paid_by", LabelPaidBy),
    ("returns", "parcel", ReturnParcelState),
    ("returns", "refund_state", RefundState),
    ("returns", "refund_to", RefundTo),
    ("returns", "status", ReturnStatus),
    ("returns", "way", ReturnWay),
    ("routing_decisions", "cause", RoutedFor),
    ("routing_plan_moves", "state", PlanMoveState),
    ("routing_plans", "status", PlanStatus),
    ("routing_rule_sets", "status", RuleSetStatus),
    ("carrier_rule_sets", "status", RuleSetStatus),
    ("carrier_drifts", "state", DriftState),
    ("shipping_policies", "promise_from", PromiseFrom),
    ("stock_holds", "state", HoldState),
    ("stock_ledger", "kind", MovementKind),
    ("stock_ledger", "status", StockStatus),
    ("stored_value_entries", "kind", ValueMove),
    ("stored_values", "kind", ValueKind),
    ("supplier_credits", "status", CreditStatus),
    ("supplier_invoices", "status", InvoiceStatus),
    ("suggestions", "kind", SuggestionKind),
    ("suggestions", "pattern", DemandPattern),
    ("suggestions", "policy", PolicyKind),
    ("suggestions", "status", SuggestionStatus),
    ("tracking_codes", "incident", Incident),
    ("tracking_codes", "status", TrackingStatus),
    ("tracking_events", "incident", Incident),
    ("tracking_events", "status", TrackingStatus),
    ("tracks", "incident", Incident),
    ("tracks", "status", TrackingStatus),
    ("transfers", "status", TransferStatus),
    ("unknown_parcel_items", "grade", Grade),
    ("unknown_parcels", "status", UnknownParcelStatus),
    ("variants", "status", ProductStatus),
    ("release_policies", "mode", ReleaseMode),
    ("waves", "status", WaveStatus),
    ("webhook_posts", "state", PostState),
    ("webhooks", "status", WebhookState),
)

# The kind before the colon of a history's subject, and the moves it may show.
LIFECYCLES = (
    ("advance_notice", NOTICE_MOVES),
    ("appointment", APPOINTMENT_MOVES),
    ("bulk", BULK_MOVES),
    ("carrier_charge", CHARGE_MOVES),
    ("carrier_claim", CLAIM_MOVES),
    ("count", COUNT_MOVES),
    ("exchange", EXCHANGE_MOVES),
    ("fulfilment", FULFILMENT_MOVES),
    ("import", IMPORT_MOVES),
    ("inspection", INSPECTION_MOVES),
    ("label_purchase", LABEL_PURCHASE_MOVES),
    ("return_label_purchase", LABEL_PURCHASE_MOVES),
    ("manifest", MANIFEST_MOVES),
    ("order", ORDER_MOVES),
    ("order_claim", ORDER_CLAIM_MOVES),
    ("parcel", PARCEL_MOVES),
    ("parcel_exception", EXCEPTION_MOVES),
    ("payment", PAYMENT_MOVES),
    ("pickup", PICKUP_MOVES),
    ("product", PRODUCT_MOVES),
    ("purchase", PURCHASE_MOVES),
    ("putaway", PUTAWAY_MOVES),
    ("receipt", RECEIPT_MOVES),
    ("return", RETURN_MOVES),
    ("return_disposition", DISPOSITION_MOVES),
    ("return_signal", SIGNAL_MOVES),
    ("routing_plan", PLAN_MOVES),
    ("routing_rule_set", RULE_SET_MOVES),
    ("carrier_rule_set", RULE_SET_MOVES),
    ("sku", PRODUCT_MOVES),
    ("suggestion", SUGGESTION_MOVES),
    ("supplier_credit", CREDIT_MOVES),
    ("supplier_invoice", INVOICE_MOVES),
    ("transfer", TRANSFER_MOVES),
    ("unknown_parcel", UNKNOWN_PARCEL_MOVES),
    ("wave", WAVE_MOVES),
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
            UNION ALL SELECT 'wave:' || id, status FROM waves
            UNION ALL SELECT 'transfer:' || id, status FROM transfers
            UNION ALL SELECT 'count:' || id, status FROM cycle_counts
            UNION ALL SELECT 'product:' || id, status FROM products
            UNION ALL SELECT 'bulk:' || id, status FROM bulk_jobs
            UNION ALL SELECT 'import:' || id, status FROM import_runs
            UNION ALL SELECT 'webhook:' || id, status FROM webhooks
            UNION ALL SELECT 'purchase:' || id, status FROM purchase_orders
            UNION ALL SELECT 'supplier_invoice:' || id, status FROM supplier_invoices
            UNION ALL SELECT 'supplier_credit:' || id, status FROM supplier_credits
            UNION ALL SELECT 'receipt:' || id, status FROM receipts
            UNION ALL SELECT 'advance_notice:' || id, status FROM advance_notices
            UNION ALL SELECT 'appointment:' || id, status FROM dock_appointments
            UNION ALL SELECT 'inspection:' || id, status FROM inspections
            UNION ALL SELECT 'putaway:' || id, status FROM putaway_tasks
            UNION ALL SELECT 'routing_plan:' || id, status FROM routing_plans
            UNION ALL SELECT 'routing_rule_set:' || id, status FROM routing_rule_sets
            UNION ALL SELECT 'carrier_rule_set:' || id, status FROM carrier_rule_sets
            UNION ALL SELECT 'suggestion:' || id, status FROM suggestions
            UNION ALL SELECT 'return:' || id, status FROM returns
            UNION ALL SELECT 'return_disposition:' || id, status FROM return_dispositions
            UNION ALL SELECT 'return_signal:' || id, status FROM return_signals
            UNION ALL SELECT 'unknown_parcel:' || id, status FROM unknown_parcels
            UNION ALL SELECT 'parcel_exception:' || id, status FROM parcel_exceptions
            UNION ALL SELECT 'carrier_claim:' || id, status FROM carrier_claims
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
