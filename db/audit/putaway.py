"""Putaway: units went from where they were received into bins, to the unit, and tasks add up."""

from __future__ import annotations

from db.audit.check import Check

PUTAWAY_CHECKS = (
    Check(
        "putaways_are_in_the_ledger",
        "Each putaway took its units out of the task's bin and into its own, one that was undone on balance none, and "
        "the ledger knows no other.",
        "F2-4c F2-4d",
        """
        SELECT t.number, p.bin, p.quantity, p.undone_at, coalesce(g.units, 0) AS came_in,
               coalesce(g.left, 0) AS went_out
        FROM putaways p JOIN putaway_tasks t ON t.id = p.task_id
        LEFT JOIN LATERAL (
            SELECT sum(on_hand) FILTER (WHERE bin = p.bin) AS units, sum(on_hand) FILTER (WHERE bin = t.bin) AS left
            FROM stock_ledger WHERE cause = 'putaway:' || p.id AND sku = t.sku AND node = t.node AND lot = t.lot
              AND status = 'sellable' AND kind = 'moved') g ON true
        WHERE coalesce(g.units, 0) <> CASE WHEN p.undone_at IS NULL THEN p.quantity ELSE 0 END
           OR coalesce(g.left, 0) <> CASE WHEN p.undone_at IS NULL THEN -p.quantity ELSE 0 END
        UNION ALL
        SELECT NULL, g.bin, g.on_hand, NULL, g.on_hand, 0 FROM stock_ledger g
        WHERE g.cause LIKE 'putaway:%' AND NOT EXISTS (SELECT 1 FROM putaways p WHERE 'putaway:' || p.id = g.cause)
        """,
    ),
    Check(
        "putaway_tasks_add_up",
        "A task has put away what its putaways say; an open one has units left and suggests places for no more, a "
        "closed one has none left and suggests nothing.",
        "F2-4c",
        """
        SELECT t.number, t.status, t.quantity, t.put_away, t.withdrawn, coalesce(p.units, 0) AS on_putaways,
               coalesce(s.units, 0) + t.unplaced AS suggested
        FROM putaway_tasks t
        LEFT JOIN (SELECT task_id, sum(quantity) AS units FROM putaways WHERE undone_at IS NULL GROUP BY 1) p
          ON p.task_id = t.id
        LEFT JOIN (SELECT task_id, sum(quantity) AS units FROM putaway_suggestions GROUP BY 1) s ON s.task_id = t.id
        WHERE t.put_away <> coalesce(p.units, 0)
           OR (t.status IN ('ready', 'started')) <> (t.quantity > t.put_away + t.withdrawn)
           OR coalesce(s.units, 0) + t.unplaced > t.quantity - t.put_away - t.withdrawn
        """,
    ),
)
