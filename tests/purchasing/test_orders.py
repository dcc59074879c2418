"""Purchase orders: written, approved within limits, sent, confirmed, amended, received, closed and cancelled."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from agents.purchasing.messages.orders import (
    AmendedLine,
    AmendPurchase,
    ApprovePurchase,
    CancelPurchase,
    ChargeAsk,
    ConfirmedLine,
    ConfirmPurchase,
    CreatePurchase,
    PurchaseLineAsk,
    PurchaseState,
    SendPurchase,
    ShortClosePurchase,
)
from db.base import uuid7
from db.errors import Refusal
from db.purchasing import Acceptance, open_lines
from tests.purchasing.conftest import Office
from tests.shop import START, TESTER


def line(sku: str, quantity: int, **more: Any) -> PurchaseLineAsk:
    return PurchaseLineAsk(sku=sku, quantity=quantity, **more)


def create(*lines: PurchaseLineAsk, **more: Any) -> CreatePurchase:
    return CreatePurchase(**({"supplier": "HANSA", "node": "LON", "lines": list(lines)} | more))


def amend(purchase: PurchaseState, *lines: AmendedLine, **more: Any) -> AmendPurchase:
    return AmendPurchase(purchase_id=purchase.id, reason="asked for", lines=list(lines), **more)


def test_a_draft_takes_costs_and_breaks_from_the_price_list(office: Office) -> None:
    few, many = office.drafted(MUG=12, PLATE=3), office.drafted(MUG=60)
    assert [(n["unit_cost"], n["total"]) for n in few.lines] == [(400, 4800), (333, 999)]
    assert [(n["unit_cost"], n["total"]) for n in many.lines] == [(350, 21000)]
    assert (few.number, many.number, few.total, few.status) == ("PO100001", "PO100002", 5799, "draft")
    assert few.next == ["approved", "cancelled"]
    assert office.coming() == 0


def test_the_total_is_the_sum_of_lines_that_are_rounded_once(office: Office) -> None:
    lines = [line("MUG", 18, unit_cost=333, discount_ppm=125_000), line("PLATE", 1, unit_cost=5, discount_ppm=500_000)]
    made = office.do("purchasing", create(*lines, charges=[ChargeAsk(name="Freight", amount=1000)]), PurchaseState)
    assert [n["total"] for n in made.lines] == [5994 - 749, 2]
    assert (made.subtotal, made.charges_total, made.total) == (5247, 1000, 6247)


def test_charges_land_on_the_lines_by_their_key_to_the_last_cent(office: Office) -> None:
    charges = [
        ChargeAsk(name="Duty", amount=101, shared_by="value"),
        ChargeAsk(name="Handling", amount=100, shared_by="quantity"),
        ChargeAsk(name="Freight", amount=1000, shared_by="weight"),
    ]
    made = office.do("purchasing", create(line("MUG", 12), line("PLATE", 6), charges=charges), PurchaseState)
    assert [n["total"] for n in made.lines] == [4800, 1998]
    # 101 by 4800:1998 is 71:30, 100 by 12:6 is 67:33, 1000 by 3600:3000 grams is 545:455
    assert [n["landed"] for n in made.lines] == [4800 + 71 + 67 + 545, 1998 + 30 + 33 + 455]
    assert sum(n["landed"] for n in made.lines) == made.total


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (create(line("MUG", 12), supplier="NOBODY"), "not_found"),
        (create(line("MUG", 12), node="XXX"), "not_found"),
        (create(), "bad_purchase_field"),
        (create(line("MUG", 12), line("MUG", 12)), "bad_purchase_field"),
        (create(line("NOTHING", 1)), "not_found"),
        (create(line("BOWL", 1)), "not_sold_by_supplier"),
        (create(line("MUG", 6)), "below_minimum_quantity"),
        (create(line("MUG", 13)), "not_whole_cases"),
        (create(line("PLATE", 0)), "bad_purchase_field"),
        (create(line("PLATE", 10_000_000, unit_cost=10**12)), "amount_too_large"),
        (create(line("PLATE", 1), charges=[ChargeAsk(name="x", amount=1, shared_by="moon")]), "bad_purchase_field"),
    ],
)
def test_what_cannot_be_bought_is_refused(office: Office, ask: CreatePurchase, code: str) -> None:
    office.a_sku("BOWL")
    office.refused(ask, code)


def test_the_refusal_of_broken_cases_names_the_next_whole_number(office: Office) -> None:
    refused = office.refused(create(line("MUG", 13)), "not_whole_cases")
    assert str(refused).endswith("The next is 18.")


def test_what_is_discontinued_blocked_or_switched_off_is_not_ordered(office: Office) -> None:
    with office.db.transaction(TESTER, now=office.now) as tx:
        tx.execute(text("UPDATE variants SET status = 'discontinued' WHERE sku = 'PLATE'"))
    office.refused(create(line("PLATE", 1)), "not_to_be_ordered")
    office.sells("MUG", active=False)
    office.refused(create(line("MUG", 12)), "not_to_be_ordered")
    office.a_supplier(active=False)
    office.refused(create(line("MUG", 12)), "not_to_be_ordered")


def test_nobody_approves_beyond_their_limit_and_the_refusal_names_it(office: Office) -> None:
    ask = ApprovePurchase(purchase_id=office.drafted(MUG=12).id)
    none = office.refused(ask, "above_approval_limit", by=office.manager)
    where = "Limits belong to roles and are set under Purchase orders, Approval limits."
    assert str(none) == (
        "The role manager has no approval limit in EUR; this order is 48.00 EUR. Ask somebody whose role has one. "
        + where
    )
    office.limit("manager", 4799)
    low = office.refused(ask, "above_approval_limit", by=office.manager)
    assert "may approve up to 47.99 EUR; this order is 48.00 EUR" in str(low)
    assert (low.status_code, low.facts()["limit"]) == (403, 4799)
    office.refused(ask, "above_approval_limit")  # whoever is unknown has no role
    office.limit("manager", 4800)
    done = office.by(office.manager, ask, PurchaseState)
    assert (done.status, done.approved_total, done.next) == ("approved", 4800, ["cancelled", "sent"])
    assert office.coming() == 12
    assert [said["total"] for said in office.said("PurchaseOrderApproved")] == [4800]


def test_a_limit_in_one_currency_is_none_in_another(office: Office) -> None:
    office.limit("manager", 10**9, currency="USD")
    ask = ApprovePurchase(purchase_id=office.drafted(MUG=12).id)
    office.refused(ask, "above_approval_limit", by=office.manager)


def test_an_order_below_the_suppliers_minimum_is_a_draft_until_it_grows(office: Office) -> None:
    office.a_supplier(minimum_order=5000)
    made = office.drafted(MUG=12)
    office.refused(ApprovePurchase(purchase_id=made.id), "below_minimum_order", by=office.admin)
    office.do("purchasing", amend(made, AmendedLine(line_no=1, quantity=18)), PurchaseState)
    assert office.by(office.admin, ApprovePurchase(purchase_id=made.id), PurchaseState).status == "approved"


def test_an_order_that_is_sent_is_expected_after_the_quoted_lead_time(office: Office) -> None:
    office.sells("PLATE", unit_cost=333, lead_days=3)
    sent = office.sent(MUG=12, PLATE=1)
    days = [(n["expected_at"] - START).days for n in sent.lines]
    assert (days, sent.expected_at) == ([14, 3], START + timedelta(days=14))
    assert [said["number"] for said in office.said("PurchaseOrderSent")] == [sent.number]
    office.refused(SendPurchase(purchase_id=sent.id), "illegal_move")


def test_a_supplier_confirms_dates_and_moves_them_and_both_are_kept(office: Office) -> None:
    sent = office.sent(MUG=12, PLATE=1)
    first, later = START + timedelta(days=20), START + timedelta(days=30)
    ask = ConfirmPurchase(purchase_id=sent.id, expected_at=first, reference="SO-77")
    confirmed = office.do("purchasing", ask, PurchaseState)
    assert (confirmed.status, confirmed.expected_at) == ("confirmed", first)
    moved = ConfirmPurchase(purchase_id=sent.id, lines=[ConfirmedLine(line_no=2, expected_at=later)])
    assert office.do("purchasing", moved, PurchaseState).expected_at == later
    kept = [(a.line_no, a.field, a.new) for a in office.amendments(sent.id)]
    assert kept == [
        (1, "expected_at", str(first)), (2, "expected_at", str(first)), (None, "reference", "SO-77"),
        (2, "expected_at", str(later)),
    ]  # fmt: skip
    office.refused(ConfirmPurchase(purchase_id=office.drafted(MUG=12).id), "illegal_move")


def test_an_amendment_keeps_old_and_new_and_who_and_why(office: Office) -> None:
    sent = office.sent(MUG=12)
    changed = office.by(office.admin, amend(sent, AmendedLine(line_no=1, quantity=24, unit_cost=390)), PurchaseState)
    assert (changed.total, changed.approved_total) == (9360, 9360)
    kept = [(a.actor, a.why, a.line_no, a.field, a.old, a.new) for a in office.amendments(sent.id)]
    assert kept == [
        (office.admin, "asked for", 1, "ordered", "12", "24"),
        (office.admin, "asked for", 1, "unit_cost", "400", "390"),
    ]
    assert office.coming() == 24


def test_amending_beyond_what_was_approved_needs_a_limit_and_below_it_does_not(office: Office) -> None:
    sent = office.sent(MUG=24)
    less = office.do("purchasing", amend(sent, AmendedLine(line_no=1, quantity=12)), PurchaseState)
    assert (less.total, less.approved_total) == (4800, 9600)
    back = office.do("purchasing", amend(sent, AmendedLine(line_no=1, quantity=24)), PurchaseState)
    assert back.total == 9600
    office.refused(amend(sent, AmendedLine(line_no=1, quantity=30)), "above_approval_limit")
    office.refused(amend(sent, charges=[ChargeAsk(name="Freight", amount=1)]), "above_approval_limit")


def test_an_amendment_that_changes_nothing_leaves_no_amendment(office: Office) -> None:
    sent = office.sent(MUG=12)
    office.do("purchasing", amend(sent, AmendedLine(line_no=1, quantity=12)), PurchaseState)
    assert office.amendments(sent.id) == []


def test_amendments_are_never_rewritten(office: Office) -> None:
    sent = office.sent(MUG=12)
    office.by(office.admin, amend(sent, note="call first"), PurchaseState)
    with pytest.raises(Exception, match="append-only"), office.db.transaction(TESTER) as tx:
        tx.execute(text("UPDATE purchase_amendments SET new = ''"))


def test_an_order_comes_in_parts_and_each_line_is_judged_for_itself(office: Office) -> None:
    sent = office.sent(MUG=12, PLATE=5)
    office.came(sent.id, 1, 7)
    assert (office.status(sent.id), office.coming(), office.coming("PLATE")) == ("partly_received", 5, 5)
    office.came(sent.id, 1, 11, accepted=Acceptance("user:ada", "we can sell them"))
    assert (office.status(sent.id), office.coming(), office.coming("PLATE")) == ("partly_received", 0, 5)
    with office.db.reading() as session:
        assert [n.line_no for n in open_lines(session, sent.id)] == [2]
    office.came(sent.id, 2, 5)
    assert (office.status(sent.id), office.coming("PLATE")) == ("received", 0)
    office.came(sent.id, 2, -5)
    assert (office.status(sent.id), office.coming("PLATE")) == ("partly_received", 5)


def test_a_receipt_taken_back_leaves_the_order_where_it_was(office: Office) -> None:
    sent = office.sent(PLATE=5)
    office.came(sent.id, 1, 5)
    office.came(sent.id, 1, -5)
    assert office.status(sent.id) == "sent"
    office.do("purchasing", ConfirmPurchase(purchase_id=sent.id), PurchaseState)
    office.came(sent.id, 1, 5)
    office.came(sent.id, 1, -5)
    assert (office.status(sent.id), office.coming("PLATE")) == ("confirmed", 5)
    with pytest.raises(Refusal, match="cannot go back"):
        office.came(sent.id, 1, -1)


def test_what_came_of_an_order_cannot_be_forgotten_by_sending_or_confirming_it_again(office: Office) -> None:
    sent = office.sent(PLATE=5)
    office.came(sent.id, 1, 3)
    office.refused(SendPurchase(purchase_id=sent.id), "illegal_move")
    confirmed = office.do("purchasing", ConfirmPurchase(purchase_id=sent.id), PurchaseState)
    assert (confirmed.status, confirmed.next) == ("partly_received", ["received", "short_closed"])
    office.came(sent.id, 1, 2)
    office.refused(ConfirmPurchase(purchase_id=sent.id), "illegal_move")
    office.refused(SendPurchase(purchase_id=sent.id), "illegal_move")


def test_more_than_the_tolerance_needs_somebody_who_takes_it(office: Office) -> None:
    office.a_supplier(over_ppm=100_000)
    sent = office.sent(PLATE=50)
    office.came(sent.id, 1, 55)
    with pytest.raises(Refusal, match="takes 0 more PLATE: 50 were ordered and 55 have come"):
        office.came(sent.id, 1, 1)
    office.came(sent.id, 1, 1, accepted=Acceptance("user:ada", "we can sell them"))
    assert (office.count("over_receipts"), office.status(sent.id)) == (1, "received")


def test_nothing_is_received_on_what_was_not_sent(office: Office) -> None:
    for purchase in (office.drafted(MUG=12), office.approved(MUG=12)):
        with pytest.raises(Refusal, match="nothing can be received"):
            office.came(purchase.id, 1, 1)
    with pytest.raises(Refusal, match="no line"):
        office.came(office.sent(MUG=12).id, 2, 1)
    with pytest.raises(Refusal, match="no purchase order"):
        office.came(uuid7(), 1, 1)


def test_what_is_closed_short_is_no_longer_on_order(office: Office) -> None:
    sent = office.sent(MUG=12, PLATE=5)
    office.came(sent.id, 1, 4)
    one = ShortClosePurchase(purchase_id=sent.id, reason="out of clay", lines=[1])
    part = office.do("purchasing", one, PurchaseState)
    assert (part.status, part.lines[0]["closed_short"], office.coming()) == ("partly_received", 8, 0)
    office.refused(one, "nothing_open")
    rest = office.do("purchasing", ShortClosePurchase(purchase_id=sent.id, reason="gave up"), PurchaseState)
    assert (rest.status, office.coming("PLATE")) == ("short_closed", 0)
    assert [said["lines"] for said in office.said("PurchaseOrderShortClosed")] == [[1], [2]]
    office.refused(amend(sent, note="x"), "purchase_is_over")
    with pytest.raises(Refusal, match="is short_closed"):
        office.came(sent.id, 2, 1)


def test_an_order_is_cancelled_only_while_nothing_has_come(office: Office) -> None:
    sent = office.sent(MUG=12)
    office.came(sent.id, 1, 1)
    ask = CancelPurchase(purchase_id=sent.id, reason="found cheaper")
    office.refused(ask, "goods_have_come")
    office.came(sent.id, 1, -1)
    gone = office.do("purchasing", ask, PurchaseState)
    assert (gone.status, gone.next, office.coming()) == ("cancelled", [], 0)
    office.refused(ask, "illegal_move")


def test_a_line_cannot_shrink_below_what_has_come(office: Office) -> None:
    sent = office.sent(MUG=24)
    office.came(sent.id, 1, 13)
    office.refused(amend(sent, AmendedLine(line_no=1, quantity=12)), "below_what_happened")
    enough = office.do("purchasing", amend(sent, AmendedLine(line_no=1, quantity=18)), PurchaseState)
    assert (enough.status, enough.lines[0]["open"]) == ("partly_received", 5)
    office.came(sent.id, 1, 5)
    assert office.status(sent.id) == "received"


def test_who_saw_an_older_version_is_refused(office: Office) -> None:
    made = office.drafted(MUG=12)
    office.do("purchasing", amend(made, note="one", version=made.version), PurchaseState)
    office.refused(amend(made, note="two", version=made.version), "stale_version")


def test_the_same_key_orders_once(office: Office) -> None:
    first = office.by(office.admin, create(line("MUG", 12)), PurchaseState, key="k1")
    again = office.by(office.admin, create(line("MUG", 12)), PurchaseState, key="k1")
    assert (first.id, office.count("purchase_orders")) == (again.id, 1)


def test_two_people_who_count_the_same_pallet_count_every_unit_once(office: Office) -> None:
    sent = office.sent(PLATE=40)
    at_once = Barrier(4)

    def scan() -> None:
        at_once.wait()
        for _ in range(10):
            office.came(sent.id, 1, 1)

    scanners = [Thread(target=scan) for _ in range(4)]
    for scanner in scanners:
        scanner.start()
    for scanner in scanners:
        scanner.join()
    assert (office.status(sent.id), office.coming("PLATE")) == ("received", 0)
    assert _received(office, sent.id) == 40


def _received(office: Office, purchase: UUID) -> int:
    with office.db.reading() as session:
        found = session.execute(
            text("SELECT sum(received) FROM purchase_lines WHERE purchase_id = :id"), {"id": purchase}
        )
        return int(found.scalar_one())


def test_a_line_that_is_added_to_an_order_that_was_sent_is_expected_after_the_quoted_lead_time(office: Office) -> None:
    order = office.sent(MUG=12)
    office.later(days=3)
    more = office.by(office.admin, amend(order, add=[line("PLATE", 2)]), PurchaseState)
    first, added = more.lines
    assert [(n["expected_at"] - START).days for n in (first, added)] == [14, 17]
    assert more.expected_at == START + timedelta(days=17)
