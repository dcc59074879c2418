"""What there is of each SKU at each node, what is coming, and what is promised of it.

position = on hand + being inspected + on order + inbound transfers − outbound transfers − allocated − backordered
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from agents.purchasing.demand import Place

_KEPT = text("""
    SELECT l.sku, l.node, l.sellable, coalesce(q.units, 0), l.allocated, l.backordered, l.held,
           v.tracking <> 'none'
    FROM stock_levels l
    JOIN variants v USING (sku) JOIN products p ON p.id = v.product_id
    LEFT JOIN (SELECT sku, node, sum(quantity) AS units FROM bin_stock WHERE status = 'quarantine' GROUP BY 1, 2) q
      ON q.sku = l.sku AND q.node = l.node
    WHERE v.status = 'active' AND p.status = 'active'
      AND NOT EXISTS (SELECT 1 FROM kit_components k WHERE k.kit_sku = l.sku)
    ORDER BY l.sku, l.node
""")

_ON_ORDER = text("""
    SELECT n.sku, o.node, sum(n.ordered - n.received - n.closed_short)
    FROM purchase_lines n JOIN purchase_orders o ON o.id = n.purchase_id
    WHERE o.status IN ('draft', 'approved', 'sent', 'confirmed', 'partly_received')
      AND n.ordered > n.received + n.closed_short
    GROUP BY 1, 2
""")

# A transfer that was decided on counts from then on, also while the inventory agent has not written it yet.
_TRANSFERS = text("""
    SELECT n.sku, t.from_node, t.to_node, t.status = 'draft', sum(n.quantity - n.received - n.lost)
    FROM transfer_lines n JOIN transfers t ON t.id = n.transfer_id
    WHERE t.status IN ('draft', 'in_transit') GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT s.sku, s.from_node, s.node, true, sum(coalesce(s.chosen, s.quantity)) FROM suggestions s
    WHERE s.status = 'ordered' AND s.kind = 'transfer'
      AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.id = s.transfer_id)
    GROUP BY 1, 2, 3
""")


class Position(NamedTuple):
    """Whole units; what checkouts hold is part of no position, because it is sold or given back in minutes."""

    on_hand: int
    inspecting: int
    on_order: int
    inbound: int
    outbound: int
    allocated: int
    backordered: int
    held: int
    tracked: bool  # by lot or serial number: a person has to say which are sent elsewhere

    @property
    def total(self) -> int:
        coming = self.inspecting + self.on_order + self.inbound
        return self.on_hand + coming - self.outbound - self.allocated - self.backordered

    @property
    def free(self) -> int:
        """Units that lie there, nobody has a claim on or is about to send away, and that may go without being named."""
        return 0 if self.tracked else max(0, self.on_hand - self.allocated - self.held - self.outbound)


def read_positions(session: Session) -> dict[Place, Position]:
    """Of every SKU that is sold, at every node that has ever had it, in the order of SKU and node.

    Drafts of purchase orders count as on order: somebody has decided on them, and would otherwise be asked again.
    """
    ordered = {(sku, node): int(units) for sku, node, units in session.execute(_ON_ORDER)}
    inbound, outbound = dict[Place, int](), dict[Place, int]()
    for sku, from_node, to_node, planned, units in session.execute(_TRANSFERS):
        inbound[sku, to_node] = inbound.get((sku, to_node), 0) + int(units)
        if planned:
            outbound[sku, from_node] = outbound.get((sku, from_node), 0) + int(units)
    found = {}
    for sku, node, sellable, inspecting, allocated, backordered, held, tracked in session.execute(_KEPT):
        at = (sku, node)
        found[at] = Position(
            int(sellable), int(inspecting), ordered.get(at, 0), inbound.get(at, 0), outbound.get(at, 0),
            int(allocated), int(backordered), int(held), bool(tracked),
        )  # fmt: skip
    return found
