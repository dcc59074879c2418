"""Webhooks: what is told once, what was tried, and who is listened to."""

from __future__ import annotations

from db.audit.check import Check

WEBHOOK_CHECKS = (
    Check(
        "webhooks_hear_an_event_once",
        "An event is told to a webhook once, unless a person sends it again.",
        "Y26",
        """
        SELECT webhook_id, event_id, count(*) AS posts FROM webhook_posts WHERE again_of IS NULL
        GROUP BY webhook_id, event_id HAVING count(*) > 1
        """,
    ),
    Check(
        "webhook_attempts_are_all_written",
        "A post has as many attempts as it says, and what arrived has one that was answered with 2xx.",
        "Y26",
        """
        SELECT p.id, p.event, p.state, p.attempts, count(a.id) AS written, max(a.code) AS code
        FROM webhook_posts p LEFT JOIN webhook_attempts a ON a.post_id = p.id GROUP BY p.id
        HAVING p.attempts <> count(a.id)
            OR (p.state = 'delivered') <> coalesce(bool_or(a.code BETWEEN 200 AND 299), false)
            OR (p.state = 'waiting') <> (p.ended_at IS NULL)
        """,
    ),
    Check(
        "webhooks_hear_what_they_ask_for",
        "The kinds of events that are listened to are those that active webhooks ask for.",
        "Y26",
        """
        SELECT coalesce(i.kind, w.kind) AS kind, i.kind IS NOT NULL AS heard, w.kind IS NOT NULL AS asked_for
        FROM (SELECT kind FROM interests WHERE agent = 'webhooks') i
        FULL JOIN (SELECT DISTINCT unnest(kinds) AS kind FROM webhooks WHERE status = 'active') w USING (kind)
        WHERE i.kind IS NULL OR w.kind IS NULL
        """,
    ),
)
