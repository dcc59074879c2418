"""Purchase orders go to their suppliers as PDF, once, and again when somebody says why."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from uuid import UUID

import pytest
from sqlalchemy import func, select

from agents.notifications.messages import MailPurchaseOrder, NotificationView
from agents.purchasing.messages.orders import AmendedLine, AmendPurchase, PurchaseState
from db.errors import Refused
from db.notifications import Notification, NotificationFile
from db.runtime import Transition
from db.settings import Settings
from paper.purchase_order import paper_of, purchase_order_pdf
from tests.notifications.mailbox import Mailbox
from tests.notifications.test_notifications import by_way_of, the_agent
from tests.purchasing.conftest import Office
from tests.purchasing.test_routes import Desk
from tests.serve.conftest import error_of

ADDRESS = "orders@hansa.example"


@pytest.fixture
def office(db_url: str) -> Iterator[Office]:
    """HANSA sells MUG, and has an address; there is no mail server."""
    company = Office(db_url, only=("purchasing", "notifications"))
    the_agent(company).use(Settings())
    company.a_node()
    company.a_sku("MUG", weight_grams=300)
    company.a_supplier(email=ADDRESS)
    company.sells("MUG")
    yield company
    company.audited()
    company.close()


@pytest.fixture
def mailbox(office: Office) -> Iterator[Mailbox]:
    with Mailbox().open() as box:
        the_agent(office).use(by_way_of(box.url))
        yield box


def went(office: Office) -> PurchaseState:
    order = office.sent(MUG=12)
    office.pump()
    return order


def the_mail(office: Office) -> Notification | None:
    with office.db.reading() as session:
        return session.scalar(select(Notification))


def again(office: Office, order: PurchaseState, reason: str = "they lost it") -> NotificationView:
    view = office.do("notifications", MailPurchaseOrder(purchase_id=order.id, reason=reason), NotificationView)
    office.pump()
    return view


def attached(mail: EmailMessage) -> tuple[str | None, str, bytes]:
    (part,) = mail.iter_attachments()
    content = part.get_content()
    assert isinstance(content, bytes)
    return part.get_filename(), part.get_content_type(), content


def printed(office: Office, purchase_id: UUID) -> bytes:
    with office.db.reading() as session:
        return purchase_order_pdf(paper_of(session, purchase_id))


def test_an_order_that_is_sent_goes_to_its_supplier_on_paper(office: Office, mailbox: Mailbox) -> None:
    order = went(office)
    (mail,) = mailbox.mails
    assert (mail["To"], mail["Subject"]) == (ADDRESS, f"Purchase order {order.number}")
    assert attached(mail) == (f"{order.number}.pdf", "application/pdf", printed(office, order.id))
    text = mail.get_body()
    assert text is not None
    assert f"{order.number} of €48.00 is attached" in text.get_content()
    office.pump()
    assert len(mailbox.mails) == 1


def test_a_draft_and_an_approved_order_are_mailed_to_nobody(office: Office, mailbox: Mailbox) -> None:
    approved = office.approved(MUG=12)
    office.pump()
    with pytest.raises(Refused, match="it is mailed when it is sent"):
        again(office, approved)
    assert (mailbox.mails, the_mail(office)) == ([], None)


def test_what_is_tried_again_is_what_was_sent_whatever_became_of_the_order(office: Office, mailbox: Mailbox) -> None:
    mailbox.says = ["451 later"]
    order = went(office)
    before = printed(office, order.id)
    ask = AmendPurchase(purchase_id=order.id, reason="fewer", lines=[AmendedLine(line_no=1, quantity=6)])
    office.do("purchasing", ask, PurchaseState)
    assert printed(office, order.id) != before
    office.later(seconds=120)
    office.pump()
    (mail,) = mailbox.mails
    assert attached(mail)[2] == before


def test_sent_again_it_is_the_order_as_it_stands_with_a_number_of_its_own(office: Office, mailbox: Mailbox) -> None:
    order = went(office)
    office.later(minutes=1)
    ask = AmendPurchase(purchase_id=order.id, reason="fewer", lines=[AmendedLine(line_no=1, quantity=6)])
    office.do("purchasing", ask, PurchaseState)
    again(office, order, "six are enough")
    first, second = mailbox.mails
    assert attached(first)[2] != attached(second)[2] == printed(office, order.id)
    assert (second["Subject"], first["Message-ID"] == second["Message-ID"]) == (
        f"Purchase order {order.number}, sent again",
        False,
    )
    with office.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(NotificationFile)) == 2
        noted = session.scalars(select(Transition.to_status).where(Transition.why == "six are enough")).all()
    assert noted == ["notification queued"]


def test_without_a_mail_server_it_is_kept_and_can_go_later(office: Office) -> None:
    order = went(office)
    kept = the_mail(office)
    assert kept is not None
    assert (kept.state, kept.recipient) == ("kept", ADDRESS)
    with Mailbox().open() as box:
        the_agent(office).use(by_way_of(box.url))
        again(office, order, "there is a mail server now")
        assert [m["To"] for m in box.mails] == [ADDRESS]


def test_a_supplier_without_an_address_gets_none_until_it_has_one(office: Office, mailbox: Mailbox) -> None:
    office.a_supplier(email=None)
    order = went(office)
    assert the_mail(office) is None
    with pytest.raises(Refused, match="HANSA has no e-mail address"):
        again(office, order)
    office.a_supplier(email="new@hansa.example")
    again(office, order, "they have one now")
    assert [(m["To"], m["Subject"]) for m in mailbox.mails] == [("new@hansa.example", f"Purchase order {order.number}")]


def test_the_order_shows_whether_its_mail_went(office: Office, mailbox: Mailbox) -> None:
    mailbox.says = ["550 no such person"]
    desk = Desk(office)
    order = went(office)
    path = f"/api/v1/purchase-orders/{order.id}"
    shown = desk.all.get(path).json()
    assert (shown["mail_state"], shown["mail_to"], shown["mailed_at"]) == ("failed", ADDRESS, None)
    assert "550" in shown["mail_error"]
    buyer = desk.key("write_purchasing")
    error_of(desk.key("read_purchasing").post(f"{path}/mail", json={"reason": "again"}), 403, "missing_scope")
    error_of(buyer.post(f"{path}/mail", json={}), 422, "invalid_request")
    assert buyer.post(f"{path}/mail", json={"reason": "they made room"}).json()["state"] == "queued"
    office.pump()
    listed = desk.all.get("/api/v1/purchase-orders?mail_state_eq=sent").json()["data"]
    assert [(row["number"], row["mail_error"]) for row in listed] == [(order.number, None)]
    assert listed[0]["mailed_at"] is not None
    draft = desk.order()
    assert desk.all.get(f"/api/v1/purchase-orders/{draft['id']}").json()["mail_state"] is None


def test_who_only_talks_to_customers_neither_reads_what_suppliers_get_nor_sends_it_again(
    office: Office, mailbox: Mailbox
) -> None:
    order = went(office)
    assert len(mailbox.mails) == 1
    desk = Desk(office)
    support = desk.key("read_notifications", "write_notifications")
    assert support.get("/api/v1/notifications").json()["data"] == []
    mail = the_mail(office)
    assert mail is not None
    error_of(support.get(f"/api/v1/notifications/{mail.id}"), 404, "not_found")
    assert len(desk.all.get("/api/v1/notifications").json()["data"]) == 1
    error_of(desk.all.post(f"/api/v1/notifications/{mail.id}/resend"), 409, "mailed_from_its_order")
    assert order.number in mail.title
