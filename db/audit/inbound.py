"""Inbound: what was received of an order is on its receipts and in the ledger, to the unit."""

from __future__ import annotations

from db.audit.check import Check

INBOUND_CHECKS = (
    Check(
        "received_units_have_receipts",
        "What a purchase order's line says has come is the sum of its receipts that were not taken back.",
        "F2-4a Y13",
        """
        SELECT o.number, n.line_no, n.received, coalesce(r.units, 0) AS on_receipts
        FROM purchase_lines n JOIN purchase_orders o ON o.id = n.purchase_id
        LEFT JOIN (
            SELECT r.purchase_id, l.purchase_line, sum(l.quantity) AS units
            FROM receipt_lines l JOIN receipts r ON r.id = l.receipt_id
            WHERE r.status = 'booked' GROUP BY 1, 2
        ) r ON r.purchase_id = n.purchase_id AND r.purchase_line = n.line_no
        WHERE n.received <> coalesce(r.units, 0)
        """,
    ),
    Check(
        "receipts_are_in_the_ledger",
        "Each booked receipt put its units into the ledger once, sellable only what was good; one taken back none.",
        "F2-4a F2-4c",
        """
        SELECT r.number, r.status, l.sku, l.units, l.good, coalesce(s.units, 0) AS posted,
               coalesce(s.good, 0) AS sellable
        FROM receipts r
        JOIN (SELECT receipt_id, sku, sum(quantity) AS units,
                     sum(CASE WHEN condition = 'good' THEN quantity ELSE 0 END) AS good
              FROM receipt_lines GROUP BY 1, 2) l ON l.receipt_id = r.id
        LEFT JOIN (SELECT cause, sku, sum(on_hand) AS units,
                          sum(CASE WHEN status = 'sellable' THEN on_hand ELSE 0 END) AS good
                   FROM stock_ledger WHERE cause LIKE 'receipt:%' GROUP BY 1, 2) s
          ON s.cause = 'receipt:' || r.id AND s.sku = l.sku
        WHERE coalesce(s.units, 0) <> CASE WHEN r.status = 'booked' THEN l.units ELSE 0 END
           OR coalesce(s.good, 0) <> CASE WHEN r.status = 'booked' THEN l.good ELSE 0 END
        """,
    ),
    Check(
        "what_is_not_good_is_inspected",
        "Each line of a receipt that is not good has one inspection of all its units, and no other line has any.",
        "F2-4a F2-4b",
        # Receipts of releases that knew no inspections have none.
        """
        SELECT r.number, l.no, l.condition, l.quantity, coalesce(sum(i.quantity), 0) AS inspected
        FROM receipts r JOIN receipt_lines l ON l.receipt_id = r.id
        LEFT JOIN inspections i ON i.receipt_id = r.id AND i.receipt_line = l.no AND i.parent_id IS NULL
        WHERE r.received_at >= (SELECT min(created_at) FROM inspections)
        GROUP BY r.number, l.receipt_id, l.no, l.condition, l.quantity
        HAVING coalesce(sum(i.quantity), 0) <> CASE WHEN l.condition = 'good' THEN 0 ELSE l.quantity END
        """,
    ),
    Check(
        "inspected_units_are_conserved",
        "Received to be inspected = accepted + rejected + awaiting, and rejected = disposed of + still there.",
        "F2-4a",
        """
        SELECT i.number, i.quantity, i.accepted, i.rejected, i.disposed, coalesce(d.units, 0) AS on_dispositions
        FROM inspections i
        LEFT JOIN (SELECT inspection_id, sum(quantity) AS units FROM dispositions GROUP BY 1) d
          ON d.inspection_id = i.id
        WHERE i.accepted + i.rejected > i.quantity OR i.disposed > i.rejected
           OR i.disposed <> coalesce(d.units, 0)
           OR (i.status = 'closed' AND (i.accepted + i.rejected < i.quantity OR i.disposed < i.rejected))
        """,
    ),
    Check(
        "inspections_are_in_the_ledger",
        "Accepted units, and none but these and those taken at a discount, went from an inspection into sale; what "
        "went back or was scrapped has left.",
        "F2-4b F2-4d",
        """
        SELECT i.number, i.accepted, coalesce(s.sold, 0) AS made_sellable, coalesce(s.units, 0) AS created
        FROM inspections i
        LEFT JOIN (SELECT cause, sum(CASE WHEN status = 'sellable' THEN on_hand ELSE 0 END) AS sold,
                          sum(on_hand) AS units
                   FROM stock_ledger WHERE cause LIKE 'inspection:%' GROUP BY 1) s ON s.cause = 'inspection:' || i.id
        WHERE coalesce(s.sold, 0) <> i.accepted OR coalesce(s.units, 0) <> 0
        UNION ALL
        SELECT i.number, d.quantity, coalesce(s.sold, 0), coalesce(s.units, 0)
        FROM dispositions d JOIN inspections i ON i.id = d.inspection_id
        LEFT JOIN (SELECT cause, sum(CASE WHEN status = 'sellable' THEN on_hand ELSE 0 END) AS sold,
                          sum(on_hand) AS units
                   FROM stock_ledger WHERE cause LIKE 'disposition:%' GROUP BY 1) s ON s.cause = 'disposition:' || d.id
        WHERE coalesce(s.sold, 0) <> CASE WHEN d.kind = 'accept_at_discount' THEN d.quantity ELSE 0 END
           OR coalesce(s.units, 0) <> CASE WHEN d.kind IN ('return_to_vendor', 'scrap') THEN -d.quantity ELSE 0 END
        """,
    ),
    Check(
        "verdicts_are_those_of_the_sample",
        "A lot was accepted by a whole sample with no more nonconforming units than its plan takes, none critical.",
        "F2-4a",
        """
        SELECT i.number, i.verdict, i.sample_size, i.reject_number, f.looked_at, f.bad, f.critical
        FROM inspections i
        JOIN (SELECT inspection_id, count(*) AS looked_at, count(*) FILTER (WHERE NOT conforming) AS bad,
                     count(*) FILTER (WHERE critical) AS critical
              FROM inspection_findings GROUP BY 1) f ON f.inspection_id = i.id
        WHERE f.looked_at <> i.sampled OR f.bad <> i.nonconforming
           OR (i.verdict = 'accepted') <> (f.looked_at = i.sample_size AND f.bad < i.reject_number AND f.critical = 0)
           OR (i.verdict = 'rejected') <> (f.bad >= i.reject_number OR f.critical > 0)
        """,
    ),
    Check(
        "each_lot_counts_once_for_its_supplier",
        "A supplier's standing with a SKU has as many lots as samples of it were judged.",
        "F2-4a",
        """
        SELECT s.supplier, s.sku, s.lots, count(i.id) AS judged
        FROM supplier_standings s
        LEFT JOIN inspections i ON i.supplier = s.supplier AND i.sku = s.sku AND i.verdict IS NOT NULL
        GROUP BY s.supplier, s.sku, s.lots HAVING s.lots <> count(i.id)
        """,
    ),
    Check(
        "a_lot_keeps_one_expiry",
        "What receipts say of a lot's expiry is what the lot says, since that was last corrected.",
        "F2-4g",
        """
        SELECT r.number, l.no, l.sku, l.lot, l.expires_on AS said, k.expires_on AS kept
        FROM receipt_lines l JOIN receipts r ON r.id = l.receipt_id AND r.status = 'booked'
        LEFT JOIN lots k ON k.sku = l.sku AND k.code = l.lot
        WHERE l.lot <> '' AND (k.id IS NULL OR (
            l.expires_on IS NOT NULL AND (k.why IS NULL OR r.received_at > k.stated_at)
            AND l.expires_on IS DISTINCT FROM k.expires_on))
           OR l.lot = '' AND l.expires_on IS NOT NULL
        """,
    ),
    Check(
        "a_serial_number_comes_once",
        "A serial number has come once more than it has left, or as often, and is known.",
        "F2-4g",
        """
        SELECT g.sku, g.lot AS serial, sum(g.on_hand) AS units
        FROM stock_ledger g JOIN variants v ON v.sku = g.sku AND v.tracking = 'serial'
        WHERE g.lot <> '' AND g.on_hand <> 0
        GROUP BY g.sku, g.lot HAVING sum(g.on_hand) NOT IN (0, 1)
        UNION ALL
        SELECT g.sku, g.lot, sum(g.on_hand)
        FROM stock_ledger g JOIN variants v ON v.sku = g.sku AND v.tracking = 'serial'
        WHERE g.lot <> '' AND NOT EXISTS (SELECT 1 FROM lots k WHERE k.sku = g.sku AND k.code = g.lot)
        GROUP BY g.sku, g.lot
        """,
    ),
    Check(
        "expired_goods_are_not_received_for_sale",
        "No line of a receipt is good whose lot had expired on the day at the node when it came.",
        "F2-4b F2-4g",
        """
        SELECT r.number, l.no, l.sku, l.lot, l.expires_on
        FROM receipt_lines l JOIN receipts r ON r.id = l.receipt_id JOIN nodes n ON n.code = r.node
        WHERE l.condition = 'good' AND l.expires_on < (r.received_at AT TIME ZONE n.time_zone)::date
        """,
    ),
    Check(
        "expired_goods_are_out_of_sale",
        "Where nothing has changed since the run before the last one of the schedule, no unit of a lot that had "
        "expired by then can be sold while units are free.",
        "F2-4b F2-4g",
        """
        SELECT b.node, b.sku, b.lot, t.expires_on, b.units, l.sellable - l.allocated - l.held AS free
        FROM (SELECT b.node, b.sku, b.lot, sum(b.quantity) AS units
              FROM bin_stock b JOIN bins n ON n.node = b.node AND n.code = b.bin
              WHERE b.lot <> '' AND b.status = 'sellable' AND n.type <> 'packing' GROUP BY 1, 2, 3) b
        JOIN lots t ON t.sku = b.sku AND t.code = b.lot
        JOIN stock_levels l ON l.node = b.node AND l.sku = b.sku
        JOIN nodes n ON n.code = b.node
        CROSS JOIN LATERAL (SELECT last_at - every_seconds * interval '1 second' AS at FROM schedules
                            WHERE name = 'set expired lots aside') s
        WHERE b.units > 0 AND l.sellable > l.allocated + l.held AND t.expires_on < (s.at AT TIME ZONE n.time_zone)::date
          AND l.updated_at < s.at AND t.updated_at < s.at
        """,
    ),
    Check(
        "what_is_wrong_was_not_ordered",
        "Units that a receipt calls wrong are of a SKU that its order has no line of.",
        "F2-4a",
        """
        SELECT r.number, l.no, l.sku, n.line_no
        FROM receipt_lines l JOIN receipts r ON r.id = l.receipt_id
        JOIN purchase_lines n ON n.purchase_id = r.purchase_id AND (n.sku = l.sku OR n.line_no = l.purchase_line)
        WHERE l.condition = 'wrong' AND r.status = 'booked'
        """,
    ),
    Check(
        "announced_lines_count_their_receipts",
        "What a notice's line says has come is the sum of its receipts, less those taken back, each of its own order.",
        "F2-5 F2-4a",
        """
        SELECT n.number, l.no, l.received, coalesce(r.units, 0) AS on_receipts
        FROM advance_notice_lines l JOIN advance_notices n ON n.id = l.notice_id
        LEFT JOIN (
            SELECT r.notice_id, l.notice_line, r.purchase_id, l.purchase_line, sum(l.quantity) AS units
            FROM receipt_lines l JOIN receipts r ON r.id = l.receipt_id
            WHERE r.status = 'booked' AND r.notice_id IS NOT NULL GROUP BY 1, 2, 3, 4
        ) r ON r.notice_id = n.id AND r.notice_line = l.no
           AND (r.purchase_id, r.purchase_line) = (l.purchase_id, l.purchase_line)
        WHERE l.received <> coalesce(r.units, 0)
        """,
    ),
    Check(
        "notices_stand_where_their_lines_say",
        "A notice is received when of each line at least what was announced has come, and else not.",
        "F2-5",
        """
        SELECT n.number, n.status, count(*) FILTER (WHERE l.received < l.units) AS short_lines
        FROM advance_notices n JOIN advance_notice_lines l ON l.notice_id = n.id
        GROUP BY n.id
        HAVING (n.status = 'received') <> bool_and(l.received >= l.units)
            OR n.status IN ('announced', 'in_transit', 'arrived', 'cancelled') AND sum(l.received) > 0
        """,
    ),
    Check(
        "packages_are_announced_once",
        "An SSCC is on one notice that was not cancelled, and holds no more than its lines announce.",
        "F2-5",
        """
        SELECT n.number, p.sscc, p.live, n.status FROM advance_notice_packages p
        JOIN advance_notices n ON n.id = p.notice_id WHERE p.live <> (n.status <> 'cancelled')
        UNION ALL
        SELECT n.number, min(p.sscc), true, n.status
        FROM advance_notices n JOIN advance_notice_packages p ON p.notice_id = n.id
        CROSS JOIN LATERAL jsonb_to_recordset(p.contents) AS c(line int, units int)
        LEFT JOIN advance_notice_lines l ON l.notice_id = n.id AND l.no = c.line
        GROUP BY n.id, c.line, l.units HAVING sum(c.units) > coalesce(l.units, 0)
        """,
    ),
)
