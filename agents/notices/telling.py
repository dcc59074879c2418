"""Who is told, once, and whether by mail; mail goes when their quiet hours are over, and then as one."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.orm import Session

from agents.notices.messages import NoticeGiven, TellPeople
from agents.notices.rules import mail_from, mail_of
from agents.notifications.messages import WriteMail
from db.base import uuid7
from db.notices import NOTICE_KINDS, Notice, NoticeChoice, QuietHours
from db.people import Role, User
from db.session import Transaction

LONGEST_BODY = 2000

# One occurrence is told once, even when it was read meanwhile; more of the same is added to what is unread.
_GIVE = text("""
    INSERT INTO notices AS n (id, user_id, kind, key, mark, subject, title, body, times, created_at, updated_at,
                              read_at, mail_due_at)
    SELECT :id, :user_id, :kind, :key, :mark, :subject, :title, :body, 1, :now, :now, :read_at, :mail_due_at
    WHERE NOT EXISTS (SELECT 1 FROM notices WHERE user_id = :user_id AND key = :key AND mark = :mark)
    ON CONFLICT (user_id, key) WHERE read_at IS NULL DO UPDATE
        SET times = n.times + 1, mark = excluded.mark, subject = excluded.subject, title = excluded.title,
            body = excluded.body, updated_at = excluded.updated_at
    RETURNING id
""")


def tell(tx: Transaction, what: TellPeople) -> None:
    """Raises KeyError for a kind nobody knows: a bug of who says it."""
    kind = NOTICE_KINDS[what.kind]
    for user in _people(tx, what, kind.scope):
        choice = tx.get(NoticeChoice, (user.id, what.kind), populate_existing=True)
        shown, mailed = (choice.shown, choice.mail) if choice else (True, kind.mail)
        if not (shown or mailed):
            continue
        quiet = tx.get(QuietHours, user.id, populate_existing=True)
        given = tx.execute(
            _GIVE,
            {
                "id": uuid7(),
                "user_id": user.id,
                "kind": what.kind,
                "key": what.key,
                "mark": what.mark,
                "subject": what.subject,
                "title": what.title[:200],
                "body": what.body[:LONGEST_BODY],
                "now": tx.now,
                "read_at": None if shown else tx.now,
                "mail_due_at": mail_from(tx.now, quiet) if mailed else None,
            },
        ).scalar()
        if given is not None and shown:
            told = NoticeGiven(
                principal=f"user:{user.id}", id=given, kind=what.kind, title=what.title, subject=what.subject,
                unread=unread_of(tx, user.id),
            )  # fmt: skip
            tx.announce(f"inbox:{user.id}", told)
    post(tx)


def _people(tx: Transaction, what: TellPeople, scope: str | None) -> list[User]:
    query = select(User).where(User.active).order_by(User.id)
    if what.principal is not None:
        kind, _, ident = what.principal.partition(":")
        return list(tx.scalars(query.where(cast(User.id, Text) == ident))) if kind == "user" else []
    if scope is None:
        return []
    return list(tx.scalars(query.join(Role, Role.name == User.role).where(Role.scopes.contains([scope]))))


def unread_of(session: Session, user_id: UUID) -> int:
    return session.scalar(select(func.count()).where(Notice.user_id == user_id, Notice.read_at.is_(None))) or 0


def post(tx: Transaction) -> None:
    """Write the mail that is due, one for each person."""
    due = (
        select(Notice, User.email)
        .join(User, User.id == Notice.user_id)
        .where(Notice.mail_due_at <= tx.now, Notice.mailed_at.is_(None), User.active)
        .order_by(Notice.created_at, Notice.id)
        .limit(500)
        .with_for_update(of=Notice, skip_locked=True)
    )
    notices: dict[tuple[UUID, str], list[Notice]] = defaultdict(list)
    for notice, email in tx.execute(due):
        notice.mailed_at = tx.now
        notices[(notice.user_id, email)].append(notice)
    for (user_id, email), theirs in notices.items():
        title, body = mail_of(theirs)
        # The first notice names the mail: what is sent again after a crash is the same mail.
        mail = WriteMail(
            key=f"notices:{theirs[0].id}", subject=f"inbox:{user_id}", recipient=email, title=title, body=body
        )
        tx.send("notifications", f"inbox:{user_id}", mail)
    tx.flush()
