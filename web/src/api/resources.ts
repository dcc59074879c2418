/**
 * The lists of the API that the console shows, by the name the data hooks know them under. `id` makes the
 * identifier of a row that has none of its own.
 */
type Resource = { path: string; id?: (row: Row) => string };
export type Row = Record<string, unknown>;

const field = (name: string) => (row: Row) => String(row[name]);

export const RESOURCES = {
  orders: { path: "orders" },
  products: { path: "products" },
  variants: { path: "variants", id: field("sku") },
  stock: { path: "stock", id: (row) => `${String(row.sku)}@${String(row.node)}` },
  ledger: { path: "stock/ledger" },
  "bin-stock": { path: "stock/bins", id: (row) => ["node", "sku", "bin", "lot", "status"].map((n) => row[n]).join("|") },
  lots: { path: "lots" },
  allocations: { path: "stock/allocations" },
  "stock-holds": { path: "stock/holds" },
  backorders: { path: "backorders", id: (row) => `${String(row.sku)}@${String(row.node)}` },
  "backorder-promises": { path: "backorder-promises", id: field("allocation_id") },
  "fill-decisions": { path: "fill-decisions" },
  "pre-orders": { path: "pre-orders", id: field("sku") },
  "fill-policies": { path: "fill-policies", id: field("node") },
  "channel-buffers": { path: "channel-buffers", id: (row) => ["channel", "sku", "node"].map((n) => row[n]).join("|") },
  transfers: { path: "transfers" },
  counts: { path: "counts" },
  suppliers: { path: "suppliers", id: field("code") },
  "supplier-items": { path: "supplier-items", id: (row) => `${String(row.supplier)}|${String(row.sku)}` },
  deliveries: { path: "deliveries", id: (row) => `${String(row.purchase_id)}|${String(row.line_no)}` },
  "supplier-promises": { path: "supplier-promises", id: (row) => `${String(row.purchase_id)}|${String(row.line_no)}` },
  suggestions: { path: "suggestions" },
  "replenishment-plans": { path: "replenishment-plans", id: (row) => `${String(row.node)}|${String(row.sku)}` },
  "replenishment-rules": { path: "replenishment-rules", id: (row) => `${String(row.node)}|${String(row.sku)}` },
  "replenishment-classes": { path: "replenishment-classes", id: field("code") },
  "purchase-orders": { path: "purchase-orders" },
  "approval-limits": { path: "approval-limits", id: (row) => `${String(row.role)}|${String(row.currency)}` },
  "advance-notices": { path: "advance-notices" },
  docks: { path: "docks", id: (row) => `${String(row.node)}|${String(row.code)}` },
  appointments: { path: "appointments" },
  receipts: { path: "receipts" },
  "putaway-tasks": { path: "putaway-tasks" },
  putaways: { path: "putaways" },
  "putaway-rules": { path: "putaway-rules", id: (row) => `${String(row.node)}|${String(row.code)}` },
  "supplier-invoices": { path: "supplier-invoices" },
  "supplier-credits": { path: "supplier-credits" },
  "supplier-claims": { path: "supplier-claims", id: (row) => `${String(row.purchase_id)}|${String(row.line_no)}` },
  "match-tolerances": { path: "match-tolerances", id: (row) => `${String(row.supplier)}|${String(row.currency)}` },
  inspections: { path: "inspections" },
  dispositions: { path: "dispositions" },
  "inspection-plans": { path: "inspection-plans", id: (row) => `${String(row.supplier)}|${String(row.sku)}` },
  "supplier-standings": { path: "supplier-standings", id: (row) => `${String(row.supplier)}|${String(row.sku)}` },
  "routing-rule-sets": { path: "routing-rule-sets" },
  "routing-plans": { path: "routing-plans" },
  "routing-plan-moves": { path: "routing-plan-moves", id: (row) => `${String(row.plan_id)}|${String(row.row_no)}` },
  nodes: { path: "nodes", id: field("code") },
  customers: { path: "customers" },
  payments: { path: "payments" },
  returns: { path: "returns" },
  exchanges: { path: "exchanges" },
  claims: { path: "claims" },
  "refund-limits": { path: "refund-limits", id: (row) => `${String(row.role)}|${String(row.currency)}` },
  "gift-cards": { path: "gift-cards" },
  "store-credit": { path: "store-credit" },
  "return-labels": { path: "return-labels" },
  "return-lines": { path: "return-lines", id: (row) => `${String(row.return_id)}|${String(row.line_no)}` },
  "shipped-lines": { path: "shipped-lines", id: (row) => `${String(row.order_id)}|${String(row.line_no)}` },
  "unknown-parcels": { path: "unknown-parcels" },
  "return-dispositions": { path: "return-dispositions" },
  "disposition-terms": { path: "disposition-terms", id: field("version") },
  "return-signals": { path: "return-signals" },
  "return-policies": { path: "return-policies", id: field("version") },
  fulfilments: { path: "fulfilments" },
  parcels: { path: "parcels" },
  boxes: { path: "boxes", id: (row) => `${String(row.node)}|${String(row.code)}` },
  "pick-lists": { path: "pick-lists" },
  waves: { path: "waves" },
  "wave-templates": { path: "wave-templates", id: (row) => `${String(row.node)}|${String(row.code)}` },
  "release-policies": { path: "release-policies", id: field("node") },
  "carrier-cut-offs": { path: "carrier-cut-offs", id: (row) => `${String(row.node)}|${String(row.code)}` },
  tracking: { path: "tracking" },
  tracks: { path: "tracks", id: field("tracking_number") },
  "parcel-exceptions": { path: "parcel-exceptions" },
  "carrier-claims": { path: "carrier-claims" },
  "carrier-terms": { path: "carrier-terms", id: field("carrier") },
  "carrier-invoices": { path: "carrier-invoices" },
  "carrier-charges": { path: "carrier-charges" },
  "rate-cards": { path: "rate-cards" },
  "carrier-accounts": { path: "carrier-accounts", id: field("code") },
  "customs-declarations": { path: "customs-declarations", id: field("parcel_id") },
  "sdr-rates": { path: "sdr-rates", id: field("currency") },
  "carrier-calendars": { path: "carrier-calendars", id: (row) => `${String(row.node)}|${String(row.carrier)}` },
  pickups: { path: "pickups" },
  manifests: { path: "manifests" },
  "label-purchases": { path: "label-purchases" },
  labels: { path: "labels" },
  "shipping-policies": { path: "shipping-policies", id: field("code") },
  "carrier-rule-sets": { path: "carrier-rule-sets" },
  "carrier-choices": { path: "carrier-choices" },
  "carrier-parcels": { path: "carrier-parcels", id: field("label_id") },
  "carrier-drifts": { path: "carrier-drifts" },
  notifications: { path: "notifications" },
  "dead-letters": { path: "runtime/dead-letters" },
  schedules: { path: "runtime/schedules", id: field("name") },
  flows: { path: "runtime/flows" },
  users: { path: "users" },
  roles: { path: "roles", id: field("name") },
  keys: { path: "keys" },
  audit: { path: "audit" },
  bulk: { path: "bulk" },
  views: { path: "views" },
  inbox: { path: "inbox" },
  webhooks: { path: "webhooks" },
  "webhook-posts": { path: "webhook-posts" },
  imports: { path: "import-runs" },
} satisfies Record<string, Resource>;

export type ResourceName = keyof typeof RESOURCES;

/** The file of a list's rows below /api/v1/exports, where it has one. */
export function exportOf(name: ResourceName): string | null {
  const others: Partial<Record<ResourceName, string>> = { stock: "stock_levels", "bin-stock": "stock" };
  if (!(name in RESOURCES)) return null;
  return others[name] ?? name.replaceAll("-", "_");
}

/** A list that is not named above lies at its own name. */
export function resourceOf(name: string): Resource {
  const known = (RESOURCES as Record<string, Resource>)[name];
  if (known) return known;
  return /^bulk\/.*\/rows$/.test(name) ? { path: name, id: field("row_no") } : { path: name };
}
