"""Customers from rows, found by e-mail or reference. An empty cell leaves what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agents.customers.messages import CustomerState, PutCustomer
from db.customers import Customer, clean_email
from serve.importing.columns import ADDRESS_FIELDS, by_name
from serve.importing.sender import Sender, Told
from serve.importing.sheet import Plan, Reading, Row, Step, Verdict

_COLUMNS = by_name("customers")
Known = dict[tuple[str, str], Customer]


def plan(session: Session, rows: Sequence[Row], now: datetime) -> Plan:  # noqa: ARG001 - as all plans
    found, known = Plan(), _load(session, rows)
    named: dict[tuple[str, str], int] = {}
    for row in rows:
        reading = Reading(f"customer in row {row.number}", _COLUMNS, [row])
        step = _step(reading, row, known)
        for name in ("email", "external_ref"):
            if step is not None and name in row.cells:
                before = named.setdefault((name, row.cells[name].lower()), row.number)
                if before != row.number:
                    reading.refuse(f"Row {before} has the same {name}. Keep one of them.", row, name)
        if reading.fine and step is not None:
            found.steps.append(step)
        else:
            found.problems += reading.problems()
    return found


async def send(sender: Sender, steps: Sequence[Step]) -> list[Told]:
    return await sender.each("customers", steps, CustomerState)


def _load(session: Session, rows: Sequence[Row]) -> Known:
    emails = {clean_email(r.cells["email"]) or "" for r in rows if "email" in r.cells}
    references = {r.cells["external_ref"] for r in rows if "external_ref" in r.cells}
    query = select(Customer).where(or_(Customer.email.in_(emails), Customer.external_ref.in_(references)))
    known: Known = {}
    for customer in session.scalars(query):
        known[("email", customer.email or "")] = known[("external_ref", customer.external_ref or "")] = customer
    return known


def _step(reading: Reading, row: Row, known: Known) -> Step | None:
    said: dict[str, Any] = {name: reading.cell(row, name) for name in ("email", "external_ref", "name", "phone")}
    class_, tags = reading.cell(row, "class"), reading.cell(row, "tags")
    tags = sorted(set(tags)) if tags is not None else None
    address = {theirs: reading.cell(row, ours) for ours, theirs in ADDRESS_FIELDS.items()}
    if said["email"] is not None:
        email = clean_email(said["email"])
        if email is None:
            reading.refuse(f"{said['email'][:80]!r} is not a mail address. Write one such as ada@example.com.",
                           row, "email")  # fmt: skip
        said["email"] = email
    if not row.cells.keys() & {"email", "external_ref"}:
        reading.refuse("Nobody can be found again without email or external_ref. Fill in one of them.", row)
    if not reading.fine:
        return None
    found = {c.id: c for name in ("email", "external_ref") if (c := known.get((name, said[name] or "-")))}
    if len(found) > 1:
        reading.refuse("email and external_ref belong to two customers. Correct one of them.", row, "email")
        return None
    customer = next(iter(found.values()), None)
    addresses = _addresses(customer, {k: v for k, v in address.items() if v is not None}, said["name"])
    version = customer.version if customer else None
    ask = PutCustomer(**said, addresses=addresses, class_=class_, tags=tags, version=version)
    partition = said["external_ref"] or said["email"]
    if customer is None:
        return Step(reading.what, (row,), Verdict.created, ask, partition)
    if not _changes(customer, ask):
        return Step(reading.what, (row,), Verdict.unchanged)
    return Step(reading.what, (row,), Verdict.updated, ask, partition, seen=customer.version)


def _addresses(customer: Customer | None, given: dict[str, str], name: str | None) -> list[dict[str, Any]] | None:
    """The first address brought to what is given, the others as they are; None when the row has no address."""
    if not given:
        return None
    first, *others = (customer.addresses if customer is not None else []) or [{}]
    if name is not None and "name" not in first:
        given = {"name": name, **given}
    return [{**first, **given}, *others]


def _changes(customer: Customer, ask: PutCustomer) -> bool:
    names = ("email", "external_ref", "name", "phone", "addresses", "class_", "tags")
    wanted = {name: getattr(ask, name) for name in names}
    return any(value is not None and value != getattr(customer, name) for name, value in wanted.items())
