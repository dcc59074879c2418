"""Purchasing: orders add up as they were written, and no more is on order or received than somebody allowed."""

from __future__ import annotations

from db.audit.check import Check

PURCHASE_CHECKS = (
    Check(
        "purchase_totals_are_their_lines",
        "An order's total is the sum of its lines' rounded totals and its charges, as they are stored.",
        "F1-4g",
        """
        SELECT o.number, o.subtotal, o.charges, o.total, l.total AS in_lines, coalesce(c.total, 0) AS in_charges
        FROM purchase_orders o
        LEFT JOIN (SELECT purchase_id, sum(total) AS total FROM purchase_lines GROUP BY purchase_id) l
          ON l.purchase_id = o.id
        LEFT JOIN (SELECT purchase_id, sum(amount) AS total FROM purchase_charges GROUP BY purchase_id) c
          ON c.purchase_id = o.id
        WHERE o.subtotal <> coalesce(l.total, 0) OR o.charges <> coalesce(c.total, 0)
           OR o.total <> o.subtotal + o.charges
        """,
    ),
    Check(
        "purchase_lines_are_rounded_once",
        "A line's stored total is its quantity times its cost, less the discount, within half a minor unit.",
        "F1-4g",
        """
        SELECT o.number, n.line_no, n.ordered, n.unit_cost, n.discount_ppm, n.total
        FROM purchase_lines n JOIN purchase_orders o ON o.id = n.purchase_id
        WHERE abs(n.total - n.ordered::numeric * n.unit_cost * (1000000 - n.discount_ppm) / 1000000) > 0.5
        """,
    ),
    Check(
        "landed_costs_are_the_total",
        "What an order's lines cost landed is together exactly its total.",
        "F1-4g",
        """
        SELECT o.number, o.total, l.landed FROM purchase_orders o
        JOIN (SELECT purchase_id, sum(landed) AS landed FROM purchase_lines GROUP BY purchase_id) l
          ON l.purchase_id = o.id
        WHERE l.landed <> o.total
        """,
    ),
    Check(
        "what_came_is_worth_what_it_cost",
        "Units that came of a line are its received ones, and together worth their part of its landed cost, rounded.",
        "F1-4g",
        """
        SELECT o.number, n.line_no, n.received, n.landed, e.units, e.value
        FROM purchase_lines n JOIN purchase_orders o ON o.id = n.purchase_id
        LEFT JOIN (SELECT purchase_id, line_no, sum(units) AS units, sum(value) AS value FROM cost_entries
                   GROUP BY purchase_id, line_no) e ON (e.purchase_id, e.line_no) = (n.purchase_id, n.line_no)
        WHERE coalesce(e.units, 0) <> n.received
           OR abs(coalesce(e.value, 0) - n.landed::numeric * n.received / n.ordered) > 0.5
        """,
    ),
    Check(
        "unit_costs_are_the_moving_average",
        "A unit's average cost is the one before it and what has come since, each weighed by its units.",
        "F1-4g",
        """
        WITH moved AS (
            SELECT id, sku, currency, units, value, average_milli,
                   least(on_hand, coalesce(sum(units) OVER before, 0)) AS there,
                   coalesce(lag(average_milli) OVER (PARTITION BY sku, currency ORDER BY id), 0) AS average_before,
                   row_number() OVER (PARTITION BY sku, currency ORDER BY id DESC) AS from_last,
                   sum(units) OVER (PARTITION BY sku, currency) AS in_all
            FROM cost_entries WHERE units > 0
            WINDOW before AS (PARTITION BY sku, currency ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
        SELECT sku, currency, 'entry' AS what, id, average_milli FROM moved
        WHERE abs(average_milli * (there + units) - average_before * there - value::numeric * 1000) * 2 > there + units
        UNION ALL
        SELECT coalesce(c.sku, m.sku), coalesce(c.currency, m.currency), 'average', m.id, c.average_milli
        FROM (SELECT * FROM unit_costs WHERE units > 0) c
        FULL JOIN (SELECT * FROM moved WHERE from_last = 1) m ON (m.sku, m.currency) = (c.sku, c.currency)
        WHERE (c.units, c.average_milli) IS DISTINCT FROM (m.in_all, m.average_milli)
        """,
    ),
    Check(
        "on_order_is_never_negative",
        "What is closed short of a line was open: ordered, received and closed short leave nothing below zero.",
        "F1-4d",
        """
        SELECT o.number, n.line_no, n.ordered, n.received, n.closed_short
        FROM purchase_lines n JOIN purchase_orders o ON o.id = n.purchase_id
        WHERE n.received < 0 OR n.closed_short < 0 OR n.closed_short > greatest(0, n.ordered - n.received)
        """,
    ),
    Check(
        "over_receipts_were_accepted",
        "No more came of a line than was ordered and its tolerance allows, unless somebody accepted it.",
        "F1-4e",
        """
        SELECT o.number, n.line_no, n.ordered, n.received, n.over_ppm
        FROM purchase_lines n JOIN purchase_orders o ON o.id = n.purchase_id
        WHERE n.received > n.ordered + n.ordered::numeric * n.over_ppm / 1000000
          AND NOT EXISTS (SELECT 1 FROM over_receipts r WHERE r.purchase_id = n.purchase_id
                          AND r.line_no = n.line_no AND r.up_to >= n.received AND r.accepted_by <> '')
        """,
    ),
    Check(
        "purchases_stand_where_their_lines_do",
        "An order is received, partly or in full, as each of its lines is; nothing came of one never sent.",
        "Y13 F1-4d",
        """
        SELECT o.number, o.status, n.open, n.received, n.short
        FROM purchase_orders o JOIN (
            SELECT purchase_id, sum(greatest(0, ordered - received - closed_short)) AS open,
                   sum(received) AS received, sum(closed_short) AS short
            FROM purchase_lines GROUP BY purchase_id) n ON n.purchase_id = o.id
        WHERE NOT CASE o.status
            WHEN 'received' THEN n.open = 0 AND n.short = 0
            WHEN 'short_closed' THEN n.open = 0 AND n.short > 0
            WHEN 'partly_received' THEN n.open > 0 AND n.received > 0
            WHEN 'confirmed' THEN n.open > 0 AND n.received = 0 AND o.confirmed_at IS NOT NULL
            WHEN 'sent' THEN n.open > 0 AND n.received = 0
            ELSE n.received = 0 AND n.short = 0 OR o.status = 'cancelled' AND n.received = 0 END
        """,
    ),
    Check(
        "purchases_are_within_their_approval",
        "Whatever a supplier was sent somebody approved, and it is worth no more than was approved.",
        "F1-5",
        """
        SELECT number, status, total, approved_total, approved_by FROM purchase_orders
        WHERE status NOT IN ('draft', 'cancelled')
          AND (approved_by IS NULL OR approved_at IS NULL OR approved_total IS NULL OR approved_total < total)
        """,
    ),
    Check(
        "invoices_add_up",
        "A supplier's invoice is the sum of its lines, charges and tax, and its lines are of its order.",
        "F1-4g",
        """
        SELECT i.supplier, i.number, i.subtotal, i.total, l.total AS in_lines FROM supplier_invoices i
        LEFT JOIN (SELECT invoice_id, sum(total) AS total FROM supplier_invoice_lines GROUP BY invoice_id) l
          ON l.invoice_id = i.id
        WHERE i.subtotal <> coalesce(l.total, 0) OR i.total <> i.subtotal + i.charges + i.tax
        UNION ALL
        SELECT i.supplier, i.number, i.subtotal, i.total, l.total FROM supplier_invoices i
        JOIN supplier_invoice_lines l ON l.invoice_id = i.id
        WHERE NOT EXISTS (SELECT 1 FROM purchase_lines n
                          WHERE (n.purchase_id, n.line_no, n.sku) = (i.purchase_id, l.purchase_line, l.sku))
        """,
    ),
    Check(
        "nothing_is_billed_that_has_not_come",
        "Of an order's line no more units are approved to be paid, on all invoices, than came and were let through, "
        "but for those that were given back or proved not to have come after they were paid.",
        "F1-4e",
        """
        SELECT o.number, n.line_no, n.received, b.billed, b.allowed
        FROM (SELECT i.purchase_id, l.purchase_line, sum(l.quantity - l.taken_back) AS billed,
                     max(l.over_allowed) AS allowed
              FROM supplier_invoices i JOIN supplier_invoice_lines l ON l.invoice_id = i.id
              WHERE i.status IN ('approved', 'paid') GROUP BY i.purchase_id, l.purchase_line) b
        JOIN purchase_lines n ON (n.purchase_id, n.line_no) = (b.purchase_id, b.purchase_line)
        JOIN purchase_orders o ON o.id = n.purchase_id
        WHERE b.billed > n.received + b.allowed + coalesce((
            SELECT sum(l.quantity) FROM supplier_credits c JOIN supplier_credit_lines l ON l.credit_id = c.id
            LEFT JOIN supplier_invoices i ON i.id = c.invoice_id
            WHERE c.purchase_id = n.purchase_id AND l.purchase_line = n.line_no
              AND c.status IN ('approved', 'settled') AND coalesce(i.status, 'paid') IN ('approved', 'paid')), 0)
        """,
    ),
    Check(
        "invoices_are_paid_with_a_word",
        "What is to be paid somebody approved; where it differs by more than is let through, with a reason.",
        "F1-5",
        """
        SELECT supplier, number, status, approved_by, accepted_why FROM supplier_invoices
        WHERE status IN ('approved', 'paid') AND (approved_by IS NULL OR approved_at IS NULL
           OR accepted_why IS NULL AND EXISTS (
               SELECT 1 FROM jsonb_array_elements(differences) d WHERE NOT (d ->> 'within')::boolean))
           OR status = 'paid' AND (paid_on IS NULL OR payment_reference IS NULL)
        """,
    ),
    Check(
        "credits_add_up",
        "A supplier's credit note is the sum of its lines, charges, tax and what else it gives back, and its lines are "
        "of its order, as is the invoice that it names.",
        "F1-4g",
        """
        SELECT c.supplier, c.number, c.subtotal, c.total, l.total AS in_lines FROM supplier_credits c
        LEFT JOIN (SELECT credit_id, sum(total) AS total FROM supplier_credit_lines GROUP BY credit_id) l
          ON l.credit_id = c.id
        WHERE c.subtotal <> coalesce(l.total, 0) OR c.total <> c.subtotal + c.charges + c.other + c.tax
           OR c.invoice_id IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM supplier_invoices i WHERE i.id = c.invoice_id AND i.purchase_id = c.purchase_id)
        UNION ALL
        SELECT c.supplier, c.number, c.subtotal, c.total, l.total FROM supplier_credits c
        JOIN supplier_credit_lines l ON l.credit_id = c.id
        WHERE NOT EXISTS (SELECT 1 FROM purchase_lines n
                          WHERE (n.purchase_id, n.line_no, n.sku) = (c.purchase_id, l.purchase_line, l.sku))
        """,
    ),
    Check(
        "nothing_is_given_back_twice",
        "Of a line of an order or invoice, and of charges, credit notes that count give back no more than was billed.",
        "F1-4e",
        """
        WITH back AS (
            SELECT c.purchase_id, c.invoice_id, l.purchase_line, l.quantity, l.total FROM supplier_credits c
            JOIN supplier_credit_lines l ON l.credit_id = c.id WHERE c.status IN ('approved', 'settled')
        ), billed AS (
            SELECT i.purchase_id, i.id AS invoice_id, l.purchase_line, l.quantity, l.total FROM supplier_invoices i
            JOIN supplier_invoice_lines l ON l.invoice_id = i.id WHERE i.status <> 'cancelled'
        )
        SELECT o.number, b.purchase_line, b.units AS given_back, coalesce(i.units, 0) AS billed
        FROM (SELECT purchase_id, purchase_line, sum(quantity) AS units, sum(total) AS total FROM back
              GROUP BY purchase_id, purchase_line) b
        JOIN purchase_orders o ON o.id = b.purchase_id
        LEFT JOIN (SELECT purchase_id, purchase_line, sum(quantity) AS units, sum(total) AS total FROM billed
                   GROUP BY purchase_id, purchase_line) i USING (purchase_id, purchase_line)
        WHERE b.units > coalesce(i.units, 0) OR b.total > coalesce(i.total, 0)
        UNION ALL
        SELECT v.number, b.purchase_line, b.units, coalesce(i.quantity, 0)
        FROM (SELECT invoice_id, purchase_line, sum(quantity) AS units, sum(total) AS total FROM back
              WHERE invoice_id IS NOT NULL GROUP BY invoice_id, purchase_line) b
        JOIN supplier_invoices v ON v.id = b.invoice_id
        LEFT JOIN billed i USING (invoice_id, purchase_line)
        WHERE b.units > coalesce(i.quantity, 0) OR b.total > coalesce(i.total, 0)
        UNION ALL
        SELECT o.number, NULL, c.charges, coalesce(i.charges, 0)
        FROM (SELECT purchase_id, sum(charges) AS charges FROM supplier_credits
              WHERE status IN ('approved', 'settled') GROUP BY purchase_id) c
        JOIN purchase_orders o ON o.id = c.purchase_id
        LEFT JOIN (SELECT purchase_id, sum(charges) AS charges FROM supplier_invoices
                   WHERE status <> 'cancelled' GROUP BY purchase_id) i USING (purchase_id)
        WHERE c.charges > coalesce(i.charges, 0)
        """,
    ),
    Check(
        "credits_are_taken_with_a_word",
        "What counts as given back somebody approved; where it differs by more than is let through, with a reason.",
        "F1-5",
        """
        SELECT supplier, number, status, approved_by, accepted_why FROM supplier_credits
        WHERE status IN ('approved', 'settled') AND (approved_by IS NULL OR approved_at IS NULL
           OR accepted_why IS NULL AND EXISTS (
               SELECT 1 FROM jsonb_array_elements(differences) d WHERE NOT (d ->> 'within')::boolean))
           OR status = 'settled' AND (settled_on IS NULL OR settlement_reference IS NULL)
        """,
    ),
    Check(
        "suggestions_are_whole_cases",
        "What is suggested to be bought, or chosen instead, is at least the supplier's minimum and in whole cases.",
        "F1-4b",
        """
        SELECT sku, node, quantity, chosen, minimum_quantity, case_pack FROM suggestions
        WHERE kind = 'buy' AND (quantity < minimum_quantity OR quantity % case_pack <> 0
           OR chosen < minimum_quantity OR chosen % case_pack <> 0)
        """,
    ),
    Check(
        "positions_are_the_sum_of_their_parts",
        "A position is on hand + being inspected + on order + inbound - outbound - allocated - backordered.",
        "F1-4a",
        """
        SELECT sku, node, position FROM replenishment_plans
        WHERE position <> on_hand + inspecting + on_order + inbound - outbound - allocated - backordered
        UNION ALL
        SELECT sku, node, position FROM suggestions
        WHERE position <> on_hand + inspecting + on_order + inbound - outbound - allocated - backordered
        """,
    ),
    Check(
        "points_lie_above_mean_demand",
        "A reorder point that a plan has found is above mean demand in a lead time, where there is any demand.",
        "F1-4h",
        """
        SELECT p.sku, p.node, p.point, p.ahead_milli FROM replenishment_plans p
        WHERE p.daily_milli > 0 AND p.point * 1000 <= p.ahead_milli
          AND NOT EXISTS (SELECT 1 FROM replenishment_rules r WHERE r.sku = p.sku AND r.node = p.node
                          AND r.minimum IS NOT NULL)
        """,
    ),
    Check(
        "ordered_suggestions_have_their_order",
        "Each suggestion that was ordered names one purchase order that holds at least its units, or one transfer.",
        "F1-4c Y13",
        """
        SELECT s.id, s.sku, s.node, s.kind, s.status FROM suggestions s
        WHERE (s.status = 'ordered') <> (coalesce(s.purchase_id, s.transfer_id) IS NOT NULL)
           OR s.kind = 'buy' AND s.transfer_id IS NOT NULL OR s.kind = 'transfer' AND s.purchase_id IS NOT NULL
        """,
    ),
    Check(
        "no_need_is_ordered_twice",
        "Of two orders for a SKU at a node by one policy on one day, the second was planned with the first counted.",
        "F1-4c Y16",
        """
        WITH sent AS (
            SELECT s.*, o.number FROM suggestions s
            JOIN purchase_orders o ON o.id = s.purchase_id AND o.status <> 'cancelled'
            JOIN purchase_lines n ON n.purchase_id = o.id AND n.sku = s.sku
            WHERE s.kind = 'buy' AND s.status = 'ordered' AND n.received = 0 AND n.closed_short = 0
              AND n.ordered >= coalesce(s.chosen, s.quantity))
        SELECT a.sku, a.node, a.rule_key, a.reviewed_on, a.number AS first, b.number AS second
        FROM sent a JOIN sent b ON b.id > a.id
          AND (a.sku, a.node, a.rule_key, a.reviewed_on) = (b.sku, b.node, b.rule_key, b.reviewed_on)
          AND (a.on_hand, a.inspecting, a.on_order, a.inbound, a.outbound, a.allocated, a.backordered)
            = (b.on_hand, b.inspecting, b.on_order, b.inbound, b.outbound, b.allocated, b.backordered)
        """,
    ),
    Check(
        "nothing_is_suggested_that_may_not_be_ordered",
        "A plan suggests to buy no SKU that was discontinued, blocked at its supplier or put to sleep before it.",
        "F1-4f",
        """
        WITH planned AS (
            SELECT s.*, r.asked_at - interval '1 minute' AS known FROM suggestions s
            JOIN replenishment_runs r ON r.id = s.run_id WHERE s.kind = 'buy' AND s.status = 'open')
        SELECT p.sku, p.node, p.supplier, 'discontinued' AS because FROM planned p
        JOIN variants v ON v.sku = p.sku WHERE v.status = 'discontinued' AND v.updated_at < p.known
        UNION ALL
        SELECT p.sku, p.node, p.supplier, 'blocked' FROM planned p
        JOIN supplier_items i ON i.sku = p.sku AND i.supplier = p.supplier WHERE NOT i.active AND i.updated_at < p.known
        UNION ALL
        SELECT p.sku, p.node, p.supplier, 'asleep' FROM planned p
        JOIN replenishment_rules l ON l.sku = p.sku AND l.node = p.node
        WHERE l.snoozed_until > p.reviewed_on AND l.updated_at < p.known
        """,
    ),
)
