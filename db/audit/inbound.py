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
)
