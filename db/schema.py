"""Every table, imported in one place, so that `metadata` is complete."""

from db import (
    bulk,
    catalog,
    customers,
    fulfilment,
    imports,
    nodes,
    notices,
    notifications,
    orders,
    payments,
    people,
    runtime,
    search,
    shipping,
    stock,
    views,
    webhooks,
)
from db.base import metadata

__all__ = [
    "bulk",
    "catalog",
    "customers",
    "fulfilment",
    "imports",
    "metadata",
    "nodes",
    "notices",
    "notifications",
    "orders",
    "payments",
    "people",
    "runtime",
    "search",
    "shipping",
    "stock",
    "views",
    "webhooks",
]
