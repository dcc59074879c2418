"""How far suppliers' invoices may differ unasked. A change has those that wait matched anew, some at a time."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select, union

from agents.purchasing.following import match_orders
from agents.purchasing.messages.invoices import MatchToleranceState, MatchWaiting, SetMatchTolerance
from agents.purchasing.rules import LARGEST_QUANTITY, check_number
from db.billing import OPEN, MatchTolerance, SupplierInvoice
from db.credits import OPEN_CREDITS, SupplierCredit
from db.errors import NotFound
from db.money import MILLION, minor_digits
from db.session import Transaction, check_version
from db.suppliers import Supplier

ORDERS_AT_ONCE = 50
"""Whose invoices are matched in one transaction: whoever books goods in on one of them waits for all."""


PAPERS = ((SupplierInvoice, OPEN), (SupplierCredit, OPEN_CREDITS))


def set_tolerance(tx: Transaction, ask: SetMatchTolerance) -> MatchToleranceState:
    """The first invoices that wait are matched anew at once, the others by tasks that follow.

    Nothing is approved by what held before: approving matches once more.
    """
    check_number("price_ppm", ask.price_ppm, most=MILLION)
    check_number("amount", ask.amount)
    check_number("units", ask.units, most=LARGEST_QUANTITY)
    minor_digits(ask.currency)
    if ask.supplier and tx.get(Supplier, ask.supplier) is None:
        raise NotFound("supplier", ask.supplier)
    row = tx.get(MatchTolerance, (ask.supplier, ask.currency), with_for_update=True, populate_existing=True)
    if row is None:
        row = MatchTolerance(supplier=ask.supplier, currency=ask.currency, version=1, updated_at=tx.now)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="tolerance", id=f"{ask.supplier or 'all'}/{ask.currency}")
        row.updated_at = tx.now
    row.price_ppm, row.amount, row.units = ask.price_ppm, ask.amount, ask.units
    tx.flush()
    match_waiting(tx, MatchWaiting(supplier=ask.supplier, currency=ask.currency))
    return MatchToleranceState(
        supplier=row.supplier,
        currency=row.currency,
        price_ppm=row.price_ppm,
        amount=row.amount,
        units=row.units,
        version=row.version,
    )


def match_waiting(tx: Transaction, task: MatchWaiting) -> None:
    """Orders after the one that was matched last. What comes to wait meanwhile is matched as it comes."""
    waits = union(*(_waiting(paper, states, task) for paper, states in PAPERS)).subquery()
    wanted = select(waits.c.purchase_id).order_by(waits.c.purchase_id).limit(ORDERS_AT_ONCE)
    found = list(tx.scalars(wanted))
    match_orders(tx, dict.fromkeys(found, tx.who))
    if len(found) == ORDERS_AT_ONCE:
        rest = MatchWaiting(supplier=task.supplier, currency=task.currency, after=found[-1])
        tx.send("purchasing", f"match_tolerance:{task.supplier}/{task.currency}", rest)


def _waiting(
    paper: type[SupplierInvoice] | type[SupplierCredit], states: Collection[StrEnum], task: MatchWaiting
) -> Select[*tuple[Any, ...]]:
    waiting = select(paper.purchase_id).where(paper.currency == task.currency, paper.status.in_(list(states)))
    if task.supplier:
        waiting = waiting.where(paper.supplier == task.supplier)
    return waiting if task.after is None else waiting.where(paper.purchase_id > task.after)
