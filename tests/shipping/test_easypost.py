"""EasyPost's adapter against a stand-in of its API: units, faults, and one sale whatever happens."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from agents.shipping.messages.carriers import CarrierAccountState, PutCarrierAccount
from agents.shipping.providers import (
    NEVER_SOLD,
    Address,
    CarrierTrouble,
    Customs,
    CustomsItem,
    ManifestAnswer,
    PickupAnswer,
    PickupAsk,
    Rate,
    SaleStatus,
    Shipment,
    VoidStatus,
)
from agents.shipping.providers.easypost_carrier import EasyPostCarrier
from agents.shipping.providers.easypost_shapes import shipment_params
from db.sealing import NoSecretsKey, seal, unseal
from db.settings import Settings
from tests.shipping.easypost_double import API_KEY, ZPL, EasyPostDouble, Fault, easypost
from tests.shipping.makers import a_packed_parcel, a_rate_card, labels, live, nothing_wrong, purchases, reconcile
from tests.shop import Shop

SENT = Shipment(
    reference="100001 F1-1",
    sender=Address(name="London", line1="12 Wharf Road", city="London", postcode="E3 3AA", country="GB"),
    to=Address(name="Ada King", line1="Am Tor 1", city="Berlin", postcode="10115", country="DE"),
    weight_grams=1050,
    sides_mm=(100, 300, 200),
    on=date(2026, 3, 2),
)
SETTINGS = Settings(secrets_key="one,two")


@pytest.fixture
def double() -> Iterator[EasyPostDouble]:
    with easypost() as there:
        yield there


@pytest.fixture
def carrier(double: EasyPostDouble) -> EasyPostCarrier:
    return EasyPostCarrier(API_KEY, live=False, seconds=5, base_url=double.url)


def cheapest(carrier: EasyPostCarrier) -> Rate:
    return min(carrier.rates(SENT).rates, key=lambda rate: rate.amount)


def test_rates_come_in_minor_units_with_what_single_carriers_said(carrier: EasyPostCarrier) -> None:
    rated = carrier.rates(SENT)
    assert [(r.name, r.amount, r.currency, r.transit_days) for r in rated.rates] == [
        ("ups ground", 730, "EUR", 4),
        ("ups nextdayair", 3105, "EUR", 1),
    ]
    assert rated.messages == ["FedEx: Invalid postal code"]


def test_a_parcel_is_told_in_ounces_and_inches_rounded_up_and_customs_by_the_line() -> None:
    told = shipment_params(SENT)
    assert told["parcel"] == {"weight": 37.1, "length": 11.9, "width": 7.9, "height": 4.0}
    assert "sides" not in str(shipment_params(Shipment(**{**_facts(), "sides_mm": (0, 0, 0)}))["parcel"])
    item = CustomsItem(title="Mug", quantity=3, value=1000, currency="EUR", weight_grams=350)
    told = shipment_params(Shipment(**{**_facts(), "customs": Customs(items=[item], signer="Ada")}))
    (line,) = told["customs_info"]["customs_items"]
    assert (line["value"], line["quantity"], line["weight"]) == ("30.00", 3, 37.1)
    assert told["options"]["incoterm"] == "DAP"


def _facts() -> dict[str, object]:
    return {name: getattr(SENT, name) for name in SENT.__struct_fields__}


def test_a_label_is_bought_once_whatever_is_sent_twice(double: EasyPostDouble, carrier: EasyPostCarrier) -> None:
    rate = cheapest(carrier)
    sale, again = carrier.buy("k", SENT, rate), carrier.buy("k", SENT, rate)
    assert (sale.status, sale.amount, sale.tracking_number, sale.label) == (SaleStatus.sold, 730, "1Zshp_1", ZPL)
    assert again == sale
    assert double.sold == {"shp_1": 1}


@pytest.mark.parametrize("fault", [Fault.cut_off, Fault.error_500, Fault.garbage, Fault.nonsense])
def test_a_sale_without_an_answer_is_unknown_and_then_found(
    double: EasyPostDouble, carrier: EasyPostCarrier, fault: Fault
) -> None:
    rate = cheapest(carrier)
    double.fault = fault
    assert carrier.buy("k", SENT, rate).status is SaleStatus.unknown
    assert carrier.look_up("k", SENT, rate).status is SaleStatus.sold
    assert double.sold == {"shp_1": 1}


def test_a_sale_that_was_lost_is_unknown_and_then_known_to_be_none(
    double: EasyPostDouble, carrier: EasyPostCarrier
) -> None:
    rate = cheapest(carrier)
    double.fault = Fault.never_done
    assert carrier.buy("k", SENT, rate).status is SaleStatus.unknown
    found = carrier.look_up("k", SENT, rate)
    assert (found.status, found.code) == (SaleStatus.refused, "never_sold")


def test_refusals_keep_their_kind(double: EasyPostDouble, carrier: EasyPostCarrier) -> None:
    rate = cheapest(carrier)
    double.fault = Fault.refused
    told = carrier.buy("k", SENT, rate)
    assert (told.status, told.message) == (SaleStatus.refused, "EasyPost says: Address is not served.")
    double.fault = Fault.rate_gone
    assert carrier.buy("k", SENT, rate).status is SaleStatus.expired
    double.fault = Fault.too_many
    with pytest.raises(CarrierTrouble, match="slow down") as trouble:
        carrier.buy("k", SENT, rate)
    assert trouble.value.surely_not_begun
    assert double.sold == {}


def test_a_wrong_key_a_wrong_mode_and_nobody_there_are_said(double: EasyPostDouble) -> None:
    with pytest.raises(CarrierTrouble, match="does not accept the account's key"):
        EasyPostCarrier("EZTKother", live=False, seconds=5, base_url=double.url).rates(SENT)
    with pytest.raises(CarrierTrouble, match="The account is for live and its key for test"):
        EasyPostCarrier(API_KEY, live=True, seconds=5, base_url=double.url).rates(SENT)
    with pytest.raises(CarrierTrouble, match="cannot be reached") as trouble:
        EasyPostCarrier(API_KEY, live=False, seconds=5, base_url="http://127.0.0.1:9").rates(SENT)
    assert trouble.value.surely_not_begun


@pytest.mark.parametrize("fault", [Fault.garbage, Fault.nonsense])
def test_rates_that_cannot_be_read_are_trouble(double: EasyPostDouble, carrier: EasyPostCarrier, fault: Fault) -> None:
    double.fault, double.fault_at = fault, "/shipments"
    with pytest.raises(CarrierTrouble):
        carrier.rates(SENT)


def test_a_refund_is_asked_once_and_then_looked_at(double: EasyPostDouble, carrier: EasyPostCarrier) -> None:
    rate = cheapest(carrier)
    ref = carrier.buy("k", SENT, rate).ref
    assert carrier.void("v", ref).status is VoidStatus.pending
    assert carrier.void("v", ref).status is VoidStatus.pending
    assert double.refunds == ["shp_1"]
    double.shipments["shp_1"]["refund_status"] = "refunded"
    assert carrier.void("v", ref).status is VoidStatus.granted
    double.refund_status = double.shipments["shp_1"]["refund_status"] = "rejected"
    assert carrier.void("v", ref).status is VoidStatus.refused


def test_scans_keep_their_identity_and_leave_out_what_says_nothing(carrier: EasyPostCarrier) -> None:
    first, second = carrier.track("1Z", "UPS"), carrier.track("1Z", "UPS")
    assert [(s.status, s.place) for s in first] == [("in_transit", "Leipzig, DE"), ("delivered", "Leipzig, DE")]
    assert first[1].at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert [s.event_id for s in first] == [s.event_id for s in second]
    assert len({s.event_id for s in first}) == 2


def test_a_manifest_names_its_parcels_and_is_found_again(double: EasyPostDouble, carrier: EasyPostCarrier) -> None:
    labels = ["shp_1", "shp_2"]
    assert carrier.look_up_manifest("m", labels).status is ManifestAnswer.refused
    made = carrier.manifest("m", labels)
    assert (made.status, made.ref, made.tracking_numbers) == (ManifestAnswer.made, "sf_1", labels)
    assert b64decode(made.document).startswith(b"%PDF")
    assert carrier.look_up_manifest("m", labels) == made
    double.fault, double.fault_at = Fault.cut_off, "/scan_forms"
    assert carrier.manifest("m", labels).status is ManifestAnswer.unknown


FETCH = PickupAsk(
    labels=["shp_1", "shp_2"],
    address=SENT.sender,
    earliest=datetime(2026, 3, 2, 16, 30, tzinfo=UTC),
    latest=datetime(2026, 3, 2, 18, tzinfo=UTC),
)


def test_a_pickup_is_bought_at_the_least_price_and_cancelled(double: EasyPostDouble, carrier: EasyPostCarrier) -> None:
    made = carrier.pickup("k", FETCH)
    assert (made.status, made.confirmation, made.amount, made.currency) == (
        PickupAnswer.booked, f"C-{made.ref}", 500, "EUR",
    )  # fmt: skip
    bought = next(body for _, path, body in double.seen if path.endswith("/buy"))
    assert (bought["carrier"], bought["service"]) == ("UPS", "Future-Day")
    assert carrier.cancel_pickup("k", made.ref).status is VoidStatus.granted
    assert carrier.look_up_pickup("k", made.ref).status is PickupAnswer.refused


@pytest.mark.parametrize("fault", [Fault.cut_off, Fault.error_500, Fault.garbage, Fault.nonsense])
def test_a_pickup_whose_answer_is_lost_is_found_by_its_own_word_and_by_our_key(
    double: EasyPostDouble, carrier: EasyPostCarrier, fault: Fault
) -> None:
    double.fault, double.fault_at = fault, "/buy"
    made = carrier.pickup("k", FETCH)
    assert (made.status, bool(made.ref)) == (PickupAnswer.unknown, True)
    found = carrier.look_up_pickup("k", made.ref)
    assert (found.status, found.confirmation) == (PickupAnswer.booked, f"C-{made.ref}")
    assert carrier.look_up_pickup("k", "") == found
    assert carrier.look_up_pickup("another", "").code == NEVER_SOLD


def test_a_pickup_that_was_only_planned_is_nothing(double: EasyPostDouble, carrier: EasyPostCarrier) -> None:
    double.fault, double.fault_at = Fault.cut_off, "/pickups"
    with pytest.raises(CarrierTrouble) as trouble:
        carrier.pickup("k", FETCH)
    assert trouble.value.surely_not_begun
    assert carrier.look_up_pickup("k", "").code == NEVER_SOLD


def test_credentials_open_with_every_key_and_are_sealed_with_the_first() -> None:
    sealed = seal({"api_key": API_KEY}, SETTINGS)
    assert API_KEY not in sealed
    assert unseal(sealed, SETTINGS) == unseal(sealed, Settings(secrets_key="new,one")) == {"api_key": API_KEY}
    with pytest.raises(Exception, match="sealed under another"):
        unseal(sealed, Settings(secrets_key="two"))
    with pytest.raises(NoSecretsKey):
        seal({}, Settings())


def test_a_label_elsewhere_is_not_loaded(double: EasyPostDouble, carrier: EasyPostCarrier) -> None:
    rate = cheapest(carrier)
    assert carrier.buy("k", SENT, rate).status is SaleStatus.sold
    for url in ("http://127.0.0.1:9/label", "https://evil.example/x.easypost.com", "file:///etc/passwd"):
        double.shipments["shp_1"]["postage_label"]["label_zpl_url"] = url
        assert carrier.look_up("k", SENT, rate).status is SaleStatus.unknown


# The whole way


def an_easypost_account(shop: Shop, double: EasyPostDouble) -> None:
    shop.agent("shipping").use(Settings(secrets_key="one", easypost_url=double.url))  # type: ignore[attr-defined]
    sealed = seal({"api_key": API_KEY}, SETTINGS)
    account = PutCarrierAccount(
        code="easypost", name="EasyPost", provider="easypost", mode="test", sealed=sealed, hint="api_key …uble"
    )
    shop.do("shipping", account, CarrierAccountState)


def test_a_packed_parcel_is_labelled_through_easypost(shop: Shop, double: EasyPostDouble) -> None:
    a_rate_card(shop, amount=990)
    an_easypost_account(shop, double)
    a_packed_parcel(shop)
    (label,) = labels(shop)
    assert (label.carrier, label.service, label.amount, label.zpl) == ("ups", "ground", 730, ZPL)
    assert (label.account, label.provider_ref, double.sold) == ("easypost", "shp_1", {"shp_1": 1})
    assert double.seen[0][2]["shipment"]["to_address"]["country"] == "DE"
    nothing_wrong(shop)


@pytest.mark.parametrize("fault", [Fault.cut_off, Fault.garbage, Fault.error_500, Fault.never_done])
def test_silence_after_the_sale_leaves_one_live_label_that_was_paid_once(
    shop: Shop, double: EasyPostDouble, fault: Fault
) -> None:
    a_rate_card(shop, amount=990)
    an_easypost_account(shop, double)
    double.fault = fault
    a_packed_parcel(shop)
    assert (purchases(shop)[0].status, labels(shop)) == ("unknown", [])
    reconcile(shop, seconds=16)
    reconcile(shop, seconds=60)
    assert [label.tracking_number for label in live(shop)] == ["1Zshp_1"]
    assert double.sold == {"shp_1": 1}
    nothing_wrong(shop)
