"""Tells customers what happens to their orders, each thing once, and mails colleagues what others write to them.

The only writer of notifications.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from agents.agent import Agent
from agents.customers.messages import CustomerErased
from agents.fulfilment.messages import FulfilmentShipped
from agents.handlers import command, on, on_set, outside
from agents.notifications.messages import (
    NotificationFailed,
    NotificationView,
    ResendNotification,
    SendMail,
    SendQueuedMail,
    WriteMail,
)
from agents.notifications.post import Mail, WillNotBeTaken, send
from agents.notifications.templates import render, tracking_lines
from agents.orders.messages import OrderCancelled, OrderPlaced
from agents.payments.messages import PaymentDeclined, PaymentRefunded
from db.base import uuid7
from db.errors import IllegalMove, NotFound, Unavailable
from db.money import format_money
from db.notifications import (
    NOTIFICATION_MOVES,
    Addressee,
    Notification,
    NotificationState,
    addressees,
)
from db.session import Transaction, Who
from db.settings import Settings, settings

AGAIN_AT_ONCE = 200  # mails queued anew by one task


class Letter(NamedTuple):
    """A mail that is to be written; one with a `key` that was used before is not."""

    key: str
    subject: str  # what it is about: `order:ID`
    template: str
    recipient: str
    title: str
    body: str


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
                about = _about(to[event.order_id], event.order_id, "placed", f"placed:{event.order_id}", total=total)
                letters.append((about, who))
        self._write(tx, letters)

    @on
    def shipped(self, tx: Transaction, event: FulfilmentShipped) -> None:
        tracking = tracking_lines(event.tracking)
        self._tell(tx, event.order_id, "shipped", f"shipped:{event.fulfilment_id}", tracking=tracking)

    @on
    def cancelled(self, tx: Transaction, event: OrderCancelled) -> None:
        self._tell(tx, event.order_id, "cancelled", f"cancelled:{event.order_id}")

    @on
    def declined(self, tx: Transaction, event: PaymentDeclined) -> None:
        self._tell(tx, event.order_id, "declined", f"declined:{event.payment_id}")

    @on
    def refunded(self, tx: Transaction, event: PaymentRefunded) -> None:
        amount = format_money(event.amount, event.currency)
        which = event.detail.get("entry_id") or f"{event.payment_id}:{event.amount}"
        self._tell(tx, event.order_id, "refunded", f"refunded:{which}", amount=amount)

    @on
    def forget(self, tx: Transaction, event: CustomerErased) -> None:
        """What was written to a person who is erased, and to whom, goes as well."""
        tx.execute(
            update(Notification)
            .where(Notification.subject.in_([f"order:{id}" for id in event.orders]))
            .values(state=NotificationState.erased, recipient="", title="", body="", error=None)
        )

    @on
    def colleague(self, tx: Transaction, task: WriteMail) -> None:
        letter = Letter(task.key, task.subject, "notice", task.recipient, task.title, task.body)
        self._write(tx, [(letter, tx.who)])

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
            mail = Mail(
                id=found.id,
                edition=found.edition,
                sender=self._settings.mail_from,
                recipient=found.recipient,
                title=found.title,
                body=found.body,
                written_at=found.created_at,
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
            self._write(tx, [(_about(to, order_id, template, key, **values), tx.who)])

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
        new = pg_insert(Notification).values(rows).on_conflict_do_nothing().returning(Notification.id)
        written = set(tx.scalars(new))
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
            if to is NotificationState.sent:
                found.sent_at = tx.now
            else:
                why = error or "no reason was given"
                tx.announce(found.subject, NotificationFailed(notification_id=found.id, why=why))


def _about(to: Addressee, order_id: UUID, template: str, key: str, **values: str) -> Letter:
    title, body = render(template, number=to.number, **values)
    return Letter(key, f"order:{order_id}", template, to.email, title, body)


def _move(found: Notification, to: NotificationState) -> None:
    may = NOTIFICATION_MOVES[NotificationState(found.state)]
    if to not in may:
        raise IllegalMove("notification", str(found.id), found.state, to.value, sorted(s.value for s in may))
    found.state = to


def _next(found: Notification) -> list[str]:
    return ["resend"] if NotificationState.queued in NOTIFICATION_MOVES[NotificationState(found.state)] else []
