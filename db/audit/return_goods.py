"""Goods that came back, or stayed: what is on sale was graded so, once; what stays moved nothing."""

from __future__ import annotations

from db.audit.check import Check

_PARTS = """jsonb_to_recordset(
                CASE WHEN jsonb_typeof(n.components) = 'array' THEN n.components ELSE '[]' END
            ) AS c(sku text, quantity integer)"""

RETURN_GOODS_CHECKS = (
    Check(
        "only_units_graded_so_are_restocked",
        "Units that came back were booked in for sale where they were graded as new and restocked, and nowhere else.",
        "Y7 F5-4d",
        """
        SELECT r.number, u.line_no, u.grade, u.booked_as, d.choice, d.status
        FROM return_units u JOIN returns r ON r.id = u.return_id
        LEFT JOIN return_dispositions d ON d.units_id = u.id
        WHERE (u.booked_as IS NULL) <> (u.grade = 'missing')
           OR u.booked_as = 'sellable' AND (u.grade <> 'sellable' OR d.choice <> 'restock' OR d.status <> 'done')
           OR d.id IS NOT NULL AND (d.quantity <> u.quantity OR d.grade <> u.grade OR d.return_id <> u.return_id
               OR d.line_no <> u.line_no OR d.node <> u.node)
        """,
    ),
    Check(
        "dispositions_move_their_units_once",
        "Units that waited went on sale, or left, when it was said to be done, all of them and once.",
        "Y7 F5-4d",
        f"""
        SELECT r.number, d.sku AS line_sku, d.choice, d.status, coalesce(e.sku, g.sku) AS sku,
               coalesce(e.into_sale, 0) AS expected_in_sale, coalesce(g.into_sale, 0) AS in_sale,
               coalesce(e.out, 0) AS expected_out, coalesce(g.out, 0) AS out
        FROM (
            SELECT d.id, coalesce(c.sku, d.sku) AS sku,
                   CASE WHEN d.choice IN ('restock', 'refurbish') THEN d.quantity * coalesce(c.quantity, 1) ELSE 0 END
                       AS into_sale,
                   d.quantity * coalesce(c.quantity, 1) AS out
            FROM return_dispositions d JOIN return_units u ON u.id = d.units_id
            JOIN return_lines l ON l.return_id = d.return_id AND l.line_no = d.line_no
            JOIN order_lines n ON n.order_id = l.order_id AND n.line_no = l.line_no
            LEFT JOIN LATERAL {_PARTS} ON true
            WHERE d.status = 'done' AND u.booked_as <> 'sellable'
        ) e FULL JOIN (
            SELECT d.id, s.sku, sum(s.on_hand) FILTER (WHERE s.status = 'sellable') AS into_sale,
                   -sum(s.on_hand) FILTER (WHERE s.status <> 'sellable') AS out
            FROM return_dispositions d JOIN stock_ledger s ON s.cause = 'return_disposition:' || d.id GROUP BY 1, 2
        ) g USING (id, sku)
        LEFT JOIN return_dispositions d ON d.id = coalesce(e.id, g.id) LEFT JOIN returns r ON r.id = d.return_id
        WHERE coalesce(e.into_sale, 0) <> coalesce(g.into_sale, 0) OR coalesce(e.out, 0) <> coalesce(g.out, 0)
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "dispositions_are_the_best_or_explained",
        "What becomes of units is what was reckoned to bring most, or somebody said why not, at the value that stands "
        "in its arithmetic.",
        "F5-3b",
        """
        SELECT r.number, d.sku, d.choice, d.best, d.value, b.value AS best_value, c.value AS weighed
        FROM return_dispositions d JOIN returns r ON r.id = d.return_id
        CROSS JOIN LATERAL (
            SELECT max((w->>'value')::bigint) AS value FROM jsonb_array_elements(d.weighed) w
        ) b
        LEFT JOIN LATERAL (
            SELECT (w->>'value')::bigint AS value FROM jsonb_array_elements(d.weighed) w WHERE w->>'choice' = d.choice
        ) c ON true
        WHERE d.value IS DISTINCT FROM c.value OR (d.why IS NULL AND d.value <> b.value)
           OR EXISTS (SELECT 1 FROM jsonb_array_elements(d.weighed) w WHERE w->>'value' IS NOT NULL
                      AND (w->>'value')::bigint
                          <> (w->>'gets')::bigint - (w->>'cost')::bigint - (w->>'freight')::bigint)
        """,
    ),
    Check(
        "goods_that_stay_move_nothing",
        "Where the customer keeps the goods, all of them stay and no stock moves; nowhere else do any.",
        "F5-4d",
        """
        SELECT r.number, r.status, r.keep_why, sum(l.quantity) AS units, sum(l.stayed) AS stayed,
               count(g.cause) AS booked
        FROM returns r JOIN return_lines l ON l.return_id = r.id
        LEFT JOIN (SELECT DISTINCT cause FROM stock_ledger WHERE kind = 'returned') g ON g.cause = 'return:' || r.id
        GROUP BY r.id
        HAVING CASE WHEN r.keep_why IS NOT NULL AND r.status IN ('received', 'refunded', 'closed')
                   THEN sum(l.stayed) <> sum(l.quantity) OR count(g.cause) > 0
               ELSE sum(l.stayed) > 0 END
        """,
    ),
)
