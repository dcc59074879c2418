"""Stock: levels, bins and ledger tell the same story, and nothing is promised twice."""

from __future__ import annotations

from db.audit.check import Check

_GRAMS, _MM3 = "v.weight_grams::numeric", "v.length_mm::numeric * v.width_mm * v.height_mm"

STOCK_CHECKS = (
    Check(
        "levels_are_the_ledger",
        "On hand and sellable units of a level are the sum of its physical ledger rows.",
        "Y1 F3-4a",
        """
        SELECT node, sku, l.on_hand, l.sellable, g.on_hand AS ledger_on_hand, g.sellable AS ledger_sellable
        FROM stock_levels l FULL JOIN (
            SELECT node, sku, sum(on_hand) FILTER (WHERE status <> 'transit') AS on_hand,
                   sum(on_hand) FILTER (WHERE status = 'sellable') AS sellable
            FROM stock_ledger GROUP BY node, sku) g USING (node, sku)
        WHERE coalesce(l.on_hand, 0) <> coalesce(g.on_hand, 0)
           OR coalesce(l.sellable, 0) <> coalesce(g.sellable, 0)
        """,
    ),
    Check(
        "bins_are_the_ledger",
        "What lies in a bin, by lot and status, is the sum of the ledger rows that name it.",
        "Y1 F3-4a",
        """
        SELECT node, sku, bin, lot, status, b.quantity, g.quantity AS ledger_quantity
        FROM bin_stock b FULL JOIN (
            SELECT node, sku, bin, lot, status, sum(on_hand) AS quantity FROM stock_ledger
            WHERE on_hand <> 0 GROUP BY node, sku, bin, lot, status) g USING (node, sku, bin, lot, status)
        WHERE coalesce(b.quantity, 0) <> coalesce(g.quantity, 0)
        """,
    ),
    Check(
        "bins_hold_no_more_than_they_can",
        "Nothing was put into a bin beyond its limit of units, weight or room, unless a putaway says who wanted it so "
        "and why. What a count finds, and what comes back from a packer, lies there whatever the limit; goods "
        "measured anew may be heavier than they were.",
        "F2-4h",
        f"""
        WITH load AS (
            SELECT s.node, s.bin, sum(s.quantity) AS units, sum(s.quantity * {_GRAMS}) AS grams,
                   ceil(sum(s.quantity * {_MM3}) / 1000) AS cm3, max(v.updated_at) AS measured
            FROM bin_stock s JOIN variants v USING (sku) GROUP BY 1, 2
        ), beyond AS MATERIALIZED (
            SELECT node, b.code AS bin, units, capacity_units, grams, capacity_grams, cm3, capacity_cm3, measured
            FROM bins b JOIN load l USING (node)
            WHERE l.bin = b.code AND (units > capacity_units OR grams > capacity_grams OR cm3 > capacity_cm3)
        )
        SELECT b.node, b.bin, units, capacity_units, grams, capacity_grams, cm3, capacity_cm3
        FROM beyond b
        CROSS JOIN LATERAL (
            SELECT g.at, g.kind, g.cause FROM stock_ledger g
            WHERE g.node = b.node AND g.bin = b.bin AND g.on_hand > 0 ORDER BY g.id DESC LIMIT 1) g
        WHERE (units > capacity_units OR measured <= g.at)
          AND g.kind <> 'counted' AND NOT (g.kind = 'moved' AND g.cause LIKE 'order:%')
          AND NOT EXISTS (
            SELECT 1 FROM putaways p
            WHERE p.id = CASE WHEN g.cause LIKE 'putaway:%' THEN substr(g.cause, 9)::uuid END AND p.bin = b.bin
              AND p.overridden && ARRAY['units', 'grams', 'cm3'])
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "levels_are_the_bins",
        "A level's units are those in the bins; only sellable ones are for sale, and those in transit are not there.",
        "Y1 Y14",
        """
        SELECT node, sku, l.on_hand, l.sellable, b.on_hand AS in_bins, b.sellable AS sellable_in_bins
        FROM stock_levels l FULL JOIN (
            SELECT node, sku, sum(quantity) FILTER (WHERE status <> 'transit') AS on_hand,
                   sum(quantity) FILTER (WHERE status = 'sellable') AS sellable
            FROM bin_stock GROUP BY node, sku) b USING (node, sku)
        WHERE coalesce(l.on_hand, 0) <> coalesce(b.on_hand, 0)
           OR coalesce(l.sellable, 0) <> coalesce(b.sellable, 0)
        """,
    ),
    Check(
        "allocated_is_the_ledger",
        "Allocated units of a level are the sum of what the ledger allocated, released and shipped.",
        "Y2 F3-4b",
        """
        SELECT node, sku, l.allocated, g.allocated AS ledger_allocated
        FROM stock_levels l FULL JOIN (
            SELECT node, sku, sum(allocated) AS allocated FROM stock_ledger GROUP BY node, sku) g USING (node, sku)
        WHERE coalesce(l.allocated, 0) <> coalesce(g.allocated, 0)
        """,
    ),
    Check(
        "allocated_is_open_allocations",
        "Allocated units of a level are those of the allocations that are allocated or picked.",
        "Y2 F3-4b",
        """
        SELECT node, sku, l.allocated, a.units AS in_allocations
        FROM stock_levels l FULL JOIN (
            SELECT node, sku, sum(quantity) AS units FROM allocations
            WHERE state IN ('allocated', 'picked') GROUP BY node, sku) a USING (node, sku)
        WHERE coalesce(l.allocated, 0) <> coalesce(a.units, 0)
        """,
    ),
    Check(
        "backordered_is_waiting_allocations",
        "Backordered units of a level are those of the allocations that wait for stock.",
        "Y2 F3-4b",
        """
        SELECT node, sku, l.backordered, a.units AS in_allocations
        FROM stock_levels l FULL JOIN (
            SELECT node, sku, sum(quantity) AS units FROM allocations
            WHERE state = 'backordered' GROUP BY node, sku) a USING (node, sku)
        WHERE coalesce(l.backordered, 0) <> coalesce(a.units, 0)
        """,
    ),
    Check(
        "held_is_live_holds",
        "Held units of a level are those of the live checkout holds.",
        "Y2",
        """
        SELECT node, sku, l.held, h.units AS in_holds
        FROM stock_levels l FULL JOIN (
            SELECT node, sku, sum(quantity) AS units FROM stock_holds
            WHERE state = 'live' GROUP BY node, sku) h USING (node, sku)
        WHERE coalesce(l.held, 0) <> coalesce(h.units, 0)
        """,
    ),
    Check(
        "never_oversold",
        "No more is allocated and held than lies there sellable.",
        "Y3 Y4 F3-4c",
        "SELECT node, sku, sellable, allocated, held FROM stock_levels WHERE allocated + held > sellable",
    ),
    Check(
        "backorders_within_limit",
        "No more is promised beyond stock than the SKU allows; units lost after they were promised do not count.",
        "Y3 F3-4c",
        """
        SELECT a.node, a.sku, v.backorder_limit, sum(a.quantity) AS backordered
        FROM allocations a JOIN variants v USING (sku)
        WHERE a.state = 'backordered' AND NOT EXISTS (
            SELECT 1 FROM stock_ledger g WHERE g.cause = 'order:' || a.order_id AND g.kind = 'released'
              AND g.sku = a.sku AND g.node = a.node)
        GROUP BY a.node, a.sku, v.backorder_limit HAVING sum(a.quantity) > v.backorder_limit
        """,
    ),
    Check(
        "nothing_is_negative",
        "No level, bin, allocation, hold or transfer counts below zero.",
        "Y2 F3-4b",
        """
        SELECT 'level' AS place, node, sku, least(on_hand, sellable, allocated, held, backordered) AS units
        FROM stock_levels WHERE least(on_hand, sellable, allocated, held, backordered) < 0
        UNION ALL SELECT 'bin', node, sku, quantity FROM bin_stock WHERE quantity < 0
        UNION ALL SELECT 'allocation', node, sku, quantity FROM allocations WHERE quantity <= 0
        UNION ALL SELECT 'hold', node, sku, quantity FROM stock_holds WHERE quantity <= 0
        UNION ALL SELECT 'transfer', NULL, sku, quantity - received - lost FROM transfer_lines
        WHERE quantity - received - lost < 0
        """,
    ),
    Check(
        "ledger_signs_fit_their_kind",
        "A ledger row changes what its kind may change, in its direction; whoever adjusts says why.",
        "Y1 F3-4a",
        """
        SELECT id, kind, on_hand, allocated, bin, why FROM stock_ledger
        WHERE NOT CASE
            WHEN kind = 'allocated' THEN on_hand = 0 AND allocated > 0
            WHEN kind = 'released' THEN on_hand = 0 AND allocated < 0
            WHEN kind = 'shipped' THEN on_hand < 0 AND allocated IN (0, on_hand) AND bin IS NOT NULL
            WHEN kind IN ('received', 'returned', 'transferred_in')
                THEN on_hand > 0 AND allocated = 0 AND bin IS NOT NULL
            WHEN kind = 'transferred_out' THEN on_hand < 0 AND allocated = 0 AND bin IS NOT NULL
            WHEN kind = 'adjusted' THEN on_hand <> 0 AND allocated = 0 AND bin IS NOT NULL AND coalesce(why, '') <> ''
            WHEN kind IN ('moved', 'counted') THEN on_hand <> 0 AND allocated = 0 AND bin IS NOT NULL
            ELSE false END
        """,
    ),
    Check(
        "moves_cancel_out",
        "What is moved within a node comes out of one place and goes into another, unit for unit.",
        "Y1 F3-4a",
        """
        SELECT cause, node, sku, lot, sum(on_hand) AS left_over FROM stock_ledger
        WHERE kind = 'moved' GROUP BY cause, node, sku, lot HAVING sum(on_hand) <> 0
        """,
    ),
    Check(
        "transit_is_open_transfers",
        "Units in transit are those of the transfers that were sent and not yet received or lost.",
        "Y1 F3-4a",
        """
        SELECT node, sku, lot, b.units AS in_transit, t.units AS in_transfers
        FROM (SELECT node, sku, lot, sum(quantity) AS units FROM bin_stock
              WHERE status = 'transit' GROUP BY node, sku, lot) b
        FULL JOIN (SELECT t.to_node AS node, n.sku, n.lot, sum(n.quantity - n.received - n.lost) AS units
                   FROM transfers t JOIN transfer_lines n ON n.transfer_id = t.id
                   WHERE t.status = 'in_transit' GROUP BY t.to_node, n.sku, n.lot) t USING (node, sku, lot)
        WHERE coalesce(b.units, 0) <> coalesce(t.units, 0)
        """,
    ),
    Check(
        "transfers_arrive_as_sent",
        "What left a node for another is what came in transit there, and drafts have moved nothing.",
        "Y1 F3-4a",
        """
        SELECT cause, sku, lot, sum(on_hand) AS left_over FROM stock_ledger
        WHERE kind IN ('transferred_out', 'transferred_in') GROUP BY cause, sku, lot HAVING sum(on_hand) <> 0
        """,
    ),
    Check(
        "kits_have_no_stock",
        "A kit is sold as one SKU and has no units of its own.",
        "F3-4d",
        """
        SELECT DISTINCT l.node, l.sku, l.on_hand, l.allocated, l.held, l.backordered
        FROM stock_levels l JOIN kit_components k ON k.kit_sku = l.sku
        WHERE l.on_hand <> 0 OR l.allocated <> 0 OR l.held <> 0 OR l.backordered <> 0
        """,
    ),
    Check(
        "serial_numbers_are_single",
        "A serial number is one unit in one place.",
        "Y1",
        """
        SELECT b.sku, b.lot AS serial, sum(b.quantity) AS units
        FROM bin_stock b JOIN variants v ON v.sku = b.sku AND v.tracking = 'serial'
        GROUP BY b.sku, b.lot HAVING sum(b.quantity) > 1 OR b.lot = ''
        """,
    ),
    Check(
        "shipped_is_shipped_allocations",
        "What the ledger shipped from a node are the units of allocations shipped there.",
        "Y6 F3-4f",
        """
        SELECT node, sku, g.units AS ledger_shipped, a.units AS shipped_allocations
        FROM (SELECT node, sku, -sum(allocated) AS units FROM stock_ledger
              WHERE kind = 'shipped' AND allocated <> 0 GROUP BY node, sku) g
        FULL JOIN (SELECT node, sku, sum(quantity) AS units FROM allocations
                   WHERE state = 'shipped' GROUP BY node, sku) a USING (node, sku)
        WHERE coalesce(g.units, 0) <> coalesce(a.units, 0)
        """,
    ),
    Check(
        "returned_within_shipped",
        "No more units of a SKU came back than ever left; what an order of history sent had left before these books.",
        "Y7 F3-4e",
        """
        SELECT sku, sum(on_hand) FILTER (WHERE kind = 'returned') AS returned,
               -sum(on_hand) FILTER (WHERE kind = 'shipped') AS shipped
        FROM stock_ledger WHERE kind IN ('returned', 'shipped') AND cause NOT IN (
            SELECT 'return:' || r.id FROM returns r JOIN orders o ON o.id = r.order_id WHERE NOT o.live)
        GROUP BY sku HAVING sum(on_hand) > 0
        """,
    ),
    Check(
        "picked_units_stand_in_packing",
        "The packing bins of a node hold at least what is picked there.",
        "Y6 F3-4f",
        """
        SELECT node, sku, a.units AS picked, coalesce(b.units, 0) AS in_packing
        FROM (SELECT node, sku, sum(quantity) AS units FROM allocations
              WHERE state = 'picked' GROUP BY node, sku) a
        LEFT JOIN (SELECT s.node, s.sku, sum(s.quantity) AS units FROM bin_stock s
                   JOIN bins n ON n.node = s.node AND n.code = s.bin AND n.type = 'packing'
                   WHERE s.status = 'sellable' GROUP BY s.node, s.sku) b USING (node, sku)
        WHERE a.units > coalesce(b.units, 0)
        """,
    ),
)
