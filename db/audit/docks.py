"""Docks: one lorry at a time, and only what comes there."""

from __future__ import annotations

from db.audit.check import Check

DOCK_CHECKS = (
    Check(
        "a_dock_has_one_at_a_time",
        "No two appointments that hold a dock hold it at the same moment.",
        "F2-1a F2-3b",
        """
        SELECT a.number, b.number AS other, a.node, a.dock, b.starts_at
        FROM dock_appointments a JOIN dock_appointments b
          ON (b.node, b.dock) = (a.node, a.dock) AND b.id <> a.id
         AND (a.starts_at, a.number) < (b.starts_at, b.number) AND b.starts_at < a.ends_at
        WHERE a.status IN ('booked', 'arrived') AND b.status IN ('booked', 'arrived')
        """,
    ),
    Check(
        "appointments_are_where_their_goods_go",
        "An appointment is at the node of its notice and its order, and of their supplier.",
        "F2-1a",
        """
        SELECT a.number, a.node, a.supplier, w.number AS of, w.node AS goes_to, w.supplier AS comes_from
        FROM dock_appointments a
        JOIN (SELECT id, number, node, supplier FROM advance_notices
              UNION ALL SELECT id, number, node, supplier FROM purchase_orders) w
          ON w.id IN (a.notice_id, a.purchase_id)
        WHERE w.node <> a.node OR w.supplier IS DISTINCT FROM a.supplier
        """,
    ),
    Check(
        "nothing_that_was_called_off_has_a_dock",
        "No appointment holds a dock for a notice that was cancelled.",
        "F2-1a",
        """
        SELECT a.number, a.dock, a.status, n.number AS notice
        FROM dock_appointments a JOIN advance_notices n ON n.id = a.notice_id
        WHERE a.status IN ('booked', 'arrived') AND n.status = 'cancelled'
        """,
    ),
)
