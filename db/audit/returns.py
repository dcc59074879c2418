"""Returns: no unit comes back twice, only what was graded so goes on sale, no more goes back than was paid."""

from __future__ import annotations

from db.audit.check import PENDING, Check

_HEARD = (
    "'return:' || r.id NOT IN (SELECT subject FROM pending)"
    " AND 'order:' || r.order_id NOT IN (SELECT subject FROM pending)"
)

_CLAIMED = """claimed AS (
            SELECT l.order_id, l.line_no, greatest(l.quantity - l.missing, l.credited) AS units, l.credited,
                   l.credited_total AS total, l.credited_tax AS tax
            FROM return_lines l JOIN returns r ON r.id = l.return_id AND r.status NOT IN ('declined', 'cancelled')
            UNION ALL
            SELECT l.order_id, l.line_no, l.quantity, l.credited, l.credited_total, l.credited_tax
            FROM order_claim_lines l JOIN order_claims c ON c.id = l.claim_id
                AND c.status NOT IN ('denied', 'cancelled'))"""

RETURN_CHECKS = (
    Check(
        "returned_units_have_left",
        "Over all returns, exchanges and claims of an order line, no more is on its way back, back, complained of or "
        "paid for than has left.",
        "Y8 F5-4c",
        f"""
        WITH {_CLAIMED}
        SELECT o.number, n.line_no, n.shipped, sum(c.units) AS claimed
        FROM claimed c JOIN order_lines n ON n.order_id = c.order_id AND n.line_no = c.line_no
        JOIN orders o ON o.id = c.order_id
        GROUP BY o.number, n.order_id, n.line_no, n.shipped
        HAVING sum(c.units) > n.shipped
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "returned_units_are_graded_once",
        "What a line of a return counts by grade is what somebody graded.",
        "F5-4d",
        """
        SELECT r.number, line_no, g.grade, g.counted, coalesce(u.graded, 0) AS graded
        FROM return_lines l JOIN returns r ON r.id = l.return_id
        CROSS JOIN LATERAL (VALUES ('sellable', l.sellable), ('damaged', l.damaged),
            ('not_as_described', l.not_as_described), ('missing', l.missing)) AS g(grade, counted)
        LEFT JOIN (SELECT return_id, line_no, grade, sum(quantity) AS graded FROM return_units
                   GROUP BY return_id, line_no, grade) u USING (return_id, line_no, grade)
        WHERE g.counted <> coalesce(u.graded, 0)
        """,
    ),
    Check(
        "returned_stock_is_what_was_graded",
        "The ledger brought in what was graded, in the state that the grade says, and nothing that was missing.",
        "Y7 F5-4d",
        """
        SELECT coalesce(g.cause, e.cause) AS cause, coalesce(g.sku, e.sku) AS sku,
               coalesce(g.status, e.status) AS status, coalesce(g.units, 0) AS booked, coalesce(e.units, 0) AS graded
        FROM (SELECT g.cause, g.sku, g.status, sum(g.on_hand) AS units
              FROM returns r JOIN stock_ledger g ON g.cause = 'return:' || r.id
              WHERE g.kind = 'returned' GROUP BY g.cause, g.sku, g.status) g
        FULL JOIN (
            SELECT 'return:' || l.return_id AS cause, coalesce(c.sku, l.sku) AS sku, u.booked_as AS status,
                   sum(u.quantity * coalesce(c.quantity, 1)) AS units
            FROM return_units u
            JOIN return_lines l ON l.return_id = u.return_id AND l.line_no = u.line_no
            JOIN order_lines n ON n.order_id = l.order_id AND n.line_no = l.line_no
            LEFT JOIN LATERAL jsonb_to_recordset(
                CASE WHEN jsonb_typeof(n.components) = 'array' THEN n.components ELSE '[]' END
            ) AS c(sku text, quantity integer) ON true
            WHERE u.booked_as IS NOT NULL GROUP BY 1, 2, 3) e USING (cause, sku, status)
        WHERE coalesce(g.units, 0) <> coalesce(e.units, 0)
        """,
    ),
    Check(
        "returned_units_are_paid_within_the_line",
        "Units of a line that came back or were claimed are worth no more together than was paid for what was not "
        "cancelled of it.",
        "Y9 Y11 F5-4a",
        f"""
        WITH {_CLAIMED}
        SELECT o.number, n.line_no, n.total - n.cancelled_amount AS paid, sum(c.total) AS credited,
               n.tax, sum(c.tax) AS credited_tax
        FROM claimed c JOIN order_lines n ON n.order_id = c.order_id AND n.line_no = c.line_no
        JOIN orders o ON o.id = n.order_id
        GROUP BY o.number, n.order_id, n.line_no, n.total, n.cancelled_amount, n.tax
        HAVING sum(c.total) > n.total - n.cancelled_amount OR sum(c.tax) > n.tax
            OR (sum(c.credited) = n.quantity - n.cancelled AND sum(c.total) <> n.total - n.cancelled_amount)
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "return_credit_is_its_lines",
        "What is owed for a return is what its paid units are worth, less fee and label, with the shipping's share.",
        "Y10 F5-4b",
        """
        SELECT r.number, r.credit, r.shipping, r.label_taken, sum(l.credited_total - l.fee) AS lines
        FROM returns r JOIN return_lines l ON l.return_id = r.id
        GROUP BY r.id HAVING r.credit <> r.shipping + sum(l.credited_total - l.fee) - r.label_taken
        UNION ALL
        SELECT c.number, c.credit, c.shipping, 0, sum(l.credited_total)
        FROM order_claims c JOIN order_claim_lines l ON l.claim_id = c.id
        GROUP BY c.id HAVING c.credit <> c.shipping + sum(l.credited_total)
            OR c.kept <> sum(l.replaced_total) + c.kept_shipping
        """,
    ),
    Check(
        "return_refunds_are_what_is_owed",
        "No more is given back for a return, with what was given by hand before, than is owed; each for its own order.",
        "Y9 F5-4a F5-4f",
        """
        SELECT c.return_id, c.credit, c.counted, coalesce(sum(e.given), 0) AS refunds
        FROM return_credits c LEFT JOIN (
            SELECT return_id, order_id, kind, CASE kind WHEN 'restore' THEN -amount ELSE amount END AS given
            FROM payment_entries WHERE state <> 'declined') e ON e.return_id = c.return_id
        GROUP BY c.return_id
        HAVING c.counted + coalesce(sum(e.given), 0) > c.credit OR bool_or(e.order_id <> c.order_id)
            OR bool_or(e.kind NOT IN ('refund', 'restore'))
        UNION ALL
        SELECT e.return_id, NULL, NULL, e.amount FROM payment_entries e
        WHERE e.return_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM return_credits c WHERE c.return_id = e.return_id)
        """,
    ),
    Check(
        "returns_know_their_money",
        "Where the money of a return stands is what its ledger says, once everybody has heard of it.",
        "Y9 F5-4f",
        f"""
        WITH {PENDING}
        SELECT r.number, r.status, r.refund_state, r.credit, c.credit AS asked, r.refunded, e.refunded AS given,
               r.moved, e.moved AS arrived, r.counted, c.counted AS by_hand, r.due
        FROM (SELECT 'return' AS kind, id, number, order_id, status, refund_state, credit, refunded, moved, counted, due
              FROM returns
              UNION ALL
              SELECT 'order_claim', id, number, order_id, status, refund_state, credit, refunded, moved, counted, due
              FROM order_claims) r
        LEFT JOIN return_credits c ON c.return_id = r.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(CASE kind WHEN 'restore' THEN -amount ELSE amount END)
                       FILTER (WHERE state = 'succeeded'), 0) AS refunded,
                   coalesce(sum(CASE kind WHEN 'restore' THEN -amount ELSE amount END)
                       FILTER (WHERE moved_to IS NOT NULL), 0) AS moved,
                   coalesce(sum(amount) FILTER (WHERE state IN ('asked', 'unknown', 'pending')), 0) AS open
            FROM payment_entries p WHERE p.return_id = r.id) e
        WHERE {_HEARD} AND (
            r.refunded <> e.refunded OR r.moved <> e.moved OR r.counted <> coalesce(c.counted, 0)
            OR r.due <> r.credit - r.counted - e.refunded - e.open - greatest(0, coalesce(c.set_aside, 0) - e.moved)
            OR (r.status NOT IN ('closed', 'cancelled') AND r.credit <> coalesce(c.credit, 0))
            OR (r.refund_state = 'none') <> (r.credit = 0)
            OR (r.status IN ('refunded', 'resolved') AND r.credit > 0 AND (r.refund_state <> 'settled' OR e.open > 0)))
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "returns_go_by_the_policy_of_the_purchase",
        "A return goes by the version of the policy that was in force when its order was placed.",
        "F5-4h",
        """
        SELECT r.number, o.placed_at, r.policy_version, p.version AS in_force
        FROM returns r JOIN orders o ON o.id = r.order_id
        LEFT JOIN LATERAL (SELECT version FROM return_policies WHERE valid_from <= coalesce(o.placed_at, o.created_at)
                           ORDER BY valid_from DESC, version DESC LIMIT 1) p ON true
        WHERE r.policy_version IS DISTINCT FROM p.version
        """,
    ),
    Check(
        "return_labels_are_of_their_return",
        "A return is followed by the number of its last label, and only the customer's own label is taken off.",
        "F5-4a",
        f"""
        WITH {PENDING}
        SELECT r.number, r.status, r.way, r.label_paid_by, r.label_price, r.tracking_number, l.tracking_number AS label
        FROM returns r
        LEFT JOIN LATERAL (SELECT tracking_number FROM return_labels WHERE return_id = r.id
                           ORDER BY created_at DESC, id DESC LIMIT 1) l ON true
        WHERE (r.label_price > 0 AND (r.way <> 'label' OR r.label_paid_by <> 'customer'))
            OR ({_HEARD} AND r.tracking_number IS DISTINCT FROM l.tracking_number)
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "unknown_parcels_come_in_once",
        "What an unknown parcel holds is on the returns of the order that it was matched with, and one that waits or "
        "was closed is on none.",
        "F5-4d",
        """
        SELECT p.number, p.status, p.return_id, r.number AS made
        FROM unknown_parcels p LEFT JOIN returns r ON r.id = p.return_id
        WHERE (p.status = 'matched') <> (r.id IS NOT NULL)
            OR (r.id IS NOT NULL AND EXISTS (
                SELECT 1 FROM unknown_parcel_items i WHERE i.parcel_id = p.id GROUP BY i.sku
                HAVING sum(i.quantity) > (
                    SELECT coalesce(sum(u.quantity), 0) FROM return_units u
                    JOIN return_lines l ON l.return_id = u.return_id AND l.line_no = u.line_no
                    WHERE l.order_id = r.order_id AND l.sku = i.sku)))
        """,
    ),
    Check(
        "received_returns_are_graded_whole",
        "A return is received when nothing of it is still to come, and not before.",
        "F5-4c",
        """
        SELECT r.number, r.status, sum(l.quantity) AS units,
               sum(l.sellable + l.damaged + l.not_as_described + l.missing + l.stayed) AS graded
        FROM returns r JOIN return_lines l ON l.return_id = r.id
        GROUP BY r.id HAVING NOT CASE
            WHEN r.status IN ('received', 'refunded', 'closed')
                THEN sum(l.quantity) = sum(l.sellable + l.damaged + l.not_as_described + l.missing + l.stayed)
            WHEN r.status = 'partly_received'
                THEN sum(l.quantity) > sum(l.sellable + l.damaged + l.not_as_described + l.missing + l.stayed)
                     AND sum(l.sellable + l.damaged + l.not_as_described + l.missing + l.stayed) > 0
            ELSE sum(l.sellable + l.damaged + l.not_as_described + l.missing + l.stayed) = 0 END
        """,
    ),
    Check(
        "exchanges_are_whole",
        "An exchange has the return that knows it, its new goods come to its total, and it is fulfilled when both "
        "halves have gone the whole way.",
        "Y12 F5-4e",
        """
        SELECT x.number, x.status, r.number AS return, x.new_total, x.shipping, coalesce(l.total, 0) AS lines,
               o.number AS replacement
        FROM exchanges x LEFT JOIN returns r ON r.id = x.return_id AND r.exchange_id = x.id AND r.order_id = x.order_id
        LEFT JOIN (SELECT exchange_id, sum(total) AS total FROM exchange_lines GROUP BY exchange_id) l
            ON l.exchange_id = x.id
        LEFT JOIN orders o ON o.id = x.replacement_id
        WHERE r.id IS NULL OR x.new_total <> coalesce(l.total, 0) + x.shipping
           OR x.status = 'fulfilled' AND (o.id IS NULL OR x.replacement_shipped_at IS NULL
               OR r.status NOT IN ('received', 'refunded', 'closed'))
           OR x.status IN ('received', 'fulfilled') AND r.status IN ('requested', 'approved', 'partly_received')
           OR x.status <> 'cancelled' AND r.status IN ('declined', 'cancelled')
        """,
    ),
    Check(
        "exchanged_money_is_settled_or_open",
        "What came back in exchange pays for the new goods, or was given back; what it does not cover is owed there.",
        "Y12 F5-4e",
        """
        SELECT x.number, o.number AS replacement, r.moved, coalesce(p.paid, 0) AS paid
        FROM exchanges x JOIN returns r ON r.id = x.return_id JOIN orders o ON o.id = x.replacement_id
        LEFT JOIN (
            SELECT e.return_id, q.order_id, sum(CASE e.kind WHEN 'restore' THEN -e.amount ELSE e.amount END) AS paid
            FROM payment_entries e JOIN payments q ON q.id = e.moved_to GROUP BY e.return_id, q.order_id
        ) p ON p.return_id = r.id AND p.order_id = o.id
        WHERE r.moved > r.credit OR coalesce(p.paid, 0) > o.total
           OR EXISTS (SELECT 1 FROM payment_entries e JOIN payments q ON q.id = e.moved_to
                      WHERE e.return_id = r.id AND q.order_id <> o.id)
        """,
    ),
)
