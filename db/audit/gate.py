"""Carriers at the gate: pickups are booked once, manifests list each parcel once, customs are told of what is sent."""

from __future__ import annotations

from db.audit.check import Check

GATE_CHECKS = (
    Check(
        "pickups_are_booked_once",
        "A carrier is to fetch at a node once a day, and a pickup that is booked has the carrier's number.",
        "F4",
        """
        SELECT string_agg(number, ', ' ORDER BY number) AS pickups, node, carrier, "on", 'more than one' AS fault
        FROM pickups WHERE status IN ('asked', 'booking', 'unknown', 'booked', 'cancelling')
        GROUP BY node, carrier, "on" HAVING count(*) > 1
        UNION ALL
        SELECT number, node, carrier, "on", 'booked without a number' FROM pickups
        WHERE status IN ('booked', 'cancelling') AND coalesce(confirmation, '') = ''
        """,
    ),
    Check(
        "manifests_list_what_left_once",
        "A label is on one manifest at most, and only a live one of its node, carrier and account whose parcel left; a "
        "manifest counts what is on it.",
        "F4-4a",
        """
        SELECT m.number, p.tracking_number, count(*) OVER (PARTITION BY p.label_id) AS times,
               l.state, t.handed_over_at IS NOT NULL AS has_left
        FROM manifest_parcels p JOIN manifests m ON m.id = p.manifest_id
        LEFT JOIN labels l ON l.id = p.label_id LEFT JOIN parcels r ON r.id = l.parcel_id
        LEFT JOIN tracks t ON t.label_id = p.label_id
        WHERE l.state IS DISTINCT FROM 'live' OR t.handed_over_at IS NULL OR r.node <> m.node
           OR l.carrier <> m.carrier OR l.account IS DISTINCT FROM m.account
           OR (SELECT count(*) FROM manifest_parcels o WHERE o.label_id = p.label_id) > 1
        UNION ALL
        SELECT m.number, 'counts ' || m.parcels, count(p.label_id), m.status, true
        FROM manifests m LEFT JOIN manifest_parcels p ON p.manifest_id = m.id
        GROUP BY m.id HAVING count(p.label_id) <> m.parcels
        """,
    ),
    Check(
        "customs_are_told_in_full",
        "A declaration's lines are worth what it says, each has a code, an origin and a weight, and CN 22 is for no "
        "more than its limit.",
        "F4",
        """
        SELECT d.parcel_id, d.form, d.value, d."limit", x.value AS of_lines, x.bare
        FROM customs_declarations d, LATERAL (
            SELECT sum((n ->> 'value')::bigint) AS value,
                   count(*) FILTER (WHERE n ->> 'hs_code' = '' OR n ->> 'origin' = ''
                                      OR (n ->> 'weight_grams')::bigint <= 0) AS bare
            FROM jsonb_array_elements(d.lines) AS n) x
        WHERE d.value IS DISTINCT FROM x.value OR x.bare > 0
           OR (d.form = 'CN 22' AND (d."limit" IS NULL OR d.value > d."limit"))
        """,
    ),
)
