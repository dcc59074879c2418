import type { Filters } from "@/api/client";
import type { operations } from "@/api/schema";

const LISTS = {
  list_orders: "/orders",
  list_products: "/products",
  list_stock: "/stock",
  list_movements: "/stock/ledger",
  list_bin_stock: "/stock/bins",
  list_allocations: "/stock/allocations",
  list_stock_holds: "/stock/holds",
  list_transfers: "/transfers",
  list_counts: "/counts",
  list_suppliers: "/suppliers",
  list_supplier_items: "/suppliers/all/items",
  list_supplier_promises: "/suppliers/all/promises",
  list_receipts: "/suppliers/all/receipts",
  list_deliveries: "/suppliers/all/deliveries",
  list_purchase_orders: "/purchases",
  list_advance_notices: "/notices",
  list_supplier_invoices: "/invoices",
  list_approval_limits: "/purchases/limits",
  list_inspections: "/inspections",
  list_dispositions: "/inspections/all/dispositions",
  list_inspection_plans: "/inspections/all/plans",
  list_standings: "/inspections/all/standings",
  list_suggestions: "/replenishment",
  list_replenishment_plans: "/replenishment/places",
  list_replenishment_rules: "/replenishment/rules",
  list_nodes: "/nodes",
  list_customers: "/customers",
  list_payments: "/payments",
  list_fulfilments: "/fulfilments",
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
  deliveries: "suppliers/all/deliveries", receipts: "suppliers/all/receipts", "supplier-promises": "suppliers/all/promises",
};

/** The rows behind a number that the server names with its list and the list's filters. */
export function rowsHref({ list, filters }: { list: string; filters: Record<string, string> }): string {
  const query = new URLSearchParams(filters).toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return `/${PLACES[list] ?? list}${query && `?${query}`}`;
}
