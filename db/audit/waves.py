"""Release to the floor: nothing is picked before it, and waves are what is in them."""

from __future__ import annotations

from db.audit.check import PENDING, Check

WAVE_CHECKS = (
    Check(
        "nothing_is_picked_before_its_release",
        "What is not released to the floor is on no pick list, and none of it has been picked.",
        "F3-5",
        """
        SELECT f.number, f.node, f.status FROM fulfilments f
        WHERE f.released_at IS NULL AND (f.status NOT IN ('ready', 'cancelled')
          OR EXISTS (SELECT 1 FROM pick_tasks t WHERE t.fulfilment_id = f.id AND NOT t.done)
          OR EXISTS (SELECT 1 FROM fulfilment_lines l WHERE l.fulfilment_id = f.id AND l.picked > 0))
        """,
    ),
    Check(
        "waves_count_their_fulfilments",
        "A wave has what was taken into it less what has left it again.",
        "F3-5",
        """
        SELECT w.number, w.taken, w.gone, count(f.id) AS fulfilments
        FROM waves w LEFT JOIN fulfilments f ON f.wave_id = w.id
        GROUP BY w.id HAVING w.taken - w.gone <> count(f.id)
        """,
    ),
    Check(
        "waves_are_where_their_fulfilments_are",
        "A wave is of one node; what is in it is on the floor once the wave is, and has left once the wave is done.",
        "F3-5",
        """
        SELECT w.number, w.status, w.node, f.number AS fulfilment, f.status AS stands, f.node AS at, f.released_at
        FROM waves w JOIN fulfilments f ON f.wave_id = w.id
        WHERE f.node <> w.node OR (w.status = 'planned') <> (f.released_at IS NULL)
           OR w.status = 'done' AND f.status NOT IN ('shipped', 'delivered')
        """,
    ),
    Check(
        "held_orders_are_in_no_wave",
        "Nothing of an order on hold is in a wave, once the warehouse has heard of the hold.",
        "F3-5",
        f"""
        WITH {PENDING}
        SELECT w.number, f.number AS fulfilment, o.number AS of_order
        FROM waves w JOIN fulfilments f ON f.wave_id = w.id JOIN orders o ON o.id = f.order_id
        WHERE w.status IN ('planned', 'released') AND f.status IN ('ready', 'picking', 'picked', 'packed')
          AND EXISTS (SELECT 1 FROM order_holds h WHERE h.order_id = o.id AND h.released_at IS NULL)
          AND 'order:' || o.id NOT IN (SELECT subject FROM pending)
        """,  # noqa: S608 - constants of this package
    ),
)
