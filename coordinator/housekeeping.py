"""Tables that serve the machinery do not grow without end: what is handled and old is removed, a little at a time.

History (transitions, audit log, ledgers) is never touched.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from db.session import Database, Who

ME = Who("system:housekeeping")
CHUNK = 5000  # rows in one transaction, so that nothing waits long for it

_OLD = {
    "outbox": text("""
        DELETE FROM outbox WHERE id IN (SELECT id FROM outbox o WHERE at < :before AND relayed_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = o.message_id) LIMIT :chunk)
    """),
    "inbox": text("""
        DELETE FROM inbox WHERE (agent, message_id) IN (SELECT agent, message_id FROM inbox i WHERE at < :before
          AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = i.message_id) LIMIT :chunk)
    """),
    "idempotent_answers": text("""
        DELETE FROM idempotent_answers WHERE (principal, key) IN
          (SELECT principal, key FROM idempotent_answers WHERE at < :before LIMIT :chunk)
    """),
    "notices": text("""
        DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE read_at < :before LIMIT :chunk)
    """),
    "routing_decisions": text("""
        DELETE FROM routing_decisions WHERE id IN
          (SELECT id FROM routing_decisions WHERE at < :before ORDER BY at LIMIT :chunk)
    """),
    "routing_plans": text("""
        DELETE FROM routing_plans WHERE id IN (SELECT id FROM routing_plans WHERE created_at < :before
          AND status NOT IN ('planning', 'applying') LIMIT 50)
    """),
    "sessions": text("""
        DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE expires_at < :now LIMIT :chunk)
    """),
    "sign_in_attempts": text("""
        DELETE FROM sign_in_attempts WHERE id IN (SELECT id FROM sign_in_attempts WHERE at < :before LIMIT :chunk)
    """),
    "import_runs": text("""
        DELETE FROM import_runs WHERE id IN (SELECT id FROM import_runs WHERE created_at < :before
          AND status NOT IN ('checking', 'running') LIMIT 50)
    """),
    "webhook_posts": text("""
        DELETE FROM webhook_posts WHERE id IN (SELECT id FROM webhook_posts WHERE created_at < :before LIMIT :chunk)
    """),
}


def clear_out(database: Database, *, keep_days: int) -> dict[str, int]:
    """Remove what is older than `keep_days`; returns rows removed by table."""
    removed = dict.fromkeys(_OLD, 0)
    for name, statement in _OLD.items():
        while True:
            with database.transaction(ME) as tx:
                limits = {"before": tx.now - timedelta(days=keep_days), "now": tx.now, "chunk": CHUNK}
                known = {k: v for k, v in limits.items() if f":{k}" in statement.text}
                gone: int = tx.execute(statement, known).rowcount  # type: ignore[attr-defined]
            removed[name] += gone
            if gone < CHUNK:
                break
    return removed
