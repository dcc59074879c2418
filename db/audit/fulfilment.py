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
        "shipment_shares_are_the_order",
        "Every unit that was ordered is in one shipment, waits for one or was cancelled: what these are worth together "
        "is what the order is worth, to the cent.",
        "F3-4i Y8",
        f"""
        WITH {PENDING}, in_shipments AS (
            SELECT f.order_id, l.line_no, sum(l.quantity) AS units
            FROM fulfilments f JOIN fulfilment_lines l ON l.fulfilment_id = f.id
            WHERE f.status <> 'cancelled' GROUP BY f.order_id, l.line_no),
        waiting AS (
            SELECT a.order_id, a.line_no, sum(a.quantity) AS units FROM allocations a
            WHERE a.state IN ('allocated', 'backordered') AND NOT EXISTS (
                SELECT 1 FROM fulfilment_lines l JOIN fulfilments f ON f.id = l.fulfilment_id
                WHERE l.allocation_id = a.id AND f.status <> 'cancelled')
            GROUP BY a.order_id, a.line_no)
        SELECT o.number, n.line_no, n.total - n.cancelled_amount AS worth,
               div(2::numeric * (n.total - n.cancelled_amount) * u.found + u.left, nullif(2 * u.left, 0)) AS shares,
               u.left AS units, u.found
        FROM orders o JOIN order_lines n ON n.order_id = o.id
        LEFT JOIN LATERAL (SELECT sum(c.quantity) AS per FROM jsonb_to_recordset(
            CASE WHEN jsonb_typeof(n.components) = 'array' THEN n.components ELSE '[]' END) AS c(quantity integer)
        ) kit ON true
        LEFT JOIN in_shipments s ON s.order_id = n.order_id AND s.line_no = n.line_no
        LEFT JOIN waiting w ON w.order_id = n.order_id AND w.line_no = n.line_no
        CROSS JOIN LATERAL (SELECT coalesce(s.units, 0) + coalesce(w.units, 0) AS found,
            (n.quantity - n.cancelled) * coalesce(kit.per, 1) AS left) u
        WHERE o.live AND o.status <> 'draft' AND u.found <> u.left
          AND 'order:' || o.id NOT IN (SELECT subject FROM pending)
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
        "packing_plans_hold_each_unit_once",
        "A packing plan has every unit that was to be packed in one box, or says why it is in none.",
        "F3-4d",
        """
        SELECT f.number, sku, sum(asked) AS asked, sum(planned) AS planned
        FROM packing_plans p JOIN fulfilments f ON f.id = p.fulfilment_id
        CROSS JOIN LATERAL (
            SELECT g ->> 'sku' AS sku, (g ->> 'quantity')::int AS asked, 0 AS planned
            FROM jsonb_array_elements(p.inputs -> 'goods') AS x (g)
            UNION ALL SELECT o ->> 'sku', 0, (o ->> 'quantity')::int FROM jsonb_array_elements(p.left_out) AS x (o)
            UNION ALL SELECT piece ->> 'sku', 0, 1
            FROM jsonb_array_elements(p.boxes) AS x (b), jsonb_array_elements(b -> 'pieces') AS y (piece)
        ) units
        GROUP BY f.number, sku HAVING sum(asked) <> sum(planned)
        """,
    ),
    Check(
        "packing_plans_fit",
        "No piece of a packing plan sticks out of its box or shares room with another, and no box is too heavy.",
        "F3-4d",
        """
        WITH boxes AS (
            SELECT p.fulfilment_id, n AS box_no, b, o ->> 'code' AS code, (o ->> 'most')::int AS most,
                   (o -> 'size' ->> 0)::int AS length, (o -> 'size' ->> 1)::int AS width,
                   (o -> 'size' ->> 2)::int AS height, coalesce((o ->> 'padding')::int, 0) AS padding
            FROM packing_plans p
            CROSS JOIN LATERAL jsonb_array_elements(p.boxes) WITH ORDINALITY AS x (b, n)
            LEFT JOIN LATERAL (SELECT o FROM jsonb_array_elements(p.inputs -> 'boxes') AS y (o)
                WHERE o ->> 'code' = b ->> 'box') offered ON true),
        pieces AS (
            SELECT fulfilment_id, box_no, m AS piece_no, p.x, p.y, p.z,
                   p.x + p.length AS x2, p.y + p.width AS y2, p.z + p.height AS z2
            FROM boxes CROSS JOIN LATERAL jsonb_array_elements(b -> 'pieces') WITH ORDINALITY AS w (piece, m)
            CROSS JOIN LATERAL jsonb_to_record(piece)
                AS p (x int, y int, z int, length int, width int, height int))
        SELECT fulfilment_id, box_no, 'too heavy, or a box that was not offered' AS fault FROM boxes
        WHERE b ->> 'box' <> '' AND (code IS NULL OR (b ->> 'grams')::int > most)
        UNION ALL SELECT p.fulfilment_id, p.box_no, 'piece ' || p.piece_no || ' sticks out'
        FROM pieces p JOIN boxes b USING (fulfilment_id, box_no)
        WHERE least(p.x, p.y, p.z) < b.padding OR p.x2 > b.length - b.padding OR p.y2 > b.width - b.padding
          OR p.z2 > b.height - b.padding
        UNION ALL SELECT a.fulfilment_id, a.box_no, 'pieces ' || a.piece_no || ' and ' || c.piece_no
        FROM pieces a JOIN pieces c USING (fulfilment_id, box_no)
        WHERE a.piece_no < c.piece_no AND a.x < c.x2 AND c.x < a.x2 AND a.y < c.y2 AND c.y < a.y2
          AND a.z < c.z2 AND c.z < a.z2
        """,
    ),
    Check(
        "labels_are_of_the_best_offer",
        "Of the offers that could take a parcel the label's costs least, at the price that was offered; what a carrier "
        "took beyond it is a part of its own.",
        "F4-4b, F4-4e",
        """
        SELECT l.id AS label_id, l.carrier || ' ' || l.service AS label, l.amount, c.chosen, o.offer ->> 'refused' AS
            refused, o.offer -> 'expected' AS expected, least.expected AS least
        FROM labels l JOIN carrier_choices c ON c.id = l.choice_id
        LEFT JOIN LATERAL (SELECT offer FROM jsonb_array_elements(c.offers) AS x (offer)
            WHERE offer ->> 'name' = l.carrier || ' ' || l.service
              AND offer ->> 'account' IS NOT DISTINCT FROM l.account) o ON true
        LEFT JOIN LATERAL (SELECT min((offer ->> 'expected')::bigint) AS expected
            FROM jsonb_array_elements(c.offers) AS x (offer)
            WHERE offer ->> 'refused' IS NULL AND offer ->> 'currency' = l.currency
              AND coalesce((offer ->> 'preferred')::boolean, false)
                = coalesce((o.offer ->> 'preferred')::boolean, false)) least ON true
        CROSS JOIN LATERAL (SELECT coalesce(sum((part ->> 'amount')::bigint), 0) AS amount
            FROM jsonb_array_elements(l.parts) AS x (part) WHERE part ->> 'kind' = 'correction') corrections
        WHERE o.offer IS NULL OR o.offer ->> 'refused' IS NOT NULL OR c.chosen IS DISTINCT FROM o.offer ->> 'name'
            OR (o.offer ->> 'amount')::bigint <> l.amount - corrections.amount
            OR ((o.offer ->> 'expected')::bigint > least.expected AND c.explored IS NULL)
        """,
    ),
    Check(
        "labels_of_carriers_are_sold_once",
        "What a carrier sold is one label here, and no purchase is bought without one.",
        "F4-4a",
        """
        SELECT p.id AS purchase_id, 'bought, and there is no label' AS fault FROM label_purchases p
        WHERE p.status = 'bought' AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.id = p.id)
        UNION ALL SELECT l.id, 'no purchase is behind it' FROM labels l WHERE l.account IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM label_purchases p WHERE p.id = l.id AND p.status = 'bought')
        UNION ALL SELECT min(l.id::text)::uuid, 'two labels are ' || l.provider_ref FROM labels l
        WHERE l.account IS NOT NULL GROUP BY l.account, l.provider_ref HAVING count(*) > 1
        """,
    ),
    Check(
        "voided_labels_are_asked_back",
        "What was paid to a carrier for a label that is not used is asked back, and nothing else is.",
        "F4-2b",
        """
        SELECT l.id AS label_id, l.state, l.refund FROM labels l
        WHERE (l.account IS NOT NULL AND l.state = 'voided') <> (l.refund <> 'none')
        """,
    ),
)
