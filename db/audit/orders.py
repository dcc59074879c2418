"""Orders: every unit of a line is somewhere, every cent of a total comes from somewhere."""

from __future__ import annotations

from db.audit.check import PENDING, Check

_PARTS = """parts AS (
    SELECT o.id AS order_id, o.number, o.status, n.line_no, n.quantity, n.cancelled, n.shipped,
           coalesce(c.sku, n.sku) AS sku, coalesce(c.quantity, 1) AS per_unit
    FROM orders o JOIN order_lines n ON n.order_id = o.id
    LEFT JOIN LATERAL jsonb_to_recordset(
        CASE WHEN jsonb_typeof(n.components) = 'array' THEN n.components ELSE '[]' END
    ) AS c(sku text, quantity integer) ON true
    WHERE o.live AND o.status <> 'draft'
)"""
"""What is picked for a line: a kit's components, else the SKU itself. History that was imported has no stock."""

# Half up in whole minor units, as in `db.money`; numeric, since an amount times a rate outgrows a bigint.
_SHIPPING_TAX = """div(2::numeric * o.shipping * o.shipping_tax_ppm + d.whole, 2 * d.whole)"""
_WHOLE = """CROSS JOIN LATERAL (
    SELECT 1000000 + CASE WHEN o.tax_inclusive THEN o.shipping_tax_ppm ELSE 0 END::numeric AS whole) d"""

UNIT_CHECKS = (
    Check(
        "held_units_are_let_go",
        "Only what waits for a held order is parked; who is held for too long keeps units a day longer at most.",
        "F3-2",
        """
        SELECT a.order_id, a.id, a.state, 'parked' AS wrong FROM allocations a
        WHERE a.parked_at IS NOT NULL AND (a.state <> 'backordered' OR NOT EXISTS (
            SELECT 1 FROM order_holds h WHERE h.order_id = a.order_id AND h.released_at IS NULL)
          AND NOT EXISTS (SELECT 1 FROM outbox o LEFT JOIN deliveries d ON d.message_id = o.message_id
                          WHERE o.kind = 'TakeUnitsAgain' AND o.subject = 'order:' || a.order_id
                            AND (o.relayed_at IS NULL OR d.id IS NOT NULL)))
        UNION ALL
        SELECT a.order_id, a.id, a.state, 'kept' FROM allocations a
        WHERE a.state = 'allocated' AND EXISTS (
            SELECT 1 FROM order_holds h JOIN hold_terms t ON t.reason = h.reason JOIN orders o ON o.id = h.order_id
            WHERE h.order_id = a.order_id AND h.released_at IS NULL AND o.live
              AND greatest(h.placed_at + t.hours * interval '1 hour', t.updated_at, a.updated_at)
                  < now() - interval '1 day')
          AND NOT EXISTS (SELECT 1 FROM allocations p WHERE p.order_id = a.order_id AND p.state = 'picked')
        """,
    ),
    Check(
        "order_lines_conserve_units",
        "Of every order line, what is promised, picked, shipped and cancelled together is what was ordered.",
        "Y8 F3-4d",
        f"""
        WITH {_PARTS}
        SELECT p.number, p.line_no, p.sku, p.quantity * p.per_unit AS ordered, p.cancelled * p.per_unit AS cancelled,
               coalesce(a.units, 0) AS allocated_or_beyond
        FROM parts p LEFT JOIN (
            SELECT order_id, line_no, sku, sum(quantity) AS units FROM allocations
            WHERE state <> 'released' GROUP BY order_id, line_no, sku) a USING (order_id, line_no, sku)
        WHERE coalesce(a.units, 0) + p.cancelled * p.per_unit <> p.quantity * p.per_unit
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "allocations_belong_to_lines",
        "Every promise is for a line of an order, in the SKU of the line or a part of its kit.",
        "Y8 F3-4d",
        f"""
        WITH {_PARTS}
        SELECT a.id, a.order_id, a.line_no, a.sku, a.state FROM allocations a
        WHERE a.state <> 'released' AND NOT EXISTS (
            SELECT 1 FROM parts p WHERE p.order_id = a.order_id AND p.line_no = a.line_no AND p.sku = a.sku)
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "line_shipped_is_shipped_allocations",
        "A line counts as shipped what has left in every part of it, once the order has heard of it.",
        "Y8 F3-4d",
        f"""
        WITH {PENDING}, {_PARTS}
        SELECT p.number, p.line_no, p.shipped, min(coalesce(a.units, 0) / p.per_unit) AS left_the_house
        FROM parts p LEFT JOIN (
            SELECT order_id, line_no, sku, sum(quantity) AS units FROM allocations
            WHERE state = 'shipped' GROUP BY order_id, line_no, sku) a USING (order_id, line_no, sku)
        WHERE 'order:' || p.order_id NOT IN (SELECT subject FROM pending)
        GROUP BY p.number, p.line_no, p.shipped HAVING min(coalesce(a.units, 0) / p.per_unit) <> p.shipped
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "order_status_fits_its_lines",
        "A shipped order has nothing left to ship, a cancelled one shipped nothing, an open one has something to do.",
        "Y8 F3-4d",
        f"""
        WITH {PENDING}
        SELECT o.number, o.status, sum(n.quantity) AS ordered, sum(n.cancelled) AS cancelled, sum(n.shipped) AS shipped
        FROM orders o JOIN order_lines n ON n.order_id = o.id
        WHERE o.live AND 'order:' || o.id NOT IN (SELECT subject FROM pending)
        GROUP BY o.id HAVING NOT CASE
            WHEN o.status IN ('shipped', 'delivered')
                THEN sum(n.quantity) = sum(n.cancelled + n.shipped) AND sum(n.shipped) > 0
            WHEN o.status = 'cancelled' THEN sum(n.quantity) = sum(n.cancelled)
            WHEN o.status IN ('placed', 'released') THEN sum(n.shipped) = 0 AND sum(n.quantity) > sum(n.cancelled)
            WHEN o.status IN ('held', 'partly_shipped') THEN sum(n.quantity) > sum(n.cancelled + n.shipped)
            ELSE true END
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "held_orders_have_a_hold",
        "An open order is held exactly when a hold is on.",
        "Y22",
        """
        SELECT o.number, o.status, count(h.id) AS holds
        FROM orders o LEFT JOIN order_holds h ON h.order_id = o.id AND h.released_at IS NULL
        WHERE o.live AND o.status IN ('placed', 'held', 'released', 'partly_shipped')
        GROUP BY o.id HAVING (o.status = 'held') <> (count(h.id) > 0)
        """,
    ),
    Check(
        "held_orders_are_not_picked",
        "Nobody picks for an order that is held, once the warehouse has heard of it.",
        "Y22",
        f"""
        WITH {PENDING}
        SELECT o.number, f.number AS fulfilment, f.node, f.status
        FROM orders o JOIN fulfilments f ON f.order_id = o.id AND f.status = 'picking'
        WHERE o.status = 'held' AND 'order:' || o.id NOT IN (SELECT subject FROM pending)
        """,  # noqa: S608 - constants of this file
    ),
)

