"""Money: nothing is taken that was not asked for, nothing given back that was not taken."""

from __future__ import annotations

from db.audit.check import Check

PAYMENT_CHECKS = (
    Check(
        "captured_within_authorised",
        "No more is captured than was authorised, no more authorised than was asked for.",
        "Y9",
        """
        SELECT id, amount, authorised, captured FROM payments
        WHERE captured < 0 OR captured > authorised OR authorised > amount
        """,
    ),
    Check(
        "refunds_within_captured",
        "What was given back of a payment, and what is on its way back, is no more than was captured.",
        "Y9",
        """
        SELECT p.id, p.captured, p.refunded, coalesce(e.refunds, 0) AS refunds
        FROM payments p LEFT JOIN (
            SELECT payment_id, sum(amount) AS refunds FROM payment_entries
            WHERE kind = 'refund' AND state <> 'declined' GROUP BY payment_id) e ON e.payment_id = p.id
        WHERE greatest(p.refunded, coalesce(e.refunds, 0)) > p.captured OR p.refunded < 0
        """,
    ),
    Check(
        "payments_are_their_entries",
        "Captured and refunded amounts of a payment are the sums of its ledger entries that succeeded.",
        "Y9",
        """
        SELECT p.id, p.captured, coalesce(e.captured, 0) AS ledger_captured,
               p.refunded, coalesce(e.refunded, 0) AS ledger_refunded
        FROM payments p LEFT JOIN (
            SELECT payment_id, sum(amount) FILTER (WHERE kind = 'capture') AS captured,
                   sum(amount) FILTER (WHERE kind = 'refund') AS refunded
            FROM payment_entries WHERE state = 'succeeded' GROUP BY payment_id) e ON e.payment_id = p.id
        WHERE p.captured <> coalesce(e.captured, 0) OR p.refunded <> coalesce(e.refunded, 0)
        """,
    ),
    Check(
        "money_keeps_its_currency",
        "Payments and their entries are in the currency of their order.",
        "Y9",
        """
        SELECT o.number, o.currency, p.id AS payment_id, p.currency AS paid_in, NULL AS entry_in
        FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.currency <> o.currency
        UNION ALL SELECT NULL, NULL, p.id, p.currency, e.currency
        FROM payment_entries e JOIN payments p ON p.id = e.payment_id WHERE e.currency <> p.currency
        """,
    ),
)
