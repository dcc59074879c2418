"""What suppliers give back is held against what is owed: what was billed, is not kept and was not given back before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from agents.inbound.messages.inspections import DecideUnits, DisposeUnits, InspectionState
from agents.purchasing.messages.credits import (
    AcceptSupplierCredit,
    ApproveSupplierCredit,
    CancelSupplierCredit,
    CreditedLineAsk,
    DisputeSupplierCredit,
    EnterSupplierCredit,
    SettleSupplierCredit,
    SupplierCreditState,
)
from agents.purchasing.messages.invoices import (
    CancelSupplierInvoice,
    DisputeSupplierInvoice,
    InvoicedLineAsk,
    PaySupplierInvoice,
    SupplierInvoiceState,
)
from agents.purchasing.messages.orders import PurchaseState
from db.audit import run
from db.claims import claims
from db.credits import SupplierCredit
from db.purchasing import BilledAlready, PurchaseLine
from tests.inbound.conftest import Dock, good
from tests.purchasing.conftest import Office
from tests.purchasing.test_invoices import accept, approved, bill, entered, standing, tolerate

DAY = date(2026, 3, 2)


@pytest.fixture
def dock(db_url: str) -> Iterator[Dock]:
    company = Dock(db_url)
    company.a_node()
    company.a_sku("MUG")
    company.a_supplier()
    company.sells("MUG")
    yield company
    with company.db.reading() as session:
        assert [r for r in run(session) if r.violations] == []
    company.close()


def paid(office: Office, order: PurchaseState, units: int = 12, cost: int = 400, **more: Any) -> SupplierInvoiceState:
    invoice = entered(office, bill(order, (1, units, cost), **more))
    reason = accept(invoice) if invoice.status == "entered" else None
    given = office.by(office.admin, reason, SupplierInvoiceState) if reason else approved(office, invoice)
    pay = PaySupplierInvoice(invoice_id=given.id, paid_on=DAY, reference="SEPA 77")
    return office.do("purchasing", pay, SupplierInvoiceState)


def credit(order: PurchaseState, *lines: CreditedLineAsk, number: str = "GS-1", **more: Any) -> EnterSupplierCredit:
    total = sum(line.quantity * line.unit_cost if line.total is None else line.total for line in lines)
    total += sum(more.get(field, 0) for field in ("charges", "other", "tax"))
    return EnterSupplierCredit(
        **({"purchase_id": order.id, "number": number, "credited_on": DAY, "lines": list(lines), "total": total} | more)
    )


def units(quantity: int, cost: int = 400, **more: Any) -> CreditedLineAsk:
    return CreditedLineAsk(line_no=1, quantity=quantity, unit_cost=cost, **more)


def off(amount: int) -> CreditedLineAsk:
    return CreditedLineAsk(line_no=1, total=amount)


def given(office: Office, ask: EnterSupplierCredit) -> SupplierCreditState:
    return office.do("purchasing", ask, SupplierCreditState)


def taken(office: Office, note: SupplierCreditState) -> SupplierCreditState:
    return office.do("purchasing", ApproveSupplierCredit(credit_id=note.id), SupplierCreditState)


def accepted(office: Office, note: SupplierCreditState) -> SupplierCreditState:
    ask = AcceptSupplierCredit(credit_id=note.id, reason="agreed by phone")
    return office.do("purchasing", ask, SupplierCreditState)


def owed(office: Office) -> list[tuple[int, int, int]]:
    """Units, what they come to and what is owed of the price, of each line that anything is owed of."""
    claim, lines = claims()
    with office.db.reading() as session:
        rows = session.execute(
            select(claim.owed_units, claim.owed_total, claim.owed_price)
            .select_from(lines)
            .where(claim.owed_units + claim.owed_price > 0)
            .order_by(PurchaseLine.purchase_id, PurchaseLine.line_no)
        )
        return [tuple(row) for row in rows]


def status(office: Office, note: SupplierCreditState) -> str:
    with office.db.reading() as session:
        return str(session.get_one(SupplierCredit, note.id).status)


def rejected(dock: Dock, order: PurchaseState, quantity: int, kind: str, discount: int = 0) -> UUID:
    """Twelve came and were looked at; so many were rejected and disposed of."""
    made = dock.receive(order.id, good(1, 12, condition="inspect"))
    inspection = UUID(str(made.inspections[0]["id"]))
    decided = DecideUnits(inspection_id=inspection, accept=12 - quantity, reject=quantity, reason="looked at")
    dock.do("inbound", decided, InspectionState)
    ask = DisposeUnits(inspection_id=inspection, kind=kind, quantity=quantity, reason="chipped", discount=discount)
    dock.do("inbound", ask, InspectionState)
    return inspection


def test_what_went_back_is_owed_once_it_is_billed_until_it_is_given_back(dock: Dock) -> None:
    order = dock.sent(MUG=12)
    rejected(dock, order, 3, "return_to_vendor")
    assert owed(dock) == []
    invoice = paid(dock, order)
    assert owed(dock) == [(3, 1200, 0)]
    note = given(dock, credit(order, units(3), invoice_id=invoice.id, tax=228))
    assert (note.status, note.differences, note.total) == ("matched", [], 1428)
    assert owed(dock) == [(3, 1200, 0)]
    assert taken(dock, note).next == ["settled"]
    assert owed(dock) == []
    settle = SettleSupplierCredit(credit_id=note.id, settled_on=DAY, reference="off RE-2")
    assert dock.do("purchasing", settle, SupplierCreditState).next == []
    assert [len(dock.said(f"SupplierCredit{what}")) for what in ("Entered", "Approved", "Settled")] == [1, 1, 1]


def test_a_credit_note_that_comes_before_the_goods_went_back_matches_when_they_go(dock: Dock) -> None:
    order = dock.sent(MUG=12)
    made = dock.receive(order.id, good(1, 12, condition="inspect"))
    paid(dock, order)
    note = given(dock, credit(order, units(2)))
    assert note.status == "entered"
    assert note.differences[0]["why"] == (
        "2 given back; of 12 billed 12 were kept and 0 given back before: 2 more than are owed."
    )
    inspection = UUID(str(made.inspections[0]["id"]))
    decide = DecideUnits(inspection_id=inspection, accept=10, reject=2, reason="looked at")
    dock.do("inbound", decide, InspectionState)
    gone = DisposeUnits(inspection_id=inspection, kind="return_to_vendor", quantity=2, reason="chipped")
    dock.do("inbound", gone, InspectionState)
    dock.pump()
    assert status(dock, note) == "matched"


def test_a_discount_is_owed_as_far_as_the_bill_has_not_taken_it_off(dock: Dock) -> None:
    order = dock.sent(MUG=12)
    rejected(dock, order, 5, "accept_at_discount", discount=50)
    paid(dock, order)
    assert owed(dock) == [(0, 0, 250)]
    first = taken(dock, given(dock, credit(order, off(100))))
    assert first.status == "approved"
    assert owed(dock) == [(0, 0, 150)]
    more = given(dock, credit(order, off(151), number="GS-2"))
    assert (more.status, more.differences[0]["kind"], more.differences[0]["amount"]) == ("entered", "amount", 1)


def test_a_discount_that_the_bill_has_taken_off_is_not_owed(dock: Dock) -> None:
    order = dock.sent(MUG=12)
    rejected(dock, order, 5, "accept_at_discount", discount=50)
    line = InvoicedLineAsk(line_no=1, quantity=12, unit_cost=400, total=4550)
    approved(dock, entered(dock, bill(order, lines=[line], total=4550)))
    assert owed(dock) == []


def test_what_was_billed_too_dear_and_paid_all_the_same_may_be_given_back_and_is_not_owed(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    paid(office, order, cost=410)
    assert owed(office) == []
    note = given(office, credit(order, off(120)))
    assert note.status == "matched"
    taken(office, note)
    again = given(office, credit(order, off(1), number="GS-2"))
    assert again.differences[0]["why"] == (
        "0.01 off the price; 1.20 was billed too much, 0.00 was asked back as a discount and 1.20 given back before: "
        "0.01 more than that."
    )


def test_less_than_was_billed_for_the_units_is_named_and_taken_only_with_a_reason(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    paid(office, order)
    office.came(order.id, 1, -2)
    note = given(office, credit(order, units(2, 390)))
    assert (note.status, note.differences[0]["amount"], note.differences[0]["expected"]) == ("entered", -20, 800)
    office.refused(ApproveSupplierCredit(credit_id=note.id), "credit_differs")
    tolerate(office, amount=19)
    assert status(office, note) == "entered"
    tolerate(office, amount=20)
    assert status(office, note) == "matched"
    assert taken(office, note).status == "approved"
    assert owed(office) == []


def test_units_of_a_paid_invoice_that_prove_not_to_be_there_are_owed(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    first = paid(office, order, 6)
    second = approved(office, entered(office, bill(order, (1, 6, 400), number="RE-2")))
    with pytest.raises(BilledAlready):
        office.came(order.id, 1, -2)
    office.do("purchasing", DisputeSupplierInvoice(invoice_id=second.id, reason="not here"), SupplierInvoiceState)
    office.came(order.id, 1, -8)
    assert owed(office) == [(2, 800, 0)]
    office.came(order.id, 1, 1)
    assert owed(office) == [(1, 400, 0)]
    taken(office, given(office, credit(order, units(1), invoice_id=first.id)))
    assert owed(office) == []
    cancel = CancelSupplierInvoice(invoice_id=second.id, reason="they sent a new one")
    office.do("purchasing", cancel, SupplierInvoiceState)
    office.came(order.id, 1, 1)  # it was there after all: it may be billed once more
    assert approved(office, entered(office, bill(order, (1, 1, 400), number="RE-3"))).status == "approved"


def test_an_invoice_of_units_that_never_came_matches_with_its_credit_note(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 10)
    invoice = entered(office, bill(order, (1, 12, 400)))
    assert invoice.status == "entered"
    taken(office, given(office, credit(order, units(2), invoice_id=invoice.id)))
    assert standing(office, invoice, order) == "matched"
    assert approved(office, invoice).status == "approved"
    with pytest.raises(BilledAlready, match="10 units of line 1"):
        office.came(order.id, 1, -1)


def test_nothing_is_given_back_twice_whoever_asks(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    invoice = paid(office, order, charges=0)
    for n in (1, 2):
        note = given(office, credit(order, units(6), number=f"GS-{n}", invoice_id=invoice.id))
        office.refused(ApproveSupplierCredit(credit_id=note.id), "credit_differs")
        accepted(office, note)
    third = given(office, credit(order, units(1), number="GS-3"))
    refused = office.refused(AcceptSupplierCredit(credit_id=third.id, reason="a gift"), "given_back_twice")
    assert str(refused) == (
        "Credit note GS-3 gives back what was given back before or never billed. Of MUG 12 units for 48.00 were "
        "billed, and 12 units and 48.00 were given back before: 1 and 4.00 more are too much."
    )
    office.refused(ApproveSupplierCredit(credit_id=third.id), "given_back_twice")
    price = given(office, credit(order, off(1), number="GS-4"))
    office.refused(AcceptSupplierCredit(credit_id=price.id, reason="a gift"), "given_back_twice")
    freight = given(office, credit(order, charges=100, number="GS-5"))
    office.refused(AcceptSupplierCredit(credit_id=freight.id, reason="a gift"), "given_back_twice")
    bonus = taken(office, given(office, credit(order, other=500, number="GS-6")))
    assert (bonus.status, bonus.differences[0]["within"]) == ("approved", True)


def test_a_credit_note_of_an_invoice_gives_back_no_more_than_that_bills(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    small = paid(office, order, 2)
    paid(office, order, 10, number="RE-2")
    office.came(order.id, 1, -3)
    note = given(office, credit(order, units(3), invoice_id=small.id))
    assert note.status == "matched"
    office.refused(ApproveSupplierCredit(credit_id=note.id), "given_back_twice")
    office.do("purchasing", CancelSupplierCredit(credit_id=note.id, reason="typed wrongly"), SupplierCreditState)
    assert taken(office, given(office, credit(order, units(3)))).status == "approved"


def test_an_invoice_of_which_something_was_given_back_is_not_cancelled(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 10)
    invoice = entered(office, bill(order, (1, 12, 400)))
    cancel = CancelSupplierInvoice(invoice_id=invoice.id, reason="typed wrongly")
    note = given(office, credit(order, units(2), invoice_id=invoice.id))
    office.refused(cancel, "invoice_given_back")
    office.do("purchasing", CancelSupplierCredit(credit_id=note.id, reason="typed wrongly"), SupplierCreditState)
    taken(office, given(office, credit(order, units(2))))
    refused = office.refused(cancel, "invoice_given_back")
    assert str(refused) == "GS-1 gives back of what invoice RE-1 bills: it cannot be cancelled."


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"total": 799}, "credit_does_not_add_up"),
        ({"lines": [], "total": 0}, "credit_does_not_add_up"),
        ({"number": " "}, "bad_purchase_field"),
        ({"lines": [CreditedLineAsk(line_no=9, quantity=1, unit_cost=1)]}, "not_found"),
        ({"lines": [CreditedLineAsk(line_no=1)]}, "bad_purchase_field"),
        ({"lines": [CreditedLineAsk(line_no=1, quantity=2, unit_cost=1, total=3)]}, "bad_purchase_field"),
        ({"lines": [CreditedLineAsk(line_no=1, quantity=1, unit_cost=1)] * 2}, "bad_purchase_field"),
        ({"charges": -1}, "bad_purchase_field"),
        ({"credited_on": date(9999, 12, 31)}, "bad_purchase_field"),
        ({"invoice_id": UUID(int=1)}, "not_found"),
    ],
)
def test_what_cannot_be_a_credit_note_is_refused(office: Office, change: dict[str, Any], code: str) -> None:
    office.refused(credit(office.sent(MUG=12), units(2), **change), code)


def test_a_number_is_taken_once_and_a_dispute_ends_when_it_comes_to_match(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    paid(office, order)
    note = given(office, credit(order, units(2)))
    office.refused(credit(order, units(1), number=" gs-1"), "credit_known")
    ask = DisputeSupplierCredit(credit_id=note.id, reason="we have them all")
    assert office.do("purchasing", ask, SupplierCreditState).next == ["approved", "cancelled"]
    office.came(order.id, 1, -2)
    assert taken(office, note).status == "approved"