MONEY_CHECKS = (
    Check(
        "order_total_is_its_parts",
        "An order's total is that of its lines and the shipping, to the cent.",
        "F3-4i",
        f"""
        SELECT o.number, o.total, n.total AS lines, o.shipping
        FROM orders o JOIN (SELECT order_id, sum(total) AS total FROM order_lines GROUP BY order_id) n
          ON n.order_id = o.id {_WHOLE}
        WHERE o.total <> n.total + o.shipping + CASE WHEN o.tax_inclusive THEN 0 ELSE {_SHIPPING_TAX} END
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "order_sums_are_its_lines",
        "Subtotal, discount and tax of an order are the sums of its lines, with the tax of the shipping.",
        "F3-4i",
        f"""
        SELECT o.number, o.subtotal, n.gross, o.discount, n.discount AS line_discounts, o.tax, n.tax AS line_tax
        FROM orders o JOIN (
            SELECT order_id, sum(gross) AS gross, sum(line_discount) AS discount, sum(tax) AS tax
            FROM order_lines GROUP BY order_id) n ON n.order_id = o.id {_WHOLE}
        WHERE (o.subtotal <> n.gross OR o.discount <> n.discount + o.order_discount
          OR o.tax <> n.tax + {_SHIPPING_TAX})
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "discount_shares_add_up",
        "The lines' shares of a whole-order discount are that discount, to the cent.",
        "Y11 F3-4i",
        """
        SELECT o.number, o.order_discount, sum(n.order_discount) AS shares
        FROM orders o JOIN order_lines n ON n.order_id = o.id
        GROUP BY o.id HAVING sum(n.order_discount) <> o.order_discount
        """,
    ),
    Check(
        "line_amounts_add_up",
        "A line costs its units less its discounts; net and tax are its total.",
        "F3-4i",
        """
        SELECT o.number, n.line_no, n.gross, n.line_discount, n.order_discount, n.net, n.tax, n.total
        FROM orders o JOIN order_lines n ON n.order_id = o.id
        WHERE (n.gross <> n.quantity * n.unit_amount OR n.net + n.tax <> n.total
          OR n.gross - n.line_discount - n.order_discount
             <> CASE WHEN o.tax_inclusive THEN n.total ELSE n.net END)
        """,
    ),
    Check(
        "cancelled_worth_is_within_the_order",
        "What cancelled units were worth is part of what was ordered.",
        "Y9",
        """
        SELECT o.number, o.total, o.cancelled_total, sum(n.cancelled_amount) AS lines
        FROM orders o JOIN order_lines n ON n.order_id = o.id
        GROUP BY o.id HAVING sum(n.cancelled_amount) > o.cancelled_total OR o.cancelled_total > o.total
        """,
    ),
)

ORDER_CHECKS = UNIT_CHECKS + MONEY_CHECKS
