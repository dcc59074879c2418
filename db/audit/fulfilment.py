"""Fulfilments: lists, lines, parcels and labels follow the allocations they are for."""

from __future__ import annotations

from db.audit.check import PENDING, Check

FULFILMENT_CHECKS = (
    Check(
        "fulfilment_lines_are_allocations",
        "A fulfilment's line is an allocation of its order at its node, as far along as the fulfilment says.",
        "Y6 F3-4f",
        f"""
        WITH {PENDING}
        SELECT f.number, f.status, f.node, l.sku, l.quantity, l.picked, a.node AS allocated_at, a.state,
               a.quantity AS allocated
        FROM fulfilments f JOIN fulfilment_lines l ON l.fulfilment_id = f.id
        LEFT JOIN allocations a ON a.id = l.allocation_id
        WHERE f.status <> 'cancelled' AND l.quantity > 0
          AND 'order:' || f.order_id NOT IN (SELECT subject FROM pending)
          AND (a.id IS NULL
            OR (a.order_id, a.node, a.line_no, a.sku, a.quantity)
               <> (f.order_id, f.node, l.line_no, l.sku, l.quantity)
            OR a.state <> CASE WHEN f.status IN ('shipped', 'delivered') THEN 'shipped'
                               WHEN l.picked > 0 THEN 'picked' ELSE 'allocated' END)
        """,  # noqa: S608 - constants of this package
    ),
    Check(
        "parcels_hold_no_more_than_was_picked",
        "The parcels that are not cancelled hold no more of an allocation than was picked for it.",
        "Y8 F3-4d",
        """
        SELECT p.fulfilment_id, n.allocation_id, n.sku, sum(n.quantity) AS in_parcels,
               coalesce(max(l.picked), 0) AS picked
        FROM parcel_lines n JOIN parcels p ON p.id = n.parcel_id AND p.status <> 'cancelled'
        LEFT JOIN fulfilment_lines l ON l.allocation_id = n.allocation_id AND l.fulfilment_id = p.fulfilment_id
        GROUP BY p.fulfilment_id, n.allocation_id, n.sku HAVING sum(n.quantity) > coalesce(max(l.picked), 0)
        """,
    ),
    Check(
        "packed_is_in_parcels",
        "What a line counts as packed lies in parcels.",
        "Y8 F3-4d",
        """
        SELECT f.number, l.sku, l.packed, coalesce(n.units, 0) AS in_parcels
        FROM fulfilments f JOIN fulfilment_lines l ON l.fulfilment_id = f.id
        LEFT JOIN (SELECT p.fulfilment_id, n.allocation_id, sum(n.quantity) AS units
                   FROM parcel_lines n JOIN parcels p ON p.id = n.parcel_id AND p.status <> 'cancelled'
                   GROUP BY p.fulfilment_id, n.allocation_id) n
          ON n.allocation_id = l.allocation_id AND n.fulfilment_id = l.fulfilment_id
        WHERE f.status <> 'cancelled' AND l.packed <> coalesce(n.units, 0)
        """,
    ),
    Check(
        "pickers_share_no_units",
        "The open pick tasks of an allocation ask for no more than it has, once the warehouse has heard of it.",
        "Y19",
        f"""
        WITH {PENDING}
        SELECT a.id AS allocation_id, a.sku, a.quantity, sum(t.quantity - t.picked - t.short) AS asked_for
        FROM pick_tasks t JOIN allocations a ON a.id = t.allocation_id
        WHERE NOT t.done AND 'order:' || a.order_id NOT IN (SELECT subject FROM pending)
        GROUP BY a.id HAVING sum(t.quantity - t.picked - t.short) > a.quantity
        """,  # noqa: S608 - constants of this package
    ),
    Check(
        "parcels_have_one_live_label",
        "A parcel has one live label at most.",
        "Y23",
        """
        SELECT parcel_id, count(*) AS labels, array_agg(tracking_number ORDER BY tracking_number) AS tracking
        FROM labels WHERE state = 'live' GROUP BY parcel_id HAVING count(*) > 1
        """,
    ),
    Check(
        "labels_are_of_the_best_offer",
        "Of the offers that could take a parcel the label's costs least, and what was offered is what it costs.",
        "F4-4b, F4-4e",
        """
        SELECT l.id AS label_id, l.carrier || ' ' || l.service AS label, l.amount, c.chosen, o.offer ->> 'refused' AS
            refused, o.offer -> 'expected' AS expected, least.expected AS least
        FROM labels l JOIN carrier_choices c ON c.id = l.choice_id
        LEFT JOIN LATERAL (SELECT offer FROM jsonb_array_elements(c.offers) AS x (offer)
            WHERE offer ->> 'name' = l.carrier || ' ' || l.service) o ON true
        LEFT JOIN LATERAL (SELECT min((offer ->> 'expected')::bigint) AS expected
            FROM jsonb_array_elements(c.offers) AS x (offer)
            WHERE offer ->> 'refused' IS NULL AND offer ->> 'currency' = l.currency) least ON true
        WHERE o.offer IS NULL OR o.offer ->> 'refused' IS NOT NULL OR c.chosen IS DISTINCT FROM o.offer ->> 'name'
            OR (o.offer ->> 'amount')::bigint <> l.amount OR (o.offer ->> 'expected')::bigint > least.expected
        """,
    ),
)
