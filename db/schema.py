"""Every table, imported in one place, so that `metadata` is complete."""

from db import (
    catalog,
    customers,
    fulfilment,
    nodes,
    notifications,
    orders,
    payments,
    people,
    runtime,
    shipping,
    stock,
)
from db.base import metadata

__all__ = [
    "catalog",
    "customers",
    "fulfilment",
    "metadata",
    "nodes",
    "notifications",
    "orders",
    "payments",
    "people",
    "runtime",
    "shipping",
    "stock",
]
