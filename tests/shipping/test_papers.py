"""Papers of a parcel: labels and slips that scanners and people can read, prints that are counted."""

from __future__ import annotations

import pytest

from agents.customers.messages import CustomerErased
from agents.shipping.messages import LabelView, VoidLabel
from agents.shipping.messages.papers import LabelPrinted, PrintLabel
from db.carriers import CarrierAccount
from db.errors import Refused
from paper.packing_slip import packing_slip_of, packing_slip_pdf
from paper.shipping_label import shipping_label_of, shipping_label_pdf
from tests.paper.bars import barcode_of, text_of
from tests.shipping.makers import a_packed_parcel, a_rate_card, an_account, history, labels
from tests.shop import TESTER, Shop


def pdf_of(shop: Shop, label_id: object) -> bytes:
    with shop.db.reading() as session:
        label = shipping_label_of(session, label_id)  # type: ignore[arg-type]
        assert label is not None
        return shipping_label_pdf(label)


def test_a_label_of_a_rate_card_is_a_pdf_whose_bars_say_its_number(shop: Shop) -> None:
    a_rate_card(shop)
    order, parcel = a_packed_parcel(shop)
    (label,) = labels(shop)
    pdf = pdf_of(shop, label.id)
    said = text_of(pdf)
    assert barcode_of(pdf) == label.tracking_number
    assert all(each in said for each in ("POST", "standard", "Ada Byron", "DE", order.number, label.tracking_number))
    assert f"{parcel.weight_grams / 1000:.2f} kg" in said
    assert pdf == pdf_of(shop, label.id)


def test_a_slip_says_what_lies_in_the_parcel_and_no_price_unless_asked(shop: Shop) -> None:
    order, parcel = a_packed_parcel(shop)
    with shop.db.reading() as session:
        slip = packing_slip_of(session, parcel.id)
    assert slip is not None
    assert [(line.sku, line.units) for line in slip.lines] == [("MUG", 3)]
    plain, priced = text_of(packing_slip_pdf(slip)), text_of(packing_slip_pdf(slip, prices=True))
    assert barcode_of(packing_slip_pdf(slip)) == order.number
    assert "3 units in this parcel." in plain
    assert "Each, EUR" in priced
    assert "EUR" not in plain


def test_every_print_is_counted_in_the_history_and_a_voided_label_is_not_printed(shop: Shop) -> None:
    a_rate_card(shop)
    order, _ = a_packed_parcel(shop)
    (label,) = labels(shop)
    first = shop.do("shipping", PrintLabel(label_id=label.id, format="zpl"), LabelPrinted)
    again = shop.do("shipping", PrintLabel(label_id=label.id), LabelPrinted)
    assert (first.prints, first.path) == (1, f"/api/v1/labels/{label.id}/label.zpl")
    assert (again.prints, again.path) == (2, f"/api/v1/labels/{label.id}/label.pdf")
    assert history(shop, f"order:{order.id}", "label printed") == [
        f"{label.tracking_number} as ZPL",
        f"{label.tracking_number} as PDF, for the 2nd time",
    ]
    shop.do("shipping", VoidLabel(label_id=label.id, reason="wrong"), LabelView)
    with pytest.raises(Refused, match="was voided and may not go onto a parcel"):
        shop.do("shipping", PrintLabel(label_id=label.id), LabelPrinted)
    assert labels(shop)[0].prints == 2
    assert "VOID" in text_of(pdf_of(shop, label.id))


def test_a_carriers_own_label_is_printed_as_it_came_and_what_was_forgotten_not_at_all(shop: Shop) -> None:
    an_account(shop)
    order, _ = a_packed_parcel(shop)
    (label,) = labels(shop)
    assert shop.do("shipping", PrintLabel(label_id=label.id), LabelPrinted).prints == 1
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(CarrierAccount, "testpost").provider = "easypost"
    with pytest.raises(Refused, match="comes as ZPL alone"):
        shop.do("shipping", PrintLabel(label_id=label.id), LabelPrinted)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        erased = CustomerErased(customer_id=order.id, orders=[order.id])
        tx.announce(f"customer:{order.id}", erased)
    shop.pump()
    with pytest.raises(Refused, match="was forgotten with its customer"):
        shop.do("shipping", PrintLabel(label_id=label.id, format="zpl"), LabelPrinted)
