"""The customers' own door: from the code in the mail to the money, and everything that must not open it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from agents.shipping.messages import RecordTracking, TrackingState
from db.notifications import Notification
from db.return_door import DoorCode, DoorLink
from db.returns import Return
from serve.at_door import CODES_OF_ADDRESS, CODES_OF_ORDER, TRIES
from tests.notifications.mailbox import Mailbox
from tests.returns.at_door import (
    DOOR,
    EMAIL,
    a_photo,
    ask_code,
    at_door,
    browser,
    code_in,
    gives_back,
    links_in,
    mails_of,
    view,
    wants,
)
from tests.returns.makers import (
    a_delivered_order,
    line,
    place,
    policy,
    receive,
    refunds,
    the_books_add_up,
    the_return,
    timeline,
)
from tests.returns.makers import ask as ask_at_desk
from tests.shop import TESTER, Shop


@pytest.fixture
def box(shop: Shop) -> Iterator[Mailbox]:
    with mails_of(shop) as it:
        yield it


def state_of(shop: Shop, made: dict) -> Return:  # type: ignore[type-arg]
    with shop.db.reading() as session:
        return session.scalars(select(Return).where(Return.number == made["number"])).one()


def test_a_customer_gives_something_back_from_the_code_to_the_money(shop: Shop, box: Mailbox) -> None:
    policy(shop, window_days=30, auto_approve=True, fee_ppm=100_000)
    order = a_delivered_order(shop, lines={"MUG": 3, "PLATE": 1}, shipping=300)
    customer = at_door(shop, box, order)
    seen = view(customer)
    assert seen["number"] == order.number
    assert [(n["title"], n["returnable"], n["allowed"], n["verdict"]) for n in seen["lines"]] == [
        ("Mug", 3, True, "open"),
        ("Plate", 1, True, "open"),
    ]
    assert seen["lines"][0]["until"] == "2026-04-02"
    assert seen["ways"] == ["label", "own"]

    told = customer.post(f"{DOOR}/preview", json=wants((1, 2, "changed_mind"), way="label")).json()
    preview, label = told["preview"], told["label"]["amount"]
    assert label > 0
    assert (preview["paid"], preview["fee"], preview["label"]) == (2000, 200, label)
    assert preview["total"] == 2000 - 200 + preview["shipping"] - label
    made = gives_back(customer, (1, 2, "changed_mind"), way="label")
    assert made["status"] == "approved"
    shop.pump()

    (mine,) = view(customer)["returns"]
    assert mine["next"] == ["cancel", "photo", "label"]
    pdf = customer.get(f"{DOOR}/returns/{made['id']}/label.pdf")
    printed = PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    assert mine["tracking_number"] in printed
    assert made["number"] in printed

    seen_at = RecordTracking(
        tracking_number=mine["tracking_number"], event_id="1", status="in_transit", at=shop.later(hours=30)
    )
    shop.do("shipping", seen_at, TrackingState)
    shop.pump()
    customer = at_door(shop, box, order)
    (mine,) = view(customer)["returns"]
    assert (mine["parcel"], mine["next"]) == ("on_its_way", ["photo", "label"])
    refused = customer.post(f"{DOOR}/returns/{made['id']}/cancel", json={})
    assert refused.json()["error"]["code"] == "parcel_under_way"

    shop.later(hours=1)
    receive(shop, state_of(shop, made), (1, 2, "sellable"))
    (mine,) = view(customer)["returns"]
    assert (mine["status"], mine["refunded"]) == ("refunded", preview["total"])
    assert refunds(shop, order) == [("return", preview["total"], "succeeded")]
    assert [step["what"] for step in mine["steps"]] == [
        "requested", "approved", "parcel_in_transit", "received", "refunded",
    ]  # fmt: skip
    subjects = [str(mail["Subject"]) for mail in box.mails if made["number"] in str(mail["Subject"])]
    assert sorted(subjects) == sorted(
        [
            f"Your return {made['number']} of order {order.number}",
            f"Your return {made['number']} is approved",
            f"The label for your return {made['number']}",
            f"Your return {made['number']} is here",
        ]
    )
    paid = next(mail.get_content() for mail in box.mails if "Your refund" in str(mail["Subject"]))
    assert "Goods: €20.00" in paid
    assert "Fee: -€2.00" in paid
    the_books_add_up(shop)


def test_the_answer_is_the_same_whether_the_order_is_known_or_not(shop: Shop, box: Mailbox) -> None:
    order = a_delivered_order(shop)
    known = ask_code(browser(shop), order.number)
    for number, email in [("999999", EMAIL), (order.number, "eve@example.org"), ("' OR 1=1 --", "x"), ("%", EMAIL)]:
        other = ask_code(browser(shop), number, email)
        assert (other.status_code, set(other.json())) == (known.status_code, set(known.json()))
        wrong = browser(shop).post(f"{DOOR}/session", json={"challenge": other.json()["challenge"], "code": "123456"})
        assert wrong.json()["error"]["details"] == {"tries_left": TRIES - 1}
    before = len(box.mails)
    shop.pump()
    codes = [mail for mail in box.mails[before:] if "Your code" in str(mail["Subject"])]
    assert [mail["To"] for mail in codes] == [EMAIL]


def test_a_code_lasts_five_tries_ten_minutes_and_one_use_and_for_one_browser(shop: Shop, box: Mailbox) -> None:
    order = a_delivered_order(shop)
    client = browser(shop)

    def fresh() -> tuple[str, str]:
        asked = ask_code(client, order.number).json()["challenge"]
        shop.pump()
        return asked, code_in(box)

    challenge, code = fresh()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for left in range(TRIES - 1, -1, -1):
        answer = client.post(f"{DOOR}/session", json={"challenge": challenge, "code": wrong})
        assert answer.json()["error"]["details"] == {"tries_left": left}
    assert client.post(f"{DOOR}/session", json={"challenge": challenge, "code": code}).status_code == 401

    challenge, code = fresh()
    shop.later(minutes=10)
    assert client.post(f"{DOOR}/session", json={"challenge": challenge, "code": code}).status_code == 401

    challenge, code = fresh()
    other, _ = fresh()
    assert client.post(f"{DOOR}/session", json={"challenge": other, "code": code}).status_code == 401, "not its code"
    assert client.post(f"{DOOR}/session", json={"challenge": challenge, "code": code}).status_code == 201
    assert client.post(f"{DOOR}/session", json={"challenge": challenge, "code": code}).status_code == 401, "used"


def test_nothing_that_opens_the_door_is_kept_readable(shop: Shop, box: Mailbox) -> None:
    order = a_delivered_order(shop)
    at_door(shop, box, order)
    code = code_in(box)
    with shop.db.reading() as session:
        (mail,) = session.scalars(select(Notification).where(Notification.template == "return_code"))
        assert code not in mail.body
        (row,) = session.scalars(select(DoorCode))
        assert code.encode() not in row.code


def test_codes_are_asked_for_so_often_and_no_more(shop: Shop, box: Mailbox) -> None:
    order = a_delivered_order(shop)
    for _ in range(CODES_OF_ORDER):
        assert ask_code(browser(shop), order.number, f"{uuid4().hex}@example.org").status_code == 202
    full = ask_code(browser(shop, address="9.9.9.9"), order.number)
    assert (full.status_code, full.json()["error"]["code"]) == (429, "too_many_codes")
    for n in range(CODES_OF_ADDRESS - CODES_OF_ORDER):
        assert ask_code(browser(shop), f"A{n}", f"{n}@example.org").status_code == 202
    assert ask_code(browser(shop), "B", "b@example.org").status_code == 429
    assert ask_code(browser(shop, address="9.9.9.9"), "B", "b@example.org").status_code == 202
    shop.later(hours=1)
    assert ask_code(browser(shop), order.number).status_code == 202


def test_a_session_reaches_its_own_order_and_nothing_else(shop: Shop, box: Mailbox) -> None:
    mine, theirs = a_delivered_order(shop), a_delivered_order(shop)
    other = ask_at_desk(shop, theirs)
    customer = at_door(shop, box, mine)
    before = view(customer)
    path = f"{DOOR}/returns/{other.id}"
    for answer in (
        customer.post(f"{path}/cancel", json={}),
        customer.get(f"{path}/label.pdf"),
        customer.get(f"{path}/code.svg"),
        customer.get(f"{path}/photos/{uuid4()}"),
        customer.post(f"{path}/lines/1/photos", content=a_photo()),
    ):
        assert answer.status_code == 404, answer.text
    sent = wants((1, 1, "faulty")) | {"order_id": str(theirs.id)}
    assert customer.post(f"{DOOR}/preview", json=sent).status_code == 422
    assert view(customer) == before
    assert the_return(shop, other).status == "requested"
    own_photo = gives_back(customer, (1, 1, "faulty"))
    (shown,) = view(customer)["returns"]
    assert shown["number"] == own_photo["number"]


def test_it_is_a_door_for_returns_and_no_way_into_the_house(shop: Shop, box: Mailbox) -> None:
    customer = at_door(shop, box, a_delivered_order(shop))
    described = customer.get("/api/v1/openapi.json").json()["paths"]
    asked = 0
    for path, methods in described.items():
        for method, told in methods.items():
            if "x-public" not in told and "x-at-door" not in told:
                answer = customer.request(method.upper(), path.replace("{", "").replace("}", ""), json={})
                assert answer.status_code == 401, (method, path, answer.text)
                asked += 1
    assert asked > 200


def test_staff_and_strangers_do_not_stand_at_the_door(shop: Shop, box: Mailbox) -> None:
    order = a_delivered_order(shop)
    stranger = browser(shop)
    assert stranger.get(DOOR).json()["error"]["code"] == "not_at_door"
    stranger.cookies.set("backoffice_return", "guessed", path=DOOR)
    assert stranger.get(DOOR).status_code == 401
    customer = at_door(shop, box, order)
    del customer.headers["X-CSRF-Token"]
    assert customer.post(f"{DOOR}/preview", json=wants((1, 1, "late"))).json()["error"]["code"] == "wrong_door_token"
    assert customer.get(DOOR).status_code == 200
    shop.later(hours=2)
    assert customer.get(DOOR).status_code == 401


def test_leaving_closes_the_door(shop: Shop, box: Mailbox) -> None:
    customer = at_door(shop, box, a_delivered_order(shop))
    kept = customer.cookies.get("backoffice_return")
    assert customer.delete(f"{DOOR}/session").status_code == 204
    customer.cookies.set("backoffice_return", kept, path=DOOR)
    assert customer.get(DOOR).status_code == 401


def test_a_link_in_a_mail_opens_its_order_until_it_is_over(shop: Shop, box: Mailbox) -> None:
    order = a_delivered_order(shop)
    made = ask_at_desk(shop, order)
    (link,) = links_in(box)
    client = browser(shop)
    assert client.post(f"{DOOR}/session/link", json={"link": link}).status_code == 201
    assert [mine["number"] for mine in view(client)["returns"]] == [made.number]
    with shop.db.reading() as session:
        assert all(link not in mail.body for mail in session.scalars(select(Notification)))
        assert all(link.encode() not in row.digest for row in session.scalars(select(DoorLink)))
    shop.now += timedelta(days=60)
    over = browser(shop).post(f"{DOOR}/session/link", json={"link": link})
    assert over.json()["error"]["code"] == "link_is_over"


def test_what_the_policy_refuses_is_shown_with_why_and_cannot_be_asked_for(shop: Shop, box: Mailbox) -> None:
    policy(shop, window_days=14)
    order = a_delivered_order(shop)
    shop.later(days=30)
    customer = at_door(shop, box, order)
    (shown,) = view(customer)["lines"]
    assert (shown["allowed"], shown["verdict"], shown["until"]) == (False, "over", "2026-03-17")
    asked = wants((1, 1, "changed_mind"))
    total = customer.post(f"{DOOR}/preview", json=asked).json()["preview"]["total"]
    refused = customer.post(f"{DOOR}/returns", json=asked | {"total": total})
    assert refused.json()["error"]["code"] == "against_policy"
    assert customer.post(f"{DOOR}/returns", json=asked | {"total": total, "exception": "please"}).status_code == 422


def test_what_has_not_left_cannot_come_back(shop: Shop, box: Mailbox) -> None:
    (shown,) = view(at_door(shop, box, place(shop)))["lines"]
    assert (shown["returnable"], shown["allowed"], shown["verdict"]) == (0, False, "not_sent")


def test_only_the_sum_that_was_agreed_to_is_asked_for(shop: Shop, box: Mailbox) -> None:
    customer = at_door(shop, box, a_delivered_order(shop))
    wrong = customer.post(f"{DOOR}/returns", json=wants((1, 1, "other")) | {"total": 5})
    assert wrong.json()["error"]["details"] == {"seen": 5, "now": 1000, "currency": "EUR"}
    cheap = customer.post(f"{DOOR}/returns", json=wants((1, 1, "other"), way="label") | {"total": 1000})
    assert cheap.json()["error"]["code"] == "label_price_changed"
    too_many = customer.post(f"{DOOR}/preview", json=wants((1, 4, "other")))
    assert too_many.json()["error"]["code"] == "not_that_many"
    assert shop.count("returns") == 0


def test_the_same_key_asks_once(shop: Shop, box: Mailbox) -> None:
    customer = at_door(shop, box, a_delivered_order(shop, lines={"MUG": 1}))
    body = wants((1, 1, "other")) | {"total": 1000}
    first, again = (
        customer.post(f"{DOOR}/returns", json=body, headers={"Idempotency-Key": "phone-1"}) for _ in range(2)
    )
    assert first.json() == again.json()
    assert shop.count("returns") == 1


def test_it_is_called_off_while_nothing_was_handed_over_and_its_label_is_given_back(shop: Shop, box: Mailbox) -> None:
    policy(shop, auto_approve=True)
    customer = at_door(shop, box, a_delivered_order(shop))
    made = gives_back(customer, (1, 1, "changed_mind"), way="label")
    shop.pump()
    assert customer.post(f"{DOOR}/returns/{made['id']}/cancel", json={}).json()["status"] == "cancelled"
    shop.pump()
    assert customer.get(f"{DOOR}/returns/{made['id']}/label.pdf").status_code == 404
    (mine,) = view(customer)["returns"]
    assert (mine["status"], mine["next"]) == ("cancelled", [])
    the_books_add_up(shop)


def test_where_the_shop_is_at_fault_its_label_costs_the_customer_nothing(shop: Shop, box: Mailbox) -> None:
    policy(shop, auto_approve=True)
    customer = at_door(shop, box, a_delivered_order(shop))
    told = customer.post(f"{DOOR}/preview", json=wants((1, 1, "damaged"), way="label")).json()
    assert told["label"]["amount"] > 0
    assert (told["preview"]["label"], told["preview"]["total"]) == (0, 1000)


def test_words_and_photos_are_kept_as_they_are_and_can_do_no_harm(shop: Shop, box: Mailbox) -> None:
    customer = at_door(shop, box, a_delivered_order(shop))
    words = "<img src=x onerror=alert(1)>'; DROP TABLE returns; -- {order} %s"
    asked = wants((1, 1, "faulty"))
    asked["lines"][0]["remark"] = words
    made = customer.post(f"{DOOR}/returns", json=asked | {"total": 1000}).json()
    assert state_of(shop, made).number == made["number"]
    path = f"{DOOR}/returns/{made['id']}/lines/1/photos"
    assert customer.post(path, content=a_photo()).status_code == 201
    assert customer.post(path, content=a_photo()).status_code == 201, "the same one is kept once"
    (photo,) = view(customer)["returns"][0]["photos"]
    shown = customer.get(f"{DOOR}/returns/{made['id']}/photos/{photo['id']}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert "sandbox" in shown.headers["content-security-policy"]
    for bad in (b"<svg onload=alert(1)>", b"\xff\xd8\xff" + b"0" * 100, b"0" * 1_600_000):
        assert customer.post(path, content=bad).json()["error"]["code"] == "not_a_photo"
    assert customer.post(path, content=b"0" * 2_100_000).status_code == 413
    for side in range(41, 48):
        customer.post(path, content=a_photo(side))
    assert customer.post(path, content=a_photo(99)).json()["error"]["code"] == "enough_return_photos"
    asked["lines"][0]["remark"] = "x" * 501
    assert customer.post(f"{DOOR}/returns", json=asked | {"total": 1000}).status_code == 422


def test_money_goes_back_at_the_first_scan_where_the_policy_says_so_and_once(shop: Shop, box: Mailbox) -> None:
    policy(shop, auto_approve=True, refund_when="handover")
    order = a_delivered_order(shop)
    customer = at_door(shop, box, order)
    made = gives_back(customer, (1, 2, "changed_mind"), way="label")
    shop.pump()
    (mine,) = view(customer)["returns"]
    said = [("on_hold", "2"), ("delivered", "4"), ("in_transit", "3"), ("in_transit", "3")]
    for status, event in said:  # out of order, and one of them twice
        scan = RecordTracking(tracking_number=mine["tracking_number"], event_id=event, status=status, at=shop.now)
        shop.do("shipping", scan, TrackingState)
        shop.pump()
    item = state_of(shop, made)
    assert (item.parcel, item.credit, item.refunded) == ("arrived", 2000 - item.label_price, item.credit)
    assert len(refunds(shop, order)) == 1
    receive(shop, item, (1, 2, "sellable"))
    assert state_of(shop, made).status == "refunded"
    assert len(refunds(shop, order)) == 1
    the_books_add_up(shop)


def test_who_is_erased_has_no_door_any_more(shop: Shop, box: Mailbox) -> None:
    from agents.customers.messages import CustomerErased

    order = a_delivered_order(shop)
    ask_at_desk(shop, order, line())
    customer = at_door(shop, box, order)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.announce(f"order:{order.id}", CustomerErased(customer_id=uuid4(), orders=[order.id]))
    shop.pump()
    assert customer.get(DOOR).status_code == 401
    (link, *_) = links_in(box)
    assert browser(shop).post(f"{DOOR}/session/link", json={"link": link}).status_code == 401


def test_the_timeline_of_the_order_shows_who_came_in(shop: Shop, box: Mailbox) -> None:
    order = a_delivered_order(shop)
    at_door(shop, box, order)
    assert ("return door opened", "by the customer") in timeline(shop, f"order:{order.id}")
