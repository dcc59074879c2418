"""Parcels that have left: where they stand is what was told, customers are helped once, carriers pay and bill no more
than was agreed."""

from __future__ import annotations

from db.audit.check import PENDING, Check

PARCEL_CHECKS = (
    Check(
        "delivered_parcels_stay_delivered",
        "A parcel that was told to be delivered is so, or on its way back; one that is delivered was told to be.",
        "Y24 F4-4d",
        """
        SELECT t.tracking_number, t.status, e.said
        FROM tracks t LEFT JOIN (
            SELECT tracking_number, bool_or(status = 'delivered') AS said, bool_or(status = 'return_to_sender') AS back
            FROM tracking_events GROUP BY tracking_number) e USING (tracking_number)
        WHERE (coalesce(e.said, false) AND t.status NOT IN ('delivered', 'return_to_sender'))
           OR (coalesce(e.back, false) AND t.status <> 'return_to_sender')
           OR (t.status = 'delivered' AND NOT coalesce(e.said, false))
        """,
    ),
    Check(
        "late_is_judged_where_the_parcel_goes",
        "A delivered parcel is late by the days of the place that it goes to, and keeps the zone it was delivered in.",
        "F4-2f F4-4d",
        """
        SELECT tracking_number, delivered_at, promised_on, time_zone, late_days FROM tracks
        WHERE delivered_at IS NOT NULL AND (delivered_zone IS NULL OR promised_on IS NOT NULL
          AND late_days IS DISTINCT FROM greatest(0, (delivered_at AT TIME ZONE time_zone)::date - promised_on))
        """,
    ),
    Check(
        "customers_are_helped_once",
        "For a parcel in trouble the goods are sent again or the money is given back, never both, and never more money "
        "than was paid for the goods.",
        "Y4",
        f"""
        WITH {PENDING}
        SELECT x.number, x.replacement_number, x.refund_asked, x.goods_value, p.asked, p.refunded, c.number AS claim
        FROM parcel_exceptions x LEFT JOIN order_claims c ON c.exception_id = x.id
            AND c.status NOT IN ('denied', 'cancelled')
        LEFT JOIN (
            SELECT cause, sum(amount) FILTER (WHERE state <> 'declined') AS asked,
                   sum(amount) FILTER (WHERE state = 'succeeded') AS refunded
            FROM payment_entries WHERE cause LIKE 'exception:%' GROUP BY cause) p ON p.cause = 'exception:' || x.id
        WHERE (x.replacement_id IS NOT NULL AND x.refund_asked > 0) OR coalesce(p.asked, 0) > x.goods_value
           OR (c.id IS NOT NULL AND p.asked > 0)
           OR (x.refund_asked > 0 AND x.status <> 'acting' AND (x.refund_asked, x.refunded)
               IS DISTINCT FROM (coalesce(p.asked, 0) + coalesce(c.credit - c.kept, 0),
                                 coalesce(p.refunded, 0) + coalesce(c.refunded - c.moved, 0))
               AND 'order:' || x.order_id NOT IN (SELECT subject FROM pending))
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "replacements_are_paid_by_their_claim",
        "What was sent again for a parcel in trouble is the order of the claim that makes it good, and worth what that "
        "keeps; before there were such claims, one order at no price for each parcel.",
        "Y4 F5-4a",
        f"""
        WITH {PENDING}
        SELECT x.number, o.number AS replacement, o.total, c.number AS claim, c.kept FROM parcel_exceptions x
        LEFT JOIN orders o ON o.id = x.replacement_id
        LEFT JOIN order_claims c ON c.exception_id = x.id AND c.status NOT IN ('denied', 'cancelled')
        WHERE x.replacement_id IS NOT NULL AND 'order:' || x.order_id NOT IN (SELECT subject FROM pending) AND (
            o.id IS NULL
            OR (c.id IS NOT NULL AND (c.replacement_id IS DISTINCT FROM o.id OR (o.total <> c.kept AND o.version = 1)))
            OR (c.id IS NULL AND (o.external_ref IS DISTINCT FROM 'replaces ' || x.number
                                  OR (o.total - o.shipping <> 0 AND o.version = 1))))
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "parcels_are_made_good_with_their_units",
        "A claim that makes a parcel good is of its order, and for no more units of a line than are in the parcel.",
        "Y4 F5-4c",
        """
        SELECT x.number, c.number AS claim, l.line_no, l.quantity, coalesce(p.units, 0) AS packed
        FROM order_claims c JOIN order_claim_lines l ON l.claim_id = c.id
        LEFT JOIN parcel_exceptions x ON x.id = c.exception_id
        LEFT JOIN LATERAL (
            SELECT sum(q.quantity) AS units FROM parcel_lines q
            JOIN fulfilment_lines f ON f.allocation_id = q.allocation_id
            WHERE q.parcel_id = x.parcel_id AND f.line_no = l.line_no) p ON true
        WHERE c.exception_id IS NOT NULL
          AND (x.id IS NULL OR x.order_id <> c.order_id OR l.quantity > coalesce(p.units, 0))
        """,
    ),
    Check(
        "parcels_have_one_live_claim",
        "A parcel is claimed once at a time, for no more than its goods are worth or the carrier is liable for.",
        "F4",
        """
        SELECT tracking_number, count(*) AS live, max(amount) AS amount, max(goods_value) AS goods_value
        FROM carrier_claims WHERE status <> 'written_off' GROUP BY parcel_id, tracking_number
        HAVING count(*) > 1 OR bool_or(amount > goods_value) OR bool_or(amount > "limit")
        """,
    ),
    Check(
        "carriers_pay_what_was_claimed",
        "What a carrier paid is no more than it accepted, and that no more than was claimed.",
        "F4",
        """
        SELECT number, status, amount, accepted, paid FROM carrier_claims
        WHERE paid > accepted OR accepted > amount OR (status = 'paid' AND paid = 0)
        """,
    ),
    Check(
        "charges_are_quoted_or_flagged",
        "All that carriers billed for a label, without what is flagged, is within its quote and the tolerance.",
        "F4-4f",
        """
        SELECT l.tracking_number, l.amount AS quoted, sum(c.amount - c.over) AS charged, max(t.allowed) AS allowed
        FROM carrier_charges c JOIN labels l ON l.id = c.label_id
        JOIN LATERAL (
            SELECT greatest(i.tolerance_amount, round(l.amount * i.tolerance_ppm / 1000000.0)) AS allowed
            FROM carrier_invoices i WHERE i.id = c.invoice_id) t ON true
        GROUP BY l.id, l.tracking_number, l.amount, l.currency, l.state
        HAVING sum(c.amount - c.over) FILTER (WHERE c.currency = l.currency AND l.state <> 'voided')
               > l.amount + max(t.allowed)
            OR sum(c.amount - c.over) FILTER (WHERE c.currency <> l.currency OR l.state = 'voided') > 0
        """,
    ),
    Check(
        "carrier_invoices_add_up",
        "A carrier's invoice is the sum of its lines: what was billed, quoted and too much.",
        "F4-4f",
        """
        SELECT i.carrier, i.number, i.total, sum(c.amount) AS charged, i.over, sum(c.over) AS too_much
        FROM carrier_invoices i LEFT JOIN carrier_charges c ON c.invoice_id = i.id GROUP BY i.id
        HAVING (i.lines, i.total, i.quoted, i.over, i.flagged) IS DISTINCT FROM
               (count(c.id), coalesce(sum(c.amount), 0), coalesce(sum(c.quoted), 0), coalesce(sum(c.over), 0),
                count(c.id) FILTER (WHERE c.over > 0))
        """,
    ),
)
