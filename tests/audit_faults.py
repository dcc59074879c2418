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
TWELVE = "sku = 'MUG' AND ordered = 12"
OF_MUG = "kind = 'buy' AND sku = 'MUG'"
OF_TWELVE = f"(SELECT purchase_id FROM purchase_lines WHERE {TWELVE})"

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
        "parcels_have_one_live_label",
        ("DROP INDEX ix_labels_live",
         "INSERT INTO labels (id, parcel_id, order_id, carrier, service, tracking_number, amount, currency, state, "
         "why, parts, zpl, created_at) SELECT gen_random_uuid(), parcel_id, order_id, carrier, service, 'TWICE', "
         "amount, currency, state, why, parts, zpl, created_at FROM labels"),
        {"labels": 2},
    ),
    Fault(
        "labels_are_of_the_best_offer",
        ("UPDATE carrier_choices SET offers = jsonb_set(offers, '{0,refused}', '\"too heavy\"')",),
        {"refused": "too heavy"},
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
        {"refunded": 499, "ledger_refunded": 500},
    ),
    Fault(
        "money_keeps_its_currency",
        ("UPDATE payment_entries SET currency = 'GBP' WHERE kind = 'refund'",),
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
)  # fmt: skip
