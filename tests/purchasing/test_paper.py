"""The printed order says what the supplier has to know, in its letters, and which revision it is."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader

from agents.purchasing.messages.orders import ChargeAsk, CreatePurchase, PurchaseLineAsk, PurchaseState
from agents.purchasing.messages.suppliers import PriceBreak
from db.nodes import Node
from paper.lettering import CHINESE, JAPANESE, KOREAN, marked_up
from paper.purchase_order import paper_of, purchase_order_pdf
from tests.purchasing.conftest import Office
from tests.purchasing.test_routes import Desk, desk  # noqa: F401 - a fixture
from tests.serve.conftest import error_of
from tests.shop import TESTER


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def printed(office: Office, purchase: PurchaseState) -> list[str]:
    with office.db.reading() as session:
        return pages(purchase_order_pdf(paper_of(session, purchase.id)))


def test_an_order_on_paper_has_all_that_its_supplier_has_to_know(desk: Desk) -> None:  # noqa: F811
    office = desk.office
    with office.db.transaction(TESTER, now=office.now) as tx:
        tx.get_one(Node, "LON").address = {"line1": "12 Mill Lane", "city": "York", "postcode": "YO1 7EP"}
    office.a_supplier("HANSA", name="Hansa Ceramics", terms="30 days net, FOB Hamburg", email="orders@hansa.example")
    breaks = [PriceBreak(from_quantity=60, unit_cost=350)]
    office.sells("MUG", case_pack=6, minimum_quantity=12, breaks=breaks, supplier_sku="HC-8812")
    lines = [{"sku": "MUG", "quantity": 60, "discount_ppm": 25_000}, {"sku": "PLATE", "quantity": 7}]
    made = desk.order(lines=lines, charges=[{"name": "Freight", "amount": 12_000}])
    path = f"/api/v1/purchase-orders/{made['id']}/document.pdf"
    assert "not an order yet" in pages(desk.all.get(path).content)[0]
    desk.do(made, "approve")
    desk.do(made, "send")
    answer = desk.all.get(path)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="{made["number"]}.pdf"'
    [page] = pages(answer.content)
    for words in (
        f"Purchase order {made['number']} Supplier", "Hansa Ceramics", "orders@hansa.example", "12 Mill Lane",
        "YO1 7EP York", "Terms: 30 days net, FOB Hamburg", "Wanted by: 16 Mar 2026", "HC-8812", "10 × 6", "3.50",
        "from 60 units", "less 2.5 %", "204.75", "23.31", "Goods 228.06", "Freight 120.00", "Total 348.06 EUR",
    ):  # fmt: skip
        assert words in page, (words, page)
    assert "revision" not in page.lower()
    assert "not an order" not in page


def test_an_order_that_was_amended_after_it_was_sent_says_which_revision_it_is(desk: Desk) -> None:  # noqa: F811
    made = desk.order()
    desk.do(made, "amend", reason="before anybody saw it", lines=[{"line_no": 1, "quantity": 18}])
    desk.do(made, "approve")
    desk.do(made, "send")
    path = f"/api/v1/purchase-orders/{made['id']}/document.pdf"
    assert "revision" not in pages(desk.all.get(path).content)[0]
    for nth, units in ((2, 24), (3, 30)):
        desk.office.later(hours=1)
        desk.do(made, "amend", reason="more", lines=[{"line_no": 1, "quantity": units, "discount_ppm": nth}])
        page = pages(desk.all.get(path).content)[0]
        assert f"Purchase order {made['number']}, revision {nth}" in page


@pytest.mark.parametrize("name", ["Łódź Ceramika Śląska", "Κεραμική Αθηνών", "Фарфор Ёжик", "Đồ gốm Bát Tràng & <b>"])
def test_names_are_printed_in_their_own_letters(office: Office, name: str) -> None:
    office.a_supplier("HANSA", name=name)
    assert name in printed(office, office.drafted(MUG=12))[0]


@pytest.mark.parametrize(
    ("name", "typeface"), [("景德镇陶瓷", CHINESE), ("有田焼の器", JAPANESE), ("이천 도자기", KOREAN)]
)
def test_eastern_names_are_drawn_as_those_who_write_them_draw_them(office: Office, name: str, typeface: str) -> None:
    office.a_supplier("HANSA", name=name)
    with office.db.reading() as session:
        pdf = purchase_order_pdf(paper_of(session, office.drafted(MUG=12).id))
    assert {f for f in (CHINESE, JAPANESE, KOREAN) if f.encode() in pdf} == {typeface}
    assert marked_up(f"A {name[0]}<").startswith('A <font name="')


def test_a_letter_that_no_typeface_has_and_what_is_no_letter_break_nothing(office: Office) -> None:
    office.a_supplier("HANSA", name="Hansa \U0001f600 خزف\nCeramics")
    assert "Ceramics" in printed(office, office.drafted(MUG=12))[0]


def test_a_long_order_has_its_heading_on_every_page(office: Office) -> None:
    skus = [f"SKU{n}" for n in range(80)]
    for sku in skus:
        office.a_sku(sku)
        office.sells(sku)
    ask = CreatePurchase(
        supplier="HANSA", node="LON", lines=[PurchaseLineAsk(sku=sku, quantity=1) for sku in skus],
        charges=[ChargeAsk(name="Freight", amount=5)],
    )  # fmt: skip
    found = printed(office, office.do("purchasing", ask, PurchaseState))
    assert len(found) > 2
    assert all("Your item" in page and f"Page {n}" in page for n, page in enumerate(found, 1))
    assert [sku for sku in skus if not any(f" {sku} " in page for page in found)] == []
    assert "Total 320.05 EUR" in found[-1]


def test_the_same_order_is_the_same_paper(office: Office) -> None:
    made = office.drafted(MUG=12)
    with office.db.reading() as session:
        first, second = (purchase_order_pdf(paper_of(session, made.id)) for _ in range(2))
    assert first == second


def test_who_may_not_read_orders_does_not_get_them_on_paper(desk: Desk) -> None:  # noqa: F811
    made: dict[str, Any] = desk.order()
    path = f"/api/v1/purchase-orders/{made['id']}/document.pdf"
    error_of(desk.key("read_stock").get(path), 403, "missing_scope")
    error_of(desk.all.get(f"/api/v1/purchase-orders/{uuid4()}/document.pdf"), 404, "not_found")
