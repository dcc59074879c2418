"""Routing: a decision made again from what is kept of it comes out the same."""

from __future__ import annotations

from db.audit.check import Check

# Everything here is told from the row alone, as routing tells it: nodes that nothing excludes, by the ranks that the
# rules gave them, then by their own rank and code.
_DECIDED = """decided AS (
    SELECT d.id, d.order_id, d.inputs, d.outcome FROM routing_decisions d
    WHERE d.cause IN ('placed', 'edited', 'short_pick')
), nodes AS (
    SELECT d.id, n.node ->> 'code' AS code, (n.node ->> 'rank')::int AS rank, n.node,
           ARRAY(SELECT coalesce(r.said::bigint, 2147483648)
                 FROM jsonb_array_elements_text(d.outcome -> 'ranks' -> (n.node ->> 'code'))
                   WITH ORDINALITY AS r (said, at) ORDER BY r.at) AS ranks
    FROM decided d, jsonb_array_elements(d.inputs -> 'nodes') AS n (node)
    WHERE NOT d.outcome -> 'excluded' ? (n.node ->> 'code')
), wanted AS (
    SELECT d.id, n ->> 1 AS sku, sum((n ->> 2)::int) AS units
    FROM decided d, jsonb_array_elements(d.inputs -> 'needs') AS n GROUP BY 1, 2
), planned AS (
    SELECT d.id, p ->> 1 AS sku, p ->> 2 AS node, (p ->> 4)::boolean AS waits, sum((p ->> 3)::int) AS units
    FROM decided d, jsonb_array_elements(d.outcome -> 'plan') AS p GROUP BY 1, 2, 3, 4
), held AS (
    SELECT d.id, h ->> 0 AS sku, h ->> 1 AS node, (h ->> 2)::int AS units
    FROM decided d, jsonb_array_elements(d.inputs -> 'held') AS h
)"""

ROUTING_CHECKS = (
    Check(
        "routing_is_repeatable",
        "The nodes of a decision are in the order that their ranks give, and the first that has all ships all.",
        "F3-4g",
        f"""
        WITH {_DECIDED}, first AS (
            SELECT DISTINCT ON (n.id) n.id, n.code FROM nodes n
            WHERE NOT EXISTS (SELECT 1 FROM held h WHERE h.id = n.id)
              AND NOT EXISTS (
                SELECT 1 FROM wanted w JOIN decided d ON d.id = w.id WHERE w.id = n.id
                  AND (w.units > coalesce((n.node -> 'free' ->> w.sku)::int, 0)
                    OR EXISTS (SELECT 1 FROM jsonb_array_elements(d.outcome -> 'barred') AS b
                               WHERE b ->> 0 = w.sku AND b ->> 1 = n.code)))
              AND n.code = (SELECT d.outcome -> 'order' ->> 0 FROM decided d WHERE d.id = n.id)
            ORDER BY n.id
        ), sorted AS (
            SELECT d.id, coalesce(jsonb_agg(n.code ORDER BY n.ranks, n.rank, n.code), '[]') AS nodes
            FROM decided d JOIN nodes n ON n.id = d.id
            WHERE NOT EXISTS (SELECT 1 FROM held h WHERE h.id = d.id) GROUP BY d.id
        )
        SELECT d.id, d.order_id, s.nodes AS by_their_ranks, d.outcome -> 'order' AS kept, f.code AS has_all
        FROM decided d JOIN sorted s ON s.id = d.id LEFT JOIN first f ON f.id = d.id
        WHERE s.nodes <> d.outcome -> 'order'
           OR EXISTS (SELECT 1 FROM planned p WHERE p.id = d.id AND f.code IS NOT NULL AND p.node <> f.code)
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "routing_keeps_to_its_facts",
        "A decision plans what was wanted, from no node that was excluded, and no more than lay there or had room.",
        "F3-4g",
        f"""
        WITH {_DECIDED}, there AS (
            SELECT p.id, p.sku, p.node, p.waits, p.units,
                   CASE WHEN p.waits THEN coalesce((n.node -> 'room' ->> p.sku)::int, 0)
                        ELSE greatest(coalesce((n.node -> 'free' ->> p.sku)::int, 0), 0)
                             + coalesce((SELECT sum(h.units) FROM held h
                                         WHERE (h.id, h.sku, h.node) = (p.id, p.sku, p.node)), 0) END AS most,
                   n.code IS NULL AS excluded
            FROM planned p LEFT JOIN nodes n ON n.id = p.id AND n.code = p.node
        )
        SELECT t.id, t.sku, t.node, t.units, t.most, t.excluded FROM there t WHERE t.excluded OR t.units > t.most
        UNION ALL
        SELECT w.id, w.sku, NULL, coalesce(sum(p.units), 0), w.units, false
        FROM wanted w LEFT JOIN planned p ON p.id = w.id AND p.sku = w.sku
        GROUP BY w.id, w.sku, w.units HAVING coalesce(sum(p.units), 0) <> w.units
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "plans_are_finished",
        "A plan has a row for every order that it moves, and once it is applied each was moved or left with a reason.",
        "F3-3b",
        """
        SELECT p.id, p.number, p.status, p.moving, count(m.plan_id) AS rows,
               count(*) FILTER (WHERE m.state IN ('planned', 'sent')) AS open,
               count(*) FILTER (WHERE m.state = 'skipped' AND m.sentence IS NULL) AS without_reason
        FROM routing_plans p LEFT JOIN routing_plan_moves m ON m.plan_id = p.id
        GROUP BY p.id
        HAVING p.moving <> count(m.plan_id)
            OR count(*) FILTER (WHERE m.state = 'skipped' AND m.sentence IS NULL) > 0
            OR (p.status = 'applied' AND count(*) FILTER (WHERE m.state IN ('planned', 'sent')) > 0)
        """,
    ),
    Check(
        "plans_move_what_they_say",
        "An order that a plan has moved has a decision of it, for as many units.",
        "F3-4g",
        """
        SELECT m.plan_id, m.number, m.units, coalesce(d.units, 0) AS decided
        FROM routing_plan_moves m JOIN routing_plans p ON p.id = m.plan_id
        LEFT JOIN LATERAL (
            SELECT sum((piece ->> 3)::int) AS units
            FROM routing_decisions d, jsonb_array_elements(d.outcome -> 'plan') AS piece
            WHERE d.order_id = m.order_id AND d.cause = 'planned' AND d.why LIKE '%: plan ' || p.number || ', %'
        ) d ON true
        WHERE m.state = 'moved' AND m.units <> coalesce(d.units, 0)
        """,
    ),
)
