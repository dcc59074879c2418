import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SupplierLink } from "@/suppliers/supplier";

export type Purchase = Shape<"PurchaseOrder">;

const COLUMNS: Column<Purchase>[] = [
  { id: "number", label: "Order", sort: "number", render: (p) => p.number },
  { id: "supplier", label: "Supplier", sort: "supplier", grow: true, render: (p) => <SupplierLink supplier={p.supplier} /> },
  { id: "node", label: "For", render: (p) => p.node },
  { id: "status", label: "Status", sort: "status", render: (p) => <Chip state={p.status} /> },
  { id: "expected_at", label: "Expected", sort: "expected_at", render: (p) => <When at={p.expected_at} /> },
  { id: "created_at", label: "Drafted", sort: "created_at", wide: true, render: (p) => <When at={p.created_at} /> },
  { id: "total", label: "Total", sort: "total", align: "right", render: (p) => <Money amount={p.total} currency={p.currency} /> },
];

const STATES = ["draft", "approved", "sent", "confirmed", "partly_received", "received", "short_closed", "cancelled"];
const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: STATES },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "node", label: "For", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "expected_at", label: "Expected", kind: "date" },
  { field: "created_at", label: "Drafted", kind: "date" },
];

export const SIBLINGS = [
  { label: "Purchase orders", to: "/purchases" },
  { label: "Approval limits", to: "/purchases/limits" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To approve", filters: { status_eq: "draft" } },
  { label: "To send", filters: { status_eq: "approved" } },
  { label: "On their way", filters: { status_in: "sent,confirmed,partly_received" } },
];

export function PurchaseList() {
  const listing = useListing<Purchase>("purchase-orders", { sort: "-created_at" });
  return (
    <ListPage
      title="Purchase orders"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(p) => `/purchases/${p.id}`}
      empty={<Empty title="No purchase order fits">They are drafted from what replenishment suggests.</Empty>}
    />
  );
}
