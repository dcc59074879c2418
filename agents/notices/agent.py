"""Tells colleagues what needs them. The only writer of notices, of what people chose, and of their quiet hours."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as pg_insert

from agents.agent import Agent
from agents.bulk.messages import BulkFinished
from agents.handlers import command, on
from agents.inventory.messages import AllocationsLost
from agents.notices import trouble
from agents.notices.messages import (
    ChooseNotices,
    KindChoice,
    LookForTrouble,
    MarkNotices,
    NoticesChosen,
    NoticesMarked,
    NoticesRead,
    Quiet,
    TellPeople,
)
from agents.notices.rules import UnknownKind, zone_of
from agents.notices.telling import post, tell, unread_of
from agents.notifications.messages import NotificationFailed
from agents.webhooks.messages import WebhookDisabled
from db.notices import NOTICE_KINDS, Notice, NoticeChoice, QuietHours
from db.orders import Order
from db.session import Transaction


class NoticesAgent(Agent):
    name = "notices"

    @on
    def people(self, tx: Transaction, task: TellPeople) -> None:
        tell(tx, task)

    @on
    def bulk_finished(self, tx: Transaction, event: BulkFinished) -> None:
        wrong = {state: event.counts.get(state, 0) for state in ("refused", "failed", "cancelled")}
        ended = "cancelled" if event.status == "cancelled" else "done"
        parts = [f"{event.counts.get('done', 0)} of {event.total} done"]
        parts += [f"{count} {state}" for state, count in wrong.items() if count]
        tell(
            tx,
            TellPeople(
                kind="bulk_finished", subject=f"bulk:{event.job_id}", key=f"bulk:{event.job_id}", mark=event.status,
                title=f"{event.action.capitalize()} of {event.total} {event.noun} is {ended}",
                body=", ".join(parts) + ".", principal=event.principal,
            ),
        )  # fmt: skip

    @on
    def stock_lost(self, tx: Transaction, event: AllocationsLost) -> None:
        number = tx.scalar(select(Order.number).where(Order.id == event.order_id)) or str(event.order_id)
        tell(
            tx,
            TellPeople(
                kind="stock_lost", subject=f"order:{event.order_id}", key=f"lost:{event.order_id}",
                mark=str(event.allocations[0]) if event.allocations else "", title=f"Order {number} lost its stock",
                body=f"Units that were promised are not there ({event.why}). The order waits for stock again.",
            ),
        )  # fmt: skip

    @on
    def mail_failed(self, tx: Transaction, event: NotificationFailed) -> None:
        tell(
            tx,
            TellPeople(
                kind="mail_failed", subject=f"notification:{event.notification_id}", key="mail_failed",
                mark=str(event.notification_id), title="A mail to a customer could not be delivered", body=event.why,
            ),
        )  # fmt: skip

    @on
    def webhook_disabled(self, tx: Transaction, event: WebhookDisabled) -> None:
        tell(
            tx,
            TellPeople(
                kind="webhook_disabled", subject=f"webhook:{event.webhook_id}", key=f"webhook:{event.webhook_id}",
                mark=str(tx.now), title=f"The webhook {event.name} was switched off",
                body=f"{event.why} Mend the receiver, then switch it on again.",
            ),
        )  # fmt: skip

    @on
    def look(self, tx: Transaction, task: LookForTrouble) -> None:
        for found in trouble.find(tx, task):
            tell(tx, found)
        post(tx)

    # What a person does

    @command
    def mark(self, tx: Transaction, ask: MarkNotices) -> NoticesMarked:
        """Unread ones of the same thing are one: an older one stays read when a newer is unread."""
        mine = update(Notice).where(Notice.user_id == ask.user_id)
        if ask.ids is not None:
            mine = mine.where(Notice.id.in_(ask.ids))
        if ask.read:
            done = tx.execute(mine.where(Notice.read_at.is_(None)).values(read_at=tx.now))
        else:
            newest = (
                select(Notice.id)
                .where(Notice.user_id == ask.user_id)
                .ext(distinct_on(Notice.key))
                .order_by(Notice.key, Notice.updated_at.desc(), Notice.id.desc())
            )
            done = tx.execute(mine.where(Notice.read_at.is_not(None), Notice.id.in_(newest)).values(read_at=None))
        changed: int = done.rowcount  # type: ignore[attr-defined]
        unread = unread_of(tx, ask.user_id)
        if changed:
            principal = f"user:{ask.user_id}"
            tx.announce(f"inbox:{ask.user_id}", NoticesRead(principal=principal, unread=unread))
        return NoticesMarked(changed=changed, unread=unread)

    @command
    def choose(self, tx: Transaction, ask: ChooseNotices) -> NoticesChosen:
        """Raises UnknownKind, UnknownZone."""
        for choice in ask.choices:
            if choice.kind not in NOTICE_KINDS:
                raise UnknownKind(choice.kind, sorted(NOTICE_KINDS))
            row = pg_insert(NoticeChoice).values(
                user_id=ask.user_id, kind=choice.kind, shown=choice.shown, mail=choice.mail
            )
            said = {"shown": choice.shown, "mail": choice.mail}
            tx.execute(row.on_conflict_do_update(index_elements=["user_id", "kind"], set_=said))
        if ask.quiet is None:
            tx.execute(delete(QuietHours).where(QuietHours.user_id == ask.user_id))
        else:
            zone_of(ask.quiet.time_zone)
            hours = {"time_zone": ask.quiet.time_zone, "starts": ask.quiet.starts, "ends": ask.quiet.ends}
            put = pg_insert(QuietHours).values(user_id=ask.user_id, **hours)
            tx.execute(put.on_conflict_do_update(index_elements=["user_id"], set_=hours))
        tx.audit("choose", f"inbox:{ask.user_id}", after={"kinds": [c.kind for c in ask.choices]})
        return _chosen(tx, ask.user_id)


def _chosen(tx: Transaction, user_id: UUID) -> NoticesChosen:
    rows = tx.scalars(select(NoticeChoice).where(NoticeChoice.user_id == user_id).order_by(NoticeChoice.kind))
    quiet = tx.get(QuietHours, user_id, populate_existing=True)
    return NoticesChosen(
        choices=[KindChoice(kind=r.kind, shown=r.shown, mail=r.mail) for r in rows],
        quiet=Quiet(time_zone=quiet.time_zone, starts=quiet.starts, ends=quiet.ends) if quiet else None,
    )
