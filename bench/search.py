"""How long a search takes on 100,000 orders: `python -m bench.search`. A PostgreSQL of its own, gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from statistics import quantiles

import psycopg

from bench.cpu import cpu_seconds
from db import migrate, search
from db.embedded import EmbeddedPostgres
from db.session import Database

FILL = """
INSERT INTO nodes (code, name, kind, time_zone, address, open_weekdays, closed_dates, cut_off, rank, ships, version,
  created_at, updated_at) VALUES ('LON', 'London', 'warehouse', 'Europe/London', '{}', '[]', '[]', '15:00', 1, true,
  1, now(), now());
INSERT INTO products (id, handle, title, description, status, attributes, images, version, created_at, updated_at)
  SELECT gen_random_uuid(), 'product-' || n, (ARRAY['Enamel','Cotton','Walnut','Copper','Linen'])[1 + n % 5] || ' '
  || (ARRAY['mug','shirt','board','pan','towel','lamp','chair'])[1 + n % 7] || ' no ' || n, '', 'active', '{}',
  '{}', 1, now(), now() FROM generate_series(1, 5000) n;
INSERT INTO variants (sku, product_id, title, options, barcode, weight_grams, length_mm, width_mm, height_mm,
  tax_rate_ppm, tracking, hazmat, temperature, keep_upright, fragile, ships_alone, backorder_limit, status, version,
  created_at, updated_at) SELECT
  upper(replace(title, ' ', '-')), id, title, '{}', '40' || lpad(row_number() OVER ()::text, 11, '0'), 0, 0, 0, 0,
  0, 'none', false, 'ambient', false, false, false, 0, 'active', 1, now(), now() FROM products;
INSERT INTO customers (id, email, name, addresses, class, tags, version, created_at, updated_at) SELECT
  gen_random_uuid(), 'person' || n || '@example.com', (ARRAY['Ada','Grace','Alan','Edsger','Barbara'])[1 + n % 5] ||
  ' ' || (ARRAY['Lovelace','Hopper','Turing','Dijkstra','Liskov','Knuth'])[1 + n % 6] || ' ' || n, '[]', 'standard',
  '{}', 1, now(), now() FROM generate_series(1, 40000) n;
INSERT INTO orders (id, number, channel, external_ref, status, payment_status, live, email, shipping_address,
  currency, tax_inclusive, subtotal, discount, order_discount, shipping, shipping_tax_ppm, tax, total,
  cancelled_total, covered, captured, ship_complete, tags, version, created_at, updated_at) SELECT
  gen_random_uuid(), (100000 + n)::text, (ARRAY['web','marketplace','store'])[1 + n % 3], 'EXT-' || n, 'released',
  'paid', true, 'person' || 1 + n % 40000 || '@example.com', '{}', 'EUR', true, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, false,
  '{}', 1, now() - n * interval '5 minutes', now() FROM generate_series(1, :orders) n;
INSERT INTO fulfilments (id, number, order_id, node, status, version, created_at, updated_at, released_at) SELECT
  gen_random_uuid(), 'F' || number, id, 'LON', 'shipped', 1, created_at, now(), created_at FROM orders;
INSERT INTO labels (id, parcel_id, order_id, carrier, service, tracking_number, amount, currency, state, why, parts,
  zpl, format, refund, created_at) SELECT gen_random_uuid(), gen_random_uuid(), id, 'post', 'parcel',
  'BO' || lpad(number, 12, '0'), 1, 'EUR', 'live', '', '[]', '', 'zpl', 'none', created_at FROM orders;
ANALYZE;
"""
ASKED = (
    "150000", "1500", "1", "EXT-77001", "EXT-77", "person39999@example.com", "person1", "ENAMEL-MUG-NO-35",
    "4000000000042", "BO000000150000", "F1234", "grace hoper", "dijkstra 2", "waltnut board", "copper",
    "nothing like it at all",
)  # fmt: skip
ROUNDS = 30


def main(orders: int = 100_000) -> None:
    home = Path(tempfile.mkdtemp(prefix="backoffice-bench-"))
    home.chmod(0o755)
    try:
        with EmbeddedPostgres(home / "data", shared_buffers_mb=256) as server:
            migrate.upgrade(server.url)
            with psycopg.connect(server.url) as connection:
                connection.execute(FILL.replace(":orders", str(orders)).encode())
            database = Database(server.url)
            print(f"{orders} orders, as many fulfilments and labels; {ROUNDS} times each")
            print(f"{'asked':<28} {'hits':>5} {'p50 ms':>8} {'p95 ms':>8} {'cpu ms':>8}   first")
            for asked in ASKED:
                took, used = [], cpu_seconds(os.getpid())
                for _ in range(ROUNDS):
                    begun = time.perf_counter()
                    with database.reading() as session:
                        hits = search.find(session, asked)
                    took.append((time.perf_counter() - begun) * 1000)
                cuts, used = quantiles(took, n=20), (cpu_seconds(os.getpid()) - used) * 1000 / ROUNDS
                first = f"{hits[0].kind} {hits[0].title} ({hits[0].field}, {hits[0].how})" if hits else "-"
                print(f"{asked:<28} {len(hits):>5} {cuts[9]:>8.1f} {cuts[18]:>8.1f} {used:>8.1f}   {first}")
            database.close()
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
