"""Takes the demo shop out again, and leaves what people added themselves as it was.

What goes: the marked orders, products and customers, every order with goods of the demo shop in it (nobody can send
those), and whatever belongs to one of them. Stock of people's own goods is as if such an order had never been.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from cli.demo.books import TAG, TERMS
from cli.demo.catalogue import BRAND
from cli.layout import AlreadyRunning, DataDir
from cli.output import fail
from cli.ray_node import left_behind
from db.audit import run as audit
from db.embedded import EmbeddedPostgres
from db.session import sqlalchemy_url
from db.settings import Settings

_GOODS = "SELECT v.sku FROM variants v JOIN products p ON p.id = v.product_id WHERE p.attributes ->> 'demo' = 'true'"
_FIND = text(f"""
    WITH goods AS ({_GOODS}), own AS (
        SELECT DISTINCT o.id FROM orders o JOIN order_lines n ON n.order_id = o.id JOIN goods USING (sku)
        WHERE NOT o.tags @> ARRAY[:tag])
    SELECT (SELECT count(*) FROM orders WHERE tags @> ARRAY[:tag]) + (SELECT count(*) FROM own) AS orders,
      (SELECT count(*) FROM own) AS own_orders,
      (SELECT count(*) FROM products WHERE attributes ->> 'demo' = 'true') AS products,
      (SELECT count(*) FROM customers WHERE tags @> ARRAY[:tag]) AS customers
""")  # noqa: S608 - constants of this file
_OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
""")
# They refuse to lose rows, for everybody but the owner of the tables, who is at it here.
_APPEND_ONLY = ("stock_ledger", "audit_log", "transitions", "purchase_amendments", "stored_value_entries")

