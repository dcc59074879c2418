"""Promised days and who got what came: as they were decided, and as they are kept."""

from __future__ import annotations

from db.audit.check import Check

_PAIRS = """
    FROM fill_decisions d
    JOIN fill_shares older ON older.decision_id = d.id AND older.given < older.wanted AND older.kept = 0
    JOIN fill_shares later ON later.decision_id = d.id AND later.given > 0
      AND (later.placed_at, later.allocation_id) > (older.placed_at, older.allocation_id)
"""

PROMISING_CHECKS = (
    Check(
        "promises_come_after_their_deliveries",
        "Nothing is promised for a day on which what it waits for may not have come yet.",
        "F3-5",
        """
        SELECT p.allocation_id, p.sku, p.node, p.promised_on, s ->> 'source' AS source, s ->> 'on' AS comes_on
        FROM backorder_promises p, jsonb_array_elements(p.sources) s
        WHERE p.promised_on <= (s ->> 'on')::date
        """,
    ),
    Check(
        "promises_are_the_last_change",
        "A promised day is the one that its history ends with.",
        "F3-5",
        """
        SELECT p.allocation_id, p.promised_on, c.after_on
        FROM backorder_promises p LEFT JOIN LATERAL (
            SELECT after_on FROM promise_changes c WHERE c.allocation_id = p.allocation_id ORDER BY id DESC LIMIT 1
        ) c ON true
        WHERE p.promised_on IS DISTINCT FROM c.after_on
        """,
    ),
    Check(
        "promises_are_of_their_allocations",
        "A promise names the order, SKU and node of the units that it is for.",
        "F3-5",
        """
        SELECT p.allocation_id, p.sku, p.node, a.sku AS of_sku, a.node AS of_node
        FROM backorder_promises p LEFT JOIN allocations a ON a.id = p.allocation_id
        WHERE (p.order_id, p.sku, p.node) IS DISTINCT FROM (a.order_id, a.sku, a.node)
        """,
    ),
    Check(
        "nothing_leaves_before_its_release",
        "Pre-orders leave on the day of their release at the earliest, by the calendar of their node.",
        "F3-5",
        """
        SELECT f.number, f.node, l.sku, v.release_on, f.shipped_at
        FROM fulfilments f JOIN fulfilment_lines l ON l.fulfilment_id = f.id JOIN variants v ON v.sku = l.sku
        JOIN nodes n ON n.code = f.node
        WHERE (f.shipped_at AT TIME ZONE n.time_zone)::date < v.release_on AND v.updated_at < f.shipped_at
        """,
    ),
    Check(
        "arrivals_are_shared_out_whole",
        "What those who waited got of an arrival adds up to what was given of it.",
        "F3-4h",
        """
        SELECT d.id, d.sku, d.node, d.given, coalesce(sum(s.given), 0) AS in_shares
        FROM fill_decisions d LEFT JOIN fill_shares s ON s.decision_id = d.id
        GROUP BY d.id HAVING d.given <> coalesce(sum(s.given), 0)
        """,
    ),
    Check(
        "equals_are_served_in_turn",
        "Nobody who came later is served before one of the same class, unless the policy or a person says why.",
        "F3-4h",
        f"""
        SELECT d.id, d.sku, d.node, older.allocation_id AS waits, later.allocation_id AS was_served, later.why
        {_PAIRS}
        WHERE later.class_no = older.class_no AND later.rule = 'in_turn'
          AND NOT d.policy -> 'ranking' ? 'promised'
        """,
    ),
    Check(
        "nobody_is_passed_over_too_often",
        "Who was passed over as often as the policy allows is served before all who came later.",
        "F3-4h",
        f"""
        SELECT d.id, d.sku, d.node, older.allocation_id AS waits, older.passed, later.allocation_id AS was_served
        {_PAIRS}
        WHERE older.passed >= (d.policy ->> 'most_passed')::int
        """,
    ),
)
