"""A webhook stops, and whoever looks after it is told; and which kinds of events are heard at all."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select

from agents.webhooks.messages import WebhookDisabled
from db.runtime import Interest
from db.session import Transaction
from db.webhooks import WEBHOOK_MOVES, Webhook, WebhookState

ME = "webhooks"


def disable(tx: Transaction, hook: Webhook, why: str) -> None:
    """Because it failed: this is announced, a person's own deed is not."""
    stop(tx, hook, why)
    said = WebhookDisabled(webhook_id=hook.id, name=hook.name, why=why, failures=hook.failures)
    tx.announce(f"webhook:{hook.id}", said)


def stop(tx: Transaction, hook: Webhook, why: str) -> None:
    tx.move(hook, WebhookState.disabled, moves=WEBHOOK_MOVES, subject=f"webhook:{hook.id}", why=why)
    hook.why, hook.disabled_at = why[:500], tx.now
    listen(tx)


def listen(tx: Transaction) -> None:
    """Hear the kinds that active webhooks ask for and no others: an event that nobody hears costs nothing."""
    tx.flush()
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtext("interests of webhooks"))))
    wanted = set(tx.scalars(select(func.unnest(Webhook.kinds)).where(Webhook.status == WebhookState.active)))
    heard = set(tx.scalars(select(Interest.kind).where(Interest.agent == ME)))
    if gone := heard - wanted:
        tx.execute(delete(Interest).where(Interest.agent == ME, Interest.kind.in_(gone)))
    if new := wanted - heard:
        tx.execute(insert(Interest), [{"agent": ME, "kind": kind} for kind in sorted(new)])
