"""Every list that people look at, by the name under which its views are kept."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import NotFound
from serve.audit import AUDIT
from serve.customers import CUSTOMERS
from serve.fulfilment import FULFILMENTS, PARCELS
from serve.keys import KEYS
from serve.labels import LABELS
from serve.listing import Listing
from serve.nodes import BINS, NODES
from serve.notifications import NOTIFICATIONS
from serve.order_view import ORDERS
from serve.payments import PAYMENTS
from serve.people import ROLES, USERS
from serve.picking import LISTS as PICK_LISTS
from serve.products import PRODUCTS, VARIANTS
from serve.runtime import DEAD, FLOWS, SCHEDULES
from serve.scopes import Scope
from serve.shipping import CARDS, TRACKING
from serve.stock import ALLOCATIONS, HOLDS, LEDGER, LEVELS
from serve.stock import BINS as BIN_STOCK
from serve.transfers import COUNTS, TRANSFERS


@dataclass(frozen=True)
class Known:
    listing: Listing
    scope: Scope


LISTS: dict[str, Known] = {
    "orders": Known(ORDERS, Scope.read_orders),
    "products": Known(PRODUCTS, Scope.read_catalog),
    "variants": Known(VARIANTS, Scope.read_catalog),
    "stock": Known(LEVELS, Scope.read_stock),
    "ledger": Known(LEDGER, Scope.read_stock),
    "bin-stock": Known(BIN_STOCK, Scope.read_stock),
    "allocations": Known(ALLOCATIONS, Scope.read_stock),
    "stock-holds": Known(HOLDS, Scope.read_stock),
    "transfers": Known(TRANSFERS, Scope.read_stock),
    "counts": Known(COUNTS, Scope.read_stock),
    "nodes": Known(NODES, Scope.read_stock),
    "bins": Known(BINS, Scope.read_stock),
    "fulfilments": Known(FULFILMENTS, Scope.read_fulfilment),
    "parcels": Known(PARCELS, Scope.read_fulfilment),
    "pick-lists": Known(PICK_LISTS, Scope.read_fulfilment),
    "labels": Known(LABELS, Scope.read_shipping),
    "tracking": Known(TRACKING, Scope.read_shipping),
    "rate-cards": Known(CARDS, Scope.read_shipping),
    "payments": Known(PAYMENTS, Scope.read_payments),
    "customers": Known(CUSTOMERS, Scope.read_customers),
    "notifications": Known(NOTIFICATIONS, Scope.read_notifications),
    "users": Known(USERS, Scope.read_people),
    "roles": Known(ROLES, Scope.read_people),
    "keys": Known(KEYS, Scope.read_people),
    "audit": Known(AUDIT, Scope.read_audit),
    "dead-letters": Known(DEAD, Scope.read_runtime),
    "flows": Known(FLOWS, Scope.read_runtime),
    "schedules": Known(SCHEDULES, Scope.read_runtime),
}


def known_list(name: str) -> Known:
    if name not in LISTS:
        raise NotFound("list", name)
    return LISTS[name]
