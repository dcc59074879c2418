"""Tells customers what happens to their orders, each thing once, mails suppliers what is ordered from them, and
colleagues what others write to them.

The only writer of notifications.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from agents.agent import Agent
from agents.customers.messages import CustomerErased
from agents.fulfilment.messages import FulfilmentShipped
from agents.handlers import command, on, on_set, outside
from agents.notifications import parcels, returns
from agents.notifications.letters import CODE_MASK, CODE_TEMPLATE, LINK, Letter, about, own_link
from agents.notifications.messages import (
    AskAboutParcel,
    DeliveryMailState,
    MailPurchaseOrder,
    NotificationFailed,
    NotificationView,
    PutDeliveryMail,
    ResendNotification,
    SendMail,
    SendQueuedMail,
    SendReturnLink,
    WriteDoorCode,
    WriteMail,
)
from agents.notifications.post import Attached, Mail, WillNotBeTaken, send
from agents.notifications.refusals import (
    CodeIsOver,
    MailedFromItsOrder,
    NoAddress,
    NobodyToWriteTo,
    NoPublicAddress,
    NotSentYet,
    UnknownNews,
)
from agents.notifications.templates import render, tracking_lines
from agents.orders.messages import OrderCancelled, OrderPlaced
from agents.payments.messages import PaymentDeclined, PaymentRefunded
from agents.promising.messages import OrderRepromised
from agents.purchasing.messages.orders import PurchaseOrderSent
from agents.returns.messages import ReturnApproved, ReturnCancelled, ReturnDeclined, ReturnReceived, ReturnRequested
from agents.shipping.messages import ReturnLabelBought
from agents.shipping.messages.tracking import ParcelTracked
from db.base import uuid7
from db.customers import Customer
from db.errors import IllegalMove, NotFound, Unavailable
from db.money import format_money
from db.notifications import (
    EVERYBODY,
    NOTIFICATION_MOVES,
    DeliveryMail,
    DeliveryNews,
    Notification,
    NotificationFile,
    NotificationState,
    addressees,
    file_of,
    mailed_order_key,
    wanted_news,
)
from db.orders import Order
from db.purchasing import PurchaseOrder
from db.return_door import DoorCode, DoorLink, DoorSession
from db.session import Transaction, Who
from db.settings import Settings, settings
from db.suppliers import Supplier
from db.wire import insertion
from db.zones import local

AGAIN_AT_ONCE = 200  # mails queued anew by one task


class NotificationsAgent(Agent):
    name = "notifications"

    def set_up(self) -> None:
        self.use(settings())

    def use(self, settings: Settings) -> None:
        """Which mail server, if any, and who writes."""
        self._settings = settings

    @property
    def _sends(self) -> bool:
        return self._settings.smtp is not None and self._settings.mail_from is not None

    # What customers hear of

    @on_set
    def placed(self, tx: Transaction, events: list[OrderPlaced], whos: list[Who]) -> None:
        to = addressees(tx, [e.order_id for e in events])
        letters = []
        for event, who in zip(events, whos, strict=True):
            if event.order_id in to:
                total = format_money(event.total, event.currency)
                letter = about(to[event.order_id], event.order_id, "placed", f"placed:{event.order_id}", total=total)
                letters.append((letter, who))
        self._write(tx, letters)

    @on
    def shipped(self, tx: Transaction, event: FulfilmentShipped) -> None:
        tracking = tracking_lines(event.tracking)
        self._tell(tx, event.order_id, "shipped", f"shipped:{event.fulfilment_id}", tracking=tracking)

    @on
    def cancelled(self, tx: Transaction, event: OrderCancelled) -> None:
        self._tell(tx, event.order_id, "cancelled", f"cancelled:{event.order_id}")

    @on
    def repromised(self, tx: Transaction, event: OrderRepromised) -> None:
        """Once for each day: several lines of an order that wait for the same delivery are one letter."""
        day = event.after_on
        if day is None:
            self._tell(tx, event.order_id, "waits", f"waits:{event.order_id}:{event.before_on}")
            return
        key = f"repromised:{event.order_id}:{day}"
        self._tell(tx, event.order_id, "repromised", key, day=f"{day:%d %B %Y}", before=f"{event.before_on:%d %B %Y}")

    @on
    def declined(self, tx: Transaction, event: PaymentDeclined) -> None:
        self._tell(tx, event.order_id, "declined", f"declined:{event.payment_id}")

    @on
    def refunded(self, tx: Transaction, event: PaymentRefunded) -> None:
        if letter := returns.paid(tx, event):
            self._write(tx, [(letter, tx.who)])
            return
        amount = format_money(event.amount, event.currency)
        which = event.detail.get("entry_id") or f"{event.payment_id}:{event.amount}"
        self._tell(tx, event.order_id, "refunded", f"refunded:{which}", amount=amount)

    @on
    def return_asked(self, tx: Transaction, event: ReturnRequested) -> None:
        self._write_if(tx, returns.asked(tx, event))

    @on
    def return_approved(self, tx: Transaction, event: ReturnApproved) -> None:
        self._write_if(tx, returns.approved(tx, event))

    @on
    def return_declined(self, tx: Transaction, event: ReturnDeclined) -> None:
        self._write_if(tx, returns.declined(tx, event))

    @on
    def return_cancelled(self, tx: Transaction, event: ReturnCancelled) -> None:
        self._write_if(tx, returns.cancelled(tx, event))

    @on
    def return_labelled(self, tx: Transaction, event: ReturnLabelBought) -> None:
        self._write_if(tx, returns.labelled(tx, event))

    @on
    def return_received(self, tx: Transaction, event: ReturnReceived) -> None:
        self._write_if(tx, returns.received(tx, event))

    @on
    def door_code(self, tx: Transaction, task: WriteDoorCode) -> None:
        title, body = render(CODE_TEMPLATE, number=task.number, code=task.code)
        key, subject = f"return_code:{task.code_id}", f"order:{task.order_id}"
        self._write(tx, [(Letter(key, subject, CODE_TEMPLATE, task.recipient, title, body), tx.who)])

    @command
    def send_link(self, tx: Transaction, ask: SendReturnLink) -> NotificationView:
        """Each time a new one. Raises NotFound, NobodyToWriteTo, NoPublicAddress."""
        order = tx.get(Order, ask.order_id)
        if order is None:
            raise NotFound("order", str(ask.order_id))
        to = addressees(tx, [order.id]).get(order.id)
        if to is None:
            raise NobodyToWriteTo(order.number)
        if self._settings.public_url is None:
            raise NoPublicAddress()
        key = f"return_link:{uuid7()}"
        self._write(tx, [(about(to, order.id, "return_link", key, link=LINK), tx.who)])
        mail = tx.scalars(select(Notification).where(Notification.key == key)).one()
        tx.note(f"order:{order.id}", to_status=f"notification {mail.state}", why="a link to their returns")
        return NotificationView(id=mail.id, state=mail.state, next=_next(mail))

    @on
    def on_its_way(self, tx: Transaction, event: ParcelTracked) -> None:
        news = parcels.news_of(event)
        order = tx.get(Order, event.order_id)
        if news is None or order is None or news not in wanted_news(tx, order.customer_id):
            return
        about = {
            "tracking": event.tracking_number,
            "day": f"{local(event.at, event.time_zone):%d %B %Y}",
            "because": parcels.because(event),
        }
        self._tell(tx, event.order_id, f"parcel_{news}", parcels.key_of(event, news), **about)

    @on
    def ask_about_parcel(self, tx: Transaction, task: AskAboutParcel) -> None:
        about = {"words": task.words, "tracking": task.tracking_number}
        self._tell(tx, task.order_id, "parcel_question", task.key, **about)

    @command
    def put_delivery_mail(self, tx: Transaction, ask: PutDeliveryMail) -> DeliveryMailState:
        """Raises NotFound, UnknownNews."""
        if unknown := [n for n in ask.news if n not in set(DeliveryNews)]:
            raise UnknownNews(unknown, [n.value for n in DeliveryNews])
        if ask.customer_id is not None and tx.get(Customer, ask.customer_id) is None:
            raise NotFound("customer", str(ask.customer_id))
        key = EVERYBODY if ask.customer_id is None else str(ask.customer_id)
        said = {"news": sorted(set(ask.news)), "updated_at": tx.now}
        put = pg_insert(DeliveryMail).values(customer=key, **said)
        tx.execute(put.on_conflict_do_update(index_elements=["customer"], set_=said))
        tx.audit("put", f"delivery_mail:{key}", after={"news": said["news"]})
        return DeliveryMailState(customer_id=ask.customer_id, news=sorted(set(ask.news)), own=True)

    @on
    def forget(self, tx: Transaction, event: CustomerErased) -> None:
        """What was written to a person who is erased, and to whom, goes as well."""
        tx.execute(
            update(Notification)
            .where(Notification.subject.in_([f"order:{id}" for id in event.orders]))
            .values(state=NotificationState.erased, recipient="", title="", body="", error=None)
        )
        for opened in (DoorLink, DoorSession, DoorCode):
            tx.execute(delete(opened).where(opened.order_id.in_(event.orders)))
        tx.execute(delete(DeliveryMail).where(DeliveryMail.customer == str(event.customer_id)))

    @on
    def colleague(self, tx: Transaction, task: WriteMail) -> None:
        letter = Letter(task.key, task.subject, "notice", task.recipient, task.title, task.body)
        self._write(tx, [(letter, tx.who)])

    # What suppliers get

    @on
    def ordered(self, tx: Transaction, event: PurchaseOrderSent) -> None:
        """With the order as PDF. A supplier without an address is told by whoever sent the order."""
        if letter := _order_letter(tx, event.purchase_id, "purchase_order"):
            self._write(tx, [(letter, tx.who)])

    @command
    def mail_order(self, tx: Transaction, ask: MailPurchaseOrder) -> NotificationView:
        """Raises NotFound, NotSentYet, NoAddress, IllegalMove (it is being sent already)."""
        order = _need_sent(tx, ask.purchase_id)
        kept = select(Notification).where(Notification.key == mailed_order_key(order.id)).with_for_update()
        before = tx.scalar(kept)
        letter = _order_letter(tx, order.id, "purchase_order_again" if before is not None else "purchase_order")
        if letter is None:
            raise NoAddress(order.supplier)
        if before is None:
            self._write(tx, [(letter, tx.who)])
        else:
            self._again(tx, before, letter)
        mail = tx.scalars(kept.execution_options(populate_existing=True)).one()
        tx.note(
            letter.subject,
            to_status=f"notification {mail.state}",
            why=ask.reason,
            detail={"id": str(mail.id), "edition": mail.edition},
        )
        return NotificationView(id=mail.id, state=mail.state, next=_next(mail))

    def _again(self, tx: Transaction, mail: Notification, letter: Letter) -> None:
        _move(mail, NotificationState.queued)
        mail.template, mail.recipient, mail.title, mail.body = letter[2:6]
        mail.edition, mail.error = mail.edition + 1, None
        if letter.attached is not None:
            tx.add(NotificationFile(notification_id=mail.id, edition=mail.edition, **letter.attached._asdict()))
        tx.send("notifications", mail.subject, SendMail(notification_id=mail.id))
        tx.flush()

    # Sending

    @outside
    def mail(self, task: SendMail, who: Who) -> None:
        with self.db.transaction(who, now=self.clock()) as tx:
            found = tx.get(Notification, task.notification_id, with_for_update=True)
            if found is None or found.state != NotificationState.queued:
                return
            found.attempts += 1
            if self._settings.smtp is None or self._settings.mail_from is None:
                found.state = NotificationState.kept
                return
            body = own_link(tx, found.subject, found.body, self._settings.public_url)
            file = file_of(tx, found)
            mail = Mail(
                id=found.id,
                edition=found.edition,
                sender=self._settings.mail_from,
                recipient=found.recipient,
                title=found.title,
                body=body,
                written_at=found.created_at,
                attached=Attached(file.name, file.content) if file is not None else None,
            )
        try:
            send(mail, self._settings.smtp)
        except Unavailable as weather:
            self._settle(task, who, NotificationState.queued, str(weather))
            raise
        except WillNotBeTaken as why:
            self._settle(task, who, NotificationState.failed, str(why))
        else:
            self._settle(task, who, NotificationState.sent, None)

    @on
    def queued_again(self, tx: Transaction, task: SendQueuedMail) -> None:
        """A mail that is handed out twice is sent once: the second finds it sent."""
        waiting = (
            select(Notification.id, Notification.subject)
            .where(
                Notification.state == NotificationState.queued,
                Notification.created_at <= tx.now - timedelta(seconds=task.older_than_seconds),
            )
            .order_by(Notification.created_at)
            .limit(AGAIN_AT_ONCE)
        )
        for id, subject in tx.execute(waiting):
            tx.send("notifications", subject, SendMail(notification_id=id))

    @command
    def resend(self, tx: Transaction, ask: ResendNotification) -> NotificationView:
        found = tx.get(Notification, ask.notification_id, with_for_update=True)
        if found is None:
            raise NotFound("notification", str(ask.notification_id))
        if found.subject.startswith("purchase:"):
            raise MailedFromItsOrder(found.title)
        if found.template == CODE_TEMPLATE:
            raise CodeIsOver()
        _move(found, NotificationState.queued)
        found.edition += 1
        found.error = None
        tx.note(found.subject, to_status="notification queued", why="sent again", detail={"id": str(found.id)})
        tx.send("notifications", found.subject, SendMail(notification_id=found.id))
        return NotificationView(id=found.id, state=found.state, next=_next(found))

    # Shared by the above

    def _tell(self, tx: Transaction, order_id: UUID, template: str, key: str, **values: str) -> None:
        """Write to whoever ordered, unless nobody is known or `key` was said before."""
        to = addressees(tx, [order_id]).get(order_id)
        if to is not None:
            self._write(tx, [(about(to, order_id, template, key, **values), tx.who)])

    def _write_if(self, tx: Transaction, letter: Letter | None) -> None:
        if letter is not None:
            self._write(tx, [(letter, tx.who)])

    def _write(self, tx: Transaction, letters: Sequence[tuple[Letter, Who]]) -> None:
        """Keep letters and ask for them to be sent, but for those whose key was written before.

        Where there is no mail server they are only kept.
        """
        if not letters:
            return
        state = NotificationState.queued if self._sends else NotificationState.kept
        ids = [uuid7() for _ in letters]
        rows = [
            {
                "id": id,
                "key": letter.key,
                "subject": letter.subject,
                "template": letter.template,
                "recipient": letter.recipient,
                "title": letter.title,
                "body": letter.body,
                "state": state,
                "attempts": 0,
                "edition": 1,
                "created_at": tx.now,
            }
            for id, (letter, _) in zip(ids, letters, strict=True)
        ]
        (new,) = tx.ask_together(insertion(Notification.__tablename__, rows, unless_there=True, returning="id"))
        written = {id for (id,) in new}
        tx.add_all(
            NotificationFile(notification_id=id, edition=1, **letter.attached._asdict())
            for id, (letter, _) in zip(ids, letters, strict=True)
            if id in written and letter.attached is not None
        )
        for id, (letter, tx.who) in zip(ids, letters, strict=True):
            if id in written and state is NotificationState.queued:
                tx.send("notifications", letter.subject, SendMail(notification_id=id))

    def _settle(self, task: SendMail, who: Who, to: NotificationState, error: str | None) -> None:
        with self.db.transaction(who, now=self.clock()) as tx:
            found = tx.get_one(Notification, task.notification_id, with_for_update=True)
            if found.state != NotificationState.queued:
                return
            found.error = error
            if to is NotificationState.queued:
                return
            _move(found, to)
            if found.template == CODE_TEMPLATE:
                found.body = f"{CODE_MASK}\n{found.body.partition(chr(10))[2]}"
            if to is NotificationState.sent:
                found.sent_at = tx.now
            else:
                why = error or "no reason was given"
                tx.announce(found.subject, NotificationFailed(notification_id=found.id, why=why))


def _need_sent(tx: Transaction, purchase_id: UUID) -> PurchaseOrder:
    order = tx.get(PurchaseOrder, purchase_id)
    if order is None:
        raise NotFound("purchase order", str(purchase_id))
    if order.sent_at is None:
        raise NotSentYet(order.number, order.status)
    return order


def _order_letter(tx: Transaction, purchase_id: UUID, template: str) -> Letter | None:
    """The order as it stands, or None where its supplier has no address."""
    from paper.purchase_order import paper_of, purchase_order_pdf  # what makes PDF takes a while to load

    order = tx.get_one(PurchaseOrder, purchase_id)
    to = tx.get_one(Supplier, order.supplier).email
    if not to:
        return None
    title, body = render(template, number=order.number, total=format_money(order.total, order.currency))
    pdf = Attached(f"{order.number}.pdf", purchase_order_pdf(paper_of(tx, purchase_id)))
    return Letter(mailed_order_key(purchase_id), f"purchase:{purchase_id}", template, to, title, body, pdf)


def _move(found: Notification, to: NotificationState) -> None:
    may = NOTIFICATION_MOVES[NotificationState(found.state)]
    if to not in may:
        raise IllegalMove("notification", str(found.id), found.state, to.value, sorted(s.value for s in may))
    found.state = to


def _next(found: Notification) -> list[str]:
    may = NOTIFICATION_MOVES[NotificationState(found.state)]
    return ["resend"] if NotificationState.queued in may and found.template != CODE_TEMPLATE else []
