"""Carriers: a choice made again from what is kept of it comes out the same, and trying keeps to its budget."""

from __future__ import annotations

from db.audit.check import Check

CARRIER_CHECKS = (
    Check(
        "choices_are_repeatable",
        "Of the offers kept with a choice that nothing refused, the first by preference, expected cost, days and name "
        "was chosen; or the second, where that was tried.",
        "F4-4e",
        """
        WITH offers AS (
            SELECT c.id, o.offer, c.chosen, c.explored, o.offer ->> 'currency' AS currency
            FROM carrier_choices c, jsonb_array_elements(c.offers) AS o (offer) WHERE o.offer ->> 'refused' IS NULL
        ), ranked AS (
            SELECT f.id, f.offer ->> 'name' AS name, row_number() OVER (
                PARTITION BY f.id ORDER BY NOT coalesce((f.offer ->> 'preferred')::boolean, false),
                (f.offer ->> 'expected')::bigint, (f.offer ->> 'transit_days')::int,
                f.offer ->> 'name' COLLATE "C") AS place
            FROM offers f WHERE f.currency = (SELECT t.currency FROM offers t
                                              WHERE t.id = f.id AND t.offer ->> 'name' = f.chosen LIMIT 1)
        )
        SELECT c.id, c.parcel_id, c.chosen, r.name AS by_what_was_kept, c.explored ->> 'instead_of' AS instead_of
        FROM carrier_choices c
        LEFT JOIN ranked r ON r.id = c.id AND r.place = CASE WHEN c.explored IS NULL THEN 1 ELSE 2 END
        LEFT JOIN ranked b ON b.id = c.id AND b.place = 1
        WHERE r.name IS DISTINCT FROM c.chosen
           OR (c.explored IS NOT NULL AND b.name IS DISTINCT FROM c.explored ->> 'instead_of')
        """,
    ),
    Check(
        "trying_keeps_to_its_budget",
        "What the second best was expected to cost more in a month, all parcels of a policy together, is within the "
        "budget that stood when each was tried, and no promised day was at risk.",
        "F4-3c",
        """
        WITH tried AS (
            SELECT c.id, c.policy ->> 'code' AS policy, date_trunc('month', c.at AT TIME ZONE 'UTC') AS month, c.at,
                   (c.explored ->> 'extra')::bigint AS extra, (c.explored ->> 'left')::bigint AS room,
                   (c.policy ->> 'explore_budget')::bigint AS budget,
                   (c.explored ->> 'share_ppm')::int AS share, (c.policy ->> 'explore_ppm')::int AS cap,
                   (c.due_days < c.promises[4]) AS at_risk
            FROM carrier_choices c WHERE c.explored IS NOT NULL
        )
        SELECT t.id, t.policy, t.extra, t.room, t.budget, t.share, t.cap, t.at_risk FROM tried t
        WHERE t.extra > t.room OR t.room > t.budget OR t.share >= t.cap OR t.at_risk
           OR (SELECT sum(o.extra) FROM tried o WHERE (o.policy, o.month) = (t.policy, t.month)
                 AND (o.at, o.id) <= (t.at, t.id)) > t.budget AND t.extra > 0
        """,
    ),
)
