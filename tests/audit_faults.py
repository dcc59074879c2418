"""One fault for each check of the auditor: how it is planted, and what must be reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """Statements that break one thing; `row` is a part of the row that must be shown.

    `also` are checks that see the same fault from another side.
    """

    check: str
    plant: tuple[str, ...]
    row: dict[str, Any] = field(default_factory=dict)
    count: int = 1
    also: tuple[str, ...] = ()


def free(table: str, *constraints: str) -> tuple[str, ...]:
    """Take check constraints away."""
    return tuple(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}" for name in constraints)


def wave(status: str) -> str:
    """A wave at LON that says it has one fulfilment."""
    return (
        "INSERT INTO waves (id, number, node, name, status, filter, planned, taken, gone, version, created_at, "
        f"created_by, updated_at) VALUES (gen_random_uuid(), 'W1', 'LON', 'x', '{status}', '{{}}', '{{}}', 1, 0, 1, "
        "now(), 'x', now())"
    )


LEVELS = free("stock_levels", "on_hand", "not_negative", "never_oversold")
LEDGER = ("ALTER TABLE stock_ledger DISABLE TRIGGER append_only",)
AT_LON = "node = 'LON' AND sku = 'MUG'"
SHIPPED = "(SELECT id FROM orders WHERE status = 'shipped')"
PICKED = "(SELECT order_id FROM fulfilments WHERE status = 'picking')"
SAY = (
    "INSERT INTO transitions (subject, at, actor, request_id, from_status, to_status) "
    "SELECT 'order:' || id, now(), '', ''"
)
DELIVER = (
    "INSERT INTO deliveries (agent, lane, message_id, subject, kind, payload, sender, request_id, created_at, state, "
    "attempts, due_at)"
)
MESSAGE = "1, message_id, subject, kind, payload, sender, request_id, now(), 'waiting', 0, now()"
WRITE = "INSERT INTO stock_ledger (at, sku, node, kind, on_hand, allocated, bin, lot, status, cause, actor, why)"
CLAIM = (
    "INSERT INTO order_claims (id, number, order_id, status, resolution, currency, refund_to, refund_state, "
    "requested_by, version, created_at, updated_at, exception_id, shipping, shipping_tax, credit, kept, kept_shipping, "
    "refunded, counted, moved, due)"
)
TWELVE = "sku = 'MUG' AND ordered = 12"
OF_MUG = "kind = 'buy' AND sku = 'MUG'"
OF_TWELVE = f"(SELECT purchase_id FROM purchase_lines WHERE {TWELVE})"

A_MANIFEST = (
    'INSERT INTO manifests (id, number, node, carrier, "on", status, parcels, weight_grams, key, attempts, closed_by, '
    "closed_at, due_at, version) VALUES ('00000000-0000-7000-8000-000000000001', 'MF1', 'LON', '{carrier}', "
    "'2026-03-02', 'closed', 1, 1, 'k', 0, 'x', now(), now(), 1)"
)
ON_MANIFEST = (
    "INSERT INTO manifest_parcels (label_id, manifest_id, tracking_number) SELECT label_id, "
    "'00000000-0000-7000-8000-000000000001', tracking_number FROM tracks LIMIT 1"
)
CHANGED = (
    "INSERT INTO promise_changes (allocation_id, order_id, at, after_on, why) SELECT allocation_id, order_id, now(),"
)
# Four units came: the second of two who wait, of a better class, got them, and the first was passed over.
PLANNED = (
    "INSERT INTO routing_plans (id, number, status, ask, weights, automatic, asked_by, stage_no, stages, orders, "
    "left_out, cost_now, cost_planned, bound, figures, moving, version, created_at) VALUES (gen_random_uuid(), 7, "
    "'applied', '{}', '{}', false, 'user:x', 5, 5, 1, '{}', 100, 50, 50, '{}', 1, 1, now())",
    "INSERT INTO routing_plan_moves (plan_id, row_no, slice_no, whole, order_id, number, units, cost_now, "
    "cost_planned, saved, from_nodes, to_nodes, moves, why, state) SELECT id, 1, 1, true, gen_random_uuid(), "
    "'100001', 2, 100, 50, 50, '{LON}', '{BER}', '[]', 'saves', 'sent' FROM routing_plans",
)
FILLED = (
    "INSERT INTO fill_decisions (id, at, sku, node, free, given, waiting, policy, actor) VALUES ("
    "'01a204b0-4a6a-7000-af09-6d058ac635cb', now(), 'PLATE', 'LON', 4, 4, 9, "
    '\'{"ranking": ["priority", "placed"], "most_passed": 3}\', \'x\')',
    *(
        "INSERT INTO fill_shares (decision_id, no, allocation_id, order_id, class_no, placed_at, passed, wanted, "
        f"given, kept, rule, why) SELECT id, {no}, gen_random_uuid(), gen_random_uuid(), "
        f"{class_no}, now() - interval '{days} days', 0, 5, {given}, 0, 'in_turn', 'x' "
        "FROM fill_decisions WHERE actor = 'x'"
        for no, class_no, days, given in ((1, 0, 1, 4), (2, 1, 2, 0))
    ),
)

VALUE = "INSERT INTO stored_values (id, kind, currency, balance, blocked, created_by, version, created_at, updated_at)"
VALUE_ENTRY = (
    "INSERT INTO stored_value_entries (id, value_id, kind, amount, balance, why, actor, at, payment_id, order_id)"
)
EXCHANGE = (
    "INSERT INTO exchanges (id, number, order_id, return_id, status, currency, instant, secured, worth, shipping, "
    "new_total, requested_by, version, created_at, updated_at, replacement_id)"
)
A_VALUE = "01a204b0-4a6a-7000-af09-6d058ac635cb"

FAULTS = (
    Fault(
        "levels_are_the_ledger",
        (f"UPDATE stock_levels SET on_hand = on_hand + 1 WHERE {AT_LON}",),
        {"node": "LON", "sku": "MUG"},
        also=("levels_are_the_bins",),
    ),
    Fault(
        "levels_are_the_bins",
        (*LEDGER, f"{WRITE} VALUES (now(), 'MUG', 'LON', 'received', 1, 0, 'PICK', '', 'sellable', 'x', 'x', NULL)",
         f"UPDATE stock_levels SET on_hand = on_hand + 1, sellable = sellable + 1 WHERE {AT_LON}"),
        {"sku": "MUG"},
        also=("bins_are_the_ledger",),
    ),
    Fault(
        "bins_are_the_ledger",
        (f"UPDATE bin_stock SET bin = 'DISPATCH' WHERE {AT_LON} AND bin = 'PICK'",),
        {"sku": "MUG", "ledger_quantity": None},
        count=2,
    ),
    Fault(
        "bins_hold_no_more_than_they_can",
        ("UPDATE bins SET capacity_units = 1 WHERE node = 'LON' AND code = 'RECEIVING'",),
        {"node": "LON", "bin": "RECEIVING", "capacity_units": 1},
    ),
    Fault(
        "allocated_is_the_ledger",
        (*LEDGER, f"{WRITE} VALUES (now(), 'MUG', 'LON', 'allocated', 0, 1, NULL, '', 'sellable', 'x', 'x', NULL)"),
        {"sku": "MUG"},
    ),
    Fault(
        "allocated_is_open_allocations",
        ("UPDATE allocations SET state = 'backordered' WHERE id = (SELECT id FROM allocations WHERE sku = 'MUG' "
         "AND state = 'allocated' AND order_id IN (SELECT id FROM orders WHERE status = 'held') LIMIT 1)",),
        {"sku": "MUG", "node": "LON"},
        also=("backordered_is_waiting_allocations", "fulfilment_lines_are_allocations"),
    ),
    Fault(
        "backordered_is_waiting_allocations",
        ("UPDATE stock_levels SET backordered = backordered + 1 WHERE node = 'LON' AND sku = 'PLATE'",),
        {"sku": "PLATE"},
    ),
    Fault(
        "held_is_live_holds",
        ("UPDATE stock_holds SET state = 'released' WHERE state = 'live'",),
        {"held": 2, "in_holds": None},
    ),
    Fault(
        "never_oversold",
        (*LEVELS, f"UPDATE stock_levels SET held = sellable + 1 WHERE {AT_LON}"),
        {"sku": "MUG"},
        also=("held_is_live_holds",),
    ),
    Fault(
        "backorders_within_limit",
        ("UPDATE variants SET backorder_limit = 0",),
        {"sku": "PLATE", "backorder_limit": 0},
    ),
    Fault(
        "nothing_is_negative",
        (*free("transfer_lines", "sane"), *free("stock_levels", "not_negative", "never_oversold"),
         "UPDATE stock_levels SET held = -1 WHERE node = 'LON' AND sku = 'PHONE'"),
        {"place": "level", "sku": "PHONE", "units": -1},
        also=("held_is_live_holds",),
    ),
    Fault(
        "ledger_signs_fit_their_kind",
        (*LEDGER, "UPDATE stock_ledger SET why = NULL WHERE kind = 'adjusted' AND sku = 'PHONE'"),
        {"kind": "adjusted", "why": None},
    ),
    Fault(
        "moves_cancel_out",
        (*LEDGER, "UPDATE stock_ledger SET cause = 'move:other' WHERE id = (SELECT min(id) FROM stock_ledger "
         "WHERE kind = 'moved')"),
        {"cause": "move:other", "left_over": -2},
        count=2,
    ),
    Fault(
        "transit_is_open_transfers",
        ("UPDATE transfer_lines SET received = received + 1",),
        {"node": "BER", "sku": "MUG", "in_transit": 3, "in_transfers": 2},
    ),
    Fault(
        "transfers_arrive_as_sent",
        (*LEDGER, "UPDATE stock_ledger SET cause = 'transfer:other' WHERE kind = 'transferred_in'"),
        {"cause": "transfer:other", "left_over": 4},
        count=2,
    ),
    Fault(
        "kits_have_no_stock",
        ("INSERT INTO kit_components VALUES ('PLATE', 'PHONE', 1)",),
        {"sku": "PLATE", "node": "LON"},
    ),
    Fault(
        "serial_numbers_are_single",
        (*LEDGER, f"{WRITE} VALUES (now(), 'PHONE', 'LON', 'received', 2, 0, 'PICK', 'S2', 'sellable', 'x', 'x', '')",
         "INSERT INTO bin_stock (node, sku, bin, lot, status, quantity) VALUES "
         "('LON', 'PHONE', 'PICK', 'S2', 'sellable', 2)",
         "UPDATE stock_levels SET on_hand = 2, sellable = 2 WHERE node = 'LON' AND sku = 'PHONE'"),
        {"sku": "PHONE", "serial": "S2", "units": 2},
        also=("a_serial_number_comes_once",),
    ),
    Fault(
        "shipped_is_shipped_allocations",
        ("UPDATE allocations SET node = 'BER' WHERE state = 'shipped' AND sku = 'PLATE'",),
        {"sku": "PLATE", "node": "LON", "ledger_shipped": 1, "shipped_allocations": None},
        count=2,
        also=("fulfilment_lines_are_allocations",),
    ),
    Fault(
        "returned_within_shipped",
        (*LEDGER, f"{WRITE} VALUES (now(), 'PHONE', 'LON', 'returned', 1, 0, 'PICK', 'S3', 'sellable', 'x', 'x', '')",
         "INSERT INTO bin_stock (node, sku, bin, lot, status, quantity) VALUES "
         "('LON', 'PHONE', 'PICK', 'S3', 'sellable', 1)",
         "UPDATE stock_levels SET on_hand = 1, sellable = 1 WHERE node = 'LON' AND sku = 'PHONE'"),
        {"sku": "PHONE", "returned": 1, "shipped": None},
        also=("a_serial_number_comes_once",),
    ),
    Fault(
        "picked_units_stand_in_packing",
        ("UPDATE bins SET type = 'reserve' WHERE code = 'PACK'",),
        {"sku": "MUG", "node": "LON", "picked": 3, "in_packing": 0},
    ),
    Fault(
        "order_lines_conserve_units",
        (f"UPDATE order_lines SET quantity = quantity + 1, gross = gross + unit_amount, net = net + unit_amount, "
         f"total = total + unit_amount WHERE order_id IN {PICKED} AND line_no = 1",
         f"UPDATE orders SET subtotal = subtotal + 1000, total = total + 1000 WHERE id IN {PICKED}"),
        {"sku": "MUG", "ordered": 4, "allocated_or_beyond": 3},
        also=("shipment_shares_are_the_order",),
    ),
    Fault(
        "allocations_belong_to_lines",
        (f"UPDATE allocations SET line_no = 9 WHERE order_id = {SHIPPED} AND sku = 'PLATE'",),
        {"sku": "PLATE", "line_no": 9, "state": "shipped"},
        also=("order_lines_conserve_units", "line_shipped_is_shipped_allocations", "fulfilment_lines_are_allocations"),
    ),
    Fault(
        "line_shipped_is_shipped_allocations",
        (f"UPDATE order_lines SET shipped = 1 WHERE sku = 'PLATE' AND order_id IN {PICKED}",
         f"UPDATE orders SET status = 'partly_shipped' WHERE id IN {PICKED}",
         f"{SAY}, 'released', 'partly_shipped' FROM orders WHERE id IN {PICKED}"),
        {"line_no": 2, "shipped": 1, "left_the_house": 0},
    ),
    Fault(
        "order_status_fits_its_lines",
        (f"UPDATE orders SET status = 'shipped' WHERE id IN {PICKED}",
         f"{SAY}, 'released', 'shipped' FROM orders WHERE id IN {PICKED}"),
        {"status": "shipped", "ordered": 4, "shipped": 0},
    ),
    Fault(
        "held_orders_have_a_hold",
        ("UPDATE order_holds SET released_at = now() WHERE reason = 'fraud'",),
        {"status": "held", "holds": 0},
    ),
    Fault(
        "held_orders_are_not_picked",
        (f"UPDATE orders SET status = 'held' WHERE id IN {PICKED}",
         f"INSERT INTO order_holds (id, order_id, reason, placed_by, placed_at) SELECT gen_random_uuid(), id, "
         f"'manual', 'x', now() FROM orders WHERE id IN {PICKED}",
         f"{SAY}, 'released', 'held' FROM orders WHERE id IN {PICKED}"),
        {"status": "picking", "node": "LON"},
    ),
    Fault(
        "order_total_is_its_parts",
        (f"UPDATE orders SET total = total + 1 WHERE id = {SHIPPED}",),
        {"shipping": 490},
    ),
    Fault(
        "order_sums_are_its_lines",
        ("UPDATE orders SET tax = tax - 1 WHERE NOT tax_inclusive",),
    ),
    Fault(
        "discount_shares_add_up",
        (f"UPDATE orders SET order_discount = 334, discount = discount + 1 WHERE id = {SHIPPED}",),
        {"order_discount": 334, "shares": 333},
    ),
    Fault(
        "line_amounts_add_up",
        (f"UPDATE order_lines SET net = net - 1 WHERE order_id = {SHIPPED} AND line_no = 1",),
        {"line_no": 1},
    ),
    Fault(
        "cancelled_worth_is_within_the_order",
        ("UPDATE order_lines SET cancelled_amount = cancelled_amount + 1 WHERE cancelled > 0 AND sku = 'PLATE'",),
    ),
    Fault(
        "fulfilment_lines_are_allocations",
        (f"UPDATE fulfilments SET node = 'BER' WHERE order_id = {SHIPPED}",),
        {"node": "BER", "allocated_at": "LON", "sku": "PLATE"},
        count=3,
    ),
    Fault(
        "shipment_shares_are_the_order",
        (f"DELETE FROM fulfilment_lines WHERE sku = 'PLATE' AND fulfilment_id IN "
         f"(SELECT id FROM fulfilments WHERE order_id = {SHIPPED})",),
        {"worth": 2315, "shares": 1543, "units": 3, "found": 2},
        also=("parcels_hold_no_more_than_was_picked",),
    ),
    Fault(
        "parcels_hold_no_more_than_was_picked",
        ("UPDATE parcel_lines SET quantity = quantity + 1 WHERE sku = 'PLATE'",),
        {"sku": "PLATE", "in_parcels": 2, "picked": 1},
        also=("packed_is_in_parcels",),
    ),
    Fault(
        "packed_is_in_parcels",
        ("UPDATE parcel_lines SET quantity = 1 WHERE sku = 'MUG' AND quantity = 2 AND allocation_id = "
         "(SELECT min(allocation_id::text)::uuid FROM parcel_lines WHERE sku = 'MUG')",),
        {"sku": "MUG", "packed": 2, "in_parcels": 1},
    ),
    Fault(
        "pickers_share_no_units",
        ("INSERT INTO pick_tasks (id, pick_list_id, fulfilment_id, allocation_id, sku, bin, lot, sequence, quantity, "
         "picked, short, done) SELECT gen_random_uuid(), pick_list_id, fulfilment_id, allocation_id, sku, 'RECEIVING', "
         "lot, 99, quantity, 0, 0, false FROM pick_tasks WHERE NOT done",),
        {"sku": "PLATE", "quantity": 1, "asked_for": 2},
    ),
    Fault(
        "nothing_is_picked_before_its_release",
        (f"UPDATE fulfilments SET released_at = NULL WHERE order_id = {SHIPPED}",),
        {"status": "shipped", "node": "LON"},
    ),
    Fault(
        "waves_count_their_fulfilments",
        (wave("released"),),
        {"number": "W1", "taken": 1, "gone": 0, "fulfilments": 0},
    ),
    Fault(
        "waves_are_where_their_fulfilments_are",
        (wave("done"), f"UPDATE fulfilments SET wave_id = (SELECT id FROM waves) WHERE order_id IN {PICKED}"),
        {"number": "W1", "status": "done", "stands": "picking"},
    ),
    Fault(
        "held_orders_are_in_no_wave",
        (wave("released"), f"UPDATE fulfilments SET wave_id = (SELECT id FROM waves) WHERE order_id IN {PICKED}",
         f"INSERT INTO order_holds (id, order_id, reason, placed_by, placed_at) SELECT gen_random_uuid(), id, "
         f"'manual', 'x', now() FROM orders WHERE id IN {PICKED}"),
        {"number": "W1"},
        also=("held_orders_have_a_hold",),
    ),
    Fault(
        "packing_plans_hold_each_unit_once",
        ("UPDATE packing_plans SET inputs = jsonb_set(inputs, '{goods,0,quantity}', '5')",),
        {"sku": "MUG", "asked": 5, "planned": 4},
    ),
    Fault(
        "packing_plans_fit",
        ("UPDATE packing_plans SET boxes = jsonb_set(boxes, '{0,grams}', '9001')",),
        {"box_no": 1, "fault": "too heavy, or a box that was not offered"},
    ),
    Fault(
        "packing_plans_fit",
        ("UPDATE packing_plans SET boxes = jsonb_set(boxes, '{0,pieces,0,x}', '-1')",),
        {"box_no": 1, "fault": "piece 1 sticks out"},
    ),
    Fault(
        "packing_plans_fit",
        ("UPDATE packing_plans SET boxes = jsonb_set(jsonb_set(jsonb_set(boxes, '{0,pieces,1,x}', '0'), "
         "'{0,pieces,1,y}', '0'), '{0,pieces,1,z}', '0')",),
        {"box_no": 1, "fault": "pieces 1 and 2"},
    ),
    Fault(
        "parcels_have_one_live_label",
        ("DROP INDEX ix_labels_live",
         "INSERT INTO labels (id, parcel_id, order_id, carrier, service, tracking_number, amount, currency, state, "
         "why, parts, zpl, format, prints, refund, created_at) SELECT gen_random_uuid(), parcel_id, order_id, carrier, "
         "service, 'TWICE', amount, currency, state, why, parts, zpl, format, prints, refund, created_at FROM labels"),
        {"labels": 2},
    ),
    Fault(
        "labels_are_of_the_best_offer",
        ("UPDATE carrier_choices SET offers = jsonb_set(offers, '{0,refused}', '\"too heavy\"')",),
        {"refused": "too heavy"},
        also=("choices_are_repeatable",),
    ),
    Fault(
        "choices_are_repeatable",
        ("UPDATE carrier_choices SET explored = '{\"instead_of\": \"ghost\"}'",),
        {"by_what_was_kept": None, "instead_of": "ghost"},
    ),
    Fault(
        "trying_keeps_to_its_budget",
        ("UPDATE carrier_choices SET explored = '{\"instead_of\": \"ghost\", \"extra\": 7, \"left\": 5}'",),
        {"extra": 7, "room": 5},
        also=("choices_are_repeatable",),
    ),
    Fault(
        "labels_of_carriers_are_sold_once",
        ("INSERT INTO label_purchases (id, parcel_id, order_id, status, degraded, tries, attempts, asked_at, due_at) "
         "SELECT gen_random_uuid(), parcel_id, order_id, 'bought', false, '[]', 1, created_at, created_at FROM labels "
         "LIMIT 1",),
        {"fault": "bought, and there is no label"},
    ),
    Fault(
        "voided_labels_are_asked_back",
        ("UPDATE labels SET refund = 'asked' WHERE state = 'live'",),
        {"refund": "asked"},
    ),
    Fault(
        "delivered_parcels_stay_delivered",
        ("UPDATE tracking_events SET status = 'delivered'",),
        {"status": "on_hold", "said": True},
    ),
    Fault(
        "pickups_are_booked_once",
        ("INSERT INTO pickups (id, number, node, carrier, \"on\", earliest, latest, status, daily, parcels, key, "
         "attempts, asked_by, asked_at, due_at, version) VALUES (gen_random_uuid(), 'PU1', 'LON', 'post', "
         "'2026-03-02', now(), now() + interval '1 hour', 'booked', false, 1, 'k', 0, 'x', now(), now(), 1)",),
        {"pickups": "PU1", "fault": "booked without a number"},
    ),
    Fault(
        "pickups_are_booked_once",
        ("DROP INDEX ix_pickups_open",
         "INSERT INTO pickups (id, number, node, carrier, \"on\", earliest, latest, status, daily, parcels, key, "
         "attempts, confirmation, asked_by, asked_at, due_at, version) SELECT gen_random_uuid(), 'PU' || n, 'LON', "
         "'post', '2026-03-02', now(), now() + interval '1 hour', 'booked', false, 1, 'k', 0, 'C', 'x', now(), "
         "now(), 1 "
         "FROM generate_series(1, 2) n"),
        {"pickups": "PU1, PU2", "fault": "more than one"},
    ),
    Fault(
        "manifests_list_what_left_once",
        (A_MANIFEST.format(carrier="other"), ON_MANIFEST),
        {"number": "MF1", "state": "live", "has_left": True},
    ),
    Fault(
        "manifests_list_what_left_once",
        (A_MANIFEST.format(carrier="post"),),
        {"number": "MF1", "tracking_number": "counts 1"},
    ),
    Fault(
        "customs_are_told_in_full",
        ("INSERT INTO customs_declarations (parcel_id, order_id, form, why, contents, incoterm, sent_from, sent_to, "
         "currency, value, \"limit\", weight_grams, lines, signer, made_at) SELECT id, order_id, 'CN 22', 'x', 'x', "
         "'DAP', 'GB', 'DE', 'EUR', 500, 400, 300, '[{\"value\": 500, \"hs_code\": \"\", \"origin\": \"PT\", "
         "\"weight_grams\": 300}]', 'x', now() FROM parcels LIMIT 1",),
        {"form": "CN 22", "value": 500, "limit": 400, "bare": 1},
    ),
    Fault(
        "late_is_judged_where_the_parcel_goes",
        ("UPDATE tracks SET delivered_at = now(), delivered_zone = 'UTC', late_days = 0, promised_on = '2026-01-01'",),
        {"late_days": 0},
    ),
    Fault(
        "customers_are_helped_once",
        ("UPDATE parcel_exceptions SET refund_asked = 1, refunded = 1",),
        {"refund_asked": 1},
    ),
    Fault(
        "replacements_are_paid_by_their_claim",
        (f"UPDATE parcel_exceptions SET replacement_id = {SHIPPED}",),
    ),
    Fault(
        "parcels_are_made_good_with_their_units",
        (f"{CLAIM} SELECT '{A_VALUE}', 'C1', order_id, 'denied', 'refund', 'EUR', 'original', 'none', 'x', 1, now(), "
         "now(), id, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM parcel_exceptions LIMIT 1",
         "INSERT INTO order_claim_lines (claim_id, line_no, order_id, sku, quantity, replaced, reason, credited, "
         f"credited_total, credited_tax, replaced_total) SELECT '{A_VALUE}', line_no, order_id, sku, 99, 0, 'damaged', "
         "0, 0, 0, 0 FROM order_lines WHERE order_id = (SELECT order_id FROM parcel_exceptions LIMIT 1) LIMIT 1"),
        {"claim": "C1", "quantity": 99},
    ),
    Fault(
        "parcels_have_one_live_claim",
        ("UPDATE carrier_claims SET goods_value = amount - 1",),
        {"live": 1},
    ),
    Fault(
        "carriers_pay_what_was_claimed",
        (*free("carrier_claims", "money"), "UPDATE carrier_claims SET paid = accepted + 1"),
        {"accepted": 400, "paid": 401},
    ),
    Fault(
        "charges_are_quoted_or_flagged",
        (*free("carrier_charges", "flagged"), "UPDATE carrier_charges SET over = 0"),
        {"quoted": 490, "charged": 540},
        also=("carrier_invoices_add_up",),
    ),
    Fault(
        "carrier_invoices_add_up",
        ("UPDATE carrier_invoices SET total = total + 1",),
        {"total": 541, "charged": 540},
    ),
    Fault(
        "captured_within_authorised",
        (*free("payments", "money"), "UPDATE payments SET authorised = 1 WHERE captured > 0"),
        {"authorised": 1},
    ),
    Fault(
        "refunds_within_captured",
        ("INSERT INTO payment_entries (id, payment_id, order_id, kind, state, amount, currency, cause, actor, at, "
         "attempts, follows_total, goodwill) SELECT gen_random_uuid(), id, order_id, 'refund', 'asked', captured, "
         "currency, 'x', 'x', now(), 0, false, false FROM payments WHERE captured > 0",),
    ),
    Fault(
        "payments_are_their_entries",
        ("UPDATE payments SET refunded = refunded - 1 WHERE refunded > 0",),
        {"refunded": 2069, "ledger_refunded": 2070},
    ),
    Fault(
        "money_keeps_its_currency",
        ("UPDATE payment_entries SET currency = 'GBP' WHERE kind = 'refund' AND return_id IS NULL",),
        {"paid_in": "EUR", "entry_in": "GBP"},
    ),
    Fault(
        "states_are_known",
        ("UPDATE orders SET payment_status = 'maybe' WHERE NOT tax_inclusive",),
        {"table": "orders", "column": "payment_status", "said": "maybe", "times": 1},
    ),
    Fault(
        "moves_are_legal",
        (f"{SAY}, s[1], s[2] FROM orders, (VALUES (ARRAY['shipped', 'held']), (ARRAY['payment voided', "
         f"'payment captured']), (ARRAY['held', 'shipped'])) AS m(s) WHERE id = {SHIPPED}",),
        {"from_status": "shipped", "to_status": "held"},
        count=2,
    ),
    Fault(
        "status_is_the_last_move",
        ("UPDATE transfers SET status = 'draft'", "UPDATE transfer_lines SET quantity = received + 3"),
        {"status": "draft", "last_move": "in_transit"},
        also=("transit_is_open_transfers",),
    ),
    Fault(
        "subjects_keep_their_order",
        ("UPDATE outbox SET relayed_at = NULL WHERE id = (SELECT min(id) FROM outbox WHERE subject = 'sku:MUG')",),
        {"subject": "sku:MUG"},
    ),
    Fault(
        "deliveries_are_single",
        (f"{DELIVER} SELECT 'reports', {MESSAGE} FROM outbox, generate_series(1, 2) "
         "WHERE id = (SELECT min(id) FROM outbox)",),
        {"agent": "reports", "deliveries": 2},
    ),
    Fault(
        "handled_messages_are_gone",
        (f"{DELIVER} SELECT agent, {MESSAGE} FROM inbox JOIN outbox USING (message_id) ORDER BY id LIMIT 1",),
        {"state": "waiting"},
    ),
    Fault(
        "answers_are_single",
        ("ALTER TABLE idempotent_answers DROP CONSTRAINT pk_idempotent_answers",
         "INSERT INTO idempotent_answers SELECT * FROM idempotent_answers WHERE key = 'grn-1'"),
        {"key": "grn-1", "answers": 2},
    ),
    Fault(
        "ended_actions_left_no_row",
        ("UPDATE bulk_rows SET state = 'waiting'",),
        {"status": "done", "state": "waiting", "rows": 1},
    ),
    Fault("actions_have_their_rows", ("UPDATE bulk_jobs SET total = 2",), {"total": 2, "rows": 1}),
    Fault(
        "rows_out_are_on_their_way",
        ("UPDATE bulk_rows SET state = 'sent'",),
        {"row_no": 1},
        also=("ended_actions_left_no_row",),
    ),
    Fault(
        "webhooks_hear_an_event_once",
        ("DROP INDEX ix_webhook_posts_event",
         "INSERT INTO webhook_posts (id, webhook_id, event_id, event, subject, happened_at, data, needs, state, "
         "attempts, due_at, created_at) SELECT gen_random_uuid(), webhook_id, event_id, event, subject, happened_at, "
         "data, needs, 'waiting', 0, due_at, created_at FROM webhook_posts ORDER BY serial LIMIT 1"),
        {"posts": 2},
    ),
    Fault(
        "webhook_attempts_are_all_written",
        ("DELETE FROM webhook_attempts WHERE post_id = (SELECT id FROM webhook_posts WHERE event = 'order.placed' "
         "ORDER BY serial LIMIT 1)",),
        {"event": "order.placed", "state": "delivered", "attempts": 1, "written": 0},
    ),
    Fault(
        "webhooks_hear_what_they_ask_for",
        ("UPDATE interests SET kind = 'StockChanged' WHERE agent = 'webhooks' AND kind = 'OrderPlaced'",),
        {"kind": "OrderPlaced", "heard": False, "asked_for": True},
        count=2,
    ),
    Fault(
        "purchase_totals_are_their_lines",
        ("UPDATE purchase_charges SET amount = amount + 1",),
        {"charges": 1200, "in_charges": 1201},
    ),
    Fault(
        "purchase_lines_are_rounded_once",
        (f"UPDATE purchase_lines SET total = total - 1 WHERE {TWELVE}",
         f"UPDATE purchase_orders SET subtotal = subtotal - 1, total = total - 1 WHERE id = {OF_TWELVE}",
         f"UPDATE purchase_lines SET landed = landed - 1 WHERE {TWELVE}"),
        {"ordered": 12, "unit_cost": 399},
    ),
    Fault(
        "landed_costs_are_the_total",
        (f"UPDATE purchase_lines SET landed = landed + 1 WHERE {TWELVE}",),
    ),
    Fault(
        "what_came_is_worth_what_it_cost",
        ("UPDATE cost_entries SET units = units - 1, value = value - 1 WHERE units = 5 AND sku = 'MUG'",),
        {"received": 5, "units": 4},
        also=("unit_costs_are_the_moving_average",),
    ),
    Fault(
        "unit_costs_are_the_moving_average",
        ("UPDATE unit_costs SET average_milli = average_milli + 1 WHERE sku = 'MUG'",),
        {"sku": "MUG", "currency": "EUR", "what": "average"},
    ),
    Fault(
        "on_order_is_never_negative",
        (*free("purchase_lines", "closed_short"), "UPDATE purchase_lines SET closed_short = 8 WHERE closed_short = 7"),
        {"ordered": 9, "received": 2, "closed_short": 8},
    ),
    Fault(
        "over_receipts_were_accepted",
        ("UPDATE over_receipts SET up_to = 5",),
        {"ordered": 4, "received": 6},
    ),
    Fault(
        "purchases_stand_where_their_lines_do",
        (f"UPDATE purchase_lines SET received = 1 WHERE {TWELVE}",),
        {"status": "sent", "open": 11, "received": 1},
        also=("received_units_have_receipts", "what_came_is_worth_what_it_cost"),
    ),
    Fault(
        "purchases_are_within_their_approval",
        (f"UPDATE purchase_orders SET approved_total = total - 1 WHERE id = {OF_TWELVE}",),
        {"status": "sent"},
    ),
    Fault(
        "invoices_add_up",
        ("UPDATE supplier_invoice_lines SET total = total - 1",),
        {"number": "RE-1", "subtotal": 1995, "in_lines": 1994},
    ),
    Fault(
        "nothing_is_billed_that_has_not_come",
        ("UPDATE supplier_invoice_lines SET quantity = 6",),
        {"received": 5, "billed": 6, "allowed": 0},
    ),
    Fault(
        "invoices_are_paid_with_a_word",
        ("UPDATE supplier_invoices SET accepted_why = NULL",),
        {"number": "RE-1", "status": "approved", "accepted_why": None},
    ),
    Fault(
        "credits_add_up",
        ("UPDATE supplier_credit_lines SET total = total - 1",),
        {"number": "GS-1", "subtotal": 1000, "in_lines": 999},
    ),
    Fault(
        "nothing_is_given_back_twice",
        ("UPDATE supplier_credit_lines SET total = total + 1000",
         "UPDATE supplier_credits SET subtotal = subtotal + 1000, total = total + 1000"),
        {"given_back": 0, "billed": 5},
    ),
    Fault(
        "credits_are_taken_with_a_word",
        ("UPDATE supplier_credits SET accepted_why = NULL",),
        {"number": "GS-1", "status": "approved", "accepted_why": None},
    ),
    Fault(
        "suggestions_are_whole_cases",
        (f"UPDATE suggestions SET quantity = quantity + 1 WHERE {OF_MUG}",),
        {"sku": "MUG", "case_pack": 6},
    ),
    Fault(
        "positions_are_the_sum_of_their_parts",
        (*free("replenishment_plans", "position"),
         "UPDATE replenishment_plans SET position = position + 1 WHERE sku = 'MUG' AND node = 'LON'"),
        {"sku": "MUG", "node": "LON"},
    ),
    Fault(
        "points_lie_above_mean_demand",
        ("UPDATE replenishment_plans SET daily_milli = 5, ahead_milli = point * 1000 "
         "WHERE sku = 'PLATE' AND node = 'LON'",),
        {"sku": "PLATE", "node": "LON"},
    ),
    Fault(
        "ordered_suggestions_have_their_order",
        (f"UPDATE suggestions SET purchase_id = (SELECT id FROM purchase_orders LIMIT 1) WHERE {OF_MUG}",),
        {"kind": "buy", "status": "open"},
    ),
    Fault(
        "no_need_is_ordered_twice",
        (f"UPDATE suggestions SET status = 'ordered', quantity = 12, purchase_id = {OF_TWELVE} WHERE {OF_MUG}",
         "INSERT INTO suggestions SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).* "
         f"FROM suggestions s WHERE {OF_MUG}"),
        {"sku": "MUG", "node": "LON"},
        also=("status_is_the_last_move",),
    ),
    Fault(
        "nothing_is_suggested_that_may_not_be_ordered",
        ("UPDATE supplier_items SET active = false, updated_at = updated_at - interval '1 day' WHERE sku = 'MUG'",),
        {"sku": "MUG", "supplier": "HANSA", "because": "blocked"},
    ),
    Fault(
        "nothing_is_suggested_that_may_not_be_ordered",
        ("UPDATE variants SET status = 'discontinued', updated_at = updated_at - interval '1 day' WHERE sku = 'MUG'",),
        {"sku": "MUG", "because": "discontinued"},
    ),
    Fault(
        "nothing_is_suggested_that_may_not_be_ordered",
        ("UPDATE replenishment_rules SET snoozed_until = now()::date + 9, updated_at = updated_at - interval '1 day' "
         "WHERE sku = 'MUG'",),
        {"sku": "MUG", "because": "asleep"},
    ),
    Fault(
        "received_units_have_receipts",
        ("UPDATE receipt_lines SET purchase_line = 9 WHERE quantity = 6",),
        {"received": 6, "on_receipts": 0},
    ),
    Fault(
        "receipts_are_in_the_ledger",
        ("UPDATE receipt_lines SET condition = 'good' WHERE quantity = 6",),
        {"sku": "PLATE", "units": 6, "good": 6, "sellable": 0},
        also=("what_is_not_good_is_inspected",),
    ),
    Fault(
        "what_is_not_good_is_inspected",
        ("UPDATE inspections SET receipt_line = 7 WHERE quantity = 6",),
        {"condition": "inspect", "quantity": 6, "inspected": 0},
    ),
    Fault(
        "inspected_units_are_conserved",
        ("UPDATE inspections SET disposed = disposed - 1 WHERE disposed > 0",),
        {"disposed": 0, "on_dispositions": 1},
    ),
    Fault(
        "inspections_are_in_the_ledger",
        ("UPDATE inspections SET accepted = accepted + 1, rejected = rejected - 1 WHERE disposed = 1",),
        {"made_sellable": 0},
    ),
    Fault(
        "verdicts_are_those_of_the_sample",
        ("UPDATE inspection_findings SET conforming = NOT conforming WHERE unit = 2",),
        {"verdict": "accepted", "looked_at": 5, "bad": 1},
    ),
    Fault(
        "each_lot_counts_once_for_its_supplier",
        ("UPDATE supplier_standings SET lots = lots + 1",),
        {"sku": "BOWL", "lots": 2, "judged": 1},
    ),
    Fault(
        "putaways_are_in_the_ledger",
        (*LEDGER, "UPDATE stock_ledger SET cause = 'putaway:' || gen_random_uuid() WHERE cause LIKE 'putaway:%' "
                  "AND bin IN ('R1', 'RECEIVING') AND abs(on_hand) = 2"),
        {"bin": "R1", "quantity": 2, "came_in": 0},
        count=3,
        also=("bins_hold_no_more_than_they_can", "moves_cancel_out"),
    ),
    Fault(
        "putaway_tasks_add_up",
        ("UPDATE putaway_tasks SET put_away = put_away + 1 WHERE put_away = 2",),
        {"put_away": 3, "on_putaways": 2},
    ),
    Fault(
        "a_lot_keeps_one_expiry",
        ("UPDATE lots SET expires_on = expires_on + 1 WHERE code = 'L1'",),
        {"lot": "L1", "sku": "TEA"},
    ),
    Fault(
        "a_serial_number_comes_once",
        ("DELETE FROM lots WHERE code = 'S1'",),
        {"sku": "PHONE", "serial": "S1"},
    ),
    Fault(
        "a_serial_number_comes_once",
        (*LEDGER, "UPDATE stock_ledger SET on_hand = 3 WHERE lot = 'S1' AND kind = 'received'"),
        {"sku": "PHONE", "serial": "S1", "units": 2},
        also=("bins_are_the_ledger", "levels_are_the_ledger"),
    ),
    Fault(
        "expired_goods_are_not_received_for_sale",
        ("UPDATE lots SET expires_on = '2020-06-30' WHERE code = 'L1'",
         "UPDATE receipt_lines SET expires_on = '2020-06-30' WHERE lot = 'L1'"),
        {"sku": "TEA", "lot": "L1"},
    ),
    Fault(
        "expired_goods_are_out_of_sale",
        ("INSERT INTO schedules (name, agent, kind, payload, every_seconds, next_at, last_at) VALUES "
         "('set expired lots aside', 'inbound', 'SetExpiredAside', '{}', 600, '2100-01-01', '2100-01-01')",),
        {"sku": "TEA", "lot": "L1"},
    ),
    Fault(
        "what_is_wrong_was_not_ordered",
        ("UPDATE purchase_lines SET sku = 'BOWL' WHERE sku = 'TEA'",),
        {"sku": "BOWL", "line_no": 1},
    ),
    Fault(
        "announced_lines_count_their_receipts",
        ("UPDATE advance_notice_lines SET received = received + 1 WHERE units = 11",),
        {"no": 1, "received": 5, "on_receipts": 4},
    ),
    Fault(
        "notices_stand_where_their_lines_say",
        ("UPDATE advance_notice_lines SET units = 4 WHERE units = 11",),
        {"status": "receiving", "short_lines": 0},
        also=("packages_are_announced_once",),
    ),
    Fault(
        "packages_are_announced_once",
        ("UPDATE advance_notice_packages SET live = false",),
        {"sscc": "340123450000000017", "status": "receiving"},
    ),
    Fault(
        "a_dock_has_one_at_a_time",
        ("ALTER TABLE dock_appointments DROP CONSTRAINT ex_dock_appointments_one_at_a_time",
         "UPDATE dock_appointments SET starts_at = starts_at - interval '90 min' WHERE notice_id IS NULL"),
        {"dock": "D1", "node": "LON"},
    ),
    Fault(
        "appointments_are_where_their_goods_go",
        ("UPDATE dock_appointments SET supplier = 'OTHER' WHERE notice_id IS NOT NULL",),
        {"supplier": "OTHER", "comes_from": "HANSA"},
    ),
    Fault(
        "nothing_that_was_called_off_has_a_dock",
        ("UPDATE advance_notices SET status = 'cancelled'",),
        {"dock": "D1", "status": "booked"},
        also=("notices_stand_where_their_lines_say", "packages_are_announced_once", "status_is_the_last_move"),
    ),
    Fault(
        "promises_come_after_their_deliveries",
        ("UPDATE backorder_promises SET sources = '[{\"source\": \"purchase order X\", \"units\": 9, "
         "\"on\": \"2026-05-04\"}]', likely_on = '2026-05-01', promised_on = '2026-05-04', safe_on = '2026-05-09' "
         "WHERE sku = 'PLATE'",
         f"{CHANGED} '2026-05-04', 'x' FROM backorder_promises WHERE sku = 'PLATE'"),
        {"sku": "PLATE", "source": "purchase order X"},
    ),
    Fault(
        "promises_are_the_last_change",
        (f"{CHANGED} '2026-05-04', 'x' FROM backorder_promises WHERE sku = 'PLATE'",),
        {"after_on": "2026-05-04"},
    ),
    Fault(
        "promises_are_of_their_allocations",
        ("UPDATE backorder_promises SET node = 'ELSEWHERE' WHERE sku = 'PLATE'",),
        {"node": "ELSEWHERE", "of_node": "LON"},
    ),
    Fault(
        "nothing_leaves_before_its_release",
        ("UPDATE variants SET release_on = '2040-01-01', updated_at = '2020-01-01' WHERE sku IN "
         "(SELECT l.sku FROM fulfilment_lines l JOIN fulfilments f ON f.id = l.fulfilment_id "
         "WHERE f.shipped_at IS NOT NULL LIMIT 1)",),
        {"release_on": "2040-01-01"},
        2,
    ),
    Fault(
        "arrivals_are_shared_out_whole",
        (*FILLED, "UPDATE fill_shares SET given = 3 WHERE no = 1"),
        {"given": 4, "in_shares": 3},
    ),
    Fault(
        "equals_are_served_in_turn",
        (*FILLED, "UPDATE fill_shares SET class_no = 1"),
        {"sku": "PLATE", "why": "x"},
    ),
    Fault(
        "nobody_is_passed_over_too_often",
        (*FILLED, "UPDATE fill_shares SET passed = 3 WHERE no = 2"),
        {"sku": "PLATE", "passed": 3},
    ),
    Fault(
        "routing_is_repeatable",
        ("UPDATE routing_decisions SET outcome = jsonb_set(outcome, '{order}', '[\"BER\", \"LON\"]')",),
        {"kept": ["BER", "LON"], "by_their_ranks": ["LON", "BER"]},
    ),
    Fault(
        "routing_is_repeatable",
        ("UPDATE routing_decisions SET outcome = jsonb_set(outcome, '{plan,0,2}', '\"BER\"'), inputs = "
         "jsonb_set(inputs, '{nodes}', (SELECT jsonb_agg(jsonb_set(n, '{free,MUG}', '9')) "
         "FROM jsonb_array_elements(inputs -> 'nodes') AS n))",),
        {"has_all": "LON"},
    ),
    Fault(
        "routing_keeps_to_its_facts",
        ("UPDATE routing_decisions SET outcome = jsonb_set(outcome, '{plan,0,3}', '3')",),
        {"sku": "MUG", "node": None, "units": 3, "most": 2},
    ),
    Fault(
        "routing_keeps_to_its_facts",
        ("UPDATE routing_decisions SET outcome = jsonb_set(jsonb_set(outcome, '{excluded}', '{\"LON\": \"closed\"}'), "
         "'{order}', '[\"BER\"]')",),
        {"sku": "MUG", "node": "LON", "excluded": True},
    ),
    Fault(
        "plans_are_finished",
        (*PLANNED,),
        {"number": 7, "moving": 1, "open": 1},
    ),
    Fault(
        "plans_are_finished",
        (*PLANNED, "UPDATE routing_plan_moves SET state = 'skipped'"),
        {"number": 7, "without_reason": 1},
    ),
    Fault(
        "plans_move_what_they_say",
        (*PLANNED, "UPDATE routing_plan_moves SET state = 'moved'"),
        {"units": 2, "decided": 0},
    ),
    Fault(
        "held_units_are_let_go",
        ("UPDATE allocations SET parked_at = now() WHERE id = (SELECT id FROM allocations WHERE state = 'allocated' "
         "ORDER BY id LIMIT 1)",),
        {"state": "allocated", "wrong": "parked"},
    ),
    Fault(
        "returned_units_have_left",
        ("UPDATE return_lines SET quantity = 4 WHERE reason = 'changed_mind'",),
        {"line_no": 2, "shipped": 1, "claimed": 4},
    ),
    Fault(
        "returned_units_are_graded_once",
        ("UPDATE return_units SET quantity = 2 WHERE grade = 'sellable'",),
        {"grade": "sellable", "counted": 1, "graded": 2},
        also=("only_units_graded_so_are_restocked", "returned_stock_is_what_was_graded"),
    ),
    Fault(
        "returned_stock_is_what_was_graded",
        (*LEDGER, "UPDATE stock_ledger SET cause = 'order:x' WHERE kind = 'returned' AND status = 'damaged'"),
        {"sku": "MUG", "status": "damaged", "booked": 0, "graded": 1},
    ),
    Fault(
        "returned_units_are_paid_within_the_line",
        ("UPDATE return_lines SET credited_total = credited_total + 1 WHERE credited = 2",
         "UPDATE returns SET shipping = shipping - 1 WHERE status = 'refunded'"),
        {"line_no": 1},
    ),
    Fault(
        "return_credit_is_its_lines",
        ("UPDATE returns SET shipping = shipping + 1 WHERE status = 'refunded'",),
    ),
    Fault(
        "return_refunds_are_what_is_owed",
        ("UPDATE return_credits SET credit = credit - 1",),
        also=("returns_know_their_money",),
    ),
    Fault(
        "returns_know_their_money",
        ("UPDATE returns SET refund_state = 'failed' WHERE status = 'refunded'",),
        {"refund_state": "failed", "counted": 500, "due": 0},
    ),
    Fault(
        "returns_go_by_the_policy_of_the_purchase",
        ("UPDATE returns SET policy_version = NULL WHERE status = 'requested'",),
        {"policy_version": None, "in_force": 1},
    ),
    Fault(
        "return_labels_are_of_their_return",
        ("UPDATE returns SET label_price = 5 WHERE status = 'requested'",),
        {"way": "own", "label_price": 5, "tracking_number": None},
    ),
    Fault(
        "return_labels_are_of_their_return",
        ("UPDATE returns SET tracking_number = 'XX1' WHERE status = 'requested'",),
        {"tracking_number": "XX1", "label": None},
    ),
    Fault(
        "unknown_parcels_come_in_once",
        ("INSERT INTO unknown_parcels (id, number, node, status, return_id, found_by, version, created_at, updated_at) "
         "SELECT gen_random_uuid(), 'U1', 'LON', 'matched', id, 'x', 1, now(), now() FROM returns "
         "WHERE status = 'refunded'",
         "INSERT INTO unknown_parcel_items (parcel_id, no, sku, quantity, grade, lot) "
         "SELECT id, 1, 'MUG', 9, 'sellable', '' FROM unknown_parcels"),
        {"number": "U1", "status": "matched"},
    ),
    Fault(
        "only_units_graded_so_are_restocked",
        ("UPDATE return_units SET booked_as = 'sellable' WHERE grade = 'damaged'",),
        {"grade": "damaged", "booked_as": "sellable", "choice": "refurbish"},
        also=("returned_stock_is_what_was_graded",),
    ),
    Fault(
        "only_units_graded_so_are_restocked",
        ("UPDATE return_dispositions SET quantity = 5 WHERE choice = 'restock'",),
        {"grade": "sellable", "booked_as": "sellable", "choice": "restock"},
    ),
    Fault(
        "dispositions_move_their_units_once",
        ("UPDATE return_dispositions SET status = 'done', done_at = now() WHERE choice = 'refurbish'",),
        {"choice": "refurbish", "sku": "MUG", "expected_in_sale": 1, "in_sale": 0, "expected_out": 1, "out": 0},
        also=("status_is_the_last_move",),
    ),
    Fault(
        "dispositions_are_the_best_or_explained",
        ("UPDATE return_dispositions SET value = value - 1 WHERE choice = 'refurbish'",),
        {"choice": "refurbish", "best": "refurbish"},
    ),
    Fault(
        "goods_that_stay_move_nothing",
        ("UPDATE returns SET keep_why = 'x' WHERE status = 'refunded'",),
        {"keep_why": "x", "units": 2, "stayed": 0, "booked": 1},
    ),
    Fault(
        "received_returns_are_graded_whole",
        ("UPDATE returns SET status = 'received' WHERE status = 'requested'",),
        {"status": "received", "units": 1, "graded": 0},
        also=("status_is_the_last_move",),
    ),
    Fault(
        "securities_are_taken_when_due",
        ("UPDATE payments SET security = 'held' WHERE captured > 0",),
        {"state": "captured"},
    ),
    Fault(
        "stored_values_are_their_entries",
        (f"{VALUE} VALUES (gen_random_uuid(), 'gift_card', 'EUR', 500, false, 'x', 1, now(), now())",),
        {"kind": "gift_card", "balance": 500, "ledger": 0},
    ),
    Fault(
        "stored_value_pays_what_it_lost",
        (f"{VALUE} VALUES ('{A_VALUE}', 'gift_card', 'EUR', 500, false, 'x', 1, now(), now())",
         f"{VALUE_ENTRY} SELECT gen_random_uuid(), '{A_VALUE}', 'refunded', 500, 500, 'x', 'x', now(), id, NULL "
         "FROM payments LIMIT 1"),
        {"ledger": 500, "credited": 0},
    ),
    Fault(
        "store_credit_stays_with_its_customer",
        ("INSERT INTO customers (id, addresses, class, tags, version, created_at, updated_at) VALUES "
         "(gen_random_uuid(), '[]', 'standard', '{}', 1, now(), now())",
         f"{VALUE} VALUES ('{A_VALUE}', 'gift_card', 'EUR', 500, false, 'x', 1, now(), now())",
         f"UPDATE stored_values SET kind = 'store_credit', customer_id = (SELECT id FROM customers LIMIT 1) "
         f"WHERE id = '{A_VALUE}'",
         f"{VALUE_ENTRY} SELECT gen_random_uuid(), '{A_VALUE}', 'refunded', 500, 500, 'x', 'x', now(), NULL, id "
         "FROM orders WHERE customer_id IS NULL LIMIT 1"),
        {"currency": "EUR", "customer": None},
    ),
    Fault(
        "moved_money_arrives",
        ("UPDATE payment_entries SET moved_to = (SELECT id FROM payments WHERE captured > 0 LIMIT 1) WHERE id = "
         "(SELECT id FROM payment_entries WHERE kind = 'refund' AND state = 'succeeded' AND return_id IS NULL "
         "LIMIT 1)",),
    ),
    Fault(
        "exchanges_are_whole",
        (f"{EXCHANGE} SELECT '{A_VALUE}', 'X1', order_id, id, 'requested', 'EUR', false, 0, 0, 0, 0, 'x', 1, now(), "
         "now(), NULL FROM returns LIMIT 1",),
        {"number": "X1", "return": None},
    ),
    Fault(
        "exchanged_money_is_settled_or_open",
        (f"{EXCHANGE} SELECT '{A_VALUE}', 'X1', order_id, id, 'requested', 'EUR', false, 0, 0, 0, 0, 'x', 1, now(), "
         "now(), order_id FROM returns WHERE status = 'refunded' LIMIT 1",
         f"UPDATE returns SET exchange_id = '{A_VALUE}' WHERE status = 'refunded'",
         "UPDATE payment_entries SET moved_to = (SELECT p.id FROM payments p WHERE p.order_id NOT IN "
         "(SELECT order_id FROM returns) LIMIT 1) "
         "WHERE return_id = (SELECT id FROM returns WHERE status = 'refunded')"),
        {"number": "X1"},
        also=("moved_money_arrives", "returns_know_their_money"),
    ),
)  # fmt: skip
