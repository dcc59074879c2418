"""Money: nothing is taken that was not asked for, nothing given back that was not taken."""

from __future__ import annotations

from db.audit.check import PENDING, Check

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
            SELECT payment_id, sum(CASE kind WHEN 'refund' THEN amount ELSE -amount END) AS refunds
            FROM payment_entries WHERE kind IN ('refund', 'restore') AND state <> 'declined' GROUP BY payment_id
        ) e ON e.payment_id = p.id
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
                   coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0)
                       - coalesce(sum(amount) FILTER (WHERE kind = 'restore'), 0) AS refunded
            FROM payment_entries WHERE state = 'succeeded' GROUP BY payment_id) e ON e.payment_id = p.id
        WHERE p.captured <> coalesce(e.captured, 0) OR p.refunded <> coalesce(e.refunded, 0)
        """,
    ),
    Check(
        "securities_are_taken_when_due",
        "Nothing is taken of a security that is held, and none is held for an exchange whose old goods are here.",
        "Y9 F5-4e",
        f"""
        WITH {PENDING}
        SELECT x.number, x.status, p.id, p.state, p.authorised, p.captured
        FROM payments p LEFT JOIN exchanges x ON x.replacement_id = p.order_id
        WHERE p.security = 'held' AND (p.captured > 0
            OR (x.status IN ('received', 'fulfilled') AND p.state = 'authorised'
                AND NOT EXISTS (SELECT 1 FROM pending WHERE subject IN (
                    'order:' || p.order_id, 'order:' || x.order_id, 'return:' || x.return_id, 'replacement:' || x.id))))
        """,  # noqa: S608 - constants of this file
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
    Check(
        "stored_values_are_their_entries",
        "The balance of a gift card or of store credit is the sum of its ledger, step by step, and never negative.",
        "Y9 F5-4a",
        """
        SELECT v.id, v.kind, v.balance, coalesce(sum(e.amount), 0) AS ledger, min(e.balance) AS lowest
        FROM stored_values v LEFT JOIN (
            SELECT value_id, amount, balance,
                   sum(amount) OVER (PARTITION BY value_id ORDER BY id) AS running
            FROM stored_value_entries) e ON e.value_id = v.id
        GROUP BY v.id
        HAVING v.balance <> coalesce(sum(e.amount), 0) OR v.balance < 0 OR bool_or(e.balance <> e.running)
        """,
    ),
    Check(
        "stored_value_pays_what_it_lost",
        "What payments hold and keep of gift cards and store credit is what left their balances, and a refund to store "
        "credit is there.",
        "Y9 F5-4a F5-4g",
        """
        SELECT p.id, p.provider, p.authorised, p.refunded, coalesce(m.moved, 0) AS moved,
               coalesce(m.credited, 0) AS credited, coalesce(v.amount, 0) AS ledger
        FROM payments p
        LEFT JOIN (SELECT payment_id,
                coalesce(sum(CASE kind WHEN 'refund' THEN amount ELSE -amount END)
                    FILTER (WHERE moved_to IS NOT NULL), 0) AS moved,
                coalesce(sum(amount) FILTER (WHERE value_id IS NOT NULL), 0) AS credited
            FROM payment_entries WHERE state = 'succeeded' AND kind IN ('refund', 'restore') GROUP BY payment_id
        ) m ON m.payment_id = p.id
        LEFT JOIN (SELECT payment_id, sum(amount) AS amount FROM stored_value_entries
                   WHERE payment_id IS NOT NULL GROUP BY payment_id) v ON v.payment_id = p.id
        WHERE coalesce(v.amount, 0) <> coalesce(m.credited, 0) - CASE
            WHEN p.provider IN ('gift_card', 'store_credit')
                THEN p.authorised - p.refunded + coalesce(m.moved, 0) + coalesce(m.credited, 0)
            ELSE 0 END
        """,
    ),
    Check(
        "store_credit_stays_with_its_customer",
        "Store credit pays orders of its own customer in its own currency, and gets only what they were refunded.",
        "F5-4g",
        """
        SELECT v.id, v.customer_id, v.currency, o.number, o.customer_id AS customer, o.currency AS paid_in
        FROM stored_values v JOIN stored_value_entries e ON e.value_id = v.id JOIN orders o ON o.id = e.order_id
        WHERE v.currency <> o.currency AND e.payment_id IS NOT NULL
           OR v.kind = 'store_credit' AND o.customer_id IS DISTINCT FROM v.customer_id
        """,
    ),
    Check(
        "moved_money_arrives",
        "What moved from the payments of one order to pay another is what the payment there holds.",
        "Y12 F5-4e",
        """
        SELECT p.id, p.order_id, p.authorised, p.refunded, coalesce(m.moved, 0) AS moved
        FROM payments p LEFT JOIN (
            SELECT moved_to, sum(CASE kind WHEN 'refund' THEN amount ELSE -amount END) AS moved
            FROM payment_entries WHERE moved_to IS NOT NULL AND state = 'succeeded' GROUP BY moved_to
        ) m ON m.moved_to = p.id
        LEFT JOIN (SELECT payment_id,
                sum(CASE kind WHEN 'refund' THEN amount ELSE -amount END)
                    FILTER (WHERE moved_to IS NOT NULL OR value_id IS NOT NULL) AS gone
            FROM payment_entries WHERE state = 'succeeded' AND kind IN ('refund', 'restore') GROUP BY payment_id
        ) g ON g.payment_id = p.id
        WHERE (p.provider = 'exchange' OR m.moved_to IS NOT NULL)
          AND coalesce(m.moved, 0) <> CASE p.provider
              WHEN 'exchange' THEN p.authorised - p.refunded + coalesce(g.gone, 0) ELSE 0 END
        """,
    ),
)