_CHOOSE = (
    "CREATE TEMP TABLE gone_skus ON COMMIT DROP AS " + _GOODS,
    """CREATE TEMP TABLE gone_orders ON COMMIT DROP AS
       SELECT id FROM orders WHERE tags @> ARRAY['demo']
       UNION SELECT order_id FROM order_lines JOIN gone_skus USING (sku)""",
    """CREATE TEMP TABLE gone_nodes ON COMMIT DROP AS
       SELECT code FROM nodes n WHERE address ->> 'company' = :brand
         AND NOT EXISTS (SELECT 1 FROM stock_ledger g WHERE g.node = n.code AND g.sku NOT IN (TABLE gone_skus))
         AND NOT EXISTS (SELECT 1 FROM fulfilments f WHERE f.node = n.code AND f.order_id NOT IN (TABLE gone_orders))
         AND NOT EXISTS (SELECT 1 FROM transfers t JOIN transfer_lines l ON l.transfer_id = t.id
                         WHERE n.code IN (t.from_node, t.to_node) AND l.sku NOT IN (TABLE gone_skus))""",
    """CREATE TEMP TABLE gone_purchases ON COMMIT DROP AS
       SELECT purchase_id AS id FROM purchase_lines JOIN gone_skus USING (sku)
       UNION SELECT id FROM purchase_orders WHERE node IN (TABLE gone_nodes)""",
    """CREATE TEMP TABLE gone_suppliers ON COMMIT DROP AS
       SELECT code FROM suppliers s WHERE terms = :terms
         AND NOT EXISTS (SELECT 1 FROM supplier_items i WHERE i.supplier = s.code AND i.sku NOT IN (TABLE gone_skus))
         AND NOT EXISTS (SELECT 1 FROM purchase_orders p WHERE p.supplier = s.code
                         AND p.id NOT IN (TABLE gone_purchases))""",
    # The part of a record's name behind its kind: ids of rows, SKUs, codes of nodes.
    """CREATE TEMP TABLE gone ON COMMIT DROP AS
       SELECT sku AS key FROM gone_skus UNION SELECT code FROM gone_nodes UNION SELECT id::text FROM gone_orders
       UNION SELECT id::text FROM products WHERE attributes ->> 'demo' = 'true'
       UNION SELECT id::text FROM customers c WHERE tags @> ARRAY['demo'] AND NOT EXISTS (
           SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.id NOT IN (TABLE gone_orders))
       UNION SELECT id::text FROM allocations WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM fulfilments WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM parcels WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM labels WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM pickups WHERE node IN (TABLE gone_nodes)
       UNION SELECT id::text FROM manifests WHERE node IN (TABLE gone_nodes)
       UNION SELECT id::text FROM return_label_purchases WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM label_purchases WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM payments WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM payment_entries WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM returns WHERE order_id IN (TABLE gone_orders)
       UNION SELECT v.id::text FROM stored_values v JOIN customers c ON c.id = v.customer_id
           WHERE c.tags @> ARRAY['demo'] AND NOT EXISTS (
               SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.id NOT IN (TABLE gone_orders))
       UNION SELECT id::text FROM exchanges WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM order_claims WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM unknown_parcels WHERE node IN (TABLE gone_nodes)
       UNION SELECT id::text FROM order_holds WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM order_notes WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM order_edits WHERE order_id IN (TABLE gone_orders)
       UNION SELECT id::text FROM stock_holds WHERE sku IN (TABLE gone_skus)
       UNION SELECT id::text FROM rate_cards WHERE (carrier, service) IN
           (('parcelpost', 'standard'), ('swiftway', 'express'), ('greenroute', 'saver')) AND version = 1
       UNION SELECT l.id::text FROM pick_lists l WHERE EXISTS (SELECT 1 FROM pick_tasks t WHERE t.pick_list_id = l.id)
           AND NOT EXISTS (SELECT 1 FROM pick_tasks t WHERE t.pick_list_id = l.id AND t.sku NOT IN (TABLE gone_skus))
       UNION SELECT t.id::text FROM transfers t WHERE NOT EXISTS (
           SELECT 1 FROM transfer_lines l WHERE l.transfer_id = t.id AND l.sku NOT IN (TABLE gone_skus))
           AND EXISTS (SELECT 1 FROM transfer_lines l WHERE l.transfer_id = t.id)
       UNION SELECT code FROM carrier_accounts WHERE provider = 'test' AND version = 1 AND nodes <> '{}'
           AND NOT EXISTS (SELECT 1 FROM unnest(nodes) n WHERE n NOT IN (TABLE gone_nodes))
       UNION SELECT code FROM shipping_policies WHERE code = 'everyday' AND version = 1
       UNION SELECT 'plan' UNION SELECT code FROM gone_suppliers UNION SELECT id::text FROM gone_purchases
       UNION SELECT id::text FROM receipts WHERE purchase_id IN (TABLE gone_purchases)
       UNION SELECT id::text FROM advance_notices WHERE supplier IN (TABLE gone_suppliers)
       UNION SELECT id::text FROM dock_appointments WHERE node IN (TABLE gone_nodes)
         OR purchase_id IN (TABLE gone_purchases)
         OR notice_id IN (SELECT id FROM advance_notices WHERE supplier IN (TABLE gone_suppliers))
       UNION SELECT id::text FROM supplier_invoices WHERE purchase_id IN (TABLE gone_purchases)
       UNION SELECT id::text FROM supplier_credits WHERE purchase_id IN (TABLE gone_purchases)
       UNION SELECT i.id::text FROM inspections i JOIN receipts r ON r.id = i.receipt_id
           WHERE r.purchase_id IN (TABLE gone_purchases)
       UNION SELECT d.id::text FROM dispositions d JOIN inspections i ON i.id = d.inspection_id
           JOIN receipts r ON r.id = i.receipt_id WHERE r.purchase_id IN (TABLE gone_purchases)
       UNION SELECT id::text FROM putaway_tasks WHERE sku IN (TABLE gone_skus) OR node IN (TABLE gone_nodes)
       UNION SELECT p.id::text FROM putaways p JOIN putaway_tasks t ON t.id = p.task_id
           WHERE t.sku IN (TABLE gone_skus) OR t.node IN (TABLE gone_nodes)
       UNION SELECT id::text FROM suggestions WHERE sku IN (TABLE gone_skus) OR node IN (TABLE gone_nodes)
       UNION SELECT c.id::text FROM cycle_counts c WHERE c.node IN (TABLE gone_nodes)""",
    "CREATE UNIQUE INDEX ON gone (key)",
    "ANALYZE gone, gone_orders, gone_skus",
)
_ORDERS = "order_id IN (TABLE gone_orders)"
_SKUS = "sku IN (TABLE gone_skus)"
_PURCHASES = "purchase_id IN (TABLE gone_purchases)"
_RECEIPTS = f"SELECT id FROM receipts WHERE {_PURCHASES}"  # noqa: S608
_INSPECTIONS = f"SELECT id FROM inspections WHERE receipt_id IN ({_RECEIPTS})"  # noqa: S608
_NOTICES = "SELECT id FROM advance_notices WHERE supplier IN (TABLE gone_suppliers)"
_PUTAWAYS = "SELECT id FROM putaway_tasks WHERE sku IN (TABLE gone_skus) OR node IN (TABLE gone_nodes)"
_DECISIONS = f"SELECT decision_id FROM fill_shares WHERE {_ORDERS} UNION SELECT id FROM fill_decisions WHERE {_SKUS}"  # noqa: S608
_KEYS = "id::text IN (TABLE gone)"
_NODES = "node IN (TABLE gone_nodes)"
_CAUSE = "split_part(split_part({}, ':', 2), '/', 1) IN (TABLE gone)"
_OUTBOX = f"SELECT message_id FROM outbox WHERE {_CAUSE.format('subject')}"  # noqa: S608 - constants of this file
_LABELS = f"SELECT tracking_number FROM labels WHERE {_ORDERS}"  # noqa: S608
_PARCELS = f"SELECT id FROM parcels WHERE {_ORDERS}"  # noqa: S608
_FULFILMENTS = f"SELECT id FROM fulfilments WHERE {_ORDERS}"  # noqa: S608
_MANIFESTS = f"SELECT id FROM manifests WHERE {_NODES}"  # noqa: S608
_RETURNS = f"SELECT id FROM returns WHERE {_ORDERS}"  # noqa: S608
_STRAYS = f"return_id IN ({_RETURNS}) OR node IN (TABLE gone_nodes)"
_UNKNOWN = f"SELECT id FROM unknown_parcels WHERE {_STRAYS}"  # noqa: S608
_PICTURED = f"return_id IN ({_RETURNS}) OR parcel_id IN ({_UNKNOWN})"
# In the order in which they refer to each other, what refers first.
_TAKE: tuple[tuple[str, str], ...] = (
    ("inbox", f"message_id IN ({_OUTBOX})"),
    ("deliveries", _CAUSE.format("subject")),
    ("outbox", _CAUSE.format("subject")),
    ("notification_files", f"notification_id IN (SELECT id FROM notifications WHERE {_CAUSE.format('subject')})"),  # noqa: S608
    ("notifications", _CAUSE.format("subject")),
    ("carrier_charges", f"label_id IN (SELECT id FROM labels WHERE {_ORDERS})"),  # noqa: S608
    ("carrier_claims", _ORDERS),
    ("parcel_exceptions", _ORDERS),
    ("tracks", _ORDERS),
    ("tracking_events", f"tracking_number IN ({_LABELS})"),
    ("manifest_parcels", f"label_id IN (SELECT id FROM labels WHERE {_ORDERS}) OR manifest_id IN ({_MANIFESTS})"),  # noqa: S608
    ("manifests", f"id IN ({_MANIFESTS})"),
    ("pickups", _NODES),
    ("customs_declarations", _ORDERS),
    ("labels", _ORDERS),
    ("label_purchases", _ORDERS),
    ("carrier_quotes", f"parcel_id IN ({_PARCELS})"),
    ("carrier_choices", _ORDERS),
    ("parcel_lines", f"parcel_id IN ({_PARCELS})"),
    ("parcels", _ORDERS),
    ("pick_tasks", f"fulfilment_id IN ({_FULFILMENTS})"),
    ("pick_lists", _KEYS),
    ("fulfilment_lines", f"fulfilment_id IN ({_FULFILMENTS})"),
    ("packing_plans", f"fulfilment_id IN ({_FULFILMENTS})"),
    ("fulfilments", _ORDERS),
    ("exchange_lines", f"exchange_id IN (SELECT id FROM exchanges WHERE {_ORDERS})"),  # noqa: S608
    ("exchanges", _ORDERS),
    ("claim_photos", f"claim_id IN (SELECT id FROM order_claims WHERE {_ORDERS})"),  # noqa: S608
    ("order_claim_lines", _ORDERS),
    ("order_claims", _ORDERS),
    ("return_photo_contents", f"photo_id IN (SELECT id FROM return_photos WHERE {_PICTURED})"),  # noqa: S608
    ("return_photos", _PICTURED),
    ("unknown_parcel_items", f"parcel_id IN ({_UNKNOWN})"),
    ("unknown_parcels", _STRAYS),
    ("return_labels", _ORDERS),
    ("return_label_purchases", _ORDERS),
    ("return_door_codes", _ORDERS),
    ("return_door_links", _ORDERS),
    ("return_door_sessions", _ORDERS),
    ("waves", f"{_NODES} OR NOT EXISTS (SELECT 1 FROM fulfilments f WHERE f.wave_id = waves.id)"),  # noqa: S608
    ("return_dispositions", f"return_id IN ({_RETURNS})"),
    ("return_signals", _ORDERS),
    ("return_units", f"return_id IN ({_RETURNS})"),
    ("return_lines", _ORDERS),
    ("returns", _ORDERS),
    ("return_credits", _ORDERS),
    ("payment_entries", _ORDERS),
    ("payments", _ORDERS),
    ("order_holds", _ORDERS),
    ("order_notes", _ORDERS),
    ("order_edits", _ORDERS),
    ("routing_decisions", _ORDERS),
    # A plan goes whole: without some of its orders it would not add up.
    ("routing_plan_moves", f"plan_id IN (SELECT plan_id FROM routing_plan_moves WHERE {_ORDERS})"),  # noqa: S608
    ("routing_plans", "status <> 'planning' AND id NOT IN (SELECT plan_id FROM routing_plan_moves)"),
    ("order_lines", _ORDERS),
    ("promise_changes", _ORDERS),
    ("backorder_promises", f"{_ORDERS} OR {_SKUS}"),
    # A decision goes whole: without the shares of some it would not add up.
    ("fill_shares", f"decision_id IN ({_DECISIONS})"),
    ("fill_decisions", f"{_SKUS} OR id NOT IN (SELECT decision_id FROM fill_shares)"),  # noqa: S608
    ("channel_buffers", f"{_SKUS} OR {_NODES}"),
    ("fill_policies", _NODES),
    ("allocations", f"{_ORDERS} OR {_SKUS}"),
    ("orders", "id IN (TABLE gone_orders)"),
    ("stored_value_entries", "value_id::text IN (TABLE gone)"),
    ("stored_values", _KEYS),
    ("customers", _KEYS),
    ("stock_holds", _SKUS),
    ("cycle_count_lines", f"{_SKUS} OR count_id::text IN (TABLE gone)"),
    ("cycle_counts", _KEYS),
    ("transfer_lines", _SKUS),
    ("transfers", _KEYS),
    ("stock_ledger", f"{_SKUS} OR {_CAUSE.format('cause')}"),
    ("bin_stock", _SKUS),
    ("lots", _SKUS),
    ("stock_levels", _SKUS),
    ("putaway_suggestions", f"task_id IN ({_PUTAWAYS})"),
    ("putaways", f"task_id IN ({_PUTAWAYS})"),
    ("putaway_tasks", f"id IN ({_PUTAWAYS})"),
    ("putaway_rules", _NODES),
    ("suggestions", f"{_KEYS} OR {_PURCHASES}"),
    ("inspection_findings", f"inspection_id IN ({_INSPECTIONS})"),
    ("dispositions", f"inspection_id IN ({_INSPECTIONS})"),
    ("inspections", f"id IN ({_INSPECTIONS}) AND parent_id IS NOT NULL"),
    ("inspections", f"id IN ({_INSPECTIONS})"),
    ("supplier_standings", "supplier IN (TABLE gone_suppliers)"),
    ("inspection_characteristics", "supplier IN (TABLE gone_suppliers)"),
    ("inspection_plans", "supplier IN (TABLE gone_suppliers)"),
    ("supplier_credit_lines", f"credit_id IN (SELECT id FROM supplier_credits WHERE {_PURCHASES})"),  # noqa: S608
    ("supplier_credits", _PURCHASES),
    ("supplier_invoice_lines", f"invoice_id IN (SELECT id FROM supplier_invoices WHERE {_PURCHASES})"),  # noqa: S608
    ("supplier_invoices", _PURCHASES),
    ("receipt_photo_contents", f"photo_id IN (SELECT id FROM receipt_photos WHERE receipt_id IN ({_RECEIPTS}))"),  # noqa: S608
    ("receipt_photos", f"receipt_id IN ({_RECEIPTS})"),
    ("receipt_lines", f"receipt_id IN (SELECT id FROM receipts WHERE {_PURCHASES})"),  # noqa: S608
    ("receipts", _PURCHASES),
    ("dock_appointments", _KEYS),
    ("docks", _NODES),
    ("dock_hours", _NODES),
    ("advance_notice_packages", f"notice_id IN ({_NOTICES})"),
    ("advance_notice_lines", f"notice_id IN ({_NOTICES})"),
    ("advance_notices", "supplier IN (TABLE gone_suppliers)"),
    ("over_receipts", _PURCHASES),
    ("purchase_amendments", _PURCHASES),
    ("purchase_charges", _PURCHASES),
    ("cost_entries", f"{_PURCHASES} OR {_SKUS}"),
    ("unit_costs", _SKUS),
    ("purchase_lines", _PURCHASES),
    ("purchase_orders", "id IN (TABLE gone_purchases)"),
    ("replenishment_plans", f"{_SKUS} OR {_NODES}"),
    ("replenishment_rules", f"{_SKUS} OR {_NODES}"),
    ("supplier_items", _SKUS),
    # A plan made with the demo's goods says nothing afterwards; classes that nobody changed come back by themselves.
    ("replenishment_runs", "true"),
    ("replenishment_classes", "version = 1"),
    ("suppliers", "code IN (TABLE gone_suppliers)"),
    ("kit_components", "kit_sku IN (TABLE gone_skus) OR sku IN (TABLE gone_skus)"),
    ("prices", _SKUS),
    ("variants", _SKUS),
    ("products", _KEYS),
    ("packing_boxes", _NODES),
    ("wave_templates", _NODES),
    ("carrier_cut_offs", _NODES),
    ("release_policies", _NODES),
    ("carrier_calendars", _NODES),
    ("bins", _NODES),
    ("zones", _NODES),
    ("nodes", "code IN (TABLE gone_nodes)"),
    ("carrier_accounts", "provider = 'test' AND code IN (TABLE gone)"),
    ("shipping_policies", "code IN (TABLE gone)"),
    ("rates", "rate_card_id::text IN (TABLE gone)"),
    ("rate_zones", "rate_card_id::text IN (TABLE gone)"),
    ("rate_surcharges", "rate_card_id::text IN (TABLE gone)"),
    ("rate_cards", _KEYS),
    ("transit_models", "true"),  # learned from the demo shop's parcels as well; the next day learns anew
    ("transitions", _CAUSE.format("subject")),
    ("audit_log", f"{_CAUSE.format('record')} OR (action = 'import' AND after ->> 'demo' = 'true')"),
    ("idempotent_answers", "key LIKE 'demo:%' OR key LIKE 'DEMO-%'"),
)
# Goods of people's own that were in an order that goes: what lies there and is promised is what the rest adds up to.
_MEND = (
    """UPDATE stock_levels l SET allocated = g.allocated, on_hand = g.on_hand, sellable = g.sellable
       FROM (SELECT node, sku, sum(allocated) AS allocated,
                    coalesce(sum(on_hand) FILTER (WHERE status <> 'transit'), 0) AS on_hand,
                    coalesce(sum(on_hand) FILTER (WHERE status = 'sellable'), 0) AS sellable
             FROM stock_ledger GROUP BY node, sku) g
       WHERE (l.node, l.sku) = (g.node, g.sku)
         AND (l.allocated, l.on_hand, l.sellable) <> (g.allocated, g.on_hand, g.sellable)""",
    """UPDATE stock_levels l SET backordered = coalesce((SELECT sum(quantity) FROM allocations a
           WHERE (a.node, a.sku) = (l.node, l.sku) AND a.state = 'backordered'), 0) WHERE backordered > 0""",
    """DELETE FROM bin_stock b WHERE NOT EXISTS (SELECT 1 FROM stock_ledger g
           WHERE (g.node, g.sku, g.bin, g.lot, g.status) = (b.node, b.sku, b.bin, b.lot, b.status))""",
    """INSERT INTO bin_stock AS b (node, sku, bin, lot, status, quantity)
       SELECT node, sku, bin, lot, status, sum(on_hand) FROM stock_ledger WHERE on_hand <> 0
       GROUP BY node, sku, bin, lot, status HAVING sum(on_hand) > 0
       ON CONFLICT (node, sku, bin, lot, status) DO UPDATE SET quantity = excluded.quantity
       WHERE b.quantity <> excluded.quantity""",
)
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Found:
    orders: int
    own_orders: int  # of them placed by people themselves, for goods of the demo shop
    products: int
    customers: int

    def __bool__(self) -> bool:
        return bool(self.orders or self.products or self.customers)


