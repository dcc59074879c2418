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
  allocations: { path: "stock/allocations" },
  "stock-holds": { path: "stock/holds" },
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
  receipts: { path: "receipts" },
  "putaway-tasks": { path: "putaway-tasks" },
  "supplier-invoices": { path: "supplier-invoices" },
  inspections: { path: "inspections" },
  dispositions: { path: "dispositions" },
  "inspection-plans": { path: "inspection-plans", id: (row) => `${String(row.supplier)}|${String(row.sku)}` },
  "supplier-standings": { path: "supplier-standings", id: (row) => `${String(row.supplier)}|${String(row.sku)}` },
  nodes: { path: "nodes", id: field("code") },
  customers: { path: "customers" },
  payments: { path: "payments" },
  fulfilments: { path: "fulfilments" },
  parcels: { path: "parcels" },
  "pick-lists": { path: "pick-lists" },
  tracking: { path: "tracking" },
  "rate-cards": { path: "rate-cards" },
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
