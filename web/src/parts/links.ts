import type { Filters } from "@/api/client";
import type { operations } from "@/api/schema";

const LISTS = {
  list_orders: "/orders",
  list_products: "/products",
  list_stock: "/stock",
  list_movements: "/stock/ledger",
  list_bin_stock: "/stock/bins",
  list_lots: "/stock/lots",
  list_allocations: "/stock/allocations",
  list_stock_holds: "/stock/holds",
  list_backorders: "/backorders",
  list_backorder_promises: "/backorders/promises",
  list_fill_decisions: "/backorders/decisions",
  list_pre_orders: "/backorders/pre-orders",
  list_fill_policies: "/backorders/policies",
  list_channel_buffers: "/backorders/buffers",
  list_transfers: "/transfers",
  list_counts: "/counts",
  list_suppliers: "/suppliers",
  list_supplier_items: "/suppliers/all/items",
  list_supplier_promises: "/suppliers/all/promises",
  list_receipts: "/suppliers/all/receipts",
  list_deliveries: "/suppliers/all/deliveries",
  list_purchase_orders: "/purchases",
  list_advance_notices: "/notices",
  list_appointments: "/docks/list",
  list_supplier_invoices: "/invoices",
  list_supplier_credits: "/invoices/credits",
  list_supplier_claims: "/invoices/owed",
  list_match_tolerances: "/invoices/tolerances",
  list_approval_limits: "/purchases/limits",
  list_inspections: "/inspections",
  list_dispositions: "/inspections/all/dispositions",
  list_inspection_plans: "/inspections/all/plans",
  list_standings: "/inspections/all/standings",
  list_putaway_tasks: "/putaways/tasks",
  list_putaways: "/putaways",
  list_putaway_rules: "/putaways/rules",
  list_suggestions: "/replenishment",
  list_replenishment_plans: "/replenishment/places",
  list_replenishment_rules: "/replenishment/rules",
  list_nodes: "/nodes",
  list_customers: "/customers",
  list_payments: "/payments",
  list_returns: "/returns",
  list_exchanges: "/exchanges",
  list_claims: "/claims",
  list_gift_cards: "/gift-cards",
  list_refund_limits: "/payments/limits",
  list_return_policies: "/returns/policies",
  list_unknown_parcels: "/returns/unknown",
  list_return_dispositions: "/returns/dispositions",
  list_return_signals: "/returns/signals",
  list_fulfilments: "/fulfilments",
  list_tracks: "/exceptions/tracks",
  list_parcel_exceptions: "/exceptions",
  list_carrier_claims: "/exceptions/claims",
  list_carrier_charges: "/carrier-invoices",
  list_carrier_invoices: "/carrier-invoices/all",
  list_carrier_terms: "/carrier-invoices/terms",
  list_boxes: "/boxes",
  list_waves: "/waves",
  list_wave_templates: "/waves/templates",
  list_release_policies: "/waves/nodes",
  list_carrier_cut_offs: "/waves/cut-offs",
  list_routing_rule_sets: "/routing",
  list_rate_cards: "/carriers/cards",
  list_shipping_policies: "/carriers/policies",
  list_carrier_rule_sets: "/carriers/rules",
  list_carrier_choices: "/carriers/choices",
  list_carrier_parcels: "/carriers/parcels",
  list_carrier_drifts: "/carriers/drifts",
  list_pickups: "/gate",
  list_manifests: "/gate/manifests",
  list_carrier_calendars: "/gate/calendars",
  list_customs_declarations: "/gate/customs",
  list_sdr_rates: "/gate/sdr-rates",
  list_routing_plans: "/routing/plans",
  list_dead_letters: "/agents/dead-letters",
} satisfies Partial<Record<keyof operations, string>>;

export type ListName = keyof typeof LISTS;

type Value = string | number | boolean;

/** A list with filters, as an address: the same words that the API knows, checked against its description. */
export function listHref<Name extends ListName>(name: Name, filters: Filters<Name> = {} as Filters<Name>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(filters as Record<string, Value | Value[] | undefined>)) {
    if (value !== undefined) query.set(key, Array.isArray(value) ? value.join(",") : String(value));
  }
  const text = query.toString().replaceAll("%2C", ",");
  return text ? `${LISTS[name]}?${text}` : LISTS[name];
}

/** Where the console shows a list of the API that has another address there. */
const PLACES: Record<string, string> = {
  "runtime/dead-letters": "agents/dead-letters", "runtime/flows": "agents/flows", "import-runs": "imports",
  "backorder-promises": "backorders/promises", "fill-decisions": "backorders/decisions", "fill-policies": "backorders/policies",
  "channel-buffers": "backorders/buffers", "pre-orders": "backorders/pre-orders",
  lots: "stock/lots", appointments: "docks/list", deliveries: "suppliers/all/deliveries", receipts: "suppliers/all/receipts", "supplier-promises": "suppliers/all/promises",
  "label-purchases": "carrier-accounts/purchases", labels: "carrier-accounts/labels",
  "unknown-parcels": "returns/unknown", "return-dispositions": "returns/dispositions", "return-signals": "returns/signals",
  "return-lines": "return-insight/returned", "shipped-lines": "return-insight/shipped",
  "rate-cards": "carriers/cards", "shipping-policies": "carriers/policies", "carrier-rule-sets": "carriers/rules",
  "carrier-choices": "carriers/choices", "carrier-parcels": "carriers/parcels", "carrier-drifts": "carriers/drifts",
  pickups: "gate", manifests: "gate/manifests", "carrier-calendars": "gate/calendars", "customs-declarations": "gate/customs", "sdr-rates": "gate/sdr-rates",
  "routing-plans": "routing/plans", "routing-plan-moves": "routing/plans",
  "parcel-exceptions": "exceptions", "carrier-claims": "exceptions/claims", "carrier-charges": "carrier-invoices", tracks: "exceptions/tracks",
  "routing-rule-sets": "routing", "wave-templates": "waves/templates", "release-policies": "waves/nodes", "carrier-cut-offs": "waves/cut-offs",
};

/** The rows behind a number that the server names with its list and the list's filters. */
export function rowsHref({ list, filters }: { list: string; filters: Record<string, string> }): string {
  const query = new URLSearchParams(filters).toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return `/${PLACES[list] ?? list}${query && `?${query}`}`;
}