class CannotClear(RuntimeError):
    """The reason why nothing was removed."""


def find(url: str) -> Found:
    """What there is of the demo shop."""
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        return Found(*connection.execute(_FIND, {"tag": TAG}).one())


def clear_database(url: str) -> None:
    """Remove the demo shop in one transaction; the books must be right without it, or it stays.

    Raises:
        CannotClear: somebody else is connected, or the books would be wrong afterwards.
    """
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        others = connection.execute(_OTHERS).scalar_one()
        if others:
            raise CannotClear(f"{others} connections work on the database. Stop the company first: backoffice down")
        for table in _APPEND_ONLY:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
        for statement in _CHOOSE:
            known = {"brand": BRAND, "terms": TERMS}
            connection.execute(text(statement), {n: v for n, v in known.items() if f":{n}" in statement})
        _forget_answers(connection)
        for table, which in _TAKE:
            connection.execute(text(f"DELETE FROM {table} WHERE {which}"))  # noqa: S608 - constants of this file
        for statement in _MEND:
            connection.execute(text(statement))
        for table in _APPEND_ONLY:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER append_only"))
        _check(connection)


def _forget_answers(connection: Connection) -> None:
    """An answer about an order that is gone is not given again."""
    gone = {str(key).encode() for key in connection.execute(text("SELECT id FROM gone_orders")).scalars()}
    answers = connection.execute(text("SELECT principal, key, answer FROM idempotent_answers")).all()
    for principal, key, answer in answers:
        if gone.intersection(_UUID.findall(bytes(answer))):
            connection.execute(
                text("DELETE FROM idempotent_answers WHERE principal = :principal AND key = :key"),
                {"principal": principal, "key": key},
            )


def _check(connection: Connection) -> None:
    with Session(connection) as session:
        wrong = [r for r in audit(session, limit=1) if r.violations]
    if wrong:
        told = "; ".join(f"{r.what} {r.violations} times not" for r in wrong)
        raise CannotClear(f"Nothing was removed: without the demo shop the books would not add up. {told}")


@contextmanager
def database_at_rest(settings: Settings, data: DataDir) -> Iterator[str]:
    """The installation's database while nothing runs on it; its own PostgreSQL is started for the time."""
    if data.read_run() is not None or left_behind(data):
        fail("The company is running. Stop it first: backoffice down")
    if settings.database_url:
        yield settings.database_url
        return
    if not (data.root / "postgres").exists():
        fail(f"There is no installation in {data.root}.")
    try:
        with data.locked():
            server: Any = EmbeddedPostgres(data.root)
            with server:
                yield server.url
    except AlreadyRunning as reason:
        fail(str(reason))
