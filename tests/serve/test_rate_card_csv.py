"""Rate cards as files: what goes out comes in again as it was, and a wrong file is refused by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from agents.shipping.cards import places_of, rates_of, surcharges_of
from agents.shipping.messages import PutRateCard, RateRow, SurchargeRow, ZoneRow
from db.session import Database
from db.shipping import SurchargeKind
from serve.app import create_app
from serve.keys import make_key
from serve.rate_card_csv import BadRateCardFile, card_of, csv_of
from serve.scopes import ALL_SCOPES
from tests.shop import TESTER, Shop

CARD = "record,currency,transit_days,zone,max_weight_grams,amount,kind,percent,country\n"

measures = st.none() | st.integers(1, 10**6)
surcharges = st.builds(
    SurchargeRow,
    kind=st.sampled_from([k.value for k in SurchargeKind]),
    amount=st.integers(1, 10**9),
    ppm=st.integers(0, 10**6),
    on_surcharges=st.booleans(),
    country=st.sampled_from(["DE", "*"]),
    over_length_mm=measures,
    over_weight_grams=measures,
    from_date=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)
names = st.text(st.characters(categories=["L", "N", "P"], exclude_characters="'"), min_size=1, max_size=12)


@st.composite
def cards(draw: st.DrawFn) -> PutRateCard:
    zones = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    return PutRateCard(
        carrier="post",
        service="standard",
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        transit_days=draw(st.integers(0, 30)),
        dimensional_divisor=draw(measures),
        max_length_mm=draw(measures),
        cut_off=draw(st.none() | st.builds(time, st.integers(0, 23), st.integers(0, 59))),
        co2_grams_per_tkm=draw(measures),
        co2_grams_per_parcel=draw(measures),
        rates=[
            RateRow(zone=zone, max_weight_grams=grams, amount=draw(st.integers(0, 10**9)))
            for zone in zones
            for grams in sorted(draw(st.sets(st.integers(1, 10**6), min_size=1, max_size=3)))
        ],
        zones=[
            ZoneRow(
                zone=zone, country="DE", postcode_from=f"{n}0", postcode_to=f"{n}9", origin=draw(st.sampled_from("*A"))
            )
            for n, zone in enumerate(zones)
        ],
        surcharges=draw(st.lists(surcharges, max_size=3)),
    )


@given(cards())
def test_a_card_that_goes_out_comes_in_again_as_it_was(card: PutRateCard) -> None:
    shown = msgspec.to_builtins(card)
    again = card_of(csv_of(shown), carrier="post", service="standard", valid_from=None)
    assert again == card


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the file has no card"),
        ("record,colour\n", "Row 1: there is no column 'colour'"),
        (CARD + "rate,,,DE,1000,4.90,,,\n", "Row 2: the first row must be the card"),
        (CARD + "card,EUR,,,,,,,\n", "Row 2: the card needs transit_days"),
        (CARD + "card,EUR,2,,,,,,\ncard,EUR,2,,,,,,\n", "Row 3: there is a card already"),
        (CARD + "card,EUR,2,,,,,,\nrate,,,DE,1000,4.901,,,\n", "Row 3: .*too many decimals"),
        (CARD + "card,EUR,2,,,,,,\nrate,,,DE,1e3,4.90,,,\n", "Row 3: max_weight_grams is '1e3'"),
        (CARD + "card,EUR,2,,,,,,\nrate,,,DE,,4.90,,,\n", "Row 3: a rate needs max_weight_grams"),
        (CARD + "card,EUR,2,,,,,,\nsurcharge,,,,,,fuel,NaN,\n", "Row 3: percent is 'NaN'"),
        (CARD + "card,EUR,2,,,,,,\nzone,,,Z,,1.00,,,DE\n", "Row 3: a zone has no amount"),
        (CARD + "tariff,EUR,2,,,,,,\n", "Row 2: record is 'tariff'"),
    ],
)
def test_a_wrong_file_is_refused_by_row(text: str, sentence: str) -> None:
    with pytest.raises(BadRateCardFile, match=sentence):
        card_of(text, carrier="post", service="standard", valid_from=None)


def test_a_spreadsheets_semicolons_and_mark_are_read() -> None:
    text = "\ufeff" + (CARD + "card,EUR,2,,,,,,\nrate,,,,1000,4.90,,,DE\n").replace(",", ";")
    card = card_of(text, carrier="post", service="standard", valid_from=None)
    assert (card.rates, card.currency) == ([RateRow(country="DE", max_weight_grams=1000, amount=490)], "EUR")


@pytest.fixture
def client(db_url: str) -> Iterator[TestClient]:
    shop, database = Shop(db_url, only=("shipping",)), Database(db_url)
    with database.transaction(TESTER, now=shop.now) as tx:
        _, secret = make_key(tx, "test", sorted(ALL_SCOPES))
    app = create_app(database, shop, clock=lambda: shop.now)
    yield TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)
    database.close()
    shop.close()


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_card_is_put_in_shown_and_taken_elsewhere_as_a_file(client: TestClient) -> None:
    body = {
        "currency": "EUR",
        "transit_days": 2,
        "dimensional_divisor": 5000,
        "rates": [
            {"zone": "near", "max_weight_grams": 2000, "amount": 390},
            {"country": "FR", "max_weight_grams": 2000, "amount": 990},
        ],
        "zones": [{"zone": "near", "country": "DE", "postcode_from": "10", "postcode_to": "14"}],
        "surcharges": [{"kind": "fuel", "ppm": 125_000, "on_surcharges": True}],
    }
    put = ok(client.put("/api/v1/rate-cards/post/standard", json=body))
    assert (put["rates"], put["zones"], put["surcharges"]) == (2, 2, 1)
    card = ok(client.get(f"/api/v1/rate-cards/{put['id']}"))
    assert [(z["zone"], z["country"], z["postcode_to"]) for z in card["zones"]] == [
        ("FR", "FR", ""),
        ("near", "DE", "14"),
    ]
    assert card["surcharges"][0]["ppm"] == 125_000
    file = client.get(f"/api/v1/rate-cards/{put['id']}/card.csv").text
    again = ok(client.put("/api/v1/rate-cards/post/copy/csv", json={"csv": file}))
    assert client.get(f"/api/v1/rate-cards/{again['id']}/card.csv").text == file
    refused = client.put("/api/v1/rate-cards/post/bad/csv", json={"csv": file.replace("FR", "fr")})
    assert refused.status_code == 422
    assert "'fr' is not a country" in refused.json()["error"]["message"]


def test_what_a_file_says_is_what_the_agent_is_asked() -> None:
    text = CARD + "card,EUR,2,,,,,,\nrate,,,DE,1000,4.90,,,\nzone,,,DE,,,,,DE\nsurcharge,,,,,,fuel,12.5,\n"
    card = card_of(text, carrier="post", service="standard", valid_from=None)
    places = places_of(card)
    assert rates_of(card, places) == {("DE", 1000): 490}
    assert [s.ppm for s in surcharges_of(card)] == [125_000]
