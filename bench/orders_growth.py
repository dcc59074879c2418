"""A past for the shop: orders placed, shipped and closed long ago, with every row that such an order leaves."""

from __future__ import annotations

import psycopg

from bench.orders_shop import NODES

# One statement for each table; rows of an order find each other by its id, which is made from a number.
_ID = "lpad(to_hex(n), 32, '0')::uuid"
_AT = "now() - interval '400 days' + n * interval '20 seconds'"
_SKU = "'SKU-' || lpad((n %% 1000)::text, 4, '0')"
_MANY = "generate_series(%(a)s::int, %(b)s::int) n"
_STATEMENTS = (
    f"""INSERT INTO orders (id, number, channel, external_ref, status, payment_status, live, customer_id, email,
          shipping_address, billing_address, currency, tax_inclusive, subtotal, discount, order_discount, shipping,
          shipping_tax_ppm, tax, total, cancelled_total, covered, captured, ship_complete, tags, version, placed_at,
          delivered_at, created_at, updated_at)
        SELECT {_ID}, 'H' || n, (ARRAY['web','marketplace','store'])[1 + n %% 3], 'ref-' || n, 'closed', 'none', false,
          NULL, 'customer' || n %% 5000 || '@example.com', '{{"name": "Ada King", "line1": "12 Mill Lane",
          "city": "York", "postcode": "YO1 7EP", "country": "GB"}}', NULL, 'EUR', true, 1250, 0, 0, 490, 0, 208,
          1740, 0, 0, 0, false, '{{}}', 1, {_AT}, NULL, {_AT}, {_AT} FROM {_MANY}""",
    f"""INSERT INTO order_lines (order_id, line_no, sku, title, quantity, cancelled, shipped, components, unit_amount,
          tax_rate_ppm, gross, line_discount, order_discount, net, tax, total, cancelled_amount)
        SELECT {_ID}, 1, {_SKU}, {_SKU}, 1, 0, 1, NULL, 1250, 200000, 1250, 0, 0, 1042, 208, 1250, 0
        FROM {_MANY}""",
    f"""INSERT INTO allocations (id, order_id, line_no, sku, node, quantity, state, why, passed, created_at,
          updated_at)
        SELECT gen_random_uuid(), {_ID}, 1, {_SKU}, '{NODES[0]}', 1, 'released', 'of the past', 0, {_AT}, {_AT}
        FROM {_MANY}""",
    f"""INSERT INTO stock_ledger (at, sku, node, kind, on_hand, allocated, bin, lot, status, cause, actor, why)
        SELECT {_AT}, {_SKU}, '{NODES[0]}', k.kind, 0, k.units, NULL, '', 'sellable', 'order:' || {_ID}, 'key:past',
          NULL
        FROM {_MANY}, (VALUES ('allocated', 1), ('released', -1)) AS k(kind, units)""",
    f"""INSERT INTO transitions (subject, at, actor, from_status, to_status, why, detail, request_id)
        SELECT 'order:' || {_ID}, {_AT}, 'key:past', NULL, 'closed', 'imported', NULL, 'past'
        FROM {_MANY}""",
    f"""INSERT INTO audit_log (at, actor, action, record, before, after, why, request_id)
        SELECT {_AT}, 'key:past', 'create', 'order:' || {_ID}, NULL,
          '{{"number": "1", "status": "closed", "total": 1740}}', NULL, 'past' FROM {_MANY}""",
    f"""INSERT INTO outbox (message_id, subject, kind, payload, sender, to_agent, request_id, at, relayed_at)
        SELECT gen_random_uuid(), 'order:' || {_ID}, 'OrderPlaced', '{{"number": "1", "total": 1740}}', 'key:past',
          NULL,
          'past', {_AT}, {_AT} FROM {_MANY}""",
    f"""INSERT INTO inbox (agent, message_id, at)
        SELECT 'payments', gen_random_uuid(), {_AT} FROM {_MANY}""",
    f"""INSERT INTO idempotent_answers (principal, key, digest, answer, at)
        SELECT 'key:past', md5(n::text), '\\x00', convert_to(repeat('x', 600), 'UTF8'), {_AT}
        FROM {_MANY}""",
)  # fmt: skip
CHUNK = 20_000


def grow(url: str, *, until: int) -> int:
    """Make so many orders of the past in all; returns how many there are now. May be called again for more."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM orders WHERE number LIKE 'H%'").fetchone()
        assert row is not None
        have = int(row[0])
        for first in range(have + 1, until + 1, CHUNK):
            with connection.transaction():
                for statement in _STATEMENTS:
                    connection.execute(statement, {"a": first, "b": min(first + CHUNK - 1, until)})
        connection.execute("VACUUM ANALYZE")
    return max(have, until)
