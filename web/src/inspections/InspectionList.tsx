import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NODE, NodeLink, SKU, SkuLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { InspectionLink, useSiblings, type Inspection } from "./inspection";

const COLUMNS: Column<Inspection>[] = [
  { id: "number", label: "Inspection", sort: "number", render: (i) => <InspectionLink id={i.id} number={i.number} /> },
  { id: "sku", label: "SKU", sort: "sku", render: (i) => <SkuLink sku={i.sku} /> },
  { id: "lot", label: "Lot", extra: true, render: (i) => i.lot },
  { id: "supplier", label: "Supplier", sort: "supplier", render: (i) => <SupplierLink supplier={i.supplier} /> },
  { id: "node", label: "At", render: (i) => <NodeLink node={i.node} /> },
  { id: "quantity", label: "Units", align: "right", render: (i) => i.quantity },
  { id: "sampled", label: "Sample", align: "right", render: (i) => (i.sample_size === null ? <span className="faint">each</span> : `${i.sampled} of ${i.sample_size}`) },
  { id: "awaiting", label: "To decide", align: "right", render: (i) => i.awaiting || <span className="faint">0</span> },
  { id: "to_dispose", label: "To dispose of", align: "right", render: (i) => i.to_dispose || <span className="faint">0</span> },
  { id: "verdict", label: "Verdict", render: (i) => <Chip state={i.verdict} tone={i.verdict === "rejected" ? "bad" : undefined} /> },
  { id: "status", label: "Status", render: (i) => <Chip state={i.status} /> },
  { id: "why", label: "Why", grow: true, wide: true, render: (i) => <span className="quiet">{i.why}</span> },
  { id: "created_at", label: "Opened", sort: "created_at", render: (i) => <When at={i.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["waiting", "inspecting", "decided", "closed", "cancelled"] },
  { field: "verdict", label: "Verdict", kind: "choice", choices: ["accepted", "rejected"] },
  { field: "method", label: "Looked at", kind: "choice", choices: ["sample", "every_unit"] },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  SKU,
  NODE,
  { field: "lot", label: "Lot", kind: "text", operator: "eq" },
  { field: "created_at", label: "Opened", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To look at", filters: { status_in: "waiting,inspecting" } },
  { label: "To dispose of", filters: { status_eq: "decided" } },
  { label: "Rejected lots", filters: { verdict_eq: "rejected" } },
];

export function InspectionList() {
  const listing = useListing<Inspection>("inspections", { sort: "-created_at" });
  return (
    <ListPage
      title="Inspections"
      about="Goods that came and may not be sold before somebody has looked."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={useSiblings()}
      href={(inspection) => `/inspections/${inspection.id}`}
      before={<SearchField field="number_start" label="Number begins with" />}
      empty={<Empty title="No inspection fits">They are opened when goods are received under a plan, or to be inspected, or damaged.</Empty>}
    />
  );
}
