"""Customers over HTTP: keep, look up, hand out all that is known of one, and forget."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.customers.messages import CustomerState, EraseCustomer, PutCustomer
from db.base import Base
from db.customers import Customer, orders_of
from db.errors import NotFound
from db.notifications import Notification
from db.orders import Order, OrderNote
from db.payments import Payment
from db.shipping import Label
from serve.edge import caller_of, edge_of
from serve.fields import field, fields
from serve.listing import Listing, Row
from serve.order_view import ORDERS
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import MissingScope, Scope
from serve.shapes import Address, Ask, Code, Email, Name, Reason, Reference, Tag, Version, answer_shape, message

routes = Routes("customers")

CUSTOMERS = Listing(
    "Customer",
    Customer,
    {
        **fields(Customer, "id email name phone external_ref addresses tags version created_at updated_at erased_at"),
        "class": field(Customer.class_),
    },
    sortable=("created_at", "updated_at", "name", "email"),
    sort="-created_at",
    key=("id",),
)
CustomerRow = CUSTOMERS.row_shape()
Kept = answer_shape(CustomerState)
MOST_EXPORTED = 10_000


class OrdersIn(BaseModel):
    """Orders that were placed and not cancelled, in one currency."""

    currency: str
    orders: int
    total: int
    first_at: datetime | None
    last_at: datetime | None


class CustomerDetail(CustomerRow):  # type: ignore[valid-type, misc]
    orders: list[OrdersIn]
    hidden: list[str]


class CustomerExport(BaseModel):
    """`notes` are what colleagues wrote about their orders, `labels` what was sent where."""

    customer: CustomerRow  # type: ignore[valid-type]
    orders: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    labels: list[dict[str, Any]]
    notifications: list[dict[str, Any]]


class CustomerBody(Ask):
    email: Email | None = Described(None, examples=["ada@example.com"])
    external_ref: Reference | None = None
    name: Name | None = None
    phone: Name | None = None
    addresses: list[Address] | None = Described(None, max_length=50)
    class_: Code | None = Described(None, alias="class", examples=["standard", "priority", "wholesale"])
    tags: list[Tag] | None = Described(None, max_length=50)
    version: Version | None = None


class EraseBody(Ask):
    reason: Reason


@routes.post("/customers", access=Scope.write_customers, answer=Kept, status=201)
async def create_customer(request: Request, body: CustomerBody) -> Response:
    """Create a customer, or change the one with this reference or e-mail."""
    asked = message(PutCustomer, body, version=version_of(request, body.version))
    partition = body.external_ref or body.email or "new"
    return await sending(request, "customers", asked, CustomerState, partition=partition, status=201)


@routes.put("/customers/{customer_id}", access=Scope.write_customers, answer=Kept)
async def put_customer(request: Request, customer_id: UUID, body: CustomerBody) -> Response:
    """Change a customer; what is not named stays as it is."""
    asked = message(PutCustomer, body, id=customer_id, version=version_of(request, body.version))
    return await sending(request, "customers", asked, CustomerState, partition=str(customer_id))


@routes.get("/customers", access=Scope.read_customers, answer=CUSTOMERS.list_shape(CustomerRow),
            extra=CUSTOMERS.operation())  # fmt: skip
def list_customers(request: Request) -> Response:
    """List customers, newest first."""
    return CUSTOMERS.answer(request)


@routes.get("/customers/{customer_id}", access=Scope.read_customers, answer=CustomerDetail)
def read_customer(request: Request, customer_id: UUID) -> Response:
    """Show a customer, with a summary of the orders for those who may read orders."""
    sees_orders = Scope.read_orders.value in caller_of(request).scopes
    with edge_of(request).database.reading() as session:
        row = _customer(session, customer_id)
        row["orders"] = _summary(session, customer_id) if sees_orders else []
    row["hidden"] = [] if sees_orders else ["orders"]
    return json_answer(row)


def _customer(session: Session, customer_id: UUID) -> Row:
    row = CUSTOMERS.one(session, Customer.id == customer_id)
    if row is None:
        raise NotFound("customer", str(customer_id))
    return row


def _summary(session: Session, customer_id: UUID) -> list[Row]:
    query = (
        select(
            Order.currency,
            func.count().label("orders"),
            func.sum(Order.total - Order.cancelled_total).label("total"),
            func.min(Order.placed_at).label("first_at"),
            func.max(Order.placed_at).label("last_at"),
        )
        .where(Order.customer_id == customer_id, Order.status.not_in(("draft", "cancelled")))
        .group_by(Order.currency)
        .order_by(Order.currency)
    )
    return [{**row, "total": int(row["total"])} for row in session.execute(query).mappings()]


@routes.get("/customers/{customer_id}/export", access=Scope.read_customers, answer=CustomerExport)
def export_customer(request: Request, customer_id: UUID) -> Response:
    """Everything that is kept about a person, as JSON.

    Orders are those that name them and those that were placed with their e-mail. Needs read_orders, read_payments,
    read_shipping and read_notifications as well.
    """
    for scope in (Scope.read_orders, Scope.read_payments, Scope.read_shipping, Scope.read_notifications):
        if scope.value not in caller_of(request).scopes:
            raise MissingScope(scope.value)
    with edge_of(request).database.reading() as session:
        customer = _customer(session, customer_id)
        ids = orders_of(session, session.get_one(Customer, customer_id))
        query = select(*(f.column.label(n) for n, f in ORDERS.columns.items()))
        mine = query.where(Order.id.in_(ids)).order_by(Order.created_at).limit(MOST_EXPORTED)
        orders = [dict(row) for row in session.execute(mine).mappings()]
        lines = ORDERS.expand["lines"].load(session, [o["id"] for o in orders])
        for order in orders:
            order["lines"] = lines.get(order["id"], [])
        told = {
            "notes": _rows(session, OrderNote, "order_id at body", OrderNote.order_id.in_(ids)),
            "payments": _rows(
                session, Payment, "order_id provider currency amount captured refunded state created_at",
                Payment.order_id.in_(ids),
            ),
            "labels": _rows(session, Label, "order_id carrier service tracking_number zpl", Label.order_id.in_(ids)),
            "notifications": _rows(
                session, Notification, "title body recipient created_at",
                Notification.subject.in_([f"customer:{customer_id}", *(f"order:{id}" for id in ids)]),
            ),
        }  # fmt: skip
    return json_answer({"customer": customer, "orders": orders, **told})


def _rows(session: Session, model: type[Base], names: str, condition: ColumnElement[bool]) -> list[Row]:
    query = select(*(getattr(model, name) for name in names.split())).where(condition)
    return [dict(row) for row in session.execute(query).mappings()]


@routes.post("/customers/{customer_id}/erase", access=Scope.write_customers, answer=Kept)
async def erase_customer(request: Request, customer_id: UUID, body: EraseBody) -> Response:
    """Remove a person's data; their orders stay, without a name. Nothing may still be on its way to them.

    Copies in handled messages and stored answers go after BACKOFFICE_KEEP_DAYS (30) at the latest.
    """
    asked = EraseCustomer(customer_id=customer_id, reason=body.reason)
    return await sending(request, "customers", asked, CustomerState, partition=str(customer_id))
