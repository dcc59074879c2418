"""The runtime: what was said is handed on once, in order, and answered once."""

from __future__ import annotations

from db.audit.check import Check

RUNTIME_CHECKS = (
    Check(
        "subjects_keep_their_order",
        "Nothing of a subject is handed on while something older of it waits in the outbox.",
        "Y24",
        """
        SELECT w.subject, w.id AS waiting, max(o.id) AS handed_on
        FROM outbox w JOIN outbox o ON o.subject = w.subject AND o.id > w.id AND o.relayed_at IS NOT NULL
        WHERE w.relayed_at IS NULL GROUP BY w.subject, w.id
        """,
    ),
    Check(
        "deliveries_are_single",
        "A message is on its way to an agent once.",
        "Y26",
        """
        SELECT agent, message_id, count(*) AS deliveries FROM deliveries
        GROUP BY agent, message_id HAVING count(*) > 1
        """,
    ),
    Check(
        "handled_messages_are_gone",
        "A message that an agent has handled is no longer on its way to it.",
        "Y26",
        """
        SELECT d.id, d.agent, d.message_id, d.kind, d.state
        FROM deliveries d JOIN inbox i ON i.agent = d.agent AND i.message_id = d.message_id
        """,
    ),
    Check(
        "answers_are_single",
        "An idempotency key of a caller has one answer.",
        "Y26",
        """
        SELECT principal, key, count(*) AS answers FROM idempotent_answers
        GROUP BY principal, key HAVING count(*) > 1
        """,
    ),
)
