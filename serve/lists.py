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
from serve.bulk import JOBS
from serve.carriers import CHOICES, POLICIES
from serve.customers import CUSTOMERS
from serve.deliveries import LIST as DELIVERIES
from serve.edge import Caller
from serve.fulfilment import FULFILMENTS, PARCELS
from serve.import_view import RUNS, visible
from serve.importing.runner import WRITES
from serve.inbox import INBOX, person_of
from serve.inspections import DISPOSITIONS, INSPECTIONS, STANDINGS
from serve.inspections import PLANS as INSPECTION_PLANS
from serve.keys import KEYS
from serve.labels import LABELS
from serve.listing import Listing
from serve.lots import LOTS
from serve.nodes import BINS, NODES
from serve.notifications import NOTIFICATIONS, told
from serve.order_view import ORDERS
from serve.payments import PAYMENTS
from serve.people import ROLES, USERS
from serve.picking import LISTS as PICK_LISTS
from serve.products import PRODUCTS, VARIANTS
from serve.purchase_orders import PURCHASES
from serve.putaway import PUTAWAYS
from serve.putaway import RULES as PUTAWAY_RULES
from serve.putaway import TASKS as PUTAWAY_TASKS
from serve.receipts import RECEIPTS
from serve.replenishment import CLASSES, PLANS, RULES, SUGGESTIONS
from serve.runtime import DEAD, FLOWS, SCHEDULES
from serve.scopes import MissingScope, Scope
from serve.scorecard import LIST as PROMISES
from serve.shipping import CARDS, TRACKING
from serve.stock import ALLOCATIONS, HOLDS, LEDGER, LEVELS
from serve.stock import BINS as BIN_STOCK
from serve.supplier_invoices import INVOICES, TOLERANCES
from serve.suppliers import LIMITS, SUPPLIER_ITEMS, SUPPLIERS
from serve.transfers import COUNTS, TRANSFERS
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
    "lots": Known(LOTS, (Scope.read_stock,)),
    "transfers": Known(TRANSFERS, (Scope.read_stock,)),
    "counts": Known(COUNTS, (Scope.read_stock,)),
    "suppliers": Known(SUPPLIERS, (Scope.read_purchasing,)),
    "supplier-items": Known(SUPPLIER_ITEMS, (Scope.read_purchasing,)),
    "purchase-orders": Known(PURCHASES, (Scope.read_purchasing,)),
    "supplier-invoices": Known(INVOICES, (Scope.read_purchasing,)),
    "match-tolerances": Known(TOLERANCES, (Scope.read_purchasing,)),
    "approval-limits": Known(LIMITS, (Scope.read_purchasing,)),
    "deliveries": Known(DELIVERIES, (Scope.read_purchasing,)),
    "supplier-promises": Known(PROMISES, (Scope.read_purchasing,)),
    "advance-notices": Known(ADVANCE_NOTICES, (Scope.read_purchasing,)),
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
    "nodes": Known(NODES, (Scope.read_stock,)),
    "bins": Known(BINS, (Scope.read_stock,)),
    "fulfilments": Known(FULFILMENTS, (Scope.read_fulfilment,)),
    "parcels": Known(PARCELS, (Scope.read_fulfilment,)),
    "pick-lists": Known(PICK_LISTS, (Scope.read_fulfilment,)),
    "labels": Known(LABELS, (Scope.read_shipping,)),
    "tracking": Known(TRACKING, (Scope.read_shipping,)),
    "rate-cards": Known(CARDS, (Scope.read_shipping,)),
    "shipping-policies": Known(POLICIES, (Scope.read_shipping,)),
    "carrier-choices": Known(CHOICES, (Scope.read_shipping,)),
    "payments": Known(PAYMENTS, (Scope.read_payments,)),
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
