"""Knows the customers, and is the only writer of them."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from sqlalchemy.exc import IntegrityError

from agents.agent import Agent
from agents.customers.messages import CustomerErased, CustomerState, EraseCustomer, PutCustomer
from agents.customers.refusals import ErasedAlready, NobodyNamed, OrdersUnderWay, TwoCustomers
from agents.customers.rules import checked_class, checked_email, tidy_tags
from agents.handlers import command, on_set
from agents.orders.messages import OrderPlaced
from db.base import uuid7
from db.customers import Customer, clean_email, customers_where, orders_of, orders_under_way
from db.errors import NotFound
from db.session import Transaction, Who, check_version


class CustomersAgent(Agent):
    name = "customers"

    @command
    def put(self, tx: Transaction, ask: PutCustomer) -> CustomerState:
        """Only what is given changes: None leaves a field as it is.

        Raises:
            TwoCustomers: id, reference and e-mail name different ones.
            ErasedAlready: the customer asked to be forgotten.
        """
        wanted = _wanted(ask)
        found = _find(tx, ask, wanted)
        if found is None and not any(wanted.get(k) for k in ("email", "name", "external_ref")):
            raise NobodyNamed()
        try:
            with tx.attempt():
                customer = _new(tx, wanted) if found is None else _changed(tx, found, ask, wanted)
        except IntegrityError:
            # Somebody else took the e-mail or reference since we looked; now it can be seen.
            found = _find(tx, ask, wanted)
            if found is None:
                raise
            customer = _changed(tx, found, ask, wanted)
            tx.flush()
            return _state(customer, created=False)
        return _state(customer, created=found is None)

    @command
    def erase(self, tx: Transaction, ask: EraseCustomer) -> CustomerState:
        """Once erased, erasing again changes nothing. Class and tags go too: they may tell who it was.

        Raises:
            OrdersUnderWay: something is still to be sent to them.
        """
        found = customers_where(tx, Customer.id == ask.customer_id, lock=True)
        if not found:
            raise NotFound("customer", str(ask.customer_id))
        customer = found[0]
        if customer.erased_at is None:
            if open_ones := orders_under_way(tx, customer):
                raise OrdersUnderWay(open_ones[:10])
            orders = orders_of(tx, customer)
            customer.email = customer.name = customer.phone = customer.external_ref = None
            customer.addresses, customer.tags, customer.class_ = [], [], "standard"
            customer.erased_at = customer.updated_at = tx.now
            tx.note(f"customer:{customer.id}", to_status="erased", why=ask.reason)
            tx.announce(f"customer:{customer.id}", CustomerErased(customer_id=customer.id, orders=orders))
            tx.flush()
        return _state(customer, created=False)

    @on_set
    def ordered(self, tx: Transaction, events: list[OrderPlaced], whos: list[Who]) -> None:
        """Whoever orders with an e-mail that is new becomes a customer."""
        named = {
            email: who
            for event, who in zip(events, whos, strict=True)
            if event.customer_id is None and event.email and (email := clean_email(event.email))
        }
        known = {c.email for c in customers_where(tx, Customer.email.in_(named))} if named else set()
        new = [(email, who) for email, who in sorted(named.items(), key=itemgetter(0)) if email not in known]
        if not new:
            return
        try:
            with tx.attempt():
                for email, tx.who in new:
                    _new(tx, {"email": email})
        except IntegrityError:
            if len(new) > 1:
                raise  # one of them is known since a moment ago; each alone will tell which


def _wanted(ask: PutCustomer) -> dict[str, Any]:
    """The columns that are to change, checked."""
    wanted: dict[str, Any] = {
        "external_ref": ask.external_ref,
        "email": checked_email(ask.email) if ask.email is not None else None,
        "name": ask.name.strip() if ask.name is not None else None,
        "phone": ask.phone.strip() if ask.phone is not None else None,
        "addresses": ask.addresses,
        "class_": checked_class(ask.class_) if ask.class_ is not None else None,
        "tags": tidy_tags(ask.tags) if ask.tags is not None else None,
    }
    return {k: v for k, v in wanted.items() if v is not None}


def _find(tx: Transaction, ask: PutCustomer, wanted: dict[str, Any]) -> Customer | None:
    """The one customer that id, reference and e-mail name, locked; None when there is none yet."""
    by: dict[str, Customer] = {}
    if ask.id is not None:
        found = customers_where(tx, Customer.id == ask.id, lock=True)
        if not found:
            raise NotFound("customer", str(ask.id))
        by["id"] = found[0]
    for name, column in (("external_ref", Customer.external_ref), ("email", Customer.email)):
        if name in wanted:
            found = customers_where(tx, column == wanted[name], lock=True)
            by |= {name.replace("_", " "): c for c in found}
    if len({c.id for c in by.values()}) > 1:
        raise TwoCustomers({name: str(c.id) for name, c in by.items()})
    return next(iter(by.values()), None)


def _new(tx: Transaction, wanted: dict[str, Any]) -> Customer:
    blank: dict[str, Any] = {"addresses": [], "tags": [], "class_": "standard"}
    customer = Customer(id=uuid7(), version=1, created_at=tx.now, updated_at=tx.now, **blank | wanted)
    tx.add(customer)
    return customer


def _changed(tx: Transaction, customer: Customer, ask: PutCustomer, wanted: dict[str, Any]) -> Customer:
    if customer.erased_at is not None:
        raise ErasedAlready(str(customer.id))
    check_version(customer, ask.version, kind="customer", id=str(customer.id))
    different = {k: v for k, v in wanted.items() if getattr(customer, k) != v}
    for column, value in different.items():
        setattr(customer, column, value)
    if different:
        customer.updated_at = tx.now
    return customer


def _state(customer: Customer, *, created: bool) -> CustomerState:
    return CustomerState(
        id=customer.id,
        email=customer.email,
        name=customer.name,
        version=customer.version,
        created=created,
        next=[] if customer.erased_at else ["change", "erase"],
    )
