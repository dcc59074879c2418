"""Every list that people look at, by the name its views are kept under; who may read it, and which of its rows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from db.bulk import BulkJob
from db.errors import NotFound
from db.notices import Notice
from serve.advance_notices import ADVANCE_NOTICES
from serve.audit import AUDIT
from serve.backorders import BUFFERS as CHANNEL_BUFFERS
from serve.backorders import DECISIONS as FILL_DECISIONS
from serve.backorders import PLACES as BACKORDER_PLACES
from serve.backorders import POLICIES as FILL_POLICIES
from serve.backorders import PROMISES as BACKORDER_PROMISES
from serve.boxes import BOXES
from serve.bulk import JOBS
from serve.carrier_accounts import ACCOUNTS as CARRIER_ACCOUNTS
from serve.carrier_claims import CARRIER_CLAIMS
from serve.carrier_invoices import CARRIER_INVOICES, CHARGES
from serve.carrier_invoices import TERMS as CARRIER_TERMS
from serve.carrier_rules import CARRIER_RULE_SETS
from serve.carrier_scores import CARRIER_PARCELS
from serve.carrier_scores import DRIFTS as CARRIER_DRIFTS
from serve.carriers import CHOICES, POLICIES
from serve.customers import CUSTOMERS
from serve.deliveries import LIST as DELIVERIES
from serve.docks import APPOINTMENTS, DOCKS
from serve.edge import Caller
from serve.exchanges import EXCHANGES
from serve.fulfilment import FULFILMENTS, PARCELS
from serve.import_view import RUNS, visible
from serve.importing.runner import WRITES
from serve.inbox import INBOX, person_of
from serve.inspections import DISPOSITIONS, INSPECTIONS, STANDINGS
from serve.inspections import PLANS as INSPECTION_PLANS
from serve.keys import KEYS
from serve.labels import LABELS
from serve.labels import PURCHASES as LABEL_PURCHASES
from serve.listing import Listing
from serve.lots import LOTS
from serve.nodes import BINS, NODES
from serve.notifications import NOTIFICATIONS, told
from serve.order_claims import ORDER_CLAIMS
from serve.order_view import ORDERS
from serve.papers import DECLARATIONS, SDR_RATES
from serve.parcel_exceptions import EXCEPTIONS
from serve.payments import PAYMENTS, REFUND_LIMITS
from serve.people import ROLES, USERS
from serve.picking import LISTS as PICK_LISTS
from serve.pickups import CALENDARS, MANIFESTS, PICKUPS
from serve.pre_orders import PRE_ORDERS
from serve.products import PRODUCTS, VARIANTS
from serve.purchase_orders import PURCHASES
from serve.putaway import PUTAWAYS
from serve.putaway import RULES as PUTAWAY_RULES
from serve.putaway import TASKS as PUTAWAY_TASKS
from serve.receipts import RECEIPTS
from serve.release import CUT_OFFS as CARRIER_CUT_OFFS
from serve.release import POLICIES as RELEASE_POLICIES
from serve.replenishment import CLASSES, PLANS, RULES, SUGGESTIONS
from serve.return_dispositions import DISPOSITION_TERMS, RETURN_DISPOSITIONS
from serve.return_insight import RETURN_LINES, SHIPPED_LINES
from serve.return_parcels import RETURN_LABELS, UNKNOWN_PARCELS
from serve.return_policies import RETURN_POLICIES
from serve.return_signals import RETURN_SIGNALS
from serve.returns import RETURNS
from serve.routing_plans import MOVES as ROUTING_PLAN_MOVES
from serve.routing_plans import PLANS as ROUTING_PLANS
from serve.routing_rules import RULE_SETS as ROUTING_RULE_SETS
from serve.runtime import DEAD, FLOWS, SCHEDULES
from serve.scopes import MissingScope, Scope
from serve.scorecard import LIST as PROMISES
from serve.shipping import CARDS, TRACKING
from serve.stock import ALLOCATIONS, HOLDS, LEDGER, LEVELS
from serve.stock import BINS as BIN_STOCK
from serve.stored_value import GIFT_CARDS, STORE_CREDIT
from serve.supplier_credits import CLAIMS, CREDITS
from serve.supplier_invoices import INVOICES, TOLERANCES
from serve.suppliers import LIMITS, SUPPLIER_ITEMS, SUPPLIERS
from serve.tracking import CODES, TRACKS
from serve.transfers import COUNTS, TRANSFERS
from serve.waves import TEMPLATES as WAVE_TEMPLATES
from serve.waves import WAVES
from serve.webhooks import POSTS, WEBHOOKS


@dataclass(frozen=True)
class Known:
    """Whoever holds one of `scopes` may read it, without any everybody; `bounds` are the rows that they see then."""

    listing: Listing
    scopes: tuple[str, ...]
    bounds: Callable[[Caller], ColumnElement[bool]] | None = None

    def is_for(self, held: Collection[str]) -> bool:
        return not self.scopes or any(scope in held for scope in self.scopes)

    def must_be_for(self, held: Collection[str]) -> None:
        """Raises MissingScope."""
        if not self.is_for(held):
            raise MissingScope(self.scopes[0])


LISTS: dict[str, Known] = {
    "orders": Known(ORDERS, (Scope.read_orders,)),
    "products": Known(PRODUCTS, (Scope.read_catalog,)),
    "variants": Known(VARIANTS, (Scope.read_catalog,)),
    "stock": Known(LEVELS, (Scope.read_stock,)),
    "ledger": Known(LEDGER, (Scope.read_stock,)),
    "bin-stock": Known(BIN_STOCK, (Scope.read_stock,)),
    "allocations": Known(ALLOCATIONS, (Scope.read_stock,)),
    "stock-holds": Known(HOLDS, (Scope.read_stock,)),
    "backorders": Known(BACKORDER_PLACES, (Scope.read_stock,)),
    "backorder-promises": Known(BACKORDER_PROMISES, (Scope.read_stock,)),
    "fill-decisions": Known(FILL_DECISIONS, (Scope.read_stock,)),
    "channel-buffers": Known(CHANNEL_BUFFERS, (Scope.read_stock,)),
    "fill-policies": Known(FILL_POLICIES, (Scope.read_stock,)),
    "pre-orders": Known(PRE_ORDERS, (Scope.read_stock,)),
    "lots": Known(LOTS, (Scope.read_stock,)),
    "transfers": Known(TRANSFERS, (Scope.read_stock,)),
    "counts": Known(COUNTS, (Scope.read_stock,)),
    "suppliers": Known(SUPPLIERS, (Scope.read_purchasing,)),
    "supplier-items": Known(SUPPLIER_ITEMS, (Scope.read_purchasing,)),
    "purchase-orders": Known(PURCHASES, (Scope.read_purchasing,)),
    "supplier-invoices": Known(INVOICES, (Scope.read_purchasing,)),
    "supplier-credits": Known(CREDITS, (Scope.read_purchasing,)),
    "supplier-claims": Known(CLAIMS, (Scope.read_purchasing,)),
    "match-tolerances": Known(TOLERANCES, (Scope.read_purchasing,)),
    "approval-limits": Known(LIMITS, (Scope.read_purchasing,)),
    "deliveries": Known(DELIVERIES, (Scope.read_purchasing,)),
    "supplier-promises": Known(PROMISES, (Scope.read_purchasing,)),
    "advance-notices": Known(ADVANCE_NOTICES, (Scope.read_purchasing,)),
    "docks": Known(DOCKS, (Scope.read_purchasing,)),
    "appointments": Known(APPOINTMENTS, (Scope.read_purchasing,)),
    "receipts": Known(RECEIPTS, (Scope.read_purchasing,)),
    "inspections": Known(INSPECTIONS, (Scope.read_stock,)),
    "dispositions": Known(DISPOSITIONS, (Scope.read_stock,)),
    "inspection-plans": Known(INSPECTION_PLANS, (Scope.read_purchasing,)),
    "supplier-standings": Known(STANDINGS, (Scope.read_purchasing,)),
    "putaway-tasks": Known(PUTAWAY_TASKS, (Scope.read_stock,)),
    "putaways": Known(PUTAWAYS, (Scope.read_stock,)),
    "putaway-rules": Known(PUTAWAY_RULES, (Scope.read_stock,)),
    "suggestions": Known(SUGGESTIONS, (Scope.read_purchasing,)),
    "replenishment-plans": Known(PLANS, (Scope.read_purchasing,)),
    "replenishment-rules": Known(RULES, (Scope.read_purchasing,)),
    "replenishment-classes": Known(CLASSES, (Scope.read_purchasing,)),
    "routing-rule-sets": Known(ROUTING_RULE_SETS, (Scope.read_orders,)),
    "routing-plans": Known(ROUTING_PLANS, (Scope.read_orders,)),
    "routing-plan-moves": Known(ROUTING_PLAN_MOVES, (Scope.read_orders,)),
    "nodes": Known(NODES, (Scope.read_stock,)),
    "bins": Known(BINS, (Scope.read_stock,)),
    "fulfilments": Known(FULFILMENTS, (Scope.read_fulfilment,)),
    "parcels": Known(PARCELS, (Scope.read_fulfilment,)),
    "boxes": Known(BOXES, (Scope.read_fulfilment,)),
    "pick-lists": Known(PICK_LISTS, (Scope.read_fulfilment,)),
    "waves": Known(WAVES, (Scope.read_fulfilment,)),
    "wave-templates": Known(WAVE_TEMPLATES, (Scope.read_fulfilment,)),
    "release-policies": Known(RELEASE_POLICIES, (Scope.read_fulfilment,)),
    "carrier-cut-offs": Known(CARRIER_CUT_OFFS, (Scope.read_fulfilment,)),
    "labels": Known(LABELS, (Scope.read_shipping,)),
    "customs-declarations": Known(DECLARATIONS, (Scope.read_shipping,)),
    "carrier-calendars": Known(CALENDARS, (Scope.read_shipping,)),
    "pickups": Known(PICKUPS, (Scope.read_shipping,)),
    "manifests": Known(MANIFESTS, (Scope.read_shipping,)),
    "sdr-rates": Known(SDR_RATES, (Scope.read_shipping,)),
    "label-purchases": Known(LABEL_PURCHASES, (Scope.read_shipping,)),
    "carrier-accounts": Known(CARRIER_ACCOUNTS, (Scope.read_shipping,)),
    "tracking": Known(TRACKING, (Scope.read_shipping,)),
    "tracks": Known(TRACKS, (Scope.read_shipping,)),
    "tracking-codes": Known(CODES, (Scope.read_shipping,)),
    "parcel-exceptions": Known(EXCEPTIONS, (Scope.read_shipping,)),
    "carrier-claims": Known(CARRIER_CLAIMS, (Scope.read_shipping,)),
    "carrier-terms": Known(CARRIER_TERMS, (Scope.read_shipping,)),
    "carrier-invoices": Known(CARRIER_INVOICES, (Scope.read_shipping,)),
    "carrier-charges": Known(CHARGES, (Scope.read_shipping,)),
    "rate-cards": Known(CARDS, (Scope.read_shipping,)),
    "shipping-policies": Known(POLICIES, (Scope.read_shipping,)),
    "carrier-choices": Known(CHOICES, (Scope.read_shipping,)),
    "carrier-rule-sets": Known(CARRIER_RULE_SETS, (Scope.read_shipping,)),
    "carrier-parcels": Known(CARRIER_PARCELS, (Scope.read_shipping,)),
    "carrier-drifts": Known(CARRIER_DRIFTS, (Scope.read_shipping,)),
    "payments": Known(PAYMENTS, (Scope.read_payments,)),
    "refund-limits": Known(REFUND_LIMITS, (Scope.read_payments,)),
    "exchanges": Known(EXCHANGES, (Scope.read_orders,)),
    "claims": Known(ORDER_CLAIMS, (Scope.read_orders,)),
    "gift-cards": Known(GIFT_CARDS, (Scope.read_payments,)),
    "store-credit": Known(STORE_CREDIT, (Scope.read_payments,)),
    "returns": Known(RETURNS, (Scope.read_orders,)),
    "return-lines": Known(RETURN_LINES, (Scope.read_orders,)),
    "shipped-lines": Known(SHIPPED_LINES, (Scope.read_orders,)),
    "return-labels": Known(RETURN_LABELS, (Scope.read_shipping,)),
    "return-policies": Known(RETURN_POLICIES, (Scope.read_orders,)),
    "return-dispositions": Known(RETURN_DISPOSITIONS, (Scope.read_orders,)),
    "disposition-terms": Known(DISPOSITION_TERMS, (Scope.read_orders,)),
    "return-signals": Known(RETURN_SIGNALS, (Scope.read_orders,)),
    "unknown-parcels": Known(UNKNOWN_PARCELS, (Scope.read_orders,)),
    "customers": Known(CUSTOMERS, (Scope.read_customers,)),
    "notifications": Known(NOTIFICATIONS, (Scope.read_notifications,), bounds=told),
    "users": Known(USERS, (Scope.read_people,)),
    "roles": Known(ROLES, (Scope.read_people,)),
    "keys": Known(KEYS, (Scope.read_people,)),
    "audit": Known(AUDIT, (Scope.read_audit,)),
    "dead-letters": Known(DEAD, (Scope.read_runtime,)),
    "flows": Known(FLOWS, (Scope.read_runtime,)),
    "schedules": Known(SCHEDULES, (Scope.read_runtime,)),
    "webhooks": Known(WEBHOOKS, (Scope.read_webhooks,)),
    "webhook-posts": Known(POSTS, (Scope.read_webhooks,)),
    "imports": Known(RUNS, tuple(WRITES.values()), bounds=visible),
    "bulk": Known(JOBS, (), bounds=lambda caller: BulkJob.principal == caller.principal),
    "inbox": Known(INBOX, (), bounds=lambda caller: Notice.user_id == person_of(caller)),
}


def known_list(name: str) -> Known:
    if name not in LISTS:
        raise NotFound("list", name)
    return LISTS[name]
