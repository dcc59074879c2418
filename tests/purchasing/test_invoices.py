"""Suppliers' invoices against what was ordered and what has come: every difference is named, and nothing paid twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agents.inbound.messages.receipts import GoodsReceived
from agents.purchasing import comparing, tolerating
from agents.purchasing.matching import Matched, Tolerance, differences
from agents.purchasing.messages.invoices import (
    AcceptDifferences,
    ApproveSupplierInvoice,
    CancelSupplierInvoice,
    DisputeSupplierInvoice,
    EnterSupplierInvoice,
    InvoicedLineAsk,
    MatchToleranceState,
    PaySupplierInvoice,
    SetMatchTolerance,
    SupplierInvoiceState,
)
from agents.purchasing.messages.orders import (
    AmendedLine,
    AmendPurchase,
    ApprovePurchase,
    CancelPurchase,
    ChargeAsk,
    CreatePurchase,
    PurchaseLineAsk,
    PurchaseState,
    SendPurchase,
    ShortClosePurchase,
)
from db.billing import open_invoices
from db.purchasing import BilledAlready
from tests.purchasing.conftest import Office
from tests.shop import TESTER

DAY = date(2026, 3, 2)


def bill(
    purchase: PurchaseState, *lines: tuple[int, int, int], number: str = "RE-1", **more: Any
) -> EnterSupplierInvoice:
    asked = [InvoicedLineAsk(line_no=n, quantity=units, unit_cost=cost) for n, units, cost in lines]
    total = sum(units * cost for _, units, cost in lines) + more.get("charges", 0) + more.get("tax", 0)
    return EnterSupplierInvoice(
        **({"purchase_id": purchase.id, "number": number, "billed_on": DAY, "lines": asked, "total": total} | more)
    )


def entered(office: Office, ask: EnterSupplierInvoice) -> SupplierInvoiceState:
    return office.do("purchasing", ask, SupplierInvoiceState)


def accept(invoice: SupplierInvoiceState, reason: str = "agreed by phone") -> AcceptDifferences:
    return AcceptDifferences(invoice_id=invoice.id, reason=reason)


def approved(office: Office, invoice: SupplierInvoiceState) -> SupplierInvoiceState:
    return office.by(office.admin, ApproveSupplierInvoice(invoice_id=invoice.id), SupplierInvoiceState)


def tolerate(office: Office, supplier: str = "", **how: int) -> None:
    office.do("purchasing", SetMatchTolerance(supplier=supplier, currency="EUR", **how), MatchToleranceState)


def standing(office: Office, invoice: SupplierInvoiceState, purchase: PurchaseState) -> str:
    with office.db.reading() as session:
        return next(str(found.status) for found in open_invoices(session, purchase.id) if found.id == invoice.id)


def test_what_was_ordered_and_has_come_matches_is_approved_and_is_paid(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    invoice = entered(office, bill(order, (1, 12, 400), tax=912))
    assert (invoice.status, invoice.differences, invoice.total) == ("matched", [], 5712)
    assert (invoice.due_on, invoice.next) == (date(2026, 4, 1), ["approved", "cancelled", "disputed"])
    assert approved(office, invoice).next == ["disputed", "paid"]
    pay = PaySupplierInvoice(invoice_id=invoice.id, paid_on=DAY, reference="SEPA 77")
    assert office.do("purchasing", pay, SupplierInvoiceState).next == []
    assert [len(office.said(f"SupplierInvoice{what}")) for what in ("Entered", "Approved", "Paid")] == [1, 1, 1]
    office.refused(pay, "illegal_move")


def test_a_number_is_taken_once_of_a_supplier_however_it_is_written(office: Office) -> None:
    order, other = office.sent(MUG=12), office.sent(MUG=12)
    first = entered(office, bill(order, (1, 12, 400)))
    refused = office.refused(bill(other, (1, 12, 400), number=" re-1"), "invoice_known")
    assert str(refused) == f"Invoice RE-1 of HANSA is known: it is of {order.number} and entered."
    office.do("purchasing", CancelSupplierInvoice(invoice_id=first.id, reason="typed wrongly"), SupplierInvoiceState)
    assert entered(office, bill(order, (1, 12, 400))).status == "entered"
    entered(office, bill(order, (1, 1, 400), number="Groß-1"))
    office.refused(bill(other, (1, 1, 400), number="groß-1"), "invoice_known")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"total": 4801}, "invoice_does_not_add_up"),
        ({"number": "  "}, "bad_purchase_field"),
        ({"lines": []}, "bad_purchase_field"),
        ({"lines": [InvoicedLineAsk(line_no=9, quantity=1, unit_cost=1)]}, "not_found"),
        ({"lines": [InvoicedLineAsk(line_no=1, quantity=0, unit_cost=1)]}, "bad_purchase_field"),
        ({"lines": [InvoicedLineAsk(line_no=1, quantity=2, unit_cost=1, total=3)]}, "bad_purchase_field"),
        ({"lines": [InvoicedLineAsk(line_no=1, quantity=1, unit_cost=1)] * 2}, "bad_purchase_field"),
        ({"tax": -1}, "bad_purchase_field"),
        ({"billed_on": date(9999, 12, 31)}, "bad_purchase_field"),
        ({"due_on": date(2026, 3, 1)}, "bad_purchase_field"),
    ],
)
def test_what_cannot_be_an_invoice_is_refused(office: Office, change: dict[str, Any], code: str) -> None:
    office.refused(bill(office.sent(MUG=12), (1, 12, 400), **change), code)


def test_nothing_is_billed_of_an_order_that_was_never_sent(office: Office) -> None:
    office.refused(bill(office.approved(MUG=12), (1, 12, 400)), "nothing_to_bill")


def test_what_is_billed_before_it_comes_waits_and_matches_when_it_comes(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 6)
    invoice = entered(office, bill(order, (1, 12, 400)))
    (found,) = invoice.differences
    assert (found["kind"], found["billed"], found["expected"], found["amount"]) == ("quantity", 12, 6, 6)
    assert found["why"] == "12 billed and 0 on other invoices make 12; 6 of 12 have come: 6 more than came."
    office.refused(ApproveSupplierInvoice(invoice_id=invoice.id), "differences_remain", by=office.admin)
    office.refused(accept(invoice), "billed_more_than_came", by=office.admin)
    office.came(order.id, 1, 6)
    assert approved(office, invoice).status == "approved"


def test_the_same_units_are_not_billed_twice(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    first, again = (entered(office, bill(order, (1, n, 400), number=f"RE-{n}")) for n in (8, 5))
    assert (first.status, again.status) == ("matched", "entered")
    assert again.differences[0]["why"].startswith(
        "5 billed and 8 on other invoices make 13; 12 of 12 have come: 1 more"
    )
    approved(office, first)
    office.refused(accept(again), "billed_more_than_came", by=office.admin)
    office.do("purchasing", DisputeSupplierInvoice(invoice_id=first.id, reason="wrong units"), SupplierInvoiceState)
    office.do("purchasing", CancelSupplierInvoice(invoice_id=first.id, reason="taken back"), SupplierInvoiceState)
    assert standing(office, again, order) == "matched"


def test_another_price_is_named_with_its_arithmetic_and_paid_only_with_a_right_and_a_reason(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    invoice = entered(office, bill(order, (1, 12, 410)))
    assert invoice.status == "entered"
    assert invoice.differences[0]["why"] == (
        "49.20 billed; 12 of 12 ordered for 48.00 are 48.00: 1.20 (2.5 %) more, up to 0.00 is let through."
    )
    office.refused(accept(invoice), "above_approval_limit", by=office.manager)
    office.limit("manager", 4919)
    low = office.refused(accept(invoice), "above_approval_limit", by=office.manager)
    assert "may approve up to 49.19 EUR; this invoice is 49.20 EUR" in str(low)
    office.limit("manager", 4920)
    office.refused(accept(invoice, reason=" "), "bad_purchase_field", by=office.manager)
    assert office.by(office.manager, accept(invoice), SupplierInvoiceState).status == "approved"
    assert [said["accepted_why"] for said in office.said("SupplierInvoiceApproved")] == ["agreed by phone"]


def test_tolerances_let_small_differences_through_and_a_suppliers_own_counts_first(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    invoice = entered(office, bill(order, (1, 12, 410)))
    tolerate(office, price_ppm=25_000)
    assert standing(office, invoice, order) == "matched"
    tolerate(office, "HANSA", amount=119)
    assert standing(office, invoice, order) == "entered"
    tolerate(office, "HANSA", amount=120)
    assert approved(office, invoice).differences[0]["within"]


def test_what_is_let_through_of_a_price_is_let_through_once_over_all_invoices_of_a_line(office: Office) -> None:
    tolerate(office, amount=100)
    order = office.sent(MUG=18)
    office.came(order.id, 1, 18)
    first, second, third = (
        entered(office, bill(order, (1, 6, 410), number=f"RE-{n}", lines=[part], total=part.total))
        for n, part in enumerate(InvoicedLineAsk(line_no=1, quantity=6, unit_cost=420, total=2400 + over)
                                 for over in (60, 41, -5))
    )  # fmt: skip
    assert [invoice.status for invoice in (first, second, third)] == ["matched", "entered", "matched"]
    assert second.differences[0]["why"] == (
        "24.41 billed; 6 of 18 ordered for 72.00 are 24.00: 0.41 (1.71 %) more, up to 0.40 is let through beside "
        "0.60 too much on other invoices."
    )
    office.do("purchasing", CancelSupplierInvoice(invoice_id=first.id, reason="wrong price"), SupplierInvoiceState)
    assert standing(office, second, order) == "matched"


def test_a_share_of_the_price_is_let_through_of_each_part_of_a_line() -> None:
    tolerance = Tolerance(price_ppm=25_000)
    for before, before_total in ((0, 0), (6, 2460), (12, 4920)):
        line = Matched(1, "MUG", 6, 2460, 18, 7200, 18, before, before_total, 0)
        (found,) = differences([line], charges=(0, 0, 0), currency="EUR", tolerance=tolerance)
        assert (found.amount, found.allowed, found.within) == (60, 60, True)
    line = Matched(1, "MUG", 6, 2461, 18, 7200, 18, 12, 4920, 0)
    assert [d.within for d in differences([line], charges=(0, 0, 0), currency="EUR", tolerance=tolerance)] == [False]


def test_many_lines_that_come_at_once_have_each_invoice_matched_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def counted(tx: Any, order: Any, invoice: Any) -> None:
        looked_at.append(invoice.number)
        comparing_match(tx, order, invoice)

    comparing_match = comparing.match
    orders = [office.sent(MUG=12) for _ in range(3)]
    bills = [entered(office, bill(order, (1, 12, 400), number=order.number)) for order in orders[:2]]
    monkeypatch.setattr(comparing, "match", counted)
    for order in orders:
        office.came(order.id, 1, 12)
        with office.db.transaction(TESTER, now=office.now) as tx:
            for no in range(1, 11):
                tx.announce(f"purchase:{order.id}", a_receipt_line(order, no))
    office.pump()
    assert sorted(looked_at) == sorted(order.number for order in orders[:2])
    assert [standing(office, invoice, order) for invoice, order in zip(bills, orders, strict=False)] == ["matched"] * 2


def a_receipt_line(order: PurchaseState, no: int) -> GoodsReceived:
    return GoodsReceived(receipt_id=order.id, purchase_id=order.id, number=order.number, line_no=no, sku="MUG",
                         node="LON", supplier="HANSA", quantity=1, condition="good")  # fmt: skip


def test_another_tolerance_has_many_invoices_matched_some_at_a_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tolerating, "ORDERS_AT_ONCE", 2)
    orders = [office.sent(MUG=12) for _ in range(5)]
    for order in orders:
        office.came(order.id, 1, 12)
    bills = [entered(office, bill(order, (1, 12, 401), number=order.number)) for order in orders]
    office.pump()

    def matched() -> int:
        return [standing(office, invoice, order) for invoice, order in zip(bills, orders, strict=True)].count("matched")

    tolerate(office, amount=12)
    assert matched() == 2
    office.pump()
    assert matched() == 5
    tolerate(office, "HANSA", amount=11)
    office.pump()
    assert matched() == 0


def test_units_within_the_tolerance_may_be_paid_before_they_come(office: Office) -> None:
    tolerate(office, units=1)
    order = office.sent(MUG=12)
    office.came(order.id, 1, 11)
    assert approved(office, entered(office, bill(order, (1, 12, 400)))).status == "approved"


@pytest.mark.parametrize("given_up", ["cancelled", "closed short"])
def test_what_will_not_come_is_not_paid_whatever_is_let_through(office: Office, given_up: str) -> None:
    tolerate(office, units=10)
    order = office.sent(MUG=12)
    if given_up == "closed short":
        office.came(order.id, 1, 6)
    invoice = entered(office, bill(order, (1, 12 if given_up == "closed short" else 8, 400)))
    assert invoice.status == "matched"
    if given_up == "closed short":
        office.do("purchasing", ShortClosePurchase(purchase_id=order.id, reason="out of clay"), PurchaseState)
    else:
        office.do("purchasing", CancelPurchase(purchase_id=order.id, reason="too dear"), PurchaseState)
    office.pump()
    assert standing(office, invoice, order) == "entered"
    office.refused(ApproveSupplierInvoice(invoice_id=invoice.id), "differences_remain", by=office.admin)


def test_a_dispute_about_something_else_is_not_ended_by_what_comes(office: Office) -> None:
    order = office.sent(MUG=18)
    office.came(order.id, 1, 12)
    invoice = entered(office, bill(order, (1, 12, 400)))
    assert invoice.status == "matched"
    office.do(
        "purchasing", DisputeSupplierInvoice(invoice_id=invoice.id, reason="half is broken"), SupplierInvoiceState
    )
    tolerate(office, units=1)
    assert standing(office, invoice, order) == "disputed"


def test_less_than_was_ordered_is_named_and_keeps_nothing_up(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    invoice = entered(office, bill(order, (1, 12, 390)))
    assert (invoice.status, invoice.differences[0]["amount"]) == ("matched", -120)


def test_charges_may_be_billed_in_parts_and_not_beyond_the_order(office: Office) -> None:
    lines, freight = [PurchaseLineAsk(sku="MUG", quantity=12)], [ChargeAsk(name="Freight", amount=1000)]
    asked = CreatePurchase(supplier="HANSA", node="LON", lines=lines, charges=freight)
    made = office.do("purchasing", asked, PurchaseState)
    office.by(office.admin, ApprovePurchase(purchase_id=made.id), PurchaseState)
    order = office.do("purchasing", SendPurchase(purchase_id=made.id), PurchaseState)
    office.came(order.id, 1, 12)
    first = entered(office, bill(order, (1, 6, 400), charges=700))
    rest = entered(office, bill(order, (1, 6, 400), charges=400, number="RE-2"))
    assert (first.status, rest.status) == ("matched", "entered")
    assert rest.differences[0]["why"] == (
        "11.00 billed; 7.00 of it on other invoices; the charges ordered are 10.00: 1.00 (10 %) more, "
        "up to 0.00 is let through."
    )


def test_what_is_let_through_of_charges_is_let_through_once() -> None:
    tolerance = Tolerance(amount=500)
    for before, billed, within in ((0, 2500, True), (2500, 500, False), (3000, 500, False)):
        (found,) = differences([], charges=(billed, before, 2000), currency="EUR", tolerance=tolerance)
        assert found.within == within, found
    assert differences([], charges=(0, 3000, 2000), currency="EUR", tolerance=tolerance) == []


def test_parts_of_a_line_are_judged_by_the_running_sum() -> None:
    for before, total in ((0, 33), (1, 34), (2, 33)):
        line = Matched(1, "MUG", 1, total, 3, 100, 3, before, 33 * before + before // 2, 0)
        assert differences([line], charges=(0, 0, 0), currency="EUR", tolerance=Tolerance()) == []


def test_a_receipt_of_what_is_approved_to_be_paid_is_not_taken_back(office: Office) -> None:
    order = office.sent(MUG=12)
    office.came(order.id, 1, 12)
    invoice = approved(office, entered(office, bill(order, (1, 10, 400))))
    office.came(order.id, 1, -2)
    with pytest.raises(BilledAlready, match="10 units of line 1"):
        office.came(order.id, 1, -1)
    office.do("purchasing", DisputeSupplierInvoice(invoice_id=invoice.id, reason="broken"), SupplierInvoiceState)
    office.came(order.id, 1, -1)


def test_an_amended_order_is_matched_anew(office: Office) -> None:
    order = office.sent(MUG=18)
    office.came(order.id, 1, 12)
    invoice = entered(office, bill(order, (1, 12, 410)))
    assert standing(office, invoice, order) == "entered"
    change = AmendPurchase(purchase_id=order.id, reason="dearer", lines=[AmendedLine(line_no=1, unit_cost=410)])
    office.by(office.admin, change, PurchaseState)
    office.pump()
    assert standing(office, invoice, order) == "matched"


def test_a_disputed_invoice_that_comes_to_match_may_be_approved(office: Office) -> None:
    order = office.sent(MUG=12)
    invoice = entered(office, bill(order, (1, 12, 400)))
    office.do("purchasing", DisputeSupplierInvoice(invoice_id=invoice.id, reason="not here"), SupplierInvoiceState)
    office.came(order.id, 1, 12)
    assert approved(office, invoice).status == "approved"


def test_every_line_is_judged_for_itself() -> None:
    lines = [Matched(1, "MUG", 5, 2000, 10, 4000, 4, 0, 0, 6), Matched(2, "PLATE", 3, 1002, 3, 999, 3, 0, 0, 0)]
    found = differences(lines, charges=(0, 0, 500), currency="EUR", tolerance=Tolerance(price_ppm=3000))
    assert [(d.kind, d.line_no, d.amount, d.within) for d in found] == [
        ("quantity", 1, 1, False),
        ("price", 2, 3, True),
    ]
